"""常用表述: sentences that a person puts into the reason of a failed item by a click: shipped, or the bank's.

A wording names no person and no record: it is for everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from xiaobao.personal import mask
from xiaobao.written.nodes import Flaw
from xiaobao.written.strict import Strict, bounds

LONGEST = 200


class StandardWording(Strict):
    """One sentence; for `items`, else for the `domains`, else for every item."""

    text: str
    domains: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def suits(self, domain: str, item_id: str) -> bool:
        """Tell whether it is offered at an item."""
        return item_id in self.items if self.items else not self.domains or domain in self.domains


class StandardWordings(Strict):
    """All of one file."""

    wordings: Annotated[tuple[StandardWording, ...], bounds(minItems=1)]


def wording_flaws(found: StandardWordings) -> Iterator[Flaw]:
    """Yield sentences that are empty, too long, written twice, or hold what is personal."""
    seen: set[str] = set()
    for number, one in enumerate(found.wordings):
        text = one.text.strip()
        if why := wording_fault(text) or ("这一句写了两次" if text in seen else ""):
            yield Flaw(place=("wordings", number, "text"), message=why, allowed=f"1 至 {LONGEST} 字，不写个人信息")
        seen.add(text)


def wording_fault(text: str) -> str:
    """Return why a sentence cannot be a standard wording, nothing where it can."""
    if not text or len(text) > LONGEST:
        return "常用表述没有内容或太长"
    return "常用表述里有个人信息" if mask(text) != text else ""

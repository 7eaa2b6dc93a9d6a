"""申诉: a unit's objection to a result that was reviewed, and what a third person decided of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from xiaobao.model.codes import Disposition
from xiaobao.model.inspected import Review
from xiaobao.model.value import Value


class Appeal(Value):
    """One objection to the result of one sheet. `number` counts those of the sheet; `items` are what it is about.

    `state` is of `APPEAL_STATES`. Where it was upheld, wholly or in part, `answers` stand in the place of the unit's
    and the reviewer's, each as long as the unit's own answer is the one that it was given `on`; `leads` lead id → what
    it was decided to be now; `vetoes` are those taken back. `revision` grows with each step.
    """

    number: int
    grounds: str
    items: tuple[str, ...]
    day: date
    filed_by: str
    evidence: tuple[str, ...] = ()
    state: str = "open"
    reason: str = ""
    decided_by: str = ""
    answers: tuple[Review, ...] = ()
    leads: Mapping[str, Disposition] = {}
    vetoes: tuple[str, ...] = ()
    revision: int = 0

    @property
    def upheld(self) -> bool:
        """Whether it changes anything."""
        return self.state in ("upheld", "partly")


def upheld_answers(appeals: Iterable[Appeal]) -> dict[str, Review]:
    """Return item → the answer that appeals put in the place of others, the latest of each."""
    return {one.item_id: one for appeal in appeals if appeal.upheld for one in appeal.answers}

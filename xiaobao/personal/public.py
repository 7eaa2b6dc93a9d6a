"""What the bank itself states as public: its telephones, addresses and mailboxes, by exact value.

One process serves one bank. Whoever opens a workspace, or a kernel's frozen inputs, states the list (`[public]` of the
settings); texts masked anywhere in this process then let these values pass, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xiaobao.personal.narrowing import narrow

_SEPARATORS = r"[\s()（）·._/+-]"
_stated: list[frozenset[str]] = [frozenset()]  # one place, put anew in one step: threads mask meanwhile


def state_public(values: Iterable[str]) -> None:
    """State what is public from now on, in place of what was stated before."""
    _stated[0] = frozenset(filter(None, map(_bare, values)))


def public_values() -> frozenset[str]:
    """Return what is stated as public, without blanks and hyphens."""
    return _stated[0]


def is_public(text: str) -> bool:
    """Tell whether a value found in a text is one that the bank states as public."""
    return bool(_stated[0]) and _bare(text) in _stated[0]


def _bare(text: str) -> str:
    return re.sub(_SEPARATORS, "", narrow(text)[0]).casefold()

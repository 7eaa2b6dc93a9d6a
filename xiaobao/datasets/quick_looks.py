"""One quick look at a whole column of texts: which may hold anything personal, so that masks read only those.

Arrow looks by RE2, many times as fast as one text after another. RE2 knows no look-around and counts slowly: it is
asked only for single characters and words; digits that stand together are left to Python.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from xiaobao.personal.cleaning import may_hide
from xiaobao.personal.finding import DIGITS
from xiaobao.personal.forms import FEWEST_DIGITS, HINTS
from xiaobao.personal.narrowing import NARROW

# A word that announces something personal, or a character that reads as another one once it is narrowed.
_ANNOUNCED = f"(?i)[^{NARROW}]|{HINTS}"


def maybe_personal(texts: Sequence[str]) -> list[str]:
    """Return the texts that `xiaobao.personal.mask` may change; it would hand back all others as they are."""
    if may_hide("\n".join(texts)):
        return list(texts)
    announced = pc.match_substring_regex(pa.array(texts, pa.large_string()), _ANNOUNCED).to_pylist()
    digits = _digits_together().search
    return [text for text, said in zip(texts, announced, strict=True) if said or digits(text)]


@cache
def _digits_together() -> re.Pattern[str]:
    """As many digits close together as the shortest number has that nothing announces."""
    return re.compile(rf"[{DIGITS}](?:[^{DIGITS}一-鿿]{{0,8}}[{DIGITS}]){{{FEWEST_DIGITS - 1}}}")

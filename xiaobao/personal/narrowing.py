"""Read a text as a person sees it: one width of letters and digits, no invisible characters, one kind of hyphen.

The narrowed text knows where each of its characters stands in the original, so that what is found in it can be hidden
there, with everything invisible in between.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

_CHINESE_DIGITS = dict(zip("零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖", "0012345678912123456789", strict=True))
CHINESE_DIGIT = "[" + "".join(_CHINESE_DIGITS) + "]"
# Letters, digits, Chinese and its punctuation stand for themselves; whoever holds nothing else is narrow already.
NARROW_SIGNS = (
    r"\t\n\r\x20-\x7e"
    "\u3001\u3002\u3008-\u3011\u3014\u3015\u4e00-\u9fff\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u201c\u201d\u2018\u2019\u2026"
)
_SPOKEN = rf"(?:{CHINESE_DIGIT}|\d)(?:[ \t-]?(?:{CHINESE_DIGIT}|\d)){{10,}}"
_FEW_SPOKEN = 3
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\u2e3a\u2e3b\u30fc\ufe58\ufe63\uff0d\uff5e~")
_DOTS = frozenset("\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\u00b8")
_KEPT = frozenset("\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u2026")


def narrow_with_places(text: str) -> tuple[str, Sequence[int]]:
    """Return the narrowed text, and for each of its characters the place in `text` that it came from."""
    odd, spoken = _patterns()
    if odd.search(text) is None:
        narrowed, places = text, range(len(text))  # type: tuple[str, Sequence[int]]
    else:
        pieces = [(piece, place) for place, ch in enumerate(text) for piece in _narrowed(ch)]
        narrowed = "".join(piece for piece, _ in pieces)
        places = [place for _, place in pieces]
    return spoken.sub(_digits, narrowed), places


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compile them once a text is looked at: what is odd, and a long run of spoken digits."""
    return re.compile(f"[^{NARROW_SIGNS}]"), re.compile(_SPOKEN)


@lru_cache(maxsize=4096)
def _narrowed(ch: str) -> str:
    """Return what one character stands for; nothing for one that nobody sees."""
    if ch in "\t\n\r" or ch in _KEPT:
        return ch
    if ch in _DASHES:
        return "-"
    if ch in _DOTS:
        return "·"
    category = unicodedata.category(ch)
    if category in ("Cc", "Cf", "Mn", "Me", "Cn", "Co") or ch in "\u115f\u1160\u3164\uffa0\u2800":
        return ""
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(ch))
    return unicodedata.normalize("NFKC", ch)


def _digits(found: re.Match[str]) -> str:
    """Write a long run of spoken digits (幺三八零 …) as digits, one for one.

    A few before ordinary digits end a word (张三138…), unless together they are as long as a mobile or an ID number.
    """
    spoken = sum(ch in _CHINESE_DIGITS for ch in found.group())
    plain = sum(ch.isdigit() for ch in found.group())
    if plain and (spoken < _FEW_SPOKEN or spoken + plain not in (11, 18)):
        return found.group()
    return "".join(_CHINESE_DIGITS.get(ch, ch) for ch in found.group())


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
    return re.sub(_SEPARATORS, "", narrow_with_places(text)[0]).casefold()

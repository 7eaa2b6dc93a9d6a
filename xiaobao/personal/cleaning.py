"""What nobody sees in a text, taken out of every text before masks look and before anything is kept.

Out go control characters, direction marks, zero-width characters and fillers. Line breaks, tabs inside a text, the
joiners and selectors of emoji, and characters of private or newer blocks (rare names) stay. Nothing else is changed.
"""

from __future__ import annotations

import re
import unicodedata

# A quick look: most texts hold none of these and are handed back as they are.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e01ef"
    "\U0001fffe\U0001ffff\U0010fffe\U0010ffff]"
)
_VISIBLE = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\U000110bd\U000110cd\ufffc\ufffd"
_LINE_ENDS = "\x85\u2028\u2029"
_JOINER, _KEYCAP, _BLACK_FLAG = "\u200d", "\u20e3", "\U0001f3f4"


def clean_text(text: str) -> tuple[str, int]:
    """Return `text` without what nobody sees, and how many characters went out. Other line ends become plain ones."""
    if (text.isascii() and text.isprintable()) or not _SUSPECT.search(text):
        return text, 0
    kept: list[str] = []
    removed = 0
    for place, ch in enumerate(text):
        if ch in _LINE_ENDS:
            kept.append("\n")
        elif not _SUSPECT.match(ch) or ch in _VISIBLE or _of_a_picture(text, place, ch):
            kept.append(ch)
        else:
            removed += 1
    return "".join(kept), removed


def may_hide(text: str) -> bool:
    """Tell in one quick look whether there may be anything nobody sees, in a text or in many put together."""
    return _SUSPECT.search(text) is not None


def has_hidden(text: str) -> bool:
    """Tell whether `clean_text` would take anything out."""
    return clean_text(text)[1] > 0


def _of_a_picture(text: str, place: int, ch: str) -> bool:
    """Tell joiners, selectors and tags that an emoji or a variant of a Chinese character is made of."""
    before = text[place - 1] if place else ""
    after = text[place + 1] if place + 1 < len(text) else ""
    if ch == _JOINER:
        return _pictorial(before) and _pictorial(after)
    if "\ufe00" <= ch <= "\ufe0f":
        return _pictorial(before) or after == _KEYCAP or _ideograph(before)
    if "\U000e0100" <= ch <= "\U000e01ef":
        return _ideograph(before)
    if "\U000e0020" <= ch <= "\U000e007f":
        start = text.rfind(_BLACK_FLAG, max(0, place - 8), place)
        return start >= 0 and all("\U000e0020" <= one <= "\U000e007f" for one in text[start + 1 : place])
    return False


def _pictorial(ch: str) -> bool:
    return bool(ch) and (unicodedata.category(ch) in {"So", "Sk"} or ch in "\ufe0f\u2194\u2195\u27a1\u2b05")


def _ideograph(ch: str) -> bool:
    return bool(ch) and ("\u3400" <= ch <= "\u9fff" or "\uf900" <= ch <= "\ufaff" or ch >= "\U00020000")

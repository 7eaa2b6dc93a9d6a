"""Find personal data in a text and hide it. Most texts hold none: one quick look tells, and they pass as they are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec import Struct

from xiaobao.personal.cleaning import clean_text
from xiaobao.personal.forms import FORMS, PersonalForm, possible_forms
from xiaobao.personal.narrowing import CHINESE_DIGIT, is_public, narrow_with_places

DIGITS = rf"\d{CHINESE_DIGIT[1:-1]}⁰¹²³⁴-⁹₀-₉①-⑨⓪"
_SIGNS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# Whatever a form needs at least: seven digits close together, a sign of a mailbox, a plate, a chat name or a label.
_WORTH_A_LOOK = (
    rf"[{DIGITS}](?:[^{DIGITS}一-鿿]{{0,8}}[{DIGITS}]){{6}}"
    r"|[@＠﹫]|[(\[（【]\s?at\s?[)\]）】]"
    rf"|[{_SIGNS}]\W{{0,3}}[A-Za-zＡ-Ｚａ-ｚ]|[微薇威vV]\W{{0,3}}信|加\s?[vV]|[wWvVｗｖ]\W?[xXｘ]|[wWｗＷ][eEｅＥ][iIcCｉＩｃＣ][xXhHｘＸｈＨ]"
    r"|[qQｑＱ]\W?[qQｑＱ]|扣扣"
    r"|(?:姓\s?名|户名|[住地]址)\s?[:：为是]|[A-Za-z]\d{6}[(（]"
)
# MD5, SHA-1 and SHA-256 as a store writes them: in one of a few thousand, eleven digits in a row look like a mobile.
_DIGEST = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9A-Za-z])")
_MOST_ROUNDS = 4
_MANY = 99  # digits: then every form looks for its sign
_DECIMAL = r"\d+\.\d+"  # one point and nothing else parts the digits: a number


class Found(Struct, frozen=True, kw_only=True):
    """One piece of personal data: its kind, and where it stands in the text."""

    kind: str
    start: int
    end: int


def mask(text: str) -> str:
    """Return `text` without what nobody sees, then without personal data: the order everywhere.

    Amounts, dates, business keys and what the bank states as public stay.
    """
    return hide(clean_text(text)[0])


def hide(text: str) -> str:
    """Return `text` without personal data, invisible characters and all: what a fault repeats shows them as codes."""
    for _ in range(_MOST_ROUNDS):  # what stood beside a hidden number may only now stand apart
        found = find_personal(text)
        if not found:
            return text
        pieces, end = [], 0
        for one in found:
            pieces += [text[end : one.start], f"【{one.kind}已隐去】"]
            end = one.end
        text = "".join([*pieces, text[end:]])
    return text


def find_personal(text: str) -> list[Found]:
    """Return the personal data in `text`, in the order of the text, none overlapping another."""
    if _worth_a_look().search(text) is None:
        return []
    narrowed, places = narrow_with_places(text)
    taken: list[tuple[int, int, str]] = []
    digests = [one.span() for one in _DIGEST.finditer(narrowed)]
    for form in possible_forms(narrowed):
        for start, end in _spans(form, narrowed):
            within = any(first <= start and end <= last for first, last in digests)
            if not within and not any(start < other and before < end for before, other, _ in taken):
                taken.append((start, end, form.kind))
    return [
        Found(kind=kind, start=places[start], end=places[end - 1] + 1)
        for start, end, kind in sorted(taken)
        if not is_public(narrowed[start:end])
    ]


@cache
def _worth_a_look() -> re.Pattern[str]:
    """Compile it once a text is to be masked: a process that only reads help or options needs it not."""
    return re.compile(_WORTH_A_LOOK)


def compile_patterns() -> None:
    """Compile every pattern now: for a process whose forks then have them at once, where each would need them all."""
    _worth_a_look()
    possible_forms("0")
    for form in FORMS:
        form.possible("0", _MANY)
        _ = form.pattern


def _spans(form: PersonalForm, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a form stands. What is refused at a second look is looked at again one character on."""
    place = 0
    while (match := form.pattern.search(text, place)) is not None:
        if not re.fullmatch(_DECIMAL, match.group(form.group)) and form.accept(text, match):
            yield match.span(form.group)
            place = max(match.end(), place + 1)
        else:
            place = match.start() + 1


def mask_log(path: Path) -> None:
    """Rewrite a log without personal data, whole or not at all; one that holds none, or is not there, stays."""
    if not path.is_file():
        return
    text = path.read_text("utf-8", errors="replace")
    hidden = "".join(mask(line) for line in text.splitlines(keepends=True))
    if hidden != text:
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(hidden, "utf-8")
        partial.replace(path)

"""Flaws that checklists and schemes share: ids, names written twice, points of nothing."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from xiaobao.model import check_id_text, folded_id
from xiaobao.numbers import ZERO
from xiaobao.written.nodes import Flaw, Place, nearest

_DIGITS = "零一二三四五六七八九"


def id_flaws(ids: Iterable[tuple[Place, str]]) -> Iterator[Flaw]:
    """Yield ids that cannot be file names, and ids that stand twice."""
    fortwice, for_form = itertools.tee(ids)
    for place, text in for_form:
        if reason := check_id_text(text):
            yield Flaw(place=place, message=reason, value=text)
    yield from twice(fortwice, "编号")


def twice(named: Iterable[tuple[Place, str]], what: str) -> Iterator[Flaw]:
    """Ids that differ only by case or width are the same; the reader turns `first` into its line."""
    seen: dict[str, tuple[Place, str]] = {}
    for place, text in named:
        first = seen.setdefault(folded_id(text), (place, text))
        if first[0] != place:
            also = "" if first[1] == text else f"（与“{first[1]}”只差大小写或全半角）"
            yield Flaw(place=place, message=f"{what}“{text}”重复{also}，{{line:{_text(first[0])}}}已有", value=text)


def _text(place: Place) -> str:
    return "/".join(map(str, place))


def nearest_article(number: str, known: Collection[str]) -> str:
    """Return a hint at the article meant: 第18条 is 第十八条; else at those that are written nearly so."""
    digits = re.compile(r"[0-9]+")
    spelled = digits.sub(lambda match: chinese_number(int(match[0])), unicodedata.normalize("NFKC", number))
    plain = "".join(spelled.split())
    meant = next((one for one in (plain, f"第{plain}条", f"第{plain.removeprefix('第')}") if one in known), "")
    return f"，是否想写 {meant}（条号用汉字）" if meant else nearest(number, known)


def chinese_number(number: int) -> str:
    """Return a number below 1000 as articles write it: 18 → 十八, 110 → 一百一十; larger ones as digits."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    words = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (_DIGITS[ones] if ones else "")


def positive(values: Iterable[tuple[Place, Decimal]]) -> Iterator[Flaw]:
    """Yield points that are nothing."""
    for place, value in values:
        if value == ZERO:
            yield Flaw(place=place, message="分值不能为 0", value=str(value), allowed="大于 0")

"""Whatever is written plainly is read exactly; whatever else is refused, and nothing ever crashes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiaobao.datasets.catalogue import Column
from xiaobao.datasets.cells import Manner, Unreadable, parse_cell

PLAIN = Manner()
MODEST = settings(max_examples=80, deadline=None)


def read(kind: str, text: str, manner: Manner = PLAIN, **more: object) -> object:
    return parse_cell(text, Column(name="x", title="列", kind=kind, **more), manner)  # type: ignore[arg-type]


def wide(text: str) -> str:
    return text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


@MODEST
@given(st.integers(0, 10**15 - 1))
def test_a_count_is_read_back_from_every_writing(number: int) -> None:
    """Plain, with separators, full-width, with a zero fraction."""
    for text in (str(number), f"{number:,}", wide(str(number)), f"{number}.0", f"  {number}\u3000"):
        assert read("count", text) == number


@MODEST
@given(st.decimals(-(10**13), 10**13, places=2))
def test_an_amount_is_exact(amount: Decimal) -> None:
    """To the cent, with or without separators."""
    for text in (f"{amount:.2f}", f"{amount:,.2f}", wide(f"{amount:.2f}")):
        assert read("amount", text) == amount


@MODEST
@given(st.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_a_day_is_the_same_in_every_writing(day: date) -> None:
    """ISO, slashes, dots, compact, Chinese, the Republic's years, a workbook's serial."""
    texts = [
        f"{day}",
        f"{day:%Y/%m/%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    if day.year > 1921:
        texts.append(f"民国{day.year - 1911}年{day.month}月{day.day}日")
    for text in texts:
        assert read("date", text) == day
    assert read("date", str((day - date(1899, 12, 30)).days), Manner(epoch=date(1899, 12, 30))) == day
    assert read("date", f"{day:%d/%m/%Y}", Manner(date_format="%d/%m/%Y")) == day


@MODEST
@given(st.datetimes(datetime(1900, 3, 1), datetime(2099, 12, 31)))
def test_a_moment_keeps_its_seconds(moment: datetime) -> None:
    """With a blank, a T, or Chinese words between."""
    moment = moment.replace(microsecond=0)
    for pattern in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒", "%Y%m%d%H%M%S"):
        assert read("datetime", moment.strftime(pattern)) == moment


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        ["id", "text", "note", "date", "datetime", "amount", "decimal", "count", "level", "flag", "choice"]
    ),
    st.text(max_size=40) | st.text(alphabet="0123456789.,-/年月日eE+_ %", max_size=24),
)
def test_any_text_is_read_or_refused_and_never_crashes(kind: str, text: str) -> None:
    """No other error, no number that is not finite."""
    try:
        value = read(kind, text, Manner(epoch=date(1899, 12, 30)))
    except Unreadable as error:
        assert error.message  # noqa: PT017 - either outcome is fine
    else:
        assert value is None or not isinstance(value, Decimal) or value.is_finite()


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("level", "R3", 3),
        ("level", "C5", 5),
        ("level", "3级", 3),
        ("level", "PR2", 2),
        ("level", "３", 3),
        ("flag", "是", True),
        ("flag", "N", False),
        ("flag", "TRUE", True),
        ("flag", "0", False),
        ("choice", " 普通 型 ", "普通型"),
        ("decimal", "4.350", Decimal("4.350")),
        ("text", "=1+1", "=1+1"),
        ("note", "余额<100万元且>50万", "余额<100万元且>50万"),
        ("text", "𠮷野家👍", "𠮷野家👍"),
        ("date", "", None),
        ("text", "合\u202e格", "合格"),
        ("note", "a\x07b\nc", "ab\nc"),
    ],
)
def test_other_kinds_read_what_is_plain(kind: str, text: str, meant: object) -> None:
    """Text stays text, formulas included."""
    assert read(kind, text) == meant


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("level", "6", "风险等级"),
        ("level", "高", "风险等级"),
        ("flag", "对", "是否"),
        ("decimal", "4.35%", "不是数"),
        ("text", "a" + "\u0301" * 5000, "附加符号"),
        ("id", "x" * 200, "过长"),
        ("amount", "1e5", "不是数"),
        ("datetime", "2025-06-30 25:00:00", "没有这一"),
        ("date", "2025-06-30Z", "不明确"),
    ],
)
def test_what_is_not_plain_is_refused_and_named(kind: str, text: str, told: str) -> None:
    """With the code point where there is nothing to see."""
    with pytest.raises(Unreadable) as caught:
        read(kind, text)
    assert told in caught.value.message

"""What people write is read whole or refused with every fault at its place, be it a checklist or any other Struct."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, field, structs

from tests.factories.random_checklists import checklists
from xiaobao.checklist.models import Checklist
from xiaobao.written.nodes import Place, TableNode, TextNode, as_nodes
from xiaobao.written.reader import read
from xiaobao.written.strict import Strict, bounds, stated

_FREELY = [HealthCheck.too_slow, HealthCheck.data_too_large]


def structs_in(value: Any, place: Place = ()) -> Iterator[tuple[Place, Struct]]:
    """Yield every Struct within `value` with its place."""
    if isinstance(value, Struct):
        yield place, value
        for name in value.__struct_fields__:
            yield from structs_in(getattr(value, name), (*place, name))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from structs_in(inner, (*place, number))


def as_written(checklist: Checklist) -> Any:
    """Return what a person would have written, as dicts and lists that a test may spoil."""

    def thawed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: thawed(inner) for key, inner in value.items()}
        return [thawed(inner) for inner in value] if isinstance(value, tuple) else value

    return copy.deepcopy(thawed(stated(checklist)))


def at(plain: Any, place: Place) -> Any:
    for step in place:
        plain = plain[step]
    return plain


def places_of_flaws(plain: Any) -> set[Place]:
    _, flaws = read(Checklist, as_nodes(plain))
    return {flaw.place for flaw in flaws}


@settings(max_examples=30, deadline=None, suppress_health_check=_FREELY)
@given(checklists())
def test_a_sound_checklist_reads_to_itself(checklist: Checklist) -> None:
    assert read(Checklist, as_nodes(as_written(checklist))) == (checklist, [])


@settings(max_examples=60, deadline=None, suppress_health_check=_FREELY)
@given(checklists(), st.data())
def test_what_is_missing_misspelt_or_of_another_shape_is_told_at_its_place(c: Checklist, data: st.DataObject) -> None:
    """One thing is spoilt anywhere in the sheet; exactly that place is named."""
    plain = as_written(c)
    place, spoilt = data.draw(st.sampled_from([(p, s) for p, s in structs_in(c) if at_or_none(plain, p) is not None]))
    here = at(plain, place)
    missing = [info.name for info in structs.fields(type(spoilt)) if info.required]
    how = data.draw(st.sampled_from(["unknown", "shape", *(["missing"] if missing else [])]))
    if how == "unknown":
        here["zz"] = "x"
        assert places_of_flaws(plain) == {(*place, "zz")}
    elif how == "missing":
        name = data.draw(st.sampled_from(missing))
        del here[name]
        assert places_of_flaws(plain) == {(*place, name)}
    else:
        name = data.draw(st.sampled_from(sorted(here) or ["id"]))
        here[name] = "x" if isinstance(here.get(name), dict | list) else [["x"]]
        assert {found[: len(place) + 1] for found in places_of_flaws(plain)} == {(*place, name)}


def at_or_none(plain: Any, place: Place) -> Any:
    """Return the written node at `place`; None for what was left at its default."""
    try:
        return at(plain, place)
    except (KeyError, IndexError):
        return None


# --- one kind of value after the other ------------------------------------------------------------------------------


class Inner(Strict):
    share: Annotated[Decimal, bounds(minimum=0, exclusiveMaximum=1)]


class Sheet(Strict):
    title: str = "t"
    short: Annotated[str, bounds(maxLength=3)] = ""
    number: Annotated[int, bounds(exclusiveMinimum=0, maximum=9)] | None = None
    amount: Decimal = Decimal(0)
    flag: bool = False
    day: date | None = None
    hours: tuple[time, time] = (time(9), time(17))
    word: Literal["first", "second"] = "first"
    inner: Inner | None = None
    many: Annotated[tuple[Inner, ...], bounds(minItems=1)] = (Inner(share=Decimal(0)),)
    named: dict[Annotated[str, bounds(pattern="^[a-z]+$", description="小写字母")], int] = field(default_factory=dict)
    coded: dict[Literal["a", "b"], str] = field(default_factory=dict)


def test_typed_values_of_toml_and_texts_read_the_same() -> None:
    typed: dict[str, Any] = {
        "number": 5,
        "amount": Decimal("1E+2"),
        "flag": True,
        "day": date(2026, 1, 2),
        "hours": [time(7, 30), time(8)],
        "inner": {"share": Decimal("0.50")},
        "named": {"x": 1},
        "coded": {"a": "b"},
    }
    texts = typed | {
        "number": "5",
        "amount": "100",
        "flag": "true",
        "day": "2026-01-02",
        "hours": ["07:30", "08:00:00"],
        "inner": {"share": "0.5"},
        "named": {"x": "1"},
    }
    assert read(Sheet, as_nodes(typed)) == read(Sheet, as_nodes(texts))
    value, flaws = read(Sheet, as_nodes(typed))
    assert value is not None and not flaws
    assert (value.number, value.amount, value.day, value.hours[0]) == (5, 100, date(2026, 1, 2), time(7, 30))


@pytest.mark.parametrize(
    ("written", "place", "says"),
    [
        ({"title": 5}, ("title",), "请加引号"),
        ({"title": True}, ("title",), "请加引号"),
        ({"short": "四个汉字"}, ("short",), "不能长于 3 字"),
        ({"number": "1.5"}, ("number",), "不是整数"),
        ({"number": "many"}, ("number",), "不是普通数字"),
        ({"number": 0}, ("number",), "应大于 0"),
        ({"number": 10}, ("number",), "不能大于 9"),
        ({"amount": "1e5"}, ("amount",), "不是普通数字"),
        ({"flag": "yes"}, ("flag",), "只能是 true 或 false"),
        ({"day": "2026-02-30"}, ("day",), "不是有效的日期"),
        ({"hours": ["07:30"]}, ("hours",), "应为 2 项的列表"),
        ({"hours": ["07:30", "24:00"]}, ("hours", 1), "不是有效的时刻"),
        ({"word": "secnd"}, ("word",), "是否想写 second"),
        ({"inner": {"share": -1}}, ("inner", "share"), "不能小于 0"),
        ({"inner": {"share": 1}}, ("inner", "share"), "应小于 1"),
        ({"inner": {"kind": "x", "share": 0}}, ("inner", "kind"), "不认识的键“kind”"),
        ({"inner": {}}, ("inner", "share"), "没有写"),
        ({"inner": "x"}, ("inner",), "应为“键: 值”"),
        ({"many": []}, ("many",), "至少要有 1 项"),
        ({"many": "x"}, ("many",), "应为列表"),
        ({"named": {"A1": 1}}, ("named", "A1"), "键“A1”的写法不对"),
        ({"named": {"x": "y"}}, ("named", "x"), "不是普通数字"),
        ({"coded": {"c": "x"}}, ("coded", "c"), "不认识的键“c”"),
        ({"coded": []}, ("coded",), "应为“键: 值”"),
        ({"titel": "x"}, ("titel",), "是否想写 title"),
    ],
)
def test_each_fault_is_told_at_its_place(written: dict[str, Any], place: Place, says: str) -> None:
    _, flaws = read(Sheet, as_nodes(written))
    assert [(flaw.place, says in flaw.message) for flaw in flaws] == [(place, True)], flaws


@pytest.mark.parametrize(
    ("text", "means"), [("007", 7), ("1e2", 100), ("６", 6), ("1_000", 1000), ("50%", None), ("nan", None)]
)
def test_an_odd_number_is_told_and_still_read_where_its_meaning_is_clear(text: str, means: int | None) -> None:
    """So the sums over it are checked in the same round."""
    value, flaws = read(Sheet, TableNode(line=1, values={"amount": TextNode(value=text, plain=True, line=1)}))
    assert len(flaws) == 1
    assert (value.amount if value else None) == means


def test_all_faults_of_a_document_come_at_once() -> None:
    written = {"flag": "no", "inner": {"x": 1}, "many": [{"share": 0}, {"share": 2}], "day": 5}
    _, flaws = read(Sheet, as_nodes(written))
    places = {("flag",), ("inner", "share"), ("inner", "x"), ("many", 1, "share"), ("day",)}
    assert {flaw.place for flaw in flaws} == places

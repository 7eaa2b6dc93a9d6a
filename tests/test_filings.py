"""报送: the calendar, the way of one filing, who may do what, how late it is, and what the merge adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.factories.filings import issued
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.filings.filing import (
    FiledDocument,
    Filing,
    FilingActor,
    accept,
    due_date,
    file,
    filing_calendar,
    fitting,
    merge,
    remind,
    send_back,
)
from xiaobao.model import Period
from xiaobao.settings import Settings, load_settings

PAPER = FiledDocument(name="报告.docx", sha256="ab" * 32, path="evidence/ab/x.docx")
CLERK, HEAD = FilingActor(name="填报人", unit="0101"), FilingActor(name="总行消保部")
ON = date(2026, 7, 5)


def filed(filing: Filing | None = None, on: date = ON, by: FilingActor = CLERK, **figures: str) -> Filing:
    return file(filing or issued(), by, on, PAPER, {name: Decimal(value) for name, value in figures.items()})


def test_the_usual_dates_are_5_july_for_the_half_year_and_5_january_for_the_year() -> None:
    kinds = Settings().filings
    assert due_date(kinds["half-year"], Period.parse("2026H1")) == date(2026, 7, 5)
    assert due_date(kinds["annual"], Period.parse("2026")) == date(2027, 1, 5)
    assert due_date(kinds["monthly"], Period.parse("2026-12")) == date(2027, 1, 5)
    assert due_date(kinds["quarterly"], Period.parse("2026Q1")) == date(2026, 4, 10)
    assert not fitting(kinds["half-year"], Period.parse("2026H2"))


def test_one_date_may_be_changed_alone_and_a_kind_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "xiaobao.toml"
    path.write_text(
        "[filings.half-year]\nday = 8\ndates = {2026H1 = 2026-07-07}\n[filings.monthly]\noff = true\n"
        '[filings.ledger]\ntitle = "投诉台账"\nevery = "month"\nmonths = 0\nday = 31\n',
        "utf-8",
    )
    kinds = load_settings(path).filings
    assert due_date(kinds["half-year"], Period.parse("2026H1")) == date(2026, 7, 7)
    assert due_date(kinds["half-year"], Period.parse("2027H1")) == date(2027, 7, 8)
    assert due_date(kinds["ledger"], Period.parse("2026-02")) == date(2026, 2, 28)
    days = [(line.kind, line.period, line.due) for line in filing_calendar(kinds, date(2026, 7, 1), date(2026, 7, 31))]
    assert days == [
        ("half-year", "2026H1", date(2026, 7, 7)),
        ("quarterly", "2026Q2", date(2026, 7, 10)),
        ("ledger", "2026-07", date(2026, 7, 31)),
    ]


@pytest.mark.parametrize("wrong", ['every = "week"', "day = 0", "dates = {2026H1 = 5}", "colour = 1"])
def test_a_wrong_setting_is_named(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "xiaobao.toml"
    path.write_text(f"[filings.half-year]\n{wrong}\n", "utf-8")
    with pytest.raises(InputError, match=r"filings\.half-year"):
        load_settings(path)


@pytest.mark.parametrize(("on", "late"), [(5, 0), (6, 1), (31, 26)])
def test_lateness_counts_to_the_first_filing_and_a_later_return_does_not_change_it(on: int, late: int) -> None:
    first = filed(on=date(2026, 7, on))
    again = filed(send_back(first, HEAD, "缺附表", date(2026, 9, 1)), on=date(2026, 8, 20))
    assert first.late_days(date(2026, 12, 31)) == late
    assert replace(again, due=first.due).late_days(date(2026, 12, 31)) == late
    assert (again.first_filed_on, again.filed_on, again.returns) == (first.filed_on, date(2026, 8, 20), 1)


def test_what_is_not_there_is_late_from_the_day_after_it_was_due() -> None:
    assert [issued().late_days(date(2026, 7, day)) for day in (5, 6)] == [0, 1]
    returned = send_back(filed(), HEAD, "缺附表", date(2026, 7, 10))
    assert [returned.late_days(date(2026, 7, day)) for day in (10, 12)] == [0, 2]


@pytest.mark.parametrize("by", [CLERK, FilingActor(name="填报人", filed=True), FilingActor(name="同事", unit="0101")])
@pytest.mark.parametrize("verb", [accept, lambda filing, by: send_back(filing, by, "缺附表")])
def test_the_filing_unit_never_judges_its_own_filing(verb: Any, by: FilingActor) -> None:
    with pytest.raises(NotAllowed, match="自己的报送"):
        verb(filed(), by)
    assert verb(filed(), HEAD).decided_by == HEAD.name


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (lambda: accept(issued(), HEAD), "待填报的报送不能确认"),
        (lambda: send_back(issued(), HEAD, "x"), "待填报的报送不能退回"),
        (lambda: send_back(filed(), HEAD, " "), "退回须说明原因"),
        (lambda: remind(filed(), ON), "不用催报"),
        (lambda: filed(accept(filed(), HEAD)), "已确认的报送不能再改"),
        (lambda: file(issued(), CLERK, ON, None, {}), "须提交报告文件"),
        (lambda: filed(受理=" 3"), "没有要求报送这个指标"),
        (lambda: filed(issued(wanted=("受理", "办结")), 受理="3"), "缺少指标"),
    ],
)
def test_a_wrong_step_says_why(step: Any, said: str) -> None:
    with pytest.raises((InputError, NotAllowed), match=said):
        step()


def test_the_merge_names_who_is_late_and_missing_and_sums_only_what_was_filed() -> None:
    wanted = ("受理投诉件数",)
    filings = [
        filed(issued("0103", wanted=wanted), date(2026, 7, 8), 受理投诉件数="2"),
        accept(filed(issued("0101", wanted=wanted), 受理投诉件数="3.5"), HEAD),
        issued("0102", wanted=wanted),
        send_back(filed(issued("0104", wanted=wanted), 受理投诉件数="100"), HEAD, "数字不符"),
    ]
    merged = merge(filings, date(2026, 7, 9))
    assert (merged.asked, merged.filed, merged.accepted) == (4, 2, 1)
    assert merged.late == (("0102", 4), ("0103", 3), ("0104", 4))
    assert merged.waiting == ("0102", "0104")
    assert merged.sums == {"受理投诉件数": Decimal("5.5")}
    assert merge([issued(wanted=wanted)], ON).sums == {}
    with pytest.raises(InputError, match="还没有下发"):
        merge([], ON)

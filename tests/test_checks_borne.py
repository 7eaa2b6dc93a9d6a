"""From a file to a lead: it falls on the unit that bears the duty, and nothing stays unlooked at in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.factories.imported import cut, import_rows, row
from xiaobao.checks.registry import BORNE, CheckContext, run_check
from xiaobao.datasets import partitions
from xiaobao.datasets.partitions import read_partition
from xiaobao.model import CheckResult, Period, Unit
from xiaobao.policies import Policies

Row = Mapping[str, str]
_TREE = (
    ("0000", "总行", ""),
    ("0001", "部室", "0000"),
    ("0100", "分行", "0000"),
    ("0101", "支行", "0100"),
    ("010101", "网点", "0101"),
)
_LEVELS = {"总行": "head_office", "部室": "department", "分行": "branch", "支行": "sub_branch", "网点": "outlet"}
_UNITS = {
    unit: Unit(id=unit, name=unit, level=_LEVELS[level], parent=parent, businesses=("理财", "贷款", "代理保险"))
    for unit, level, parent in _TREE
}


def _register(known: Sequence[str] = tuple(_UNITS)) -> list[Row]:
    rows = [row("units", n, unit=u, name=u, level=level, parent=parent) for n, (u, level, parent) in enumerate(_TREE)]
    return [entry for entry in rows if entry["unit"] in known]


def _results(
    folder: Path, check: str, data: Mapping[str, Sequence[Row]], known: Sequence[str] = tuple(_UNITS)
) -> dict[str, CheckResult]:
    """Import the rows, cut them by unit, and run one check over every unit of the bank."""
    files = [import_rows(folder, name, rows) for name, rows in {"units": _register(known), **data}.items()]
    extracts = cut(folder, *files, units=tuple(_UNITS))
    frames = {place: read_partition(extract.path, extract.sha256) for place, extract in extracts.items()}
    found = {}
    for unit in _UNITS.values():
        own = {name: frames.get((unit.id, name), frames.get(("", name))) for name in {n for _, n in frames}}
        context = CheckContext(unit=unit, period=Period.parse("2026H1"), as_of=date(2026, 7, 5), policies=Policies())
        found[unit.id] = run_check(check, "I", own, context)
    return found


def _hit(found: Mapping[str, CheckResult]) -> list[str]:
    return [unit for unit, result in found.items() if result.leads]


def _reviewed(**more: str) -> Row:
    return row(
        "complaints",
        1,
        unit="010101",
        nature="投诉",
        received_on="2026-03-01",
        review_requested_on="2026-03-31",
        review_decided_on="2026-05-01",
        **more,
    )


def test_the_name_of_borne_rows_is_one_name() -> None:
    assert partitions.BORNE == BORNE


@pytest.mark.parametrize(("named", "bearer"), [({}, "0101"), ({"review_unit": "0100"}, "0100")])
def test_a_late_review_is_a_lead_of_the_superior_that_reviews(tmp_path: Path, named: Row, bearer: str) -> None:
    """3号令第二十条 binds who reviews; the outlet complained about is told who answers, and loses nothing."""
    found = _results(tmp_path, "complaints.review_overdue", {"complaints": [_reviewed(**named)]})
    assert _hit(found) == [bearer]
    assert "须由核查机构答复" in found[bearer].leads[0].summary
    assert (found["010101"].hits, "须由核查机构答复" in found["010101"].note) == (0, True)


def test_a_review_that_no_superior_is_known_for_is_not_judged_and_says_who_has_to_answer(tmp_path: Path) -> None:
    found = _results(tmp_path, "complaints.review_overdue", {"complaints": [_reviewed()]}, known=("0000",))
    assert _hit(found) == []
    assert (found["010101"].unjudged, "须由核查机构答复" in found["010101"].note) == (1, True)


def test_rows_borne_for_others_are_seen_by_no_other_check(tmp_path: Path) -> None:
    late = {**_reviewed(), "decided_on": "2026-03-20"}
    found = _results(tmp_path, "complaints.overdue", {"complaints": [late]})
    assert _hit(found) == ["010101"]


@pytest.mark.parametrize(
    ("unit", "answers"), [("010101", "0101"), ("0101", "0101"), ("0001", "0000"), ("0100", "0100")]
)
def test_a_leak_at_an_outlet_is_answered_by_the_unit_above_that_is_asked(
    tmp_path: Path, unit: str, answers: str
) -> None:
    event: dict[str, Any] = {"unit": unit, "record": "事件", "kind": "个人信息泄露", "known_at": "2026-03-02 09:00"}
    events = [row("major_events", 1, **event, first_report_at="2026-03-06 13:00")]
    assert _hit(_results(tmp_path, "emergencies.leak_reported_late", {"major_events": events})) == [answers]


@pytest.mark.parametrize(("unit", "check"), [("0001", "departments"), ("0100", "product_review")])
def test_what_a_department_submits_is_its_own_lead(tmp_path: Path, unit: str, check: str) -> None:
    days = {"submitted_on": "2026-03-01", "opinion": "不同意", "opinion_on": "2026-03-05", "launched_on": "2026-03-04"}
    reviews = [row("reviews", 1, unit=unit, **days)]
    for rule in ("launched_before_opinion", "launched_against_opinion"):
        assert _hit(_results(tmp_path / rule, f"{check}.{rule}", {"reviews": reviews})) == [unit]


@pytest.mark.parametrize(
    ("unit", "check", "answers"),
    [("0001", "departments", "0001"), ("0101", "partners", "0100"), ("010101", "partners", "0100")],
)
def test_a_partner_without_admission_falls_on_who_manages_it(
    tmp_path: Path, unit: str, check: str, answers: str
) -> None:
    partners = [row("partners", 1, unit=unit, name="甲", kind="催收", agreement_no="X", admission_no="")]
    assert _hit(_results(tmp_path, f"{check}.not_admitted", {"partners": partners})) == [answers]


def test_a_bank_without_the_new_columns_is_told_what_was_not_judged(tmp_path: Path) -> None:
    """An extract as it was before: a sale without 客户类别 accuses nobody."""
    sale = row(
        "product_sales", 1, unit="0101", sold_on="2026-03-15", product_type="自营理财", channel="柜面", recording_no=""
    )
    result = _results(tmp_path, "suitability.sale_recording_missing", {"product_sales": [sale]})["0101"]
    assert (result.hits, result.unjudged) == (0, 1)
    assert "缺“客户类别”" in result.note and "未判" in result.note

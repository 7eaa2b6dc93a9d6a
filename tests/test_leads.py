"""疑点: the unit says what it found, another person decides, and a table is taken whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from tests.factories.inspections import (
    CHECK,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.model import Disposition
from xiaobao.workbench.leads import LeadEntry, answer_lead, apply_lead_rows, decide_lead, leads_table
from xiaobao.workbench.workspace import Workbench

YES, NO = Disposition.CONFIRMED, Disposition.REFUTED


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    raise_two_leads(bench)
    yield bench
    bench.store.close()


def test_the_table_names_unit_check_and_item(wb: Workbench) -> None:
    first, second = leads_table(wb, PERIOD)
    assert (first.unit_name, first.item_title, first.state) == ("城关支行", "投诉按期办结", "待核实")
    assert first.check_title != CHECK
    assert leads_table(wb, PERIOD, unit="0102") == ()
    assert second.lead.record == {"投诉编号": "TS01012"}


def test_a_lead_is_overdue_only_while_nobody_answered(wb: Workbench) -> None:
    """Cut-off five days after the period, ten days to answer: 15 July."""
    late = replace(wb, settings=structs.replace(wb.settings, as_of=date(2026, 7, 16)))
    assert [row.overdue for row in leads_table(wb, PERIOD)] == [False, False]
    assert {row.due for row in leads_table(late, PERIOD)} == {date(2026, 7, 15)}
    answer_lead(wb, "L01011", YES, "属实", 0)
    assert [row.overdue for row in leads_table(late, PERIOD)] == [False, True]


def test_unit_answers_and_inspector_decides(wb: Workbench) -> None:
    answered = answer_lead(wb, "L01011", YES, "系统切换漏登", 0)
    decided = decide_lead(as_person(wb, INSPECTOR), "L01011", Disposition.PARTLY, "已补登", answered.revision)
    assert (decided.answered_by, decided.decided_by, decided.revision) == ("张三", "李四", 2)
    assert leads_table(wb, PERIOD)[0].state == "已认定"


def test_an_answer_needs_an_explanation_and_a_decision_a_reason(wb: Workbench) -> None:
    with pytest.raises(InputError, match="须填写核实说明"):
        answer_lead(wb, "L01011", YES, "  ", 0)
    with pytest.raises(InputError, match="须填写认定理由"):
        decide_lead(wb, "L01011", YES, "", 0)


def test_who_answered_does_not_decide(wb: Workbench) -> None:
    answer_lead(wb, "L01011", YES, "属实", 0)
    with pytest.raises(NotAllowed, match="不能认定自己核实"):
        decide_lead(wb, "L01011", YES, "同意", 1)


def test_a_decided_lead_keeps_its_answer(wb: Workbench) -> None:
    decide_lead(as_person(wb, INSPECTOR), "L01011", YES, "现场核对", 0)
    with pytest.raises(NotAllowed, match="不能再改核实意见"):
        answer_lead(wb, "L01011", NO, "不是我行", 1)


def test_a_stale_answer_shows_both(wb: Workbench) -> None:
    answer_lead(wb, "L01011", YES, "先", 0)
    with pytest.raises(StaleRevision) as caught:
        answer_lead(as_person(wb, INSPECTOR), "L01011", NO, "后", 0)
    assert (caught.value.saved.answer_note, caught.value.offered.answer_note) == ("先", "后")  # type: ignore[attr-defined]


def test_an_unknown_lead_is_refused(wb: Workbench) -> None:
    with pytest.raises(InputError, match="没有这条疑点"):
        answer_lead(wb, "L9", YES, "x", 0)


def test_a_table_is_taken_whole_or_not_at_all(wb: Workbench) -> None:
    """Every fault of every row at once, by row; nothing of a faulty table is stored."""
    rows = [
        LeadEntry(lead_id="L01011", answer=YES, answer_note="属实", row=2),
        LeadEntry(lead_id="L01012", answer=YES, answer_note="", row=3),
        LeadEntry(lead_id="L9", answer=NO, answer_note="无此笔", row=4),
        LeadEntry(lead_id="L01011", answer=NO, answer_note="重复", row=5),
    ]
    with pytest.raises(InputError) as caught:
        apply_lead_rows(wb, rows)
    said = str(caught.value)
    assert "第 3 行" in said
    assert "第 4 行" in said
    assert "第 5 行" in said
    assert {row.state for row in leads_table(wb, PERIOD)} == {"待核实"}


def test_a_good_table_counts_what_it_changed(wb: Workbench) -> None:
    rows = [LeadEntry(lead_id="L01011", answer=YES, answer_note="属实", row=2), LeadEntry(lead_id="L01012", row=3)]
    counts = apply_lead_rows(wb, rows)
    assert (counts.answered, counts.decided, counts.unchanged) == (1, 0, 1)
    assert apply_lead_rows(wb, rows).unchanged == 2


def test_a_table_older_than_the_store_is_refused(wb: Workbench) -> None:
    answer_lead(wb, "L01011", YES, "属实", 0)
    entry = LeadEntry(lead_id="L01011", decided=YES, reason="同意", seen_revision=0, row=2)
    with pytest.raises(InputError, match="导出之后已被他人更新"):
        apply_lead_rows(as_person(wb, INSPECTOR), [entry])


def test_the_table_can_be_read_per_unit(wb: Workbench) -> None:
    assert len(leads_table(wb, PERIOD, unit=UNIT, domain="complaints")) == 2

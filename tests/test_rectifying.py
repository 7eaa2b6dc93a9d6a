"""整改: proposed once for each finding, filled by the unit, moved by the right person, late when not done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from tests.factories.inspections import INSPECTOR, PERIOD, as_person, record_finding, tiny_workspace, workbench
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.model import CorrectiveAction
from xiaobao.workbench.corrective_actions import actions_table, fill_action, move_action, propose_actions
from xiaobao.workbench.workspace import Workbench


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    record_finding(bench)
    propose_actions(bench, PERIOD)
    yield bench
    bench.store.close()


def case(wb: Workbench) -> CorrectiveAction:
    return next(row.action for row in actions_table(wb, PERIOD) if row.action.line == "case")


def fill(wb: Workbench, owner: str = "张三", due: date | None = None, note: str = "") -> CorrectiveAction:
    now = case(wb)
    return fill_action(wb, now.id, "逐笔补办", owner, due or now.due, note, now.revision)


def test_both_lines_are_proposed_once(wb: Workbench) -> None:
    assert {row.action.line for row in actions_table(wb, PERIOD)} == {"case", "mechanism"}
    assert propose_actions(wb, PERIOD) == 0
    assert {row.finding_title for row in actions_table(wb, PERIOD)} == {"投诉办理逾期"}


def test_a_measure_goes_from_filled_to_closed_by_two_people(wb: Workbench) -> None:
    filled = fill(wb)
    done = move_action(wb, filled.id, "done", "已补办", filled.revision)
    with pytest.raises(NotAllowed, match="责任人不能验证"):
        move_action(wb, filled.id, "verified", "", done.revision)
    inspector = as_person(wb, INSPECTOR)
    verified = move_action(inspector, filled.id, "verified", "抽查 2 件", done.revision)
    assert move_action(inspector, filled.id, "closed", "", verified.revision).status == "closed"


def test_a_measure_without_owner_is_not_done(wb: Workbench) -> None:
    with pytest.raises(InputError, match="责任人"):
        move_action(wb, case(wb).id, "done", "", case(wb).revision)


def test_an_extension_needs_a_reason(wb: Workbench) -> None:
    later = case(wb).due + timedelta(days=10)
    with pytest.raises(InputError, match="延长期限"):
        fill(wb, due=later)
    assert fill(wb, due=later, note="等系统投产，消保部批准").due == later


def test_what_is_reported_done_is_no_longer_rewritten(wb: Workbench) -> None:
    filled = fill(wb)
    move_action(wb, filled.id, "done", "", filled.revision)
    with pytest.raises(NotAllowed, match="不能再改内容"):
        fill(wb, owner="别人")


def test_a_stale_measure_is_refused(wb: Workbench) -> None:
    filled = fill(wb)
    with pytest.raises(StaleRevision):
        fill_action(wb, filled.id, "别的措施", "张三", filled.due, "", filled.revision - 1)


def test_late_measures_come_first(wb: Workbench) -> None:
    after = replace(wb, settings=structs.replace(wb.settings, as_of=case(wb).due + timedelta(days=1)))
    filled = fill(wb)
    move_action(wb, filled.id, "done", "", filled.revision)
    rows = actions_table(after, PERIOD)
    assert [row.overdue for row in rows] == [True, False]
    assert rows[1].action.line == "case"

"""Counted by the closing day, a complaint belongs to the period it was closed in, whenever it was received."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import tables
from tests.factories.kept import new_workspace
from xiaobao.features.complaints.reading import bank_ledger, branch_ledger
from xiaobao.model import Period
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.results.reading import work_paper
from xiaobao.workbench.workspace import SETTINGS_FILE, Workbench, open_workbench

UNITS = [
    ["机构号", "机构名称", "层级", "上级机构号", "区域", "是否被检查"],
    ["0100", "总行", "总行", "", "", "否"],
    ["0101", "甲支行", "分行", "0100", "城区", "是"],
    ["0102", "乙支行", "分行", "0100", "郊区", "是"],
]
HEAD = ["投诉编号", "机构号", "受理日期", "办结日期", "撤诉日期", "工单性质"]
SECOND_HALF = [
    ["A1", "0101", "2025-12-20", "2026-01-05", "", "投诉"],  # received before, closed in the half-year
    ["A2", "0101", "2025-12-21", "", "2026-02-01", "投诉"],  # withdrawn in it
    ["A3", "0102", "2025-11-01", "2025-11-09", "", "投诉"],  # closed before
    ["A4", "0102", "2025-12-22", "", "", "投诉"],  # still open
    ["A5", "0102", "2025-12-28", "2026-06-30", "", "投诉"],
]
FIRST_HALF = [
    ["B1", "0101", "2026-03-02", "2026-03-05", "", "投诉"],
    ["B2", "0101", "2026-06-25", "2026-07-02", "", "投诉"],  # closed after
    ["B3", "0102", "2026-06-26", "", "", "投诉"],
]


def workspace(folder: Path, rule: str) -> Workbench:
    wb = new_workspace(folder / "bank", "甲行")
    with (wb.home / SETTINGS_FILE).open("a", encoding="utf-8") as settings:
        settings.write(f'\n[counting]\ndate = "{rule}"\n')
    wb = open_workbench(wb.home)
    for name, period, rows in (
        ("units", "2025H2", UNITS),
        ("complaints", "2025H2", [HEAD, *SECOND_HALF]),
        ("complaints", "2026H1", [HEAD, *FIRST_HALF]),
    ):
        import_extract(wb, name, [tables.write_csv(folder, rows, name=f"{name}{period}.csv")], period)
    return wb


def counted(wb: Workbench, unit: str = "", period: str = "2026H1") -> tuple[int, int, int]:
    found = branch_ledger(wb, period, unit) if unit else bank_ledger(wb, period)
    assert found is not None
    return found.totals.new, found.totals.withdrawn, found.totals.valid


def test_what_was_received_before_and_closed_in_the_period_is_counted_in_it(tmp_path: Path) -> None:
    """A1, A5, B1 were decided and A2 withdrawn in 2026H1; of 2025H2 only A3 was closed within it."""
    wb = workspace(tmp_path, "closed")
    assert counted(wb) == (4, 1, 3)
    assert (counted(wb, "0101"), counted(wb, "0102")) == ((3, 1, 2), (1, 0, 1))
    assert counted(wb, period="2025H2") == (1, 0, 1)
    found = bank_ledger(wb, "2026H1")
    assert found is not None
    assert any("含本期以前受理、本期办结的 3 件" in note for note in found.notes)
    assert {one.reason: one.count for one in found.totals.excluded} == {
        "未办结（按办结日期归期）": 1,
        "办结日期不在 2026H1": 1,
    }
    months = {part.name: part.count for part in found.breakdowns["month"].rows}
    assert (months["2026-01"], months["2026-03"], months["2026-06"]) == (1, 1, 1)


def test_the_paper_of_a_unit_counts_as_the_bank_does(tmp_path: Path) -> None:
    wb = workspace(tmp_path, "closed")
    create_campaign(wb, "2026H1自查", "2026H1")
    papers = [work_paper(wb, unit, "2026H1", "complaints").ledger for unit in ("0101", "0102")]
    assert [paper.totals.new for paper in papers if paper] == [3, 1]
    assert [paper.total_change.before for paper in papers if paper and paper.total_change] == [0, 1]


def test_by_the_day_of_receipt_nothing_is_carried(tmp_path: Path) -> None:
    wb = workspace(tmp_path, "received")
    assert counted(wb) == (3, 0, 3)
    assert not [name for _, name in partitions(wb, Period.parse("2026H1").code) if name.endswith(".closed")]


@pytest.mark.parametrize("first", ["received", "closed"])
def test_a_changed_setting_cuts_the_ledger_anew(first: str, tmp_path: Path) -> None:
    wb = workspace(tmp_path, first)
    before = counted(wb)
    settings = wb.home / SETTINGS_FILE
    other = "closed" if first == "received" else "received"
    settings.write_text(settings.read_text("utf-8").replace(f'date = "{first}"', f'date = "{other}"'), "utf-8")
    assert {before, counted(open_workbench(wb.home))} == {(3, 0, 3), (4, 1, 3)}

"""Rows that cannot be read, or lie outside the period, are put apart by an explicit act and counted as such."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.factories import banks
from xiaobao.errors import InputError
from xiaobao.features.complaints.reading import bank_ledger, branch_ledger
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import Workbench, open_workbench


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    return banks.bank(tmp_path)


def mixed(folder: Path) -> Path:
    """Two good rows, an unreadable day, a damaged customer, a row of last year."""
    rows = [
        banks.complaint(1),
        banks.complaint(2, 受理日期="2026年1月初"),
        banks.complaint(3, 客户号="1.2E+15"),
        banks.complaint(4, 受理日期="2025-12-31", 机构号="010003"),
        banks.complaint(5, 机构号="010003"),
    ]
    return banks.ledger(folder, banks.HEADER, *rows)


def test_without_the_act_it_stays_all_or_nothing(wb: Workbench, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        import_extract(wb, "complaints", [mixed(tmp_path)], "2026H1")
    assert [fault.row for fault in caught.value.faults] == [3, 4, 5]
    assert not wb.store.imports("complaints")


def test_rows_put_apart_are_recorded_handed_back_marked_and_counted(wb: Workbench, tmp_path: Path) -> None:
    back = tmp_path / "搁置.xlsx"
    done = import_extract(wb, "complaints", [mixed(tmp_path)], "2026H1", set_aside=back)
    assert done.rows == 2
    assert [(row.row, row.reason) for row in done.aside] == [(3, "数据有误"), (4, "数据有误"), (5, "期间以外")]
    sheet = openpyxl.load_workbook(back)["搁置的行"]
    assert [cell.value for cell in sheet["C"][1:]] == ["3", "4", "5"]
    assert [cell.value for cell in sheet["D"][1:]] == ["数据有误", "数据有误", "期间以外"]
    day = next(cell for cell in sheet[2] if cell.value == "2026年1月初")
    assert day.fill.fgColor.rgb == "FFFFC7CE"
    assert "1.2E+15" not in [cell.value for cell in sheet[3]]
    assert any("数据有误 2 行" in str(event) and "期间以外 1 行" in str(event) for event in wb.store.events())
    figures = bank_ledger(wb, "2026H1")
    assert figures is not None
    assert (figures.totals.rows, figures.totals.new) == (5, 2)
    assert {one.reason: (one.count, one.numbers) for one in figures.totals.excluded} == {
        "数据有误（导入时搁置）": (2, ("T2", "T3")),
        "期间以外（导入时搁置）": (1, ("T4",)),
    }
    own = branch_ledger(wb, "2026H1", "010003")
    assert own is not None
    assert {one.reason: one.count for one in own.totals.excluded} == {"期间以外（导入时搁置）": 1}


def test_a_fault_of_the_whole_file_cannot_be_put_apart(wb: Workbench, tmp_path: Path) -> None:
    path = banks.ledger(tmp_path, banks.HEADER[:2], ["T1", "010001"])
    with pytest.raises(InputError, match="缺少必需的列"):
        import_extract(wb, "complaints", [path], "2026H1", set_aside=tmp_path / "搁置.xlsx")
    assert not (tmp_path / "搁置.xlsx").exists()


def test_nothing_is_left_when_no_row_is_good_and_no_file_is_overwritten(wb: Workbench, tmp_path: Path) -> None:
    path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 受理日期="昨天"))
    with pytest.raises(InputError, match="没有可以导入的行"):
        import_extract(wb, "complaints", [path], "2026H1", set_aside=tmp_path / "搁置.xlsx")
    (tmp_path / "搁置.xlsx").write_text("我的", "utf-8")
    with pytest.raises(InputError, match="没有覆盖"):
        import_extract(wb, "complaints", [path], "2026H1", set_aside=tmp_path / "搁置.xlsx")


def test_the_command_lists_each_row(wb: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xiaobao.cli.app import app

    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    words = [
        "import",
        "complaints",
        str(mixed(tmp_path)),
        "--period",
        "2026H1",
        "--set-aside",
        str(tmp_path / "搁.xlsx"),
    ]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    plain = "".join(told.output.split())
    assert "搁置（数据有误）：台账.xlsx工作表台账第3行：受理日期:日期写法不明确" in plain
    assert "搁置（期间以外）" in plain


def test_a_median_a_thousand_times_off_is_questioned(wb: Workbench, tmp_path: Path) -> None:
    def fees(name: str, day: str, amount: int) -> Path:
        head = ("收费流水号", "机构号", "收费日期", "收费项目代码", "收费金额")
        rows = [[f"{name}{n}", "010001", day, "A01", amount + n] for n in range(5)]
        return banks.ledger(tmp_path, head, *rows, name=f"{name}.xlsx")

    import_extract(wb, "units", [tmp_path / "机构.csv"], "2025H2")
    import_extract(wb, "fee_entries", [fees("A", "2025-08-05", 20000)], "2025H2")
    near = import_extract(wb, "fee_entries", [fees("B", "2026-01-05", 2000)], "2026H1").notices
    assert not any("核实单位" in line for line in near)
    far = import_extract(wb, "fee_entries", [fees("C", "2026-01-05", 20)], "2026H1", replace=True).notices
    assert any("请核实单位：列“收费金额”的中位数是 22.00 元，2025H2 是 20002.00 元" in line for line in far)


def test_a_day_of_what_has_happened_that_is_still_to_come_is_questioned(wb: Workbench, tmp_path: Path) -> None:
    today = max(wb.today, date.today())
    rows = [
        banks.complaint(1, 受理日期="2026-02-11", 处理决定日期="2062-03-15"),
        banks.complaint(2, 受理日期="2026-02-11", 处理决定日期=today.isoformat()),
    ]
    path = banks.ledger(tmp_path, banks.HEADER, *rows)
    asked = [line for line in import_extract(wb, "complaints", [path], "2026H1").notices if "请核实" in line]
    assert len(asked) == 1
    assert "列“处理决定日期”有 1 行晚于今天" in asked[0]
    assert "T1（2062-03-15）" in asked[0]


@pytest.mark.parametrize(
    "spans", [("2025Q1", "2025Q2"), ("2025",), ("2025-01-01..2025-03-31", "2025-04-01..2025-06-30")]
)
def test_last_year_is_found_however_it_came_in(wb: Workbench, tmp_path: Path, spans: tuple[str, ...]) -> None:
    for number, span in enumerate(spans):
        import_extract(wb, "units", [tmp_path / "机构.csv"], span)
        day = "2025-05-01" if number else "2025-02-01"
        path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(10 + number, 受理日期=day), name=f"{number}.xlsx")
        import_extract(wb, "complaints", [path], span)
    now = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1), banks.complaint(2), name="今.xlsx")
    import_extract(wb, "complaints", [now], "2026H1")
    figures = bank_ledger(open_workbench(wb.home), "2026H1")
    assert figures is not None
    assert figures.compared == "2025H1"
    assert figures.total_change is not None and figures.total_change.before == len(spans)


def test_a_column_that_was_not_delivered_gives_no_data_never_none(wb: Workbench, tmp_path: Path) -> None:
    from xiaobao.features.complaints.report_figures import complaint_figures

    import_extract(wb, "complaints", [banks.ledger(tmp_path, banks.HEADER, banks.complaint(1))], "2026H1")
    found = bank_ledger(wb, "2026H1")
    assert found is not None
    assert not found.known("withdrawn") and not found.known("satisfaction")
    assert found.known("repeats") and found.known("escalated")
    made = complaint_figures(found).figures
    assert (made["投诉·撤诉"].value, made["投诉·撤诉"].known) == (None, False)
    assert (made["投诉·重复"].value, made["投诉·重复"].known) == (0, True)
    assert made["投诉·回访满意"].known is False

"""A ledger with bad rows: each is named by its row and column, and nothing of the file is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.factories.kept import new_workspace
from xiaobao.errors import InputError
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import Workbench

HEADER = ("投诉编号", "机构号", "受理日期", "处理决定日期", "客户号", "诉求")
GOOD = ("A1", "010000", "2025-08-01", "2025-08-05", "K1", "退费")


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    bench = new_workspace(tmp_path / "行", as_of=date(2026, 7, 5))
    units = tmp_path / "机构.csv"
    units.write_text("机构号,机构名称,层级\n010000,甲分行,分行\n", "utf-8")
    import_extract(bench, "units", [units], "2026H1")
    return bench


def write(folder: Path, *rows: Sequence[str], tail: bytes = b"") -> Path:
    path = folder / "台账.csv"
    path.write_bytes("\n".join(",".join(row) for row in (HEADER, *rows)).encode("gbk") + b"\n" + tail)
    return path


def refused(wb: Workbench, file: Path) -> dict[tuple[int | None, str], str]:
    before = [record.path for record in wb.store.imports("complaints")]
    with pytest.raises(InputError) as error:
        import_extract(wb, "complaints", [file], "2026H1", replace=True)
    assert [record.path for record in wb.store.imports("complaints")] == before
    return {(fault.row, fault.column): fault.message for fault in error.value.faults}


def good(number: int, **change: str) -> list[str]:
    row = dict(zip(HEADER, GOOD, strict=True)) | {"投诉编号": f"A{number}", "受理日期": "2026-02-01"}
    row["处理决定日期"] = "2026-02-05"
    return list((row | change).values())


def test_every_bad_row_is_named_at_once_and_nothing_is_stored(wb: Workbench, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        good(1),
        good(2, 受理日期="2026-02-30"),
        good(3, 处理决定日期="2026-01-31"),
        good(4, 机构号="990099"),
        good(5, 受理日期="2025-12-31"),
    )
    told = refused(wb, file)
    assert set(told) == {(3, "受理日期"), (4, "处理决定日期"), (5, "机构号"), (6, "受理日期")}
    assert "早于受理日期 2026-02-01" in told[4, "处理决定日期"]


def test_a_line_in_another_encoding_is_named(wb: Workbench, tmp_path: Path) -> None:
    other = ",".join(good(2, 诉求="要求赔偿")).encode("utf-8") + b"\n"
    told = refused(wb, write(tmp_path, good(1), tail=other))
    assert [row for row, _ in told] == [3] and "编码" in next(iter(told.values()))


def test_full_width_figures_are_the_same_customer_unit_and_day(wb: Workbench, tmp_path: Path) -> None:
    from xiaobao.datasets.partitions import read_partition
    from xiaobao.features.complaints import LedgerScope, analyse
    from xiaobao.model import Period
    from xiaobao.policies import Counting

    full = good(2, 机构号="０１００００", 受理日期="２０２６－０２－１０", 处理决定日期="2026-02-11", 客户号="Ｋ１ ")
    done = import_extract(wb, "complaints", [write(tmp_path, good(1), full)], "2026H1", replace=True)
    assert done.rows == 2
    frame = read_partition(wb.home / next(r.path for r in wb.store.imports("complaints") if r.period == "2026H1"))
    totals = analyse(frame, Period.parse("2026H1"), Counting(), wb.as_of("2026H1"), LedgerScope(name="甲行")).totals
    assert (totals.new, totals.repeats, totals.valid) == (2, 1, 1)

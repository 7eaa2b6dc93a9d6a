"""An import is all of its files or nothing, and what it writes depends on the content alone."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.factories import tables
from xiaobao.datasets.importing import FileLimits, read_extract, refuse_overlap, write_extract
from xiaobao.datasets.partitions import ImportedFile
from xiaobao.errors import InputError
from xiaobao.model import Period

LEDGER = ("投诉编号", "机构号", "投诉日期", "客户号", "投诉内容")


def ledger(folder: Path, *rows: tuple[str, ...], name: str = "表.csv") -> Path:
    return tables.write_csv(folder, (LEDGER, *rows), name=name)


def test_several_files_are_one_import_and_all_their_faults_come_at_once(tmp_path: Path) -> None:
    """The second file is read although the first is bad."""
    first = ledger(tmp_path, ("T1", "0101", "2025-13-01", "", ""), name="甲.csv")
    second = ledger(tmp_path, ("T2", "0999", "2025-03-01", "", ""), ("T1", "0101", "2025-03-01", "", ""), name="乙.csv")
    with pytest.raises(InputError) as caught:
        read_extract([first, second, tmp_path / "丙.csv"], "complaints", key=tables.KEY, known_units={"0101"})
    text = str(caught.value)
    assert "文件 甲.csv，第 2 行，列“受理日期”" in text
    assert "文件 乙.csv，第 2 行，列“机构号”：没有这个机构（读到 0999）" in text
    assert "文件 乙.csv，第 3 行，列“投诉编号”：与文件 甲.csv 第 2 行重复" in text
    assert "文件 丙.csv：文件不存在" in text


def test_a_reference_to_a_unit_is_written_as_the_register_writes_it(tmp_path: Path) -> None:
    """b01 and Ｂ０１ are B01 where a row merely refers to it."""
    path = ledger(tmp_path, ("T1", "b01", "2025-03-01", "", ""), ("T2", " Ｂ０１ ", "2025-03-01", "", ""))
    assert tables.take(path, "complaints", known_units={"B01"}).frame["unit"].tolist() == ["B01", "B01"]


def test_a_row_outside_the_period_is_refused(tmp_path: Path) -> None:
    """Otherwise it would count in two periods."""
    path = ledger(tmp_path, ("T1", "0101", "2025-07-01", "", ""), ("T2", "0101", "2025-06-30", "", ""))
    with pytest.raises(InputError, match=r"第 2 行，列“受理日期”：日期不在检查期间内.*2025-01-01 至 2025-06-30"):
        tables.take(path, "complaints")


def test_no_personal_data_is_in_the_extract_or_in_a_message(tmp_path: Path) -> None:
    """Customers are pseudonyms, notes are masked, a bad ID number is not repeated in full."""
    path = ledger(tmp_path, ("T1", "0101", "2025-03-01", "客户甲007", "请打13800138000"))
    extract, _ = write_extract(tables.take(path, "complaints"), tmp_path / "data")
    data = str(pq.read_table(extract).to_pylist())
    assert "客户甲007" not in data
    assert "13800138000" not in data
    sales = ("交易流水号", "机构号", "交易日期", "客户号", "证件号码", "产品代码", "产品风险等级", "金额")
    bad = tables.write_csv(
        tmp_path, (sales, ("S1", "0101", "2025-03-01", "甲", "110101196106150012", "P1", "3", "1")), name="坏.csv"
    )
    with pytest.raises(InputError, match="证件号码校验位不对") as caught:
        tables.take(bad, "product_sales")
    assert "11010119610615" not in str(caught.value)


def test_the_same_rows_make_the_same_bytes_under_their_digest(tmp_path: Path) -> None:
    """The name is the SHA-256; nothing unfinished lies beside."""
    path = ledger(tmp_path, ("T1", "0101", "2025-03-01", "甲", "x"))
    first, digest = write_extract(tables.take(path, "complaints"), tmp_path / "a")
    again, same = write_extract(tables.take(path, "complaints"), tmp_path / "b")
    assert digest == same
    assert first.read_bytes() == again.read_bytes()
    assert [entry.name for entry in (tmp_path / "a").iterdir()] == [f"{digest}.parquet"]
    table = pq.read_table(first)
    assert table.column("_file").to_pylist() == ["表.csv"]
    assert table.column("_row").to_pylist() == [2]


def test_rows_that_an_import_in_force_holds_are_refused_with_both_places(tmp_path: Path) -> None:
    """Also when they come by another period."""
    path = ledger(tmp_path, ("T1", "0101", "2025-03-01", "", ""))
    held, _ = write_extract(tables.take(path, "complaints"), tmp_path / "data")
    others = [ImportedFile(dataset="complaints", period=Period.parse("2025H1"), path=held)]
    quarter = ledger(
        tmp_path, ("T0", "0101", "2025-03-01", "", ""), ("t1", "0101", "2025-03-01", "", ""), name="季.csv"
    )
    imported = tables.take(quarter, "complaints", period=Period.parse("2025Q1"))
    with pytest.raises(InputError, match=r"季\.csv，第 3 行.*已导入的 2025H1 文件 表\.csv 第 2 行重复"):
        refuse_overlap(imported, others)
    refuse_overlap(imported, [])


@pytest.mark.parametrize(("limits", "told"), [(FileLimits(megabytes=0), "上限"), (FileLimits(rows=0), "行数超过上限")])
def test_limits_are_stated(tmp_path: Path, limits: FileLimits, told: str) -> None:
    """Size and rows."""
    cells = (LEDGER, *((f"T{n}", "0101", "2025-03-01", "", "") for n in range(200)))
    with pytest.raises(InputError, match=told):
        tables.take(tables.write_csv(tmp_path, cells), "complaints", limits=limits)


def test_all_sheets_with_the_same_header_are_one_table(tmp_path: Path) -> None:
    """Branches tend to have a sheet each: all are read, others are named."""

    def more(book: object) -> None:
        sheet = book.create_sheet("城东")  # type: ignore[attr-defined]
        sheet.append(list(tables.DUTY_HEADER))
        sheet.append(["D2", "0102", "2025-06-30", "是", 3])
        book.create_sheet("目录").append(["一览", "城东"])  # type: ignore[attr-defined]

    imported = tables.take(tables.write_xlsx(tmp_path, tables.duty(), more), "counter_duty")
    assert imported.frame["duty_no"].tolist() == ["D1", "D2"]
    assert imported.frame["_file"].tolist() == ["表.xlsx［数据］", "表.xlsx［城东］"]
    assert any("2 张表头相同的工作表作为一张表读取：“数据” 1 行、“城东” 1 行" in line for line in imported.notices)
    assert any("“目录”的表头不同，没有读取" in line for line in imported.notices)


@pytest.mark.parametrize("code", ["0.00%", "0.00%_ ", "[Red]0.00%;-0.00%", "[$-804]0.00%"])
def test_a_percent_cell_is_not_taken_for_a_plain_number(tmp_path: Path, code: str) -> None:
    """0.0435 shown as 4.35% is 4.35 where percent is meant, and refused where it is not."""
    header = ("借据号", "机构号", "放款日期", "客户号", "借据金额", "实际到账金额", "合同年化利率")

    def percent(book: object) -> None:
        book.active["G2"].number_format = code  # type: ignore[attr-defined]

    path = tables.write_xlsx(tmp_path, (header, ("L1", "0101", "2025-03-01", "甲", 1, 1, 0.0435)), percent)
    assert [str(value) for value in tables.take(path, "loans").frame["contract_annual_rate"]] == ["4.35"]


def test_a_semicolon_or_tab_file_is_split_as_it_is(tmp_path: Path) -> None:
    """The delimiter is the one under which the header fits."""
    for mark in (";", "\t", "|"):
        text = f"机构号{mark}机构名称{mark}层级\n0101{mark}城西,一{mark}网点\n"
        frame = tables.take(tables.write(tmp_path / "表.csv", text.encode()), "units").frame
        assert frame["name"].tolist() == ["城西,一"]

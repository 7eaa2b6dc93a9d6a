"""Bad tables: each is refused by file, row and column in Chinese, or read exactly as meant; nothing is stored.

The numbers in the test ids are the rows of the corpus that the project's reliability goals list.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.factories import tables
from xiaobao.datasets.importing import Imported
from xiaobao.errors import InputError

Build = Callable[[Path], Path]
DAY = dt.date(2025, 6, 30)
ROOT = Path(__file__).parents[2]


def refusal(path: Path, dataset: str, **more: object) -> str:
    """Return what the person is told; nothing may lie beside the file afterwards."""
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(InputError) as caught:
        tables.take(path, dataset, **more)
    assert sorted(path.parent.rglob("*")) == before
    text = str(caught.value)
    assert "Traceback" not in text
    assert all(len(line) < 700 for line in text.splitlines())
    return text


def raw(data: bytes, name: str = "表.csv") -> Build:
    return lambda folder: tables.write(folder / name, data)


def rows(cells: tables.Cells, encoding: str = "utf-8") -> Build:
    return lambda folder: tables.write_csv(folder, cells, encoding)


def book(cells: tables.Cells, change: Callable[[openpyxl.Workbook], None] | None = None) -> Build:
    return lambda folder: tables.write_xlsx(folder, cells, change)


def spoilt(cells: tables.Cells, member: str, change: Callable[[bytes], bytes]) -> Build:
    return lambda folder: tables.change_member(tables.write_xlsx(folder, cells), member, change)


def with_member(member: str, data: bytes, name: str = "表.xlsx") -> Build:
    return lambda folder: tables.add_member(tables.write_xlsx(folder, tables.duty(), name=name), member, data)


MIXED = tables.as_csv(tables.units("0101", "0102")) + "0103,城西支行,网点\r\n".encode("gbk")
GBK_WITH_UTF8 = tables.as_csv(tables.units("0101"), "gbk") + "0102,城西支行营业部,网点\r\n".encode()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("build", "dataset", "told"),
    [
        pytest.param(raw(b""), "units", ["文件 表.csv", "空的"], id="1-zero-bytes"),
        pytest.param(raw(b"\xef\xbb\xbf"), "units", ["文件 表.csv", "空的"], id="2-only-a-bom"),
        pytest.param(raw(MIXED), "units", ["第 4 行", "编码", "GBK", "UTF-8"], id="8-gbk-row-in-utf8"),
        pytest.param(raw(GBK_WITH_UTF8), "units", ["第 3 行", "编码", "UTF-8"], id="8-utf8-row-in-gbk"),
        pytest.param(rows(tables.units("01\x0001")), "units", ["第 2 行", "NUL"], id="9-nul-byte"),
        pytest.param(raw(PNG), "units", ["不是数据表", "PNG 图片"], id="10-picture"),
        pytest.param(raw(bytes(range(1, 9)) * 500), "units", ["不是数据表", "二进制"], id="10-unknown-bytes"),
        pytest.param(
            raw(tables.as_csv(tables.duty()), "表.xlsx"), "counter_duty", [".xlsx", "CSV"], id="11-csv-as-xlsx"
        ),
        pytest.param(raw(b"<html><table>", "表.xls"), "counter_duty", ["网页"], id="11-web-page-as-xls"),
        pytest.param(
            rows((("机构名称", "层级"), ("城西", "网点"))),
            "units",
            ["第 1 行", "列“机构号”", "缺少必需的列", "机构名称、层级"],
            id="12-id-column-missing",
        ),
        pytest.param(
            rows((("机构号", "机构名称", "层级", "机构号"), ("1", "城西", "网点", "2"))),
            "units",
            ["列“机构号”", "出现 2 次"],
            id="13-id-column-twice",
        ),
        pytest.param(
            rows((*tables.units("0101"), ("0102", "城西", "网点", "多出"))),
            "units",
            ["第 3 行", "4 格", "3 格"],
            id="16-more-cells",
        ),
        pytest.param(
            rows((*tables.units("0101"), ("0102", "城西"))), "units", ["第 3 行", "2 格", "3 格"], id="17-fewer-cells"
        ),
        pytest.param(
            raw('机构号,机构名称,层级\n0101,甲,网点\n0102,"乙,网点\n0103,丙,网点\n'.encode()),
            "units",
            ["第 3 行", "引号没有闭合"],
            id="18-quote-never-closed",
        ),
        pytest.param(
            rows((tables.UNIT_HEADER, ("0101", "长" * 3_500_000, "网点"))),
            "units",
            ["第 2 行", "32767"],
            id="19-ten-megabytes",
        ),
        pytest.param(
            rows((tables.UNIT_HEADER, ("0101", "长" * 33_000, "网点"))),
            "units",
            ["第 2 行", "列“机构名称”", "32767"],
            id="20-33000-characters",
        ),
        pytest.param(
            rows((*tables.units(*(f"{n:04d}" for n in range(1, 500))), ("", "坏", "网点"))),
            "units",
            ["第 501 行", "列“机构号”", "必填"],
            id="22-last-of-500-bad",
        ),
        pytest.param(
            rows((tables.UNIT_HEADER, ("", "甲", "网点"), ("0102", "乙", "分社"))),
            "units",
            ["第 2 行，列“机构号”", "第 3 行，列“层级”", "读到 分社", "总行、部室、分行、支行、网点"],
            id="23-two-faults",
        ),
        pytest.param(rows(tables.units("B01", "B01")), "units", ["第 3 行", "第 2 行", "重复"], id="38-same-id"),
        pytest.param(rows(tables.units("B01", " B01")), "units", ["第 3 行"], id="38-leading-space"),
        pytest.param(rows(tables.units("B01", "b01")), "units", ["第 3 行", "第 2 行", "B01", "大小写"], id="39-case"),
        pytest.param(rows(tables.units("B01", "Ｂ０１")), "units", ["第 3 行", "字母、数字"], id="39-width"),
        pytest.param(rows(tables.units("é1", "e\u03011")), "units", ["第 2 行", "第 3 行"], id="40-nfc-nfd"),
        pytest.param(rows(tables.units("A1", "А1")), "units", ["第 3 行", "字母、数字"], id="40-cyrillic"),
        pytest.param(
            book((*tables.units("0101"), ("", "城西", "网点")), lambda b: b.active.merge_cells("A2:A3")),
            "units",
            ["工作表 数据", "第 3 行", "列“机构号”", "合并"],
            id="42-merged-id",
        ),
        pytest.param(
            book(tables.duty(counters="=1+1")),
            "counter_duty",
            ["第 2 行", "人工窗口数", "公式没有存储"],
            id="57-formula-without-value",
        ),
        pytest.param(
            raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "表.xls"),
            "counter_duty",
            ["旧版 Excel"],
            id="64-old-xls",
        ),
        pytest.param(
            raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "表.xlsx"),
            "counter_duty",
            ["密码"],
            id="64-password",
        ),
        pytest.param(with_member("xl/vbaProject.bin", b"x"), "counter_duty", ["宏"], id="64-macro"),
        pytest.param(with_member("xl/vbaProject.bin", b"x", "表.xlsm"), "counter_duty", ["宏"], id="64-macro-xlsm"),
        pytest.param(with_member("big.bin", bytes(20 << 20)), "counter_duty", ["压缩比过高"], id="62-1000-to-1"),
        pytest.param(with_member("../../x.xml", b"<a/>"), "counter_duty", ["指向外部的路径"], id="66-climbing-member"),
        pytest.param(with_member("C:\\x.xml", b"<a/>"), "counter_duty", ["指向外部的路径"], id="66-drive-member"),
        pytest.param(with_member("XL/Workbook.xml", b"<a/>"), "counter_duty", ["出现两次"], id="66-member-twice"),
    ],
)
def test_a_bad_file_is_refused_and_says_where(tmp_path: Path, build: Build, dataset: str, told: list[str]) -> None:
    """The message names the file, the place and what is allowed."""
    text = refusal(build(tmp_path), dataset, known_units=None)
    assert "文件 表." in text
    for part in told:
        assert part in text


BAD_IDS = {
    "24": ["../x", "..\\x", "a/b"],
    "25": ["/etc/x", "C:x", "\\\\srv\\x", "http://x"],
    "26": [".", "..", ".x", "~x"],
    "27": ["CON", "nul", "COM1.csv", "LPT¹"],
    "28": ["x.", "x ", "a:b"],
    "29": ["x" * 300, "字" * 120],
    "30": ["-rf", "--help"],
    "31": ["$(id)", "`id`", "a;b"],
    "32": ["a'b", "a--b' --"],
    "33": ["{x}", "{{7*7}}", "%s"],
    "34": ["a\nb", "a\tb", "a\rb", "a\x1bb", "a\ufffeb"],
    "35": ["a\u202eb", "a\u200bb", "a\ufeffb", "a\u00a0b"],
    "36": ["", "   ", "\u3000"],
}


@pytest.mark.parametrize(("number", "value"), [(n, v) for n, values in BAD_IDS.items() for v in values])
def test_an_id_that_could_do_harm_is_refused(tmp_path: Path, number: str, value: str) -> None:
    """Ids become file names, so the rules are narrow; invisible characters are named by code point."""
    text = refusal(tables.write_csv(tmp_path, tables.units("0101", value)), "units", known_units=None)
    assert "文件 表.csv，第 3 行，列“机构号”" in text
    if number == "29":
        assert "64 字节" in text
    if number == "35":
        assert f"U+{ord(value[1]):04X}" in text
    assert not set(text) & {"\x1b", "\u202e", "\u200b", "\ufeff", "\r", "\t"}


@pytest.mark.parametrize("value", ["001", "000123", "1E5", "TRUE", "NULL", "2025-01-02", "12345678901234567890"])
def test_37_an_id_that_looks_like_something_else_is_kept(tmp_path: Path, value: str) -> None:
    """Text stays the very text."""
    assert tables.take(tables.write_csv(tmp_path, tables.units(value)), "units").frame["unit"].tolist() == [value]


BAD_COUNTS = {
    "43": ["-1"],
    "44": ["NaN", "inf", "1e309"],
    "45": ["12.5", "12%", "22人", "十二", "Ⅻ", "2²"],
    "47": ["\u22122", "1_000", "0x10"],
    "48": ["9" * 400],
}


@pytest.mark.parametrize("value", [v for values in BAD_COUNTS.values() for v in values])
def test_43_to_48_what_is_not_a_count_is_refused(tmp_path: Path, value: str) -> None:
    """The row, the column and the shortened value are named."""
    text = refusal(tables.write_csv(tmp_path, tables.duty(counters=value)), "counter_duty")
    assert "第 2 行，列“人工窗口数”：不是整数" in text
    assert len(text) < 200


@pytest.mark.parametrize(("value", "meant"), [("２２", 22), ("1,022", 1022), ("22.0", 22), (" 7 ", 7), ("0", 0)])
def test_46_counts_in_other_writings_are_read(tmp_path: Path, value: str, meant: int) -> None:
    """Full-width digits, thousands separators and a zero fraction are plain."""
    assert taken(tables.write_csv(tmp_path, tables.duty(counters=value)), "manual_counters") == meant


@pytest.mark.parametrize("value", ["8000万", "8OOO", "1.2.3", "12.345", "1,00", "$5", "5份"])
def test_49_what_is_not_an_amount_is_refused(tmp_path: Path, value: str) -> None:
    """An amount is yuan with at most two places, nothing guessed."""
    text = refusal(tables.write_csv(tmp_path, tables.fees(value)), "fee_entries")
    assert "第 2 行，列“收费金额”" in text
    assert "两位小数" in text


@pytest.mark.parametrize("write", [tables.write_csv, tables.write_xlsx])
def test_50_a_large_amount_is_exact_to_the_cent(tmp_path: Path, write: Callable[..., Path]) -> None:
    """No float stands between the file and the figure."""
    amount = Decimal("90071992547409.93")
    path = write(tmp_path, tables.fees("90071992547409.93"))
    assert tables.take(path, "fee_entries").frame["amount"].tolist() == [amount]


def test_50_a_number_cell_keeps_the_digits_as_written(tmp_path: Path) -> None:
    """A numeric cell of sixteen digits is read from its text, not through a float."""
    path = tables.write_xlsx(tmp_path, tables.fees(1.5))
    tables.change_member(path, SHEET, lambda xml: xml.replace(b"<v>1.5</v>", b"<v>90071992547409.93</v>"))
    assert tables.take(path, "fee_entries").frame["amount"].tolist() == [Decimal("90071992547409.93")]
    tables.change_member(path, SHEET, lambda xml: xml.replace(b"90071992547409.93", b"0.10000000000000001"))
    assert tables.take(path, "fee_entries").frame["amount"].tolist() == [Decimal("0.10")]


@pytest.mark.parametrize("value", ["2025年6月31日", "2025-02-29", "2025-13-01", "20250631", "0000-00-00"])
def test_51_a_day_that_is_none_is_refused(tmp_path: Path, value: str) -> None:
    """The calendar decides."""
    text = refusal(tables.write_csv(tmp_path, tables.duty(value)), "counter_duty")
    assert "第 2 行，列“日期”：没有这一天" in text


@pytest.mark.parametrize(
    "value",
    [
        "2025年6月30日",
        "民国114年6月30日",
        "20250630",
        "２０２５－０６－３０",
        "2025/6/30",
        "2025.06.30",
        "2025-06-30 08:30:00",
    ],
)
def test_52_dates_in_other_writings_are_that_day(tmp_path: Path, value: str) -> None:
    """What is plain to a reader is plain to us."""
    assert taken(tables.write_csv(tmp_path, tables.duty(value)), "day") == pd.Timestamp(DAY)


@pytest.mark.parametrize("value", [45838, 45838.5, "45838"])
def test_53_a_serial_number_of_a_workbook_is_its_day(tmp_path: Path, value: object) -> None:
    """Only workbooks count days; 45838 is 30 June 2025."""
    assert taken(tables.write_xlsx(tmp_path, tables.duty(value)), "day") == pd.Timestamp(DAY)


def test_53_the_day_that_never_was_is_refused(tmp_path: Path) -> None:
    """Serial 60 is 29 February 1900, which did not exist; in a text file a serial number is unclear."""
    assert "第 2 行，列“日期”" in refusal(tables.write_xlsx(tmp_path, tables.duty(60)), "counter_duty")
    assert "不明确" in refusal(tables.write_csv(tmp_path, tables.duty("45838")), "counter_duty")


@pytest.mark.parametrize("value", ["06/07/2025", "25-06-30", "6月30日", "2025-06", "2025-6/30", "昨天"])
def test_54_an_unclear_date_is_refused(tmp_path: Path, value: str) -> None:
    """Day and month are never guessed."""
    assert "第 2 行，列“日期”：日期写法不明确" in refusal(
        tables.write_csv(tmp_path, tables.duty(value)), "counter_duty"
    )


@pytest.mark.parametrize("value", ["2199-01-01", "1899-12-31", "9999-12-31"])
def test_55_a_day_far_off_is_refused(tmp_path: Path, value: str) -> None:
    """A placeholder is no date; a mapping file may declare it blank."""
    text = refusal(tables.write_csv(tmp_path, tables.duty(value)), "counter_duty")
    assert "第 2 行，列“日期”：日期不合常理" in text


def test_56_a_workbook_of_the_1904_system_is_not_four_years_off(tmp_path: Path) -> None:
    """Formatted dates and bare serials both count from 1904."""

    def from_1904(made: openpyxl.Workbook) -> None:
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    cells = (tables.DUTY_HEADER, ("D1", "0101", DAY, "是", 1), ("D2", "0101", 45838 - 1462, "是", 1))
    frame = tables.take(tables.write_xlsx(tmp_path, cells, from_1904), "counter_duty").frame
    assert frame["day"].tolist() == [pd.Timestamp(DAY)] * 2


@pytest.mark.parametrize("value", ["#DIV/0!", "#N/A", "#REF!", True])
def test_58_an_error_value_is_no_number(tmp_path: Path, value: object) -> None:
    """Neither zero nor empty: the cell is named."""
    text = refusal(tables.write_xlsx(tmp_path, tables.duty(counters=value)), "counter_duty")
    assert "工作表 数据，第 2 行，列“人工窗口数”" in text


def taken(path: Path, column: str) -> object:
    frame = tables.take(path, "counter_duty").frame
    return frame[column].tolist()[0]


def names(imported: Imported) -> list[str]:
    return imported.frame["name"].tolist()


def test_3_a_header_alone_is_no_rows_and_says_so(tmp_path: Path) -> None:
    """Zero rows is an answer."""
    imported = tables.take(tables.write_csv(tmp_path, tables.units()), "units")
    assert imported.rows == 0
    assert any("0 行" in notice for notice in imported.notices)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8-sig", "utf-16", "utf-8"])
def test_4_to_7_every_encoding_in_use_is_read(tmp_path: Path, encoding: str) -> None:
    """Four-byte characters included where the encoding has them."""
    name = "㐀𠮷支行" if encoding != "gbk" else "城西支行"
    cells = (tables.UNIT_HEADER, ("0101", name, "网点"))
    assert names(tables.take(tables.write_csv(tmp_path, cells, encoding), "units")) == [name]


def test_14_an_unknown_column_is_named_in_a_notice(tmp_path: Path) -> None:
    """The rest is read."""
    cells = [(*row, extra) for row, extra in zip(tables.units("0101"), ("备注甲", "x"), strict=True)]
    imported = tables.take(tables.write_csv(tmp_path, cells), "units")
    assert any("备注甲" in notice for notice in imported.notices)


def test_15_full_width_blanks_around_headers_do_not_matter(tmp_path: Path) -> None:
    """Headers are compared without blanks and width."""
    cells = (("\u3000机构号\u3000", " 机构 名称", "层级＊"), ("0101", "城西", "网点"))
    assert names(tables.take(tables.write_csv(tmp_path, cells), "units")) == ["城西"]


def test_21_a_hundred_thousand_rows_are_read(tmp_path: Path) -> None:
    """A large file is ordinary."""
    cells = (tables.DUTY_HEADER, *((f"D{n}", "0101", "2025-06-30", "是", n % 9) for n in range(100_000)))
    assert tables.take(tables.write_csv(tmp_path, cells), "counter_duty").rows == 100_000


def test_41_a_number_shown_as_001_is_read_so_and_said(tmp_path: Path) -> None:
    """What the format shows is read, and the notice says what was read."""

    def padded(made: openpyxl.Workbook) -> None:
        made.active["A2"].number_format = "000"

    imported = tables.take(tables.write_xlsx(tmp_path, tables.units(1), padded), "units")
    assert imported.frame["unit"].tolist() == ["001"]
    assert any("第 2 行读作 001" in notice for notice in imported.notices)
    plain = tables.take(tables.write_xlsx(tmp_path, tables.units(1)), "units")
    assert plain.frame["unit"].tolist() == ["1"]
    assert any("前导零" in notice for notice in plain.notices)


def test_59_hidden_rows_are_read_and_hidden_sheets_are_not(tmp_path: Path) -> None:
    """Both with a notice."""

    def hide(made: openpyxl.Workbook) -> None:
        made.active.row_dimensions[3].hidden = True
        secret = made.create_sheet("底稿")
        for row in tables.units("0909"):
            secret.append(list(row))
        secret.sheet_state = "veryHidden"

    imported = tables.take(tables.write_xlsx(tmp_path, tables.units("0101", "0102"), hide), "units")
    assert imported.frame["unit"].tolist() == ["0101", "0102"]
    assert any("隐藏行" in notice and "第 3 行" in notice for notice in imported.notices)
    assert any("底稿" in notice and "没有读取" in notice for notice in imported.notices)


def test_60_a_header_below_a_merged_title_keeps_the_files_row_numbers(tmp_path: Path) -> None:
    """The fault in the file's row 6 is called row 6."""
    cells = (("2025 年上半年排班",), (), ("单位：个",), *tables.duty(), ("D2", "0101", "2025-06-30", "是", "-1"))
    path = tables.write_xlsx(tmp_path, cells, lambda made: made.active.merge_cells("A1:E2"))
    assert "工作表 数据，第 6 行，列“人工窗口数”" in refusal(path, "counter_duty")


# In a process of its own, so that the memory seen is this file's alone.
_REFUSED_ALONE = """
import json, resource, sys
from pathlib import Path
from tests.factories import tables
from xiaobao.errors import InputError
try:
    tables.take(Path(sys.argv[1]), "counter_duty")
except InputError as error:
    print(json.dumps([str(error), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def test_61_a_cell_in_the_last_row_costs_nothing(tmp_path: Path) -> None:
    """Rows that do not exist are not walked; what is in the last row is named there."""
    path = tables.write_xlsx(tmp_path, tables.duty())
    last = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    tables.change_member(path, SHEET, lambda xml: xml.replace(b"</sheetData>", last))
    tables.change_member(path, SHEET, lambda xml: xml.replace(b'ref="A1:E2"', b'ref="A1:XFD1048576"'))
    alone = subprocess.run(
        [sys.executable, "-c", _REFUSED_ALONE, path], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    text, kilobytes = json.loads(alone.stdout)
    assert "第 1048576 行，列“机构号”：必填列为空" in text
    assert kilobytes < 400 * 1024


@pytest.mark.parametrize(
    "token",
    [
        b"<!--" + b"a" * (8 << 20) + b"-->",
        b"<!--" + b"<?>" * (3 << 20) + b"-->",
        b"<!--" + b"<" * (8 << 20) + b"-->",
        b"<?x " + b"<" * (8 << 20) + b"?>",
        b"<!--" + b"<!-- ?>" * (1 << 20) + b"-->",
    ],
)
def test_61_a_token_that_never_ends_is_refused_before_parsing(tmp_path: Path, token: bytes) -> None:
    """A parser's time grows with the square of such a token's length."""
    path = tables.write_xlsx(tmp_path, tables.duty())
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:  # stored, so that no ratio gives it away
        for name, data in parts.items():
            archive.writestr(name, tables.before_sheet_data(data, token) if name == SHEET else data)
    assert "超长内容" in refusal(path, "counter_duty")


def test_62_twenty_thousand_members_are_refused(tmp_path: Path) -> None:
    """Counted before anything is unpacked."""
    path = tables.write_xlsx(tmp_path, tables.duty())
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(20_000):
            archive.writestr(f"x/{number}", b"")
    assert "部件" in refusal(path, "counter_duty")


ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
NESTED = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
UTF16 = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><worksheet/>'.encode("utf-16")


@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("head", [ENTITY, NESTED, UTF16])
def test_63_entities_are_refused_in_any_part(tmp_path: Path, member: str, head: bytes) -> None:
    """Document types have no place in a workbook, however they are encoded."""
    path = tables.write_xlsx(tmp_path, tables.duty())
    tables.change_member(path, member, lambda xml: head + xml.split(b"?>", 1)[-1])
    assert "实体" in refusal(path, "counter_duty")


def test_65_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    """A cell's text is read, its link is not."""

    def link(made: openpyxl.Workbook) -> None:
        made.active["B2"].hyperlink = "file:///etc/hostname"

    assert tables.take(tables.write_xlsx(tmp_path, tables.units("0101"), link), "units").rows == 1


@pytest.mark.parametrize("cut", [100, 2000])
def test_66_a_workbook_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    """Half a file is no file."""
    path = tables.write_xlsx(tmp_path, tables.duty())
    tables.write(path, path.read_bytes()[:-cut])
    assert "损坏" in refusal(path, "counter_duty")


def test_66_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    """One changed byte is found."""
    path = tables.write_xlsx(tmp_path, tables.duty())
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    tables.write(path, path.read_bytes().replace(b"D1", b"D2", 1))
    assert "损坏" in refusal(path, "counter_duty")

"""Files as banks have them (tests/cases): each is read as it was meant, or refused by the words that help.

Each case is a sample of a kind; beside it stands another writing of the same kind, and the other side of its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.factories import banks, tables
from xiaobao.datasets.importing import Imported, read_extract
from xiaobao.datasets.mapping import load_mapping
from xiaobao.errors import InputError
from xiaobao.model import Period

UNITS = {unit for unit, _, _ in banks.UNITS}


def read(path: Path, dataset: str = "complaints", mapping: str = "", **more: Any) -> Imported:
    chosen = None
    if mapping:
        path.with_suffix(".yaml").write_text(f"dataset: {dataset}\n{mapping}", "utf-8")
        chosen = load_mapping(path.with_suffix(".yaml"))
    period = Period.parse("2026H1")
    return read_extract([path], dataset, key=tables.KEY, period=period, known_units=UNITS, mapping=chosen, **more)


def refused(path: Path, dataset: str = "complaints", mapping: str = "") -> str:
    with pytest.raises(InputError) as caught:
        read(path, dataset, mapping)
    return str(caught.value)


def case(name: str, dataset: str = "complaints", mapping: str = "") -> Imported:
    if not mapping:
        return read(banks.CASES / name, dataset)
    raise AssertionError("copy the case first")


def told(imported: Imported) -> str:
    return "\n".join(imported.notices)


# --- ids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("W05d-num.xlsx", "complaints"),
        ("W70-assess-num.xlsx", "risk_assessments"),
        ("W70-sales-num.xlsx", "product_sales"),
    ],
)
def test_an_id_that_a_spreadsheet_rounded_is_refused_in_every_dataset(name: str, dataset: str) -> None:
    text = refused(banks.CASES / name, dataset)
    assert "第 2 行，列“客户号”：编号以数字存放且超过 15 位" in text
    assert "9000000" not in text


@pytest.mark.parametrize(
    ("name", "dataset", "rows"),
    [
        ("W05c-text.csv", "complaints", 4),
        ("W70-assess-text.xlsx", "risk_assessments", 1),
        ("W70-sales-text.xlsx", "product_sales", 1),
    ],
)
def test_the_same_ids_as_text_are_read_and_stay_apart(name: str, dataset: str, rows: int) -> None:
    assert read(banks.CASES / name, dataset).frame["customer"].nunique() == rows


def test_width_and_blanks_fold_leading_zeros_count_and_a_trace_of_a_number_is_refused(tmp_path: Path) -> None:
    assert "第 5 行，列“客户号”：编号带小数" in refused(banks.CASES / "W53-cust-variants.csv")
    whole = banks.case(tmp_path, "W53-cust-variants.csv")
    whole.write_text(whole.read_text("utf-8-sig").replace("12345.0", "12345"), "utf-8")
    imported = read(whole)
    customers = imported.frame["customer"].tolist()
    assert len(set(customers[1:])) == 1
    assert customers[0] != customers[1]
    assert "只差前导零的编号，按不同的编号读取，请核实：第 3 行与第 2 行" in told(imported)
    assert "去掉了空格、全角或导出时加的符号，其中" in told(imported)


def test_ids_that_differ_by_a_mark_nobody_sees_are_one_and_named(tmp_path: Path) -> None:
    assert "第 3 行，列“投诉编号”：与第 2 行重复（写法只差空格" in refused(banks.CASES / "W50-nbsp-dup.csv")
    rows = [banks.HEADER, banks.complaint(1), banks.complaint(2, 投诉编号="T\u200b1")]
    assert "第 3 行，列“投诉编号”：与第 2 行重复（写法只差空格" in refused(banks.ledger(tmp_path, *rows))


DAMAGED = [
    "1.2E+15",
    "9.00E+18",
    "12345.00",
    "12,345",
    "￥12345",
    "$500",
    "2026/1/5",
    "2026-01-05",
    "1月5日",
    "12%",
    "#####",
    "6222****1234",
]
WHOLE = ["0012345", "C-12,B", "1E5", "2026-01-001", "T2026.1.12.3", "A12345.0B", "9000000000000000001", "E12+3"]
COLUMNS = [
    ("complaints", "customer"),
    ("complaints", "complaint_no"),
    ("product_sales", "teller"),
    ("sms_sends", "mobile"),
    ("mediation", "contract_no"),
]


@pytest.mark.parametrize(("dataset", "column"), COLUMNS)
@pytest.mark.parametrize("value", DAMAGED)
def test_what_a_spreadsheet_made_of_an_id_is_refused_in_every_column(
    tmp_path: Path, dataset: str, column: str, value: str
) -> None:
    from tests.factories.imported import row
    from xiaobao.datasets.catalogue import DATASETS

    spec = DATASETS[dataset]
    if value == "6222****1234" and not spec.column(column).personal:
        return
    given = row(dataset, 1, **{column: value})
    path = tables.write_csv(tmp_path, [[spec.column(name).title for name in given], list(given.values())])
    with pytest.raises(InputError) as caught:
        read_extract([path], dataset, key=tables.KEY)
    assert f"第 2 行，列“{spec.column(column).title}”" in str(caught.value)


@pytest.mark.parametrize("value", WHOLE)
def test_what_only_looks_odd_is_kept_by_every_mark(tmp_path: Path, value: str) -> None:
    imported = read(banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 投诉编号=value)))
    assert imported.frame["complaint_no"].tolist() == [value]


def test_ids_that_are_really_written_like_days_are_said_in_the_mapping(tmp_path: Path) -> None:
    path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 投诉编号="2026-1-12"))
    assert "编号成了日期" in refused(path)
    assert read(path, mapping="verbatim: [投诉编号]").frame["complaint_no"].tolist() == ["2026-1-12"]


def test_many_ids_that_end_in_zeros_lost_their_last_digits_and_one_by_chance_did_not(tmp_path: Path) -> None:
    damaged = [banks.complaint(n, 客户号=f"62220212345{n:04d}0000") for n in range(1, 4)]
    assert "编号从第 16 位起全是 0" in refused(banks.ledger(tmp_path, banks.HEADER, *damaged))
    chance = [banks.complaint(n, 客户号=f"622202123456{n:04d}") for n in range(1, 31)]
    assert read(banks.ledger(tmp_path, banks.HEADER, *chance)).rows == 30


def test_a_word_for_nobody_is_no_customer() -> None:
    text = refused(banks.CASES / "W12-dash-empty.csv")
    assert "列“客户号”：不是编号，只是表示没有的写法，共 4 行" in text
    assert 'blanks: ["—"]' in text and 'blanks: ["/"]' in text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("<NULL>", "只是表示没有的写法"),
        ("（无）", "只是表示没有的写法"),
        ("非本行客户", "只是表示没有的写法"),
        ("000000", "只是表示没有的写法"),
        ("同上", "与上一行相同"),
        ("A12345;A12346", "不止一个编号"),
        ("13800001111，13800002222", "不止一个编号"),
        ("12345\n67890", "一格里有几行"),
        ("RMB12,345", "按金额导出"),
        ("09:30", "编号成了时间"),
        (True, "编号成了是否值"),
    ],
)
def test_what_names_nobody_or_several_is_no_customer(tmp_path: Path, value: Any, told: str) -> None:
    """Otherwise all who share it become one person, whose complaints are repeats of one another."""
    path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 客户号=value), banks.complaint(2, 客户号=value))
    text = refused(path)
    assert "第 2 行，列“客户号”：" in text and told in text


@pytest.mark.parametrize("value", ["10", "A-00000", "张三", "C12345/1", "‘00123", "00000A"])
def test_what_may_be_a_customer_is_kept(tmp_path: Path, value: str) -> None:
    path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 客户号=value), banks.complaint(2, 客户号="00123"))
    assert read(path).frame["customer"].nunique() == (1 if value.endswith("00123") else 2)


@pytest.mark.parametrize(("one", "other"), [("C-1", "C–1"), ("А1", "A1")])
def test_ids_that_look_alike_are_refused_as_keys_and_named_as_customers(tmp_path: Path, one: str, other: str) -> None:
    imported = read(
        banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 客户号=one), banks.complaint(2, 客户号=other))
    )
    assert imported.frame["customer"].nunique() == 2
    assert "列“客户号”有只差形近字符或大小写的编号，按不同的编号读取" in told(imported)
    rows = [banks.complaint(1, 投诉编号=one), banks.complaint(2, 投诉编号=other)]
    assert "只差大小写、全半角或形近字符" in refused(banks.ledger(tmp_path, banks.HEADER, *rows))


def test_a_customer_is_one_in_whatever_case_a_system_writes_him(tmp_path: Path) -> None:
    rows = [banks.complaint(1, 客户号="c1"), banks.complaint(2, 客户号="C1"), banks.complaint(3, 客户号="C01")]
    imported = read(banks.ledger(tmp_path, banks.HEADER, *rows))
    assert imported.frame["customer"].nunique() == 2
    assert "形近字符" not in told(imported)


def in_format(folder: Path, head: str, value: float, code: str) -> Path:
    """Return a ledger whose first record has a number under `head`, shown by `code`."""
    path = banks.ledger(folder, banks.HEADER, banks.complaint(1), banks.complaint(2))
    book = openpyxl.load_workbook(path)
    cell = book.active.cell(2, banks.HEADER.index(head) + 1, value)
    cell.number_format = code
    book.save(path)
    return path


@pytest.mark.parametrize("code", ['"C"0000000', "000-0000", "\\C0"])
def test_what_only_the_format_adds_to_an_id_is_not_lost_in_silence(tmp_path: Path, code: str) -> None:
    assert "前缀或连字符只在单元格格式里" in refused(in_format(tmp_path, "客户号", 1234567, code))


@pytest.mark.parametrize(
    "code", ["000000", "000000_ ", "[$-804]000000", "000000;[Red]-000000", "000000_);\\(000000\\)"]
)
def test_leading_zeros_of_a_format_are_read_however_the_format_is_written(tmp_path: Path, code: str) -> None:
    assert read(in_format(tmp_path, "机构号", 10001, code)).frame["unit"].tolist() == ["010001", "010001"]


# --- what nobody sees -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["W01-tab-after-id.csv", "W02-formula-wrapped.csv", "W11-zwsp-text.csv", "W11c-lrm-date.csv"]
)
def test_hidden_characters_and_marks_of_exports_go_out_and_are_counted(name: str) -> None:
    imported = case(name)
    assert imported.rows == 4
    assert "4 行" in told(imported)
    assert imported.frame["complaint_no"].tolist() == [f"T2600{n}" for n in range(1, 5)]


def test_line_breaks_and_emoji_stay_and_controls_go(tmp_path: Path) -> None:
    text = "第一行\n第二行\x07\u200b👨\u200d👩\u200d👧☎️"
    path = tables.write_csv(tmp_path, [banks.HEADER, banks.complaint(1, 投诉内容=text)])
    assert read(path).frame["content"].tolist() == ["第一行\n第二行👨\u200d👩\u200d👧☎️"]


# --- workbooks --------------------------------------------------------------------------------------------------------


def test_sheets_of_months_are_one_table() -> None:
    imported = case("W06-monthly-sheets.xlsx")
    assert sorted(imported.frame["complaint_no"]) == ["M1", "M2", "M3", "M4", "M5", "M6"]
    assert "6 张表头相同的工作表作为一张表读取" in told(imported)


def test_a_mapping_can_name_the_sheets(tmp_path: Path) -> None:
    path = banks.case(tmp_path, "W06-monthly-sheets.xlsx")
    assert read(path, mapping="sheets: [2月, 3月]").frame["complaint_no"].tolist() == ["M2", "M3"]
    assert "没有映射写明的可见工作表" in refused(path, mapping="sheets: [7月]")


def test_a_sheet_that_may_be_a_part_of_the_table_or_not_is_asked_about(tmp_path: Path) -> None:
    half = [("投诉编号", "业务大类", "投诉原因", "客户号", "投诉内容"), ("T9", "贷款", "其他", "C9", "费用")]
    path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1), 补录=half)
    assert "工作表“补录”的表头与别的工作表不同" in refused(path)
    assert read(path, mapping="sheets: [台账]").rows == 1


@pytest.mark.parametrize("head", [["投诉编号", "机构号", "受理日", "业务大类"], list(banks.HEADER[1:])])
def test_a_sheet_that_lacks_one_column_is_asked_about_and_a_summary_is_not(tmp_path: Path, head: list[str]) -> None:
    rows = [banks.HEADER, banks.complaint(1)]
    text = refused(banks.ledger(tmp_path, *rows, 二月=[head, ["T2", "010001", "2026-02-02", "贷款"]]))
    assert "工作表“二月”的表头与别的工作表不同，分不清是不是同一张表" in text
    assert read(banks.ledger(tmp_path, *rows, 二月=[head])).rows == 1, "nothing stands below that head"
    summary = [["机构号", "业务大类", "件数"], ["010001", "贷款", 1]]
    assert "工作表“汇总”的表头不同，没有读取" in told(read(banks.ledger(tmp_path, *rows, 汇总=summary)))


@pytest.mark.parametrize("mark", ["{}.", "（{}）", "{}、"])
def test_numbered_heads_are_the_same_heads(tmp_path: Path, mark: str) -> None:
    heads = [f"{mark.format(number)}{head}" for number, head in enumerate(banks.HEADER, 1)]
    assert read(banks.ledger(tmp_path, heads, banks.complaint(1))).rows == 1


@pytest.mark.parametrize("name", ["W17-font-family.xlsx", "W18-empty-fill.xlsx", "W24-strict-ooxml.xlsx"])
def test_styles_and_strict_ooxml_stop_no_reading(name: str) -> None:
    assert case(name).rows == 4


def test_the_noise_of_a_double_is_no_digit(tmp_path: Path) -> None:
    frame = read(banks.CASES / "W30-float16.xlsx", "fee_entries").frame
    assert [str(one) for one in frame["amount"]] == ["0.80", "0.30", "435.00", "3.30", "99.99", "59.97", "1234567.30"]
    assert "两位小数" in refused(tables.write_csv(tmp_path, tables.fees("0.799", "010001")), "fee_entries")
    written = tables.fees("0.7999999999999999", "010001")
    written = (written[0], [*written[1][:2], "2026-01-05", *written[1][3:]])
    assert [str(one) for one in read(tables.write_csv(tmp_path, written), "fee_entries").frame["amount"]] == ["0.80"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("W08-footnotes.xlsx", ["第 7 行“注:本表由各支行上报", "第 8 行“填表人:甲”是表下的说明"]),
        ("W09-two-row-header.xlsx", ["第 1 至 2 行合起来作为表头"]),
        ("W40-table-totals.xlsx", ["第 6 行“汇总”是合计行，没有读取"]),
        ("W41-header-note.xlsx", []),
        ("W58-repeated-header.csv", ["第 3、5 行是重复的表头，没有读取"]),
    ],
)
def test_what_is_no_record_is_passed_over_and_named(name: str, lines: Sequence[str]) -> None:
    imported = case(name)
    assert imported.rows == (3 if "W58" in name else 4)
    for line in lines:
        assert line.replace(":", "：") in told(imported)


@pytest.mark.parametrize(
    "row",
    [
        ["合　计", "", "", "", "", "", "", "", ""],
        ["本页小计：1 件"],
        ["", "", "合计"],
        ["一、城西支行"],
        ["数据来源：投诉系统"],
        ["3月"],
        ["共1条"],
        ["以下空白"],
        ["柳溪支行小计", "", "", 1],
        ["柳溪支行小计：2件"],
        ["柳溪支行合计（2 件）"],
        ["柳溪支行"],
        ["合计", "—", "—", "—", "—", "—", "1件"],
        ["例：T001", "010001", "2026-02-11", "银行卡"],
        ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
        ["甲", "乙", 1, 2, 3],
        list("ABCDEFGHI"),
        ["经办 甲", "", "复核 乙"],
        ["投诉编号", "机构号 ", "受理日期", "业务大类"],
    ],
)
def test_totals_titles_and_notes_in_other_words(tmp_path: Path, row: list[str]) -> None:
    imported = read(banks.ledger(tmp_path, banks.HEADER, banks.complaint(1), row))
    assert imported.rows == 1
    assert "第 3 行" in told(imported)


@pytest.mark.parametrize(
    "row",
    [
        ["T2"],
        ["T2", "010001"],
        ["合计支行", "010001", "2026-02-30"],
        ["", "010001", "2026-02-03"],
        ["经办 甲", "010001", "2026-02-30"],
        ["1", "2", "4"],
        ["示例支行", "", "2026-02-03"],
        ["柳溪支行", "010001"],
        ["投诉编号", "010001", "受理日期"],
    ],
)
def test_an_incomplete_record_is_never_taken_for_a_note(tmp_path: Path, row: list[str]) -> None:
    assert "第 3 行" in refused(banks.ledger(tmp_path, banks.HEADER, banks.complaint(1), row, banks.complaint(3)))


def test_what_is_not_recognised_can_be_said_in_the_mapping(tmp_path: Path) -> None:
    rows = [
        ["台账"],
        ["编", "机", "受"],
        banks.HEADER,
        banks.complaint(1),
        ["★ 以上核对无误"],
        banks.complaint(2),
        ["备查", "x"],
    ]
    path = banks.ledger(tmp_path, *rows)
    assert "第 5 行" in refused(path)
    said = 'header_rows: "3"\nfirst_row: 4\nlast_row: 6\nskip_starting: ["★"]'
    imported = read(path, mapping=said)
    assert imported.rows == 2
    assert "按映射略过 2 行：第 5、7 行" in told(imported)
    assert read(path, mapping="skip_rows: [5, 7-9]").rows == 2
    with pytest.raises(InputError, match="不是行号"):
        read(path, mapping="skip_rows: [9-7]")


def merged(path: Path, *ranges: str) -> Path:
    book = openpyxl.load_workbook(path)
    for cells in ranges:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def test_a_merged_cell_is_filled_or_refused_never_half_empty(tmp_path: Path) -> None:
    rows = [banks.HEADER, *(banks.complaint(n) for n in range(1, 4))]
    imported = read(merged(banks.ledger(tmp_path, *rows), "B2:B4", "D2:D3"))
    assert imported.frame["unit"].tolist() == ["010001"] * 3
    assert imported.frame["business_class"].tolist() == ["银行卡"] * 3
    assert "列“机构号”第 2 至 4 行合并为一格" in told(imported)
    assert "第 3 行，列“投诉编号”：单元格已合并" in refused(merged(banks.ledger(tmp_path, *rows), "A2:A3"))
    assert "第 2 行，列“业务大类”：单元格横向合并" in refused(merged(banks.ledger(tmp_path, *rows), "D2:E2"))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "表.xls"),
        (b"<html><table>", "表.xls"),
        (b'<?xml version="1.0"?><Workbook/>', "表.xls"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "表.xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "表.xlsx"),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_to_do(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    text = refused(tmp_path / name)
    assert "请用 Excel 另存为 .xlsx 再交" in text and "损坏" not in text and "空" not in text


def test_what_excel_opens_is_read_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    """Systems export text as .xls, and people rename workbooks; a text called .xlsx no Excel opens either."""
    book = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1))
    text = "\r\n".join("\t".join(map(str, row)) for row in (banks.HEADER, banks.complaint(1))).encode("gb18030")
    for name, data in (
        ("导出.xls", text),
        ("导出.et", text),
        ("台账.xls", book.read_bytes()),
        ("台账.csv", book.read_bytes()),
    ):
        assert read(tables.write(tmp_path / name, data)).rows == 1, name
    assert "请用 Excel 另存为 .xlsx 再交" in refused(tables.write(tmp_path / "文本.xlsx", text))


def test_further_lines_of_a_note_below_the_table_are_the_note_and_an_id_is_not(tmp_path: Path) -> None:
    rows = [banks.HEADER, banks.complaint(1), ["注：1.本表按月报送"], ["2.数据来源于客服系统"], ["※含撤诉"]]
    imported = read(banks.ledger(tmp_path, *rows))
    assert imported.rows == 1 and "第 4 行“2.数据来源于客服系统”是表下的说明" in told(imported)
    assert "第 4 行" in refused(banks.ledger(tmp_path, *rows[:3], ["T26002"], name="编号.xlsx"))


def test_a_truth_value_is_no_id_and_a_day_with_its_half_is_a_day(tmp_path: Path) -> None:
    assert "编号成了是否值" in refused(banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 客户号=True)))
    day = banks.complaint(1, 受理日期="2026-02-11 上午")
    assert (
        str(read(banks.ledger(tmp_path, banks.HEADER, day, name="日.xlsx")).frame["received_on"][0])[:10]
        == "2026-02-11"
    )


def test_where_every_row_is_bad_setting_apart_says_what_is_wrong(tmp_path: Path) -> None:
    path = banks.ledger(tmp_path, banks.HEADER, *(banks.complaint(n, 受理日期="某日") for n in (1, 2)))
    with pytest.raises(InputError, match=r"(?s)没有可以导入的行.*日期写法不明确，共 2 行"):
        read(path, set_aside=True)


def test_a_part_that_no_reader_understands_is_not_called_damaged(tmp_path: Path) -> None:
    path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1))
    tables.change_member(path, "xl/workbook.xml", lambda xml: xml[:-20])
    text = refused(path)
    assert "请用 Excel 另存为 .xlsx 再交" in text and "损坏" not in text


# --- text files -------------------------------------------------------------------------------------------------------


def test_cells_missing_at_the_end_are_empty_where_they_may_be(tmp_path: Path) -> None:
    imported = case("W15-kb77295.csv")
    assert imported.rows == 19
    assert "3 行末尾少了可不填的单元格，按空白读取：第 18、19、20 行" in told(imported)
    path = tmp_path / "短.csv"
    path.write_text("投诉编号,机构号,受理日期,业务大类\nT1,010001,2026-01-05\nT2,010001\n", "utf-8")
    assert "第 3 行：本行只有 2 格，少于表头的 4 格" in refused(path)


@pytest.mark.parametrize("name", ["W35-halfchar.csv", "W35b-halfchar-utf8.csv"])
def test_half_a_character_is_named_by_row_and_column(name: str) -> None:
    text = refused(banks.CASES / name)
    assert "第 2 行：第 7 列末尾的字被截断" in text and "编码" not in text


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("tail", ["", "\x1a"])
def test_a_text_is_read_in_every_encoding_that_is_certain(tmp_path: Path, encoding: str, tail: str) -> None:
    rows = [banks.HEADER, banks.complaint(1), banks.complaint(2)]
    path = tmp_path / "台账.csv"
    path.write_bytes(
        ("\r\n".join(",".join(row) for row in rows) + "\r\n").encode(encoding) + tail.encode() * ("16" not in encoding)
    )
    assert read(path).frame["complaint_no"].tolist() == ["T1", "T2"]


# --- days -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in (banks.CASES / "dates").iterdir()))
def test_a_day_that_is_certain_is_read(name: str) -> None:
    assert str(case(f"dates/{name}").frame["received_on"][0].date()) == "2026-01-05"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026年1月5号 下午3:05", "2026-01-05 15:05:00"),
        ("2026-01-05 星期一 09:30", "2026-01-05 09:30:00"),
        ("2026.1.5 晚上8点半", "2026-01-05 20:30:00"),
        ("2026-01-05-09.30.00.123456", "2026-01-05 09:30:00"),
        ("2026-01-05 9:30 PM", "2026-01-05 21:30:00"),
        ("二〇二六年一月五日", "2026-01-05 00:00:00"),
        ("05-Jan-2026 09:30:00", "2026-01-05 09:30:00"),
        ("2026-01-04T23:30:00Z", "2026-01-05 07:30:00"),
        ("2026 年 1 月 5 日 中午12:10", "2026-01-05 12:10:00"),
        ("2026年1月5日上午9时", "2026-01-05 09:00:00"),
        ("2026-01-05 12:10 AM", "2026-01-05 00:10:00"),
        ("2026-01-05 am 9:30", "2026-01-05 09:30:00"),
        ("2026/1/5（一）", "2026-01-05 00:00:00"),
        ("2026 01 05", "2026-01-05 00:00:00"),
        ("2026\\1\\5", "2026-01-05 00:00:00"),
        ("'2026-01-05", "2026-01-05 00:00:00"),
        ("Jan 5, 2026", "2026-01-05 00:00:00"),
    ],
)
def test_moments_in_other_writings(written: str, meant: str) -> None:
    from xiaobao.datasets.cells import narrow
    from xiaobao.datasets.days import read_moment

    assert str(read_moment(narrow(written))) == meant


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-05（周二）",
        "2026-01-05（二）",
        "2026 13 05",
        "26-01-05",
        "2026-01-05、2026-01-06",
        "上午12:30",
        "2026-01-05 上午12:30",
        "2026-01-05 25:00",
        "2026-01-05 晚上12:00",
        "1月5号",
        "05/01/2026",
        "2026-01-05Z",
    ],
)
def test_a_day_that_is_not_certain_is_refused(tmp_path: Path, written: str) -> None:
    path = banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 受理日期=written))
    assert "第 2 行，列“受理日期”" in refused(path)


def test_a_day_at_the_end_of_time_is_refused_with_the_way_out() -> None:
    text = refused(banks.CASES / "W14-open-end.csv")
    assert 'blanks: ["9999-12-31"]' in text and "共 2 行" in text


# --- amounts ----------------------------------------------------------------------------------------------------------


def fees(folder: Path, head: str, *amounts: Any, above: Sequence[str] = ()) -> Path:
    rows = [["费用"], list(above)] if above else []
    rows += [["收费流水号", "机构号", "收费日期", "收费项目代码", head]]
    rows += [[f"F{n}", "010001", "2026-01-05", "A01", amount] for n, amount in enumerate(amounts, 1)]
    return banks.ledger(folder, *rows)


@pytest.mark.parametrize("head", ["收费金额（万元）", "金额/万元", "收费金额(单位：万元)", "收费金额万元"])
def test_the_unit_of_a_heading_is_honoured(tmp_path: Path, head: str) -> None:
    imported = read(fees(tmp_path, head, "1.2345", 2), "fee_entries")
    assert [str(one) for one in imported.frame["amount"]] == ["12345.00", "20000.00"]
    assert "列“收费金额”的单位是万元，已折合为元" in told(imported)


@pytest.mark.parametrize(
    ("above", "yuan"),
    [
        (["", "", "（万元）"], "15000.00"),
        (["单位：户、万元"], "15000.00"),
        (["单位", "万元"], "15000.00"),
        (["金额单位：人民币万元"], "15000.00"),
        (["单位：件、元"], "1.50"),
        (["填报单位：万元支行"], "1.50"),
        (["制表单位", "万元店支行"], "1.50"),
        (["其中万元以上的列明细"], "1.50"),
    ],
)
def test_a_unit_above_the_table_is_found_however_it_is_written(tmp_path: Path, above: list[str], yuan: str) -> None:
    frame = read(fees(tmp_path, "收费金额", "1.5", above=above), "fee_entries").frame
    assert [str(one) for one in frame["amount"]] == [yuan]


def test_a_unit_above_the_table_is_honoured_and_our_own_heading_means_yuan(tmp_path: Path) -> None:
    above = read(fees(tmp_path, "收费金额", "1.5", above=["", "", "", "单位：千元"]), "fee_entries")
    assert [str(one) for one in above.frame["amount"]] == ["1500.00"]
    assert [str(one) for one in read(fees(tmp_path, "收费金额（元）", "1.5"), "fee_entries").frame["amount"]] == [
        "1.50"
    ]
    assert [str(one) for one in read(fees(tmp_path, "收费金额", "1.5"), "fee_entries").frame["amount"]] == ["1.50"]


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("￥1,234.50", "1234.50"),
        ("¥ 1,234.50元", "1234.50"),
        ("人民币1234.5", "1234.50"),
        ("1.2万元", "12000.00"),
        ("-3千元", "-3000.00"),
    ],
)
def test_a_unit_or_mark_of_yuan_in_the_cell_itself_is_honoured(tmp_path: Path, written: str, yuan: str) -> None:
    frame = read(fees(tmp_path, "收费金额", written), "fee_entries").frame
    assert [str(one) for one in frame["amount"]] == [yuan]


@pytest.mark.parametrize("written", ["1.2万", "12美元", "€12", "人民币壹仟元整", "(100.00)", "1.234,50", "12元整"])
def test_an_amount_of_other_money_or_in_other_words_is_refused(tmp_path: Path, written: str) -> None:
    assert "不是数" in refused(fees(tmp_path, "收费金额", written), "fee_entries")


def test_a_unit_in_the_cell_that_is_not_that_of_the_heading_is_refused(tmp_path: Path) -> None:
    assert "单位与表头或映射写明的不同" in refused(fees(tmp_path, "收费金额（万元）", "12元"), "fee_entries")
    frame = read(fees(tmp_path, "收费金额（万元）", "1.2万元", "¥1.2"), "fee_entries").frame
    assert [str(one) for one in frame["amount"]] == ["12000.00", "12000.00"]


def test_a_foreign_heading_without_a_unit_needs_it_said(tmp_path: Path) -> None:
    path = fees(tmp_path, "扣收数额", "1.5")
    assert "金额没有写明单位" in refused(path, "fee_entries", "columns: {收费金额: 扣收数额}")
    said = "columns: {收费金额: 扣收数额}\nunit: {收费金额: 千元}"
    assert [str(one) for one in read(path, "fee_entries", said).frame["amount"]] == ["1500.00"]
    against = "columns: {收费金额: 扣收数额（万元）}\nunit: {收费金额: 元}"
    assert "表头写明单位是万元" in refused(fees(tmp_path, "扣收数额（万元）", 1), "fee_entries", against)


# --- mappings ---------------------------------------------------------------------------------------------------------


def test_a_yes_or_no_is_not_taken_from_another_question(tmp_path: Path) -> None:
    mapping = banks.case(tmp_path, "W31-map-as-suggested.yaml")
    with pytest.raises(InputError, match="“是否重复件”问的不是“是否受理”"):
        read_extract([banks.CASES / "W31-12345.csv"], "complaints", key=tables.KEY, mapping=load_mapping(mapping))


@pytest.mark.parametrize(
    ("text", "said", "unit", "day"),
    [
        ("010003-云川支行 2026年2月3日来电", "take: {机构号: 编号, 受理日期: 日期}", "010003", "2026-02-03"),
        ("云川支行（010003）于2026-02-03", "take: {机构号: 括号内, 受理日期: 日期}", "010003", "2026-02-03"),
        (
            "反映云川支行收费 20260203",
            "take: {机构号: 机构, 受理日期: 日期}\nvalues: {机构号: {云川支行: '010003', 支行: '010001'}}",
            "010003",
            "2026-02-03",
        ),
    ],
)
def test_a_value_is_taken_out_of_a_text_by_a_named_pattern(
    tmp_path: Path, text: str, said: str, unit: str, day: str
) -> None:
    path = tables.write_csv(tmp_path, [("投诉编号", "机构号", "受理日期"), ("T1", text, text)])
    frame = read(path, mapping=said).frame
    assert (frame["unit"][0], str(frame["received_on"][0].date())) == (unit, day)
    two = tables.write_csv(tmp_path, [("投诉编号", "机构号", "受理日期"), ("T1", text, text + "，2026-03-01")])
    assert "第 2 行，列“受理日期”：按“日期”取不出唯一的值" in refused(two, mapping=said)


# --- faults of one cause ----------------------------------------------------------------------------------------------


def test_faults_of_one_cause_are_one_line_with_value_and_count(tmp_path: Path) -> None:
    rows = [banks.complaint(n, 机构号="990099") for n in range(1, 31)]
    text = refused(banks.ledger(tmp_path, banks.HEADER, *rows))
    assert text.count("\n") == 0
    assert (
        "没有这个机构，共 30 行（第 2、3、4、5、6、7、8、9、10、11 行 等 30" in text.replace(" 等 30 行", " 行 等 30")
        or "共 30 行" in text
    )
    assert "读到 990099" in text


def test_the_examples_of_a_message_fit_the_case(tmp_path: Path) -> None:
    text = refused(banks.ledger(tmp_path, banks.HEADER, banks.complaint(1, 机构号=10001)))
    assert "是否为 010001（前导零不能省）" in text

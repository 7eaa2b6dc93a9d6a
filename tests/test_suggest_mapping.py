"""xiaobao import complaints FILE --suggest-map: a mapping is proposed from headers and values, a person confirms it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.factories.ledgers import PUBLISHED
from xiaobao.datasets.importing import read_extract
from xiaobao.datasets.mapping import load_mapping
from xiaobao.datasets.mapping_books import read_mapping_book
from xiaobao.errors import InputError
from xiaobao.workbench.importing import suggest_mapping, value_lists
from xiaobao.workbench.workspace import open_workbench


def write(folder: Path, rows: Sequence[Sequence[str]], encoding: str = "gbk") -> Path:
    path = folder / "导出.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def suggested(home: Path, file: Path) -> str:
    output = file.with_suffix(".yaml")
    return suggest_mapping(open_workbench(home, read_only=True), "complaints", file, output).read_text("utf-8")


def test_headers_of_the_same_name_are_sure_and_like_ones_say_how_like(seeded_workspace: Path, tmp_path: Path) -> None:
    rows = [
        ["投诉单编号", "网点号", "投诉受理日期", "归属", "诱因"],
        ["A1", "0101", "2026-01-05", "借记卡", "服务态度及服务质量"],
        ["A2", "0101", "2026-01-06", "贷款", "定价收费"],
    ]
    text = suggested(seeded_workspace, write(tmp_path, rows))
    assert '"机构号": "网点号"  # 列名一致' in text
    assert '"受理日期": "投诉受理日期"  # 列名相近' in text
    assert '"业务大类": "归属"  # 按取值判断，100% 的值在名录中' in text
    assert '"投诉原因": "诱因"  # 按取值判断' in text


def test_values_that_no_list_knows_are_named_and_never_mapped_unasked(seeded_workspace: Path, tmp_path: Path) -> None:
    rows = [["投诉编号", "投诉原因"], ["A1", "服务态度与质量"], ["A2", "业务受理"], ["A3", "信息披露"]]
    text = suggested(seeded_workspace, write(tmp_path, rows))
    assert '    # "服务态度与质量": "服务态度及服务质量"  # 1 行，相近的值' in text
    assert '    # "业务受理": ' in text
    assert '"信息披露"' not in text
    assert "缺少必填列“机构号”" in text


def test_foreign_headers_are_read_by_their_words(seeded_workspace: Path, tmp_path: Path) -> None:
    rows = [["date_received", "issue"], ["2019-03-01", "Billing"], ["2019-03-02", "Fees"]]
    text = suggested(seeded_workspace, write(tmp_path, rows, "utf-8"))
    assert '"受理日期": "date_received"' in text
    assert 'number_rows: "R{row}"' in text
    assert '  - "issue"' in text


@pytest.mark.parametrize(
    ("head", "numbers", "proposed"),
    [
        ("转办函编号", ("转办〔2026〕12号", "转办〔2026〕13号"), True),
        ("转办函编号", ("转办〔2026〕12号", "转办〔2026〕12号"), False),
        ("借款合同号", ("HT00012", "HT00013"), False),
    ],
)
def test_rows_are_not_numbered_by_place_where_a_column_may_number_them(
    seeded_workspace: Path, tmp_path: Path, head: str, numbers: Sequence[str], proposed: bool
) -> None:
    rows = [[head, "受理日期", "业务大类"], [numbers[0], "2026-01-05", "贷款"], [numbers[1], "2026-01-06", "贷款"]]
    text = suggested(seeded_workspace, write(tmp_path, rows))
    assert (f'# "投诉编号": "{head}"' in text) is proposed
    assert ("number_rows" in text) is not proposed


def test_nothing_is_imported_before_a_person_confirms(seeded_workspace: Path, tmp_path: Path) -> None:
    output = tmp_path / "映射.yaml"
    suggest_mapping(open_workbench(seeded_workspace, read_only=True), "complaints", PUBLISHED, output)
    with pytest.raises(InputError, match="还没有确认"):
        load_mapping(output)
    text = output.read_text("utf-8").replace('confirmed: "否"', 'confirmed: "是"')
    assert '    # "未披露": ...  # 108 行，名录中没有相近的值' in text
    output.write_text(f'{text}values:\n  "机构号":\n    "未披露": "SN01"\n', "utf-8")
    imported = read_extract([PUBLISHED], "complaints", key=b"k" * 32, mapping=load_mapping(output))
    assert imported.rows == 108


def test_a_comment_becomes_a_rule_when_its_mark_is_taken_off(seeded_workspace: Path, tmp_path: Path) -> None:
    rows = [["投诉编号", "机构号", "受理日期", "投诉原因"], ["A1", "01", "2026-01-05", "服务态度与质量"]]
    file = write(tmp_path, rows)
    text = suggested(seeded_workspace, file).replace('"否"', '"是"')
    for mark in ("values", '"投诉原因"', '"服务态度与质量"'):
        text = text.replace(f"# {mark}:", f"{mark}:")
    file.with_suffix(".yaml").write_text(text, "utf-8")
    mapping = load_mapping(file.with_suffix(".yaml"))
    frame = read_extract([file], "complaints", key=b"k" * 32, mapping=mapping).frame
    assert frame["reason"].tolist() == ["服务态度及服务质量"]


def test_a_file_that_is_there_is_not_overwritten(seeded_workspace: Path, tmp_path: Path) -> None:
    output = tmp_path / "映射.yaml"
    output.write_text("我的", "utf-8")
    with pytest.raises(InputError, match="没有覆盖"):
        suggest_mapping(open_workbench(seeded_workspace, read_only=True), "complaints", PUBLISHED, output)
    assert output.read_text("utf-8") == "我的"


def test_the_command_writes_the_file_and_says_what_to_do(
    seeded_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xiaobao.cli.app import app

    monkeypatch.setenv("XIAOBAO_HOME", str(seeded_workspace))
    output = tmp_path / "映射.yaml"
    told = CliRunner().invoke(app, ["import", "complaints", str(PUBLISHED), "--suggest-map", "-o", str(output)])
    assert told.exit_code == 0 and "没有导入任何数据" in told.output
    assert output.exists()


def test_a_column_of_names_of_units_is_proposed_by_the_register_and_never_in_force(
    seeded_workspace: Path, tmp_path: Path
) -> None:
    bench = open_workbench(seeded_workspace, read_only=True)
    known = list(value_lists(bench, "complaints")["unit"].shown.values())
    short = next(name[1:] for name in known if sum(name[1:] in other for other in known) == 1)
    text = suggested(seeded_workspace, write(tmp_path, [["单号", "经手的地方"], ["T1", short], ["T2", short]]))
    assert '# "机构号": "经手的地方"  # 按取值判断' in text and '\n  "机构号"' not in text


def test_the_workbook_of_a_mapping_is_chinese_throughout_and_reads_back(seeded_workspace: Path, tmp_path: Path) -> None:
    """Names of settings in it are words; those of YAML are read as well."""
    rows = [["投诉编号", "机构号", "投诉受理日期", "归属", "无关"], ["A1", "0101", "2026-01-05", "贷款", "x"]]
    bench, output = open_workbench(seeded_workspace, read_only=True), tmp_path / "映射.xlsx"
    suggest_mapping(bench, "complaints", write(tmp_path, rows), output)
    book = openpyxl.load_workbook(output)
    texts = [str(cell) for sheet in book for row in sheet.values for cell in row if cell is not None]
    assert [text for text in (*texts, *book.sheetnames) if re.search("[A-Za-z]{2,}", text)] == []
    for row in book["其他"].iter_rows(min_row=2):
        if row[1].value == "是否已逐行核对":
            row[3].value = "是"
        if row[1].value == "没有列出的值怎么办":
            row[0].value, row[2].value, row[3].value = "是", "归属", "拒绝"
    book.save(output)
    plain, _ = read_mapping_book(output)
    assert plain["dataset"] == "complaints" and plain["ignore"] == ["无关"] and plain["confirmed"] == "是"
    assert plain["unlisted"] == {"归属": "refuse"}

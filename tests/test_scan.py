"""`xiaobao scan` finds by file and place what got through, says nothing of the value, and exits with 1."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import docx
import nbformat
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.factories import inspections as tiny
from tests.factories.poison import ID, MOBILE
from xiaobao.cli.app import app
from xiaobao.model import Conclusion, Response
from xiaobao.workbench.scanning import STORE, Leak, scan_workspace


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tiny.tiny_workspace(tmp_path / "bank")
    (made / "units.csv").unlink()
    return made


def scanned(home: Path) -> tuple[Leak, ...]:
    return scan_workspace(tiny.workbench(home)).leaks


def as_word(path: Path) -> None:
    paper = docx.Document()
    paper.add_paragraph("无")
    cut = paper.add_paragraph("电话 ")
    cut.add_run(MOBILE[:5]).bold = True
    cut.add_run(MOBILE[5:])
    paper.save(str(path))


def as_excel(path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("附表")["C7"] = f"证件 {ID}"
    book.save(path)


def as_page(path: Path) -> None:
    path.write_text(f"<p>无</p>\n<p>电话 <b>{MOBILE[:5]}</b>{MOBILE[5:]}</p>", "utf-8")


def as_notebook(path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("2")])
    book.cells[1].outputs = [nbformat.v4.new_output("stream", text=f"打 {MOBILE}")]
    nbformat.write(book, path)


def as_table(path: Path) -> None:
    table = pa.Table.from_pandas(pd.DataFrame({"complaint_no": [MOBILE, "T2"], "claim": ["无", f"打 {MOBILE}"]}))
    pq.write_table(table.replace_schema_metadata({"dataset": "complaints"}), path)


def as_text(path: Path) -> None:
    path.write_bytes(f"编号,说明\n1,打 {MOBILE}\n".encode("gb18030"))


def as_header(path: Path) -> None:
    paper = docx.Document()
    paper.sections[0].header.paragraphs[0].text = f"电话 {MOBILE}"
    paper.save(str(path))


def as_word_comment(path: Path) -> None:
    paper = docx.Document()
    run = paper.add_paragraph("无").runs[0]
    paper.add_comment(run, text=f"电话 {MOBILE}", author="甲")
    paper.save(str(path))


def as_hidden_sheet(path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.create_sheet("藏")
    hidden.sheet_state = "veryHidden"
    hidden["B2"] = f"证件 {ID}"
    book.save(path)


def as_cell_comment(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"].comment = openpyxl.comments.Comment(f"打 {MOBILE}", "甲")
    book.save(path)


def as_traceback(path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    failed = nbformat.v4.new_output("error", ename="ValueError", evalue="坏", traceback=[f"ValueError: {MOBILE}"])
    book.cells[0].outputs = [failed]
    nbformat.write(book, path)


def as_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table kept (id text, body text)")
        connection.execute("insert into kept values (?, ?)", (MOBILE, json.dumps({"note": f"打 {MOBILE}"})))


@pytest.mark.parametrize(
    ("name", "write", "place"),
    [
        ("reports/报告.docx", as_word, "document 第 2 段"),
        ("reports/清单.xlsx", as_excel, "sheet2 C7"),
        ("reports/页眉.docx", as_header, "header1 第 1 段"),
        ("reports/批注.docx", as_word_comment, "comments 第 1 段"),
        ("reports/隐藏.xlsx", as_hidden_sheet, "sheet2 B2"),
        ("reports/批注.xlsx", as_cell_comment, "xl/comments/comment1.xml"),
        ("reports/失败.ipynb", as_traceback, "第 1 格的输出"),
        ("旧库.sqlite", as_database, "kept body.note"),
        ("reports/页.html", as_page, "第 2 行"),
        ("reports/底稿.ipynb", as_notebook, "第 2 格的输出"),
        ("data/旧.parquet", as_table, "列“诉求”第 2 行"),
        ("原始.csv", as_text, "第 2 行"),
        (".run/run.log", as_text, "第 2 行"),
    ],
)
def test_each_kind_of_file_is_read_and_the_place_is_told(
    name: str, write: Callable[[Path], None], place: str, home: Path
) -> None:
    """Runs of a paragraph and tags of emphasis are put together; business keys of a table pass."""
    path = home / name
    path.parent.mkdir(exist_ok=True)
    assert scanned(home) == ()
    write(path)
    [leak] = scanned(home)
    assert (leak.file, leak.place, leak.count) == (name, place, 1)
    assert leak.kind in ("手机号", "证件号")


def test_a_population_is_looked_at_by_its_columns_and_business_keys_pass(home: Path) -> None:
    """A staff number of a letter and eight digits looks like a passport; under its own head it is a business key."""
    folder = home / "data" / "samples"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text(f"经办人工号,投诉内容\nE00000000,无\nE00000000,来电{MOBILE}\n", "utf-8")
    assert [(leak.place, leak.kind) for leak in scanned(home)] == [("列“投诉内容”第 3 行", "手机号")]
    (folder / "a.csv").write_text(f"名单\nE00000000\n{ID}\n", "utf-8")  # an uploaded list: no column of ours
    assert len(scanned(home)) == 2


def test_names_of_files_are_looked_at_evidence_only_by_its_name(home: Path) -> None:
    """What was handed in as evidence stays as it is."""
    (home / "evidence" / "照片.txt").write_text(MOBILE, "utf-8")
    assert scanned(home) == ()
    (home / "reports").mkdir(exist_ok=True)
    (home / "reports" / f"{MOBILE}.png").write_bytes(b"x")
    [leak] = scanned(home)
    assert (leak.file, leak.place, leak.kind) == ("reports/【手机号已隐去】.png", "文件名", "手机号")


def test_a_history_written_by_an_older_version_is_looked_through(home: Path) -> None:
    """Texts kept before masks stood at the store's door are found with the object and revision that hold them."""
    wb = tiny.workbench(home)
    _, record = tiny.inspection(wb)
    with wb.store.writing(wb.actor) as tx:
        tx.save_response(record.id, Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note="打某某"), 0)
    with wb.store.engine.begin() as connection:
        connection.execute(text("drop trigger payloads_no_update"))
        connection.execute(text("update payloads set body = replace(body, '某某', :it)"), {"it": MOBILE})
    [leak] = scan_workspace(wb).leaks
    assert (leak.file, leak.place, leak.kind) == (STORE, "response:c-01 第 1 版 note", "手机号")


def test_what_cannot_be_read_is_said(home: Path) -> None:
    """A file that nobody could look into is no clean file."""
    (home / "坏.docx").write_bytes(b"PK")
    found = scan_workspace(tiny.workbench(home))
    assert found.leaks == ()
    assert [line.partition("：")[0] for line in found.unread] == ["坏.docx"]


def test_the_command_tells_places_never_values_and_exits_with_1(home: Path) -> None:
    """Nothing to find: 0. For people a table, for programs JSON."""
    runner = CliRunner()
    clean = runner.invoke(app, ["scan", str(home)])
    assert clean.exit_code == 0
    assert "没有发现个人信息" in clean.output
    as_text(home / "原始.csv")
    shown = runner.invoke(app, ["scan", str(home)])
    told = runner.invoke(app, ["scan", str(home), "--json"])
    assert (shown.exit_code, told.exit_code) == (1, 1)
    assert "发现个人信息 1 处：手机号 1 处" in shown.output
    assert MOBILE not in shown.output + told.output
    [leak] = json.loads(told.output)["leaks"]
    assert leak == {
        "file": "原始.csv",
        "place": "第 2 行",
        "kind": "手机号",
        "count": 1,
        "excerpt": "1,打 【手机号已隐去】",
    }

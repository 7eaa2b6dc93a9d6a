"""Filings at the front door: 下发, 填报, 退回, 催报, 确认, 汇总, on the sample bank, each person under a name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from xiaobao import cli
from xiaobao.errors import InputError
from xiaobao.features.filings.filed_numbers import read_number_sheet
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import open_workbench

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(seeded_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    target = tmp_path / "bank"
    shutil.copytree(seeded_workspace, target)
    monkeypatch.setenv("XIAOBAO_HOME", str(target))
    with (target / "xiaobao.toml").open("a", encoding="utf-8") as file:
        file.write('\n[filings.monthly]\nfigures = ["受理投诉件数", "培训场次"]\n')
    return target


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as somebody; returns exit code, output, errors."""

    def at(who: str, *words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("JUPYTERHUB_USER", who)
        monkeypatch.setattr("sys.argv", ["xiaobao", "filings", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return at


def fill(path: Path, *numbers: object) -> None:
    book = openpyxl.load_workbook(path)
    for row, number in enumerate(numbers, 3):
        book.active.cell(row, 2, number)
    book.save(path)


def test_a_month_from_request_to_merge(home: Path, run: Run, tmp_path: Path) -> None:
    assert (
        "3 家机构下发消保工作月报（2026-06），期限 2026-07-05"
        in run("总行", "issue", "monthly", "--period", "2026-06")[1]
    )
    assert "没有新增" in run("总行", "issue", "monthly", "--period", "2026-06")[1]
    sheet = tmp_path / "数据.xlsx"
    run("支行甲", "template", "monthly", "-o", str(sheet))
    fill(sheet, 12, 0.5)
    paper = tmp_path / "月报<1>.txt"
    paper.write_text("本月情况", "utf-8")
    month = ("monthly", "--period", "2026-06", "--unit", "010000")
    code, said, _ = run("支行甲", "file", *month, "--figures", str(sheet), "--document", str(paper))
    assert (code, said) == (0, "已填报 消保工作月报 2026-06 010000\n")
    code, _, fault = run("支行甲", "accept", *month)
    assert code == 1 and "不能确认自己的报送" in fault
    assert run("总行", "return", *month, "--reason", "数字与台账不符")[0] == 0
    texts = run("总行", "remind", "monthly", "--period", "2026-06")[1].splitlines()
    assert len(texts) == 3 and "已退回（数字与台账不符），尚未重新报送" in texts[0]
    run("支行甲", "file", *month, "--figures", str(sheet))
    run("总行", "accept", *month)
    merged = json.loads(run("总行", "merge", "monthly", "--period", "2026-06", "--json")[1])
    assert (merged["asked"], merged["filed"], merged["accepted"]) == (3, 1, 1)
    assert merged["sums"] == {"受理投诉件数": "12", "培训场次": "0.5"}
    assert "只含已报的 1 家" in run("总行", "merge", "monthly", "--period", "2026-06")[1]
    book = tmp_path / "汇总.xlsx"
    assert "已生成" in run("总行", "merge", "monthly", "--period", "2026-06", "-o", str(book))[1]
    lines = list(openpyxl.load_workbook(book)["报送汇总"].iter_rows(min_row=3, values_only=True))
    place = lines[0].index("受理投诉件数")
    assert [(line[0], line[3], *line[place:]) for line in lines[1:-1]] == [
        ("010000", "已确认", 12, 0.5),
        *((unit, "待填报", "无数据", "无数据") for unit in ("020000", "030000")),
    ]
    assert (lines[-1][1], *lines[-1][place:]) == ("合计", 12, 0.5)
    assert "不会被覆盖" in run("总行", "merge", "monthly", "--period", "2026-06", "-o", str(book))[2]
    shown = run("总行", "list")[1]
    assert "已确认" in shown and "月报<1>.txt" in shown
    assert verify_workspace(open_workbench(home)) == ()


def test_a_filed_document_changed_afterwards_is_named(home: Path, run: Run, tmp_path: Path) -> None:
    paper = tmp_path / "报告.txt"
    paper.write_text("上半年情况", "utf-8")
    run("总行", "issue", "annual", "--period", "2026", "--unit", "010000")
    run("支行", "file", "annual", "--period", "2026", "--unit", "010000", "--document", str(paper))
    [kept] = [path for path in (home / "evidence").glob("*/*.txt") if path.read_text("utf-8") == "上半年情况"]
    kept.write_text("改过", "utf-8")
    assert any("报送文件 年度消保工作报告 2026 010000" in one for one in verify_workspace(open_workbench(home)))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("issue", "weekly", "--period", "2026-06"), "没有这项报送"),
        (("issue", "half-year", "--period", "2026H2"), "应为：2026H1"),
        (("issue", "half-year", "--period", "2026H1", "--unit", "9"), "没有这个机构"),
        (("file", "annual", "--period", "2026", "--unit", "010000"), "没有向这个机构下发过"),
        (("merge", "annual", "--period", "2026"), "还没有下发"),
        (("template", "annual"), "只报文件"),
    ],
)
def test_a_wrong_command_says_why_and_stores_nothing(home: Path, run: Run, words: tuple[str, ...], said: str) -> None:
    before = open_workbench(home, read_only=True).store.kept("filings")
    code, _, fault = run("总行", *words)
    assert code == 1 and said in fault
    assert open_workbench(home, read_only=True).store.kept("filings") == before


def test_a_document_that_is_not_wanted_leaves_no_file_behind(home: Path, run: Run, tmp_path: Path) -> None:
    run("总行", "issue", "annual", "--period", "2026", "--unit", "010000")
    kept = set((home / "evidence").glob("*/*"))
    sheet = tmp_path / "数.csv"
    sheet.write_text("指标,数值\n投诉,3\n", "utf-8")
    paper = tmp_path / "报告.txt"
    paper.write_text("上半年情况", "utf-8")
    words = ("--unit", "010000", "--document", str(paper), "--figures", str(sheet))
    code, _, fault = run("支行", "file", "annual", "--period", "2026", *words)
    assert code == 1 and "没有要求报送这个指标" in fault
    assert set((home / "evidence").glob("*/*")) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("指标,数值\n投诉,\n", "没有填数值"),
        ("指标,数值\n投诉,十二\n", "列“数值”"),
        ("指标,数值\n投诉,1\n投诉,2\n", "指标重复"),
        ("名目,数值\n投诉,1\n", "指标"),
        ("指标,数值\n", "没有数据"),
    ],
)
def test_a_faulty_number_sheet_is_refused_by_row(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "数.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        read_number_sheet(path)


def test_the_calendar_lists_what_is_due_in_a_year(run: Run) -> None:
    lines = json.loads(run("总行", "calendar", "--year", "2026", "--json")[1])
    due = {(line["kind"], line["period"]): line["due"] for line in lines}
    assert due["half-year", "2026H1"] == "2026-07-05"
    assert due["annual", "2025"] == "2026-01-05"
    assert len(lines) == 12 + 4 + 2

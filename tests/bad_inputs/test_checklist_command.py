"""Cases 81–97 through the front door: `xiaobao checklist check FILE` exits with 1 and names the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document

from tests.factories.checklists import CHECKLIST, changed
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.versions import publish, reworked
from xiaobao.checklist.writing import to_yaml
from xiaobao.cli import main
from xiaobao.model import Conclusion, Response
from xiaobao.word import read_change_note
from xiaobao.workbench.inspections.filling import answer, open_form

SCHEME = """\
id: s
version: "1"
title: 方案
weights: {a: 60, b: 40}
grades:
  - {id: A, label: 优秀, at_least: 80}
  - {id: B, label: 其他, at_least: 0}
rollup: {own: 0.5}
"""
CASES = [
    ("81", "a: &a [x]\nb: *a\n", "第 1 行：不能用锚点"),
    ("81 deep", "id: x\nsections: " + "[" * 5000, "第 2 行：嵌套过深"),
    ("82", changed(("purpose: 看投诉办得好不好", "purpose: !!python/object:os.system 看")), "第 5 行：不能用标签"),
    ("83", changed(("title: 投诉处理\n", "title: 甲\ntitle: 乙\n")), "第 4 行：键“title”重复"),
    ("84", changed(("total: 10\n", "total: 9\n")), "第 8 行：各部分分值之和不等于总分（读到 合计 10）"),
    ("85", changed(("        points: 6\n", "        points: 50%\n")), "检查项 C-01：“points”不是普通数字（读到 50%）"),
    ("86", changed(("- id: C-02", "- id: c-01")), "编号“c-01”重复（与“C-01”只差大小写或全半角），第 20 行已有"),
    ("87", changed(("- id: C-02", "- id: 1.10")), "请加引号（读到 1.10）"),
    ("88", changed(("evidence: 台账", "depends_on: [C-01]\n        evidence: 甲")), "第 28 行，检查项 C-01：不认识"),
    ("89", changed(("checks: [complaints.overdue]", "checks: [os.system]")), "不认识的数据检查（读到 os.system）"),
    ("90", changed(("evidence: 台账", 'when: "9**9**9"\n        evidence: 台账')), "不认识的键“when”"),
    ("91", changed(("evidence: 台账", "pattern: '(a+)+$'\n        evidence: 台账")), "不认识的键“pattern”"),
    ("92", changed(("document: 3号令", 'document: "　"')), "“document”不能为空"),
    ("93", changed(("requirement: 有接待区", "requirment: 有接待区")), "是否想写 requirement"),
    ("94", changed(("            at_least: 0\n", "            at_least: 30\n")), "下限高于上限"),
    ("95", changed(("effective_to: 2026-12-31", "effective_to: 2026-06-31")), "第 7 行：“effective_to”不是有效的日期"),
    ("96", changed(("evidence: 台账", "template: ../../x\n        evidence: 台账")), "不认识的键“template”"),
    ("97 empty", "", "第 1 行：文件是空的"),
    ("97 two", CHECKLIST + "---\nid: b\n", "不止一份文档"),
    ("97 tab", "id: a\n\ttitle: b\n", "第 2 行：缩进用了制表符"),
    ("97 open quote", 'id: a\ntitle: "b\n', "第 2 行：引号没有闭合"),
]


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["xiaobao", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_workspace(tmp_path_factory.mktemp("command") / "bank")


@pytest.mark.parametrize(("name", "text", "says"), CASES, ids=[case[0] for case in CASES])
def test_each_case_is_refused_with_its_line(
    name: str,
    text: str,
    says: str,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(home))
    file = tmp_path / "草稿.yaml"
    file.write_text(text, "utf-8")
    code, _, err = call(monkeypatch, capsys, "checklist", "check", str(file))
    assert code == 1, name
    assert says in err and "文件 草稿.yaml，第 " in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("b: 40", "b: 39"), "第 4 行：各检查域权重之和不等于 100（读到 合计 99）"),
        (("b: 40", "b: -40"), "不能小于 0"),
        (("b: 40", "b: 0:40"), "不是普通数字"),
        (("at_least: 0}", "at_least: 10}"), "最低等级的下限不是 0"),
    ],
)
def test_an_impossible_scheme_is_refused_with_its_line(
    change: tuple[str, str],
    says: str,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(home))
    file = tmp_path / "schemes" / "方案.yaml"
    file.parent.mkdir()
    file.write_text(changed(change, text=SCHEME), "utf-8")
    code, _, err = call(monkeypatch, capsys, "checklist", "check", str(file))
    assert code == 1 and says in err and "文件 方案.yaml，第 " in err


def test_a_version_goes_the_whole_way_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Impact, publish, diff, preview of a move, the move itself, export."""
    bank = tiny_workspace(tmp_path / "bank")
    wb = workbench(bank)
    answer(wb, open_form(wb, UNIT, PERIOD, DOMAIN), Response(item_id="c-01", conclusion=Conclusion.COMPLIANT), 0)
    draft = bank / "checklists" / "complaints-2026.2.yaml"
    draft.write_text(to_yaml(reworked()), "utf-8")
    monkeypatch.setenv("XIAOBAO_HOME", str(bank))

    def run(*words: str) -> str:
        code, out, err = call(monkeypatch, capsys, "checklist", *words)
        assert code == 0, err
        return out

    assert "填报中 1 份，答复 1 条；如换到新版本，其中 1 条对应的检查项有变化" in run("impact", str(draft))
    assert json.loads(run("impact", str(draft), "--json"))["work"][0]["inspections"] == 1
    publish(wb, reworked())
    note = tmp_path / "说明.md"
    run("diff", "complaints@2026.1", "complaints", "-o", str(note))
    assert "检查表变更说明" in note.read_text("utf-8")
    paper = tmp_path / "说明.docx"
    assert "已写入" in run("diff", "complaints@2026.1", "complaints", "-o", str(paper))
    rows = {(row.what.split()[0], row.kinds, row.field): (row.before, row.after) for row in read_change_note(paper)}
    assert rows["c-01", "改写", "检查要求"] == ("第1项登记完整，应有记录。", "登记完整，并于当日录入系统。")
    assert rows["c-03", "调整分值", "分值"] == ("5", "8")
    assert rows["c-02", "删除", "检查要求"] == ("第2项登记完整，应有记录。", "")
    assert rows["c-new", "新增", "检查依据"] == ("", "行业做法，不对应条文")
    lines = [line.text for line in Document(str(paper)).paragraphs]
    assert "版本：2026.1 → 2026.2，自 2026-01-01 起用" in lines
    assert [cell.text for cell in Document(str(paper)).tables[-1].rows[0].cells] == [
        "编制人",
        "复核人",
        "审定人",
        "日期",
    ]
    where = ("--unit", UNIT, "--period", PERIOD, "--domain", DOMAIN)
    assert "预览（未改动）" in run("move", *where)
    assert open_form(wb, UNIT, PERIOD, DOMAIN).checklist.version == "2026.1"
    rows = json.loads(run("move", *where, "--reason", "总行修订", "--json"))
    assert rows[0]["处理"] == "检查要求有变化，须重新作答"
    assert open_form(wb, UNIT, PERIOD, DOMAIN).checklist.version == "2026.2"
    assert "已导出 10 项" in run("export", "complaints", str(tmp_path / "投诉.xlsx"))
    wb.store.close()

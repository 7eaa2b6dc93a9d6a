"""A full disk or a read-only folder: one Chinese line and exit code 1, on every command that writes.

A disk is full for a process that may write files of no length (RLIMIT_FSIZE), a folder is read-only for one that has
given up root's right to write anywhere; both hold wherever the tests run.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import typer

from tests.factories.inspections import PERIOD, tiny_workspace
from xiaobao.cli.app import app
from xiaobao.workbench.backups import backup_workspace
from xiaobao.workbench.moving_over import mark_layout
from xiaobao.workbench.workspace import open_workbench

ROOT = Path(__file__).parents[1]
_RUNNER = """
import ctypes, json, os, resource, sys
import xiaobao.batch.run, xiaobao.cli.datasets, xiaobao.cli.reports, xiaobao.cli.workspaces
from xiaobao.cli import main
from xiaobao.terminal import output

def refuse(how):
    if how == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    else:
        header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        assert ctypes.CDLL(None, use_errno=True).capset(header, none) == 0

asked = json.load(sys.stdin)
if not asked["probe"]:
    output._refuse_full = lambda home: None
told = []
for words in asked["commands"]:
    outlet, inlet = os.pipe()
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1); os.dup2(inlet, 2); os.close(outlet); os.close(inlet)
        code = 99
        try:
            refuse(asked["how"])
            sys.argv = ["xiaobao", *words]
            main()
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(inlet)
    with os.fdopen(outlet, encoding="utf-8") as file:
        said = file.read()
    told.append([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said])
json.dump(told, sys.stdout)
"""
# The commands that write nothing but what they print.
_READING = """
evidence list, evidence due, evidence show, evidence requests,
checklist check, checklist list, checklist show, checklist citations, checklist figures, dataset list, registers show,
registers alarms, campaign list, questions list, leads list, checks list, status, serve,
explain, movements, veto list, bonus list,
findings list, appeals list, people list, people rights,
actions list, what-if, appraisal compute, appraisal show, appraisal entry list, filings calendar,
filings list, today, verify, scan, sample list, sample show, sample evaluate,
visit list, visit show, visit coverage, visit dossier
"""
_SHEET = ("--period", PERIOD, "--unit", "0101", "--domain", "complaints")
_WRITING = {
    "init": ("{out}/new",),
    "demo": ("{out}/demo",),
    "checklist publish": (),
    "checks new": ("late_answer",),
    "checks test": ("late_answer",),
    "checks publish": ("late_answer",),
    "checks retire": ("late_answer", "--reason", "口径有误"),
    "checklist diff": ("complaints@2026.1", "complaints@2026.1", "-o", "{out}/a.docx"),
    "checklist checks": ("-o", "{out}/a.md"),
    "checklist impact": ("{home}/complaints.yaml", "-o", "{out}/a.txt"),
    "checklist export": ("complaints", "{out}/a.xlsx"),
    "checklist import": ("{home}/a.xlsx",),
    "checklist notebook": ("green_finance",),
    "checklist move": ("--unit", "0101", "--period", PERIOD, "--domain", "complaints", "--reason", "新版"),
    "dataset template": ("complaints", "-o", "{out}/a.xlsx"),
    "import": ("units", "{home}/units.csv", "--period", PERIOD, "--replace"),
    "campaign create": ("二", "--period", PERIOD),
    "campaign papers": ("--period", PERIOD),
    "campaign rename": ("二", "--period", PERIOD),
    "campaign close": ("--period", PERIOD),
    "campaign reopen": ("--period", PERIOD, "--reason", "重开", "--approved-by", "王五"),
    "campaign delete": ("--period", PERIOD, "--reason", "误建"),
    "sheet export": ("--period", PERIOD, "--unit", "0101", "-o", "{out}/a.xlsx"),
    "sheet import": ("{home}/a.xlsx",),
    "sheet confirm": ("--period", PERIOD, "--unit", "0101"),
    "sheet submit": ("--period", PERIOD, "--unit", "0101"),
    "sheet review": ("--period", PERIOD, "--unit", "0101"),
    "sheet approve": ("--period", PERIOD, "--unit", "0101"),
    "sheet return": (*_SHEET, "--reason", "重填"),
    "questions keep": ("--period", PERIOD, "--unit", "0101", "--domain", "complaints", "--reason", "无影响"),
    "questions return": ("--period", PERIOD, "--unit", "0101", "--domain", "complaints", "--reason", "重填"),
    "leads raise": ("--period", PERIOD),
    "leads export": ("--period", PERIOD, "-o", "{out}/a.xlsx"),
    "leads answer": ("L1", "--as", "confirmed", "--note", "属实"),
    "leads decide": ("L1", "--as", "confirmed", "--reason", "属实"),
    "leads remind": ("--period", PERIOD),
    "leads restore": ("L1", "--list", "{home}/units.csv", "--reason", "核对"),
    "evidence open": ("abc", "--period", PERIOD, "-o", "{out}/a.pdf"),
    "evidence attach": ("lead", "L1", "--link", "档案室", "--note", "第 3 页"),
    "evidence request": ("--period", PERIOD, "--unit", "0101", "--want", "登记簿"),
    "evidence receive": ("1-0101-1", "--period", PERIOD, "--note", "在柜台"),
    "evidence accept": ("1-0101-1", "--period", PERIOD),
    "evidence reject": ("1-0101-1", "--period", PERIOD, "--reason", "不全"),
    "leads import": ("{home}/a.xlsx",),
    "pages": ("--period", PERIOD),
    "run": ("--period", PERIOD),
    "veto add": (
        *("--period", PERIOD, "--unit", "0101", "--veto", "V1", "--day", "2026-03-01"),
        *("--event", "隐瞒", "--evidence", "通报"),
    ),
    "veto withdraw": ("--period", PERIOD, "--unit", "0101", "--veto", "V1", "--reason", "有误"),
    "bonus add": (
        *("--period", PERIOD, "--unit", "0101", "--pool", "P1", "--points", "1", "--reason", "表扬"),
        *("--day", "2026-03-01", "--evidence", "通报"),
    ),
    "bonus withdraw": ("--period", PERIOD, "--unit", "0101", "--number", "1", "--reason", "有误"),
    "actions propose": ("--period", PERIOD),
    "actions report": ("F1-C", "--note", "已整改"),
    "actions verify": ("F1-C", "--note", "属实"),
    "actions return": ("F1-C", "--note", "不全"),
    "actions close": ("F1-C", "--note", "销号"),
    "appeals file": (*_SHEET, "--item", "c-01", "--grounds", "不服"),
    "appeals decide": (*_SHEET, "--verdict", "rejected", "--reason", "不成立"),
    "appeals withdraw": (*_SHEET, "--reason", "撤回"),
    "report": ("summary", "--period", PERIOD),
    "appraisal publish": ("--period", PERIOD),
    "appraisal appeal": ("--period", PERIOD, "--unit", "0101", "--grounds", "有误"),
    "appraisal decide": ("--period", PERIOD, "--unit", "0101", "--reason", "不成立", "--reject"),
    "appraisal finalise": ("--period", PERIOD),
    "appraisal entry add": (
        *("--period", PERIOD, "--unit", "0101", "--points", "1", "--reason", "表扬"),
        *("--day", "2026-03-01", "--evidence", "通报"),
    ),
    "appraisal entry withdraw": ("--period", PERIOD, "--number", "1", "--reason", "有误"),
    "figures check": ("{home}/units.csv", "--period", PERIOD),
    "registers enter": (
        *("意见建议", "--period", PERIOD, "--set", "意见编号=Y1", "--set", "机构号=0101"),
        *("--set", "收到日期=2026-03-01", "--set", "来源=意见簿"),
    ),
    "registers amend": ("意见建议", "Y1", "--period", PERIOD, "--set", "是否采纳=是", "--reason", "答复"),
    "registers withdraw": ("意见建议", "Y1", "--period", PERIOD, "--reason", "误登"),
    "filings issue": ("monthly", "--period", "2026-06"),
    "filings template": ("monthly", "-o", "{out}/a.xlsx"),
    "filings file": ("monthly", "--period", "2026-06", "--unit", "0101", "--note", "无"),
    "filings return": ("monthly", "--period", "2026-06", "--unit", "0101", "--reason", "不全"),
    "filings accept": ("monthly", "--period", "2026-06", "--unit", "0101"),
    "filings remind": ("monthly", "--period", "2026-06"),
    "filings merge": ("monthly", "--period", "2026-06", "--excel"),
    "sample define": (*("双录", "--period", PERIOD, "--unit", "0101", "--dataset", "units", "--size", "1"),),
    "sample draw": ("CY2026-001",),
    "sample redraw": ("CY2026-001",),
    "sample record": ("CY2026-001", "0101", "符合"),
    "sample export": ("CY2026-001", "-o", "{out}/a.xlsx"),
    "sample import": ("CY2026-001", "{home}/a.xlsx"),
    "sample answer": ("CY2026-001",),
    "sample confirm": ("CY2026-001",),
    "sample paper": ("CY2026-001", "-o", "{out}/a.docx"),
    "visit new": ("--unit", "0101"),
    "visit change": ("JC2026-001", "--contact", "8001"),
    "visit enter": ("JC2026-001",),
    "visit close": ("JC2026-001", "--summary", "较好"),
    "visit cancel": ("JC2026-001", "--reason", "改期"),
    "visit matter": ("JC2026-001", "--title", "逾期", "--facts", "一笔", "--basis", "办法"),
    "visit request": ("JC2026-001", "登记簿"),
    "visit paper": ("JC2026-001", "plan", "-o", "{out}/a.docx"),
    "visit opinion": ("JC2026-001", "facts"),
    "visit scan": ("JC2026-001", "facts", "{home}/a.xlsx"),
    "people add": ("wangwu", "--name", "王五", "--role", "复核人"),
    "people deputy": ("wangwu", "zhaoliu", "--from", "2026-07-01", "--to", "2026-07-09"),
    "people disable": ("wangwu",),
    "people enable": ("wangwu",),
    "people end": ("wangwu", "--role", "复核人", "--until", "2026-07-09"),
    "people import": ("{home}/a.xlsx",),
    "people link": ("wangwu", "--unit", "0101", "--until", "2099-07-09"),
    "people reset": ("wangwu",),
    "people template": ("-o", "{out}/a.xlsx"),
    "history": ("--of", "import", "-o", "{out}/a.xlsx"),
    "notify": ("--folder", "{out}/morning"),
    "supervise": ("--unit", "0101"),
    "backup": ("{out}/a.tar",),
    "restore": ("{home}/copy.tar", "{out}/again"),
}
# Commands that have nothing to write in a workspace so small, and write as another does.
_AS_ANOTHER = {"people propose": "people template"}
# Commands whose own writing is refused, once nothing was tried before the work began: the disk filled up meanwhile.
_DEEPER = (
    "campaign create, campaign rename, campaign close, import, leads raise, leads export, "
    "sheet export, report, run, dataset template, filings template, checklist export, checklist checks, backup, "
    "restore, init"
)
_WORDS = re.compile("写|磁盘|权限|只读|保存|文件")
_ENGLISH = re.compile(r"\b[A-Za-z]{3,} [a-z]{2,}\b|Error\b")


def names() -> Iterator[str]:
    """Yield every command, a group's with the group's name before it."""
    waiting: list[tuple[str, object]] = [("", typer.main.get_command(app))]
    while waiting:
        prefix, command = waiting.pop()
        if hasattr(command, "list_commands"):
            waiting += [(f"{prefix} {name}", command.get_command(None, name)) for name in command.list_commands(None)]
        elif not prefix.endswith(" _"):
            yield prefix.strip()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A workspace with a folder to write to, both read-only for whoever may not write everywhere."""
    made = tiny_workspace(tmp_path / "bank")
    (made / "out").mkdir()
    (made / "reports").mkdir()
    mark_layout(made)
    shutil.copyfile(ROOT / "checklists" / "regulations.yaml", made / "checklists" / "regulations.yaml")
    wb = open_workbench(made)
    backup_workspace(wb, made / "copy.tar")
    wb.store.close()
    shutil.copyfile(max((ROOT / "checklists").glob("complaints-*.yaml")), made / "complaints.yaml")
    yield made
    subprocess.run(["chmod", "-R", "u+w", str(made)], check=True)


def told(home: Path, how: str, commands: Sequence[str], probe: bool) -> dict[str, tuple[int, str]]:
    """Run commands where nothing can be written; return name → exit code and what was said."""
    places = {"home": str(home), "out": str(home / "out")}
    lines = [[*name.split(), *(word.format(**places) for word in _WRITING[name])] for name in commands]
    if how == "read-only":
        subprocess.run(["chmod", "-R", "a-w", str(home)], check=True)
    done = subprocess.run(
        [sys.executable, "-c", _RUNNER],
        input=json.dumps({"how": how, "probe": probe, "commands": lines}),
        env={"XIAOBAO_HOME": str(home), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return dict(zip(commands, map(tuple, json.loads(done.stdout)), strict=True))


def wrong(found: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Return the commands that did not say it in one Chinese line, with exit code 1."""
    bad = {}
    for name, (code, said) in found.items():
        lines = [line for line in said.splitlines() if not line.startswith("提示：")]
        plain = len(lines) == 1 and _WORDS.search(lines[0]) and not _ENGLISH.search(re.sub(r"/\S*", "", lines[0]))
        if code != 1 or not plain or "程序内部出错" in said:
            bad[name] = (code, said)
    return bad


def test_every_command_is_known_to_write_or_to_read() -> None:
    reading = {name.strip() for name in _READING.replace("\n", " ").split(",")}
    assert reading | set(_WRITING) | set(_AS_ANOTHER) == set(names())
    assert set(_AS_ANOTHER.values()) <= set(_WRITING)
    assert not reading & set(_WRITING)


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_every_command_that_writes_says_before_it_begins_that_it_cannot(home: Path, how: str) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    found = told(home, how, tuple(_WRITING), probe=True)
    assert wrong(found) == {}
    assert sum("没有开始" in said for _, said in found.values()) >= 30
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path in before} == before
    assert open_workbench(home, read_only=True).store.verify() == []


@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_disk_that_fills_up_while_a_command_works_is_said_as_plainly(home: Path, how: str) -> None:
    found = told(home, how, tuple(name.strip() for name in _DEEPER.split(",")), probe=False)
    assert wrong(found) == {}
    assert open_workbench(home, read_only=True).store.verify() == []

"""The command line speaks Chinese, gives one line a fault, and exits with 0, 1 or 2."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xiaobao.cli import main
from xiaobao.cli.app import app

COMMANDS = [
    "init",
    "demo",
    "checklist",
    "dataset",
    "import",
    "campaign",
    "run",
    "status",
    "serve",
    "report",
    "leads",
    "findings",
    "actions",
    "verify",
    "backup",
    "restore",
]


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Call the command as the console script does; return exit code, output, errors."""
    monkeypatch.setattr("sys.argv", ["xiaobao", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.mark.parametrize(
    "command", [[], *[[name] for name in COMMANDS]], ids=lambda words: " ".join(words) or "xiaobao"
)
def test_help_is_in_chinese(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert "用法：" in shown.output
    assert not [
        word
        for word in ("Usage", "Options", "Show this message", "Commands", "Arguments", "default", "<str", "<list")
        if word in shown.output
    ]


def test_a_wrong_call_is_exit_code_2_in_chinese(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(monkeypatch, capsys, "run")
    assert code == 2
    assert "--period" in err and "缺少" in err


def test_without_a_workspace_the_person_is_told_what_to_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XIAOBAO_HOME", raising=False)
    code, _, err = call(monkeypatch, capsys, "status")
    assert code == 1
    assert "请先运行 xiaobao init 或 xiaobao demo" in err and "Traceback" not in err


def test_a_workspace_one_folder_below_is_pointed_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "xiaobao.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XIAOBAO_HOME", raising=False)
    code, _, err = call(monkeypatch, capsys, "serve")
    assert code == 1
    assert "下一级文件夹 demo 是工作区，请先进入（cd demo）" in err


@pytest.mark.parametrize("answer", ["y\n青禾银行\n", "n\n"])
def test_who_serves_from_an_empty_folder_is_offered_a_workspace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, answer: str
) -> None:
    served: list[Path] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XIAOBAO_HOME", raising=False)
    monkeypatch.setattr("xiaobao.cli.runs.serve_pages", lambda home, *_, **__: served.append(home))
    typed = io.StringIO(answer)
    typed.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", typed)
    code, out, err = call(monkeypatch, capsys, "serve")
    assert "还没有工作区" in out
    if answer.startswith("y"):
        assert (code, served) == (0, [tmp_path / "xiaobao"])
        assert "青禾银行" in (tmp_path / "xiaobao" / "xiaobao.toml").read_text("utf-8")
    else:
        assert (code, served, list(tmp_path.iterdir())) == (1, [], [])
        assert "请先运行 xiaobao init 或 xiaobao demo" in err


def test_init_publishes_the_shipped_checklists_and_never_overwrites(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = call(monkeypatch, capsys, "init", str(tmp_path / "bank"), "--bank", '青禾"银行')
    assert code == 0 and out.count("已发布") == 16
    code, _, err = call(monkeypatch, capsys, "init", str(tmp_path / "bank"))
    assert code == 1 and "没有改动任何文件" in err


def test_a_bad_import_lists_every_fault_and_stores_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seeded_workspace: Path, tmp_path: Path
) -> None:
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    monkeypatch.setenv("XIAOBAO_HOME", str(home))
    bad = tmp_path / "物料.csv"
    rows = ["物料编号,机构号,物料名称,类别,发布日期", "M1,不存在,海报,贷款,2026-02-30", "M2,Z9,海报,彩票,2026-03-01"]
    bad.write_text("\n".join(rows) + "\n", "utf-8")
    before = sorted(str(p) for p in (home / "data").rglob("*"))
    code, _, err = call(monkeypatch, capsys, "import", "promotion_materials", str(bad), "--period", "2026H1")
    assert code == 1
    assert "第 2 行" in err and "第 3 行" in err and "物料.csv" in err and "Traceback" not in err
    assert sorted(str(p) for p in (home / "data").rglob("*")) == before


def test_reading_commands_also_give_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seeded_workspace: Path
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(seeded_workspace))
    plain = ("status", "dataset list", "checklist list", "checklist show complaints", "campaign list", "verify")
    of_period = ("leads list", "findings list", "actions list")
    for words in [*map(str.split, plain), *([*words.split(), "--period", "2026H1"] for words in of_period)]:
        code, out, err = call(monkeypatch, capsys, *words, "--json")
        assert code == 0, (words, err)
        assert json.loads(out) is not None

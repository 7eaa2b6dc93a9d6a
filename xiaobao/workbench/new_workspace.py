"""Making a workspace: its folders, its settings, the shipped checklists and notebooks, the first published versions."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

from xiaobao import store as storing
from xiaobao.datasets.personal import load_key
from xiaobao.errors import Fault, WorkspaceError, machine_words
from xiaobao.personal import mask
from xiaobao.workbench.moving_over import mark_layout
from xiaobao.workbench.versions import publishing
from xiaobao.workbench.workspace import KEY_FILE, SETTINGS_FILE, Workbench, open_workbench, shipped


def init_workspace(home: Path, bank: str = "", as_of: date | None = None) -> Workbench:
    """Make a workspace and publish the shipped versions. Raises WorkspaceError where one stands already."""
    home = home.resolve()
    if (home / SETTINGS_FILE).exists():
        raise WorkspaceError(Fault("这里已经是工作区，没有改动任何文件", file=str(home)))
    try:
        for name in ("data", "evidence", "reports", "secrets"):
            (home / name).mkdir(parents=True, exist_ok=True)
        for name in ("checklists", "notebooks"):
            dots = shutil.ignore_patterns(".*")
            shutil.copytree(shipped(name), home / name, ignore=dots, copy_function=_copy, dirs_exist_ok=True)
        mark_layout(home)
        (home / "secrets").chmod(0o700)
        load_key(home / KEY_FILE)
        (home / SETTINGS_FILE).write_text(_settings_text(mask(bank) or "示例银行", as_of), "utf-8")
    except OSError as error:
        raise WorkspaceError(Fault(f"不能建立工作区：{machine_words(error)}", file=str(home))) from error
    storing.open(f"sqlite:///{home / 'xiaobao.sqlite'}", create=True).close()
    bench = open_workbench(home)
    publishing.publish_all(bench, home / "checklists")
    return bench


def _copy(source: str, target: str) -> None:
    """Copy a shipped file; a notebook without its outputs, which show the sample bank and would pass for this one's."""
    if not source.endswith(".ipynb"):
        shutil.copy2(source, target)
        return
    plain = json.loads(Path(source).read_text("utf-8"))
    for cell in plain["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    Path(target).write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _settings_text(bank: str, as_of: date | None) -> str:
    day = f"as_of = {as_of.isoformat()}\n" if as_of else "# as_of = 2026-07-05   # 固定的统计截止日；不写则用当天\n"
    quoted = bank.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'bank = "{quoted}"\n{day}store = "sqlite:///xiaobao.sqlite"\nscheme = "self-inspection-2026"\n\n'
        "[policies]\n# 各项口径见使用手册；不写则用默认值\n\n[limits]\n# cell_seconds = 600\n"
    )

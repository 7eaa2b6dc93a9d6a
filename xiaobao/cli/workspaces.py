"""`xiaobao init`, `demo`, `verify`, `backup`, `restore`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.cli import reports
from xiaobao.cli.progress_bar import shown_progress
from xiaobao.demo.walk import run_demo
from xiaobao.errors import UnreadableRecord, WorkspaceError
from xiaobao.model import Actor
from xiaobao.terminal.output import JsonOption, bench, out, say
from xiaobao.workbench.acting import system_user
from xiaobao.workbench.backups import backup_workspace, restore_workspace
from xiaobao.workbench.new_workspace import init_workspace
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.workspace import Workbench, find_home, open_workbench

FOLDER = "xiaobao"  # what a workspace is called that is made on the way


def init(
    folder: Annotated[Path, typer.Argument(help="工作区文件夹")],
    bank: Annotated[str, typer.Option(help="银行名称")] = "",
) -> None:
    bench = init_workspace(folder, bank)
    say(f"工作区已建立：{folder}")
    for published in bench.store.list_published("checklist"):
        say(f"已发布 {published.id} {published.version}")


def offer_workspace() -> Path:
    """Return the workspace one stands in; to a person at a terminal who stands in none, offer to make one.

    Raises WorkspaceError where there is none and nobody can be asked, or the offer is declined.
    """
    try:
        return find_home()
    except WorkspaceError:
        if "XIAOBAO_HOME" in os.environ or not sys.stdin.isatty():
            raise
        folder = Path.cwd() / FOLDER
        say(f"这里（{Path.cwd()}）还没有工作区。可以新建一个：文件夹 {FOLDER}，随包检查表一并发布。")
        if not typer.confirm("现在新建吗？（y 新建，n 不建）", prompt_suffix=" "):
            raise
    init(folder, typer.prompt("银行名称（得分表和报告上显示）", prompt_suffix="："))
    say(f"以后请先进入该文件夹（cd {FOLDER}），再运行 xiaobao serve")
    return folder


def demo(
    folder: Annotated[Path, typer.Argument(help="工作区文件夹")] = Path("demo"),
    units: Annotated[int, typer.Option(min=3, help="被检查机构数")] = 12,
    periods: Annotated[int, typer.Option(min=1, max=8, help="半年期数")] = 2,
    seed: Annotated[int, typer.Option(help="随机种子")] = 20260705,
    jobs: Annotated[int, typer.Option(min=1, help="同时运行的笔记本数")] = 2,
    batch: Annotated[bool, typer.Option("--batch/--no-batch", help="是否运行笔记本")] = True,
) -> None:
    with shown_progress() as progress:
        summary = run_demo(folder, units, periods, seed, jobs, batch, say, progress)
    reports.print_demo(summary)
    if summary.failed:
        raise typer.Exit(1)


def verify(
    workspace: Annotated[Path | None, typer.Argument(help="工作区，默认为当前所在的工作区")] = None,
    checkpoint: Annotated[
        list[str] | None, typer.Option("--checkpoint", help="另处保存的检查点，可写多次；核对历史是否被截短或改写")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check history, evidence, papers and reports; exit 1 where anything changed."""
    wb = _to_verify(workspace)
    problems, now = verify_workspace(wb, checkpoint or ()), wb.store.checkpoint()
    lines = [*(problems or ("未发现改动",)), f"检查点 {now}（请另处保存，以后用 --checkpoint 核对）"]
    out({"problems": list(problems), "checkpoint": now}, as_json, lambda: say("\n".join(lines)))
    if problems:
        raise typer.Exit(1)


def _to_verify(workspace: Path | None) -> Workbench:
    """Return the workbench of whoever may verify; of anybody where the register of people is what was altered."""
    try:
        wb = bench(workspace, read_only=True)
        wb.look("store.keep")
    except UnreadableRecord:
        return open_workbench(workspace, Actor(name=system_user() or "unknown"), read_only=True)
    return wb


def backup(
    file: Annotated[Path, typer.Argument(help="备份文件（.tar 或 .tar.gz），含数据、佐证、底稿、检查表")],
    key: Annotated[Path | None, typer.Option("--key", help="把化名密钥另存到这个文件，请与备份分开保管")] = None,
) -> None:
    wb = bench(read_only=True)
    wb.look("store.keep")
    backup_workspace(wb, file, key)
    say(f"已备份到 {file}")
    say(f"化名密钥已另存到 {key}，请与备份分开保管" if key else "备份中没有化名密钥；需要时用 --key 另存")


def restore(
    file: Annotated[Path, typer.Argument(help="备份文件")],
    folder: Annotated[Path, typer.Argument(help="新文件夹")],
    key: Annotated[Path | None, typer.Option("--key", help="另存的化名密钥文件")] = None,
) -> None:
    """Restore into a new folder and verify it there; exit 1 where the backup does not hold together."""
    problems = restore_workspace(file, folder, key)
    say("\n".join((f"已还原到 {folder}", *(problems or ("核对无误",)))))
    if problems:
        raise typer.Exit(1)

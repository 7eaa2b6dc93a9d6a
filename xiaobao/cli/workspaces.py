"""`xiaobao init`, `demo`, `verify`, `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao.cli import reports
from xiaobao.cli.progress import shown_progress
from xiaobao.demo.walk import run_demo
from xiaobao.terminal.output import JsonOption, bench, out, say
from xiaobao.workbench.verifying import backup_workspace, restore_workspace, verify_workspace
from xiaobao.workbench.workspace import init_workspace


def init(
    folder: Annotated[Path, typer.Argument(help="工作区文件夹")],
    bank: Annotated[str, typer.Option(help="银行名称")] = "",
) -> None:
    bench = init_workspace(folder, bank)
    say(f"工作区已建立：{folder}")
    for published in bench.store.list_published("checklist"):
        say(f"已发布 {published.id} {published.version}")


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
    as_json: JsonOption = False,
) -> None:
    problems = verify_workspace(bench(workspace, read_only=True))
    out({"problems": list(problems)}, as_json, lambda: say("\n".join(problems) or "未发现改动"))
    if problems:
        raise typer.Exit(1)


def backup(file: Annotated[Path, typer.Argument(help="备份文件")]) -> None:
    backup_workspace(bench(read_only=True), file)
    say(f"已备份到 {file}")


def restore(
    file: Annotated[Path, typer.Argument(help="备份文件")], folder: Annotated[Path, typer.Argument(help="新文件夹")]
) -> None:
    restore_workspace(file, folder)
    say(f"已还原到 {folder}")

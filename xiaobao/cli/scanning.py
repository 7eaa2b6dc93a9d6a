"""`xiaobao scan`: where personal data stands, file by file, and what can be done about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from itertools import groupby, islice
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.terminal.output import JsonOption, bench, out, print_table, say
from xiaobao.workbench.scanning import Leak, Scan, scan_workspace

_FILES, _PLACES = 100, 3


def scan(
    workspace: Annotated[Path | None, typer.Argument(help="工作区，默认为当前所在的工作区")] = None,
    as_json: JsonOption = False,
) -> None:
    """Look for personal data wherever the workspace keeps text; exit 1 on a find and on a file that cannot be read."""
    wb = bench(workspace, read_only=True)
    wb.look("store.keep")
    found = scan_workspace(wb)
    out(asdict(found), as_json, lambda: show_scan(found))
    if found.leaks or found.unread:
        raise typer.Exit(1)


def show_scan(scan: Scan) -> None:
    """Print each file and kind with its first places, and how to put them right."""
    looked = f"查看了 {scan.files} 个文件、{scan.events} 条留痕"
    for line in scan.unread:
        say(f"没有看成：{line}")
    if not scan.leaks:
        say(f"{looked}，没有发现个人信息")
        return
    kinds = Counter(leak.kind for leak in scan.leaks)
    counted = "，".join(f"{kind} {number} 处" for kind, number in kinds.most_common())
    say(f"{looked}，发现个人信息 {len(scan.leaks)} 处：{counted}")
    rows = _rows(scan)
    print_table("个人信息所在", ("文件", "种类", "处数", "位置", "前后文字（已隐去）"), rows[:_FILES], right=("处数",))
    if len(rows) > _FILES:
        say(f"……另有 {len(rows) - _FILES} 行未列出")
    say("逐处列全用 --json。数据：用 import --replace 重新导入；原始提取文件：导入后移出工作区；")
    say("底稿和报告：重新运行、另行出具；留痕：保存改正后的内容，再按规定清除旧内容。")
    say("是本行公开的电话、邮箱或地址的，写入 xiaobao.toml 的 [public] values。")


def _rows(scan: Scan) -> list[tuple[str, str, int, str, str]]:
    rows = []
    for (file, kind), found in groupby(sorted(scan.leaks, key=lambda one: (one.file, one.kind)), key=_file_and_kind):
        leaks = list(found)
        places = "、".join(leak.place for leak in islice(leaks, _PLACES))
        more = f" 等 {len(leaks)} 处" if len(leaks) > _PLACES else ""
        rows.append((file, kind, len(leaks), places + more, leaks[0].excerpt))
    return rows


def _file_and_kind(leak: Leak) -> tuple[str, str]:
    return leak.file, leak.kind

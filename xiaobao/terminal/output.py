"""How commands speak: text for people, JSON for programs; tables as wide as their Chinese."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from xiaobao.errors import Fault, WorkspaceError, machine_words
from xiaobao.files import probe_room
from xiaobao.workbench.workspace import find_home, open_workbench

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON")]
PeriodOption = Annotated[str, typer.Option("--period", help="检查期间，如 2026H1")]
CAMPAIGN_HELP = "检查批次名称，一期多批时必填"
CampaignOption = Annotated[str | None, typer.Option("--campaign", help=CAMPAIGN_HELP)]
_PIPED_WIDTH = 160
_console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def say(text: str) -> None:
    """Print a line for people."""
    typer.echo(text)


def out(plain: Any, as_json: bool, show: Callable[[], None]) -> None:
    """Print `plain` as JSON, or let `show` print it for people."""
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=1, default=str))
    else:
        show()


def print_table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> None:
    """Print a table; the heads named in `right` are figures."""
    shown = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        shown.add_column(head, justify="right" if head in right else "left", overflow="fold", no_wrap=head in right)
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    _console.print(shown)


def _refuse_full(home: Path) -> None:
    try:
        probe_room(home)
    except OSError as error:
        message = f"工作区写不进去：{machine_words(error)}，没有开始"
        raise WorkspaceError(Fault(message, file=str(home), allowed="腾出空间或放开写权限后重试")) from error


def bench(home: Path | None = None, *, read_only: bool = False) -> Workbench:
    """Return the workbench of the current workspace, or of `home`.

    Raises WorkspaceError before any work is done where a command that writes cannot write.
    """
    if not read_only:
        _refuse_full(home or find_home())
    wb = open_workbench(home, read_only=read_only)
    for notice in wb.store.notices:
        typer.echo(f"提示：{notice}", err=True)
    return wb

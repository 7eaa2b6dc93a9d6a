"""How commands speak: text for people, JSON for programs; tables as wide as their Chinese."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON")]
PeriodOption = Annotated[str, typer.Option("--period", help="检查期间，如 2026H1")]
CampaignOption = Annotated[str | None, typer.Option("--campaign", help="检查批次名称，一期多批时必填")]
_console = Console(soft_wrap=False)


def say(text: str) -> None:
    typer.echo(text)


def out(plain: Any, as_json: bool, show: Callable[[], None]) -> None:
    """Print `plain` as JSON, or let `show` print it for people."""
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=1, default=str))
    else:
        show()


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> None:
    """Print a table; the heads named in `right` are figures."""
    shown = Table(title=title, title_justify="left", show_lines=False, header_style="bold")
    for head in heads:
        shown.add_column(head, justify="right" if head in right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    _console.print(shown)

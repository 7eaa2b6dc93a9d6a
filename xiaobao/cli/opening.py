"""Open the workspace for a command, and say first what the store warns of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench


def bench(home: Path | None = None, *, read_only: bool = False) -> Workbench:
    """Return the workbench of the current workspace, or of `home`."""
    from xiaobao.workbench.workspace import open_workbench

    wb = open_workbench(home, read_only=read_only)
    for notice in wb.store.notices:
        typer.echo(f"提示：{notice}", err=True)
    return wb

"""Names of units for the head of pages, read by another process: what reads them would stay in the server's memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

_SECONDS = 120


def ask_names() -> dict[str, str]:
    """Return unit id → name, empty at first; it is filled beside the server's start, which does not wait for it."""
    names: dict[str, str] = {}

    def ask() -> None:
        command = [sys.executable, "-m", "xiaobao.pages.unit_names"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        if done.returncode == 0:
            names.update(json.loads(done.stdout))

    threading.Thread(target=ask, daemon=True).start()
    return names


def main() -> None:
    """Print unit id → name of the newest period as JSON, for `ask_names` in the process of the server."""
    from xiaobao.errors import XiaobaoError
    from xiaobao.workbench.workspace import open_workbench

    names: dict[str, str] = {}
    wb = open_workbench(read_only=True)
    for period in sorted({record.period for record in wb.store.imports("units")})[-1:]:
        try:
            names = {unit.id: unit.name for unit in wb.units(period).values()}
        except XiaobaoError:
            names = {}  # what is wrong with the register the pages say; the head does with the numbers
    print(json.dumps(names))  # noqa: T201  the answer


if __name__ == "__main__":
    main()

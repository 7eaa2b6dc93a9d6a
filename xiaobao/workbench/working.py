"""The process of one long work: runs the command that was asked for; what it says is masked before it is kept."""

from __future__ import annotations

import io
import signal
import sys
from importlib import import_module
from pathlib import Path

from xiaobao.personal import mask
from xiaobao.workbench import acting, long_work


class _Masked(io.TextIOBase):
    """A text stream that masks personal data line by line."""

    def __init__(self, target: io.TextIOBase) -> None:
        self._target, self._begun = target, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._target.write(mask(line) + "\n")
        self._target.flush()
        return len(text)

    def close(self) -> None:
        if self._begun:
            self.write("\n")
        super().close()


def main(folder: Path) -> int:
    """Run the work of `folder`; return the command's exit code."""
    work = long_work.read_work(folder)
    if work is None:
        return 2
    acting.be(work.id)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out = _Masked(sys.stdout)  # type: ignore[arg-type]
    sys.stdout = sys.stderr = out
    sys.argv = ["xiaobao", *work.words]
    code = 1
    try:
        import_module("xiaobao.cli").main()  # the floor above: this process is the command itself
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
    finally:
        out.close()
        long_work.end_work(folder, code)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""What a start costs now and at an earlier commit, in turns: processor time of a paper, a warm kernel and `--help`.

    git worktree add --detach /somewhere/before 992f7aa
    python benchmarks/imports.py /somewhere/before [--rounds N]

A paper: what its notebook imports when it is run in a process of its own, views and computing among it. A kernel: what
a zygote loads before it forks, once a run. Both run under this Python, with their bytecode written (the first round
does that and does not count), one after another, so that a busy machine is as slow for one as for the other. Medians
and the best of each are told, nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PAPER = """
import os
os.environ["XIAOBAO_INPUT"] = "named, not read"
import xiaobao as xb
xb.open_paper, xb.emit
try:
    import xiaobao.workbench.paper  # where 992f7aa computes, loaded by the call
except ImportError:
    pass
for name in "heading coverage responses check_results leads scores losses findings".split():
    getattr(xb.views, name)
"""
KERNEL = """
from xiaobao.batch.warming import warm
warm()
"""
HELP = """
import contextlib, io, sys
sys.argv = ["xiaobao", "--help"]
from xiaobao.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
"""
STARTS = {"a paper": PAPER, "a warm kernel": KERNEL, "xiaobao --help": HELP}
TOLD = "\nimport time\nprint(time.process_time())\n"


def cost(checkout: Path, code: str) -> float:
    """Return the seconds of processor that a process of this Python takes for `code`, by the code of a checkout."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code + TOLD],
            cwd=folder,
            env={**env, "PYTHONPATH": str(checkout)},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    sides = {"before": options.before.resolve(), "now": HERE}
    costs: dict[tuple[str, str], list[float]] = {}
    for number in range(options.rounds + 1):
        for start, code in STARTS.items():
            for side in sides if number % 2 else reversed(sides):
                seconds = cost(sides[side], code)
                if number:
                    costs.setdefault((start, side), []).append(seconds)
    for start in STARTS:
        before, now = (costs[start, side] for side in sides)
        middle = statistics.median(now) / statistics.median(before)
        told = f"{statistics.median(before):.3f} → {statistics.median(now):.3f} s"
        print(f"{start}: {middle:.2f} × by medians ({told}), {min(now) / min(before):.2f} × by the best")


if __name__ == "__main__":
    main()

"""Batches of notebooks side by side: our runners, the peers, and the floor, in one run.

    python benchmarks/batch.py [--quick] [--rounds N] [--units N] [--json FILE] [--only NAME,…]
        [--bank FOLDER]

Variants are interleaved round by round in warm processes; medians and pairwise ratios (round by round, then the
median) are printed. Outputs are compared with plain papermill's before a time counts. Run on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inputs import WORKLOAD, WORKLOAD_STEPS, differences, freeze, into, make_bank, workload
from measuring import Cost, Runner
from proofs import import_times, isolation_leaks, kill_latency, whole_run
from runners import RUNNERS

QUIET = {"PLOOMBER_STATS_ENABLED": "false", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
BASE = "papermill-2"


def main() -> None:
    options = _options()
    os.environ.update(QUIET)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every process would compile us anew, and only us
    report: dict[str, Any] = {"machine": _machine()}
    print("  ".join(f"{key} {value}" for key, value in report["machine"].items()))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        report["imports"] = import_times(3 if options.quick else 9)
        print(_imports(report["imports"]))
        bank = options.bank or folder / "bank"
        if not options.bank:
            make_bank(bank, 4)
        units = 1 if options.quick else 3
        tasks = freeze(bank, folder / "frozen", units)
        report["six"] = compare("our six notebooks", tasks, _setting(), options, folder / "six", {})
        tasks = workload(folder / "data", 2 if options.quick else 4)
        env = {"JUPYTER_PATH": str(_kernelspec(folder)), "PYTHONPATH": os.pathsep.join([str(WORKLOAD), *_path()])}
        setting = _setting(draws=True, steps=WORKLOAD_STEPS, result_type="application/json")
        report["workload"] = compare("the workload, with its chart", tasks, setting, options, folder / "work", env)
        report["leaks"] = isolation_leaks(folder / "leaks", options.only)
        report["kill"] = kill_latency(bank)
        report["whole"] = whole_run(bank)
        if options.units:
            tasks = freeze(bank, folder / "frozen", options.units)
            report["scale"] = scale(tasks, folder / "scale")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few notebooks and rounds: does it work at all?")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--units", type=int, default=0, help="also run so many units × 6, quarter by quarter")
    parser.add_argument("--only", default="", help="runners to compare, by name, with a comma between")
    parser.add_argument("--bank", type=Path, help="a demo that was run already, of one period; else one is made")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 7)
    options.only = [name for name in options.only.split(",") if name] or list(RUNNERS)
    if unknown := set(options.only) - set(RUNNERS):
        parser.error(f"no such runner: {', '.join(sorted(unknown))}; there are {', '.join(RUNNERS)}")
    return options


def _machine() -> dict[str, Any]:
    from importlib.metadata import version

    names = ("papermill", "nbclient", "ipykernel", "pandas", "pyarrow", "matplotlib", "ploomber-engine")
    return {"cores": len(os.sched_getaffinity(0)), "python": sys.version.split()[0], **{n: version(n) for n in names}}


def _setting(draws: bool = False, steps: Sequence[str] = (), result_type: str = "") -> dict[str, Any]:
    return {"draws": draws, "steps": list(steps), "result_type": result_type}


def _path() -> list[str]:
    return [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]


def _kernelspec(folder: Path) -> Path:
    """Return a folder with the shipped kernelspec, told to preload what the workload imports."""
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec("xiaobao").to_dict()
    preload = [step for step in WORKLOAD_STEPS if not step.startswith(("xiaobao.", "papermill"))]
    spec["metadata"]["kernel_provisioner"]["config"]["preload"] = preload
    home = folder / "jupyter" / "kernels" / "xiaobao"
    home.mkdir(parents=True)
    (home / "kernel.json").write_text(json.dumps(spec), "utf-8")
    return folder / "jupyter"


def compare(
    title: str,
    tasks: list[Any],
    setting: dict[str, Any],
    options: argparse.Namespace,
    folder: Path,
    env: dict[str, str],
) -> dict[str, Any]:
    """Run every runner round by round over the same tasks; print and return what each costs a notebook."""
    folder.mkdir(parents=True)
    runners: dict[str, Runner] = {}
    wrong: dict[str, int] = {}
    reference = into(folder / "reference", tasks)
    first = Runner("papermill-2", setting, env, folder)
    first.run(reference)
    first.close()
    for name in options.only:
        runner = Runner(name, setting, env, folder)
        own = into(folder / name, tasks)
        try:
            runner.run(own)  # warms up, too
            wrong[name] = differences(reference, own)
            runners[name] = runner
        except RuntimeError as error:
            print(f"{name} left out: {str(error).strip().splitlines()[-1]}")
            runner.close()
    costs: dict[str, list[Cost]] = {name: [] for name in runners}
    for number in range(options.rounds):
        order = list(runners)
        for name in order[number % len(order) :] + order[: number % len(order)]:
            costs[name].append(runners[name].run(into(folder / name, tasks)))
    peaks = {name: runner.peak(into(folder / name, tasks)) for name, runner in runners.items()}
    for runner in runners.values():
        runner.close()
    found = {name: _figures(name, costs, len(tasks), wrong[name], peaks[name]) for name in runners}
    _print(title, len(tasks), options.rounds, found)
    return found


def _figures(name: str, costs: dict[str, list[Cost]], count: int, wrong: int, peak: int) -> dict[str, Any]:
    wall, cpu = (lambda cost: cost.wall), (lambda cost: cost.cpu)
    return {
        "wall_ms": _median([cost.wall for cost in costs[name]]) / count * 1000,
        "cpu_ms": _median([cost.cpu for cost in costs[name]]) / count * 1000,
        "times_faster": {base: _ratio(costs, base, name, wall) for base in ("papermill", BASE) if base in costs},
        "times_less_cpu": {base: _ratio(costs, base, name, cpu) for base in ("papermill", BASE) if base in costs},
        "cpu_above_floor_ms": _above(costs, name, count) if "floor" in costs else None,
        "wall_to_parallel_floor": _ratio(costs, name, "floor-2", wall) if "floor-2" in costs else None,
        "peak_mib": peak / 2**20,
        "cells_that_differ": wrong,
    }


_median = statistics.median


def _ratio(costs: dict[str, list[Cost]], over: str, under: str, of: Callable[[Cost], float]) -> float:
    """Return the median over the rounds of `over` ÷ `under`."""
    return _median([of(a) / max(of(b), 1e-9) for a, b in zip(costs[over], costs[under], strict=True)])


def _above(costs: dict[str, list[Cost]], name: str, count: int) -> float:
    return _median([(a.cpu - b.cpu) / count * 1000 for a, b in zip(costs[name], costs["floor"], strict=True)])


def _print(title: str, count: int, rounds: int, found: dict[str, Any]) -> None:
    print(f"\n{title}: {rounds} rounds of {count} notebooks; ms a notebook, medians; ratios round by round")
    print(f"{'':42}{'clean':>6}{'wall':>8}{'CPU':>8}{'faster':>9}{'less CPU':>10}{'CPU+':>8}{'PSS MiB':>9}")
    for name, one in found.items():
        words, clean, _ = RUNNERS[name]
        faster, less, above = one["times_faster"].get(BASE), one["times_less_cpu"].get(BASE), one["cpu_above_floor_ms"]
        line = f"{words:42}{'yes' if clean else 'no':>6}{one['wall_ms']:8.0f}{one['cpu_ms']:8.0f}"
        line += f"{_shown(faster, 'x'):>9}{_shown(less, 'x'):>10}{_shown(above, '', 0):>8}{one['peak_mib']:9.0f}"
        if one["cells_that_differ"]:
            line += f"   DOES NOT COUNT: outputs of {one['cells_that_differ']} cells differ from plain papermill's"
        print(line)
    alone = found.get("kernelspec", {}).get("times_faster", {}).get("papermill")
    if alone:
        print(f"papermill as it is, one after another: kernel xiaobao {alone:.2f}x as fast as kernel python3")
    print(f"“faster” and “less CPU”: against {RUNNERS[BASE][0]}. “CPU+”: above the floor. “clean”: a process each.")


def _shown(value: float | None, unit: str, places: int = 2) -> str:
    return "—" if value is None else f"{value:.{places}f}{unit}"


def _imports(found: dict[str, float]) -> str:
    return (
        f"imports of a paper's kernel {found['ours_ms']:.0f} ms, bare pandas and pyarrow {found['bare_ms']:.0f} ms, "
        f"{found['ratio']:.2f}x (accepted up to 1.3x)"
    )


def scale(tasks: list[Any], folder: Path) -> dict[str, Any]:
    """Run many notebooks through our batch; return CPU a notebook and memory, quarter by quarter."""
    folder.mkdir(parents=True)
    runner = Runner("batch-2", _setting(), {}, folder)
    runner.run(into(folder / "warm", tasks[:12]))
    size = len(tasks) // 4
    quarters = [runner.run(into(folder / "papers", tasks[n * size : (n + 1) * size])) for n in range(4)]
    peak = runner.peak(into(folder / "papers", tasks[:60]))
    runner.close()
    cpu = [one.cpu / size * 1000 for one in quarters]
    print(f"\n{4 * size} notebooks: CPU ms a notebook by quarter {', '.join(f'{c:.1f}' for c in cpu)}", end="; ")
    print(f"last to first {cpu[-1] / cpu[0]:.3f}; wall {sum(one.wall for one in quarters):.0f} s; {peak >> 20} MiB")
    return {"cpu_ms": cpu, "wall_s": [one.wall for one in quarters], "peak_mib": peak / 2**20}


if __name__ == "__main__":
    main()

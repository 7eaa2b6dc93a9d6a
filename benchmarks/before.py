"""What an import, a save and a paper cost now and at an earlier commit, in turns: processor time and peak memory.

    git worktree add /somewhere/before 992f7aa
    python benchmarks/before.py /somewhere/before [--rows N] [--rounds N] [--json FILE]

A ledger of complaints with every column that both know, every text another one, is read, validated, masked,
pseudonymised and written as an extract. Both run under this Python, one after another, so that a busy machine is as
slow for one as for the other; the best round of each counts. A save answers one item of a form, a paper is computed
over a ledger of 20,000 rows. The target, at most 1.1 ×, is told, not asserted.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TARGET = 1.1
START = date(2026, 1, 1)
HEADS = [
    "投诉编号",
    "机构号",
    "工单性质",
    "受理日期",
    "投诉来源",
    "业务办理渠道",
    "业务大类",
    "业务小类",
    "投诉原因",
    "客户号",
    "诉求",
    "投诉内容",
    "复杂程度",
    "处理决定日期",
    "告知日期",
    "告知凭证号",
    "经办人工号",
    "是否受理",
    "处理结果",
    "满意度",
    "投诉人地区",
]
SAME = ("营业现场", "银行卡", "借记卡", "信息泄露")
WORKER = """
import json, resource, sys, tempfile, time
from pathlib import Path
from xiaobao.datasets.importing import read_extract, write_extract
from xiaobao.model import Period
units = {f"{n:06}" for n in range(1, 4001)}
begun = time.process_time()
read = read_extract(
    [Path(sys.argv[1])], "complaints", key=b"k" * 32, period=Period.parse("2026H1"), known_units=units
)
with tempfile.TemporaryDirectory() as folder:
    write_extract(read, Path(folder))
seconds = time.process_time() - begun
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""

ACTS = """
import json, sys, tempfile, time
from pathlib import Path
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, tiny_workspace, workbench
from xiaobao.model import Conclusion, Response
from xiaobao.workbench.importing import import_extract
try:
    from xiaobao.workbench.inspections import filling
    from xiaobao.workbench.results.reading import work_paper
except ImportError:
    from xiaobao.workbench import inspecting as filling
    from xiaobao.workbench.reading import work_paper
with tempfile.TemporaryDirectory() as folder:
    wb = workbench(tiny_workspace(Path(folder) / "bank"))
    import_extract(wb, "complaints", [Path(sys.argv[1])], PERIOD)
    form = filling.open_form(wb, UNIT, PERIOD, DOMAIN)
    begun = time.process_time()
    for number in range(SAVES):
        said = Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note=f"第 {number} 次")
        filling.answer(wb, form, said, number)
    saved = time.process_time()
    for _ in range(PAPERS):
        work_paper(wb, UNIT, PERIOD, DOMAIN).result()
    print(json.dumps([(saved - begun) / SAVES * 1000, (time.process_time() - saved) / PAPERS * 1000]))
"""
SAVES, PAPERS, ROWS = 100, 5, 20_000
NAMES = ("save", "paper")


def write_ledger(path: Path, rows: int, units: Sequence[str] = ()) -> None:
    """Write a ledger of the first half of 2026 over 4,000 units, or over those named."""
    rng = random.Random(1)  # noqa: S311
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        for n in range(rows):
            day = START + timedelta(rng.randrange(181))
            done = day + timedelta(rng.randrange(40))
            told = (
                f"客户{day.month}月来行办理，排队{rng.randrange(5, 200)}分钟，涉及{rng.randrange(90_000)}.50元，第{n}件"
            )
            source, customer = rng.choice(["12345政务热线", "营业现场"]), f"C{rng.randrange(rows):010}"
            row = [
                f"TS26{n:011}",
                rng.choice(units) if units else f"{rng.randrange(1, 4001):06}",
                "投诉",
                day,
                source,
                *SAME,
                customer,
                "要求说明情况",
                told,
            ]
            row += [
                "复杂",
                done,
                done,
                f"GZ26{n:011}",
                f"E{rng.randrange(20_000):08}",
                "是",
                "已答复",
                "满意",
                "临川市",
            ]
            writer.writerow(row)


def cost(checkout: Path, ledger: Path, worker: str = WORKER) -> list[float]:
    """Return seconds and megabytes of one import by the code of a checkout; of `ACTS` milliseconds of each act."""
    env = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [sys.executable, "-c", worker, str(ledger)], cwd=checkout, env=env, capture_output=True, text=True, check=True
    )
    found: list[float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sides = {"before": options.before.resolve(), "now": HERE}
    costs: dict[str, list[list[float]]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.csv"
        write_ledger(ledger, options.rows)
        few = Path(folder) / "few.csv"
        write_ledger(few, ROWS, ("0101", "0102"))
        acts = ACTS.replace("SAVES", str(SAVES)).replace("PAPERS", str(PAPERS))
        done: dict[str, list[list[float]]] = {name: [] for name in sides}
        for number in range(options.rounds):
            for name in sides if number % 2 == 0 else reversed(sides):
                done[name].append(cost(sides[name], few, acts))
        for number in range(options.rounds):
            for name in sides if number % 2 == 0 else reversed(sides):
                costs[name].append(cost(sides[name], ledger))
    best = {name: min(seconds for seconds, _ in found) for name, found in costs.items()}
    for name, found in costs.items():
        print(f"{name:>6}  {best[name]:8.2f} s  {max(megabytes for _, megabytes in found):6.0f} MB")
    print(f"import of {options.rows} rows: {best['now'] / best['before']:.2f} × (target {TARGET})")
    for place, act in enumerate(NAMES):
        least = {name: min(found[place] for found in rounds) for name, rounds in done.items()}
        told = f"{least['before']:.1f} → {least['now']:.1f} ms"
        print(f"a {act}: {least['now'] / least['before']:.2f} × (target {TARGET}), {told}")
    if options.json:
        options.json.write_text(json.dumps({"import": costs, "acts": done}, indent=1))


if __name__ == "__main__":
    main()

"""`xb.try_check` over a whole bank, against one pass over the same partitions in one process.

    python benchmarks/trying.py [--quick | --units N] [--json FILE]

4,000 units × 1,000 complaints (40 × 1,000 with --quick). The pass reads every unit's table as `xb.table` gives it,
held to its digest and masked, and runs the same function on it. try_check does that too, each unit in a confined
child, and tells hits and first records. Once each; told are seconds of the clock and of all processors (the latter
mean something on a machine that is busy with other work, too), and the memory of all processes together, what they
share counted once. Neither may be more than twice those of the pass.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
from measuring import peak_memory

from xiaobao.datasets.catalogue import DATASETS, Column
from xiaobao.datasets.extracts import arrow_type, kept_columns, metadata, write_parquet
from xiaobao.features.analysis import trials
from xiaobao.features.analysis.shown import read_shown
from xiaobao.model import Extract

SPEC = DATASETS["complaints"]
DECIDED = "处理决定日期"
HITS = 20  # of a unit's records
MOST_RATIO = 2.0


def values(column: Column, rows: int) -> list[object]:
    """Return made-up values of a column for `rows` complaints."""
    kind = arrow_type(column)
    if pa.types.is_temporal(kind):
        days: list[object] = [pd.Timestamp("2026-01-01") + pd.Timedelta(days=number % 180) for number in range(rows)]
        return [*days[:-HITS], *([None] * HITS)] if column.title == DECIDED else days
    if pa.types.is_boolean(kind):
        return [number % 5 == 0 for number in range(rows)]
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return [number % 100 for number in range(rows)]
    if column.kind == "choice":
        allowed = column.allowed or ("其他",)
        return [allowed[number % len(allowed)] for number in range(rows)]
    return [f"第 {number} 项" for number in range(rows)]


def template(rows: int) -> pa.Table:
    """Return a table of made-up complaints; `of_unit` makes it a unit's."""
    columns = [one for one in (*kept_columns(SPEC), *SPEC.derived) if one.personal != "drop"]
    fields = [pa.field(one.name, arrow_type(one)) for one in columns]
    arrays = [pa.array(values(one, rows), type=field.type) for one, field in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=metadata(SPEC.name, set())))


def of_unit(table: pa.Table, unit: str) -> pa.Table:
    """Return the table with the unit's id, and free texts that no other row has, as people write them."""
    for column in SPEC.columns:
        place = table.schema.get_field_index(column.name)
        if column.name == SPEC.unit:
            table = table.set_column(place, column.name, pa.array([unit] * len(table)))
        elif column.kind == "note" and place >= 0:
            said = [f"客户反映 {unit} 第 {number} 笔收费与告知不符，要求退回并说明理由" for number in range(len(table))]
            table = table.set_column(place, column.name, pa.array(said))
    return table


def partition(home: Path, table: pa.Table, unit: str) -> Extract:
    """Write one unit's partition and return what a workspace knows of it."""
    path = home / unit / f"{SPEC.name}.parquet"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_parquet(of_unit(table, unit), file)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Extract(dataset=SPEC.name, path=path.relative_to(home).as_posix(), sha256=sha256, rows=len(table))


def undecided(rows: pd.DataFrame) -> pd.DataFrame:
    """Return complaints without a day of decision."""
    return rows[rows[DECIDED].isna()]


def one_pass(todo: list[trials.Trial]) -> int:
    """Read every table and count what the function returns."""
    titles = {column.name: column.title for column in (*SPEC.columns, *SPEC.derived)}
    return sum(len(undecided(one.read().rename(columns=titles))) for one in todo)


def tried(todo: list[trials.Trial]) -> int:
    """Try the function as `xb.try_check` does and count its hits."""
    lines = trials.lines_of(undecided, SPEC, todo, "中文")
    assert not any(line["note"] for line in lines)
    return sum(line["hits"] for line in lines)


class Spent(NamedTuple):
    """What a work found and cost: seconds of the clock, of all processors, bytes at its peak."""

    hits: int
    seconds: float
    processor: float
    peak: int


def spent(work: Callable[[], int]) -> Spent:
    """Do a work and tell what it cost, its children counted."""
    start, busy = time.perf_counter(), processor_seconds()
    with peak_memory() as peak:
        hits = work()
    return Spent(hits, time.perf_counter() - start, processor_seconds() - busy, peak())


def processor_seconds() -> float:
    """Return the seconds of processors that this process and all children it waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--units", type=int, default=0, help="other than 4,000 units")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    units, rows = asked.units or (40 if asked.quick else 4000), 1000
    with tempfile.TemporaryDirectory(prefix="xiaobao-trying-") as folder:
        home = Path(folder)
        table = template(rows)
        held = {unit: partition(home, table, unit) for unit in (f"U{number:05}" for number in range(units))}
        todo = [
            trials.Trial(period="2026H1", unit=unit, name=unit, read=partial(read_shown, home, SPEC, extract))
            for unit, extract in held.items()
        ]
        print(f"{units} 个机构 × {rows} 行", flush=True)
        plain = told("逐个读一遍", spent(partial(one_pass, todo)))
        trial = told("试算", spent(partial(tried, todo)))
    assert plain.hits == trial.hits == units * HITS
    ratios = trial.seconds / plain.seconds, trial.processor / plain.processor
    print(f"比值：时间 {ratios[0]:.2f}，处理器 {ratios[1]:.2f}")
    if asked.json:
        kept = {"units": units, "rows": rows, "pass": plain._asdict(), "try": trial._asdict(), "ratios": ratios}
        asked.json.write_text(json.dumps(kept, indent=1), "utf-8")
    if max(ratios) > MOST_RATIO:
        sys.exit(f"试算超过逐个读一遍的 {MOST_RATIO} 倍")


def told(what: str, cost: Spent) -> Spent:
    """Print what a work cost."""
    print(f"{what}：{cost.seconds:.1f} 秒，处理器 {cost.processor:.1f} 秒，内存峰值 {cost.peak >> 20} MB", flush=True)
    return cost


if __name__ == "__main__":
    main()

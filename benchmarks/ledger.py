"""All statistics of a bank's complaint ledger: seconds and peak memory at 10⁴, 10⁵ and 10⁶ rows over 4,000 units.

    python benchmarks/ledger.py [--quick] [--json FILE]

Each size is made by one process and measured in another, so that making the data is in neither figure. Measured is what
`head_office` does: read the bank's partition (checked against its digest), count, compare with the year before, test
for hot spots. The year before has as many rows again. The target, 10⁶ rows in 20 s and 4 GB, is told, not asserted: a
test that fails on a busy machine helps nobody.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.extracts import arrow_type, metadata
from xiaobao.datasets.partitions import read_columns
from xiaobao.datasets.same_matter import matter_facts
from xiaobao.features.complaints import LedgerScope, analyse, with_comparison
from xiaobao.features.complaints.facets import FACETS
from xiaobao.features.complaints.hot_spots import hot_spots
from xiaobao.features.complaints.ledger import COLUMNS
from xiaobao.model import Period, Unit
from xiaobao.policies import Counting

UNITS, PERIODS = 4000, ("2025H1", "2026H1")
SIZES, QUICK = (10_000, 100_000, 1_000_000), (1_000, 10_000)
TARGET_SECONDS, TARGET_MEGABYTES = 20, 4096
_NAT = np.datetime64("NaT")


def ledger(rows: int, period: Period, seed: int) -> pd.DataFrame:
    """Make a ledger with repeats, withdrawals, strange values, late and open cases, all columns of the catalogue."""
    rng = np.random.default_rng(seed)
    span = (period.end - period.start).days + 1
    received = np.datetime64(period.start) + rng.integers(0, span, rows).astype("timedelta64[D]")
    took = rng.integers(0, 40, rows).astype("timedelta64[D]")
    classes = [node.name for node in FACETS["business_class"].nodes if node.parent < 0]
    frame = {
        "complaint_no": np.char.add("T", np.arange(rows).astype(str)),
        "unit": np.char.add("U", (UNITS * rng.random(rows) ** 2 + 1).astype(int).astype(str)),
        "nature": rng.choice(["投诉", "咨询"], rows, p=[0.9, 0.1]),
        "received_on": received,
        "source": rng.choice(["12345政务热线", "金融监管转办", "人民银行转办", "营业现场", "来信", "某平台"], rows),
        "channel": rng.choice(["营业现场", "移动客户端", "自助机具", "中、后台业务渠道", "第三方渠道"], rows),
        "business_class": rng.choice([*classes, "借记卡", "柜面服务"], rows),
        "reason": rng.choice([node.name for node in FACETS["reason"].nodes], rows),
        "customer": np.char.add("C", rng.integers(0, max(rows // 2, 1), rows).astype(str)),
        "claim": np.char.add("诉求", rng.integers(0, 3, rows).astype(str)),
        "content": np.char.add("反映事项", np.arange(rows).astype(str)),
        "complexity": rng.choice(["简单", "复杂", "特别复杂"], rows, p=[0.8, 0.15, 0.05]),
        "decided_on": np.where(rng.random(rows) < 0.95, received + took, _NAT),
        "withdrawn_on": np.where(rng.random(rows) < 0.05, received + np.timedelta64(2, "D"), _NAT),
        "extension_level": rng.choice(["无", "上级机构"], rows),
        "extension_on": np.where(rng.random(rows) < 0.1, received + np.timedelta64(20, "D"), _NAT),
        "satisfaction": rng.choice(["满意", "基本满意", "不满意"], rows),
    }
    made = pd.DataFrame(
        {
            name: pd.Series(values).astype("str" if values.dtype.kind == "U" else "datetime64[us]")
            for name, values in frame.items()
        }
    )
    for column in DATASETS["complaints"].columns:
        if column.name not in made:
            kinds = {"date": "datetime64[us]", "flag": "boolean"}
            made[column.name] = pd.Series(pd.NA, index=made.index, dtype=kinds.get(column.kind, "str"))  # type: ignore[call-overload]
    return made


def write(folder: Path, rows: int) -> dict[str, Any]:
    """Write both years' partitions of the bank as a run does; return digests and the seconds of one look-back."""
    dataset = DATASETS["complaints"]
    found: dict[str, Any] = {"rows": rows}
    for turn, code in enumerate(PERIODS):
        whole = ledger(rows, Period.parse(code), seed=turn)
        start = time.perf_counter()
        whole = whole.assign(**matter_facts(whole, lambda whole=whole: whole))  # type: ignore[misc]
        found["look_back_seconds"] = time.perf_counter() - start
        columns = [column for column in (*dataset.columns, *dataset.derived) if column.name in whole]
        schema = pa.schema([(c.name, arrow_type(c)) for c in columns], metadata=metadata("complaints", ()))
        table = pa.Table.from_pandas(whole[[c.name for c in columns]], schema=schema, preserve_index=False)
        path = folder / f"{code}.parquet"
        pq.write_table(table.select(list(COLUMNS)), path, compression="zstd", write_statistics=False)
        found[code] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def measure(folder: Path, digests: Mapping[str, str]) -> dict[str, Any]:
    """Compute all statistics of the bank once, and say how long each part took and how much memory there was."""
    units = {
        f"U{n}": Unit(id=f"U{n}", name=f"第{n}网点", level="outlet", parent=f"B{n % 40}", region=f"地区{n % 12}")
        for n in range(1, UNITS + 1)
    }
    units |= {
        f"B{n}": Unit(id=f"B{n}", name=f"第{n}分行", level="branch", parent="", region=f"地区{n % 12}")
        for n in range(40)
    }
    rules, begun, used = Counting(), time.perf_counter(), time.process_time()
    frames = {code: read_columns(folder / f"{code}.parquet", digests[code], COLUMNS) for code in PERIODS}
    read = time.perf_counter()
    scope = LedgerScope(name="基准银行", units=units)
    years = [analyse(frames[code], Period.parse(code), rules, date(int(code[:4]), 7, 5), scope) for code in PERIODS]
    counted = time.perf_counter()
    compared = with_comparison(years[1], years[0], rules)
    whole = replace(compared, hot_spots=hot_spots(years[1], years[0], rules))
    done, cpu = time.perf_counter(), time.process_time() - used
    assert whole.hot_spots is not None
    return {
        "units": len(frames[PERIODS[1]]["unit"].unique()),
        "valid": whole.totals.valid,
        "tested": whole.hot_spots.tested,
        "read_seconds": read - begun,
        "count_seconds": counted - read,
        "compare_seconds": done - counted,
        "seconds": done - begun,
        "cpu_seconds": cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def run(sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    results = []
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            made = child("write", folder, str(rows))
            results.append(made | child("measure", folder, json.dumps(made)))
        print(line(results[-1]))
    return results


def line(found: dict[str, Any]) -> str:
    """Return one size's figures. Processor seconds stand beside: a busy machine's clock counts others' work."""
    parts = "、".join(
        f"{title} {found[name]:.2f}"
        for title, name in (("读", "read_seconds"), ("计数", "count_seconds"), ("比较与检验", "compare_seconds"))
    )
    return (
        f"{found['rows']:>9,} 行（另有上年同期同样多），{found['units']:,} 个机构有投诉："
        f"{found['seconds']:.2f} 秒（{parts}；处理器 {found['cpu_seconds']:.2f}），"
        f"峰值内存 {found['megabytes']:,.0f} MB；导入时的回溯 {found['look_back_seconds']:.2f} 秒"
    )


def child(*words: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only the small sizes")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    chosen = parser.parse_args()
    results = run(QUICK if chosen.quick else SIZES)
    last = results[-1]
    if not chosen.quick:
        met = last["seconds"] <= TARGET_SECONDS and last["megabytes"] <= TARGET_MEGABYTES
        print(f"目标 {TARGET_SECONDS} 秒、{TARGET_MEGABYTES} MB：{'达到' if met else '没有达到'}")
    if chosen.json:
        chosen.json.write_text(json.dumps(results, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        print(json.dumps(write(Path(sys.argv[2]), int(sys.argv[3]))))
    elif sys.argv[1:2] == ["measure"]:
        print(json.dumps(measure(Path(sys.argv[2]), json.loads(sys.argv[3]))))
    else:
        main()

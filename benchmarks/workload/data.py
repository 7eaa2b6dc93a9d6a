"""Data of the workload: for each unit 2,000 complaints and 3,000 sales in Parquet, the same rows on every machine.

python benchmarks/workload/data.py FOLDER [UNITS]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

COMPLAINTS, SALES = 2_000, 3_000
_START = np.datetime64("2026-01-01")
_CHANNELS = ("counter", "phone", "app", "letter", "regulator")
_CAUSES = ("fee", "service", "sale", "card", "loan", "privacy")
_KINDS = ("wealth", "fund", "insurance", "deposit")


def unit_id(number: int) -> str:
    return f"U{number:05d}"


def complaints(random: np.random.Generator, unit: str) -> pd.DataFrame:
    """Return the complaints of one unit in half a year, a few of them with something wrong."""
    n = COMPLAINTS
    received = _START + random.integers(0, 181, n).astype("timedelta64[D]")
    days = random.gamma(2.0, 5.0, n).astype(int)
    closed = pd.Series(received + days.astype("timedelta64[D]")).where(random.random(n) > 0.04)
    return pd.DataFrame(
        {
            "no": [f"{unit}-C{i:05d}" for i in range(n)],
            "received": received,
            "closed": closed,
            "channel": random.choice(_CHANNELS, n),
            "cause": random.choice(_CAUSES, n),
            "amount": np.round(random.lognormal(6, 1.2, n), 2),
            "handler": [f"T{i:03d}" for i in random.integers(0, 60, n)],
            "subject": [f"T{i:03d}" for i in random.integers(0, 60, n)],
            "extended": random.random(n) < 0.08,
            "approved": random.random(n) < 0.9,
            "replied": random.random(n) < 0.97,
        }
    )


def sales(random: np.random.Generator, unit: str) -> pd.DataFrame:
    """Return the sales of one unit in half a year."""
    n = SALES
    return pd.DataFrame(
        {
            "no": [f"{unit}-S{i:05d}" for i in range(n)],
            "sold": _START + random.integers(0, 181, n).astype("timedelta64[D]"),
            "kind": random.choice(_KINDS, n),
            "product_level": random.integers(1, 6, n),
            "customer_level": random.integers(1, 6, n),
            "age": random.integers(16, 90, n),
            "amount": np.round(random.lognormal(9, 1.1, n), 2),
            "recorded": random.random(n) < 0.95,
            "assessed_days_ago": random.integers(0, 420, n),
            "confirmed": random.random(n) < 0.98,
        }
    )


def make(folder: Path, units: int) -> list[str]:
    """Write the files of `units` units and return their ids."""
    ids = [unit_id(number) for number in range(1, units + 1)]
    for number, unit in enumerate(ids, 1):
        random = np.random.default_rng(number)
        home = folder / unit
        home.mkdir(parents=True, exist_ok=True)
        complaints(random, unit).to_parquet(home / "complaints.parquet", index=False)
        sales(random, unit).to_parquet(home / "sales.parquet", index=False)
    return ids


if __name__ == "__main__":
    print(*make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1), sep="\n")

"""Rows of a register as plain values: None for what is empty, dates as dates, counts as int, amounts as Decimal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

Row = Mapping[str, Any]
_WAN = Decimal(10_000)


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Return the frame's rows; a day keeps no time of day, a moment does."""
    columns = {str(name): [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value


def day_value(row: Row, name: str) -> date | None:
    """Return a date; of a moment its day."""
    value = row.get(name)
    return value.date() if isinstance(value, datetime) else value


def text_value(row: Row, name: str) -> str:
    """Return a value as text, "" for None."""
    value = row.get(name)
    return "" if value is None else str(value)


def counts(values: Iterable[str], order: Sequence[str] = ()) -> dict[str, int]:
    """Count texts: those of `order` first, as they stand there and also when 0; the others by count, then by name."""
    counted = Counter(values)
    listed = {name: counted.pop(name, 0) for name in order}
    return listed | dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def total_value(rows: Iterable[Row], name: str) -> int | None:
    """Add up what rows state; None when none of them states it."""
    stated = [int(row[name]) for row in rows if row.get(name) is not None]
    return sum(stated) if stated else None


def ten_thousands(rows: Iterable[Row], name: str) -> Decimal | None:
    """Add up amounts in 元 and return exact 万元; None when no row states one."""
    stated = [row[name] for row in rows if row.get(name) is not None]
    return exact_ten_thousands(sum(stated, Decimal(0))) if stated else None


def exact_ten_thousands(amount: Decimal) -> Decimal:
    """Return 元 as 万元 with every digit, at least two places and no more zeros than that."""
    whole = amount / _WAN
    places = max(2, -int(whole.normalize().as_tuple().exponent))
    return whole.quantize(Decimal(1).scaleb(-places))

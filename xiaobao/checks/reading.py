"""How checks read a partition: a column that is not there reads as empty, and what cannot be judged is counted.

Two conventions hold everywhere. An empty number or voucher means that there is none, so it may be a hit. An empty
flag, level or date means that nobody knows, so the row leaves the population and the note counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pandas as pd

from xiaobao.checks.registry import Hits

SUITABILITY_RULES_FROM = date(2026, 2, 1)  # 金融机构产品适当性管理办法 第四十九条

Row = Mapping[str, Any]


def text(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    """Return the column as text, empty where there is no value."""
    if name not in frame.columns:
        return pd.Series("", index=frame.index, dtype=object)
    return frame[name].astype(object).where(frame[name].notna(), "").map(lambda value: str(value).strip())


def filled(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    return (text(frame, name) != "").astype(bool)


def moment(frame: pd.DataFrame, name: str) -> pd.Series[pd.Timestamp]:
    """Return the column as date and time, NaT where there is none."""
    if name not in frame.columns:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    return pd.to_datetime(frame[name]).astype("datetime64[us]")


def day(frame: pd.DataFrame, name: str) -> pd.Series[pd.Timestamp]:
    """Return the column as days, the time of day cut off."""
    return moment(frame, name).dt.normalize()


def whole(frame: pd.DataFrame, name: str) -> pd.Series[int]:
    """Return the column as whole numbers that know missing values."""
    if name not in frame.columns:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    return pd.to_numeric(frame[name]).astype("Int64")


def exact(frame: pd.DataFrame, name: str) -> list[Decimal | None]:
    """Return the column as decimals, None where there is no value."""
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(value) else Decimal(str(value)) for value in frame[name]]


def yes(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    return _flag(frame, name).fillna(False).astype(bool)


def no(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    return (~_flag(frame, name)).fillna(False).astype(bool)


def _flag(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    if name not in frame.columns:
        return pd.Series(pd.NA, index=frame.index, dtype="boolean")
    return frame[name].astype("boolean")


def sure(mask: pd.Series[Any]) -> pd.Series[bool]:
    """Return a comparison as plain booleans: with a missing value on either side it does not hold."""
    return mask.fillna(False).astype(bool)


def records(frame: pd.DataFrame) -> list[Row]:
    """Return the rows as mappings by column name; nothing is converted for an empty frame."""
    return cast("list[Row]", frame.to_dict("records")) if len(frame) else []


def everything(frame: pd.DataFrame) -> pd.Series[bool]:
    return pd.Series(True, index=frame.index, dtype=bool)


def flags(values: Sequence[bool], frame: pd.DataFrame) -> pd.Series[bool]:
    return pd.Series(list(values), index=frame.index, dtype=bool)


def since_new_rules(days: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
    return sure(days >= pd.Timestamp(SUITABILITY_RULES_FROM))


def shown_day(value: Any) -> str:
    """Return a day as text for a reason, empty if there is none."""
    return "" if value is None or pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def or_else(value: Any, done: str, otherwise: str) -> str:
    """Return "<day> done", or `otherwise` when there is no day."""
    return f"{shown_day(value)} {done}" if shown_day(value) else otherwise


def given(row: Row, name: str) -> bool:
    """Tell whether a row has a value there."""
    value = row.get(name)
    return value is not None and not pd.isna(value) and bool(str(value).strip())


def counted(mask: pd.Series[bool], template: str) -> str:
    """Return `template` with the number of rows for {n}, nothing when there are none: the parts of a note."""
    number = int(mask.sum())
    return template.format(n=number) if number else ""


def outcome(
    frame: pd.DataFrame,
    population: pd.Series[bool],
    hit: pd.Series[bool],
    reason: str | Callable[[Row], str],
    *,
    unknown: pd.Series[bool] | None = None,
    unknown_note: str = "",
    notes: Sequence[str] = (),
    figures: Mapping[str, Decimal] | None = None,
) -> Hits:
    """Assemble what a check saw. `unknown` rows could not be judged; if there is nothing else it ends as no_data."""
    unjudged = unknown if unknown is not None else ~everything(frame)
    judged = population & ~unjudged
    left_out = population & unjudged
    said = [*notes, counted(left_out, unknown_note)]
    rows = frame[judged & hit]
    reasons = [reason if isinstance(reason, str) else reason(row) for row in records(rows)]
    return Hits(
        int(judged.sum()),
        rows,
        reasons,
        figures or {},
        "；".join(part for part in said if part),
        no_data=bool(left_out.any()) and not judged.any(),
    )


def first_of_each(frame: pd.DataFrame, hit: pd.Series[bool], by: Sequence[str], key: str) -> pd.Series[bool]:
    """Keep the row with the lowest key of each group of hits: one lead for a person or device, not one a record."""
    chosen = frame[hit].sort_values(key).drop_duplicates(list(by)).index
    return pd.Series(frame.index.isin(chosen), index=frame.index, dtype=bool)

"""How checks read a partition: a column that is not there reads as empty, and what cannot be judged is counted.

Two conventions hold everywhere. An empty number or voucher means that there is none, so it may be a hit. An empty
flag, level or date means that nobody knows, so the row leaves the population and the note counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from xiaobao.checks.registry import CheckContext, Hits, missing_columns, noted, with_notes

SUITABILITY_RULES_FROM = date(2026, 2, 1)  # 金融机构产品适当性管理办法 第四十九条
CONSUMER_RULES_FROM = date(2024, 7, 1)  # 消费者权益保护法实施条例

Row = Mapping[str, Any]
_T = TypeVar("_T")
_DAYS = np.dtype("datetime64[us]")


def _once(frame: pd.DataFrame, what: object, make: Callable[[], _T]) -> _T:
    """Return what `make` gives, made once for a frame that all checks of a paper share: each reads the same columns."""
    kept = noted(frame)
    if kept is None:
        return make()
    if what not in kept:
        kept[what] = make()
    found: _T = kept[what]
    return found


def text(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    """Return the column as text, empty where there is no value."""
    return _once(frame, ("text", name), lambda: _text(frame, name))


def _text(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    if name not in frame.columns:
        return pd.Series("", index=frame.index, dtype=object)
    cells = [value.strip() if value.__class__ is str else _plain(value) for value in _objects(frame[name])]
    return pd.Series(np.array(cells, dtype=object), index=frame.index, dtype=object, copy=False)


def _plain(value: Any) -> str:
    return "" if _missing(value) else str(value).strip()


def _missing(value: Any) -> bool:
    return value is None or value != value


def _objects(column: pd.Series[Any]) -> Any:
    """Return the values of a column as Python objects: going over them one by one is dear on other arrays."""
    if column.dtype.kind in "ib":
        return column.to_numpy(dtype=object, na_value=None)  # type: ignore[call-overload]
    return column.to_numpy(dtype=object)


def filled(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    """Tell row by row whether there is a value; blanks alone are none, a column that is not there has none."""
    return _once(frame, ("filled", name), lambda: _filled(frame, name))


def _filled(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    if name not in frame.columns:
        return pd.Series(False, index=frame.index, dtype=bool)
    cells = [(value.strip() if value.__class__ is str else _plain(value)) != "" for value in _objects(frame[name])]
    return pd.Series(np.array(cells, dtype=bool), index=frame.index, copy=False)


def moment(frame: pd.DataFrame, name: str) -> pd.Series[pd.Timestamp]:
    """Return the column as date and time, NaT where there is none."""
    if name not in frame.columns:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    column = frame[name]
    return column if column.dtype == _DAYS else pd.to_datetime(column).astype(_DAYS)


def day(frame: pd.DataFrame, name: str) -> pd.Series[pd.Timestamp]:
    """Return the column as days, the time of day cut off."""
    return _once(frame, ("day", name), lambda: _day(frame, name))


def _day(frame: pd.DataFrame, name: str) -> pd.Series[pd.Timestamp]:
    moments = moment(frame, name).to_numpy()
    days = moments.astype("datetime64[D]").astype(_DAYS)
    return cast("pd.Series[pd.Timestamp]", pd.Series(days, index=frame.index))


def whole(frame: pd.DataFrame, name: str) -> pd.Series[int]:
    """Return the column as whole numbers that know missing values."""
    if name not in frame.columns:
        return pd.Series(pd.NA, index=frame.index, dtype="Int64")
    column = frame[name]
    return column if column.dtype == "Int64" else pd.to_numeric(column).astype("Int64")


def exact(frame: pd.DataFrame, name: str) -> list[Decimal | None]:
    """Return the column as decimals, None where there is no value."""
    if name not in frame.columns:
        return [None] * len(frame)
    return [_exact(value) for value in _objects(frame[name])]


def _exact(value: Any) -> Decimal | None:
    if value.__class__ is Decimal:
        return value
    return None if _missing(value) else Decimal(str(value))


def yes(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    """Tell where a flag says 是; an empty one does not."""
    return _once(frame, ("yes", name), lambda: _flag(frame, name, unknown=False))


def no(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    """Tell where a flag says 否; an empty one does not, so that `~yes` is not the same."""
    return _once(frame, ("no", name), lambda: ~_flag(frame, name, unknown=True))


def _flag(frame: pd.DataFrame, name: str, unknown: bool) -> pd.Series[bool]:
    if name not in frame.columns:
        return pd.Series(unknown, index=frame.index, dtype=bool)
    values = frame[name].astype("boolean").to_numpy(dtype=bool, na_value=unknown)
    return pd.Series(values, index=frame.index, copy=False)


def sure(mask: pd.Series[Any]) -> pd.Series[bool]:
    """Return a comparison as plain booleans: with a missing value on either side it does not hold."""
    if mask.dtype == bool:
        return mask
    return pd.Series(mask.to_numpy(dtype=bool, na_value=False), index=mask.index, copy=False)


def as_records(frame: pd.DataFrame, chosen: Sequence[int] | None = None) -> list[Row]:
    """Return the rows, or those at the places `chosen`, as mappings by column name."""
    columns = _once(frame, "columns", lambda: _Columns(frame))
    return [_Record(columns, place) for place in (range(len(frame)) if chosen is None else chosen)]


class _Columns(dict[str, Any]):
    """The columns of a frame as Python objects, each taken out when first asked for: a rule needs few of them."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__()
        self.frame = frame

    def __missing__(self, name: str) -> Any:
        self[name] = values = _objects(self.frame[name])
        return values


class _Record(Mapping[str, Any]):
    __slots__ = ("_columns", "_place")

    def __init__(self, columns: _Columns, place: int) -> None:
        self._columns = columns
        self._place = place

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self._place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns.frame.columns)

    def __len__(self) -> int:
        return len(self._columns.frame.columns)


def everything(frame: pd.DataFrame) -> pd.Series[bool]:
    """Return True for every row: the population of a check that judges all it is given."""
    return pd.Series(True, index=frame.index, dtype=bool)


def flags(values: Sequence[bool], frame: pd.DataFrame) -> pd.Series[bool]:
    """Return `values`, one for each row of `frame`, as a column on its index."""
    return pd.Series(list(values), index=frame.index, dtype=bool)


def since_consumer_rules(days: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
    """Tell which days fall under 消费者权益保护法实施条例, in force from 2024-07-01; an empty day does not."""
    return sure(days >= pd.Timestamp(CONSUMER_RULES_FROM))


def since_new_rules(days: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
    """Tell which days fall under 金融机构产品适当性管理办法, in force from 2026-02-01; an empty day does not."""
    return sure(days >= pd.Timestamp(SUITABILITY_RULES_FROM))


def split_list(value: str) -> frozenset[str]:
    """Return the parts of a list written with 顿号 or commas."""
    return frozenset(part.strip() for part in value.replace(",", "、").replace("，", "、").split("、") if part.strip())


def answered_for(register: pd.DataFrame, context: CheckContext) -> pd.DataFrame:
    """Return the rows of a register kept for the whole bank that the unit answers for.

    Those are its own, and those of units below that no sheet asks: look-back names the unit that answers.
    """
    return _once(register, ("own", context.unit.id), lambda: _own(register, context.unit.id))


def _own(register: pd.DataFrame, unit: str) -> pd.DataFrame:
    answering = text(register, "answered_by").where(filled(register, "answered_by"), text(register, "unit"))
    return with_notes(register[answering == unit], missing_columns(register))


def shown_day(value: Any) -> str:
    """Return a day as text for a reason, empty if there is none."""
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def or_else(value: Any, done: str, otherwise: str) -> str:
    """Return "<day> done", or `otherwise` when there is no day."""
    return f"{shown_day(value)} {done}" if shown_day(value) else otherwise


def has_value(row: Row, name: str) -> bool:
    """Tell whether a row has a value there."""
    value = row.get(name)
    if value is None or value.__class__ is str:
        return bool(value and value.strip())
    return not pd.isna(value) and bool(str(value).strip())


def with_count(mask: pd.Series[bool] | np.ndarray[Any, np.dtype[np.bool_]], template: str) -> str:
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
    wanted, hits = _bare(population, frame), _bare(hit, frame)
    unjudged = _bare(unknown, frame) if unknown is not None else np.zeros(len(frame), dtype=bool)
    judged, left_out = wanted & ~unjudged, wanted & unjudged
    said = [*notes, with_count(left_out, unknown_note)]
    rows = as_records(frame, np.flatnonzero(judged & hits).tolist())
    return Hits(
        population=int(judged.sum()),
        rows=rows,
        reasons=[reason if isinstance(reason, str) else reason(row) for row in rows],
        figures=figures or {},
        note="；".join(part for part in said if part),
        no_data=bool(left_out.any()) and not judged.any(),
        unjudged=int(left_out.sum()),
        judged=frame.index[wanted],
    )


def _bare(mask: pd.Series[bool], frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return a mask row by row of `frame`, without its index: each step over two indexed columns is dear."""
    if not mask.index.equals(frame.index):
        raise ValueError("mask and frame have different rows")
    return mask.to_numpy(dtype=bool)


def first_of_each(frame: pd.DataFrame, hit: pd.Series[bool], by: Sequence[str], key: str) -> pd.Series[bool]:
    """Keep the row with the lowest key of each group of hits: one lead for a person or device, not one a record."""
    chosen = frame[hit].sort_values(key).drop_duplicates(list(by)).index
    return pd.Series(frame.index.isin(chosen), index=frame.index, dtype=bool)

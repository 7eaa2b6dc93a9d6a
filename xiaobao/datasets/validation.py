"""Rules over a whole frame: what each column demands of its values, then what holds between rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from xiaobao.datasets.catalogue import Column, Dataset
from xiaobao.datasets.ids import compared
from xiaobao.errors import Fault
from xiaobao.model import Period

OUTSIDE = "日期不在检查期间内"
DTYPES = {"date": "datetime64[us]", "datetime": "datetime64[us]", "count": "Int64", "level": "Int64", "flag": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a frame is held against: units that exist, the period asked for, where each row came from."""

    known_units: Collection[str] | None
    period: Period | None
    locate: Callable[[int], tuple[str, str, int]]
    merged: Callable[[int, str], bool]
    written: Callable[[int, str], str]


def validate(frame: pd.DataFrame, dataset: Dataset, bad: set[tuple[str, int]], around: Surroundings) -> list[Fault]:
    """Return every fault of `frame`, of columns in the order of the dataset, then of what holds between rows.

    `bad` are (column, place of the row) that have a fault already and are not named again, -1 for a whole column.
    """
    faults = []
    for column in dataset.columns:
        if (column.name, -1) in bad:
            continue
        values = frame[column.name]
        for wrong, message, allowed in _demands(column, dataset, values, around):
            places = [int(place) for place in wrong.to_numpy(dtype=bool).nonzero()[0]]
            faults += [
                _fault(place, values.iloc[place], column, message, allowed, around)
                for place in places
                if (column.name, place) not in bad
            ]
    return faults + _unordered(frame, dataset, around) + _repeated_keys(frame, dataset, around)


def _demands(
    column: Column, dataset: Dataset, values: pd.Series, around: Surroundings
) -> Iterator[tuple[pd.Series, str, str]]:
    """Yield, for each demand on a column, which rows fail it, what is said then and what is allowed."""
    empty = values.isna()
    if column.required:
        yield empty, "必填列为空", "、".join(column.allowed)
    if column.allowed:
        yield ~empty & ~values.isin(column.allowed), "值不在允许之列", "、".join(column.allowed)
    if column.kind == "level":
        yield ~empty & ~values.isin(range(1, 6)), "不是风险等级", "1 至 5"
    if column.minimum is not None:
        low = pd.Series([v is not None and v == v and v < column.minimum for v in values], index=values.index)
        yield low, "数值过小", f"不小于 {column.minimum}"
    if column.name == dataset.unit and around.known_units is not None and dataset.name != "units":
        yield ~empty & ~values.isin(around.known_units), "没有这个机构", ""
    if column.name == dataset.day and around.period is not None:
        start, after = pd.Timestamp(around.period.start), pd.Timestamp(around.period.end) + pd.Timedelta(days=1)
        yield ~empty & ((values < start) | (values >= after)), OUTSIDE, f"{around.period.start} 至 {around.period.end}"


def _fault(place: int, value: object, column: Column, message: str, allowed: str, around: Surroundings) -> Fault:
    file, sheet, row = around.locate(place)
    shown = "" if pd.isna(value) else str(value).removesuffix(" 00:00:00")  # type: ignore[call-overload]
    if not shown and around.merged(place, column.name):
        message = "单元格已合并，本行没有值，请取消合并并逐行填写"
    if message == "没有这个机构":
        allowed = _near_units(shown, around.known_units or ())
    return Fault(message, file=file, sheet=sheet, row=row, column=column.title, value=shown, allowed=allowed)


def _near_units(written: str, known: Collection[str]) -> str:
    """Name the ids that may be meant: the same number with its leading zeros, else those that look alike."""
    units = sorted(known)
    meant = [unit for unit in units if written and unit.lstrip("0") == written.lstrip("0")]
    near = meant or get_close_matches(written, units, 3, 0.6)
    examples = "、".join(near or units[:5])
    if meant:
        return f"机构数据中的编号，是否为 {examples}（前导零不能省）"
    return "机构数据中的编号" + (f"，如 {examples}" if units else "；还没有导入机构数据")


def _unordered(frame: pd.DataFrame, dataset: Dataset, around: Surroundings) -> list[Fault]:
    """Name each row in which one day lies before another that it cannot be before."""
    faults = []
    for first, then in dataset.orders:
        earlier, later = dataset.column(first), dataset.column(then)
        wrong = frame[(frame[then] < frame[first]).fillna(False)]
        began, ended = (wrong[name].dt.strftime("%Y-%m-%d") for name in (first, then))
        for index in wrong.index:
            file, sheet, row = around.locate(int(index))
            message = f"{later.title}早于{earlier.title} {began[index]}"
            allowed = f"不早于{earlier.title}"
            faults.append(
                Fault(message, file=file, sheet=sheet, row=row, column=later.title, value=ended[index], allowed=allowed)
            )
    return faults


def _repeated_keys(frame: pd.DataFrame, dataset: Dataset, around: Surroundings) -> list[Fault]:
    """Name each row whose key another row has, with the row that had it first."""
    written = _joined(frame, dataset.key)
    alike = written.map(compared)
    empty = frame[dataset.key[0]].isna()
    again = alike.duplicated(keep="first") & ~empty
    if not again.any():
        return []
    first = {key: index for index, key in reversed(list(alike[~empty].items()))}
    title = "、".join(dataset.column(name).title for name in dataset.key)
    faults = []
    for index in alike.index[again]:
        earlier = first[alike[index]]
        file, sheet, row = around.locate(int(index))
        other_file, other_sheet, other_row = around.locate(int(earlier))
        where = f"文件 {other_file} " if other_file != file else ""
        where += f"工作表“{other_sheet}”" if other_sheet and other_sheet != sheet else ""
        place = f"{where}第 {other_row} 行"
        same = written[index] == written[earlier]
        hidden = same and around.written(int(index), dataset.key[0]) != around.written(int(earlier), dataset.key[0])
        message = f"与{place}重复" if same else f"与{place}的“{written[earlier]}”只差大小写、全半角或形近字符"
        message += "（写法只差空格、全半角或看不见的字符）" if hidden else ""
        faults.append(
            Fault(message, file=file, sheet=sheet, row=row, column=title, value=written[index], allowed="每行不同")
        )
    return faults


def _joined(frame: pd.DataFrame, key: Sequence[str]) -> pd.Series:
    parts = [frame[name].astype(str).where(frame[name].notna(), "") for name in key]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + " / " + part
    return joined.astype(object)

"""Rules over a whole frame: a pandera schema compiled from the catalogue, then what holds between rows."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from xiaobao.datasets.catalogue import Column, Dataset
from xiaobao.errors import Fault
from xiaobao.model import Period, folded_id

DTYPES = {"date": "datetime64[us]", "datetime": "datetime64[us]", "count": "Int64", "level": "Int64", "flag": "boolean"}
# Letters of other alphabets that print like Latin ones: an id may not differ from another by these alone.
_LOOKALIKES = str.maketrans("АВЕКМНОРСТХІЈЅаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXIJSaeopcyxijsABEZHIKMNOPTYXo")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a frame is held against: units that exist, the period asked for, where each row came from."""

    known_units: Collection[str] | None
    period: Period | None
    locate: Callable[[int], tuple[str, str, int]]
    merged: Callable[[int, str], bool]


def validate(frame: pd.DataFrame, dataset: Dataset, bad: set[tuple[str, int]], around: Surroundings) -> list[Fault]:
    """Return every fault of `frame`. Cells in `bad` have one already and are not named again."""
    absent = {name for name in frame.columns if (name, -1) in bad}
    schema = _schema(dataset, around, absent)
    faults = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            faults = _translate(errors.failure_cases, frame, dataset, bad, around)
    return faults + _unordered(frame, dataset, around) + _repeated_keys(frame, dataset, around)


def _schema(dataset: Dataset, around: Surroundings, absent: set[str]) -> pa.DataFrameSchema:
    columns = {
        column.name: pa.Column(
            DTYPES.get(column.kind), _checks(column, dataset, around), nullable=not column.required, name=column.name
        )
        for column in dataset.columns
        if column.name not in absent
    }
    return pa.DataFrameSchema(columns)


def _checks(column: Column, dataset: Dataset, around: Surroundings) -> list[pa.Check]:
    checks = []
    if column.allowed:
        checks.append(pa.Check.isin(list(column.allowed), error="allowed"))
    if column.kind == "level":
        checks.append(pa.Check.in_range(1, 5, error="level"))
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, error="minimum"))
    if column.name == dataset.unit and around.known_units is not None and dataset.name != "units":
        checks.append(pa.Check.isin(list(around.known_units), error="unit"))
    if column.name == dataset.day and around.period is not None:
        start, after = pd.Timestamp(around.period.start), pd.Timestamp(around.period.end) + pd.Timedelta(days=1)
        checks.append(pa.Check(lambda days: days.isna() | ((days >= start) & (days < after)), error="period"))
    return checks


def _translate(
    cases: pd.DataFrame, frame: pd.DataFrame, dataset: Dataset, bad: set[tuple[str, int]], around: Surroundings
) -> list[Fault]:
    faults = []
    for name, check, case, index in zip(
        cases["column"], cases["check"], cases["failure_case"], cases["index"], strict=True
    ):
        if pd.isna(index):
            faults.append(Fault(f"数据结构不符：{check}", column=str(name)))
            continue
        place, column = int(index), dataset.column(str(name))
        if (column.name, place) in bad:
            continue
        file, sheet, row = around.locate(place)
        message, allowed = _words(str(check), column, around)
        value = "" if str(check) == "not_nullable" else str(case).removesuffix(" 00:00:00")
        if not value and around.merged(place, column.name):
            message = "单元格已合并，本行没有值，请取消合并并逐行填写"
        faults.append(
            Fault(message, file=file, sheet=sheet, row=row, column=column.title, value=value, allowed=allowed)
        )
    return faults


def _words(check: str, column: Column, around: Surroundings) -> tuple[str, str]:
    if check == "not_nullable":
        return "必填列为空", "、".join(column.allowed)
    if check == "unit":
        units = sorted(around.known_units or ())
        return "没有这个机构", "机构数据中的编号" + (f"，如 {'、'.join(units[:5])}" if units else "")
    if check == "period":
        assert around.period is not None
        return "日期不在检查期间内", f"{around.period.start} 至 {around.period.end}"
    if check == "minimum":
        return "数值过小", f"不小于 {column.minimum}"
    if check == "level":
        return "不是风险等级", "1 至 5"
    return "值不在允许之列", "、".join(column.allowed)


def compared(text: str) -> str:
    """Return the form in which keys are compared: width, case, accents' form and look-alike letters evened out."""
    return folded_id(text if text.isascii() else unicodedata.normalize("NFC", text).translate(_LOOKALIKES))


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
        other_file, _, other_row = around.locate(int(earlier))
        place = f"第 {other_row} 行" if other_file == file else f"文件 {other_file} 第 {other_row} 行"
        same = written[index] == written[earlier]
        message = f"与{place}重复" if same else f"与{place}的“{written[earlier]}”只差大小写、全半角或形近字"
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

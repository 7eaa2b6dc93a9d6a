"""How the bench shows tables: under which heads, of which types, with texts masked. It needs no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from xiaobao.datasets.catalogue import CATALOGUE, Column, Dataset
from xiaobao.datasets.partitions import read_partition
from xiaobao.errors import Fault, InputError
from xiaobao.model import Extract
from xiaobao.paper.opening import refuse_numbers
from xiaobao.personal import mask

HEADINGS = ("中文", "代码")
PERIOD = ("_period", "检查期间")
OVERVIEW = {
    "dataset": "数据集",
    "title": "名称",
    "period": "检查期间",
    "units": "有记录的机构数",
    "rows": "记录数",
    "note": "说明",
}


def one_or_more(**asked: str | Sequence[str]) -> tuple[str, ...]:
    """Return one named parameter, a text or several, as texts. Raises InputError for numbers: 0101 is no 101."""
    [(name, value)] = asked.items()
    values = (value,) if isinstance(value, str) or not isinstance(value, Sequence) else tuple(value)
    for one in values:
        refuse_numbers(**{name: one})
    return tuple(one for one in values if one)


def headed(frame: pd.DataFrame, titles: Mapping[str, str], headings: str) -> pd.DataFrame:
    """Return the table under Chinese or code headings. Raises InputError for any other choice."""
    if headings not in HEADINGS:
        raise InputError(Fault("表头只能是中文或代码", value=str(headings), allowed="、".join(HEADINGS)))
    return frame.rename(columns=titles) if headings == "中文" else frame.rename(columns={"_period": "period"})


def titles_of(spec: Dataset) -> dict[str, str]:
    """Return column → Chinese head of a dataset."""
    return {column.name: column.title for column in (*spec.columns, *spec.derived)}


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of one shape below each other; an empty one adds nothing and changes no type."""
    filled = [part for part in parts if len(part)] or list(parts[:1])
    whole = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0].reset_index(drop=True)
    whole.attrs = {}
    return whole


def spec_of(dataset: str) -> Dataset:
    """Return the dataset of a code or Chinese name. Raises InputError listing those that there are."""
    for one in CATALOGUE:
        if dataset in (one.name, one.title):
            return one
    known = "、".join(f"{one.name}（{one.title}）" for one in CATALOGUE)
    raise InputError(Fault("没有这个数据集", value=str(dataset), allowed=known))


def read_shown(home: Path, spec: Dataset, extract: Extract) -> pd.DataFrame:
    """Return a partition under code names as people may see it. Raises InputError where it is lost or altered."""
    frame = read_partition(home / extract.path, extract.sha256)
    frame.attrs = {}
    for column in (*spec.columns, *spec.derived):
        if column.name in frame:
            frame[column.name] = _shown(frame[column.name], column)
    return frame


def _shown(values: pd.Series, column: Column) -> pd.Series:
    """Return a column as it is shown: texts masked, choices as categories in the order of the catalogue."""
    if column.kind == "choice" and column.allowed and set(values.dropna()) <= set(column.allowed):
        return values.astype(pd.CategoricalDtype(list(column.allowed)))
    if column.kind in ("text", "note"):
        masked = {text: mask(text) for text in values.dropna().unique()}
        return values.map(masked, na_action="ignore").astype(values.dtype)
    return values

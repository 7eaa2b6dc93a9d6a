"""A unit's rows as people see them: texts masked, choices in the order of the catalogue, Chinese or code heads.

An analyst's table and that of a check of the bank's own are made here, so that a question and a check see one thing.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.datasets.catalogue import Column, Dataset
from xiaobao.personal import mask

# Labels of rows begin here, so that rows numbered anew from 0 are never taken for rows of the table.
FIRST_LABEL = 1_000_000


def titles_of(dataset: Dataset) -> Mapping[str, str]:
    """Return column → Chinese title, of what was read and of what look-back adds."""
    return {column.name: column.title for column in (*dataset.columns, *dataset.derived)}


def as_shown(frame: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Return a copy of rows of a dataset with its columns as people see them."""
    shown = frame.copy(deep=False)
    for column in (*dataset.columns, *dataset.derived):
        if column.name in shown:
            shown[column.name] = _shown(shown[column.name], column)
    return shown


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows under labels that a new numbering never meets."""
    return frame.set_axis(pd.RangeIndex(FIRST_LABEL, FIRST_LABEL + len(frame)))


def _shown(values: pd.Series, column: Column) -> pd.Series:
    if column.kind == "choice" and column.allowed and set(values.dropna()) <= set(column.allowed):
        return values.astype(pd.CategoricalDtype(list(column.allowed)))
    if column.kind in ("text", "note"):
        masked = {text: mask(text) for text in values.dropna().unique()}
        return values.map(masked, na_action="ignore").astype(values.dtype)
    return values

"""Rows of one dataset in force for a period, straight from the extracts: for registers, which need no look-back."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from xiaobao.datasets.catalogue import DATASETS, Dataset
from xiaobao.datasets.extracts import ImportedFile
from xiaobao.datasets.partitions import newest, read_partition
from xiaobao.model import Period


def standing_rows(files: Iterable[ImportedFile], name: str, period: Period) -> pd.DataFrame | None:
    """Return the rows of `period` as a partition would hold them, None when nothing was imported for it.

    With a day, rows of every import that reaches into the period, cut to it. Without one, the register as it stands:
    the period's own import, else the newest of those that reach into it.
    """
    dataset = DATASETS[name]
    reaching = [
        file
        for file in files
        if file.dataset == name and file.period.start <= period.end and file.period.end >= period.start
    ]
    if not dataset.day:
        reaching = newest([file for file in reaching if file.period.code == period.code] or reaching)
    if not reaching:
        return None
    frames = [read_partition(file.path) for file in sorted(reaching, key=lambda file: str(file.path))]
    whole = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    every = [frame.attrs.get("absent", ()) for frame in frames]
    absent = [name for name in every[0] if all(name in one for one in every)]
    whole.attrs = {**frames[0].attrs, "absent": absent}
    return _cut(whole, dataset, period)


def _cut(frame: pd.DataFrame, dataset: Dataset, period: Period) -> pd.DataFrame:
    if not dataset.day:
        return frame
    days = frame[dataset.day]
    inside = (days >= pd.Timestamp(period.start)) & (days < pd.Timestamp(period.end) + pd.Timedelta(days=1))
    return frame[inside].reset_index(drop=True)

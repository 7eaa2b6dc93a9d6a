"""Which rows the articles of a check govern: judged, not judged for want of a column, or outside, each with its reason.

A row is judged when one of the articles governs it. It is not judged when none does and one of them cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from xiaobao.checks.bases import Basis, Governs
from xiaobao.checks.registry import missing_columns, noted, with_notes
from xiaobao.model import Value

Mask = np.ndarray[Any, np.dtype[np.bool_]]
_FLAGS = {"是": True, "否": False}


class Division(Value):
    """Rows by place: `judged`, and the reasons that leave others out; `unjudged` are reasons for want of a column."""

    judged: Mask
    reasons: tuple[tuple[str, Mask], ...]
    unjudged: tuple[tuple[str, Mask], ...]

    @property
    def whole(self) -> bool:
        """Whether every row is judged, so that nothing has to be cut out of the frame."""
        return bool(self.judged.all())

    def counted(self, wanted: Mask, unjudged: bool = False) -> tuple[tuple[str, int], ...]:
        """Return each reason with its number of `wanted` rows, none without."""
        found = [(reason, int((mask & wanted).sum())) for reason, mask in (self.unjudged if unjudged else self.reasons)]
        return tuple((reason, number) for reason, number in found if number)


def gathered(own: pd.DataFrame, borne: pd.DataFrame | None) -> pd.DataFrame:
    """Return the unit's own rows and those of other units whose duty it bears."""
    if borne is None or borne.empty:
        return own
    kept = noted(own)
    whole: pd.DataFrame | None = kept.get("borne") if kept is not None else None
    if whole is None:
        both = pd.concat([own, borne[list(own.columns)]], ignore_index=True)
        whole = with_notes(both, missing_columns(own))
        if kept is not None:
            kept["borne"] = whole
    return whole


def divide(
    frame: pd.DataFrame, bases: Sequence[Basis], day: str, titles: Mapping[str, str], borne_by: str = "", unit: str = ""
) -> Division:
    """Divide the rows of a check's first dataset by what its articles govern. `titles` column → Chinese title.

    With `borne_by`, a row is this unit's only where that column names it; where it names nobody, no one is accused.
    """
    rows = len(frame)
    judged, open_ = np.zeros(rows, dtype=bool), np.zeros(rows, dtype=bool)
    kept = noted(frame)  # articles of one sheet mostly look at the same columns
    known: dict[object, _Test] = {} if kept is None else kept.setdefault("tests", {})
    tested = [list(_tests(frame, basis, day, titles, known)) for basis in bases]
    for tests in tested or [[]]:
        failed = _any([test.failed for test in tests], rows)
        unknown = _any([test.unknown for test in tests], rows)
        judged |= ~failed & ~unknown
        open_ |= ~failed & unknown
    tests = [test for tests in tested for test in tests]
    if borne_by:
        bearer = _borne(frame, borne_by, unit, bases[0].binds if bases else "承担义务的机构")
        judged &= ~bearer.failed & ~bearer.unknown
        open_ = (open_ | bearer.unknown) & ~bearer.failed
        tests = [bearer, *tests]
    open_ &= ~judged
    return Division(
        judged=judged,
        reasons=_parts(~judged & ~open_, [(test.outside, test.failed) for test in tests]),
        unjudged=_parts(open_, [(test.missing, test.unknown) for test in tests]),
    )


def _borne(frame: pd.DataFrame, column: str, unit: str, binds: str) -> _Test:
    bearer = frame[column]
    unknown = (bearer.isna() | (bearer == "")).to_numpy(dtype=bool, na_value=False)
    failed = (bearer != unit).to_numpy(dtype=bool, na_value=False) & ~unknown
    return _Test(
        failed=failed,
        unknown=unknown,
        outside=f"{{n}} 行须由{binds}答复，疑点归该机构，不计本机构",
        missing=f"{{n}} 行须由{binds}答复，提取和机构名单都没有写明是哪一家，未判",
    )


class _Test(Value):
    failed: Mask
    unknown: Mask
    outside: str
    missing: str


def _tests(
    frame: pd.DataFrame, basis: Basis, day: str, titles: Mapping[str, str], known: dict[object, _Test]
) -> Iterator[_Test]:
    for one in basis.governs:
        key = (one, basis.name)  # its words name the article
        if key not in known:
            known[key] = _of_column(frame, one, basis, titles.get(one.column, one.column))
        yield known[key]
    columns = tuple(name for name in (basis.days or (day,)) if name in frame.columns)
    if basis.in_force is None or not columns:
        return
    start = (basis.in_force, columns, basis.document)
    if start not in known:
        first = np.datetime64(basis.in_force)
        early = _any([frame[name].to_numpy(dtype="datetime64[us]") < first for name in columns], len(frame))
        outside = f"{{n}} 行早于 {basis.in_force}，{basis.document}尚未施行，未纳入"
        nobody = np.zeros(len(frame), dtype=bool)
        known[start] = _Test(failed=early, unknown=nobody, outside=outside, missing="")
    yield known[start]


def _of_column(frame: pd.DataFrame, one: Governs, basis: Basis, title: str) -> _Test:
    outside = f"{{n}} 行不归{basis.name}管：{one.says}，未纳入"
    missing = f"{{n}} 行缺“{title}”，{basis.name}管不管无法判断，未判"
    if one.column not in frame.columns:
        everything = np.ones(len(frame), dtype=bool)
        return _Test(failed=~everything, unknown=everything, outside=outside, missing=missing)
    values = frame[one.column].to_numpy(dtype=object).tolist()
    wanted = frozenset((*one.values, *(_FLAGS[value] for value in one.values if value in _FLAGS)))
    distinct = set(values)
    nobody = np.zeros(len(frame), dtype=bool)
    if distinct <= wanted:  # most extracts hold nothing else: one look is enough
        return _Test(failed=nobody, unknown=nobody, outside=outside, missing=missing)
    known = {value for value in distinct - wanted if not pd.isna(value) and value != "" and value not in one.unsure}
    failed = np.array([value in known for value in values], dtype=bool)
    unknown = np.array([value not in wanted for value in values], dtype=bool) & ~failed
    return _Test(failed=failed, unknown=unknown, outside=outside, missing=missing)


def _any(masks: Sequence[Mask], rows: int) -> Mask:
    return np.logical_or.reduce(masks) if masks else np.zeros(rows, dtype=bool)


def _parts(wanted: Mask, found: Sequence[tuple[str, Mask]]) -> tuple[tuple[str, Mask], ...]:
    """Give each wanted row the first reason that holds for it."""
    parts, left = [], wanted.copy()
    for reason, mask in found:
        part = left & mask
        if part.any():
            parts.append((reason, part))
            left &= ~part
    return tuple(parts)


def applying(row: Mapping[str, Any], bases: Sequence[Basis], day: str) -> tuple[Basis, ...]:
    """Return the articles that govern one record."""
    return tuple(one for one in bases if _governs(row, one, day))


def _governs(row: Mapping[str, Any], basis: Basis, day: str) -> bool:
    for one in basis.governs:
        value = row.get(one.column)
        if value != value or (_plain(value) not in one.values):
            return False
    first = basis.in_force
    return first is None or not any(_before(row.get(name), first) for name in basis.days or (day,))


def _plain(value: Any) -> str:
    if value is True or value is False:
        return "是" if value else "否"
    return "" if value is None else str(value)


def _before(moment: Any, first: date) -> bool:
    if not isinstance(moment, date) or moment != moment:
        return False
    return (moment.date() if isinstance(moment, datetime) else moment) < first


def basis_words(bases: Sequence[Basis], governing: Sequence[Basis], start: date) -> str:
    """Name the articles that govern a record where its day, or what it is, tells them apart; else nothing."""
    split = any(one.in_force and one.in_force >= start for one in bases)
    if len(bases) < 2 or not governing or (len(governing) == len(bases) and not split):
        return ""
    ordered = sorted(governing, key=lambda one: one.in_force or date.min)
    return "，适用" + "、".join(one.name for one in ordered)


def proof_wanted(bases: Sequence[Basis], absent: Sequence[str], titles: Mapping[str, str]) -> str:
    """Return what a lead asks the unit to prove: circumstances that no column of the extract could have shown."""
    asked: dict[str, None] = {}
    for proviso in (proviso for one in bases for proviso in one.but if proviso.ask):
        missing = [titles.get(name, name) for name in proviso.columns if name in absent]
        if missing:
            asked[f"提取中没有“{'、'.join(missing)}”，{proviso.ask}，请举证"] = None
        elif not proviso.columns:
            asked[f"{proviso.ask}，请举证"] = None
    return "".join(f"；{words}" for words in asked)

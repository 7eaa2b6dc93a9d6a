"""每日投诉清单: which complaints are still to be decided on a day, and until when each must be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from xiaobao.features.complaints.facets import PEOPLES_BANK
from xiaobao.features.complaints.ledger import Ledger
from xiaobao.features.complaints.timeliness import Clock, calendar_days, working_days
from xiaobao.model import Period
from xiaobao.workdays import is_working_day

COLUMNS = (
    "complaint_no",
    "unit",
    "nature",
    "accepted",
    "received_on",
    "decided_on",
    "withdrawn_on",
    "source",
    "complexity",
    "extension_level",
    "extension_on",
    "extension_notified_on",
    "mediation_from",
    "mediation_to",
    "mediation_proof",
    "appraisal_from",
    "appraisal_to",
    "appraisal_proof",
    "new_material_on",
)


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """One complaint not decided yet. `due` is the last day in time: approvals, notices and mediation counted in."""

    complaint_no: str
    unit: str
    received_on: date
    complexity: str
    limit: int
    due: date
    rule: str


def open_cases(ledger: pd.DataFrame, day: date, working: bool = False) -> tuple[OpenCase, ...] | None:
    """Return the complaints received by `day` and neither decided nor withdrawn then, by due day (columns: `COLUMNS`).

    None when the ledger was delivered without decision dates: nothing tells then what is open. Raises InputError when
    working days are wanted for a year without a holiday calendar.
    """
    if "decided_on" in ledger.attrs.get("absent", ()):
        return None
    moment = pd.Timestamp(day)
    ended = (ledger["decided_on"] <= moment) | (ledger["withdrawn_on"] <= moment)
    complaint = ledger["nature"].fillna("投诉").isin(["投诉", ""])
    refused = ledger["accepted"].astype("boolean").eq(False).fillna(False)
    rows = ledger[complaint & ~refused & ~ended & (ledger["received_on"] <= moment)].reset_index(drop=True)
    rows = rows.assign(decided_on=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]"))
    known = Ledger(rows)
    placed = known.place("source")
    bank = placed.codes == placed.facet.find(PEOPLES_BANK)
    number = (day - date(1970, 1, 1)).days
    clock = Clock(
        ledger=known,
        new=np.ones(known.size, dtype=bool),
        peoples_bank=bank,
        as_of=number,
        elapsed=working_days if working else calendar_days,
    )
    cases = [_case(rows, place, int(clock.limit[place]), bool(bank[place]), day, working) for place in range(len(rows))]
    return tuple(sorted(cases, key=lambda case: (case.due, case.unit, case.complaint_no)))


def _case(rows: pd.DataFrame, place: int, limit: int, bank: bool, day: date, working: bool) -> OpenCase:
    row = rows.iloc[place]
    received = row["received_on"].date()
    due = _due(_started(row, received, limit), limit, _aside(row, received, day), working)
    complexity = row["complexity"] if isinstance(row["complexity"], str) else ""
    return OpenCase(
        complaint_no=str(row["complaint_no"]),
        unit=str(row["unit"]),
        received_on=received,
        complexity=complexity,
        limit=limit,
        due=due,
        rule="5号令第四十三条" if bank else "3号令第十八条",
    )


def _started(row: pd.Series, received: date, limit: int) -> date:
    """Return the day counting starts from: new material received within the limit starts it anew."""
    renewed = None if pd.isna(row["new_material_on"]) else row["new_material_on"].date()
    within = renewed is not None and received < renewed <= received + timedelta(days=limit)
    return renewed if renewed is not None and within else received


def _aside(row: pd.Series, received: date, day: date) -> tuple[Period, ...]:
    """Return mediation and appraisal on paper, both ends included; what is going on has lasted until `day`."""
    found = (_span(row, received, day, name) for name in ("mediation", "appraisal"))
    return tuple(span for span in found if span is not None)


def _span(row: pd.Series, received: date, day: date, name: str) -> Period | None:
    start, stop, proof = row[f"{name}_from"], row[f"{name}_to"], row[f"{name}_proof"]
    if pd.isna(start) or not isinstance(proof, str) or not proof.strip():
        return None
    first = max(start.date(), received + timedelta(days=1))
    last = min(day if pd.isna(stop) else stop.date(), day)
    return Period(start=first, end=last, code="") if first <= last else None


def _due(received: date, limit: int, aside: tuple[Period, ...], working: bool) -> date:
    """Return the day on which the last allowed day is used up."""
    moment, left = received, limit
    while left:
        moment += timedelta(days=1)
        if not any(moment in span for span in aside) and (not working or is_working_day(moment)):
            left -= 1
    return moment

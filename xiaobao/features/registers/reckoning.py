"""From register frames to `RegisterFigures`: one function a register, None for those that were not delivered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

import pandas as pd

from xiaobao.datasets.registers import REGISTERS
from xiaobao.features.registers import conduct, organisation, voices
from xiaobao.features.registers.events import alarm_settings, major_events
from xiaobao.features.registers.figures import RegisterFigures
from xiaobao.features.registers.row_values import Row, rows_of
from xiaobao.model import Period
from xiaobao.settings import Alarms

Frames = Mapping[str, pd.DataFrame | None]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    period: Period
    as_of: date
    units: Collection[str]
    alarms: Alarms
    roster: Sequence[Row] | None


_FIGURES: Mapping[str, Callable[[Sequence[Row], _Asked], Any]] = {
    "policies": lambda rows, asked: organisation.policies(rows, asked.period),
    "meetings": lambda rows, asked: organisation.meetings(rows),
    "posts": lambda rows, asked: organisation.posts(rows, asked.period, asked.units),
    "budget": lambda rows, asked: organisation.budget(rows),
    "reviews": lambda rows, asked: conduct.product_reviews(rows),
    "training": lambda rows, asked: conduct.training(rows, asked.roster),
    "education": lambda rows, asked: conduct.education(rows, asked.units),
    "mediation": lambda rows, asked: voices.mediation(rows),
    "surveys": lambda rows, asked: voices.surveys(rows),
    "mystery_visits": lambda rows, asked: voices.mystery_visits(rows),
    "partners": lambda rows, asked: organisation.partners(rows, asked.period),
    "major_events": lambda rows, asked: major_events(rows, asked.alarms, datetime.combine(asked.as_of, time.max)),
    "suggestions": lambda rows, asked: voices.suggestions(rows),
    "public_opinion": lambda rows, asked: voices.public_opinion(rows),
    "case_analyses": lambda rows, asked: conduct.case_analyses(rows),
    "work_plan": lambda rows, asked: organisation.work_plan(rows, asked.as_of),
}


def register_figures(
    frames: Frames,
    period: Period,
    as_of: date,
    units: Collection[str],
    alarms: Alarms,
    last_year: RegisterFigures | None = None,
) -> RegisterFigures:
    """Return the figures of every register. `frames` holds rows of the period by dataset name, None: not delivered.

    `units` are those that coverage is asked of (posts, education); `as_of` is the day that open things are judged on.
    """
    rows = {name: rows_of(frame) for name, frame in frames.items() if frame is not None}
    asked = _Asked(period=period, as_of=as_of, units=units, alarms=alarms, roster=rows.get("training_roster"))
    found = {name: reckon(rows[name], asked) for name, reckon in _FIGURES.items() if name in rows}
    missing = tuple(register.title for register in REGISTERS if register.name not in rows)
    made = RegisterFigures(
        period=period.code,
        as_of=as_of,
        missing=missing,
        settings=alarm_settings(alarms),
        last_year=last_year,
        lacking={
            name: tuple(absent)
            for name, frame in frames.items()
            if frame is not None and (absent := frame.attrs.get("absent", ()))
        },
    )
    return replace(made, **found)

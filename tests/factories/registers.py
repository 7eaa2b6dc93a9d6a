"""Registers as a bank would deliver them: a few rows, imported from a real file, read back as a period's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tests.factories.imported import Row, import_rows
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.partitions import standing_rows
from xiaobao.datasets.registers import REGISTERS
from xiaobao.features.registers.figures import RegisterFigures
from xiaobao.features.registers.reckoning import register_figures
from xiaobao.model import Period
from xiaobao.settings import Alarms

AS_OF = date(2026, 7, 5)
_CLEAN: Mapping[str, Mapping[str, str]] = {
    "policies": {"kind": "投诉处理", "change": "新订", "issued_on": "2026-03-01", "title": "投诉管理办法"},
    "meetings": {"held_on": "2026-03-02", "kind": "董事会", "title": "例会"},
    "posts": {"post": "消保专员", "manner": "专职", "from_date": "2025-01-01"},
    "budget": {"item": "宣传", "kind": "教育宣传", "planned": "10000"},
    "reviews": {
        "kind": "产品",
        "title": "理财",
        "submitted_on": "2026-02-01",
        "opinion": "同意",
        "opinion_on": "2026-02-05",
    },
    "training": {"held_on": "2026-04-01", "title": "消保培训", "form": "现场"},
    "training_roster": {"attended_on": "2026-04-01", "audience": "基层业务人员", "training_no": "P1"},
    "education": {"held_on": "2026-03-15", "title": "3·15", "form": "网点宣传", "audience": "老年人"},
    "mediation": {"requested_on": "2026-03-01", "amount": "0", "result": "达成协议"},
    "surveys": {
        "answered_on": "2026-05-01",
        "question": "满意吗",
        "answer": "满意",
        "survey_no": "W1",
        "question_no": "1",
    },
    "mystery_visits": {"visited_on": "2026-05-01", "item": "迎客", "possible": "10", "score": "10", "item_no": "1"},
    "partners": {"name": "某保险", "kind": "保险", "admission_no": "Z1"},
    "major_events": {"record": "事件", "kind": "系统中断", "known_at": "2026-03-01 09:00:00"},
    "suggestions": {"received_on": "2026-03-01", "source": "意见簿"},
    "public_opinion": {"found_on": "2026-03-01", "tone": "负面"},
    "case_analyses": {"made_on": "2026-03-01", "title": "案例一"},
    "work_plan": {"task": "修订制度", "due_on": "2026-03-31"},
}


def register_row(dataset: str, number: int, **given: str) -> Row:
    """A clean row of a register with a number of its own; `given` fields as said."""
    keys = [name for name in DATASETS[dataset].key if name not in _CLEAN[dataset] and name not in ("unit", "from_date")]
    return {"unit": "0101", **_CLEAN[dataset], **dict.fromkeys(keys, f"N{number:03d}"), **given}


def figures(
    folder: Path,
    data: Mapping[str, Sequence[Mapping[str, str]]],
    period: str = "2026H1",
    units: Sequence[str] = ("0101", "0102"),
    as_of: date = AS_OF,
    **alarms: Any,
) -> RegisterFigures:
    """Import registers (rows give what differs from a clean row) and return their figures."""
    files = []
    for name, rows in data.items():
        made = [register_row(name, number, **row) for number, row in enumerate(rows)]
        names = list(dict.fromkeys(field for row in made for field in row))
        files.append(import_rows(folder / name, name, [{f: row.get(f, "") for f in names} for row in made], period))
    span = Period.parse(period)
    frames = {register.name: standing_rows(files, register.name, span) for register in REGISTERS}
    return register_figures(frames, span, as_of, units, Alarms(**alarms))

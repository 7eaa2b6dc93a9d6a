"""Columns that a register was delivered without: what would need them is 无数据, never nought and never none.

An empty cell says that nothing happened (没有下架); a column that nobody delivered says nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.features.registers.figures import RegisterFigures

# Register → field of its figures → columns that it needs; a field of a part is written part.field.
COLUMNS_NEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "policies": {
        "in_force": ("effective_on", "repealed_on"),
        "by_kind": ("effective_on", "repealed_on"),
        "uncovered": ("effective_on", "repealed_on"),
    },
    "meetings": {"topics": ("topic_count",), "open": ("follow_up",)},
    "posts": dict.fromkeys(("people", "by_manner", "units", "coverage"), ("to_date",)),
    "budget": dict.fromkeys(("total.spent", "rate", "unstated"), ("spent",)),
    "reviews": {
        "by_opinion": ("opinion",),
        "pending": ("opinion",),
        "remarks": ("remarks", "remarks_adopted"),
        "adopted": ("remarks", "remarks_adopted"),
        "adoption": ("remarks", "remarks_adopted"),
        "by_adopted": ("adopted",),
        "launched": ("launched_on",),
        "early": ("launched_on", "opinion_on"),
        "evaluated": ("evaluated_on",),
        "by_evaluation": ("evaluated_on", "evaluation"),
        "delisted": ("delisted_on",),
    },
    "training": {"hours": ("hours",), "extra": ("extra",), "extra_posts": ("extra", "post")},
    "training_roster": {
        "tested": ("score",),
        "mean_score": ("score",),
        "passed": ("passed",),
        "pass_rate": ("passed",),
    },
    "education": {
        **dict.fromkeys(("times", "by_form", "by_audience"), ("times",)),
        "copies": ("copies",),
        "people": ("people",),
        "online_reach": ("online_reach",),
        "with_ads": ("product_ad",),
    },
    "mediation": {
        "by_business": ("business_class",),
        "agreed_amount": ("agreed_amount",),
        "without_complaint": ("complaint_no",),
    },
    "mystery_visits": {
        "rate": ("reviewed_score",),
        "waves": ("reviewed_score",),
        "lost_items": ("reviewed_score",),
        "disputed": ("disputed_on",),
        "by_dispute": ("disputed_on", "dispute_result"),
        "vendors": ("vendor",),
    },
    "partners": {
        "in_force": ("admitted_on", "exited_on"),
        "by_kind": ("admitted_on", "exited_on"),
        "admitted": ("admitted_on",),
        "exited": ("exited_on",),
        "evaluated": ("evaluated_on",),
        "by_evaluation": ("evaluated_on", "evaluation"),
        "unfit": ("evaluation", "exited_on"),
        "without_admission": ("admission_no", "exited_on"),
        "expired": ("agreement_ends_on", "exited_on"),
    },
    "major_events": {"by_grade": ("grade",), "late": ("first_report_at", "further_report_at", "final_report_at")},
    "suggestions": {"answered": ("answered_on",), "adopted": ("adopted",)},
    "public_opinion": {"by_grade": ("grade",), "open": ("closed_on",)},
    "case_analyses": {"shared": ("shared",)},
    "work_plan": {
        "by_state": ("done_on",),
        "rate": ("done_on",),
        "tasks": ("done_on",),
        "without_evidence": ("done_on", "evidence"),
    },
}
# A report that has no time set is not judged late, whatever is delivered of it.
_TIMES = {"first_report_at": "首报时限", "further_report_at": "续报时限", "final_report_at": "终报时限"}


def lacks(found: RegisterFigures, register: str, field: str) -> tuple[str, ...]:
    """Return the columns (names) that a field of a register's figures needs and that were not delivered."""
    absent = found.lacking.get(register, ())
    needs = COLUMNS_NEEDED.get(register, {}).get(field, ())
    if field == "late":
        needs = tuple(name for name in needs if "不判断" not in found.settings.get(_TIMES[name], ""))
    return tuple(name for name in needs if name in absent)


def lacking_words(found: RegisterFigures) -> tuple[str, ...]:
    """Say, register by register, which columns were not delivered though figures of the reports need them."""
    said = []
    for register, fields in COLUMNS_NEEDED.items():
        missing = dict.fromkeys(name for field in fields for name in lacks(found, register, field))
        if missing:
            dataset = DATASETS[register]
            said.append(f"{dataset.title}（{'、'.join(dataset.column(name).title for name in missing)}）")
    return tuple(said)


def without_lacking(found: RegisterFigures, plain: dict[str, Any]) -> dict[str, Any]:
    """Return the figures as plain values in which everything is null that needs a column not delivered."""
    for register, fields in COLUMNS_NEEDED.items():
        training = plain.get("training") or {}
        part: Any = training.get("roster") if register == "training_roster" else plain.get(register)
        for field in fields if part else ():
            if lacks(found, register, field):
                *way, last = field.split(".")
                holder: Any = part
                for step in way:
                    holder = holder[step]
                holder[last] = None
    return plain

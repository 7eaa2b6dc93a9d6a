"""The sample bank's appraisal: made public, one appeal upheld, one waiting. Through the real verbs.

Complaints and education are what the ledger and the registers count; 有责 and training are invented, as a bank's own
table of figures would say them.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from msgspec import structs

from xiaobao.datasets.partitions import standing_rows
from xiaobao.demo.evidence import sample_file
from xiaobao.features.appraisal.sources import with_filings, with_inspection
from xiaobao.features.appraisal.verbs import (
    APPRAISAL_COLUMNS,
    appeal,
    decide_appeal,
    find_appraisal,
    publish_appraisal,
    read_appraisal_figures,
)
from xiaobao.features.complaints.reading import bank_ledger
from xiaobao.model import Actor, Period, Role
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import inspected_units
from xiaobao.workbench.importing import imported_files
from xiaobao.workbench.people import person_in
from xiaobao.workbench.results.reading import scorecards
from xiaobao.workbench.workspace import Workbench

_SCHEME = "appraisal-2026"
_TYPED = ("complaints", "responsible", "training_due", "training_done", "education_planned", "education_done")
_PUBLISHED, _APPEALED, _DECIDED = 3, 2, 1  # days before today; appeals may be made for five days
_UPHELD = "有责投诉中有 1 件系转办件，经核实责任在外部合作机构，申请核减。"
_WAITING = "培训人数未计入已补训的 1 人，情况说明见附件。"
_REASON = "已调阅转办单和认定书，情况属实，核减有责投诉 1 件，其余维持。"


def appraise_demo(wb: Workbench) -> None:
    """Appraise the newest period in which every unit has a score, once; no people, no appraisal."""
    office = person_in(wb, Role.HEAD_OFFICE)
    campaign = next((one for one in _newest_first(wb) if _whole(wb, one)), None)
    if office is None or campaign is None or find_appraisal(wb, campaign.period) is not None:
        return
    period = campaign.period
    given = read_appraisal_figures(_figures_file(wb, campaign))
    figures = with_filings(wb, with_inspection(wb, campaign, given, period), period)
    publish_appraisal(_on(wb, _PUBLISHED, office), period, _SCHEME, figures)
    blamed = [one for one in figures if one.responsible]
    untrained = [one for one in blamed[:-1] if (one.training_done or 0) < (one.training_due or 0)]
    for one in untrained[-1:]:
        file = ("培训情况说明.docx", sample_file("statement.docx"))
        appeal(_on(wb, _APPEALED, _head(wb, one.unit)), period, one.unit, _WAITING, files=[file])
    for one in blamed[-1:]:
        appeal(_on(wb, _APPEALED, _head(wb, one.unit)), period, one.unit, _UPHELD)
        right = structs.replace(one, responsible=(one.responsible or 0) - 1)
        decide_appeal(_on(wb, _DECIDED, office), period, one.unit, True, _REASON, right)


def _head(wb: Workbench, unit: str) -> Actor:
    head = person_in(wb, Role.UNIT_HEAD, unit)
    assert head is not None  # every unit of the sample bank has one
    return head


def _newest_first(wb: Workbench) -> list[Campaign]:
    return sorted(wb.store.campaigns(), key=lambda one: Period.parse(one.period).end, reverse=True)


def _whole(wb: Workbench, campaign: Campaign) -> bool:
    cards = scorecards(wb, campaign)
    return all(unit.id in cards and cards[unit.id].total.value is not None for unit in inspected_units(wb, campaign))


def _figures_file(wb: Workbench, campaign: Campaign) -> Path:
    """Write the table that head office gives with an appraisal, where the sample's other files lie."""
    period, files = campaign.period, imported_files(wb)
    ledger, taught = bank_ledger(wb, period), standing_rows(files, "education", Period.parse(period))
    counted = {unit: sum(cells.values()) for unit, cells in ledger.cells.items()} if ledger else {}
    held = taught["unit"].value_counts().to_dict() if taught is not None else {}
    path = wb.home / "extracts" / f"考核数据_{period}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["机构号", *(title for title, name in APPRAISAL_COLUMNS.items() if name in _TYPED)])
        for place, unit in enumerate(inspected_units(wb, campaign)):
            writer.writerow([unit.id, *_row(counted.get(unit.id, 0), held.get(unit.id, 0), place)])
    return path


def _row(complaints: int, held: int, place: int) -> tuple[int, ...]:
    """Return a unit's figures in the order of `_TYPED`."""
    responsible, people = complaints // 5 - place % 2 * (complaints > 0), 10 + place % 4
    return complaints, max(responsible, 0), people, people - (place % 3 == 0), held, held


def _on(wb: Workbench, days_ago: int, actor: Actor) -> Workbench:
    day = wb.today - timedelta(days=days_ago)
    return replace(wb, actor=actor, settings=structs.replace(wb.settings, as_of=day))

"""Five outlets of one bank on one sheet of 1,000 points: how much of it was assessed is what tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from msgspec import convert

from tests.factories.answering import record_card, record_paper
from tests.factories.inspections import DOMAIN, FILLER, PERIOD, REGULATIONS, item
from tests.factories.kept import new_store
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.checklist.reading import load_scheme
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.model import Actor, Conclusion, Response
from xiaobao.workbench.campaigns import open_inspections
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import Workbench, open_workbench

BELOW, ENOUGH, DRAFT, UNTOUCHED = "0101", "0102", "0103", "0104"
NAMES = {BELOW: "城关支行", ENOUGH: "河西支行", DRAFT: "东门支行", UNTOUCHED: "北山支行"}
# what the assessed part comes to: 599 − 76 of 599, 600 − 60 of 600, and what the draft would come to, 1,000 − 48.3
SO_FAR, SCORE, DRAFTED = "87.31", "90.00", "95.17"
_SCHEMES = Path(__file__).parents[2] / "checklists" / "schemes"


def sheet() -> Checklist:
    """A sheet of 599, 1 and 400 points: the first alone is 59.9 percent, with the second 60.0."""
    points = {"c-most": 599, "c-little": 1, "c-rest": 400}
    rows = [
        item(id, f"检查项 {id}", points=worth, element="disputes", rules=[{"kind": "judged", "max": worth}])
        for id, worth in points.items()
    ]
    return convert(
        {
            "id": DOMAIN,
            "version": "2026.1",
            "title": "投诉处理检查表",
            "domain": DOMAIN,
            "purpose": "看投诉是否及时、规范办理。",
            "effective_from": date(2026, 1, 1),
            "total": 1000,
            "sections": [{"id": "s", "title": "办理", "items": rows}],
        },
        Checklist,
    )


def plan() -> Scheme:
    return convert(
        {
            "id": "self-inspection-2026",
            "version": "2026.1",
            "title": "自查评分",
            "weights": {DOMAIN: 100},
            "grades": [{"id": "A", "label": "优秀", "at_least": 90}, {"id": "B", "label": "良好", "at_least": 0}],
            "rollup": {"own": "0.5"},
        },
        Scheme,
    )


def bank(home: Path) -> Workbench:
    """Make the workspace, with the campaign opened and nothing answered."""
    for name in ("data", "evidence", "secrets", "checklists", "notebooks"):
        (home / name).mkdir(parents=True)
    (home / "xiaobao.toml").write_text('bank = "样例农村商业银行"\nas_of = 2026-07-05\n', "utf-8")
    (home / "checklists" / "regulations.yaml").write_text(REGULATIONS, "utf-8")
    new_store(home)
    wb = open_workbench(home, Actor(name="管理员", verified=True))
    schemes = [plan(), *(load_scheme(_SCHEMES / f"{name}.yaml") for name in ("regulator-2025", "appraisal-2026"))]
    asked = sheet()
    with wb.store.writing(wb.actor) as tx:
        tx.publish("checklist", asked.id, asked.version, canonical(asked))
        for scheme in schemes:
            tx.publish("scheme", scheme.id, scheme.version, canonical(scheme))
        tx.add_campaign("自查", PERIOD, (plan().id, plan().version), {DOMAIN: (asked.id, asked.version)})
    register(wb, dict.fromkeys(NAMES, "储蓄"))
    open_inspections(wb, wb.campaign(PERIOD))
    return wb


def register(wb: Workbench, businesses: Mapping[str, str], again: bool = False) -> tuple[str, ...]:
    """Import the register of units; return what the import has to say."""
    titles = {column.name: column.title for column in DATASETS["units"].columns}
    names = ("unit", "name", "level", "parent", "region", "businesses", "inspected")
    rows = [["01", "总行", "总行", "", "", "储蓄", "否"]]
    rows += [[unit, NAMES[unit], "支行", "01", "城区", runs, "是"] for unit, runs in businesses.items()]
    path = wb.home / "units.csv"
    path.write_text("\n".join(",".join(row) for row in [[titles[name] for name in names], *rows]) + "\n", "utf-8")
    return import_extract(wb, "units", [path], PERIOD, replace=again).notices


def say(wb: Workbench, unit: str, lost: Mapping[str, str], hand_in: bool = True) -> None:
    """Answer the items with the points that each loses; those not named stay open. Hand the sheet in, or do not."""
    record = wb.store.inspection(wb.campaign(PERIOD).id, unit, DOMAIN)
    assert record is not None
    answers = [
        Response(
            item_id=id,
            conclusion=Conclusion.PARTIALLY_COMPLIANT if Decimal(taken) else Conclusion.COMPLIANT,
            deduction=Decimal(taken),
            reason="抽查不符" if Decimal(taken) else "",
        )
        for id, taken in lost.items()
    ]
    with wb.store.writing(FILLER) as tx:
        tx.save_responses(record.id, answers)
    if hand_in:
        with wb.store.writing(FILLER) as tx:
            seen = wb.store.inspection(wb.campaign(PERIOD).id, unit, DOMAIN)
            assert seen is not None
            tx.set_state(record.id, "submitted", seen.revision)


def run(wb: Workbench, *units: str) -> None:
    """Record papers and scorecards of the units as a run would."""
    for unit in units:
        record_paper(wb, unit, PERIOD)
    for unit in units:
        record_card(wb, unit, PERIOD)


def mixed_bank(home: Path) -> Workbench:
    """A unit at 59.9 percent, one at 60.0, one whose whole sheet is a draft, one that nobody touched."""
    wb = bank(home)
    say(wb, BELOW, {"c-most": "76"})
    say(wb, ENOUGH, {"c-most": "60", "c-little": "0"})
    say(wb, DRAFT, {"c-most": "48.3", "c-little": "0", "c-rest": "0"}, hand_in=False)
    run(wb, *NAMES)
    return wb


def with_limits(wb: Workbench, total: str, domain: str) -> None:
    """Let the bank set other limits."""
    path = wb.home / "xiaobao.toml"
    path.write_text(path.read_text("utf-8") + f"[policies.coverage]\ntotal = {total}\ndomain = {domain}\n", "utf-8")

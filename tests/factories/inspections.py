"""A workspace of two outlets and one checklist, made in a moment: every kind of rule once, nothing run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import convert

from tests.factories.kept import copy_of, new_store
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.model import Actor, CheckResult, CheckStatus, Finding, Lead, Nature, Score, Severity, Stage
from xiaobao.store.models import Campaign, InspectionRecord
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import Workbench, open_workbench

PERIOD = "2026H1"
UNIT = "0101"
OTHER = "0102"
DOMAIN = "complaints"
CHECK = "complaints.overdue"
FILLER = Actor(name="张三", verified=True)
INSPECTOR = Actor(name="李四", verified=True)
REGULATIONS = """
documents:
  - id: 试行办法
    name: 样例办法
    number: 样例令第1号
    issuer: 样例机关
    articles:
      - {number: 第一条, duty: 及时办理投诉, verified: true}
"""


def item(identity: str, title: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "title": title,
        "requirement": f"{title}，应有记录。",
        "practice": True,
        "procedure": "查阅登记簿并抽样核对。",
        "method": ["查阅"],
        "evidence": "登记簿",
        "severity": "medium",
        "points": 5,
        "answered_by": "person",
        "rules": [{"kind": "levels"}],
        **fields,
    }


def checklist(person_items: int = 3) -> Checklist:
    """One section of plain items, one with every kind of input, one answered by data."""
    plain = [item(f"c-{number:02}", f"第{number}项登记完整") for number in range(1, person_items + 1)]
    kinds = [
        item("c-judged", "答复口径规范", rules=[{"kind": "judged", "max": 2}]),
        item(
            "c-count",
            "按期告知",
            rules=[{"kind": "count", "causes": [{"id": "late", "label": "逾期告知", "rate": "0.5"}]}],
        ),
        item("c-missing", "公示要素齐全", rules=[{"kind": "missing", "of": 4, "rate": 1}]),
        item("c-ramp", "坡道宽度", rules=[{"kind": "threshold", "unit": "m", "at_least": "1.2"}]),
        item(
            "c-proof",
            "投诉电话公示",
            evidence_required=True,
            practice=False,
            citations=[{"document": "试行办法", "article": "第一条"}],
        ),
        item("c-fund", "基金销售投诉单列", applies_to={"businesses": ["理财"]}),
    ]
    data = [
        item(
            "c-overdue",
            "投诉按期办结",
            answered_by="data",
            checks=[CHECK],
            rules=[{"kind": "count", "causes": [{"id": CHECK, "label": "逾期", "rate": 1}]}],
        )
    ]
    sections = [
        {"id": "s-plain", "title": "登记", "items": plain},
        {"id": "s-kinds", "title": "办理", "items": kinds},
        {"id": "s-data", "title": "时限", "items": data},
    ]
    points = 5 * (person_items + 7)
    return convert(
        {
            "id": DOMAIN,
            "version": "2026.1",
            "title": "投诉处理检查表",
            "domain": DOMAIN,
            "purpose": "看投诉是否及时、规范办理。",
            "effective_from": date(2026, 1, 1),
            "total": points,
            "sections": sections,
        },
        Checklist,
    )


def scheme() -> Scheme:
    return convert(
        {
            "id": "self-inspection-2026",
            "version": "2026.1",
            "title": "自查评分",
            "weights": {DOMAIN: 100},
            "grades": [{"id": "A", "label": "优秀", "at_least": 0}],
            "rollup": {"own": 1},
        },
        Scheme,
    )


def tiny_workspace(home: Path, person_items: int = 3, sheet: Checklist | None = None) -> Path:
    """Make the workspace: settings, key, store, register of units, published checklist, campaign."""
    sheet = sheet or checklist(person_items)
    return copy_of(f"tiny {canonical(sheet)}", lambda kept: _make_tiny(kept, sheet), home)


def _make_tiny(home: Path, sheet: Checklist) -> None:
    for name in ("data", "evidence", "secrets", "checklists", "notebooks"):
        (home / name).mkdir(parents=True)
    (home / "xiaobao.toml").write_text('bank = "样例农村商业银行"\nas_of = 2026-07-05\n', "utf-8")
    (home / "checklists" / "regulations.yaml").write_text(REGULATIONS, "utf-8")
    new_store(home)
    wb = open_workbench(home, Actor(name="管理员", verified=True))
    plan = scheme()
    with wb.store.writing(wb.actor) as tx:
        tx.publish("checklist", sheet.id, sheet.version, canonical(sheet))
        tx.publish("scheme", plan.id, plan.version, canonical(plan))
        tx.add_campaign("2026上半年自查", PERIOD, (plan.id, plan.version), {DOMAIN: (sheet.id, sheet.version)})
    register = home / "units.csv"
    register.write_text(
        "机构号,机构名称,层级,上级机构号,地区,业务开办清单,是否检查对象\n"
        "01,总行,总行,,,储蓄,否\n0101,城关支行,支行,01,城关,储蓄、贷款,是\n0102,河西支行,支行,01,河西,储蓄,是\n",
        "utf-8",
    )
    import_extract(wb, "units", [register], PERIOD)
    wb.store.close()


def workbench(home: Path, actor: Actor = FILLER) -> Workbench:
    return open_workbench(home, actor)


def as_person(wb: Workbench, actor: Actor) -> Workbench:
    return replace(wb, actor=actor)


def inspection(wb: Workbench, unit: str = UNIT) -> tuple[Campaign, InspectionRecord]:
    campaign = wb.campaign(PERIOD)
    with wb.store.writing(wb.actor) as tx:
        tx.ensure_inspections(campaign.id, [(unit, DOMAIN)])
    record = wb.store.inspection(campaign.id, unit, DOMAIN)
    assert record is not None
    return campaign, record


def raise_two_leads(wb: Workbench, unit: str = UNIT) -> tuple[Lead, ...]:
    """Raise two leads of one check, as a run would."""
    _, record = inspection(wb, unit)
    leads = tuple(
        Lead(
            id=f"L{unit}{n}",
            check_id=CHECK,
            item_id="c-overdue",
            unit=unit,
            period=PERIOD,
            summary=f"办理用时超过时限 {n} 天",
            record={"投诉编号": f"TS{unit}{n}"},
            business_date=date(2026, 3, n),
        )
        for n in (1, 2)
    )
    with wb.store.writing(wb.actor) as tx:
        tx.raise_leads(record.id, [CHECK], leads)
    return leads


def record_finding(wb: Workbench, status: CheckStatus = CheckStatus.LEADS) -> Finding:
    """Record a result with one finding, as a run would."""
    _, record = inspection(wb)
    finding = Finding(
        id="F0101-overdue",
        unit=UNIT,
        period=PERIOD,
        domain=DOMAIN,
        item_id="c-overdue",
        title="投诉办理逾期",
        nature=Nature.VIOLATION,
        severity=Severity.HIGH,
        criteria="样例办法第一条",
        condition="2 件投诉逾期办结",
        recommendation="建立到期提醒",
        points_lost=Decimal(2),
    )
    result = CheckResult(
        check_id=CHECK,
        status=status,
        population=40,
        hits=2 if status is CheckStatus.LEADS else 0,
        note="" if status is CheckStatus.LEADS else "缺少数据：投诉台账",
    )
    with wb.store.writing(wb.actor) as tx:
        tx.record_result(
            record.id, "d" * 64, empty_score(Stage.BEFORE), empty_score(Stage.AFTER), (result,), (finding,)
        )
    return finding


def empty_score(stage: Stage) -> Score:
    return Score(
        value=None,
        unvetoed=None,
        grade="",
        stage=stage,
        possible=Decimal(0),
        earned=Decimal(0),
        coverage=None,
        provisional=True,
    )

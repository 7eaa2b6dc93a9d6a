"""A small scorecard with its papers and leads, made by hand: two domains, one finding, three leads."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

from msgspec import convert
from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.model import (
    CorrectiveAction,
    Disposition,
    FactState,
    Finding,
    Lead,
    LeadDecision,
    Nature,
    Period,
    Score,
    Severity,
    Stage,
    TraceLine,
    Unit,
)
from xiaobao.policies import Policies
from xiaobao.scorecard import DomainScore, Group, Loss, Overview, OverviewRow, Scorecard
from xiaobao.word import ReportContext
from xiaobao.workbench.leads import LeadRow
from xiaobao.workbench.paper import Coverage, WorkPaper

UNIT = Unit("0010", "东城支行", "branch", "0001", "城区", ("储蓄", "贷款"))
PERIOD = Period.parse("2026H1")
AS_OF = date(2026, 7, 5)


def points(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def score(value: str | None, stage: Stage = Stage.AFTER, **changes: object) -> Score:
    exact = points(value)
    made = Score(
        exact,
        exact,
        "B" if exact is not None else "",
        stage,
        Decimal(100),
        exact or Decimal(0),
        Decimal("96.50"),
        provisional=False,
        trace=(
            line("complaints.1", "投诉按期办结", "10", "2.50"),
            line("complaints.2", "投诉渠道公示", "5", "0", FactState.NO_DATA),
        ),
    )
    return replace(made, **changes)


def line(node: str, title: str, nominal: str, deducted: str, state: FactState = FactState.ASSESSED) -> TraceLine:
    whole, lost = Decimal(nominal), Decimal(deducted)
    return TraceLine(node, "complaints", title, "item", 2, state, whole, whole, lost, lost, whole - lost)


def finding(**changes: object) -> Finding:
    made = Finding(
        "F1", UNIT.id, PERIOD.code, "complaints", "complaints.1", "投诉未按期办结", Nature.VIOLATION, Severity.HIGH,
        "《示例办法》第十九条：应当按期办结。", "抽查 12 笔，2 笔超期。", "逐笔补办并告知投诉人。", Decimal("2.50"),
        ("L1",), effect="投诉人可能升级投诉。",
    )  # fmt: skip
    return replace(made, **changes)


def scorecard(**changes: object) -> Scorecard:
    domains = (
        DomainScore(
            "complaints", "投诉处理", Decimal(20), score("84.75"), score("80.25", Stage.BEFORE), Decimal("88.00"), 2, 3,
            Decimal("84.75"), 1, 1, 1, 1,
        ),
        DomainScore("disclosure", "信息披露", Decimal(20), score(None), score(None, Stage.BEFORE), None, None, 0, None),
    )  # fmt: skip
    made = Scorecard(
        UNIT, PERIOD.code, score("84.75"), score("80.25", Stage.BEFORE), "良好", 2, 3, Decimal("84.75"),
        Decimal("88.00"), 1, domains,
        (Loss("complaints", "complaints.1", "投诉按期办结", Decimal("2.50"), Decimal(10), Decimal("0.50"), "每笔扣"),),
        (finding(),), (("2025H2", Decimal("88.00")), ("2026H1", Decimal("84.75"))),
        ("信息披露本期无数据，未计入总分。",),
    )  # fmt: skip
    return replace(made, **changes)


def lead_row(number: int = 1, decided: Disposition | None = None, **changes: object) -> LeadRow:
    lead = Lead(
        f"L{number:015d}", "complaints.overdue", "complaints.1", UNIT.id, PERIOD.code, f"第 {number} 笔超期 3 天",
        {"投诉编号": f"TS{number:04d}", "受理日期": "2026-03-02"}, date(2026, 3, 2),
    )  # fmt: skip
    decision = (
        LeadDecision(lead.id, decided, "已核对", "张三", decided, "证据充分", "李四", revision=2) if decided else None
    )
    made = LeadRow(lead, decision, UNIT.name, "complaints", "投诉超期", "投诉按期办结", date(2026, 7, 15), False)
    return dataclasses.replace(made, **changes)


def checklist() -> Checklist:
    item = {
        "id": "complaints.1", "title": "投诉按期办结", "requirement": "按期办结", "practice": True,
        "procedure": "查阅台账",
        "method": ["查阅"], "evidence": "台账", "severity": "high", "points": "10", "answered_by": "data",
        "checks": ["complaints.overdue"], "rules": [{"kind": "all_or_nothing"}],
    }  # fmt: skip
    section = {"id": "complaints.s", "title": "办理", "items": [item]}
    return convert(
        {
            "id": "complaints", "version": "2026.1", "title": "投诉处理检查表", "domain": "complaints",
            "purpose": "自查",
            "effective_from": "2026-01-01", "total": "100", "sections": [section],
        },
Checklist)  # fmt: skip


def scheme() -> Scheme:
    return convert(
        {
            "id": "self-inspection-2026", "version": "2026.1", "title": "自查方案", "weights": {"complaints": "20"},
            "grades": [{"id": "B", "label": "良好", "at_least": "0"}], "rollup": {"own": "1"},
        },
Scheme)  # fmt: skip


def paper() -> WorkPaper:
    coverage = (
        Coverage("complaints", "投诉台账", 1012, "a" * 64, ("投诉超期",)),
        Coverage("transfers", "转办清单", None, "", ("转办未登记",)),
    )
    return WorkPaper(
        "示例农商银行", UNIT, PERIOD, AS_OF, "complaints", checklist(), "b" * 64, scheme(), Policies(), coverage,
        {}, (),
        {}, (), score("84.75"), score("80.25", Stage.BEFORE), (finding(),),
        {"complaints.1": "《示例办法》（示例发〔2026〕1号）第十九条；《另一办法》第二条"},
    )  # fmt: skip


def action(**changes: object) -> CorrectiveAction:
    made = CorrectiveAction("A1", "F1", UNIT.id, "case", "补办两笔投诉", "王五", date(2026, 8, 31))
    return replace(made, **changes)


def report_context(**changes: object) -> ReportContext:
    leads = (lead_row(1, Disposition.CONFIRMED), lead_row(2, Disposition.REFUTED), lead_row(3))
    made = ReportContext("示例农商银行", PERIOD, AS_OF, scorecard(), (paper(),), leads, (action(),))
    return dataclasses.replace(made, **changes)


def overview() -> Overview:
    rows = (
        OverviewRow(
            UNIT, Decimal("84.75"), Decimal("80.25"), "B", 1, Decimal("88.00"),
            {"complaints": Decimal("84.75"), "disclosure": None}, 1, 1, 1, True, ("信息披露",),
        ),
        OverviewRow(
            Unit("0020", "=西城支行", "branch", "0001"), None, None, "", None, None,
            {"complaints": None, "disclosure": None}, 0, 0, 0, False,
        ),
    )  # fmt: skip
    groups = (Group("", "全部机构", 2, 1, Decimal("84.75"), Decimal("84.75"), {"B": 1}),)
    titles = {"complaints": "投诉处理", "disclosure": "信息披露"}
    return Overview("示例农商银行", PERIOD.code, rows, groups, {"B": "良好"}, titles, ("两个机构",))

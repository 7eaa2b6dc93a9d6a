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
from xiaobao.paper.work_paper import ExtractCoverage, WorkPaper
from xiaobao.policies import Policies
from xiaobao.scorecard import DomainScore, Group, Loss, Overview, OverviewRow, Scorecard
from xiaobao.word import ReportContext
from xiaobao.workbench.leads import LeadRow

UNIT = Unit(id="0010", name="东城支行", level="branch", parent="0001", region="城区", businesses=("储蓄", "贷款"))
PERIOD = Period.parse("2026H1")
AS_OF = date(2026, 7, 5)


def points(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def score(value: str | None, stage: Stage = Stage.AFTER, **changes: object) -> Score:
    exact = points(value)
    made = Score(
        value=exact,
        unvetoed=exact,
        grade="B" if exact is not None else "",
        stage=stage,
        possible=Decimal(100),
        earned=exact or Decimal(0),
        coverage=Decimal("96.50"),
        provisional=False,
        trace=(
            line("complaints.1", "投诉按期办结", "10", "2.50"),
            line("complaints.2", "投诉渠道公示", "5", "0", FactState.NO_DATA),
        ),
    )
    return replace(made, **changes)


def line(node: str, title: str, nominal: str, deducted: str, state: FactState = FactState.ASSESSED) -> TraceLine:
    whole, lost = Decimal(nominal), Decimal(deducted)
    return TraceLine(
        node_id=node,
        parent_id="complaints",
        title=title,
        kind="item",
        depth=2,
        state=state,
        nominal=whole,
        possible=whole,
        should_deduct=lost,
        deducted=lost,
        earned=whole - lost,
    )


def finding(**changes: object) -> Finding:
    made = Finding(
        id="F1",
        unit=UNIT.id,
        period=PERIOD.code,
        domain="complaints",
        item_id="complaints.1",
        title="投诉未按期办结",
        nature=Nature.VIOLATION,
        severity=Severity.HIGH,
        criteria="《示例办法》第十九条：应当按期办结。",
        condition="抽查 12 笔，2 笔超期。",
        recommendation="逐笔补办并告知投诉人。",
        points_lost=Decimal("2.50"),
        leads=("L1",),
        effect="投诉人可能升级投诉。",
    )
    return replace(made, **changes)


def scorecard(**changes: object) -> Scorecard:
    domains = (
        DomainScore(
            domain="complaints",
            title="投诉处理",
            weight=Decimal(20),
            after=score("84.75"),
            before=score("80.25", Stage.BEFORE),
            previous=Decimal("88.00"),
            rank=2,
            peers=3,
            peer_median=Decimal("84.75"),
            open_leads=1,
            confirmed_leads=1,
            refuted_leads=1,
            findings=1,
        ),
        DomainScore(
            domain="disclosure",
            title="信息披露",
            weight=Decimal(20),
            after=score(None),
            before=score(None, Stage.BEFORE),
            previous=None,
            rank=None,
            peers=0,
            peer_median=None,
        ),
    )
    made = Scorecard(
        unit=UNIT,
        period=PERIOD.code,
        total=score("84.75"),
        total_before=score("80.25", Stage.BEFORE),
        grade_label="良好",
        rank=2,
        peers=3,
        peer_median=Decimal("84.75"),
        previous=Decimal("88.00"),
        comparable=True,
        previous_rank=1,
        domains=domains,
        losses=(
            Loss(
                domain="complaints",
                item_id="complaints.1",
                title="投诉按期办结",
                lost=Decimal("2.50"),
                of=Decimal(10),
                weighted=Decimal("0.50"),
                explanation="每笔扣",
            ),
        ),
        findings=(finding(),),
        trend=(("2025H2", Decimal("88.00")), ("2026H1", Decimal("84.75"))),
        notes=("信息披露本期无数据，未计入总分。",),
    )
    return replace(made, **changes)


def lead_row(number: int = 1, decided: Disposition | None = None, **changes: object) -> LeadRow:
    lead = Lead(
        id=f"L{number:015d}",
        check_id="complaints.overdue",
        item_id="complaints.1",
        unit=UNIT.id,
        period=PERIOD.code,
        summary=f"第 {number} 笔超期 3 天",
        record={"投诉编号": f"TS{number:04d}", "受理日期": "2026-03-02"},
        business_date=date(2026, 3, 2),
    )
    decision = (
        LeadDecision(
            lead_id=lead.id,
            answer=decided,
            answer_note="已核对",
            answered_by="张三",
            decided=decided,
            reason="证据充分",
            decided_by="李四",
            revision=2,
        )
        if decided
        else None
    )
    made = LeadRow(
        lead=lead,
        decision=decision,
        unit_name=UNIT.name,
        domain="complaints",
        domain_title="投诉处理",
        check_title="投诉超期",
        item_title="投诉按期办结",
        due=date(2026, 7, 15),
        overdue=False,
    )
    return dataclasses.replace(made, **changes)


def checklist() -> Checklist:
    item = {
        "id": "complaints.1",
        "title": "投诉按期办结",
        "requirement": "按期办结",
        "practice": True,
        "procedure": "查阅台账",
        "method": ["查阅"],
        "evidence": "台账",
        "severity": "high",
        "points": "10",
        "answered_by": "data",
        "checks": ["complaints.overdue"],
        "rules": [{"kind": "all_or_nothing"}],
    }
    section = {"id": "complaints.s", "title": "办理", "items": [item]}
    return convert(
        {
            "id": "complaints",
            "version": "2026.1",
            "title": "投诉处理检查表",
            "domain": "complaints",
            "purpose": "自查",
            "effective_from": "2026-01-01",
            "total": "100",
            "sections": [section],
        },
        Checklist,
    )


def scheme() -> Scheme:
    return convert(
        {
            "id": "self-inspection-2026",
            "version": "2026.1",
            "title": "自查方案",
            "weights": {"complaints": "20"},
            "grades": [{"id": "B", "label": "良好", "at_least": "0"}],
            "rollup": {"own": "1"},
        },
        Scheme,
    )


def paper() -> WorkPaper:
    coverage = (
        ExtractCoverage(dataset="complaints", title="投诉台账", rows=1012, sha256="a" * 64, used_by=("投诉超期",)),
        ExtractCoverage(dataset="transfers", title="转办清单", rows=None, sha256="", used_by=("转办未登记",)),
    )
    return WorkPaper(
        bank="示例农商银行",
        unit=UNIT,
        period=PERIOD,
        as_of=AS_OF,
        domain="complaints",
        checklist=checklist(),
        checklist_sha256="b" * 64,
        scheme=scheme(),
        policies=Policies(),
        coverage=coverage,
        responses={},
        check_results=(),
        decisions={},
        facts=(),
        before=score("80.25", Stage.BEFORE),
        after=score("84.75"),
        findings=(finding(),),
        citations={"complaints.1": "《示例办法》（示例发〔2026〕1号）第十九条；《另一办法》第二条"},
    )


def action(**changes: object) -> CorrectiveAction:
    made = CorrectiveAction(
        id="A1", finding_id="F1", unit=UNIT.id, line="case", measure="补办两笔投诉", owner="王五", due=date(2026, 8, 31)
    )
    return replace(made, **changes)


def report_context(**changes: object) -> ReportContext:
    leads = (lead_row(1, Disposition.CONFIRMED), lead_row(2, Disposition.REFUTED), lead_row(3))
    made = ReportContext(
        bank="示例农商银行",
        period=PERIOD,
        as_of=AS_OF,
        card=scorecard(),
        papers=(paper(),),
        leads=leads,
        actions=(action(),),
    )
    return dataclasses.replace(made, **changes)


def overview() -> Overview:
    rows = (
        OverviewRow(
            unit=UNIT,
            total=Decimal("84.75"),
            before=Decimal("80.25"),
            grade="B",
            rank=1,
            previous=Decimal("88.00"),
            comparable=True,
            domains={"complaints": Decimal("84.75"), "disclosure": None},
            open_leads=1,
            high_findings=1,
            findings=1,
            provisional=True,
            missing=("信息披露",),
        ),
        OverviewRow(
            unit=Unit(id="0020", name="=西城支行", level="branch", parent="0001"),
            total=None,
            before=None,
            grade="",
            rank=None,
            previous=None,
            domains={"complaints": None, "disclosure": None},
            open_leads=0,
            high_findings=0,
            findings=0,
            provisional=False,
        ),
    )
    groups = (
        Group(
            key="", title="全部机构", units=2, scored=1, mean=Decimal("84.75"), median=Decimal("84.75"), grades={"B": 1}
        ),
    )
    titles = {"complaints": "投诉处理", "disclosure": "信息披露"}
    return Overview(
        bank="示例农商银行",
        period=PERIOD.code,
        rows=rows,
        groups=groups,
        grade_labels={"B": "良好"},
        domain_titles=titles,
        notes=("两个机构",),
    )

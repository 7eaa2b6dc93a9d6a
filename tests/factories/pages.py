"""Small overviews and scorecards for tests of pages; their figures are chosen, so that a page cannot work them out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from tests.factories import shipped
from xiaobao import labels
from xiaobao.checklist.models import Checklist, Citation, Grade, Item, Rollup, Scheme, Section
from xiaobao.checklist.rules import AllOrNothing
from xiaobao.model import (
    CheckResult,
    CheckStatus,
    Conclusion,
    Disposition,
    FactState,
    Finding,
    ItemFacts,
    Lead,
    LeadDecision,
    Nature,
    Period,
    Response,
    Score,
    Severity,
    Stage,
    TraceLine,
    Unit,
)
from xiaobao.paper.work_paper import ExtractCoverage, WorkPaper
from xiaobao.policies import Policies
from xiaobao.scorecard import DomainScore, Group, Loss, Overview, OverviewRow, Scorecard

PERIOD = "2026H1"
DOMAINS = {name: labels.DOMAINS[name] for name in shipped.DOMAINS}
GRADES = {"A": "优秀", "B": "良好", "C": "合格", "D": "不合格"}
REGIONS = ("城东", "城西", "县域")
_LEVELS = ("branch", "sub_branch", "outlet")
_KINDS = {"branch": "分行", "sub_branch": "支行", "outlet": "分理处"}


def make_score(value: str | None, stage: Stage = Stage.AFTER, *, trace: tuple[TraceLine, ...] = ()) -> Score:
    shown = None if value is None else Decimal(value)
    return Score(
        value=shown,
        unvetoed=shown,
        grade="" if shown is None else grade_of(shown),
        stage=stage,
        possible=Decimal(100),
        earned=shown or Decimal(0),
        coverage=Decimal("100.00") if shown is not None else None,
        provisional=False,
        trace=trace,
        vetoes=(),
        engine="test",
    )


def grade_of(total: Decimal) -> str:
    return next((grade for grade, least in zip("ABC", (90, 80, 70), strict=True) if total >= least), "D")


def make_line(
    node: str, title: str, *, possible: str, deducted: str, depth: int = 0, why: str = "", parent: str = ""
) -> TraceLine:
    full, taken = Decimal(possible), Decimal(deducted)
    return TraceLine(
        node_id=node,
        parent_id=parent,
        title=title,
        kind="item",
        depth=depth,
        state=FactState.ASSESSED,
        nominal=full,
        possible=full,
        should_deduct=taken,
        deducted=taken,
        earned=full - taken,
        explanation=why,
    )


def make_row(place: int, total: str | None = None, **changes: object) -> OverviewRow:
    level = _LEVELS[place % 3]
    score = Decimal(total) if total else (Decimal(9650 - 287 * (place % 17)) / 100).quantize(Decimal("0.01"))
    unit = Unit(
        id=f"{place:04d}",
        name=f"第{place}{_KINDS[level]}",
        level=level,
        parent="",
        region=REGIONS[place % len(REGIONS)],
    )
    scores = {domain: score + step - 2 for step, domain in enumerate(DOMAINS)}
    row = OverviewRow(
        unit=unit,
        total=score,
        before=score - 3,
        grade=grade_of(score),
        rank=place + 1,
        previous=score + place % 3 - 1,
        comparable=True,
        domains=scores,
        open_leads=place % 4,
        high_findings=place % 2,
        findings=place % 5,
        provisional=False,
    )
    return replace(row, **changes)


def make_overview(units: int = 12, *, blank: bool = True) -> Overview:
    """`units` units over three levels and regions; the last one has no score when `blank`."""
    rows = [make_row(place) for place in range(units)]
    if blank and rows:
        nothing = dict.fromkeys(DOMAINS)
        rows[-1] = make_row(
            units - 1,
            total=None,
            grade="",
            rank=None,
            previous=None,
            domains=nothing,
            provisional=True,
            missing=("投诉台账",),
        )
        rows[-1] = replace(rows[-1], total=None)
    groups = [_group("all", "全部", rows, "88.80", "89.10")]
    groups += [
        _group(f"level:{level}", _KINDS[level], [row for row in rows if row.unit.level == level], "87.70", "87.90")
        for level in _LEVELS
    ]
    groups += [
        _group(f"region:{name}", name, [row for row in rows if row.unit.region == name], "86.60", "86.90")
        for name in REGIONS
    ]
    notes = ("第 9999 网点不参加考评",)
    return Overview(
        bank="示例农商银行",
        period=PERIOD,
        rows=tuple(rows),
        groups=tuple(groups),
        grade_labels=GRADES,
        domain_titles=dict(DOMAINS),
        notes=notes,
    )


def _group(key: str, title: str, rows: list[OverviewRow], mean: str, median: str) -> Group:
    scored = [row for row in rows if row.total is not None]
    grades = {grade: sum(row.grade == grade for row in scored) for grade in GRADES}
    return Group(
        key=key,
        title=title,
        units=len(rows),
        scored=len(scored),
        mean=Decimal(mean),
        median=Decimal(median),
        grades=grades,
    )


def make_finding(title: str = "投诉超过时限未办结") -> Finding:
    return Finding(
        id="F1",
        unit="0007",
        period=PERIOD,
        domain="complaints",
        item_id="C-03",
        title=title,
        nature=Nature.VIOLATION,
        severity=Severity.HIGH,
        criteria="自受理之日起十五日内作出处理决定",
        condition="共 3 笔投诉超过时限，涉及投诉编号 TS001 等",
        recommendation="逐笔办结并说明原因",
        points_lost=Decimal(6),
    )


def make_card(unit: str = "0007", unit_name: str = "城东支行", **changes: object) -> Scorecard:
    entries = tuple(
        DomainScore(
            domain=domain,
            title=title,
            weight=Decimal(20),
            after=make_score(f"{91 - 6 * step}.50"),
            before=make_score(f"{85 - 6 * step}.00", Stage.BEFORE),
            previous=Decimal(f"{88 - step}.00"),
            rank=step + 1,
            peers=6,
            peer_median=Decimal("84.25"),
            open_leads=step,
            confirmed_leads=2,
            refuted_leads=1,
            findings=step,
        )
        for step, (domain, title) in enumerate(DOMAINS.items())
    )
    losses = (
        Loss(
            domain="complaints",
            item_id="C-03",
            title="按期办结",
            lost=Decimal(6),
            of=Decimal(10),
            weighted=Decimal("1.20"),
            explanation="3 笔 × 每笔扣 2 分",
            leads=("L1",),
        ),
        Loss(
            domain="disclosure",
            item_id="D-01",
            title="价目公示",
            lost=Decimal(8),
            of=Decimal(8),
            weighted=Decimal("1.60"),
            explanation="不符合，该项不得分",
            reason="未公示",
        ),
    )
    card = Scorecard(
        unit=Unit(id=unit, name=unit_name, level="sub_branch", parent="01", region="城东"),
        period=PERIOD,
        total=make_score("79.50"),
        total_before=make_score("73.00", Stage.BEFORE),
        grade_label="合格",
        rank=4,
        peers=6,
        peer_median=Decimal("83.20"),
        previous=Decimal("81.00"),
        comparable=True,
        previous_rank=3,
        domains=entries,
        losses=losses,
        findings=(make_finding(),),
        trend=(("2025H2", Decimal("81.00")), (PERIOD, Decimal("79.50"))),
    )
    return replace(card, **changes)


def _item(item_id: str, title: str, answered_by: str, checks: tuple[str, ...] = ()) -> Item:
    return Item(
        id=item_id,
        title=title,
        requirement="按规定办理",
        citations=(Citation(document="x", article="1"),),
        procedure="抽查台账",
        method=("查阅",),
        evidence="台账",
        severity=Severity.HIGH,
        points=Decimal(10),
        answered_by=answered_by,  # type: ignore[arg-type]
        checks=checks,
        rules=(AllOrNothing(),),
    )


def make_paper() -> WorkPaper:
    """One section of three items: answered, fed by data and losing points, and still waiting for a decision."""
    checks = ("complaints.overdue", "complaints.handler_is_subject", "complaints.unregistered_transfer")
    items = (
        _item("C-01", "渠道公示", "person"),
        _item("C-03", "按期办结", "data", checks),
        _item("C-04", "转办登记", "data"),
    )
    section = Section(id="S1", title="办理时限", items=items)
    checklist = Checklist(
        id="complaints",
        version="2026.1",
        title="投诉处理检查表",
        domain="complaints",
        purpose="检查投诉处理",
        effective_from=date(2026, 1, 1),
        total=Decimal(30),
        sections=(section,),
    )
    scheme = Scheme(
        id="s",
        version="2026",
        title="自查评分方案",
        weights={"complaints": Decimal(100)},
        grades=(Grade(id="A", label="优秀", at_least=Decimal(90)), Grade(id="D", label="不合格", at_least=Decimal(0))),
        rollup=Rollup(own=Decimal(1)),
    )
    leads = tuple(
        Lead(
            id=f"L{n}",
            check_id=checks[0],
            item_id="C-03",
            unit="0007",
            period=PERIOD,
            summary=f"超过时限 {n + 2} 天",
            record={"投诉编号": f"TS00{n}"},
            business_date=date(2026, 3, n),
        )
        for n in (1, 2)
    )
    decided = LeadDecision(
        lead_id="L1",
        answer=Disposition.PARTLY,
        answer_note="系统延迟",
        answered_by="李四",
        decided=Disposition.CONFIRMED,
        reason="证据充分",
        decided_by="王五",
    )
    return WorkPaper(
        bank="示例农商银行",
        unit=Unit(
            id="0007", name="城东支行", level="sub_branch", parent="01", region="城东", businesses=("储蓄", "贷款")
        ),
        period=Period.parse(PERIOD),
        as_of=date(2026, 7, 5),
        domain="complaints",
        checklist=checklist,
        checklist_sha256="abcdef0123456789" * 4,
        scheme=scheme,
        policies=Policies(),
        coverage=(
            ExtractCoverage(
                dataset="complaints", title="投诉台账", rows=1200, sha256="0123456789abcdef" * 4, used_by=("超过时限",)
            ),
            ExtractCoverage(dataset="transfers", title="转办清单", rows=None, sha256="", used_by=("转办未登记",)),
        ),
        responses={
            "C-01": Response(
                item_id="C-01", conclusion=Conclusion.COMPLIANT, note="现场查看，公示在显著位置", evidence=("a.jpg",)
            )
        },
        check_results=(
            CheckResult(check_id=checks[0], status=CheckStatus.LEADS, population=1200, hits=2, leads=leads),
            CheckResult(check_id=checks[1], status=CheckStatus.CLEAR, population=1200, hits=0),
            CheckResult(check_id=checks[2], status=CheckStatus.NO_DATA, note="缺少数据：transfers"),
        ),
        decisions={"L1": decided},
        facts=(ItemFacts(item_id="C-01", state=FactState.ASSESSED), ItemFacts(item_id="C-04", state=FactState.PENDING)),
        before=make_score("88.00", Stage.BEFORE, trace=_trace("12", "8")),
        after=make_score("94.00", trace=_trace("6", "14")),
        findings=(make_finding(),),
        citations={"C-01": "某办法 第一条"},
    )


def _trace(lost: str, left: str) -> tuple[TraceLine, ...]:
    section = make_line("S1", "办理时限", possible="20", deducted=lost)
    pending = TraceLine(
        node_id="C-04",
        parent_id="S1",
        title="转办登记",
        kind="item",
        depth=1,
        state=FactState.PENDING,
        nominal=Decimal(10),
        possible=Decimal(10),
        should_deduct=Decimal(0),
        deducted=Decimal(0),
        earned=Decimal(0),
        reason="1 条疑点待认定",
    )
    return (
        replace(section, kind="section", earned=Decimal(left)),
        make_line("C-01", "渠道公示", possible="10", deducted="0", depth=1, parent="S1"),
        make_line("C-03", "按期办结", possible="10", deducted=lost, depth=1, why="3 笔 × 每笔扣 2 分", parent="S1"),
        pending,
    )

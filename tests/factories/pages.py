"""Small overviews and scorecards for tests of pages; their figures are chosen, so that a page cannot work them out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from tests.factories import shipped
from xiaobao import labels
from xiaobao.checklist.models import AllOrNothing, Checklist, Citation, Grade, Item, Rollup, Scheme, Section
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
from xiaobao.policies import Policies
from xiaobao.scorecard import DomainScore, Group, Loss, Overview, OverviewRow, Scorecard
from xiaobao.workbench.paper import Coverage, WorkPaper

PERIOD = "2026H1"
DOMAINS = {name: labels.DOMAINS[name] for name in shipped.DOMAINS}
GRADES = {"A": "优秀", "B": "良好", "C": "合格", "D": "不合格"}
REGIONS = ("城东", "城西", "县域")
_LEVELS = ("branch", "sub_branch", "outlet")
_KINDS = {"branch": "分行", "sub_branch": "支行", "outlet": "分理处"}


def make_score(value: str | None, stage: Stage = Stage.AFTER, *, trace: tuple[TraceLine, ...] = ()) -> Score:
    shown = None if value is None else Decimal(value)
    return Score(
        shown,
        shown,
        "" if shown is None else grade_of(shown),
        stage,
        Decimal(100),
        shown or Decimal(0),
        Decimal("100.00") if shown is not None else None,
        False,
        trace,
        (),
        "test",
    )


def grade_of(total: Decimal) -> str:
    return next((grade for grade, least in zip("ABC", (90, 80, 70), strict=True) if total >= least), "D")


def make_line(
    node: str, title: str, *, possible: str, deducted: str, depth: int = 0, why: str = "", parent: str = ""
) -> TraceLine:
    full, taken = Decimal(possible), Decimal(deducted)
    return TraceLine(
        node, parent, title, "item", depth, FactState.ASSESSED, full, full, taken, taken, full - taken, explanation=why
    )


def make_row(place: int, total: str | None = None, **changes: object) -> OverviewRow:
    level = _LEVELS[place % 3]
    score = Decimal(total) if total else (Decimal(9650 - 287 * (place % 17)) / 100).quantize(Decimal("0.01"))
    unit = Unit(f"{place:04d}", f"第{place}{_KINDS[level]}", level, "", REGIONS[place % len(REGIONS)])
    scores = {domain: score + step - 2 for step, domain in enumerate(DOMAINS)}
    row = OverviewRow(
        unit,
        score,
        score - 3,
        grade_of(score),
        place + 1,
        score + place % 3 - 1,
        scores,
        place % 4,
        place % 2,
        place % 5,
        False,
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
    return Overview("示例农商银行", PERIOD, tuple(rows), tuple(groups), GRADES, dict(DOMAINS), notes)


def _group(key: str, title: str, rows: list[OverviewRow], mean: str, median: str) -> Group:
    scored = [row for row in rows if row.total is not None]
    grades = {grade: sum(row.grade == grade for row in scored) for grade in GRADES}
    return Group(key, title, len(rows), len(scored), Decimal(mean), Decimal(median), grades)


def make_finding(title: str = "投诉超过时限未办结") -> Finding:
    return Finding(
        "F1",
        "0007",
        PERIOD,
        "complaints",
        "C-03",
        title,
        Nature.VIOLATION,
        Severity.HIGH,
        "自受理之日起十五日内作出处理决定",
        "共 3 笔投诉超过时限，涉及投诉编号 TS001 等",
        "逐笔办结并说明原因",
        Decimal(6),
    )


def make_card(unit: str = "0007", unit_name: str = "城东支行", **changes: object) -> Scorecard:
    entries = tuple(
        DomainScore(
            domain,
            title,
            Decimal(20),
            make_score(f"{91 - 6 * step}.50"),
            make_score(f"{85 - 6 * step}.00", Stage.BEFORE),
            Decimal(f"{88 - step}.00"),
            step + 1,
            6,
            Decimal("84.25"),
            step,
            2,
            1,
            step,
        )
        for step, (domain, title) in enumerate(DOMAINS.items())
    )
    losses = (
        Loss(
            "complaints",
            "C-03",
            "按期办结",
            Decimal(6),
            Decimal(10),
            Decimal("1.20"),
            "3 笔 × 每笔扣 2 分",
            leads=("L1",),
        ),
        Loss("disclosure", "D-01", "价目公示", Decimal(8), Decimal(8), Decimal("1.60"), "不符合，该项不得分", "未公示"),
    )
    card = Scorecard(
        Unit(unit, unit_name, "sub_branch", "01", "城东"),
        PERIOD,
        make_score("79.50"),
        make_score("73.00", Stage.BEFORE),
        "合格",
        4,
        6,
        Decimal("83.20"),
        Decimal("81.00"),
        3,
        entries,
        losses,
        (make_finding(),),
        (("2025H2", Decimal("81.00")), (PERIOD, Decimal("79.50"))),
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
            f"L{n}",
            checks[0],
            "C-03",
            "0007",
            PERIOD,
            f"超过时限 {n + 2} 天",
            {"投诉编号": f"TS00{n}"},
            date(2026, 3, n),
        )
        for n in (1, 2)
    )
    decided = LeadDecision("L1", Disposition.PARTLY, "系统延迟", "李四", Disposition.CONFIRMED, "证据充分", "王五")
    return WorkPaper(
        "示例农商银行",
        Unit("0007", "城东支行", "sub_branch", "01", "城东", ("储蓄", "贷款")),
        Period.parse(PERIOD),
        date(2026, 7, 5),
        "complaints",
        checklist,
        "abcdef0123456789" * 4,
        scheme,
        Policies(),
        (
            Coverage("complaints", "投诉台账", 1200, "0123456789abcdef" * 4, ("超过时限",)),
            Coverage("transfers", "转办清单", None, "", ("转办未登记",)),
        ),
        {"C-01": Response("C-01", Conclusion.COMPLIANT, note="现场查看，公示在显著位置", evidence=("a.jpg",))},
        (
            CheckResult(checks[0], CheckStatus.LEADS, 1200, 2, leads),
            CheckResult(checks[1], CheckStatus.CLEAR, 1200, 0),
            CheckResult(checks[2], CheckStatus.NO_DATA, note="缺少数据：transfers"),
        ),
        {"L1": decided},
        (ItemFacts("C-01", FactState.ASSESSED), ItemFacts("C-04", FactState.PENDING)),
        make_score("88.00", Stage.BEFORE, trace=_trace("12", "8")),
        make_score("94.00", trace=_trace("6", "14")),
        (make_finding(),),
        {"C-01": "某办法 第一条"},
    )


def _trace(lost: str, left: str) -> tuple[TraceLine, ...]:
    section = make_line("S1", "办理时限", possible="20", deducted=lost)
    pending = TraceLine(
        "C-04",
        "S1",
        "转办登记",
        "item",
        1,
        FactState.PENDING,
        *[Decimal(10)] * 2,
        *[Decimal(0)] * 3,
        reason="1 条疑点待认定",
    )
    return (
        replace(section, kind="section", earned=Decimal(left)),
        make_line("C-01", "渠道公示", possible="10", deducted="0", depth=1, parent="S1"),
        make_line("C-03", "按期办结", possible="10", deducted=lost, depth=1, why="3 笔 × 每笔扣 2 分", parent="S1"),
        pending,
    )

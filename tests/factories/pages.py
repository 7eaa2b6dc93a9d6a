"""Small overviews and scorecards for tests of pages; their figures are chosen, so that a page cannot work them out."""

from __future__ import annotations

from decimal import Decimal

from xiaobao.labels import DOMAINS
from xiaobao.model import FactState, Finding, Nature, Score, Severity, Stage, TraceLine, Unit
from xiaobao.scorecard import DomainScore, Group, Loss, Overview, OverviewRow, Scorecard

PERIOD = "2026H1"
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


def make_line(node: str, title: str, *, possible: str, deducted: str, depth: int = 0, why: str = "") -> TraceLine:
    full, taken = Decimal(possible), Decimal(deducted)
    return TraceLine(
        node, "", title, "item", depth, FactState.ASSESSED, full, full, taken, taken, full - taken, explanation=why
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
    return OverviewRow(**{**row.__dict__, **changes})


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
        rows[-1] = OverviewRow(**{**rows[-1].__dict__, "total": None})
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


def make_card(unit: str = "0007", **changes: object) -> Scorecard:
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
        Unit(unit, "城东支行", "sub_branch", "01", "城东"),
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
    return Scorecard(**{**card.__dict__, **changes})

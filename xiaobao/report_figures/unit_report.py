"""Figures of one unit's inspection report (自查报告): its scores, findings, leads, lost points and data covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from xiaobao.labels import domain_title, label
from xiaobao.model import Disposition, FactState, Finding, Nature, to_plain
from xiaobao.report_figures.figures import FigureSet, FigureTable, ReportFigure, gather_figures, of_source
from xiaobao.scorecard import DomainScore, Scorecard
from xiaobao.scorecard.around import Objection
from xiaobao.scoring.coverage import value_words

_SOURCE = "考评得分表"
_DOMAINS = {
    "title": "检查域",
    "weight": "权重",
    "own": "自评得分",
    "after": "按认定结果得分",
    "coverage": "评分覆盖（%）",
    "before": "按疑点测算得分",
    "grade": "等级",
    "rank": "同层级名次",
    "peers": "同层级参评机构",
    "median": "中位数",
    "findings": "检查发现",
}
_SHEETS = {
    "title": "检查域",
    "checklist": "检查表及版本",
    "manual": "人工检查项",
    "by_data": "数据检查项",
    "sha256": "内容校验",
}
_COVERAGE = {"domain": "检查域", "title": "数据", "rows": "记录数", "used_by": "用于检查"}
_LEADS = {
    "title": "数据检查",
    "hits": "疑点",
    "confirmed": "属实",
    "partly": "部分属实",
    "refuted": "不属实",
    "open": "未认定",
}
_REVIEWS = {
    "domain": "检查域",
    "title": "检查项",
    "own": "自评",
    "review": "复评",
    "own_points": "自评得分",
    "points": "复评得分",
    "why": "差异理由",
}
_APPEALS = {
    "sheet": "检查表",
    "told": "申诉",
    "about": "检查项",
    "grounds": "申诉理由",
    "outcome": "处理结果",
    "why": "处理理由",
}
_NATURES = {"nature": "定性", "count": "检查发现"}
_FINDINGS = {"head": "问题", "lost": "扣分"}
_LOSSES = {"domain": "检查域", "title": "检查项", "lost": "扣分", "of": "满分", "weighted": "占总分", "why": "原因"}
_ITEMS = {"domain": "检查域", "id": "编号", "title": "检查项", "nominal": "满分", "deducted": "扣分", "earned": "得分"}
_Row = Mapping[str, str | ReportFigure]


@dataclass(frozen=True, kw_only=True)
class SheetUsed:
    """One checklist that a unit was inspected by, with its numbers of items answered by people and by data.

    Here and below `domain` is the domain's name, as people read it.
    """

    domain: str
    title: str
    sha256: str
    manual: int
    by_data: int


@dataclass(frozen=True, kw_only=True)
class DataUsed:
    """One extract that checks of a domain need; `rows` None: 无数据."""

    domain: str
    title: str
    rows: int | None
    used_by: tuple[str, ...]


_TEXTS = {
    "nature": "定性",
    "domain": "检查域",
    "title": "问题",
    "criteria": "标准",
    "condition": "事实",
    "effect": "影响",
    "recommendation": "建议",
}
_LEAD_LIST = {
    "id": "疑点编号",
    "check": "数据检查",
    "day": "业务日期",
    "summary": "情况",
    "record": "业务记录",
    "state": "认定",
}


def _text_row(finding: Finding) -> _Row:
    return {
        "nature": label(finding.nature),
        "domain": domain_title(finding.domain, finding.domain_title),
        "title": finding.title,
        "criteria": finding.criteria,
        "condition": finding.condition,
        "effect": finding.effect,
        "recommendation": finding.recommendation,
    }


@dataclass(frozen=True, kw_only=True)
class ItemReviewed:
    """One item where the reviewer says otherwise: both conclusions and what each earned, None where not scored."""

    domain: str
    title: str
    own: str
    review: str
    own_points: Decimal | None
    points: Decimal | None
    why: str


@dataclass(frozen=True, kw_only=True)
class UnitInspected:
    """What one unit's inspection found. `leads`: (title of the check, what was decided, None while open), each hit."""

    card: Scorecard
    sheets: Sequence[SheetUsed] = ()
    coverage: Sequence[DataUsed] = ()
    leads: Sequence[tuple[str, Disposition | None]] = ()
    reviews: Sequence[ItemReviewed] = ()
    appeals: Sequence[Objection] = ()
    lead_list: Sequence[Mapping[str, str]] = ()


def unit_figures(found: UnitInspected) -> FigureSet:
    """Return every figure that a unit's inspection report shows, and its tables."""
    card = found.card
    tables = [
        FigureTable(name="domains", title="各域得分", columns=_DOMAINS, rows=tuple(map(_domain_row, card.domains))),
        FigureTable(
            name="reviews", title="自评与复评不同的检查项", columns=_REVIEWS, rows=tuple(_review_rows(found.reviews))
        ),
        FigureTable(name="appeals", title="申诉及处理", columns=_APPEALS, rows=tuple(map(to_plain, found.appeals))),
        FigureTable(name="natures", title="检查发现按定性分布", columns=_NATURES, rows=tuple(_natures(card))),
        FigureTable(name="findings", title="检查发现", columns=_FINDINGS, rows=tuple(_finding_rows(card))),
        FigureTable(name="lead_counts", title="疑点核实情况", columns=_LEADS, rows=tuple(_lead_rows(found.leads))),
        FigureTable(
            name="finding_texts", title="检查发现全文", columns=_TEXTS, rows=tuple(map(_text_row, card.findings))
        ),
        FigureTable(name="lead_list", title="疑点清单", columns=_LEAD_LIST, rows=tuple(found.lead_list)),
        FigureTable(name="losses", title="扣分情况", columns=_LOSSES, rows=tuple(_loss_rows(card))),
        FigureTable(
            name="items",
            title="检查项得分明细",
            columns=_ITEMS,
            rows=tuple(row for one in card.domains for row in _item_rows(one)),
        ),
        FigureTable(name="sheets", title="采用的检查表", columns=_SHEETS, rows=tuple(map(_sheet_row, found.sheets))),
        FigureTable(
            name="coverage", title="数据覆盖", columns=_COVERAGE, rows=tuple(map(_coverage_row, found.coverage))
        ),
    ]
    return gather_figures([*_totals(card), *_vetoed(card)], tables)


def _totals(card: Scorecard) -> Iterator[ReportFigure]:
    make = of_source("总分", _SOURCE)
    value, previous = card.total.value, card.previous
    said = value_words(card.total)
    yield replace(make("按认定结果得分", value, "分", places=2, instead=said), mark=card.marks)
    yield make("自评得分", value if card.own_total is None else card.own_total, "分", places=2, instead=said)
    yield make("按疑点测算得分", card.total_before.value, "分", places=2, instead=value_words(card.total_before))
    yield make("名次", card.rank, "")
    yield make("参评机构", card.peers, "家")
    yield replace(make("参评机构中位数", card.peer_median, "分", "同层级参评机构", 2), mark=card.peer_marks)
    yield make("上期得分", previous, "分", places=2)
    change = value - previous if card.comparable and value is not None and previous is not None else None
    yield make("较上期变动", change, "分", places=2)
    yield make("检查覆盖率", card.total.coverage, "%", "应查检查项的分值")


def _vetoed(card: Scorecard) -> Iterator[ReportFigure]:
    scores = (card.total, *(domain.after for domain in card.domains))
    for place, veto in enumerate((veto for score in scores for veto in score.vetoes), 1):
        yield of_source(f"一票否决{place}", _SOURCE)("否决前得分", veto.unvetoed, "分", places=2)


def _domain_row(domain: DomainScore) -> _Row:
    make = of_source(domain.title, _SOURCE)
    own, said = domain.own_view if domain.reviewed else domain.after.value, value_words(domain.after)
    return {
        "title": domain.title,
        "weight": make("权重", domain.weight, "", places=2),
        "own": make("自评得分", own, "分", places=2, instead=said),
        "after": replace(make("按认定结果得分", domain.after.value, "分", places=2, instead=said), mark=domain.marks),
        "coverage": make("评分覆盖", domain.after.coverage, "%", "应查检查项的分值"),
        "before": make("按疑点测算得分", domain.before.value, "分", places=2, instead=value_words(domain.before)),
        "grade": domain.after.grade or "—",
        "rank": make("名次", domain.rank, ""),
        "peers": make("参评机构", domain.peers, "家"),
        "median": replace(make("中位数", domain.peer_median, "分", "同层级参评机构", 2), mark=domain.peer_marks),
        "findings": make("检查发现", domain.findings, "项"),
    }


def _review_rows(reviews: Sequence[ItemReviewed]) -> Iterator[_Row]:
    for place, one in enumerate(reviews, 1):
        make = of_source(f"复评{place}", _SOURCE)
        yield {
            "domain": one.domain,
            "title": one.title,
            "own": one.own,
            "review": one.review,
            "own_points": make("自评得分", one.own_points, "分", places=2),
            "points": make("复评得分", one.points, "分", places=2),
            "why": one.why,
        }


def _natures(card: Scorecard) -> Iterator[_Row]:
    for nature in Nature:
        count = sum(one.nature is nature for one in card.findings)
        if count:
            yield {"nature": label(nature), "count": of_source("检查发现", _SOURCE)(label(nature), count, "项")}


def _finding_rows(card: Scorecard) -> Iterator[_Row]:
    for place, one in enumerate(card.findings, 1):
        yield {
            "head": one.title,
            "lost": of_source(f"检查发现{place}", _SOURCE)("扣分", one.points_lost, "分", places=2),
        }


def _lead_rows(leads: Sequence[tuple[str, Disposition | None]]) -> Iterator[_Row]:
    counted: dict[str, Counter[Disposition | None]] = {}
    for title, decided in leads:
        counted.setdefault(title, Counter())[decided] += 1
    rows = list(counted.items())
    if len(rows) > 1:
        rows.append(("合计", sum((counts for _, counts in rows), Counter())))
    for title, counts in rows:
        make = of_source(f"疑点·{title}", "疑点台账")
        yield {
            "title": title,
            "hits": make("疑点", counts.total(), "条"),
            **{one.value: make(label(one), counts[one], "条") for one in Disposition},
            "open": make("未认定", counts[None], "条"),
        }


def _loss_rows(card: Scorecard) -> Iterator[_Row]:
    for place, loss in enumerate(card.losses, 1):
        make = of_source(f"扣分{place}", _SOURCE)
        yield {
            "domain": domain_title(loss.domain, loss.domain_title) or "总分",
            "title": loss.title,
            "lost": make("扣分", loss.lost, "分", places=2),
            "of": make("满分", loss.of, "分", places=2),
            "weighted": make("占总分", loss.weighted, "分", "总分 100 分", 2),
            "why": loss.reason or loss.explanation,
        }


def _item_rows(domain: DomainScore) -> Iterator[_Row]:
    for line in domain.after.trace:
        if line.kind == "item":
            make = of_source(f"{domain.title}·{line.node_id}", _SOURCE)
            scored = line.state is FactState.ASSESSED
            yield {
                "domain": domain.title,
                "id": line.node_id,
                "title": line.title,
                "nominal": make("满分", line.nominal, "分", places=2),
                "deducted": make("扣分", line.deducted, "分", places=2) if scored else "—",
                "earned": make("得分", line.earned, "分", places=2) if scored else label(line.state),
            }


def _sheet_row(sheet: SheetUsed) -> _Row:
    make = of_source(f"检查表·{sheet.domain}", "检查表")
    return {
        "title": sheet.domain,
        "checklist": sheet.title,
        "manual": make("人工检查项", sheet.manual, "项"),
        "by_data": make("数据检查项", sheet.by_data, "项"),
        "sha256": sheet.sha256[:12],
    }


def _coverage_row(data: DataUsed) -> _Row:
    domain = data.domain
    make = of_source(f"数据·{domain}·{data.title}", data.title, data.rows is not None)
    return {
        "domain": domain,
        "title": data.title,
        "rows": make("记录数", data.rows, "行"),
        "used_by": "、".join(data.used_by),
    }

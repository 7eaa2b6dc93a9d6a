"""What the inspection report says, as plain texts ready to print. Every figure comes from `report_figures`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from xiaobao import labels
from xiaobao.labels import written_day
from xiaobao.model import AppliedVeto, CorrectiveAction, FactState, Finding, Nature, Period, Severity, TraceLine
from xiaobao.report_figures import DataUsed, FigureSet, ItemReviewed, ReportFigure, SheetUsed, UnitInspected
from xiaobao.scorecard.next_steps import earlier_words
from xiaobao.word.sentences import Sentence, SentenceWriter

if TYPE_CHECKING:
    from xiaobao.paper.work_paper import ExtractCoverage, WorkPaper
    from xiaobao.scorecard import Scorecard
    from xiaobao.scorecard.around import Earlier, Objection
    from xiaobao.workbench.leads import LeadRow

_CHINESE = "一二三四五六七八九十"
GRAVEST, FIRST_LOSSES, FIRST_LEADS, FIRST_ACTIONS = 3, 10, 3, 6
_LONGEST = 40
_LINES = {"case": "个案", "mechanism": "机制"}
_DOCUMENT = re.compile(r"《[^》]+》(?:（[^（）]*\d[^（）]*）)?")
_Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ReportContext:
    """Everything a unit's inspection report is drawn from. `papers` are the domains' work papers.

    `earlier` tells what is still open of the measures of campaigns before.
    """

    bank: str
    period: Period
    as_of: date
    card: Scorecard
    papers: Sequence[WorkPaper] = ()
    leads: Sequence[LeadRow] = ()
    actions: Sequence[CorrectiveAction] = ()
    earlier: Sequence[Earlier] = ()
    appeals: Sequence[Objection] = ()
    number: str = ""
    notes: Sequence[str] = field(default=())


def unit_inspected(context: ReportContext) -> UnitInspected:
    """Return what the report's figures are computed from."""
    return UnitInspected(
        card=context.card,
        sheets=[_sheet_used(paper) for paper in context.papers],
        coverage=[
            DataUsed(domain=paper.domain_title, title=cover.title, rows=cover.rows, used_by=_used_by(cover))
            for paper in context.papers
            for cover in paper.coverage
        ],
        leads=[(row.check_title, row.decision.decided if row.decision else None) for row in context.leads],
        reviews=[one for paper in context.papers for one in _reviews(paper)],
        appeals=context.appeals,
        lead_list=[_lead(row) for row in context.leads],
    )


def _used_by(cover: ExtractCoverage) -> tuple[str, ...]:
    """Return the checks that read an extract, each with the rows that it did not judge."""
    unjudged = dict(cover.unjudged)
    return tuple(f"{title}（未判 {unjudged[title]} 行）" if title in unjudged else title for title in cover.used_by)


def _reviews(paper: WorkPaper) -> Iterable[ItemReviewed]:
    """Yield the items where the reviewer says otherwise than the unit."""
    own = paper.own_view
    if own is None:
        return
    was, now = ({line.node_id: line for line in score.trace} for score in (own.score, paper.after))
    for item in paper.checklist.items():
        said, answer = paper.responses.get(item.id), own.reviews.get(item.id)
        if said and answer:
            yield ItemReviewed(
                domain=paper.domain_title,
                title=item.title,
                own=labels.label(said.conclusion),
                review=labels.label(answer.conclusion),
                own_points=_scored(was[item.id]),
                points=_scored(now[item.id]),
                why=answer.reason,
            )


def _scored(line: TraceLine) -> Decimal | None:
    return line.earned if line.state is FactState.ASSESSED else None


def _sheet_used(paper: WorkPaper) -> SheetUsed:
    items = paper.checklist.items()
    by_data = sum(bool(item.checks) for item in items)
    title = f"{paper.checklist.title} {paper.checklist.version}"
    return SheetUsed(
        domain=paper.domain_title,
        title=title,
        sha256=paper.checklist_sha256,
        manual=len(items) - by_data,
        by_data=by_data,
    )


def must_show(context: ReportContext, figures: FigureSet) -> tuple[ReportFigure, ...]:
    """Return the figures without which the paper is no inspection report: the totals and every domain's score."""
    titles = [domain.title for domain in context.card.domains]
    return (
        *(one for name, one in figures.below("总分") if name not in ("名次", "参评机构")),
        *(figures[f"{title}·按认定结果得分"] for title in titles),
    )


def printable(context: ReportContext, figures: FigureSet) -> dict[str, object]:
    """Return the template's values. Texts are raw: the renderer escapes every one of them."""
    card, tables = context.card, figures.tables
    return {
        "bank": context.bank,
        "unit": card.unit,
        "level": labels.level_of(card.unit),
        "number": context.number or "〔　　　〕　　号",
        "period": context.period.code,
        "start": written_day(context.period.start),
        "end": written_day(context.period.end),
        "as_of": written_day(context.as_of),
        "basis": _basis(context.papers),
        "sheets": tables["sheets"].rows,
        "coverage": tables["coverage"].rows,
        "gaps": [row for row in tables["coverage"].rows if _is_gap(row)],
        "totals": _totals(card, figures),
        "judgement": _judgement(card, figures),
        "remarks": [*_vetoes(card, figures), *card.notes, *context.notes],
        "domains": [{**row, "rank": _rank(row["rank"], row["peers"])} for row in tables["domains"].rows],
        "reviews": tables["reviews"].rows,
        "appeals": tables["appeals"].rows,
        "natures": _by_nature(card.findings, figures),
        "gravest": _by_nature(card.findings, figures, _gravest(card.findings)),
        "others": _others(card.findings, figures),
        "lead_counts": tables["lead_counts"].rows,
        "actions": _actions(context),
        "first_actions": [{**row, "measure": _cut(row["measure"])} for row in _actions(context)[:FIRST_ACTIONS]],
        "earlier_actions": "；".join(map(earlier_words, context.earlier)),
        "actions_left": max(0, len(context.actions) - FIRST_ACTIONS) or "",
        "losses": [{**row, "lost": _lost_of(row)} for row in tables["losses"].rows],
        "first_losses": [
            {**row, "lost": _lost_of(row), "why": _cut(row["why"])} for row in tables["losses"].rows[:FIRST_LOSSES]
        ],
        "items": tables["items"].rows,
        "leads": [_lead(row) for row in context.leads],
        "first_leads": [_lead(row) for row in context.leads[:FIRST_LEADS]],
        "figures": figures.figures,
    }


def _rank(rank: str | ReportFigure, peers: str | ReportFigure) -> object:
    """Return “2/3”; nobody is ranked without a score."""
    if not isinstance(rank, ReportFigure) or not isinstance(peers, ReportFigure) or rank.value is None:
        return rank
    return Sentence((rank, "/", bare(peers)))


def bare(figure: ReportFigure) -> ReportFigure:
    """Return the figure without its unit, for a table whose head says it."""
    return replace(figure, unit="")


def _lost_of(row: Mapping[str, str | ReportFigure]) -> Sentence:
    return Sentence(tuple(bare(one) if isinstance(one, ReportFigure) else one for one in (row["lost"], "/", row["of"])))


def _basis(papers: Iterable[WorkPaper]) -> list[str]:
    """Return the documents that the sheets cite, each once, in the order met."""
    texts = (text for paper in papers for text in paper.citations.values())
    return list(dict.fromkeys(name for text in texts for name in _DOCUMENT.findall(text)))


def _totals(card: Scorecard, figures: FigureSet) -> list[dict[str, object]]:
    def of(name: str) -> ReportFigure:
        return figures[f"总分·{name}"]

    pairs: tuple[tuple[str, object], ...] = (
        ("按认定结果得分", of("按认定结果得分")),
        ("检查覆盖率（%）", of("检查覆盖率")),
        ("得分性质", labels.VIEWS[card.reviewed] + card.marks),
        ("自评得分", of("自评得分")),
        ("按疑点测算得分", of("按疑点测算得分")),
        ("等级", card.grade_label or "—"),
        ("名次（同层级参评机构）", _rank(of("名次"), of("参评机构"))),
        ("同层级参评机构中位数", of("参评机构中位数")),
        ("上期得分", of("上期得分")),
        ("较上期变动", _signed(of("较上期变动"))),
    )
    return [{"name": name, "value": value} for name, value in pairs]


def _signed(figure: ReportFigure) -> Sentence:
    """Return a change with its sign before it, as “+1.25”; a table's head says the unit."""
    plain = bare(figure)
    return Sentence(("+", plain) if plain.value is not None and plain.value > 0 else (plain,))


def _judgement(card: Scorecard, figures: FigureSet) -> Sentence:
    say = SentenceWriter(figures).say
    if card.total.so_far is not None:
        return say(
            "本期已评分的检查项只占应查分值的{总分·检查覆盖率}，评分覆盖不足，不评分、不排名，不能说明没有问题。"
        )
    if card.total.value is None:
        return say("本期没有可以评分的检查项，不评分、不排名，不能说明没有问题。")
    ranked = say("，在{总分·参评机构}同层级参评机构中列第{总分·名次}位") if card.rank is not None else ""
    old = "部分检查域的底稿最近一次运行失败，得分未更新。" if card.marks else ""
    open_items = "部分检查项尚待核实、未检查或者缺少数据，得分为暂定结果。" if card.total.provisional else ""
    return say(
        "经自查，按认定结果得分{总分·按认定结果得分}（评分覆盖{总分·检查覆盖率}），等级为",
        Sentence((card.grade_label,)),
        ranked,
        "；疑点全部计入时测算为{总分·按疑点测算得分}。",
        open_items,
        old,
    )


def _proof(veto: AppliedVeto) -> str:
    return f"；佐证：{'、'.join(veto.event.evidence)}" if veto.event.evidence else ""


def _vetoes(card: Scorecard, figures: FigureSet) -> list[Sentence]:
    applied = [veto for score in (card.total, *(d.after for d in card.domains)) for veto in score.vetoes]
    return [
        Sentence(
            (
                f"触发一票否决：{veto.event.description}（{written_day(veto.event.day)}{_proof(veto)}）；否决前得分",
                figures[f"一票否决{place}·否决前得分"],
                f"，{veto.outcome}。" if veto.outcome else "。",
            )
        )
        for place, veto in enumerate(applied, 1)
    ]


def _is_gap(row: Mapping[str, str | ReportFigure]) -> bool:
    """Tell whether data are missing, or have rows that a check could not judge."""
    rows = row["rows"]
    return "未判" in str(row["used_by"]) or (isinstance(rows, ReportFigure) and rows.value is None)


def _cut(text: str | ReportFigure) -> str:
    """Shorten what stands in full in the workbook beside the report."""
    words = " ".join(str(text).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _gravest(findings: Sequence[Finding]) -> frozenset[str]:
    """Return the ids of those described in full: the gravest, then the dearest."""
    order = list(Severity)
    worst = sorted(findings, key=lambda one: (order.index(one.severity), -one.points_lost, one.id))
    return frozenset(one.id for one in worst[:GRAVEST])


def _others(findings: Sequence[Finding], figures: FigureSet) -> list[dict[str, object]]:
    """Return a line for each finding that is not described in full, by nature."""
    gravest, order = _gravest(findings), list(Nature)
    lost = {one.id: figures[f"检查发现{place}·扣分"] for place, one in enumerate(findings, 1)}
    return [
        {
            "nature": labels.label(one.nature),
            "domain": labels.domain_title(one.domain, one.domain_title),
            "title": one.title,
            "severity": labels.label(one.severity),
            "lost": bare(lost[one.id]),
            "fact": _cut(one.condition),
        }
        for one in sorted(findings, key=lambda one: order.index(one.nature))
        if one.id not in gravest
    ]


def _by_nature(
    findings: Sequence[Finding], figures: FigureSet, only: Collection[str] | None = None
) -> list[dict[str, object]]:
    """Return one part for each nature that has findings, numbered （一）（二）; in it all, or `only` those."""
    lost = {one.id: figures[f"检查发现{place}·扣分"] for place, one in enumerate(findings, 1)}
    groups = [(nature, [f for f in findings if f.nature is nature]) for nature in Nature]
    groups = [(nature, found) for nature, found in groups if found]
    return [
        {
            "head": Sentence(
                (f"（{_CHINESE[place]}）{labels.label(nature)}（", figures[f"检查发现·{labels.label(nature)}"], "）")
            ),
            "findings": [
                _finding(number, one, lost[one.id])
                for number, one in enumerate((one for one in found if only is None or one.id in only), 1)
            ],
        }
        for place, (nature, found) in enumerate(groups)
    ]


def _finding(number: int, finding: Finding, lost: ReportFigure) -> dict[str, object]:
    return {
        "head": f"{number}. {finding.title}",
        "domain": labels.domain_title(finding.domain, finding.domain_title),
        "severity": labels.label(finding.severity),
        "origin": labels.ORIGINS.get(finding.origin, "—"),
        "lost": lost,
        "criteria": finding.criteria,
        "condition": finding.condition,
        "effect": finding.effect,
        "recommendation": finding.recommendation,
    }


def _state(row: LeadRow) -> str:
    if row.decision and row.decision.decided:
        return labels.label(row.decision.decided)
    if row.decision and row.decision.answer:
        return f"待认定（单位：{labels.label(row.decision.answer)}）"
    return "逾期未核实" if row.overdue else "待核实"


def _actions(context: ReportContext) -> list[_Row]:
    titles = {finding.id: finding.title for finding in context.card.findings}
    return [
        {
            "finding": titles.get(action.finding_id, action.finding_id),
            "line": _LINES.get(action.line, action.line),
            "measure": action.measure,
            "owner": action.owner,
            "due": written_day(action.due),
        }
        for action in context.actions
    ]


def _lead(row: LeadRow) -> _Row:
    day = row.lead.business_date
    return {
        "id": row.lead.id,
        "check": row.check_title,
        "day": day.isoformat() if day else "—",
        "summary": row.lead.summary,
        "record": "；".join(f"{title}：{value}" for title, value in row.lead.record.items() if value),
        "state": _state(row),
    }

"""What the inspection report says, as plain texts ready to print. Figures come from the scorecard, as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from xiaobao import labels
from xiaobao.labels import written_day
from xiaobao.model import CorrectiveAction, Disposition, Finding, Nature, Period
from xiaobao.numbers import show

if TYPE_CHECKING:
    from xiaobao.scorecard import DomainScore, Scorecard
    from xiaobao.workbench.leads import LeadRow
    from xiaobao.workbench.paper import WorkPaper

_CHINESE = "一二三四五六七八九十"
_LINES = {"case": "个案", "mechanism": "机制"}
_DOCUMENT = re.compile(r"《[^》]+》(?:（[^（）]*\d[^（）]*）)?")
Row = Mapping[str, str]


@dataclass(frozen=True)
class ReportContext:
    """Everything a unit's inspection report is drawn from. `papers` are the domains' work papers."""

    bank: str
    period: Period
    as_of: date
    card: Scorecard
    papers: Sequence[WorkPaper] = ()
    leads: Sequence[LeadRow] = ()
    actions: Sequence[CorrectiveAction] = ()
    number: str = ""
    notes: Sequence[str] = field(default=())


def scorecard_figures(card: Scorecard) -> dict[str, str]:
    """Return every figure that the report must show, named; `read_report_figures` gives the same from the file."""
    figures = {row["name"]: row["value"] for row in _totals(card)}
    for row in map(_domain_row, card.domains):
        figures |= {f"{row['title']}·{head}": row[key] for key, head in DOMAIN_COLUMNS.items()}
    return figures


DOMAIN_COLUMNS = {
    "weight": "权重",
    "after": "按认定结果得分",
    "before": "按疑点测算得分",
    "grade": "等级",
    "rank": "名次",
    "median": "中位数",
    "findings": "检查发现",
}


def printable(context: ReportContext) -> dict[str, object]:
    """Return the template's values. Texts are raw: the renderer escapes every one of them."""
    card = context.card
    return {
        "bank": context.bank,
        "unit": card.unit,
        "level": labels.LEVELS.get(card.unit.level, card.unit.level),
        "number": context.number or "〔　　　〕　　号",
        "period": context.period.code,
        "start": written_day(context.period.start),
        "end": written_day(context.period.end),
        "as_of": written_day(context.as_of),
        "basis": _basis(context.papers),
        "sheets": [_sheet(paper) for paper in context.papers],
        "coverage": _coverage(context.papers),
        "totals": _totals(card),
        "judgement": _judgement(card),
        "remarks": [*_vetoes(card), *card.notes, *context.notes],
        "domains": [_domain_row(domain) for domain in card.domains],
        "natures": _by_nature(card.findings),
        "lead_counts": _lead_counts(context.leads),
        "actions": _actions(context),
        "losses": _losses(card),
        "items": [row for domain in card.domains for row in _items(domain)],
        "leads": [_lead(row) for row in context.leads],
    }


def _points(value: Decimal | None) -> str:
    return show(value, 2)


def _rank(rank: int | None, peers: int) -> str:
    return f"{rank}/{peers}" if rank is not None else "—"


def _basis(papers: Iterable[WorkPaper]) -> list[str]:
    """Return the documents that the sheets cite, each once, in the order met."""
    texts = (text for paper in papers for text in paper.citations.values())
    return list(dict.fromkeys(name for text in texts for name in _DOCUMENT.findall(text)))


def _sheet(paper: WorkPaper) -> Row:
    items = paper.checklist.items()
    by_data = sum(bool(item.checks) for item in items)
    return {
        "title": labels.DOMAINS.get(paper.domain, paper.domain),
        "checklist": f"{paper.checklist.title} {paper.checklist.version}",
        "sha256": paper.checklist_sha256[:12],
        "manual": str(len(items) - by_data),
        "by_data": str(by_data),
    }


def _coverage(papers: Iterable[WorkPaper]) -> list[Row]:
    return [
        {
            "domain": labels.DOMAINS.get(paper.domain, paper.domain),
            "title": cover.title,
            "rows": "无数据" if cover.rows is None else show(cover.rows),
            "used_by": "、".join(cover.used_by),
        }
        for paper in papers
        for cover in paper.coverage
    ]


def _totals(card: Scorecard) -> list[Row]:
    change = None if card.total.value is None or card.previous is None else card.total.value - card.previous
    pairs = (
        ("按认定结果得分", _points(card.total.value)),
        ("按疑点测算得分", _points(card.total_before.value)),
        ("等级", card.grade_label or "—"),
        ("名次（参评机构）", _rank(card.rank, card.peers)),
        ("参评机构中位数", _points(card.peer_median)),
        ("上期得分", _points(card.previous)),
        ("较上期变动", "—" if change is None else f"{change:+.2f}"),
        ("检查覆盖率（%）", _points(card.total.coverage)),
    )
    return [{"name": name, "value": value} for name, value in pairs]


def _judgement(card: Scorecard) -> str:
    if card.total.value is None:
        return "本期没有可以评分的检查项，不评分、不排名。"
    text = f"经自查，按认定结果得分{_points(card.total.value)}分，等级为{card.grade_label}"
    if card.rank is not None:
        text += f"，在{card.peers}家参评机构中列第{card.rank}位"
    text += f"；疑点全部计入时测算为{_points(card.total_before.value)}分。"
    if card.total.provisional:
        text += "部分检查项尚待核实、未检查或者缺少数据，得分为暂定结果。"
    return text


def _vetoes(card: Scorecard) -> list[str]:
    applied = [veto for score in (card.total, *(d.after for d in card.domains)) for veto in score.vetoes]
    return [
        f"触发一票否决：{veto.event.description}（{written_day(veto.event.day)}）；否决前得分{_points(veto.unvetoed)}分。"
        for veto in applied
    ]


def _domain_row(domain: DomainScore) -> Row:
    return {
        "title": domain.title,
        "weight": _points(domain.weight),
        "after": _points(domain.after.value),
        "before": _points(domain.before.value),
        "grade": domain.after.grade or "—",
        "rank": _rank(domain.rank, domain.peers),
        "median": _points(domain.peer_median),
        "findings": str(domain.findings),
    }


def _by_nature(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Return one part for each nature that has findings, numbered （一）（二）."""
    groups = [(nature, [f for f in findings if f.nature is nature]) for nature in Nature]
    groups = [(nature, found) for nature, found in groups if found]
    return [
        {
            "head": f"（{_CHINESE[place]}）{labels.label(nature)}（{len(found)}项）",
            "findings": [_finding(number, finding) for number, finding in enumerate(found, 1)],
        }
        for place, (nature, found) in enumerate(groups)
    ]


def _finding(number: int, finding: Finding) -> Row:
    return {
        "head": f"{number}. {finding.title}",
        "domain": labels.DOMAINS.get(finding.domain, finding.domain),
        "severity": labels.label(finding.severity),
        "lost": _points(finding.points_lost),
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


def _lead_counts(leads: Sequence[LeadRow]) -> list[Row]:
    counted: dict[str, Counter[str]] = {}
    for row in leads:
        decided = row.decision.decided if row.decision else None
        counted.setdefault(row.check_title, Counter())[decided.value if decided else "open"] += 1
    rows = list(counted.items())
    if len(rows) > 1:
        rows.append(("合计", sum((counts for _, counts in rows), Counter())))
    names = [*(d.value for d in Disposition), "open"]
    return [{"title": t, "hits": str(c.total()), **{name: str(c[name]) for name in names}} for t, c in rows]


def _actions(context: ReportContext) -> list[Row]:
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


def _losses(card: Scorecard) -> list[Row]:
    return [
        {
            "domain": labels.DOMAINS.get(loss.domain, loss.domain) or "总分",
            "title": loss.title,
            "lost": f"{_points(loss.lost)}/{_points(loss.of)}",
            "weighted": _points(loss.weighted),
            "why": loss.reason or loss.explanation,
        }
        for loss in card.losses
    ]


def _items(domain: DomainScore) -> list[Row]:
    return [
        {
            "domain": domain.title,
            "id": line.node_id,
            "title": line.title,
            "nominal": _points(line.nominal),
            "deducted": _points(line.deducted) if line.state.value == "assessed" else "—",
            "earned": _points(line.earned) if line.state.value == "assessed" else labels.label(line.state),
        }
        for line in domain.after.trace
        if line.kind == "item"
    ]


def _lead(row: LeadRow) -> Row:
    day = row.lead.business_date
    return {
        "id": row.lead.id,
        "check": row.check_title,
        "day": day.isoformat() if day else "—",
        "summary": row.lead.summary,
        "record": "；".join(f"{title}：{value}" for title, value in row.lead.record.items() if value),
        "state": _state(row),
    }

"""检查发现: raised from points lost after decisions, never from a lead that nobody has decided.

An encouraging article only ever yields 建议; an item of the bank's own practice is 不规范; only a binding article that
the register has verified makes 违规.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.rules.measures import measured_text
from xiaobao.labels import DOMAINS, label
from xiaobao.model import Disposition, Finding, ItemFacts, Lead, LeadDecision, Nature, Score, Stage, TraceLine
from xiaobao.numbers import plain
from xiaobao.personal import mask

_SHOWN_LEADS = 5
_COST = re.compile(r"扣 [\d.]+ 分（该项 [\d.]+ 分）。$")
_VERDICT = re.compile(r"^(检查结论为|数据检查疑点经核实：)[^；。]+；")


def raise_findings(
    checklist: Checklist,
    facts: Iterable[ItemFacts],
    score: Score,
    citations: Mapping[str, str],
    leads: Mapping[str, Lead],
    decisions: Mapping[str, LeadDecision],
    unit: str,
    period: str,
    binding: Mapping[str, bool],
) -> tuple[Finding, ...]:
    """Return one finding for each item that lost points. Raises ValueError on a score before decisions.

    `binding` says of an item whether one of its articles binds the bank; an item not named there is not bound.
    """
    if score.stage is not Stage.AFTER:
        raise ValueError("findings are raised from decided results only")
    lines = {line.node_id: line for line in score.trace if line.kind == "item" and line.deducted > 0}
    by_item = {fact.item_id: fact for fact in facts}
    return tuple(
        Finding(
            id=finding_id(unit, period, item.id),
            unit=unit,
            period=period,
            domain=checklist.domain,
            item_id=item.id,
            title=item.title,
            nature=nature_of(item, binding.get(item.id, False)),
            severity=item.severity,
            criteria=_criteria(item, citations.get(item.id, "")),
            condition=mask(_condition(item, by_item[item.id], lines[item.id], leads, decisions)),
            recommendation=_recommendation(item),
            points_lost=lines[item.id].deducted,
            leads=by_item[item.id].leads,
            origin=by_item[item.id].origin,
            domain_title="" if checklist.domain in DOMAINS else checklist.title,
        )
        for item in checklist.items()
        if item.id in lines
    )


def with_drafts(
    findings: Iterable[Finding], decisions: Mapping[str, LeadDecision], settled: bool
) -> tuple[Finding, ...]:
    """Mark what is no finding yet: points lost on a sheet whose review is not done (`settled`: it is).

    A lead decided 属实 or 部分属实 is a finding whatever state its sheet is in.
    """
    if settled:
        return tuple(findings)
    true = {Disposition.CONFIRMED, Disposition.PARTLY}
    decided = {name for name, decision in decisions.items() if decision.decided in true}
    return tuple(replace(one, draft=not decided.intersection(one.leads)) for one in findings)


def finding_id(unit: str, period: str, item_id: str) -> str:
    """Return the stable id: the same item of the same unit and period is the same finding, with its history."""
    return "F" + hashlib.sha256(f"{unit}\x1f{period}\x1f{item_id}".encode()).hexdigest()[:15]


def nature_of(item: Item, binding: bool) -> Nature:
    """Return the nature that an item's grounds carry."""
    if item.practice or not item.citations:
        return Nature.IRREGULARITY
    return Nature.VIOLATION if binding else Nature.SUGGESTION


def _criteria(item: Item, citation: str) -> str:
    ground = citation or "行业做法，不对应条文"
    return f"{ground}。检查要求：{item.requirement}"


def _condition(
    item: Item, facts: ItemFacts, line: TraceLine, leads: Mapping[str, Lead], decisions: Mapping[str, LeadDecision]
) -> str:
    if facts.source == "data":
        return _data_condition(facts, line, leads, decisions)
    parts = [f"检查结论为{label(facts.conclusion)}"] if facts.conclusion else []
    titles = item.counted()
    parts += [f"{titles.get(cause, cause)} {plain(count)} 次" for cause, count in facts.counts.items() if count]
    marks = item.marks()
    parts += [f"{look.name} {marks.get(look.mark, look.mark)}" for look in facts.looks]
    parts += [f"缺 {plain(facts.missing)} 项"] if facts.missing else []
    if facts.measured:
        parts.append(f"实测 {measured_text(facts.measured.value, facts.measured.unit)}")
    parts += [facts.reason] if facts.reason else []
    return "；".join(parts) + f"。{_cost(line)}"


def _data_condition(
    facts: ItemFacts, line: TraceLine, leads: Mapping[str, Lead], decisions: Mapping[str, LeadDecision]
) -> str:
    """Say what the inspector decided and name the first records by their business keys."""
    counted = sorted((leads[name] for name in facts.leads if name in leads), key=lambda lead: lead.id)
    decided = [decisions[lead.id].decided if lead.id in decisions else None for lead in counted]
    said = [
        f"{label(kind)} {decided.count(kind)} 条"
        for kind in (Disposition.CONFIRMED, Disposition.PARTLY)
        if decided.count(kind)
    ]
    said += [f"未认定、按设定计入 {decided.count(None)} 条"] if decided.count(None) else []
    parts = ["数据检查疑点经核实：" + "，".join(said)] if said else [facts.reason or line.explanation]
    parts += [lead.summary + _keys(lead) for lead in counted[:_SHOWN_LEADS]]
    if len(counted) > _SHOWN_LEADS:
        parts.append(f"其余 {len(counted) - _SHOWN_LEADS} 条见疑点清单")
    return "；".join(parts) + f"。{_cost(line)}"


def _cost(line: TraceLine) -> str:
    return f"扣 {plain(line.deducted)} 分（该项 {plain(line.nominal)} 分）。"


def facts_alone(finding: Finding) -> str:
    """Return what was found alone: a unit confirms facts, neither the verdict on them nor what they cost."""
    return _VERDICT.sub("", _COST.sub("", finding.condition))


def _keys(lead: Lead) -> str:
    """Return the lead's first business key: by this a colleague finds the record again."""
    title, value = next(iter(lead.record.items()), ("", ""))
    return f"（{title}：{value}）" if value else ""


def _recommendation(item: Item) -> str:
    """Name the duty as the aim: a good example shows one way and may go beyond what the article asks."""
    example = f"可参照的做法：{item.guidance.good.rstrip('。')}。" if item.guidance else ""
    return f"对照要求整改：{item.requirement.rstrip('。')}。{example}整改后按检查程序复核：{item.procedure}"

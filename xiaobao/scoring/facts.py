"""What scoring knows of each item, in one shape whether a person or the data said it.

An answer that no rule can take, and 不适用 without a reason, count as not assessed: never as a pass. An answer that
contradicts itself (符合, yet occurrences are given) is scored by its numbers. Missing paperwork (no 扣分原因, no
evidence) is said in the reason and does not change the score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist, Item
from xiaobao.labels import label
from xiaobao.model import (
    CheckResult,
    CheckStatus,
    Conclusion,
    Disposition,
    FactState,
    ItemFacts,
    LeadDecision,
    Period,
    Response,
    Stage,
    Unit,
)
from xiaobao.numbers import ONE, ZERO, add, plain, round_half_up, share
from xiaobao.policies import Policies
from xiaobao.scoring.origins import Background, with_origin
from xiaobao.scoring.relevance import Unasked, applicability, unasked
from xiaobao.scoring.responses import as_facts, response_notices, value_faults
from xiaobao.scoring.rules import item_loss, settled

_MOST_RECORDS = 5
_NO_REVIEWS: Mapping[str, Response] = MappingProxyType({})


def facts_from_response(item: Item, response: Response | None, unit: Unit) -> ItemFacts:
    """Return what a person's answer says. No answer is not assessed, never a pass."""
    reason = applicability(item, unit)
    if reason:
        return ItemFacts(item_id=item.id, state=FactState.NOT_APPLICABLE, reason=reason)
    if response is None or response.conclusion is Conclusion.NOT_ASSESSED:
        why = (response.reason.strip() if response else "") or "未检查"
        return ItemFacts(item_id=item.id, state=FactState.NOT_ASSESSED, conclusion=Conclusion.NOT_ASSESSED, reason=why)
    facts = as_facts(item, response)
    if response.conclusion is Conclusion.NOT_APPLICABLE:
        if facts.reason:
            return replace(facts, state=FactState.NOT_APPLICABLE)
        return replace(facts, state=FactState.NOT_ASSESSED, reason="“不适用”未说明原因，按未检查处理")
    faults = value_faults(item, response)
    if faults:
        said = "；".join(fault.message for fault in faults)
        return replace(facts, state=FactState.NOT_ASSESSED, reason=f"填报有误，按未检查处理：{said}")
    answered = settled(item, facts)
    if answered.state is not FactState.ASSESSED:
        return answered
    said = answered.reason or ("未填写扣分原因" if item_loss(item, answered).should else "")
    return replace(answered, reason="；".join(filter(None, (said, *response_notices(item, response)))))


def facts_from_checks(
    item: Item, results: Sequence[CheckResult], decisions: Mapping[str, LeadDecision], stage: Stage, policies: Policies
) -> ItemFacts:
    """Return what the data say: before, every lead not refuted counts; after, only what the inspector decided."""
    by_check = {result.check_id: result for result in results}
    mine = [by_check.get(check) or _not_run(check) for check in item.checks]
    unusable = _unusable(item, mine)
    if unusable:
        return unusable
    usable = [result for result in mine if result.status is not CheckStatus.NOT_APPLICABLE]
    pending = _pending(usable, decisions, stage, policies)
    if pending:
        reason = f"{len(pending)} 条疑点待核实，认定前不计分"
        return ItemFacts(item_id=item.id, state=FactState.PENDING, source="data", reason=reason, leads=pending)
    counts = {result.check_id: _counted(result, decisions, stage, policies) for result in usable}
    leads = tuple(
        lead.id for result in usable for lead in result.leads if _weight(decisions.get(lead.id), stage, policies)
    )
    why, within = _tolerated(item, usable, counts)
    counts = dict.fromkeys(counts, ZERO) if within else counts
    facts = ItemFacts(
        item_id=item.id,
        state=FactState.ASSESSED,
        source="data",
        conclusion=Conclusion.NON_COMPLIANT if any(counts.values()) else Conclusion.COMPLIANT,
        counts=counts,
        figures=_figures(usable, counts),
        reason="；".join(
            filter(None, (_said(usable, decisions, stage, policies), _records(usable, decisions, stage, policies), why))
        ),
        leads=leads,
    )
    if not any(result.population for result in usable) and settled(item, facts).state is FactState.NO_DATA:
        return replace(facts, state=FactState.NOT_APPLICABLE, reason="本期没有发生此项业务，比率无从计算")
    return settled(item, facts)


def _not_run(check: str) -> CheckResult:
    return CheckResult(check_id=check, status=CheckStatus.NO_DATA, note=f"未运行检查 {check}")


def _unusable(item: Item, results: Sequence[CheckResult]) -> ItemFacts | None:
    """Return the facts when the checks cannot speak: a crash before missing data, before not applicable."""
    for status, state in ((CheckStatus.ERROR, FactState.ERROR), (CheckStatus.NO_DATA, FactState.NO_DATA)):
        notes = [result.note or label(status) for result in results if result.status is status]
        if notes:
            return ItemFacts(item_id=item.id, state=state, source="data", reason="；".join(dict.fromkeys(notes)))
    if all(result.status is CheckStatus.NOT_APPLICABLE for result in results):
        notes = [result.note for result in results if result.note]
        reason = "；".join(dict.fromkeys(notes)) or "检查不适用"
        return ItemFacts(item_id=item.id, state=FactState.NOT_APPLICABLE, source="data", reason=reason)
    stripped = [result for result in results if result.status is CheckStatus.LEADS and not result.leads]
    if stripped:
        return ItemFacts(item_id=item.id, state=FactState.ERROR, source="data", reason="有疑点但缺少疑点明细，无法计分")
    return None


def _decided(decision: LeadDecision | None) -> Disposition | None:
    return decision.decided if decision else None


def _weight(decision: LeadDecision | None, stage: Stage, policies: Policies) -> Decimal:
    """Return how much one lead counts. The unit's own answer never counts, only the inspector's decision."""
    decided = _decided(decision)
    if decided is Disposition.REFUTED:
        return ZERO
    if stage is Stage.AFTER and decided is Disposition.PARTLY:
        return policies.partly_counts
    return ONE


def _pending(
    results: Sequence[CheckResult], decisions: Mapping[str, LeadDecision], stage: Stage, policies: Policies
) -> tuple[str, ...]:
    if stage is Stage.BEFORE or policies.unanswered_leads == "counted":
        return ()
    leads = (lead for result in results for lead in result.leads)
    return tuple(lead.id for lead in leads if _decided(decisions.get(lead.id)) is None)


def _counted(result: CheckResult, decisions: Mapping[str, LeadDecision], stage: Stage, policies: Policies) -> Decimal:
    return add(*(_weight(decisions.get(lead.id), stage, policies) for lead in result.leads))


def _figures(results: Sequence[CheckResult], counts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return figures by name and by `check.name`. A share of rows not hit follows the decisions on its leads."""
    figures: dict[str, Decimal] = {}
    for result in results:
        hits = result.hits - len(result.leads) + counts[result.check_id]
        for name, value in result.figures.items():
            follows = value == share(result.population - result.hits, result.population)
            again = share(result.population - hits, result.population) if follows else None
            figures[name] = figures[f"{result.check_id}.{name}"] = value if again is None else again
    return figures


def _tolerated(item: Item, results: Sequence[CheckResult], counts: Mapping[str, Decimal]) -> tuple[str, bool]:
    """Return what the item's tolerance says of the leads counted, and whether they lie within it."""
    allowed, counted = item.tolerance, add(*counts.values())
    if allowed is None or not counted:
        return "", False
    seen, unit = Fraction(counted), " 条"
    if allowed.by == "share":
        rows = sum(result.population for result in results)
        seen, unit = (Fraction(counted) * 100 / rows if rows else Fraction(100)), "%"
    shown = f"计 {plain(counted)} 条" + (f"，占 {plain(round_half_up(seen, 2))}%" if unit == "%" else "")
    limit = f"容许 {plain(allowed.fail)}{unit}"
    if seen > Fraction(allowed.fail):
        return f"{shown}，超过{limit}，全部计入扣分", False
    if allowed.warn is not None and seen > Fraction(allowed.warn):
        return f"提示：{shown}，超过提示界限 {plain(allowed.warn)}{unit}，未超过{limit}，不扣分", True
    return f"{shown}，未超过{limit}，不扣分", True


def _said(
    results: Sequence[CheckResult], decisions: Mapping[str, LeadDecision], stage: Stage, policies: Policies
) -> str:
    leads = [lead for result in results for lead in result.leads]
    if not leads:
        return "未见异常"
    decided = [_decided(decisions.get(lead.id)) for lead in leads]
    parts = [f"疑点 {len(leads)} 条"]
    each = f"（每条计 {plain(policies.partly_counts)} 次）" if stage is Stage.AFTER else ""
    parts += [
        f"{label(kind)} {decided.count(kind)} 条" + (each if kind is Disposition.PARTLY else "")
        for kind in Disposition
        if decided.count(kind)
    ]
    if decided.count(None):
        how = "按疑点测算" if stage is Stage.BEFORE else "按设定计入"
        parts.append(f"未认定 {decided.count(None)} 条（{how}）")
    return "，".join(parts)


def _records(
    results: Sequence[CheckResult], decisions: Mapping[str, LeadDecision], stage: Stage, policies: Policies
) -> str:
    """Name the records behind the leads that count: business key, day, and how far one that is partly so counts."""
    named = []
    for lead in (lead for result in results for lead in result.leads):
        weight = _weight(decisions.get(lead.id), stage, policies)
        title, key = next(iter(lead.record.items()), ("", ""))
        if not weight or not key:
            continue
        day = str(lead.business_date) if lead.business_date else ""
        part = f"部分属实计 {plain(weight)} 次" if weight != ONE else ""
        beside = "，".join(filter(None, (day, part)))
        named.append(f"{title} {key}" + (f"（{beside}）" if beside else ""))
    more = f" 等 {len(named)} 条" if len(named) > _MOST_RECORDS else ""
    return "、".join(named[:_MOST_RECORDS]) + more


def gather_facts(
    checklist: Checklist,
    unit: Unit,
    period: Period,
    responses: Mapping[str, Response],
    check_results: Sequence[CheckResult],
    decisions: Mapping[str, LeadDecision],
    stage: Stage,
    policies: Policies,
    reviews: Mapping[str, Response] = _NO_REVIEWS,
    background: Background | None = None,
    handed_in: bool = True,
) -> tuple[ItemFacts, ...]:
    """Return the facts of every item, in the order of the sheet.

    Until the sheet is `handed_in` what people filled in is a draft: not assessed, 不适用 included. From then on an
    item that the answers do not ask for does not apply, whatever was answered to it before.

    `reviews` are answers of a reviewer (复评) that stand in for the unit's; with a `background` the source of what
    costs points is listed.
    """
    facts = []
    said = {**responses, **reviews}
    conditional = unasked(checklist, unit, period, said) if handed_in else {}
    for item in checklist.items():
        own, review = responses.get(item.id), reviews.get(item.id)
        if (left_out := _left_out(item, unit, period, conditional)) is not None:
            facts.append(left_out)
            continue
        if item.answered_by == "person":
            seen = facts_from_response(item, review or own, unit) if handed_in else _draft(item, own)
        else:
            seen = facts_from_checks(item, check_results, decisions, stage, policies)
            seen = _by_hand(item, seen, review or own, unit) if handed_in else seen
            if handed_in and review is not None and seen.source == "data" and stage is Stage.AFTER:
                seen = _overridden(item, seen, review, unit)
        if background is not None:
            by_person = review and (own or item.answered_by == "person")
            before = facts_from_response(item, own, unit) if by_person else None
            seen = with_origin(item, seen, background, before, decisions)
        facts.append(seen)
    return tuple(facts)


def _left_out(item: Item, unit: Unit, period: Period, conditional: Mapping[str, Unasked]) -> ItemFacts | None:
    """Return the facts of an item that is not for this unit, or that the answers do not ask for; None for any other."""
    if reason := applicability(item, unit, period):
        return ItemFacts(item_id=item.id, state=FactState.NOT_APPLICABLE, source=item.answered_by, reason=reason)
    if (why := conditional.get(item.id)) is not None:
        state = FactState.NOT_ASSESSED if why.waits else FactState.NOT_APPLICABLE
        return ItemFacts(item_id=item.id, state=state, reason=why.reason)
    return None


def _draft(item: Item, said: Response | None) -> ItemFacts:
    """Return what an answer says before it is handed in: nothing that counts, and the reason tells what waits."""
    why = "未检查"
    if said is not None and said.conclusion is not Conclusion.NOT_ASSESSED:
        why = f"草稿未上报，按未检查处理（已填“{label(said.conclusion)}”）"
    return ItemFacts(item_id=item.id, conclusion=Conclusion.NOT_ASSESSED, reason=why)


def _by_hand(item: Item, seen: ItemFacts, response: Response | None, unit: Unit) -> ItemFacts:
    """Where the data cannot speak, a person's sampled check does, and the reason says so."""
    if seen.state not in (FactState.NO_DATA, FactState.ERROR) or response is None:
        return seen
    answered = facts_from_response(item, response, unit)
    if answered.state is FactState.NOT_ASSESSED:
        return seen
    return replace(answered, reason=f"{label(seen.state)}，改由人工检查：{answered.reason or '无说明'}")


def _overridden(item: Item, seen: ItemFacts, verdict: Response, unit: Unit) -> ItemFacts:
    """Return a person's verdict over the machine's (人工认定) where it can be scored; the reason keeps both."""
    said = facts_from_response(item, verdict, unit)
    if said.state not in (FactState.ASSESSED, FactState.NOT_APPLICABLE):
        return seen
    who = f"（{verdict.author}）" if verdict.author else ""
    reason = (
        f"人工认定为“{label(verdict.conclusion)}”{who}：{said.reason}；数据检查：{seen.reason or label(seen.state)}"
    )
    return replace(said, reason=reason)

"""复评: a reviewer's own answer beside the unit's, with the reason why it differs. The unit's answer is never touched.

Reviewing is for what was handed in; the review counts from 复核通过 on. Until then the sheet says 自评.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from xiaobao import labels
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.model import Conclusion, FactState, Response, Review, folded_id
from xiaobao.numbers import ZERO, add, plain
from xiaobao.scoring.responses import as_facts, response_faults, value_faults
from xiaobao.scoring.rules import item_loss, settled
from xiaobao.workbench.inspections.filling import Form, FormItem, reopen
from xiaobao.workbench.workspace import Workbench


def review_item(wb: Workbench, form: Form, offered: Response, seen_revision: int) -> Review:
    """Save a reviewer's answer to one item (复评), or his verdict over that of the data (人工认定).

    An answer like the unit's, or not assessed, takes an earlier review back.

    Raises InputError on faults and without a reason for the difference, NotAllowed unless handed in or for whoever
    filled it, StaleRevision.
    """
    shown, form = form, reopen(wb, form)
    entry = form.items.get(offered.item_id)
    if entry is None:
        raise InputError(Fault("检查表里没有这个检查项", value=offered.item_id))
    if form.record is None:
        raise NotAllowed("本检查表还没有填写")
    if form.open:
        raise NotAllowed(f"检查任务{labels.STATES[form.state]}，只有已提交、尚未复核通过的可以复评")
    if not entry.reviewable and not entry.overridable:
        raise NotAllowed(Fault("该项没有自评答复或数据结论，不能复评", item=offered.item_id))
    if entry.response.revision != shown.items[offered.item_id].response.revision:
        raise NotAllowed(Fault("自评答复在您打开之后有改动，请刷新后再复评", item=offered.item_id))
    answer = replace(offered, evidence=entry.response.evidence, author=wb.actor.name)
    if same_answer(answer, entry.response):
        answer = Response(item_id=offered.item_id)
    if answer.conclusion is not Conclusion.NOT_ASSESSED:
        faults = list(response_faults(entry.item, replace(answer, note=answer.note or answer.reason)))
        if not answer.reason.strip() and not faults:
            what = "人工认定须写明理由" if entry.overridable else "复评与自评不同，须写明理由"
            faults.append(Fault(what, item=offered.item_id))
        if faults:
            raise InputError(faults)
    with wb.writing("sheet.review", form.unit.id, form.domain, form.campaign) as tx:
        return tx.save_review(
            form.record.id, Review(item_id=offered.item_id, answer=answer, on=entry.response.revision), seen_revision
        )


def same_answer(one: Response, other: Response) -> bool:
    """Tell whether two answers say the same of the item, whatever is noted beside."""
    return _said(one) == _said(other)


def _said(answer: Response) -> tuple[object, ...]:
    counts = {cause: number for cause, number in answer.counts.items() if number}
    return (
        answer.conclusion,
        answer.option,
        answer.deduction or 0,
        counts,
        answer.missing or 0,
        answer.measured,
        answer.looks,
    )


def may_review(form: Form, actor: str) -> bool:
    """Tell whether `actor` may review: the sheet was handed in, and not filled by them."""
    return form.state == "submitted" and _not_filler(form, actor)


def _not_filler(form: Form, actor: str) -> bool:
    filled = {entry.response.author for entry in form.items.values() if entry.answered}
    submitted = form.record.submitted_by if form.record else ""
    return folded_id(actor) not in {folded_id(name) for name in (*filled, submitted)}


def may_answer(form: Form, actor: str) -> bool:
    """Tell whether `actor` may answer what newer data ask of a sheet: handed in, not filled by them, not final yet."""
    return form.campaign.state == "open" and not form.open and _not_filler(form, actor)


def cost_text(entry: FormItem, response: Response) -> str:
    """Return what an answer costs as a sentence; nothing while it cannot be scored."""
    item, said = entry.item, response.conclusion
    if said is Conclusion.NOT_APPLICABLE:
        return "不适用：本项不计入得分"
    if said is Conclusion.NOT_ASSESSED or value_faults(item, response):
        return ""
    facts = settled(item, as_facts(item, response))
    if facts.state is not FactState.ASSESSED:
        return "与其他机构比较后才能计分" if facts.state is FactState.AWAITING_PEERS else ""
    loss = item_loss(item, facts)
    text = f"本项扣 {plain(loss.deducted)} 分，得 {plain(add(item.points, -loss.deducted))} / {plain(item.points)} 分"
    return text + (f"（应扣 {plain(loss.should)} 分，扣完为止）" if loss.should > loss.deducted else "")


def earned_points(entry: FormItem, response: Response) -> Decimal:
    """Return what an answer earns by the rules of its item; nothing where it cannot be scored."""
    facts = as_facts(entry.item, response)
    if response.conclusion in (Conclusion.NOT_APPLICABLE, Conclusion.NOT_ASSESSED):
        return ZERO
    return add(entry.item.points, -item_loss(entry.item, facts).deducted)

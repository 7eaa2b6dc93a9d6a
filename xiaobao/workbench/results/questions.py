"""数据已更新: newer data never move a sheet that was handed in; they put a question to whoever reviews it.

The question names the checks that say something else now, and what they said then. It is answered by returning the
sheet, which takes the newer data when it comes in again, or by keeping it with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from xiaobao.checklist.models import Checklist
from xiaobao.checks.registry import CheckContext
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import HANDED_IN
from xiaobao.model import CheckResult, Extract, Period, from_plain
from xiaobao.paper.frozen import FrozenPaper
from xiaobao.paper.work_paper import own_of, run_checks
from xiaobao.policies import Policies
from xiaobao.store.models import Campaign, CheckChange, DataChange, HandedIn, InspectionRecord, Question
from xiaobao.workbench.results.freezing import Freezer, kept_paper
from xiaobao.workbench.workspace import Workbench


def ask_questions(freezer: Freezer) -> tuple[Question, ...]:
    """Hold every handed-in sheet against today's data; return the questions that are open now.

    A question already put about the very same data is not put again, whatever was answered.
    """
    wb, campaign = freezer.wb, freezer.campaign
    kept, asked = wb.store.handed_in(campaign.id), wb.store.questions(campaign.id)
    found = []
    for record in wb.store.inspections(campaign.id):
        key = (record.unit, record.domain)
        if record.state not in HANDED_IN or key not in kept:
            continue
        try:
            question = _question(freezer, record, kept[key], asked.get(key))
        except InputError:  # data that cannot be read: `run` fails its papers by name, `verify` names the file
            question = asked.get(key)
        if question is not None and question is not asked.get(key):
            with wb.writing("papers.run") as tx:
                question = tx.save_question(question)
        if question is not None and question.state == "open":
            found.append(question)
    return tuple(found)


def keep_sheet(wb: Workbench, campaign: Campaign, unit: str, domain: str, reason: str) -> Question:
    """Answer a question by keeping the sheet as it is. Raises InputError without a question or a reason.

    Raises NotAllowed for whoever filled it.
    """
    record = _record(wb, campaign, unit, domain)
    with wb.writing("question.answer", unit, domain, campaign) as tx:
        tx.refuse_filler(record.id, "答复数据更新")
        return tx.answer_question(record.id, "kept", reason)


def return_sheet(wb: Workbench, campaign: Campaign, unit: str, domain: str, reason: str) -> InspectionRecord:
    """Answer a question by returning the sheet. Raises like `keep_sheet`."""
    record = _record(wb, campaign, unit, domain)
    question = wb.store.questions(campaign.id, unit).get((unit, domain))
    if question is None or question.state not in ("open", "kept"):
        raise InputError("这张检查表没有数据更新的问题")
    if not reason.strip():
        raise InputError(Fault("退回须写明原因"))
    with wb.writing("question.answer", unit, domain, campaign) as tx:
        return tx.set_state(record.id, "returned", record.revision, f"数据已更新：{reason.strip()}")


def _question(freezer: Freezer, record: InspectionRecord, kept: HandedIn, asked: Question | None) -> Question | None:
    """Return the question as it stands now, `asked` itself where nothing is new; None where there is none."""
    sheet = freezer.sheet_of(record.unit, record.domain)
    paper = kept_paper(kept, sheet.plain, freezer.scheme)
    units = freezer.once("units", lambda: freezer.wb.units(freezer.campaign.period))
    now = tuple(freezer.extracts(units[record.unit], sheet.needs)) if record.unit in units else ()
    data = _changes(paper.extracts, now)
    if not data:
        settled = asked is None or asked.state not in ("open", "kept")
        return asked if settled or asked is None else replace(asked, state="gone", reason="", answered_by="")
    if asked is not None and asked.data == data and asked.state in ("open", "kept"):
        return asked
    then, today = (checks_on(freezer, sheet.checklist, paper, some) for some in (paper.extracts, now))
    return Question(
        inspection_id=record.id,
        state="open",
        day=freezer.wb.today,
        data=data,
        checks=_check_changes(then, today),
        revision=asked.revision if asked else 0,
    )


def checks_on(
    freezer: Freezer, checklist: Checklist, paper: FrozenPaper, extracts: Iterable[Extract]
) -> tuple[CheckResult, ...]:
    """Return what the checks of a kept sheet say of `extracts`: unit, day and policies are those of its hand-in.

    Raises InputError on a changed partition.
    """
    from xiaobao.datasets.partitions import read_partition

    context = CheckContext(
        unit=paper.unit,
        period=Period.parse(paper.period),
        as_of=paper.as_of,
        policies=from_plain(Policies, paper.policies),
    )
    rows = {one.dataset: read_partition(freezer.wb.home / one.path, one.sha256) for one in extracts}
    return run_checks(checklist, context, rows, own_of(paper.own_checks))


def _changes(before: Iterable[Extract], now: Iterable[Extract]) -> tuple[DataChange, ...]:
    was, is_ = ({one.dataset: one for one in some} for some in (before, now))
    return tuple(
        DataChange(
            dataset=name,
            before=was[name].sha256 if name in was else "",
            rows_before=was[name].rows if name in was else None,
            now=is_[name].sha256 if name in is_ else "",
            rows_now=is_[name].rows if name in is_ else None,
        )
        for name in sorted({*was, *is_})
        if name not in was or name not in is_ or was[name].sha256 != is_[name].sha256
    )


def _check_changes(then: Iterable[CheckResult], today: Iterable[CheckResult]) -> tuple[CheckChange, ...]:
    now = {one.check_id: one for one in today}
    return tuple(
        CheckChange(
            check_id=was.check_id,
            title=was.title,
            before=was.status,
            hits_before=was.hits,
            now=now[was.check_id].status,
            hits_now=now[was.check_id].hits,
        )
        for was in then
        if was.check_id in now and _said(was) != _said(now[was.check_id])
    )


def _said(result: CheckResult) -> tuple[object, ...]:
    return result.status, result.hits, {lead.id for lead in result.leads}


def _record(wb: Workbench, campaign: Campaign, unit: str, domain: str) -> InspectionRecord:
    record = wb.store.inspection(campaign.id, unit, domain)
    if record is None:
        raise InputError(Fault("没有这个检查任务", value=f"{unit} {domain}"))
    if record.state not in HANDED_IN:
        raise NotAllowed("这张检查表没有提交，数据更新时直接重新运行")
    return record

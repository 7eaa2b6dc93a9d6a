"""A form as plain data for the page: what is drawn, in the words of the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao import labels
from xiaobao.checklist.models import Item
from xiaobao.checklist.rules import Ask, Rule
from xiaobao.checklist.rules.looks import looks_text
from xiaobao.checklist.wording import sample_text
from xiaobao.model import Actor, CheckResult, Conclusion, Response, Role
from xiaobao.numbers import plain, show
from xiaobao.store.models import EvidenceRecord, HandedIn, Question
from xiaobao.workbench.evidence.holding import way_of
from xiaobao.workbench.inspections.filling import Form, FormItem, FormSection, progress
from xiaobao.workbench.inspections.reviewing import earned_points, may_answer, may_review
from xiaobao.workbench.inspections.signing import allowed_steps
from xiaobao.workbench.results.freezing import question_lines, rests_on
from xiaobao.workbench.versions.carrying import Aside, response_text

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_BEIJING = timezone(timedelta(hours=8))


def beijing(moment: datetime | None) -> str:
    """Return a stored moment (UTC) in Beijing time, "" for none."""
    return moment.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def plain_number(value: Decimal | None) -> str:
    """Return a number as a person types it: no exponent, no trailing zeros."""
    return "" if value is None else plain(value)


def form_state(
    form: Form, bank: str, actor: Actor, newer: str = "", refused: Mapping[str, str] | None = None, standing: str = ""
) -> dict[str, object]:
    """Return everything that the page draws of `form`; `newer` is the version that it could move to.

    `refused` are reasons why whoever looks may not fill, submit or review here, by the verb; `standing` is how the
    sheet stands where that is more than its state.
    """
    return {
        "head": {
            "bank": bank,
            "title": form.checklist.title,
            "purpose": form.checklist.purpose,
            "unit": form.unit.name,
            "period": form.period.code,
            "domain": labels.domain_title(form.domain, form.checklist.title),
            "version": form.checklist.version,
            "newer": newer,
            "actor": str(actor),
            "name": actor.name,
            "login": actor.login,
            "state": form.state,
            "stateLabel": labels.STANDINGS[standing or form.state],
            "open": form.open and not (refused or {}).get("answer.save"),
            "maySubmit": not (refused or {}).get("sheet.submit"),
            "why": [why for why in dict.fromkeys((refused or {}).values()) if why] if form.open else [],
            "view": labels.VIEWS[form.state in labels.REVIEWED],
            "mayReview": may_review(form, actor.name) and not (refused or {}).get("sheet.review"),
            "key": f"{form.unit.id}|{form.period.code}|{form.domain}|{_versions(form)}",
        },
        "sections": [section_state(section) for section in form.sections],
        "aside": [aside_state(aside) for aside in form.aside],
        "progress": progress_state(form),
    }


def question_state(form: Form, question: Question, kept: HandedIn, actor: Actor) -> dict[str, object] | None:
    """Return what newer data ask: which, what each check said then and says now, and how it was answered."""
    if not rests_on(kept, question):
        return None
    waiting, may = question.state == "open", may_answer(form, actor.name)
    who = (
        "批次已结束，结果为终稿，重开须经批准。"
        if form.campaign.state == "closed"
        else "由填报人、提交人以外的复核人答复。"
    )
    answer = "" if waiting else f"{labels.QUESTION_STATES[question.state]}：{question.reason}（{question.answered_by}）"
    return {
        "open": waiting,
        "title": f"数据已更新。本检查表依据 {kept.day} 提交时的数据，结果没有随之变动。",
        "lines": list(question_lines(question)),
        "mayAnswer": waiting and may,
        "why": answer or ("" if may else who),
    }


def rounds_state(wb: Workbench, form: Form) -> dict[str, object]:
    """Return who has signed, which steps may be taken now or why not, the reason of a return, and its remarks."""
    record = form.record
    remarks = wb.store.remarks(record.id) if record else ()
    return {
        "steps": allowed_steps(wb, form),
        "reason": record.reason if record and record.state == "returned" else "",
        "handedIn": bool(record and record.submitted_by),
        "signatures": [
            f"{labels.SIGNATURES[one.step]}：{one.name}"
            + (f"（{labels.ROLES[Role(one.role)]}）" if one.role else "")
            + f"　{beijing(one.at)}"
            for one in (record.signatures if record else ())
        ],
        "remarks": [
            {
                "number": one.number,
                "item": one.item_id,
                "text": one.text,
                "by": f"{one.author}　{beijing(one.at)}",
                "open": one.open,
                "cleared": f"{one.cleared_note}（{one.cleared_by}　{beijing(one.cleared_at)}）" if not one.open else "",
            }
            for one in remarks
        ],
    }


def _versions(form: Form) -> str:
    return "+".join(filter(None, (form.sheets.core.version, form.sheets.own_version)))


def progress_state(form: Form) -> dict[str, object]:
    """Return how far the answers are, as form.js draws it: counts, and the items that lack an answer or evidence."""
    done = progress(form)
    return {
        "total": done.total,
        "answered": done.answered,
        "missing": list(done.missing),
        "missingEvidence": list(done.missing_evidence),
    }


def section_state(section: FormSection) -> dict[str, object]:
    """Return a section with its items as form.js draws it; a unit's own section says that it is scored apart."""
    return {
        "id": section.id,
        "title": f"本机构自设：{section.title}（单独计分，不影响得分和名次）" if section.own else section.title,
        "depth": section.depth,
        "points": plain_number(section.points),
        "items": [item_state(entry) for entry in section.items],
    }


def item_state(entry: FormItem) -> dict[str, object]:
    """Return all that the page draws of one item.

    A carried answer still to be confirmed is shown beside the empty widgets, not in them: nobody has given it here.
    """
    item = entry.item
    return {
        "id": item.id,
        "title": item.title,
        "requirement": item.requirement,
        "citation": entry.citation,
        "procedure": item.procedure,
        "method": "、".join(item.method),
        "sample": _sample(item),
        "evidenceRule": item.evidence,
        "evidenceRequired": item.evidence_required,
        "severity": item.severity.value,
        "severityLabel": labels.label(item.severity),
        "points": plain_number(item.points),
        "by": item.answered_by,
        "answerable": entry.answerable,
        "byHand": entry.by_hand,
        "notApplicable": entry.not_applicable,
        "waiting": entry.waiting,
        "ruledOut": "" if entry.conditional else entry.not_applicable,
        "relevant": [
            {"item": one.item, "conclusions": one.conclusions, "options": one.options, "text": text}
            for one, text in zip(item.relevant, entry.conditions, strict=True)
        ],
        "requires": [{"conclusions": one.conclusions, "needs": one.needs} for one in item.requires],
        "good": item.guidance.good if item.guidance else "",
        "bad": item.guidance.bad if item.guidance else "",
        "inputs": [inputs for rule in item.rules for inputs in rule_inputs(item, rule)],
        "results": [result_state(result) for result in entry.results],
        "files": [file_state(file) for file in entry.evidence],
        "response": response_state(_blank(entry) if entry.carried else entry.response, item.marks()),
        "carried": carried_state(entry),
        **review_state(entry),
    }


def file_state(file: EvidenceRecord) -> dict[str, object]:
    """Return one file of evidence as the page shows and opens it."""
    kind = PurePosixPath(file.file_name).suffix[1:].lower()
    return {"sha": file.sha256, "name": file.file_name, "size": file.size, "way": way_of(kind)}


def review_state(entry: FormItem) -> dict[str, object]:
    """Return both answers side by side once the sheet was handed in: 自评, and 复评 where the reviewer differs."""
    if not entry.reviewable and not entry.overridable:
        return {}
    seen, review = entry.response, entry.review
    own = {"text": response_text(entry.item, seen), "points": _points(entry, seen), "by": _by(seen)}
    if entry.overridable:
        own = {"text": _machine(entry), "points": "", "by": ""}
    state: dict[str, object] = {
        "own": own,
        "review": None,
        "reviewSeen": entry.review_seen,
        "machine": entry.overridable,
    }
    if review is None:
        return state
    reviewed = replace(review.answer, author=review.author, at=review.at)
    difference = earned_points(entry, reviewed) - earned_points(entry, seen)
    state["review"] = {
        "text": response_text(entry.item, replace(reviewed, reason="")),
        "reason": reviewed.reason,
        "points": _points(entry, reviewed),
        "difference": "" if entry.overridable else f"{difference:+f}" if difference else "0",
        "by": _by(reviewed),
        "response": response_state(reviewed, entry.item.marks()),
    }
    return state


def _machine(entry: FormItem) -> str:
    """Return the verdict of the data in a line: each check's outcome with its counts."""
    states = (result_state(result) for result in entry.results)
    return "；".join(f"{one['title']}：{one['statusLabel']}　{one['counts']}".strip() for one in states)


def _points(entry: FormItem, response: Response) -> str:
    return f"{plain_number(earned_points(entry, response))} / {plain_number(entry.item.points)}"


def _by(response: Response) -> str:
    return f"{response.author}　{beijing(response.at)}"


def _sample(item: Item) -> str:
    note = item.sample.note if item.sample else ""
    return sample_text(item.sample) + (f"；{note}" if note else "")


def _blank(entry: FormItem) -> Response:
    """Return the answer that the page starts from while a carried one waits: its files and revision, nothing said."""
    return Response(item_id=entry.item.id, revision=entry.response.revision, evidence=entry.response.evidence)


def carried_state(entry: FormItem) -> dict[str, object] | None:
    """Return an answer brought along from another version, with former and present wording side by side."""
    carried = entry.carried
    if carried is None:
        return None
    return {
        "version": carried.version,
        "asksAnew": carried.asks_anew,
        "answer": response_text(carried.former, entry.response),
        "changes": [[change.title, change.before, change.after] for change in carried.changes],
    }


def aside_state(aside: Aside) -> dict[str, object]:
    """Return an answer to an item that is no longer on the sheet."""
    answer = response_text(aside.item, aside.response)
    return {"id": aside.item.id, "title": aside.item.title, "version": aside.version, "answer": answer}


def response_state(response: Response, marks: Mapping[str, str]) -> dict[str, object]:
    """Return an answer as the widgets hold it: text for every number, "" where nothing was said.

    `marks` are those that a look may get, id → label.
    """
    measured = response.measured
    return {
        "conclusion": "" if response.conclusion is Conclusion.NOT_ASSESSED else response.conclusion.value,
        "option": response.option,
        "deduction": plain_number(response.deduction),
        "counts": {cause: plain_number(number) for cause, number in response.counts.items()},
        "missing": plain_number(response.missing),
        "measured": plain_number(measured.value) if measured else "",
        "measuredUnit": measured.unit if measured else "",
        "looks": looks_text(response.looks, marks),
        "note": response.note,
        "reason": response.reason,
        "amended": response.amended,
        "evidence": list(response.evidence),
        "revision": response.revision,
        "author": response.author,
        "at": beijing(response.at),
    }


def result_state(result: CheckResult) -> dict[str, object]:
    """Return one check's outcome; rows that could not be judged are shown with the counts."""
    title = result.title or _check_title(result.check_id)
    counts = f"适用 {show(result.population)} 条，命中 {show(result.hits)} 条" if result.population else ""
    counts += f"，未判 {show(result.unjudged)} 条" if counts and result.unjudged else ""
    return {
        "title": title,
        "status": result.status.value,
        "statusLabel": labels.label(result.status),
        "counts": counts,
        "note": result.note,
    }


def _check_title(check_id: str) -> str:
    from xiaobao.checks.registry import REGISTRY

    return REGISTRY[check_id].title if check_id in REGISTRY else check_id


def rule_inputs(item: Item, rule: Rule) -> list[dict[str, object]]:
    """Return what a rule needs beside the conclusion, one widget each: choice, number, measure or lines.

    `field` and `cause` say where in the answer it goes; `always` is asked of 符合 too.
    """
    return [_widget(ask) for ask in rule.asks()]


def _widget(ask: Ask) -> dict[str, object]:
    kind = "lines" if ask.field == "looks" else "measure" if ask.unit else "choice" if ask.options else "number"
    return {
        "widget": kind,
        "field": ask.field,
        "cause": ask.key,
        "label": ask.label,
        "suffix": ask.suffix,
        "hint": ask.aim,
        "unit": ask.unit,
        "options": [[code, words] for code, words in ask.options],
        "always": ask.always,
    }

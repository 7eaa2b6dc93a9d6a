"""What the form holds at an item beside the question: last period, open findings, records, costs, wordings, shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xiaobao.labels import label
from xiaobao.personal import mask
from xiaobao.workbench.inspections import assigning, wordings
from xiaobao.workbench.inspections.beside import (
    LastAnswer,
    OpenFinding,
    Records,
    last_answers,
    open_findings,
    records_hit,
)
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.inspections.reviewing import cost_text
from xiaobao.workbench.versions.carrying import response_text

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_MOST = 10


def content_state(wb: Workbench, form: Form) -> tuple[dict[str, dict[str, object]], dict[str, object]]:
    """Return what stands at each item, by item id, and how the sheet is divided."""
    last, findings, found = last_answers(wb, form), open_findings(wb, form), records_hit(wb, form)
    given = assigning.assignments(wb, form.campaign, form.unit.id, form.domain)
    whose = assigning.owners(given, form.sheets.core, form.sheets.own)
    shares = assigning.shares(wb, form)
    names = {one.login: one.name for one in shares}
    items: dict[str, dict[str, object]] = {}
    for item_id, entry in form.items.items():
        items[item_id] = {
            "beside": _beside(last.get(item_id), findings.get(item_id, ())),
            "data": _data(found[item_id]) if item_id in found else None,
            "cost": cost_text(entry, entry.response) if entry.answered else "",
            "assigned": names.get(whose.get(item_id, ""), ""),
        }
    return items, _work(wb, form, given, whose, shares)


def _beside(last: LastAnswer | None, findings: tuple[OpenFinding, ...]) -> dict[str, object]:
    state: dict[str, object] = {"last": None, "findings": [_finding(one) for one in findings]}
    if last is not None:
        state["last"] = {
            "period": last.period,
            "version": last.version,
            "said": label(last.response.conclusion),
            "answer": mask(response_text(last.item, last.response)),
            "by": last.response.author,
            "changed": last.changed,
        }
    return state


def _finding(one: OpenFinding) -> str:
    return mask(f"{one.period}　{one.condition}（{one.status}，整改期限 {one.due}）")


def _data(found: Records) -> dict[str, object]:
    rows = [
        {
            "state": row.state if row.decision is None or row.decision.decided is None else label(row.decision.decided),
            "day": str(row.lead.business_date or "无日期"),
            "text": mask(row.lead.summary),
        }
        for row in found.rows[:_MOST]
    ]
    chart = "各月疑点：" + "，".join(f"{month} {number} 条" for month, number in found.months)
    undated = f"，无业务日期 {found.undated} 条" if found.undated else ""
    return {
        "total": len(found.rows),
        "waiting": found.waiting,
        "months": [list(pair) for pair in found.months],
        "chart": chart + undated,
        "rows": rows,
    }


def _work(
    wb: Workbench,
    form: Form,
    given: Mapping[str, str],
    whose: Mapping[str, str],
    shares: tuple[assigning.AssignedPart, ...],
) -> dict[str, object]:
    me = wb.actor.login
    people = assigning.fillers(wb, form)
    may = bool(people) and form.open and not wb.may("sheet.assign", form.unit.id, form.domain, form.campaign)
    mine = [item_id for item_id in form.items if me and whose.get(item_id, me) == me]
    return {
        "may": may,
        "people": [[one.login, one.name] for one in people] if may else [],
        "given": dict(given) if may else {},
        "mine": mine if whose else [],
        "told": [_share(one) for one in shares],
    }


def told_shares(wb: Workbench, form: Form) -> list[str]:
    """Return of each person with a part of the sheet how far it is and where he saved last."""
    return [_share(one) for one in assigning.shares(wb, form)]


def _share(one: assigning.AssignedPart) -> str:
    at = f"，最近在“{one.last_item}”" if one.last_item else ""
    return f"{one.name} {one.answered}/{one.asked}{at}"


def wordings_reply(wb: Workbench, form: Form, kind: str, content: Mapping[str, object]) -> dict[str, object]:
    """Keep or drop one of mine where asked to, and return the sentences for an item."""
    item_id = str(content.get("item"))
    if kind == "keep_wording":
        wordings.keep_wording(wb, form, str(content.get("text") or ""))
    elif kind == "drop_wording":
        wordings.drop_wording(wb, form, str(content.get("number")))
    found = wordings.wordings(wb, form, item_id)
    return {
        "type": "wordings",
        "wordings": [{"text": one.text, "source": one.source, "number": one.number} for one in found],
    }

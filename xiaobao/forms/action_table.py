"""整改台账: what is to be done for each finding, by whom, until when, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from xiaobao import labels
from xiaobao.corrective_actions import allowed_moves
from xiaobao.errors import Fault, InputError
from xiaobao.forms.page_choice import PageChoice, Rights
from xiaobao.forms.table_page import TablePage, TableRow
from xiaobao.model import CorrectiveAction, Redress
from xiaobao.workbench.corrective_actions import (
    STEP_VERBS,
    ActionRow,
    actions_table,
    fill_action,
    move_action,
    propose_actions,
)
from xiaobao.workbench.evidence.attaching import attach_file, file_of, find_subject, present
from xiaobao.workbench.evidence.holding import way_of

if TYPE_CHECKING:
    from xiaobao.store.models import Attachment

_RIGHTS = {to: (verb, "action.close_own") if to == "closed" else (verb,) for to, verb in STEP_VERBS.items()}
_STATED = frozenset({"made_good", "refunded", "told_on", "why_not"})
_MOVES = {"open": "退回整改", "done": "报告整改完成", "verified": "验证通过", "closed": "销号"}


class ActionTable(TablePage):
    """整改台账: progress, due date and closure of each measure; new ones are proposed from findings."""

    title: ClassVar[str] = "整改台账"
    verb = "action.see"
    empty = "本期还没有整改措施。有检查发现后，点“按检查发现生成”。"
    actions = ({"name": "propose", "title": "按检查发现生成"},)
    columns = (
        {
            "title": "机构 / 检查发现",
            "width": "18%",
            "parts": [
                {"key": "unit", "kind": "text", "strong": True},
                {"key": "finding", "kind": "text"},
                {"key": "kind", "kind": "facts"},
            ],
        },
        {
            "title": "整改措施",
            "width": "22%",
            "parts": [{"key": "measure", "kind": "area", "title": "整改措施（必填）"}],
        },
        {
            "title": "责任人 / 期限",
            "width": "14%",
            "parts": [
                {"key": "owner", "kind": "line", "title": "责任人"},
                {"key": "due", "kind": "date", "title": "整改期限"},
                {"key": "late", "kind": "text", "late": True},
            ],
        },
        {
            "title": "佐证与补救（个案）",
            "width": "18%",
            "parts": [
                {"key": "files", "kind": "files", "title": "上传佐证"},
                {
                    "key": "made_good",
                    "kind": "select",
                    "title": "是否已对消费者补救",
                    "blank": "是否已补救……",
                    "options": [["yes", "已补救"], ["no", "没有补救"]],
                },
                {"key": "refunded", "kind": "line", "title": "退还金额（元）"},
                {"key": "told_on", "kind": "date", "title": "告知消费者的日期"},
                {"key": "why_not", "kind": "area", "title": "没有补救的原因"},
            ],
        },
        {"title": "备注", "width": "14%", "parts": [{"key": "note", "kind": "area", "title": "进展、理由、验证情况"}]},
        {
            "title": "状态",
            "width": "14%",
            "parts": [
                {"key": "status", "kind": "text", "strong": True},
                {
                    "key": "to",
                    "kind": "select",
                    "title": "办理",
                    "blank": "办理……",
                    "options": [[code, word] for code, word in _MOVES.items()],
                },
            ],
        },
    )
    filters = (
        {"key": "status", "title": "状态", "values": list(labels.ACTION_STATUSES.values())},
        {"key": "line", "title": "类别", "values": list(labels.ACTION_LINES.values())},
        {"key": "late", "title": "期限", "values": ["已逾期", "未逾期"]},
    )

    _seen: Mapping[str, CorrectiveAction] = {}  # read with the rows

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Read the measures anew and remember the revision of each: a later change is refused as stale."""
        rows = actions_table(self._wb, chosen.period, chosen.unit or None, chosen.domain or None)
        self._seen = {row.action.id: row.action for row in rows}
        may = Rights(self._wb, chosen.period)
        attached: dict[str, list[Attachment]] = {}
        for one in self._wb.store.kept("attachments", about="action", unit=chosen.unit or None):
            attached.setdefault(one.object, []).append(one)
        return [_row(row, may, attached.get(row.action.id, ())) for row in rows]

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        may = Rights(self._wb, chosen.period) if chosen.period else None
        return list(self.actions) if may and not may.why("action.propose", chosen.unit, chosen.domain) else []

    def act(self, name: str, chosen: PageChoice, values: Mapping[str, str]) -> Sequence[str]:
        """`propose`: make a measure of each finding that has none yet. Raises InputError for another name."""
        if name != "propose":
            super().act(name, chosen, values)
        return [f"新增整改措施 {propose_actions(self._wb, chosen.period, chosen.unit or None)} 条"]

    def add_file(self, row_id: str, part: str, name: str, data: bytes) -> None:
        """Attach a file to a measure: it goes with the report of completion."""
        attach_file(self._wb, find_subject(self._wb, "action", row_id), name, data)

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Save what was filled, then the step if one was chosen: a step may need the owner just typed."""
        before = self._seen.get(row_id)
        if before is None:
            raise InputError(Fault("没有这条整改措施", value=row_id))
        note = cells.get("note", before.note)
        if {"measure", "owner", "due"} & set(cells) or not (cells.get("to") or _STATED & set(cells)):
            due = _day(cells["due"]) if "due" in cells else before.due
            measure, owner = cells.get("measure", before.measure), cells.get("owner", before.owner)
            seen_revision = fill_action(self._wb, row_id, measure, owner, due, note, seen_revision).revision
        if cells.get("to"):
            redress = _redress(cells, before.redress)
            move_action(self._wb, row_id, cells["to"], cells.get("note", ""), seen_revision, redress)
        elif _STATED & set(cells):
            raise InputError(Fault("补救情况在“办理”选“报告整改完成”时一并保存，请选择", column="办理"))


def _day(text: str, column: str = "整改期限") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Fault("日期写法不对", column=column, value=text, allowed="2026-08-31")) from None


def _redress(cells: Mapping[str, str], before: Redress | None) -> Redress | None:
    """Return the statement of a case line, laid over what was stated before; None where nothing is stated."""
    if not _STATED & set(cells):
        return before
    shown = {**_statement(before), **{key: cells[key].strip() for key in _STATED if key in cells}}
    if not shown["made_good"]:
        raise InputError(Fault("须选择是否已对消费者补救", column="补救情况"))
    try:
        refunded = Decimal(shown["refunded"] or "0")
    except InvalidOperation:
        refunded = Decimal("NaN")
    if not refunded.is_finite():
        raise InputError(Fault("退还金额不是数字", column="退还金额", value=shown["refunded"], allowed="如 1200.50"))
    return Redress(
        made_good=shown["made_good"] == "yes",
        refunded=refunded,
        told_on=_day(shown["told_on"], "告知日期") if shown["told_on"] else None,
        why_not=shown["why_not"],
    )


def _statement(redress: Redress | None) -> dict[str, str]:
    if redress is None:
        return dict.fromkeys(_STATED, "")
    return {
        "made_good": "yes" if redress.made_good else "no",
        "refunded": f"{redress.refunded:f}",
        "told_on": redress.told_on.isoformat() if redress.told_on else "",
        "why_not": redress.why_not,
    }


def _files(row: ActionRow, attached: Sequence[Attachment]) -> list[dict[str, object]]:
    """Return the files of a measure: those attached to it, and those of earlier reports."""
    known = {one.sha256 for one in attached}
    own = [file_of(one) for one in present(attached)]
    for path in row.action.evidence:
        place = PurePosixPath(path)
        if place.stem not in known:
            own.append(
                {"sha": place.stem, "name": f"佐证材料{place.suffix}", "size": 0, "way": way_of(place.suffix[1:])}
            )
    return own


def _row(row: ActionRow, may: Rights, attached: Sequence[Attachment]) -> TableRow:
    action = row.action
    place = (action.unit, row.domain)
    moves = [to for to in allowed_moves(action) if any(not may.why(verb, *place) for verb in _RIGHTS[to])]
    fillable = action.status == "open" and not may.why("action.fill", *place)
    filled = [] if fillable else ["measure", "owner", "due"]
    reports = "done" in moves and action.line == "case"
    adds = action.status != "closed" and not may.why("action.attach", *place)
    severity = {"严重程度": labels.label(row.finding.severity)} if row.finding else {}
    domain = {"检查域": row.domain_title} if row.domain else {}
    return {
        "id": action.id,
        "revision": action.revision,
        "locked": [*filled, *(["note", "to"] if not moves else []), *([] if reports else sorted(_STATED))],
        "addable": ["files"] if adds else [],
        "options": {"to": [[code, _MOVES[code]] for code in moves]},
        "tags": {
            "status": labels.ACTION_STATUSES[action.status],
            "line": labels.ACTION_LINES[action.line],
            "late": "已逾期" if row.overdue else "未逾期",
        },
        "cells": {
            "unit": row.unit_name,
            "finding": row.finding_title,
            "kind": {**domain, "类别": labels.ACTION_LINES[action.line], **severity},
            "measure": action.measure,
            "owner": action.owner,
            "due": action.due.isoformat(),
            "late": "已逾期" if row.overdue else "",
            "note": action.note,
            "files": _files(row, attached),
            **_statement(action.redress),
            "status": labels.ACTION_STATUSES[action.status],
            "to": "",
        },
    }

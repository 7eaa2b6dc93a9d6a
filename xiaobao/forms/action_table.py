"""整改台账: what is to be done for each finding, by whom, until when, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from xiaobao import labels
from xiaobao.corrective_actions import allowed_moves
from xiaobao.errors import Fault, InputError
from xiaobao.forms.opening import Choice, Rights
from xiaobao.forms.tables import Row, TablePage
from xiaobao.workbench.actions import STEPS, ActionRow, actions_table, fill_action, move_action, propose_actions

_RIGHTS = {to: (verb, "action.close_own") if to == "closed" else (verb,) for to, verb in STEPS.items()}
_MOVES = {"open": "退回整改", "done": "报告整改完成", "verified": "验证通过", "closed": "销号"}


class ActionTable(TablePage):
    title: ClassVar[str] = "整改台账"
    verb = "action.see"
    empty = "本期还没有整改措施。有检查发现后，点“按检查发现生成”。"
    actions = ({"name": "propose", "title": "按检查发现生成"},)
    columns = (
        {
            "title": "机构 / 检查发现",
            "width": "22%",
            "parts": [
                {"key": "unit", "kind": "text", "strong": True},
                {"key": "finding", "kind": "text"},
                {"key": "kind", "kind": "facts"},
            ],
        },
        {
            "title": "整改措施",
            "width": "30%",
            "parts": [{"key": "measure", "kind": "area", "title": "整改措施（必填）"}],
        },
        {
            "title": "责任人 / 期限",
            "width": "16%",
            "parts": [
                {"key": "owner", "kind": "line", "title": "责任人"},
                {"key": "due", "kind": "date", "title": "整改期限"},
                {"key": "late", "kind": "text", "late": True},
            ],
        },
        {"title": "备注", "width": "18%", "parts": [{"key": "note", "kind": "area", "title": "进展、理由、验证情况"}]},
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

    def read_rows(self, chosen: Choice) -> list[Row]:
        rows = actions_table(self._wb, chosen.period, chosen.unit or None, chosen.domain or None)
        self._seen = {row.action.id: row.action for row in rows}
        may = Rights(self._wb, chosen.period)
        return [_row(row, may) for row in rows]

    def offered(self, chosen: Choice) -> list[Mapping[str, object]]:
        may = Rights(self._wb, chosen.period) if chosen.period else None
        return list(self.actions) if may and not may.why("action.propose", chosen.unit, chosen.domain) else []

    def act(self, name: str, chosen: Choice) -> None:
        if name != "propose":
            super().act(name, chosen)
        propose_actions(self._wb, chosen.period, chosen.unit or None)

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Save what was filled, then the step if one was chosen: a step may need the owner just typed."""
        before = self._seen.get(row_id)
        if before is None:
            raise InputError(Fault("没有这条整改措施", value=row_id))
        note = cells.get("note", before.note)
        if {"measure", "owner", "due"} & set(cells) or not cells.get("to"):
            due = _day(cells["due"]) if "due" in cells else before.due
            measure, owner = cells.get("measure", before.measure), cells.get("owner", before.owner)
            seen_revision = fill_action(self._wb, row_id, measure, owner, due, note, seen_revision).revision
        if cells.get("to"):
            move_action(self._wb, row_id, cells["to"], cells.get("note", ""), seen_revision)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Fault("日期写法不对", column="整改期限", value=text, allowed="2026-08-31")) from None


def _row(row: ActionRow, may: Rights) -> Row:
    action = row.action
    place = (action.unit, row.domain)
    moves = [to for to in allowed_moves(action) if any(not may.why(verb, *place) for verb in _RIGHTS[to])]
    fillable = action.status == "open" and not may.why("action.fill", *place)
    filled = [] if fillable else ["measure", "owner", "due"]
    severity = {"严重程度": labels.label(row.finding.severity)} if row.finding else {}
    domain = {"检查域": row.domain_title} if row.domain else {}
    return {
        "id": action.id,
        "revision": action.revision,
        "locked": [*filled, *(["note", "to"] if not moves else [])],
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
            "status": labels.ACTION_STATUSES[action.status],
            "to": "",
        },
    }

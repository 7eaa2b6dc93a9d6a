"""疑点: the unit answers, the inspector decides; what is decided is shown and no longer changed by the unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from xiaobao import labels
from xiaobao.errors import Fault, InputError
from xiaobao.forms.opening import Choice, Rights
from xiaobao.forms.showing import beijing
from xiaobao.forms.tables import Row, TablePage
from xiaobao.model import Disposition, LeadDecision
from xiaobao.workbench.leads import LeadEntry, LeadRow, apply_lead_rows, leads_table, save_entry

_SAID = [[one.value, labels.label(one)] for one in Disposition]


class LeadTable(TablePage):
    """疑点: what the unit answered and the inspector decided, each cell for whom `rights` lets."""

    title: ClassVar[str] = "疑点核实与认定"
    verb = "lead.see"
    empty = "本期没有疑点。疑点由数据检查产生，请先运行检查或 xiaobao leads raise。"
    columns = (
        {
            "title": "机构 / 检查",
            "width": "17%",
            "parts": [
                {"key": "unit", "kind": "text", "strong": True},
                {"key": "domain", "kind": "text"},
                {"key": "check", "kind": "text"},
                {"key": "item", "kind": "facts"},
            ],
        },
        {
            "title": "疑点",
            "width": "31%",
            "parts": [
                {"key": "summary", "kind": "text"},
                {"key": "record", "kind": "facts"},
                {"key": "siblings", "kind": "links"},
            ],
        },
        {
            "title": "单位核实",
            "width": "22%",
            "parts": [
                {"key": "answer", "kind": "select", "title": "核实结果", "options": _SAID, "blank": "核实结果"},
                {"key": "answer_note", "kind": "area", "title": "核实说明（必填）"},
                {"key": "answered_by", "kind": "facts"},
            ],
        },
        {
            "title": "检查认定",
            "width": "22%",
            "parts": [
                {"key": "decided", "kind": "select", "title": "认定结果", "options": _SAID, "blank": "认定结果"},
                {"key": "reason", "kind": "area", "title": "认定理由（必填）"},
                {"key": "decided_by", "kind": "facts"},
            ],
        },
        {
            "title": "状态",
            "width": "8%",
            "parts": [
                {"key": "state", "kind": "text", "strong": True},
                {"key": "due", "kind": "text"},
                {"key": "late", "kind": "text", "late": True},
            ],
        },
    )
    filters = (
        {"key": "state", "title": "状态", "values": ["待核实", "待认定", "已认定"]},
        {"key": "late", "title": "期限", "values": ["已逾期", "未逾期"]},
    )

    def read_rows(self, chosen: Choice) -> list[Row]:
        """Return the leads in force, each with the columns that its check shows."""
        rows = leads_table(self._wb, chosen.period, chosen.unit or None, chosen.domain or None)
        may = Rights(self._wb, chosen.period)
        near = _siblings(rows)
        return [_row(row, may, near[row.lead.id]) for row in rows]

    def bulk(self, rows: Sequence[Row]) -> list[Mapping[str, object]]:
        """Return 批量核实 and 批量认定, each for the rows in which whoever looks may give it."""
        acts = (
            ("answer", "批量核实", "核实结果", "核实说明（必填）"),
            ("decided", "批量认定", "认定结果", "认定理由（必填）"),
        )
        found: list[Mapping[str, object]] = []
        for key, title, label, why in acts:
            open_rows = [row["id"] for row in rows if key not in row["locked"] and not row["cells"][key]]  # type: ignore[operator,index]
            if open_rows:
                found.append(
                    {"name": key, "title": title, "label": label, "why": why, "options": _SAID, "rows": open_rows}
                )
        return found

    def act_on_all(self, name: str, said: str, why: str, rows: Mapping[str, int]) -> None:
        """Answer or decide all the leads with one reason. Raises InputError with the faults of all, nothing saved."""
        column = {"answer": "单位核实", "decided": "检查认定"}.get(name)
        if column is None:
            raise InputError(f"不认识的操作：{name}")
        word = _disposition(said, column)
        faults = [] if word else [Fault("请选择结果", column=column)]
        faults += [] if why.strip() else [Fault("须写明理由", column=column)]
        if faults:
            raise InputError(faults)
        fields = {"answer": word, "answer_note": why} if name == "answer" else {"decided": word, "reason": why}
        apply_lead_rows(
            self._wb,
            [LeadEntry(lead_id=row, seen_revision=seen, **fields) for row, seen in rows.items()],  # type: ignore[arg-type]
        )

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Save both answers of one lead. Raises InputError on a word that is none of the dispositions."""
        entry = LeadEntry(
            lead_id=row_id,
            answer=_disposition(cells.get("answer", ""), "单位核实"),
            answer_note=cells.get("answer_note", ""),
            decided=_disposition(cells.get("decided", ""), "检查认定"),
            reason=cells.get("reason", ""),
            seen_revision=seen_revision,
        )
        save_entry(self._wb, entry)


def _disposition(text: str, column: str) -> Disposition | None:
    if not text:
        return None
    try:
        return Disposition(text)
    except ValueError:
        allowed = "、".join(word for _, word in _SAID)
        raise InputError(Fault("结果不在允许范围内", column=column, value=text, allowed=allowed)) from None


def _locked(row: LeadRow, said: LeadDecision, may: Rights) -> list[str]:
    """Return the cells that are shown and cannot be filled: a decided lead's answer, and what one may not do."""
    place = (row.lead.unit, row.domain)
    answer = ["answer", "answer_note"] if said.decided or may.why("lead.answer", *place) else []
    return answer + (["decided", "reason"] if may.why("lead.decide", *place) else [])


_STAFF = ("柜员号", "工号")  # the ends of the headings under which a record names a member of staff


def _siblings(rows: Sequence[LeadRow]) -> dict[str, list[list[str]]]:
    """Return lead → what it shares with others: words, and what to look for to see them."""
    shared: Counter[tuple[str, str]] = Counter()
    marks: dict[str, dict[str, str]] = {}
    for row in rows:
        mine = {text: "同一人员" for name, text in row.lead.record.items() if text and name.endswith(_STAFF)}
        mine |= {text: "同一客户" for name, text in row.lead.record.items() if text and name.startswith("客户")}
        if row.lead.business_date:
            mine[row.lead.business_date.isoformat()] = "同一天"
        marks[row.lead.id] = mine
        shared.update((row.lead.unit, text) for text in mine)
    return {
        row.lead.id: [
            [f"{what} {number} 条", text]
            for text, what in marks[row.lead.id].items()
            if (number := shared[row.lead.unit, text]) > 1
        ]
        for row in rows
    }


def _row(row: LeadRow, may: Rights, siblings: list[list[str]]) -> Row:
    lead, said = row.lead, row.decision or LeadDecision(lead_id=row.lead.id)
    day = {"业务日期": lead.business_date.isoformat()} if lead.business_date else {}
    decided_at = beijing(said.at)[:16]
    return {
        "id": lead.id,
        "revision": said.revision,
        "locked": _locked(row, said, may),
        "tags": {"state": row.state, "late": "已逾期" if row.overdue else "未逾期"},
        "cells": {
            "unit": row.unit_name,
            "domain": row.domain_title,
            "check": row.check_title,
            "item": {"检查项": row.item_title},
            "summary": lead.summary,
            "record": {**day, **lead.record},
            "siblings": siblings,
            "answer": said.answer.value if said.answer else "",
            "answer_note": said.answer_note,
            "answered_by": {"核实人": said.answered_by} if said.answered_by else {},
            "decided": said.decided.value if said.decided else "",
            "reason": said.reason,
            "decided_by": {"认定人": said.decided_by, "时间": decided_at} if said.decided_by else {},
            "state": row.state,
            "due": "" if said.answer or said.decided else f"核实期限 {row.due.isoformat()}",
            "late": "已逾期" if row.overdue else "",
        },
    }

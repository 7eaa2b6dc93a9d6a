"""疑点: the unit answers, the inspector decides; what is decided is shown and no longer changed by the unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from xiaobao import labels
from xiaobao.errors import Fault, InputError
from xiaobao.feature_list import load, named
from xiaobao.forms.page_choice import PageChoice, Rights
from xiaobao.forms.showing import beijing
from xiaobao.forms.table_page import Given, TablePage, TableRow
from xiaobao.model import Disposition, LeadDecision
from xiaobao.workbench.evidence.attaching import attach_file, attach_link, file_of, find_subject, present
from xiaobao.workbench.lead_reminders import remind_leads, reminded_text, reminders
from xiaobao.workbench.leads import LeadEntry, LeadRow, leads_table, save_entry, save_many, siblings
from xiaobao.workbench.restoring import pseudonyms_in, reidentify

if TYPE_CHECKING:
    from xiaobao.store.models import Attachment

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WHOM = [["all", "所有没有核实完的"], ["late", "只催已逾期的"]]
_SAID = [[one.value, labels.label(one)] for one in Disposition]


_RESTORE = {
    "name": "restore",
    "title": "还原化名",
    "lines": [
        "系统不保存化名对照表。请附一份含该客户的名单（Excel、CSV 或文本，客户号或手机号一列），由系统比对。",
        "本次还原会留痕。",
    ],
    "fields": [
        {"key": "reason", "kind": "area", "title": "还原理由", "required": True},
        {"key": "list", "kind": "file", "title": "候选名单", "required": True, "accept": ".xlsx,.csv,.txt"},
    ],
}
_LINK = {
    "name": "link",
    "title": "附链接",
    "fields": [
        {"key": "url", "kind": "line", "title": "链接地址或档案存放位置", "required": True},
        {"key": "note", "kind": "area", "title": "说明：是什么、哪几页", "required": True},
    ],
}


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
                {"key": "siblings", "kind": "siblings"},
                {"key": "acts", "kind": "acts"},
            ],
        },
        {
            "title": "单位核实",
            "width": "22%",
            "parts": [
                {"key": "answer", "kind": "select", "title": "核实结果", "options": _SAID, "blank": "核实结果"},
                {"key": "answer_note", "kind": "area", "title": "核实说明（必填）"},
                {"key": "answered_by", "kind": "facts"},
                {"key": "files", "kind": "files", "title": "上传佐证"},
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
                {"key": "reminded", "kind": "text"},
            ],
        },
    )
    filters = (
        {"key": "state", "title": "状态", "values": ["待核实", "待认定", "已认定"]},
        {"key": "late", "title": "期限", "values": ["已逾期", "未逾期"]},
    )

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return the leads in force, each with the columns that its check shows, its files and what it shares.

        What waits for whoever looks stands first, then what waits for others, then what is decided.
        """
        rows = leads_table(self._wb, chosen.period, chosen.unit or None, chosen.domain or None)
        may = Rights(self._wb, chosen.period)
        shared = siblings(row.lead for row in rows)
        reminded = reminders(self._wb, self._wb.campaign(chosen.period))
        files: dict[str, list[Attachment]] = {}
        for one in self._wb.store.kept("attachments", about="lead", unit=chosen.unit or None):
            files.setdefault(one.object, []).append(one)
        found: list[TableRow] = [
            {
                **(made := _row(row, may)),
                "cells": {
                    **made["cells"],  # type: ignore[dict-item]
                    "siblings": [{"title": one.title, "ids": list(one.ids)} for one in shared.get(row.lead.id, ())],
                    "files": [file_of(one) for one in present(files.get(row.lead.id, ()))],
                    "acts": _acts(row, may),
                    "reminded": reminded_text(reminded.get(row.lead.unit)) if row.state == "待核实" else "",
                },
            }
            for row in rows
        ]
        return sorted(found, key=_by_turn)

    def bulk(self, rows: Sequence[TableRow]) -> list[Mapping[str, object]]:
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

    def act_on_all(self, name: str, said: str, why: str, rows: Mapping[str, int]) -> Sequence[str]:
        """Answer or decide all the leads with one reason. Raises InputError with the faults of all, nothing saved."""
        column = {"answer": "单位核实", "decided": "检查认定"}.get(name)
        if column is None:
            raise InputError(f"不认识的操作：{name}")
        word = _disposition(said, column)
        faults = [] if word else [Fault("请选择结果", column=column)]
        faults += [] if why.strip() else [Fault("须写明理由", column=column)]
        if faults or word is None:
            raise InputError(faults)
        return [save_many(self._wb, rows, word, why, decide=name == "decided").text()]

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        if not chosen.period:
            return []
        may = Rights(self._wb, chosen.period)
        remind = {
            "name": "remind",
            "title": "催办",
            "plain": True,
            "fields": [{"key": "late", "kind": "select", "title": "范围", "options": _WHOM, "required": True}],
            "lines": ["向没有核实完的机构催办并留痕；按所选机构，未选机构的为全部。"],
        }
        excel = {"name": "excel", "title": "导出 Excel", "plain": True}
        found = [] if may.why("lead.remind", chosen.unit, chosen.domain) else [remind]
        return [*found, *([] if may.why("lead.export", chosen.unit, chosen.domain) else [excel])]

    def act(
        self, name: str, chosen: PageChoice, values: Mapping[str, str]
    ) -> Sequence[str] | Mapping[str, object] | None:
        """`remind` the units that are shown, or hand out the whole list as `excel`."""
        if name == "remind":
            campaign, units = self._wb.campaign(chosen.period), [chosen.unit] if chosen.unit else []
            return [one.text for one in remind_leads(self._wb, campaign, units, values.get("late") == "late")]
        if name == "excel":
            name, data = load(named("downloads")["leads"])(self._wb, chosen.period, chosen.unit, chosen.domain)
            return {"type": "download", "name": name, "media": _EXCEL, "buffers": [data]}
        return super().act(name, chosen, values)

    def act_on(
        self, name: str, row_id: str, seen: int, values: Mapping[str, str], file: Given
    ) -> Sequence[str] | Mapping[str, object]:
        """`restore` a pseudonym by a list of candidates, or attach a `link`."""
        if name == "restore" and file is not None:
            found = reidentify(self._wb, row_id, *file, values.get("reason", ""))
            return [f"{made} = {value}" for made, value in found] + ["请勿转抄到核实说明等处。"]
        if name == "link":
            subject = find_subject(self._wb, "lead", row_id)
            attach_link(self._wb, subject, values.get("url", ""), values.get("note", ""))
            return ()
        return super().act_on(name, row_id, seen, values, file)

    def add_file(self, row_id: str, part: str, name: str, data: bytes) -> None:
        attach_file(self._wb, find_subject(self._wb, "lead", row_id), name, data)

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


def _acts(row: LeadRow, may: Rights) -> list[Mapping[str, object]]:
    place = (row.lead.unit, row.domain)
    restores = bool(pseudonyms_in(row.lead.record)) and not may.why("lead.restore", *place)
    adds = not may.why("lead.attach", *place)
    return [*([_RESTORE] if restores else []), *([_LINK] if adds else [])]


def _by_turn(row: TableRow) -> tuple[bool, bool]:
    decided = row["cells"]["state"] == "已认定"  # type: ignore[index]
    return decided, {"answer", "decided"} <= set(row["locked"])  # type: ignore[call-overload]


def _row(row: LeadRow, may: Rights) -> TableRow:
    lead, said = row.lead, row.decision or LeadDecision(lead_id=row.lead.id)
    day = {"业务日期": lead.business_date.isoformat()} if lead.business_date else {}
    decided_at = beijing(said.at)[:16]
    return {
        "id": lead.id,
        "revision": said.revision,
        "locked": _locked(row, said, may),
        "addable": [] if may.why("lead.attach", row.lead.unit, row.domain) else ["files"],
        "tags": {"state": row.state, "late": "已逾期" if row.overdue else "未逾期"},
        "cells": {
            "unit": row.unit_name,
            "domain": row.domain_title,
            "check": row.check_title,
            "item": {"检查项": row.item_title},
            "summary": lead.summary,
            "record": {**day, **lead.record},
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

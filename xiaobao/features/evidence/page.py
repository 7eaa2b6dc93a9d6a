"""佐证与调阅 as a page: evidence with 打开 and 下载, its years; what is asked of units, from asked to accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

from xiaobao.errors import Fault, InputError
from xiaobao.feature_list import load, named
from xiaobao.features.evidence.request import DocumentRequest
from xiaobao.features.evidence.verbs import (
    add_document,
    ask_for,
    decide_request,
    documents_of,
    find_request,
    give_papers_back,
    hand_over,
    requests,
)
from xiaobao.forms.page_choice import PageChoice, Rights, choose, open_for_writing
from xiaobao.forms.table_page import Given, TablePage, TableRow
from xiaobao.labels import REQUEST_STATES, domain_title
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.evidence.attaching import attach_file, file_of, find_subject
from xiaobao.workbench.evidence.listing import EvidenceRow, evidence_rows

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DUE, _REPLACED, _UNUSED, _PRESENT = "保存期满", "已有新版本", "没有被答复引用", "现行"
_WORDS = {"key": "words", "kind": "area", "title": "说明"}
_ASK = {
    "name": "ask",
    "title": "要求调阅",
    "fields": [
        {"key": "wanted", "kind": "area", "title": "调阅什么（一行一项）", "required": True},
        {"key": "due", "kind": "date", "title": "期限"},
    ],
}
_HAND = {
    "name": "hand_over",
    "title": "提交",
    "fields": [{**_WORDS, "title": "说明（没有上传文件的，写明资料在何处、由谁交接）"}],
}
_ACCEPT = {"name": "accept", "title": "验收", "fields": []}
_REJECT = {"name": "reject", "title": "退回", "fields": [{**_WORDS, "title": "退回原因", "required": True}]}
_BACK = {"name": "give_back", "title": "归还", "fields": [{**_WORDS, "title": "交还何人", "required": True}]}
_RENEW = {
    "name": "renew",
    "title": "换新版本",
    "lines": ["新文件替换这一份，旧的一并保留。"],
    "fields": [{"key": "file", "kind": "file", "title": "新文件", "required": True}],
}


class EvidencePage(TablePage):
    """What was handed in as evidence, and what units are asked for; each file opens for whoever may see it."""

    title: ClassVar[str] = "佐证与调阅"
    empty = "本期还没有佐证材料，也没有调阅要求。"
    columns = (
        {
            "title": "机构",
            "width": "16%",
            "parts": [
                {"key": "unit", "kind": "text", "strong": True},
                {"key": "domain", "kind": "text"},
                {"key": "kind", "kind": "text"},
            ],
        },
        {
            "title": "对象 / 调阅内容",
            "width": "26%",
            "parts": [{"key": "subject", "kind": "text"}, {"key": "facts", "kind": "facts"}],
        },
        {
            "title": "文件",
            "width": "32%",
            "parts": [{"key": "files", "kind": "files", "title": "上传资料"}, {"key": "note", "kind": "text"}],
        },
        {
            "title": "状态 / 保存期限",
            "width": "26%",
            "parts": [
                {"key": "state", "kind": "text", "strong": True},
                {"key": "late", "kind": "text", "late": True},
                {"key": "kept", "kind": "facts"},
                {"key": "acts", "kind": "acts"},
            ],
        },
    )
    filters = (
        {"key": "kind", "title": "类别", "values": ["佐证材料", "调阅清单"]},
        {"key": "state", "title": "状态", "values": [*REQUEST_STATES.values(), _PRESENT, _REPLACED, _UNUSED, _DUE]},
    )

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return requests, then evidence, of what is chosen."""
        self._campaign = self._wb.campaign(chosen.period)
        may = Rights(self._wb, chosen.period)
        titles = domain_titles(self._wb, self._campaign)
        names = {one.id: one.name for one in self._wb.units(self._campaign.period).values()}
        asked = [
            one for one in requests(self._wb, self._campaign, chosen.unit or None) if chosen.domain in ("", one.domain)
        ]
        rows = [self._asked_row(one, may, names.get(one.unit, one.unit), titles) for one in asked]
        found = evidence_rows(self._wb, self._campaign, chosen.unit or None, chosen.domain or None)
        return [*rows, *(self._row(one, may) for one in found if one.about != "request")]

    def _asked_row(self, one: DocumentRequest, may: Rights, unit: str, titles: Mapping[str, str]) -> TableRow:
        place = (one.unit, one.domain)
        gives = one.waiting and not may.why("request.hand_over", *place)
        takes = not may.why("request.decide", *place)
        acts: list[Mapping[str, object]] = [_HAND] if gives else []
        acts += [_ACCEPT, _REJECT] if takes and one.state == "received" else []
        acts += [_BACK] if takes and one.state == "accepted" and not one.returned else []
        steps = {
            "要求": f"{one.asked_on} {one.asked_by}",
            "提交": f"{one.received_on} {one.received_by}" if one.received_on else "",
            "验收" if one.state == "accepted" else "退回": f"{one.decided_on} {one.decided_by}"
            if one.decided_on
            else "",
            "退回原因": one.reason if one.state == "rejected" else "",
            "归还": one.returned,
        }
        late = one.waiting and self._wb.today > one.due
        return {
            "id": f"request:{one.id}",
            "revision": one.revision,
            "locked": [],
            "addable": ["files"] if gives else [],
            "tags": {"kind": "调阅清单", "state": REQUEST_STATES[one.state]},
            "cells": {
                "unit": unit,
                "domain": domain_title(one.domain, titles.get(one.domain, "")) if one.domain else "",
                "kind": f"调阅 {one.number}",
                "subject": one.wanted,
                "facts": {name: text for name, text in steps.items() if text},
                "files": [file_of(file) for file in documents_of(self._wb, one)],
                "note": one.note,
                "state": REQUEST_STATES[one.state],
                "late": f"已逾期（期限 {one.due}）" if late else "",
                "kept": {} if late else {"期限": one.due.isoformat()},
                "acts": acts,
            },
        }

    def _row(self, one: EvidenceRow, may: Rights) -> TableRow:
        due = one.kept.due(self._wb.today)
        state = _DUE if due else _REPLACED if one.replaced else _PRESENT if one.used else _UNUSED
        verb = {"lead": "lead.attach", "action": "action.attach"}.get(one.about, "evidence.add")
        attached = not one.id.startswith("file:") and not one.url and not one.replaced
        renews = attached and not may.why(verb, one.unit, one.domain)
        kept = {"保存至": one.kept.until.isoformat()} if one.kept.until else {}
        return {
            "id": one.id,
            "revision": 0,
            "locked": [],
            "tags": {"kind": "佐证材料", "state": state},
            "cells": {
                "unit": one.unit_name,
                "domain": one.domain_title,
                "kind": "佐证材料",
                "subject": one.subject,
                "facts": {"上传": f"{one.day.isoformat()} {one.by}"},
                "files": [one.file()],
                "note": one.note,
                "state": state,
                "late": "到期由有权部门决定是否销毁，系统不自动删除" if due else "",
                "kept": {**kept, "依据": one.kept.rule},
                "acts": [_RENEW] if renews else [],
            },
        }

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        if not chosen.period:
            return []
        may = Rights(self._wb, chosen.period)
        asks = bool(chosen.unit) and not may.why("request.ask", chosen.unit, chosen.domain)
        return [*([_ASK] if asks else []), {"name": "excel", "title": "导出 Excel", "plain": True}]

    def act(
        self, name: str, chosen: PageChoice, values: Mapping[str, str]
    ) -> Sequence[str] | Mapping[str, object] | None:
        """`ask` the chosen unit for documents, or hand out both lists as `excel`."""
        if name == "ask":
            day = _day(values.get("due", ""))
            lines = values.get("wanted", "").splitlines()
            made = ask_for(self._wb, self._wb.campaign(chosen.period), chosen.unit, lines, day, chosen.domain)
            return [f"已要求 {len(made)} 项，期限 {made[0].due}"]
        if name == "excel":
            book, data = load(named("downloads")["evidence"])(self._wb, chosen.period, chosen.unit, chosen.domain)
            return {"type": "download", "name": book, "media": _EXCEL, "buffers": [data]}
        return super().act(name, chosen, values)

    def act_on(
        self, name: str, row_id: str, seen: int, values: Mapping[str, str], file: Given
    ) -> Sequence[str] | Mapping[str, object]:
        """Hand over, accept, reject or give back a request; put a later version beside an attached file."""
        words = values.get("words", "")
        if name == "renew" and file is not None:
            about, _, rest = row_id.partition(":")
            subject = find_subject(self._wb, about, rest.rpartition(":")[0])
            attach_file(self._wb, subject, *file, replaces=row_id)
            return ()
        one = self._request(row_id)
        if name == "hand_over":
            hand_over(self._wb, self._campaign, one, words)
        elif name in ("accept", "reject"):
            decide_request(self._wb, self._campaign, one, accepted=name == "accept", reason=words)
        elif name == "give_back":
            give_papers_back(self._wb, self._campaign, one, words)
        else:
            return super().act_on(name, row_id, seen, values, file)
        return ()

    def add_file(self, row_id: str, part: str, name: str, data: bytes) -> None:
        add_document(self._wb, self._campaign, self._request(row_id), name, data)

    def _request(self, row_id: str) -> DocumentRequest:
        return find_request(self._wb, self._campaign, row_id.removeprefix("request:"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(Fault("日期写法不对", column="期限", value=text, allowed="2026-08-31")) from None


def evidence(unit: str = "", period: str = "", domain: str = "", workspace: str = "", as_of: str = "") -> EvidencePage:
    """打开佐证材料和调阅清单；网页地址里的 ?unit=&period=&domain= 优先于参数。"""
    return EvidencePage(open_for_writing(workspace, as_of), choose(unit, period, domain))

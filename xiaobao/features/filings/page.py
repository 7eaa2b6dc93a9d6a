"""报送 as a page: what a unit has still to file and filed, by whom it was accepted or sent back and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from xiaobao.errors import Fault, InputError
from xiaobao.features.filings.filing import Filing
from xiaobao.features.filings.verbs import (
    FilingRow,
    accept_filing,
    file_stated,
    filed_document,
    filing_rows,
    return_filing,
    who_filed,
)
from xiaobao.forms.page_choice import Choices, PageChoice, choose, open_for_writing
from xiaobao.forms.table_page import Given, TablePage, TableRow
from xiaobao.labels import FILING_STATES
from xiaobao.numbers import show
from xiaobao.workbench.permitting import is_actor, known_units

ALL = "全部期间"
_NUMBER = "number "  # what the key of a figure's box begins with
_ACCEPT = {"name": "accept", "title": "确认", "fields": []}
_RETURN = {
    "name": "return",
    "title": "退回",
    "fields": [{"key": "words", "kind": "area", "title": "退回原因", "required": True}],
}
_OPEN = {"name": "open", "title": "下载文件", "fields": []}
_MEDIA = "application/octet-stream"


class FilingsPage(TablePage):
    """Filings of the units that whoever looks may see: the unit files, head office accepts or sends back."""

    title: ClassVar[str] = "报送"
    verb = "filing.see"
    empty = "没有报送。总行下发以后列在这里。"
    columns = (
        {
            "title": "报送事项",
            "width": "28%",
            "parts": [{"key": "title", "kind": "text", "strong": True}, {"key": "unit", "kind": "text"}],
        },
        {
            "title": "期限 / 状态",
            "width": "24%",
            "parts": [
                {"key": "state", "kind": "text", "strong": True},
                {"key": "late", "kind": "text", "late": True},
                {"key": "due", "kind": "facts"},
            ],
        },
        {
            "title": "报送内容",
            "width": "32%",
            "parts": [{"key": "figures", "kind": "facts"}, {"key": "note", "kind": "text"}],
        },
        {"title": "办理", "width": "16%", "parts": [{"key": "acts", "kind": "acts"}]},
    )
    filters = ({"key": "state", "title": "状态", "values": list(FILING_STATES.values())},)

    def choices(self, asked: PageChoice) -> Choices:
        """Offer periods of filings, and the units whose filings may be seen; no campaign is needed."""
        seen = self._wb.sight("filing.see")
        known = {one.id: one.name for one in known_units(self._wb).values() if seen.shows(one.id)}
        found = [row.filing.period for row in filing_rows(self._wb) if seen.shows(row.filing.unit)]
        periods = [ALL, *sorted(set(found), reverse=True)]
        wrong = [f"机构不存在：{asked.unit}"] if asked.unit and asked.unit not in known else []
        unit = asked.unit if asked.unit in known else next(iter(known)) if len(known) == 1 else ""
        return Choices(
            units=(("", "全部机构"), *((id, f"{name}（{id}）") for id, name in known.items())),
            periods=tuple((one, one) for one in periods),
            domains=(),
            chosen=PageChoice(unit=unit, period=asked.period if asked.period in periods else ALL),
            fault=seen.reason or "；".join(wrong),
        )

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return the filings, those that wait first, by their last day."""
        seen = self._wb.sight("filing.see")
        rows = [
            row
            for row in filing_rows(self._wb)
            if seen.shows(row.filing.unit)
            and chosen.unit in ("", row.filing.unit)
            and chosen.period in (ALL, row.filing.period)
        ]
        self._filers = who_filed(self._wb, [row.filing for row in rows if row.filing.state == "filed"])
        return [self._row(row) for row in sorted(rows, key=lambda row: not row.filing.waiting)]

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Refuse: nothing is typed into a row. Raises InputError."""
        raise InputError("这里的内容不能直接修改")

    def act_on(
        self, name: str, row_id: str, seen: int, values: Mapping[str, str], file: Given
    ) -> Sequence[str] | Mapping[str, object]:
        """`file` numbers and a document, `accept` or `return` them, `open` the document; each as the row was seen."""
        one = self._found(row_id)
        if name == "open":
            called, data = filed_document(self._wb, one)
            return {"type": "download", "name": called, "media": _MEDIA, "buffers": [data]}
        if one.revision != seen:
            raise InputError("这项报送已被他人更新，请刷新本页后再办理")
        if name == "file":
            file_stated(self._wb, one, file, _stated(one, values), values.get("note", ""))
        elif name == "accept":
            accept_filing(self._wb, one.kind, one.period, one.unit)
        elif name == "return":
            return_filing(self._wb, one.kind, one.period, one.unit, values.get("words", ""))
        else:
            return super().act_on(name, row_id, seen, values, file)
        return ()

    def _found(self, row_id: str) -> Filing:
        seen = self._wb.sight("filing.see")
        for row in filing_rows(self._wb):
            if "|".join(row.filing.key) == row_id and seen.shows(row.filing.unit):
                return row.filing
        raise InputError(Fault("没有这项报送", value=row_id))

    def _row(self, row: FilingRow) -> TableRow:
        one = row.filing
        filed = {"填报": f"{one.filed_on} {'、'.join(one.filers)}"} if one.filed_on else {}
        decided = {FILING_STATES[one.state]: one.decided_by} if one.decided_by else {}
        back = {"退回原因": one.reason} if one.reason else {}
        asked = {"催报": "、".join(day.isoformat() for day in one.reminders)} if one.reminders else {}
        figures = {name: show(one.figures[name]) if name in one.figures else "—" for name in one.wanted}
        return {
            "id": "|".join(one.key),
            "revision": one.revision,
            "locked": [],
            "tags": {"state": FILING_STATES[one.state]},
            "cells": {
                "title": f"{one.title}（{one.period}）",
                "unit": f"{row.unit_name}（{one.unit}）",
                "state": FILING_STATES[one.state],
                "late": f"逾期 {row.late} 天" if row.late else "",
                "due": {"期限": one.due.isoformat(), **asked, **filed, **decided, **back},
                "figures": {**figures, **({"文件": one.document.name} if one.document else {})},
                "note": one.note,
                "acts": self._acts(one),
            },
        }

    def _acts(self, one: Filing) -> list[Mapping[str, object]]:
        acts: list[Mapping[str, object]] = []
        if one.state != "accepted" and not self._wb.may("filing.file", one.unit):
            acts.append(_file(one))
        if one.state == "filed" and not is_actor(self._wb, *self._filers[one.key]):
            acts += [] if self._wb.may("filing.accept", one.unit) else [_ACCEPT]
            acts += [] if self._wb.may("filing.return", one.unit) else [_RETURN]
        return [*acts, _OPEN] if one.document else acts


def _file(one: Filing) -> Mapping[str, object]:
    """Return the act of filing: a box for each figure that is asked, a file, a note."""
    title = "报送" if one.state == "issued" else "重新报送"
    boxes = [
        {
            "key": f"{_NUMBER}{name}",
            "kind": "line",
            "title": f"{name}（没有发生的填 0）",
            "required": True,
            "value": f"{one.figures[name]:f}" if name in one.figures else "",
        }
        for name in one.wanted
    ]
    file = {
        "key": "file",
        "kind": "file",
        "title": "报告文件（PDF、Word、Excel 等）",
        "required": not one.wanted and one.document is None,
    }
    return {"name": "file", "title": title, "fields": [*boxes, file, {"key": "note", "kind": "area", "title": "说明"}]}


def _stated(one: Filing, values: Mapping[str, str]) -> dict[str, Decimal]:
    """Read the figures of the boxes, thousands separators and full width allowed. Raises InputError with all faults."""
    stated, faults = {}, []
    for name in one.wanted:
        text = values.get(f"{_NUMBER}{name}", "").strip()
        try:
            number = Decimal(text.replace(",", "").replace("，", ""))
        except InvalidOperation:
            faults.append(Fault("没有填数值；没有发生的填 0" if not text else "不是数", column=name, value=text))
            continue
        if number.is_finite():
            stated[name] = number
        else:
            faults.append(Fault("不是数", column=name, value=text))
    if faults:
        raise InputError(faults)
    return stated


def filings_page(unit: str = "", period: str = "", workspace: str = "", as_of: str = "") -> FilingsPage:
    """打开报送：机构填报，总行确认或退回；网页地址里的 ?unit=&period= 优先于参数。"""
    return FilingsPage(open_for_writing(workspace, as_of), choose(unit, period, ""))

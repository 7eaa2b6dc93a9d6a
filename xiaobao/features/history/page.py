"""操作留痕 as a page: choose unit, period and domain, filter by act; nothing here can be changed."""

from __future__ import annotations

from typing import ClassVar

from xiaobao.features.history.history_lines import HistoryEntry, history_entries
from xiaobao.features.history.wording import beijing_moment
from xiaobao.forms.page_choice import PageChoice, choose, open_for_reading
from xiaobao.forms.table_page import TablePage, TableRow

_MOST = 2000


class HistoryPage(TablePage):
    """Who did what when, from what to what, and why; the newest first."""

    title: ClassVar[str] = "操作留痕"
    empty = "没有操作记录。"
    verb = "history.see"
    reading = True
    columns = (
        {
            "title": "时间 / 何人",
            "width": "18%",
            "parts": [{"key": "at", "kind": "text"}, {"key": "who", "kind": "text", "strong": True}],
        },
        {
            "title": "对象",
            "width": "26%",
            "parts": [{"key": "where", "kind": "text"}, {"key": "place", "kind": "text", "strong": True}],
        },
        {"title": "动作", "width": "8%", "parts": [{"key": "act", "kind": "text"}]},
        {"title": "原来 → 改为", "width": "28%", "parts": [{"key": "changes", "kind": "facts"}]},
        {"title": "原因", "width": "20%", "parts": [{"key": "reason", "kind": "text"}]},
    )

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return the newest acts on the chosen sheets; the filter offers the acts that occur."""
        campaign = self._wb.campaign(chosen.period)
        found = history_entries(self._wb, campaign, unit=chosen.unit or None, domain=chosen.domain or None, limit=_MOST)
        acts = sorted({one.act for one in found})
        self.filters = ({"key": "act", "title": "动作", "values": acts},)
        return [_row(one) for one in found]


def history(unit: str = "", period: str = "", domain: str = "", workspace: str = "") -> HistoryPage:
    """打开操作留痕：何人何时把什么改成什么；网页地址里的 ?unit=&period=&domain= 优先于参数。"""
    return HistoryPage(open_for_reading(workspace), choose(unit, period, domain))


def _row(one: HistoryEntry) -> TableRow:
    changes = {change.field: change.words() for change in one.changes}
    return {
        "id": str(one.seq),
        "revision": 0,
        "locked": [],
        "tags": {"act": one.act},
        "cells": {
            "at": beijing_moment(one.at),
            "who": one.person(),
            "where": f"{one.unit} {one.domain}".strip(),
            "place": one.place,
            "act": one.act,
            "changes": changes,
            "reason": one.reason,
        },
    }

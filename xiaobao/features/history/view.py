"""The history as a page section."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from xiaobao.features.history.entries import HistoryEntry
from xiaobao.pages.views.view import View, cells, columns, table_or, view

_BEIJING = timezone(timedelta(hours=8))
_SHOWN = 200


def moment(at: datetime) -> str:
    """Return a stored time in Beijing time, to the second."""
    return at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def person(one: HistoryEntry) -> str:
    """Return who acted, in which role, and whether nobody vouched for the name."""
    role = f"（{one.role}）" if one.role else ""
    return f"{one.who}{role}" + ("" if one.verified else "（未认证）")


def history(entries: Sequence[HistoryEntry]) -> View:
    """Who did what when, from what to what, and why; of many only the newest are listed, and it says so."""
    rows = [
        cells(moment(one.at), person(one), " ".join(filter(None, (one.unit, one.domain))), one.place, one.act)
        + cells(one.changed(), one.reason)
        for one in entries[:_SHOWN]
    ]
    left = len(entries) - len(rows)
    note = f"共 {len(entries)} 条" + (
        f"，此处列出最近 {len(rows)} 条；全部请用命令 xiaobao history 导出" if left else ""
    )
    heads = columns("时间:short", "何人:short", "检查表", "对象", "动作:short", "原来 → 改为", "原因")
    return view(table_or("没有操作记录。", heads, rows, note))

"""今日待办 as a page section: counts of what is due and overdue, then the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xiaobao.labels import DUE_KINDS
from xiaobao.numbers import show
from xiaobao.pages.views.view_model import Block, Cell, Facts, Text, View, cells, columns, table_or, view

if TYPE_CHECKING:
    from xiaobao.features.today.due import Today

_SHOWN = 200


def today(found: Today) -> View:
    """What is due today and overdue, most overdue first; of many only the first are listed, and it says so."""
    counts = [
        (f"{DUE_KINDS[kind]}（到期/逾期）", Cell(text=f"{show(due)} / {show(late)}", tone="bad" if late else ""))
        for kind, (due, late) in found.counts.items()
    ]
    rows = [
        cells(
            DUE_KINDS[item.kind],
            f"{item.unit_name}（{item.unit}）" if item.unit else "总行",
            item.number,
            item.title,
            item.due.isoformat(),
            Cell(text=show(item.late), tone="bad") if item.late else "—",
        )
        for item in found.items[:_SHOWN]
    ]
    left = len(found.items) - len(rows)
    note = f"{found.day} 共 {len(found.items)} 项" + (f"，此处列出逾期最久的 {len(rows)} 项" if left else "")
    heads = columns("事项:short", "机构", "编号:short", "内容", "期限:short", "逾期天数:num")
    blocks: list[Block] = [
        Facts(pairs=tuple(counts)),
        table_or(f"{found.day} 没有到期或逾期的事项。", heads, rows, note),
    ]
    if found.resolved:
        r = found.resolved
        blocks.append(
            Text(
                words=f"{r.period} 投诉台账：首诉处理结案率 {show(r.settled_rate)}%（{r.settled}/{r.first_decided}），"
                f"回访满意度 {show(r.satisfied_rate)}%（{r.satisfied}/{r.asked}）。"
            )
        )
    return view(*blocks, *(Text(words=one, tone="muted") for one in found.notes))

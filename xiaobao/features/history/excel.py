"""The history as an Excel table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from xiaobao.features.history.history_lines import HistoryEntry
from xiaobao.features.history.wording import beijing_moment
from xiaobao.files import replacing
from xiaobao.workbook.book import Book, SheetColumn

_COLUMNS = (
    SheetColumn(title="序号", width=8),
    SheetColumn(title="时间", width=18),
    SheetColumn(title="何人", width=22),
    SheetColumn(title="机构", width=12),
    SheetColumn(title="检查域", width=16),
    SheetColumn(title="对象", width=34),
    SheetColumn(title="动作", width=12),
    SheetColumn(title="原来", width=40),
    SheetColumn(title="改为", width=40),
    SheetColumn(title="原因", width=40),
)


def write_history(entries: Sequence[HistoryEntry], path: Path, title: str, author: str, day: date) -> None:
    """Write one row an act, newest first. Raises WorkspaceError where the file cannot be written."""
    with replacing(path) as target, Book(target, title, author, day) as book:
        book.table(
            "操作留痕", _COLUMNS, (_row(one) for one in entries), above=(title, f"共 {len(entries)} 条，新的在前")
        )


def _row(one: HistoryEntry) -> tuple[str | int, ...]:
    old = "\n".join(f"{c.field}：{c.old or '（空）'}" for c in one.changes)
    new = "\n".join(f"{c.field}：{c.new or '（空）'}" for c in one.changes)
    return (
        one.seq,
        beijing_moment(one.at),
        one.person(),
        one.unit,
        one.domain,
        one.place,
        one.act,
        old,
        new,
        one.reason,
    )

"""`xiaobao today`: what is due, what is overdue; `xiaobao supervise`: a 督办单 of one unit's overdue matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao import labels
from xiaobao.errors import InputError
from xiaobao.features.filings.commands import day_of
from xiaobao.features.today.due import due_today, resolved
from xiaobao.features.today.issuing import publish_supervision
from xiaobao.model import to_plain
from xiaobao.numbers import show as shown
from xiaobao.terminal.output import JsonOption, bench, out, print_table, say

if TYPE_CHECKING:
    from xiaobao.features.today.due import DueItem, Today, UnitDue

DateOption = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="日期，默认今天")]
_UNITS, _NAME = 6, 20


def today(
    day: DateOption = None,
    unit: Annotated[str | None, typer.Option("--unit", help="只看一个机构")] = None,
    ahead: Annotated[int, typer.Option("--ahead", min=0, max=366, help="也列出此后若干天内到期的")] = 0,
    every: Annotated[bool, typer.Option("--all", help="逐项列出全部，默认只列件数和逾期最久的五项")] = False,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    found = due_today(wb, day_of(day), unit, ahead)
    if unit is None:
        try:
            found = replace(found, resolved=resolved(wb))
        except InputError as error:
            found = replace(found, notes=(*found.notes, str(error)))
    counts = {kind: {"due_today": due, "overdue": late} for kind, (due, late) in found.counts.items()}
    out({**to_plain(found), "counts": counts}, as_json, lambda: _show(found, every))


def _show(found: Today, every: bool) -> None:
    say(found.line())
    if found.items:
        if every:
            _list(f"待办 {len(found.items)} 项", found.items)
        else:
            _count(found)
    if found.resolved:
        r = found.resolved
        say(
            f"{r.period} 投诉台账：首诉处理结案率 {shown(r.settled_rate)}%（{r.settled}/{r.first_decided}），"
            f"回访满意度 {shown(r.satisfied_rate)}%（{r.satisfied}/{r.asked}）"
        )
    for note in found.notes:
        say(f"提示：{note}")


def _list(title: str, items: Sequence[DueItem], longest: int = 0) -> None:
    rows = [
        (
            labels.DUE_KINDS[i.kind],
            f"{i.unit} {_short(i.unit_name, longest)}".strip(),
            i.number,
            _short(i.title, longest),
            i.due,
            i.late or "",
            *(() if longest else (i.note,)),
        )
        for i in items
    ]
    heads = ("事项", "机构", "编号", "内容", "期限", "逾期天数", *(() if longest else ("备注",)))
    print_table(title, heads, rows, right=("逾期天数",))


def _short(text: str, longest: int) -> str:
    """Keep a line one line."""
    words = " ".join(text.split())
    return words if not longest or len(words) <= longest else f"{words[: longest - 1]}…"


def _count(found: Today) -> None:
    """Fit a screen: units by kind, the most overdue first, then the five worst; the rest is there on asking."""
    units = found.units
    kinds = [kind for kind in labels.DUE_KINDS if any(kind in one.counts for one in units)]
    named, others = units[:_UNITS], units[_UNITS:]
    rows = [(f"{one.unit} {_short(one.unit_name, _NAME)}".strip(), *_counts([one], kinds)) for one in named]
    if others:
        rows.append((f"其余 {len(others)} 家", *_counts(others, kinds)))
    heads = ("机构", *(labels.DUE_KINDS[kind] for kind in kinds), "合计")
    title = f"待办 {len(found.items)} 项，{len(units)} 家机构（件数 / 其中逾期）"
    print_table(title, heads, rows, right=heads[1:])
    if found.worst:
        _list(f"逾期最久的 {len(found.worst)} 项", found.worst, _NAME)
    if len(found.items) > len(found.worst):
        say("逐项列出全部：xiaobao today --all；一个机构的：--unit 机构号")


def _counts(units: Sequence[UnitDue], kinds: Sequence[str]) -> tuple[str, ...]:
    """Return “count / overdue” of each kind and of all."""
    pairs = [(sum(one.counts.get(k, 0) for one in units), sum(one.late.get(k, 0) for one in units)) for k in kinds]
    pairs.append((sum(one.total for one in units), sum(one.overdue for one in units)))
    return tuple(f"{count} / {late}" if count else "" for count, late in pairs)


def supervise(
    unit: Annotated[str, typer.Option("--unit", help="机构号")],
    day: DateOption = None,
    answer_by: Annotated[
        datetime | None, typer.Option("--answer-by", formats=["%Y-%m-%d"], help="反馈期限，默认五天后")
    ] = None,
    number: Annotated[str, typer.Option("--number", help="文号")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="输出文件")] = None,
) -> None:
    path = publish_supervision(bench(), unit, day_of(day), day_of(answer_by), number, output)
    say(f"已生成 {path}")

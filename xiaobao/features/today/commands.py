"""`xiaobao today`: what is due, what is overdue; `xiaobao supervise`: a 督办单 of one unit's overdue matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao import labels
from xiaobao.errors import InputError
from xiaobao.features.filings.commands import day_of
from xiaobao.features.today.due import due_today, resolved
from xiaobao.features.today.publishing import publish_supervision
from xiaobao.model import to_plain
from xiaobao.numbers import show as shown
from xiaobao.terminal.output import JsonOption, bench, out, say, table

if TYPE_CHECKING:
    from xiaobao.features.today.due import Today

DateOption = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="日期，默认今天")]


def today(
    day: DateOption = None,
    unit: Annotated[str | None, typer.Option("--unit", help="只看一个机构")] = None,
    ahead: Annotated[int, typer.Option("--ahead", min=0, max=366, help="也列出此后若干天内到期的")] = 0,
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
    out({**to_plain(found), "counts": counts}, as_json, lambda: _show(found))


def _show(found: Today) -> None:
    rows = [
        (labels.DUE_KINDS[i.kind], f"{i.unit} {i.unit_name}".strip(), i.number, i.title, i.due, i.late or "", i.note)
        for i in found.items
    ]
    say(found.line())
    if rows:
        heads = ("事项", "机构", "编号", "内容", "期限", "逾期天数", "备注")
        table(f"待办 {len(rows)} 项", heads, rows, right=("逾期天数",))
    if found.resolved:
        r = found.resolved
        say(
            f"{r.period} 投诉台账：首诉处理结案率 {shown(r.settled_rate)}%（{r.settled}/{r.first_decided}），"
            f"回访满意度 {shown(r.satisfied_rate)}%（{r.satisfied}/{r.asked}）"
        )
    for note in found.notes:
        say(f"提示：{note}")


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

"""`xiaobao history`: who changed what, when, from what to what, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao.errors import Fault, InputError, UsageError
from xiaobao.features.history.excel import write_history
from xiaobao.features.history.history_lines import HistoryEntry, history_entries, workspace_entries
from xiaobao.features.history.wording import OBJECTS, beijing_moment, object_title
from xiaobao.model import to_plain
from xiaobao.store.tables import KEPT
from xiaobao.terminal.output import CampaignOption, JsonOption, bench, out, print_table, say

_SHOWN = 50


def history(
    period: Annotated[str, typer.Option("--period", help="检查期间，如 2026H1；不写则看全行事项（须用 --of）")] = "",
    unit: Annotated[str | None, typer.Option("--unit", help="机构号；不写则看整个批次")] = None,
    domain: Annotated[str | None, typer.Option("--domain", help="检查域")] = None,
    subject: Annotated[str, typer.Option("--item", help="检查项、疑点或整改措施的编号")] = "",
    of: Annotated[str, typer.Option("--of", help="全行事项的种类，如 people、import、checklist、filing")] = "",
    machine: Annotated[bool, typer.Option("--machine", help="也列出程序自己的记录（底稿、结果、得分表）")] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="最多列出多少条，新的在前；0 为全部")] = _SHOWN,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写成 Excel（.xlsx），全部条目")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    if bool(period) == bool(of):
        raise UsageError("请用 --period 看一个检查批次，或用 --of 看全行事项，二者择一")
    wb = bench(read_only=True)
    if of:
        known = sorted({*OBJECTS, *(one.prefix for one in KEPT.values())})
        if of not in known:
            raise UsageError(Fault("没有这种事项", value=of, allowed="、".join(known)))
        found, title = workspace_entries(wb, of), object_title(of)
    else:
        chosen = wb.campaign(period, campaign)
        if unit and unit not in wb.units(chosen.period):
            raise InputError(Fault("没有这个机构", value=unit))
        found = history_entries(wb, chosen, unit=unit, domain=domain, subject=subject, machine=machine)
        title = " ".join(filter(None, (chosen.name, unit, domain, subject)))
    if output:
        if output.suffix.lower() != ".xlsx":
            raise UsageError(Fault("输出文件须是 Excel", value=str(output), allowed=".xlsx"))
        write_history(found, output, f"操作留痕　{title}", wb.settings.bank, wb.today)
        say(f"已写出 {len(found)} 条：{output}")
        return
    shown = found[:limit] if limit else found
    rows = [_row(one) for one in shown]
    left = f"，此处为最近 {len(shown)} 条" if len(shown) < len(found) else ""
    heads = ("时间", "何人", "检查表", "对象", "动作", "原来 → 改为", "原因")
    plain = [{**to_plain(one), "changes": [change._asdict() for change in one.changes]} for one in shown]
    out(plain, as_json, lambda: print_table(f"{title}：操作 {len(found)} 条{left}", heads, rows))


def _row(one: HistoryEntry) -> tuple[str, ...]:
    changes = "\n".join(shorten(change.text()) for change in one.changes)
    where = f"{one.unit} {one.domain}".strip()
    return beijing_moment(one.at), one.person(), where, shorten(one.place), one.act, changes, shorten(one.reason)


def shorten(text: str, most: int = 60) -> str:
    """Cut what would drown a screen; Excel and `--json` hold every word."""
    return text if len(text) <= most else text[: most - 1] + "…"

"""`xiaobao veto` and `xiaobao bonus`: what people enter that vetoes a total, adds to it or takes from it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from xiaobao.errors import Fault, UsageError
from xiaobao.model import PoolEntry, VetoEvent, to_plain
from xiaobao.numbers import plain
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.inspections.bonuses import record_entry, unit_entries, withdraw_entry
from xiaobao.workbench.inspections.vetoes import record_veto, withdraw_veto
from xiaobao.workbench.seeing import only_seen

vetoes = ChineseTyper()
bonuses = ChineseTyper()
UnitOption = Annotated[str, typer.Option("--unit", help="机构号")]


@vetoes.command("add", help="登记触发一票否决的事件，须有日期、经过和佐证材料。")
def add_veto(
    period: PeriodOption,
    unit: UnitOption,
    veto: Annotated[str, typer.Option("--veto", help="一票否决编号")],
    day: Annotated[str, typer.Option("--day", help="事件日期，如 2026-03-01")],
    event: Annotated[str, typer.Option("--event", help="事件经过")],
    evidence: Annotated[list[str], typer.Option("--evidence", help="佐证材料名称，可写多次")],
    campaign: CampaignOption = None,
) -> None:
    happened = _day(day)
    wb = bench()
    made = record_veto(
        wb,
        wb.campaign(period, campaign),
        unit,
        VetoEvent(veto_id=veto, day=happened, description=event.strip(), evidence=tuple(evidence)),
    )
    say(f"已登记：{made.event}（{unit}）；重新运行后生效")


@vetoes.command("withdraw", help="撤销一票否决，须写明原因；原记录保留在操作留痕中。")
def withdraw(
    period: PeriodOption,
    unit: UnitOption,
    veto: Annotated[str, typer.Option("--veto", help="一票否决编号")],
    reason: Annotated[str, typer.Option("--reason", help="撤销原因")],
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    withdraw_veto(wb, wb.campaign(period, campaign), unit, veto, reason)
    say(f"已撤销 {unit} 的 {veto}")


@vetoes.command("list", help="列出在生效的一票否决事件。")
def list_vetoes(period: PeriodOption, campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    chosen = wb.campaign(period, campaign)
    every = wb.store.campaign_vetoes(chosen.id)
    found = {key: every[key] for key in only_seen(wb, "result.see", chosen, every, lambda key: key)}
    events = [(unit, event) for (unit, _), known in sorted(found.items()) for event in known]
    rows = [(unit, e.veto_id, e.day, e.description, "、".join(e.evidence)) for unit, e in events]
    heads = ("机构", "编号", "日期", "经过", "佐证材料")
    out(
        [{"unit": unit, **to_plain(event)} for unit, event in events],
        as_json,
        lambda: print_table(f"一票否决 {len(rows)} 件", heads, rows),
    )


@bonuses.command("add", help="登记一条加分或减分，须有日期、事由和佐证材料；重新运行后生效。")
def add_bonus(
    period: PeriodOption,
    unit: UnitOption,
    pool: Annotated[str, typer.Option("--pool", help="评分方案里加减分项的编号")],
    points: Annotated[str, typer.Option("--points", help="分数，加分写 2，减分写 -2")],
    what: Annotated[str, typer.Option("--reason", help="事由")],
    day: Annotated[str, typer.Option("--day", help="事由发生的日期，如 2026-03-01")],
    evidence: Annotated[list[str], typer.Option("--evidence", help="佐证材料名称，可写多次")],
    fact: Annotated[str, typer.Option("--fact", help="所属事实的名称；同一事实在一个加减分项中只计一次，取最严")] = "",
    campaign: CampaignOption = None,
) -> None:
    try:
        worth = Decimal(points)
    except InvalidOperation:
        raise UsageError(Fault("分数写法不对", value=points, allowed="如 2 或 -1.5")) from None
    happened = _day(day)
    wb = bench()
    chosen = wb.campaign(period, campaign)
    entry = PoolEntry(
        pool=pool, points=worth, what=what.strip(), day=happened, evidence=tuple(evidence), fact=fact.strip()
    )
    made = record_entry(wb, chosen, unit, entry)
    say(f"已登记 {unit} 第 {made.number} 条加减分：{plain(worth)} 分；重新运行后生效")


@bonuses.command("withdraw", help="撤销一条加减分，须写明原因；原记录保留在操作留痕中。")
def withdraw_bonus(
    period: PeriodOption,
    unit: UnitOption,
    number: Annotated[str, typer.Option("--number", help="第几条，见 bonus list")],
    reason: Annotated[str, typer.Option("--reason", help="撤销原因")],
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    withdraw_entry(wb, wb.campaign(period, campaign), unit, number, reason)
    say(f"已撤销 {unit} 第 {number} 条加减分；重新运行后生效")


@bonuses.command("list", help="列出各机构的加减分，含已撤销的。")
def list_bonuses(period: PeriodOption, campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    chosen = wb.campaign(period, campaign)
    found = only_seen(wb, "result.see", chosen, unit_entries(wb, chosen), lambda one: (one.unit, ""))
    rows = [
        (
            *(one.unit, one.number, one.entry.pool, plain(one.entry.points), one.entry.day, one.entry.what),
            "、".join(one.entry.evidence),
            f"已撤销：{one.withdrawn}" if one.withdrawn else "",
        )
        for one in found
    ]
    heads = ("机构", "序号", "加减分项", "分数", "日期", "事由", "佐证材料", "状态")
    out([to_plain(one) for one in found], as_json, lambda: print_table(f"加减分 {len(rows)} 条", heads, rows))


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UsageError(Fault("日期写法不对", value=written, allowed="如 2026-03-01")) from None

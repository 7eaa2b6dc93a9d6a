"""`xiaobao veto`: record what vetoes a score."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from xiaobao.errors import Fault, UsageError
from xiaobao.model import VetoEvent, to_plain
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, say, table
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.inspections.vetoes import record_veto, withdraw_veto
from xiaobao.workbench.seeing import only_seen

vetoes = ChineseTyper()
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
    try:
        happened = date.fromisoformat(day)
    except ValueError:
        raise UsageError(Fault("日期写法不对", value=day, allowed="如 2026-03-01")) from None
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
        lambda: table(f"一票否决 {len(rows)} 件", heads, rows),
    )

"""`xiaobao sheet`: a unit's checklists to Excel, filled offline, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao.publishing import publish_fill_sheets
from xiaobao.terminal.output import CampaignOption, PeriodOption, bench, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.inspections.offline import apply_offline
from xiaobao.workbook import read_fill_sheets

app = ChineseTyper()


@app.command("export", help="导出一个机构的检查表（Excel），一个检查域一张工作表，已有的答复带出。")
def export(
    period: PeriodOption,
    unit: Annotated[str, typer.Option("--unit", help="机构号")],
    output: Annotated[Path, typer.Option("-o", "--output", help="输出文件")],
    domain: Annotated[
        list[str] | None, typer.Option("--domain", help="检查域代码，可多次给出；不写为全部未提交的")
    ] = None,
    campaign: CampaignOption = None,
) -> None:
    asked = publish_fill_sheets(bench(), unit, period, output, domain or (), campaign)
    say(f"已导出 {asked} 项到 {output}")


@app.command("import", help="导入填好的检查表：全部正确才入库，有错逐格列出。")
def import_sheet(file: Annotated[Path, typer.Argument(help="填好的 Excel")]) -> None:
    say(apply_offline(bench(), read_fill_sheets(file)).text())

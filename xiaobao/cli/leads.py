"""`xiaobao leads`, `findings`, `actions`: lists there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao import labels
from xiaobao.model import to_plain
from xiaobao.publishing import publish_leads
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, say, table
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.actions import actions_table, propose_actions
from xiaobao.workbench.inspections.offline import cleaned_words
from xiaobao.workbench.leads import apply_lead_rows, leads_table
from xiaobao.workbench.results.reading import findings as read_findings
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.unlooked import unlooked_rows
from xiaobao.workbook import read_leads

app = ChineseTyper()
findings = ChineseTyper()
actions = ChineseTyper()
UnitOption = Annotated[str | None, typer.Option("--unit", help="机构号")]


@app.command("raise", help="运行全部数据检查并下发疑点（不生成底稿）。")
def raise_all(period: PeriodOption, campaign: CampaignOption = None) -> None:
    wb = bench()
    chosen = wb.campaign(period, campaign)
    counts = raise_leads(wb, chosen)
    say(f"新增疑点 {counts.new} 条，保留 {counts.kept} 条，撤销 {counts.withdrawn} 条")
    for left in unlooked_rows(wb, chosen):
        say(f"未判：{left.unit} {left.name} 的{left.dataset} {left.rows} 行，{left.reason}")


@app.command("list", help="列出疑点。")
def list_leads(
    period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None, as_json: JsonOption = False
) -> None:
    found = leads_table(bench(read_only=True), period, unit, campaign=campaign)
    plain = [{"lead": to_plain(r.lead), "decision": to_plain(r.decision) if r.decision else None} for r in found]
    rows = [
        (
            r.lead.id,
            f"{r.lead.unit} {r.unit_name}",
            r.check_title,
            r.lead.summary,
            labels.label(r.decision.decided) if r.decision and r.decision.decided else "待核实",
        )
        for r in found
    ]
    out(plain, as_json, lambda: table(f"疑点 {len(rows)} 条", ("编号", "机构", "数据检查", "情况", "认定"), rows))


@app.command("export", help="导出疑点清单（Excel），供机构核实、检查员认定。")
def export(
    period: PeriodOption,
    output: Annotated[Path, typer.Option("-o", "--output", help="输出文件")],
    unit: UnitOption = None,
    campaign: CampaignOption = None,
) -> None:
    count = publish_leads(bench(), period, output, unit, campaign)
    say(f"已导出 {count} 条疑点到 {output}")


@app.command("import", help="导入填好的疑点清单：全部正确才入库。")
def import_leads(file: Annotated[Path, typer.Argument(help="填好的 Excel")]) -> None:
    read = read_leads(file)
    say(apply_lead_rows(bench(), read.entries).text() + cleaned_words(read.cleaned))


@findings.command("list", help="列出检查发现。")
def list_findings(
    period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None, as_json: JsonOption = False
) -> None:
    wb = bench(read_only=True)
    found = read_findings(wb, wb.campaign(period, campaign), unit)
    rows = [
        (
            f.unit,
            labels.domain_title(f.domain, f.domain_title),
            f.title,
            labels.label(f.nature),
            labels.label(f.severity),
            f.points_lost,
        )
        for f in found
    ]
    heads = ("机构", "检查域", "问题", "定性", "严重程度", "扣分")
    out([to_plain(f) for f in found], as_json, lambda: table(f"检查发现 {len(rows)} 条", heads, rows, right=("扣分",)))


@actions.command("list", help="列出整改措施和逾期情况。")
def list_actions(
    period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None, as_json: JsonOption = False
) -> None:
    found = actions_table(bench(read_only=True), period, unit, name=campaign)
    rows = [
        (
            r.action.unit,
            r.finding_title,
            r.action.measure,
            r.action.owner,
            r.action.due,
            labels.ACTION_STATUSES[r.action.status],
            "逾期" if r.overdue else "",
        )
        for r in found
    ]
    heads = ("机构", "问题", "措施", "责任人", "期限", "状态", "")
    out([to_plain(r.action) for r in found], as_json, lambda: table(f"整改措施 {len(rows)} 条", heads, rows))


@actions.command("propose", help="按检查发现生成整改措施（个案、机制两条线）。")
def propose(period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None) -> None:
    say(f"新增整改措施 {propose_actions(bench(), period, unit, campaign)} 条")

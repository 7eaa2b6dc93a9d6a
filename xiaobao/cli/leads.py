"""`xiaobao leads`, `findings`, `actions`: lists there and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from xiaobao import labels
from xiaobao.errors import Fault, InputError
from xiaobao.model import Disposition, Redress, to_plain
from xiaobao.publishing import publish_leads
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.corrective_actions import actions_table, move_action, propose_actions
from xiaobao.workbench.inspections.offline import cleaned_words
from xiaobao.workbench.lead_reminders import remind_leads
from xiaobao.workbench.leads import apply_lead_rows, leads_table, save_many
from xiaobao.workbench.restoring import reidentify
from xiaobao.workbench.results.reading import findings as read_findings
from xiaobao.workbench.results.reading import unlooked_rows
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.seeing import only_seen
from xiaobao.workbook.leads import read_leads

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
    out(plain, as_json, lambda: print_table(f"疑点 {len(rows)} 条", ("编号", "机构", "数据检查", "情况", "认定"), rows))


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


LeadsArgument = Annotated[list[str], typer.Argument(help="疑点编号，可写多个")]
SaidOption = Annotated[Disposition, typer.Option("--as", help="confirmed 属实、partly 部分属实、refuted 不属实")]


@app.command("answer", help="核实：一条或多条疑点用同一结果和说明，全部可以才保存。")
def answer(
    leads: LeadsArgument, said: SaidOption, note: Annotated[str, typer.Option("--note", help="核实说明")]
) -> None:
    say(_say(leads, said, note, decide=False))


@app.command("decide", help="认定：一条或多条疑点用同一结果和理由；核实人不能认定自己核实的。")
def decide(
    leads: LeadsArgument, said: SaidOption, reason: Annotated[str, typer.Option("--reason", help="认定理由")]
) -> None:
    say(_say(leads, said, reason, decide=True))


def _say(leads: list[str], said: Disposition, words: str, *, decide: bool) -> str:
    wb = bench()
    seen: dict[str, int] = {}
    for campaign in wb.store.campaigns():
        found = wb.store.decisions(campaign.id)
        seen |= {one: found[one].revision for one in leads if one in found}
    return save_many(wb, {one: seen.get(one, 0) for one in leads}, said, words, decide=decide).text()


@app.command("remind", help="催办：列出没有核实完的机构的催办文字，并留痕。")
def remind(
    period: PeriodOption,
    unit: Annotated[list[str] | None, typer.Option("--unit", help="机构号，可多次给出；不写为全部")] = None,
    only_late: Annotated[bool, typer.Option("--late", help="只催已逾期的")] = False,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench()
    reminded = remind_leads(wb, wb.campaign(period, campaign), unit or (), only_late)
    plain = [{"unit": one.unit, "waiting": one.waiting, "late": one.late, "text": one.text} for one in reminded]
    out(plain, as_json, lambda: say("\n".join(one.text for one in reminded)))


@app.command("restore", help="还原疑点中的化名：凭候选名单比对，须写明理由并留痕；结果只显示，不保存。")
def restore_names(
    lead: Annotated[str, typer.Argument(help="疑点编号")],
    file: Annotated[Path, typer.Option("--list", help="候选名单（Excel、CSV 或文本），含客户号或手机号")],
    reason: Annotated[str, typer.Option("--reason", help="还原理由")],
) -> None:
    for made, value in reidentify(bench(), lead, file.name, _bytes(file), reason):
        typer.echo(f"{made} = {value}")  # what was asked for: no mask


@findings.command("list", help="列出检查发现。")
def list_findings(
    period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None, as_json: JsonOption = False
) -> None:
    wb = bench(read_only=True)
    chosen = wb.campaign(period, campaign)
    every = read_findings(wb, chosen, unit)
    found = only_seen(wb, "result.see", chosen, every, lambda one: (one.unit, one.domain))
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
    out(
        [to_plain(f) for f in found],
        as_json,
        lambda: print_table(f"检查发现 {len(rows)} 条", heads, rows, right=("扣分",)),
    )


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
    out([to_plain(r.action) for r in found], as_json, lambda: print_table(f"整改措施 {len(rows)} 条", heads, rows))


@actions.command("propose", help="按检查发现生成整改措施（个案、机制两条线）。")
def propose(period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None) -> None:
    say(f"新增整改措施 {propose_actions(bench(), period, unit, campaign)} 条")


NumberArgument = Annotated[str, typer.Argument(help="整改措施编号，见 actions list --json")]
NoteOption = Annotated[str, typer.Option("--note", help="说明")]


@actions.command("report", help="报告整改完成；个案须写明补救情况并附佐证材料。")
def report_action(
    number: NumberArgument,
    note: NoteOption = "",
    evidence: Annotated[list[Path] | None, typer.Option("--evidence", help="佐证材料文件，可多次给出")] = None,
    made_good: Annotated[
        bool | None, typer.Option("--made-good/--not-made-good", help="个案：是否已对消费者补救")
    ] = None,
    refunded: Annotated[str, typer.Option("--refunded", help="个案：退还金额（元）")] = "0",
    told_on: Annotated[
        datetime | None, typer.Option("--told-on", formats=["%Y-%m-%d"], help="个案：告知消费者的日期")
    ] = None,
    why_not: Annotated[str, typer.Option("--why-not", help="个案：没有补救的原因")] = "",
) -> None:
    redress = None
    if made_good is not None:
        informed_on = told_on.date() if told_on else None
        redress = Redress(made_good=made_good, refunded=_amount(refunded), told_on=informed_on, why_not=why_not)
    files = [(path.name, _bytes(path)) for path in evidence or ()]
    _move(number, "done", note, redress, files)


@actions.command("verify", help="验证整改；报告完成的人和责任人不能验证。")
def verify_action(number: NumberArgument, note: NoteOption = "") -> None:
    _move(number, "verified", note)


@actions.command("return", help="退回整改，须说明原因。")
def return_action(number: NumberArgument, note: Annotated[str, typer.Option("--note", help="原因")]) -> None:
    _move(number, "open", note)


@actions.command("close", help="销号：个案凭佐证和补救情况，机制凭以后的数据或复查未见同一问题。")
def close_action(number: NumberArgument, note: NoteOption = "") -> None:
    _move(number, "closed", note)


def _move(
    number: str, to: str, note: str, redress: Redress | None = None, files: Sequence[tuple[str, bytes]] = ()
) -> None:
    wb = bench()
    found = next((one for one in wb.store.actions() if one.id == number), None)
    if found is None:
        raise InputError(Fault("没有这条整改措施", value=number))
    moved = move_action(wb, number, to, note, found.revision, redress, files)
    say(f"{number}：{labels.ACTION_STATUSES[moved.status]}" + (f"，{moved.proof}" if moved.proof else ""))


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise InputError(Fault("退还金额不是数字", value=text, allowed="如 1200.50")) from None
    if not amount.is_finite():
        raise InputError(Fault("退还金额不是数字", value=text, allowed="如 1200.50"))
    return amount


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(Fault("文件无法读取", file=path.name)) from error

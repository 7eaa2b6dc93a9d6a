"""`xiaobao sheet`: a unit's checklists to Excel and back, and the signatures of their way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao.errors import Fault, UsageError
from xiaobao.publishing import publish_conflicts, publish_fill_sheets
from xiaobao.publishing.issuing import next_edition
from xiaobao.terminal.output import CampaignOption, PeriodOption, bench, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.evidence import files_in
from xiaobao.workbench.inspections.filling import open_form
from xiaobao.workbench.inspections.offline_round import decide_book, import_book
from xiaobao.workbook.conflicts import is_conflict_book, read_conflicts
from xiaobao.workbook.fill_sheets import evidence_folder, read_offline_book

if TYPE_CHECKING:
    from xiaobao.workbench.inspections.filling import Form
    from xiaobao.workbench.workspace import Workbench

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


@app.command("import", help="导入填好的填报表或冲突清单：有错逐格列出、一格不存；别人改过的不覆盖，列出供选定。")
def import_sheet(
    file: Annotated[Path, typer.Argument(help="填好的 Excel；佐证文件放在旁边的“文件名-佐证”文件夹")],
    amended: Annotated[str, typer.Option("--amended", help="退回后改动答复的原因，对改动的各项一并记录")] = "",
    conflicts: Annotated[
        Path | None, typer.Option("--conflicts", help="冲突清单写到哪里，默认在旁边的“文件名-冲突.xlsx”")
    ] = None,
) -> None:
    wb = bench()
    if is_conflict_book(file):
        marked = read_conflicts(file)
        done = decide_book(wb, marked, amended)
        say(done.text() + (f"\n{marked.open} 格还没有选定，保持现在的内容" if marked.open else ""))
    else:
        book = read_offline_book(file)
        done = import_book(wb, book, amended, files_in(evidence_folder(file)))
        say(done.text())
    if done.conflicts:
        place = conflicts or next_edition(file.with_name(f"{file.stem}-冲突.xlsx"))
        for one in done.conflicts:
            say(f"  {one.title}［{one.column}］{one.sides}")
        publish_conflicts(wb, done, place)
        say(f"已写出 {place}，逐格选定后再导入")
        raise typer.Exit(1)


UnitOption = Annotated[str, typer.Option("--unit", help="机构号")]
DomainOption = Annotated[str, typer.Option("--domain", help="检查域；不写则办理本机构全部可以办理的")]
ReasonOption = Annotated[str, typer.Option("--reason", help="意见")]


@app.command("confirm", help="机构负责人确认填写完整的检查表。")
def confirm(period: PeriodOption, unit: UnitOption, domain: DomainOption = "", campaign: CampaignOption = None) -> None:
    _take("确认", period, unit, domain, campaign, signing.confirm_sheet, signing.confirm_all)


@app.command("submit", help="提交检查表。")
def submit(period: PeriodOption, unit: UnitOption, domain: DomainOption = "", campaign: CampaignOption = None) -> None:
    _take("提交", period, unit, domain, campaign, signing.submit, signing.submit_all)


@app.command("review", help="复核通过；不写检查域时只通过没有疑问的。")
def review(
    period: PeriodOption,
    unit: UnitOption,
    domain: DomainOption = "",
    reason: ReasonOption = "",
    campaign: CampaignOption = None,
) -> None:
    act = partial(signing.review, reason=reason)
    _take("复核通过", period, unit, domain, campaign, act, signing.review_all)


@app.command("approve", help="审定复核通过的检查表。")
def approve(
    period: PeriodOption,
    unit: UnitOption,
    domain: DomainOption = "",
    reason: ReasonOption = "",
    campaign: CampaignOption = None,
) -> None:
    act = partial(signing.approve, reason=reason)
    _take("审定", period, unit, domain, campaign, act, signing.approve_all)


@app.command("return", help="退回一张检查表，可逐项写明意见。")
def give_back(
    period: PeriodOption,
    unit: UnitOption,
    domain: Annotated[str, typer.Option("--domain", help="检查域")],
    reason: Annotated[str, typer.Option("--reason", help="退回原因")],
    remark: Annotated[list[str] | None, typer.Option("--remark", help="检查项编号=意见，可多次给出")] = None,
    campaign: CampaignOption = None,
) -> None:
    wb, remarks = bench(), {}
    for text in remark or ():
        item, equals, said = text.partition("=")
        if not equals or not said.strip():
            raise UsageError(Fault("退回意见写法不对", value=text, allowed="检查项编号=意见"))
        remarks[item.strip()] = said.strip()
    form = open_form(wb, unit, period, domain, campaign)
    signing.give_back(wb, form, reason, remarks)
    say(f"{form.checklist.title}：已退回" + (f"，退回意见 {len(remarks)} 条" if remarks else ""))


def _take(
    what: str,
    period: str,
    unit: str,
    domain: str,
    campaign: str | None,
    one: Callable[[Workbench, Form], object],
    every: Callable[[Workbench, str, str, str | None], Sequence[signing.Step]],
) -> None:
    """Take one sheet a step on, or all of the unit; exit code 1 where one was left."""
    wb = bench()
    if domain:
        form = open_form(wb, unit, period, domain, campaign)
        one(wb, form)
        say(f"{form.checklist.title}：已{what}")
        return
    done = every(wb, period, unit, campaign)
    for step in done:
        say(f"{step.title}：{step.left or f'已{what}'}")
    left = [step for step in done if step.left]
    say(f"{what} {len(done) - len(left)} 张，没有办理 {len(left)} 张" if done else "没有可以办理的检查表")
    if left:
        raise typer.Exit(1)

"""Commands of a workspace, in the order of an inspection."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao.cli import checklists, datasets, explaining, leads, questions, reports, running, sheets
from xiaobao.features.appraisal import commands as appraising
from xiaobao.features.draft_check import commands as figures
from xiaobao.features.filings import commands as filings
from xiaobao.features.registers import commands as registers
from xiaobao.features.today import commands as due
from xiaobao.terminal.output import JsonOption, bench, out, say
from xiaobao.terminal.wording import ChineseTyper

app = ChineseTyper(
    name="xiaobao", help="消保自查工作台：检查表、数据检查、疑点、评分、底稿、得分表。", pretty_exceptions_enable=False
)
app.add_typer(checklists.app, name="checklist")
app.add_typer(datasets.app, name="dataset")
app.add_typer(running.campaigns, name="campaign")
app.add_typer(appraising.app, name="appraisal")
app.add_typer(appraising.vetoes, name="veto")
app.add_typer(questions.app, name="questions")
app.add_typer(sheets.app, name="sheet")
app.add_typer(leads.app, name="leads")
app.add_typer(leads.findings, name="findings")
app.add_typer(leads.actions, name="actions")
app.add_typer(filings.app, name="filings")
app.add_typer(registers.app, name="registers")
app.add_typer(figures.app, name="figures")
app.command("import", help="导入一个数据集的文件：全部正确才入库，有错一次列全。")(datasets.import_files)
app.command("what-if", help="试算其他权重对各机构得分、名次、等级的影响，不写入。")(appraising.what_if)
app.command("explain", help="说明一个得分怎样得出：可得多少、失多少、按哪条规则、依据什么事实。")(explaining.explain)
app.command("movements", help="列出提交以后的得分变动：变动前后，因何人何事。")(questions.list_movements)
app.command("run", help="按计划运行笔记本，输入没有变化的跳过。")(running.run)
app.command("status", help="查看已完成、失败（原因）和未运行的底稿。")(running.status)
app.command("today", help="今日待办：到期和逾期的投诉、整改、报送、疑点核实。")(due.today)
app.command("supervise", help="出具一个机构到期和逾期事项的督办单（Word）。")(due.supervise)
app.command("serve", help="打开页面：总览、得分表、填报、疑点、整改（仅本机）。")(running.serve)
app.command("report", help="出具自查、考核、投诉、半年、年度、自评估报告（Word）或汇总（Excel）。")(reports.report)


@app.command("init", help="建立工作区，并发布随包检查表。")
def init(
    folder: Annotated[Path, typer.Argument(help="工作区文件夹")],
    bank: Annotated[str, typer.Option(help="银行名称")] = "",
) -> None:
    from xiaobao.workbench.workspace import init_workspace

    bench = init_workspace(folder, bank)
    say(f"工作区已建立：{folder}")
    for published in bench.store.list_published("checklist"):
        say(f"已发布 {published.id} {published.version}")


@app.command("demo", help="建立示例银行：数据、填报、疑点认定、批量底稿和得分表。")
def demo(
    folder: Annotated[Path, typer.Argument(help="工作区文件夹")] = Path("demo"),
    units: Annotated[int, typer.Option(min=3, help="被检查机构数")] = 12,
    periods: Annotated[int, typer.Option(min=1, max=8, help="半年期数")] = 2,
    seed: Annotated[int, typer.Option(help="随机种子")] = 20260705,
    jobs: Annotated[int, typer.Option(min=1, help="同时运行的笔记本数")] = 2,
    batch: Annotated[bool, typer.Option("--batch/--no-batch", help="是否运行笔记本")] = True,
) -> None:
    from xiaobao.cli.progress import shown_progress
    from xiaobao.demo.walk import run_demo

    with shown_progress() as progress:
        summary = run_demo(folder, units, periods, seed, jobs, batch, say, progress)
    reports.print_demo(summary)
    if summary.failed:
        raise typer.Exit(1)


@app.command("verify", help="核对操作留痕、佐证材料和底稿是否被改动。")
def verify(
    workspace: Annotated[Path | None, typer.Argument(help="工作区，默认为当前所在的工作区")] = None,
    as_json: JsonOption = False,
) -> None:
    from xiaobao.workbench.verifying import verify_workspace

    problems = verify_workspace(bench(workspace, read_only=True))
    out({"problems": list(problems)}, as_json, lambda: say("\n".join(problems) or "未发现改动"))
    if problems:
        raise typer.Exit(1)


@app.command("backup", help="备份工作区的数据库到一个文件。")
def backup(file: Annotated[Path, typer.Argument(help="备份文件")]) -> None:
    from xiaobao.workbench.verifying import backup_workspace

    backup_workspace(bench(read_only=True), file)
    say(f"已备份到 {file}")


@app.command("restore", help="把备份还原到一个新文件夹。")
def restore(
    file: Annotated[Path, typer.Argument(help="备份文件")], folder: Annotated[Path, typer.Argument(help="新文件夹")]
) -> None:
    from xiaobao.workbench.verifying import restore_workspace

    restore_workspace(file, folder)
    say(f"已还原到 {folder}")

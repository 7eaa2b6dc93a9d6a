"""`xiaobao campaign`, `run`, `status`, `serve`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from xiaobao.batch.journal import read_status
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.cli.progress_bar import shown_progress
from xiaobao.cli.workspaces import offer_workspace
from xiaobao.errors import Fault, UsageError, XiaobaoError
from xiaobao.feature_list import brought
from xiaobao.labels import CAMPAIGN_KINDS
from xiaobao.model import Period
from xiaobao.pages.serve import ADDRESS, Listening, warnings
from xiaobao.pages.serve import serve as serve_pages
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.campaigns import (
    CampaignScope,
    create_campaign,
    delete_campaign,
    name_papers,
    rename_campaign,
    reopen_campaign,
)
from xiaobao.workbench.results.resolving import close_campaign
from xiaobao.workbench.workspace import Workbench

campaigns = ChineseTyper()


@campaigns.command("create", help="为一个检查期间建立批次，采用当时有效的最新检查表。")
def create(
    name: Annotated[str, typer.Argument(help="批次名称")],
    period: PeriodOption,
    checklist: Annotated[
        list[str] | None, typer.Option("--checklist", help="指定检查表，如 complaints=2026.2，可多次给出")
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="self 自查、regular 常规、special 专项、follow_up 回头看、mystery 神秘人")
    ] = "self",
    unit: Annotated[list[str] | None, typer.Option("--unit", help="只检查这些机构，可多次给出；不写为全部")] = None,
    level: Annotated[list[str] | None, typer.Option("--level", help="只检查这些层级的机构，如 outlet")] = None,
    under: Annotated[str, typer.Option("--under", help="只检查这个机构及其下级")] = "",
    hot_spots: Annotated[
        str, typer.Option("--hot-spots", help="只检查这个期间投诉台账中突增的机构（投诉热点），如 2026H1")
    ] = "",
    opens: Annotated[
        datetime | None, typer.Option("--opens", formats=["%Y-%m-%d"], help="开始日期，如 2026-07-01")
    ] = None,
    closes: Annotated[
        datetime | None, typer.Option("--closes", formats=["%Y-%m-%d"], help="结束日期，如 2026-07-31")
    ] = None,
    inspector: Annotated[
        list[str] | None, typer.Option("--inspector", help="检查人员的登录名，可多次给出；登记了人员时必须是登记的人")
    ] = None,
    paper: Annotated[
        list[str] | None, typer.Option("--paper", help="工作区 notebooks 里自己写的笔记本，逐机构出底稿；可多次给出")
    ] = None,
) -> None:
    chosen = [tuple(text.split("=", 1)) for text in checklist or ()]
    if any(len(pair) != 2 for pair in chosen):
        raise UsageError(Fault("--checklist 写法不对", allowed="编号=版本，如 complaints=2026.2"))
    wb = bench()
    scope = CampaignScope(
        hot_spots=tuple(unit for found in brought("hot_units") for unit in found(wb, hot_spots)) if hot_spots else (),
        basis=f"{Period.parse(hot_spots).code} 台账投诉热点" if hot_spots else "",
        units=tuple(unit or ()),
        levels=tuple(level or ()),
        under=under,
        opens=opens.date() if opens else None,
        closes=closes.date() if closes else None,
    )
    pairs = [(pair[0], pair[1]) for pair in chosen]
    campaign = create_campaign(wb, name, period, pairs, kind, scope, inspector or (), paper or ())
    kind_words = CAMPAIGN_KINDS[campaign.kind]
    say(f"已建立批次 {campaign.name}（{campaign.period}，{kind_words}），检查表 {len(campaign.checklists)} 张")
    if campaign.papers:
        say(f"自设底稿：{'、'.join(campaign.papers)}")
    if campaign.basis:
        say(f"按 {campaign.basis}检查 {len(campaign.units)} 家：{'、'.join(campaign.units)}")


@campaigns.command("papers", help="指定本批次逐机构运行的自设底稿（工作区 notebooks 里自己写的笔记本）；不写则取消。")
def papers(
    period: PeriodOption,
    paper: Annotated[list[str] | None, typer.Option("--paper", help="笔记本名称，可多次给出")] = None,
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    named = name_papers(wb, wb.campaign(period, campaign), paper or ())
    words = f"自设底稿：{'、'.join(named.papers)}" if named.papers else "没有自设底稿"
    say(f"批次 {named.name} {words}；下一次 xiaobao run 逐机构运行")


@campaigns.command("rename", help="给还没有填报的批次改名；底稿的位置不变。")
def rename(
    to: Annotated[str, typer.Argument(help="新名称")], period: PeriodOption, campaign: CampaignOption = None
) -> None:
    wb = bench()
    before = wb.campaign(period, campaign)
    say(f"批次 {before.name} 已改名为 {rename_campaign(wb, before, to).name}")


@campaigns.command("close", help="结束批次：结果成为终稿，与同业比较的检查项就此确定。")
def close(
    period: PeriodOption,
    campaign: CampaignOption = None,
    reason: Annotated[str, typer.Option("--reason", help="说明")] = "",
) -> None:
    wb = bench()
    closed = close_campaign(wb, wb.campaign(period, campaign), reason, lambda words: typer.echo(words, err=True))
    say(f"批次 {closed.name} 已结束，结果为终稿")


@campaigns.command("reopen", help="经批准重开已结束的批次。")
def reopen(
    period: PeriodOption,
    reason: Annotated[str, typer.Option("--reason", help="原因")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="批准人")],
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    say(f"批次 {reopen_campaign(wb, wb.campaign(period, campaign), reason, approved_by).name} 已重开")


@campaigns.command("delete", help="删除什么都还没有的批次；操作留痕中仍有记录。")
def delete(
    period: PeriodOption, reason: Annotated[str, typer.Option("--reason", help="原因")], campaign: CampaignOption = None
) -> None:
    wb = bench()
    found = wb.campaign(period, campaign)
    delete_campaign(wb, found, reason)
    say(f"批次 {found.name} 已删除")


@campaigns.command("list", help="列出检查批次。")
def list_campaigns(as_json: JsonOption = False) -> None:
    found = bench(read_only=True).store.campaigns()
    rows = [
        (
            c.name,
            CAMPAIGN_KINDS[c.kind],
            c.period,
            "已结束" if c.state == "closed" else "进行中",
            (f"{len(c.units)} 家" if c.units else "全部") + (f"（{c.basis}）" if c.basis else ""),
            f"{c.opens or '—'} 至 {c.closes or '—'}" if c.opens or c.closes else "",
            len(c.checklists),
            " ".join(c.scheme),
            f"批次{c.id}",
        )
        for c in found
    ]
    plain = [
        {
            "name": c.name,
            "kind": c.kind,
            "period": c.period,
            "state": c.state,
            "units": list(c.units),
            "basis": c.basis,
            "papers": list(c.papers),
            "opens": c.opens,
            "closes": c.closes,
            "checklists": dict(c.checklists),
            "folder": f"reports/{c.period}/批次{c.id}",
        }
        for c in found
    ]
    heads = ("名称", "种类", "期间", "状态", "机构", "日期", "检查表数", "计分方案", "文件夹")
    out(plain, as_json, lambda: print_table("检查批次", heads, rows))


def run(
    period: Annotated[list[str], typer.Option("--period", help="检查期间，可多次给出；按先后运行")],
    unit: Annotated[list[str] | None, typer.Option("--unit", help="只运行这些机构")] = None,
    domain: Annotated[list[str] | None, typer.Option("--domain", help="只运行这些检查域；自设底稿写 own-名称")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="同时运行的笔记本数")] = 2,
    rerun: Annotated[str, typer.Option("--rerun", help="failed 只重跑失败的，all 全部重跑")] = "",
    per: Annotated[
        str, typer.Option("--per", help="notebook 每本一个进程（隔离最好），unit 每个机构一个进程（更快）")
    ] = "notebook",
    kernel: Annotated[str, typer.Option("--kernel", help="改用这个名称的普通内核")] = "",
    scheduler: Annotated[
        str, typer.Option("--scheduler", help="在这个 Dask 调度器的工作机上运行，如 tcp://10.1.2.3:8786；默认只用本机")
    ] = "",
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run what changed, periods one after the other. Exit 1 where a paper failed, 128 + signal when interrupted."""
    if rerun not in {"", "failed", "all"}:
        raise UsageError(Fault("--rerun 取值不对", value=rerun, allowed="failed 或 all"))
    if per not in {"notebook", "unit"}:
        raise UsageError(Fault("--per 取值不对", value=per, allowed="notebook 或 unit"))
    wb = bench()
    options = RunOptions(
        units=tuple(unit or ()),
        domains=tuple(domain or ()),
        jobs=jobs,
        rerun=rerun,
        kernel=kernel,
        per=per,
        scheduler=scheduler,
    )
    failed, stopped_by, plain = False, 0, []
    for code in sorted(period, key=Period.parse):
        with shown_progress() as progress:
            summary = run_campaign(wb, wb.campaign(code, campaign), options, progress)
        failed = failed or bool(summary.failed) or summary.interrupted
        stopped_by = stopped_by or summary.stopped_by
        plain.append({"period": code, **summary.plain()})
        if not as_json:
            say(f"{code}：{summary.text()}")
            for unit_id, paper, why in summary.failed:
                say(f"  失败 {unit_id} {paper}：{why}")
    if as_json:
        out(plain, True, lambda: None)
    _renew(wb)
    if failed:
        raise typer.Exit(128 + stopped_by if stopped_by else 1)


def _renew(wb: Workbench) -> None:
    """Bring up to date what follows from results. What cannot be written is said, and fails no run."""
    for renew in brought("renews"):
        try:
            renew(wb)
        except (XiaobaoError, OSError) as error:
            typer.echo(f"静态得分页没有写成：{error}", err=True)


def status(
    period: Annotated[str | None, typer.Option("--period", help="检查期间，默认全部")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    wb.look("status.see")
    wanted = wb.store.campaigns(Period.parse(period).code if period else None)
    if campaign is not None:
        wanted = tuple(one for one in wanted if one.name == campaign) or (wb.campaign(period, campaign),)
    found = [read_status(wb, one) for one in wanted]
    plain = [
        {
            "campaign": s.campaign,
            "period": s.period,
            "expected": s.expected,
            "done": s.done,
            "failed": [{"unit": r.unit, "paper": r.notebook, "error": r.error} for r in s.failed],
            "missing": [{"unit": u, "paper": p} for u, p in s.missing],
            "running": s.running.plain() if s.running else None,
        }
        for s in found
    ]

    def show() -> None:
        rows = [(s.campaign, s.period, s.expected, s.done, len(s.failed), len(s.missing)) for s in found]
        figures = ("应完成", "已完成", "失败", "未运行")
        print_table("运行情况", ("批次", "期间", *figures), rows, right=figures)
        for one in found:
            if one.running:
                say(f"{one.period} {one.running.text()}")
            for run_record in one.failed:
                say(f"失败 {one.period} {run_record.unit} {run_record.notebook}：{run_record.error}")
        for status_line in brought("status_line"):
            if words := status_line(wb):
                say(words)

    out(plain, as_json, show)


def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="端口")] = 8866,
    open_browser: Annotated[bool, typer.Option("--open", help="在浏览器中打开")] = False,
    ip: Annotated[str, typer.Option("--ip", help="在哪个地址上提供页面；登记人员以后才能用本机以外的地址")] = ADDRESS,
    host: Annotated[
        list[str] | None, typer.Option("--host", help="允许用这个名称访问，可多次给出；也可写在设置 [serve] 中")
    ] = None,
    certfile: Annotated[str, typer.Option("--certfile", help="TLS 证书（PEM）")] = "",
    keyfile: Annotated[str, typer.Option("--keyfile", help="证书的密钥（PEM）")] = "",
) -> None:
    """Serve the pages until Ctrl+C: to this machine alone, unless people are registered and an address is given."""
    listening = Listening(ip=ip, certfile=certfile, keyfile=keyfile, hosts=tuple(host or ()))
    wb = bench(offer_workspace())
    for warning in warnings(wb, listening):
        typer.echo(f"提示：{warning}", err=True)
    wb.store.close()
    say("按 Ctrl+C 结束")
    if serve_pages(wb.home, port, open_browser, listening=listening):
        raise typer.Exit(1)

"""`xiaobao report`, and what `xiaobao demo` prints at its end."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao import labels
from xiaobao.errors import UsageError
from xiaobao.feature_list import named
from xiaobao.publishing import publish_report, publish_summary, write_draft
from xiaobao.terminal.output import CampaignOption, PeriodOption, bench, print_table, say

if TYPE_CHECKING:
    from xiaobao.demo.walk import DemoSummary
    from xiaobao.scorecard import Overview, OverviewRow


INSPECTION, SUMMARY = "inspection", "summary"
_KINDS = {INSPECTION: "一个机构的自查报告", SUMMARY: "全部机构汇总"}
_KINDS |= {kind: labels.REPORTS[kind] for kind in named("reports")}
_KIND_HELP = "；".join(f"{kind} {title}" for kind, title in _KINDS.items())
Kind = StrEnum("Kind", {kind.replace("-", "_"): kind for kind in _KINDS})  # type: ignore[misc]


def report(
    kind: Annotated[Kind, typer.Argument(help=_KIND_HELP)],
    period: PeriodOption,
    unit: Annotated[str | None, typer.Option("--unit", help="机构号；不写为全行")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="输出文件")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="只生成“问题”和“计划”的文字稿，供修改")] = False,
    text: Annotated[Path | None, typer.Option("--text", help="改好的文字稿（.docx）")] = None,
    campaign: CampaignOption = None,
) -> None:
    """Write a report and the list of its figures; --draft and --text are the way out to people who edit and back."""
    if draft and text is not None:
        raise UsageError("--draft 和 --text 不能同时用")
    if kind in (INSPECTION, SUMMARY) and (draft or text is not None):
        raise UsageError("这种报告没有需要编写的部分")
    if kind == INSPECTION and unit is None:
        raise UsageError("请用 --unit 指明机构号")
    if kind == SUMMARY and unit is not None:
        raise UsageError("汇总是全部机构的，不用 --unit")
    if kind == SUMMARY:
        say(f"已生成 {publish_summary(bench(), period, output, campaign)}")
    elif draft:
        path = write_draft(bench(), kind, period, unit or "", output, campaign)
        say(f"已生成文字稿 {path}，改好后用 --text 交回")
    else:
        release = publish_report(bench(), kind, period, unit or "", output, text, campaign)
        say(f"已生成 {release.report}")
        say(f"数字见 {release.figures}")
        if release.due:
            say(f"报送期限 {release.due}")


def print_demo(summary: DemoSummary) -> None:
    """Print what the demo made: scores, the worst findings, open leads, failures, and where to look."""
    for overview in summary.overviews:
        heads = ("机构", "总分", "等级", "同层级名次", "疑点", "得分最低的检查域")
        rows: list[list[object]] = [
            [
                f"{row.unit.id} {row.unit.name.removeprefix(overview.bank)}",
                row.shown_total,
                overview.grade_labels.get(row.grade, "—"),
                row.rank or "—",
                row.open_leads,
                _lowest(row, overview),
            ]
            for row in overview.rows[:20]
        ]
        print_table(f"{overview.period} 得分（按认定结果）；“疑点”为待核实条数", heads, rows, right=heads[1:-1])
        if len(overview.rows) > len(rows):
            say(f"……共 {len(overview.rows)} 个机构，全部见 {summary.home}/reports/{overview.period} 中的汇总.xlsx")
    worst = [
        (
            f.period,
            f.unit,
            labels.domain_title(f.domain, f.domain_title),
            f.title,
            labels.label(f.nature),
            f"{f.points_lost:.2f}",
        )
        for f in summary.worst
    ]
    if worst:
        print_table("扣分最多的检查发现", ("期间", "机构", "检查域", "问题", "定性", "扣分"), worst, right=("扣分",))
    for line in summary.lines():
        say(line)


def _lowest(row: OverviewRow, overview: Overview) -> str:
    """Name the three lowest domains of a unit; a terminal is too narrow for a column each."""
    scored = sorted((score, name) for name, score in row.domains.items() if score is not None)
    return "、".join(f"{overview.domain_titles.get(name, name)} {score}" for score, name in scored[:3]) or "—"

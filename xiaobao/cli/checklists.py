"""`xiaobao checklist`: check drafts, publish them, list and show what is published."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from xiaobao import labels
from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.change_note import change_note, plain_comparison
from xiaobao.checklist.citations import citation_text, used_articles
from xiaobao.checklist.comparing import compare
from xiaobao.checks.reference import CHECK_HEADS, as_markdown, check_entries
from xiaobao.checks.registry import REGISTRY
from xiaobao.model import to_plain
from xiaobao.publishing import publish_change_note, publish_checklist
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.domain_notebooks import write_domain_notebook
from xiaobao.workbench.inspections.filling import open_form
from xiaobao.workbench.own_checks.source_files import published_checks
from xiaobao.workbench.versions import impact as impacts
from xiaobao.workbench.versions import moving
from xiaobao.workbench.versions.impact_note import impact_note
from xiaobao.workbench.versions.publishing import (
    find_version,
    known_checks,
    own_in,
    publish_all,
    read_drafts,
    write_checklist_draft,
    write_unfinished,
)
from xiaobao.workbook.checklists import read_checklist_book
from xiaobao.workbook.own_sheets import is_own_sheet, read_own_sheet

app = ChineseTyper()
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="写入文件（文本）")]


@app.command("check", help="校验草稿（YAML）：检查表、方案、依据登记簿、机构自设项，一次列出全部问题。")
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="YAML 文件；不写则校验工作区全部草稿")] = None,
) -> None:
    wb = bench(read_only=True)
    drafts = read_drafts(wb.home / "checklists", files or (), own_checks=own_in(wb))
    for draft in (*drafts.checklists, *drafts.own):
        say(f"{draft.title} {draft.version}：{len(draft.items())} 项，未发现问题")
    for scheme in drafts.schemes:
        say(f"{scheme.title} {scheme.version}：未发现问题")
    say(f"依据登记簿：{len(drafts.regulations.documents)} 部文件，未发现问题")


@app.command("publish", help="发布工作区的检查表、方案和机构自设项；已发布的版本不能再改内容。")
def publish() -> None:
    wb = bench()
    names = publish_all(wb, wb.home / "checklists")
    say("\n".join(f"已发布 {name}" for name in names) or "没有新的版本：草稿都已发布，内容相同")


@app.command("list", help="列出已发布的检查表版本。")
def list_published(as_json: JsonOption = False) -> None:

    found = bench(read_only=True).store.list_published("checklist")
    rows = [(p.id, labels.DOMAINS.get(p.id, p.id), p.version, p.sha256[:12], p.published_at) for p in found]
    plain = [{"id": p.id, "version": p.version, "sha256": p.sha256} for p in found]
    out(
        plain,
        as_json,
        lambda: print_table("已发布检查表", ("编号", "名称", "版本", "内容摘要", "发布时间（UTC）"), rows),
    )


@app.command("show", help="查看一张已发布检查表的全部检查项。")
def show(
    name: Annotated[str, typer.Argument(help="检查表编号，如 complaints")],
    version: Annotated[str | None, typer.Option(help="版本，默认最新")] = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    checklist = from_canonical(wb.store.published("checklist", name, version).content)
    rows = [
        (
            i.id,
            i.title,
            labels.ANSWERED_BY[i.answered_by],
            i.points,
            labels.label(i.severity),
            citation_text(wb.regulations, i),
        )
        for i in checklist.items()
    ]
    heads = ("编号", "检查项", "方式", "分值", "严重程度", "检查依据")
    out(
        to_plain(checklist),
        as_json,
        lambda: print_table(f"{checklist.title} {checklist.version}", heads, rows, right=("分值",)),
    )


@app.command("diff", help="比较检查表的两个版本，出具变更说明。")
def diff(
    old: Annotated[str, typer.Argument(help="原版本：编号@版本（如 complaints@2026.1）、编号（最新版）或 YAML 文件")],
    new: Annotated[str, typer.Argument(help="新版本：写法同上")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="写入文件：.docx 为供签字的变更说明，其余为文本")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    if output and output.suffix.lower() == ".docx":
        say(f"已写入 {output}，变更 {publish_change_note(bench(), old, new, output)} 处")
        return
    wb = bench(read_only=True)
    found = compare(find_version(wb.store, old), find_version(wb.store, new), wb.regulations)
    text = change_note(found, wb.regulations)
    if output:
        output.write_text(text, "utf-8")
    out(plain_comparison(found), as_json, lambda: say(f"已写入 {output}" if output else text))


@app.command("citations", help="列出检查表草稿引用的全部文件和条文、所在检查项和核实状态。")
def citations(as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    drafts = read_drafts(wb.home / "checklists", own_checks=own_in(wb))
    used = used_articles((*drafts.checklists, *drafts.own), drafts.regulations, date.today())
    rows = [
        (
            f"{u.name}（{u.number}）" if u.number else u.name or u.document,
            u.article,
            "义务" if u.binding else "建议",
            u.status,
            u.doubt,
            u.issued_on or "",
            u.effective_from,
            len(u.items),
            "、".join(item for _, item in u.items),
        )
        for u in used
    ]
    heads = ("文件", "条款", "性质", "状态", "存疑", "印发", "施行", "项数", "检查项")
    title = (
        f"引用条文 {sum(bool(u.document) for u in used)} 条，文件 {len({u.document for u in used if u.document})} 部"
    )
    out([to_plain(u) for u in used], as_json, lambda: print_table(title, heads, rows, right=("项数",)))


@app.command("checks", help="列出全部数据检查：范围、数据、依据、最早适用日期和由哪个检查项使用。")
def list_checks(
    as_json: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="输出 Markdown 说明")] = False,
    output: OutputOption = None,
) -> None:
    wb = bench(read_only=True)
    drafts = read_drafts(wb.home / "checklists", own_checks=own_in(wb))
    checks = [*REGISTRY.values(), *published_checks(wb)]
    entries = check_entries(checks, drafts.regulations, drafts.checklists)
    if output:
        output.write_text(as_markdown(entries), "utf-8")
        say(f"已写入 {output}")
        return
    if markdown:
        say(as_markdown(entries).rstrip())
        return
    rows = [
        (e.id, e.title, e.domain, "、".join(e.data), e.since or "", "、".join(item for _, item, _ in e.items))
        for e in entries
    ]
    out(
        [to_plain(entry) for entry in entries],
        as_json,
        lambda: print_table(f"数据检查 {len(rows)} 项", CHECK_HEADS, rows),
    )


@app.command("figures", help="统计检查表草稿：各检查域的检查项、数据检查和引用条文数。")
def figures(
    as_json: JsonOption = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="输出 Markdown 表格，供 README 引用")] = False,
) -> None:
    from xiaobao.checklist.counts import COUNT_HEADS, as_markdown, domain_figures

    wb = bench(read_only=True)
    drafts = read_drafts(wb.home / "checklists", own_checks=own_in(wb))
    counted = domain_figures(drafts.checklists, drafts.regulations, date.today())
    if markdown:
        say(as_markdown(counted).rstrip())
        return
    plain = [to_plain(row) for row in counted]
    rows = [tuple(row.values()) for row in plain]
    out(plain, as_json, lambda: print_table("检查表统计", COUNT_HEADS, rows, right=COUNT_HEADS[1:]))


@app.command("impact", help="发布前看影响：在办任务、得分、屡查屡犯比对、监管要素对应；不写入。")
def impact(
    draft: Annotated[Path, typer.Argument(help="检查表草稿（YAML）")],
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    [checklist] = read_drafts(wb.home / "checklists", [draft], own_checks=own_in(wb)).checklists
    found = impacts.impact(wb, checklist)
    text = impact_note(found)
    if output:
        output.write_text(text, "utf-8")
    plain = {
        "id": checklist.id,
        "version": checklist.version,
        "published": found.published,
        "changes": plain_comparison(found.comparison) if found.comparison else None,
        "work": [to_plain(row) for row in found.work],
        "period": found.period,
        "scores": [to_plain(row) for row in found.rescored],
        "repeats": to_plain(found.repeats) if found.repeats else None,
        "elements": [to_plain(row) for row in found.elements],
    }
    out(plain, as_json, lambda: say(f"已写入 {output}" if output else text))


@app.command("export", help="导出一张检查表为 Excel，供合规人员审阅修改。")
def export(
    name: Annotated[str, typer.Argument(help="编号@版本、编号（最新版）或 YAML 文件")],
    file: Annotated[Path, typer.Argument(help="输出的 .xlsx 文件")],
) -> None:
    say(f"已导出 {publish_checklist(bench(), name, file)} 项到 {file}")


@app.command("import", help="导入改好的检查表 Excel，或银行自己的检查评分表，写成 YAML 草稿；不自动发布。")
def import_workbook(
    file: Annotated[Path, typer.Argument(help="改好的 .xlsx 文件")],
    replace: Annotated[bool, typer.Option("--replace", help="覆盖同名草稿")] = False,
) -> None:
    wb = bench()
    if is_own_sheet(file):
        own = read_own_sheet(file)
        path = write_unfinished(wb, file.stem, own.to_yaml(f"由 {file.name} 导入"), replace)
        say(f"{own.title}：{own.items} 项，已写成待补的草稿 {path.relative_to(wb.home)}。还要补的：")
        for line in own.missing:
            say(f"  {line}")
        say(f"补全后用 xiaobao checklist check {path.relative_to(wb.home)} 校验，通过后移到 checklists 文件夹再发布。")
        return
    checklist = read_checklist_book(file, wb.regulations, known_checks(own_in(wb)))
    path = write_checklist_draft(wb, checklist, f"由 {file.name} 导入", replace)
    say(f"{checklist.title} {checklist.version}：{len(checklist.items())} 项，已写成草稿 {path.name}")
    say("下一步：xiaobao checklist diff 对照变化，xiaobao checklist impact 看影响，再发布。")


@app.command("notebook", help="为本行自建的检查域生成自己的底稿笔记本，放进工作区 notebooks，此后运行就用它。")
def notebook(
    domain: Annotated[str, typer.Argument(help="检查域，如 green_finance；须有已发布的检查表")],
    replace: Annotated[bool, typer.Option("--replace", help="覆盖已有的笔记本")] = False,
) -> None:
    wb = bench()
    path = write_domain_notebook(wb, domain, replace)
    say(f"已写入 {path.relative_to(wb.home)}；下一次 xiaobao run 用它出底稿。")
    say("可以增加单元格，最后一格须保留 xb.emit(paper)；已提交的检查表仍按原来的底稿，--rerun all 才重新出具。")


@app.command("move", help="把一个填报中的检查任务换到检查表的新版本；答复一条不删。")
def move(
    unit: Annotated[str, typer.Option("--unit", help="机构号")],
    period: PeriodOption,
    domain: Annotated[str, typer.Option("--domain", help="检查域，如 complaints")],
    to: Annotated[str, typer.Option("--to", help="版本，默认最新")] = "",
    reason: Annotated[str, typer.Option("--reason", help="原因；不写则只预览，不改动")] = "",
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=not reason)
    form = open_form(wb, unit, period, domain, campaign)
    planned = moving.plan_move(wb, form, to)
    if reason:
        moving.move_sheet(wb, form, reason, to)
    rows = moving.move_rows(planned)
    versions = f"{planned.before.core.version} → {planned.after.core.version}"
    title = f"{'已换版本' if reason else '预览（未改动）'}：{form.unit.name} {form.checklist.title} {versions}"
    heads = ("编号", "检查项", "处理", "原答复")
    out([dict(zip(heads, row, strict=True)) for row in rows], as_json, lambda: print_table(title, heads, rows))

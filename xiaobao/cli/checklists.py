"""`xiaobao checklist`: check drafts, publish them, list and show what is published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao import labels
from xiaobao.cli.opening import bench
from xiaobao.cli.output import JsonOption, out, say, table
from xiaobao.cli.wording import ChineseTyper

app = ChineseTyper(help="检查表：校验、发布、列出、查看。")


@app.command("check", help="校验检查表草稿（YAML），一次列出全部问题。")
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="YAML 文件；不写则校验工作区全部草稿")] = None,
) -> None:
    from xiaobao.workbench.publishing_checklists import check_drafts
    from xiaobao.workbench.workspace import find_home

    checked = check_drafts(find_home() / "checklists", files or ())
    for draft in checked:
        say(f"{draft.title} {draft.version}：{len(draft.items())} 项，未发现问题")


@app.command("publish", help="发布工作区的检查表和计分方案；已发布的版本不能再改内容。")
def publish() -> None:
    from xiaobao.workbench.publishing_checklists import publish_all

    wb = bench()
    for name in publish_all(wb.store, wb.actor, wb.home / "checklists"):
        say(f"已发布 {name}")


@app.command("list", help="列出已发布的检查表版本。")
def list_published(as_json: JsonOption = False) -> None:

    found = bench(read_only=True).store.list_published("checklist")
    rows = [(p.id, labels.DOMAINS.get(p.id, p.id), p.version, p.sha256[:12], p.published_at) for p in found]
    plain = [{"id": p.id, "version": p.version, "sha256": p.sha256} for p in found]
    out(plain, as_json, lambda: table("已发布检查表", ("编号", "名称", "版本", "内容摘要", "发布时间（UTC）"), rows))


@app.command("show", help="查看一张已发布检查表的全部检查项。")
def show(
    name: Annotated[str, typer.Argument(help="检查表编号，如 complaints")],
    version: Annotated[str | None, typer.Option(help="版本，默认最新")] = None,
    as_json: JsonOption = False,
) -> None:
    from xiaobao.checklist.canonical import from_canonical
    from xiaobao.checklist.citations import citation_text

    wb = bench(read_only=True)
    checklist = from_canonical(wb.store.published("checklist", name, version).content)
    answered = {"person": "人工", "data": "数据"}
    rows = [
        (i.id, i.title, answered[i.answered_by], i.points, labels.label(i.severity), citation_text(wb.regulations, i))
        for i in checklist.items()
    ]
    heads = ("编号", "检查项", "方式", "分值", "严重程度", "检查依据")
    out(
        checklist.model_dump(mode="json"),
        as_json,
        lambda: table(f"{checklist.title} {checklist.version}", heads, rows, right=("分值",)),
    )

"""`xiaobao figures`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.features.draft_check.checking import counted_verdicts
from xiaobao.features.draft_check.verbs import check_figures, read_text_draft
from xiaobao.labels import BASES, VERDICTS
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, say, table
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.word.drafts import read_draft

app = ChineseTyper()


@app.callback()
def figures() -> None:
    """数字：核对报告初稿中的数字。"""


@app.command("check", help="逐个核对初稿中的数字：一致、不一致、舍入差异、无法核对、可推算；有不一致的退出码为 1。")
def check(
    draft: Annotated[Path, typer.Argument(help="初稿（.docx、.md、.txt、.csv）")],
    period: PeriodOption,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    read = read_draft if draft.suffix.lower() == ".docx" else read_text_draft
    blocks = read(draft)
    found = check_figures(bench(read_only=True), blocks, period, campaign)
    tally = counted_verdicts(found)
    rows = [
        (
            VERDICTS[one.verdict],
            one.place,
            one.excerpt,
            one.stated,
            one.expected,
            one.difference,
            "；".join(part for part in (BASES[one.basis], one.reason) if part),
        )
        for one in found
    ]

    def show() -> None:
        heads = ("结论", "位置", "原文", "初稿", "复算", "相差", "说明")
        table(f"{draft.name} 数字核对（{period}）", heads, rows, right=("初稿", "复算", "相差"))
        say("，".join(f"{VERDICTS[verdict]} {number}" for verdict, number in tally.items()))

    out({"period": period, "counts": dict(tally), "findings": [asdict(one) for one in found]}, as_json, show)
    if tally["differs"]:
        raise typer.Exit(1)

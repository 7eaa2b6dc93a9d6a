"""`xiaobao figures`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.features.draft_check.verbs import check_draft_file
from xiaobao.features.draft_check.verdicts import DIFFERS, UNVERIFIABLE, CheckedNumber, counted_verdicts
from xiaobao.labels import BASES, VERDICTS
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper

app = ChineseTyper()
_HEADS = ("结论", "位置", "原文", "初稿", "复算", "相差", "说明")


@app.command("check", help="逐个核对初稿中的数字：一致、舍入、不一致、推算、无法核对；有不一致的退出码为 1。")
def check(
    draft: Annotated[Path, typer.Argument(help="初稿（.docx、.md、.txt、.csv）")],
    period: PeriodOption,
    campaign: CampaignOption = None,
    unit: Annotated[str | None, typer.Option("--unit", help="哪个机构的初稿；不写按初稿标题判断")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="有无法核对的数字时退出码也为 1")] = False,
    as_json: JsonOption = False,
) -> None:

    wb = bench()
    wb.look("report.issue" if unit else "report.bank", unit or "")
    found = check_draft_file(wb, draft, period, campaign, unit)
    numbers = [one for one in found if one.stated]
    left_out = [one for one in found if not one.stated]
    tally = counted_verdicts(numbers)
    checked = len(numbers) - tally[UNVERIFIABLE]
    plain = {
        "period": period,
        "numbers": len(numbers),
        "checked": checked,
        "counts": dict(tally),
        "findings": [asdict(one) for one in found],
    }
    out(plain, as_json, lambda: _show(f"{draft.name} 数字核对（{period}）", numbers, left_out, tally))
    if tally[DIFFERS] or (strict and tally[UNVERIFIABLE]):
        raise typer.Exit(1)


def _show(
    title: str, numbers: Sequence[CheckedNumber], left_out: Sequence[CheckedNumber], tally: Mapping[str, int]
) -> None:
    """Say the summary first, then what is wrong, then the rest."""

    counts = "，".join(f"{VERDICTS[verdict]} {number}" for verdict, number in tally.items())
    say(f"{title}：{counts}")
    wrong = [one for one in numbers if one.verdict == DIFFERS]
    unread = [one for one in numbers if one.verdict == UNVERIFIABLE]
    right = [one for one in numbers if one.verdict not in (DIFFERS, UNVERIFIABLE)]
    for name, part in (("不一致", wrong), ("无法核对", unread), ("其余", right), ("初稿没有写、可以推算的", left_out)):
        if part:
            print_table(f"{name}（{len(part)}）", _HEADS, [_row(one) for one in part], right=("初稿", "复算", "相差"))
    say(f"初稿共有数字 {len(numbers)} 个，核对 {len(numbers) - tally[UNVERIFIABLE]} 个")


def _row(one: CheckedNumber) -> tuple[str, ...]:

    reason = "；".join(part for part in (BASES[one.basis], one.reason) if part)
    return VERDICTS[one.verdict], one.place, one.excerpt, one.stated, one.expected, one.difference, reason

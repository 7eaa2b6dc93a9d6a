"""`xiaobao explain`: how any node of a score came to its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao.errors import Fault, UsageError
from xiaobao.model import to_plain
from xiaobao.numbers import show
from xiaobao.scoring.trace import explain as sentences
from xiaobao.scoring.trace import explain_table
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.workbench.results.reading import scorecard

if TYPE_CHECKING:
    from xiaobao.model import Score
    from xiaobao.scorecard import Scorecard


def explain(
    period: PeriodOption,
    unit: Annotated[str, typer.Option("--unit", help="机构号")],
    domain: Annotated[str, typer.Option("--domain", help="检查域；不写则说明总分")] = "",
    node: Annotated[str, typer.Option("--node", help="评价要素或检查项编号；不写则说明整张表")] = "",
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how a recorded score came about, in sentences and rows; exit 2 on an item that the sheet does not have."""
    wb = bench(read_only=True)
    wb.look("result.see", unit, domain, wb.campaign(period, campaign))
    card = scorecard(wb, unit, period, campaign)
    score, marks, notes = _score(card, domain)
    known = [line.node_id for line in score.trace]
    asked = node or next(iter(known), "")
    if asked not in known:
        raise UsageError(Fault("没有这个评价要素或检查项", value=node, allowed="、".join(known[:20]) or "本期没有得分"))
    explained, rows = sentences(score, asked), explain_table(score, asked)
    plain = {
        "sentences": list(explained),
        "rows": [to_plain(row) for row in rows],
        "marks": marks,
        "notes": list(notes),
    }
    heads = ("编号", "检查项", "可得分", "失分", "按哪条规则", "依据什么事实")
    shown = [(r.node_id, r.title, show(r.possible), show(r.lost), r.rule, r.facts) for r in rows]

    def speak() -> None:
        say(marks + "".join(sentence for sentence in explained if not sentence.startswith("其中 ")))
        print_table("", heads, shown, right=heads[2:4])
        for note in notes:
            say(f"说明：{note}")

    out(plain, as_json, speak)


def _score(card: Scorecard, domain: str) -> tuple[Score, str, tuple[str, ...]]:
    """Return the score that is asked for, what must stand beside it, and what a reader must know."""
    if not domain:
        return card.total, card.marks, card.notes
    found = {one.domain: one for one in card.domains}
    if domain not in found:
        raise UsageError(Fault("这个机构没有该检查域的得分", value=domain, allowed="、".join(found) or "无"))
    one = found[domain]
    return one.after, one.marks, tuple(note for note in card.notes if one.title in note)

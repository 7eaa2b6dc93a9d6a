"""自评与复评 side by side: both scores, and each item where the reviewer says otherwise, with the reason."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from xiaobao.labels import VIEWS, label
from xiaobao.model import FactState, Response, TraceLine
from xiaobao.numbers import add
from xiaobao.pages.views.view_model import Block, Cell, Facts, Text, Title, cells, columns, table_or
from xiaobao.pages.views.wording import DASH, points, score_text

if TYPE_CHECKING:
    from xiaobao.paper.work_paper import OwnView, WorkPaper

_HEADS = columns(
    "编号:short", "检查项", "自评:short", "复评:short", "自评得分:num", "复评得分:num", "差异:num", "差异理由", "复评人"
)


def review_blocks(paper: WorkPaper) -> list[Block]:
    """Both scores and their difference, item by item; before the review the score is 自评."""
    own = paper.own_view
    if own is None:
        words = f"本检查表尚未复核通过，以上得分为{VIEWS[False]}；复核通过后与{VIEWS[True]}并列。"
        return [Title(words="自评与复评"), Text(words=words, tone="muted")]
    facts = Facts(
        pairs=(
            (f"{VIEWS[False]}（百分制）", Cell(text=score_text(own.score))),
            (f"{VIEWS[True]}（百分制）", Cell(text=score_text(paper.after))),
            ("差异", Cell(text=_difference(paper, own))),
        )
    )
    lines = [{line.node_id: line for line in score.trace} for score in (own.score, paper.after)]
    rows = [
        _row(item.id, item.title, own, paper, lines[0][item.id], lines[1][item.id])
        for item in paper.checklist.items()
        if item.id in own.reviews
    ]
    table = table_or("复评与自评没有不同意见。", _HEADS, rows, f"共 {len(rows)} 项不同；自评答复原样保留")
    return [Title(words="自评与复评"), facts, table]


def _row(item: str, title: str, own: OwnView, paper: WorkPaper, was: TraceLine, now: TraceLine) -> tuple[Cell, ...]:
    said, answer = paper.responses.get(item), own.reviews[item]
    change = add(now.earned, -was.earned)
    return cells(
        item,
        title,
        _said(said),
        _said(answer),
        _earned(was),
        _earned(now),
        Cell(
            text=_signed(change) if FactState.ASSESSED in (was.state, now.state) else DASH,
            tone="bad" if change < 0 else "",
        ),
        answer.reason or DASH,
        answer.author or DASH,
    )


def _said(answer: Response | None) -> str:
    return label(answer.conclusion) if answer else DASH


def _earned(line: TraceLine) -> str:
    return points(line.earned) if line.state is FactState.ASSESSED else label(line.state)


def _difference(paper: WorkPaper, own: OwnView) -> str:
    if own.score.value is None or paper.after.value is None:
        return DASH
    return _signed(paper.after.value - own.score.value)


def _signed(change: Decimal) -> str:
    text = points(change)
    return f"+{text}" if change > 0 else text

"""怎样得出: for any node of a score a sentence and a table, what was possible, what was lost, by which rule, why."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from xiaobao.labels import DOMAINS
from xiaobao.model import FactState, Score, TraceLine
from xiaobao.numbers import ZERO
from xiaobao.pages.views.view_model import Block, Cell, TableBlock, Text, Title, View, cells, columns, view
from xiaobao.pages.views.wording import DASH, points, why_no_score
from xiaobao.scoring.trace import explain, explain_table

if TYPE_CHECKING:
    from xiaobao.paper.work_paper import WorkPaper
    from xiaobao.scorecard import Scorecard

_HEADS = columns("编号:short", "检查项", "可得分:num", "失分:num", "按哪条规则", "依据什么事实")
_SETTLED = (FactState.ASSESSED, FactState.NOT_APPLICABLE)


def losses(paper: WorkPaper) -> View:
    """得分明细 section by section: what could be earned, what was taken, by which rule and for which facts."""
    score = paper.after
    parents = {line.parent_id for line in score.trace}
    lost = sum(line.kind == "item" and line.deducted > ZERO for line in score.trace)
    why = why_no_score(score)
    none = f"{why}。" if why else "没有扣分。"
    blocks: list[Block] = [Text(words=f"共 {lost} 项扣分。" if lost else none)]
    for line in score.trace:
        if line.node_id in parents:
            blocks += _explained(score, line)
    return view(*blocks)


def explanation(card: Scorecard) -> View:
    """How the total came about, then each domain: what each part could earn, what it lost, by which rule."""
    blocks: list[Block] = []
    for title, score in [("", card.total), *((domain.title, domain.after) for domain in card.domains)]:
        root = next((line for line in score.trace if not line.parent_id), None)
        if root is not None:
            blocks += _explained(score, root, title)
    return view(*blocks) if blocks else view(Text(words="本期没有得分，无从说明。", tone="muted"))


def _explained(score: Score, node: TraceLine, title: str = "") -> Iterator[Block]:
    sentences = [sentence for sentence in explain(score, node.node_id) if not sentence.startswith("其中 ")]
    children = [line for line in score.trace if line.parent_id == node.node_id and line is not node]
    shown = {line.node_id for line in children if _worth_showing(line)}
    yield Title(words=f"{title}：{node.title}" if title else node.title)
    yield Text(words="".join(sentences))
    if shown:
        rest = f"，其余 {len(children) - len(shown)} 项没有失分" if len(children) > len(shown) else ""
        yield TableBlock(columns=_HEADS, rows=tuple(_rows(score, node, shown)), note=f"列出 {len(shown)} 项{rest}")


def _worth_showing(line: TraceLine) -> bool:
    """Tell whether a node lost points, could not be scored, or is a step that changes the sum."""
    return bool(line.deducted or line.should_deduct or line.earned < ZERO) or line.state not in _SETTLED


def _rows(score: Score, node: TraceLine, shown: Collection[str]) -> Iterator[tuple[Cell, ...]]:
    places = {domain: place for place, domain in enumerate(DOMAINS)}  # domains stand as everywhere else
    table = explain_table(score, node.node_id)
    for row in sorted(table, key=lambda row: places.get(row.node_id, len(places))):
        if row.node_id in shown:
            yield cells(
                DASH if row.node_id in DOMAINS else row.node_id.partition("#")[0],
                row.title,
                points(row.possible),
                Cell(text=points(row.lost), tone="bad" if row.lost > ZERO else ""),
                row.rule or DASH,
                row.facts or DASH,
            )

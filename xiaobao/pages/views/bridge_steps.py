"""得分变动分解 as a waterfall and a table; every step comes ready from the scorecard."""

from __future__ import annotations

from decimal import Decimal

from xiaobao.numbers import show
from xiaobao.pages.views.view_model import Bar, Cell, Text, Title, View, cells, columns, table_or, view
from xiaobao.pages.views.wording import DASH, points
from xiaobao.scorecard import Scorecard
from xiaobao.scorecard.changes import why_unled
from xiaobao.scoring.bridge import BridgeStep, ScoreBridge

_HEADS = columns("步骤", "变动:num", "变动后:num", "0 至 100", "涉及")


def bridge(card: Scorecard) -> View:
    """What led from the former total to this one, step by step."""
    found = card.bridge
    if found is None:
        if card.previous is None or card.total.value is None:
            why = f"没有{'上期' if card.previous is None else '本期'}总分，不能分解得分变动。"
        else:
            why = why_unled((one.title, one.after.value, one.previous) for one in card.domains)
        return view(Text(words=why, tone="muted"))
    rows = [
        cells(
            f"{found.before_period} 总分",
            DASH,
            show(found.before),
            Cell(text="", tone="", bar=Bar(length=found.before)),
            "",
        ),
        *(_step(step) for step in found.steps),
        cells(
            f"{found.after_period} 总分",
            DASH,
            show(found.after),
            Cell(text="", tone="", bar=Bar(length=found.after)),
            "",
        ),
    ]
    note = "各步依次重新评分，变动之和等于两期总分之差；一票否决和四舍五入单列"
    return view(Title(words=_title(found)), table_or("", _HEADS, rows, note))


def _title(found: ScoreBridge) -> str:
    return f"得分变动分解：{found.before_period} {show(found.before)} 分 → {found.after_period} {show(found.after)} 分"


def _step(step: BridgeStep) -> tuple[Cell, ...]:
    fell = step.change < 0
    low, high = sorted((step.reached, step.reached - step.change))
    words = "" if not step.change else ("下降 ▼" if fell else "上升 ▲")
    moved = [f"{part.item} {_signed(part.change)}" for part in step.parts]
    rest = f"其余合计 {_signed(step.rest)}" if step.rest else ""
    about = "；".join(part for part in ("、".join(moved or step.items), rest, step.note) if part) or DASH
    return cells(
        step.title,
        Cell(text=_signed(step.change), tone="bad" if fell else ""),
        points(step.reached),
        Cell(text=words, tone="bad" if fell else "muted", bar=Bar(length=high - low, bad=fell, start=low)),
        about,
    )


def _signed(change: Decimal) -> str:
    return f"+{points(change)}" if change > 0 else points(change)

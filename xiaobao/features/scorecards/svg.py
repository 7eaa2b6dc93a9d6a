"""Small drawings of a light page: a waterfall of what moved a total, and its course over the periods. No library."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from xiaobao.features.scorecards.gathering import signed
from xiaobao.numbers import show
from xiaobao.scorecard.changes import ScoreChange

_WIDTH, _NAMES, _ROW = 620, 250, 24


def waterfall(change: ScoreChange) -> str:
    """Return the way from one total to the next as bars, each with its points; b/w safe: up filled, down hatched."""
    lines = [(one.what, one.change) for one in change.causes]
    if change.rest:
        lines.append(("其余各项合计", change.rest))
    running, marks = change.before, [change.before, change.after]
    for _, moved in lines:
        running += moved
        marks.append(running)
    low, high = min(marks), max(marks)
    span = high - low or Decimal(1)

    def at(value: Decimal) -> str:
        return f"{_NAMES + float((value - low) / span) * (_WIDTH - _NAMES - 90) + 6:.1f}"

    parts = [_sum(0, change.before_period, change.before, at(change.before))]
    running = change.before
    for place, (what, moved) in enumerate(lines, 1):
        parts.append(_bar(place, what, moved, sorted((float(at(running)), float(at(running + moved))))))
        running += moved
    parts.append(_sum(len(lines) + 1, "本期", change.after, at(change.after)))
    ends = f"从 {change.before_period} 的 {show(change.before, 2)} 到本期 {show(change.after, 2)}"
    title = f"{ends}，{signed(change.difference)} 分"
    height = (len(lines) + 2) * _ROW + 6
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="5" height="5" fill="#b3261e"/><line x1="0" y1="0" x2="0" y2="5" stroke="#fff" stroke-width="2"/>'
        f"</pattern></defs>{''.join(parts)}</svg>"
    )


def _name(place: int, words: str) -> str:
    cut = words if len(words) <= 19 else words[:18] + "…"
    return f'<text x="0" y="{place * _ROW + 17}" font-size="12.5" fill="#1f2937">{escape(cut)}</text>'


def _bar(place: int, what: str, moved: Decimal, ends: Sequence[float]) -> str:
    fill = 'class="up"' if moved > 0 else 'fill="url(#hatch)"'
    width = max(ends[1] - ends[0], 1.5)
    y = place * _ROW
    return (
        f'{_name(place, what)}<rect {fill} x="{ends[0]:.1f}" y="{y + 4}" width="{width:.1f}" height="{_ROW - 8}">'
        f"<title>{escape(what)} {signed(moved)}</title></rect>"
        f'<text x="{ends[0] + width + 5:.1f}" y="{y + 17}" font-size="12.5" fill="#1f2937">{signed(moved)}</text>'
    )


def _sum(place: int, words: str, value: Decimal, x: str) -> str:
    y = place * _ROW
    return (
        f'{_name(place, words)}<rect class="sum" x="{float(x) - 3:.1f}" y="{y + 2}" width="6" height="{_ROW - 4}"/>'
        f'<text x="{float(x) + 8:.1f}" y="{y + 17}" font-size="12.5" font-weight="700" fill="#1f2937">'
        f"{show(value, 2)}</text>"
    )


def course(trend: Sequence[tuple[str, Decimal | None]]) -> str:
    """Return the total period by period as a line with its figures; "" for less than two."""
    known = [(place, value) for place, (_, value) in enumerate(trend) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(v for _, v in known) - 2, max(v for _, v in known) + 2
    step = 320 / max(1, len(trend) - 1)

    def y(value: Decimal) -> float:
        return 110 - float((value - low) / (high - low)) * 85

    points = " ".join(f"{40 + place * step:.0f},{y(value):.1f}" for place, value in known)
    said = "".join(
        f'<circle class="dot" cx="{40 + p * step:.0f}" cy="{y(v):.1f}" r="4"/>'
        f'<text x="{40 + p * step:.0f}" y="{y(v) - 9:.1f}" font-size="13" text-anchor="middle">{show(v, 2)}</text>'
        for p, v in known
    )
    names = "".join(
        f'<text x="{40 + place * step:.0f}" y="136" font-size="12" text-anchor="middle">{escape(period)}</text>'
        for place, (period, _) in enumerate(trend)
    )
    words = f"总分走势：{'，'.join(f'{trend[p][0]} {show(v, 2)}' for p, v in known)}"
    return (
        f'<svg class="chart" viewBox="0 0 400 144" role="img" aria-label="{escape(words)}">'
        f'<polyline class="trend" points="{points}"/>{said}{names}</svg>'
    )

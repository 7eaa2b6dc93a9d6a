"""Figures of the self-evaluation (自评估) by the regulator's seven elements, with the list of evidence.

The score of the evaluation is given by people on the regulator's own sheet; this shows how the bank's own inspection
stands under each element, and what proves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from xiaobao.labels import ELEMENTS, label
from xiaobao.model import FactState
from xiaobao.numbers import share
from xiaobao.policies import NO_LIMIT, LeastAssessed
from xiaobao.report_figures.figures import FigureSet, FigureTable, ReportFigure, gather_figures, of_source
from xiaobao.scoring.coverage import below_limit, coverage_words, reaches

_OTHER = ("", "未对应要素")
ELEMENT_COLUMNS = {
    "element": "评价要素",
    "asked": "检查项",
    "answers": "应查项次",
    "assessed": "已评分项次",
    "possible": "可得分值",
    "earned": "得分",
    "rate": "得分率（%）",
    "evidence": "佐证份数",
}
EVIDENCE_COLUMNS = {"element": "评价要素", "item": "检查项", "unit": "机构", "name": "佐证材料", "sha256": "内容校验"}
_LOSS_COLUMNS = {"element": "评价要素", "item": "检查项", "units": "失分机构", "lost": "失分", "state": "未评分项次"}


@dataclass(frozen=True, kw_only=True)
class ElementItem:
    """One item at one unit. `element` is the regulator's code, empty without one; `evidence` (file, SHA-256).

    `nominal` are its points on the sheet, `possible` those that were assessed.
    """

    element: str
    item_id: str
    title: str
    unit: str
    state: FactState
    possible: Decimal
    earned: Decimal
    evidence: tuple[tuple[str, str], ...] = ()
    nominal: Decimal = Decimal(0)


def element_figures(items: Sequence[ElementItem], least: LeastAssessed = NO_LIMIT, behind: str = "") -> FigureSet:
    """Return, for each of the seven elements, what was asked, scored, earned and proved.

    An element, or the whole, of which less than `least` was assessed has no points and no rate. `behind` stands behind
    every rate: how many units' scores are not the last word.
    """
    groups = {code: [one for one in items if one.element == code] for code in (*ELEMENTS, _OTHER[0])}
    titles = {**ELEMENTS, _OTHER[0]: _OTHER[1]}
    rows = [_row(titles[code], own, least.domain, behind) for code, own in groups.items() if own or code]
    note = "得分率 = 得分 ÷ 已评分项次的可得分值；不适用、未检查、无数据、待核实的项次不计入。"
    evidence = tuple(_evidence(titles, groups))
    tables = [
        FigureTable(
            name="elements", title="七个评价要素自评情况", columns=ELEMENT_COLUMNS, rows=tuple(rows), note=note
        ),
        FigureTable(
            name="shortfalls",
            title="失分和未评分的检查项",
            columns=_LOSS_COLUMNS,
            rows=tuple(_shortfalls(titles, groups)),
        ),
        FigureTable(name="evidence", title="佐证材料清单", columns=EVIDENCE_COLUMNS, rows=evidence),
    ]
    make = of_source("自评", "检查结果", bool(items))
    totals, held = _sums(items), _held(items, least.total)
    rate = share(totals[2], totals[1]) if not held else None
    figures = [
        make("应查项次", len(items), "项次"),
        make("已评分项次", totals[0], "项次"),
        replace(make("得分率", rate, "%", "已评分项次的可得分值", instead=held), mark=behind),
        make("佐证", len(evidence), "份"),
        make("无佐证要素", sum(not any(one.evidence for one in groups[code]) for code in ELEMENTS), "个", "七个要素"),
    ]
    return gather_figures(figures, tables)


def _sums(items: Sequence[ElementItem]) -> tuple[int, Decimal, Decimal]:
    """Return how many were scored, points possible and points earned."""
    scored = [one for one in items if one.state is FactState.ASSESSED]
    possible = sum((one.possible for one in scored), Decimal(0))
    return len(scored), possible, sum((one.earned for one in scored), Decimal(0))


def _held(items: Sequence[ElementItem], least: Decimal) -> str:
    """Return “覆盖 n %” where too little was assessed, nothing where it is enough."""
    applicable = sum((one.nominal for one in items if one.state is not FactState.NOT_APPLICABLE), Decimal(0))
    assessed = sum((one.nominal for one in items if one.state is FactState.ASSESSED), Decimal(0))
    covered = Fraction(assessed) / Fraction(applicable) if applicable else None
    return "" if reaches(covered, least) else coverage_words(below_limit(covered))


def _row(title: str, own: Sequence[ElementItem], least: Decimal, behind: str) -> dict[str, str | ReportFigure]:
    make = of_source(f"自评·{title}", "检查结果", bool(own))
    scored, possible, earned = _sums(own)
    held = _held(own, least)
    rate = make("得分率", None if held else share(earned, possible), "%", "已评分项次的可得分值", instead=held)
    return {
        "element": title,
        "asked": make("检查项", len({one.item_id for one in own}), "项"),
        "answers": make("应查项次", len(own), "项次"),
        "assessed": make("已评分项次", scored, "项次"),
        "possible": make("可得分值", possible, "分", places=2),
        "earned": make("得分", None if held else earned, "分", places=2, instead=held),
        "rate": replace(rate, mark=behind),
        "evidence": make("佐证份数", sum(len(one.evidence) for one in own), "份"),
    }


def _shortfalls(
    titles: dict[str, str], groups: dict[str, list[ElementItem]]
) -> Iterator[dict[str, str | ReportFigure]]:
    for code, own in groups.items():
        by_item: dict[str, list[ElementItem]] = {}
        for one in own:
            by_item.setdefault(one.item_id, []).append(one)
        for item_id, answers in by_item.items():
            _, possible, earned = _sums(answers)
            states = [one.state for one in answers if one.state not in (FactState.ASSESSED, FactState.NOT_APPLICABLE)]
            if possible > earned or states:
                make = of_source(f"自评·{titles[code]}·{item_id}", "检查结果")
                short = sum(one.state is FactState.ASSESSED and one.earned < one.possible for one in answers)
                kinds = [f"{label(state)} {states.count(state)}" for state in FactState if state in states]
                yield {
                    "element": titles[code],
                    "item": answers[0].title,
                    "units": make("失分机构", short, "个"),
                    "lost": make("失分", possible - earned, "分", places=2),
                    "state": "、".join(kinds) or "—",
                }


def _evidence(titles: dict[str, str], groups: dict[str, list[ElementItem]]) -> Iterator[dict[str, str | ReportFigure]]:
    for code, own in groups.items():
        for one in own:
            for name, digest in one.evidence:
                yield {
                    "element": titles[code],
                    "item": one.title,
                    "unit": one.unit,
                    "name": name,
                    "sha256": digest[:12],
                }

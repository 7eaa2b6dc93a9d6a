"""Scores of the self-evaluation (自评估) by the regulator's elements: each unit's, and how they lie over the bank."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from xiaobao.checklist.models import Scheme
from xiaobao.features.self_evaluation.scoring import SelfEvaluation
from xiaobao.labels import ELEMENTS
from xiaobao.model import Score
from xiaobao.numbers import ZERO, half_up
from xiaobao.report_figures.figures import (
    FigureCell,
    FigureMaker,
    FigureSet,
    FigureTable,
    ReportFigure,
    gather_figures,
    of_source,
)
from xiaobao.scorecard.card import counted_reservations, reserved_marks, total_marks
from xiaobao.scoring.coverage import value_words
from xiaobao.scoring.total import weight_title

SCORE_COLUMNS = {
    "element": "评价要素",
    "weight": "权重",
    "scored": "有得分机构",
    "mean": "平均分",
    "low": "最低分",
    "top": "最高分",
}
_BASE = "有得分的机构"
_SOURCE = "按要素自评"


@dataclass(frozen=True)
class Evaluated:
    """The scheme that evaluates by elements, and what it gives for each unit, by the unit's printed name.

    `reserved`: the same name → the words for what keeps its scores from being the last ones (未更新, 草稿, 旧数据).
    """

    scheme: Scheme
    units: Mapping[str, SelfEvaluation] = field(default_factory=dict)
    reserved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def behind(self, name: str) -> str:
        """Return what stands behind a unit's scores."""
        return total_marks(self.reserved.get(name, ()))

    def behind_all(self, names: Iterable[str]) -> str:
        """Return what stands behind a figure of many units."""
        return reserved_marks(counted_reservations(self.reserved.get(name, ()) for name in names))


def evaluation_figures(found: Evaluated) -> FigureSet:
    """Return every element's and every unit's score; an element that no item feeds has none, and never a zero."""
    ordered = [*(name for name in ELEMENTS if name in found.scheme.weights), *found.scheme.weights]
    titles = {name: weight_title(found.scheme, name) for name in ordered}
    rows = tuple(_element_row(found, name, title) for name, title in titles.items())
    columns = {
        "unit": "机构",
        "total": "自评总分",
        "state": "备注",
        **{f"element_{name}": t for name, t in titles.items()},
    }
    tables = [
        FigureTable(
            name="element_scores", title="各评价要素自评得分", columns=SCORE_COLUMNS, rows=rows, note=_note(found)
        ),
        FigureTable(name="unit_scores", title="各机构自评得分", columns=columns, rows=tuple(_unit_rows(found, titles))),
    ]
    return gather_figures(_totals(found), tables)


def _totals(found: Evaluated) -> Iterator[ReportFigure]:
    values = _known(one.total.value for one in found.units.values())
    make = of_source("自评总分", _SOURCE, bool(found.units))
    yield make("机构", len(found.units), "个")
    yield make("有得分机构", len(values), "个")
    yield make("覆盖不足", len(found.units) - len(values), "个")
    behind = found.behind_all(name for name, one in found.units.items() if one.total.value is not None)
    yield replace(make("平均分", _mean(values), "分", _BASE, 2), mark=behind)
    for title, end in (("最高分", max(values, default=None)), ("最低分", min(values, default=None))):
        holders = (name for name, one in found.units.items() if end is not None and one.total.value == end)
        words = {word for name in holders for word in found.reserved.get(name, ())}
        yield replace(make(title, end, "分", _BASE, 2), mark=total_marks(words))
    yield make("暂定", sum(one.total.provisional for one in found.units.values() if one.total.value is not None), "个")
    yield make("未对应要素项次", sum(len(one.unmapped) for one in found.units.values()), "项次")


def _note(found: Evaluated) -> str:
    rest = found.scheme.unassigned
    spare = f"；尚有 {rest:f} 分权重没有分配到要素，按已分配的权重折算" if rest else ""
    way = f"要素得分 = 该要素各检查项得分 ÷ 可得分值 × 100{spare}"
    return f"方案：{found.scheme.title} {found.scheme.version}。{way}。{_reserved(found)}"


def _reserved(found: Evaluated) -> str:
    """Say how many units' scores are not the last word: in Excel a number has no words behind it."""
    behind = found.behind_all(found.units)
    return f"各机构得分{behind}。" if behind else ""


def _element_row(found: Evaluated, name: str, title: str) -> Mapping[str, FigureCell]:
    scores = {unit: one.elements[name].value for unit, one in found.units.items() if name in one.elements}
    values = _known(list(scores.values()))
    behind = found.behind_all(unit for unit, value in scores.items() if value is not None)
    make = of_source(f"自评得分·{title}", _SOURCE, bool(found.units))
    return {
        "element": title,
        "weight": make("权重", found.scheme.weights[name], "分"),
        "scored": make("有得分机构", len(values), "个"),
        "mean": replace(make("平均分", _mean(values), "分", _BASE, 2), mark=behind),
        "low": make("最低分", min(values, default=None), "分", _BASE, 2),
        "top": make("最高分", max(values, default=None), "分", _BASE, 2),
    }


def _unit_rows(found: Evaluated, titles: Mapping[str, str]) -> Iterator[Mapping[str, FigureCell]]:
    for unit, one in found.units.items():
        make = of_source(f"自评得分·{unit}", _SOURCE)
        provisional = "暂定" if one.total.provisional and one.total.value is not None else ""
        whole = make("自评总分", one.total.value, "分", places=2, instead=value_words(one.total))
        yield {
            "unit": unit,
            "total": replace(whole, mark=found.behind(unit)),
            "state": "；".join(filter(None, (provisional, found.behind(unit).strip("（）")))),
            **{f"element_{name}": _cell(make, title, one.elements.get(name)) for name, title in titles.items()},
        }


def _cell(make: FigureMaker, title: str, score: Score | None) -> ReportFigure:
    if score is None:
        return make(title, None, "分", places=2)
    return make(title, score.value, "分", places=2, instead=value_words(score))


def _known(values: Iterator[Decimal | None] | Sequence[Decimal | None]) -> list[Decimal]:
    return [value for value in values if value is not None]


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return half_up(sum(values, ZERO) / len(values)) if values else None

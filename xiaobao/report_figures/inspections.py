"""Figures of inspections, of the appraisal (考核) and of rectification, as reports print them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from xiaobao.corrective_actions import overdue
from xiaobao.labels import DOMAINS, domain_title, label, level_of
from xiaobao.model import CorrectiveAction, Disposition, Finding, Nature, Severity
from xiaobao.numbers import half_up, median, share
from xiaobao.report_figures.figures import FigureMaker, FigureSet, FigureTable, ReportFigure, gather_figures, of_source
from xiaobao.scorecard import Overview, OverviewRow, Scorecard
from xiaobao.scorecard.card import RESERVATIONS, counted_reservations, marks, reserved_marks

_SOURCE = "检查结果"
RANK_COLUMNS = {
    "level": "层级",
    "rank": "名次",
    "unit": "机构",
    "total": "得分",
    "coverage": "评分覆盖（%）",
    "grade": "等级",
    "previous": "上期得分",
    "change": "较上期",
    "findings": "检查发现",
    "high": "其中高风险",
    "open": "待认定疑点",
    "state": "备注",
}
UNSCORED_COLUMNS = {
    "level": "层级",
    "unit": "机构",
    "standing": "状态",
    "findings": "检查发现",
    "open": "待认定疑点",
    "state": "备注",
}
DOMAIN_COLUMNS = {
    "domain": "检查域",
    "scored": "参评机构",
    "mean": "平均分",
    "median": "中位数",
    "top": "最高分",
    "low": "最低分",
    "lowest": "得分最低的机构",
}
_LOSS_COLUMNS = {
    "unit": "机构",
    "domain": "检查域",
    "item": "检查项",
    "lost": "扣分",
    "weighted": "占总分",
    "why": "原因",
}
_SHOWN_LOSSES = 5
_LOSS_NOTE = f"每个机构列占总分最多的 {_SHOWN_LOSSES} 项，全部扣分见随附的数字表。"
VETO_COLUMNS = {"unit": "机构", "day": "日期", "event": "事件", "before": "否决前得分", "after": "否决后得分"}
FINDING_COLUMNS = {"domain": "检查域", "count": "检查发现", "high": "其中高风险", "units": "涉及机构"}


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What was inspected in a report's period. `leads` hold what was decided of each lead, None while it is open.

    `cards` by unit are those of the last campaign; `overviews` are all campaigns within the period, oldest first.
    `actions` are the measures of these campaigns, `earlier` those of campaigns before the period that are still open.
    """

    as_of: date
    overviews: tuple[Overview, ...] = ()
    cards: Mapping[str, Scorecard] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    leads: tuple[Disposition | None, ...] = ()
    actions: tuple[CorrectiveAction, ...] = ()
    earlier: tuple[CorrectiveAction, ...] = ()

    @property
    def unscored(self) -> tuple[OverviewRow, ...]:
        """The units that the last campaign has no score of."""
        return self.overviews[-1].unscored if self.overviews else ()


def inspection_figures(found: Inspected) -> FigureSet:
    """Return the figures of inspections and rectification of the period; 无数据 where no campaign was held."""
    last = found.overviews[-1] if found.overviews else None
    scores = FigureTable(
        name="domains",
        title="各检查域得分情况",
        columns=DOMAIN_COLUMNS,
        rows=tuple(_domain_rows(last)) if last else (),
        note=_reserved(last) if last else "",
    )
    bare = FigureTable(
        name="unscored",
        title="未检查和覆盖不足的机构",
        columns=UNSCORED_COLUMNS,
        rows=tuple(map(_unscored_row, found.unscored)),
        note="没有得分不是没有问题；这些机构不排名，不计入平均分和中位数。",
    )
    return gather_figures([*_totals(found), *_rectification(found)], [_by_domain(found), scores, bare])


def _unscored_row(row: OverviewRow) -> Mapping[str, str | ReportFigure]:
    make = of_source(f"未评分·{_name(row)}", _SOURCE)
    return {
        "level": level_of(row.unit),
        "unit": _name(row),
        "standing": row.standing,
        "findings": make("检查发现", row.findings, "项"),
        "open": make("待认定疑点", row.open_leads, "条"),
        "state": _state(row),
    }


def _state(row: OverviewRow) -> str:
    """Return what a line's score wants beside it: not up to date, missing or failed papers, drafts, 暂定."""
    missing = "缺" + "、".join(row.missing) if row.missing else ""
    said = [row.marks.strip("（）"), missing, *row.warnings]
    return "；".join(filter(None, said)) or ("暂定" if row.provisional and row.total is not None else "")


def _totals(found: Inspected) -> Iterator[ReportFigure]:
    last = found.overviews[-1] if found.overviews else None
    make = of_source("检查", _SOURCE, last is not None)
    rows = last.rows if last else ()
    scores = [row.total for row in rows if row.total is not None]
    base = "有得分的机构"
    yield make("批次", len(found.overviews), "批")
    yield make("机构", len(rows), "个")
    yield make("有得分机构", len(scores), "个")
    bare = sum(row.uninspected for row in found.unscored)
    yield make("未检查机构", bare, "个")
    yield make("覆盖不足机构", sum(row.too_little for row in found.unscored), "个")
    reserved = counted_reservations(row.reservations for row in rows)
    yield from _spread(make, [(row.total, row.reservations) for row in rows], base, base)
    for word in RESERVATIONS:
        yield make(f"保留·{word}", reserved.get(word, 0), "个")
    for code, title in (last.grade_labels if last else {}).items():
        yield make(f"等级·{title}", sum(row.grade == code for row in rows if row.total is not None), "个")
    yield make("发现", len(found.findings), "项")
    yield make("发现机构", len({one.unit for one in found.findings}), "个")
    for nature in Nature:
        yield make(f"定性·{label(nature)}", sum(one.nature is nature for one in found.findings), "项")
    for severity in Severity:
        yield make(f"风险·{label(severity)}", sum(one.severity is severity for one in found.findings), "项")
    yield make("疑点", len(found.leads), "条")
    decided = Counter(found.leads)
    for disposition in Disposition:
        yield make(f"疑点·{label(disposition)}", decided[disposition], "条")
    yield make("疑点·未认定", decided[None], "条")
    vetoes = sum(len(_vetoes(card)) for card in found.cards.values())
    yield make("一票否决", vetoes, "起")


def _spread(
    make: FigureMaker, scored: Iterable[tuple[Decimal | None, tuple[str, ...]]], of_means: str, of_ends: str = ""
) -> tuple[ReportFigure, ReportFigure, ReportFigure, ReportFigure]:
    """Return mean, median, most and least of scores with what keeps each from being the last word, marked by it."""
    found = [(value, words) for value, words in scored if value is not None]
    values = [value for value, _ in found]
    most, least = max(values, default=None), min(values, default=None)

    def end(name: str, value: Decimal | None) -> ReportFigure:
        words = {word for held, own in found if held == value for word in own}
        return replace(make(name, value, "分", of_ends, 2), mark=marks(word for word in RESERVATIONS if word in words))

    behind = reserved_marks(counted_reservations(words for _, words in found))
    mean, middle = make("平均分", _mean(values), "分", of_means, 2), make("中位数", median(values), "分", of_means, 2)
    return (replace(mean, mark=behind), replace(middle, mark=behind), end("最高分", most), end("最低分", least))


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return half_up(sum(values, Decimal(0)) / len(values)) if values else None


def _rectification(found: Inspected) -> Iterator[ReportFigure]:
    make = of_source("整改", "整改台账", bool(found.overviews))
    states = Counter(action.status for action in found.actions)
    yield make("措施", len(found.actions), "项")
    yield make("整改中", states["open"], "项")
    yield make("待验证", states["done"], "项")
    yield make("待销号", states["verified"], "项")
    yield make("已销号", states["closed"], "项")
    yield make("销号率", share(states["closed"], len(found.actions)), "%", "全部整改措施")
    yield make("逾期", sum(overdue(action, found.as_of) for action in found.actions), "项")
    before = of_source("整改·往期", "整改台账", bool(found.overviews or found.earlier))
    yield before("未完成", len(found.earlier), "项")
    yield before("逾期", sum(overdue(action, found.as_of) for action in found.earlier), "项")


def _by_domain(found: Inspected) -> FigureTable:
    rows: list[Mapping[str, str | ReportFigure]] = []
    for domain in dict.fromkeys([*DOMAINS, *(one.domain for one in found.findings)]):
        own = [one for one in found.findings if one.domain == domain]
        if own:
            title = domain_title(domain, own[0].domain_title)
            make = of_source(f"检查·发现·{title}", _SOURCE)
            high = sum(one.severity is Severity.HIGH for one in own)
            rows.append(
                {
                    "domain": title,
                    "count": make("项数", len(own), "项"),
                    "high": make("高风险", high, "项"),
                    "units": make("机构", len({one.unit for one in own}), "个"),
                }
            )
    return FigureTable(name="findings", title="检查发现按检查域分布", columns=FINDING_COLUMNS, rows=tuple(rows))


# --- 考核通报: all units of one campaign --------------------------------------------------------------------------


def appraisal_figures(found: Inspected) -> FigureSet:
    """Return ranks of the units that have a score, what each lost with the reason, and vetoes.

    Needs one campaign at least.
    """
    last = found.overviews[-1]
    names = {row.unit.id: _name(row) for row in last.rows}
    ranks = tuple(_rank_row(row, last.grade_labels) for row in last.rows if row.total is not None)
    notes = "".join(note if note.endswith("。") else f"{note}。" for note in last.notes)
    tables = [
        FigureTable(name="ranks", title="各机构考核结果", columns=RANK_COLUMNS, rows=ranks, note=notes),
        FigureTable(
            name="losses",
            title="各机构主要扣分",
            columns=_LOSS_COLUMNS,
            rows=tuple(_loss_rows(found.cards, names, _SHOWN_LOSSES)),
            note=_LOSS_NOTE,
        ),
        FigureTable(
            name="all_losses", title="各机构扣分明细", columns=_LOSS_COLUMNS, rows=tuple(_loss_rows(found.cards, names))
        ),
        FigureTable(
            name="vetoes", title="一票否决事项", columns=VETO_COLUMNS, rows=tuple(_veto_rows(found.cards, names))
        ),
    ]
    return gather_figures((), tables)


def _name(row: OverviewRow) -> str:
    return f"{row.unit.name}（{row.unit.id}）"


def _rank_row(row: OverviewRow, grades: Mapping[str, str]) -> dict[str, str | ReportFigure]:
    make = of_source(f"考核·{_name(row)}", _SOURCE)
    change = row.total - row.previous if row.comparable and row.total is not None and row.previous is not None else None
    total = make("得分", row.total, "分", places=2)
    return {
        "level": level_of(row.unit),
        "rank": make("名次", row.rank, "", "同层级有得分的机构"),
        "unit": _name(row),
        "total": replace(total, mark=row.marks),
        "coverage": make("评分覆盖", row.coverage, "%", "适用检查项的分值"),
        "grade": grades.get(row.grade, "—"),
        "previous": make("上期得分", row.previous, "分", places=2),
        "change": make("较上期", change, "分", places=2),
        "findings": make("检查发现", row.findings, "项"),
        "high": make("高风险发现", row.high_findings, "项"),
        "open": make("待认定疑点", row.open_leads, "条"),
        "state": _state(row),
    }


def _reserved(last: Overview) -> str:
    """Say by domain how many scores are not the last word: in Excel a number has no words behind it."""
    found = (
        (title, reserved_marks(counted_reservations(row.reservations_of(domain) for row in last.rows)))
        for domain, title in last.domain_titles.items()
    )
    said = "；".join(f"{title}{behind}" for title, behind in found if behind)
    return f"得分有保留的：{said}。" if said else ""


def _domain_rows(last: Overview) -> Iterator[dict[str, str | ReportFigure]]:
    for domain, title in last.domain_titles.items():
        scored = [(value, row) for row in last.rows if (value := row.domains.get(domain)) is not None]
        values = [value for value, _ in scored]
        low = min(values, default=None)
        make = of_source(f"检查·得分·{title}", _SOURCE)
        worst = [row.unit.name for value, row in scored if value == low]
        mean, middle, top, least = _spread(
            make, [(value, row.reservations_of(domain)) for value, row in scored], "有得分的机构"
        )
        yield {
            "domain": title,
            "scored": make("参评机构", len(values), "个"),
            "mean": mean,
            "median": middle,
            "top": top,
            "low": least,
            "lowest": "、".join(worst) if len(worst) < len(values) else "—",
        }


def _loss_rows(
    cards: Mapping[str, Scorecard], names: Mapping[str, str], most: int | None = None
) -> Iterator[dict[str, str | ReportFigure]]:
    for unit, card in cards.items():
        for place, loss in enumerate(card.losses[:most], 1):
            domain = domain_title(loss.domain, loss.domain_title) or "总分"
            make = of_source(f"考核·{names.get(unit, unit)}·扣分{place}", _SOURCE)
            yield {
                "unit": names.get(unit, unit),
                "domain": domain,
                "item": loss.title,
                "lost": make("扣分", loss.lost, "分", f"该项满分 {loss.of:f} 分", 2),
                "weighted": make("占总分", loss.weighted, "分", "总分 100 分", 2),
                "why": loss.reason or loss.explanation,
            }


def _vetoes(card: Scorecard) -> list[tuple[str, date, str, Decimal | None, Decimal | None]]:
    scores = [("总分", card.total), *((domain.title, domain.after) for domain in card.domains)]
    return [
        (title, veto.event.day, veto.event.description, veto.unvetoed, score.value)
        for title, score in scores
        for veto in score.vetoes
    ]


def _veto_rows(cards: Mapping[str, Scorecard], names: Mapping[str, str]) -> Iterator[dict[str, str | ReportFigure]]:
    for unit, card in cards.items():
        for place, (title, day, event, before, after) in enumerate(_vetoes(card), 1):
            make = of_source(f"考核·{names.get(unit, unit)}·否决{place}", _SOURCE)
            yield {
                "unit": names.get(unit, unit),
                "day": day.isoformat(),
                "event": f"{title}：{event}",
                "before": make("否决前得分", before, "分", places=2),
                "after": make("否决后得分", after, "分", places=2),
            }

"""Figures of the complaint ledger, as reports print them. Everything was counted in `complaints`; here it is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from xiaobao.features.complaints import Breakdown, BreakdownRow, LedgerFigures, Timeliness
from xiaobao.report_figures.figures import (
    FigureCell,
    FigureMaker,
    FigureSet,
    FigureTable,
    ReportFigure,
    gather_figures,
    of_source,
)

_SOURCE = "投诉台账"
_Row = Mapping[str, FigureCell]
_FACETS = {"source": "来源", "channel": "渠道", "business_class": "业务类别", "reason": "原因"}
_PLACES = {
    "channel_front": "前台业务渠道",
    "month": "月份",
    "region": "地区",
    "branch": "分行及直属机构",
    "unit": "机构",
    "complexity": "复杂程度",
}
FACET_COLUMNS = {
    "name": "项目",
    "count": "件数",
    "share": "占比（%）",
    "before": "对比期",
    "difference": "增减",
    "rate": "增幅（%）",
    "new": "新增",
    "repeats": "重复",
    "withdrawn": "撤诉",
    "valid": "有效",
}
SUBCLASS_COLUMNS = {"above": "大类", "name": "小类", "count": "件数", "share": "占大类比（%）"}
TIMELINESS_COLUMNS = {
    "name": "范围",
    "cases": "件数",
    "on_time": "按期办结",
    "late": "超期办结",
    "in_hand": "在办未超期",
    "overdue": "在办超期",
    "withdrawn": "撤诉",
    "faulty": "数据有误",
    "rate": "按期办结率（%）",
    "mean": "平均天数",
    "median": "中位天数",
    "longest": "最长天数",
}
_MEASURES = {"channel_front": "channel"}
UNDELIVERED = "台账没有这一列"
HOT_COLUMNS = {"unit": "机构", "name": "业务类别", "count": "本期件数", "before": "对比期件数", "expected": "预期件数"}
EXCLUDED_COLUMNS = {"reason": "不计入的原因", "count": "行数"}


def complaint_figures(found: LedgerFigures | None, share_places: int = 2) -> FigureSet:
    """Return the figures and tables of a ledger; without one every total is 无数据 and there is no table."""
    if found is None:
        return gather_figures(_totals(None))
    tables = [*_facet_tables(found, share_places), _timeliness_table(found), _hot_table(found), _excluded(found)]
    return gather_figures([*_totals(found), *_service(found)], tables)


def _totals(found: LedgerFigures | None) -> Iterator[ReportFigure]:
    make = of_source("投诉", _SOURCE, found is not None)
    totals = found.totals if found else None
    basis = "新增 − 重复 − 撤诉"
    yield make("新增", totals and totals.new)
    yield _known(found, "repeats")("重复", totals and totals.repeats)
    yield _known(found, "withdrawn")("撤诉", totals and totals.withdrawn)
    yield make("有效", totals and totals.valid, base=basis)
    yield make("件数", totals and totals.count, base=base_name(found))
    yield _known(found, "escalated")("升级", totals and totals.escalated)
    yield _known(found, "returned")("撤诉后再投诉", totals and totals.returned)
    yield make("台账行数", totals and totals.rows, "行")
    change = found.total_change if found else None
    against = found.compared or "手工填列的上年同期总数" if found and change else ""
    yield make("对比期件数", change and change.before, base=against)
    yield make("增减件数", change and change.difference, base=against)
    yield make("增幅", change and change.rate, "%", against)


def _known(found: LedgerFigures | None, measure: str) -> FigureMaker:
    """Return the maker of figures of one measure: 无数据 where a column that it needs was not delivered."""
    return of_source("投诉", _SOURCE, found is not None and found.known(measure))


def base_name(found: LedgerFigures | None) -> str:
    """Return what shares and counts are of, in words."""
    return ("有效投诉" if found.totals.basis == "valid" else "新增投诉") if found else ""


def _service(found: LedgerFigures) -> Iterator[ReportFigure]:
    """Yield review, resolution, satisfaction, density and concentration."""
    make = of_source("投诉", _SOURCE)
    reviews, solved, rates = found.reviews, found.resolution, found.rates
    yield _known(found, "reviews")("核查申请", reviews.asked)
    yield _known(found, "reviews")("核查按期", reviews.on_time)
    yield _known(found, "reviews")("核查超期", reviews.late + reviews.in_hand_overdue)
    yield _known(found, "reviews")("核查在办", reviews.in_hand)
    yield _known(found, "reviews")("核查按期率", reviews.on_time_rate, "%", "已办结和在办超期的核查")
    yield _known(found, "resolution")("首诉办结", solved.first_decided)
    yield _known(found, "resolution")("首诉处理结案", solved.settled)
    yield _known(found, "resolution")("首诉处理结案率", solved.settled_rate, "%", "已办结的首次投诉")
    yield _known(found, "satisfaction")("回访表态", solved.asked)
    yield _known(found, "satisfaction")("回访满意", solved.satisfied)
    yield _known(found, "satisfaction")("回访满意率", solved.satisfied_rate, "%", "回访中表态的投诉")
    yield make("网点数", rates.outlets or None, "个")
    yield make("每网点月均", rates.per_outlet_month, "件", f"网点数 × {rates.months} 个月", 2)
    yield make("客户数", rates.customers, "户", "本行在设置中填写")
    yield make("每万名客户", rates.per_ten_thousand, "件", "客户数", 2)
    if (dense := found.concentration) is not None:
        yield make("无投诉机构", dense.without, "个")
        yield make("半数投诉集中机构", dense.half, "个", "按件数从多到少累计过半")
        yield make("机构投诉中位数", dense.median, "件", "全部机构")
        for size, count, share in dense.top:
            yield make(f"前{size}家机构", count)
            yield make(f"前{size}家机构占比", share, "%", "全部机构的投诉")


def _facet_tables(found: LedgerFigures, places: int) -> Iterator[FigureTable]:
    for name, title in {**_FACETS, **_PLACES}.items():
        if not found.known(_MEASURES.get(name, name)):
            yield _undelivered(name, title)
        elif (known := found.groups.get(name) or found.breakdowns.get(name)) is not None:
            yield _facet_table(name, title, known, places)
    yield _subclasses(found.breakdowns["business_class"], places)


def _undelivered(name: str, title: str) -> FigureTable:
    """Return the table of a facet whose column the ledger has not: one row that says so, and no numbers."""
    make = of_source(f"投诉·{title}", _SOURCE, known=False)
    figures = {column: make(words, None) for column, words in FACET_COLUMNS.items() if column != "name"}
    note = f"台账没有投诉{title}这一列，不作统计。"
    return FigureTable(
        name=name, title=f"投诉{title}情况", columns=FACET_COLUMNS, rows=({"name": UNDELIVERED, **figures},), note=note
    )


def _facet_table(name: str, title: str, found: Breakdown, places: int) -> FigureTable:
    base = f"{found.base_name} {found.base} 件"
    named = (_month(part.name) if name == "month" else _shown_name(part) for part in found.rows)
    rows = [_facet_row(title, words, part, base, places) for words, part in zip(named, found.rows, strict=True)]
    make = of_source(f"投诉·{title}·合计", _SOURCE)
    total: _Row = {
        "name": "合计",
        "count": make("件数", found.base, base=found.base_name),
        "share": make("占比", found.share_sum, "%", base, places),
        "before": "",
        "difference": "",
        "rate": "",
        **_deducted(make, found.rows),
    }
    note = f"占比的分母为{base}；{_sum_note(found)}。"
    return FigureTable(name=name, title=f"投诉{title}情况", columns=FACET_COLUMNS, rows=(*rows, total), note=note)


def _deducted(make: FigureMaker, parts: Sequence[BreakdownRow]) -> dict[str, ReportFigure]:
    """Return how valid complaints come from new ones, over some rows: valid = new − repeats − withdrawn."""
    new, repeats, withdrawn, valid = (
        sum(getattr(part, name) for part in parts) for name in ("new", "repeats", "withdrawn", "valid")
    )
    return {
        "new": make("新增", new),
        "repeats": make("重复", repeats),
        "withdrawn": make("撤诉", withdrawn),
        "valid": make("有效", valid, base="新增 − 重复 − 撤诉"),
    }


def _sum_note(found: Breakdown) -> str:
    bent = "、".join(f"“{_shown_name(part)}”" for part in found.rows if part.bent)
    if bent:
        return f"各项四舍五入后，{bent}的占比经过调整并标 *，使合计为 100%"
    return "各项四舍五入，合计可能不等于 100%"


def _month(code: str) -> str:
    """Return 2026年2月 for 2026-02: a number next to a number is misread."""
    year, _, month = code.partition("-")
    return f"{year}年{int(month)}月"


def _shown_name(part: BreakdownRow) -> str:
    names = {"unclassified": "未归类", "missing": "未填写"}
    name = names.get(part.kind, part.name)
    return f"{name}（{part.code}）" if part.code else name


def _facet_row(title: str, name: str, part: BreakdownRow, base: str, places: int) -> dict[str, str | ReportFigure]:
    make = of_source(f"投诉·{title}·{name}", _SOURCE)
    change = part.change
    return {
        "name": name,
        "count": make("件数", part.count),
        "share": replace(make("占比", part.share, "%", base, places), mark="*" if part.bent else ""),
        "before": make("对比期", change and change.before),
        "difference": make("增减", change and change.difference),
        "rate": make("增幅", change and change.rate, "%", "对比期件数"),
        **_deducted(make, (part,)),
    }


def _subclasses(classes: Breakdown, places: int) -> FigureTable:
    rows: list[_Row] = []
    for above in classes.rows:
        for part in above.parts:
            if part.count:
                make = of_source(f"投诉·业务小类·{_shown_name(above)}·{part.name}", _SOURCE)
                share = make("占比", part.share, "%", f"{above.name} {above.count} 件", places)
                name = _shown_name(above)
                rows.append({"above": name, "name": part.name, "count": make("件数", part.count), "share": share})
    return FigureTable(
        name="subclass",
        title="投诉业务小类情况",
        columns=SUBCLASS_COLUMNS,
        rows=tuple(rows),
        note="占比的分母为该大类的件数。",
    )


def _timeliness_table(found: LedgerFigures) -> FigureTable:
    note = f"按期办结率 = 按期办结 ÷（按期办结 + 超期办结）；天数按{found.days}计算，取自已办结的投诉。"
    rows = tuple(_timeliness_row(one, found.known("timeliness")) for one in found.timeliness)
    return FigureTable(name="timeliness", title="投诉办理时限情况", columns=TIMELINESS_COLUMNS, rows=rows, note=note)


def _timeliness_row(one: Timeliness, known: bool) -> dict[str, str | ReportFigure]:
    make = of_source(f"时限·{one.group}", _SOURCE, known)
    return {
        "name": one.group,
        "cases": of_source(f"时限·{one.group}", _SOURCE)("件数", one.cases),
        "on_time": make("按期办结", one.on_time),
        "late": make("超期办结", one.late),
        "in_hand": make("在办未超期", one.in_hand),
        "overdue": make("在办超期", one.in_hand_overdue),
        "withdrawn": make("撤诉", one.withdrawn),
        "faulty": make("数据有误", one.faulty),
        "rate": make("按期办结率", one.on_time_rate, "%", "已办结的投诉"),
        "mean": make("平均天数", one.mean, "天", "已办结的投诉", 2),
        "median": make("中位天数", one.median, "天", "已办结的投诉"),
        "longest": make("最长天数", one.longest, "天", "已办结的投诉"),
    }


def _hot_table(found: LedgerFigures) -> FigureTable:
    spots = [spot for spot in found.hot_spots.spots if spot.verdict == "risen"] if found.hot_spots else []
    rows: list[_Row] = []
    for spot in spots:
        unit = f"{spot.name}（{spot.unit}）" if spot.unit else "全部机构"
        kind = spot.business_class or "全部类别"
        make = of_source(f"投诉·升高·{unit}·{kind}", _SOURCE)
        expected = make("预期件数", Decimal(spot.expected), places=2)
        before = make("对比期件数", spot.before)
        rows.append(
            {"unit": unit, "name": kind, "count": make("本期件数", spot.count), "before": before, "expected": expected}
        )
    note = f"{found.hot_spots.method}。" if found.hot_spots else ""
    return FigureTable(name="hot", title="投诉显著升高的机构和类别", columns=HOT_COLUMNS, rows=tuple(rows), note=note)


def _excluded(found: LedgerFigures) -> FigureTable:
    rows: tuple[_Row, ...] = tuple(
        {"reason": one.reason, "count": of_source("投诉·不计入", _SOURCE)(one.reason, one.count, "行")}
        for one in found.totals.excluded
    )
    return FigureTable(name="excluded", title="台账中不计入的行", columns=EXCLUDED_COLUMNS, rows=rows)

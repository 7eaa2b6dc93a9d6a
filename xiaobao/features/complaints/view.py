"""Views of a complaint ledger, of one unit or of the bank. Every figure comes ready, with the rules that made it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from xiaobao.numbers import show
from xiaobao.pages.views.view_model import Block, Cell, Facts, Text, Title, View, cells, columns, table_or, view
from xiaobao.pages.views.wording import DASH

if TYPE_CHECKING:
    from xiaobao.features.complaints import (
        Breakdown,
        BreakdownRow,
        HotSpots,
        LedgerFigures,
        Reviews,
        Timeliness,
        YearChange,
    )

_NO_LEDGER = "无数据：本期没有导入投诉台账，投诉情况不作统计。"
_LISTED_NUMBERS = 10
_UNITS = 20
_FACETS = ("source", "channel", "business_class", "reason")
_NO_DATA = "无数据"
_VERDICTS = {"risen": "明显偏多", "usual": "未见异常"}


def ledger_totals(figures: LedgerFigures | None) -> View:
    """How many complaints there are by the rules of counting, and which rows are not counted, with the reason."""
    if figures is None:
        return view(Text(words=_NO_LEDGER, tone="muted"))
    totals, rates = figures.totals, figures.rates
    pairs = [
        ("有效投诉", Cell(text=show(totals.valid))),
        ("新增投诉", Cell(text=show(totals.new))),
        ("重复", Cell(text=show(totals.repeats) if figures.known("repeats") else _NO_DATA)),
        ("撤诉", Cell(text=show(totals.withdrawn) if figures.known("withdrawn") else _NO_DATA)),
        ("升级投诉", Cell(text=show(totals.escalated) if figures.known("escalated") else _NO_DATA)),
        ("增减", Cell(text=_change(figures.total_change))),
    ]
    if rates.outlets:
        pairs.append(
            (f"网均月投诉量（{rates.outlets} 个网点、{rates.months} 个月）", Cell(text=show(rates.per_outlet_month)))
        )
    if rates.customers:
        pairs.append(("每万客户投诉量", Cell(text=show(rates.per_ten_thousand))))
    blocks: list[Block] = [
        Title(words=f"投诉总量（{figures.period}，截止 {figures.as_of}）"),
        Facts(pairs=tuple(pairs), big=1),
        Text(words=f"口径：{'；'.join(figures.rules)}。{figures.comparison_note}。"),
    ]
    rows = [cells(entry.reason, show(entry.count), _numbers(entry.numbers, entry.count)) for entry in totals.excluded]
    heads = columns("未计入的原因", "行数:num", "投诉编号")
    blocks.append(table_or("读入的行全部计入。", heads, rows, f"共读入 {show(totals.rows)} 行"))
    blocks += [Text(words=f"{words} {show(number)} 件。") for words, number in totals.notes]
    blocks += [Text(words=f"{note}。", tone="muted") for note in figures.notes]
    return view(*blocks)


def ledger_facets(figures: LedgerFigures | None) -> View:
    """Source, channel, business class and reason, each with its own base; report groups beside."""
    if figures is None:
        return view(Text(words=_NO_LEDGER, tone="muted"))
    blocks: list[Block] = []
    for name in _FACETS:
        if not figures.known(name):
            none = Text(words="无数据：台账没有这一列。", tone="muted")
            blocks += [Title(words=figures.breakdowns[name].title), none]
            continue
        blocks += [Title(words=figures.breakdowns[name].title), _facet(figures.breakdowns[name], figures)]
        if name == "channel":
            blocks.append(_facet(figures.breakdowns["channel_front"], figures))
        if name in figures.groups:
            blocks += [Title(words=f"{figures.groups[name].title}（报告分组）"), _facet(figures.groups[name], figures)]
    blocks += [Title(words="月份"), _facet(figures.breakdowns["month"], figures)]
    return view(*blocks)


def ledger_timeliness(figures: LedgerFigures | None) -> View:
    """On time, late and in hand by regulation and complexity; reviews; first-time resolution and satisfaction."""
    if figures is None:
        return view(Text(words=_NO_LEDGER, tone="muted"))
    heads = columns(
        "口径",
        "件数:num",
        "按期:num",
        "超期:num",
        "在办未到期:num",
        "在办已超期:num",
        "撤诉:num",
        "日期有误:num",
        "按期率%（占办结）:num",
        "按期率%（含在办超期）:num",
        "平均用时:num",
        "中位数:num",
        "最长:num",
    )
    rows = [_times(entry) for entry in figures.timeliness] if figures.known("timeliness") else []
    resolution = figures.resolution
    settled = (
        f"首次投诉办结 {show(resolution.first_decided)} 件，其中未再投诉、未申请核查 {show(resolution.settled)} 件，"
        f"首诉处理结案率 {_percent(resolution.settled_rate)}。"
    )
    asked = (
        f"回访有评价 {show(resolution.asked)} 件，满意 {show(resolution.satisfied)} 件，"
        f"满意率 {_percent(resolution.satisfied_rate)}；未归类的评价 {show(resolution.unclassified)} 件。"
    )
    settled = settled if figures.known("resolution") else "首诉处理结案率：无数据。"
    asked = asked if figures.known("satisfaction") else "回访满意率：无数据。"
    return view(
        Title(words="办理时效"),
        table_or(
            "无数据：台账没有处理决定日期，不计算办理时限。",
            heads,
            rows,
            f"用时为{figures.days}，扣除有文书的调解时间；撤诉、日期有误的不计入比率",
        ),
        *(_late_texts(figures.timeliness) if rows else ()),
        Text(words=_reviews(figures.reviews) if figures.known("reviews") else "核查：无数据，台账没有核查申请日期。"),
        Text(words=settled),
        Text(words=asked),
    )


def ledger_hot_spots(figures: LedgerFigures | None) -> View:
    """What rose most, by a test instead of a bare percentage; too few cases are said to be too few."""
    if figures is None:
        return view(Text(words=_NO_LEDGER, tone="muted"))
    if figures.hot_spots is None:
        return view(Title(words="突增与集中"), Text(words=f"{figures.comparison_note}，不作突增检验。", tone="muted"))
    return view(Title(words="突增与集中"), *_spots(figures.hot_spots))


def ledger_units(figures: LedgerFigures | None) -> View:
    """The bank by unit, branch and region; a unit's row holds its own complaints only, so that rows may be added."""
    if figures is None:
        return view(Text(words=_NO_LEDGER, tone="muted"))
    tables = figures.breakdowns
    blocks: list[Block] = [Title(words=f"机构（件数最多的 {_UNITS} 家，各行只含本机构）")]
    most = sorted(tables["unit"].rows, key=lambda part: (part.rank, part.code))[:_UNITS]
    blocks.append(_table(tables["unit"], [part for part in most if part.count], figures, with_rank=True))
    held = figures.concentration
    if held is not None and held.largest is not None:
        top = "，".join(f"前 {n} 家 {show(number)} 件（{_percent(part)}）" for n, number, part in held.top)
        blocks.append(
            Text(
                words=f"集中度：{top}；{held.half} 家占到一半；{held.without} 家没有投诉；"
                f"每家中位数 {show(held.median)} 件；赫芬达尔指数 {show(held.herfindahl)}。"
            )
        )
    for name in ("branch", "region"):
        filled = [part for part in tables[name].rows if part.count or (part.change and part.change.before)]
        blocks += [Title(words=tables[name].title), _table(tables[name], filled, figures, with_rank=True)]
    return view(*blocks)


def _facet(table: Breakdown, figures: LedgerFigures) -> Block:
    note = "本表各占比经调整合计为 100%，被调整的行标 *" if table.forced else f"占比合计 {_percent(table.share_sum)}"
    return _table(table, table.rows, figures, note)


def _table(
    table: Breakdown, parts: Iterable[BreakdownRow], figures: LedgerFigures, note: str = "", with_rank: bool = False
) -> Block:
    """Set rows with their own rows below; the head names what the shares are of."""
    heads = [table.title, "件数:num", f"占{table.base_name}%:num", "新增:num", "重复:num", "撤诉:num", "有效:num"]
    if figures.compared:
        heads += [f"{figures.compared} 件数:num", "增减:num"]
    heads += ["名次:num"] if with_rank else []
    rows = [row for part in parts for row in _rows(part, figures, with_rank)]
    return table_or("没有投诉。", columns(*heads), rows, note or f"共 {show(table.base)} 件；同数同名次")


def _rows(
    part: BreakdownRow, figures: LedgerFigures, with_rank: bool, parent: BreakdownRow | None = None
) -> list[tuple[Cell, ...]]:
    name = part.name + (f"（{part.code}）" if part.code else "")
    if parent is not None:
        name = f"其中：{name}" if parent.kind == "group" else f"其中：{name}（占{parent.name}）"
    shown = DASH if part.share is None else f"{show(part.share)}{'*' if part.bent else ''}"
    tone = "bad" if part.kind == "unclassified" else "muted" if parent or part.kind == "missing" else ""
    row = [Cell(text=name, tone=tone), *cells(show(part.count), shown)]
    row += cells(show(part.new), show(part.repeats), show(part.withdrawn), show(part.valid))
    if figures.compared:
        before = part.change.before if part.change else None
        row += cells(show(before), _change(part.change))
    row += cells(str(part.rank)) if with_rank else ()
    below = [line for inner in part.parts for line in _rows(inner, figures, with_rank, part)]
    return [tuple(row), *below]


def _times(entry: Timeliness) -> tuple[Cell, ...]:
    name = f"{entry.group}：{entry.rule}" if entry.rule else entry.group
    return cells(
        name,
        show(entry.cases),
        show(entry.on_time),
        Cell(text=show(entry.late), tone="bad" if entry.late else ""),
        show(entry.in_hand),
        Cell(text=show(entry.in_hand_overdue), tone="bad" if entry.in_hand_overdue else ""),
        show(entry.withdrawn),
        show(entry.faulty),
        show(entry.on_time_rate),
        show(entry.on_time_rate_due),
        show(entry.mean),
        show(entry.median),
        show(entry.longest),
    )


def _late_texts(entries: tuple[Timeliness, ...]) -> list[Text]:
    everything = entries[0]
    texts = []
    if everything.late_by:
        listed = "、".join(f"{days} 天 {show(cases)} 件" for days, cases in everything.late_by[:_LISTED_NUMBERS])
        more = f" 等，最多超 {everything.late_by[-1][0]} 天" if len(everything.late_by) > _LISTED_NUMBERS else ""
        texts.append(Text(words=f"超过期限：{listed}{more}。", tone="bad"))
    if everything.unapproved:
        texts.append(
            Text(
                words=f"其中 {show(everything.unapproved)} 件延期未经规定层级批准或未告知，按较短期限计为超期。",
                tone="bad",
            )
        )
    return texts


def _reviews(found: Reviews) -> str:
    if not found.asked:
        return "核查：本期投诉没有申请核查的。"
    return (
        f"核查（3号令第二十条）：申请 {show(found.asked)} 件，其中决定后 30 日内申请 {show(found.asked_in_time)} 件；"
        f"30 日内作出核查决定 {show(found.on_time)} 件，超期 {show(found.late)} 件，在办 {show(found.in_hand)} 件，"
        f"在办已超期 {show(found.in_hand_overdue)} 件，日期有误 {show(found.faulty)} 件；"
        f"按期率 {_percent(found.on_time_rate)}（含在办已超期）。"
    )


def _spots(found: HotSpots) -> list[Block]:
    rows = [
        cells(
            f"{spot.name}（{spot.unit}）" if spot.unit else "全部机构",
            spot.business_class or "全部类别",
            show(spot.count),
            show(spot.before) if found.against else DASH,
            show(spot.expected),
            show(spot.adjusted),
            Cell(text=_VERDICTS[spot.verdict], tone="bad" if spot.verdict == "risen" else ""),
        )
        for spot in found.spots[:_UNITS]
    ]
    heads = columns(
        "机构", "业务类别", "本期:num", f"{found.against or '上期'}:num", "预期:num", "校正后概率:num", "判断:short"
    )
    few = f"件数少于 {found.minimum} 的 {show(found.few)} 项过少，不作判断"
    if found.few_names:
        more = " 等" if len(found.few_names) > _LISTED_NUMBERS else ""
        few += f"，含机构：{'、'.join(found.few_names[:_LISTED_NUMBERS])}{more}"
    return [
        table_or("没有达到检验所需件数的机构和类别。", heads, rows, found.method),
        Text(words=f"{few}。", tone="muted"),
    ]


def _change(change: YearChange | None) -> str:
    """Return a change as +3（+12.50%）; on a zero base the rate is a dash."""
    if change is None or change.difference is None:
        return DASH
    return f"{_signed(change.difference)}（{DASH if change.rate is None else _signed(change.rate) + '%'}）"


def _signed(value: int | Decimal) -> str:
    return f"+{show(value)}" if value > 0 else show(value)


def _percent(value: Decimal | None) -> str:
    return DASH if value is None else f"{show(value)}%"


def _numbers(numbers: tuple[str, ...], count: int) -> str:
    shown = "、".join(numbers[:_LISTED_NUMBERS])
    return f"{shown} 等" if count > _LISTED_NUMBERS else shown

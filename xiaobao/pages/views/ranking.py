"""The overview as a plain table: what the board shows, for paper and for whoever has no running kernel."""

from __future__ import annotations

from xiaobao.labels import level_of
from xiaobao.numbers import show
from xiaobao.pages.views.pieces import OnPaper, Picker
from xiaobao.pages.views.view_model import (
    Block,
    Cell,
    Facts,
    TableColumn,
    Text,
    Title,
    View,
    cells,
    columns,
    table_or,
    view,
)
from xiaobao.pages.views.wording import AWAITING_PEERS, DASH, counted
from xiaobao.scorecard import Overview, OverviewRow, by_rank

_SHOWN_UNITS = 500
_ON_PAPER = 1000
_NAMED = 3


def ordered(rows: tuple[OverviewRow, ...]) -> list[OverviewRow]:
    """Level by level, best rank first; units without a rank last, by id."""
    return sorted(rows, key=by_rank)


def ranking_table(overview: Overview) -> View:
    """The units that have a score, by rank with their domain scores; those without one in a list of their own."""
    rows = [row for row in ordered(overview.rows) if row.total is not None]
    shown = [_row(overview, row) for row in rows[:_SHOWN_UNITS]]
    more = f"，此处列出前 {_SHOWN_UNITS} 家" if len(rows) > _SHOWN_UNITS else ""
    heads = (
        *columns(
            "同层级名次:num", "机构", "层级:short", "区域:short", "总分:num", "评分覆盖:num", "等级:short", "上期:num"
        ),
        *(TableColumn(title=title, kind="num") for title in overview.domain_titles.values()),
        *columns("待认定疑点:num", "高风险发现:num", "发现:num", "说明"),
    )
    blocks: list[Block] = [Title(words=f"{overview.bank} · {overview.when} · 消保自查总览"), _counts(overview)]
    counted = f"有得分的 {show(len(rows))} 家，共 {show(len(overview.rows))} 家机构{more}"
    none = (
        "没有一家机构有得分。"
        if overview.rows
        else "本期还没有机构的考评结果：批次还没有运行，或本批次不检查您能查看的机构。"
    )
    blocks.append(table_or(none, heads, shown, counted))
    blocks += _unscored(overview)
    return view(*blocks, *(Text(words=note, tone="muted") for note in overview.notes))


_PAPER_HEADS = (
    "同层级名次:num",
    "机构",
    "层级:short",
    "区域:short",
    "总分:num",
    "评分覆盖:num",
    "等级:short",
    "上期:num",
    "待认定疑点:num",
    "高风险发现:num",
    "发现:num",
    "说明",
)


def overview_on_paper(overview: Overview) -> View:
    """The board as tables that fit A4 across: all units, all columns; a screen shows the board in their place."""
    rows = ordered(overview.rows)
    named = [(row, f"{row.unit.name}（{row.unit.id}）") for row in rows[:_ON_PAPER]]
    first = [
        cells(
            str(row.rank) if row.rank is not None else DASH,
            name,
            level_of(row.unit),
            row.unit.region or DASH,
            row.shown_total,
            DASH if row.coverage is None else f"{show(row.coverage)} %",
            overview.grade_labels.get(row.grade, row.grade) or DASH,
            show(row.previous, 2),
            show(row.open_leads),
            show(row.high_findings),
            show(row.findings),
            remark(row),
        )
        for row, name in named
    ]
    titles = overview.domain_titles
    second = [cells(name, row.shown_total, *(row.shown_domain(domain) for domain in titles)) for row, name in named]
    domains = (*columns("机构", "总分:num"), *(TableColumn(title=title, kind="num") for title in titles.values()))
    left = f"列出前 {_ON_PAPER} 家，其余见汇总表" if len(rows) > _ON_PAPER else f"共 {len(rows)} 家"
    tables: list[Block] = [
        Title(words=f"{overview.bank} · {overview.when} · 消保自查总览"),
        _counts(overview),
        table_or("本期还没有机构的考评结果。", columns(*_PAPER_HEADS), first, left),
        Title(words="各检查域得分"),
        table_or("没有检查域得分。", domains, second, left),
        *(Text(words=note, tone="muted") for note in overview.notes),
    ]
    return view(OnPaper(blocks=tuple(tables)))  # type: ignore[arg-type]


def overview_head(overview: Overview) -> View:
    """Which period and campaign the overview shows, to be picked."""
    if overview.around is None:
        return view(Title(words=f"{overview.bank} · {overview.when}"))
    return view(Picker(page="overview", around=overview.around))  # type: ignore[arg-type]


def _unscored(overview: Overview) -> list[Block]:
    """List the units that nobody inspected, and those of which too little was assessed for a score."""
    rows = overview.unscored
    if not rows:
        return []
    shown = [
        cells(
            f"{row.unit.name}（{row.unit.id}）",
            level_of(row.unit),
            row.unit.region or DASH,
            row.standing,
            *(row.shown_domain(domain) for domain in overview.domain_titles),
            Cell(text=show(row.open_leads), tone="bad" if row.open_leads else ""),
            show(row.findings),
            remark(row),
        )
        for row in rows[:_SHOWN_UNITS]
    ]
    heads = (
        *columns("机构", "层级:short", "区域:short", "状态:short"),
        *(TableColumn(title=title, kind="num") for title in overview.domain_titles.values()),
        *columns("待认定疑点:num", "发现:num", "说明"),
    )
    more = f"，此处列出前 {_SHOWN_UNITS} 家" if len(rows) > _SHOWN_UNITS else ""
    note = f"共 {show(len(rows))} 家{more}；没有得分不是没有问题"
    return [Title(words="未检查和覆盖不足的机构"), table_or("", heads, shown, note)]


def _counts(overview: Overview) -> Facts:
    every = overview.groups[0] if overview.groups else None
    grades = [(overview.grade_labels.get(key, key), count) for key, count in every.grades.items()] if every else []
    of = f"（{show(every.scored)} 家）" if every else ""
    return Facts(
        pairs=(
            ("机构", Cell(text=show(len(overview.rows)))),
            ("已计分", Cell(text=show(every.scored) if every else DASH)),
            (f"平均分{of}", Cell(text=show(every.mean) + every.marks if every else DASH)),
            (f"中位数{of}", Cell(text=show(every.median) + every.marks if every else DASH)),
            ("未检查（家）", Cell(text=show(sum(row.uninspected for row in overview.unscored)))),
            ("覆盖不足（家）", Cell(text=show(sum(row.too_little for row in overview.unscored)))),
            ("等级分布（家）", Cell(text=counted(grades) or DASH)),
        )
    )


def _row(overview: Overview, row: OverviewRow) -> tuple[Cell, ...]:
    rank = str(row.rank) if row.rank is not None else (DASH if row.total is None else AWAITING_PEERS)
    return cells(
        rank,
        f"{row.unit.name}（{row.unit.id}）",
        level_of(row.unit),
        row.unit.region or DASH,
        row.shown_total,
        DASH if row.coverage is None else f"{show(row.coverage)} %",
        overview.grade_labels.get(row.grade, row.grade) or DASH,
        show(row.previous),
        *(row.shown_domain(domain) for domain in overview.domain_titles),
        Cell(text=show(row.open_leads), tone="bad" if row.open_leads else ""),
        Cell(text=show(row.high_findings), tone="bad" if row.high_findings else ""),
        show(row.findings),
        remark(row),
    )


def remark(row: OverviewRow, *, standing: bool = True) -> str:
    """Say why a unit's line is not to be compared as it stands: 暂定, not ranked, domains missing; else a dash.

    A unit that nobody inspected lacks all its domains: a few of them are named, lest its line be a column of words.
    Without `standing` where that stands in a cell of its own.
    """
    parts = [
        "暂定" if row.provisional and row.total is not None else "",
        row.standing if standing else "",
        *row.warnings,
    ]
    named, many = "、".join(row.missing[:_NAMED]), len(row.missing)
    parts += [f"缺 {named}" + (f"等 {many} 项" if many > _NAMED else "")] if many else []
    return "；".join(part for part in parts if part) or DASH

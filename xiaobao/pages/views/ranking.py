"""The overview as a plain table: what the board shows, for paper and for whoever has no running kernel."""

from __future__ import annotations

from xiaobao.numbers import show
from xiaobao.pages.views.view import Block, Cell, Column, Facts, Text, Title, View, cells, columns, table_or, view
from xiaobao.pages.views.wording import AWAITING_PEERS, DASH, counted, level_title
from xiaobao.scorecard import Overview, OverviewRow, by_rank

_SHOWN_UNITS = 500


def ordered(rows: tuple[OverviewRow, ...]) -> list[OverviewRow]:
    """Level by level, best rank first; units without a rank last, by id."""
    return sorted(rows, key=by_rank)


def ranking_table(overview: Overview) -> View:
    """All units by rank with their domain scores, and what is missing."""
    rows = ordered(overview.rows)
    shown = [_row(overview, row) for row in rows[:_SHOWN_UNITS]]
    more = f"，此处列出前 {_SHOWN_UNITS} 家" if len(rows) > _SHOWN_UNITS else ""
    heads = (
        *columns("同层级名次:num", "机构", "层级:short", "区域:short", "总分:num", "等级:short", "上期:num"),
        *(Column(title=title, kind="num") for title in overview.domain_titles.values()),
        *columns("待认定疑点:num", "高风险发现:num", "发现:num", "说明"),
    )
    blocks: list[Block] = [Title(words=f"{overview.bank} · {overview.period} · 消保自查总览"), _counts(overview)]
    blocks.append(table_or("本期还没有机构的考评结果。请先运行批次。", heads, shown, f"共 {show(len(rows))} 家{more}"))
    return view(*blocks, *(Text(words=note, tone="muted") for note in overview.notes))


def _counts(overview: Overview) -> Facts:
    every = overview.groups[0] if overview.groups else None
    grades = [(overview.grade_labels.get(key, key), count) for key, count in every.grades.items()] if every else []
    return Facts(
        pairs=(
            ("机构", Cell(text=show(len(overview.rows)))),
            ("已计分", Cell(text=show(every.scored) if every else DASH)),
            ("平均分", Cell(text=show(every.mean) if every else DASH)),
            ("中位数", Cell(text=show(every.median) if every else DASH)),
            ("等级分布（家）", Cell(text=counted(grades) or DASH)),
        )
    )


def _row(overview: Overview, row: OverviewRow) -> tuple[Cell, ...]:
    rank = str(row.rank) if row.rank is not None else (DASH if row.total is None else AWAITING_PEERS)
    return cells(
        rank,
        f"{row.unit.name}（{row.unit.id}）",
        level_title(row.unit.level),
        row.unit.region or DASH,
        show(row.total),
        overview.grade_labels.get(row.grade, row.grade) or DASH,
        show(row.previous),
        *(show(row.domains.get(domain)) for domain in overview.domain_titles),
        Cell(text=show(row.open_leads), tone="bad" if row.open_leads else ""),
        Cell(text=show(row.high_findings), tone="bad" if row.high_findings else ""),
        show(row.findings),
        remark(row),
    )


def remark(row: OverviewRow) -> str:
    parts = ["暂定" if row.provisional else "", "未计分" if row.total is None else ""]
    parts += [f"缺 {'、'.join(row.missing)}" if row.missing else ""]
    return "；".join(part for part in parts if part) or DASH

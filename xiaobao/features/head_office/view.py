"""总行页 drawn: what is covered and failed, what is overdue and where, whose grade hangs by a point of a weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xiaobao.labels import DUE_KINDS
from xiaobao.numbers import show
from xiaobao.pages.views.pieces import Link, Links, Picker, Side, Ways, address, of_period
from xiaobao.pages.views.view_model import (
    Block,
    Cell,
    Facts,
    TableBlock,
    Text,
    Title,
    View,
    cells,
    columns,
    table_or,
    view,
)
from xiaobao.pages.views.wording import DASH
from xiaobao.scorecard import Overview
from xiaobao.scorecard.board import IDLE
from xiaobao.scorecard.changes import signed

if TYPE_CHECKING:
    from xiaobao.features.appraisal.what_if import WhatIf, WhatIfRow
    from xiaobao.features.head_office.page import HeadOffice
    from xiaobao.features.today.due import Today, UnitDue

_DONE_ON = {"action": "corrective_actions", "lead": "leads", "request": "evidence"}
"""Kind of what is due → the page where it is done."""

_UNITS, _FAILED, _LISTED, _TIPPED = 6, 5, 300, 12


def bank_first(bank: HeadOffice) -> View:
    """The first screen: what is known of the bank, what hangs where, what is overdue in all periods."""
    whole = bank.overview
    head: list[Block] = [Title(words=f"{whole.bank} · {whole.when} 总行汇总", top=True)]
    if whole.around is not None:
        ways = Ways(lines=(Link(words="总览", address=address("overview", whole.around)),))
        head += [Picker(page="head_office", around=whole.around), ways]  # type: ignore[list-item]
    parts = (
        ("检查到哪里", _covered(whole)),
        ("逾期和到期（全部期间）", _due(bank.today)),
        ("逾期最久、得分最低、考核", _worst(bank)),
    )
    return view(*head, Side(parts=parts))  # type: ignore[arg-type]


def _covered(whole: Overview) -> tuple[Block, ...]:
    scored = [row for row in whole.rows if row.total is not None]
    bare, few, idle = (
        sum(getattr(row, kind) for row in whole.unscored) for kind in ("uninspected", "too_little", "idle")
    )
    facts = [
        ("有得分 / 机构（家）", Cell(text=f"{show(len(scored))} / {show(len(whole.rows))}")),
        ("未检查（家）", Cell(text=show(bare), tone="bad" if bare else "")),
        ("覆盖不足（家）", Cell(text=show(few), tone="bad" if few else "")),
        *([(f"{IDLE}（家）", Cell(text=show(idle)))] if idle else []),
        ("暂定（家）", Cell(text=show(sum(row.provisional for row in scored)))),
        ("待认定疑点（条）", Cell(text=show(sum(row.open_leads for row in whole.rows)))),
        ("高风险发现（项）", Cell(text=show(sum(row.high_findings for row in whole.rows)))),
    ]
    every = whole.groups[0] if whole.groups else None
    if every is not None and every.scored:
        named = f"有得分 {show(every.scored)} 家的平均分（不评等级）"
        facts += [(named, Cell(text=show(every.mean, 2) + every.marks))]
        facts.append(("中位数", Cell(text=show(every.median, 2) + every.marks)))
    failed = [row for row in whole.rows if row.failed]
    blocks: list[Block] = [Facts(pairs=tuple(facts))]
    if failed:
        more = f"等 {len(failed)} 家" if len(failed) > _FAILED else ""
        named = "；".join(f"{row.unit.name} {'、'.join(row.failed.values())}" for row in failed[:_FAILED])
        blocks.append(Text(words=f"底稿运行失败：{named}{more}。得分未更新，请排除原因后重新运行。", tone="bad"))
    else:
        blocks.append(Text(words="没有运行失败的底稿。", tone="muted"))
    if whole.placed_before:
        older = f"{len(whole.placed_before)} 家机构的得分表底稿所载名次和中位数依据较早的结果"
        blocks.append(Text(words=f"{older}，这里的是现在的；运行 xiaobao run 更新底稿。", tone="muted"))
    return tuple(blocks)


def _due(today: Today) -> tuple[Block, ...]:
    """Count by unit and kind; the most overdue units first."""
    units = today.units
    kinds = [kind for kind in DUE_KINDS if any(kind in one.counts for one in units)]
    rows = [_unit_row(one.unit_name or "总行", [one], kinds) for one in units[:_UNITS]]
    if units[_UNITS:]:
        rows.append(_unit_row(f"其余 {len(units) - _UNITS} 家", list(units[_UNITS:]), kinds))
    heads = columns("机构", *(f"{DUE_KINDS[kind]}:num" for kind in kinds), "合计:num")
    note = f"{today.day}，件数 / 其中逾期；逾期多的在前"
    notes = (Text(words=one, tone="muted") for one in today.notes)
    return (table_or(f"{today.day} 没有到期或逾期的事项。", heads, rows, note), *notes)


def _unit_row(title: str, units: list[UnitDue], kinds: list[str]) -> tuple[Cell, ...]:
    def pair(count: int, late: int) -> Cell:
        return Cell(text=f"{show(count)} / {show(late)}" if count else DASH)

    counted = [(sum(u.counts.get(k, 0) for u in units), sum(u.late.get(k, 0) for u in units)) for k in kinds]
    whole = (sum(one.total for one in units), sum(one.overdue for one in units))
    return cells(title, *(pair(*one) for one in counted), pair(*whole))


def _worst(bank: HeadOffice) -> tuple[Block, ...]:
    whole, lines = bank.overview, []
    for item in bank.today.worst:
        name = item.unit_name or "总行"
        page = _DONE_ON.get(item.kind, "")
        lines.append(
            Link(
                words=f"{name} {DUE_KINDS[item.kind]} {item.words}",
                address=of_period(page, item.period, unit=item.unit) if page and item.period else "",
                bad=f"逾期 {show(item.late)} 天",
            )
        )
    ranked = sorted((row for row in whole.rows if row.total is not None), key=lambda row: (row.total, row.unit.id))
    low = [
        Link(
            words=row.unit.name,
            address=address("6_scorecard", whole.around, unit=row.unit.id),
            said=f"{row.shown_total}　{whole.grade_labels.get(row.grade, row.grade)}",
        )
        for row in ranked[:3]
    ]
    late: list[Block] = [Links(lines=tuple(lines))] if lines else [Text(words="没有逾期事项。", tone="muted")]  # type: ignore[list-item]
    lowest: list[Block] = [Text(words="得分最低（各层级合在一起，不是排名）："), Links(lines=tuple(low))] if low else []  # type: ignore[list-item]
    return (*late, *lowest, Text(words=bank.appraisal))


def bank_sensitivity(bank: HeadOffice) -> View:
    """Whose grade changes if one weight moves by a point."""
    if bank.trial is None:
        return view(Text(words=f"不能测算敏感性：{bank.why_no_trial}", tone="muted"))
    titles, names, grades = bank.overview.domain_titles, bank.overview.unit_names, bank.overview.grade_labels
    found = bank.sensitive
    rows = [
        cells(
            names.get(one.unit, one.unit),
            f"{titles.get(one.domain, one.domain)} {signed(one.by)}",
            f"{show(one.before, 2)} → {show(one.after, 2)}",
            f"{grades.get(one.before_grade, one.before_grade) or DASH} → "
            f"{grades.get(one.after_grade, one.after_grade) or DASH}",
        )
        for one in found[:_TIPPED]
    ]
    more = f"，列出前 {_TIPPED} 项" if len(found) > _TIPPED else ""
    heads = columns("机构", "权重变动（分）", "总分:num", "等级:short")
    units = len({one.unit for one in found})
    said = (
        f"任一权重增减 1 分，{units} 家机构的等级会变{more}。" if found else "任一权重增减 1 分，没有机构的等级会变。"
    )
    blocks: list[Block] = [Text(words=said)]
    if rows:
        blocks.append(table_or("", heads, rows))
    blocks += [Text(words=_left_out(bank), tone="muted")] if bank.trial.left else []
    return view(*blocks)


def _left_out(bank: HeadOffice) -> str:
    assert bank.trial is not None
    names = bank.overview.unit_names
    named = "、".join(f"{names.get(unit, unit)}（{unit}）" for unit in bank.trial.left)
    return f"未参加试算和敏感性测算：{named}（没有逐项事实，或检查表已换版）。"


def tried(found: WhatIf | None, whole: Overview, names: Mapping[str, str]) -> View:
    """Every score that other weights change, with rank within the level and grade; nothing is written."""
    if found is None:
        return view(Text(words="移动滑块，列出得分有变的每一家机构；只供比较，不写入任何结果。", tone="muted"))
    changed = [row for row in found.rows if (row.before, row.before_coverage) != (row.after, row.after_coverage)]
    moved = len(found.moved)
    said = f"{len(changed)} 家机构得分有变，其中 {moved} 家名次或等级有变；{len(found.rows) - len(changed)} 家不变。"
    heads = columns("机构", "总分:num", "变动:num", "同层级名次:num", "等级:short")
    rows = [_tried_row(row, whole, names) for row in changed[:_LISTED]]
    note = f"列出前 {_LISTED} 家" if len(changed) > _LISTED else ""
    table = [TableBlock(columns=heads, rows=tuple(rows), note=note)] if rows else []
    return view(Text(words=said), *table, *(Text(words=one, tone="muted") for one in found.notes))


def _tried_row(row: WhatIfRow, whole: Overview, names: Mapping[str, str]) -> tuple[Cell, ...]:
    grades = whole.grade_labels
    change = signed(row.after - row.before) if row.before is not None and row.after is not None else DASH
    ranks = [show(rank) for rank in (row.before_rank, row.after_rank)]
    levels = [grades.get(grade, grade) or DASH for grade in (row.before_grade, row.after_grade)]
    return cells(
        f"{names.get(row.unit, row.unit)}（{row.unit}）",
        f"{row.shown_before} → {row.shown_after}",
        change,
        " → ".join(ranks) if row.before_rank != row.after_rank else ranks[0],
        " → ".join(levels) if levels[0] != levels[1] else levels[0],
    )

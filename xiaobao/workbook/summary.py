"""汇总: the batch in one workbook, drawn from the overview and the scorecards, and its figures read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl

from xiaobao import labels
from xiaobao.model import Finding, ShownScore
from xiaobao.scorecard.card import DRAFT, OLDER, OUTDATED
from xiaobao.scoring.coverage import coverage_words
from xiaobao.workbook.book import Book, SheetCell, SheetColumn

if TYPE_CHECKING:
    from xiaobao.scorecard import DomainScore, Overview, OverviewRow, Scorecard
    from xiaobao.scorecard.around import Earlier
    from xiaobao.workbench.leads import LeadRow

_TOTALS, _DOMAINS = "汇总", "各域得分"
_UNIT = (SheetColumn(title="机构号", width=10), SheetColumn(title="机构", width=20))
_LEAD_COLUMNS = (
    SheetColumn(title="疑点编号", width=19),
    *_UNIT,
    SheetColumn(title="检查域", width=14),
    SheetColumn(title="数据检查", width=22),
    SheetColumn(title="检查项", width=22),
    SheetColumn(title="业务日期", width=12),
    SheetColumn(title="情况", width=40),
    SheetColumn(title="业务记录", width=40),
    SheetColumn(title="单位核实", width=10),
    SheetColumn(title="核实说明", width=30),
    SheetColumn(title="检查认定", width=10),
    SheetColumn(title="认定理由", width=30),
    SheetColumn(title="核实期限", width=12),
    SheetColumn(title="逾期", width=6),
)
_FINDING_COLUMNS = (
    *_UNIT,
    SheetColumn(title="检查域", width=14),
    SheetColumn(title="检查项", width=14),
    SheetColumn(title="问题", width=28),
    SheetColumn(title="定性", width=9),
    SheetColumn(title="严重程度", width=9),
    SheetColumn(title="来源", width=10),
    SheetColumn(title="扣分", width=8),
    SheetColumn(title="标准", width=40),
    SheetColumn(title="事实", width=40),
    SheetColumn(title="影响", width=24),
    SheetColumn(title="建议", width=30),
    SheetColumn(title="涉及疑点", width=9),
)
_DOMAIN_COLUMNS = (
    *_UNIT,
    SheetColumn(title="检查域", width=16),
    SheetColumn(title="权重", width=8),
    SheetColumn(title="得分性质", width=9),
    SheetColumn(title="自评得分", width=9),
    SheetColumn(title="按认定结果得分", width=10),
    SheetColumn(title="覆盖率（%）", width=10),
    SheetColumn(title="按疑点测算得分", width=10),
    SheetColumn(title="等级", width=7),
    SheetColumn(title="同层级名次", width=10),
    SheetColumn(title="同层级参评机构", width=12),
    SheetColumn(title="同层级中位数", width=11),
    SheetColumn(title="上期得分", width=9),
    SheetColumn(title="暂定", width=7),
    SheetColumn(title="待核实疑点", width=9),
    SheetColumn(title="属实疑点", width=9),
    SheetColumn(title="不属实疑点", width=9),
    SheetColumn(title="检查发现", width=9),
    SheetColumn(title="更新情况", width=30),
)
_SUBTOTAL_COLUMNS = (
    *_UNIT,
    SheetColumn(title="检查域", width=16),
    SheetColumn(title="小计", width=20),
    SheetColumn(title="可得分", width=9),
    SheetColumn(title="得分（按认定结果）", width=12),
    SheetColumn(title="百分制", width=9),
)


@dataclass(frozen=True, kw_only=True)
class BatchSummary:
    """What the summary holds: only what pages show, so that both agree.

    `measures` unit → what is open of this campaign and of each before it.
    """

    overview: Overview
    cards: Mapping[str, Scorecard]
    leads: Sequence[LeadRow]
    findings: Sequence[Finding]
    measures: Mapping[str, Sequence[Earlier]] = field(default_factory=dict)
    as_of: date
    operator: str


def write_batch_summary(summary: BatchSummary, path: Path) -> None:
    """Write the workbook to `path`; the same summary gives the same bytes."""
    overview = summary.overview
    title = f"{overview.bank}消保自查汇总（{overview.period}）"
    names = {row.unit.id: row.unit.name for row in overview.rows}
    with Book(path, title, overview.bank, summary.as_of) as book:
        note = f"得分按认定结果；截至 {summary.as_of.isoformat()}"
        book.table(
            _TOTALS,
            _total_columns(overview),
            (_total_row(row, overview) for row in overview.rows),
            freeze=3,
            above=(title, note),
        )
        if overview.unscored:
            book.table("未检查和覆盖不足", _UNSCORED_COLUMNS, map(_unscored_row, overview.unscored), freeze=2)
        domain_rows = (row for card in summary.cards.values() for row in _domain_rows(card, overview))
        book.table(_DOMAINS, _DOMAIN_COLUMNS, domain_rows, freeze=3)
        if parts := [row for card in summary.cards.values() for row in _subtotal_rows(card)]:
            book.table("并列小计", _SUBTOTAL_COLUMNS, parts, freeze=3)
        book.table("检查发现", _FINDING_COLUMNS, (_finding_row(f, names) for f in summary.findings), freeze=2)
        book.table("未完成整改", _MEASURE_COLUMNS, _measure_rows(summary, names), freeze=2)
        book.table("疑点", _LEAD_COLUMNS, map(_lead_row, summary.leads), freeze=1)
        book.table("分组统计", _group_columns(overview), _group_rows(overview))
        about = (SheetColumn(title="项目", width=18), SheetColumn(title="内容", width=90))
        book.table("说明", about, _about(summary), landscape=False)


def summary_figures(summary: BatchSummary) -> dict[tuple[str, str, str], Decimal | None]:
    """Return the figures that the workbook must hold: (sheet, unit, column or domain) → value."""
    figures: dict[tuple[str, str, str], Decimal | None] = {}
    for row in summary.overview.rows:
        figures[_TOTALS, row.unit.id, "总分"] = row.total
        figures[_TOTALS, row.unit.id, "按疑点测算"] = row.before
        for domain, title in summary.overview.domain_titles.items():
            figures[_TOTALS, row.unit.id, title] = row.domains.get(domain)
    for unit, card in summary.cards.items():
        for score in card.domains:
            figures[_DOMAINS, unit, score.title] = score.after.value
            figures[_DOMAINS, unit, f"{score.title}·按疑点测算"] = score.before.value
    return figures


def read_summary_figures(path: Path) -> dict[tuple[str, str, str], Decimal | None]:
    """Return the figures of a written workbook, named as `summary_figures` names them."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        figures: dict[tuple[str, str, str], Decimal | None] = {}
        heads, rows = _read(book[_TOTALS].iter_rows(values_only=True))
        fixed = {column.title for column in (*_BEFORE_DOMAINS, *_AFTER_DOMAINS)} - {"总分", "按疑点测算"}
        for row in rows:
            figures |= {(_TOTALS, row["机构号"], head): _exact(row[head]) for head in heads if head not in fixed}
        _, rows = _read(book[_DOMAINS].iter_rows(values_only=True))
        for row in rows:
            unit, title = row["机构号"], row["检查域"]
            figures[_DOMAINS, unit, title] = _exact(row["按认定结果得分"])
            figures[_DOMAINS, unit, f"{title}·按疑点测算"] = _exact(row["按疑点测算得分"])
        return figures
    finally:
        book.close()


def _read(lines: object) -> tuple[list[str], list[dict[str, str]]]:
    heads: list[str] = []
    rows = []
    for cells in lines:  # type: ignore[attr-defined]
        if heads:
            rows.append(dict(zip(heads, cells, strict=False)))
        elif "机构号" in cells:
            heads = [str(cell) for cell in cells if cell is not None]
    return heads, rows


def _exact(cell: object) -> Decimal | None:
    return None if cell is None or str(cell).startswith("覆盖") else Decimal(str(cell))


_BEFORE_DOMAINS = (
    SheetColumn(title="同层级名次", width=10),
    *_UNIT,
    SheetColumn(title="层级", width=8),
    SheetColumn(title="区域", width=10),
    SheetColumn(title="总分", width=9),
    SheetColumn(title="覆盖率（%）", width=10),
    SheetColumn(title="按疑点测算", width=10),
    SheetColumn(title="等级", width=8),
    SheetColumn(title="上期得分", width=9),
)
_AFTER_DOMAINS = (
    SheetColumn(title="待核实疑点", width=9),
    SheetColumn(title="检查发现", width=9),
    SheetColumn(title="严重问题", width=9),
    SheetColumn(title="得分性质", width=9),
    SheetColumn(title="暂定", width=7),
    SheetColumn(title="未评分", width=24),
    SheetColumn(title="更新情况", width=30),
)


_UNSCORED_COLUMNS = (
    *_UNIT,
    SheetColumn(title="层级", width=8),
    SheetColumn(title="区域", width=10),
    SheetColumn(title="状态", width=14),
    SheetColumn(title="覆盖率（%）", width=10),
    SheetColumn(title="待核实疑点", width=9),
    SheetColumn(title="检查发现", width=9),
    SheetColumn(title="未评分", width=24),
    SheetColumn(title="更新情况", width=30),
)


_MEASURE_COLUMNS = (
    *_UNIT,
    SheetColumn(title="检查期间、批次", width=16),
    SheetColumn(title="未完成整改", width=10),
    SheetColumn(title="其中逾期", width=9),
)


def _measure_rows(summary: BatchSummary, names: Mapping[str, str]) -> list[list[SheetCell]]:
    return [
        [unit, names[unit], labels.named_period(one.address), one.measures, one.late]
        for unit, listed in summary.measures.items()
        if unit in names
        for one in listed
    ]


def _total_columns(overview: Overview) -> list[SheetColumn]:
    domains = [SheetColumn(title=title, width=11) for title in overview.domain_titles.values()]
    return [*_BEFORE_DOMAINS, *domains, *_AFTER_DOMAINS]


def _total_row(row: OverviewRow, overview: Overview) -> list[SheetCell]:
    return [
        row.rank,
        row.unit.id,
        row.unit.name,
        labels.level_of(row.unit),
        row.unit.region,
        _number(row.total, row.coverage),
        row.coverage,
        _number(row.before, row.coverage),
        overview.grade_labels.get(row.grade, row.grade),
        row.previous,
        *(_number(row.domains.get(domain), row.domain_coverage.get(domain)) for domain in overview.domain_titles),
        row.open_leads,
        row.findings,
        row.high_findings,
        labels.VIEWS[row.reviewed],
        _yes(row.provisional),
        "、".join(row.missing),
        _state(row),
    ]


def _domain_rows(card: Scorecard, overview: Overview) -> list[list[SheetCell]]:
    return [
        [
            card.unit.id,
            card.unit.name,
            domain.title,
            domain.weight,
            DRAFT if domain.draft else labels.VIEWS[domain.reviewed],
            domain.own_view if domain.reviewed and domain.own_view is not None else _score(domain.after),
            _score(domain.after),
            domain.after.coverage,
            _score(domain.before),
            overview.grade_labels.get(domain.after.grade, domain.after.grade),
            domain.rank,
            domain.peers,
            domain.peer_median,
            domain.previous,
            _yes(domain.after.provisional),
            domain.open_leads,
            domain.confirmed_leads,
            domain.refuted_leads,
            domain.findings,
            _domain_state(domain),
        ]
        for domain in card.domains
    ]


def _domain_state(domain: DomainScore) -> str:
    """Say what keeps a domain's score from being the last word."""
    failed = f"{OUTDATED}：底稿运行失败（{domain.failed}），得分是此前运行的结果" if domain.failed else ""
    older = f"{OLDER}：依据提交时的数据，此后数据已更新、待复核人答复" if domain.older else ""
    return "；".join(filter(None, (failed, older)))


def _subtotal_rows(card: Scorecard) -> list[list[SheetCell]]:
    return [
        [card.unit.id, card.unit.name, domain.title, one.title, one.possible, one.earned, one.value]
        for domain in card.domains
        for one in domain.after.subtotals
    ]


def _score(score: ShownScore) -> SheetCell:
    """Return the number of a score, else the coverage for which it has none; nothing where nothing applies."""
    return _number(score.value, score.coverage)


def _number(value: Decimal | None, coverage: Decimal | None) -> SheetCell:
    return value if value is not None else coverage_words(coverage) if coverage is not None else None


def _unscored_row(row: OverviewRow) -> list[SheetCell]:
    level = labels.level_of(row.unit)
    place: list[SheetCell] = [row.unit.id, row.unit.name, level, row.unit.region, row.standing]
    return [*place, row.coverage, row.open_leads, row.findings, "、".join(row.missing), _state(row)]


def _state(row: OverviewRow) -> str:
    """Say of a line whether its score is up to date, and which papers failed or sheets are drafts."""
    return "；".join(filter(None, (row.marks.strip("（）"), *row.warnings)))


def _finding_row(finding: Finding, names: Mapping[str, str]) -> list[SheetCell]:
    return [
        finding.unit,
        names.get(finding.unit, finding.unit),
        labels.domain_title(finding.domain, finding.domain_title),
        finding.item_id,
        finding.title,
        labels.label(finding.nature),
        labels.label(finding.severity),
        labels.ORIGINS.get(finding.origin, ""),
        finding.points_lost,
        finding.criteria,
        finding.condition,
        finding.effect,
        finding.recommendation,
        len(finding.leads),
    ]


def _lead_row(row: LeadRow) -> list[SheetCell]:
    lead, decision = row.lead, row.decision
    return [
        lead.id,
        lead.unit,
        row.unit_name,
        row.domain_title,
        row.check_title,
        row.item_title,
        lead.business_date,
        lead.summary,
        "；".join(f"{title}：{value}" for title, value in lead.record.items() if value),
        labels.label(decision.answer) if decision and decision.answer else "",
        decision.answer_note if decision else "",
        labels.label(decision.decided) if decision and decision.decided else "待核实",
        decision.reason if decision else "",
        row.due,
        _yes(row.overdue),
    ]


def _yes(flag: bool) -> str:
    return "是" if flag else ""


def _group_columns(overview: Overview) -> list[SheetColumn]:
    grades = [SheetColumn(title=label, width=9) for label in overview.grade_labels.values()]
    return [
        SheetColumn(title="分组", width=24),
        SheetColumn(title="机构数", width=9),
        SheetColumn(title="已评分", width=9),
        SheetColumn(title="平均分（已评分）", width=12),
        SheetColumn(title="中位数（已评分）", width=12),
        *grades,
        SheetColumn(title="更新情况", width=24),
    ]


def _group_rows(overview: Overview) -> list[list[SheetCell]]:
    return [
        [
            g.title,
            g.units,
            g.scored,
            g.mean,
            g.median,
            *(g.grades.get(code, 0) for code in overview.grade_labels),
            g.marks.strip("（）"),
        ]
        for g in overview.groups
    ]


_STANDING_WORDS = (
    "“未更新”表示有底稿最近一次运行失败，得分是此前运行的结果；草稿的人工答复不计分；"
    "“旧数据”表示提交后数据已更新、待复核人答复"
)


def _about(summary: BatchSummary) -> list[list[SheetCell]]:
    overview = summary.overview
    grades = "、".join(f"{code} {label}" for code, label in overview.grade_labels.items())
    rows: list[list[SheetCell]] = [
        ["检查期间", overview.period],
        ["范围", f"全部被检查机构 {len(overview.rows)} 个，检查域：{'、'.join(overview.domain_titles.values())}"],
        ["截至日期", summary.as_of],
        ["导出人", summary.operator],
        ["得分口径", "总分和各域得分按认定结果；“按疑点测算”把未被认定为不属实的疑点全部计入，只供参考，不用于排名"],
        ["得分性质", "自评：至少有一个检查域尚未复核通过；复评：全部复核通过，自评得分另列"],
        ["暂定", "“是”表示有检查项待核实、未检查或缺少数据，得分以后可能变动"],
        ["名次", "在同一层级有得分的机构之间排列，同分同名次，其后名次顺延；没有得分的机构不排名"],
        ["覆盖 n %", "已评分的检查项占适用分值的比例不足限额：没有得分，不计入平均分和中位数，也不能说明没有问题"],
        ["更新情况", _STANDING_WORDS],
        ["等级", grades],
        ["空单元格", "表示没有可以计算的数据，不是零分"],
    ]
    return rows + [["备注", note] for note in overview.notes]

"""机构检查档案 and 检查计划覆盖 as pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from xiaobao.features.visits.plan_coverage import DUE
from xiaobao.features.visits.visit import MODES, VISIT_KINDS, VISIT_STATES
from xiaobao.labels import domain_title, label
from xiaobao.numbers import show
from xiaobao.pages.views.view_model import Block, Cell, Facts, TableBlock, TableColumn, Text, Title, View, view

if TYPE_CHECKING:
    from xiaobao.features.visits.dossier import Dossier
    from xiaobao.features.visits.plan_coverage import VisitCoverage

_SHOWN = 20


def dossier(found: Dossier) -> View:
    """Counts first, then results, findings, repeats and visits of one unit."""
    notes = (Text(words=note, tone="muted") for note in found.notes)
    return view(*_counts(found), *_results(found), *_findings(found), *_visits(found), *notes)


def _counts(found: Dossier) -> Iterator[Block]:
    last = found.last
    said = f"{last.entered_on} {VISIT_KINDS[last.kind]}（{last.number}）" if last else "没有记录"
    late = Cell(text=show(found.late_measures), tone="bad" if found.late_measures else "")
    yield Title(words=f"{found.unit_name}（{found.unit}）检查档案　{found.day}")
    yield Facts(
        pairs=(
            ("上次检查", Cell(text=said)),
            ("检查发现", Cell(text=show(len(found.findings)))),
            ("屡查屡犯", Cell(text=show(len(found.repeats)), tone="bad" if found.repeats else "")),
            ("逾期整改", late),
        )
    )
    for name, pairs in (("疑点", found.leads), ("投诉件数", found.complaints), ("整改措施", found.measures)):
        words = "，".join(f"{title} {show(count)}" for title, count in pairs) or "没有记录"
        yield Text(words=f"{name}：{words}")


def _results(found: Dossier) -> Iterable[Block]:
    return _table(
        "历次得分",
        ("期间", "检查批次", "种类", "得分", "等级", "名次", "检查发现"),
        [
            (one.period, one.campaign, one.kind, one.total, one.grade, show(one.rank), show(one.findings))
            for one in found.results
        ],
    )


def _findings(found: Dossier) -> Iterator[Block]:
    yield from _table(
        "屡查屡犯",
        ("检查域", "问题", "期间"),
        [(domain_title(one.domain, ""), one.title, "、".join(one.periods)) for one in found.repeats],
    )
    yield from _table(
        "检查发现",
        ("期间", "检查域", "问题", "定性", "严重程度"),
        [
            (one.period, domain_title(one.domain, one.domain_title), one.title, label(one.nature), label(one.severity))
            for one in found.findings
        ],
    )


def _visits(found: Dossier) -> Iterable[Block]:
    return _table(
        "检查项目",
        ("编号", "种类", "方式", "进场", "结束", "问题", "状态"),
        [
            (
                one.number,
                VISIT_KINDS[one.kind],
                MODES[one.mode],
                str(one.entered_on or ""),
                str(one.closed_on or ""),
                show(len(one.matters)),
                VISIT_STATES[one.state],
            )
            for one in found.visits
        ],
    )


def visit_coverage(found: VisitCoverage) -> View:
    """The plan's coverage as a sentence, then each unit's line, most overdue first."""
    rows = [
        (
            f"{row.unit_name}（{row.unit}）",
            str(row.last.entered_on) if row.last else "",
            VISIT_KINDS[row.last.kind] if row.last else "",
            str(row.due or ""),
            (str(row.planned.starts or "") or row.planned.number) if row.planned else "",
            DUE[row.state],
        )
        for row in found.rows
    ]
    heads = ("机构", "上次进场", "种类", "下次到期", "已安排", "状态")
    return view(Text(words=found.sentence()), *_table("各机构", heads, rows))


def _table(title: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> list[Block]:
    if not rows:
        return [Title(words=title), Text(words="没有记录", tone="muted")]
    left = f"共 {len(rows)} 条，此处列出前 {_SHOWN} 条" if len(rows) > _SHOWN else ""
    cells = tuple(tuple(Cell(text=text) for text in row) for row in rows[:_SHOWN])
    block = TableBlock(columns=tuple(TableColumn(title=head) for head in heads), rows=cells, note=left)
    return [Title(words=f"{title}　共 {len(rows)} 条"), block]

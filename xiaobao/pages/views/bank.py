"""What head office reads of all units: groups, worst findings, what is still open."""

from __future__ import annotations

from xiaobao.labels import ROLLUPS, domain_title, label
from xiaobao.numbers import show
from xiaobao.pages.views.ranking import ordered, remark
from xiaobao.pages.views.view_model import Cell, TableColumn, View, cells, columns, table_or, view
from xiaobao.pages.views.wording import points, severity_cell
from xiaobao.scorecard import Overview


def groups(overview: Overview) -> View:
    """Means, medians and grades of all units, of each level and of each region."""
    rows = [
        cells(
            group.title,
            show(group.units),
            show(group.scored),
            show(group.mean) + group.marks,
            show(group.median) + group.marks,
            *(show(group.grades.get(grade, 0)) for grade in overview.grade_labels),
        )
        for group in overview.groups
    ]
    heads = (
        *columns("分组", "机构数:num", "已计分:num", "平均分（已计分）:num", "中位数（已计分）:num"),
        *(TableColumn(title=title, kind="num") for title in overview.grade_labels.values()),
    )
    return view(table_or("本期还没有得分。", heads, rows, "平均分、中位数只算已计分的机构，含一票否决后的得分"))


def rolled(overview: Overview) -> View:
    """A parent's score from its own and its children's, with the weights stated and who was left out."""
    own = {row.unit.id: row for row in overview.rows}
    rows = [
        cells(
            f"{overview.unit_names.get(unit, unit)}（{unit}）",
            own[unit].shown_total if unit in own else show(one.own),
            show(one.children_mean),
            f"{len(one.children)} / {len(one.children) + len(one.excluded)}",
            _rolled_value(overview, unit) if not one.held else own[unit].shown_total,
            one.explanation,
        )
        for unit, one in overview.rolled.items()
    ]
    words = {ROLLUPS[one.how] for one in overview.rolled.values()}
    together = f"下级{words.pop() if len(words) == 1 else '得分'}"
    heads = columns("机构", "本级得分:num", f"{together}:num", "计入下级 / 全部下级:num", "汇总得分:num", "怎样得出")
    return view(table_or("没有上下级关系，不需要汇总。", heads, rows, "下级先汇总；没有得分的不计入"))


def _rolled_value(overview: Overview, unit: str) -> str:
    value = overview.rolled[unit].value
    return show(value) + (overview.rolled_marks(unit) if value is not None else "")


def worst_findings(overview: Overview) -> View:
    """The findings that lost most points, over all units."""
    names = {row.unit.id: row.unit.name for row in overview.rows}
    rows = [
        cells(
            f"{names.get(finding.unit, finding.unit)}（{finding.unit}）",
            domain_title(finding.domain, finding.domain_title),
            finding.title,
            label(finding.nature),
            severity_cell(finding.severity),
            points(finding.points_lost),
            finding.condition,
        )
        for finding in overview.worst
    ]
    heads = columns("机构", "检查域:short", "问题", "定性:short", "严重程度:short", "扣分:num", "事实")
    few = len(overview.unscored)
    none = f"没有扣分的检查发现；{few} 家机构未检查或覆盖不足，不能说明没有问题。" if few else "没有扣分的检查发现。"
    return view(table_or(none, heads, rows, f"扣分最多的 {len(rows)} 条"))


def progress(overview: Overview) -> View:
    """Units with leads not decided, provisional scores, papers that failed or were not run."""
    waiting = [
        row for row in ordered(overview.rows) if row.open_leads or row.provisional or row.missing or row.warnings
    ]
    rows = [
        cells(
            f"{row.unit.name}（{row.unit.id}）",
            Cell(text=show(row.open_leads), tone="bad" if row.open_leads else ""),
            remark(row),
        )
        for row in waiting
    ]
    heads = columns("机构", "待认定疑点:num", "说明")
    return view(table_or("没有待认定的疑点，底稿齐全。", heads, rows, f"共 {len(rows)} 家有未了事项"))

"""Figures of merged filings (报送汇总): who filed, how late, the indicators of those that filed, and their sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xiaobao.features.filings.filing import Filing, Merged
from xiaobao.labels import FILING_STATES
from xiaobao.report_figures.figures import FigureCell, FigureSet, FigureTable, ReportFigure, gather_figures, of_source

_SOURCE = "报送台账"
_COLUMNS = {
    "unit": "机构号",
    "name": "机构",
    "due": "期限",
    "state": "状态",
    "filed": "报送日期",
    "late": "逾期天数",
    "returns": "退回次数",
    "reminders": "催报次数",
    "document": "文件",
}


def filing_figures(merged: Merged, rows: Sequence[tuple[Filing, str, int]]) -> FigureSet:
    """Return the merge as figures. `rows` are (filing, name of its unit, days late), those returned without figures."""
    wanted = tuple(dict.fromkeys(name for filing, _, _ in rows for name in filing.wanted))
    columns = {**_COLUMNS, **{f"wanted{place}": name for place, name in enumerate(wanted)}}
    lines = [_row(filing, name, late, wanted) for filing, name, late in rows]
    if wanted:
        lines.append(_total(merged, wanted))
    note = f"指标只含已报的 {merged.filed} 家；待填报和已退回的不计入，写作“无数据”。" if wanted else ""
    return gather_figures(
        _totals(merged), [FigureTable(name="filings", title="报送汇总", columns=columns, rows=tuple(lines), note=note)]
    )


def _totals(merged: Merged) -> Iterator[ReportFigure]:
    make = of_source("报送", _SOURCE)
    yield make("应报机构", merged.asked, "家")
    yield make("已报机构", merged.filed, "家")
    yield make("已确认机构", merged.accepted, "家")
    yield make("待报机构", len(merged.waiting), "家")
    yield make("逾期机构", len(merged.late), "家")


def _row(filing: Filing, name: str, late: int, wanted: Sequence[str]) -> Mapping[str, FigureCell]:
    make = of_source(f"报送·{filing.unit}", _SOURCE)
    stated = of_source(f"报送·{filing.unit}", "机构填报", not filing.waiting)
    return {
        "unit": filing.unit,
        "name": name,
        "due": filing.due.isoformat(),
        "state": FILING_STATES[filing.state],
        "filed": filing.first_filed_on.isoformat() if filing.first_filed_on else "—",
        "late": make("逾期天数", late, "天"),
        "returns": make("退回次数", filing.returns, "次"),
        "reminders": make("催报次数", len(filing.reminders), "次"),
        "document": filing.document.name if filing.document else "—",
        **{f"wanted{place}": stated(one, filing.figures.get(one), "") for place, one in enumerate(wanted)},
    }


def _total(merged: Merged, wanted: Sequence[str]) -> Mapping[str, FigureCell]:
    make = of_source("报送·合计", "机构填报", bool(merged.sums))
    sums = {f"wanted{place}": make(one, merged.sums.get(one), "") for place, one in enumerate(wanted)}
    return {**dict.fromkeys(_COLUMNS, ""), "name": "合计", **sums}

"""Figures of major events (重大事件) with the times of their reports, and of clusters of complaints (集中投诉预警)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from xiaobao.features.registers.events import EVENT_REPORTS, ComplaintCluster
from xiaobao.features.registers.figures import EventFigures, EventLine, ReportTime
from xiaobao.report_figures.figures import NO_DATA, FigureCell, FigureSet, FigureTable, gather_figures, of_source

_EVENTS = {
    "number": "事件编号",
    "unit": "机构",
    "kind": "类别",
    "grade": "级别",
    "known": "知悉时间",
    "首报": "首报",
    "续报": "续报",
    "终报": "终报",
    "late": "迟报",
}
_CLUSTERS = {
    "product": "产品或服务",
    "unit": "机构",
    "first": "首日",
    "last": "末日",
    "people": "投诉人数",
    "complaints": "投诉件数",
}


def event_figures(
    events: EventFigures | None,
    clusters: Sequence[ComplaintCluster] | None,
    settings: Mapping[str, str],
    absent: Collection[str] = (),
) -> FigureSet:
    """Return events and clusters as tables; `clusters` None: no ledger. `settings` are printed as notes.

    Of columns that were not delivered (`absent`) the table says 无数据, not that nothing was reported.
    """
    hours = "；".join(f"{name}{words}" for name, words in settings.items() if name.endswith("时限"))
    cluster = f"{settings['集中投诉预警']}的列为预警。" if "集中投诉预警" in settings else ""
    make = of_source("集中投诉", "投诉台账", clusters is not None)
    figures = [make("预警", None if clusters is None else len(clusters), "起")]
    tables = [
        FigureTable(
            name="events",
            title="重大事件报告情况",
            columns=_EVENTS,
            rows=tuple(_event(line, absent) for line in (events.events if events else ())),
            note=f"{hours}。",
        ),
        FigureTable(
            name="clusters",
            title="集中投诉预警",
            columns=_CLUSTERS,
            rows=tuple(_clusters(clusters or ())),
            note=cluster,
        ),
    ]
    return gather_figures(figures, tables)


def _event(line: EventLine, absent: Collection[str]) -> Mapping[str, FigureCell]:
    unknown = {name for name, column in EVENT_REPORTS.items() if column in absent}
    late = "、".join(report.name for report in line.reports if report.late and report.name not in unknown)
    if any(report.late is not None and report.name in unknown for report in line.reports):
        late = late or NO_DATA
    return {
        "number": line.number,
        "unit": line.unit,
        "kind": line.kind,
        "grade": line.grade or (NO_DATA if "grade" in absent else "—"),
        "known": _moment(line.known_at),
        **{one.name: NO_DATA if one.name in unknown else _made(one) for one in line.reports},
        "late": late or "—",
    }


def _made(report: ReportTime) -> str:
    if report.made is None:
        return "—" if report.due is None else f"未报（应于 {_moment(report.due)} 前）"
    return _moment(report.made)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _clusters(found: Sequence[ComplaintCluster]) -> Iterator[Mapping[str, FigureCell]]:
    for place, one in enumerate(found, 1):
        make = of_source(f"集中投诉·{place}·{one.product}", "投诉台账")
        yield {
            "product": one.product,
            "unit": one.unit or "全行",
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "people": make("投诉人数", one.people, "人"),
            "complaints": make("投诉件数", len(one.complaints)),
        }

"""检查文书 as files: numbered, written from the bank's or the shipped template, read back, recorded with the visit."""

from __future__ import annotations

import hashlib
from pathlib import Path

from xiaobao.errors import Fault, InputError, XiaobaoError
from xiaobao.features.visits.seeing import as_campaign, visit_of
from xiaobao.features.visits.verbs import keep_paper, names_of, next_serial
from xiaobao.features.visits.visit import NUMBER_WORDS, PAPERS, IssuedPaper, Matter, Visit
from xiaobao.features.visits.visit_papers import VisitPaper, expected_cells, read_cells, write_visit_paper
from xiaobao.publishing.issuing import FileToIssue, compare_figures, free, issue_files, next_edition, template
from xiaobao.scorecard import OverviewRow
from xiaobao.word import read_back
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.inspections.appealing import objections
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.results.reading import overview
from xiaobao.workbench.workspace import Workbench

_AFTER_ENTRY = ("working", "facts")
_AFTER_END = ("report", "opinion")


def publish_visit_paper(wb: Workbench, number: str, kind: str, matter: str = "", path: Path | None = None) -> Path:
    """Issue a paper of a visit (.docx) under its 文号 and record it. Raises InputError where it is too early."""
    visit = visit_of(wb, number)
    wb.look("visit.issue", visit.unit, campaign=as_campaign(visit))
    one = _matter_of(visit, kind, matter)
    serial = next_serial(wb, kind, wb.today.year)
    official = _number(wb, kind, serial)
    row, grade = _result(wb, visit) if kind == "confirmation" else (None, "")
    paper = VisitPaper(
        kind=kind,
        number=official,
        bank=wb.settings.bank,
        day=wb.today,
        visit=visit,
        names=names_of(wb, visit.team),
        units={unit.id: unit.name for unit in known_units(wb).values()},
        matter=one,
        titles=domain_titles(wb, wb.campaign(visit.period, visit.campaign)) if visit.campaign else {},
        total=row.shown_total if row else "",
        grade=grade,
        appeals=_appeals(wb, visit) if kind in _AFTER_END else (),
    )
    place = _place(wb, visit, kind, one, path)

    def write(target: Path) -> None:
        printed = write_visit_paper(paper, template(wb, f"visit-{kind}.docx"), target)
        if faults := read_back(target, printed):
            raise XiaobaoError(faults)
        compare_figures(expected_cells(paper), read_cells(target, kind), place.name)

    what = f"{PAPERS[kind]} {official} {number}"
    issue_files(
        wb, "visit.issue", FileToIssue(write=write, path=place, what=what), unit=visit.unit, campaign=as_campaign(visit)
    )
    issued = IssuedPaper(
        kind=kind,
        serial=serial,
        number=official,
        path=_within(wb, place),
        sha256=hashlib.sha256(place.read_bytes()).hexdigest(),
        day=wb.today,
        by=wb.actor,
        matter=one.number if one else "",
    )
    keep_paper(wb, visit, issued)
    return place


def _matter_of(visit: Visit, kind: str, matter: str) -> Matter | None:
    if kind not in PAPERS:
        raise InputError(Fault("没有这种文书", value=kind, allowed="、".join(PAPERS)))
    if visit.state == "cancelled":
        raise InputError(Fault("已取消的检查项目不再出具文书", item=visit.number))
    if kind in _AFTER_ENTRY and visit.entered_on is None:
        raise InputError(Fault(f"{PAPERS[kind]}须在进场以后出具", item=visit.number))
    if kind in _AFTER_END and visit.state != "closed":
        raise InputError(Fault(f"{PAPERS[kind]}须在检查结束以后出具", item=visit.number))
    if kind != "working":
        return None
    found = [one for one in visit.matters if one.number == matter]
    if not found:
        known = "、".join(one.number for one in visit.matters) or "还没有登记问题"
        raise InputError(Fault("检查底稿一事一稿，请写明问题序号", item=visit.number, value=matter, allowed=known))
    return found[0]


def _number(wb: Workbench, kind: str, serial: int) -> str:
    rule = wb.settings.visits
    return rule.number.format(
        short=rule.short or wb.settings.bank, word=NUMBER_WORDS[kind], year=wb.today.year, number=serial
    )


def _appeals(wb: Workbench, visit: Visit) -> tuple[str, ...]:
    """Return the unit's appeals against the results of the visit's campaign, a line each."""
    if not visit.campaign:
        return ()
    found = objections(wb, wb.campaign(visit.period, visit.campaign), visit.unit)
    return tuple(
        f"{one.sheet}{one.told}，涉及{one.about}；理由：{one.grounds}；处理：{one.outcome}"
        + (f"，{one.why}" if one.why else "")
        for one in found
    )


def _result(wb: Workbench, visit: Visit) -> tuple[OverviewRow, str]:
    """Return the line of the unit with its grade in words, "" without a score."""
    if not visit.campaign:
        raise InputError(Fault("检查项目没有对应的检查批次，没有可以确认的结果", item=visit.number))
    board = overview(wb, visit.period, visit.campaign)
    rows = {row.unit.id: row for row in board.rows}
    if visit.unit not in rows:
        raise InputError(Fault("检查批次里没有这个机构的结果", item=visit.number, value=visit.unit))
    row = rows[visit.unit]
    return row, board.grade_labels.get(row.grade, row.grade) if row.total is not None else ""


def _place(wb: Workbench, visit: Visit, kind: str, matter: Matter | None, path: Path | None) -> Path:
    if path:
        return free(path, ".docx")
    name = f"{PAPERS[kind]}-{matter.number}" if matter else PAPERS[kind]
    return next_edition(wb.home / "reports" / "检查项目" / visit.number / f"{name}.docx")


def _within(wb: Workbench, place: Path) -> str:
    path, home = place.resolve(), wb.home.resolve()
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else ""

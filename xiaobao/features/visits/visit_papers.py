"""检查文书: what a visit gives to the template of each kind. Nothing here computes but counts by nature."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from xiaobao.features.visits.verbs import NATURES
from xiaobao.features.visits.visit import MODES, PAPERS, VISIT_KINDS, Matter, Visit
from xiaobao.labels import domain_title, written_day
from xiaobao.model import Period
from xiaobao.numbers import show
from xiaobao.report_figures import of_source
from xiaobao.word import PrintedLine
from xiaobao.word.rendering import printed_tables, render_template

TEAM = {"name": "姓名", "role": "分工", "task": "任务"}
REQUEST_COLUMNS = {
    "place": "序号",
    "item": "调阅材料",
    "period": "所属期间",
    "owner": "保管人",
    "out": "移交签收",
    "back": "归还签收",
}
MATTER_COLUMNS = {
    "place": "序号",
    "title": "问题",
    "nature": "定性",
    "facts": "事实",
    "count": "笔数",
    "amount": "金额（元）",
}
REQUIRED = {"place": "序号", "title": "问题", "requirement": "整改要求", "due": "期限"}
EVIDENCE = {"place": "序号", "name": "证据材料", "matter": "对应问题"}
TABLES: Mapping[str, Mapping[str, str]] = {
    "team": TEAM,
    "requests": REQUEST_COLUMNS,
    "matters": MATTER_COLUMNS,
    "required": REQUIRED,
    "evidence": EVIDENCE,
}
_BY_PAPER = {
    "plan": ("team",),
    "notice": ("team",),
    "requests": ("requests",),
    "facts": ("matters", "evidence"),
    "report": ("matters", "required"),
    "opinion": ("matters", "required"),
}
_METHODS = "查阅制度和档案、抽样核对、数据检查、现场查看、访谈"
_TASKS = {"组长": "主持检查、审核底稿", "检查人员": "检查取证、编制底稿"}
_BLANK = "　　年　月　日"


@dataclass(frozen=True, kw_only=True)
class VisitPaper:
    """A paper ready to be drawn. `names` login → name, `units` id → name; `result` is total and grade, of 考核."""

    kind: str
    number: str
    bank: str
    day: date
    visit: Visit
    names: Mapping[str, str]
    units: Mapping[str, str]
    matter: Matter | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    grade: str = ""
    appeals: Sequence[str] = ()


def write_visit_paper(paper: VisitPaper, template: Path, path: Path) -> tuple[PrintedLine, ...]:
    """Write the paper and return the lines that show its figures. Raises InputError on a faulty template."""
    name = paper.units.get(paper.visit.unit, paper.visit.unit)
    return render_template(_values(paper), template, path, f"{PAPERS[paper.kind]}（{name}）", paper.bank)


def _values(paper: VisitPaper) -> dict[str, object]:
    visit, make = paper.visit, of_source("检查", "查出的问题")
    counted = Counter(one.nature for one in visit.matters)
    natures = "、".join(f"{NATURES[code]} {counted[code]} 个" for code in NATURES if counted[code]) or "没有"
    span = Period.parse(visit.period)
    domains = "、".join(domain_title(one, paper.titles.get(one, "")) for one in visit.domains)
    outlets = "、".join(paper.units.get(one, one) for one in visit.outlets)
    leader = paper.names.get(visit.leader, visit.leader)
    others = [paper.names.get(one, one) for one in visit.inspectors if one != visit.leader]
    entry, closing = visit.entered_on or visit.starts, visit.closed_on or visit.ends
    basis = visit.basis or "《银行保险机构消费者权益保护管理办法》和本行消费者权益保护内部考核、检查有关制度。"
    return {
        "bank": paper.bank,
        "number": paper.number,
        "day": written_day(paper.day),
        "visit": visit.number,
        "unit": visit.unit,
        "unit_name": paper.units.get(visit.unit, visit.unit),
        "kind": VISIT_KINDS[visit.kind],
        "mode": MODES[visit.mode],
        "domains": domains or "消费者权益保护工作",
        "outlets": outlets or "无",
        "start": written_day(span.start),
        "end": written_day(span.end),
        "entry": written_day(entry) if entry else _BLANK,
        "closing": written_day(closing) if closing else _BLANK,
        "leader": leader or "（待定）",
        "inspectors": "、".join(others) or "（待定）",
        "background": visit.background or "落实年度消费者权益保护检查计划。",
        "basis": basis,
        "basis_clause": basis.rstrip("。；， "),
        "method": visit.method or f"{MODES[visit.mode]}检查，采用{_METHODS}等方法。",
        "timetable": visit.timetable or "进场前准备、进场检查、事实确认、出具报告、跟踪整改。",
        "contact": visit.contact or "　　　　　　",
        "summary": visit.summary or "（检查尚未结束）",
        "requirements": visit.requirements or "请逐项整改，明确责任人和期限，按期报告整改情况和佐证材料。",
        "matter_count": make("问题", len(visit.matters), "个"),
        "natures": natures,
        "matter": _matter(paper.matter) if paper.matter else {},
        "total": paper.total.replace("—", "") or "无得分",
        "grade": paper.grade or "—",
        "appeals": list(paper.appeals),
        **_tables(paper),
    }


def _tables(paper: VisitPaper) -> dict[str, list[dict[str, str]]]:
    visit = paper.visit
    team = [(one, "组长" if one == visit.leader else "检查人员") for one in visit.team]
    lines = list(enumerate(visit.requests, 1))
    blank = [{"place": str(place), **dict.fromkeys(("item", "period", "owner"), "")} for place in range(1, 6)]
    asked = [
        {"place": str(at), "item": one.item, "period": _said(one.period or visit.period), "owner": one.owner}
        for at, one in lines
    ]
    evidence = [(name, one.number) for one in visit.matters for name in one.evidence]
    return {
        "team": [
            {
                "name": paper.names.get(one, one),
                "role": role,
                "task": "主持检查、审核底稿" if role == "组长" else "检查取证",
            }
            for one, role in team
        ],
        "requests": [{**one, "out": "\n", "back": "\n"} for one in asked or blank],
        "matters": [_matter(one) for one in visit.matters],
        "required": [_matter(one) for one in visit.matters],
        "evidence": [
            {"place": str(at), "name": name, "matter": f"问题 {of}"} for at, (name, of) in enumerate(evidence, 1)
        ],
    }


def _said(period: str) -> str:
    """Return a year or half-year as one says it, any other period as it is written."""
    year, rest = period[:4], period[4:]
    said = {"": f"{year}年", "H1": f"{year}年上半年", "H2": f"{year}年下半年"}
    return said.get(rest, period) if year.isdecimal() else period


def _matter(one: Matter) -> dict[str, str]:
    return {
        "place": one.number,
        "title": one.title,
        "nature": NATURES[one.nature],
        "facts": one.facts,
        "count": show(one.count),
        "amount": show(one.amount, 2),
        "basis": one.basis,
        "procedure": one.procedure or "查阅资料、抽样核对、询问有关人员。",
        "evidence": "、".join(one.evidence) or "无",
        "requirement": one.requirement or "立即整改。",
        "due": written_day(one.due) if one.due else "另行确定",
        "inspector": one.inspector,
    }


def expected_cells(paper: VisitPaper) -> dict[str, str]:
    """Return what the tables of the paper must show, “table row column” → cell."""
    tables = _tables(paper)
    found: dict[str, str] = {}
    for name in _BY_PAPER.get(paper.kind, ()):
        for place, row in enumerate(tables[name], 1):
            found |= {f"{name} {place} {head}": row[key].strip() for key, head in TABLES[name].items()}
    return found


def read_cells(path: Path, kind: str) -> dict[str, str]:
    """Read the tables of a paper back; `expected_cells` gives the same from the visit."""
    wanted = {tuple(TABLES[name].values()): name for name in _BY_PAPER.get(kind, ())}
    found: dict[str, str] = {}
    for heads, *rows in printed_tables(path):
        name = wanted.get(tuple(heads))
        if name:
            for place, row in enumerate(rows, 1):
                found |= {f"{name} {place} {head}": cell.strip() for head, cell in zip(heads, row, strict=True)}
    return found

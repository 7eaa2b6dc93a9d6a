"""Visits of the sample bank: one under way with its papers, one planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from xiaobao.features.visits.issuing import publish_visit_paper
from xiaobao.features.visits.verbs import Planned, add_matter, ask_for, enter_visit, plan_visit
from xiaobao.features.visits.visit import Matter, RequestRow
from xiaobao.model import Role
from xiaobao.workbench.people import person_in
from xiaobao.workbench.workspace import Workbench

_VISITED, _NEXT = "010000", "020000"
_MATTER = Matter(
    number="",
    title="投诉答复没有告知救济途径",
    facts="抽查 8 件投诉，1 件答复函没有告知客户不服处理结果时可以申请调解、仲裁或诉讼。",
    nature="irregularity",
    basis="《银行保险机构消费者权益保护管理办法》及本行投诉管理办法",
    procedure="抽取投诉台账，逐件查阅答复函",
    count=1,
    evidence=("答复函复印件",),
    requirement="补充告知并更换答复函模板。",
)


def visit_demo(wb: Workbench, period: str, newest: bool) -> None:
    """Let a team enter a branch with notice, requests and a first matter; plan the next branch for later."""
    office, inspector, second = (person_in(wb, role) for role in (Role.HEAD_OFFICE, Role.INSPECTOR, Role.COMPLIANCE))
    if not newest or office is None or inspector is None or second is None:
        return
    planner, day = replace(wb, actor=office), wb.today
    team = {
        "leader": inspector.name,
        "inspectors": (inspector.name, second.name),
        "period": period,
        "contact": "总行消费者权益保护部",
    }
    domains = ("complaints", "disclosure")
    now = Planned(starts=day - timedelta(days=4), ends=day + timedelta(days=5), domains=domains, **team)  # type: ignore[arg-type]
    visit = plan_visit(planner, _VISITED, day.year, now)
    team_leader = replace(wb, actor=inspector)
    ask_for(team_leader, visit.number, [RequestRow(item="投诉登记簿", period=period), RequestRow(item="答复函留底")])
    publish_visit_paper(planner, visit.number, "notice")
    enter_visit(team_leader, visit.number, day - timedelta(days=4))
    add_matter(team_leader, visit.number, _MATTER)
    later = Planned(starts=day + timedelta(days=30), ends=day + timedelta(days=34), domains=("suitability",), **team)  # type: ignore[arg-type]
    plan_visit(planner, _NEXT, day.year, later)

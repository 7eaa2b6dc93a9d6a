"""检查项目 as a page: one row a visit; its steps and papers are one choice away from where one stands."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision, XiaobaoError
from xiaobao.features.visits import view
from xiaobao.features.visits.arranging import (
    cancel_act,
    change_act,
    download_act,
    matter_act,
    matter_of,
    plan_act,
    planned_of,
    request_act,
    requests_of,
    scan_act,
)
from xiaobao.features.visits.dossier import dossier
from xiaobao.features.visits.issuing import publish_visit_paper
from xiaobao.features.visits.plan_coverage import plan_coverage
from xiaobao.features.visits.seeing import as_campaign, visit_of, visits
from xiaobao.features.visits.verbs import (
    NATURES,
    add_matter,
    ask_for,
    attach_evidence,
    cancel_visit,
    change_visit,
    close_visit,
    enter_visit,
    give_opinion,
    issued_paper,
    matters_from_findings,
    names_of,
    plan_visit,
    return_scan,
)
from xiaobao.features.visits.visit import ANSWERED, MODES, PAPERS, VISIT_KINDS, VISIT_STATES, IssuedPaper, Visit
from xiaobao.forms.page_choice import Choices, PageChoice, choose, open_for_writing
from xiaobao.forms.table_page import Given, TablePage, TableRow
from xiaobao.labels import DOMAINS
from xiaobao.pages.views.view_model import Text, View
from xiaobao.pages.views.view_model import view as drawn
from xiaobao.workbench.evidence.attaching import attachments_of, file_of, present
from xiaobao.workbench.from_workspace import bench_at
from xiaobao.workbench.permitting import known_units

_STEPS = {"enter": "进场", "close": "结束（右栏写总体情况）", "findings": "带入检查发现"}
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class VisitPage(TablePage):
    """Visits of a unit or of all, with matters, papers, opinions; steps and papers by one choice."""

    title: ClassVar[str] = "检查项目"
    verb = "visit.see"
    empty = "没有检查项目。总行列入检查计划后，在这里办理。"
    columns = (
        {
            "title": "检查项目",
            "width": "24%",
            "parts": [
                {"key": "unit", "kind": "text", "strong": True},
                {"key": "visit", "kind": "text"},
                {"key": "facts_of", "kind": "facts"},
            ],
        },
        {
            "title": "问题和文书",
            "width": "32%",
            "parts": [
                {"key": "state", "kind": "text", "strong": True},
                {"key": "matters", "kind": "facts"},
                {"key": "papers", "kind": "facts"},
                {"key": "files", "kind": "files", "title": "上传佐证"},
            ],
        },
        {
            "title": "办理",
            "width": "20%",
            "parts": [
                {"key": "to", "kind": "select", "title": "办理", "blank": "办理、出具文书……", "options": []},
                {"key": "acts", "kind": "acts"},
            ],
        },
        {
            "title": "总体情况 / 单位意见",
            "width": "24%",
            "parts": [{"key": "text", "kind": "area", "title": "总体情况，或单位意见"}],
        },
    )
    filters = (
        {"key": "state", "title": "状态", "values": list(VISIT_STATES.values())},
        {"key": "kind", "title": "种类", "values": list(VISIT_KINDS.values())},
    )

    def _rows(self, offered: Choices) -> tuple[list[TableRow], str]:
        """Visits lie in no campaign: they are shown before there is any."""
        try:
            return self.read_rows(offered.chosen), ""
        except XiaobaoError as error:
            return [], str(error)

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Read the visits that whoever looks may know of, newest first."""
        found = [
            one
            for one in visits(self._wb)
            if chosen.unit in ("", one.unit, *one.outlets) and (not chosen.domain or chosen.domain in one.domains)
        ]
        self._typed: dict[str, dict[str, str]] = getattr(self, "_typed", {})
        units = {unit.id: unit.name for unit in known_units(self._wb).values()}
        names = names_of(self._wb, [login for one in found for login in one.team])
        return [self._row(one, units, names) for one in reversed(found)]

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Do the step that was chosen with what was typed beside it; what is typed before a step is kept for it."""
        visit = visit_of(self._wb, row_id)
        if visit.revision != seen_revision:
            raise StaleRevision("检查项目已被他人更新", visit, None)
        typed = self._typed.setdefault(row_id, {})
        typed |= {"text": cells["text"]} if "text" in cells else {}
        if step := cells.get("to", ""):
            self._do(visit, step, typed)
            self._typed.pop(row_id, None)

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        """Return 列入检查计划 for who may plan."""
        if self._wb.may("visit.plan", chosen.unit):
            return []
        units = [(one.id, f"{one.name}（{one.id}）") for one in known_units(self._wb).values()]
        return [plan_act(units, chosen.unit, self._wb.today.year, chosen.period.partition("/")[0], self._campaigns())]

    def act(
        self, name: str, chosen: PageChoice, values: Mapping[str, str]
    ) -> Sequence[str] | Mapping[str, object] | None:
        """`plan`: put a visit into this year's plan. Raises InputError naming every fault."""
        if name != "plan":
            return super().act(name, chosen, values)
        made = plan_visit(self._wb, values.get("unit", ""), self._wb.today.year, planned_of(values))
        return [f"已列入计划 {made.number}：{VISIT_KINDS[made.kind]}（{MODES[made.mode]}）"]

    def act_on(
        self, name: str, row_id: str, seen: int, values: Mapping[str, str], file: Given
    ) -> Sequence[str] | Mapping[str, object]:
        """`change`, `cancel`, `ask` for documents, write down a `matter`, keep a `scan`, or hand a `paper` out."""
        visit = visit_of(self._wb, row_id)
        if name == "paper":
            return self._download(visit, values.get("paper", ""))
        if visit.revision != seen:
            raise StaleRevision("检查项目已被他人更新，请刷新本页后重新办理", visit, None)
        if name == "change":
            change_visit(self._wb, row_id, planned_of(values))
        elif name == "cancel":
            cancel_visit(self._wb, row_id, values.get("reason", ""))
        elif name == "ask":
            ask_for(self._wb, row_id, requests_of(values))
        elif name == "matter":
            add_matter(self._wb, row_id, matter_of(values), [file] if file else ())
        elif name == "scan" and file is not None:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, Path(file[0]).name or "扫描件")
                path.write_bytes(file[1])
                return_scan(self._wb, row_id, values.get("paper", ""), path)
        else:
            return super().act_on(name, row_id, seen, values, file)
        return []

    def _download(self, visit: Visit, number: str) -> Mapping[str, object]:
        """Hand out an issued paper; one that was changed since is reported and not handed out."""
        paper = issued_paper(visit, number)
        path = self._wb.home / paper.path
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != paper.sha256:
            raise InputError(Fault("文书文件不在或与出具时不一致，请重新出具", file=path.name, item=paper.number))
        return {"type": "download", "name": path.name, "media": _WORD, "buffers": [data]}

    def add_file(self, row_id: str, part: str, name: str, data: bytes) -> None:
        """Keep a file as evidence of a visit."""
        attach_evidence(self._wb, row_id, name, data)

    def _campaigns(self) -> list[str]:
        """Return the names of the campaigns, newest first, that a visit may belong to."""
        return [one.name for one in sorted(self._wb.store.campaigns(), key=lambda one: one.period, reverse=True)]

    def _acts(self, visit: Visit) -> list[Mapping[str, object]]:
        team, acts = as_campaign(visit), []
        running = visit.state not in ("closed", "cancelled")
        if running and not self._wb.may("visit.plan", visit.unit):
            acts += [change_act(visit, self._campaigns()), *([cancel_act()] if visit.state == "planned" else [])]
        if running and self._works(visit):
            acts += [*([matter_act()] if visit.state == "entered" else []), request_act()]
        if visit.papers:
            acts.append(download_act(visit))
            if not self._wb.may("visit.scan", visit.unit, campaign=team):
                acts.append(scan_act(visit))
        return acts

    def _do(self, visit: Visit, step: str, typed: Mapping[str, str]) -> None:
        name, _, rest = step.partition(":")
        text = typed.get("text", "")
        if name == "enter":
            enter_visit(self._wb, visit.number)
        elif name == "close":
            close_visit(self._wb, visit.number, text)
        elif name == "findings":
            matters_from_findings(self._wb, visit.number)
        elif name == "paper":
            kind, _, matter = rest.partition(":")
            publish_visit_paper(self._wb, visit.number, kind, matter)
        elif name in ("agree", "disagree"):
            give_opinion(self._wb, visit.number, rest, name == "agree", text)
        else:
            raise InputError(Fault("没有这种办理", value=step))

    def _row(self, visit: Visit, units: Mapping[str, str], names: Mapping[str, str]) -> TableRow:
        steps = self._steps(visit)
        typed = self._typed.get(visit.number, {})
        days = {"计划": visit.starts, "进场": visit.entered_on, "结束": visit.closed_on}
        return {
            "id": visit.number,
            "revision": visit.revision,
            "locked": [] if steps else ["to", "text"],
            "options": {"to": steps},
            "addable": ["files"] if visit.entered_on and self._works(visit) else [],
            "tags": {"state": VISIT_STATES[visit.state], "kind": VISIT_KINDS[visit.kind]},
            "cells": {
                "unit": f"{units.get(visit.unit, visit.unit)}（{visit.unit}）",
                "visit": f"{visit.number} {VISIT_KINDS[visit.kind]}（{MODES[visit.mode]}）",
                "facts_of": {
                    **{title: str(day or "") for title, day in days.items()},
                    "检查组": "、".join(names.get(one, one) for one in visit.team),
                    "网点": "、".join(units.get(one, one) for one in visit.outlets),
                    "检查域": "、".join(DOMAINS.get(one, one) for one in visit.domains),
                },
                "matters": {f"问题 {one.number}": f"{one.title}（{NATURES[one.nature]}）" for one in visit.matters},
                "papers": {one.number: _said(one) for one in visit.papers},
                "state": VISIT_STATES[visit.state],
                "to": "",
                "acts": self._acts(visit),
                "files": [file_of(one) for one in present(attachments_of(self._wb, "visit", visit.number))],
                "text": typed.get("text", ""),
            },
        }

    def _steps(self, visit: Visit) -> list[list[str]]:
        """Return the steps and papers that whoever looks may choose now."""
        team, found = as_campaign(visit), []
        if self._works(visit):
            found += {"planned": ["enter"], "entered": ["findings", "close"]}.get(visit.state, [])
        steps = [[name, _STEPS[name]] for name in found if name != "findings" or visit.campaign]
        if visit.state != "cancelled" and not self._wb.may("visit.issue", visit.unit, campaign=team):
            steps += [[f"paper:{kind}", f"出具{title}"] for kind, title in PAPERS.items() if self._ready(visit, kind)]
            if visit.entered_on:
                steps += [
                    [f"paper:working:{one.number}", f"出具检查底稿（问题 {one.number}）"] for one in visit.matters
                ]
        if not self._wb.may("visit.opine", visit.unit, campaign=team):
            for one in visit.papers:
                if one.kind in ANSWERED and one.agreed is None:
                    title = f"{PAPERS[one.kind]} {one.number}"
                    steps += [[f"agree:{one.number}", f"同意 {title}"], [f"disagree:{one.number}", f"不同意 {title}"]]
        return steps

    def _works(self, visit: Visit) -> bool:
        return not self._wb.may("visit.work", visit.unit, campaign=as_campaign(visit))

    @staticmethod
    def _ready(visit: Visit, kind: str) -> bool:
        if kind == "working":
            return False
        if kind in ("report", "opinion"):
            return visit.state == "closed"
        if kind == "confirmation":
            return bool(visit.campaign)
        return kind in ("plan", "notice", "requests") or visit.entered_on is not None


def visits_page(unit: str = "", period: str = "", workspace: str = "", as_of: str = "") -> VisitPage:
    """打开检查项目和它们的文书；网页地址里的 ?unit= 优先于参数。"""
    return VisitPage(open_for_writing(workspace, as_of), choose(unit, period, ""))


def open_dossier(unit: str = "", workspace: str = "") -> View:
    """看一个机构进场前的全部历史；不写机构则看本年检查计划的覆盖。"""
    wb = bench_at(workspace)
    asked = choose(unit, "", "").unit
    if asked:
        return view.dossier(dossier(wb, asked))
    try:
        return view.visit_coverage(plan_coverage(wb))
    except NotAllowed:
        own = [one for one in known_units(wb) if not wb.may("visit.dossier", one)]
        return view.dossier(dossier(wb, own[0])) if own else drawn(Text(words="没有可以查看的机构。", tone="muted"))


def _said(one: IssuedPaper) -> str:
    agreed = {None: "", True: "，单位同意", False: f"，单位不同意：{one.opinion}"}[one.agreed]
    signed = "，签字件已交回" if one.scans else ""
    return f"{PAPERS[one.kind]} {one.day}{agreed}{signed}"

"""The verbs of the table of rights as pages say them: the message on a page's socket, answered as a person."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.factories.answering import PDF
from tests.factories.further_rights import all_signing
from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.remaining_rights import CUSTOMER
from tests.factories.rights import NAME, OWN, Doors
from tests.test_registers_entered import EVENT
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.features.appraisal.page import AppraisalPage
from xiaobao.features.evidence.page import EvidencePage
from xiaobao.features.filings.page import FilingsPage
from xiaobao.features.registers.page import RegistersPage
from xiaobao.features.samples.page import SamplePage
from xiaobao.features.visits.page import VisitPage
from xiaobao.forms.action_table import ActionTable
from xiaobao.forms.conversing import Page
from xiaobao.forms.filling import FillForm
from xiaobao.forms.lead_table import LeadTable
from xiaobao.forms.page_choice import PageChoice
from xiaobao.workbench.workspace import Workbench

TEXT = "一份说明".encode()
_EVENTS = "major_events"


Opened = Callable[[Workbench, PageChoice], Page]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a page is told: on which page, with what chosen, the message, and files beside it."""

    page: Opened
    message: Mapping[str, object]
    files: tuple[bytes, ...] = ()
    domain: str = DOMAIN
    period: str = ""
    unit: str = OWN
    signing: bool = False  # three sign


def told(doors: Doors, wb: Workbench, said: Said) -> Mapping[str, object]:
    """Open the page as the person and hand it the message, as the socket to his kernel does."""
    several = len(doors.wb.store.campaigns(PERIOD)) > 1
    period = said.period or (f"{PERIOD}/{NAME}" if several else PERIOD)
    page = said.page(
        all_signing(wb) if said.signing else wb, PageChoice(unit=said.unit, period=period, domain=said.domain)
    )
    return page._safely(said.message, said.files)


def refused(answer: Mapping[str, object]) -> str:
    """Return in which words a page refused, "" where it did not."""
    faults = answer.get("faults") or ()
    each = faults.values() if isinstance(faults, Mapping) else [faults]
    return "；".join(str(fault) for some in each for fault in some)  # type: ignore[attr-defined]


Words = Callable[[Doors, object], Said]


def fill(kind: str, *, signing: bool = False, **more: object) -> Words:
    return lambda _doors, _ready: Said(page=FillForm, message={"type": kind, **more}, signing=signing)


def _answer(doors: Doors, _ready: object) -> Said:
    record = doors.wb.store.inspection(doors.campaign.id, OWN, DOMAIN)
    assert record is not None
    seen = doors.wb.store.responses(record.id)["c-01"].revision
    said = {"conclusion": "compliant", "note": f"页面第{seen}次", "amended": "核对后改", "revision": seen}
    return Said(page=FillForm, message={"type": "save", "items": {"c-01": said}})


def _piece(**more: object) -> Mapping[str, object]:
    size = {"size": len(TEXT), "offset": 0, "sha256": hashlib.sha256(TEXT).hexdigest()}
    return {"type": "piece", "upload": "1", "name": "说明.txt", **size, **more}


def row(page: Opened, name: str, *, seen: int = 0, file: bytes = b"", **values: str) -> Words:
    """Return what presses a button of the row that was prepared."""

    def said(_doors: Doors, ready: object) -> Said:
        message: dict[str, object] = {
            "type": "row",
            "name": name,
            "row": str(ready),
            "revision": seen,
            "values": values,
        }
        if file:
            message["file"] = "名单.pdf" if file == PDF else "名单.txt"
        return Said(page=page, message=message, files=(file,) if file else (), domain="")

    return said


def cells(page: Opened, seen: int, **typed: str) -> Words:
    """Return what types into the row that was prepared."""

    def said(_doors: Doors, ready: object) -> Said:
        items = {str(ready): {"cells": typed, "revision": seen}}
        return Said(page=page, message={"type": "save", "items": items}, domain="")

    return said


def head(page: Opened, name: str, **values: str) -> Words:
    """Return what presses a button of the page's head."""
    return lambda _doors, _ready: Said(page=page, message={"type": name, "values": values}, domain="")


def _request(name: str, **values: str) -> Words:
    def said(_doors: Doors, ready: object) -> Said:
        one: str = ready.id  # type: ignore[attr-defined]
        message = {"type": "row", "name": name, "row": f"request:{one}", "revision": 1, "values": values}
        return Said(page=EvidencePage, message=message)

    return said


def _ask(doors: Doors, _ready: object) -> Said:
    values = {"wanted": f"第{next(doors.numbers)}项", "due": "2026-07-20"}
    return Said(page=EvidencePage, message={"type": "ask", "values": values})


def _filing(name: str, **values: str) -> Words:
    def said(_doors: Doors, ready: object) -> Said:
        key = f"monthly|{ready}|{OWN}"
        message = {"type": "row", "name": name, "row": key, "revision": 1, "values": values}
        return Said(page=FilingsPage, message=message, domain="", period="全部期间")

    return said


def _appraisal(name: str, **values: str) -> Words:
    """Return an act on the unit's row; the first version of an appraisal is the one that is seen."""

    def said(_doors: Doors, ready: object) -> Said:
        message = {"type": "row", "name": name, "row": OWN, "revision": 1, "values": values}
        return Said(page=AppraisalPage, message=message, domain="", period=str(ready))

    return said


def _event(doors: Doors, _ready: object) -> Said:
    names = {column.title: column.name for column in DATASETS[_EVENTS].columns}
    typed = {names[title]: text for title, text in EVENT.items()} | {"to": "enter", "reason": ""}
    typed[names["事件编号"]] = f"SJ{next(doors.numbers)}"
    typed[names["机构号"]] = OWN
    message = {"type": "save", "items": {"new": {"cells": typed, "revision": 0}}}
    return Said(page=RegistersPage, message=message, domain=_EVENTS)


def _record(doors: Doors, ready: object) -> Said:
    [found] = doors.wb.store.kept("samples", number=str(ready))
    key = f"{ready} {found.drawn[0].record}"
    items = {key: {"cells": {"outcome": "pass"}, "revision": 0}}
    return Said(page=SamplePage, message={"type": "save", "items": items}, domain="")


def _define(_doors: Doors, _ready: object) -> Said:
    values = {"title": "双录完整性", "key": "编号", "method": "random", "basis": "fixed", "size": "1", "seed": "7"}
    message = {"type": "define", "values": values, "file": "清单.csv"}
    return Said(page=SamplePage, message=message, files=("编号,金额\nA1,100\nA2,200\n".encode(),))


def _visit(step: str, text: str = "") -> Words:
    def said(_doors: Doors, ready: object) -> Said:
        items = {str(ready): {"cells": {"to": step, "text": text}, "revision": 1}}
        return Said(page=VisitPage, message={"type": "save", "items": items}, domain="")

    return said


def _opine(doors: Doors, ready: object) -> Said:
    [found] = doors.wb.store.kept("visits", number=str(ready))
    items = {str(ready): {"cells": {"to": f"agree:{found.papers[0].number}"}, "revision": 1}}
    return Said(page=VisitPage, message={"type": "save", "items": items}, domain="")


def _plan(_doors: Doors, _ready: object) -> Said:
    values = {
        "unit": OWN,
        "kind": "regular",
        "mode": "on_site",
        "period": PERIOD,
        "starts": "2026-07-06",
        "ends": "2026-07-08",
        "leader": "inspector",
        "inspectors": "inspector、guest",
        "domains": DOMAIN,
    }
    return Said(page=VisitPage, message={"type": "plan", "values": values}, domain="")


def _piece_of(page: Opened) -> Words:
    return lambda _doors, ready: Said(page=page, message=_piece(row=str(ready), part="files"), files=(TEXT,), domain="")


_DONE = {"to": "done", "note": "已补办"}
BY_PAGE: Mapping[str, Words] = {
    "answer.save": _answer,
    "evidence.add": lambda _d, _r: Said(page=FillForm, message=_piece(item="c-01"), files=(TEXT,)),
    "evidence.open": lambda _d, ready: Said(page=FillForm, message={"type": "evidence", "sha": ready, "how": "view"}),
    "sheet.move": fill("move_version", reason="新办法已施行"),
    "sheet.assign": fill("assign", node="c-01", login="inspector"),
    "sheet.confirm": fill("confirm_sheet", signing=True),
    "sheet.submit": fill("submit"),
    "sheet.return": fill("give_back", reason="缺佐证"),
    "sheet.review": fill("review", reason="同意"),
    "question.answer": fill("answer_question", answer="kept", reason="不影响结论"),
    "result.appeal": fill("file_appeal", reason="不服", remarks={"c-01": "登记簿另有一册"}),
    "result.decide": fill("decide_appeal", verdict="rejected", reason="证据不足"),
    "sheet.approve": fill("approve", signing=True, reason="同意"),  # whoever signed judges no appeal afterwards
    "lead.answer": cells(LeadTable, 0, answer="confirmed", answer_note="属实"),
    "lead.decide": cells(LeadTable, 1, decided="confirmed", reason="同意"),
    "lead.attach": row(LeadTable, "link", url="档案柜三", note="凭证"),
    "lead.remind": head(LeadTable, "remind", late="all"),
    "lead.export": head(LeadTable, "excel"),
    "lead.restore": row(LeadTable, "restore", file=CUSTOMER.encode(), reason="客户来访核对"),
    "action.propose": head(ActionTable, "propose"),
    "action.fill": cells(ActionTable, 1, measure="逐笔补办并培训", owner="head", due="2026-09-01"),
    "action.report": cells(ActionTable, 1, **_DONE),
    "action.attach": _piece_of(ActionTable),
    "action.verify": cells(ActionTable, 1, to="verified", note="已核对"),
    "action.close": cells(ActionTable, 1, to="closed", note="已核对"),
    "request.ask": _ask,
    "request.hand_over": _request("hand_over", words="在柜台，由张三交接"),
    "request.decide": _request("accept"),
    "filing.file": _filing("file", **{"number 件数": "3"}),
    "filing.return": _filing("return", words="缺件"),
    "filing.accept": _filing("accept"),
    "appraisal.appeal": _appraisal("appeal", grounds="不服"),
    "appraisal.decide": _appraisal("decide", verdict="rejected", reason="证据不足"),
    "register.enter": _event,
    "sample.record": _record,
    "sample.redraw": lambda _d, ready: Said(
        page=SamplePage, message={"type": "step", "values": {"sample": str(ready), "to": "redraw"}}, domain=""
    ),
    "sample.confirm": lambda _d, ready: Said(
        page=SamplePage, message={"type": "step", "values": {"sample": str(ready), "to": "confirm"}}, domain=""
    ),
    "visit.plan": _plan,
    "visit.work": row(VisitPage, "ask", seen=1, items="投诉登记簿，2026H1，运营部"),
    "visit.issue": _visit("paper:plan"),
    "visit.opine": _opine,
    "visit.scan": row(VisitPage, "scan", seen=1, file=PDF, paper="facts"),
    "sample.define": _define,
    "action.close_own": lambda _d, ready: Said(
        page=ActionTable,
        message={"type": "save", "items": {str(ready): {"cells": {"to": "closed", "note": "已核对"}, "revision": 1}}},
        domain="",
        unit="",
    ),
}

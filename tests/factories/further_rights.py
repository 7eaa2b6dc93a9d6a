"""Further verbs of the table of rights as they are performed: signing, appeals, evidence, requests, filings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from msgspec import structs

from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.rights import NAME, NOTHING, SOMEBODY, Act, Before, Doors, _done, _form
from xiaobao.features.evidence import verbs as requesting
from xiaobao.features.evidence.request import DocumentRequest
from xiaobao.features.filings import verbs as filing
from xiaobao.features.filings.filing import Filing
from xiaobao.features.history.history_lines import history_entries
from xiaobao.features.registers.entering import enter_row
from xiaobao.features.visits.verbs import Planned, plan_visit
from xiaobao.model import Actor, Appeal
from xiaobao.publishing import publish_fill_sheets
from xiaobao.settings import Signers
from xiaobao.workbench.evidence.attaching import attach_link, find_subject
from xiaobao.workbench.evidence.viewing import open_evidence
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.appealing import decide_appeal, file_appeal
from xiaobao.workbench.inspections.evidence import keep_file
from xiaobao.workbench.workspace import Workbench

JUDGE = Actor(name="另一个人")


def all_signing(wb: Workbench) -> Workbench:
    """Let every level ask for a confirmation and an approval."""
    levels = {unit.level for unit in wb.units(PERIOD).values()}
    return replace(
        wb, settings=structs.replace(wb.settings, signers=dict.fromkeys(levels, Signers(confirm=True, approve=True)))
    )


def reviewed(doors: Doors, unit: str) -> int:
    """Bring a sheet to where it was reviewed by somebody without a part, with no appeal open; return its number."""
    doors.state(unit, "submitted")
    record = doors.wb.store.inspection(doors.campaign.id, unit, DOMAIN)
    assert record is not None
    with doors.wb.store.writing(JUDGE) as tx:
        tx.set_state(record.id, "reviewed", record.revision)
    return record.id


def appealed(doors: Doors, unit: str) -> object:
    sheet = reviewed(doors, unit)
    number = len(doors.wb.store.appeals([sheet])[sheet]) + 1
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.save_appeal(sheet, Appeal(number=number, grounds="不服", items=("c-01",), day=date(2026, 7, 5), filed_by=""))
    return number


def file_of(doors: Doors, unit: str) -> str:
    record = doors.wb.store.inspection(doors.campaign.id, unit, DOMAIN)
    assert record is not None
    doors.state(unit, "returned")
    kept = keep_file(doors.wb.home, f"{unit}.txt", f"{unit} 的照片".encode())
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.add_evidence(record.id, "c-proof", kept.name, kept.sha256, kept.size, kept.path)
    return kept.sha256


def request(state: str) -> Before:
    def made(doors: Doors, unit: str) -> DocumentRequest:
        one = DocumentRequest(
            campaign=str(doors.campaign.id),
            unit=unit,
            number=str(1000 + next(doors.numbers)),
            wanted="登记簿",
            domain=DOMAIN,
            due=date(2026, 7, 20),
            state=state,
            received_by="别处的人" if state == "received" else "",
            received_on=date(2026, 7, 1) if state == "received" else None,
        )
        with doors.wb.store.writing(SOMEBODY) as tx:
            saved: DocumentRequest = tx.save_kept(requesting.TABLE, "request", [one])[0]
        return saved

    return made


def month(doors: Doors) -> str:
    """Return a month that nobody was asked to file for yet."""
    number = next(doors.numbers)
    return f"{2026 + number // 12}-{number % 12 + 1:02d}"


def asked_to_file(state: str) -> Before:
    def made(doors: Doors, unit: str) -> str:
        period = month(doors)
        one = Filing(kind="monthly", period=period, unit=unit, title="报告", due=date(2026, 7, 5), wanted=("件数",))
        if state == "filed":
            one = structs.replace(
                one, state="filed", figures={"件数": Decimal(1)}, filers=("别处的人",), filed_on=date(2026, 7, 1)
            )
        with doors.wb.store.writing(SOMEBODY) as tx:
            tx.save_kept("filings", "request", [one])
        return period

    return made


def _hand_over(doors: Doors, wb: Workbench, _unit: str, ready: object) -> None:
    assert isinstance(ready, DocumentRequest)
    requesting.hand_over(wb, doors.campaign, ready, "在档案柜三")


def _take(doors: Doors, wb: Workbench, _unit: str, ready: object) -> None:
    assert isinstance(ready, DocumentRequest)
    requesting.decide_request(wb, doors.campaign, ready, accepted=True)


def _file(doors: Doors, wb: Workbench, unit: str, ready: object) -> None:
    numbers = wb.home / f"报数{next(doors.numbers)}.csv"
    numbers.write_text("指标,数值\n件数,3\n", "utf-8")
    filing.file_filing(wb, "monthly", str(ready), unit, None, numbers)


def _see_requests(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    assert any(one.unit == unit for one in requesting.requests(wb, doors.campaign)), NOTHING


def _see_history(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    assert history_entries(wb, doors.campaign, unit=unit, domain=DOMAIN), NOTHING


def _event(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    from tests.test_registers_entered import EVENT

    enter_row(wb, "重大事件", PERIOD, {**EVENT, "机构号": unit, "事件编号": f"SJ{next(doors.numbers)}"})


def _plan(_doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    days = {"starts": date(2026, 7, 6), "ends": date(2026, 7, 8)}
    plan_visit(
        wb,
        unit,
        2026,
        Planned(
            kind="regular",
            mode="on_site",
            period=PERIOD,
            leader="inspector",
            inspectors=("inspector", "guest"),
            domains=(DOMAIN,),
            **days,
        ),
    )


# In this order nobody comes to a sheet that four eyes shut him out of: who decides appeals has not approved yet.
FURTHER: Mapping[str, tuple[Before | None, Act]] = {
    "sheet.confirm": (
        lambda d, unit: d.state(unit, "returned"),
        lambda d, wb, unit, r: _done(signing.confirm_sheet(all_signing(wb), _form(wb, unit))),
    ),
    "result.appeal": (
        reviewed,
        lambda d, wb, unit, r: _done(file_appeal(wb, d.campaign, unit, DOMAIN, "不服", ["c-01"])),
    ),
    "result.decide": (
        appealed,
        lambda d, wb, unit, r: _done(decide_appeal(wb, d.campaign, unit, DOMAIN, "rejected", "证据不足")),
    ),
    "sheet.approve": (reviewed, lambda d, wb, unit, r: _done(signing.approve(all_signing(wb), _form(wb, unit)))),
    "sheet.export": (
        lambda d, unit: d.state(unit, "returned"),
        lambda d, wb, unit, r: _done(
            publish_fill_sheets(wb, unit, PERIOD, wb.home / f"填报{next(d.numbers)}.xlsx", (), NAME)
        ),
    ),
    "lead.attach": (
        lambda d, unit: d._before_lead_answer(unit),
        lambda d, wb, unit, r: _done(
            attach_link(wb, find_subject(wb, "lead", str(r)), f"档案柜{next(d.numbers)}", "凭证")
        ),
    ),
    "action.attach": (
        lambda d, unit: d.measure(unit, "open"),
        lambda d, wb, unit, r: _done(
            attach_link(wb, find_subject(wb, "action", str(r)), f"档案柜{next(d.numbers)}", "凭证")
        ),
    ),
    "evidence.open": (file_of, lambda d, wb, unit, r: _done(open_evidence(wb, str(r)))),
    "request.ask": (
        None,
        lambda d, wb, unit, r: _done(
            requesting.ask_for(wb, d.campaign, unit, [f"第{next(d.numbers)}项"], date(2026, 7, 20), DOMAIN)
        ),
    ),
    "request.hand_over": (request("asked"), _hand_over),
    "request.decide": (request("received"), _take),
    "request.see": (request("asked"), _see_requests),
    "filing.issue": (
        None,
        lambda d, wb, unit, r: _done(filing.issue_filings(wb, "monthly", month(d), [unit], date(2026, 7, 5))),
    ),
    "filing.file": (asked_to_file("issued"), _file),
    "filing.return": (
        asked_to_file("filed"),
        lambda d, wb, unit, r: _done(filing.return_filing(wb, "monthly", str(r), unit, "缺件")),
    ),
    "filing.accept": (
        asked_to_file("filed"),
        lambda d, wb, unit, r: _done(filing.accept_filing(wb, "monthly", str(r), unit)),
    ),
    "filing.remind": (
        asked_to_file("issued"),
        lambda d, wb, unit, r: _done(filing.remind_filings(wb, "monthly", str(r), [unit])),
    ),
    "history.see": (None, _see_history),
    "register.enter": (None, _event),
    "visit.plan": (None, _plan),
}

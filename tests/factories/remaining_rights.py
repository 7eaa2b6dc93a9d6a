"""The rest of the verbs of the table of rights as they are performed: what is entered, drawn, visited, appraised, told.

What only a command or a notebook asks the table for is done by that command or notebook, as the person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import convert, structs
from typer.testing import CliRunner

from tests.factories.answering import PDF
from tests.factories.further_rights import JUDGE, asked_to_file, month, reviewed
from tests.factories.inspections import DOMAIN, PERIOD, checklist, scheme
from tests.factories.people import acting_as, entry
from tests.factories.rights import (
    BELOW,
    HEAD,
    NAME,
    NOTHING,
    OTHER,
    OWN,
    SOMEBODY,
    Act,
    Before,
    Doors,
    _done,
    _form,
    rights_bank,
)
from tests.test_registers_entered import EVENT
from xiaobao import store as storing
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Pool, Scheme, Veto
from xiaobao.checklist.reading import load_scheme
from xiaobao.cli.app import app
from xiaobao.datasets.personal import load_key, pseudonym
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.appraisal import verbs as appraising
from xiaobao.features.appraisal.appraising import AppraisalFigures
from xiaobao.features.complaints.reading import open_ledger
from xiaobao.features.filings.issuing import publish_merged
from xiaobao.features.registers.entering import enter_row, register_lines
from xiaobao.features.samples import verbs as sampling
from xiaobao.features.samples.drawing import draw
from xiaobao.features.samples.populations import PopulationRequest, freeze, read_frozen_rows
from xiaobao.features.samples.sample import Design, DrawnSample, RecordResult, Redraw, draw_digest
from xiaobao.features.today.due import due_today
from xiaobao.features.today.issuing import publish_supervision
from xiaobao.features.visits import verbs as visiting
from xiaobao.features.visits.dossier import dossier
from xiaobao.features.visits.issuing import publish_visit_paper
from xiaobao.features.visits.plan_coverage import plan_coverage
from xiaobao.features.visits.seeing import visit_of
from xiaobao.features.visits.visit import IssuedPaper, RequestRow, Visit
from xiaobao.model import Lead, PoolEntry, Role, VetoEvent
from xiaobao.publishing import publish_checklist, publish_report, publish_summary
from xiaobao.store.models import DataChange, Question, RunRecord, RunStatus, UnitEntry
from xiaobao.workbench.corrective_actions import move_action, propose_actions
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.from_workspace import open_paper
from xiaobao.workbench.inspections.assigning import assign, assignments
from xiaobao.workbench.inspections.bonuses import record_entry, withdraw_entry
from xiaobao.workbench.inspections.vetoes import record_veto, withdraw_veto
from xiaobao.workbench.lead_reminders import remind_leads
from xiaobao.workbench.people import list_people, name_deputy
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.restoring import reidentify
from xiaobao.workbench.results.questions import keep_sheet
from xiaobao.workbench.results.recording import record_runs
from xiaobao.workbench.seeing import look_at_file
from xiaobao.workbench.versions.moving import move_sheet
from xiaobao.workbench.workspace import KEY_FILE, Workbench

APPRAISALS = Path(__file__).parents[2] / "checklists" / "schemes" / "appraisal-2026.yaml"
CUSTOMER = "8800000002"
LATE = date(2026, 10, 1)
# Somebody of the units that nobody else of the bank sits in.
THERE = (entry("below", Role.FILLER, BELOW), entry("there", Role.FILLER, OTHER))


def wide_bank(home: Path, url: str = "") -> Workbench:
    """Make the bank with a veto and a pool in its scheme, an appraisal scheme, a sheet of head office itself."""
    veto = {"id": "V", "event": "伪造材料", "target": "total", "effect": "not_above", "grade": "A"}
    pool = {"id": "P", "title": "加减分", "minimum": -5, "maximum": 5}
    plan = structs.replace(scheme(), pools=(convert(pool, Pool),), vetoes=(convert(veto, Veto),))
    wb = rights_bank(home, url, plan=plan, people=THERE, more=[load_scheme(APPRAISALS)])
    with wb.store.writing(SOMEBODY) as tx:
        tx.ensure_inspections(wb.campaign(PERIOD, NAME).id, [(HEAD, DOMAIN)])
    partitions(wb, PERIOD, anew=True)
    return wb


@contextmanager
def in_person(wb: Workbench) -> Iterator[None]:
    """Let whatever opens the workspace in this process be the person: commands and notebooks do so by themselves.

    What they open is closed as the end of their process would: a server holds a hundred connections, not a thousand.
    """
    opened: list[storing.Store] = []
    usual = storing.open

    def opening(*given: Any, **named: Any) -> storing.Store:
        opened.append(usual(*given, **named))
        return opened[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XIAOBAO_HOME", str(wb.home))
        patch.setattr("xiaobao.workbench.workspace.who_acts", lambda _store: wb.actor)
        patch.setattr(storing, "open", opening)
        try:
            yield
        finally:
            for one in opened:
                one.close()


def command(wb: Workbench, *words: str) -> str:
    """Run a command as the person and return what it printed. Raises what it raises."""
    with in_person(wb):
        done = CliRunner().invoke(app, list(words), catch_exceptions=False, standalone_mode=False)
    assert done.exit_code == 0, done.output
    return done.output


def commanded(*words: str) -> Act:
    return lambda _doors, wb, _unit, _ready: _done(command(wb, *words))


def _commanded_rows(key: str, *words: str) -> Act:
    """Read rows by a command: there is one of the unit, else nothing is shown."""

    def act(_doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
        assert unit in {row[key] for row in json.loads(command(wb, *words, "--json"))}, NOTHING

    return act


# Leads, measures, vetoes, pools, sheets


def _unmeasured(doors: Doors, unit: str) -> None:
    doors.measure(unit, "")


def _head_office(doors: Doors, _unit: str) -> str:
    return doors.measure(HEAD, "verified")


def _pseudonymous(doors: Doors, unit: str) -> str:
    number = next(doors.numbers)
    made = pseudonym(CUSTOMER, "customer", load_key(doors.wb.home / KEY_FILE))
    lead = Lead(
        id=f"P{unit}{number}",
        check_id="complaints.of_a_customer",
        item_id="c-overdue",
        unit=unit,
        period=PERIOD,
        summary="逾期",
        record={"客户号": made},
        business_date=date(2026, 3, 1),
    )
    doors.leads.setdefault(f"P{unit}", []).append(lead)
    record = doors.wb.store.inspection(doors.campaign.id, unit, DOMAIN)
    assert record is not None
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.raise_leads(record.id, [lead.check_id], doors.leads[f"P{unit}"], date(2026, 7, 5))
    return lead.id


def _event(doors: Doors) -> VetoEvent:
    text = f"第 {next(doors.numbers)} 起"
    return VetoEvent(veto_id="V", day=date(2026, 3, 1), description=text, evidence=("认定书",))


def _vetoed(doors: Doors, unit: str) -> None:
    record = doors.wb.store.inspections(doors.campaign.id, unit)[0]
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.record_veto(record.id, _event(doors))


def _bonus(doors: Doors) -> PoolEntry:
    what = f"第 {next(doors.numbers)} 次表扬"
    return PoolEntry(pool="P", points=Decimal(1), what=what, day=date(2026, 3, 1), evidence=("通报",))


def _rewarded(doors: Doors, unit: str) -> str:
    campaign = str(doors.campaign.id)
    number = str(len(doors.wb.store.kept("pool_entries", campaign=campaign, unit=unit)) + 1)
    with doors.wb.store.writing(SOMEBODY) as tx:
        made = UnitEntry(campaign=campaign, unit=unit, number=number, entry=_bonus(doors))
        tx.save_kept("pool_entries", "register", [made])
    return number


def _questioned(doors: Doors, unit: str) -> None:
    sheet = reviewed(doors, unit)
    before = doors.wb.store.questions(doors.campaign.id, unit).get((unit, DOMAIN))
    change = DataChange(dataset="complaints", now=f"{next(doors.numbers):064}", rows_now=1)
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.save_question(
            Question(
                inspection_id=sheet,
                state="open",
                day=date(2026, 7, 5),
                data=(change,),
                checks=(),
                revision=before.revision if before else 0,
            )
        )


def _assign(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    given = assignments(doors.wb, doors.campaign, unit, DOMAIN)
    assign(wb, _form(wb, unit), "c-01", "" if "c-01" in given else "inspector")


def _newer(doors: Doors, unit: str) -> None:
    """Publish a version newer than that of the unit's draft."""
    newer = structs.replace(checklist(1), version=f"2026.{next(doors.numbers) + 1}")
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.publish("checklist", newer.id, newer.version, canonical(newer))


# What is told, printed, run


def _look_at_paper(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    place = campaign_folder(wb.home, doors.campaign) / unit / "投诉处理.html"
    look_at_file(wb, place.relative_to(wb.home).as_posix())


def _run(doors: Doors, wb: Workbench, _unit: str, _ready: object) -> None:
    run = RunRecord(
        campaign_id=doors.campaign.id,
        unit=OWN,
        notebook="4_complaints",
        digest=f"{next(doors.numbers):064}",
        status=RunStatus.FAILED,
        error="没有数据",
        started=datetime(2026, 7, 5, tzinfo=UTC),
        seconds=1.0,
        paper="",
        paper_sha256="",
    )
    record_runs(wb, doors.campaign, [(run, None)])


def _see_result(_doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    with in_person(wb):
        open_paper(DOMAIN, unit=unit, period=PERIOD)


def _report(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    publish_report(wb, "inspection", PERIOD, unit, wb.home / f"报告{next(doors.numbers)}.docx")


def _see_ledger(_doors: Doors, wb: Workbench, _unit: str, _ready: object) -> None:
    with in_person(wb):
        open_ledger(period=PERIOD)


def _see_due(_doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    assert due_today(wb, LATE, unit).items, NOTHING


def _order(doors: Doors, wb: Workbench, _unit: str, _ready: object) -> None:
    number = next(doors.numbers)
    publish_supervision(wb, OWN, LATE, None, f"督 {number}", wb.home / f"督办{number}.docx")


def _registered(doors: Doors, unit: str) -> None:
    cells = {**EVENT, "机构号": unit, "事件编号": f"SJ{next(doors.numbers)}"}
    enter_row(acting_as(doors.wb, "office"), "重大事件", PERIOD, cells)


def _see_rows(_doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    assert [row for row in register_lines(wb, "重大事件", PERIOD, unit) if row.unit == unit], NOTHING


def _see_people(_doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    assert [row for row in list_people(wb) if unit in {seat.unit for seat in row.person.seats}], NOTHING


def _stand_in(_doors: Doors, wb: Workbench, _unit: str, _ready: object) -> None:
    name_deputy(wb, wb.actor.login, "absent", date.today(), date.today())


# Samples


def _list(doors: Doors) -> PopulationRequest:
    file = doors.wb.home / "清单.csv"
    file.write_text("编号,金额\nA1,100\nA2,200\nA3,300\n", "utf-8")
    return PopulationRequest(file=file, key="编号")


def sampled(*, told: bool = False, again: bool = False) -> Before:
    """Return what draws a sample of two by somebody else; `told` its results, `again` that another drew the same."""

    def made(doors: Doors, unit: str) -> str:
        number = f"C{next(doors.numbers):03}"
        population = freeze(doors.wb, _list(doors), unit, PERIOD)
        design = Design(method="random", basis="fixed", size=2, seed="7", confidence=Decimal("0.95"))
        drawn = draw(read_frozen_rows(doors.wb, population), design)
        digest = draw_digest(drawn)
        known = tuple(RecordResult(record=one.record, outcome="pass", by=SOMEBODY) for one in drawn)
        sample = DrawnSample(
            number=number,
            title="双录完整性",
            unit=unit,
            period=PERIOD,
            campaign=NAME,
            domain=DOMAIN,
            population=population,
            design=design,
            drawn=drawn,
            digest=digest,
            state="drawn",
            drawn_by=SOMEBODY,
            tests=known if told else (),
            redraws=(Redraw(by=JUDGE, day=date(2026, 7, 5), digest=digest, same=True),) if again else (),
        )
        with doors.wb.store.writing(SOMEBODY) as tx:
            tx.save_kept("samples", "define", [sample])
        return number

    return made


def _define(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    purpose = sampling.Purpose(title="双录完整性", period=PERIOD, unit=unit, domain=DOMAIN, campaign=NAME)
    sampling.define(wb, purpose, _list(doors), sampling.WantedSample(method="random", basis="fixed", size=1, seed="7"))


def _record(doors: Doors, wb: Workbench, _unit: str, ready: object) -> None:
    [found] = doors.wb.store.kept("samples", number=str(ready))
    name = found.drawn[0].record
    said = RecordResult(record=name, outcome="pass", by=SOMEBODY, revision=0)
    sampling.record(wb, str(ready), {name: said})


# Visits


def visit(mode: str = "on_site", paper: str = "") -> Before:
    """Return what plans a visit by the inspector at the unit, with an issued paper of a kind where one is named."""

    def made(doors: Doors, unit: str) -> str:
        serial = next(doors.numbers)
        number = f"2026-{serial:03}"
        papers = ()
        if paper:
            issued = IssuedPaper(
                kind=paper,
                serial=serial,
                number=f"检〔2026〕{serial}号",
                path="",
                sha256="a" * 64,
                day=date(2026, 7, 5),
                by=SOMEBODY,
            )
            papers = (issued,)
        planned = Visit(
            number=number,
            year="2026",
            unit=unit,
            kind="regular",
            mode=mode,
            period=PERIOD,
            leader="inspector",
            inspectors=("inspector",),
            domains=(DOMAIN,),
            starts=date(2026, 7, 6),
            ends=date(2026, 7, 8),
            papers=papers,
        )
        with doors.wb.store.writing(SOMEBODY) as tx:
            tx.save_kept("visits", "plan", [planned])
        return number

    return made


def known_of(act: Callable[[Doors, Workbench, str, str], object]) -> Act:
    """Return the act; what may not be known of is told as not there, which refuses too."""

    def done(doors: Doors, wb: Workbench, unit: str, ready: object) -> None:
        try:
            act(doors, wb, unit, str(ready))
        except InputError as error:
            if "没有这个检查项目" not in str(error):
                raise
            raise NotAllowed(str(error)) from error

    return done


def _scan(doors: Doors, wb: Workbench, _unit: str, ready: str) -> None:
    file = wb.home / "签字页.pdf"
    file.write_bytes(PDF + str(next(doors.numbers)).encode())
    visiting.return_scan(wb, ready, "facts", file)


# Appraisals


def appraised(*, appealed: bool = False, over: bool = False) -> Before:
    """Return what makes an appraisal public in a month of its own; `appealed` by the unit, `over` its days."""

    def made(doors: Doors, unit: str) -> str:
        period = month(doors)
        figures = AppraisalFigures(unit=unit, complaints=4, responsible=0)
        waiting = appraising.AppraisalAppeal(unit=unit, grounds="不服", evidence=(), by="别处的另一人")
        found = appraising.Appraisal(
            period=period,
            scheme=_appraisal(doors),
            state="published",
            revision=1,
            published_on=date(2026, 7, 1),
            appeals_until=date(2026, 7, 4) if over else date(2026, 7, 20),
            figures=(figures,),
            scores={unit: _appraised(doors, figures)},
            appeals=(waiting,) if appealed else (),
        )
        with doors.wb.store.writing(SOMEBODY) as tx:
            tx.publish("appraisal", period, "1", appraising.canonical_json(appraising.to_plain(found)))
        return period

    return made


def _appraisal(doors: Doors) -> tuple[str, str]:
    plan: Scheme = load_scheme(APPRAISALS)
    return plan.id, plan.version


def _appraised(doors: Doors, figures: AppraisalFigures) -> appraising.Score:
    return appraising.appraise(load_scheme(APPRAISALS), figures, doors.wb.settings.policies.coverage.total)


def _make(doors: Doors, wb: Workbench, _unit: str, _ready: object) -> None:
    figures = AppraisalFigures(unit=OWN, complaints=4, responsible=0)
    appraising.publish_appraisal(wb, month(doors), _appraisal(doors)[0], [figures])


def _see_appraisal(_doors: Doors, wb: Workbench, unit: str, ready: object) -> None:
    found = json.loads(command(wb, "appraisal", "show", "--period", str(ready), "--json"))
    assert unit in found["scores"], NOTHING


# Drafts are moved first, while they are drafts.
REMAINING: Mapping[str, tuple[Before | None, Act]] = {
    "sheet.move": (_newer, lambda d, wb, unit, r: _done(move_sheet(wb, _form(wb, unit), "新办法已施行"))),
    "sheet.assign": (None, _assign),
    "question.answer": (
        _questioned,
        lambda d, wb, unit, r: _done(keep_sheet(wb, d.campaign, unit, DOMAIN, "不影响结论")),
    ),
    "lead.remind": (
        lambda d, unit: d._before_lead_answer(unit),
        lambda d, wb, unit, r: _done(remind_leads(wb, d.campaign, [unit])),
    ),
    "lead.restore": (
        _pseudonymous,
        lambda d, wb, unit, r: _done(reidentify(wb, str(r), "名单.txt", CUSTOMER.encode(), "客户来访核对")),
    ),
    "veto.record": (None, lambda d, wb, unit, r: _done(record_veto(wb, d.campaign, unit, _event(d)))),
    "veto.withdraw": (_vetoed, lambda d, wb, unit, r: _done(withdraw_veto(wb, d.campaign, unit, "V", "记错了"))),
    "pool.record": (None, lambda d, wb, unit, r: _done(record_entry(wb, d.campaign, unit, _bonus(d)))),
    "pool.withdraw": (_rewarded, lambda d, wb, unit, r: _done(withdraw_entry(wb, d.campaign, unit, str(r), "记错了"))),
    "action.propose": (_unmeasured, lambda d, wb, unit, r: _done(propose_actions(wb, PERIOD, unit, NAME))),
    "action.close_own": (_head_office, lambda d, wb, unit, r: _done(move_action(wb, str(r), "closed", "已核对", 1))),
    "result.see": (None, _see_result),
    "report.issue": (_unmeasured, _report),
    "report.bank": (
        None,
        lambda d, wb, unit, r: _done(publish_summary(wb, PERIOD, wb.home / f"汇总{next(d.numbers)}.xlsx")),
    ),
    "paper.see": (None, _look_at_paper),
    "papers.run": (None, _run),
    "status.see": (None, commanded("status")),
    "store.keep": (None, commanded("scan")),
    "today.see": (lambda d, unit: d.measure(unit, "open"), _see_due),
    "supervision.issue": (lambda d, unit: d.measure(OWN, "open"), _order),
    "checklist.print": (
        None,
        lambda d, wb, unit, r: _done(publish_checklist(wb, DOMAIN, wb.home / f"检查表{next(d.numbers)}.xlsx")),
    ),
    "complaint.see": (None, _see_ledger),
    "register.see": (None, commanded("registers", "show", "--period", PERIOD)),
    "register.rows": (_registered, _see_rows),
    "filing.merge": (
        asked_to_file("issued"),
        lambda d, wb, unit, r: _done(publish_merged(wb, "monthly", str(r), wb.home / f"报送{next(d.numbers)}.xlsx")),
    ),
    "filing.see": (asked_to_file("issued"), _commanded_rows("unit", "filings", "list")),
    "people.see": (None, _see_people),
    "people.deputise_self": (None, _stand_in),
    "sample.define": (None, _define),
    "sample.record": (sampled(), _record),
    "sample.redraw": (sampled(told=True), lambda d, wb, unit, r: _done(sampling.redraw(wb, str(r)))),
    "sample.confirm": (
        sampled(told=True, again=True),
        lambda d, wb, unit, r: _done(sampling.confirm_sample(wb, str(r), "同意")),
    ),
    "sample.see": (sampled(), lambda d, wb, unit, r: _done(sampling.sample_of(wb, str(r)))),
    "visit.work": (
        visit(),
        known_of(lambda d, wb, unit, r: visiting.ask_for(wb, r, [RequestRow(item=f"第{next(d.numbers)}项")])),
    ),
    "visit.issue": (visit(), known_of(lambda d, wb, unit, r: publish_visit_paper(wb, r, "plan"))),
    "visit.opine": (
        visit(paper="facts"),
        known_of(lambda d, wb, unit, r: visiting.give_opinion(wb, r, "facts", True, "")),
    ),
    "visit.scan": (visit(paper="facts"), known_of(_scan)),
    "visit.see": (visit(), known_of(lambda d, wb, unit, r: visit_of(wb, r))),
    "visit.see_hidden": (visit("surprise"), known_of(lambda d, wb, unit, r: visit_of(wb, r))),
    "visit.coverage": (None, lambda d, wb, unit, r: _done(plan_coverage(wb, 2026))),
    "visit.dossier": (visit(), lambda d, wb, unit, r: _done(dossier(wb, unit))),
    "appraisal.make": (None, _make),
    "appraisal.appeal": (appraised(), lambda d, wb, unit, r: _done(appraising.appeal(wb, str(r), unit, "不服"))),
    "appraisal.decide": (
        appraised(appealed=True),
        lambda d, wb, unit, r: _done(appraising.decide_appeal(wb, str(r), unit, False, "证据不足")),
    ),
    "appraisal.finalise": (appraised(over=True), lambda d, wb, unit, r: _done(appraising.finalise(wb, str(r)))),
    "appraisal.see": (appraised(), _see_appraisal),
}
# What belongs to no unit; the ledger is a business line's as much as the bank's.
OF_THE_BANK = frozenset(
    [
        "action.close_own",
        "appraisal.decide",
        "appraisal.finalise",
        "appraisal.make",
        "checklist.print",
        "complaint.see",
        "filing.merge",
        "papers.run",
        "people.deputise_self",
        "register.see",
        "report.bank",
        "status.see",
        "store.keep",
        "supervision.issue",
        "visit.coverage",
    ]
)
# What only looks: the store keeps its bytes.
LOOKING = frozenset({"store.keep", "register.rows", "visit.see_hidden", "visit.coverage", "visit.dossier"}) | {
    verb for verb in REMAINING if verb.endswith(".see")
}

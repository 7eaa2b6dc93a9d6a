"""A bank of four units with somebody for each role, and for each verb a way to perform it through the library."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import event, select

from tests.factories.inspections import CHECK, DOMAIN, PERIOD, REGULATIONS, checklist, empty_score, scheme
from tests.factories.kept import new_store
from tests.factories.people import acting_as, entry, register
from xiaobao import store as storing
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Scheme
from xiaobao.features.analysis import extract_tables as data_tables
from xiaobao.model import (
    Actor,
    Conclusion,
    CorrectiveAction,
    Disposition,
    FactState,
    Finding,
    ItemFacts,
    Lead,
    LeadDecision,
    Measured,
    Nature,
    Redress,
    Response,
    Role,
    Severity,
    Stage,
)
from xiaobao.publishing import publish_leads
from xiaobao.store.models import Campaign
from xiaobao.store.tables import metadata
from xiaobao.workbench.campaigns import create_campaign, delete_campaign, rename_campaign, reopen_campaign
from xiaobao.workbench.corrective_actions import actions_table, fill_action, move_action
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.leads import answer_lead, decide_lead, leads_table
from xiaobao.workbench.own_checks import verbs
from xiaobao.workbench.people import PersonEntry, add_person, name_deputy
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.results.resolving import close_campaign
from xiaobao.workbench.versions.publishing import publish_all
from xiaobao.workbench.workspace import Workbench, open_workbench

NAME, LATER = "2026上半年自查", "2026H2"
HEAD, OWN, BELOW, OTHER = "01", "0101", "010101", "0102"
SOMEBODY = Actor(name="别处的人", verified=True)
UNITS = (
    "机构号,机构名称,层级,上级机构号,地区,业务开办清单,是否检查对象\n"
    "01,总行,总行,,,储蓄,否\n0101,城关支行,支行,01,城关,储蓄,是\n"
    "010101,城关分理处,网点,0101,城关,储蓄,是\n0102,河西支行,支行,01,河西,储蓄,是\n"
)
# Everybody sits at 0101 or in head office; `line2` answers for another domain, `guest` inspects elsewhere.
PEOPLE = (
    entry("filler", Role.FILLER, OWN),
    entry("absent", Role.FILLER, OWN),
    entry("head", Role.UNIT_HEAD, OWN),
    entry("inspector", Role.INSPECTOR, HEAD),
    entry("guest", Role.INSPECTOR, HEAD),
    entry("reviewer", Role.REVIEWER, OWN),
    entry("approver", Role.APPROVER, OWN),
    entry("office", Role.HEAD_OFFICE, HEAD),
    entry("line", Role.BUSINESS_LINE, HEAD, lines=(DOMAIN,)),
    entry("line2", Role.BUSINESS_LINE, HEAD, lines=("suitability",)),
    entry("leader", Role.MANAGEMENT, HEAD),
    entry("compliance", Role.COMPLIANCE, HEAD),
    entry("audit", Role.INTERNAL_AUDIT, HEAD),
)
Act = Callable[["Doors", Workbench, str, object], None]
Before = Callable[["Doors", str], object]
LOGINS = (*(one.login for one in PEOPLE if one.login != "absent"), "admin")


def rights_bank(
    home: Path,
    url: str = "",
    *,
    plan: Scheme | None = None,
    people: Sequence[PersonEntry] = (),
    more: Sequence[Scheme] = (),
) -> Workbench:
    """Make the workspace on SQLite, or on the empty database at `url`, and register everybody.

    `plan` scores instead of the usual scheme; `people` are registered and the schemes `more` published besides.
    """
    for name in ("data", "evidence", "secrets", "checklists", "notebooks", "reports"):
        (home / name).mkdir(parents=True)
    place = url or f"sqlite:///{home / 'xiaobao.sqlite'}"
    (home / "xiaobao.toml").write_text(f'bank = "样例农村商业银行"\nas_of = 2026-07-05\nstore = "{place}"\n', "utf-8")
    (home / "checklists" / "regulations.yaml").write_text(REGULATIONS, "utf-8")
    if url:
        storing.open(url, create=True).close()
    else:
        new_store(home)
    wb = open_workbench(home, SOMEBODY)
    sheet, plan = checklist(1), plan or scheme()
    with wb.store.writing(SOMEBODY) as tx:
        tx.publish("checklist", sheet.id, sheet.version, canonical(sheet))
        for one in (plan, *more):
            tx.publish("scheme", one.id, one.version, canonical(one))
    (home / "units.csv").write_text(UNITS, "utf-8")
    import_extract(wb, "units", [home / "units.csv"], PERIOD)
    register(wb, *PEOPLE, *people)
    with wb.store.writing(SOMEBODY) as tx:
        pinned = ((plan.id, plan.version), {DOMAIN: (sheet.id, sheet.version)})
        first = tx.add_campaign(NAME, PERIOD, *pinned, inspectors=("inspector",))
        tx.ensure_inspections(first.id, [(unit, DOMAIN) for unit in (OWN, BELOW, OTHER)])
        tx.ensure_inspections(
            tx.add_campaign("复查", LATER, *pinned).id, [(unit, DOMAIN) for unit in (OWN, BELOW, OTHER)]
        )
    return wb


def unhurried(wb: Workbench) -> Workbench:
    """Let SQLite not wait for the disk at each of thousands of small acts; what is tested is who may act."""
    if wb.store.path is not None:
        event.listen(wb.store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        wb.store.engine.dispose()
    return wb


def fingerprint(wb: Workbench) -> str:
    """Return a digest of the store: the bytes of its file, else every row of every table."""
    if wb.store.path is not None:
        return hashlib.sha256(wb.store.path.read_bytes()).hexdigest()
    with wb.store.engine.connect() as connection:
        rows = [str(sorted(map(str, connection.execute(select(table))))) for table in metadata.sorted_tables]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@dataclass
class Doors:
    """Performs verbs as somebody at some unit. What an act needs is put there by others first, and used only once."""

    wb: Workbench
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    leads: dict[str, list[Lead]] = field(default_factory=dict)
    ready: dict[tuple[str, str], object] = field(default_factory=dict)
    further: Mapping[str, tuple[Before | None, Act]] = field(default_factory=dict)

    def prepare(self, verb: str, unit: str) -> None:
        """Put there what the verb needs at the unit, unless a refused act left it."""
        own: Callable[[str], object] | None = getattr(self, f"_before_{verb.replace('.', '_')}", None)
        if verb in self.further:
            before = self.further[verb][0]
            own = partial(before, self) if before else None
        if own is not None and (verb in SHEETS or (verb, unit) not in self.ready):
            self.ready[verb, unit] = own(unit)

    def perform(self, verb: str, login: str, unit: str) -> None:
        """Do it. Raises what the library raises; only then what was prepared stays for the next."""
        act = self.further[verb][1] if verb in self.further else PERFORMED[verb]
        act(self, acting_as(self.wb, login), unit, self.ready.get((verb, unit)))
        self.ready.pop((verb, unit), None)

    @property
    def campaign(self) -> Campaign:
        return self.wb.campaign(PERIOD, NAME)

    def state(self, unit: str, wanted: str) -> None:
        """Bring a whole sheet to a state, by somebody who has no part in what follows."""
        record = self.wb.store.inspection(self.campaign.id, unit, DOMAIN)
        assert record is not None
        self._no_appeal(record.id)
        if record.state == wanted:
            return
        if record.state == "confirmed":
            with self.wb.store.writing(SOMEBODY) as tx:
                record = tx.set_state(record.id, "draft", record.revision)
        if record.state in ("submitted", "reviewed", "approved"):
            with self.wb.store.writing(Actor(name="另一个人")) as tx:
                record = tx.set_state(record.id, "returned", record.revision, "重来")
        with self.wb.store.writing(SOMEBODY) as tx:
            known = self.wb.store.responses(record.id)
            proof = tx.add_evidence(record.id, "c-proof", "照片.txt", "a" * 64, 3, "evidence/aa/a.txt").sha256
            tx.save_responses(
                record.id, [_answer(name, known[name].revision if name in known else 0, proof) for name in _ASKED]
            )
            if wanted == "submitted":
                tx.set_state(record.id, "submitted", record.revision)

    def _no_appeal(self, sheet: int) -> None:
        with self.wb.store.writing(SOMEBODY) as tx:
            for one in self.wb.store.appeals([sheet])[sheet]:
                if one.state == "open":
                    tx.save_appeal(sheet, structs.replace(one, state="withdrawn", reason="撤回"))

    def _before_answer_save(self, unit: str) -> None:
        self.state(unit, "returned")

    _before_evidence_add = _before_sheet_submit = _before_answer_save

    def _before_sheet_return(self, unit: str) -> None:
        self.state(unit, "submitted")

    _before_sheet_review = _before_sheet_return

    def _before_lead_answer(self, unit: str) -> str:
        number = next(self.numbers)
        lead = Lead(
            id=f"L{unit}{number}",
            check_id=CHECK,
            item_id="c-overdue",
            unit=unit,
            period=PERIOD,
            summary="逾期",
            record={"投诉编号": f"TS{unit}{number}"},
            business_date=date(2026, 3, 1),
        )
        self.leads.setdefault(unit, []).append(lead)
        record = self.wb.store.inspection(self.campaign.id, unit, DOMAIN)
        assert record is not None
        with self.wb.store.writing(SOMEBODY) as tx:
            tx.raise_leads(record.id, [CHECK], self.leads[unit], date(2026, 7, 5))
        return lead.id

    def _before_lead_decide(self, unit: str) -> str:
        lead = self._before_lead_answer(unit)
        said = LeadDecision(lead_id=lead, answer=Disposition.CONFIRMED, answer_note="属实")
        with self.wb.store.writing(SOMEBODY) as tx:
            tx.save_decision(said, 0)
        return lead

    def measure(self, unit: str, status: str) -> str:
        """Put a case line of a finding into a state, with its evidence and statement; "" leaves the finding alone."""
        number = next(self.numbers)
        finding = Finding(
            id=f"F{unit}{number}",
            unit=unit,
            period=PERIOD,
            domain=DOMAIN,
            item_id="c-overdue",
            title="投诉办理逾期",
            nature=Nature.VIOLATION,
            severity=Severity.HIGH,
            criteria="样例办法第一条",
            condition="逾期",
            recommendation="提醒",
            points_lost=Decimal(2),
        )
        record = self.wb.store.inspection(self.campaign.id, unit, DOMAIN)
        assert record is not None
        action = CorrectiveAction(
            id=f"{finding.id}-C",
            finding_id=finding.id,
            unit=unit,
            line="case",
            measure="逐笔补办",
            owner="别处的人",
            due=date(2026, 9, 1),
            status=status,
            evidence=("evidence/aa/a.txt",),
            redress=Redress(made_good=True, refunded=Decimal(100), told_on=date(2026, 7, 1)),
        )
        with self.wb.store.writing(SOMEBODY) as tx:
            scores = (empty_score(Stage.BEFORE), empty_score(Stage.AFTER))
            tx.record_result(record.id, "d" * 64, *scores, (), (finding,))
            if status:
                tx.save_action(action, 0)
        return action.id

    def _before_action_fill(self, unit: str) -> str:
        return self.measure(unit, "open")

    _before_action_report = _before_action_fill

    def _before_action_verify(self, unit: str) -> str:
        return self.measure(unit, "done")

    def _before_action_close(self, unit: str) -> str:
        return self.measure(unit, "verified")

    def clean(self, unit: str) -> None:
        """Record that the item was looked at in the later campaign and had nothing."""
        record = self.wb.store.inspection(self.wb.campaign(LATER).id, unit, DOMAIN)
        assert record is not None
        facts = (ItemFacts(item_id="c-overdue", state=FactState.ASSESSED, source="data"),)
        with self.wb.store.writing(SOMEBODY) as tx:
            scores = (empty_score(Stage.BEFORE), empty_score(Stage.AFTER))
            tx.record_result(record.id, "e" * 64, *scores, (), (), None, facts)

    def another(self, _unit: str) -> str:
        """Open a campaign that nothing was written to, and return its name."""
        name = f"批次{next(self.numbers)}"
        with self.wb.store.writing(SOMEBODY) as tx:
            first = self.campaign
            tx.add_campaign(name, PERIOD, first.scheme, first.checklists)
        return name

    def _before_check_publish(self, unit: str) -> str:
        """Write and test a check, by somebody who may not publish it."""
        name, author = f"check_{next(self.numbers)}", acting_as(self.wb, "audit")
        verbs.new_check(author, name)
        verbs.run_test(author, name)
        return name

    _before_campaign_change = _before_campaign_close = another

    def _before_campaign_reopen(self, unit: str) -> str:
        name = self.another(unit)
        found = self.wb.campaign(PERIOD, name)
        with self.wb.store.writing(SOMEBODY) as tx:
            from msgspec.structs import replace

            tx.change_campaign(replace(found, state="closed"), "close")
        return name


_ASKED = ("c-01", "c-judged", "c-count", "c-missing", "c-ramp", "c-proof")


def _answer(name: str, revision: int, proof: str) -> Response:
    more: dict[str, dict[str, object]] = {
        "c-judged": {"deduction": Decimal(0)},
        "c-count": {"counts": {"late": Decimal(0)}},
        "c-missing": {"missing": Decimal(0)},
        "c-ramp": {"measured": Measured(value=Decimal("1.5"), unit="m")},
        "c-proof": {"evidence": (proof,)},
    }
    said = {"conclusion": Conclusion.COMPLIANT, "note": "查阅了登记簿", **more.get(name, {})}
    return Response(item_id=name, revision=revision, **said)  # type: ignore[arg-type]


def _form(wb: Workbench, unit: str) -> filling.Form:
    return filling.open_form(wb, unit, PERIOD, DOMAIN, NAME)


def _save_answer(_doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    form = _form(wb, unit)
    seen = form.items["c-01"].response.revision
    filling.answer(
        wb,
        form,
        Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note=f"第{seen}次", amended=f"第{seen}次改"),
        seen,
    )


def _attach(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    filling.attach(wb, _form(wb, unit), "c-01", "说明.txt", f"第 {next(doors.numbers)} 份说明".encode())


def _fill_measure(doors: Doors, wb: Workbench, unit: str, ready: object) -> None:
    fill_action(wb, str(ready), f"措施 {next(doors.numbers)}", "head", date(2026, 9, 1), "", 1)


def _people(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    add_person(wb, entry(f"new{next(doors.numbers)}", Role.FILLER, unit))


def _rename(doors: Doors, wb: Workbench, _unit: str, ready: object) -> None:
    found = wb.campaign(PERIOD, str(ready))
    rename_campaign(wb, found, f"{ready}改")
    delete_campaign(wb, wb.campaign(PERIOD, f"{ready}改"), "建错了")


def write_newer(doors: Doors) -> None:
    """Put the draft of a newer version beside the others, alone of its name."""
    from msgspec.structs import replace

    from xiaobao.checklist.writing import to_yaml

    sheet = replace(checklist(1), version=f"2026.{next(doors.numbers) + 1}")
    for old in (doors.wb.home / "checklists").glob("complaints-*.yaml"):
        old.unlink()
    (doors.wb.home / "checklists" / f"complaints-{sheet.version}.yaml").write_text(to_yaml(sheet), "utf-8")


def _publish(doors: Doors, wb: Workbench, _unit: str, _ready: object) -> None:
    write_newer(doors)
    publish_all(wb, wb.home / "checklists")


def _see_leads(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    assert leads_table(wb, PERIOD, unit, campaign=NAME), NOTHING


def _see_actions(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    assert actions_table(wb, PERIOD, unit, name=NAME), NOTHING


def _see_data(doors: Doors, wb: Workbench, unit: str, _ready: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_tables, "bench_at", lambda workspace: wb)
        assert set(data_tables.table("units", unit=unit, period=PERIOD, headings="代码")["unit"]) == {unit}, NOTHING


def _step(to: str) -> Callable[[Doors, Workbench, str, object], None]:
    return lambda _doors, wb, _unit, ready: _done(move_action(wb, str(ready), to, "已核对", 1))


def _done(_: object) -> None:
    return None


NOTHING = "看不到"
PERFORMED: dict[str, Callable[[Doors, Workbench, str, object], None]] = {
    "answer.save": _save_answer,
    "evidence.add": _attach,
    "sheet.submit": lambda d, wb, unit, r: _done(signing.submit(wb, _form(wb, unit))),
    "sheet.return": lambda d, wb, unit, r: _done(signing.give_back(wb, _form(wb, unit), "缺佐证")),
    "sheet.review": lambda d, wb, unit, r: _done(signing.review(wb, _form(wb, unit))),
    "lead.answer": lambda d, wb, unit, r: _done(answer_lead(wb, str(r), Disposition.CONFIRMED, "属实", 0)),
    "lead.decide": lambda d, wb, unit, r: _done(decide_lead(wb, str(r), Disposition.CONFIRMED, "同意", 1)),
    "action.fill": _fill_measure,
    "action.report": _step("done"),
    "action.verify": _step("verified"),
    "action.close": _step("closed"),
    "campaign.create": lambda d, wb, unit, r: _done(create_campaign(wb, f"新批次{next(d.numbers)}", PERIOD)),
    "campaign.change": _rename,
    "campaign.close": lambda d, wb, unit, r: _done(close_campaign(wb, wb.campaign(PERIOD, str(r)), "结束")),
    "campaign.reopen": lambda d, wb, unit, r: _done(reopen_campaign(wb, wb.campaign(PERIOD, str(r)), "有误", "行长")),
    "data.import": lambda d, wb, unit, r: _done(
        import_extract(wb, "units", [wb.home / "units.csv"], PERIOD, replace=True)
    ),
    "checklist.publish": _publish,
    "check.write": lambda d, wb, unit, r: _done(verbs.new_check(wb, f"check_{next(d.numbers)}")),
    "check.publish": lambda d, wb, unit, r: _done(verbs.publish_check(wb, str(r))),
    "lead.raise": lambda d, wb, unit, r: _done(raise_leads(wb, wb.campaign(PERIOD, NAME))),
    "lead.export": lambda d, wb, unit, r: _done(
        publish_leads(wb, PERIOD, wb.home / f"疑点{next(d.numbers)}.xlsx", unit, NAME)
    ),
    "people.manage": _people,
    "people.deputise": lambda d, wb, unit, r: _done(name_deputy(wb, "absent", "reviewer", date.today(), date.today())),
    "sheet.see": lambda d, wb, unit, r: _done(_form(wb, unit)),
    "lead.see": _see_leads,
    "action.see": _see_actions,
    "data.see": _see_data,
}
SHEETS = frozenset({"answer.save", "evidence.add", "sheet.submit", "sheet.return", "sheet.review"})
STANDING = frozenset({"lead.raise"})  # run again, it finds nothing new
READING = frozenset({f"{what}.see" for what in ("sheet", "lead", "action", "data", "request", "history")})
ANYWHERE = frozenset(
    name for name in PERFORMED if name.startswith(("campaign.", "data.import", "checklist.", "check.", "people."))
)

"""Poison through the rooms built last: of what people type, attach or upload nothing personal is kept or issued.

Found again by what each form says (tests/factories/poisoned.py), with nothing of xiaobao, in store, papers and names.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.factories.answering import PDF
from tests.factories.filings import issued
from tests.factories.further_rights import reviewed
from tests.factories.inspections import DOMAIN, raise_two_leads
from tests.factories.people import acting_as
from tests.factories.poison import FORMULAS, MARKUP, PERSONAL
from tests.factories.poisoned import found_in, live_formulas
from tests.factories.rights import OWN, PERIOD, Doors, rights_bank
from xiaobao.errors import InputError
from xiaobao.features.evidence import verbs as evidence
from xiaobao.features.evidence.excel import evidence_book, leads_book
from xiaobao.features.filings import verbs as filings
from xiaobao.features.history.excel import write_history
from xiaobao.features.history.history_lines import workspace_entries
from xiaobao.features.registers.entering import amend_row, enter_row, withdraw_row
from xiaobao.features.samples import verbs as samples
from xiaobao.features.samples.issuing import publish_sample_paper, publish_sheets
from xiaobao.features.samples.populations import PopulationRequest
from xiaobao.features.samples.sample import RecordResult
from xiaobao.features.visits import verbs as visits
from xiaobao.features.visits.issuing import publish_visit_paper
from xiaobao.features.visits.visit import Matter, RequestRow
from xiaobao.model import Disposition
from xiaobao.personal import state_public
from xiaobao.workbench.evidence.attaching import attach_file, attach_link, find_subject
from xiaobao.workbench.inspections.appealing import decide_appeal, file_appeal
from xiaobao.workbench.leads import decide_lead, save_many
from xiaobao.workbench.scanning import scan_workspace
from xiaobao.workbench.workspace import Workbench

ALL = "；".join(PERSONAL.values())
WORDS = "\n".join((ALL, *MARKUP, *FORMULAS))


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    state_public(())
    made = rights_bank(tmp_path_factory.mktemp("poison") / "bank")
    (made.home / "units.csv").unlink()
    yield made
    made.store.close()


def _evidence(wb: Workbench) -> None:
    campaign = wb.campaign(PERIOD, "2026上半年自查")
    office, unit = acting_as(wb, "inspector"), acting_as(wb, "head")
    [one] = evidence.ask_for(office, campaign, OWN, [WORDS], date(2026, 7, 8), DOMAIN)
    evidence.add_document(unit, campaign, one, f"{PERSONAL['手机']}.pdf", PDF)
    one = evidence.hand_over(unit, campaign, one, WORDS)
    evidence.decide_request(office, campaign, one, accepted=False, reason=WORDS)


def _leads(wb: Workbench) -> None:
    leads = raise_two_leads(wb, OWN)
    unit = acting_as(wb, "filler")
    subject = find_subject(unit, "lead", leads[0].id)
    attach_file(unit, subject, f"{PERSONAL['证件号']}.pdf", PDF + b"1", WORDS)
    attach_link(unit, subject, f"档案室 {PERSONAL['座机']}", WORDS)
    save_many(unit, {lead.id: 0 for lead in leads}, Disposition.REFUTED, WORDS)
    decide_lead(acting_as(wb, "inspector"), leads[0].id, Disposition.CONFIRMED, WORDS, 1)


def _visits(wb: Workbench) -> None:
    office = acting_as(wb, "office")
    said = visits.Planned(
        mode="surprise",
        period=PERIOD,
        leader="inspector",
        inspectors=("inspector", "guest"),
        domains=(DOMAIN,),
        starts=date(2026, 7, 6),
        ends=date(2026, 7, 10),
        background=WORDS,
        basis=WORDS,
        method=WORDS,
        timetable=WORDS,
        contact=WORDS,
        requirements=WORDS,
    )
    number = visits.enter_visit(office, visits.plan_visit(office, OWN, 2026, said).number, date(2026, 7, 5)).number
    visits.ask_for(office, number, [RequestRow(item=WORDS, owner=WORDS)])
    matter = Matter(
        number="",
        title=ALL,
        facts=WORDS,
        nature="violation",
        basis=WORDS,
        count=1,
        amount=Decimal(1),
        evidence=(WORDS,),
        requirement=WORDS,
    )
    visits.add_matter(office, number, matter, [(f"{PERSONAL['银行卡']}.pdf", PDF + b"2")])
    for kind in ("notice", "facts"):
        publish_visit_paper(office, number, kind)
    visits.close_visit(office, number, WORDS, date(2026, 7, 10))


def _samples(wb: Workbench) -> None:
    path = wb.home.parent / "清单.csv"
    rows = [f"甲{n},{n},{form}" for n, form in enumerate(PERSONAL.values())]
    path.write_text("\n".join(["编号,金额,说明", *rows]), "utf-8")
    office = acting_as(wb, "office")
    purpose = samples.Purpose(title=ALL, period=PERIOD, unit=OWN, domain=DOMAIN)
    wanted = PopulationRequest(file=path, key="编号", amount="金额")
    asked = samples.WantedSample(basis="fixed", size=3, seed="1")
    drawn = samples.draw_sample(office, samples.define(office, purpose, wanted, asked).number)
    told = {
        one.record: RecordResult(record=one.record, outcome="exception", kind=ALL, note=WORDS, by=wb.actor, revision=0)
        for one in drawn.drawn
    }
    samples.record(office, drawn.number, told)
    publish_sheets(office, drawn.number, wb.home / "reports" / "样本.xlsx")
    publish_sample_paper(office, drawn.number)


def _registers(wb: Workbench) -> None:
    office = acting_as(wb, "office")
    row = {"意见编号": "Y1", "机构号": OWN, "收到日期": "2026-03-01", "来源": "意见簿", "意见内容": WORDS}
    enter_row(office, "意见建议", PERIOD, row)
    amend_row(office, "意见建议", PERIOD, "Y1", {"意见内容": WORDS + "。"}, WORDS)
    withdraw_row(office, "意见建议", PERIOD, "Y1", WORDS)


def _appeals(wb: Workbench) -> None:
    reviewed(Doors(wb), OWN)
    campaign = wb.campaign(PERIOD, "2026上半年自查")
    file_appeal(acting_as(wb, "head"), campaign, OWN, DOMAIN, WORDS, ["c-01"])
    decide_appeal(acting_as(wb, "office"), campaign, OWN, DOMAIN, "rejected", WORDS)


def _filings(wb: Workbench) -> None:
    with wb.store.writing(wb.actor) as tx:
        tx.save_kept("filings", "request", [replace(issued(OWN), title=ALL, note=WORDS, reason=WORDS)])
    assert filings.filings(acting_as(wb, "office"), unit=OWN)


ROOMS: tuple[Callable[[Workbench], None], ...] = (_evidence, _leads, _visits, _samples, _registers, _filings, _appeals)


def test_whatever_is_typed_into_the_newest_rooms_is_neither_kept_nor_issued(bank: Workbench) -> None:
    """All 25 forms, 9 of markup and 12 of formulas in every text of each room, then all it wrote is looked through."""
    for room in ROOMS:
        room(bank)
    out = bank.home / "reports"
    for book in (leads_book, evidence_book):
        name, data = book(acting_as(bank, "office"), PERIOD, OWN, "")
        (out / name).write_bytes(data)
    office = acting_as(bank, "office")
    entries = [one for kind in ("visit", "sample", "register", "filing") for one in workspace_entries(office, kind)]
    write_history(entries, out / "留痕.xlsx", "操作留痕", "样例银行", date(2026, 7, 5))
    assert found_in(bank.home) == {}
    papers = [path for path in out.rglob("*") if path.suffix == ".xlsx"]
    assert len(papers) >= 4
    assert [formula for path in papers for formula in live_formulas(path)] == []
    found = scan_workspace(bank)
    assert (found.leaks, found.unread) == ((), ())


def test_the_finder_finds_every_form_where_it_was_typed(tmp_path: Path) -> None:
    """What found nothing above finds all 25 forms in a file that was not masked."""
    (tmp_path / "原样.txt").write_text(html.escape(WORDS), "utf-8")
    held = found_in(tmp_path)
    assert set().union(*held.values()) == set(PERSONAL)


def test_a_refused_file_is_told_by_a_masked_name(bank: Workbench) -> None:
    filler = acting_as(bank, "filler")
    lead = bank.store.leads(bank.campaign(PERIOD, "2026上半年自查").id, OWN)[0]
    with pytest.raises(InputError) as refused:
        attach_file(filler, find_subject(filler, "lead", lead.id), f"{PERSONAL['手机']}.exe", b"MZ\x90\x00")
    assert "【手机号已隐去】" in str(refused.value)
    assert PERSONAL["手机"] not in str(refused.value)

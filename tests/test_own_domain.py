"""A bank's own domain is called by its sheet's title wherever it is named, and its leads are its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from tests.factories.inspections import CHECK, UNIT, checklist, scheme, tiny_workspace, workbench
from xiaobao.checklist.canonical import canonical
from xiaobao.forms.page_choice import PageChoice, choices
from xiaobao.forms.showing import form_state
from xiaobao.labels import DOMAINS, domain_title
from xiaobao.model import Actor, Disposition, Lead, LeadDecision, Stage
from xiaobao.paper.work_paper import compute
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections.filling import open_form
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.results.cards import CardFreezer
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.reading import overview
from xiaobao.workbench.workspace import Workbench

OWN, TITLE, PERIOD = "green_finance", "绿色金融自查表", "2026Q3"


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    """A campaign of one sheet of the bank's own domain, whose data item asks a check of the complaints."""
    home = tiny_workspace(tmp_path / "bank")
    bench = workbench(home)
    import_extract(bench, "units", [home / "units.csv"], PERIOD)
    sheet = structs.replace(checklist(3), id="green-finance", domain=OWN, title=TITLE)
    plan = structs.replace(scheme(), version="own", weights={OWN: scheme().weights["complaints"]})
    with bench.store.writing(bench.actor) as tx:
        tx.publish("checklist", sheet.id, sheet.version, canonical(sheet))
        tx.publish("scheme", plan.id, plan.version, canonical(plan))
        tx.add_campaign("绿色金融", PERIOD, (plan.id, plan.version), {OWN: (sheet.id, sheet.version)})
    yield bench
    bench.store.close()


@pytest.fixture
def campaign(wb: Workbench) -> Campaign:
    """One lead decided by the inspector."""
    found = wb.campaign(PERIOD)
    with wb.store.writing(wb.actor) as tx:
        [record] = tx.ensure_inspections(found.id, [(UNIT, OWN)])
        lead = Lead(
            id="L1",
            check_id=CHECK,
            item_id="c-overdue",
            unit=UNIT,
            period=PERIOD,
            summary="超期",
            record={"投诉编号": "T1"},
            business_date=date(2026, 8, 1),
        )
        tx.raise_leads(record.id, [CHECK], [lead])
        tx.save_decision(LeadDecision(lead_id="L1", decided=Disposition.CONFIRMED, reason="属实"), 0)
    return found


def test_the_sheets_title_is_the_name_of_the_domain(wb: Workbench, campaign: Campaign) -> None:
    assert domain_titles(wb, campaign) == {OWN: TITLE}
    assert dict(choices(wb, PageChoice(unit=UNIT, period=PERIOD)).domains)[OWN] == TITLE
    head = form_state(open_form(wb, UNIT, PERIOD, OWN), "银行", Actor(name="甲"))["head"]
    assert head["domain"] == TITLE  # type: ignore[index]
    seen = overview(wb, PERIOD)
    assert seen.domain_titles == {OWN: TITLE}
    assert {name for row in seen.rows for name in row.missing} == {TITLE}


def test_a_lead_is_of_the_domain_whose_item_asks_it_whatever_the_check_is_called(
    wb: Workbench, campaign: Campaign
) -> None:
    [row] = leads_table(wb, PERIOD)
    assert (row.domain, row.domain_title) == (OWN, TITLE)
    paper = Freezer(wb, campaign).paper(wb.units(PERIOD)[UNIT], OWN)
    assert [one.lead_id for one in paper.decisions] == ["L1"]
    made = compute(paper)
    assert (made.domain_title, made.before.stage, made.after.stage) == (TITLE, Stage.BEFORE, Stage.AFTER)


def test_the_scheme_carries_the_title_to_card_and_paper(wb: Workbench, campaign: Campaign) -> None:
    assert wb.scheme(campaign).titles == {OWN: TITLE}
    inputs = CardFreezer(wb, campaign).card(wb.units(PERIOD)[UNIT]).card
    assert inputs.scheme.titles == {OWN: TITLE}


def test_shipped_domains_keep_their_names() -> None:
    assert domain_title("complaints", "某表") == DOMAINS["complaints"] == "投诉处理"
    assert (domain_title(OWN, TITLE), domain_title(OWN)) == (TITLE, OWN)

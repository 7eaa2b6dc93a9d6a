"""问题来源: 自查, 被查, 自查不实, 屡查 come from who inspected, what the unit had said, and what was found before."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.factories.answering import fails, fill, fine, hand_in, partly, record_paper
from tests.factories.inspections import (
    DOMAIN,
    FILLER,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    as_person,
    inspection,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice, choices
from xiaobao.model import CheckResult, CheckStatus, Disposition, LeadDecision, Period, Response, Stage
from xiaobao.scoring import gather_facts, score
from xiaobao.scoring.origins import Background
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.reviewing import review_item
from xiaobao.workbench.results.reading import work_paper
from xiaobao.workbench.workspace import Workbench

VISIT = "2026-05-01..2026-05-31"
LATER = "2026H2"


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    """A bank where a lost point is a finding from the hand-in on."""
    home = tiny_workspace(tmp_path / "bank")
    with (home / "xiaobao.toml").open("a", encoding="utf-8") as settings:
        settings.write('[policies]\nfindings_from = "hand_in"\n')
    return workbench(home, INSPECTOR)


def origins(wb: Workbench, period: str, unit: str = UNIT) -> Mapping[str, str]:
    """Return item → source of each finding of the work paper as it would come out now."""
    return {finding.item_id: finding.origin for finding in work_paper(wb, unit, period, DOMAIN).findings}


def inspect(wb: Workbench, period: str, kind: str = "regular") -> Campaign:
    """Let head office inspect a period, with the same sheets and units as the self-inspection."""
    import_extract(wb, "units", [wb.home / "units.csv"], period)
    return create_campaign(wb, "现场检查", period, [(DOMAIN, "2026.1")], kind)


def test_what_a_unit_tells_of_itself_is_self_found(wb: Workbench) -> None:
    hand_in(wb, PERIOD, c_01=fails())
    assert origins(wb, PERIOD) == {"c-01": "self"}


def test_what_a_reviewer_finds_was_misreported_where_the_unit_called_it_compliant(wb: Workbench) -> None:
    """The unit owned up to c-02 in part: more of it is found by others. c-03 got milder: still the unit's own."""
    form = hand_in(wb, PERIOD, c_02=partly(), c_03=fails())
    review_item(wb, form, replace(fails("没有登记"), item_id="c-01"), 0)
    review_item(wb, form, replace(fails("全部缺失"), item_id="c-02"), 0)
    review_item(wb, form, replace(partly("仅缺一份"), item_id="c-03"), 0)
    signing.review(wb, inspecting.reopen(wb, form))
    assert origins(wb, PERIOD) == {"c-01": "misreported", "c-02": "inspected", "c-03": "self"}


@pytest.mark.parametrize("kind", ["regular", "special", "follow_up", "mystery"])
def test_what_head_office_finds_is_inspected_unless_the_unit_had_called_it_compliant(wb: Workbench, kind: str) -> None:
    """c-01 was called compliant in the self-inspection of the half-year, c-02 was not."""
    hand_in(wb, PERIOD, c_02=fails())
    inspect(wb, VISIT, kind)
    hand_in(wb, VISIT, c_01=fails(), c_02=fails())
    assert origins(wb, VISIT) == {"c-01": "misreported", "c-02": "inspected"}


def test_a_self_inspection_that_was_never_handed_in_misreports_nothing(wb: Workbench) -> None:
    fill(as_person(wb, FILLER), PERIOD)
    inspect(wb, VISIT)
    hand_in(wb, VISIT, c_01=fails())
    assert origins(wb, VISIT) == {"c-01": "inspected"}


def test_a_lead_that_the_unit_confirmed_itself_is_self_found(wb: Workbench) -> None:
    """One lead that the unit denied or left open makes the item inspected."""
    first, second = raise_two_leads(wb)
    _, opened = inspection(wb)
    assert opened
    with wb.store.writing(FILLER) as tx:
        tx.save_decisions([LeadDecision(lead_id=first.id, answer=Disposition.CONFIRMED, answer_note="属实")])
    assert _decided(wb, (first.id, second.id)) == "inspected"
    said = wb.store.decisions(wb.campaign(PERIOD).id)[second.id]
    with wb.store.writing(FILLER) as tx:
        tx.save_decisions([replace(said, answer=Disposition.PARTLY, answer_note="部分属实")])
    assert _decided(wb, ()) == "self"


def _decided(wb: Workbench, leads: tuple[str, ...]) -> str:
    """Let the inspector confirm `leads`, and return the source of the item that they stand on."""
    campaign = wb.campaign(PERIOD)
    said = wb.store.decisions(campaign.id)
    with wb.store.writing(INSPECTOR) as tx:
        tx.save_decisions(
            [replace(said.get(i, LeadDecision(lead_id=i)), decided=Disposition.CONFIRMED, reason="属实") for i in leads]
        )
    found = wb.store.leads(campaign.id)
    results = [
        CheckResult(check_id=found[0].check_id, status=CheckStatus.LEADS, population=9, hits=len(found), leads=found)
    ]
    sheet = wb.checklist(campaign, DOMAIN)[0]
    unit = wb.units(PERIOD)[UNIT]
    policies = wb.settings.policies
    decisions = wb.store.decisions(campaign.id)
    facts = gather_facts(
        sheet, unit, Period.parse(PERIOD), {}, results, decisions, Stage.AFTER, policies, background=Background()
    )
    return next(fact.origin for fact in facts if fact.item_id == "c-overdue")


def test_the_same_item_found_again_in_a_later_period_is_repeated_by_its_stable_id(wb: Workbench) -> None:
    """屡查 whoever finds it; another unit's finding of the item is none of this unit's."""
    hand_in(wb, PERIOD, c_01=fails())
    record_paper(wb, UNIT, PERIOD)
    inspect(wb, LATER, "self")
    hand_in(wb, LATER, c_01=partly(), c_02=fails())
    assert origins(wb, LATER) == {"c-01": "repeated", "c-02": "self"}
    hand_in(wb, LATER, OTHER, c_01=fails())
    assert origins(wb, LATER, OTHER) == {"c-01": "self"}


def test_misreporting_goes_before_repeating(wb: Workbench) -> None:
    hand_in(wb, PERIOD, c_01=fails())
    record_paper(wb, UNIT, PERIOD)
    inspect(wb, LATER, "self")
    form = hand_in(wb, LATER)
    review_item(wb, form, replace(fails("仍未登记"), item_id="c-01"), 0)
    signing.review(wb, inspecting.reopen(wb, form))
    assert origins(wb, LATER) == {"c-01": "misreported"}


@pytest.mark.parametrize(("months", "origin"), [(12, "self"), (24, "repeated")])
def test_what_was_found_longer_ago_than_the_setting_is_no_repeat(wb: Workbench, months: int, origin: str) -> None:
    """The setting is the one in force when the sheet was handed in."""
    policies = replace(wb.settings.policies, repeat_months=months)
    set_so = dataclasses.replace(wb, settings=replace(wb.settings, policies=policies))
    hand_in(set_so, PERIOD, c_01=fails())
    record_paper(set_so, UNIT, PERIOD)
    inspect(set_so, "2027H2", "self")
    hand_in(set_so, "2027H2", c_01=fails())
    assert origins(set_so, "2027H2") == {"c-01": origin}
    assert origins(wb, "2027H2") == {"c-01": origin}


def test_a_scheme_rates_the_sources_apart_and_says_so(wb: Workbench) -> None:
    """c-count: one late notice at half a point, told by the unit itself at half the rate: a quarter."""
    late = Response(item_id="c-count", conclusion=fails().conclusion, counts={"late": Decimal(1)}, reason="逾期一件")
    hand_in(wb, PERIOD, c_count=late)
    paper = work_paper(wb, UNIT, PERIOD, DOMAIN)
    rated = replace(paper.scheme, origins={"self": Decimal("0.5"), "misreported": Decimal(2)})
    lines = {line.node_id: line for line in score(paper.checklist, paper.facts, rated, paper.after.stage).trace}
    assert lines["c-count"].deducted == Decimal("0.25")
    assert "来源为自查，按 0.5 倍计" in lines["c-count"].explanation


def test_pages_offer_each_campaign_of_a_period_that_has_several(wb: Workbench) -> None:
    """A half-year with a self-inspection and head office's own: the page's choice names the campaign it is about."""
    hand_in(wb, PERIOD, c_01=fails())
    create_campaign(wb, "现场检查", PERIOD, [(DOMAIN, "2026.1")], "regular")
    own, visit = f"{PERIOD}/2026上半年自查", f"{PERIOD}/现场检查"
    offered = choices(wb, PageChoice(unit=UNIT, period=visit, domain=DOMAIN))
    assert [value for value, _ in offered.periods] == [own, visit]
    assert (offered.fault, offered.chosen.period) == ("", visit)
    page = FillForm(wb, PageChoice(unit=UNIT, period=visit, domain=DOMAIN))
    page.reply({"type": "save", "items": {"c-02": {"conclusion": "compliant", "revision": 0}}})
    assert inspecting.open_form(wb, UNIT, visit, DOMAIN).items["c-02"].answered
    assert inspecting.open_form(wb, UNIT, own, DOMAIN).state == "submitted"
    assert "检查期间不存在" in choices(wb, PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN)).fault


def test_fine_items_have_no_source(wb: Workbench) -> None:
    hand_in(wb, PERIOD, c_01=fine())
    assert {fact.origin for fact in work_paper(wb, UNIT, PERIOD, DOMAIN).facts} == {""}

"""A sheet goes only to the units that it is for; nobody is told that another one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import convert, to_builtins

from tests.factories.inspections import DOMAIN, UNIT, checklist, tiny_workspace, workbench
from xiaobao.batch.journal import read_status
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Checklist
from xiaobao.errors import InputError
from xiaobao.forms.page_choice import PageChoice, choices
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import open_inspections, wanted_domains, wanted_inspections
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.results.reading import frozen_paper, overview
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.workspace import Workbench

PERIOD = "2026H2"
REGISTER = """\
机构号,机构名称,层级,上级机构号,地区,业务开办清单,是否检查对象
01,总行,总行,,,储蓄,否
0101,城关支行,支行,01,城关,储蓄、贷款,是
0190,科技部,部室,01,,科技,是
0191,保卫部,部室,01,,保卫,是
"""


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    """One sheet for sub-branches, and one for departments that run 科技."""
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    plain = to_builtins(checklist(1))
    counters = plain | {"version": "2026.2", "applies_to": {"levels": ["sub_branch"]}}
    systems = plain | {"id": "systems", "domain": "systems", "title": "科技部室检查表"}
    systems["applies_to"] = {"levels": ["department"], "businesses": ["科技"]}
    with bench.store.writing(bench.actor) as tx:
        for sheet in (counters, systems):
            tx.publish("checklist", sheet["id"], sheet["version"], canonical(convert(sheet, Checklist)))
        tx.add_campaign(
            "下半年自查",
            PERIOD,
            ("self-inspection-2026", "2026.1"),
            {DOMAIN: (DOMAIN, "2026.2"), "systems": ("systems", "2026.1")},
        )
    register = tmp_path / "units.csv"
    register.write_text(REGISTER, "utf-8")
    import_extract(bench, "units", [register], PERIOD)
    yield bench
    bench.store.close()


@pytest.fixture
def campaign(wb: Workbench) -> Campaign:
    return wb.campaign(PERIOD)


def test_level_and_businesses_decide_which_sheets_a_unit_has(wb: Workbench, campaign: Campaign) -> None:
    """Departments have sheets of their own; one that no sheet is for has none, and is still listed."""
    assert [(unit.id, domain) for unit, domain in wanted_inspections(wb, campaign)] == [
        ("0101", DOMAIN),
        ("0190", "systems"),
    ]
    assert wanted_domains(wb, campaign) == {"0101": (DOMAIN,), "0190": ("systems",), "0191": ()}


def test_only_wanted_inspections_are_opened_and_checked(wb: Workbench, campaign: Campaign) -> None:
    """Opening and raising leads make no inspection of a sheet that does not apply."""
    open_inspections(wb, campaign)
    raise_leads(wb, campaign)
    assert {(r.unit, r.domain) for r in wb.store.inspections(campaign.id)} == {("0101", DOMAIN), ("0190", "systems")}


def test_the_overview_misses_only_what_a_unit_should_have(wb: Workbench) -> None:
    rows = {row.unit.id: row.missing for row in overview(wb, PERIOD).rows}
    assert rows == {"0101": ("投诉处理",), "0190": ("科技部室检查表",), "0191": ("适用的检查表",)}


def test_the_status_expects_papers_only_of_wanted_inspections(wb: Workbench, campaign: Campaign) -> None:
    """One paper and one scorecard for each unit that has a sheet."""
    assert set(read_status(wb, campaign).missing) == {
        ("0101", "4_complaints"),
        ("0101", "6_scorecard"),
        ("0190", "domain-systems"),
        ("0190", "6_scorecard"),
    }


def test_a_sheet_that_does_not_apply_cannot_be_filled_or_frozen(wb: Workbench) -> None:
    """The reason is said, with the level or the business."""
    with pytest.raises(InputError, match="本检查表不适用于部室"):
        inspecting.open_form(wb, "0190", PERIOD, DOMAIN)
    with pytest.raises(InputError, match="未开办：科技"):
        frozen_paper(wb, "0191", PERIOD, "systems")


def test_the_form_offers_the_sheets_of_the_chosen_unit(wb: Workbench) -> None:
    """A domain kept from another unit is not silently replaced."""
    offered = choices(wb, PageChoice(unit="0190", period=PERIOD, domain=""))
    assert [code for code, _ in offered.domains] == ["systems"] and offered.chosen.domain == "systems"
    kept = choices(wb, PageChoice(unit="0190", period=PERIOD, domain=DOMAIN))
    assert kept.chosen == PageChoice(unit="0190", period=PERIOD, domain="") and "不适用于该机构" in kept.fault
    assert len(choices(wb, PageChoice(unit=UNIT, period=PERIOD, domain=""), any_domain=True).domains) == 3

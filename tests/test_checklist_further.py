"""The ten further checklists and the departments' sheet: deep enough, for the right units, honest about practice."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.factories.shipped import DOMAINS as CORE
from xiaobao.checklist.models import Checklist, Item, why_not_for
from xiaobao.checklist.reading import load_checklist, load_scheme
from xiaobao.checklist.rules import Count, Judged, Levels, Missing, Threshold
from xiaobao.labels import DOMAINS, LEVELS
from xiaobao.model import Unit

FOLDER = Path(__file__).parents[1] / "checklists"
PREFIXES = {
    "governance": "GOV",
    "product_review": "REV",
    "marketing": "MKT",
    "partners": "PAR",
    "education": "EDU",
    "training": "TRN",
    "outlet_service": "SVC",
    "emergencies": "EVT",
    "accountability": "ACC",
    "records": "REC",
}
FUNCTIONS = {"科技", "零售", "授信", "运营", "人力资源", "办公室", "计划财务"}
HIGH_UP = {"head_office", "branch"}
# Words that would name an article; practice has none.
ARTICLE = re.compile(r"第[一二三四五六七八九十百]+条")


def sheet_file(name: str) -> Path:
    """Return the one version of a sheet that we ship."""
    [found] = FOLDER.glob(f"{name}-2026.*.yaml")
    return found


@pytest.fixture(scope="module")
def sheets() -> dict[str, Checklist]:
    """The checklists beside the five core ones, by domain."""
    names = (*PREFIXES, "departments")
    return {name: load_checklist(sheet_file(name)) for name in names}


def unit(level: str, *businesses: str) -> Unit:
    return Unit(id="010001", name="某机构", level=level, businesses=businesses)


@pytest.mark.parametrize("domain", PREFIXES)
def test_a_further_checklist_is_a_days_work(domain: str, sheets: dict[str, Checklist]) -> None:
    sheet = sheets[domain]
    items = sheet.items()
    assert sheet.id == sheet.domain == domain
    assert domain in DOMAINS
    assert len(items) >= 10
    assert 3 <= len(sheet.sections) <= 4
    assert sheet.total == 100
    assert all(item.id.startswith(f"{PREFIXES[domain]}-") for item in items)
    assert sum(item.evidence_required for item in items) >= 2


def test_all_checklists_together_hold_enough(sheets: dict[str, Checklist]) -> None:
    core = [load_checklist(sheet_file(domain)) for domain in CORE]
    assert sum(len(sheet.items()) for sheet in (*core, *sheets.values())) >= 245


def test_each_sheet_says_whom_it_is_for(sheets: dict[str, Checklist]) -> None:
    """Review and governance are the work of head office and branches, counters are below; nobody else has a sheet."""
    levels = {name: set(sheet.applies_to.levels) for name, sheet in sheets.items()}
    assert levels["departments"] == {"department"}
    assert levels["governance"] == levels["product_review"] == HIGH_UP
    assert levels["training"] == levels["emergencies"] == levels["accountability"] == {*HIGH_UP, "sub_branch"}
    assert levels["outlet_service"] == {"branch", "sub_branch", "outlet"}
    assert levels["marketing"] == levels["partners"] == levels["education"] == levels["records"]
    assert levels["records"] == {"head_office", "branch", "sub_branch", "outlet"}


def test_an_item_is_for_levels_and_functions_that_its_sheet_is_for(sheets: dict[str, Checklist]) -> None:
    for sheet in sheets.values():
        for item in sheet.items():
            assert set(item.applies_to.levels) <= set(sheet.applies_to.levels), item.id
            assert item.applies_to.levels != sheet.applies_to.levels, f"{item.id} repeats what the sheet says"


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_keeps_a_usable_part_of_each_of_its_sheets(level: str, sheets: dict[str, Checklist]) -> None:
    """A sheet of two items would weigh as much as a whole one."""
    for sheet in sheets.values():
        if why_not_for(sheet.applies_to, unit(level)):
            continue
        kept = [i for i in sheet.items() if not i.applies_to.levels or level in i.applies_to.levels]
        assert len(kept) >= 5, (sheet.id, level)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_department_is_asked_the_common_items_and_those_of_its_function(
    function: str, sheets: dict[str, Checklist]
) -> None:
    sheet = sheets["departments"]
    department = unit("department", function)
    kept = [item for item in sheet.items() if not why_not_for(item.applies_to, department)]
    common = [item for item in kept if not item.applies_to.businesses]
    assert len(common) == 7
    assert len(kept) - len(common) >= 2


def test_the_departments_sheet_knows_the_seven_functions_and_no_others(sheets: dict[str, Checklist]) -> None:
    items = sheets["departments"].items()
    assert len(items) >= 14
    assert {business for item in items for business in item.applies_to.businesses} == FUNCTIONS


def test_the_other_sheets_leave_departments_alone(sheets: dict[str, Checklist]) -> None:
    core = [load_checklist(sheet_file(domain)) for domain in CORE]
    for sheet in (*core, *(sheets[name] for name in PREFIXES)):
        assert why_not_for(sheet.applies_to, unit("department", "零售")), sheet.id


def test_practice_names_no_article_and_a_measured_limit_says_where_it_comes_from(sheets: dict[str, Checklist]) -> None:
    """How long customers may wait, how often to drill, how many days to rectify: no law that we read says so."""
    for item in every(sheets):
        if item.practice:
            said = item.requirement + item.procedure + item.title
            assert not ARTICLE.search(said), item.id
        if any(isinstance(rule, Threshold) for rule in item.rules):
            assert item.practice, item.id
            assert "行业做法" in item.requirement, item.id


def test_no_item_can_lose_more_at_one_stroke_than_it_is_worth(sheets: dict[str, Checklist]) -> None:
    """What is missing in full costs at most the points, and every rule can cost something."""
    for item in every(sheets):
        for rule in item.rules:
            if isinstance(rule, Missing):
                assert Decimal(0) < rule.of * rule.rate <= item.points, item.id
            elif isinstance(rule, Count):
                assert all(Decimal(0) < cause.rate <= item.points for cause in rule.causes), item.id
            elif isinstance(rule, Judged):
                assert Decimal(0) < rule.max <= item.points, item.id
            elif isinstance(rule, Levels) and rule.options:
                shares = [option.share for option in rule.options]
                assert shares == sorted(shares, reverse=True), item.id
                assert (shares[0], shares[-1]) == (1, 0), item.id


def every(sheets: dict[str, Checklist]) -> list[Item]:
    return [item for sheet in sheets.values() for item in sheet.items()]


def test_the_scheme_weighs_every_domain_that_has_a_sheet() -> None:
    scheme = load_scheme(FOLDER / "schemes/self-inspection-2026.yaml")
    assert scheme.version == "2026.3"
    assert set(scheme.weights) == {*CORE, *PREFIXES, "departments"}
    assert {domain: scheme.weights[domain] for domain in CORE} == dict.fromkeys(CORE, Decimal(14))
    assert sum(scheme.weights[domain] for domain in (*PREFIXES, "departments")) == 30

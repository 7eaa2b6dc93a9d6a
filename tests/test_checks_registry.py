"""The registry of checks: what every check promises, held against the catalogue and the register of regulations."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from msgspec.structs import replace

from tests.factories.extracts import _CLEAN, UNIT, frame, run
from xiaobao.checklist.citations import find_article
from xiaobao.checklist.models import Citation, Regulations
from xiaobao.checklist.reading import load_regulations
from xiaobao.checks.bases import UNREAD
from xiaobao.checks.frame_columns import everything, outcome
from xiaobao.checks.registry import REGISTRY
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.labels import DOMAINS
from xiaobao.model import CheckStatus

_REGULATIONS = Path(__file__).parent.parent / "checklists" / "regulations.yaml"


@pytest.fixture(scope="module")
def regulations() -> Regulations:
    return load_regulations(_REGULATIONS)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_each_citation_is_verified_and_binds_the_bank(name: str, regulations: Regulations) -> None:
    assert REGISTRY[name].citations
    unread = [document for document, number in REGISTRY[name].citations if number == UNREAD]
    assert bool(unread) == (name == "disclosure.financing_cost_unstated"), "its leads are suggestions, and say so"
    for document, number in REGISTRY[name].citations:
        if number == UNREAD:
            continue
        _, article = find_article(regulations, Citation(document=document, article=number))
        assert article is not None, f"{document} {number} is not in the register"
        assert article.verified
        assert article.binds == "bank"


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_each_check_names_columns_that_the_catalogue_has(name: str) -> None:
    check = REGISTRY[name]
    dataset = DATASETS[check.needs[0]]
    known = {column.name for column in (*dataset.columns, *dataset.derived)}
    optional = {column.name for column in dataset.columns if not column.required}
    assert check.domain in DOMAINS
    assert set(check.shown) <= known
    assert set(check.relies_on) <= optional
    assert check.key in known | {"项目与版本"}
    assert not check.day or check.day in known
    assert all(need in DATASETS for need in check.needs)
    assert check.population


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_nothing_personal_travels_with_a_lead(name: str) -> None:
    check = REGISTRY[name]
    dataset = DATASETS[check.needs[0]]
    personal = {column.name for column in dataset.columns if column.personal}
    assert not personal & {check.key, *check.shown}


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_an_empty_extract_is_clear_and_nobody_is_in_the_population(name: str) -> None:
    check = REGISTRY[name]
    result = run(name, *(frame(need) for need in check.needs))
    assert (result.status, result.population, result.hits) == (CheckStatus.CLEAR, 0, 0)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_clean_record_is_no_lead(name: str) -> None:
    result = run(name)
    assert result.status in {CheckStatus.CLEAR, CheckStatus.NO_DATA}, result.note


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_empty_optional_columns_never_break_a_check(name: str) -> None:
    """Required columns stay, every optional and derived one is empty: a check may hit, count or refuse, not crash."""
    check = REGISTRY[name]
    bare = []
    for need in check.needs:
        required = {column.name for column in DATASETS[need].columns if column.required}
        bare.append(frame(need, {k: v for k, v in _CLEAN[need].items() if k in required}, only=True))
    assert run(name, *bare).status is not CheckStatus.ERROR


def test_a_missing_extract_is_no_data() -> None:
    from tests.factories.extracts import AS_OF
    from xiaobao.checks.registry import CheckContext, run_check
    from xiaobao.model import Period
    from xiaobao.policies import Policies

    context = CheckContext(unit=UNIT, period=Period.parse("2026H1"), as_of=AS_OF, policies=Policies())
    assert {run_check(name, "I", {}, context).status for name in REGISTRY} == {CheckStatus.NO_DATA}


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name in sorted(REGISTRY) for column in REGISTRY[name].relies_on]
)
def test_a_column_that_was_never_delivered_is_no_data(name: str, column: str) -> None:
    """An empty column of a file says that there is none; a column that no file held says nothing."""
    check = REGISTRY[name]
    title = DATASETS[check.needs[0]].column(column).title
    result = run(name, frame(check.needs[0], {column: None}, absent=(column,)))
    assert (result.status, result.hits, result.leads) == (CheckStatus.NO_DATA, 0, ())
    assert title in result.note


_NEW = "2026-02-01"
# What each check that rests on the Measures of 2026 alone would hit, were it in force.
_HIT = {
    "suitability.no_valid_assessment": {"assessed_on": None},
    "suitability.assessed_after_sale": {"assessed_on": None, "assessed_after_on": "2026-03-16"},
    "suitability.assessments_per_day": {"count_day": 3},
    "suitability.assessments_per_year": {"count_12_months": 9},
    "suitability.level_change_unconfirmed": {"previous_level": 2, "confirmed_change": False},
    "suitability.clustered_assessments": {"device_day_customers": 9},
    "suitability.clustered_by_teller": {"teller_day_customers": 9},
    "suitability.level_raised_same_day": {"previous_level": 2},
    "suitability.lower_level_used": {"product_type": "代销理财", "issuer_level": 5},
    "suitability.seller_unqualified": {"certificate_no": None},
    "suitability.insurance_declaration_missing": {"premium": "90000.00"},
    "suitability.linked_insurance_without_assessment": {"product_type": "投连型", "assessed_on": None},
    "special_groups.elderly_high_risk": {"age": 65, "product_level": 4},
}


def _rests_on_the_measures_alone(name: str) -> bool:
    return {document for document, _ in REGISTRY[name].citations} == {"适当性办法"}


def test_every_check_that_rests_on_the_measures_of_2026_alone_is_tested_on_their_first_day() -> None:
    assert {name for name in REGISTRY if _rests_on_the_measures_alone(name)} == set(_HIT)


@pytest.mark.parametrize("name", sorted(_HIT))
def test_the_measures_hold_from_their_first_day_and_not_before(name: str, regulations: Regulations) -> None:
    in_force = next(d.effective_from for d in regulations.documents if d.id == "适当性办法")
    assert str(in_force) == _NEW
    check = REGISTRY[name]
    days = {day: _on(check.day, day, _HIT[name]) for day in ("2026-01-31", _NEW)}
    assert [run(name, frame(check.needs[0], days[day])).hits for day in days] == [0, 1]
    earlier = run(name, frame(check.needs[0], days["2026-01-31"]))
    assert earlier.population == 0
    assert "早于 2026-02-01" in earlier.note


def _on(column: str, day: str, record: dict[str, object]) -> dict[str, object]:
    """Put a record on a day; an assessment of the same day stays one."""
    placed = {**record, column: f"{day} 10:00" if column == "assessed_at" else day}
    return placed | ({"previous_on": day} if column == "assessed_at" else {})


def test_hits_within_the_tolerance_are_counted_and_raise_no_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "disclosure.contract_without_annual_rate"
    monkeypatch.setitem(REGISTRY, name, replace(REGISTRY[name], tolerance=1))
    bare = {"contract_annual_rate": None}
    one, two = run(name, frame("loans", {}, bare)), run(name, frame("loans", bare, bare))
    assert (one.status, one.hits, one.leads) == (CheckStatus.CLEAR, 1, ())
    assert (two.status, two.hits, len(two.leads)) == (CheckStatus.LEADS, 2, 2)


def test_hits_over_other_rows_than_the_population_are_refused() -> None:
    """Masks are read by place: over rows in another order they would accuse the wrong record."""
    rows = pd.DataFrame({"complaint_no": ["TS1", "TS2"]})
    turned = pd.Series([True, False], index=[1, 0])
    with pytest.raises(ValueError, match="different rows"):
        outcome(rows, everything(rows), turned, "超期")
    assert outcome(rows, everything(rows), turned.sort_index(), "超期").rows[0]["complaint_no"] == "TS2"


def test_there_are_checks_for_each_core_domain() -> None:
    core = {"disclosure", "suitability", "information_security", "complaints", "special_groups"}
    assert core <= {check.domain for check in REGISTRY.values()} <= set(DOMAINS)
    assert len(REGISTRY) >= 64

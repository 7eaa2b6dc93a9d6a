"""The registry of checks: what every check promises, held against the catalogue and the register of regulations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.extracts import _CLEAN, UNIT, frame, run
from xiaobao.checklist.citations import find_article
from xiaobao.checklist.models import Citation, Regulations
from xiaobao.checklist.reading import load_regulations
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
    for document, number in REGISTRY[name].citations:
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
    from xiaobao.settings import Policies

    context = CheckContext(UNIT, Period.parse("2026H1"), AS_OF, Policies())
    assert {run_check(name, "I", {}, context).status for name in REGISTRY} == {CheckStatus.NO_DATA}


def test_there_are_checks_for_each_core_domain() -> None:
    core = {"disclosure", "suitability", "information_security", "complaints", "special_groups"}
    assert core <= {check.domain for check in REGISTRY.values()} <= set(DOMAINS)
    assert len(REGISTRY) >= 47

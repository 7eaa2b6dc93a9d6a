"""What each check declares of its articles holds on both sides: whom it governs, from which day, and but for what.

The registry is gone through check by check: a declaration that no table below covers fails the build.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories.declared import HIT, PROVEN
from tests.factories.extracts import UNIT, frame, run
from xiaobao.checklist.citations import find_article
from xiaobao.checklist.models import Citation
from xiaobao.checklist.reading import load_regulations
from xiaobao.checks.bases import IN_FORCE, Basis, Governs, Proviso
from xiaobao.checks.registry import REGISTRY
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.model import CheckResult, CheckStatus, Unit

_OFFICE = Unit(id="0101", name="零售部", level="department")
_REGULATIONS = load_regulations(Path(__file__).parents[1] / "checklists" / "regulations.yaml")


def _run(name: str, more: dict[str, Any] | None = None, absent: tuple[str, ...] = ()) -> CheckResult:
    need = REGISTRY[name].needs[0]
    record = {"unit": "0101", **HIT[name], **(more or {})}
    here = _OFFICE if name.startswith("departments.") else UNIT
    return run(name, frame(need, {**record, **dict.fromkeys(absent)}, absent=absent), unit=here)


def _governed() -> Iterator[tuple[str, Governs]]:
    for name in sorted(REGISTRY):
        for one in dict.fromkeys(one for basis in REGISTRY[name].bases for one in basis.governs):
            if all(one in basis.governs for basis in REGISTRY[name].bases):  # else another article takes over
                yield name, one


def _provisos() -> Iterator[tuple[str, Proviso]]:
    for name in sorted(REGISTRY):
        yield from ((name, one) for one in dict.fromkeys(one for b in REGISTRY[name].bases for one in b.but))


def test_every_check_declares_each_article_that_it_cites_and_has_a_record_it_must_hit() -> None:
    assert set(HIT) == set(REGISTRY)
    for name, check in REGISTRY.items():
        assert tuple((basis.document, basis.article) for basis in check.bases) == check.citations, name
        assert all(basis.binds and basis.start for basis in check.bases), name
    proven = {(name, one.columns[0]) for name, one in _provisos() if one.columns}
    assert proven == set(PROVEN)


def test_the_days_in_force_are_those_of_the_register() -> None:
    known = {document.id: document.effective_from for document in _REGULATIONS.documents}
    assert {name: known[name] for name in IN_FORCE} == IN_FORCE


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_the_record_that_stands_for_a_check_is_hit(name: str) -> None:
    result = _run(name)
    assert (result.status, result.hits) == (CheckStatus.LEADS, 1), result.note


@pytest.mark.parametrize(("name", "one"), list(_governed()), ids=lambda value: "")
def test_what_an_article_does_not_govern_is_no_lead_and_counted(name: str, one: Governs) -> None:
    column = DATASETS[REGISTRY[name].needs[0]].column(one.column)
    others = ({"是", "否"} if column.kind == "flag" else set(column.allowed)) - {*one.values, *one.unsure}
    assert others, "nothing is outside"
    for value in sorted(others):
        result = _run(name, {one.column: value == "是" if column.kind == "flag" else value})
        assert (result.hits, result.population, result.unjudged) == (0, 0, 0)
        assert one.says in result.note


@pytest.mark.parametrize(("name", "one"), list(_governed()), ids=lambda value: "")
def test_a_row_without_the_column_that_decides_is_not_judged_and_says_so(name: str, one: Governs) -> None:
    title = DATASETS[REGISTRY[name].needs[0]].column(one.column).title
    for value in (None, *one.unsure):
        result = _run(name, {one.column: value})
        assert (result.status, result.hits, result.unjudged) == (CheckStatus.NO_DATA, 0, 1)
        if one.column not in REGISTRY[name].relies_on:
            assert f"缺“{title}”" in result.note and "未判" in result.note


@pytest.mark.parametrize(("name", "one"), [pair for pair in _provisos() if pair[1].columns], ids=lambda value: "")
def test_a_circumstance_that_the_unit_proved_excuses_it_and_an_absent_column_asks_for_proof(
    name: str, one: Proviso
) -> None:
    assert _run(name, dict(PROVEN[name, one.columns[0]])).hits == 0
    if set(one.columns) & set(REGISTRY[name].relies_on):
        return
    [lead] = _run(name, absent=one.columns).leads
    assert f"{one.ask}，请举证" in lead.summary and "提取中没有" in lead.summary
    assert one.ask not in _run(name).leads[0].summary, "a column that was delivered empty says that there is none"


@pytest.mark.parametrize(("name", "one"), [p for p in _provisos() if p[1].ask and not p[1].columns], ids=lambda v: "")
def test_what_no_column_can_hold_is_asked_of_every_lead(name: str, one: Proviso) -> None:
    assert f"{one.ask}，请举证" in _run(name).leads[0].summary


def _days() -> Iterator[tuple[str, Basis]]:
    for name in sorted(REGISTRY):
        check = REGISTRY[name]
        dated = [basis for basis in check.bases if basis.in_force and (basis.days or check.day)]
        if len(dated) == len(check.bases):
            yield name, min(dated, key=lambda basis: basis.in_force or basis)


@pytest.mark.parametrize(("name", "basis"), list(_days()), ids=lambda value: "")
def test_what_happened_before_any_of_the_articles_was_in_force_is_not_judged_by_them(name: str, basis: Basis) -> None:
    assert basis.in_force is not None
    check = REGISTRY[name]
    before = basis.in_force - timedelta(days=1)
    column = (basis.days or (check.day,))[0]
    kind = DATASETS[check.needs[0]].column(column).kind
    result = _run(name, {column: f"{before} 10:00" if kind == "datetime" else str(before)})
    assert result.hits == 0
    assert f"早于 {basis.in_force}" in result.note or result.population == 0


@pytest.mark.parametrize("name", sorted(name for name in REGISTRY if REGISTRY[name].practice))
def test_the_banks_own_rule_is_called_so_in_every_lead(name: str) -> None:
    assert f"（{REGISTRY[name].practice}）" in _run(name).leads[0].summary


def test_every_article_of_a_check_is_one_that_was_read_and_binds() -> None:
    for name, check in REGISTRY.items():
        for basis in check.bases:
            _, article = find_article(_REGULATIONS, Citation(document=basis.document, article=basis.article))
            if basis.unverified:
                assert article is None and f"{basis.document}条文没有核实，只作建议" in _run(name).leads[0].summary
                continue
            assert article is not None and article.verified and article.binds == "bank", (name, basis.name)

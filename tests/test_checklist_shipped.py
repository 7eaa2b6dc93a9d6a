"""The checklists we ship are sound, usable for a day's inspection, and cite only what was verified."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.factories.shipped import CHECK_IDS, DOMAINS
from xiaobao.checklist.canonical import canonical, from_canonical
from xiaobao.checklist.citations import find_article
from xiaobao.checklist.models import Checklist, Item, Regulations
from xiaobao.checklist.reading import load_checklist, load_regulations, load_scheme
from xiaobao.checklist.rules import Count, Missing

FOLDER = Path(__file__).parents[1] / "checklists"
# What a procedure says when it looks at some of many; 抽 also stands in 抽屉 and 抽印.
SAMPLING = re.compile(r"抽(?![屉印])|随机|任取|任选|优先取")


@pytest.fixture(scope="module")
def register() -> Regulations:
    """The register that we ship."""
    return load_regulations(FOLDER / "regulations.yaml")


@pytest.fixture(scope="module")
def checklists(register: Regulations) -> dict[str, Checklist]:
    """Every checklist by its id, read with register, known checks and the grades of the scheme."""
    grades = {grade.id for grade in load_scheme(FOLDER / "schemes/self-inspection-2026.yaml").grades}
    read = [load_checklist(path, register, CHECK_IDS, grades) for path in FOLDER.glob("*-2026.*.yaml")]
    return {checklist.id: checklist for checklist in read}


def test_every_file_shipped_is_named_by_its_id_and_the_version(checklists: dict[str, Checklist]) -> None:
    """No stray draft and no older version travels in the package."""
    names = {path.name for path in FOLDER.glob("*.yaml")} - {"regulations.yaml"}
    assert names == {f"{checklist.id}-{checklist.version}.yaml" for checklist in checklists.values()}
    assert len(names) == len(checklists)
    assert set(DOMAINS) <= set(checklists)


def every(checklists: dict[str, Checklist]) -> list[Item]:
    """Return every item of every checklist."""
    return [item for checklist in checklists.values() for item in checklist.items()]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_core_checklist_is_deep_enough_and_has_items_of_both_kinds(
    domain: str, checklists: dict[str, Checklist]
) -> None:
    """A machine alone or a person alone is no inspection."""
    checklist = checklists[domain]
    items = checklist.items()
    assert checklist.id == checklist.domain == domain
    assert len(items) >= 30
    assert 3 <= len(checklist.sections) <= 5
    assert sum(item.answered_by == "data" for item in items) >= 5
    assert sum(item.answered_by == "person" for item in items) >= 8
    assert sum(item.evidence_required for item in items) >= 2
    assert checklist.total == 100


def test_every_item_tells_the_inspector_what_to_do_and_where_its_result_goes(checklists: dict[str, Checklist]) -> None:
    """Requirement, procedure and evidence may not be blank by the model; these may."""
    for item in every(checklists):
        assert item.element, item.id
        assert item.guidance, item.id
        assert item.guidance.good != item.guidance.bad, item.id
        assert all((item.requirement, item.procedure, item.evidence, item.guidance.good, item.guidance.bad)), item.id


def test_an_item_that_looks_at_some_of_many_says_of_what_and_how_many(checklists: dict[str, Checklist]) -> None:
    """Sampling is told by the procedure's words (抽, 随机, 任取 …); a data item needs a sample for 无数据."""
    for item in every(checklists):
        if item.answered_by == "data":
            assert item.sample, item.id
            assert "没有数据时" in item.sample.note, item.id
        elif SAMPLING.search(item.procedure):
            assert item.sample, item.id
        if item.sample and item.sample.draw != "all":
            assert item.sample.size, item.id


def test_no_rule_of_an_item_takes_more_than_the_item_is_worth(checklists: dict[str, Checklist]) -> None:
    """Else the printed rate and the points lost would not agree."""
    for item in every(checklists):
        for rule in item.rules:
            if isinstance(rule, Missing):
                assert rule.of * rule.rate <= item.points, item.id
            if isinstance(rule, Count):
                assert all(cause.rate <= item.points for cause in rule.causes), item.id


def test_no_two_items_ask_the_same_thing_on_the_same_basis(checklists: dict[str, Checklist]) -> None:
    """One fact loses points once."""
    asked = [(frozenset((c.document, c.article) for c in i.citations), i.procedure) for i in every(checklists)]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("level", ["outlet", "sub_branch", "branch", "head_office"])
def test_an_outlet_keeps_fifteen_items(level: str, checklists: dict[str, Checklist]) -> None:
    """Outlets are inspected on all five; higher units keep what is not about a counter."""
    for checklist in (checklists[domain] for domain in DOMAINS):
        kept = [item for item in checklist.items() if not item.applies_to.levels or level in item.applies_to.levels]
        assert len(kept) >= 15, checklist.id


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_a_counter_cannot_answer_is_asked_higher_up(domain: str, checklists: dict[str, Checklist]) -> None:
    """Departments have their own sheets; online flows, rating papers and policies are for head office and branches."""
    checklist = checklists[domain]
    assert set(checklist.applies_to.levels) == {"head_office", "branch", "sub_branch", "outlet"}
    levels = [set(item.applies_to.levels) for item in checklist.items() if item.applies_to.levels]
    assert sum("outlet" not in one for one in levels) >= 3
    assert sum("head_office" not in one for one in levels) >= 2


def test_every_data_check_is_asked_by_exactly_one_item(checklists: dict[str, Checklist]) -> None:
    """One fact loses points once."""
    asked = [check for checklist in checklists.values() for item in checklist.items() for check in item.checks]
    assert sorted(asked) == sorted(CHECK_IDS)
    assert all(check.startswith(f"{c.domain}.") for c in checklists.values() for i in c.items() for check in i.checks)


def test_items_are_told_apart_over_all_checklists(checklists: dict[str, Checklist]) -> None:
    """A finding names its item without its domain."""
    ids = [item.id for checklist in checklists.values() for item in checklist.items()]
    assert len(ids) == len(set(ids))


def test_every_citation_is_registered_verified_and_binds_the_bank(
    checklists: dict[str, Checklist], register: Regulations
) -> None:
    """A wrong article is a serious defect; practice is called practice."""
    for checklist in checklists.values():
        for item in checklist.items():
            assert item.practice != bool(item.citations), item.id
            for citation in item.citations:
                document, article = find_article(register, citation)
                if citation.unverified:  # said openly: its number is printed nowhere
                    assert document is not None, (item.id, citation)
                    continue
                assert article is not None, (item.id, citation)
                assert article.verified, (item.id, citation)
                assert article.binds == "bank", (item.id, citation)


def test_an_item_on_encouraging_articles_says_that_it_only_suggests(
    checklists: dict[str, Checklist], register: Regulations
) -> None:
    """The inspector reads 建议 before writing a finding."""
    for checklist in checklists.values():
        for item in checklist.items():
            bound = any((article := find_article(register, c)[1]) and article.binding for c in item.citations)
            assert bound or item.practice or "只作建议" in item.requirement, item.id


def test_items_of_a_rule_in_force_from_february_2026_start_then(checklists: dict[str, Checklist]) -> None:
    """The suitability rule of 2026 is not held against sales of January; beside an older rule the procedure says so."""
    alone = [i for i in every(checklists) if i.citations and {c.document for c in i.citations} == {"适当性办法"}]
    beside = [i for i in every(checklists) if any(c.document == "适当性办法" for c in i.citations) and i not in alone]
    assert alone
    assert beside
    assert {str(item.effective_from) for item in alone} == {"2026-02-01"}
    for item in beside:
        assert "2026-02-01" in item.procedure, item.id


def test_the_lists_use_every_kind_of_rule(checklists: dict[str, Checklist]) -> None:
    """What the format can say, the shipped lists show."""
    rules = [rule.kind for c in checklists.values() for item in c.items() for rule in item.rules]
    assert set(rules) == {"all_or_nothing", "levels", "judged", "count", "missing", "threshold", "figure"}
    assert any(len(item.rules) > 1 for c in checklists.values() for item in c.items())
    assert sum(bool(c.vetoes) for c in checklists.values()) >= 2


def test_the_scheme_weighs_the_five_domains_equally() -> None:
    """The bank's own grades, closed at the lower end; the further domains share what remains."""
    scheme = load_scheme(FOLDER / "schemes/self-inspection-2026.yaml")
    assert {domain: scheme.weights[domain] for domain in DOMAINS} == dict.fromkeys(DOMAINS, Decimal(14))
    assert [(grade.id, grade.at_least) for grade in scheme.grades] == [("A", 90), ("B", 80), ("C", 70), ("D", 0)]


def test_shipped_checklists_survive_publishing(checklists: dict[str, Checklist]) -> None:
    """What the store keeps reads back to the same checklist."""
    for checklist in checklists.values():
        assert from_canonical(canonical(checklist)) == checklist

"""The register of regulations says what binds whom from when, and nothing that nobody has read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.shipped import CHECK_IDS
from xiaobao.checklist.citations import find_article
from xiaobao.checklist.models import Citation, Regulations
from xiaobao.checklist.reading import load_regulations
from xiaobao.checks.bases import UNREAD
from xiaobao.checks.registry import REGISTRY

REGISTER = Path(__file__).parents[1] / "checklists" / "regulations.yaml"


@pytest.fixture(scope="module")
def register() -> Regulations:
    """The register that we ship."""
    return load_regulations(REGISTER)


def test_every_check_cites_verified_articles_that_bind_the_bank(register: Regulations) -> None:
    """Checks and checklists share the keys of one register."""
    for name in CHECK_IDS:
        assert REGISTRY[name].citations, name
        for document, number in REGISTRY[name].citations:
            if number == UNREAD:  # known by name to the test of the registry
                continue
            _, article = find_article(register, Citation(document=document, article=number))
            assert article is not None, (name, document, number)
            assert article.verified, (name, document, number)
            assert article.binds == "bank", (name, document, number)


def test_only_what_was_read_whole_is_verified(register: Regulations) -> None:
    """These are known by their first words or from one reprint only and wait for the bank's lawyers."""
    waiting = {
        (document.id, article.number)
        for document in register.documents
        for article in document.articles
        if not article.verified
    }
    cash = {("现金收付及服务规定", number) for number in ("第二条", "第三条", "第四条", "第五条")}
    assert waiting == {("110号", "第四条"), ("银监办发2012-144", "第三项"), *cash}


def test_the_regulator_s_own_articles_are_marked(register: Regulations) -> None:
    """What binds the regulator can never be cited against a bank."""
    marked = {
        (document.id, article.number)
        for document in register.documents
        for article in document.articles
        if article.binds == "regulator"
    }
    assert {
        ("9号令", "第五十三条"),
        ("9号令", "第五十四条"),
        ("3号令", "第三十三条"),
        ("3号令", "第四十条"),
        ("3号令", "第四十一条"),
        ("5号令", "第六十条"),
        ("5号令", "第六十二条"),
        ("人行令2025-4", "第二十七条"),
        ("适当性办法", "第四十二条"),
        ("适当性办法", "第四十三条"),
        ("适当性办法", "第四十四条"),
        ("个保法", "第六十六条"),
        ("公告2024-1", "第二项"),
        ("消保法实施条例", "第四十六条"),
        ("银发2018-106", "第十九项"),
        ("银保监发2021-24", "第五条"),
    } == marked


def test_encouraging_articles_are_marked(register: Regulations) -> None:
    """鼓励, 提倡 and 可以 never bind."""
    marked = {
        (document.id, article.number)
        for document in register.documents
        for article in document.articles
        if not article.binding
    }
    assert {
        ("无障碍环境建设法", "第三十二条"),
        ("无障碍环境建设法", "第四十五条"),
        ("老年人权益保障法", "第五十八条"),
        ("消保法实施条例", "第四十四条"),
        ("消保法实施条例", "第四十四条第二款"),
        ("适当性办法", "第二十七条第二款"),
        ("适当性办法", "第四十条"),
        ("明码标价规定", "第十二条"),
        ("银发2015-392", "三（二）"),
        ("银发2015-392", "三（四）3"),
        ("银发2021-245", "（六）"),
    } == marked


def test_a_replaced_regulation_says_by_which_and_until_when(register: Regulations) -> None:
    """A new checklist that cites it is refused, and the fault names its successor."""
    replaced = {document.id: document for document in register.documents if document.effective_to}
    assert set(replaced) == {"银保监发2021-24"}
    assert all(document.replaced_by for document in replaced.values())


def test_dates_in_force_are_those_of_the_register(register: Regulations) -> None:
    """The dates on which a period is cut."""
    starts = {document.id: str(document.effective_from) for document in register.documents}
    assert starts["适当性办法"] == "2026-02-01"
    assert starts["9号令"] == "2023-03-01"
    assert starts["3号令"] == "2020-03-01"
    assert starts["人行令2025-3"] == "2025-06-30"

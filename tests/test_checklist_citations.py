"""What the checklists rest on: every article with its status and items, and the figures that the README quotes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import convert, structs, to_builtins

from tests.factories.checklists import REGULATIONS
from tests.factories.inspections import checklist, item
from xiaobao.checklist.citations import REPLACED, UNKNOWN, UNVERIFIED, VERIFIED, citation_text, used_articles
from xiaobao.checklist.counts import as_markdown, domain_figures
from xiaobao.checklist.models import Checklist, Item, Regulations
from xiaobao.checklist.reading import load_regulations

DAY = date(2026, 7, 1)


def sheet(*citations: tuple[str, str] | None, domain: str = "complaints") -> Checklist:
    """Return a checklist with one item a citation; None stands for practice."""
    items = [
        item(f"i-{n}", f"第{n}项")
        if cited is None
        else item(f"i-{n}", f"第{n}项", practice=False, citations=[{"document": cited[0], "article": cited[1]}])
        for n, cited in enumerate(citations)
    ]
    plain = to_builtins(checklist(1)) | {"id": domain, "domain": domain, "total": Decimal(5 * len(items))}
    return convert(plain | {"sections": [{"id": "s", "title": "全部", "items": items}]}, Checklist)


def ended(document: str, **fields: object) -> Regulations:
    documents = [structs.replace(d, **fields) if d.id == document else d for d in REGULATIONS.documents]
    return Regulations(documents=tuple(documents))


def test_articles_come_in_the_order_of_the_register_with_the_items_that_rest_on_them() -> None:
    used = used_articles(
        [sheet(("110号", "第四条"), ("3号令", "第十八条"), None, ("3号令", "第十八条"), ("无此文件", "第一条"))],
        REGULATIONS,
        DAY,
    )
    assert [(u.document, u.article, u.status, [i for _, i in u.items]) for u in used] == [
        ("3号令", "第十八条", VERIFIED, ["i-1", "i-3"]),
        ("110号", "第四条", UNVERIFIED, ["i-0"]),
        ("无此文件", "第一条", UNKNOWN, ["i-4"]),
        ("", "", "行业做法", ["i-2"]),
    ]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"effective_to": date(2026, 6, 30), "replaced_by": "新办法"}, f"{REPLACED}：新办法"),
        ({"effective_to": date(2026, 6, 30)}, REPLACED),
        ({"effective_to": date(2026, 7, 1), "replaced_by": "新办法"}, VERIFIED),
        ({"replaced_by": "新办法"}, f"{REPLACED}：新办法"),
    ],
)
def test_a_replaced_document_is_named_from_the_day_after_its_last(fields: dict[str, object], status: str) -> None:
    [used] = used_articles([sheet(("3号令", "第十八条"))], ended("3号令", **fields), DAY)
    assert used.status == status


def test_figures_count_items_checks_and_citations_by_domain() -> None:
    """One row a domain in the order of the labels, all together last."""
    sheets = [
        sheet(("3号令", "第十八条"), ("110号", "第四条"), None),
        sheet(None, None, domain="disclosure"),
        checklist(2),
    ]
    rows = domain_figures(sheets, REGULATIONS, DAY)
    assert [
        (r.title, r.checklists, r.items, r.data_items, r.checks, r.verified, r.unverified, r.practice) for r in rows
    ] == [("信息披露", 1, 2, 0, 0, 0, 0, 2), ("投诉处理", 2, 12, 1, 1, 1, 2, 9), ("合计", 3, 14, 1, 1, 1, 2, 11)]
    assert as_markdown(rows).splitlines()[-1] == "| 合计 | 3 | 14 | 1 | 1 | 1 | 2 | 11 |"


@pytest.mark.parametrize(
    ("where", "said"), [("document", "修订中"), ("article", "适用待确认"), ("citation", "口径未定"), ("", "")]
)
def test_a_doubt_is_printed_with_the_article_wherever_it_stands(where: str, said: str) -> None:
    """Of document, article and sheet the nearest speaks; form, paper, page, Word and Excel print this one text."""
    plain = to_builtins(REGULATIONS)
    document = next(d for d in plain["documents"] if d["id"] == "3号令")
    article = next(a for a in document["articles"] if a["number"] == "第十八条")
    document |= {"doubt": "修订中"} if where else {}
    article |= {"doubt": "适用待确认"} if where in {"article", "citation"} else {}
    citation = {"document": "3号令", "article": "第十八条"} | ({"doubt": "口径未定"} if where == "citation" else {})
    register = convert(plain, Regulations)
    one = convert(item("i-0", "第0项", practice=False, citations=[citation]), Item)
    text = citation_text(register, one)
    assert text.endswith(f"第十八条（{said}）" if said else "第十八条")
    whole = convert(
        to_builtins(checklist(1))
        | {"total": Decimal(5), "sections": [{"id": "s", "title": "全部", "items": [to_builtins(one)]}]},
        Checklist,
    )
    assert [u.doubt for u in used_articles([whole], register, DAY)] == [said]


def test_the_register_that_we_ship_says_what_is_doubtful() -> None:
    """regulation-gaps: what is being revised, rests on what was repealed, or waits for the bank's lawyers."""
    register = load_regulations(Path(__file__).parents[1] / "checklists" / "regulations.yaml")
    doubts = {
        (d.id, a.number if a else ""): (a or d).doubt
        for d in register.documents
        for a in (None, *d.articles)
        if (a or d).doubt
    }
    assert doubts == {
        ("3号令", ""): "修订中",
        ("110号", ""): "依据已废止",
        ("54号", ""): "适用待确认",
        ("5号令", "第十八条"): "口径未定",
        ("5号令", "第四十三条"): "适用待确认",
        ("5号令", "第四十四条"): "适用待确认",
        ("5号令", "第五十六条"): "适用待确认",
        ("适当性办法", "第十七条"): "口径未定",
        ("银发2018-243", "三（二）"): "适用待确认",
        ("民法典", "第二百零三条"): "适用待确认",
    }
    issued = {d.id: str(d.issued_on) for d in register.documents if d.issued_on}
    assert issued.items() >= {("110号", "2017-08-23"), ("银发2018-243", "2018-10-12"), ("公告2024-1", "2024-06-28")}

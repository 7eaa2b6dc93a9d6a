"""What the checklists rest on: every article with its status and items, and the figures that the README quotes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec import convert, structs, to_builtins

from tests.factories.checklists import REGULATIONS
from tests.factories.inspections import checklist, item
from xiaobao.checklist.citations import REPLACED, UNKNOWN, UNVERIFIED, VERIFIED, used_articles
from xiaobao.checklist.figures import as_markdown, domain_figures
from xiaobao.checklist.models import Checklist, Regulations

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

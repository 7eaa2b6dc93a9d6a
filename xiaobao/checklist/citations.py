"""Print 检查依据. An article that nobody has verified is never printed with its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from xiaobao.checklist.models import Article, Checklist, Citation, Item, Regulation, Regulations

PRACTICE = "行业做法，不对应条文"
UNVERIFIED = "引用未核实"
VERIFIED = "已核实"
REPLACED = "已被代替或失效"
UNKNOWN = "登记簿没有"


def citation_text(regulations: Regulations, item: Item) -> str:
    """Return the basis of an item: documents with number and article, joined by “；”."""
    if item.practice or not item.citations:
        return PRACTICE
    return "；".join(article_text(regulations, citation) for citation in item.citations)


def article_text(regulations: Regulations, citation: Citation) -> str:
    """Return one citation; what the register does not verify is named as such, without its article."""
    document, article = find_article(regulations, citation)
    if document is None:
        return UNVERIFIED
    if citation.unverified:
        article = None
    name = f"《{document.name}》" + (f"（{document.number}）" if document.number else "")
    said = f"{name}{article.number}" if article and article.verified else f"{name}（{UNVERIFIED}）"
    doubt = doubt_of(regulations, citation)
    return f"{said}（{doubt}）" if doubt else said


def doubt_of(regulations: Regulations, citation: Citation) -> str:
    """Return what is doubtful about a citation, as the sheet, the article or the document says; nothing if nothing."""
    document, article = find_article(regulations, citation)
    return citation.doubt or (article and article.doubt) or (document and document.doubt) or ""


def suggestion_only(regulations: Regulations, item: Item) -> bool:
    """Tell whether failing `item` may yield only a suggestion: practice, or nothing but encouraging articles."""
    found = (find_article(regulations, citation)[1] for citation in item.citations if not citation.unverified)
    return item.practice or not any(article and article.verified and article.binding for article in found)


def find_article(regulations: Regulations, citation: Citation) -> tuple[Regulation | None, Article | None]:
    """Return the document and article of a citation, each None where the register lacks it."""
    document = next((d for d in regulations.documents if d.id == citation.document), None)
    articles = document.articles if document else ()
    return document, next((a for a in articles if a.number == citation.article), None)


def is_replaced(document: Regulation, on: date) -> bool:
    """Tell whether a document is no longer in force on a day; one replaced without a stated last day never is."""
    if document.effective_to is not None:
        return document.effective_to < on
    return bool(document.replaced_by)


@dataclass(frozen=True, kw_only=True)
class UsedArticle:
    """One article with the items that rest on it, as (checklist id, item id); practice is one such line."""

    document: str
    name: str
    number: str
    article: str
    duty: str
    binding: bool
    effective_from: date | None
    status: str
    doubt: str
    issued_on: date | None
    items: tuple[tuple[str, str], ...]


def used_articles(checklists: Iterable[Checklist], regulations: Regulations, on: date) -> tuple[UsedArticle, ...]:
    """Return every article that items cite, in the order of the register, then practice. Status is that of day `on`."""
    uses: dict[Citation | None, list[tuple[str, str]]] = {}
    for checklist in checklists:
        for item in checklist.items():
            for citation in item.citations or (None,):
                uses.setdefault(citation, []).append((checklist.id, item.id))
    places = _places(regulations)
    last = (len(places), 0)
    ordered = sorted(uses, key=lambda c: (c is None, places.get((c.document, c.article), last) if c else last, str(c)))
    return tuple(_used(citation, regulations, on, tuple(uses[citation])) for citation in ordered)


def _places(regulations: Regulations) -> Mapping[tuple[str, str], tuple[int, int]]:
    return {
        (document.id, article.number): (first, second)
        for first, document in enumerate(regulations.documents)
        for second, article in enumerate(document.articles)
    }


def _used(
    citation: Citation | None, regulations: Regulations, on: date, items: tuple[tuple[str, str], ...]
) -> UsedArticle:
    if citation is None:
        return UsedArticle(
            document="",
            name=PRACTICE,
            number="",
            article="",
            duty="",
            binding=False,
            effective_from=None,
            status="行业做法",
            doubt="",
            issued_on=None,
            items=items,
        )
    document, article = find_article(regulations, citation)
    return UsedArticle(
        document=citation.document,
        name=document.name if document else "",
        number=document.number if document else "",
        article=citation.article,
        duty=article.duty if article else "",
        binding=bool(article and article.binding and not citation.unverified),
        effective_from=(article.effective_from if article else None) or (document.effective_from if document else None),
        status=UNVERIFIED if citation.unverified else _status(document, article, on),
        doubt=doubt_of(regulations, citation),
        issued_on=document.issued_on if document else None,
        items=items,
    )


def _status(document: Regulation | None, article: Article | None, on: date) -> str:
    if document is None or article is None:
        return UNKNOWN
    if is_replaced(document, on):
        return REPLACED + (f"：{document.replaced_by}" if document.replaced_by else "")
    return VERIFIED if article.verified else UNVERIFIED

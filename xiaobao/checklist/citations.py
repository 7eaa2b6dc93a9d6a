"""Print 检查依据. An article that nobody has verified is never printed with its number."""

from __future__ import annotations

from xiaobao.checklist.models import Article, Citation, Item, Regulation, Regulations

PRACTICE = "行业做法，不对应条文"
UNVERIFIED = "引用未核实"


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
    name = f"《{document.name}》" + (f"（{document.number}）" if document.number else "")
    return f"{name}{article.number}" if article and article.verified else f"{name}（{UNVERIFIED}）"


def suggestion_only(regulations: Regulations, item: Item) -> bool:
    """Tell whether failing `item` may yield only a suggestion: practice, or nothing but encouraging articles."""
    found = (find_article(regulations, citation)[1] for citation in item.citations)
    return item.practice or not any(article and article.verified and article.binding for article in found)


def find_article(regulations: Regulations, citation: Citation) -> tuple[Regulation | None, Article | None]:
    """Return the document and article of a citation, each None where the register lacks it."""
    document = next((d for d in regulations.documents if d.id == citation.document), None)
    articles = document.articles if document else ()
    return document, next((a for a in articles if a.number == citation.article), None)

"""What must hold between the parts of a checklist, a scheme or the register. Pure: values in, flaws out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

from xiaobao.checklist.citations import is_replaced
from xiaobao.checklist.conditions import condition_flaws
from xiaobao.checklist.models import (
    Checklist,
    Citation,
    Item,
    Regulation,
    Regulations,
    Section,
    children_points,
    section_points,
)
from xiaobao.checklist.rules import RULE_KINDS, Levels, Looks
from xiaobao.checklist.scheme_soundness import veto_flaws
from xiaobao.checklist.shared_flaws import id_flaws, nearest_article, positive, twice
from xiaobao.numbers import HUNDRED, ONE, ZERO, plain
from xiaobao.written.nodes import Flaw, Place, nearest

_LISTED = 60


def checklist_flaws(
    checklist: Checklist,
    regulations: Regulations | None = None,
    known_checks: Collection[str] | None = None,
    grades: Collection[str] | None = None,
) -> Iterator[Flaw]:
    """Yield everything that does not hold together; what is None (register, check ids, grades) is not looked at.

    `known_checks` may map ids to why a check may not be named, "" where it may.
    """
    checklist = checklist.as_written()
    sections = tuple(_sections(checklist.sections, ("sections",)))
    items = tuple(_items(checklist.sections, ("sections",)))
    ids: list[tuple[Place, str]] = [(("id",), checklist.id)]
    ids += [((*place, "id"), section.id) for place, section in sections]
    ids += [((*place, "id"), item.id) for place, item in items]
    yield from id_flaws(ids)
    yield from id_flaws([(("domain",), checklist.domain)])
    yield from _order_flaws((), checklist.effective_from, checklist.effective_to)
    yield from _sum_flaws(checklist, sections)
    yield from _scale_flaws(checklist)
    yield from _subtotal_flaws(checklist, {id_ for _, id_ in ids[1:]})
    yield from _ceiling_flaws(checklist.ceiling, any(section.pool for section in checklist.sections))
    yield from veto_flaws(checklist.vetoes, {id_ for _, id_ in ids}, grades)
    for place, item in items:
        yield from _item_flaws(item, place)
        yield from _check_flaws(item, place, known_checks)
        yield from _citation_flaws(item, place, checklist, regulations)
    yield from condition_flaws(items)
    yield from twice(
        (((*place, "checks", n), check) for place, item in items for n, check in enumerate(item.checks)), "检查"
    )


def regulations_flaws(regulations: Regulations) -> Iterator[Flaw]:
    """Yield repeated documents and articles, and dates in the wrong order."""
    documents = [(("documents", n), document) for n, document in enumerate(regulations.documents)]
    yield from twice((((*place, "id"), document.id) for place, document in documents), "文件")
    for place, document in documents:
        yield from _order_flaws(place, document.effective_from, document.effective_to)
        numbers = (((*place, "articles", n, "number"), a.number) for n, a in enumerate(document.articles))
        yield from twice(numbers, "条")


# --- walking ----------------------------------------------------------------------------------------------------------


def _sections(sections: tuple[Section, ...], place: Place) -> Iterator[tuple[Place, Section]]:
    for number, section in enumerate(sections):
        here = (*place, number)
        yield here, section
        yield from _sections(section.sections, (*here, "sections"))


def _items(sections: tuple[Section, ...], place: Place) -> Iterator[tuple[Place, Item]]:
    for here, section in _sections(sections, place):
        for number, item in enumerate(section.items):
            yield (*here, "items", number), item


# --- ids, order, sums -------------------------------------------------------------------------------------------------


def _order_flaws(place: Place, start: date | None, end: date | None) -> Iterator[Flaw]:
    if start and end and end < start:
        yield Flaw(
            place=(*place, "effective_to"),
            message="“effective_to”早于“effective_from”",
            value=str(end),
            allowed=f"不早于 {start}",
        )


def _sum_flaws(checklist: Checklist, sections: tuple[tuple[Place, Section], ...]) -> Iterator[Flaw]:
    total = checklist.base + sum((section_points(section) for section in checklist.sections), ZERO)
    yield from positive([(("total",), checklist.total)])
    if total != checklist.total:
        yield Flaw(
            place=("total",), message="各部分分值之和不等于总分", value=f"合计 {total}", allowed=str(checklist.total)
        )
    if all(section.pool for section in checklist.sections):
        message = "只有加减分项，没有可以计分的部分，永远没有得分"
        yield Flaw(place=("sections",), message=message, allowed="至少一个不是加减分项的部分")
    for place, section in sections:
        if not section.sections and not section.items:
            yield Flaw(place=place, message=f"“{section.title}”下没有检查项")
        if section.pool or section.bonus_cap is not None:
            yield from _pool_flaws(section, place)
            continue
        if section.points is not None and children_points(section) != section.points:
            yield Flaw(
                place=(*place, "points"),
                message=f"“{section.title}”下分值之和不等于其分值",
                value=f"合计 {children_points(section)}",
                allowed=str(section.points),
            )
        if section.minimum > section_points(section):
            yield Flaw(
                place=(*place, "minimum"),
                message="最低分高于最高分",
                value=str(section.minimum),
                allowed=f"不高于 {section_points(section)}",
            )


def _scale_flaws(checklist: Checklist) -> Iterator[Flaw]:
    """Yield a scale that cannot give full marks, one with a level twice, and one that no rule takes."""
    scale = checklist.scale
    yield from twice(((("scale", n, "id"), one.id) for n, one in enumerate(scale)), "档次")
    if scale and all(one.share != ONE for one in scale):
        message = "没有得满分的档次，符合要求的也得不了满分"
        yield Flaw(place=("scale",), message=message, allowed="有一档 share: 1")
    rules = (rule for item in checklist.items() for rule in item.rules)
    if scale and not any(isinstance(rule, Levels | Looks) and not rule.options for rule in rules):
        message = "写了全表评分尺度，却没有检查项用它"
        yield Flaw(place=("scale",), message=message, allowed="不写 options 的 levels 或 looks 规则")


def _subtotal_flaws(checklist: Checklist, known: Collection[str]) -> Iterator[Flaw]:
    """Yield subtotals of what the sheet has not, and of what they hold twice."""
    yield from id_flaws([(("subtotals", n, "id"), one.id) for n, one in enumerate(checklist.subtotals)])
    above = dict(_above(checklist.sections, ()))
    for number, one in enumerate(checklist.subtotals):
        for n, part in enumerate(one.within):
            place: Place = ("subtotals", number, "within", n)
            if part not in known:
                hint = nearest(part, known)
                yield Flaw(place=place, message=f"检查表里没有这个部分或检查项{hint}", value=part)
            elif part in one.within[:n] or set(above[part]) & set(one.within):
                yield Flaw(place=place, message=f"小计“{one.title}”里算了两次", value=part, allowed="只写一次")


def _above(sections: tuple[Section, ...], over: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each section and item with the sections that it lies in."""
    for section in sections:
        yield section.id, over
        yield from ((item.id, (*over, section.id)) for item in section.items)
        yield from _above(section.sections, (*over, section.id))


def _ceiling_flaws(ceiling: Decimal, pools: bool) -> Iterator[Flaw]:
    if ceiling > HUNDRED and not pools:
        message = "没有加减分项，得分不会超过 100，得分上限不起作用"
        yield Flaw(place=("ceiling",), message=message, value=plain(ceiling), allowed="加一个加减分项，或删去")


def _pool_flaws(section: Section, place: Place) -> Iterator[Flaw]:
    """A pool states its interval and holds items alone; only a pool has a cap on bonuses."""
    if not section.pool:
        yield Flaw(
            place=(*place, "bonus_cap"),
            message="只有加减分项可以写加分上限",
            value=str(section.bonus_cap),
            allowed="pool: true",
        )
        return
    if section.sections:
        yield Flaw(place=(*place, "sections"), message=f"加减分项“{section.title}”下不能再分部分")
    if section.points is None:
        yield Flaw(place=place, message=f"加减分项“{section.title}”没有写最多加几分", allowed="points: 0 或正数")
    if section.minimum > ZERO:
        yield Flaw(place=(*place, "minimum"), message="加减分项的最低分不能大于 0", value=str(section.minimum))
    if section.points == section.minimum == ZERO:
        message = f"加减分项“{section.title}”既不能加也不能减"
        yield Flaw(place=(*place, "points"), message=message, value="0", allowed="points 或 minimum 不为 0")


# --- one item ---------------------------------------------------------------------------------------------------------


def _item_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    if not item.minimum:
        yield from positive([((*place, "points"), item.points)])
    yield from _order_flaws(place, item.effective_from, item.effective_to)
    yield from _tolerance_flaws(item, place)
    yield from _rule_flaws(item, place)


def _tolerance_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    """Yield a tolerance where no leads are counted, one in the wrong order, and more than all of them."""
    allowed = item.tolerance
    if allowed is None:
        return
    here = (*place, "tolerance")
    if item.answered_by != "data":
        yield Flaw(place=here, message="只有由数据作答的检查项可以写容许", allowed="answered_by: data")
    if any(source == "figure" for rule in item.rules for source, _ in rule.reads()):
        yield Flaw(place=here, message="按数据指标计分的检查项不写容许", allowed="把容许写进指标的目标或分档")
    if allowed.warn is not None and allowed.warn >= allowed.fail:
        yield Flaw(
            place=(*here, "warn"),
            message="提示的界限不低于扣分的界限，永远不会提示",
            value=plain(allowed.warn),
            allowed=f"低于 {plain(allowed.fail)}",
        )
    if allowed.by == "share" and allowed.fail >= HUNDRED:
        yield Flaw(place=(*here, "fail"), message="容许的占比达到 100%，永远不会扣分", value=plain(allowed.fail))


def _rule_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    """Yield what does not hold in the rules of an item and in who may answer them."""
    for number, rule in enumerate(item.rules):
        here = (*place, "rules", number)
        yield from rule.flaws(here, item)
        if item.answered_by == "data" and not rule.by_data:
            allowed = "、".join(kind for kind, model in RULE_KINDS.items() if model.by_data)
            yield Flaw(place=here, message=f"规则 {rule.kind} 须由人作答，不能用于数据检查", allowed=allowed)
        if item.answered_by == "person" and not rule.by_person:
            message = f"规则 {rule.kind} 取自数据，不能用于人工作答的检查项"
            yield Flaw(place=here, message=message, allowed="answered_by: data")
    relative = [number for number, rule in enumerate(item.rules) if rule.relative]
    for number in relative[1:]:
        message = f"与第 {relative[0] + 1} 条规则都要与全部受检机构比较，一项只能有一条"
        yield Flaw(place=(*place, "rules", number), message=message, value=item.rules[number].kind)
    yield from _double_flaws(item, place)


def _double_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    """Yield rules that would take points twice for one thing: they read the same answer, or the same figure."""
    read: dict[tuple[str, str], int] = {}
    for number, rule in enumerate(item.rules):
        for source in dict.fromkeys(rule.reads()):
            first = read.setdefault(source, number)
            if first != number:
                yield Flaw(
                    place=(*place, "rules", number),
                    message=f"与第 {first + 1} 条规则取自同一项答复或数据，会重复扣分",
                    value=rule.kind,
                    allowed="合为一条，或改用各自的情形",
                )


def _check_flaws(item: Item, place: Place, known: Collection[str] | None) -> Iterator[Flaw]:
    if item.answered_by == "person":
        if item.checks:
            yield Flaw(
                place=(*place, "checks"),
                message="人工作答的检查项不能挂数据检查",
                value="、".join(item.checks),
                allowed="answered_by: data",
            )
        return
    if not item.checks:
        yield Flaw(place=place, message="由数据作答的检查项没有写“checks”", allowed="至少一个数据检查")
    for number, check in enumerate(item.checks):
        why = known.get(check, "") if isinstance(known, Mapping) else ""
        if why:
            yield Flaw(place=(*place, "checks", number), message=why, value=check, allowed="已发布的本行检查")
        elif known is not None and check not in known:
            listed = sorted(known)
            shown = "、".join(listed[:_LISTED]) + (f" 等 {len(listed)} 个" if len(listed) > _LISTED else "")
            yield Flaw(
                place=(*place, "checks", number),
                message=f"不认识的数据检查{nearest(check, known)}",
                value=check,
                allowed=shown,
            )
    yield from _cause_flaws(item, place)


def _cause_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    """On a data item a count rule counts leads, so its causes are its checks, and none may be left uncounted."""
    for number, rule in enumerate(item.rules):
        for n, ask in enumerate(rule.asks() if rule.counts_checks else ()):
            if ask.key not in item.checks:
                yield Flaw(
                    place=(*place, "rules", number, "causes", n, "id"),
                    message="扣分事由不是该项的数据检查",
                    value=ask.key,
                    allowed="、".join(item.checks),
                )
    if all(rule.counts_checks for rule in item.rules):
        for number, check in enumerate(item.checks):
            if check not in item.counted():
                yield Flaw(place=(*place, "checks", number), message="该数据检查没有对应的扣分事由", value=check)


# --- citations --------------------------------------------------------------------------------------------------------


def _basis_flaws(item: Item, place: Place) -> Iterator[Flaw]:
    """Yield that an item names neither articles nor practice, or both."""
    if item.practice and item.citations:
        yield Flaw(
            place=(*place, "citations"),
            message="写明行业做法的检查项不能再引条文",
            allowed="practice 与 citations 二者取一",
        )
    if not item.practice and not item.citations:
        yield Flaw(
            place=place,
            message="没有写检查依据",
            allowed="citations 至少一条，或 practice: true（行业做法，不对应条文）",
        )


def _citation_flaws(item: Item, place: Place, checklist: Checklist, regulations: Regulations | None) -> Iterator[Flaw]:
    yield from _basis_flaws(item, place)
    if regulations is None or not item.citations:
        return
    documents = {document.id: document for document in regulations.documents}
    valid_from = item.effective_from or checklist.effective_from
    starts: list[date | None] = []
    ends: list[date | None] = []
    relied_on = 0
    for number, citation in enumerate(item.citations):
        here = (*place, "citations", number)
        document = documents.get(citation.document)
        if citation.unverified:
            yield from _unverified_flaws(document, citation, here)
            continue
        relied_on += 1
        if document is None:
            hint = nearest(citation.document, documents)
            yield Flaw(
                place=(*here, "document"), message=f"检查依据登记簿里没有这个文件{hint}", value=citation.document
            )
            continue
        yield from _article_flaws(document, citation, here, valid_from)
        starts.append(_start(document, citation))
        ends.append(document.effective_to)
    if starts and len(starts) == relied_on and all(start and start > valid_from for start in starts):
        first = min(start for start in starts if start)
        yield Flaw(
            place=(*place, "citations"),
            message=f"所引条文自 {first} 起施行，该项自 {valid_from} 起就适用",
            allowed=f"effective_from: {first}，或并引此前已施行的条文",
        )
    valid_to = item.effective_to or checklist.effective_to
    if ends and len(ends) == relied_on and all(end and valid_from <= end < (valid_to or date.max) for end in ends):
        last = max(end for end in ends if end)
        yield Flaw(
            place=(*place, "citations"),
            message=f"所引文件至 {last} 止失效，该项此后仍适用",
            allowed=f"effective_to: {last}，或并引接替文件的条文",
        )


def _unverified_flaws(document: Regulation | None, citation: Citation, place: Place) -> Iterator[Flaw]:
    """What is said to be unverified must be so: a verified article is cited as such, with its number."""
    known = {article.number for article in document.articles if article.verified} if document else set()
    if citation.article in known:
        shown = f"{citation.document} {citation.article}"
        yield Flaw(
            place=(*place, "unverified"),
            message="登记簿已核实这一条，不必再标未核实",
            value=shown,
            allowed="去掉 unverified: true",
        )


def _article_flaws(document: Regulation, citation: Citation, place: Place, valid_from: date) -> Iterator[Flaw]:
    articles = {article.number: article for article in document.articles}
    article = articles.get(citation.article)
    shown = f"{citation.document} {citation.article}"
    if article is None:
        yield Flaw(
            place=(*place, "article"),
            message=f"检查依据登记簿里没有这一条{nearest_article(citation.article, articles)}",
            value=shown,
        )
        return
    if not article.verified:
        yield Flaw(
            place=(*place, "article"),
            message="所引条文未经核实",
            value=shown,
            allowed="核对官方原文后在登记簿写 verified: true",
        )
    if article.binds == "regulator":
        yield Flaw(
            place=(*place, "article"),
            message="所引条文约束监管机构，不是机构的义务",
            value=shown,
            allowed="约束机构的条文",
        )
    if is_replaced(document, valid_from):
        ended = f"已于 {document.effective_to} 失效" if document.effective_to else "已被代替"
        instead = f"接替文件 {document.replaced_by} 的条文" if document.replaced_by else "现行文件的条文"
        yield Flaw(place=(*place, "document"), message=f"所引文件{ended}，新版本不能再引", value=shown, allowed=instead)


def _start(document: Regulation, citation: Citation) -> date | None:
    for article in document.articles:
        if article.number == citation.article and article.effective_from:
            return article.effective_from
    return document.effective_from

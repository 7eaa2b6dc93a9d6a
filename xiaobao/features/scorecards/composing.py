"""All pages of one campaign from its values: a light page a unit, an overview of each subtree, that of the bank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import timedelta
from itertools import chain

from xiaobao.features.scorecards.cards import REPEATED, PageCard, sentence
from xiaobao.features.scorecards.gathering import CampaignBook, signed
from xiaobao.features.scorecards.overview_page import AUDIENCE_BANK, overview_page
from xiaobao.features.scorecards.packing import Pack, pack, packed_data
from xiaobao.features.scorecards.unit_page import MADE, UnitPage, unit_page
from xiaobao.labels import domain_title
from xiaobao.model import Unit
from xiaobao.scorecard import Scorecard
from xiaobao.scorecard.changes import ScoreChange, change_of
from xiaobao.store.models import Campaign
from xiaobao.workbench.places import FOLDER

OVERVIEW, CARD = "overview.html", "scorecard.html"
_COMMON = 15
_NAMED = 3
_BEIJING = timedelta(hours=8)
Card = PageCard | Scorecard
Put = Callable[[str, str], None]


def compose(book: CampaignBook, cards: Iterable[tuple[str, Card]], earlier: Sequence[Pack], put: Put) -> Pack:
    """Draw every page and hand each, by its place below the campaign's folder, to `put`; return the campaign's lines.

    `cards` come one after another and are not kept; `earlier` campaigns stand newest first. The moment is not in the
    pages yet: `MADE` stands for it, so that a page of the same content is the same text.
    """
    rows = {row.unit.id: row for row in book.whole.rows}
    children = _children(book)
    by_unit: dict[str, dict[str, str]] = {}
    where: dict[tuple[str, str], set[str]] = {}
    for unit, card in chain(cards, ((unit, None) for unit in sorted(rows))):
        if unit in by_unit or unit not in rows:
            continue
        change = change_of(card.bridge) if card else None
        by_unit[unit] = _repeats_and_causes(card, change) if card else {}
        for finding in card.findings if card else ():
            where.setdefault((finding.domain, finding.title), set()).add(unit)
        before = next((f"../../../{one.folder}/{unit}/{CARD}" for one in earlier if unit in one.units), "")
        page = UnitPage(
            book=book, row=rows[unit], card=card, change=change, before=before, children=children.get(unit, ())
        )
        put(f"{unit}/{CARD}", unit_page(page))
    own = pack(book, by_unit, _folder(book.campaign), MADE)
    for top, members in [("", frozenset(own.units)), *book.subtrees.items()]:
        if inside := members & own.units.keys():
            audience = f"{book.units[top].name}（{top}）及其下级机构" if top else AUDIENCE_BANK
            data = packed_data([own, *earlier], inside, list(_notes(book, top)), _common(where, inside))
            put(f"{top}/{OVERVIEW}" if top else OVERVIEW, overview_page(book, data, top, audience))
    return own


def moment_of(book: CampaignBook) -> str:
    """Return when a book was made, in Beijing time, to the minute."""
    return (book.made + _BEIJING).strftime("%Y-%m-%d %H:%M")


def _repeats_and_causes(card: Card, change: ScoreChange | None) -> dict[str, str]:
    repeats = sum(one.origin == REPEATED for one in card.findings)
    shown = [signed(change.difference), *(signed(one.change) for one in change.causes[:_NAMED])] if change else []
    moved = sentence(change, shown) if change and change.causes else ""
    return {"repeats": str(repeats) if repeats else "", "causes": moved}


def _common(where: Mapping[tuple[str, str], set[str]], members: Set[str]) -> list[list[str]]:
    """Return the findings that most units share: domain, title, at how many units."""
    counted = Counter({key: len(units & members) for key, units in where.items()})
    most = sorted(counted.most_common(_COMMON), key=lambda one: (-one[1], one[0]))
    return [[domain_title(domain, ""), title, str(count)] for (domain, title), count in most if count > 1]


def _notes(book: CampaignBook, top: str) -> Iterator[str]:
    if top:
        yield "只列出本机构及其下级；名次按全行同层级机构排列，平均分和分位数按本页机构计算。"
    else:
        yield from book.whole.notes


def _folder(campaign: Campaign) -> str:
    return f"{campaign.period}/{FOLDER}{campaign.id}"


def _children(book: CampaignBook) -> dict[str, tuple[Unit, ...]]:
    found: dict[str, list[Unit]] = {}
    for unit in book.units.values():
        found.setdefault(unit.parent, []).append(unit)
    return {parent: tuple(units) for parent, units in found.items()}

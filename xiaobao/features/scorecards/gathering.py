"""What the pages of one campaign are made from: read once for all of them, from the very values of the Voila pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from msgspec.structs import replace

from xiaobao.features.scorecards.cards import KeptCard, PageCard
from xiaobao.labels import HANDED_IN, REVIEWED
from xiaobao.model import CorrectiveAction, Unit, Value
from xiaobao.numbers import half_up
from xiaobao.scorecard import Overview, Scorecard, Standing, standings
from xiaobao.scorecard.around import Earlier
from xiaobao.scoring import held_back
from xiaobao.store.history import inspection_chain
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.inspections.appealing import standing_of
from xiaobao.workbench.places import paper_name
from xiaobao.workbench.results.movements import ACTS
from xiaobao.workbench.results.reading import overview, renewed_cards, stale_cards
from xiaobao.workbench.surroundings import open_before
from xiaobao.workbench.workspace import Workbench

_LOOK_BACK = 5000
_FIGURES = frozenset(ACTS) - {"answer"}


class CampaignBook(Value):
    """One campaign as its pages tell it, as of `made` (UTC). `states`: unit → how many sheets stand how.

    `behind`: unit → how many decisions, reviews and other acts its recorded scores do not hold yet. `actions` are the
    measures of its findings that are not closed, `earlier` those of campaigns before it; `totals` and `places` (by
    domain) say where scores stand.
    """

    bank: str
    campaign: Campaign
    made: datetime
    as_of: date
    whole: Overview
    units: Mapping[str, Unit]
    totals: Mapping[str, Standing]
    places: Mapping[str, Mapping[str, Standing]]
    states: Mapping[str, Counter[str]]
    behind: Mapping[str, int]
    actions: Mapping[str, tuple[CorrectiveAction, ...]]
    earlier: Mapping[str, tuple[Earlier, ...]] = {}

    subtrees: Mapping[str, frozenset[str]]

    def below(self, top: str) -> frozenset[str]:
        """Return a unit and all below it; with "" every unit."""
        return self.subtrees.get(top, frozenset((top,))) if top else frozenset(self.units)


def gather_campaign(wb: Workbench, campaign: Campaign) -> CampaignBook:
    """Read what the pages of a campaign share. Nothing is written; who may see what, the caller judges."""
    whole = overview(wb, campaign.period, campaign.name)
    levels = {row.unit.id: row.unit.level for row in whole.rows}
    scores = {
        domain: {row.unit.id: row.domains.get(domain) for row in whole.rows} for domain in domain_titles(wb, campaign)
    }
    units = wb.units(campaign.period)
    states: dict[str, Counter[str]] = {}
    records = wb.store.inspections(campaign.id)
    appeals = wb.store.appeals(one.id for one in records if one.state in REVIEWED)
    for record in records:
        states.setdefault(record.unit, Counter())[standing_of(record, appeals.get(record.id, ()), campaign)] += 1
    actions: dict[str, tuple[CorrectiveAction, ...]] = {}
    for action in wb.store.actions(campaign.id):
        if action.status != "closed":
            actions[action.unit] = (*actions.get(action.unit, ()), action)
    return CampaignBook(
        bank=wb.settings.bank,
        campaign=campaign,
        made=wb.store.now(),
        as_of=wb.as_of(campaign.period),
        whole=whole,
        units=units,
        totals=standings(
            {row.unit.id: row.total for row in whole.rows},
            levels,
            {row.unit.id: row.reservations for row in whole.rows},
        ),
        places={
            domain: standings(values, levels, {row.unit.id: row.reservations_of(domain) for row in whole.rows})
            for domain, values in scores.items()
        },
        states=states,
        behind=_behind(wb, campaign),
        actions=actions,
        earlier=open_before(wb, campaign, wb.as_of(campaign.period)),
        subtrees=_subtrees(units),
    )


def _subtrees(units: Mapping[str, Unit]) -> dict[str, frozenset[str]]:
    """Return unit → it and all below it, of the units that have others below them."""
    found: dict[str, set[str]] = {}
    for unit in units.values():
        seen: set[str] = set()
        above = unit.parent
        while above in units and above not in seen:
            found.setdefault(above, {above}).add(unit.id)
            seen.add(above)
            above = units[above].parent
    return {unit: frozenset(members) for unit, members in found.items()}


def cards(wb: Workbench, campaign: Campaign) -> Iterator[tuple[str, PageCard | Scorecard]]:
    """Yield each unit's card, one after another: as recorded, or made anew where it is behind its results."""
    renewed = renewed_cards(wb, campaign, stale_cards(wb, campaign))
    for unit, kept in wb.store.each_scorecard(campaign.id, KeptCard):
        yield unit, renewed.get(unit) or _held(kept.scorecard, wb.settings.policies.coverage.total)


def _held(card: PageCard, least: Decimal) -> PageCard:
    """Hold back a total that was recorded before there was a limit, or under a lower one; then nothing moved either."""
    total = held_back(card.total, least)
    return card if total is card.total else replace(card, total=total, bridge=None, comparable=False)


def _behind(wb: Workbench, campaign: Campaign) -> dict[str, int]:
    """Return unit → acts that move a score and came after the run that its result rests on."""
    runs = {key: run.started for key, run in wb.store.runs(campaign.id).items()}
    homes = {inspection_chain(one.id): one for one in wb.store.inspections(campaign.id) if one.state in HANDED_IN}
    found: Counter[str] = Counter()
    for event in wb.store.events(_LOOK_BACK):
        home = homes.get(event.chain)
        if home is None or event.verb not in _FIGURES or event.object == "handed_in":
            continue
        started = runs.get((home.unit, paper_name(home.domain)))
        if started is not None and event.at > started:
            found[home.unit] += 1
    return dict(found)


def overdue_of(book: CampaignBook, unit: str) -> tuple[CorrectiveAction, ...]:
    """Return a unit's measures of this campaign whose day has passed."""
    return tuple(one for one in book.actions.get(unit, ()) if one.status == "open" and one.due < book.as_of)


def signed(value: object) -> str:
    """Return a difference as it is shown: two decimals, with its sign."""
    rounded = half_up(Decimal(str(value)))
    return f"{rounded:+f}" if rounded else "0.00"


def state_words(book: CampaignBook, units: frozenset[str]) -> str:
    """Say in what state the results of these units are: final, or how many sheets are drafts or under review."""
    if book.campaign.state == "closed":
        return "终稿（批次已结束）"
    every: Counter[str] = Counter()
    for unit in units:
        every.update(book.states.get(unit, Counter()))
    drafts = every["draft"] + every["returned"] + every["confirmed"]
    checked = every["reviewed"] + every["approved"]
    parts = [
        f"草稿 {drafts} 张（人工答复不计分）" if drafts else "",
        f"复核中 {every['submitted']} 张" if every["submitted"] else "",
        f"已复核 {checked} 张" if checked else "",
        f"申诉中 {every['appealed']} 张" if every["appealed"] else "",
    ]
    return "进行中，未终稿：" + ("、".join(filter(None, parts)) or "还没有检查表")

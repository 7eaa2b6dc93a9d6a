"""Readings for pages, reports and apps: what was recorded, put together, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import heappush, heapreplace, nsmallest

from msgspec.structs import replace

from xiaobao.checklist.models import Scheme, why_not_for
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import Fault, InputError
from xiaobao.labels import HANDED_IN, level_titles
from xiaobao.model import Finding, Score, Unit, from_plain
from xiaobao.numbers import show
from xiaobao.paper.card import FrozenScorecard
from xiaobao.paper.frozen import FrozenPaper
from xiaobao.paper.work_paper import WorkPaper, compute
from xiaobao.scorecard import (
    Overview,
    RecordedCard,
    Scorecard,
    build_card,
    empty_row,
    held,
    held_card,
    overview_row,
    placed,
)
from xiaobao.scorecard import overview as compose_overview
from xiaobao.scorecard.board import ShortFinding
from xiaobao.scoring import RolledUp, needs_peers, roll_up, value_words
from xiaobao.store.models import Campaign, ResultRecord
from xiaobao.workbench.campaigns import domain_titles, inspected_units, newest_first, wanted_domains
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.results.cards import CardFreezer
from xiaobao.workbench.results.failing import Reservations
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.resolving import Results
from xiaobao.workbench.workspace import Workbench

_WORST = 20
_NAMED = 10
NEWEST_CARD = "最新得分表"


def frozen_paper(wb: Workbench, unit: str, period: str, domain: str, name: str | None = None) -> FrozenPaper:
    """Freeze one paper from the workspace, of the campaign `name` where a period has several.

    Raises InputError for a unit or domain that the campaign has not.
    """
    [paper] = _frozen_papers(wb, unit, period, [domain], name)
    return paper


def _frozen_papers(
    wb: Workbench, unit: str, period: str, domains: Iterable[str], name: str | None
) -> Iterator[FrozenPaper]:
    campaign = wb.campaign(period, name)
    known = _unit(wb, campaign, unit)
    freezer = Freezer(wb, campaign, unit)
    for domain in domains:
        if domain not in campaign.checklists:
            allowed = "、".join(campaign.checklists)
            raise InputError(Fault("本批次没有这个检查域", value=domain, allowed=allowed))
        if why := why_not_for(freezer.campaign_sheet(domain).checklist.applies_to, known):
            raise InputError(Fault(f"{why}，没有这本底稿", value=f"{unit} {domain}"))
        yield freezer.paper(known, domain)


def work_paper(wb: Workbench, unit: str, period: str, domain: str, name: str | None = None) -> WorkPaper:
    """Return the work paper as it would come out now."""
    return compute(frozen_paper(wb, unit, period, domain, name))


def work_papers(
    wb: Workbench, unit: str, period: str, domains: Iterable[str], name: str | None = None
) -> tuple[WorkPaper, ...]:
    """Return several work papers of one unit; what they share is read once."""
    return tuple(compute(frozen) for frozen in _frozen_papers(wb, unit, period, domains, name))


def frozen_scorecard(
    wb: Workbench, unit: str, period: str, name: str | None = None, *, empty: bool = False
) -> FrozenScorecard:
    """Freeze one unit's card, "" the first, from recorded results. Raises InputError before its papers were run.

    `empty`: then a card without results is returned, also of a unit that only other campaigns inspect: a page shows
    what is to be done first, and leads elsewhere.
    """
    campaign = wb.campaign(period, name)
    if not unit:
        known = inspected_units(wb, campaign)
    else:
        known = (registered_unit(wb, campaign, unit) if empty else _unit(wb, campaign, unit),)
    cards = CardFreezer(wb, campaign)
    for one in (*cards.units, *(known if empty else ())):
        if unit in {one.id, ""}:
            return cards.card(one)
    raise InputError(Fault(f"{campaign.period} 还没有这个机构的结果，请先运行 xiaobao run", value=unit))


def scorecard(wb: Workbench, unit: str, period: str, name: str | None = None) -> Scorecard:
    """Build a unit's scorecard of now from what is recorded, without running its notebook."""
    return build_card(frozen_scorecard(wb, unit, period, name).card)


def scorecards(wb: Workbench, campaign: Campaign) -> dict[str, Scorecard]:
    """Return the card of every unit that has one: as recorded, or made anew where it is behind its results.

    Ranks and medians are those of all these cards together, whenever each was recorded, and the marks behind scores
    (未更新, 草稿, 旧数据) are those of now.
    """
    recorded = wb.store.scorecards(campaign.id)
    least = wb.settings.policies.coverage
    cards = {unit: held_card(from_plain(Scorecard, recorded[unit]), least) for unit in sorted(recorded)}
    renewed = renewed_cards(wb, campaign, stale_cards(wb, campaign))
    reservations = Reservations.of_campaign(wb, campaign, wanted_domains(wb, campaign))
    return placed({unit: reservations.on_card(renewed.get(unit) or card) for unit, card in cards.items()})


def renewed_cards(wb: Workbench, campaign: Campaign, behind: Collection[str]) -> dict[str, Scorecard]:
    """Return the cards of these units made anew from recorded results: one question never has two answers."""
    if not behind:
        return {}
    cards = CardFreezer(wb, campaign)
    return {unit.id: build_card(cards.card(unit).card) for unit in cards.units if unit.id in behind}


def overview(wb: Workbench, period: str, name: str | None = None) -> Overview:
    """Return all inspected units: recorded cards, and empty rows that name what is missing.

    Of each unit only its line is kept: the cards and findings of 4,000 units take gigabytes.
    """
    campaign = wb.campaign(period, name)
    papers = wb.store.papers_with_result(campaign.id)
    wanted = wanted_domains(wb, campaign)
    units = {unit.id: unit for unit in inspected_units(wb, campaign)}
    titles = domain_titles(wb, campaign)
    missing = {unit: tuple(titles[domain] for domain in wanted[unit] if (unit, domain) not in papers) for unit in units}
    stale = stale_cards(wb, campaign)
    renewed, outstanding = renewed_cards(wb, campaign, stale), stale if campaign.state == "open" else ()
    lines, recorded, vetoed, gravest = {}, {}, [], _Gravest(bare={unit for unit, _ in papers})
    least = wb.settings.policies.coverage
    for unit, stored in wb.store.each_scorecard(campaign.id, RecordedCard):
        card = renewed.get(unit) or held(stored, least).scorecard
        gravest.note(unit, card.findings)
        if card.total.vetoes:
            vetoed.append(unit)
        if unit in units:
            behind = (NEWEST_CARD,) if unit in outstanding else ()
            if campaign.state == "open" and not behind:
                recorded[unit] = stored.scorecard
            lines[unit] = overview_row(card, (*missing[unit], *behind))
    rows = [
        lines.get(unit.id) or empty_row(unit, missing[unit.id] or ("得分表" if wanted[unit.id] else "适用的检查表",))
        for unit in units.values()
    ]
    records = wb.store.inspections(campaign.id)
    handed_in = Counter(one.unit for one in records if one.state in HANDED_IN)
    reservations = Reservations.of_campaign(wb, campaign, wanted, records)
    rows = [
        reservations.on_row(replace(row, handed_in=handed_in[row.unit.id]), wanted[row.unit.id], titles) for row in rows
    ]
    whole = compose_overview(wb.settings.bank, campaign.period, wb.scheme(campaign), rows, tuple(campaign.checklists))
    known = wb.units(campaign.period)
    placed_before = whole.placed_otherwise(recorded)
    return replace(
        whole,
        notes=(
            *whole.notes,
            *_data_notes(wb, campaign),
            *_stale_notes(outstanding),
            *_placed_notes(placed_before),
            *_failure_notes(reservations.failed),
        ),
        worst=gravest.findings(wb, campaign),
        rolled=_rolled(wb.scheme(campaign), whole, known, vetoed),
        unit_names={unit.id: unit.name for unit in known.values()},
        campaign=campaign.name if len(wb.store.campaigns(campaign.period)) > 1 else "",
        placed_before=placed_before,
    )


def _data_notes(wb: Workbench, campaign: Campaign) -> tuple[str, ...]:
    """Return which handed-in sheets rest on data that were renewed since, and wait for an answer."""
    waiting = [key for key, question in wb.store.questions(campaign.id).items() if question.state == "open"]
    if not waiting:
        return ()
    titles = domain_titles(wb, campaign)
    shown = "、".join(f"{unit} {titles.get(domain, domain)}" for unit, domain in waiting[:_NAMED])
    more = "等" if len(waiting) > _NAMED else ""
    return (f"{len(waiting)} 张检查表依据提交时的数据，此后数据已更新、待复核人答复：{shown}{more}",)


def stale_cards(wb: Workbench, campaign: Campaign) -> tuple[str, ...]:
    """Return the units whose recorded card says of a domain something else than its recorded result (未更新).

    Where scores hang on those of the peers, another unit's result may put a card behind.
    """
    behind = wb.store.units_after_their_card(campaign.id)
    if any(needs_peers(wb.checklist(campaign, domain)[0]) for domain in campaign.checklists):
        behind |= wb.store.units_with_card(campaign.id)
    if not behind:
        return ()
    now = Results.of_campaign(wb, campaign)
    inspected = {unit.id for unit in now.units}
    return tuple(unit for unit in sorted(behind & inspected) if _is_behind(wb, campaign, unit, now.of(unit)))


def _is_behind(wb: Workbench, campaign: Campaign, unit: str, results: Mapping[str, ResultRecord]) -> bool:
    card = held_card(from_plain(Scorecard, wb.store.scorecards(campaign.id, unit)[unit]), wb.settings.policies.coverage)
    counted: dict[str, set[str]] = {}
    for finding in card.findings:
        counted.setdefault(finding.domain, set()).add(finding.id)
    said = {one.domain: (*_said(one.after), one.reviewed, counted.get(one.domain, set())) for one in card.domains}
    return said != {
        domain: (*_said(one.after), one.reviewed, {finding.id for finding in one.findings if not finding.draft})
        for domain, one in results.items()
    }


def _said(score: Score) -> tuple[object, ...]:
    return score.value, score.grade, score.coverage, score.provisional


def older_paper(wb: Workbench, campaign: Campaign, card: Scorecard) -> str:
    """Return what a unit's executed card says otherwise than its card of now, "" where both say the same."""
    recorded = wb.store.scorecards(campaign.id, card.unit.id).get(card.unit.id)
    if recorded is None:
        return ""
    paper = held_card(from_plain(Scorecard, recorded), wb.settings.policies.coverage)
    then, now = _told(paper), _told(card)
    names = [name for name in {**now, **then} if then.get(name) != now.get(name)]
    moved = "，".join(f"{name} {then.get(name, '无')}（现在 {now.get(name, '无')}）" for name in names)
    if not moved:
        return ""
    again = "；运行 xiaobao run 更新底稿" if campaign.state == "open" else ""
    return f"本机构的得分表底稿出具较早，载明的是：{moved}。以本页为准{again}。"


def _told(card: Scorecard) -> dict[str, str]:
    """Return what of a card others' results, marks and named acts may move, in words."""
    return {
        "总分": value_words(card.total) + card.marks,
        "等级": card.grade_label or "无",
        "名次": f"第 {card.rank} 名" if card.rank is not None else "不排名",
        "同层级中位数": show(card.peer_median, 2) + card.peer_marks,
        **{one.title: value_words(one.after) + one.marks for one in card.domains},
    }


def _stale_notes(stale: Collection[str]) -> tuple[str, ...]:
    if not stale:
        return ()
    shown = "、".join(list(stale)[:_NAMED]) + ("等" if len(stale) > _NAMED else "")
    return (f"{len(stale)} 家机构的得分表未更新，检查域结果已有变化，请运行 xiaobao run：{shown}",)


def _placed_notes(units: Collection[str]) -> tuple[str, ...]:
    if not units:
        return ()
    shown = "、".join(list(units)[:_NAMED]) + ("等" if len(units) > _NAMED else "")
    older = f"{len(units)} 家机构的得分表底稿所载名次和中位数依据较早的结果（别的机构此后有变化），这里的是现在的"
    return (f"{older}；运行 xiaobao run 更新底稿：{shown}",)


def _failure_notes(failed: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    if not failed:
        return ()
    shown = "、".join(list(failed)[:_NAMED]) + ("等" if len(failed) > _NAMED else "")
    return (f"{len(failed)} 家机构有底稿运行失败，此前的得分标为“未更新”，原因见 xiaobao status：{shown}",)


class _Gravest:
    """Finds the units of the findings that cost most among all cards; only theirs are then read.

    `bare` has the units with results, and loses those that have a card: a card tells of all of them.
    """

    def __init__(self, bare: set[str]) -> None:
        self._bare = bare
        self._noted = 0
        self._most: list[
            tuple[Decimal, int, str]
        ] = []  # a heap: on top what cost least, of the same the last that came

    def note(self, unit: str, found: Iterable[Finding | ShortFinding]) -> None:
        """Take in a unit's findings. Units come in their order: of equal cost the first ones stay."""
        self._bare.discard(unit)
        self._noted -= 1
        for one in found:
            if len(self._most) < _WORST:
                heappush(self._most, (one.points_lost, self._noted, unit))
            elif one.points_lost > self._most[0][0]:
                heapreplace(self._most, (one.points_lost, self._noted, unit))

    def findings(self, wb: Workbench, campaign: Campaign) -> tuple[Finding, ...]:
        """Return the findings, the gravest first, of equal cost by unit; `worst_first` orders those of one unit."""
        units = self._bare | {unit for _, _, unit in self._most}
        found = (one for unit in sorted(units) for own in wb.store.findings(campaign.id, unit).values() for one in own)
        return tuple(nsmallest(_WORST, found, key=worst_first))


def _rolled(scheme: Scheme, whole: Overview, units: Mapping[str, Unit], vetoed: Collection[str]) -> dict[str, RolledUp]:
    """Roll the totals up the tree and keep the units that have others below them."""
    own = {row.unit.id: row.total for row in whole.rows}
    parents = {unit.id: unit.parent for unit in units.values()}
    below = {row.unit.id for row in whole.unscored}
    levels = {unit: one.level for unit, one in units.items()}
    rolled = roll_up(scheme, own, parents, vetoed, levels, below, level_titles(units.values()))
    return {unit: one for unit, one in rolled.items() if one.children or one.excluded}


def worst_first(finding: Finding) -> tuple[Decimal, str, str, str]:
    """Order findings by points lost, then by period, unit and item."""
    return (-finding.points_lost, finding.period, finding.unit, finding.item_id)


def findings(wb: Workbench, campaign: Campaign, unit: str | None = None) -> tuple[Finding, ...]:
    """Return recorded findings, by unit and domain."""
    recorded = wb.store.findings(campaign.id, unit)
    return tuple(finding for key in sorted(recorded) for finding in recorded[key])


def _unit(wb: Workbench, campaign: Campaign, unit: str) -> Unit:
    for known in inspected_units(wb, campaign):
        if known.id == unit:
            return known
    raise _unknown(campaign, unit)


def registered_unit(wb: Workbench, campaign: Campaign, unit: str) -> Unit:
    """Return a unit as the register of the campaign's period has it, or the newest one that has it at all.

    Raises InputError for a unit of no register.
    """
    registers = (wb.units(campaign.period), *(known_units(wb, one.period) for one in newest_first(wb)))
    for known in registers:
        if unit in known:
            return known[unit]
    raise _unknown(campaign, unit)


def _unknown(campaign: Campaign, unit: str) -> InputError:
    return InputError(Fault(f"{campaign.period} 没有这个被检查机构", value=unit))


@dataclass(frozen=True, kw_only=True)
class Unlooked:
    """Rows of one unit and dataset that checks of this campaign read elsewhere, and nobody looks at here."""

    unit: str
    name: str
    dataset: str
    rows: int
    reason: str


def unlooked_rows(wb: Workbench, campaign: Campaign) -> tuple[Unlooked, ...]:
    """Return what stays 未判 because no sheet asks the unit, by unit and dataset: it must not look clean."""
    freezer, wanted, units = Freezer(wb, campaign), wanted_domains(wb, campaign), wb.units(campaign.period)
    needs = {domain: set(freezer.campaign_sheet(domain).needs) for domain in campaign.checklists}
    asked_somewhere = set().union(*needs.values())
    found = []
    for (unit, name), extract in sorted(freezer.partitions.items()):
        asked = {dataset for domain in wanted.get(unit, ()) for dataset in needs[domain]}
        if unit in units and name in asked_somewhere - asked and extract.rows:
            reason = "本批次没有适用的检查表" if unit in wanted else "不是检查对象"
            title = DATASETS[name].title
            found.append(Unlooked(unit=unit, name=units[unit].name, dataset=title, rows=extract.rows, reason=reason))
    return tuple(found)

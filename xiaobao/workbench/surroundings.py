"""What lies around a page: the periods, campaigns and units that may be picked, and what is still to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import MsgspecError
from msgspec.json import decode as json_decode

from xiaobao.labels import HANDED_IN, named_period
from xiaobao.model import Period, RunStatus, Unit
from xiaobao.scorecard.around import AnalystPaper, Around, Choice, Earlier
from xiaobao.store.models import Campaign, RunRecord
from xiaobao.workbench.campaigns import (
    domain_titles,
    inspected_units,
    is_inspected,
    newest_first,
    newest_period,
    wanted_domains,
)
from xiaobao.workbench.inspections.appealing import objections
from xiaobao.workbench.places import OWN_PREFIX, initials_path, own_paper
from xiaobao.workbench.workspace import Workbench


def newest_with_results(wb: Workbench, period: str = "") -> str:
    """Return the period (and campaign, where it has several) of the newest that has a scorecard, of `period` if given.

    An address that names a period alone was written when that had one campaign: it goes on opening something, and the
    picker says what. One that names its campaign is returned as it is. Where none has a scorecard: the newest. Raises
    InputError when there is no campaign at all, or `period` is none.
    """
    if "/" in period:
        return period
    code = Period.parse(period).code if period else ""
    found = [one for one in newest_first(wb) if code in ("", one.period)]
    with_card = next((one for one in found if wb.store.units_with_card(one.id)), None)
    if chosen := with_card or next(iter(found), None):
        return campaign_address(wb, chosen)
    return code or newest_period(wb)


def campaign_address(wb: Workbench, campaign: Campaign) -> str:
    """Return how the address of a page names a campaign: by its period, with its name where there are several."""
    several = len(wb.store.campaigns(campaign.period)) > 1
    return f"{campaign.period}/{campaign.name}" if several else campaign.period


def around_bank(wb: Workbench, campaign: Campaign) -> Around:
    """Return what a page of all units offers."""
    return Around(period=campaign_address(wb, campaign), periods=_periods(wb), initials=_initials(wb, campaign))


def _initials(wb: Workbench, campaign: Campaign) -> Mapping[str, str]:
    """Return name of a unit → initials as the static pages' writer left them; what reads Chinese loads for a second."""
    try:
        return json_decode(initials_path(wb.home, campaign).read_bytes(), type=dict[str, str])
    except (OSError, MsgspecError):
        return {}


def around_unit(wb: Workbench, campaign: Campaign, unit: Unit) -> Around:
    """Return what the page of one unit offers and what its unit still has to do."""
    seen = wb.sight("result.see", campaign)
    inspected = [one for one in inspected_units(wb, campaign) if seen.shows(one.id)]
    by_id = {one.id: one for one in inspected}
    actions = [one for one in wb.store.actions(campaign.id, unit.id) if one.status == "open"]
    above = by_id.get(unit.parent)
    return Around(
        period=campaign_address(wb, campaign),
        periods=_periods(wb),
        units=tuple(_unit(one) for one in inspected),
        above=_unit(above) if above else None,
        below=tuple(_unit(one) for one in inspected if one.parent == unit.id),
        before=_before(wb, campaign, unit.id),
        measures=len(actions),
        late=sum(one.due < wb.today for one in actions),
        first_due=min((one.due for one in actions), default=None),
        sheets=_not_handed_in(wb, campaign, unit.id),
        papers=_own_papers(wb, campaign, unit.id),
        appeals=objections(wb, campaign, unit.id),
        earlier=open_before(wb, campaign, wb.today, unit.id).get(unit.id, ()),
        initials=_initials(wb, campaign),
        inspected=is_inspected(wb, campaign, unit.id),
        inspected_in=_inspected_in(wb, unit.id),
    )


def _inspected_in(wb: Workbench, unit: str) -> str:
    """Return the address of the newest campaign that inspects a unit, with results of it if any has, "" for none.

    Of those alone in which whoever looks may see the unit.
    """
    found = [one for one in newest_first(wb) if is_inspected(wb, one, unit)]
    seen = [one for one in found if wb.sight("result.see", one).shows(unit)]
    with_card = next((one for one in seen if unit in wb.store.units_with_card(one.id)), None)
    chosen = with_card or next(iter(seen), None)
    return campaign_address(wb, chosen) if chosen else ""


def open_before(
    wb: Workbench, campaign: Campaign, day: date, unit: str | None = None
) -> dict[str, tuple[Earlier, ...]]:
    """Return unit → what is still open of campaigns before this one, newest first; `day` decides what is overdue."""
    here = Period.parse(campaign.period)
    return _open(wb, (other for other in newest_first(wb) if Period.parse(other.period) < here), day, unit)


def open_measures(wb: Workbench, campaign: Campaign, day: date) -> dict[str, tuple[Earlier, ...]]:
    """Return unit → what is still open of this campaign and of those before it, each on its own, this one first."""
    before = open_before(wb, campaign, day)
    own = _open(wb, (campaign,), day, None)
    return {unit: (*own.get(unit, ()), *before.get(unit, ())) for unit in sorted({**own, **before})}


def _open(wb: Workbench, campaigns: Iterable[Campaign], day: date, unit: str | None) -> dict[str, tuple[Earlier, ...]]:
    found: dict[str, list[Earlier]] = {}
    for one in campaigns:
        counted: dict[str, list[bool]] = {}
        for action in wb.store.actions(one.id, unit):
            if action.status == "open":
                counted.setdefault(action.unit, []).append(action.due < day)
        for owner, late in counted.items():
            where = Earlier(address=campaign_address(wb, one), measures=len(late), late=sum(late))
            found.setdefault(owner, []).append(where)
    return {owner: tuple(listed) for owner, listed in found.items()}


def _unit(unit: Unit) -> Choice:
    return Choice(value=unit.id, title=unit.name)


def _periods(wb: Workbench) -> tuple[Choice, ...]:
    found = []
    for campaign in newest_first(wb):
        empty = "" if wb.store.units_with_card(campaign.id) else "（尚无结果）"
        address = campaign_address(wb, campaign)
        found.append(Choice(value=address, title=f"{named_period(address)}{empty}"))
    return tuple(found)


def _before(wb: Workbench, campaign: Campaign, unit: str) -> str:
    """Return the address of the period before, where exactly one campaign of the kind has a card of this unit."""
    before = Period.parse(campaign.period).previous()
    if before is None:
        return ""
    earlier = [one for one in wb.store.campaigns(before.code) if one.kind == campaign.kind]
    has = len(earlier) == 1 and unit in wb.store.units_with_card(earlier[0].id)
    return campaign_address(wb, earlier[0]) if has else ""


def _own_papers(wb: Workbench, campaign: Campaign, unit: str) -> tuple[AnalystPaper, ...]:
    """Return the papers of analysts' own notebooks: those that the campaign names, and those it named before."""
    runs = {name: run for (_, name), run in wb.store.runs(campaign.id, unit).items() if name.startswith(OWN_PREFIX)}
    named = dict.fromkeys([*map(own_paper, campaign.papers), *sorted(runs)])
    return tuple(_paper(name.removeprefix(OWN_PREFIX), runs.get(name)) for name in named)


def _paper(name: str, run: RunRecord | None) -> AnalystPaper:
    if run is None:
        return AnalystPaper(name=name, state="未运行")
    if run.status is RunStatus.DONE:
        return AnalystPaper(name=name, state=f"已出具（own-{name}.ipynb）", said=run.said)
    return AnalystPaper(name=name, state="没有出成", said=run.error)


def _not_handed_in(wb: Workbench, campaign: Campaign, unit: str) -> tuple[str, ...]:
    if campaign.state != "open":
        return ()
    states = {one.domain: one.state for one in wb.store.inspections(campaign.id, unit)}
    titles = domain_titles(wb, campaign)
    wanted = wanted_domains(wb, campaign).get(unit, ())
    return tuple(titles[domain] for domain in wanted if states.get(domain) not in HANDED_IN)

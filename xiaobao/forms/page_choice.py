"""What a page is opened on: the workspace of the environment, and a choice that an address may make."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

from msgspec import structs

from xiaobao import labels
from xiaobao.errors import Fault, InputError, XiaobaoError
from xiaobao.model import Period
from xiaobao.store.models import Campaign
from xiaobao.workbench.campaigns import domain_titles, wanted_domains
from xiaobao.workbench.permitting import Sight
from xiaobao.workbench.workspace import Workbench, open_workbench

_LONGEST = 80


@dataclass(frozen=True, kw_only=True)
class PageChoice:
    """Which unit, period and domain a page shows; blank means not chosen."""

    unit: str = ""
    period: str = ""
    domain: str = ""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What can be chosen, as (code, title) pairs, and what is chosen after blanks and wrong codes are set right."""

    units: tuple[tuple[str, str], ...]
    periods: tuple[tuple[str, str], ...]
    domains: tuple[tuple[str, str], ...]
    chosen: PageChoice
    fault: str = ""
    domain_title: str = "检查域"

    def plain(self) -> dict[str, object]:
        """Return what the page's chooser draws: (id, words) pairs, and which of them are chosen."""
        return {
            "units": [list(pair) for pair in self.units],
            "periods": [list(pair) for pair in self.periods],
            "domains": [list(pair) for pair in self.domains],
            "unit": self.chosen.unit,
            "period": self.chosen.period,
            "domain": self.chosen.domain,
            "domainTitle": self.domain_title,
        }


class Rights:
    """What whoever looks may do in one campaign: the table is asked once for each verb, unit and domain of a page."""

    def __init__(self, wb: Workbench, period: str) -> None:
        self._wb, self._campaign = wb, wb.campaign(period)
        self._known: dict[tuple[str, str, str], str] = {}

    def why(self, verb: str, unit: str, domain: str) -> str:
        """Return "" where it may be done, else the reason."""
        key = (verb, unit, domain)
        if key not in self._known:
            self._known[key] = self._wb.may(verb, unit, domain, self._campaign)
        return self._known[key]


def open_for_writing(workspace: str, as_of: str) -> Workbench:
    """Open the workspace (blank: as found from the environment); `as_of` fixes the day that deadlines are seen from."""
    wb = open_workbench(Path(workspace) if workspace else None)
    if not as_of:
        return wb
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise InputError(Fault("统计截止日写法不对", value=as_of, allowed="2026-07-05 这样的日期")) from None
    return replace(wb, settings=structs.replace(wb.settings, as_of=day))


def open_for_reading(workspace: str) -> Workbench:
    """Open the workspace (blank: as found from the environment) for a page on which nothing is changed."""
    return open_workbench(Path(workspace) if workspace else None, read_only=True)


def choose(unit: str, period: str, domain: str) -> PageChoice:
    """Return the choice of the page's address where it makes one, else that of the notebook's parameters."""
    asked = parse_qs(_query_string(), max_num_fields=20)

    def first(name: str, otherwise: str) -> str:
        return asked.get(name, [otherwise])[0].strip()[:_LONGEST]

    span, campaign = first("period", period), first("campaign", "")
    if span and campaign:  # named as by the option of the commands
        span = f"{span.partition('/')[0]}/{campaign}"
    return PageChoice(unit=first("unit", unit), period=span, domain=first("domain", domain))


def is_waking() -> bool:
    """Tell whether a page only takes a new kernel: it was drawn long ago, and asks for nothing that it shows."""
    return "waking" in parse_qs(_query_string(), max_num_fields=20)


def _query_string() -> str:
    """Return the address' query, in JupyterLab that of the link that was followed (lab/extension).

    A kernel warmed in advance has to ask Voila for it, its environment is empty.
    """
    if os.environ.get("VOILA_PREHEAT", "False") != "False":
        from voila.utils import get_query_string

        return get_query_string() or ""
    if "VOILA_REQUEST_URL" in os.environ:
        return os.environ.get("QUERY_STRING", "")
    process, _, query = os.environ.get("XIAOBAO_PAGE_QUERY", "").partition(" ")
    return query if process == str(os.getpid()) else ""


def choices(
    wb: Workbench, asked: PageChoice, any_unit: bool = False, any_domain: bool = False, verb: str = "sheet.see"
) -> Choices:
    """Return what may be chosen by whoever may do `verb` there: other units and domains are not sent.

    An unknown code is said in `fault`, never taken and never silently replaced."""
    campaigns = wb.store.campaigns()
    offered_periods = dict(_periods(campaigns))
    periods = list(offered_periods)
    if not periods:
        return _nothing_offered("还没有检查批次，请先运行 xiaobao campaign create")
    period, faults = _one("检查期间", _folded_period(asked.period), periods, _newest_open(campaigns, periods))
    try:
        campaign = wb.campaign(period)
        known = wb.units(campaign.period)
    except XiaobaoError as error:
        return _nothing_offered(str(error), tuple(offered_periods.items()), PageChoice(period=period))
    seen = wb.sight(verb, campaign)
    units = {u.id: f"{u.name}（{u.id}）" for u in known.values() if u.inspected and seen.enters(u.id)}
    mine = wb.actor.unit if wb.actor.unit in units else next(iter(units), "")
    unit, wrong_unit = _one("机构", asked.unit, list(units), "" if any_unit else mine)
    offered = campaign.checklists if any_domain or not unit else wanted_domains(wb, campaign)[unit]
    allowed = [domain for domain in offered if seen.shows(unit, domain) or (not unit and _of_some(seen, domain))]
    titles = domain_titles(wb, campaign)
    if asked.domain in campaign.checklists and asked.domain not in allowed:
        domain, wrong_domain = "", f"“{titles[asked.domain]}”检查表不适用于该机构，请另选检查域"
    else:
        done = () if any_domain or not unit else handed_in(wb, campaign, unit)
        waiting = next((one for one in allowed if one not in done), next(iter(allowed), ""))
        domain, wrong_domain = _one("检查域", asked.domain, allowed, "" if any_domain else waiting)
    return Choices(
        units=_pairs(units, any_unit, "全部机构"),
        periods=tuple(offered_periods.items()),
        domains=_pairs({one: titles[one] for one in allowed}, any_domain, "全部检查域"),
        chosen=PageChoice(unit=unit, period=period, domain=domain),
        fault=seen.reason or "；".join(text for text in (faults, wrong_unit, wrong_domain) if text),
    )


def _nothing_offered(
    fault: str, periods: tuple[tuple[str, str], ...] = (), chosen: PageChoice | None = None
) -> Choices:
    """Return what a page offers where no unit can be named: the periods, and why."""
    return Choices(units=(), periods=periods, domains=(), chosen=chosen or PageChoice(), fault=fault)


def handed_in(wb: Workbench, campaign: Campaign, unit: str) -> frozenset[str]:
    """Return the domains whose sheet a unit has handed in."""
    records = wb.store.inspections(campaign.id, unit)
    return frozenset(one.domain for one in records if one.state not in labels.OPEN_STATES)


def _of_some(seen: Sight, domain: str) -> bool:
    """Tell whether a domain is shown of some unit, where none is chosen yet."""
    return seen.everything or bool(seen.units) or domain in seen.lines


def _periods(campaigns: Sequence[Campaign]) -> Iterator[tuple[str, str]]:
    """Yield each campaign, newest period first: by its period where that has no other, else with its name."""
    for one in sorted(campaigns, key=lambda c: (-Period.parse(c.period).end.toordinal(), c.id)):
        alone = sum(other.period == one.period for other in campaigns) == 1
        address = one.period if alone else f"{one.period}/{one.name}"
        yield address, labels.named_period(address)


def _newest_open(campaigns: Sequence[Campaign], periods: Sequence[str]) -> str:
    """Return the newest campaign that is still open, else the newest of all."""
    still = {one for pair in campaigns if pair.state == "open" for one in (pair.period, f"{pair.period}/{pair.name}")}
    return next((one for one in periods if one in still), periods[0])


def _pairs(titles: Mapping[str, str], everything: bool, word: str) -> tuple[tuple[str, str], ...]:
    return (*((("", word),) if everything else ()), *titles.items())


def _folded_period(text: str) -> str:
    code, slash, name = text.partition("/")
    try:
        return Period.parse(code).code + slash + name if text else ""
    except InputError:
        return text


def _one(what: str, asked: str, known: Sequence[str], default: str) -> tuple[str, str]:
    """Return a known code, and a fault when another was asked for: then nothing is chosen."""
    if not asked:
        return default, ""
    if asked in known:
        return asked, ""
    fault = Fault(f"{what}不存在", value=asked, allowed="、".join(list(known)[:8]))
    return (default if what == "检查期间" else ""), str(fault)

"""Scorecards from recorded results: standings are computed once for all units, then each card is frozen alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from xiaobao.checklist.models import Scheme
from xiaobao.model import Disposition, Period, Score, Stage, VetoEvent, from_plain
from xiaobao.scorecard import CardInputs, DomainResult, Scorecard, Standing, standings, untraced, weighable
from xiaobao.scoring import total
from xiaobao.store.records import Campaign
from xiaobao.workbench.campaigns import wanted_domains
from xiaobao.workbench.frozen_card import FrozenScorecard
from xiaobao.workbench.resolving import Results, bridges_of, previous_campaign
from xiaobao.workbench.vetoing import scheme_vetoes
from xiaobao.workbench.workspace import Workbench


def freeze_scorecards(wb: Workbench, campaign: Campaign, only: str | None = None) -> tuple[FrozenScorecard, ...]:
    """Freeze the card of every inspected unit that has a result, by unit; of `only` one, "" being the first."""
    scheme = wb.scheme(campaign)
    now = Results.read(wb, campaign)
    earlier = previous_campaign(wb, campaign)
    before = Results.read(wb, earlier) if earlier else None
    domains = _domain_results(wb, now, before)
    wanted = wanted_domains(wb, campaign)
    not_for = {unit: tuple(d for d in campaign.checklists if d not in sheets) for unit, sheets in wanted.items()}
    vetoes = scheme_vetoes(wb, campaign, scheme)
    scores = {
        unit: _total(scheme, results, not_for.get(unit, ()), vetoes.get(unit, ())) for unit, results in domains.items()
    }
    placed = standings({unit: score.value for unit, score in scores.items()})
    wanted_units = [unit for unit in now.units if unit.id in domains and only in (None, "", unit.id)]
    wanted_units = wanted_units[:1] if only == "" else wanted_units
    bridges = bridges_of(now, before, {unit.id: scores[unit.id] for unit in wanted_units})
    history = _history(wb, campaign)
    as_of = wb.as_of(campaign.period)
    cards = []
    for unit in wanted_units:
        if unit.id in domains:
            past = history.get(unit.id, ())
            card = CardInputs(
                unit,
                campaign.period,
                scheme,
                domains[unit.id],
                placed.get(unit.id),
                past[-1].total.value if past else None,
                past[-1].rank if past else None,
                tuple((old.period, old.total.value) for old in past),
                vetoes=vetoes.get(unit.id, ()),
                bridge=bridges.get(unit.id),
                not_for=not_for[unit.id],
            )
            cards.append(FrozenScorecard(wb.settings.bank, unit, campaign.period, as_of, card))
    return tuple(cards)


def _total(
    scheme: Scheme, results: Mapping[str, DomainResult], not_for: Iterable[str], vetoes: Sequence[VetoEvent]
) -> Score:
    return total(scheme, weighable(results, not_for, Stage.AFTER), Stage.AFTER, vetoes)


def _domain_results(wb: Workbench, now: Results, before: Results | None) -> dict[str, dict[str, DomainResult]]:
    """Return unit → domain → result with its standing and its score of the period before."""
    leads = _lead_counts(wb, now.campaign)
    places: dict[str, dict[str, Standing]] = {
        domain: standings({unit: r.after.value for (unit, d), r in now.recorded.items() if d == domain})
        for domain in now.campaign.checklists
    }
    results: dict[str, dict[str, DomainResult]] = {}
    for (unit, domain), record in now.recorded.items():
        earlier = before.recorded.get((unit, domain)) if before else None
        results.setdefault(unit, {})[domain] = DomainResult(
            untraced(record.before),
            record.after,
            record.findings,
            *leads[unit, domain],
            places.get(domain, {}).get(unit),
            earlier.after.value if earlier else None,
        )
    return results


def _lead_counts(wb: Workbench, campaign: Campaign) -> Mapping[tuple[str, str], tuple[int, int, int]]:
    """Return (unit, domain) → open, confirmed (partly included), refuted leads in force."""
    decisions = wb.store.decisions(campaign.id)
    counts: Counter[tuple[str, str, str]] = Counter()
    for lead in wb.store.leads(campaign.id):
        decision = decisions.get(lead.id)
        decided = decision.decided if decision else None
        kind = "open" if decided is None else "refuted" if decided is Disposition.REFUTED else "confirmed"
        counts[lead.unit, lead.check_id.split(".")[0], kind] += 1
    pairs = {(r.unit, r.domain) for r in wb.store.inspections(campaign.id)}
    return {(u, d): (counts[u, d, "open"], counts[u, d, "confirmed"], counts[u, d, "refuted"]) for u, d in pairs}


def _history(wb: Workbench, campaign: Campaign) -> Mapping[str, tuple[Scorecard, ...]]:
    """Return unit → its recorded cards of consecutive earlier periods, oldest first."""
    cards: dict[str, list[Scorecard]] = {}
    period = Period.parse(campaign.period).previous()
    while period is not None:
        earlier = wb.store.campaigns(period.code)
        if len(earlier) != 1:
            break
        for unit, plain in wb.store.scorecards(earlier[0].id).items():
            cards.setdefault(unit, []).insert(0, from_plain(Scorecard, plain))
        period = period.previous()
    return {unit: tuple(found) for unit, found in cards.items()}

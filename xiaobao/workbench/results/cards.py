"""Scorecards from recorded results: standings are computed once for all units, then each card is frozen alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from xiaobao.labels import DOMAINS
from xiaobao.model import Disposition, Period, Score, Stage, Unit, from_plain
from xiaobao.paper.card import FrozenScorecard
from xiaobao.scorecard import (
    CardInputs,
    DomainResult,
    Scorecard,
    Standing,
    held_card,
    scored_domains,
    standings,
    untraced,
    weighable,
)
from xiaobao.scoring import total
from xiaobao.store.models import Campaign, ResultRecord
from xiaobao.workbench.campaigns import item_domains, wanted_domains
from xiaobao.workbench.inspections.bonuses import scheme_entries
from xiaobao.workbench.inspections.vetoes import scheme_vetoes
from xiaobao.workbench.results.failing import Reservations
from xiaobao.workbench.results.freezing import rests_on
from xiaobao.workbench.results.resolving import Bridges, Results, previous_campaign
from xiaobao.workbench.workspace import Workbench


class CardFreezer:
    """Freezes the scorecards of a campaign. Standings are found for all units first; each card is then read alone."""

    def __init__(self, wb: Workbench, campaign: Campaign) -> None:
        self._wb, self._campaign = wb, campaign
        self._now = Results.of_campaign(wb, campaign)
        earlier = previous_campaign(wb, campaign)
        self._before = Results.of_campaign(wb, earlier) if earlier else None
        self._bridges = Bridges(self._before, self._now) if self._before else None
        self._wanted = wanted_domains(wb, campaign)
        self._homes = item_domains(wb, campaign)
        self._vetoes = scheme_vetoes(wb, campaign, self._now.scheme)
        self._entries = scheme_entries(wb, campaign)
        self._as_of = wb.as_of(campaign.period)
        self._past = _campaigns_before(wb, campaign)
        self._least = wb.settings.policies.coverage.total
        self._reservations = Reservations.of_campaign(wb, campaign, self._wanted)
        self.units, self._placed, self._places = self._standings()

    def _standings(self) -> tuple[tuple[Unit, ...], Mapping[str, Standing], Mapping[str, Mapping[str, Standing]]]:
        """Return the units that have results, and where each total and each domain's score stands."""
        units, totals = [], {}
        shown: dict[str, dict[str, Decimal | None]] = {domain: {} for domain in self._campaign.checklists}
        for unit in self._now.units:
            scores = self._now.scores(unit.id)
            if not scores:
                continue
            units.append(unit)
            for domain, score in scores.items():
                shown.setdefault(domain, {})[unit.id] = score.value
            totals[unit.id] = self._total(
                unit.id, {d: DomainResult(before=score, after=score) for d, score in scores.items()}
            ).value
        levels = {unit.id: unit.level for unit in units}
        words = {domain: {unit: self._reservations.words(unit, [domain]) for unit in shown[domain]} for domain in shown}
        places = {domain: standings(values, levels, words[domain]) for domain, values in shown.items()}
        scored = {unit: [domain for domain in shown if shown[domain].get(unit) is not None] for unit in totals}
        of_totals = {unit: self._reservations.words(unit, scored[unit]) for unit in totals}
        return tuple(units), standings(totals, levels, of_totals), places

    def card(self, unit: Unit) -> FrozenScorecard:
        """Freeze the card of one of `units`."""
        records = self._now.of(unit.id)
        past = self._before.of(unit.id) if self._before else {}
        results = self._results(unit.id, records, past)
        history = self._history(unit.id)
        bridge = self._bridges.of(unit.id, past, records, self._total(unit.id, results)) if self._bridges else None
        card = CardInputs(
            unit=unit,
            period=self._campaign.period,
            scheme=self._now.scheme,
            results=results,
            standing=self._placed.get(unit.id),
            previous=history[-1].total.value if history else None,
            previous_domains=scored_domains({one.domain: one.after for one in history[-1].domains}) if history else (),
            least=self._least,
            previous_rank=history[-1].rank if history and history[-1].total.value is not None else None,
            history=tuple((old.period, old.total.value) for old in history),
            vetoes=self._vetoes.get(unit.id, ()),
            entries=self._entries.get(unit.id, ()),
            bridge=bridge,
            not_for=self._not_for(unit.id),
            data_notes=self._data_notes(unit.id),
            failed=self._reservations.failed.get(unit.id, {}),
        )
        return FrozenScorecard(
            bank=self._wb.settings.bank, unit=unit, period=self._campaign.period, as_of=self._as_of, card=card
        )

    def _data_notes(self, unit: str) -> tuple[str, ...]:
        """Return on which data each handed-in sheet of a unit rests, where there are newer ones."""
        questions = self._wb.store.questions(self._campaign.id, unit)
        if not questions:
            return ()
        kept = self._wb.store.handed_in(self._campaign.id, unit)
        said = {key[1]: rests_on(kept[key], question) for key, question in questions.items() if key in kept}
        return tuple(f"{DOMAINS.get(domain, domain)}：{words}。" for domain, words in said.items() if words)

    def _not_for(self, unit: str) -> tuple[str, ...]:
        return tuple(domain for domain in self._campaign.checklists if domain not in self._wanted.get(unit, ()))

    def _total(self, unit: str, results: Mapping[str, DomainResult]) -> Score:
        scores = weighable(results, self._not_for(unit), Stage.AFTER)
        vetoes, entries = self._vetoes.get(unit, ()), self._entries.get(unit, ())
        return total(self._now.scheme, scores, Stage.AFTER, vetoes, entries, self._least)

    def _results(
        self, unit: str, records: Mapping[str, ResultRecord], past: Mapping[str, ResultRecord]
    ) -> dict[str, DomainResult]:
        """Return domain → result with its leads, its standing and its score of the period before."""
        leads = _lead_counts(self._wb, self._campaign, unit, self._homes)
        return {
            domain: DomainResult(
                before=untraced(record.before),
                after=record.after,
                findings=tuple(finding for finding in record.findings if not finding.draft),
                open_leads=leads[domain, "open"],
                confirmed_leads=leads[domain, "confirmed"],
                refuted_leads=leads[domain, "refuted"],
                standing=self._places[domain].get(unit),
                previous=past[domain].after.value if domain in past else None,
                reviewed=record.reviewed,
                own_view=untraced(record.own_view) if record.own_view else None,
                draft=domain in self._reservations.drafts.get(unit, ()),
                older=domain in self._reservations.older.get(unit, ()),
                awaits_close=self._now.awaits_close(domain),
            )
            for domain, record in records.items()
        }

    def _history(self, unit: str) -> tuple[Scorecard, ...]:
        """Return a unit's recorded cards of consecutive earlier periods, oldest first."""
        found = (self._wb.store.scorecards(campaign.id, unit).get(unit) for campaign in self._past)
        cards = (from_plain(Scorecard, plain) for plain in found if plain is not None)
        return tuple(held_card(card, self._wb.settings.policies.coverage) for card in cards)


def _lead_counts(wb: Workbench, campaign: Campaign, unit: str, homes: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """Return (domain, kind) → leads in force; partly confirmed ones are confirmed. `homes`: item → domain."""
    decisions = wb.store.decisions(campaign.id, unit)
    counts: Counter[tuple[str, str]] = Counter()
    for lead in wb.store.leads(campaign.id, unit):
        decision = decisions.get(lead.id)
        decided = decision.decided if decision else None
        kind = "open" if decided is None else "refuted" if decided is Disposition.REFUTED else "confirmed"
        counts[homes.get(lead.item_id) or lead.check_id.split(".")[0], kind] += 1
    return counts


def _campaigns_before(wb: Workbench, campaign: Campaign) -> tuple[Campaign, ...]:
    """Return the campaigns of consecutive earlier periods that have one each, oldest first."""
    found: list[Campaign] = []
    period = Period.parse(campaign.period).previous()
    while period is not None:
        earlier = [one for one in wb.store.campaigns(period.code) if one.kind == campaign.kind]
        if len(earlier) != 1:
            break
        found.insert(0, earlier[0])
        period = period.previous()
    return tuple(found)

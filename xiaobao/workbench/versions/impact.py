"""发布前影响分析: what a draft of a checklist would change, shown before it is published. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.comparing import ADDED, REMOVED, Comparison, compare
from xiaobao.checklist.models import Checklist
from xiaobao.labels import ELEMENTS, HANDED_IN, REVIEWED
from xiaobao.model import CheckResult, Lead, Period, Response, Score, Stage
from xiaobao.numbers import ZERO
from xiaobao.scoring import gather_facts, held_back, score
from xiaobao.store.models import Campaign, InspectionRecord, ResultRecord
from xiaobao.workbench.results.freezing import Backgrounds
from xiaobao.workbench.versions.carrying import standing_reviews
from xiaobao.workbench.workspace import Workbench, read_checklist

_LOOKED_BACK = 4


@dataclass(frozen=True, kw_only=True)
class WorkInHand:
    """Inspections of one campaign on one version in one state, with the answers that a move would touch."""

    campaign: str
    period: str
    version: str
    state: str
    inspections: int
    answers: int
    on_changed: int
    on_removed: int


@dataclass(frozen=True, kw_only=True)
class Rescored:
    """One unit's score as recorded, and with the same answers and decisions on the draft; and what was assessed."""

    unit: str
    name: str
    before: Decimal | None
    after: Decimal | None
    grade_before: str
    grade_after: str
    coverage_before: Decimal | None = None
    coverage_after: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """What becomes of the comparison of findings from period to period, which follows the item's id.

    `lost` removed item → its findings on record; `renumbered` (old id, new id) of what looks like one question under
    another id; `reworded` keep their id though title and requirement changed; `reused` were removed once before.
    """

    kept: int
    lost: Mapping[str, int]
    renumbered: tuple[tuple[str, str], ...]
    reworded: tuple[str, ...]
    reused: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ElementChange:
    """Items and points that feed one of the regulator's elements, before and after; "" are items without one."""

    element: str
    items_before: int
    items_after: int
    points_before: Decimal
    points_after: Decimal


@dataclass(frozen=True, kw_only=True)
class Impact:
    """`published` says whether this very version lies in the store: "" no, "same", or "other" content."""

    draft: Checklist
    published: str
    comparison: Comparison | None
    work: tuple[WorkInHand, ...]
    period: str
    rescored: tuple[Rescored, ...]
    repeats: Repeats | None
    elements: tuple[ElementChange, ...]


def impact(wb: Workbench, draft: Checklist) -> Impact:
    """Return what publishing `draft` would mean, against the newest version published before it."""
    versions = [one for one in wb.store.list_published("checklist") if one.id == draft.id]
    same = next((one for one in versions if one.version == draft.version), None)
    published = "" if same is None else "same" if same.content == canonical(draft) else "other"
    earlier = [read_checklist(one.content) for one in versions if one.version != draft.version]
    if not earlier:
        return Impact(
            draft=draft,
            published=published,
            comparison=None,
            work=(),
            period="",
            rescored=(),
            repeats=None,
            elements=_elements(None, draft),
        )
    base = earlier[-1]
    comparison = compare(base, draft, wb.regulations)
    period, rescored = _rescored(wb, draft)
    return Impact(
        draft=draft,
        published=published,
        comparison=comparison,
        work=tuple(_work(wb, draft, comparison)),
        period=period,
        rescored=rescored,
        repeats=_repeats(wb, comparison, earlier[:-1]),
        elements=_elements(base, draft),
    )


def _campaigns(wb: Workbench, draft: Checklist) -> list[Campaign]:
    found = [one for one in wb.store.campaigns() if draft.id in {identity for identity, _ in one.checklists.values()}]
    return sorted(found, key=lambda one: Period.parse(one.period), reverse=True)


def _work(wb: Workbench, draft: Checklist, comparison: Comparison) -> Iterator[WorkInHand]:
    changed = {node.id for node in comparison.items if node.fields}
    removed = {node.id for node in comparison.items if REMOVED in node.kinds}
    for campaign in _campaigns(wb, draft):
        tally: dict[tuple[str, str], Counter[str]] = {}
        responses = wb.store.campaign_responses(campaign.id)
        for record in wb.store.inspections(campaign.id):
            if record.checklist_id == draft.id:
                answered = responses.get(record.id, {}).keys()
                counts = tally.setdefault((record.version, record.state), Counter())
                counts.update(
                    inspections=1,
                    answers=len(answered),
                    on_changed=len(answered & changed),
                    on_removed=len(answered & removed),
                )
        for (version, state), counts in sorted(tally.items()):
            yield WorkInHand(
                campaign=campaign.name,
                period=campaign.period,
                version=version,
                state=state,
                inspections=counts["inspections"],
                answers=counts["answers"],
                on_changed=counts["on_changed"],
                on_removed=counts["on_removed"],
            )


def _rescored(wb: Workbench, draft: Checklist) -> tuple[str, tuple[Rescored, ...]]:
    """Return the newest period with results of this checklist, and each of its units scored anew on the draft."""
    for campaign in _campaigns(wb, draft):
        records = {r.unit: r for r in wb.store.inspections(campaign.id) if r.checklist_id == draft.id}
        results = {unit: one for (unit, domain), one in wb.store.results(campaign.id).items() if domain == draft.domain}
        found = [(records[unit], results[unit]) for unit in sorted(records.keys() & results.keys())]
        if found:
            rescorer = _Rescorer(wb, campaign, draft)
            return campaign.period, tuple(rescorer.unit(*pair) for pair in found)
    return "", ()


class _Rescorer:
    """Scores recorded inspections on a draft; no check is run again, a new check has no data."""

    def __init__(self, wb: Workbench, campaign: Campaign, draft: Checklist) -> None:
        self.wb, self.draft = wb, draft
        self.period = Period.parse(campaign.period)
        self.units = wb.units(campaign.period)
        self.scheme = wb.scheme(campaign)
        self.decisions = wb.store.decisions(campaign.id)
        self.responses = wb.store.campaign_responses(campaign.id)
        self.vetoes = wb.store.campaign_vetoes(campaign.id)
        self.backgrounds = Backgrounds(wb, campaign)
        self.leads: dict[tuple[str, str], list[Lead]] = {}
        for lead in wb.store.leads(campaign.id):
            self.leads.setdefault((lead.unit, lead.check_id), []).append(lead)

    def unit(self, record: InspectionRecord, result: ResultRecord) -> Rescored:
        """Score one recorded result on the draft, beside what was recorded; too little assessed gives no score."""
        unit = self.units[record.unit]
        scored = self._score(record, result)
        recorded = held_back(result.after, self.wb.settings.policies.coverage.domain)
        return Rescored(
            unit=unit.id,
            name=unit.name,
            before=recorded.value,
            after=scored.value,
            grade_before=recorded.grade,
            grade_after=scored.grade,
            coverage_before=recorded.coverage,
            coverage_after=scored.coverage,
        )

    def _score(self, record: InspectionRecord, result: ResultRecord) -> Score:
        checks = [self._with_leads(record.unit, check) for check in result.check_results]
        facts = gather_facts(
            self.draft,
            self.units[record.unit],
            self.period,
            self.responses.get(record.id, {}),
            checks,
            self.decisions,
            Stage.AFTER,
            self.wb.settings.policies,
            self._reviews(record),
            self.backgrounds.of(record.unit, record.domain),
            record.state in HANDED_IN,
        )
        known = {veto.id for veto in self.draft.vetoes}
        vetoes = [event for event in self.vetoes.get((record.unit, record.domain), ()) if event.veto_id in known]
        return score(self.draft, facts, self.scheme, Stage.AFTER, vetoes, self.wb.settings.policies.coverage.domain)

    def _reviews(self, record: InspectionRecord) -> dict[str, Response]:
        if record.state not in REVIEWED:
            return {}
        standing = standing_reviews(self.wb.store.reviews(record.id), self.responses.get(record.id, {}))
        return {item_id: review.answer for item_id, review in standing.items()}

    def _with_leads(self, unit: str, check: CheckResult) -> CheckResult:
        return replace(check, leads=tuple(self.leads.get((unit, check.check_id), ())))


def _repeats(wb: Workbench, comparison: Comparison, older: list[Checklist]) -> Repeats:
    before = {item.id: item for item in comparison.before.items()}
    after = {item.id: item for item in comparison.after.items()}
    gone = {node.id for node in comparison.items if REMOVED in node.kinds}
    new = {node.id for node in comparison.items if ADDED in node.kinds}
    found: Counter[str] = Counter()
    for campaign in _campaigns(wb, comparison.after)[:_LOOKED_BACK]:
        for findings in wb.store.findings(campaign.id).values():
            found.update(finding.item_id for finding in findings if finding.item_id in gone)
    renumbered = [
        (old, fresh)
        for old in sorted(gone)
        for fresh in sorted(new)
        if before[old].title == after[fresh].title
        or before[old].requirement == after[fresh].requirement
        or set(before[old].checks) & set(after[fresh].checks)
    ]
    reworded = [
        node.id for node in comparison.items if {"title", "requirement"} <= {change.field for change in node.fields}
    ]
    used_once = {item.id for checklist in older for item in checklist.items()}
    kept = len(before.keys() & after.keys())
    return Repeats(
        kept=kept,
        lost=dict(found),
        renumbered=tuple(renumbered),
        reworded=tuple(reworded),
        reused=tuple(sorted(new & used_once)),
    )


def _elements(before: Checklist | None, after: Checklist) -> tuple[ElementChange, ...]:
    def weight(checklist: Checklist | None, element: str) -> tuple[int, Decimal]:
        items = [item for item in (checklist.items() if checklist else ()) if (item.element or "") == element]
        return len(items), sum((item.points for item in items), ZERO)

    rows = []
    for element in (*ELEMENTS, ""):
        (old, old_points), (new, new_points) = weight(before, element), weight(after, element)
        if old or new:
            rows.append(
                ElementChange(
                    element=element,
                    items_before=old,
                    items_after=new,
                    points_before=old_points,
                    points_after=new_points,
                )
            )
    return tuple(rows)

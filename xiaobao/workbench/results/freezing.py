"""Freeze the inputs of papers: what a kernel will know is fixed, and digested, before it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from msgspec.structs import replace

from xiaobao.checklist.citations import citation_text, suggestion_only
from xiaobao.checklist.models import Checklist
from xiaobao.checklist.own_items import own_sheet_id
from xiaobao.checks.registry import OWN, REGISTRY, Check
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.partitions import BORNE
from xiaobao.feature_list import load, named
from xiaobao.labels import HANDED_IN, QUESTION_STATES, REVIEWED, label
from xiaobao.model import (
    Conclusion,
    Extract,
    LeadDecision,
    Period,
    Response,
    Unit,
    from_plain,
    to_compact,
    to_plain,
    upheld_answers,
)
from xiaobao.paper.frozen import FrozenPaper
from xiaobao.paper.work_paper import needed_datasets, own_of
from xiaobao.scoring.origins import Background
from xiaobao.store.models import Campaign, HandedIn, InspectionRecord, Question
from xiaobao.workbench.campaigns import item_domains
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.versions.carrying import carried_answers, standing_answers, standing_reviews
from xiaobao.workbench.versions.unit_sheets import UnitSheets
from xiaobao.workbench.workspace import Workbench, read_checklist


def question_lines(question: Question) -> tuple[str, ...]:
    """Return what a question says in Chinese: the data first, then check by check what it said and says."""
    data = [
        f"{DATASETS[one.dataset].title} {_rows(one.rows_before)} → {_rows(one.rows_now)}"
        for one in question.data
        if one.dataset in DATASETS
    ]
    checks = [
        f"{one.title or (REGISTRY[one.check_id].title if one.check_id in REGISTRY else one.check_id)}："
        f"提交时 {label(one.before)} {one.hits_before} 条，现在 {label(one.now)} {one.hits_now} 条"
        for one in question.checks
    ]
    return (*data, *(checks or ["各项数据检查的结论没有变化"]))


def rests_on(kept: HandedIn, question: Question | None) -> str:
    """Return on which data a handed-in sheet rests, "" where that needs no words."""
    if question is None or question.state not in ("open", "kept"):
        return ""
    answer = QUESTION_STATES[question.state]
    why = f"，理由：{question.reason}（{question.answered_by}）" if question.reason else ""
    return (
        f"本检查表依据 {kept.day} 提交时的数据。此后数据已更新（{answer}{why}）：{'；'.join(question_lines(question))}"
    )


def _rows(count: int | None) -> str:
    return "无数据" if count is None else f"{count} 行"


T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PublishedSheet:
    """One published checklist with what every unit's paper needs of it, made once for a whole campaign.

    `own_checks` are the bank's own that it asks, as they stand today, and `own` the same as checks.
    """

    checklist: Checklist
    sha256: str
    plain: Mapping[str, object]
    needs: Sequence[str]
    citations: Mapping[str, str]
    binding: Mapping[str, bool]
    own_checks: tuple[Mapping[str, Any], ...] = ()
    own: Mapping[str, Check] = field(default_factory=dict)


class Freezer:
    """Freezes the papers of one campaign, or of its one `unit`; what papers share is read once."""

    def __init__(self, wb: Workbench, campaign: Campaign, unit: str | None = None) -> None:
        self.wb = wb
        self.campaign = campaign
        self._unit = unit
        self.as_of = wb.as_of(campaign.period)
        self._made: dict[tuple[str, str, str], PublishedSheet] = {}
        self._shared: dict[str, Any] = {}
        self.scheme = to_plain(wb.scheme(campaign))
        self.policies = to_plain(wb.settings.policies)

    @cached_property
    def partitions(self) -> Mapping[tuple[str, str], Extract]:
        """Today's data, cut by unit."""
        return partitions(self.wb, self.campaign.period)

    def campaign_sheet(self, domain: str) -> PublishedSheet:
        """Return the sheet that the campaign was opened on."""
        return self._sheet("checklist", *self.campaign.checklists[domain])

    def sheet_of(self, unit: str, domain: str) -> PublishedSheet:
        """Return the sheet that an inspection stands on: the campaign's, unless its draft moved to another version."""
        record = self._records.get((unit, domain))
        return self._sheet("checklist", record.checklist_id, record.version) if record else self.campaign_sheet(domain)

    def _sheet(self, kind: str, identity: str, version: str) -> PublishedSheet:
        known = self._made.get((kind, identity, version))
        if known is None:
            published = self.wb.store.published(kind, identity, version)
            checklist = read_checklist(published.content)
            items = checklist.items()
            own_checks = self._own_checks(checklist)
            own = own_of(own_checks)
            known = self._made[kind, identity, version] = PublishedSheet(
                checklist=checklist,
                sha256=published.sha256,
                plain=to_plain(checklist),
                needs=tuple(needed_datasets(checklist, own)),
                citations={item.id: citation_text(self.wb.regulations, item) for item in items},
                binding={item.id: not suggestion_only(self.wb.regulations, item) for item in items},
                own_checks=own_checks,
                own=own,
            )
        return known

    def _own_checks(self, checklist: Checklist) -> tuple[Mapping[str, Any], ...]:
        """Return the bank's own checks that a sheet asks, each with its published text or why it does not run."""
        asked_own = [name for item in checklist.items() for name in item.checks if name.startswith(f"{OWN}.")]
        if not asked_own:
            return ()
        from xiaobao.workbench.own_checks.source_files import asked, own_checks

        known = self.once("own_checks", lambda: own_checks(self.wb))
        return tuple(to_compact(one) for one in asked(known, asked_own).values())

    @cached_property
    def _records(self) -> Mapping[tuple[str, str], InspectionRecord]:
        """Inspections by unit and domain, read in one go once they are opened."""
        records = self.wb.store.inspections(self.campaign.id, self._unit)
        return {(record.unit, record.domain): record for record in records}

    @cached_property
    def _decisions(self) -> Mapping[tuple[str, str], tuple[LeadDecision, ...]]:
        """Decisions by unit and domain, read in one go."""
        spoken = self.wb.store.decisions(self.campaign.id, self._unit)
        homes = item_domains(self.wb, self.campaign)
        grouped: dict[tuple[str, str], list[LeadDecision]] = {}
        for lead in self.wb.store.leads(self.campaign.id, self._unit, withdrawn=True):
            if lead.id in spoken:
                home = homes.get(lead.item_id) or lead.check_id.split(".")[0]
                grouped.setdefault((lead.unit, home), []).append(spoken[lead.id])
        return {key: tuple(sorted(group, key=lambda d: d.lead_id)) for key, group in grouped.items()}

    @cached_property
    def _handed_in(self) -> Mapping[tuple[str, str], HandedIn]:
        return self.wb.store.handed_in(self.campaign.id, self._unit)

    @cached_property
    def _questions(self) -> Mapping[tuple[str, str], Question]:
        return self.wb.store.questions(self.campaign.id, self._unit)

    def kept(self, unit: str, domain: str) -> HandedIn | None:
        """Return what a sheet that is handed in rests on; None for a draft, and before it was kept."""
        record = self._records.get((unit, domain))
        return self._handed_in.get((unit, domain)) if record and record.state in HANDED_IN else None

    def paper(self, unit: Unit, domain: str) -> FrozenPaper:
        """Freeze one domain paper; one that was handed in rests on what was kept then, and on the acts since."""
        key = (unit.id, domain)
        record, kept = self._records.get(key), self.kept(unit.id, domain)
        if record is None or kept is None:
            return self.live_paper(unit, domain)
        responses = self.wb.store.responses(record.id)
        sheet = self.sheet_of(unit.id, domain)
        own = self._own(record)
        return replace(
            kept_paper(kept, sheet.plain, self.scheme),
            **self._acts(record, sheet, responses),
            responses=self._standing(record, sheet, own, responses),
            own=own.plain if own else None,
            root=str(self.wb.home),
            rests_on=rests_on(kept, self._questions.get(key)),
        )

    def live_paper(self, unit: Unit, domain: str) -> FrozenPaper:
        """Freeze one domain paper on today's data. An inspection that nobody opened yet has no responses."""
        sheet = self.sheet_of(unit.id, domain)
        record = self._records.get((unit.id, domain))
        responses = self.wb.store.responses(record.id) if record else {}
        own = self._own(record)
        return FrozenPaper(
            bank=self.wb.settings.bank,
            unit=unit,
            period=self.campaign.period,
            as_of=self.as_of,
            domain=domain,
            checklist=sheet.plain,
            checklist_sha256=sheet.sha256,
            scheme=self.scheme,
            policies=self.policies,
            citations={**sheet.citations, **(own.citations if own else {})},
            binding={**sheet.binding, **(own.binding if own else {})},
            extracts=tuple(self.extracts(unit, sheet.needs)),
            responses=self._standing(record, sheet, own, responses),
            root=str(self.wb.home),
            **self._parts(unit, domain),
            own=own.plain if own else None,
            handed_in=record is not None and record.state in HANDED_IN,
            **self._acts(record, sheet, responses),
            background=self._backgrounds.of(unit.id, domain),
            public=self.wb.settings.public.values,
            own_checks=sheet.own_checks,
        )

    def _own(self, record: InspectionRecord | None) -> PublishedSheet | None:
        if record is None or not record.own_version:
            return None
        return self._sheet("own_items", own_sheet_id(record.unit, record.domain), record.own_version)

    def _standing(
        self,
        record: InspectionRecord | None,
        sheet: PublishedSheet,
        own: PublishedSheet | None,
        responses: Mapping[str, Response],
    ) -> tuple[Response, ...]:
        """Return the answers that count, by item; those brought along from another version may not."""
        if record and record.carried:
            sheets = UnitSheets(sheet.checklist, own.checklist if own else None)
            responses = standing_answers(responses, carried_answers(self.wb, record, responses, sheets), sheets)
        return tuple(responses[item] for item in sorted(responses))

    def _acts(
        self, record: InspectionRecord | None, sheet: PublishedSheet, responses: Mapping[str, Response]
    ) -> dict[str, Any]:
        """Return what people decided: of leads, by vetoes, in the review. These alone move what was handed in."""
        if record is None:
            return {"decisions": ()}
        veto_ids = {veto.id for veto in sheet.checklist.vetoes}
        vetoes = self.wb.store.vetoes(record.id) if veto_ids else ()
        return {
            "decisions": self._decisions.get((record.unit, record.domain), ()),
            "vetoes": tuple(event for event in vetoes if event.veto_id in veto_ids),
            **self._review(record, responses),
        }

    def _review(self, record: InspectionRecord | None, responses: Mapping[str, Response]) -> dict[str, Any]:
        """Return the reviewer's answers that count, once the review is done; until then the sheet says 自评."""
        if record is None or record.state not in REVIEWED:
            return {}
        appealed = upheld_answers(self.wb.store.appeals([record.id])[record.id])
        standing = standing_reviews({**self.wb.store.reviews(record.id), **appealed}, responses)
        return {"reviewed": True, "reviews": tuple(replace(one.answer, author=one.author) for one in standing.values())}

    @cached_property
    def _backgrounds(self) -> Backgrounds:
        return Backgrounds(self.wb, self.campaign)

    def _parts(self, unit: Unit, domain: str) -> dict[str, Any]:
        """Return what the paper parts that features bring to this domain need beside the checks."""
        target = named("frozen").get(domain)
        return load(target)(self, unit) if target else {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` gives, made once for all papers of this campaign."""
        if name not in self._shared:
            self._shared[name] = make()
        found: T = self._shared[name]
        return found

    def extracts(self, unit: Unit, needs: Sequence[str]) -> Iterator[Extract]:
        """Return the partitions of `needs`, the unit's or else the bank's; one that is not there is 无数据."""
        for dataset in needs:
            extract = self.partitions.get((unit.id, dataset)) or self.partitions.get(("", dataset))
            if extract is not None:
                yield extract
            if (borne := self.partitions.get((unit.id, dataset + BORNE))) is not None:
                yield replace(borne, dataset=dataset + BORNE)


def kept_paper(kept: HandedIn, checklist: Mapping[str, Any], scheme: Mapping[str, Any]) -> FrozenPaper:
    """Return the inputs of a handed-in sheet's paper as they were kept, without answers and acts."""
    return from_plain(FrozenPaper, {**kept.frozen, "checklist": checklist, "scheme": scheme, "responses": []})


class Backgrounds:
    """The backgrounds of one campaign; what the units said of themselves is read once, earlier findings per unit."""

    def __init__(self, wb: Workbench, campaign: Campaign) -> None:
        self.wb, self.campaign = wb, campaign
        self.period = Period.parse(campaign.period)
        self._read: tuple[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = ("", {})

    def of(self, unit: str, domain: str) -> Background:
        """Return what is known of a unit before one of its sheets is scored."""
        if self._read[0] != unit:
            self._read = (unit, self._earlier(unit))
        inspected = self.campaign.kind != "self"
        cleared = self._cleared.get((unit, domain), ()) if inspected else ()
        return Background(inspected=inspected, cleared=cleared, earlier=self._read[1].get(domain, {}))

    def _earlier(self, unit: str) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return domain → item → periods of campaigns that ended not long before this period and found it wanting."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for campaign in self._campaigns_before:
            for (_, domain), findings in self.wb.store.findings(campaign.id, unit).items():
                known = found.setdefault(domain, {})
                for item in sorted({finding.item_id for finding in findings}):
                    known[item] = tuple(dict.fromkeys((*known.get(item, ()), campaign.period)))
        return found

    @cached_property
    def _campaigns_before(self) -> tuple[Campaign, ...]:
        """Return the campaigns whose period ended within `repeat_months` before this one, oldest first."""
        first = self.period.start
        months = first.year * 12 + first.month - self.wb.settings.policies.repeat_months
        ended = [(Period.parse(campaign.period).end, campaign) for campaign in self.wb.store.campaigns()]
        near = [(end, c) for end, c in ended if end < first and end.year * 12 + end.month >= months]
        return tuple(campaign for _, campaign in sorted(near, key=lambda pair: (pair[0], pair[1].id)))

    @cached_property
    def _cleared(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Return (unit, domain) → items called compliant in self-inspections of the time that were handed in."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for campaign in self.wb.store.campaigns():
            span = Period.parse(campaign.period)
            if campaign.kind != "self" or span.start > self.period.end or span.end < self.period.start:
                continue
            answers = self.wb.store.campaign_responses(campaign.id)
            for record in self.wb.store.inspections(campaign.id):
                if record.state in HANDED_IN:
                    said = answers.get(record.id, {}).values()
                    fine = tuple(sorted(one.item_id for one in said if one.conclusion is Conclusion.COMPLIANT))
                    key = (record.unit, record.domain)
                    found[key] = (*found.get(key, ()), *fine)
        return found

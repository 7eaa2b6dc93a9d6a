"""All evidence of a campaign in one list: of items, leads, findings, measures and visits, files and links."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from xiaobao.errors import NotAllowed
from xiaobao.labels import domain_title
from xiaobao.model import Period
from xiaobao.personal import mask
from xiaobao.settings import RetentionRule
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.evidence.attaching import ABOUT, TABLE
from xiaobao.workbench.evidence.holding import kind_of_path, seen_by, way_of


class RetentionPeriod(NamedTuple):
    """Until when, and by which rule; `until` None where no rule applies."""

    until: date | None
    rule: str

    def due(self, day: date) -> bool:
        """Tell whether the time is over on `day`: then somebody decides, nothing is dropped by itself."""
        return self.until is not None and day > self.until


def kept_until(rules: Mapping[str, RetentionRule], domain: str, collected: date, period: str = "") -> RetentionPeriod:
    """Return the latest day that the rules in force give for a domain's evidence.

    The years run from the day it was collected or from the period's end, whichever is later. Where a rule runs from the
    end of a contract or case, that day is not known here: the date is the earliest that may be, and `rule` says so.
    """
    start = max(collected, Period.parse(period).end) if period else collected
    fitting = [one for one in rules.values() if not one.off and (not one.domains or domain in one.domains)]
    if not fitting:
        return RetentionPeriod(None, "没有适用的保存规则，请系统管理员在设置中补上")
    longest = max(fitting, key=lambda one: one.years)
    runs = f"；{longest.runs_from}起算，尚未终止的须更晚" if longest.runs_from else ""
    return RetentionPeriod(
        _years_later(start, longest.years), f"{longest.title}不少于 {longest.years} 年（{longest.basis}{runs}）"
    )


def _years_later(day: date, years: int) -> date:
    year = day.year + years
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


if TYPE_CHECKING:
    from xiaobao.store.models import Attachment, Campaign
    from xiaobao.workbench.workspace import Workbench

_LONGEST = 40
_BEIJING = timedelta(hours=8)


@dataclass(frozen=True, kw_only=True)
class EvidenceRow:
    """One file or link of what `about` and `number` name, `subject` in words.

    `replaced` tells that a later version stands beside it, `used` that an answer names it.
    """

    id: str
    about: str
    number: str
    subject: str
    unit: str
    unit_name: str
    domain: str
    domain_title: str
    name: str
    sha256: str
    size: int
    url: str
    note: str
    by: str
    day: date
    kept: RetentionPeriod
    replaced: bool = False
    used: bool = True
    path: str = ""

    @property
    def way(self) -> str:
        """How a page shows it, "link" for a link."""
        return "link" if self.url else way_of(kind_of_path(self.path))

    def file(self) -> dict[str, object]:
        """Return what a page needs to offer it."""
        return {"sha": self.sha256, "name": self.name, "size": self.size, "way": self.way, "url": self.url}


def evidence_rows(
    wb: Workbench, campaign: Campaign, unit: str | None = None, domain: str | None = None
) -> tuple[EvidenceRow, ...]:
    """Return the evidence that whoever asks may see, by unit, domain and what it is of. Raises NotAllowed for none."""
    seen = wb.sight("sheet.see", campaign)
    if seen.reason:
        raise NotAllowed(seen.reason)
    names = {one.id: one.name for one in wb.units(campaign.period).values()}
    titles = domain_titles(wb, campaign)
    rows = [*_of_items(wb, campaign, names, titles, unit), *_attached(wb, campaign, names, titles, unit)]
    chosen = [one for one in rows if domain in (None, "", one.domain)]
    return tuple(sorted(chosen, key=lambda one: (one.unit, one.domain, one.about, one.subject, one.day, one.id)))


def _of_items(
    wb: Workbench, campaign: Campaign, names: Mapping[str, str], titles: Mapping[str, str], unit: str | None
) -> Iterator[EvidenceRow]:
    seen = wb.sight("sheet.see", campaign)
    for record in wb.store.inspections(campaign.id, unit):
        if not seen.shows(record.unit, record.domain) or not (files := wb.store.evidence(record.id)):
            continue
        answers = wb.store.responses(record.id)
        items = {item.id: item.title for item in wb.checklist(campaign, record.domain)[0].items()}
        for one in files:
            day = (one.at + _BEIJING).date()
            answer = answers.get(one.item_id)
            yield EvidenceRow(
                id=f"file:{record.id}:{one.id}",
                about="item",
                number=one.item_id,
                subject=f"{one.item_id} {items.get(one.item_id, '')}".strip(),
                unit=record.unit,
                unit_name=names.get(record.unit, record.unit),
                domain=record.domain,
                domain_title=domain_title(record.domain, titles.get(record.domain, "")),
                name=one.file_name,
                sha256=one.sha256,
                size=one.size,
                url="",
                note="",
                by=one.actor,
                day=day,
                kept=kept_until(wb.settings.retention, record.domain, day, campaign.period),
                used=answer is not None and one.sha256 in answer.evidence,
                path=one.path,
            )


def _attached(
    wb: Workbench, campaign: Campaign, names: Mapping[str, str], titles: Mapping[str, str], unit: str | None
) -> Iterator[EvidenceRow]:
    mine = [one for one in wb.store.kept(TABLE, unit=unit) if one.campaign == str(campaign.id)]
    replaced = {one.replaces for one in mine}
    sights = {verb: wb.sight(verb, campaign) for verb in {seen_by(one) for one in mine}}
    said = _said_of(wb, campaign, {one.about for one in mine})
    for one in mine:
        if sights[seen_by(one)].shows(one.unit, one.domain):
            subject = _subject(one, said.get((one.about, one.object), ""))
            yield _row(wb, campaign, one, names, titles, one.id in replaced, subject)


def _said_of(wb: Workbench, campaign: Campaign, about: set[str]) -> dict[tuple[str, str], str]:
    """Return (kind, id) → what a lead, measure or finding says, for the kinds in `about`."""
    said: dict[tuple[str, str], str] = {}
    if "lead" in about:
        said |= {("lead", one.id): one.summary for one in wb.store.leads(campaign.id, withdrawn=True)}
    if "action" in about:
        said |= {("action", one.id): one.measure for one in wb.store.actions(campaign.id)}
    if "finding" in about:
        said |= {("finding", one.id): one.title for _, found in wb.store.each_findings(campaign.id) for one in found}
    return said


def _subject(one: Attachment, said: str) -> str:
    """Return what an attachment hangs on in words, with its id; a long text is cut."""
    kind, text = ABOUT.get(one.about, one.about), mask(said)
    if not text:
        return f"{kind} {one.object}"
    return f"{kind}：{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}（{one.object}）"


def _row(
    wb: Workbench,
    campaign: Campaign,
    one: Attachment,
    names: Mapping[str, str],
    titles: Mapping[str, str],
    replaced: bool,
    subject: str,
) -> EvidenceRow:
    day = one.added or wb.today
    return EvidenceRow(
        id=one.id,
        about=one.about,
        number=one.object,
        subject=subject,
        unit=one.unit,
        unit_name=names.get(one.unit, one.unit),
        domain=one.domain,
        domain_title=domain_title(one.domain, titles.get(one.domain, "")) if one.domain else "",
        name=one.name or one.url,
        sha256=one.sha256,
        size=one.size,
        url=one.url,
        note=one.note,
        by=one.added_by,
        day=day,
        kept=kept_until(wb.settings.retention, one.domain, day, campaign.period),
        replaced=replaced,
        path=one.path,
    )

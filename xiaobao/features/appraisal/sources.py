"""What an appraisal takes from the workbench: scores, what cost points there, what others found, filings on time.

One fact loses points once: the same item of a unit, found at overlapping times, is one fact however many found it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.features.appraisal.appraising import AppraisalFigures, SourcedFact
from xiaobao.features.filings.verbs import filings
from xiaobao.model import Period
from xiaobao.personal import mask
from xiaobao.store.models import Campaign
from xiaobao.workbench.results.reading import scorecards
from xiaobao.workbench.workspace import Workbench


def inspected_campaign(wb: Workbench, period: str, name: str | None = None) -> Campaign:
    """Return the campaign whose scores an appraisal takes: of its period, or the only one (or that of `name`) within.

    Raises InputError where there is none, or more than one.
    """
    span, name = Period.parse(period), mask(name) if name else None
    within = [one for one in wb.store.campaigns() if _within(one, span) and name in (None, one.name)]
    same = [one for one in within if one.period == span.code]
    found = same or within
    if len(found) == 1:
        return found[0]
    known = "、".join(f"{one.name}（{one.period}）" for one in found or wb.store.campaigns()) or "还没有检查批次"
    message = "考核期内有多个批次，请用 --campaign 指定取哪一批的得分" if found else "考核期内没有这个检查批次"
    raise InputError(Fault(message, value=name or span.code, allowed=known))


def with_inspection(
    wb: Workbench, campaign: Campaign, figures: Sequence[AppraisalFigures], period: str = ""
) -> tuple[AppraisalFigures, ...]:
    """Put in what inspections say, where the file does not: the total of `campaign`, and findings of all the others.

    `period` is that of the appraisal, the campaign's own where it is not given.
    """
    lost: dict[str, tuple[str, ...]] = {}  # drafts too: the inspection took their points already
    for (unit, _), found in wb.store.findings(campaign.id, drafts=True).items():
        lost[unit] = (*lost.get(unit, ()), *(finding.item_id for finding in found))
    cards = scorecards(wb, campaign)
    known = {one.unit for one in figures}
    every = [*figures, *(AppraisalFigures(unit=unit) for unit in sorted(cards) if unit not in known)]
    others = [one for one in wb.store.campaigns() if _within(one, Period.parse(period or campaign.period))]
    times = _matters([campaign, *others])
    facts = _facts(wb, [one for one in others if one.id != campaign.id], times)
    return tuple(
        replace(
            one,
            inspection=cards[one.unit].total.value if one.inspection is None else one.inspection,
            inspection_marks=cards[one.unit].marks if one.inspection is None else "",
            inspected_facts=(
                *one.inspected_facts,
                *(f"{times[campaign.id]}:{item}" for item in lost.get(one.unit, ())),
            ),
            facts=(*(one.facts or ()), *facts.get(one.unit, ())),
        )
        if one.unit in cards
        else replace(one, facts=(*(one.facts or ()), *facts.get(one.unit, ())))
        for one in every
    )


def with_filings(wb: Workbench, figures: Sequence[AppraisalFigures], period: str) -> tuple[AppraisalFigures, ...]:
    """Put in what the calendar of filings says, where the file does not: due in the period by today, and on time.

    A unit that was asked for none had none due; where nobody was asked at all there are no data.
    """
    span, day = Period.parse(period), wb.today
    known = [one for one in filings(wb) if one.due in span and (one.due < day or not one.waiting)]
    if not known:
        return tuple(figures)
    return tuple(
        replace(
            one,
            filings_due=sum(filing.unit == one.unit for filing in known),
            filings_on_time=sum(filing.unit == one.unit and not filing.late_days(day) for filing in known),
        )
        if one.filings_due is None and one.filings_on_time is None
        else one
        for one in figures
    )


def _within(campaign: Campaign, span: Period) -> bool:
    period = Period.parse(campaign.period)
    return span.start <= period.start and period.end <= span.end


def _matters(campaigns: Sequence[Campaign]) -> Mapping[int, int]:
    """Return campaign → number of the time it looks at; campaigns whose periods overlap look at the same time."""
    ordered = sorted({one.id: one for one in campaigns}.values(), key=lambda one: Period.parse(one.period).start)
    times: dict[int, int] = {}
    number, end = 0, None
    for one in ordered:
        period = Period.parse(one.period)
        number += end is None or period.start > end
        end = period.end if end is None or period.end > end else end
        times[one.id] = number
    return times


def _facts(
    wb: Workbench, campaigns: Sequence[Campaign], times: Mapping[int, int]
) -> Mapping[str, tuple[SourcedFact, ...]]:
    """Return unit → what other inspections found, each with the source it came to light by."""
    found: dict[str, tuple[SourcedFact, ...]] = {}
    for campaign in campaigns:
        rated = bool(wb.scheme(campaign).origins)
        usual = "self" if campaign.kind == "self" else "inspected"
        for (unit, _), findings in wb.store.findings(campaign.id).items():
            facts = tuple(
                SourcedFact(
                    key=f"{times[campaign.id]}:{one.item_id}",
                    origin=one.origin or usual,
                    points=one.points_lost,
                    what=one.title,
                    rated=rated,
                )
                for one in findings
            )
            found[unit] = (*found.get(unit, ()), *facts)
    return found

"""Where findings come from (问题来源): who inspects, what the unit had said of itself, what was found before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from xiaobao.model import Conclusion, Period
from xiaobao.scoring.origins import Background
from xiaobao.store.records import Campaign
from xiaobao.workbench.workspace import Workbench

_SAID = ("submitted", "reviewed")


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
                if record.state in _SAID:
                    said = answers.get(record.id, {}).values()
                    fine = tuple(sorted(one.item_id for one in said if one.conclusion is Conclusion.COMPLIANT))
                    key = (record.unit, record.domain)
                    found[key] = (*found.get(key, ()), *fine)
        return found

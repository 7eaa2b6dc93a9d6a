"""未更新, 草稿 and 旧数据: what must stand beside a score that is there all the same.

A paper that failed leaves the result of its last good run; a sheet that was returned leaves that of its hand-in; one
that was handed in before newer data came rests on the older ones. All stay readable, and none stands anywhere without
saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from msgspec.structs import replace

from xiaobao.labels import HANDED_IN
from xiaobao.model import RunStatus
from xiaobao.scorecard import OverviewRow, Scorecard
from xiaobao.scorecard.card import RESERVATIONS, total_marks
from xiaobao.store.models import Campaign, InspectionRecord
from xiaobao.workbench.places import paper_name
from xiaobao.workbench.workspace import Workbench

_LONGEST = 80


@dataclass(frozen=True, kw_only=True)
class Reservations:
    """Unit → domains whose score is not the last word: `failed` with the reason, `drafts`, `older` (open questions)."""

    failed: Mapping[str, Mapping[str, str]]
    drafts: Mapping[str, Set[str]]
    older: Mapping[str, Set[str]]

    @classmethod
    def of_campaign(
        cls,
        wb: Workbench,
        campaign: Campaign,
        wanted: Mapping[str, Iterable[str]],
        records: Iterable[InspectionRecord] | None = None,
    ) -> Reservations:
        """Read those of all units of a campaign; `records` are its inspections, where somebody has read them."""
        return cls(
            failed=failed_papers(wb, campaign, wanted),
            drafts=draft_sheets(wb, campaign, records=records),
            older=questioned_sheets(wb, campaign),
        )

    def behind_total(self, unit: str, scored: Iterable[str]) -> str:
        """Return what stands behind a unit's total that rests on the domains `scored`."""
        return total_marks(self.words(unit, scored))

    def words(self, unit: str, scored: Iterable[str]) -> tuple[str, ...]:
        """Return the words for what keeps scores of these domains of a unit from being the last ones."""
        domains = set(scored)
        each = (self.failed, self.drafts, self.older)
        return tuple(word for word, some in zip(RESERVATIONS, each, strict=True) if domains & set(some.get(unit, ())))

    def on_row(self, row: OverviewRow, wanted: Iterable[str], titles: Mapping[str, str]) -> OverviewRow:
        """Return the line of a unit with what stands beside its scores; `titles`: domain → title."""
        unit = row.unit.id
        drafts, older = self.drafts.get(unit, ()), self.older.get(unit, ())
        return replace(
            row,
            failed={domain: titles[domain] for domain in self.failed.get(unit, ())},
            drafts={domain: titles[domain] for domain in wanted if domain in drafts},
            older={domain: titles[domain] for domain in wanted if domain in older},
        )

    def on_card(self, card: Scorecard) -> Scorecard:
        """Return a recorded card with what stands beside its scores now, whatever stood there when it was recorded."""
        unit = card.unit.id
        failed, drafts, older = self.failed.get(unit, {}), self.drafts.get(unit, ()), self.older.get(unit, ())
        domains = tuple(
            replace(one, failed=failed.get(one.domain, ""), draft=one.domain in drafts, older=one.domain in older)
            for one in card.domains
        )
        return replace(card, domains=domains)


def failed_papers(
    wb: Workbench, campaign: Campaign, wanted: Mapping[str, Iterable[str]], unit: str | None = None
) -> dict[str, dict[str, str]]:
    """Return unit → domain → why the last run of its paper failed, of the `wanted` ones."""
    failed: dict[str, dict[str, str]] = {}
    runs = wb.store.runs(campaign.id, unit)
    bad = {key: run.error for key, run in runs.items() if run.status is not RunStatus.DONE}
    for one in sorted({name for name, _ in bad}):
        for domain in wanted.get(one, ()):
            if (one, paper_name(domain)) in bad:
                failed.setdefault(one, {})[domain] = _short(bad[one, paper_name(domain)])
    return failed


def draft_sheets(
    wb: Workbench, campaign: Campaign, unit: str | None = None, records: Iterable[InspectionRecord] | None = None
) -> dict[str, set[str]]:
    """Return unit → the domains whose sheet is not handed in: filled, returned, or not begun."""
    found: dict[str, set[str]] = {}
    for record in wb.store.inspections(campaign.id, unit) if records is None else records:
        if record.state not in HANDED_IN:
            found.setdefault(record.unit, set()).add(record.domain)
    return found


def questioned_sheets(wb: Workbench, campaign: Campaign, unit: str | None = None) -> dict[str, set[str]]:
    """Return unit → the domains whose sheet was handed in on data that were renewed since, and nobody answered it."""
    found: dict[str, set[str]] = {}
    for (owner, domain), question in wb.store.questions(campaign.id, unit).items():
        if question.state == "open":
            found.setdefault(owner, set()).add(domain)
    return found


def _short(error: str) -> str:
    line = (error.strip().splitlines() or ["原因见 xiaobao status"])[0].rstrip("。")
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"

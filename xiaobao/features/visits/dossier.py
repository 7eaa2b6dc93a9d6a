"""机构检查档案: all that is known of a unit before a visit — scores, findings, repeats, leads, complaints, measures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from xiaobao import labels
from xiaobao.corrective_actions import overdue
from xiaobao.datasets.partitions import read_partition
from xiaobao.errors import Fault, InputError, XiaobaoError
from xiaobao.features.visits.seeing import as_campaign, visible
from xiaobao.features.visits.visit import Visit
from xiaobao.model import Finding, Period, Value
from xiaobao.store.models import Campaign
from xiaobao.workbench.importing import imported_files
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.results.reading import findings, overview
from xiaobao.workbench.workspace import Workbench


class PastResult(Value):
    """One campaign of the unit: what its score, grade and rank show, and how many findings it had."""

    period: str
    campaign: str
    kind: str
    total: str
    grade: str
    rank: int | None
    findings: int


class Repeated(Value):
    """An item of which the unit has findings in several periods (屡查屡犯)."""

    domain: str
    title: str
    periods: tuple[str, ...]


class Dossier(Value):
    """档案 of one unit on `day`. `leads` state → count, `complaints` period → count, `measures` status → count."""

    unit: str
    unit_name: str
    day: date
    results: tuple[PastResult, ...]
    findings: tuple[Finding, ...]
    repeats: tuple[Repeated, ...]
    leads: tuple[tuple[str, int], ...]
    complaints: tuple[tuple[str, int], ...]
    measures: tuple[tuple[str, int], ...]
    late_measures: int
    visits: tuple[Visit, ...]
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> Visit | None:
        """The last visit that was entered."""
        return max((one for one in self.visits if one.entered_on), key=lambda one: str(one.entered_on), default=None)


def dossier(wb: Workbench, unit: str) -> Dossier:
    """Return the unit's whole history, newest first. Raises InputError for an unknown unit, NotAllowed.

    Who inspects it in a visit may see it too. What lies in no campaign of his is not shown.
    """
    units = known_units(wb)
    if unit not in units:
        raise InputError(Fault("没有这个机构", value=unit))
    found = visible(wb, [one for one in wb.store.kept("visits") if unit == one.unit or unit in one.outlets])
    if wb.may("visit.dossier", unit) and not any(
        not wb.may("visit.dossier", unit, campaign=as_campaign(one)) for one in found
    ):
        wb.look("visit.dossier", unit)
    campaigns = sorted(wb.store.campaigns(), key=lambda one: (Period.parse(one.period).end, one.id), reverse=True)
    results, counted, notes = [], [], []
    for campaign in campaigns:
        mine = findings(wb, campaign, unit)
        counted += [one for one in mine if not one.draft]
        try:
            results += _result(wb, campaign, unit, mine)
        except XiaobaoError as error:
            notes.append(f"{campaign.name}：{error}")
    measures = [one for one in wb.store.actions() if one.unit == unit]
    return Dossier(
        unit=unit,
        unit_name=units[unit].name,
        day=wb.today,
        results=tuple(results),
        findings=tuple(counted),
        repeats=_repeats(counted),
        leads=_leads(wb, campaigns, unit),
        complaints=_complaints(wb, unit),
        measures=tuple((title, count) for title, count in _by_status(measures)),
        late_measures=sum(overdue(one, wb.today) for one in measures),
        visits=tuple(sorted(found, key=lambda one: one.number, reverse=True)),
        notes=tuple(notes),
    )


def _result(wb: Workbench, campaign: Campaign, unit: str, mine: Sequence[Finding]) -> list[PastResult]:
    board = overview(wb, campaign.period, campaign.name)
    row = next((one for one in board.rows if one.unit.id == unit), None)
    if row is None:
        return []
    return [
        PastResult(
            period=campaign.period,
            campaign=campaign.name,
            kind=labels.CAMPAIGN_KINDS[campaign.kind],
            total=row.shown_total,
            grade=board.grade_labels.get(row.grade, row.grade) if row.total is not None else "",
            rank=row.rank,
            findings=sum(not one.draft for one in mine),
        )
    ]


def _repeats(counted: Sequence[Finding]) -> tuple[Repeated, ...]:
    seen: dict[tuple[str, str], list[Finding]] = {}
    for one in counted:
        seen.setdefault((one.domain, one.item_id), []).append(one)
    return tuple(
        Repeated(domain=domain, title=found[0].title, periods=tuple(sorted({one.period for one in found})))
        for (domain, _), found in seen.items()
        if len({one.period for one in found}) > 1
    )


def _leads(wb: Workbench, campaigns: Sequence[Campaign], unit: str) -> tuple[tuple[str, int], ...]:
    from xiaobao.workbench.leads import leads_table

    counted: Counter[str] = Counter()
    for campaign in campaigns:
        try:
            counted.update(row.state for row in leads_table(wb, campaign.period, unit, campaign=campaign.name))
        except XiaobaoError:
            continue
    return tuple(sorted(counted.items()))


def _complaints(wb: Workbench, unit: str) -> tuple[tuple[str, int], ...]:
    counted: dict[str, int] = {}
    for one in imported_files(wb, "complaints"):
        frame = read_partition(one.path)
        counted[one.period.code] = counted.get(one.period.code, 0) + int((frame["unit"] == unit).sum())
    return tuple(sorted(counted.items(), reverse=True))


def _by_status(measures: Sequence[object]) -> list[tuple[str, int]]:
    counted = Counter(one.status for one in measures)  # type: ignore[attr-defined]
    return [(title, counted[code]) for code, title in labels.ACTION_STATUSES.items() if counted[code]]

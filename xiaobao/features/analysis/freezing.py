"""What an analyst's own notebook may know when it is run as a work paper: frozen by the parent, for one unit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from xiaobao.datasets.catalogue import CATALOGUE
from xiaobao.features.analysis.extract_tables import held_by_dataset
from xiaobao.features.analysis.recorded import LINES
from xiaobao.features.analysis.shown import RECORDED_TABLES
from xiaobao.model import Extract, Unit, to_plain
from xiaobao.paper.frozen import FrozenTables
from xiaobao.store.models import Campaign
from xiaobao.workbench.permitting import EVERYTHING, Sight
from xiaobao.workbench.workspace import Workbench

_Records = Mapping[str, tuple[Mapping[str, Any], ...]]


class _Parent(Workbench):
    """The parent of a run: what it freezes is the unit's, whoever started it; a paper is shown by rights of its own."""

    @classmethod
    def of(cls, wb: Workbench) -> _Parent:
        """Return the workbench as the parent has it."""
        return cls(home=wb.home, settings=wb.settings, store=wb.store, actor=wb.actor, read_only=wb.read_only)

    def sight(self, verb: str, campaign: Campaign | None = None, period: str = "") -> Sight:
        """Show everything."""
        return EVERYTHING


class OwnPapers:
    """Freezes the inputs of analysts' own notebooks of a campaign. What was recorded is read once for all units."""

    def __init__(self, wb: Workbench, campaign: Campaign) -> None:
        self._wb, self._campaign = wb, campaign

    def tables(self, unit: Unit, notebook: str) -> FrozenTables:
        """Return the inputs of one notebook for one unit: its own rows and records, nobody else's."""
        return FrozenTables(
            bank=self._wb.settings.bank,
            unit=unit,
            period=self._campaign.period,
            as_of=self._wb.as_of(self._campaign.period),
            own_paper=notebook,
            extracts=tuple(self._extracts(unit.id)),
            records=self._records.get(unit.id, {}),
            root=str(self._wb.home),
        )

    def _extracts(self, unit: str) -> list[Extract]:
        found = [self._held.get(one.name, {}) for one in CATALOGUE if one.unit]
        return [extract for held in found if (extract := held.get(unit) or held.get("")) is not None]

    @cached_property
    def _held(self) -> Mapping[str, Mapping[str, Extract]]:
        return held_by_dataset(self._wb, self._campaign.period)

    @cached_property
    def _records(self) -> Mapping[str, _Records]:
        """Return unit → table → its lines in this campaign, JSON-ready."""
        found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
        for name in RECORDED_TABLES:
            for line in LINES[name](_Parent.of(self._wb), self._campaign):
                found.setdefault(line["unit"], {}).setdefault(name, []).append(to_plain(line))
        return {unit: {name: tuple(lines) for name, lines in tables.items()} for unit, tables in found.items()}

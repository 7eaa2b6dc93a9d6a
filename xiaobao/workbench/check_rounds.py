"""Checks over unit after unit without notebooks: a partition is read once for all sheets that want it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from xiaobao.checks.registry import CheckContext
from xiaobao.model import CheckResult, Extract, Period, Unit
from xiaobao.store.records import Campaign
from xiaobao.workbench.freezing import Freezer
from xiaobao.workbench.paper import run_checks
from xiaobao.workbench.workspace import Workbench

if TYPE_CHECKING:
    import pandas as pd


class CheckRounds:
    """Runs the checks of one campaign. What is the whole bank's is read once for all units."""

    def __init__(self, wb: Workbench, campaign: Campaign) -> None:
        self._wb = wb
        self._freezer = Freezer(wb, campaign)
        self._period = Period.parse(campaign.period)
        self._of_bank: dict[str, pd.DataFrame] = {}

    def of_unit(self, unit: Unit, domains: Iterable[str]) -> dict[str, tuple[CheckResult, ...]]:
        """Return domain → results of the unit's checks. Raises InputError on a changed partition."""
        context = CheckContext(
            unit=unit, period=self._period, as_of=self._freezer.as_of, policies=self._wb.settings.policies
        )
        read: dict[str, pd.DataFrame] = {}
        results = {}
        for domain in domains:
            sheet = self._freezer.sheet_of(unit.id, domain)
            for extract in self._freezer.extracts(unit, sheet.needs):
                if extract.dataset not in read:
                    read[extract.dataset] = self._read(extract)
            results[domain] = run_checks(sheet.checklist, context, read)
        return results

    def _read(self, extract: Extract) -> pd.DataFrame:
        from xiaobao.datasets.partitions import read_partition

        if extract.path in self._of_bank:
            return self._of_bank[extract.path]
        frame = read_partition(self._wb.home / extract.path, extract.sha256)
        if self._freezer.partitions.get(("", extract.dataset)) == extract:
            self._of_bank[extract.path] = frame
        return frame

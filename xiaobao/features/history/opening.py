"""How a notebook opens the history."""

from __future__ import annotations

from xiaobao.errors import Fault, InputError
from xiaobao.features.history.entries import HistoryEntry, history_entries
from xiaobao.workbench.campaigns import newest_period
from xiaobao.workbench.opening import bench_at


def open_history(
    *, unit: str = "", period: str = "", domain: str = "", subject: str = "", workspace: str = ""
) -> tuple[HistoryEntry, ...]:
    """Return the acts on the sheets of a unit, newest first; without a period those of the newest.

    `subject` is the id of an item, lead or measure. Raises InputError for a unit that is not of the campaign.
    """
    wb = bench_at(workspace)
    campaign = wb.campaign(period or newest_period(wb))
    if unit and unit not in wb.units(campaign.period):
        raise InputError(Fault("没有这个机构", value=unit))
    return history_entries(wb, campaign, unit=unit or None, domain=domain or None, subject=subject)

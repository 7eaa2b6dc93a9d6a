"""保存期限: until when evidence must be kept, by the longest rule that applies. Shown as due; nothing drops itself."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from xiaobao.model import Period
from xiaobao.settings import RetentionRule


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
        return RetentionPeriod(None, "没有适用的保存规则，请在 xiaobao.toml 的 [retention] 中设置")
    longest = max(fitting, key=lambda one: one.years)
    runs = f"；{longest.runs_from}起算，尚未终止的须更晚" if longest.runs_from else ""
    return RetentionPeriod(
        _years_later(start, longest.years), f"{longest.title}不少于 {longest.years} 年（{longest.basis}{runs}）"
    )


def _years_later(day: date, years: int) -> date:
    year = day.year + years
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))

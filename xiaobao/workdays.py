"""工作日: the working days of mainland China, with the days that holidays move."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from xiaobao.errors import InputError


@lru_cache(maxsize=4096)  # a ledger asks for the same few hundred days thousands of times
def is_working_day(day: date) -> bool:
    """Tell whether people work on `day`. Raises InputError for years whose holidays are not known yet."""
    import chinese_calendar  # late: only counts of working days need it

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise InputError(
            f"工作日历没有 {day.year} 年的节假日安排，不能按工作日计算；请改用自然日或更新工作日历"
        ) from error

"""检查期间."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, timedelta

from xiaobao.errors import Fault, InputError
from xiaobao.model.value import Value


class Period(Value):
    """检查期间: `2026`, `2026H1`, `2026Q2`, `2026-06` or `2026-01-01..2026-06-30`; days are inclusive."""

    start: date
    end: date
    code: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period code. Raises InputError naming the allowed forms."""
        code = unicodedata.normalize("NFKC", text).strip().upper()
        allowed = "2026、2026H1、2026Q2、2026-06 或 2026-01-01..2026-06-30"
        match = re.fullmatch(r"(20\d\d)(?:H([12])|Q([1-4])|-(0[1-9]|1[0-2]))?", code)
        if match:
            year, half, quarter, month = (int(g) if g else None for g in match.groups())
            assert year is not None
            first, length = 1, 12
            if half:
                first, length = 6 * half - 5, 6
            elif quarter:
                first, length = 3 * quarter - 2, 3
            elif month:
                first, length = month, 1
            last = first + length - 1
            return cls(start=date(year, first, 1), end=date(year, last, calendar.monthrange(year, last)[1]), code=code)
        try:
            start, end = (date.fromisoformat(part) for part in code.split(".."))
        except ValueError:
            raise InputError(Fault("检查期间写法不对", value=text, allowed=allowed)) from None
        if start > end:
            raise InputError(Fault("检查期间的开始日晚于结束日", value=text, allowed=allowed))
        return cls(start=start, end=end, code=f"{start}..{end}")

    @property
    def days(self) -> tuple[date, date]:
        """Return what tells periods apart, however they are written."""
        return self.start, self.end

    def previous(self) -> Period | None:
        """Return the period of the same kind before this one; None for a free range."""
        if ".." in self.code:
            return None
        before = self.start - timedelta(days=1)
        if "H" in self.code:
            return Period.parse(f"{before.year}H{1 if before.month <= 6 else 2}")
        if "Q" in self.code:
            return Period.parse(f"{before.year}Q{(before.month + 2) // 3}")
        return Period.parse(f"{before.year}-{before.month:02d}" if "-" in self.code else str(before.year))

    def year_before(self) -> Period | None:
        """Return the same period of the year before; None for a free range."""
        if ".." in self.code or self.start.year <= 2000:
            return None
        return Period.parse(f"{self.start.year - 1}{self.code[4:]}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Period) and self.days == other.days

    def __lt__(self, other: Period) -> bool:
        return self.days < other.days

    def __hash__(self) -> int:
        return hash(self.days)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return self.code

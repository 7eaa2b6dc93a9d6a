"""Filings as head office issues them."""

from __future__ import annotations

from datetime import date
from typing import Any

from xiaobao.features.filings.filing import Filing


def issued(unit: str = "0101", **more: Any) -> Filing:
    fields = {"kind": "half-year", "period": "2026H1", "title": "半年度消保工作报告", "due": date(2026, 7, 5)}
    return Filing(unit=unit, **{**fields, **more})

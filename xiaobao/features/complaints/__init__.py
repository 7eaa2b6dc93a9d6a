"""投诉台账: facets, counting rules, timeliness, statistics. Values in, values out; nothing here knows the store."""

from xiaobao.features.complaints.analysing import LedgerScope, analyse, with_comparison
from xiaobao.features.complaints.figures import (
    Breakdown,
    BreakdownRow,
    Concentration,
    Excluded,
    HotSpot,
    HotSpots,
    LedgerFigures,
    Rates,
    Resolution,
    Reviews,
    Timeliness,
    Totals,
    YearChange,
)

__all__ = [
    "Breakdown",
    "BreakdownRow",
    "Concentration",
    "Excluded",
    "HotSpot",
    "HotSpots",
    "LedgerFigures",
    "LedgerScope",
    "Rates",
    "Resolution",
    "Reviews",
    "Timeliness",
    "Totals",
    "YearChange",
    "analyse",
    "with_comparison",
]

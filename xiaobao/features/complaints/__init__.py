"""投诉台账: facets, counting rules, timeliness, statistics. Values in, values out; nothing here knows the store."""

from xiaobao.features.complaints.analysing import Scope, analyse, with_comparison
from xiaobao.features.complaints.figures import (
    Breakdown,
    Concentration,
    Excluded,
    HotSpot,
    HotSpots,
    LedgerFigures,
    Part,
    Rates,
    Resolution,
    Reviews,
    Timeliness,
    Totals,
    YearChange,
)

__all__ = [
    "Breakdown",
    "Concentration",
    "Excluded",
    "HotSpot",
    "HotSpots",
    "LedgerFigures",
    "Part",
    "Rates",
    "Resolution",
    "Reviews",
    "Scope",
    "Timeliness",
    "Totals",
    "YearChange",
    "analyse",
    "with_comparison",
]

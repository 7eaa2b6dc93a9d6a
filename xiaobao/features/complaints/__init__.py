"""投诉台账: facets, counting rules, timeliness, statistics. Values in, values out; nothing here knows the store."""

from xiaobao.features.complaints.analysing import Scope, analyse, with_comparison
from xiaobao.features.complaints.figures import (
    Breakdown,
    Change,
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
)

__all__ = [
    "Breakdown",
    "Change",
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
    "analyse",
    "with_comparison",
]

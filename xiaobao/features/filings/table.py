"""How filings are kept: one current row a kind, period and unit; every step is an event of that request's chain."""

from __future__ import annotations

from xiaobao.features.filings.filing import Filing
from xiaobao.store.kept_tables import KeptTable

FILINGS = KeptTable(
    name="filings",
    title="报送",
    value=Filing,
    key={"kind": 40, "period": 40, "unit": 64},
    columns={"state": 40},
    prefix="filing",
    chain=("kind", "period"),
    object="unit",
    named=lambda one: f"{one.title} {one.period} {one.unit}",
    exists="这项报送已经下发",
)

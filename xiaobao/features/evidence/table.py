"""How requests are kept: one current row a campaign, unit and number; every step is an event of the unit's chain."""

from __future__ import annotations

from xiaobao.features.evidence.request import DocumentRequest
from xiaobao.store.kept_tables import KeptTable

REQUESTS = KeptTable(
    name="document_requests",
    title="调阅",
    value=DocumentRequest,
    key={"campaign": 20, "unit": 64, "number": 8},
    columns={"state": 20},
    prefix="request",
    chain=("campaign", "unit"),
    object="number",
    named=lambda one: f"{one.unit} 调阅 {one.number}",
    exists="这一条调阅刚被他人登记，请刷新",
)

"""How visits are kept: one current row each, every step an event of the visit's own chain."""

from __future__ import annotations

from xiaobao.features.visits.visit import Visit
from xiaobao.store.kept_tables import KeptTable

VISITS = KeptTable(
    name="visits",
    title="检查项目",
    value=Visit,
    key={"number": 20},
    columns={"year": 4, "unit": 64, "state": 40},
    prefix="visit",
    chain=("number",),
    object="number",
    named=lambda one: f"检查项目 {one.number}",
    exists="这个检查项目编号刚被他人使用，请再做一次",
)

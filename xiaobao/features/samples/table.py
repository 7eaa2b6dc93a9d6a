"""How samples are kept: one current row each, every step an event of the sample's own chain."""

from __future__ import annotations

from xiaobao.features.samples.sample import DrawnSample
from xiaobao.store.kept_tables import KeptTable

SAMPLES = KeptTable(
    name="samples",
    title="抽样",
    value=DrawnSample,
    key={"number": 20},
    columns={"period": 40, "unit": 64, "state": 40},
    prefix="sample",
    chain=("number",),
    object="number",
    named=lambda one: f"抽样 {one.number}",
    exists="这个抽样编号刚被他人使用，请再做一次",
)

"""What a zygote for the workload may do before its first fork: use once what every such notebook uses.

Fonts are found, tables and caches filled; nothing of it stays in a notebook's sight.
"""

from __future__ import annotations

from io import BytesIO

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from pyarrow import Table, parquet
from pydantic import BaseModel, Field


def draw() -> None:
    """Compute on a small table, check a small model, and draw two small charts into nothing."""

    class Row(BaseModel):
        name: str = Field(min_length=1)
        size: int = Field(ge=0)

    Row(name="a", size=1)
    table = pd.DataFrame({"name": list("aab"), "size": [1.0, 2.0, None], "on": pd.Timestamp("2026-01-31")})
    raw = BytesIO()
    parquet.write_table(Table.from_pandas(table, nthreads=1), raw)
    table = parquet.ParquetFile(raw).read(use_threads=False).to_pandas(use_threads=False)  # no thread is forked over
    (table["on"] - table["on"].shift()).dt.days
    table[table["size"] > 1], table[table["name"] == "a"], table["size"].isna() & ~table["size"].gt(1)
    table.groupby("name")["size"].agg(["count", "mean", "max"]).round(2)
    table.groupby("name")["size"].describe()
    table["name"].map(len), table.groupby("name")["size"].transform("sum"), table._repr_html_()
    figure = plt.Figure(figsize=(4, 2))
    left, right = figure.subplots(1, 2)
    table.groupby(table["on"].dt.to_period("M").astype(str)).size().plot.bar(ax=left, title="0123 U")
    table.plot.barh(x="name", y="size", ax=right, legend=False)
    figure.tight_layout()
    FigureCanvasAgg(figure).print_png(BytesIO())

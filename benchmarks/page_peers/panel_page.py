"""The overview of `rows.json` as a Panel page: filters, ranking, heat map, distribution."""

import json
import os
from pathlib import Path

import pandas as pd
import panel as pn

told = json.loads(Path(os.environ["ROWS"]).read_text("utf-8"))
whole = pd.DataFrame(told["rows"])
pn.extension()
picks = [
    pn.widgets.Select(name=name, options=["全部", *sorted(whole[name].unique())]) for name in ("层级", "片区", "等级")
]


def drawn(level: str, region: str, grade: str) -> pn.Column:
    frame = whole
    for name, chosen in (("层级", level), ("片区", region), ("等级", grade)):
        frame = frame if chosen == "全部" else frame[frame[name] == chosen]
    heat = frame.set_index("机构")[told["domains"]].style.map(
        lambda text: f"background:rgba(30,90,160,{(100 - float(text)) / 60:.2f})" if text != "—" else ""
    )
    counts = frame["等级"].value_counts()
    bars = "".join(f'<rect y="{20 * n}" width="{8 * count}" height="16"/>' for n, count in enumerate(counts))
    return pn.Column(
        pn.pane.HTML(frame[["名次", "机构", "层级", "片区", "总分", "等级"]].to_html(index=False)),
        pn.pane.HTML(heat.to_html()),
        pn.pane.HTML(f"<svg width=400 height=160>{bars}</svg>"),
    )


pn.Column("# 消保自查总览", pn.Row(*picks), pn.bind(drawn, *picks)).servable()

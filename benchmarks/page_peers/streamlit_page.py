"""The overview of `rows.json` as a Streamlit page: filters, ranking, heat map, distribution."""

import json
import os
from pathlib import Path

import pandas as pd
import streamlit as st

told = json.loads(Path(os.environ["ROWS"]).read_text("utf-8"))
frame = pd.DataFrame(told["rows"])
st.set_page_config(layout="wide")
st.title("消保自查总览")
columns = st.columns(3)
for place, name in enumerate(("层级", "片区", "等级")):
    chosen = columns[place].selectbox(name, ["全部", *sorted(frame[name].unique())])
    if chosen != "全部":
        frame = frame[frame[name] == chosen]
st.subheader("名次")
st.table(frame[["名次", "机构", "层级", "片区", "总分", "等级"]])
st.subheader("热力图")
heat = frame.set_index("机构")[told["domains"]]
st.table(
    heat.style.map(lambda text: f"background:rgba(30,90,160,{(100 - float(text)) / 60:.2f})" if text != "—" else "")
)
st.subheader("等级分布")
st.bar_chart(frame["等级"].value_counts())

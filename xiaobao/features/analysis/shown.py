"""How the bench shows tables: under which heads, of which types, with texts masked. It needs no store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xiaobao.datasets.catalogue import CATALOGUE, Dataset
from xiaobao.datasets.partitions import read_partition
from xiaobao.datasets.shown import as_shown
from xiaobao.errors import Fault, InputError
from xiaobao.model import Extract
from xiaobao.paper.from_frozen import refuse_numbers

HEADINGS = ("中文", "代码")
PERIOD = ("_period", "检查期间")
OVERVIEW = {
    "dataset": "数据集",
    "title": "名称",
    "period": "检查期间",
    "units": "有记录的机构数",
    "rows": "记录数",
    "note": "说明",
}


def one_or_more(**asked: str | Sequence[str]) -> tuple[str, ...]:
    """Return one named parameter, a text or several, as texts. Raises InputError for numbers: 0101 is no 101."""
    [(name, value)] = asked.items()
    values = (value,) if isinstance(value, str) or not isinstance(value, Sequence) else tuple(value)
    for one in values:
        refuse_numbers(**{name: one})
    return tuple(one for one in values if one)


def headed(frame: pd.DataFrame, titles: Mapping[str, str], headings: str) -> pd.DataFrame:
    """Return the table under Chinese or code headings. Raises InputError for any other choice."""
    if headings not in HEADINGS:
        raise InputError(Fault("表头只能是中文或代码", value=str(headings), allowed="、".join(HEADINGS)))
    return frame.rename(columns=titles) if headings == "中文" else frame.rename(columns={"_period": "period"})


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables of one shape below each other; an empty one adds nothing and changes no type."""
    filled = [part for part in parts if len(part)] or list(parts[:1])
    whole = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0].reset_index(drop=True)
    whole.attrs = {}
    return whole


def spec_of(dataset: str) -> Dataset:
    """Return the dataset of a code or Chinese name. Raises InputError listing those that there are."""
    for one in CATALOGUE:
        if dataset in (one.name, one.title):
            return one
    known = "、".join(f"{one.name}（{one.title}）" for one in CATALOGUE)
    raise InputError(Fault("没有这个数据集", value=str(dataset), allowed=known))


def read_shown(home: Path, spec: Dataset, extract: Extract) -> pd.DataFrame:
    """Return a partition under code names as people may see it. Raises InputError where it is lost or altered."""
    frame = read_partition(home / extract.path, extract.sha256)
    frame.attrs = {}
    return as_shown(frame, spec)


Line = dict[str, Any]
_PLACE = {"period": "检查期间", "campaign": "检查批次", "unit": "机构号", "unit_name": "机构名称"}
_DOMAIN = {"domain": "检查域", "domain_title": "检查域名称"}
_SCORES = {
    **_PLACE, **_DOMAIN, "score": "得分", "coverage": "评分覆盖（%）", "grade": "等级", "rank": "名次", "note": "说明",
}  # fmt: skip
_FINDINGS = {
    **_PLACE, **_DOMAIN, "id": "编号", "item_id": "检查项", "title": "检查项名称",
    "nature": "定性", "severity": "严重程度",
    "condition": "事实", "recommendation": "建议", "points_lost": "扣分", "leads": "疑点数", "draft": "待复核",
}  # fmt: skip
_ANSWERS = {
    **_PLACE, **_DOMAIN, "state": "检查表状态", "item_id": "检查项", "conclusion": "检查结论", "deduction": "扣分",
    "note": "说明", "reason": "理由", "evidence": "佐证数", "at": "填报时间",
}  # fmt: skip
_LEADS = {
    **_PLACE, **_DOMAIN, "id": "疑点编号", "check_id": "检查", "check_title": "检查名称", "item_id": "检查项",
    "summary": "疑点", "record": "记录", "business_date": "业务日期", "state": "状态", "answer": "机构核实",
    "decided": "认定", "due": "核实期限", "overdue": "逾期",
}  # fmt: skip
_DAYS = dict.fromkeys(("business_date", "due"), "datetime64[us]")
RECORDED_TABLES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "scores": (_SCORES, {"rank": "Int64"}),
    "findings": (_FINDINGS, {"draft": "boolean", "leads": "Int64"}),
    "answers": (_ANSWERS, {"evidence": "Int64", "at": "datetime64[us, UTC]"}),
    "leads": (_LEADS, {"overdue": "boolean", **_DAYS}),
}
EXACT = ("score", "coverage", "points_lost", "deduction")  # Decimal, wherever it stands


def recorded_frame(name: str, lines: Iterable[Line], headings: str) -> pd.DataFrame:
    """Return the lines of scores, findings, answers or leads as a table. Raises InputError for wrong `headings`."""
    titles, kinds = RECORDED_TABLES[name]
    frame = pd.DataFrame(list(lines), columns=list(titles)).astype(dict(kinds))
    return headed(frame, titles, headings)

"""The columns of what was recorded: their heads and types, and a table of lines. It needs no store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from xiaobao.features.analysis.shown import headed

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
RECORDED: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "scores": (_SCORES, {"rank": "Int64"}),
    "findings": (_FINDINGS, {"draft": "boolean", "leads": "Int64"}),
    "answers": (_ANSWERS, {"evidence": "Int64", "at": "datetime64[us, UTC]"}),
    "leads": (_LEADS, {"overdue": "boolean", **_DAYS}),
}
EXACT = ("score", "coverage", "points_lost", "deduction")  # Decimal, wherever it stands


def recorded_frame(name: str, lines: Iterable[Line], headings: str) -> pd.DataFrame:
    """Return the lines of scores, findings, answers or leads as a table. Raises InputError for wrong `headings`."""
    titles, kinds = RECORDED[name]
    frame = pd.DataFrame(list(lines), columns=list(titles)).astype(dict(kinds))
    return headed(frame, titles, headings)

"""The kinds of matters: who is asked is said by the verb of the table of rights, where it is done by the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of matter: its title, the verb of who is asked to do it, and the page where it is done ("" none)."""

    title: str
    verb: str
    page: str


MATTER_KINDS: Mapping[str, Kind] = {
    "fill": Kind("待填报的检查表", "answer.save", "fill"),
    "submit": Kind("待提交的检查表", "sheet.submit", "fill"),
    "confirm": Kind("待确认的检查表", "sheet.confirm", "fill"),
    "lead_answer": Kind("待核实的疑点", "lead.answer", "leads"),
    "lead_decide": Kind("待认定的疑点", "lead.decide", "leads"),
    "review": Kind("待复核的检查表", "sheet.review", "fill"),
    "approve": Kind("待审定的检查表", "sheet.approve", "fill"),
    "question": Kind("待答复的数据更新", "question.answer", "fill"),
    "appeal": Kind("待处理的申诉", "result.decide", "fill"),
    "appraisal_decide": Kind("待处理的考核申诉", "appraisal.decide", "appraisal"),
    "measure": Kind("待完成的整改", "action.report", "corrective_actions"),
    "verify": Kind("待验证的整改", "action.verify", "corrective_actions"),
    "close": Kind("待销号的整改", "action.close", "corrective_actions"),
    "close_own": Kind("待销号的总行整改", "action.close_own", "corrective_actions"),
    "request": Kind("待提交的调阅资料", "request.hand_over", "evidence"),
    "request_decide": Kind("待验收的调阅资料", "request.decide", "evidence"),
    "filing": Kind("待报送", "filing.file", "filings"),
    "not_issued": Kind("待下发的报送", "filing.issue", "desk"),
    "visit_enter": Kind("待进场的检查项目", "visit.work", "visits"),
    "visit_close": Kind("检查中的项目", "visit.work", "visits"),
    "visit_opinion": Kind("待填意见的检查文书", "visit.opine", "visits"),
    "appraisal": Kind("公示中的考核结果", "appraisal.appeal", "appraisal"),
    "sheet": Kind("已交出的检查表", "answer.save", "fill"),
}
NOT_WAITING = frozenset({"sheet", "appraisal"})

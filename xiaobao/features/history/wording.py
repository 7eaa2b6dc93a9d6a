"""Chinese for what the history holds: objects, acts, fields and their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

from xiaobao import labels
from xiaobao.features.samples.sample import SAMPLE_STATES
from xiaobao.features.visits.visit import MODES, VISIT_STATES
from xiaobao.model import Conclusion, Disposition
from xiaobao.store.tables import KEPT

_BEIJING = timezone(timedelta(hours=8))
OBJECTS = {
    "inspection": "检查表",
    "response": "检查结论",
    "review": "复评",
    "handed_in": "提交时的依据",
    "remark": "退回意见",
    "question": "数据更新",
    "lead": "疑点",
    "decision": "疑点核实与认定",
    "veto": "一票否决",
    "appeal": "申诉",
    "evidence": "佐证材料",
    "opening": "佐证材料",
    "restoring": "疑点化名",
    "run": "底稿",
    "result": "检查结果",
    "result_moved": "得分变动",
    "total_moved": "总分变动",
    "scorecard": "得分表",
    "action": "整改措施",
    "campaign": "检查批次",
    "import": "数据",
    "file": "文件",
    "layout": "文件夹",
    "partitions": "按机构切分的数据",
    "payload": "历史内容",
    "checklist": "检查表版本",
    "scheme": "考评方案版本",
    "regulations": "法规清单",
    "own_items": "自设检查项",
    "appraisal": "考核",
    "check": "本行检查内容",
}
_ACTS = {
    "save": "保存",
    "create": "建立",
    "publish": "发布",
    "import": "导入",
    "withdraw": "撤销",
    "raise": "下发",
    "return": "再次出现",
    "keep": "固定",
    "attach": "上传",
    "open": "打开",
    "restore": "还原",
    "answer": "核实",
    "decide": "认定",
    "veto": "登记",
    "review": "复评",
    "record": "记录",
    "issue": "出具",
    "relocate": "移动",
    "cut": "重新切分",
    "moved": "变动",
    "move": "换版本",
    "erase": "清除内容",
    "rename": "改名",
    "close": "结束",
    "reopen": "重开",
    "papers": "指定自设底稿",
    "delete": "删除",
    "question_open": "提出",
    "question_kept": "维持原结果",
    "question_returned": "退回重填",
    "question_gone": "数据已复原",
    **{f"appeal_{state}": f"申诉{title}" for state, title in labels.APPEAL_STATES.items()},
    "appeal_open": "提出",
    "appeal_withdrawn": "撤回",
    "draft": "撤回提交",
    "submitted": "提交",
    "returned": "退回",
    "reviewed": "复核通过",
    "confirmed": "确认",
    "approved": "审定",
    "remark": "提出",
    "clear": "处理",
}
_KEPT = {declared.prefix: declared.title for declared in KEPT.values()}
_KEPT_ACTS = {
    "request": "下发",
    "file": "填报",
    "accept": "确认",
    "return": "退回",
    "remind": "催报",
    "register": "登记",
    "assign": "分配",
    "change": "更新",
    "disable": "停用",
    "enable": "恢复",
    "deputise": "指定代理",
    "match": "对应系统用户",
    "enter": "登记",
    "amend": "更正",
    "withdraw": "撤回",
    "meet": "与导入数据对上",
    "define": "建立",
    "plan": "安排",
    "arrive": "进场",
    "close": "结束",
    "cancel": "取消",
    "matter": "登记问题",
    "ask": "调阅",
    "issue": "出具文书",
    "opine": "填写意见",
    "scan": "交回签字件",
    "draw": "抽取",
    "redraw": "复抽核对",
    "record": "记录结果",
    "confirm": "确认",
    "hand_over": "提交资料",
    "reject": "退回",
    "give_back": "归还",
    "write": "编写",
    "test": "测试通过",
    "publish": "发布",
    "retire": "停用",
}
FIELD_WORDS = {
    "conclusion": "检查结论",
    "option": "档次",
    "deduction": "扣分",
    "counts": "次数",
    "missing": "缺少个数",
    "measured": "实测值",
    "looks": "逐次（逐人）结果",
    "note": "说明",
    "amended": "改动原因",
    "text": "意见",
    "cleared_note": "处理情况",
    "evidence": "佐证材料",
    "answer": "单位核实",
    "decided": "检查认定",
    "measure": "整改措施",
    "owner": "责任人",
    "due": "期限",
    "status": "状态",
    "state": "状态",
    "line": "整改类别",
    "description": "事件",
    "day": "日期",
    "withdrawn": "已撤销",
    "file_name": "文件名",
    "how": "方式",
    "pseudonym": "化名",
    "url": "链接",
    "wanted": "调阅内容",
    "times": "催办",
    "summary": "内容",
    "version": "版本",
    "own_version": "自设检查项版本",
    "name": "名称",
    "kind": "种类",
    "grounds": "理由",
    "items": "检查项",
    "opens": "开始日期",
    "closes": "截止日期",
    "approved_by": "批准人",
    "seats": "任职",
    "deputies": "代理",
    "system_user": "系统用户",
    "disabled": "已停用",
    "figures": "填报数据",
    "returns": "退回次数",
    "mode": "方式",
    "leader": "组长",
    "inspectors": "检查人员",
    "papers": "自设底稿",
    "said": "底稿结论",
    "outlets": "抽查网点",
    "starts": "计划进场",
    "ends": "计划结束",
    "entered_on": "进场日期",
    "closed_on": "结束日期",
    "login": "负责人",
    "written_by": "编写人",
    "tested_by": "测试人",
    "published_by": "发布人",
    "published_on": "发布日期",
    "retired_on": "停用日期",
    "retired_by": "停用人",
}
_INNER = {
    "unit": "机构",
    "role": "角色",
    "lines": "条线",
    "since": "自",
    "until": "至",
    "login": "登录名",
    "appointed_by": "指定人",
    "verified": "已认证",
    "value": "",
    "name": "",
    "mark": "",
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    "state": {
        **labels.STATES,
        **labels.QUESTION_STATES,
        **labels.FILING_STATES,
        **labels.APPEAL_STATES,
        "open": "进行中",
        "closed": "已结束",
        **SAMPLE_STATES,
        **VISIT_STATES,
        **labels.OWN_CHECK_STATES,
    },
    "mode": MODES,
    "status": labels.ACTION_STATUSES,
    "line": labels.ACTION_LINES,
    "kind": labels.CAMPAIGN_KINDS,
    "role": {role.value: title for role, title in labels.ROLES.items()},
}
_CODED = {code.value: labels.label(code) for kind in (Conclusion, Disposition) for code in kind}
_CODED_FIELDS = ("conclusion", "answer", "decided")


_ANSWERED = ("option", "counts", "looks", "mark")


def value_text(field: str, value: Any, codes: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a value of the field as people read it; "" for none. `codes` of an answer → the item's own words."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "、".join(
            f"{_INNER.get(name, codes.get(name, name))} {value_text(name, one, codes)}".strip()
            for name, one in value.items()
            if one
        )
    if isinstance(value, list):
        return "、".join(value_text(field, one, codes) for one in value)
    text = str(value)
    if field in _ANSWERED:
        return codes.get(text, text)
    if field in _CODED_FIELDS:
        return _CODED.get(text, text)
    return _VALUES.get(field, {}).get(text, text)


def object_title(prefix: str) -> str:
    """Return what kind of thing an event is about: one of the core, or of a table kept by key."""
    return OBJECTS.get(prefix) or _KEPT.get(prefix) or prefix


def act_title(prefix: str, verb: str) -> str:
    """Return what was done; some words mean another act where a feature keeps the thing."""
    return (_KEPT_ACTS.get(verb) if prefix in _KEPT else None) or _ACTS.get(verb, verb)


def beijing_moment(at: datetime) -> str:
    """Return a stored time in Beijing time, to the second."""
    return at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")

"""What a page asks to plan or change a visit, to ask for documents, to hand in a signed scan, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from xiaobao.errors import Fault, InputError
from xiaobao.features.visits.verbs import NATURES, Planned
from xiaobao.features.visits.visit import MODES, PAPERS, VISIT_KINDS, Matter, RequestRow, Visit
from xiaobao.labels import DOMAINS

_Field = Mapping[str, object]
_DIGITS = 9
_MONEY = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
_BETWEEN = re.compile(r"[、，,;；\s]+")
_DATES = {"starts": "开始日期", "ends": "结束日期"}
_TITLES = {title: code for code, title in DOMAINS.items()}
_TEXTS = {
    "background": "检查背景（检查方案用）",
    "method": "检查方法",
    "timetable": "日程安排",
    "requirements": "有关要求（通知书用）",
}


def plan_act(units: Sequence[tuple[str, str]], chosen: str, year: int, period: str, campaigns: Sequence[str]) -> _Field:
    """Return the button 列入检查计划 with what it asks; `chosen` unit and `period` stand in it already."""
    unit = {"key": "unit", "kind": "select", "title": "被检查机构", "required": True, "value": chosen}
    return {
        "name": "plan",
        "title": "列入检查计划",
        "lines": [
            f"列入 {year} 年度检查计划，以后可以变更；进场前须有组长、两名检查人员和检查通知书（突击检查除外）。"
        ],
        "fields": [
            {**unit, "options": [list(one) for one in units if one[0]]},
            *_fields({"period": period}, campaigns),
        ],
    }


def change_act(visit: Visit, campaigns: Sequence[str]) -> _Field:
    """Return the button 变更安排 with what stands now."""
    return {"name": "change", "title": "变更安排", "fields": _fields(_said(visit), campaigns)}


def cancel_act() -> _Field:
    """Return the button 取消."""
    return {
        "name": "cancel",
        "title": "取消",
        "fields": [{"key": "reason", "kind": "line", "title": "原因", "required": True}],
    }


def request_act() -> _Field:
    """Return the button 开列调阅: one document a line."""
    area = {"key": "items", "kind": "area", "title": "调阅材料，一行一件：材料，所属期间，保管人", "required": True}
    return {"name": "ask", "title": "开列调阅", "fields": [area]}


def matter_act() -> _Field:
    """Return the button 登记问题: one matter with what its 检查底稿 needs."""
    natures = [list(one) for one in NATURES.items()]
    fields = [
        {"key": "title", "kind": "line", "title": "事项", "required": True},
        {"key": "nature", "kind": "select", "title": "定性", "options": natures, "required": True},
        {"key": "procedure", "kind": "line", "title": "检查程序"},
        {"key": "basis", "kind": "line", "title": "依据", "required": True},
        {"key": "facts", "kind": "area", "title": "事实", "required": True},
        {"key": "requirement", "kind": "area", "title": "整改要求"},
        {"key": "count", "kind": "line", "title": "笔数"},
        {"key": "amount", "kind": "line", "title": "金额（元）"},
        {"key": "due", "kind": "date", "title": "整改期限"},
        {"key": "file", "kind": "file", "title": "佐证文件"},
        {"key": "evidence", "kind": "area", "title": "其他证据材料，一行一件"},
    ]
    return {"name": "matter", "title": "登记问题", "fields": fields}


def matter_of(values: Mapping[str, str]) -> Matter:
    """Read one matter as it was typed. Raises InputError naming each number or day that is none."""
    said = {key: values.get(key, "").strip() for key in ("title", "facts", "basis", "procedure", "requirement")}
    count, amount, due = (values.get(key, "").strip() for key in ("count", "amount", "due"))
    faults = []
    if count and not (count.isdecimal() and len(count) <= _DIGITS):
        faults.append(Fault("不是笔数", column="笔数", value=count, allowed="整数，如 3"))
    figure = amount.replace(",", "").replace("，", "")
    if figure and not _MONEY.fullmatch(figure):
        faults.append(Fault("不是金额", column="金额", value=amount, allowed="按元填写，如 1200.50"))
    try:
        day = date.fromisoformat(due) if due else None
    except ValueError:
        faults.append(Fault("日期写法不对", column="整改期限", value=due, allowed="如 2026-07-06"))
    if faults:
        raise InputError(faults)
    return Matter(
        number="",
        nature=values.get("nature", ""),
        count=int(count) if count else None,
        amount=Decimal(figure) if figure else None,
        evidence=tuple(line.strip() for line in values.get("evidence", "").splitlines() if line.strip()),
        due=day,
        **said,
    )


def scan_act(visit: Visit) -> _Field:
    """Return the button 交回签字件: which paper, and its scan."""
    file = {"key": "file", "kind": "file", "title": "扫描件", "required": True, "accept": ".pdf,.png,.jpg,.jpeg"}
    return {"name": "scan", "title": "交回签字件", "fields": [_paper(visit), file]}


def download_act(visit: Visit) -> _Field:
    """Return the button 下载文书."""
    return {"name": "paper", "title": "下载文书", "action": "下载", "fields": [_paper(visit)]}


def planned_of(values: Mapping[str, str]) -> Planned:
    """Read what was said; lists stand between 、 or commas, domains by their titles. Raises InputError for dates."""
    faults, days = [], {}
    for key, title in _DATES.items():
        try:
            days[key] = date.fromisoformat(values[key]) if values.get(key) else None
        except ValueError:
            faults.append(Fault("日期写法不对", column=title, value=values[key], allowed="如 2026-07-06"))
    if faults:
        raise InputError(faults)
    domains = tuple(_TITLES.get(one, one) for one in _listed(values, "domains"))
    return Planned(
        kind=values.get("kind") or None,
        mode=values.get("mode") or None,
        period=values.get("period", "").strip() or None,
        campaign=values.get("campaign", ""),
        starts=days["starts"],
        ends=days["ends"],
        leader=values.get("leader", "").strip(),
        inspectors=_listed(values, "inspectors"),
        outlets=_listed(values, "outlets"),
        domains=domains,
        basis=values.get("basis", "").strip(),
        **{key: values.get(key, "").strip() for key in _TEXTS},
    )


def requests_of(values: Mapping[str, str]) -> tuple[RequestRow, ...]:
    """Read documents asked for, one a line: what, of which time, who keeps it."""
    lines = [re.split(r"[，,\t]", line) for line in values.get("items", "").splitlines() if line.strip()]
    padded = [[part.strip() for part in (*line, "", "")] for line in lines]
    return tuple(RequestRow(item=one[0], period=one[1], owner=one[2]) for one in padded)


def _fields(say: Mapping[str, str], campaigns: Sequence[str]) -> list[_Field]:
    kinds, modes = ([list(one) for one in words.items()] for words in (VISIT_KINDS, MODES))
    fields: list[_Field] = [
        {"key": "kind", "kind": "select", "title": "种类", "options": kinds, "required": True, "value": "regular"},
        {"key": "mode", "kind": "select", "title": "方式", "options": modes, "required": True, "value": "on_site"},
        {"key": "period", "kind": "line", "title": "检查期间，如 2026H1", "required": True},
        {
            "key": "campaign",
            "kind": "select",
            "title": "对应的检查批次（该期间只有一个时可不选）",
            "options": [[one, one] for one in campaigns],
        },
        *({"key": key, "kind": "date", "title": title} for key, title in _DATES.items()),
        {"key": "leader", "kind": "line", "title": "组长（姓名或登录名）"},
        {"key": "inspectors", "kind": "line", "title": "检查人员（至少两名，用顿号分隔）"},
        {"key": "outlets", "kind": "line", "title": "抽查网点（机构号，用顿号分隔）"},
        {"key": "domains", "kind": "line", "title": "检查域（用顿号分隔），如 信息披露、投诉处理"},
        {"key": "basis", "kind": "line", "title": "检查依据"},
        *({"key": key, "kind": "area", "title": title} for key, title in _TEXTS.items()),
    ]
    return [{**one, **({"value": say[str(one["key"])]} if say.get(str(one["key"])) else {})} for one in fields]


def _said(visit: Visit) -> dict[str, str]:
    texts = {name: getattr(visit, name) for name in ("kind", "mode", "period", "campaign", "leader", "basis", *_TEXTS)}
    lists = {"inspectors": visit.inspectors, "outlets": visit.outlets}
    days = {"starts": visit.starts, "ends": visit.ends}
    return {
        **texts,
        **{name: "、".join(found) for name, found in lists.items()},
        **{name: day.isoformat() for name, day in days.items() if day},
        "domains": "、".join(DOMAINS.get(one, one) for one in visit.domains),
    }


def _paper(visit: Visit) -> _Field:
    options = [[one.number, f"{PAPERS[one.kind]} {one.number}"] for one in visit.papers]
    return {"key": "paper", "kind": "select", "title": "文书", "options": options, "required": True}


def _listed(values: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(filter(None, _BETWEEN.split(values.get(key, ""))))

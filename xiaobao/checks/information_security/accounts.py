"""Accounts in systems: whose they are, what they may, whether they are used."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, Proviso, on
from xiaobao.checks.frame_columns import Row, day, filled, flags, outcome, shown_day, split_list, sure, text, with_count
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_ACCOUNT_FACTS = ("system", "employee", "status", "last_used", "disabled_on", "left_on", "staff_status", "staff_unit")
_ON_MOVING = (
    on(
        "人行令2025-3",
        "第十四条",
        binds="账号所在的机构",
        start="人员变动之日",
        but=(Proviso(says="只及人民银行业务领域数据的系统"),),
        days=("left_on",),
    ),
    on("9号令", "第四十七条", binds="账号所在的机构", start="人员变动之日", but=NONE, days=("left_on",)),
)


@check(
    "information_security.account_active_after_leaving",
    "人员离岗后账号未停用",
    needs=("accounts", "staff"),
    key="account",
    shown=_ACCOUNT_FACTS,
    bases=_ON_MOVING,
    look_back="账号持有人在全行的岗位记录（需导入岗位人员）",
    population="能对上岗位记录、持有人已离职的账号；离岗次日内停用不算",
)
def account_active_after_leaving(extracts: Frames, context: CheckContext) -> Hits:
    accounts = extracts["accounts"]
    left, as_of = day(accounts, "left_on"), pd.Timestamp(context.as_of)
    gone = text(accounts, "staff_status") == "离职"
    enabled = (text(accounts, "status") == "启用") & sure(left < as_of)
    used = sure(day(accounts, "last_used") > left)
    late = sure(day(accounts, "disabled_on") > left + pd.Timedelta(days=1))
    return outcome(
        accounts,
        gone,
        enabled | used | late,
        lambda row: (
            f"{shown_day(row['left_on'])} 离岗，"
            + ("账号仍启用" if row["status"] == "启用" else f"{shown_day(row.get('disabled_on'))} 才停用")
            + (f"，最近使用 {shown_day(row['last_used'])}" if _after(row.get("last_used"), row["left_on"]) else "")
        ),
        unknown=left.isna(),
        unknown_note="{n} 个账号的持有人已离职但无离岗日期，未作判断",
        notes=(with_count(~filled(accounts, "staff_status"), "{n} 个账号对不上岗位记录，未纳入"),),
    )


def _after(later: object, earlier: object) -> bool:
    return not pd.isna(later) and bool(later > earlier)  # type: ignore[call-overload, operator]


@check(
    "information_security.account_not_moved",
    "人员调动后原机构账号未停用",
    needs=("accounts", "staff"),
    key="account",
    shown=_ACCOUNT_FACTS,
    bases=_ON_MOVING,
    look_back="账号持有人现在的机构（需导入岗位人员）",
    population="能对上岗位记录、持有人未离职、仍启用的账号",
)
def account_not_moved(extracts: Frames, context: CheckContext) -> Hits:
    accounts = extracts["accounts"]
    home = text(accounts, "staff_unit")
    active = (text(accounts, "status") == "启用") & (text(accounts, "staff_status") != "离职")
    return outcome(
        accounts,
        active & (home != ""),
        (home != text(accounts, "unit")) | (text(accounts, "staff_status") == "调离"),
        lambda row: f"{_gone_to(row)}，本机构账号仍启用",
        notes=(with_count(home == "", "{n} 个账号对不上现机构，未纳入"),),
    )


def _gone_to(row: Row) -> str:
    return "持有人已调离" if row["staff_unit"] == row["unit"] else f"持有人现在 {row['staff_unit']}"


@check(
    "information_security.rights_beyond_post",
    "账号权限超出岗位核定",
    needs=("accounts",),
    key="account",
    shown=("system", "employee", "rights", "approved_rights"),
    bases=(
        on("9号令", "第十三条", binds="账号所在的机构", start="检查基准日", but=NONE),
        on("9号令", "第四十七条", binds="账号所在的机构", start="检查基准日", but=NONE),
    ),
    population="启用的账号",
)
def rights_beyond_post(extracts: Frames, context: CheckContext) -> Hits:
    accounts = extracts["accounts"]
    pairs = zip(text(accounts, "rights"), text(accounts, "approved_rights"), strict=True)
    beyond = {key: split_list(has) - split_list(may) for key, (has, may) in zip(accounts.index, pairs, strict=True)}
    return outcome(
        accounts.assign(_row=accounts.index),
        text(accounts, "status") == "启用",
        flags([bool(beyond[key]) for key in accounts.index], accounts),
        lambda row: "超出岗位核定的权限：" + "、".join(sorted(beyond[row["_row"]])),
    )


@check(
    "information_security.account_dormant",
    "账号长期未用而未停用",
    needs=("accounts",),
    key="account",
    shown=("system", "employee", "status", "last_used", "staff_status"),
    bases=(on("9号令", "第四十七条", binds="账号所在的机构", start="最近使用日", but=NONE),),
    relies_on=("last_used",),
    population="启用的账号，持有人已离职的除外；天数为本行设置，条文没有期限，只作疑点",
)
def account_dormant(extracts: Frames, context: CheckContext) -> Hits:
    accounts, most = extracts["accounts"], context.policies.dormant_days
    used, as_of = day(accounts, "last_used"), pd.Timestamp(context.as_of)
    return outcome(
        accounts,
        (text(accounts, "status") == "启用") & (text(accounts, "staff_status") != "离职"),
        sure(as_of - used > pd.Timedelta(days=most)),
        lambda row: f"最近使用 {shown_day(row['last_used'])}，至检查基准日超过 {most} 天，账号仍启用",
        unknown=used.isna(),
        unknown_note="{n} 个账号无最近使用日期，未作判断",
    )

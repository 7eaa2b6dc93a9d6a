"""重大事件与应急: leaks, damage and loss of personal financial information are reported in time."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, Governs, Proviso, on
from xiaobao.checks.frame_columns import Row, answered_for, flags, has_value, moment, outcome, sure, text, whole
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]


_LATEST = pd.Timedelta(hours=72)
_LEAKS = ("个人信息泄露", "个人信息毁损", "个人信息丢失")


@check(
    "emergencies.leak_reported_late",
    "个人信息泄露、毁损、丢失未按时报告",
    needs=("major_events",),
    key="event_no",
    shown=("kind", "known_at", "grade", "first_report_at", "reported_to"),
    bases=(
        on(
            "5号令",
            "第三十四条",
            binds="发生事件的机构；本级没有检查表的由上级机构答复",
            start="确认发生之时（没有登记确认时间的从知悉起算并写明）",
            but=(
                Proviso(says="从确认发生时起算", columns=("confirmed_at",), ask="如确认发生晚于知悉"),
                Proviso(
                    says="确认不会有不利影响的，没有 72 小时的报告义务", columns=("harm",), ask="如确认不会产生不利影响"
                ),
            ),
        ),
    ),
    day="known_at",
    relies_on=("first_report_at",),
    population="本机构（含没有应急检查表的下级）登记的个人信息泄露、毁损、丢失事件，演练除外；从确认发生起算，未报告的算到检查基准日；"
    "可能危及人身、财产安全的应当立即报告（小时数为本行设置），有其他不利影响的满 72 小时当时报告不算",
)
def leak_reported_late(extracts: Frames, context: CheckContext) -> Hits:
    """Two tiers: at once where persons or property may be in danger, within 72 hours for other adverse effects."""
    events = answered_for(extracts["major_events"], context)
    known = moment(events, "confirmed_at").fillna(moment(events, "known_at"))
    reported, harm = moment(events, "first_report_at"), text(events, "harm")
    took = reported.fillna(pd.Timestamp(context.as_of) + pd.Timedelta(days=1)) - known
    at_once = pd.Timedelta(hours=context.policies.at_once_hours)
    danger = harm == "危及人身财产安全"
    return outcome(
        events,
        text(events, "kind").isin(_LEAKS) & (text(events, "record") == "事件") & (harm != "无不利影响"),
        sure(took > _LATEST).where(~danger, sure(took > at_once)),
        lambda row: _found(row, context),
    )


def _found(row: Row, context: CheckContext) -> str:
    confirmed = has_value(row, "confirmed_at")
    start = f"{pd.Timestamp(row['confirmed_at' if confirmed else 'known_at']):%Y-%m-%d %H:%M} "
    start += "确认发生，" if confirmed else "知悉（没有登记确认时间，从知悉起算），"
    reported = row.get("first_report_at")
    tier = (
        f"；可能危及人身、财产安全的应立即报告（本行口径 {context.policies.at_once_hours} 小时）"
        if row.get("harm") == "危及人身财产安全"
        else ""
    )
    late = reported is None or pd.isna(reported)
    return start + ("至检查基准日未报告" if late else f"{pd.Timestamp(reported):%Y-%m-%d %H:%M} 才首报") + tier


_GRADES = ("一般", "较大", "重大", "特别重大")
# 人行令〔2025〕第4号 第七至十条: records of personal information, and of credit or property among them → least grade
_LEAST = ((100_000_000, 3), (10_000_000, 2), (50_000, 1))
_LEAST_CREDIT = 500


def _least(leaked: int | None, credit: int | None) -> int:
    """Return the place in `_GRADES` of the least grade; what is possible only is at least 一般."""
    by_count = next((grade for bound, grade in _LEAST if leaked is not None and leaked >= bound), 0)
    return max(by_count, 1) if credit is not None and credit >= _LEAST_CREDIT else by_count


@check(
    "emergencies.graded_too_low",
    "网络安全事件定级低于条数所定",
    needs=("major_events",),
    key="event_no",
    shown=("kind", "known_at", "grade", "leaked", "leaked_credit"),
    bases=tuple(
        on(
            "人行令2025-4",
            article,
            binds="发生事件的机构；本级没有检查表的由上级机构答复",
            start="定级之时；“以上”含本数（第三十一条）",
            but=NONE,
            governs=(Governs(column="pboc_field", values=("是",), says="只及人民银行业务领域的网络安全事件"),),
        )
        for article in ("第七条", "第八条", "第九条", "第十条", "第十二条")
    ),
    day="known_at",
    relies_on=("grade", "leaked"),
    population="本机构（含没有应急检查表的下级）登记、属人民银行业务领域的个人信息泄露事件，演练除外；"
    "只按个人信息条数推定最低等级，敏感个人信息条数和其他标准须人工复核；报告时限起算点没有读到条文，不作数据检查",
)
def graded_too_low(extracts: Frames, context: CheckContext) -> Hits:
    events = answered_for(extracts["major_events"], context)
    pairs = [
        (None if pd.isna(a) else int(a), None if pd.isna(b) else int(b))
        for a, b in zip(whole(events, "leaked"), whole(events, "leaked_credit"), strict=True)
    ]
    least = [_least(*pair) for pair in pairs]
    given_grades = text(events, "grade")
    place = [_GRADES.index(grade) if grade in _GRADES else -1 for grade in given_grades]
    by_key = dict(zip(text(events, "event_no"), least, strict=True))
    return outcome(
        events,
        text(events, "kind").isin(_LEAKS) & (text(events, "record") == "事件"),
        flags([has < wanted for has, wanted in zip(place, least, strict=True)], events),
        lambda row: (
            f"涉及个人信息 {row['leaked']} 条，至少应定为{_GRADES[by_key[str(row['event_no'])]]}，登记为"
            + (str(row["grade"]) if has_value(row, "grade") else "空")
        ),
        unknown=flags([a is None and b is None for a, b in pairs], events),
        unknown_note="{n} 件无涉及条数，未作判断",
    )

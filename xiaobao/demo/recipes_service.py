"""Recipes of 投诉处理 and 特殊群体服务, beside those of `recipes`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from xiaobao.demo.bank import Desk, demo_as_of
from xiaobao.demo.identity import birthday, customer
from xiaobao.demo.recipes import ONE, Change, Maker, Recipe, insured
from xiaobao.demo.rows import PLANTED, at, personal

_EARLY, _MIDDLE = 40, 100


def _case(slot: int, took: int = 5, **values: Any) -> Maker:
    """A complaint decided and notified so many days after it came in. Numbers given are days after receipt."""

    def make(desk: Desk) -> tuple[Change, ...]:
        received = desk.day(_EARLY)
        dated = {name: received + value * ONE if isinstance(value, int) else value for name, value in values.items()}
        decided = received + took * ONE
        base = {
            "nature": "投诉",
            "received_on": received,
            "decided_on": decided,
            "notified_on": decided,
            "claim": "要求说明情况",
            "content": "反映办理时间长",
        }
        return (Change("complaints", slot, {**base, **dated}),)

    return make


def _open_case(slot: int, age: int) -> Maker:
    """A simple complaint without a decision, so many days old on the day the demo is judged on."""

    def make(desk: Desk) -> tuple[Change, ...]:
        received = demo_as_of(desk.period) - timedelta(days=age)
        return (
            Change(
                "complaints",
                slot,
                {"nature": "投诉", "received_on": received, "decided_on": "", "notified_on": "", "notice_proof": ""},
            ),
        )

    return make


def _overdue(desk: Desk) -> tuple[Change, ...]:
    return (_case(20, 16) if desk.index % 2 else _open_case(20, 16))(desk)


def _just_in_time(desk: Desk) -> tuple[Change, ...]:
    """Fifteen days, twenty days with five of mediation on paper, and one still open on its last day."""
    mediated = _case(22, 20, mediation_from=6, mediation_to=10, mediation_proof="TJ0001")
    return (*_case(21, 15)(desk), *mediated(desk), *_open_case(23, 15)(desk))


def _unregistered(desk: Desk) -> tuple[Change, ...]:
    return (Change("transfers", 10, {"complaint_no": "", "transferred_on": desk.day(_MIDDLE)}),)


def _registered_elsewhere(desk: Desk) -> tuple[Change, ...]:
    """The ledger entry stands at another unit."""
    number, received = desk.key("TS", 40), desk.day(_EARLY)
    return (
        Change("transfers", 11, {"complaint_no": number, "transferred_on": received}),
        Change(
            "complaints",
            41,
            {
                "complaint_no": number,
                "received_on": received,
                "decided_on": received + 5 * ONE,
                "notified_on": received + 5 * ONE,
            },
            away=1,
        ),
    )


def _buyer(slot: int, age: int, days_later: int = 0, assessed: int = 260, **values: Any) -> Maker:
    """A sale, after a valid assessment, to somebody who turns `age` on that day or so many days later."""

    def make(desk: Desk) -> tuple[Change, ...]:
        day = desk.day(_MIDDLE)
        who = customer(desk.index, PLANTED + desk.turn * 1000 + 500 + slot, birthday(day, age, days_later))
        level = values.get("product_level", "R1").replace("R", "C")
        sale = {"product_type": "自营理财", "sold_on": day, "customer_level": level}
        sale |= {"channel": "手机银行", "recording_no": "", **personal(who, with_birth=False)}
        test = {
            "customer": who.number,
            "assessed_at": at(day - 5 * ONE, 10, slot % 60),
            "level": level,
            "device": f"M{desk.index:05d}{slot}",
            "teller": "",
            "channel": "手机银行",
        }
        return Change("product_sales", slot, {**sale, **values}), Change("risk_assessments", assessed + slot % 20, test)

    return make


def _served(slot: int, age: int, days_later: int = 0, **values: Any) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        day = desk.day(_MIDDLE)
        who = customer(desk.index, PLANTED + desk.turn * 1000 + 900 + slot, birthday(day, age, days_later))
        base = {
            "served_on": day,
            "manner": "本人到店",
            "service": "开卡",
            **personal(who),
            "identity_check_no": "",
            "intent_check_no": "",
            "witness": "",
        }
        return (Change("special_services", slot, {**base, **values}),)

    return make


def _bundle(slot: int, age: int, services: tuple[str, ...]) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        first = _served(slot, age)(desk)[0]
        return tuple(
            Change("special_services", slot + n, {**first.values, "service": name}) for n, name in enumerate(services)
        )

    return make


def _proxy(slot: int, **values: Any) -> Maker:
    checks = {"identity_check_no": "HS0001", "intent_check_no": "YY0001"}
    return _served(slot, 45, **{"manner": "委托代理", "service": "挂失", **checks, **values})


def _counters(slot: int, opened: str) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        return (Change("counter_duty", slot, {"open": opened, "manual_counters": 0, "cash_counters": 0}),)

    return make


def _repair(slot: int, took: int) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        asked = desk.day(_MIDDLE)
        number = f"SS{desk.index:05d}{slot + 20 * desk.turn:03d}"
        values = {"facility_no": number, "repair_requested_on": asked, "repaired_on": asked + took * ONE}
        return (Change("facilities", slot, values),)

    return make


def _broken(slot: int, reported: int | None) -> Maker:
    """A facility out of use, reported so many days before the demo is judged, or never."""

    def make(desk: Desk) -> tuple[Change, ...]:
        number = f"SS{desk.index:05d}{slot + 20 * desk.turn:03d}"
        asked = "" if reported is None else demo_as_of(desk.period) - reported * ONE
        return (Change("facilities", slot, {"facility_no": number, "usable": "否", "repair_requested_on": asked}),)

    return make


def _transferred(slot: int, days: int) -> Maker:
    """A complaint passed on to us and entered so many days later."""

    def make(desk: Desk) -> tuple[Change, ...]:
        case = _case(slot + 40)(desk)[0]
        passed = {"complaint_no": desk.key("TS", slot + 40), "transferred_on": desk.day(_EARLY) - days * ONE}
        return Change("transfers", slot, passed), case

    return make


def _objected(slot: int, took: int) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        received = desk.day(_EARLY)
        return (Change("credit_objections", slot, {"received_on": received, "answered_on": received + took * ONE}),)

    return make


def _closing(slot: int, notice: int) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        values = {"kind": "停业", "effective_on": desk.day(_MIDDLE), "announced_on": desk.day(_MIDDLE) - notice * ONE}
        return (Change("outlet_changes", slot, values),)

    return make


def _policyholder(slot: int, days_later: int) -> Maker:
    """A policy of somebody who turns 18 so many days after it was made."""

    def make(desk: Desk) -> tuple[Change, ...]:
        day = desk.day(_MIDDLE)
        who = customer(desk.index, PLANTED + desk.turn * 1000 + 800 + slot, birthday(day, 18, days_later))
        return insured(slot, product_type="普通型", sold_on=day, **personal(who, with_birth=False))(desk)

    return make


_REFUSED: dict[str, Any] = {"accepted": "否", "proxy": "是", "decided_on": "", "notified_on": "", "notice_proof": ""}
_TURNED_DOWN: dict[str, Any] = {**_REFUSED, "proxy": "否"}
_THREE = ("开卡", "开通手机银行", "开通短信")

COMPLAINTS = (
    Recipe("complaints.overdue", _overdue, _just_in_time),
    Recipe(
        "complaints.extension_unapproved",
        _case(24, 45, complexity="特别复杂", extension_level="本机构负责人", extension_on=28, extension_notified_on=28),
        _case(25, 60, complexity="特别复杂", extension_level="总行高管", extension_on=28, extension_notified_on=29),
    ),
    Recipe("complaints.unregistered_transfer", _unregistered, _registered_elsewhere),
    Recipe(
        "complaints.handler_is_subject",
        _case(26, handler="E9001", subject="E9001"),
        _case(27, handler="E9001", subject="E9002"),
    ),
    Recipe(
        "complaints.review_overdue",
        _case(28, review_requested_on=10, review_decided_on=41),
        _case(29, review_requested_on=10, review_decided_on=40),
    ),
    Recipe(
        "complaints.withdrawal_without_application",
        _case(30, decided_on="", notified_on="", notice_proof="", withdrawn_on=6),
        _case(31, decided_on="", notified_on="", notice_proof="", withdrawn_on=6, withdrawal_proof="CS0001"),
    ),
    Recipe(
        "complaints.consultation_claims_refund",
        _case(32, nature="咨询", claim="要求退还多收的年费"),
        _case(33, nature="咨询", claim="询问转账限额"),
    ),
    Recipe(
        "complaints.mediation_without_papers",
        _case(34, mediation_from=2, mediation_to=4),
        _case(35, mediation_from=2, mediation_to=4, mediation_proof="TJ0002"),
    ),
    Recipe("complaints.decision_not_notified", _case(36, notified_on="", notice_proof=""), _case(37)),
    Recipe("complaints.notified_late", _case(50, 10, notified_on=16), _case(51, 10, notified_on=15)),
    Recipe("complaints.registered_late", _transferred(12, 2), _transferred(13, 1)),
    Recipe("complaints.unclassified", _case(54, reason=""), _case(55, nature="咨询", reason="", business_class="")),
    Recipe(
        "complaints.refused_without_reason",
        _case(56, **_TURNED_DOWN),
        _case(57, **{**_TURNED_DOWN, "refusal_reason": "诉求不属于本行业务"}),
    ),
    Recipe("complaints.remedies_not_told", _case(58, remedies_told="否"), _case(59)),
    Recipe(
        "complaints.mediation_refused",
        _case(60, mediation_requested_on=2, mediation_joined="否"),
        _case(61, mediation_requested_on=2, mediation_joined="否", mediation_refusal="已就同一事项达成调解协议"),
    ),
    Recipe("complaints.credit_objection_overdue", _objected(10, 21), _objected(11, 20), ("征信查询",)),
)
SPECIAL_GROUPS = (
    Recipe(
        "special_groups.elderly_high_risk",
        _buyer(241, 65, product_level="R4"),
        lambda desk: (
            *_buyer(242, 65, 1, product_level="R4")(desk),
            *_buyer(243, 65, product_level="R4", care_note="延长考虑时间并由主管复核")(desk),
        ),
        ("理财",),
        True,
    ),
    Recipe(
        "special_groups.minor_purchase",
        _buyer(244, 18, 1, product_level="R1"),
        lambda desk: (
            *_buyer(245, 18, product_level="R1")(desk),
            *_buyer(246, 17, product_level="R2", guardian_consent="JH0001")(desk),
        ),
        ("理财",),
    ),
    Recipe("special_groups.child_without_consent", _served(60, 14, 1), _served(61, 14, service="挂失")),
    Recipe("special_groups.proxy_unverified", _proxy(62, intent_check_no=""), _proxy(63)),
    Recipe("special_groups.no_manual_counter", _counters(50, "是"), _counters(51, "否")),
    Recipe("special_groups.repair_overdue", _repair(10, 31), _repair(11, 30)),
    Recipe("special_groups.senior_bundle", _bundle(64, 60, _THREE), _bundle(68, 60, _THREE[:2])),
    Recipe(
        "special_groups.proxy_complaint_refused",
        _case(38, **{**_REFUSED, "proxy_proof": "WT0001"}),
        _case(39, **{**_REFUSED, "refusal_reason": "未提供授权委托书"}),
    ),
    Recipe("special_groups.minor_policyholder", _policyholder(106, 1), _policyholder(107, 0), ("代理保险",)),
    Recipe(
        "special_groups.minor_account_alone",
        _served(72, 18, 1),
        lambda desk: (*_served(73, 18)(desk), *_served(74, 14, guardian_consent="JH0002")(desk)),
    ),
    Recipe("special_groups.facility_unusable", _broken(14, None), _broken(15, 10)),
)
NOTICES = (Recipe("disclosure.closing_notice_short", _closing(1, 29), _closing(2, 30)),)

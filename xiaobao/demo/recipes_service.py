"""Recipes of 投诉处理 and 特殊群体服务, beside those of `recipes`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from xiaobao.demo.recipes import ONE_DAY, RULES_OF_2026, PlantedFields, PlantMaker, Recipe, insured
from xiaobao.demo.rows import PLANTED, at, personal
from xiaobao.demo.sample_bank import UnitRecords, birthday, customer, demo_as_of

_EARLY, _MIDDLE = 40, 100


def _case(slot: int, took: int = 5, **values: Any) -> PlantMaker:
    """A complaint decided and notified so many days after it came in. Numbers given are days after receipt."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        received = desk.day(_EARLY)
        dated = {
            name: received + value * ONE_DAY if isinstance(value, int) else value for name, value in values.items()
        }
        decided = received + took * ONE_DAY
        base = {
            "nature": "投诉",
            "received_on": received,
            "decided_on": decided,
            "notified_on": decided,
            "claim": "要求说明情况",
            "content": "反映办理时间长",
        }
        return (PlantedFields(dataset="complaints", slot=slot, values={**base, **dated}),)

    return make


def _open_case(slot: int, age: int) -> PlantMaker:
    """A simple complaint without a decision, so many days old on the day the demo is judged on."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        received = demo_as_of(desk.period) - timedelta(days=age)
        return (
            PlantedFields(
                dataset="complaints",
                slot=slot,
                values={
                    "nature": "投诉",
                    "received_on": received,
                    "decided_on": "",
                    "notified_on": "",
                    "notice_proof": "",
                },
            ),
        )

    return make


def _overdue(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    return (_case(20, 16) if desk.index % 2 else _open_case(20, 16))(desk)


def _just_in_time(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    """Fifteen days, twenty days with five of mediation on paper, and one still open on its last day."""
    mediated = _case(22, 20, mediation_from=6, mediation_to=10, mediation_proof="TJ0001")
    return (*_case(21, 15)(desk), *mediated(desk), *_open_case(23, 15)(desk))


def _unregistered(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    return (
        PlantedFields(dataset="transfers", slot=10, values={"complaint_no": "", "transferred_on": desk.day(_MIDDLE)}),
    )


def _registered_elsewhere(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    """The ledger entry stands at another unit."""
    number, received = desk.key("TS", 40), desk.day(_EARLY)
    return (
        PlantedFields(dataset="transfers", slot=11, values={"complaint_no": number, "transferred_on": received}),
        PlantedFields(
            dataset="complaints",
            slot=41,
            values={
                "complaint_no": number,
                "received_on": received,
                "decided_on": received + 5 * ONE_DAY,
                "notified_on": received + 5 * ONE_DAY,
            },
            away=1,
        ),
    )


def _buyer(slot: int, age: int, days_later: int = 0, assessed: int = 260, **values: Any) -> PlantMaker:
    """A sale, after a valid assessment, to somebody who turns `age` on that day or so many days later."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        day = desk.day(_MIDDLE)
        who = customer(desk.index, PLANTED + desk.turn * 1000 + 500 + slot, birthday(day, age, days_later))
        level = values.get("product_level", "R1").replace("R", "C")
        sale = {"product_type": "自营理财", "sold_on": day, "customer_level": level}
        sale |= {"channel": "手机银行", "recording_no": "", **personal(who, with_birth=False)}
        test = {
            "customer": who.number,
            "assessed_at": at(day - 5 * ONE_DAY, 10, slot % 60),
            "level": level,
            "device": f"M{desk.index:05d}{slot}",
            "teller": "",
            "channel": "手机银行",
        }
        return PlantedFields(dataset="product_sales", slot=slot, values={**sale, **values}), PlantedFields(
            dataset="risk_assessments", slot=assessed + slot % 20, values=test
        )

    return make


def _served(slot: int, age: int, days_later: int = 0, **values: Any) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
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
        return (PlantedFields(dataset="special_services", slot=slot, values={**base, **values}),)

    return make


def _bundle(slot: int, age: int, services: tuple[str, ...]) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        first = _served(slot, age)(desk)[0]
        return tuple(
            PlantedFields(dataset="special_services", slot=slot + n, values={**first.values, "service": name})
            for n, name in enumerate(services)
        )

    return make


def _proxy(slot: int, **values: Any) -> PlantMaker:
    checks = {"identity_check_no": "HS0001", "intent_check_no": "YY0001"}
    return _served(slot, 45, **{"manner": "委托代理", "service": "挂失", **checks, **values})


def _counters(slot: int, opened: str) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        return (
            PlantedFields(
                dataset="counter_duty", slot=slot, values={"open": opened, "manual_counters": 0, "cash_counters": 0}
            ),
        )

    return make


def _repair(slot: int, took: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        asked = desk.day(_MIDDLE)
        number = f"SS{desk.index:05d}{slot + 20 * desk.turn:03d}"
        values = {"facility_no": number, "repair_requested_on": asked, "repaired_on": asked + took * ONE_DAY}
        return (PlantedFields(dataset="facilities", slot=slot, values=values),)

    return make


def _broken(slot: int, reported: int | None) -> PlantMaker:
    """A facility out of use, reported so many days before the demo is judged, or never."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        number = f"SS{desk.index:05d}{slot + 20 * desk.turn:03d}"
        asked = "" if reported is None else demo_as_of(desk.period) - reported * ONE_DAY
        return (
            PlantedFields(
                dataset="facilities",
                slot=slot,
                values={"facility_no": number, "usable": "否", "repair_requested_on": asked},
            ),
        )

    return make


def _transferred(slot: int, days: int) -> PlantMaker:
    """A complaint passed on to us and entered so many days later."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        case = _case(slot + 40)(desk)[0]
        passed = {"complaint_no": desk.key("TS", slot + 40), "transferred_on": desk.day(_EARLY) - days * ONE_DAY}
        return PlantedFields(dataset="transfers", slot=slot, values=passed), case

    return make


def _objected(slot: int, took: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        received = desk.day(_EARLY)
        return (
            PlantedFields(
                dataset="credit_objections",
                slot=slot,
                values={"received_on": received, "answered_on": received + took * ONE_DAY},
            ),
        )

    return make


def _closing(slot: int, notice: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        values = {
            "kind": "停业",
            "effective_on": desk.day(_MIDDLE),
            "announced_on": desk.day(_MIDDLE) - notice * ONE_DAY,
        }
        return (PlantedFields(dataset="outlet_changes", slot=slot, values=values),)

    return make


def _policyholder(slot: int, days_later: int) -> PlantMaker:
    """A policy of somebody who turns 18 so many days after it was made."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        day = desk.day(_MIDDLE)
        who = customer(desk.index, PLANTED + desk.turn * 1000 + 800 + slot, birthday(day, 18, days_later))
        return insured(slot, product_type="普通型", sold_on=day, **personal(who, with_birth=False))(desk)

    return make


_REFUSED: dict[str, Any] = {"accepted": "否", "proxy": "是", "decided_on": "", "notified_on": "", "notice_proof": ""}
_TURNED_DOWN: dict[str, Any] = {**_REFUSED, "proxy": "否"}
_THREE = ("开卡", "开通手机银行", "开通短信")

COMPLAINTS = (
    Recipe(check_id="complaints.overdue", hit=_overdue, near=_just_in_time),
    Recipe(
        check_id="complaints.extension_unapproved",
        hit=_case(
            24, 45, complexity="特别复杂", extension_level="本机构负责人", extension_on=28, extension_notified_on=28
        ),
        near=_case(
            25, 60, complexity="特别复杂", extension_level="总行高管", extension_on=28, extension_notified_on=29
        ),
    ),
    Recipe(check_id="complaints.unregistered_transfer", hit=_unregistered, near=_registered_elsewhere),
    Recipe(
        check_id="complaints.handler_is_subject",
        hit=_case(26, handler="E9001", subject="E9001"),
        near=_case(27, handler="E9001", subject="E9002"),
    ),
    Recipe(
        check_id="complaints.review_overdue",
        hit=_case(28, review_requested_on=10, review_decided_on=41),
        near=_case(29, review_requested_on=10, review_decided_on=40),
        borne_above=True,
    ),
    Recipe(
        check_id="complaints.withdrawal_without_application",
        hit=_case(30, decided_on="", notified_on="", notice_proof="", withdrawn_on=6),
        near=_case(31, decided_on="", notified_on="", notice_proof="", withdrawn_on=6, withdrawal_proof="CS0001"),
    ),
    Recipe(
        check_id="complaints.consultation_claims_refund",
        hit=_case(32, nature="咨询", claim="要求退还多收的年费"),
        near=_case(33, nature="咨询", claim="询问转账限额"),
    ),
    Recipe(
        check_id="complaints.mediation_without_papers",
        hit=_case(34, mediation_from=2, mediation_to=4),
        near=_case(35, mediation_from=2, mediation_to=4, mediation_proof="TJ0002"),
    ),
    Recipe(check_id="complaints.decision_not_notified", hit=_case(36, notified_on="", notice_proof=""), near=_case(37)),
    Recipe(check_id="complaints.notified_late", hit=_case(50, 10, notified_on=16), near=_case(51, 10, notified_on=15)),
    Recipe(check_id="complaints.registered_late", hit=_transferred(12, 2), near=_transferred(13, 1)),
    Recipe(
        check_id="complaints.unclassified",
        hit=_case(54, reason=""),
        near=_case(55, nature="咨询", reason="", business_class=""),
    ),
    Recipe(
        check_id="complaints.refused_without_reason",
        hit=_case(56, **_TURNED_DOWN),
        near=_case(57, **{**_TURNED_DOWN, "refusal_reason": "诉求不属于本行业务"}),
    ),
    Recipe(check_id="complaints.remedies_not_told", hit=_case(58, remedies_told="否"), near=_case(59)),
    Recipe(
        check_id="complaints.mediation_refused",
        hit=_case(60, mediation_requested_on=2, mediation_joined="否"),
        near=_case(61, mediation_requested_on=2, mediation_joined="否", mediation_refusal="已就同一事项达成调解协议"),
    ),
    Recipe(
        check_id="complaints.credit_objection_overdue",
        hit=_objected(10, 21),
        near=_objected(11, 20),
        businesses=("征信查询",),
    ),
)
SPECIAL_GROUPS = (
    Recipe(
        check_id="special_groups.elderly_high_risk",
        hit=_buyer(241, 65, product_level="R4"),
        near=lambda desk: (
            *_buyer(242, 65, 1, product_level="R4")(desk),
            *_buyer(243, 65, product_level="R4", care_note="延长考虑时间并由主管复核")(desk),
        ),
        businesses=("理财",),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="special_groups.minor_purchase",
        hit=_buyer(244, 18, 1, product_level="R1"),
        near=lambda desk: (
            *_buyer(245, 18, product_level="R1")(desk),
            *_buyer(246, 17, product_level="R2", guardian_consent="JH0001")(desk),
        ),
        businesses=("理财",),
    ),
    Recipe(
        check_id="special_groups.child_without_consent", hit=_served(60, 14, 1), near=_served(61, 14, service="挂失")
    ),
    Recipe(check_id="special_groups.proxy_unverified", hit=_proxy(62, intent_check_no=""), near=_proxy(63)),
    Recipe(check_id="special_groups.no_manual_counter", hit=_counters(50, "是"), near=_counters(51, "否")),
    Recipe(check_id="special_groups.repair_overdue", hit=_repair(10, 31), near=_repair(11, 30)),
    Recipe(check_id="special_groups.senior_bundle", hit=_bundle(64, 60, _THREE), near=_bundle(68, 60, _THREE[:2])),
    Recipe(
        check_id="special_groups.proxy_complaint_refused",
        hit=_case(38, **{**_REFUSED, "proxy_proof": "WT0001"}),
        near=_case(39, **{**_REFUSED, "refusal_reason": "未提供授权委托书"}),
    ),
    Recipe(
        check_id="special_groups.minor_policyholder",
        hit=_policyholder(106, 1),
        near=_policyholder(107, 0),
        businesses=("代理保险",),
    ),
    Recipe(
        check_id="special_groups.minor_account_alone",
        hit=_served(72, 18, 1),
        near=lambda desk: (*_served(73, 18)(desk), *_served(74, 14, guardian_consent="JH0002")(desk)),
    ),
    Recipe(check_id="special_groups.facility_unusable", hit=_broken(14, None), near=_broken(15, 10)),
)
NOTICES = (Recipe(check_id="disclosure.closing_notice_short", hit=_closing(1, 29), near=_closing(2, 30)),)

"""Recipes of 信息安全, beside those of `recipes`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xiaobao.demo.recipes import MIDDLE, ONE_DAY, PlantedFields, PlantMaker, Recipe, plant_customer
from xiaobao.demo.rows import LOOKUPS_A_TELLER, at, teller
from xiaobao.demo.sample_bank import UnitRecords, demo_as_of


def _looked_up(slot: int, authorised: int = 0, time_of_day: tuple[int, ...] = (10, 5), **values: Any) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        day = desk.day(MIDDLE + slot)
        seen = values.get("looked_up_at", at(day, *time_of_day)).date()
        base = {
            "purpose": "贷款审批",
            "looked_up_at": at(day, *time_of_day),
            "authorised_on": day + authorised * ONE_DAY,
            "authorisation_no": desk.key("SQ", slot),
            "business_no": desk.key("YW", slot),
            "balance": "",
            "authorised_until": seen + 30 * ONE_DAY,
            "authorised_purpose": "贷款审批",
        }
        return (PlantedFields(dataset="credit_lookups", slot=slot, values={**base, **values}),)

    return make


def _busy_teller(times: int, slot: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who = teller(desk, slot // 100 + 5)
        return tuple(
            change
            for n in range(times)
            for change in _looked_up(
                slot + n, teller=who, looked_up_at=at(desk.day(10 + n), 11, n), authorised_on=desk.day(10 + n)
            )(desk)
        )

    return make


def _worker(desk: UnitRecords, slot: int) -> tuple[str, int]:
    number = slot + 20 * desk.turn
    return f"E{desk.index:05d}{number:03d}", number


def _left(slot: int, **account: Any) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        employee, number = _worker(desk, slot)
        gone = desk.day(MIDDLE)
        fields = {"last_used": gone, "disabled_on": gone if account.get("status") == "停用" else "", **account}
        return (
            PlantedFields(dataset="accounts", slot=number, values={"employee": employee, **fields}),
            PlantedFields(dataset="staff", slot=number, values={"to_date": gone, "status": "离职"}),
        )

    return make


def _moved(slot: int, status: str) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        employee, number = _worker(desk, slot)
        day = desk.day(MIDDLE)
        disabled = {"disabled_on": day, "last_used": day} if status == "停用" else {"last_used": day}
        return (
            PlantedFields(dataset="accounts", slot=number, values={"status": status, **disabled}),
            PlantedFields(dataset="staff", slot=number, values={"to_date": day, "status": "调离"}),
            PlantedFields(
                dataset="staff",
                slot=number + 400,
                values={"employee": employee, "from_date": day + ONE_DAY, "status": "在岗"},
                away=1,
            ),
        )

    return make


def _rights(slot: int, rights: str) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        employee, number = _worker(desk, slot)
        values = {"rights": rights, "approved_rights": "查询、开户", "last_used": desk.day(150)}
        return PlantedFields(dataset="accounts", slot=number, values=values), PlantedFields(
            dataset="staff", slot=number, values={"employee": employee}
        )

    return make


def _expired(slot: int, days: int) -> PlantMaker:
    """A look-up so many days after its consent ended."""
    return lambda desk: _looked_up(slot, -5, authorised_until=desk.day(MIDDLE + slot) - days * ONE_DAY)(desk)


def _one_consent(slot: int, same_customer: bool) -> PlantMaker:
    """Two look-ups under one consent, of one customer or of two."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        number, who = desk.key("SQ", slot), plant_customer(desk, 250 + slot).number
        person = {"customer": who} if same_customer else {}
        return tuple(
            change for n in range(2) for change in _looked_up(slot + n, authorisation_no=number, **person)(desk)
        )

    return make


def _unused(slot: int, days: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        employee, number = _worker(desk, slot)
        values = {"employee": employee, "last_used": demo_as_of(desk.period) - days * ONE_DAY}
        return PlantedFields(dataset="accounts", slot=number, values=values), PlantedFields(
            dataset="staff", slot=number, values={"employee": employee}
        )

    return make


def _sent(slot: int, opted_out: int | None, kind: str = "营销", **values: Any) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, day = plant_customer(desk, 200 + slot), desk.day(MIDDLE)
        send = {
            "kind": kind,
            "customer": who.number,
            "mobile": who.mobile,
            "sent_at": at(day, 15),
            "consent_no": desk.key("TY", slot),
            "campaign": "HD0",
            "opt_out_shown": "是",
            **values,
        }
        made = [PlantedFields(dataset="sms_sends", slot=slot, values=send)]
        if opted_out is not None:
            gone = {"customer": who.number, "mobile": who.mobile, "opted_out_at": at(day - opted_out * ONE_DAY, 8)}
            made.append(PlantedFields(dataset="sms_opt_outs", slot=100 + slot, values=gone))
        return tuple(made)

    return make


def _adverse(slot: int, notified: int | None) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        day = desk.day(160)
        notified_on = "" if notified is None else day + notified * ONE_DAY
        values = {"lent_on": desk.day(20), "adverse_reported_on": day, "adverse_notified_on": notified_on}
        return (PlantedFields(dataset="loans", slot=slot, values=values),)

    return make


INFORMATION_SECURITY = (
    Recipe(
        check_id="information_security.lookup_without_authorisation",
        hit=_looked_up(0, authorisation_no="", authorised_on=""),
        near=_looked_up(8, authorisation_no="", authorised_on="", purpose="异议核查"),
        businesses=("征信查询",),
    ),
    Recipe(
        check_id="information_security.lookup_before_authorisation",
        hit=_looked_up(1, 1),
        near=_looked_up(9, 0),
        businesses=("征信查询",),
    ),
    Recipe(
        check_id="information_security.lookup_without_business",
        hit=_looked_up(2, business_no=""),
        near=_looked_up(10, business_no="", balance=Decimal(500), purpose="贷后管理"),
        businesses=("征信查询",),
    ),
    Recipe(
        check_id="information_security.lookup_out_of_hours",
        hit=_looked_up(3, 0, (19, 0, 1)),
        near=_looked_up(11, 0, (19, 0, 0)),
        businesses=("征信查询",),
    ),
    Recipe(
        check_id="information_security.lookup_volume_outlier",
        hit=_busy_teller(5 * LOOKUPS_A_TELLER + 1, 100),
        near=_busy_teller(5 * LOOKUPS_A_TELLER, 200),
        businesses=("征信查询",),
    ),
    Recipe(check_id="information_security.account_active_after_leaving", hit=_left(10), near=_left(11, status="停用")),
    Recipe(check_id="information_security.account_not_moved", hit=_moved(12, "启用"), near=_moved(13, "停用")),
    Recipe(
        check_id="information_security.rights_beyond_post",
        hit=_rights(14, "查询、开户、冲正"),
        near=_rights(15, "开户、查询"),
    ),
    Recipe(
        check_id="information_security.sms_after_opt_out", hit=_sent(0, 5), near=_sent(1, 0), businesses=("短信服务",)
    ),
    Recipe(
        check_id="information_security.sms_without_consent",
        hit=_sent(2, None, consent_no=""),
        near=_sent(3, 5, "服务通知", consent_no="", campaign=""),
        businesses=("短信服务",),
    ),
    Recipe(
        check_id="information_security.lookup_after_expiry",
        hit=_expired(4, 1),
        near=_expired(12, 0),
        businesses=("征信查询",),
    ),
    Recipe(
        check_id="information_security.lookup_beyond_purpose",
        hit=_looked_up(5, authorised_purpose="信用卡审批"),
        near=_looked_up(13, authorised_purpose="信用卡审批、贷款审批"),
        businesses=("征信查询",),
    ),
    Recipe(
        check_id="information_security.authorisation_shared",
        hit=_one_consent(14, False),
        near=_one_consent(16, True),
        businesses=("征信查询",),
    ),
    Recipe(check_id="information_security.account_dormant", hit=_unused(16, 91), near=_unused(17, 90)),
    Recipe(
        check_id="information_security.sms_without_opt_out",
        hit=_sent(4, None, opt_out_shown="否"),
        near=_sent(5, None, "服务通知", opt_out_shown="否", consent_no="", campaign=""),
        businesses=("短信服务",),
    ),
    Recipe(
        check_id="information_security.adverse_before_notice",
        hit=_adverse(6, None),
        near=_adverse(7, 0),
        businesses=("贷款",),
    ),
)

"""How each fault is planted, and beside it the nearest record that must not be hit.

A recipe gives changes: fields laid over a clean record at a slot of a dataset. The first change of `hit` is the record
that the lead must name. Every recipe has slots of its own, so that no two faults fall on one record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

from xiaobao.demo.rows import CAP, COST_STATED_FROM, FEES, PLANTED, WEALTH, at, personal, teller, wealth_level
from xiaobao.demo.sample_bank import UnitRecords, customer


@dataclass(frozen=True, kw_only=True)
class PlantedFields:
    """Fields of one record. `back` counts periods before this one, `away` inspected units after this one."""

    dataset: str
    slot: int
    values: Mapping[str, Any]
    back: int = 0
    away: int = 0


PlantMaker = Callable[[UnitRecords], tuple[PlantedFields, ...]]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """`since`: periods that ended before that day get none. `needs_past`: `near` wants a past.

    `levels` are the units that the item is for, all when empty. `borne_above`: the unit above answers for the fault.
    """

    check_id: str
    hit: PlantMaker
    near: PlantMaker
    businesses: tuple[str, ...] = ()
    since: date | None = None
    needs_past: bool = False
    levels: tuple[str, ...] = ()
    borne_above: bool = False


ONE_DAY = timedelta(days=1)
RULES_OF_2026 = date(2026, 2, 1)  # 金融机构产品适当性管理办法
_AT_HOME = {"channel": "手机银行", "recording_no": ""}
MIDDLE = 100  # a day in the period's middle; in 2026H1 well after 2026-02-01


def plant_customer(desk: UnitRecords, number: int) -> Any:
    """Return a customer that no clean record has: a fault of his is that plant's alone."""
    return customer(desk.index, PLANTED + desk.turn * 1000 + number)


def _one(dataset: str, slot: int, **values: Any) -> PlantMaker:
    return lambda desk: (PlantedFields(dataset=dataset, slot=slot, values=values),)


# --- 信息披露 ------------------------------------------------------------------------------------------------------


def _late_price(days: int) -> PlantMaker:
    """A fee that only this unit charges, published `days` after it came into force (negative: before)."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        code = f"L{desk.index:05d}{'A' if days >= 0 else 'B'}{desk.turn}"
        start = desk.day(60)
        price = {
            "fee_code": code,
            "fee_name": "保管箱服务费",
            "version": "1",
            "published_on": start + timedelta(days=days),
            "effective_on": start,
            "ended_on": "",
            "price": Decimal("80.00"),
            "rate": "",
            "cap": "",
            "change": "新设",
            "publisher": desk.unit.id,
        }
        fee = {
            "fee_code": code,
            "fee_name": "保管箱服务费",
            "amount": Decimal("80.00"),
            "base": "",
            "value_added": "否",
            "charged_on": start + 20 * ONE_DAY,
            "consent_no": "",
        }
        slot = 12 if days >= 0 else 13
        return PlantedFields(dataset="price_list", slot=slot, values=price), PlantedFields(
            dataset="fee_entries", slot=slot, values=fee
        )

    return make


def _fee(slot: int, code: int, **values: Any) -> PlantMaker:
    known, name, _, added = FEES[code]
    fields = {"fee_code": known, "fee_name": name, "base": "", "value_added": "是" if added else "否"}
    return _one("fee_entries", slot, **{**fields, **values})


def _bundled(days: int, slot: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, lent = plant_customer(desk, slot), desk.day(MIDDLE)
        return (
            PlantedFields(dataset="loans", slot=slot, values={"customer": who.number, "lent_on": lent}),
            PlantedFields(
                dataset="bancassurance",
                slot=200 + slot,
                values={**personal(who), "sold_on": lent + timedelta(days=days)},
            ),
        )

    return make


def _short(amount: int, received: int, slot: int) -> PlantMaker:
    return _one("loans", slot, amount=Decimal(amount), received=Decimal(received))


def _stated(slot: int, late: int) -> PlantMaker:
    """A loan signed in the period's middle whose cost was stated `late` days after; on the day itself it is in time."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        signed = desk.day(MIDDLE)
        values = {
            "lent_on": signed + 2 * ONE_DAY,
            "signed_on": signed,
            "cost_statement_no": desk.key("MS", slot),
            "cost_stated_on": signed + late * ONE_DAY,
            "cost_confirmed": "是",
            "annual_cost": Decimal("8.00"),
        }
        return (PlantedFields(dataset="loans", slot=slot, values=values),)

    return make


def _published(slot: int, days: int | None) -> PlantMaker:
    """A deposit leaflet reviewed `days` after publication, or never."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        day = desk.day(MIDDLE)
        values = {"kind": "存款", "annual_rate_shown": "", "published_on": day}
        values |= {"reviewed_on": "", "review_no": ""} if days is None else {"reviewed_on": day + timedelta(days=days)}
        return (PlantedFields(dataset="promotion_materials", slot=slot, values=values),)

    return make


def _signed_later(slot: int, days: int) -> PlantMaker:
    """A paid service charged so many days before it was signed for."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        charged = desk.day(MIDDLE)
        values = {"amount": Decimal("2.00"), "consent_no": "QY0001"}
        return _fee(slot, 4, charged_on=charged, consent_on=charged + days * ONE_DAY, **values)(desk)

    return make


def _renewed(slot: int, reminded: bool) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        day = desk.day(MIDDLE)
        renewal = {"auto_renewed": "是", "reminded_on": day if reminded else ""}
        return _fee(slot, 5, amount=Decimal("15.00"), consent_no="QY0001", charged_on=day, consent_on=day, **renewal)(
            desk
        )

    return make


# --- 适当性管理 ----------------------------------------------------------------------------------------------------


def _level(slot: int, above: int) -> PlantMaker:
    number = slot % 3
    values = {**_AT_HOME, "product_type": "自营理财", "product_level": f"R{wealth_level(number) + above}"}
    return lambda desk: (
        PlantedFields(
            dataset="product_sales",
            slot=slot,
            values={
                **values,
                **personal(customer(desk.index, WEALTH + number)),
                "customer_level": f"C{wealth_level(number)}",
            },
        ),
    )


def sold(desk: UnitRecords, slot: int, who: Any, day: Any, **values: Any) -> PlantedFields:
    """Lay a sale over slot `slot`: R2 to a C3 customer by 手机银行 without recording, changed by `values`."""
    base = {**_AT_HOME, "product_type": "自营理财", "product_level": "R2", "customer_level": "C3", "sold_on": day}
    return PlantedFields(dataset="product_sales", slot=slot, values={**base, **personal(who), **values})


def assessed(
    slot: int, who: Any, day: Any, hour: int = 10, back: int = 0, away: int = 0, **values: Any
) -> PlantedFields:
    """Lay an assessment over slot `slot`, on a device of the customer's own.

    `back` puts it so many periods earlier, `away` at the unit so many desks on: what look-back has to find.
    """
    base = {"customer": who.number, "assessed_at": at(day, hour, slot % 60), "level": "C3", "channel": "手机银行"}
    return PlantedFields(
        dataset="risk_assessments",
        slot=slot,
        values={**base, "device": f"M{crc32(who.number.encode()):08x}", "teller": "", **values},
        back=back,
        away=away,
    )


def _never_assessed(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    return (sold(desk, 201, plant_customer(desk, 20), desk.day(MIDDLE)),)


def _assessed_elsewhere(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    """The only assessment lies in the period before, at another unit."""
    who, day = plant_customer(desk, 21), desk.day(MIDDLE)
    return sold(desk, 202, who, day), assessed(200, who, day - 200 * ONE_DAY, back=1, away=1)


def _assessed_later(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    who, day = plant_customer(desk, 22), desk.day(MIDDLE)
    return sold(desk, 203, who, day), assessed(201, who, day + 2 * ONE_DAY)


def _assessed_same_day(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    who, day = plant_customer(desk, 23), desk.day(MIDDLE)
    return sold(desk, 204, who, day), assessed(202, who, day)


def _in_a_day(times: int, slot: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, day = plant_customer(desk, slot), desk.day(MIDDLE)
        made = [assessed(slot + n, who, day, 9 + n) for n in range(times)]
        return tuple(reversed(made))

    return make


def _in_a_year(times: int, slot: int) -> PlantMaker:
    """So many assessments on days of their own; where there is a past, five lie there, at another unit."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, past = plant_customer(desk, slot), 5 if desk.turn else 0
        start = desk.day(60)
        made = [assessed(slot + n, who, start + timedelta(days=7 * n)) for n in range(times - past)]
        earlier = [
            assessed(slot + 50 + n, who, start - timedelta(days=120 + 5 * n), back=1, away=1) for n in range(past)
        ]
        return (*reversed(made), *earlier)

    return make


def _level_changed(slot: int, confirmed: str) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, day = plant_customer(desk, slot), desk.day(MIDDLE)
        later = assessed(slot, who, day, level="C4", confirmed_change=confirmed)
        return later, assessed(slot + 1, who, day - 20 * ONE_DAY, level="C2")

    return make


def _one_device(people: int, slot: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        device = f"PAD{desk.index:05d}{slot}"
        return tuple(
            assessed(
                slot + n,
                plant_customer(desk, slot + n),
                desk.day(MIDDLE),
                device=device,
                channel="柜面",
                teller=teller(desk, slot),
            )
            for n in range(people)
        )

    return make


def insured(slot: int, **values: Any) -> PlantMaker:
    """Return a maker of a policy within its holder's income and budget, changed by `values`."""
    base = {
        "product_type": "分红型",
        "insurance_years": 15,
        "payment": "年交",
        "payment_years": 5,
        "family_income": Decimal(100_000),
        "budget": Decimal(40_000),
        "premium": Decimal(10_000),
    }

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        made = {"sold_on": desk.day(MIDDLE), "recording_no": desk.key("SL", 5000 + slot)}
        return (PlantedFields(dataset="bancassurance", slot=slot, values={**base, **made, **values}),)

    return make


DISCLOSURE = (
    Recipe(
        check_id="disclosure.fee_above_price",
        hit=_fee(0, 0, amount=Decimal("8.00")),
        near=_fee(1, 3, amount=CAP, base=Decimal(90_000)),
    ),
    Recipe(
        check_id="disclosure.fee_unpriced",
        hit=_one("fee_entries", 2, fee_code="F999", fee_name="代办杂费", value_added="否"),
        near=lambda desk: _fee(3, 2, amount=Decimal("12.00"), charged_on=desk.day(89))(desk),
    ),
    Recipe(check_id="disclosure.price_published_late", hit=_late_price(3), near=_late_price(-1), levels=("branch",)),
    Recipe(
        check_id="disclosure.paid_service_without_consent",
        hit=_fee(4, 5, amount=Decimal("15.00"), consent_no=""),
        near=_fee(5, 0, amount=Decimal("5.00"), consent_no=""),
    ),
    Recipe(
        check_id="disclosure.loan_tied_insurance",
        hit=_bundled(2, 0),
        near=_bundled(4, 1),
        businesses=("贷款", "代理保险"),
    ),
    Recipe(
        check_id="disclosure.loan_short_disbursement",
        hit=_short(100_000, 99_000, 2),
        near=_short(100_000, 100_000, 3),
        businesses=("贷款",),
    ),
    Recipe(check_id="disclosure.material_before_review", hit=_published(10, None), near=_published(11, 0)),
    Recipe(
        check_id="disclosure.loan_material_without_annual_rate",
        hit=_one("promotion_materials", 0, kind="贷款", annual_rate_shown="否"),
        near=_one("promotion_materials", 3, kind="教育宣传", annual_rate_shown="否", review_no="", reviewed_on=""),
        businesses=("贷款",),
    ),
    Recipe(
        check_id="disclosure.contract_without_annual_rate",
        hit=_one("loans", 4, contract_annual_rate=""),
        near=_one("loans", 5, contract_annual_rate=Decimal("3.45")),
        businesses=("贷款",),
    ),
    Recipe(check_id="disclosure.charged_before_consent", hit=_signed_later(10, 1), near=_signed_later(11, 0)),
    Recipe(check_id="disclosure.renewal_without_reminder", hit=_renewed(16, False), near=_renewed(17, True)),
    Recipe(
        check_id="disclosure.rate_beyond_layer",
        hit=_one("loans", 8, contract_annual_rate=Decimal("9.90"), annual_cost=""),
        near=_one("loans", 9, contract_annual_rate=Decimal("9.90"), annual_cost="", rate_approval_no="DJ0001"),
        businesses=("贷款",),
    ),
    Recipe(
        check_id="disclosure.financing_cost_unstated",
        hit=_stated(10, 1),
        near=_stated(11, 0),
        businesses=("贷款",),
        since=COST_STATED_FROM,
    ),
)
SUITABILITY = (
    Recipe(
        check_id="suitability.product_above_customer", hit=_level(210, 1), near=_level(211, 0), businesses=("理财",)
    ),
    Recipe(
        check_id="suitability.no_valid_assessment",
        hit=_never_assessed,
        near=_assessed_elsewhere,
        businesses=("理财",),
        since=RULES_OF_2026,
        needs_past=True,
    ),
    Recipe(
        check_id="suitability.assessed_after_sale",
        hit=_assessed_later,
        near=_assessed_same_day,
        businesses=("理财",),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.assessments_per_day",
        hit=_in_a_day(3, 210),
        near=_in_a_day(2, 220),
        businesses=("理财",),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.assessments_per_year",
        hit=_in_a_year(9, 300),
        near=_in_a_year(8, 400),
        businesses=("理财",),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.level_change_unconfirmed",
        hit=_level_changed(230, "否"),
        near=_level_changed(235, "是"),
        businesses=("理财",),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.clustered_assessments",
        hit=_one_device(9, 240),
        near=_one_device(8, 250),
        businesses=("理财",),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.insurance_unsuitable_unconfirmed",
        hit=insured(100, match="不匹配", product_type="普通型", willing="否"),
        near=insured(101, match="不匹配", product_type="普通型", unsuitable_confirmation="QR0001"),
        businesses=("代理保险",),
    ),
    Recipe(
        check_id="suitability.insurance_declaration_missing",
        hit=insured(102, premium=Decimal("20000.01")),
        near=insured(103, premium=Decimal("20000.00")),
        businesses=("代理保险",),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.insurance_recording_missing",
        hit=insured(104, recording_no=""),
        near=insured(105, recording_no="", insurance_years=1),
        businesses=("代理保险",),
    ),
)

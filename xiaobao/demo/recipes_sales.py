"""Recipes of sales that need more than a level: private products, sellers, recordings, linked insurance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xiaobao.demo.recipes import (
    MIDDLE,
    ONE_DAY,
    RULES_OF_2026,
    PlantedFields,
    PlantMaker,
    Recipe,
    assessed,
    insured,
    plant_customer,
    sold,
)
from xiaobao.demo.rows import personal, teller
from xiaobao.demo.sample_bank import UnitRecords


def _matched(slot: int, **values: Any) -> PlantMaker:
    """A sale to somebody assessed in time, but for what `values` say."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, day = plant_customer(desk, 300 + slot), desk.day(MIDDLE)
        return sold(desk, slot, who, day, **values), assessed(500 + slot, who, day - 5 * ONE_DAY)

    return make


def _private(slot: int, amount: str, proof: str) -> PlantMaker:
    return lambda desk: _matched(
        slot,
        product=f"S{desk.index:05d}{slot}",
        offering="私募",
        asset_class="固定收益类",
        amount=Decimal(amount),
        qualified_proof_no=proof,
    )(desk)


def _sold_by(slot: int, seller: int, certified: bool) -> PlantMaker:
    """A recorded sale at the counter; a certified seller's certificate ends on that very day."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        number, who = desk.key("SL", slot), teller(desk, seller)
        made = _matched(slot, channel="柜面", teller=who, recording_no=number)(desk)
        listed = PlantedFields(dataset="recordings", slot=slot, values={"recording_no": number})
        if not certified:
            return *made, listed
        paper = {"teller": who, "valid_to": desk.day(MIDDLE)}
        return *made, listed, PlantedFields(dataset="qualifications", slot=seller, values=paper)

    return make


def _recorded_elsewhere(desk: UnitRecords) -> tuple[PlantedFields, ...]:
    """The recording stands in another unit's list."""
    number = desk.key("SL", 216)
    listed = PlantedFields(dataset="recordings", slot=216, values={"recording_no": number}, away=1)
    return *_matched(216, channel="柜面", recording_no=number)(desk), listed


def _by_one_teller(people: int, slot: int) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        values: dict[str, Any] = {"channel": "柜面", "teller": teller(desk, slot)}
        return tuple(
            assessed(slot + n, plant_customer(desk, slot + n), desk.day(MIDDLE), **values) for n in range(people)
        )

    return make


def _again(slot: int, first: str, second: str) -> PlantMaker:
    """Two assessments of one customer on one day; the second is the one that may be named."""

    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, day = plant_customer(desk, slot), desk.day(MIDDLE)
        later = assessed(slot, who, day, 15, level=second, confirmed_change="是")
        return later, assessed(slot + 1, who, day, 9, level=first)

    return make


def _linked(slot: int, with_assessment: bool) -> PlantMaker:
    def make(desk: UnitRecords) -> tuple[PlantedFields, ...]:
        who, day = plant_customer(desk, 300 + slot), desk.day(MIDDLE)
        made = insured(slot, product_type="投连型", sold_on=day, **personal(who))(desk)
        return (*made, assessed(500 + slot, who, day)) if with_assessment else made

    return make


_WEALTH = ("理财",)
SALES = (
    Recipe(
        check_id="suitability.lower_level_used",
        hit=_matched(205, product_type="代销理财", issuer_level="R3"),
        near=_matched(206, product_type="代销理财", issuer_level="R2"),
        businesses=_WEALTH,
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.seller_unqualified",
        hit=_sold_by(208, 7, False),
        near=_sold_by(209, 8, True),
        businesses=_WEALTH,
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.private_without_proof",
        hit=_private(251, "300000", ""),
        near=_private(252, "300000", "HG1"),
        businesses=_WEALTH,
    ),
    Recipe(
        check_id="suitability.private_below_minimum",
        hit=_private(253, "299999.99", "HG2"),
        near=_private(254, "300000", "HG3"),
        businesses=_WEALTH,
    ),
    Recipe(
        check_id="suitability.clustered_by_teller",
        hit=_by_one_teller(9, 600),
        near=_by_one_teller(8, 620),
        businesses=_WEALTH,
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.level_raised_same_day",
        hit=_again(640, "C2", "C3"),
        near=_again(645, "C3", "C2"),
        businesses=_WEALTH,
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.linked_insurance_without_assessment",
        hit=_linked(108, False),
        near=_linked(109, True),
        businesses=("代理保险", "理财"),
        since=RULES_OF_2026,
    ),
    Recipe(
        check_id="suitability.sale_recording_missing",
        hit=_matched(212, channel="柜面"),
        near=_matched(213),
        businesses=_WEALTH,
    ),
    Recipe(
        check_id="suitability.recording_not_found",
        hit=_matched(214, channel="柜面", recording_no="SLX1"),
        near=_recorded_elsewhere,
        businesses=_WEALTH,
    ),
)

"""Recipes of sales that need more than a level: private products, sellers, recordings, linked insurance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xiaobao.demo.bank import Desk
from xiaobao.demo.recipes import MIDDLE, ONE, Change, Maker, Recipe, assessed, insured, person_of, sold
from xiaobao.demo.rows import personal, teller


def _matched(slot: int, **values: Any) -> Maker:
    """A sale to somebody assessed in time, but for what `values` say."""

    def make(desk: Desk) -> tuple[Change, ...]:
        who, day = person_of(desk, 300 + slot), desk.day(MIDDLE)
        return sold(desk, slot, who, day, **values), assessed(500 + slot, who, day - 5 * ONE)

    return make


def _private(slot: int, amount: str, proof: str) -> Maker:
    return lambda desk: _matched(
        slot,
        product=f"S{desk.index:05d}{slot}",
        offering="私募",
        asset_class="固定收益类",
        amount=Decimal(amount),
        qualified_proof_no=proof,
    )(desk)


def _sold_by(slot: int, seller: int, certified: bool) -> Maker:
    """A recorded sale at the counter; a certified seller's certificate ends on that very day."""

    def make(desk: Desk) -> tuple[Change, ...]:
        number, who = desk.key("SL", slot), teller(desk, seller)
        made = _matched(slot, channel="柜面", teller=who, recording_no=number)(desk)
        listed = Change("recordings", slot, {"recording_no": number})
        if not certified:
            return *made, listed
        paper = {"teller": who, "valid_to": desk.day(MIDDLE)}
        return *made, listed, Change("qualifications", seller, paper)

    return make


def _recorded_elsewhere(desk: Desk) -> tuple[Change, ...]:
    """The recording stands in another unit's list."""
    number = desk.key("SL", 216)
    listed = Change("recordings", 216, {"recording_no": number}, away=1)
    return *_matched(216, channel="柜面", recording_no=number)(desk), listed


def _by_one_teller(people: int, slot: int) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        values: dict[str, Any] = {"channel": "柜面", "teller": teller(desk, slot)}
        return tuple(assessed(slot + n, person_of(desk, slot + n), desk.day(MIDDLE), **values) for n in range(people))

    return make


def _again(slot: int, first: str, second: str) -> Maker:
    """Two assessments of one customer on one day; the second is the one that may be named."""

    def make(desk: Desk) -> tuple[Change, ...]:
        who, day = person_of(desk, slot), desk.day(MIDDLE)
        later = assessed(slot, who, day, 15, level=second, confirmed_change="是")
        return later, assessed(slot + 1, who, day, 9, level=first)

    return make


def _linked(slot: int, with_assessment: bool) -> Maker:
    def make(desk: Desk) -> tuple[Change, ...]:
        who, day = person_of(desk, 300 + slot), desk.day(MIDDLE)
        made = insured(slot, product_type="投连型", sold_on=day, **personal(who))(desk)
        return (*made, assessed(500 + slot, who, day)) if with_assessment else made

    return make


_WEALTH = ("理财",)
SALES = (
    Recipe(
        "suitability.lower_level_used",
        _matched(205, product_type="代销理财", issuer_level="R3"),
        _matched(206, product_type="代销理财", issuer_level="R2"),
        _WEALTH,
        True,
    ),
    Recipe("suitability.seller_unqualified", _sold_by(208, 7, False), _sold_by(209, 8, True), _WEALTH, True),
    Recipe("suitability.private_without_proof", _private(251, "300000", ""), _private(252, "300000", "HG1"), _WEALTH),
    Recipe(
        "suitability.private_below_minimum", _private(253, "299999.99", "HG2"), _private(254, "300000", "HG3"), _WEALTH
    ),
    Recipe("suitability.clustered_by_teller", _by_one_teller(9, 600), _by_one_teller(8, 620), _WEALTH, True),
    Recipe("suitability.level_raised_same_day", _again(640, "C2", "C3"), _again(645, "C3", "C2"), _WEALTH, True),
    Recipe(
        "suitability.linked_insurance_without_assessment",
        _linked(108, False),
        _linked(109, True),
        ("代理保险", "理财"),
        True,
    ),
    Recipe("suitability.sale_recording_missing", _matched(212, channel="柜面"), _matched(213), _WEALTH),
    Recipe(
        "suitability.recording_not_found",
        _matched(214, channel="柜面", recording_no="SLX1"),
        _recorded_elsewhere,
        _WEALTH,
    ),
)

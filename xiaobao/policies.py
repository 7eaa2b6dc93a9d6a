"""What the bank decides where rules leave room, and how it counts complaints: the settings that a paper reads."""

from __future__ import annotations

from datetime import date as date_type  # `date` names a rule of counting
from datetime import time
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import field

from xiaobao.written.strict import Strict, bounds

_Facet = Literal["source", "channel", "business_class", "reason"]


Percent = Annotated[Decimal, bounds(minimum=0, maximum=100)]


class LeastAssessed(Strict):
    """Percent of the applicable points that must be assessed before there is a score: of a total, of one domain."""

    total: Percent = Decimal(60)
    domain: Percent = Decimal(60)


NO_LIMIT = LeastAssessed(total=Decimal(0), domain=Decimal(0))


class Policies(Strict):
    """Choices that the bank makes where the rules leave room; each is printed beside what it decides."""

    high_risk_level: Annotated[int, bounds(minimum=1, maximum=5)] = 4
    low_risk_level: Annotated[int, bounds(minimum=1, maximum=5)] = 2
    elderly_age: int = 65
    senior_age: int = 60
    tie_in_days: int = 3
    clustered_assessments: int = 8
    lookup_volume_ratio: Decimal = Decimal(5)
    lookup_volume_minimum: int = 20
    office_hours: tuple[time, time] = (time(7, 30), time(19, 0))
    repair_days: int = 30
    rate_deviation: Decimal = Decimal("0.5")
    dormant_days: int = 90
    registration_days: int = 1
    at_once_hours: Annotated[int, bounds(minimum=1, maximum=72)] = 2
    lookup_without_consent: tuple[str, ...] = ("异议核查",)
    lookup_after_lending: tuple[str, ...] = ("贷后管理",)
    refund_words: tuple[str, ...] = ("退款", "退费", "赔偿", "退还", "索赔")
    days: Literal["calendar", "working"] = "calendar"
    unanswered_leads: Literal["pending", "counted"] = "pending"
    partly_counts: Annotated[Decimal, bounds(minimum=0, maximum=1)] = Decimal("0.5")
    lead_answer_days: int = 10
    findings_from: Literal["review", "hand_in"] = "review"
    repeat_months: Annotated[int, bounds(minimum=0, maximum=60)] = 12
    coverage: LeastAssessed = LeastAssessed()


class Counting(Strict):
    """How complaints are counted. Banks differ, so each rule is printed beside the figures it made.

    `repeats`: an earlier complaint of the same customer and claim within the period, at any time, merged into one
    matter, or never deducted. `withdrawn_first`: whether an earlier complaint that was withdrawn makes a later one
    a repeat. `escalation`: whether a complaint by another way after a decision escalates whatever it claims, or only
    for the same claim. `groups`: facet → name of the group → its members, for reports only. `regions`: unit → region,
    where the register's region is not the one reported. `prior_totals`: period → total typed by hand, marked as such.
    """

    date: Literal["received", "closed"] = "received"
    basis: Literal["valid", "new"] = "valid"
    repeats: Literal["period", "across", "merged", "counted"] = "period"
    withdrawn_first: Literal["ignored", "counted"] = "ignored"
    withdrawn: Literal["deducted", "counted"] = "deducted"
    escalations: Literal["separate", "repeats"] = "separate"
    escalation: Literal["customer", "claim"] = "customer"
    duplicates: Literal["once", "each"] = "once"
    share_places: Annotated[int, bounds(minimum=0, maximum=4)] = 2
    shares: Literal["as_counted", "forced"] = "as_counted"
    zero_rows: tuple[_Facet, ...] = ("channel", "business_class", "reason")
    split_classes: tuple[str, ...] = ()
    groups: dict[_Facet, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    outlet_levels: tuple[str, ...] = ("outlet",)
    customers: dict[str, Annotated[int, bounds(minimum=1)]] = field(default_factory=dict)
    prior_totals: dict[str, Annotated[int, bounds(minimum=0)]] = field(default_factory=dict)
    base_changed_on: date_type | None = None
    base_change_note: str = ""
    satisfied: tuple[str, ...] = ("非常满意", "满意", "基本满意")
    dissatisfied: tuple[str, ...] = ("不满意", "非常不满意")
    hot_minimum: Annotated[int, bounds(minimum=1)] = 5
    hot_significance: Annotated[Decimal, bounds(exclusiveMinimum=0, exclusiveMaximum=1)] = Decimal("0.05")

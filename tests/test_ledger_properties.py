"""Random ledgers: every count, share, rate and total equals what a plain loop over the rows computes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.ledgers import figures
from xiaobao.features.complaints import Breakdown, LedgerFigures
from xiaobao.model import Period, Unit

Row = dict[str, Any]
PERIOD, AS_OF = Period.parse("2026H1"), date(2026, 7, 5)
DAYS = st.dates(date(2025, 12, 1), date(2026, 7, 4))
UNITS = {
    "01": Unit(id="01", name="甲分行", level="branch", region="甲市"),
    "0101": Unit(id="0101", name="甲一支行", level="sub_branch", parent="01"),
    "02": Unit(id="02", name="乙分行", level="branch", region="乙市"),
    "00": Unit(id="00", name="总行", level="head_office"),
}
SOURCES = {"12345转办": "12345政务热线", "人行转办": "人民银行转办", "监管转办": "金融监管转办", "某平台": ""}
REASONS = {"信息披露": "信息披露", "因定价收费引起的投诉": "定价收费", "资金安全": "消费者资金安全", "业务受理": ""}
CLASSES = {"借记卡": "银行卡", "信用卡": "银行卡", "贷款": "贷款", "其他": "其他", "账户管理": "", "柜面": ""}
CHANNELS = {
    "营业现场": "营业现场",
    "手机银行": "电子渠道",
    "中、后台业务渠道": "中、后台业务渠道",
    "其他": "其他",
    "店外": "",
}


@st.composite
def complaints(draw: st.DrawFn) -> Row:
    received = draw(DAYS)
    after = st.none() | st.integers(-2, 45).map(lambda days: received + timedelta(days=days))
    return {
        "unit": draw(st.sampled_from(sorted(UNITS))),
        "nature": draw(st.sampled_from(["投诉", "投诉", "投诉", None, "咨询"])),
        "accepted": draw(st.sampled_from([None, True, True, False])),
        "received_on": received,
        "decided_on": draw(after),
        "withdrawn_on": draw(st.none() | after),
        "customer": draw(st.sampled_from([None, "K1", "Ｋ１", " k1 ", "K2"])),
        "claim": draw(st.sampled_from([None, "退费", "退 费！", "道歉"])),
        "source": draw(st.none() | st.sampled_from(sorted(SOURCES))),
        "channel": draw(st.none() | st.sampled_from(sorted(CHANNELS))),
        "business_class": draw(st.none() | st.sampled_from(sorted(CLASSES))),
        "reason": draw(st.none() | st.sampled_from(sorted(REASONS))),
        "complexity": draw(st.sampled_from([None, "简单", "复杂", "特别复杂"])),
        "extension_level": draw(st.sampled_from([None, "本机构负责人", "上级机构"])),
        "extension_on": draw(st.none() | st.just(date(2026, 3, 1))),
        "extension_notified_on": draw(st.none() | st.just(date(2026, 3, 1))),
        "mediation_from": draw(after),
        "mediation_to": draw(after),
        "mediation_proof": draw(st.sampled_from([None, "TJ1"])),
        "satisfaction": draw(st.sampled_from([None, "满意", "不满意", "一般"])),
    }


LEDGERS = st.lists(complaints(), max_size=14)
RULES = st.fixed_dictionaries(
    {
        "basis": st.sampled_from(["valid", "new"]),
        "repeats": st.sampled_from(["period", "across", "merged", "counted"]),
        "withdrawn_first": st.sampled_from(["ignored", "counted"]),
        "withdrawn": st.sampled_from(["deducted", "counted"]),
        "escalations": st.sampled_from(["separate", "repeats"]),
        "duplicates": st.sampled_from(["once", "each"]),
        "share_places": st.integers(0, 3),
    }
)


def rounded(value: Fraction, places: int) -> Decimal:
    scaled = value * 10**places
    whole = scaled.numerator // scaled.denominator
    up = scaled - whole >= Fraction(1, 2)
    return Decimal(whole + up).scaleb(-places).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def percent(part: int, whole: int, places: int = 2) -> Decimal | None:
    return rounded(Fraction(100 * part, whole), places) if whole else None


def plain_customer(row: Row) -> str | None:
    return "".join(unicodedata.normalize("NFKC", row["customer"]).split()).upper() if row["customer"] else None


def plain_claim(row: Row) -> str | None:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", row["claim"])) if row["claim"] else None


class Plain:
    """The rules again, as a loop over rows in words of their own."""

    def __init__(self, rows: list[Row], rules: Row) -> None:
        self.rows, self.rules = rows, rules
        # the same complaint: all fields alike but for the number, customer and claim given
        self.twin = [
            bool(row["customer"] and row["claim"]) and any(row == other for other in rows[:place])
            for place, row in enumerate(rows)
        ]
        self.real = [
            row["nature"] in {"投诉", None} and row["accepted"] is not False and not twin
            for row, twin in zip(rows, self.twin, strict=True)
        ]

    def others(self, place: int, test: Callable[[Row], bool]) -> list[int]:
        """Return real complaints of the same customer and claim, before or after, that pass the test."""
        row = self.rows[place]
        who, what = plain_customer(row), plain_claim(row)
        if not self.real[place] or who is None or what is None:
            return []
        return [
            other
            for other, candidate in enumerate(self.rows)
            if other != place
            and self.real[other]
            and (plain_customer(candidate), plain_claim(candidate)) == (who, what)
            and test(candidate)
        ]

    def before(self, place: int, other: int) -> bool:
        return (self.rows[other]["received_on"], other) < (self.rows[place]["received_on"], place)

    def escalated(self, place: int) -> bool:
        row = self.rows[place]
        way = row["source"] or row["channel"]
        who = plain_customer(row)
        return bool(self.real[place] and who and way) and any(
            self.real[other]
            and plain_customer(one) == who
            and (one["source"] or one["channel"] or way) != way
            and one["decided_on"] is not None
            and one["decided_on"] <= row["received_on"]
            for other, one in enumerate(self.rows)
        )

    def counted(self, place: int) -> bool:
        row = self.rows[place]
        inside = PERIOD.start <= row["received_on"] <= PERIOD.end
        lone = not self.twin[place] or self.rules["duplicates"] == "each"
        return inside and row["nature"] in {"投诉", None} and row["accepted"] is not False and lone

    def repeat(self, place: int) -> bool:
        standing = self.others(place, lambda r: r["withdrawn_on"] is None)
        every = self.others(place, lambda r: True)
        inside = lambda o: PERIOD.start <= self.rows[o]["received_on"] <= PERIOD.end  # noqa: E731
        rule = self.rules["repeats"]
        if rule == "merged":
            stays = any(self.before(place, o) and inside(o) for o in standing)
            gone = self.rows[place]["withdrawn_on"] is not None
            again = any(inside(o) for o in standing) or any(self.before(place, o) and inside(o) for o in every)
            return stays or (gone and again)
        earlier = every if self.rules["withdrawn_first"] == "counted" else standing
        return any(self.before(place, o) and (rule != "period" or inside(o)) for o in earlier)

    def kinds(self) -> dict[int, str]:
        kinds = {}
        for place, row in enumerate(self.rows):
            if not self.counted(place):
                continue
            again = self.repeat(place) or (self.rules["escalations"] == "repeats" and self.escalated(place))
            if again and self.rules["repeats"] != "counted":
                kinds[place] = "repeat"
            elif row["withdrawn_on"] is not None and self.rules["withdrawn"] == "deducted":
                kinds[place] = "withdrawn"
            else:
                kinds[place] = "valid"
        return kinds


def by_name(table: Breakdown) -> dict[str, int]:
    return {row.name: row.count for row in table.rows if row.count}


@settings(max_examples=60, deadline=None)
@given(LEDGERS, RULES)
def test_totals_are_what_a_loop_counts(rows: list[Row], rules: Row) -> None:
    found, plain = figures(rows, **rules), Plain(rows, rules)
    kinds = Counter(plain.kinds().values())
    totals = found.totals
    assert (totals.repeats, totals.withdrawn, totals.valid) == (kinds["repeat"], kinds["withdrawn"], kinds["valid"])
    assert totals.new == sum(kinds.values()) == totals.repeats + totals.withdrawn + totals.valid
    assert totals.rows == len(rows) == totals.new + sum(entry.count for entry in totals.excluded)
    assert totals.escalated == sum(plain.escalated(p) for p in range(len(rows)) if plain.counted(p))


@settings(max_examples=50, deadline=None)
@given(LEDGERS, RULES)
def test_every_share_is_of_its_count_and_every_table_covers_the_total(rows: list[Row], rules: Row) -> None:
    found = figures(rows, units=UNITS, **rules)
    kinds = Plain(rows, rules).kinds()
    wanted = [rows[place] for place, kind in kinds.items() if kind == "valid" or rules["basis"] == "new"]
    lists = {"source": SOURCES, "reason": REASONS, "channel": CHANNELS, "business_class": CLASSES}
    for name, names in lists.items():
        table = found.breakdowns[name]
        told = Counter("未填写" if row[name] is None else names[row[name]] or "未归类" for row in wanted)
        assert by_name(table) == dict(told)
        assert table.unclassified == sum(
            names[rows[place][name]] == "" for place in kinds if rows[place][name] is not None
        )
        _covers(table, len(wanted), rules["share_places"])
    owned = Counter(UNITS[row["unit"]].name for row in wanted)
    assert by_name(found.breakdowns["unit"]) == dict(owned)
    assert by_name(found.breakdowns["region"]) == dict(
        Counter({"00": "总行本级", "01": "甲市", "0101": "甲市", "02": "乙市"}[row["unit"]] for row in wanted)
    )
    for name in ("unit", "branch", "region", "month"):
        _covers(found.breakdowns[name], len(wanted), rules["share_places"])
    classes = Counter((row["unit"], CLASSES[row["business_class"]]) for row in wanted if row["business_class"])
    assert {(u, c): n for u, cells in found.cells.items() for c, n in cells.items()} == {
        key: number for key, number in classes.items() if key[1]
    }


def _covers(table: Breakdown, total: int, places: int) -> None:
    """Rows make the base, each share is of it, inner rows make their row, and ranks leave gaps after ties."""
    assert table.base == total == sum(row.count for row in table.rows)
    for row in table.rows:
        assert row.share == percent(row.count, total, places)
        assert row.valid == row.new - row.repeats - row.withdrawn
        assert row.rank == 1 + sum(other.count > row.count for other in table.rows)
        if row.parts:
            assert sum(inner.new for inner in row.parts) == row.new
            assert all(inner.share == percent(inner.count, row.count, places) for inner in row.parts)
    shares = [row.share for row in table.rows if row.share is not None]
    assert table.share_sum == (sum(shares, Decimal(0)) if shares else None)


@settings(max_examples=60, deadline=None)
@given(LEDGERS)
def test_timeliness_is_what_a_loop_counts(rows: list[Row]) -> None:
    found = figures(rows)
    plain = Plain(rows, {"duplicates": "once"})
    states: Counter[str] = Counter()
    used, over = [], Counter[int]()
    for place, row in enumerate(rows):
        if not plain.counted(place):
            continue
        end, received, gone = row["decided_on"] or AS_OF, row["received_on"], row["withdrawn_on"]
        if end < received or (gone is not None and gone < received):
            states["faulty"] += 1
        elif row["decided_on"] is None and gone is not None:
            states["withdrawn"] += 1
        else:
            days = (end - received).days - _mediated(row, end)
            late = days - _limit(row)
            states[
                ("late" if late > 0 else "on_time") if row["decided_on"] else ("overdue" if late > 0 else "open")
            ] += 1
            over.update([late] if late > 0 else [])
            used += [days] if row["decided_on"] else []
    whole = found.timeliness[0]
    assert (whole.on_time, whole.late, whole.in_hand, whole.in_hand_overdue, whole.withdrawn, whole.faulty) == tuple(
        states[name] for name in ("on_time", "late", "open", "overdue", "withdrawn", "faulty")
    )
    assert whole.cases == sum(states.values()) == found.totals.new
    assert whole.on_time_rate == percent(states["on_time"], len(used))
    assert whole.on_time_rate_due == percent(states["on_time"], len(used) + states["overdue"])
    assert whole.late_by == tuple(sorted(over.items()))
    assert whole.mean == (rounded(Fraction(sum(used), len(used)), 2) if used else None)
    assert whole.median == (Decimal(str(median(used))) if used else None)
    assert whole.longest == max(used, default=None)
    parts = [entry for entry in found.timeliness if entry.group in {"3号令投诉", "人民银行转交投诉"}]
    assert sum(entry.on_time for entry in parts) == whole.on_time


def _mediated(row: Row, end: date) -> int:
    if row["mediation_from"] is None or row["mediation_proof"] is None:
        return 0
    first = max(row["mediation_from"], row["received_on"] + timedelta(days=1))
    last = min(row["mediation_to"] or end, end)
    return max((last - first).days + 1, 0)


def _limit(row: Row) -> int:
    told = row["extension_on"] is not None and row["extension_notified_on"] is not None
    if row["source"] == "人行转办":
        approved = told and row["extension_level"] is not None
        return 60 if row["complexity"] in {"复杂", "特别复杂"} and approved else 15
    if row["complexity"] == "特别复杂":
        return 60 if told and row["extension_level"] == "上级机构" else 30
    return 30 if row["complexity"] == "复杂" else 15


@settings(max_examples=40, deadline=None)
@given(LEDGERS)
def test_call_backs_and_first_resolutions_are_what_a_loop_counts(rows: list[Row]) -> None:
    found: LedgerFigures = figures(rows)
    plain = Plain(rows, {"duplicates": "once"})
    counted = [place for place in range(len(rows)) if plain.counted(place)]
    said = Counter(rows[place]["satisfaction"] for place in counted)
    resolution = found.resolution
    assert (resolution.satisfied, resolution.dissatisfied, resolution.unclassified) == (
        said["满意"],
        said["不满意"],
        said["一般"],
    )
    assert resolution.satisfied_rate == percent(said["满意"], said["满意"] + said["不满意"])
    first = [
        place
        for place in counted
        if rows[place]["decided_on"] is not None
        and rows[place]["decided_on"] >= rows[place]["received_on"]
        and not (rows[place]["withdrawn_on"] and rows[place]["withdrawn_on"] < rows[place]["received_on"])
        and not any(plain.before(place, other) for other in plain.others(place, lambda r: True))
    ]
    back = [place for place in first if plain.others(place, lambda r: True)]
    assert (resolution.first_decided, resolution.settled) == (len(first), len(first) - len(back))
    assert resolution.settled_rate == percent(len(first) - len(back), len(first))

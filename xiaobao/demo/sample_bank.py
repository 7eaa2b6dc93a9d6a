"""An invented rural commercial bank: its units, its periods, and the desk at which one unit's records are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from xiaobao.model import Period, Unit

_REGION = "990100"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FIRST_BIRTH = date(1968, 3, 1)


class Customer(NamedTuple):
    """An invented person: our number, birth date, and an ID number and mobile that pass their checks."""

    number: str
    birth: date
    id_number: str
    mobile: str


def customer(unit: int, number: int, birth: date | None = None) -> Customer:
    """Return customer `number` of a unit, always the same; an adult below 60 unless `birth` says otherwise."""
    serial = unit * 100_000 + number
    born = birth or _FIRST_BIRTH + timedelta(days=serial * 7919 % 9000)
    return Customer(f"C{serial:010d}", born, id_number(born, serial), _mobile(serial))


def _mobile(serial: int) -> str:
    """Return a number in a range that was never given out to people."""
    block, rest = divmod(serial, 100_000_000)
    return f"{('154', '140', '142', '143')[block % 4]}{rest:08d}"


def id_number(birth: date, serial: int) -> str:
    """Return an 18-character ID number with a valid check digit."""
    body = f"{_REGION}{birth:%Y%m%d}{serial % 1000:03d}"
    return body + _CHECK[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def birthday(on: date, age: int, days_later: int = 0) -> date:
    """Return the birth date of somebody who turns `age` so many days after `on`."""
    moment = on + timedelta(days=days_later)
    return moment.replace(year=moment.year - age)


BANK_NAME = "青禾农村商业银行"
NEWEST = "2026H1"
SEED = 20260705
_ALL = ("储蓄", "贷款", "理财", "代理保险", "信用卡", "征信查询", "短信服务", "现金")
_DEPARTMENTS = {
    "办公室": ("办公室",),
    "消费者权益保护部": ("消费者权益保护",),
    "零售业务部": ("零售",),
    "授信管理部": ("授信",),
    "运营管理部": ("运营",),
}
_INSPECTED_DEPARTMENTS = ("零售业务部", "运营管理部")
_INSPECTS_DEPARTMENTS_FROM = 12  # a smaller demo keeps its units for branches, where the data is
_BRANCHES = (("临川", "临川市"), ("望江", "望江市"), ("云陵", "云陵市"))
_FIRST = [
    "柳",
    "云",
    "南",
    "青",
    "白",
    "石",
    "桃",
    "松",
    "竹",
    "梅",
    "兰",
    "荷",
    "枫",
    "杏",
    "莲",
    "清",
    "长",
    "丰",
    "永",
    "安",
    "和",
    "宁",
    "康",
    "福",
    "瑞",
    "祥",
    "新",
    "东",
    "西",
    "北",
]
_SECOND = [
    "溪",
    "桥",
    "塘",
    "岭",
    "湾",
    "浦",
    "坪",
    "川",
    "泉",
    "园",
    "洲",
    "港",
    "埠",
    "堰",
    "峰",
    "谷",
    "坡",
    "林",
    "口",
    "渡",
    "沟",
    "台",
    "寨",
    "店",
    "集",
    "圩",
    "庄",
    "坊",
    "营",
    "里",
]
_WITHOUT = {3: {"理财"}, 4: {"代理保险"}, 0: {"理财", "代理保险", "信用卡"}}


def demo_periods(count: int) -> tuple[Period, ...]:
    """Return `count` half-years up to the newest, oldest first."""
    found = [Period.parse(NEWEST)]
    while len(found) < count:
        earlier = found[0].previous()
        assert earlier is not None
        found.insert(0, earlier)
    return tuple(found)


def demo_as_of(period: Period) -> date:
    """Return the fixed day a demo period is judged on: the fifth after its end, when half-year reports are due."""
    return period.end + timedelta(days=5)


def bank_units(count: int) -> tuple[Unit, ...]:
    """Return head office, its departments, three branches and what is below them; exactly `count` are inspected.

    From twelve units on, two of them are departments, which have a sheet of their own and no records of customers.
    """
    head = Unit(id="000000", name=BANK_NAME, level="head_office", inspected=False, region="临川市", businesses=_ALL)
    units = [head]
    chosen = _INSPECTED_DEPARTMENTS if count >= _INSPECTS_DEPARTMENTS_FROM else ()
    for number, (name, functions) in enumerate(_DEPARTMENTS.items(), 1):
        full, looked_at = f"{BANK_NAME}{name}", name in chosen
        units.append(
            Unit(
                id=f"00000{number}",
                name=full,
                level="department",
                parent=head.id,
                region="临川市",
                businesses=functions,
                inspected=looked_at,
            )
        )
    count -= len(chosen)
    branches = [
        Unit(
            id=f"{number:02d}0000",
            name=f"青禾农商银行{name}分行",
            level="branch",
            parent=head.id,
            region=region,
            businesses=_ALL,
        )
        for number, (name, region) in enumerate(_BRANCHES[:count], 1)
    ]
    units += branches
    last_sub: dict[str, str] = {}
    for place in range(count - len(branches)):
        branch = branches[place % len(branches)]
        units.append(_child(branch, place, last_sub))
    return tuple(units)


def _child(branch: Unit, place: int, last_sub: dict[str, str]) -> Unit:
    """Return the next unit below a branch: a sub-branch, then two outlets of it, and so on."""
    number = place // len(_BRANCHES) + 1
    is_sub = number % 3 == 1
    unit_id = f"{branch.id[:2]}{number:04d}"
    level, parent = ("sub_branch", branch.id) if is_sub else ("outlet", last_sub[branch.id])
    if is_sub:
        last_sub[branch.id] = unit_id
    lacking = set() if is_sub else _WITHOUT.get(place % 6, set())
    businesses = tuple(business for business in _ALL if business not in lacking)
    name = f"青禾农商银行{_place_name(place)}{'支行' if is_sub else '分理处'}"
    return Unit(id=unit_id, name=name, level=level, parent=parent, region=branch.region, businesses=businesses)


def _place_name(place: int) -> str:
    around, rest = divmod(place, len(_FIRST) * len(_SECOND))
    first, second = _FIRST[rest % len(_FIRST)], _SECOND[(rest * 7 + rest // len(_FIRST)) % len(_SECOND)]
    return first + second + ("" if not around else f"第{around + 1}")


@dataclass(frozen=True, kw_only=True)
class UnitRecords:
    """Where the records of one unit and period are made. `index` numbers the units with records, `turn` the periods."""

    unit: Unit
    index: int
    period: Period
    turn: int
    rng: Random

    def day(self, offset: int) -> date:
        """Return the day so many days into the period, never past its end."""
        return min(self.period.start + timedelta(days=offset), self.period.end)

    def runs(self, *businesses: str) -> bool:
        """Tell whether the unit runs all of these businesses: only then its extracts have their records."""
        return set(businesses) <= set(self.unit.businesses)

    def key(self, prefix: str, slot: int) -> str:
        """Return the business key of a slot's record: unique bank-wide and over periods, ordered by slot."""
        return f"{prefix}{self.period.start:%y%m}{self.index:05d}{slot:04d}"


def desks(units: Sequence[Unit], period: Period, turn: int, seed: int) -> list[UnitRecords]:
    """Return a desk for each inspected unit that keeps records, departments left out.

    Each has its own generator, seeded by seed, period and unit, so that one more unit changes no other's records.
    """
    inspected = [unit for unit in units if unit.inspected and unit.level != "department"]
    return [
        UnitRecords(unit=unit, index=index, period=period, turn=turn, rng=Random(f"{seed}:{period.code}:{unit.id}"))
        for index, unit in enumerate(inspected)
    ]

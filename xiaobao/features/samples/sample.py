"""What a sample is: its frozen population, its design, the records drawn, and what was found of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from xiaobao.model import Actor, Value

METHODS = {"random": "简单随机", "systematic": "等距", "stratified": "分层", "monetary": "货币单元"}
SIZE_BASES = {"attribute": "属性抽样测算", "fixed": "固定数量", "table": "本行抽样表", "money": "货币单元抽样测算"}
OUTCOMES = {"pass": "符合", "exception": "不符"}
SAMPLE_STATES = {"defined": "待抽取", "drawn": "检查中", "confirmed": "已确认"}


class Population(Value):
    """总体 as it was frozen: where from, by which filters, how many records and yuan, and the digest of its rows.

    `heads` are the columns kept, `key`, `amount` and `stratum` name three of them ("" for none).
    """

    source: str
    heads: tuple[str, ...]
    key: str
    count: int
    digest: str
    path: str
    dataset: str = ""
    filters: tuple[str, ...] = ()
    amount: str = ""
    stratum: str = ""
    total: Decimal | None = None
    left_out: int = 0


class Design(Value):
    """How many are drawn and why. Rates and confidence are shares; `seed` makes the draw repeatable by anybody.

    `allowed` exceptions keep the bound within the tolerable rate; `tolerable_amount` is yuan, of monetary sampling.
    """

    method: str
    basis: str
    size: int
    seed: str
    confidence: Decimal
    tolerable: Decimal | None = None
    expected: Decimal | None = None
    allowed: int | None = None
    tolerable_amount: Decimal | None = None


class Drawn(Value):
    """One drawn record: its key, digest and facts by head; `hits` counts monetary units that fell on it."""

    record: str
    digest: str
    facts: Mapping[str, str]
    stratum: str = ""
    amount: Decimal | None = None
    hits: int = 1


class RecordResult(Value):
    """检查结果 of one drawn record; `kind` says what fails (不符情形), `audited` the amount found right."""

    record: str
    outcome: str
    kind: str = ""
    note: str = ""
    audited: Decimal | None = None
    by: Actor
    revision: int = 1


class Redraw(Value):
    """Somebody else drew again from the same population: whether the same records came out."""

    by: Actor
    day: date
    digest: str
    same: bool


class DrawnSample(Value):
    """抽样 of one unit ("" for the bank) in a campaign, for an item of a domain where one is named."""

    number: str
    title: str
    unit: str
    period: str
    population: Population
    design: Design
    drawn_by: Actor
    campaign: str = ""
    domain: str = ""
    item: str = ""
    state: str = "defined"
    drawn: tuple[Drawn, ...] = ()
    digest: str = ""
    tests: tuple[RecordResult, ...] = ()
    redraws: tuple[Redraw, ...] = ()
    confirmed_by: Actor | None = None
    confirmed_on: date | None = None
    opinion: str = ""
    revision: int = 0

    @property
    def tested(self) -> Mapping[str, RecordResult]:
        """Record → its result, of those that have one."""
        return {one.record: one for one in self.tests}

    @property
    def repeated(self) -> bool:
        """Whether somebody else drew the same records."""
        return any(one.same for one in self.redraws)


def draw_digest(drawn: tuple[Drawn, ...]) -> str:
    """Return the digest of a draw: its records in order, with how often each was hit."""
    text = "\n".join(f"{one.record}\x1f{one.digest}\x1f{one.hits}" for one in drawn)
    return hashlib.sha256(text.encode()).hexdigest()

"""The nouns of an inspection, as values. Nothing here reads, writes or computes a score.

All are frozen. Times are aware UTC datetimes, days of business are dates, amounts are `Decimal`.
`to_plain` and `from_plain` turn them into JSON-ready data and back.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, with_config

from xiaobao.errors import Fault, InputError

T = TypeVar("T")
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}


class Conclusion(StrEnum):
    """检查结论 of an item answered by a person."""

    COMPLIANT = "compliant"
    PARTIALLY_COMPLIANT = "partially_compliant"
    NON_COMPLIANT = "non_compliant"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSED = "not_assessed"


class CheckStatus(StrEnum):
    """Outcome of a data check; never 'pass' or 'violation'."""

    CLEAR = "clear"
    LEADS = "leads"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"
    NO_DATA = "no_data"


class Disposition(StrEnum):
    """核实与认定 of a lead: said by the unit, then decided by the inspector."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    REFUTED = "refuted"


class FactState(StrEnum):
    """Whether an item can be scored. Only `ASSESSED` items earn or lose points."""

    ASSESSED = "assessed"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSED = "not_assessed"
    NO_DATA = "no_data"
    PENDING = "pending"
    AWAITING_PEERS = "awaiting_peers"
    ERROR = "error"


class Stage(StrEnum):
    """Before: every lead not refuted counts (按疑点测算). After: only decided ones (按认定结果)."""

    BEFORE = "before"
    AFTER = "after"


class Severity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Nature(StrEnum):
    """定性 of a finding."""

    VIOLATION = "violation"
    IRREGULARITY = "irregularity"
    DESIGN_FLAW = "design_flaw"
    SUGGESTION = "suggestion"


class RunStatus(StrEnum):
    """State of one notebook of one unit; `DONE` is set last and lives in the store."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, order=True)
class Period:
    """检查期间: `2026`, `2026H1`, `2026Q2`, `2026-06` or `2026-01-01..2026-06-30`; days are inclusive."""

    start: date
    end: date
    code: str = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period code. Raises InputError naming the allowed forms."""
        code = unicodedata.normalize("NFKC", text).strip().upper()
        allowed = "2026、2026H1、2026Q2、2026-06 或 2026-01-01..2026-06-30"
        match = re.fullmatch(r"(20\d\d)(?:H([12])|Q([1-4])|-(0[1-9]|1[0-2]))?", code)
        if match:
            year, half, quarter, month = (int(g) if g else None for g in match.groups())
            assert year is not None
            first, length = 1, 12
            if half:
                first, length = 6 * half - 5, 6
            elif quarter:
                first, length = 3 * quarter - 2, 3
            elif month:
                first, length = month, 1
            last = first + length - 1
            return cls(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), code)
        try:
            start, end = (date.fromisoformat(part) for part in code.split(".."))
        except ValueError:
            raise InputError(Fault("检查期间写法不对", value=text, allowed=allowed)) from None
        if start > end:
            raise InputError(Fault("检查期间的开始日晚于结束日", value=text, allowed=allowed))
        return cls(start, end, f"{start}..{end}")

    def previous(self) -> Period | None:
        """Return the period of the same kind before this one; None for a free range."""
        if ".." in self.code:
            return None
        before = self.start - timedelta(days=1)
        if "H" in self.code:
            return Period.parse(f"{before.year}H{1 if before.month <= 6 else 2}")
        if "Q" in self.code:
            return Period.parse(f"{before.year}Q{(before.month + 2) // 3}")
        return Period.parse(f"{before.year}-{before.month:02d}" if "-" in self.code else str(before.year))

    def year_before(self) -> Period | None:
        """Return the same period of the year before; None for a free range."""
        if ".." in self.code or self.start.year <= 2000:
            return None
        return Period.parse(f"{self.start.year - 1}{self.code[4:]}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return self.code


def check_id_text(text: str) -> str | None:
    """Return why `text` cannot be an id (unit, item, check), or None. Ids become file names, so rules are narrow."""
    if not text.strip():
        return "编号为空"
    for ch in text:
        if not ch.isprintable() or unicodedata.category(ch) in {"Cf", "Zs", "Zl", "Zp", "Cn"}:
            return f"编号含不可见字符 U+{ord(ch):04X}"
    if len(text.encode()) > 64:
        return "编号过长，最多 64 字节"
    if text.split(".")[0].lower() in _RESERVED:
        return "编号与系统保留名相同"
    return None if _ID.fullmatch(text) else "编号只能用字母、数字、“-”“_”“.”，且首尾须为字母或数字"


def folded_id(text: str) -> str:
    """Return the form in which two ids are compared: NFKC, case-folded."""
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True)
class Unit:
    """机构: a node of the tree. `level` is head_office, department, branch, sub_branch or outlet."""

    id: str
    name: str
    level: str
    parent: str = ""
    region: str = ""
    businesses: tuple[str, ...] = ()
    inspected: bool = True


@dataclass(frozen=True)
class Measured:
    value: Decimal
    unit: str


@dataclass(frozen=True)
class Response:
    """检查结论 given by a person. `counts` cause → occurrences; `missing` how many of N are missing."""

    item_id: str
    conclusion: Conclusion = Conclusion.NOT_ASSESSED
    option: str = ""
    deduction: Decimal | None = None
    counts: Mapping[str, Decimal] = field(default_factory=dict)
    missing: Decimal | None = None
    measured: Measured | None = None
    note: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()
    revision: int = 0
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Lead:
    """疑点: one record hit by one check. `record` holds business keys and facts, keyed by Chinese title."""

    id: str
    check_id: str
    item_id: str
    unit: str
    period: str
    summary: str
    record: Mapping[str, str]
    business_date: date | None = None


@dataclass(frozen=True)
class LeadDecision:
    """What unit and inspector said of a lead; `decided` counts only when the inspector has spoken."""

    lead_id: str
    answer: Disposition | None = None
    answer_note: str = ""
    answered_by: str = ""
    decided: Disposition | None = None
    reason: str = ""
    decided_by: str = ""
    at: datetime | None = None
    revision: int = 0


@dataclass(frozen=True)
class CheckResult:
    """数据检查 of one unit. `population` rows could have failed, `hits` did; both are counted, never typed."""

    check_id: str
    status: CheckStatus
    population: int = 0
    hits: int = 0
    leads: tuple[Lead, ...] = ()
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class VetoEvent:
    """A recorded event that triggers veto `veto_id` of a checklist or scheme."""

    veto_id: str
    day: date
    description: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class PoolEntry:
    """One bonus (points above 0) or malus (below 0) of a scheme's pool, with what it is for; `fact` names the fact."""

    pool: str
    points: Decimal
    what: str
    day: date | None = None
    evidence: tuple[str, ...] = ()
    fact: str = ""


@dataclass(frozen=True)
class ItemFacts:
    """What scoring knows of an item, in one shape whether a person or the data said it.

    `origin` says how it came to light (self, inspected, misreported, repeated); a scheme may rate these apart.
    """

    item_id: str
    state: FactState = FactState.NOT_ASSESSED
    source: str = "person"
    conclusion: Conclusion | None = None
    option: str = ""
    deduction: Decimal | None = None
    counts: Mapping[str, Decimal] = field(default_factory=dict)
    missing: Decimal | None = None
    measured: Measured | None = None
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    reason: str = ""
    leads: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True)
class TraceLine:
    """得分明细 of one node, parents before children. `possible` and `earned` are in points of the sheet.

    `should_deduct` is what the rules ask, `deducted` what was taken (扣完为止); both None when not scored.
    """

    node_id: str
    parent_id: str
    title: str
    kind: str
    depth: int
    state: FactState
    nominal: Decimal
    possible: Decimal
    should_deduct: Decimal
    deducted: Decimal
    earned: Decimal
    explanation: str = ""
    reason: str = ""
    source: str = ""
    leads: tuple[str, ...] = ()


@dataclass(frozen=True)
class AppliedVeto:
    veto_id: str
    target: str
    effect: str
    grade: str
    event: VetoEvent
    unvetoed: Decimal | None = None


@dataclass(frozen=True)
class Score:
    """得分 of one inspection or of a unit's total, 0–100 after normalising; `value` is the shown, rounded one.

    `value` is None when nothing could be scored. `coverage` is assessed points ÷ applicable points, percent.
    """

    value: Decimal | None
    unvetoed: Decimal | None
    grade: str
    stage: Stage
    possible: Decimal
    earned: Decimal
    coverage: Decimal | None
    provisional: bool
    trace: tuple[TraceLine, ...] = ()
    vetoes: tuple[AppliedVeto, ...] = ()
    engine: str = ""


@dataclass(frozen=True)
class Finding:
    """检查发现 raised from lost points: criteria 标准, condition 事实, effect 影响, recommendation 建议."""

    id: str
    unit: str
    period: str
    domain: str
    item_id: str
    title: str
    nature: Nature
    severity: Severity
    criteria: str
    condition: str
    recommendation: str
    points_lost: Decimal
    leads: tuple[str, ...] = ()
    cause: str = ""
    effect: str = ""


@dataclass(frozen=True)
class CorrectiveAction:
    """整改措施 for a finding: case line 个案 or mechanism line 机制."""

    id: str
    finding_id: str
    unit: str
    line: str
    measure: str
    owner: str
    due: date
    status: str = "open"
    note: str = ""
    revision: int = 0


@dataclass(frozen=True)
class Extract:
    """One dataset as frozen for one unit: where its partition lies, its digest and row count."""

    dataset: str
    path: str
    sha256: str
    rows: int


@with_config(ConfigDict(arbitrary_types_allowed=True))
@dataclass(frozen=True)
class Actor:
    """Who acts. `verified` is False for an operating-system user: shown as 未认证."""

    name: str
    verified: bool = False

    def __str__(self) -> str:
        return self.name if self.verified else f"{self.name}（未认证）"


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def adapter(kind: object) -> TypeAdapter[Any]:
    """Return pydantic's reader and writer of a type: dear to make, so made once."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)  # type: ignore[arg-type]
    return _ADAPTERS[kind]


def to_plain(value: object) -> Any:
    """Return JSON-ready data: decimals and dates as text, mappings and sequences as they are."""
    return adapter(type(value)).dump_python(value, mode="json")


def to_compact(value: object) -> Any:
    """Return what `to_plain` gives without fields at their defaults; `from_plain` reads it back the same."""
    return adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)


def from_plain(kind: type[T], plain: object) -> T:
    """Build `kind` from what `to_plain` gave. Raises pydantic's ValidationError on other data."""
    result: T = adapter(kind).validate_python(plain, strict=False)
    return result


def from_json(kind: type[T], text: str) -> T:
    """Build `kind` from JSON text at once: much faster than by way of `from_plain` on large values."""
    result: T = adapter(kind).validate_json(text, strict=False)
    return result


def canonical_json(value: object) -> str:
    """Return the one JSON text of `value`: sorted keys, no blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def utc_now() -> datetime:
    return datetime.now(UTC)

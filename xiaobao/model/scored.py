"""What comes of an inspection: facts of items, a score with its trace, findings, corrective actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from xiaobao.model.codes import Conclusion, FactState, Nature, Severity, Stage
from xiaobao.model.inspected import Measured, VetoEvent
from xiaobao.model.value import Value


class ItemFacts(Value):
    """What scoring knows of an item, in one shape whether a person or the data said it.

    `origin` says how it came to light (self, inspected, misreported, repeated); a scheme may rate these apart.
    """

    item_id: str
    state: FactState = FactState.NOT_ASSESSED
    source: str = "person"
    conclusion: Conclusion | None = None
    option: str = ""
    deduction: Decimal | None = None
    counts: Mapping[str, Decimal] = {}
    missing: Decimal | None = None
    measured: Measured | None = None
    figures: Mapping[str, Decimal] = {}
    reason: str = ""
    leads: tuple[str, ...] = ()
    origin: str = ""


class TraceLine(Value):
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


class AppliedVeto(Value):
    veto_id: str
    target: str
    effect: str
    grade: str
    event: VetoEvent
    unvetoed: Decimal | None = None


class Score(Value):
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


class Finding(Value):
    """检查发现 raised from lost points: criteria 标准, condition 事实, effect 影响, recommendation 建议.

    `origin` says how it came to light, as in `ItemFacts`; empty in results of version 0.1. A `draft` is a lost point
    that nobody reviewed yet: the paper shows it under that name, it is counted nowhere and raises no measures.
    """

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
    origin: str = ""
    draft: bool = False


class CorrectiveAction(Value):
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

"""What comes of an inspection: facts of items, a score with its trace, findings, corrective actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from xiaobao.model.codes import Conclusion, FactState, Nature, Severity, Stage
from xiaobao.model.inspected import Look, Measured, VetoEvent
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
    looks: tuple[Look, ...] = ()
    figures: Mapping[str, Decimal] = {}
    reason: str = ""
    leads: tuple[str, ...] = ()
    origin: str = ""


class TraceLine(Value):
    """得分明细 of one node, parents before children. `possible` and `earned` are in points of the sheet.

    `should_deduct` is what the rules ask, `deducted` what was taken (扣完为止); both None when not scored.
    A `bonus` item only adds: left open it earns nothing, keeps no score provisional, and is in no coverage.
    `basis` is the requirement with its articles, of an item that lost points.
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
    bonus: bool = False
    basis: str = ""


class AppliedVeto(Value):
    """一票否决 as it took effect: `unvetoed` and `grade_before` are the target's, `outcome` says what became of them.

    `reach` is how far it holds the grade down; empty in results of earlier versions, where none went beyond its sheet.
    """

    veto_id: str
    target: str
    effect: str
    grade: str
    event: VetoEvent
    unvetoed: Decimal | None = None
    reach: str = ""
    grade_before: str = ""
    outcome: str = ""

    @property
    def words(self) -> str:
        """What happened, when, shown by what, and what came of it, in one sentence without its full stop."""
        proof = f"；佐证：{'、'.join(self.event.evidence)}" if self.event.evidence else ""
        said = f"{self.event.description}（{self.event.day}{proof}）"
        return f"{said}，{self.outcome}" if self.outcome else said


_HIDDEN = "【"


@lru_cache(4096)
def recorded_share(assessed: str, coverage: Decimal | None) -> Fraction | None:
    """Return the exact share that a score was recorded with, else its rounded percent; None where nothing applies.

    Before 2026-11-30 the store took a fraction that holds the digits of a card for one and hid them.
    """
    if assessed and _HIDDEN not in assessed:
        return Fraction(assessed)
    return None if coverage is None else Fraction(coverage) / 100


class ShownScore(Value):
    """得分 of one inspection or of a unit's total, 0–100 after normalising; `value` is the shown, rounded one.

    `value` is None, and so is the grade, when nothing could be scored or too little was assessed: below `least` percent
    of what applies. What the assessed part came to (已评部分) is then in `so_far`, for `explain` and the paper alone.
    `coverage` is assessed points ÷ applicable points in percent, `assessed` the same exactly, as “599/1000”; it is ""
    in scores of version 0.2 and earlier.
    """

    value: Decimal | None
    unvetoed: Decimal | None
    grade: str
    stage: Stage
    possible: Decimal
    earned: Decimal
    coverage: Decimal | None
    provisional: bool
    assessed: str = ""
    least: Decimal = Decimal(0)
    so_far: Decimal | None = None

    @property
    def share(self) -> Fraction | None:
        """The exact share of applicable points that was assessed, None where nothing applies."""
        return recorded_share(self.assessed, self.coverage)


class SubtotalScore(Value):
    """并列小计: points of some sections and items of a sheet, and what they come to out of 100 (None: not scored)."""

    id: str
    title: str
    possible: Decimal
    earned: Decimal
    value: Decimal | None


class Score(ShownScore):
    """A score with the lines that lead to it; `subtotals` stand beside it and are counted nowhere."""

    trace: tuple[TraceLine, ...] = ()
    subtotals: tuple[SubtotalScore, ...] = ()
    vetoes: tuple[AppliedVeto, ...] = ()
    engine: str = ""


def misplaced(before: Score, after: Score) -> str:
    """Return what is wrong where a score does not stand in the place of its stage; nothing where both do.

    Both are scores of the same thing, so that nothing but their stage tells them apart: exchanged, a unit would be
    ranked by what its leads say before anybody has decided on them.
    """
    wrong = [
        f"{place} 处的得分是 {score.stage.value}"
        for place, score in ((Stage.BEFORE, before), (Stage.AFTER, after))
        if score.stage is not place
    ]
    return f"得分与认定前后的位置不符：{'；'.join(wrong)}" if wrong else ""


class Finding(Value):
    """检查发现 raised from lost points: criteria 标准, condition 事实, effect 影响, recommendation 建议.

    `origin` says how it came to light, as in `ItemFacts`; empty in results of version 0.1. `domain_title` names a
    domain of the bank's own, and is empty for those that `labels` names. A `draft` is a lost point that nobody reviewed
    yet: the paper shows it under that name, it is counted nowhere and raises no measures.
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
    domain_title: str = ""
    draft: bool = False


class Redress(Value):
    """What was done for the consumers of a case: made good, refunded how much (yuan), informed when; or why not."""

    made_good: bool
    refunded: Decimal = Decimal(0)
    told_on: date | None = None
    why_not: str = ""


class CorrectiveAction(Value):
    """整改措施 for a finding: case line 个案 or mechanism line 机制.

    `owner_login` is the owner's where people are registered. `evidence` are paths of files in the workspace, `redress`
    is the statement of a case line; both are given when it is reported done. `proof` says on what a mechanism line
    was closed.
    """

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
    owner_login: str = ""
    evidence: tuple[str, ...] = ()
    redress: Redress | None = None
    proof: str = ""

"""What may be said of an item, a check, a lead, a score, a finding, a run."""

from __future__ import annotations

from enum import StrEnum


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
    """严重程度 of an item, and so of what is found there."""

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

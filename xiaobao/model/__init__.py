"""The nouns of an inspection, as values. Nothing here reads, writes or computes a score.

All are frozen. Times are aware UTC datetimes, days of business are dates, amounts are `Decimal`.
`to_plain` and `from_plain` turn them into JSON-ready data and back.
"""

from xiaobao.model.codes import CheckStatus, Conclusion, Disposition, FactState, Nature, RunStatus, Severity, Stage
from xiaobao.model.ids import check_id_text, folded_id
from xiaobao.model.inspected import (
    Actor,
    CheckResult,
    Extract,
    Lead,
    LeadDecision,
    Look,
    Measured,
    PoolEntry,
    Response,
    Review,
    Unit,
    VetoEvent,
)
from xiaobao.model.people import Deputy, Person, Role, Seat
from xiaobao.model.periods import Period
from xiaobao.model.plain import canonical_json, digest, from_json, from_plain, reader, to_compact, to_plain, utc_now
from xiaobao.model.scored import (
    AppliedVeto,
    CorrectiveAction,
    Finding,
    ItemFacts,
    Score,
    ShownScore,
    SubtotalScore,
    TraceLine,
    misplaced,
)
from xiaobao.model.value import Value

__all__ = [
    "Actor",
    "AppliedVeto",
    "CheckResult",
    "CheckStatus",
    "Conclusion",
    "CorrectiveAction",
    "Deputy",
    "Disposition",
    "Extract",
    "FactState",
    "Finding",
    "ItemFacts",
    "Lead",
    "LeadDecision",
    "Look",
    "Measured",
    "Nature",
    "Period",
    "Person",
    "PoolEntry",
    "Response",
    "Review",
    "Role",
    "RunStatus",
    "Score",
    "Seat",
    "Severity",
    "ShownScore",
    "Stage",
    "SubtotalScore",
    "TraceLine",
    "Unit",
    "Value",
    "VetoEvent",
    "canonical_json",
    "check_id_text",
    "digest",
    "folded_id",
    "from_json",
    "from_plain",
    "misplaced",
    "reader",
    "to_compact",
    "to_plain",
    "utc_now",
]

"""The nouns of an inspection, as values. Nothing here reads, writes or computes a score.

All are frozen. Times are aware UTC datetimes, days of business are dates, amounts are `Decimal`.
`to_plain` and `from_plain` turn them into JSON-ready data and back.
"""

from xiaobao.model.appeals import Appeal, upheld_answers
from xiaobao.model.codes import CheckStatus, Conclusion, Disposition, FactState, Nature, RunStatus, Severity, Stage
from xiaobao.model.ids import check_id_text, folded_id, folded_name
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
from xiaobao.model.people import Deputy, Person, Role, Seat, same_person
from xiaobao.model.periods import Period
from xiaobao.model.scored import (
    AppliedVeto,
    CorrectiveAction,
    Finding,
    ItemFacts,
    Redress,
    Score,
    ShownScore,
    SubtotalScore,
    TraceLine,
    misplaced,
)
from xiaobao.model.value import (
    Value,
    canonical_json,
    digest,
    from_json,
    from_plain,
    reader,
    to_compact,
    to_plain,
    utc_now,
)

__all__ = [
    "Actor",
    "Appeal",
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
    "Redress",
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
    "folded_name",
    "from_json",
    "from_plain",
    "misplaced",
    "reader",
    "same_person",
    "to_compact",
    "to_plain",
    "upheld_answers",
    "utc_now",
]

"""得分: facts of items in, a score with its trace out. Pure, exact, and the only place where points are computed.

`bridge` (why a score changed), `what_if` and `appraisal` are taken from their modules: a paper needs none of them.
"""

from xiaobao.scoring.coverage import assessed_as, coverage_words, held_back, shown_outside, unassessed, value_words
from xiaobao.scoring.engine import ENGINE, exact_value, score
from xiaobao.scoring.facts import facts_from_checks, facts_from_response, gather_facts
from xiaobao.scoring.grades import grade_label, grade_of
from xiaobao.scoring.peers import best_values, needs_peers, own_values, put_in, resolve_peers
from xiaobao.scoring.relevance import applicability, unasked
from xiaobao.scoring.responses import response_faults, response_notices
from xiaobao.scoring.rules import ItemLoss, item_loss
from xiaobao.scoring.total import RolledUp, roll_up, total
from xiaobao.scoring.trace import explain, explain_table, subtotal_sentences, unscored

__all__ = [
    "ENGINE",
    "ItemLoss",
    "RolledUp",
    "applicability",
    "assessed_as",
    "best_values",
    "coverage_words",
    "exact_value",
    "explain",
    "explain_table",
    "facts_from_checks",
    "facts_from_response",
    "gather_facts",
    "grade_label",
    "grade_of",
    "held_back",
    "item_loss",
    "needs_peers",
    "own_values",
    "put_in",
    "resolve_peers",
    "response_faults",
    "response_notices",
    "roll_up",
    "score",
    "shown_outside",
    "subtotal_sentences",
    "total",
    "unasked",
    "unassessed",
    "unscored",
    "value_words",
]

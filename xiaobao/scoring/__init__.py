"""得分: facts of items in, a score with its trace out. Pure, exact, and the only place where points are computed.

`facts` brings answers and check results to one shape, `engine.score` makes of them a sheet's score, `total` a unit's
and its parents'. Points are `Fraction` inside and rounded once, half-up, to `Decimal`; shares run from 0 to 1 inside,
percentages from 0 to 100 where they are shown. A value of None says that too little was assessed, never zero.
`bridge` (why a score changed) is taken from its module: a paper does not need it.
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

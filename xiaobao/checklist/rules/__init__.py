"""计分规则, one file a kind; several may stand on one item, a forfeit wins over deductions.

A new kind is a class in a file of its own (see `rule`) and a name in `Rule` below: YAML, JSON Schema, forms, Excel,
change notes and scoring follow from there.
"""

from __future__ import annotations

from typing import get_args

from xiaobao.checklist.rules.additive import Additive, Part
from xiaobao.checklist.rules.all_or_nothing import AllOrNothing
from xiaobao.checklist.rules.any_of import AnyOf, Way
from xiaobao.checklist.rules.cases import Case, Cases
from xiaobao.checklist.rules.count import Cause, Count
from xiaobao.checklist.rules.figure import Figure, FigureBand
from xiaobao.checklist.rules.judged import Judged
from xiaobao.checklist.rules.levels import LevelOption, Levels
from xiaobao.checklist.rules.looks import Looks
from xiaobao.checklist.rules.missing import Missing
from xiaobao.checklist.rules.peers import Peers
from xiaobao.checklist.rules.proportion import Proportion
from xiaobao.checklist.rules.rank import Rank, RankBand
from xiaobao.checklist.rules.rule import Ask, RuleBase, RuleLoss
from xiaobao.checklist.rules.shortfall import Shortfall
from xiaobao.checklist.rules.threshold import Threshold

Rule = (
    AllOrNothing
    | Levels
    | Judged
    | Count
    | Missing
    | Threshold
    | Figure
    | Additive
    | Proportion
    | Peers
    | Cases
    | Shortfall
    | AnyOf
    | Looks
    | Rank
)
RULE_KINDS: dict[str, type[RuleBase]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Rule)}

__all__ = [
    "KINDS",
    "Additive",
    "AllOrNothing",
    "AnyOf",
    "Ask",
    "Case",
    "Cases",
    "Cause",
    "Count",
    "Figure",
    "FigureBand",
    "Judged",
    "LevelOption",
    "Levels",
    "Looks",
    "Missing",
    "Part",
    "Peers",
    "Proportion",
    "Rank",
    "RankBand",
    "Rule",
    "RuleBase",
    "RuleLoss",
    "Shortfall",
    "Threshold",
    "Way",
]

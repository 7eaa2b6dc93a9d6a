"""What a checklist says, as text for people: names of fields, words for codes, values of any model.

Everything follows from the models, so that a new kind of rule is worded without a change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from xiaobao import labels
from xiaobao.checklist.models import Sample
from xiaobao.checklist.rules import RULE_KINDS
from xiaobao.checklist.rules.looks import LOOKS_TAKEN_AS
from xiaobao.model import Conclusion, Severity
from xiaobao.numbers import plain
from xiaobao.written.strict import Strict, stated_fields

CODE_WORDS: Mapping[str, Mapping[str, str]] = {
    "severity": {code.value: labels.label(code) for code in Severity},
    "answered_by": labels.ANSWERED_BY,
    "element": labels.ELEMENTS,
    "draw": labels.SAMPLE_DRAWS,
    "not_applicable": labels.NOT_APPLICABLE_POLICIES,
    "effect": labels.VETO_EFFECTS,
    "reach": labels.VETO_REACHES,
    "kind": {**labels.SCHEME_KINDS, **{kind: model.word for kind, model in RULE_KINDS.items()}},
    "part": {"dropped": "不计", "counted": "按一次计", "proportional": "按比例计"},
    "zero": {"reported": "列出待核实", "full": "得满分"},
    "by": labels.TOLERANCE_BY,
    "conclusions": {code.value: labels.label(code) for code in Conclusion},
    "needs": labels.NEEDS,
    "how": {**labels.ROLLUPS, **LOOKS_TAKEN_AS},
    "levels": {**labels.LEVELS, **labels.ROLLUPS},
    "shares": labels.LEVELS,
    "measure": labels.COMPONENT_MEASURES,
    "binds": labels.BOUND,
    "unit": labels.MEASURES,
    "figure": labels.FIGURES,
}
# Words of codes beside which a bank may write codes of its own.
OPEN_WORDS: Mapping[str, Mapping[str, str]] = {"domain": labels.DOMAINS, "figure": labels.FIGURES}
# A rule brings the words of its own fields; kinds that share a field share the word.
_FIELDS: Mapping[str, str] = {
    **{name: word for model in RULE_KINDS.values() for name, word in model.words.items()},
    **labels.CHECKLIST_FIELDS,
}


def field_title(name: str) -> str:
    """Return the Chinese name of a field; one that has none yet keeps its own."""
    return _FIELDS.get(name, name)


def value_text(name: str, value: object) -> str:
    """Return the value of field `name` on one line; nothing for None, for an empty text or list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Strict):
        return _model_text(value)
    if isinstance(value, tuple):
        between = "；" if any(isinstance(one, Strict) for one in value) else "、"
        return between.join(value_text(name, one) for one in value)
    return CODE_WORDS.get(name, {}).get(str(value), str(value))


def sample_text(sample: Sample | None) -> str:
    """Return 抽样规则 as a phrase without its note: how drawn, how many, from what; nothing for None."""
    if sample is None:
        return ""
    size = f" {sample.size} 个" if sample.size else ""
    return f"{labels.SAMPLE_DRAWS[sample.draw]}{size}（总体：{sample.population}）"


def _model_text(value: Strict) -> str:
    """Return a model as its stated fields; a rule by its kind, with the rest in brackets."""
    kind, label = getattr(value, "kind", ""), getattr(value, "label", "")
    skipped = {"id", "label"} if label else set()
    stated = [f"{label}〔{getattr(value, 'id', '')}〕"] if label else []
    stated += [
        f"{field_title(name)} {text}"
        for name, inner in stated_fields(value)
        if name not in skipped and (text := value_text(name, inner))
    ]
    words = "，".join(stated)
    if not kind:
        return words
    return value_text("kind", kind) + (f"（{words}）" if words else "")

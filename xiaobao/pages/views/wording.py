"""How figures and codes read on every page: one dash for nothing, one way of naming what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from xiaobao.labels import label
from xiaobao.model import CheckResult, CheckStatus, Disposition, Lead, LeadDecision, Score, Severity
from xiaobao.numbers import half_up, show
from xiaobao.pages.views.view_model import Cell
from xiaobao.scoring.coverage import coverage_words, value_words

AWAITING_PEERS = "待汇总"
DASH = "—"
SHOWN_LEADS = 200
_PLACES = 4
_TONES = {
    CheckStatus.CLEAR: "good",
    CheckStatus.LEADS: "bad",
    CheckStatus.ERROR: "bad",
    CheckStatus.NOT_APPLICABLE: "muted",
    CheckStatus.NO_DATA: "muted",
}


def check_title(result: CheckResult) -> str:
    """Return the Chinese title of a result's check; one of the bank's own is in the result.

    Imported late: a scorecard's kernel needs no checks, nor their pandas.
    """
    from xiaobao.checks.registry import REGISTRY

    return result.title or (REGISTRY[result.check_id].title if result.check_id in REGISTRY else result.check_id)


def points(value: Decimal | None) -> str:
    """Return points without needless zeros; endless fractions of an adjustment are shown to four places."""
    if value is None:
        return DASH
    plain = half_up(value, _PLACES).normalize()
    return show(plain if plain.as_tuple().exponent <= 0 else plain.quantize(Decimal(1)))  # type: ignore[operator]


def score_text(score: Score) -> str:
    """Return a score as it stands in a cell: its value, else the coverage for which it has none."""
    return value_words(score)


def why_no_score(score: Score) -> str:
    """Explain a missing score, empty when there is one."""
    if score.value is not None:
        return ""
    if score.so_far is not None:
        return f"{coverage_words(score.coverage)}，不足 {points(score.least)} %，没有得分，不排名，也不能说明没有问题"
    return "没有可评分的检查项（全部不适用、未检查、待核实或无数据），不计分、不排名"


def coverage_text(score: Score) -> str:
    """Return what share was assessed, to stand beside the score in the same size."""
    covered = DASH if score.coverage is None else f"{show(score.coverage)} %"
    return f"{covered}（暂定）" if score.provisional and score.value is not None else covered


def status_cell(status: CheckStatus) -> Cell:
    """Return the state of a check in its Chinese word and colour."""
    return Cell(text=label(status), tone=_TONES[status])


def severity_cell(severity: Severity) -> Cell:
    """Return how grave a finding is in its Chinese word and colour."""
    return Cell(text=label(severity), tone="bad" if severity is Severity.HIGH else "")


def answer_text(said: Disposition | None, note: str, by: str, missing: str) -> str:
    """Return what was said of a lead, with its reason and who said it, or `missing`."""
    if said is None:
        return missing
    return "；".join(part for part in (label(said), note, by and f"（{by}）") if part)


def decision_cell(decision: LeadDecision | None) -> Cell:
    """Say how a lead was decided: good where refuted, bad where it stands in whole or part, muted before that."""
    if decision is None or decision.decided is None:
        return Cell(text="待认定", tone="muted")
    tone = "good" if decision.decided is Disposition.REFUTED else "bad"
    return Cell(text=answer_text(decision.decided, decision.reason, decision.decided_by, ""), tone=tone)


def record_text(lead: Lead) -> str:
    """Return the record's shown columns that have a value, in the order the check gives them."""
    return "；".join(f"{title} {value}" for title, value in lead.record.items() if value)


def cut_note(shown: int, total: int) -> str:
    """Say how many there are, and that the list is cut where it is: a short list is never taken for all."""
    return f"共 {show(total)} 条" + (f"，此处列出前 {shown} 条，其余见疑点清单" if total > shown else "")


def counted(words: Sequence[tuple[str, int]]) -> str:
    """Return words with their counts, as 疑点 3，属实 1."""
    return "，".join(f"{word} {show(count)}" for word, count in words)


def listed(texts: Iterable[str]) -> str:
    """Return texts in one Chinese list, a dash for none."""
    return "、".join(texts) or DASH

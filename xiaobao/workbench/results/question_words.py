"""What a question of newer data says in Chinese, on the page, in the paper and in the report alike."""

from __future__ import annotations

from xiaobao.checks.registry import REGISTRY
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.labels import QUESTION_STATES, label
from xiaobao.store.records import HandedIn, Question


def question_lines(question: Question) -> tuple[str, ...]:
    """Return what a question says in Chinese: the data first, then check by check what it said and says."""
    data = [
        f"{DATASETS[one.dataset].title} {_rows(one.rows_before)} → {_rows(one.rows_now)}"
        for one in question.data
        if one.dataset in DATASETS
    ]
    checks = [
        f"{one.title or (REGISTRY[one.check_id].title if one.check_id in REGISTRY else one.check_id)}："
        f"提交时 {label(one.before)} {one.hits_before} 条，现在 {label(one.now)} {one.hits_now} 条"
        for one in question.checks
    ]
    return (*data, *(checks or ["各项数据检查的结论没有变化"]))


def rests_on(kept: HandedIn, question: Question | None) -> str:
    """Return on which data a handed-in sheet rests, "" where that needs no words."""
    if question is None or question.state not in ("open", "kept"):
        return ""
    answer = QUESTION_STATES[question.state]
    why = f"，理由：{question.reason}（{question.answered_by}）" if question.reason else ""
    return (
        f"本检查表依据 {kept.day} 提交时的数据。此后数据已更新（{answer}{why}）：{'；'.join(question_lines(question))}"
    )


def _rows(count: int | None) -> str:
    return "无数据" if count is None else f"{count} 行"

"""The last cell of a paper: one output that carries the result to the parent, and one line for the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xiaobao.model import Value
from xiaobao.scoring.coverage import value_words

if TYPE_CHECKING:
    from xiaobao.paper.work_paper import WorkPaper
    from xiaobao.scorecard import Scorecard

_LONGEST = 200
RESULT_TYPE = "application/vnd.xiaobao.result+json"


class ShownResult(Value):
    """Shown as one line; its MIME output is what the batch records."""

    payload: dict[str, Any]
    line: str

    def __repr__(self) -> str:
        return self.line

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": self.line, RESULT_TYPE: self.payload}


def emit(shown: WorkPaper | Scorecard | str) -> ShownResult:
    """交回底稿的结果，写在最后一格：检查底稿、得分表，或者自设底稿的一句结论（文字，个人信息会遮盖）。"""
    if isinstance(shown, str):
        return _said(shown)
    words, score = shown.headline()
    said = f"{score.value} 分" if score.value is not None else f"没有得分，{value_words(score)}"
    return ShownResult(payload=shown.result(), line=f"{words}：{said}")


def _said(conclusion: str) -> ShownResult:
    """Return what an analyst's own notebook says in one line; in a batch it is of the unit that is run."""
    from xiaobao.paper.from_frozen import frozen_inputs, given_inputs
    from xiaobao.personal import mask

    line = mask(" ".join(conclusion.split()))[:_LONGEST]
    of = frozen_inputs() if given_inputs() else None
    place = {"unit": of.unit.id, "period": of.period} if of else {}
    return ShownResult(
        payload={"kind": "own", "conclusion": line, **place}, line=f"结论：{line}" if line else "没有写结论"
    )

"""The last cell of a paper: one output that carries the result to the parent, and one line for the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xiaobao.model import Value
from xiaobao.scoring.coverage import value_words

if TYPE_CHECKING:
    from xiaobao.paper.work_paper import WorkPaper
    from xiaobao.scorecard import Scorecard

RESULT_TYPE = "application/vnd.xiaobao.result+json"


class Result(Value):
    """Shown as one line; its MIME output is what the batch records."""

    payload: dict[str, Any]
    line: str

    def __repr__(self) -> str:
        return self.line

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": self.line, RESULT_TYPE: self.payload}


def emit(shown: WorkPaper | Scorecard) -> Result:
    """Return the result of a work paper or scorecard for the last cell to show."""
    words, score = shown.headline()
    said = f"{score.value} 分" if score.value is not None else f"没有得分，{value_words(score)}"
    return Result(payload=shown.result(), line=f"{words}：{said}")

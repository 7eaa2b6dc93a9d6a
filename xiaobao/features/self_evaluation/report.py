"""自评估报告: by the regulator's seven elements, with the list of evidence."""

from __future__ import annotations

from xiaobao.features.self_evaluation.elements import element_figures
from xiaobao.features.self_evaluation.evaluations import evaluation_figures
from xiaobao.features.self_evaluation.reading import read_elements, read_evaluated
from xiaobao.model import Period
from xiaobao.publishing.reports import ReportKind, Source
from xiaobao.report_figures import inspection_figures
from xiaobao.word import Lines, Sentence, SentenceWriter
from xiaobao.word.sentences import reserved_lines
from xiaobao.workbench.results.reporting import read_inspected
from xiaobao.workbench.workspace import Workbench


def _read(wb: Workbench, span: Period, unit: str, campaign: str | None) -> Source:
    evaluated = read_evaluated(wb, span.code, unit, campaign)
    behind = evaluated.behind_all(evaluated.units)
    own = element_figures(read_elements(wb, span.code, unit, campaign), wb.settings.policies.coverage, behind)
    own = own | evaluation_figures(evaluated)
    return Source(figures=inspection_figures(read_inspected(wb, span.code, unit, campaign)) | own)


def _summary(w: SentenceWriter) -> Lines:
    if not w.known("自评·应查项次"):
        return [Sentence(("本期没有检查结果，七个评价要素无数据。",))]
    lines = [
        w.say("七个评价要素应查{自评·应查项次}，已评分{自评·已评分项次}，合计得分率{自评·得分率}。"),
        *_evaluated(w),
    ]
    if w.some("自评·佐证"):
        lines.append(w.say("已登记佐证材料{自评·佐证}。"))
    else:
        lines.append(Sentence(("没有登记佐证材料。",)))
    if w.some("自评·无佐证要素"):
        lines.append(w.say("没有佐证材料的评价要素{自评·无佐证要素}。"))
    return [*lines, *reserved_lines(w)]


def _evaluated(w: SentenceWriter) -> Lines:
    """Say the score by elements: of one unit, or how it lies over several."""
    if not w.some("自评总分·有得分机构"):
        return [Sentence(("没有可以按要素评分的机构：未检查，或者评分覆盖不足。",))]
    if w.figures["自评总分·有得分机构"].value == 1:
        lines = [w.say("按要素权重，有得分的{自评总分·有得分机构}机构自评总分{自评总分·平均分}。")]
    else:
        spread = "各机构总分的平均{自评总分·平均分}，最高{自评总分·最高分}，最低{自评总分·最低分}"
        said = "；平均是各机构得分的平均，不是全行的得分，不评等级。"
        lines = [w.say(f"按要素权重自评，有得分的{{自评总分·有得分机构}}机构，{spread}{said}")]
    if w.some("自评总分·覆盖不足"):
        lines.append(w.say("未检查或评分覆盖不足、没有自评总分的{自评总分·覆盖不足}机构。"))
    if w.some("自评总分·暂定"):
        lines.append(w.say("其中{自评总分·暂定}机构的总分为暂定：权重没有分配完，或者有要素、检查项没有评分。"))
    if w.some("自评总分·未对应要素项次"):
        lines.append(w.say("没有对应要素、不计入自评总分的{自评总分·未对应要素项次}。"))
    return lines


KIND = ReportKind(
    kind="self-evaluation",
    file="自评估报告",
    template="self-evaluation.docx",
    read=_read,
    parts=lambda w: {"summary": tuple(_summary(w))},
)

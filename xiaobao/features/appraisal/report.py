"""考核通报: the circular on the appraisal of all units."""

from __future__ import annotations

from xiaobao.errors import Fault, InputError
from xiaobao.model import Period
from xiaobao.publishing.reports import ReportKind, Source
from xiaobao.report_figures import appraisal_figures, inspection_figures
from xiaobao.word import Lines, Sentence, SentenceWriter
from xiaobao.word.sentences import reserved_lines
from xiaobao.workbench.results.reporting import read_inspected
from xiaobao.workbench.workspace import Workbench


def _read(wb: Workbench, span: Period, unit: str, campaign: str | None) -> Source:
    inspected = read_inspected(wb, span.code, unit, campaign)
    if not inspected.overviews:
        raise InputError(Fault("这个期间没有检查批次，没有可以通报的考核结果", value=span.code))
    return Source(figures=inspection_figures(inspected) | appraisal_figures(inspected))


def _summary(w: SentenceWriter) -> Lines:
    lines = [w.say("本次考核机构{检查·机构}，有得分的{检查·有得分机构}。")]
    bare = w.some("检查·未检查机构", "检查·覆盖不足机构")
    if bare:
        lines.append(w.say("未检查{检查·未检查机构}，评分覆盖不足{检查·覆盖不足机构}，不排名，另行列出。"))
    if w.some("检查·有得分机构"):
        spread = "得分平均{检查·平均分}，中位数{检查·中位数}，最高{检查·最高分}，最低{检查·最低分}"
        lines.append(w.say(f"有得分的{{检查·有得分机构}}机构{spread}。"))
        lines += reserved_lines(w)
        grades = w.listed("检查·等级")
        lines.append(w.say("等级分布：", grades, "。") if grades.parts else Sentence(("没有可以评定等级的机构。",)))
    else:
        lines.append(Sentence(("没有可以评分的机构，不排名。",)))
    none = "没有检查发现；有机构未检查或覆盖不足，不能说明没有问题。" if bare else "没有检查发现。"
    lines.append(w.say("检查发现{检查·发现}，涉及{检查·发现机构}机构。") if w.some("检查·发现") else w.say(none))
    if w.some("检查·疑点·未认定"):
        lines.append(w.say("尚有疑点{检查·疑点·未认定}没有认定，认定后得分可能变动。"))
    lines.append(
        w.say("触发一票否决{检查·一票否决}。") if w.some("检查·一票否决") else w.say("没有触发一票否决的事项。")
    )
    return lines


KIND = ReportKind(
    kind="appraisal",
    file="考核通报",
    template="appraisal.docx",
    read=_read,
    parts=lambda w: {"summary": tuple(_summary(w))},
)

"""The reports that are written from figures: what each gives to its template. Nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xiaobao.features.complaints.telling import analysis_sections
from xiaobao.labels import REPORTS, written_day
from xiaobao.model import Period
from xiaobao.report_figures import FigureSet, FreeText
from xiaobao.word.charts import ChartFile
from xiaobao.word.rendering import PrintedLine, render_template
from xiaobao.word.sentences import Lines, Sentence, Teller
from xiaobao.word.telling import sections

CHARTS = ("source", "channel", "business_class", "reason", "month", "region")
Charts = Mapping[str, ChartFile | None]
Notes = Sequence[str | Sentence]


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What stands at the head and the foot of a report. `kind` is one of `labels.REPORTS`; `due` None: no date set."""

    kind: str
    bank: str
    author: str
    period: Period
    as_of: date
    day: date
    due: date | None = None
    number: str = ""
    edition: int = 1

    @property
    def title(self) -> str:
        year, half = self.period.code[:4], self.period.code[4:]
        span = {"": f"{year}年", "H1": f"{year}年上半年", "H2": f"{year}年下半年"}.get(half, f"{self.period.code} ")
        name = REPORTS[self.kind]
        return f"{self.author}{span.removesuffix('年') + '年度' if self.kind == 'annual' and not half else span}{name}"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A report ready to be drawn: the template's values, and the charts it may show."""

    cover: Cover
    values: Mapping[str, object]
    charts: Charts


def work_report(cover: Cover, figures: FigureSet, text: FreeText, charts: Charts, notes: Notes) -> Document:
    """Return the half-year or annual report (消保工作报告). `notes` are the rules of counting and what to know."""
    own = {"parts": sections(Teller(figures)), "text": {"problems": text.problems, "plans": text.plans}}
    return _document(cover, figures, charts, notes, own)


def complaint_report(cover: Cover, figures: FigureSet, text: FreeText, charts: Charts, notes: Notes) -> Document:
    """Return the complaint analysis (投诉分析报告)."""
    own = {"parts": analysis_sections(Teller(figures)), "text": {"problems": text.problems, "plans": text.plans}}
    return _document(cover, figures, charts, notes, own)


def appraisal_report(cover: Cover, figures: FigureSet, notes: Notes) -> Document:
    """Return the circular on the appraisal of all units (考核通报)."""
    teller = Teller(figures)
    return _document(cover, figures, {}, notes, {"parts": {"summary": tuple(_appraisal(teller))}})


def evaluation_report(cover: Cover, figures: FigureSet, notes: Notes) -> Document:
    """Return the self-evaluation by the regulator's seven elements, with the list of evidence (自评估报告)."""
    teller = Teller(figures)
    return _document(cover, figures, {}, notes, {"parts": {"summary": tuple(_evaluation(teller))}})


def write_document(document: Document, template: Path, path: Path) -> tuple[PrintedLine, ...]:
    """Write the report to `path` and return what it shows of figures. Raises InputError on a faulty template."""
    cover = document.cover
    return render_template(document.values, template, path, cover.title, cover.bank, document.charts)


def _document(cover: Cover, figures: FigureSet, charts: Charts, notes: Notes, own: Mapping[str, object]) -> Document:
    values = {
        "bank": cover.bank,
        "author": cover.author,
        "title": cover.title,
        "number": cover.number or "〔　　　〕　　号",
        "period": cover.period.code,
        "start": written_day(cover.period.start),
        "end": written_day(cover.period.end),
        "as_of": written_day(cover.as_of),
        "day": written_day(cover.day),
        "due": written_day(cover.due) if cover.due else "",
        "figures": figures.figures,
        "tables": {name: table.rows for name, table in figures.tables.items()},
        "table_notes": {name: table.note for name, table in figures.tables.items()},
        "compared": "投诉·增减件数" in figures and figures["投诉·增减件数"].value is not None,
        "notes": tuple(notes),
        **own,
    }
    return Document(cover=cover, values=values, charts={**dict.fromkeys(CHARTS), **charts})


def _appraisal(t: Teller) -> Lines:
    lines = [t.say("本次考核机构{检查·机构}，有得分的{检查·有得分机构}。")]
    if t.some("检查·有得分机构"):
        lines.append(t.say("得分平均{检查·平均分}，中位数{检查·中位数}，最高{检查·最高分}，最低{检查·最低分}。"))
        grades = t.listed("检查·等级")
        lines.append(t.say("等级分布：", grades, "。") if grades.parts else Sentence(("没有可以评定等级的机构。",)))
    else:
        lines.append(Sentence(("没有可以评分的机构，不排名。",)))
    lines.append(
        t.say("检查发现{检查·发现}，涉及{检查·发现机构}机构。") if t.some("检查·发现") else t.say("没有检查发现。")
    )
    if t.some("检查·疑点·未认定"):
        lines.append(t.say("尚有疑点{检查·疑点·未认定}没有认定，认定后得分可能变动。"))
    lines.append(
        t.say("触发一票否决{检查·一票否决}。") if t.some("检查·一票否决") else t.say("没有触发一票否决的事项。")
    )
    return lines


def _evaluation(t: Teller) -> Lines:
    if not t.known("自评·应查项次"):
        return [Sentence(("本期没有检查结果，七个评价要素无数据。",))]
    lines = [
        t.say("七个评价要素应查{自评·应查项次}，已评分{自评·已评分项次}，合计得分率{自评·得分率}。"),
        *_evaluated(t),
    ]
    if t.some("自评·佐证"):
        lines.append(t.say("已登记佐证材料{自评·佐证}。"))
    else:
        lines.append(Sentence(("没有登记佐证材料。",)))
    if t.some("自评·无佐证要素"):
        lines.append(t.say("没有佐证材料的评价要素{自评·无佐证要素}。"))
    return lines


def _evaluated(t: Teller) -> Lines:
    """Say the score by elements: of one unit, or how it lies over several."""
    if not t.some("自评总分·有得分机构"):
        return [Sentence(("没有可以按要素评分的机构。",))]
    if t.figures["自评总分·有得分机构"].value == 1:
        lines = [t.say("按要素权重自评总分{自评总分·平均分}。")]
    else:
        spread = "平均{自评总分·平均分}，最高{自评总分·最高分}，最低{自评总分·最低分}"
        lines = [t.say(f"按要素权重自评，有得分的{{自评总分·有得分机构}}机构，总分{spread}。")]
    if t.some("自评总分·暂定"):
        lines.append(t.say("其中{自评总分·暂定}机构的总分为暂定：权重没有分配完，或者有要素、检查项没有评分。"))
    if t.some("自评总分·未对应要素项次"):
        lines.append(t.say("没有对应要素、不计入自评总分的{自评总分·未对应要素项次}。"))
    return lines

"""Figures of a report by the words in which people state them, so that a number somebody typed can be held against it.

A statement means a figure only when it names it whole and says nothing else: “培训 2 场” is the number of sessions,
“柜员培训 2 场” is something that nobody counted. What is not certain is left unverified, never called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from xiaobao.features.draft_check.known_facts import Fact
from xiaobao.features.draft_check.statement import AMOUNT, COUNT, RATE, SCORE
from xiaobao.model import Period
from xiaobao.report_figures.figures import FigureSet, ReportFigure

_UNITS = {
    "场": ("场", "场次", "次"),
    "次": ("次", "场", "场次"),
    "件": ("件", "件次", "起", "宗", "笔", "项"),
    "起": ("起", "件", "次", "宗"),
    "项": ("项", "个", "条"),
    "个": ("个", "家"),
    "家": ("家", "个"),
}
# Words whose meaning the unit has already, heads of breakdowns, and words around a figure that change nothing.
_PLAIN = ("次数", "场次", "件数", "总数", "人数", "项数", "篇数", "类别", "意见", "结果", "形式", "受众", "方式")
_FILLERS = (
    "消费者权益保护",
    "金融知识",
    "教育宣传",
    "宣传教育",
    "全行",
    "本期",
    "本行",
    "我行",
    "期末",
    "共计",
    "合计",
    "总计",
    "累计",
    "一共",
    "消保",
    "工作",
    "活动",
    "情况",
    "事项",
    "措施",
    "纠纷",
    "问题",
    "意见",
    "申请",
    "提出",
    "面向",
    "组织",
    "开展",
    "举办",
    "召开",
    "形成",
    "完成",
    "实施",
    "登记",
    "收到",
    "进行",
    "达到",
    "其中",
    "得分",
    "分",
    "共",
    "计",
    "总",
    "为",
    "达",
    "有",
    "了",
    "的",
    "已",
)
_ALSO = {
    "审查": ("审查", "送审"),
    "宣传": ("宣传", "宣教"),
    "重大事件": ("重大事件", "突发事件"),
    "经费": ("经费", "费用"),
    "执行率": ("执行率", "预算执行率"),
}
_OF_THE_LEDGER = ("投诉·每网点月均", "投诉·每万名客户", "投诉·网点数", "投诉·客户数", "投诉·无投诉机构")
_BEFORE = {
    "审查·总数": "审查·上年同期",
    "培训·场次": "培训·上年同期",
    "宣传·场次": "宣传·上年同期",
    "调解·件数": "调解·上年同期",
    "调解·争议金额": "调解·金额·上年同期",
}
_ALONE = ("争议金额",)  # nothing else is called so
_ELSEWHERE = ("投诉", "时限", "考核", "自评")  # known by the ledger's own words, or named by units
_KINDS = {"%": RATE, "分": SCORE, "万元": AMOUNT}
_MARKS = r"[\s,，、:：()（）]"


def stated_facts(figures: FigureSet, period: Period) -> Iterator[tuple[str, Fact]]:
    """Yield (pattern of words, fact) for every figure that a sentence can name; the longer names first.

    Of days and years only those of the whole `period` may stand beside a figure: of a part of it nothing is known.
    """
    named = {name: _tokens(one) for name, one in figures.figures.items() if _can_be_named(one)}
    fillers = (*_FILLERS, *_whole(period))
    for name in sorted(named, key=lambda key: (-len(named[key]), -len("".join(named[key])), key)):
        figure, earlier = figures[name], figures.figures.get(_BEFORE.get(name, ""))
        yield _pattern(named[name], figure, fillers), _fact(figure, earlier)


def _can_be_named(figure: ReportFigure) -> bool:
    if figure.value is None or figure.name.endswith(("上年同期", "增幅")):
        return False
    return figure.name in _OF_THE_LEDGER or not figure.name.startswith(_ELSEWHERE)


def _whole(period: Period) -> tuple[str, ...]:
    year, rest = f"{period.start.year}年", period.code[4:]
    return (year, *{"H1": ("上半年",), "H2": ("下半年",), "": ("全年", "年度", "度")}.get(rest, ()))


def _tokens(figure: ReportFigure) -> tuple[str, ...]:
    """Return the words that must stand before the number; its unit says the rest."""
    parts = [part.removesuffix(figure.unit) if part != figure.unit else "" for part in figure.name.split("·")]
    return tuple(part for part in parts if part and part not in _PLAIN)


def _pattern(tokens: Sequence[str], figure: ReportFigure, fillers: Sequence[str]) -> str:
    """Match a text that holds every token and beside them only fillers, and ends in the unit, if any."""
    spelt = [_ALSO.get(token, (token,)) for token in tokens]
    must = spelt[-1:] if tokens[-1] in _ALONE else spelt
    wanted = "".join(f"(?=.*{_either(words)})" for words in must)
    known = _either([*(word for words in spelt for word in words), *fillers])
    return f"^{wanted}(?:{known}|{_MARKS})*+{_either((*_units(figure), '元', '亿元', '%', '个百分点'))}?$"


def _either(words: Sequence[str]) -> str:
    """Match one of the words, the longest that fits: with no way back, so that no text takes long."""
    return f"(?>{'|'.join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))})"


def _units(figure: ReportFigure) -> tuple[str, ...]:
    return _UNITS.get(figure.unit, (figure.unit,))


def _fact(figure: ReportFigure, earlier: ReportFigure | None) -> Fact:
    before = earlier.value if earlier is not None else None
    return Fact(
        name=figure.name,
        words=f"{figure.source}“{figure.name}”",
        value=Decimal(figure.value or 0),
        before=None if before is None else Decimal(before),
        kind=_KINDS.get(figure.unit, COUNT),
        units=_units(figure),
    )

"""What the complaint ledger lets a report say."""

from __future__ import annotations

from collections.abc import Iterator

from xiaobao.features.complaints.report_figures import UNDELIVERED
from xiaobao.word.sentences import Lines, Sentence, SentenceWriter

_NONE = "本期投诉台账没有提供，投诉情况无数据。"


def complaint_totals(w: SentenceWriter) -> Iterator[Sentence]:
    """Yield the paragraph that a work report has on complaints; the analysis says the same at greater length."""
    if not w.known("投诉·新增"):
        yield w.say(_NONE)
        return
    yield from _summary(w)
    for name, words in (
        ("source", "按来源"),
        ("channel", "按渠道"),
        ("business_class", "按业务类别"),
        ("reason", "按原因"),
    ):
        yield from _leading(w, name, words)
    yield from _timeliness(w)
    yield from _service(w)


def analysis_sections(w: SentenceWriter) -> dict[str, Lines]:
    """Return the sections of the complaint analysis by the names that templates use; empty without a ledger."""
    names = (
        "summary",
        "source",
        "channel",
        "business_class",
        "reason",
        "place",
        "month",
        "timeliness",
        "service",
        "hot",
    )
    if not w.known("投诉·新增"):
        return {**dict.fromkeys(names, ()), "summary": (w.say(_NONE),)}
    made = {
        "summary": _summary(w),
        "source": _leading(w, "source", "按来源"),
        "channel": _leading(w, "channel", "按渠道"),
        "business_class": _leading(w, "business_class", "按业务类别"),
        "reason": _leading(w, "reason", "按原因"),
        "place": _places(w),
        "month": _leading(w, "month", "按月份"),
        "timeliness": _timeliness(w),
        "service": _service(w),
        "hot": _hot(w),
    }
    return {name: tuple(lines) for name, lines in made.items()}


def _summary(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.some("投诉·新增"):
        yield w.say("本期没有新增投诉。")
    else:
        yield w.say("本期新增投诉{投诉·新增}，其中重复{投诉·重复}、撤诉{投诉·撤诉}，有效投诉{投诉·有效}。")
    if w.given("投诉·增减件数"):
        against = w.figures["投诉·增减件数"].base
        change = w.changed("投诉·增减件数", "增加", "减少")
        rate = Sentence(())
        if w.some("投诉·增幅"):
            rate = w.say("，", w.changed("投诉·增幅", "上升", "下降"))
        yield w.say(f"对比期（{against}）{{投诉·对比期件数}}，本期{{投诉·件数}}，", change, rate, "。")
    if not w.known("投诉·升级"):
        yield w.say("台账没有客户号或处理决定日期，升级投诉无数据。")
    elif w.some("投诉·升级"):
        yield w.say("办结后换来源再投诉的升级投诉{投诉·升级}。")


def _leading(w: SentenceWriter, name: str, words: str) -> Iterator[Sentence]:
    table = w.figures.tables.get(name)
    if table is None:
        return
    if any(row["name"] == UNDELIVERED for row in table.rows):
        yield w.say(f"{words}：台账没有这一列，无数据。")
        return
    leading = w.leading(table)
    if leading.parts:
        yield w.say(f"{words}看，件数居前的是", leading, "。")
    for row in table.rows:
        if row["name"] in ("未归类", "未填写") and (count := row["count"]) and str(count) != "0":
            yield w.say(f"{words}看，{row['name']}", *(() if isinstance(count, str) else (count,)), "。")


def _places(w: SentenceWriter) -> Iterator[Sentence]:
    yield from _leading(w, "region", "按地区")
    yield from _leading(w, "branch", "按分行及直属机构")
    if w.given("投诉·每网点月均"):
        yield w.say("每网点月均投诉{投诉·每网点月均}。")
    if w.given("投诉·每万名客户"):
        yield w.say("每万名客户投诉{投诉·每万名客户}。")
    if w.some("投诉·新增") and w.given("投诉·半数投诉集中机构"):
        yield w.say("半数投诉集中在{投诉·半数投诉集中机构}机构，没有投诉的机构{投诉·无投诉机构}。")


def _timeliness(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.some("时限·全部·件数"):
        return
    group = "时限·全部"
    if not w.known(f"{group}·按期办结"):
        yield w.say("台账没有处理决定日期，办理时限无数据。")
        return
    if w.some(f"{group}·按期办结", f"{group}·超期办结"):
        yield w.say(
            f"已办结投诉中，按期办结{{{group}·按期办结}}，超期办结{{{group}·超期办结}}，按期办结率{{{group}·按期办结率}}。"
        )
        yield w.say(f"办理用时平均{{{group}·平均天数}}，中位数{{{group}·中位天数}}，最长{{{group}·最长天数}}。")
    else:
        yield w.say("本期没有已办结的投诉，不计算按期办结率。")
    yield w.say(f"在办未超期{{{group}·在办未超期}}，在办超期{{{group}·在办超期}}。")


def _service(w: SentenceWriter) -> Iterator[Sentence]:
    if not w.known("投诉·核查申请"):
        yield w.say("台账没有核查申请日期，核查情况无数据。")
    elif w.some("投诉·核查申请"):
        rate = "，按期率{投诉·核查按期率}" if w.given("投诉·核查按期率") else ""
        yield w.say(
            f"投诉人申请核查{{投诉·核查申请}}，按期办结{{投诉·核查按期}}，超期{{投诉·核查超期}}，在办{{投诉·核查在办}}{rate}。"
        )
    else:
        yield w.say("本期投诉没有核查申请。")
    if not w.known("投诉·首诉处理结案率"):
        yield w.say("台账没有客户号或处理决定日期，首诉处理结案率无数据。")
    elif w.given("投诉·首诉处理结案率"):
        yield w.say(
            "首次投诉已办结{投诉·首诉办结}，其中办结后没有再投诉、没有申请核查的{投诉·首诉处理结案}，"
            "首诉处理结案率{投诉·首诉处理结案率}。"
        )
    if not w.known("投诉·回访表态"):
        yield w.say("台账没有满意度，回访满意率无数据。")
    elif w.some("投诉·回访表态"):
        yield w.say("回访中表态的{投诉·回访表态}，满意{投诉·回访满意}，满意率{投诉·回访满意率}。")
    else:
        yield w.say("没有回访表态记录，不计算满意率。")


def _hot(w: SentenceWriter) -> Iterator[Sentence]:
    table = w.figures.tables.get("hot")
    if table is None or not table.note:
        yield w.say("没有可以检验的数据，不判断投诉是否显著升高。")
    elif not table.rows:
        yield w.say(f"{table.note}没有显著升高的机构和类别。")
    else:
        yield w.say(f"{table.note}显著升高的机构和类别见下表。")

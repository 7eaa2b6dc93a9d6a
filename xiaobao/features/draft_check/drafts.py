"""Stated figures in a draft report: which number says what of which thing. Reading only; nothing is recomputed here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xiaobao.written.blocks import Block, Grid

COUNT, SHARE, RATE, CHANGE, CHANGE_RATE, AMOUNT, DAYS, SCORE = (
    "count",
    "share",
    "rate",
    "change",
    "change_rate",
    "amount",
    "days",
    "score",
)
_NUMBER = re.compile(
    r"(?<![\d.A-Za-z-])(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*"
    r"(?P<unit>%|个百分点|亿元|万元|元|件次|件|笔|起|宗|例|人次|人|场次|场|次|家|个工作日|天|日|"
    r"个(?!月)|项次|项|条|份|课时|批|篇|户|分(?![钟之行支公析别类]))"
)
_NOT_A_FIGURE = re.compile(r"\d\s*[年月]\s*$|第\s*$|[年月]\s*$|前\s*$|近\s*$")
_LIMIT = re.compile(r"^\s*(内|以内|之内|前|以上|以下|起)")
_FALL = re.compile(r"下降|减少|降低|下滑|少")
_MOVED = re.compile(r"同比|环比|增长|下降|上升|增加|减少|降低|下滑|增幅|降幅|变动|较上|比上")
_RATED = re.compile(
    r"及时率|按期率|按期办结率|办结率|结案率|满意率|满意度|成功率|覆盖率|合格率|履约率|整改率|采纳率|执行率|参训率|"
    r"销号率|得分率|完成率"
)
_HEADS = (
    (re.compile(r"同比|环比|增减|变动|较上"), CHANGE),
    (re.compile(r"占比|比重|比例|占.*%|份额"), SHARE),
    (re.compile(r"率"), RATE),
    (re.compile(r"上年|去年|上期|同期"), ""),
    (re.compile(r"件数|笔数|数量|投诉量|数$|^件|合计"), COUNT),
)
_TOTAL = re.compile(r"^(合计|总计|共计|总数|小计)$")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One stated figure. `label` is what stands before it, `context` what the passage is about, `of` its count's label.

    `places` are the decimal places written. `value` is signed for changes. `counted`: the count stated just before a
    share or change, by which it can be recomputed from the draft alone.
    """

    place: str
    excerpt: str
    kind: str
    value: Decimal
    places: int
    unit: str
    label: str
    context: str
    counted: Decimal | None = None
    moved: Decimal | None = None
    in_table: bool = False


def statements(blocks: Sequence[Block]) -> tuple[Statement, ...]:
    """Return every stated figure of a draft in order; dates, article numbers and time limits are none."""
    found: list[Statement] = []
    context = ""
    for block in blocks:
        if isinstance(block, Grid):
            found += _of_grid(block, context)
            continue
        text = plain_text(block.text)
        for sentence in re.split(r"(?<=[。;!?])", text):
            context = _context(sentence) or context
            found += _of_sentence(sentence, context, block.place)
    return tuple(found)


def plain_text(text: str) -> str:
    """Return text with half-width figures and marks, so that １０８件 and 108 件 are one."""
    return unicodedata.normalize("NFKC", text).replace("％", "%").replace("－", "-").replace("−", "-")


def _context(text: str) -> str:
    """Return which facet a passage speaks of, "" when it names none."""
    for name, pattern in (
        ("channel", r"渠道"),
        ("reason", r"原因"),
        ("business_class", r"业务类别|业务种类|业务类型|业务大类|产品类别"),
        ("region", r"地区|区域"),
        ("source", r"来源"),
        ("month", r"月份|逐月|各月"),
    ):
        if re.search(pattern, text):
            return name
    return ""


def _of_sentence(sentence: str, context: str, place: str) -> Iterator[Statement]:
    last_end, counted, moved, label = 0, None, None, ""
    for match in _NUMBER.finditer(sentence):
        before, after = sentence[last_end : match.start()], sentence[match.end() :]
        if _NOT_A_FIGURE.search(sentence[: match.start()]) or _LIMIT.match(after):
            continue
        value, unit = Decimal(match["number"].replace(",", "")), match["unit"]
        kind = _kind(before, unit, counted is not None)
        last_end = match.end()
        if kind is None:
            continue
        own = _label(before)
        if kind in {SHARE, CHANGE, CHANGE_RATE} and not _names_something(own):
            own = label
        elif kind == COUNT:
            counted, moved, label = value, None, own
        signed = -abs(value) if kind in {CHANGE, CHANGE_RATE} and _FALL.search(before) else value
        places = len(match["number"].partition(".")[2])
        yield Statement(
            place=place,
            excerpt=_around(sentence, match),
            kind=kind,
            value=signed,
            places=places,
            unit=unit,
            label=own,
            context=context,
            counted=counted if kind in {SHARE, CHANGE, CHANGE_RATE} and own == label else None,
            moved=moved,
        )
        if kind == CHANGE:
            moved = signed


def _kind(before: str, unit: str, after_count: bool) -> str | None:
    """Tell what a number is from its unit and the words since the number before it."""
    if unit == "%":
        if _MOVED.search(before):
            return CHANGE_RATE
        return RATE if _RATED.search(before) else SHARE
    if unit in {"亿元", "万元", "元"}:
        return CHANGE if _MOVED.search(before) else AMOUNT
    if unit in {"天", "日", "个工作日"}:
        return DAYS if re.search(r"平均|中位|最长|最短|用时|时长", before) else None
    if unit == "分":
        return SCORE
    return CHANGE if after_count and re.search(r"增加|减少|同比(增|减|多|少)|(多|少)了?$", before) else COUNT


def _label(before: str) -> str:
    """Return the words that name the figure: since the last full break, figures' brackets and fillers off."""
    text = re.split(r"[。;!?\n]", before)[-1]
    text = re.sub(r"^[\s,，、)）]+", "", text)
    text = re.sub(r"[(（:：\s]+$", "", text)
    return text.strip()


def _names_something(label: str) -> bool:
    rest = re.sub(
        r"占|比重|比例|同比|环比|较上年|上年|同期|去年|增长|下降|上升|增加|减少|降低|分别|约|为|达|比|的", "", label
    )
    rest = re.sub(r"全部|投诉|总量|总数|有效|新增|各类|总体|[\W_]", "", rest)
    return bool(rest)


def _around(sentence: str, match: re.Match[str]) -> str:
    start = max(match.start() - 24, 0)
    return sentence[start : match.end() + 6].strip()


def _of_grid(grid: Grid, context: str) -> Iterator[Statement]:
    """Read a table by its header: the first column names, the others are counts, shares or changes."""
    if len(grid.rows) < 2:
        return
    head = [plain_text(cell).strip() for cell in grid.rows[0]]
    about = _context(head[0]) or _context("".join(head)) or context
    kinds = [next((kind for pattern, kind in _HEADS if pattern.search(title)), "") for title in head]
    for number, cells in enumerate(grid.rows[1:], 2):
        label = plain_text(cells[0]).strip() if cells else ""
        counted: Decimal | None = None
        for column, cell in enumerate(cells[1:], 1):
            kind = kinds[column] if column < len(kinds) else ""
            text = plain_text(cell).strip().rstrip("*").replace(",", "")
            match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*(%|件|笔|起|天|日|万元)?", text)
            if not match or not kind or not label:
                continue
            value, unit = Decimal(match[1]), match[2] or ("%" if "%" in head[column] or kind in {SHARE, RATE} else "")
            if kind == CHANGE and unit == "%":
                kind = CHANGE_RATE
            if kind == COUNT:
                counted = value
            yield Statement(
                place=f"{grid.place}第 {number} 行“{head[column]}”",
                excerpt=f"{label} {cell.strip()}",
                kind=kind,
                value=value,
                places=len(match[1].partition(".")[2]),
                unit=unit,
                label="投诉总数" if _TOTAL.match(label) else label,
                context=about,
                counted=counted if kind != COUNT else None,
                in_table=True,
            )

"""Tables of a draft: what the figure in a cell says of what, by the head of its column and the label of its row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from xiaobao.features.draft_check.draft_numbers import COMPLAINT_UNITS, Number, numbers, plain_text
from xiaobao.features.draft_check.draft_own import OwnWords, Printed, word_columns
from xiaobao.features.draft_check.draft_words import (
    COMPARED,
    FACET,
    FILL,
    METRIC,
    MOMENT,
    MONTHS,
    NAME,
    PLACE_FACETS,
    REST,
    UNIT,
    Lexicon,
    Token,
)
from xiaobao.features.draft_check.statement import (
    CHANGE,
    CHANGE_RATE,
    COUNT,
    DAYS_LONG,
    POINTS_MOVED,
    PROPORTION,
    RATE,
    TOTAL,
    Statement,
    Subject,
)
from xiaobao.written.blocks import Grid

OTHER = ""
_TOTALS = re.compile(
    r"^(合计|总计|共计|总数|小计|全行合计|全行|投诉总数|总量|投诉总量|件数|投诉件数|笔数|投诉量|数量|全部)$"
)
_TIMED = ((METRIC, "on_time"), (METRIC, "late"))
_SHARES = re.compile(r"^(占比|比重|比例|所占比例)$")
_SKIPPED = re.compile(r"序号|编号|机构号|文号|日期|时间$|备注|说明|期限|名次|排名|事件|首报|续报|终报|级别|层级")
_HEADS = (
    (re.compile(r"增减率|增幅|增速|增长率|变动率|变化率|降幅|(同比|环比|增减|增长|变动|变化).*%|增长[(]"), CHANGE_RATE),
    (re.compile(r"百分点"), POINTS_MOVED),
    (re.compile(r"占比|比重|比例|份额|占.*比|^占"), PROPORTION),
    (re.compile(r"增减|变动|变化|增加|较上|比上|同比|环比|较.*期"), CHANGE),
    (re.compile(r"率|满意度"), RATE),
    (re.compile(r"天数|用时|时长|[(]天[)]"), DAYS_LONG),
    (re.compile(r"得分|分值|分数|平均分"), OTHER),
    (
        re.compile(
            r"件|笔|数量|投诉量|投诉数|数$|本期|上期|去年|上年|对比期|今年|当期|20\d\d|上半年|下半年|合计|有效|"
            r"新增|撤诉|重复|办结|^(数值|数据|数|值|指标值|结果|实际|实际值|完成值|完成情况|本行|全行|全辖|我行)$"
        ),
        COUNT,
    ),
)
_CELL = re.compile(
    r"[+\-±]?\d[\d,]*(?:\.\d+)?\s*"
    r"(?:%|‰|个百分点|百分点|pct|pp|万?[件笔起宗例]|天|日|个工作日|万元|元|人次|人|家|个|场|次|项|条|份|分)?"
)
_HEAD_UNIT = re.compile(r"[(/]\s*(%|‰|个百分点|百分点|件|笔|起|宗|例|天|万件|万元|元|个|家|人|次)\s*[)]?")


@dataclass(frozen=True, kw_only=True)
class _Column:
    """What a column's head says: the kind of its figures, the period, and the part it counts."""

    title: str
    kind: str
    known: bool = True
    moment: str = ""
    against: str = ""
    unit: str = ""
    names: Subject | None = None
    base: Subject | None = None
    sure: bool = True
    parent: bool = False


def read_grid(
    grid: Grid, lexicon: Lexicon, facet: str, unit: str, offset: int, group: int, own: OwnWords | None = None
) -> list[Statement]:
    """Return the figures of a table. The first column of words names its rows; `offset` counts what was read."""
    if len(grid.rows) < 2:
        return []
    heads = [plain_text(cell).strip() for cell in grid.rows[0]]
    columns = [_column(head, lexicon, "前台" in heads[0]) for head in heads]
    labels = _label_columns(grid)
    timed = any(one.names and one.names.parts[0][0][:2] in _TIMED for one in columns)
    about = _facet(heads, lexicon) or facet
    found: list[Statement] = []
    for row, cells in enumerate(grid.rows[1:], 2):
        plain = [plain_text(cell).strip() for cell in cells]
        words = [plain[at] for at in labels if at < len(plain)]
        if not any(words):
            words = [next((text for text in plain if _TOTALS.match(text)), "")]
        subject, sure, scope = _row_subject(words, lexicon, about, unit)
        moment = _row_moment(words, lexicon)
        if moment:
            subject, sure = TOTAL, True
        first = offset + len(found)
        ours = own.row(grid.rows[0], cells, word_columns(grid)) if own is not None else None
        for at, text in enumerate(plain):
            if at in labels or at >= len(columns):
                continue
            number = _cell_number(text, columns[at], words[-1] if words else "", ours is not None)
            if number is None:
                continue
            same = _cell_number(plain_text(ours[at]).strip(), columns[at], "", True) if ours is not None else None
            said = _as_new(subject) if timed and columns[at].names is None and subject else subject
            made = _statement(grid, row, at, cells[at], number, columns[at], said, sure, scope, words, about, group)
            made = replace(made, own=Printed(number=same)) if same is not None else made
            made = replace(made, moments=(moment,)) if moment and not columns[at].moment else made
            found.append(_linked(made, found[first - offset :], first))
    return found


def _column(head: str, lexicon: Lexicon, of_front: bool) -> _Column:
    kind = next((kind for pattern, kind in _HEADS if pattern.search(head)), None)
    tokens = lexicon.cut(head, ())
    moment, against = "", ""
    for at, token in enumerate(tokens):
        if token.kind == MOMENT and token.moment:
            compares = token.text in ("同比", "环比") or (at and tokens[at - 1].kind == COMPARED)
            moment, against = (
                (moment, token.moment) if compares or kind in (CHANGE, CHANGE_RATE) else (token.moment, against)
            )
    names = [token for token in tokens if token.kind == NAME or (token.kind == MOMENT and token.refs)]
    unit = match[1] if (match := _HEAD_UNIT.search(head)) else ""
    known = not _SKIPPED.search(head)
    subject = Subject(parts=(names[-1].refs,), strong=names[-1].strong) if names else None
    front = ("前台" in head or of_front) and kind == PROPORTION
    if names and kind is None:
        known, kind = True, COUNT
    return _Column(
        title=head,
        kind=kind or OTHER,
        known=known,
        moment=moment,
        against=against,
        unit=unit,
        names=None if front else subject,
        base=Subject(parts=((("channel", "前台业务渠道", ""),),)) if front else None,
        sure=not any(token.kind == REST for token in tokens),
        parent="大类" in head and kind == PROPORTION,
    )


def _label_columns(grid: Grid) -> list[int]:
    """Return the columns of words at the left, numbering passed over."""
    width = max(len(row) for row in grid.rows)
    found: list[int] = []
    for at in range(width):
        cells = [plain_text(row[at]).strip() for row in grid.rows[1:] if at < len(row)]
        filled = [cell for cell in cells if cell]
        if filled and not all(re.fullmatch(r"[-—/+\d.,%\s]*", cell) for cell in filled):
            worded = sum(not _CELL.fullmatch(cell) for cell in filled)
            if worded * 2 > len(filled):
                found.append(at)
                continue
        if found:
            break
        if not _SKIPPED.search(plain_text(grid.rows[0][at])):
            break
    return found or [0]


def _facet(heads: Sequence[str], lexicon: Lexicon) -> str:
    for head in (heads[0], *heads[1:2]):
        for token in lexicon.cut(head, ()):
            if token.kind == FACET:
                return "channel" if token.refs[0][0] == "front" or "前台" in head else token.refs[0][0]
    return "channel" if "前台" in heads[0] else ""


def _row_subject(words: Sequence[str], lexicon: Lexicon, about: str, unit: str) -> tuple[Subject | None, bool, str]:
    """Return what a row is of, whether that is sure, and the unit that it narrows the row to."""
    label = next((word for word in reversed(words) if word), "")
    if not all(_understood(word, lexicon) for word in words if word):
        return None, False, unit
    bare = _bare(label)
    rest = any(one.kind == REST for word in words for one in lexicon.cut(word, numbers(word)))
    if _TOTALS.match(bare) or _SHARES.match(bare):
        return (None, False, unit) if rest else (TOTAL, True, unit)
    tokens = lexicon.cut(label, numbers(label))
    names = [token for token in tokens if token.kind == NAME or (token.kind == MOMENT and token.refs)]
    exact = [token for token in names if token.text == bare.casefold() or token.text == bare]
    chosen: Sequence[Token] = exact or names
    if len(chosen) != 1:
        return None, False, unit
    token = chosen[0]
    fitting = () if about in PLACE_FACETS else tuple(ref for ref in token.refs if ref[0] == about)
    refs = fitting or token.refs
    strong = (token.strong or bool(fitting)) and not rest
    return Subject(parts=(refs,), strong=strong), strong, unit


def _row_moment(words: Sequence[str], lexicon: Lexicon) -> str:
    """Return the period that a row is of where its label names nothing else: 2025年下半年, 上期."""
    label = next((word for word in reversed(words) if word), "")
    tokens = [token for token in lexicon.cut(_bare(label), ()) if token.kind != FILL]
    return tokens[0].moment if len(tokens) == 1 and tokens[0].kind == MOMENT else ""


def _understood(word: str, lexicon: Lexicon) -> bool:
    named = any(one.kind in (NAME, MOMENT) for one in lexicon.cut(word, ()))
    return named or bool(_TOTALS.match(_bare(word)) or _SHARES.match(_bare(word)))


def _bare(label: str) -> str:
    """Return the label of a row without its unit: 投诉量（件）."""
    return re.sub(r"[(（].*?[)）]|[:：]$", "", label).strip()


def _as_new(subject: Subject) -> Subject:
    """Beside columns of time limits a row counts all new complaints, those withdrawn among them."""
    facet, name, _ = subject.parts[0][0]
    if facet == METRIC:
        return Subject(parts=(((METRIC, "new", ""),),)) if name == "total" else subject
    return Subject(parts=(tuple((facet, name, "new") for facet, name, _ in subject.parts[0]),), strong=subject.strong)


def _cell_number(text: str, column: _Column, label: str, ours: bool = False) -> Number | None:
    if not _CELL.fullmatch(text.rstrip("*")) or re.fullmatch(r"0\d+", text):
        return None
    if not column.known and (not ours or _SKIPPED.search(column.title)):
        return None
    head = _HEAD_UNIT.search(plain_text(label))
    unit = column.unit or (head[1] if head else "")
    if not unit and (column.kind in (PROPORTION, RATE, CHANGE_RATE) or _SHARES.match(label.split("(")[0])):
        unit = "%"
    bare = re.match(r"[+\-±]?[\d,.]+", text)
    given = text[bare.end() :].strip() if bare else ""
    found = numbers(text.rstrip("*") if given or not unit else f"{text.rstrip('*')}{unit}")
    if len(found) != 1:
        return None
    one = found[0]
    shown = "" if not given and one.unit in COMPLAINT_UNITS and one.scale == 1 else one.unit
    return replace(one, unit=shown, text=text)


def _statement(
    grid: Grid,
    row: int,
    at: int,
    cell: str,
    number: Number,
    column: _Column,
    subject: Subject | None,
    sure: bool,
    unit: str,
    words: Sequence[str],
    about: str,
    group: int,
) -> Statement:
    kind = _kind(number, column, subject)
    if kind == COUNT and any(_SHARES.match(re.sub(r"[(（].*", "", word)) for word in words):
        kind = PROPORTION
    said: Subject | None = subject if column.sure else None
    units: tuple[str, ...] = (unit,)
    if column.names is not None:
        said, units = _met(subject, column.names, unit)
    label = next((word for word in reversed(words) if word), "")
    return Statement(
        place=f"{grid.place}第 {row} 行“{column.title}”",
        excerpt=f"{label} {cell.strip()}",
        number=number,
        kind=kind,
        value=number.value,
        label=f"{label}{column.title if _TOTALS.match(label) else ''}",
        subject=said,
        sure=sure and column.sure and said is not None,
        base=column.base or _parent_of(words, column),
        based=column.base is not None or column.parent,
        moments=(column.moment,),
        against=column.against,
        units=units,
        group=group + row,
        facet=about,
        row=(group, row, at),
    )


def _parent_of(words: Sequence[str], column: _Column) -> Subject | None:
    if not column.parent or len(words) < 2:
        return None
    return Subject(parts=((("business_class", words[0], ""),),))


def _kind(number: Number, column: _Column, subject: Subject | None) -> str:
    metric = subject.parts[0][0][1] if subject and subject.parts[0][0][0] == METRIC else ""
    if column.kind == COUNT and number.unit in ("%", "‰"):
        return RATE if metric.endswith("rate") else PROPORTION
    if column.kind == COUNT and metric in {"mean", "median", "longest"}:
        return DAYS_LONG
    if column.kind == CHANGE and number.unit in ("%", "‰"):
        return POINTS_MOVED if metric.endswith("rate") else CHANGE_RATE
    if column.kind == COUNT and metric.endswith("rate"):
        return RATE
    return column.kind


def _met(row: Subject | None, column: Subject, unit: str) -> tuple[Subject | None, tuple[str, ...]]:
    """Return what a cell is of where both its row and its column name something."""
    if row is None:
        return None, (unit,)
    counts = row.parts[0][0][:2] in ((METRIC, "valid"), (METRIC, "new"))
    if row.total or (counts and column.parts[0][0][0] == MONTHS):
        return column, (unit,)
    refs, over = row.parts[0], column.parts[0]
    units = tuple(ref[1] for ref in refs if ref[0] == UNIT)
    if units:
        return column, tuple(scope for one in units for scope in (f"={one}", one))
    if over[0][0] == METRIC and refs[0][0] != METRIC:
        key = over[0][1]
        return Subject(parts=(tuple((facet, name, key) for facet, name, _ in refs),), strong=row.strong), (unit,)
    return None, (unit,)


def _linked(made: Statement, row: Sequence[Statement], first: int) -> Statement:
    """Tie a share or a change to the count of its row."""
    counts = [at for at, one in enumerate(row) if one.kind == COUNT and one.subject == made.subject]
    now = [at for at in counts if row[at].moments == ("",) or row[at].moments[0] in ("", "current")]
    before = [at for at in counts if at not in now]
    moves = [at for at, one in enumerate(row) if one.kind == CHANGE]
    if made.kind not in (PROPORTION, CHANGE, CHANGE_RATE):
        return made
    return replace(
        made,
        counted=first + (now or counts)[0] if counts else None,
        before=first + before[0] if before and now else None,
        moved=first + moves[0] if moves and made.kind == CHANGE_RATE else None,
    )


def totals_of(found: Sequence[Statement]) -> Iterator[tuple[Statement, list[Statement]]]:
    """Yield each figure of a row 合计 with the figures above it in its column."""
    columns: dict[tuple[int, int], list[Statement]] = {}
    for one in found:
        if one.row is None or one.kind not in (COUNT, PROPORTION):
            continue
        above = columns.setdefault((one.row[0], one.row[2]), [])
        if one.subject is not None and one.subject.total and _TOTALS.match(one.excerpt.split()[0]):
            yield one, list(above)
        above.append(one)

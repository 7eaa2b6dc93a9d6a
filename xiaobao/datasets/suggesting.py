"""Propose a mapping file for somebody's export, from its headers and its values; a person confirms it, line by line.

Each proposal says what it rests on. What is not sure is written as a comment, so that nobody confirms it unread.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.cells import Manner, NumberText, Unreadable, narrow, parse_cell
from xiaobao.datasets.columns import known_headers
from xiaobao.datasets.ids import PLACEHOLDERS, is_id
from xiaobao.datasets.mapping_books import setting_words, write_mapping_book
from xiaobao.datasets.reading import HEADER_ROWS, FileLimits, ReadTable, header_key, header_unit, read_table
from xiaobao.datasets.shape import Column, Dataset
from xiaobao.datasets.text_files import read_text
from xiaobao.datasets.usual_names import may_mean, same_sense, usual_names
from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import InputError

_SAMPLE = 2000
_LIKE, _SURE_VALUES, _SURE_FIT = 0.6, 0.6, 0.95
_SHOWN_VALUES = 60
_NUMBERED = re.compile(r"编号|单号|流水号?|函号|案号|文号")
_OF_ANOTHER = re.compile(r"客户|证件|身份|手机|电话|账|卡|员工|柜员|工号|人员|机构|网点|产品|合同")
_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class ValueList:
    """The values of a column whose list lives elsewhere: `find` returns the listed value a text means, "" for none.

    `shown` says what a listed value is called where the value itself is a number.
    """

    find: Callable[[str], str]
    names: Sequence[str]
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One header of the file for one column of ours; `why` says what it rests on.

    `sure`: the name is known and the values fit. All others are written as comments.
    """

    column: Column
    header: str
    why: str
    sure: bool


def unit_list(units: Mapping[str, str]) -> ValueList:
    """Return the register of units (id → name) as a list: an id is itself, a name that one unit alone has is its id."""
    by_name: dict[str, list[str]] = {}
    for unit, name in units.items():
        by_name.setdefault(header_key(name), []).append(unit)
    ids = {narrow(unit).casefold(): unit for unit in units}

    def find(text: str) -> str:
        named = by_name.get(header_key(text), [])
        return ids.get(narrow(text).casefold(), named[0] if len(named) == 1 else "")

    return ValueList(find, tuple(units), dict(units))


def read_for_suggestion(path: Path, dataset: Dataset, limits: FileLimits) -> ReadTable:
    """Read a file whose headers need not be ours. Raises InputError for what cannot be read at all."""
    try:
        return read_table(path, known_headers(dataset, None), limits)
    except InputError as error:
        if not any("找不到表头" in fault.message for fault in error.faults):
            raise
    return read_table(path, _first_full_row(path, limits), limits)


def _first_full_row(path: Path, limits: FileLimits) -> list[str]:
    """Return the row that looks most like a header: the fullest of the first rows, words rather than figures."""
    if path.read_bytes()[:4] == b"PK\x03\x04":
        sheets = read_workbook(path, limits.rows).sheets
        rows = [cells for sheet in sheets if sheet.state == "visible" for _, cells in sheet.rows[:HEADER_ROWS]]
    else:
        rows = [cells for _, cells in read_text(path.read_bytes(), path.name, limits.rows, len).rows[:HEADER_ROWS]]
    return max(rows, key=lambda cells: len({c.strip() for c in cells if re.search(r"[^\W\d_]", c)}), default=[])


def _propose(table: ReadTable, dataset: Dataset, lists: Mapping[str, ValueList]) -> list[Proposal]:
    """Return at most one proposal for each column and each header, the surest first."""
    samples = {
        place: [cells[place] for _, cells in table.rows[:_SAMPLE] if cells[place].strip()]
        for place, header in enumerate(table.headers)
        if header.strip()
    }
    found: list[tuple[float, int, Column, str]] = []
    for place, cells in samples.items():
        for column in dataset.columns:
            score, why = _fit(table.headers[place], cells, column, lists.get(column.name))
            if score >= _LIKE and why:
                found.append((score, place, column, why))
    found.sort(key=lambda entry: (-entry[0], entry[1], dataset.columns.index(entry[2])))
    used: set[int] = set()
    taken: dict[str, Proposal] = {}
    for score, place, column, why in found:
        if place not in used and column.name not in taken:
            used.add(place)
            taken[column.name] = Proposal(column=column, header=table.headers[place].strip(), why=why, sure=score >= 1)
    key = dataset.column(dataset.key[0])
    if len(dataset.key) == 1 and key.name not in taken:
        numbered = next((at for at in samples if at not in used and _may_number(table, at)), None)
        if numbered is not None:
            header = table.headers[numbered].strip()
            taken[key.name] = Proposal(column=key, header=header, why="列名像编号，各行的值都不同", sure=False)
    return [taken[column.name] for column in dataset.columns if column.name in taken]


def _may_number(table: ReadTable, place: int) -> bool:
    """Tell whether a column may be the rows' own number, before anybody numbers them by their place in the file."""
    header, cells = table.headers[place], [row[place].strip() for _, row in table.rows]
    named = _NUMBERED.search(header) is not None and _OF_ANOTHER.search(header) is None
    return named and all(cells) and len(set(cells)) == len(cells)


def _fit(header: str, cells: Sequence[str], column: Column, values: ValueList | None) -> tuple[float, str]:
    """Return how well a header fits a column, 1 or more where it is sure, and what that rests on."""
    key = header_key(header)
    names = [header_key(name) for name in (column.title, *column.aliases)]
    if key in names:
        return 1.0 + (key == names[0]), "列名一致"
    if not may_mean(key, column):
        return 0.0, ""
    fits = _readable(cells, column)
    known = sum(bool(values.find(cell)) for cell in cells) / len(cells) if cells and values is not None else fits
    if key in map(header_key, usual_names(column)):
        if cells and max(fits if column.kind != "id" or column.name != "unit" else 0.0, known) >= _SURE_FIT:
            return 1.0, f"常用列名，{max(fits, known):.0%} 的值可读"
        return 0.9, f"常用列名，但只有 {max(fits, known):.0%} 的值可读"
    like = max([SequenceMatcher(None, key, name).ratio() for name in names] + [_words_alike(header, column.name)])
    if cells and values is not None and known >= _SURE_VALUES:
        return 0.6 + 0.39 * (known + like) / 2, f"按取值判断，{known:.0%} 的值在名录中"
    if cells and values is not None and column.name == "unit" and _called_so(cells, values) >= _SURE_VALUES:
        return 0.6 + 0.3 * like, f"按取值判断，{_called_so(cells, values):.0%} 的值是登记的一个机构名称的一部分"
    if column.kind in {"choice", "flag"} and (fits < _SURE_VALUES or not same_sense(key, names)):
        return 0.0, ""
    score = like * (0.5 + 0.5 * fits) if cells else like
    return min(score, 0.99), f"列名相近（{like:.0%}），{fits:.0%} 的值可读"


def _called_so(cells: Sequence[str], units: ValueList) -> float:
    """Return the part of the cells that are part of one registered name: 柳溪支行 of 某银行柳溪支行."""
    names = [header_key(name) for name in units.shown.values()]
    counts = Counter(header_key(cell) for cell in cells)
    good = sum(number for key, number in counts.items() if len(key) > 2 and sum(key in name for name in names) == 1)
    return good / len(cells)


def _words_alike(header: str, name: str) -> float:
    """Compare English headers by their words: date_received and received_on share the word that matters."""
    theirs = set(re.findall(r"[a-z]{3,}", header.lower())) - {"date", "the"}
    ours = set(re.findall(r"[a-z]{3,}", name)) - {"date"}
    return 0.8 * len(theirs & ours) / len(theirs | ours) if theirs and ours else 0.0


def _readable(cells: Sequence[str], column: Column) -> float:
    """Return the part of the cells that can be read as this column's kind."""
    if not cells:
        return 0.0
    counts = Counter(cells)
    good = sum(number for cell, number in counts.items() if _reads(cell, column))
    return good / len(cells)


def _reads(cell: str, column: Column) -> bool:
    epoch = _EPOCH if isinstance(cell, NumberText) else None
    try:
        value = parse_cell(cell, column, Manner(epoch=epoch, date_format="", defines_units=False))
    except (Unreadable, ValueError):
        return False
    return not column.allowed or value in column.allowed


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """All that is proposed for a file, before it is written as YAML or as a workbook."""

    table: ReadTable
    dataset: Dataset
    proposals: Sequence[Proposal]
    values: Sequence[ValueProposal]
    blanks: Sequence[str]
    units: Sequence[str]
    taken: Sequence[tuple[str, str]]

    def unused(self) -> list[str]:
        """Return the file's headers, in its order, that no column of ours is proposed for."""
        used = {p.header for p in self.proposals}
        return [h.strip() for h in self.table.headers if h.strip() and h.strip() not in used]

    def missing(self) -> list[Column]:
        """Return the required columns that no header surely is: without them the file cannot be imported."""
        have = {p.column.name for p in self.proposals if p.sure}
        return [column for column in self.dataset.columns if column.required and column.name not in have]


@dataclass(frozen=True, kw_only=True)
class ValueProposal:
    """One value of the file for one of ours; `ours` is "" where nothing is near. `sure`: the same name."""

    column: Column
    value: str
    ours: str
    why: str
    sure: bool


def suggestion(table: ReadTable, dataset: Dataset, lists: Mapping[str, ValueList]) -> Suggestion:
    """Return what can be proposed for a table; nothing of it is in force."""
    proposals = _propose(table, dataset, lists)
    places = {header.strip(): place for place, header in enumerate(table.headers)}
    values: list[ValueProposal] = []
    blanks: Counter[str] = Counter()
    taken = []
    for proposal in proposals:
        cells = [row[places[proposal.header]] for _, row in table.rows]
        column = proposal.column
        counts = Counter(narrow(cell) for cell in cells if cell.strip())
        for value in [value for value in counts if _means_nothing(value, column)]:
            blanks[value] += counts.pop(value)
        pattern = _pattern(list(counts), column, lists.get(column.name))
        if pattern:
            taken.append((column.title, pattern))
        else:
            values += _value_proposals(counts, column, lists.get(column.name))
    foreign = [p.column.title for p in proposals if p.column.kind == "amount" and _states_no_unit(p, table)]
    return Suggestion(
        table=table,
        dataset=dataset,
        proposals=proposals,
        values=values,
        blanks=[value for value, _ in blanks.most_common(8)],
        units=foreign,
        taken=taken,
    )


def _states_no_unit(proposal: Proposal, table: ReadTable) -> bool:
    key = header_key(proposal.header)
    ours = key in {header_key(name) for name in (proposal.column.title, *proposal.column.aliases)}
    return not ours and not header_unit(proposal.header) and not table.money


def _means_nothing(value: str, column: Column) -> bool:
    """Tell what stands for nothing in a day or an id: a dash, 无, a day at the end of time."""
    if _reads(value, column):
        return False
    if column.kind in {"date", "datetime"}:
        return not re.search(r"\d", value) or value.startswith(("9999", "2999", "1900-01-01", "0000"))
    return is_id(column) and column.name != "unit" and (value.upper() in PLACEHOLDERS or not re.search(r"\w", value))


def _pattern(values: Sequence[str], column: Column, listed: ValueList | None) -> str:
    """Return the pattern by which almost every value can be taken out of its text, "" for none."""
    if not values or sum(_reads(value, column) for value in values) * 2 > len(values):
        return ""
    if column.kind in {"date", "datetime"}:
        found = [re.findall(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?", value) for value in values]
        return "日期" if sum(len(days) == 1 for days in found) >= 0.9 * len(values) else ""
    if column.name == "unit" and listed is not None:
        heads = [match[0] if (match := re.match(r"[0-9A-Za-z][0-9A-Za-z_.-]*[0-9A-Za-z]", v)) else "" for v in values]
        if sum(head in listed.names for head in heads) >= 0.9 * len(values):
            return "编号"
        inside = [re.findall(r"[(（]([^)）]+)[)）]", value) for value in values]
        if sum(len(one) == 1 and one[0] in listed.names for one in inside) >= 0.9 * len(values):
            return "括号内"
    return ""


def _value_proposals(counts: Counter[str], column: Column, listed: ValueList | None) -> Iterator[ValueProposal]:
    names = listed.names if listed is not None else column.allowed
    shown = listed.shown if listed is not None else {}
    for value, number in counts.most_common():
        if listed is not None and (found := listed.find(value)):
            if shown and narrow(value).casefold() != found.casefold():
                why = f"{number} 行，与登记的机构名称相同"
                yield ValueProposal(column=column, value=value, ours=found, why=why, sure=True)
            continue
        if listed is None and _reads(value, column):
            continue
        yield _near(value, number, column, names, shown)


def _near(value: str, number: int, column: Column, names: Sequence[str], shown: Mapping[str, str]) -> ValueProposal:
    """Propose the nearest listed value, never in force by itself: near is not the same."""
    if not names:
        return ValueProposal(column=column, value=value, ours="", why=f"{number} 行，不能按本列的类型读取", sure=False)
    known = {name: shown.get(name, name) for name in names}

    def like(name: str) -> float:
        called = known[name]
        inside = 0.5 if called and (called in value or value in called) else 0.0
        return inside + SequenceMatcher(None, value, called).ratio()

    near = [name for name in sorted(known, key=like, reverse=True)[:3] if like(name) >= 0.4]
    if not near:
        return ValueProposal(column=column, value=value, ours="", why=f"{number} 行，名录中没有相近的值", sure=False)
    why = f"{number} 行，相近的值"
    if shown:
        why = f"{number} 行，候选：" + "、".join(f"{known[name]}（{name}）" for name in near)
    return ValueProposal(column=column, value=value, ours=near[0], why=why, sure=False)


def mapping_text(table: ReadTable, dataset: Dataset, lists: Mapping[str, ValueList]) -> str:
    """Return the text of a mapping file that says on each line what it rests on; it is not in force until confirmed."""
    found = suggestion(table, dataset, lists)
    lines = [
        f"# 由 {table.file} 的表头和取值建议，共 {len(table.rows)} 行。",
        "# 请逐行核对；行首带 # 的是没有把握的，不生效，确认后去掉这个 #。",
        "# 核对完毕，把 confirmed 改为 是，才能用于导入。",
        'confirmed: "否"',
        f"dataset: {dataset.name}",
    ]
    lines.append("columns:" if any(p.sure for p in found.proposals) else "# columns:")
    lines += [f"  {'' if p.sure else '# '}{_q(p.column.title)}: {_q(p.header)}  # {p.why}" for p in found.proposals]
    lines += list(_value_lines(found.values))
    if found.blanks:
        words = ", ".join(_q(word) for word in found.blanks)
        lines.append(f"# blanks: [{words}]  # 像是表示没有、未定的写法；确认后按空白读取")
    for title, pattern in found.taken:
        lines.append(f"# take: {{{_q(title)}: {pattern}}}  # 本列的值含在文字里，按“{pattern}”取出")
    for title in found.units:
        lines.append(f"# unit: {{{_q(title)}: 元}}  # 表头没有写单位：元、千元、万元……")
    if rest := found.unused():
        lines += ["ignore:  # 没有对应的列，不读取；应读取的移到 columns"]
        lines += [f"  - {_q(header)}" for header in rest]
    lines += list(_missing_lines(found))
    return "\n".join(lines) + "\n"


def _missing_lines(found: Suggestion) -> Iterator[str]:
    unsure = {p.column.name for p in found.proposals if not p.sure}
    for column in found.missing():
        if column.name in unsure:
            yield f"# 必填列“{column.title}”只有没有把握的建议，在 columns 中确认"
        elif (column.name,) == found.dataset.key:
            yield "# 文件没有编号列，按行号编号："
            yield 'number_rows: "R{row}"'
        else:
            yield f"# 缺少必填列“{column.title}”：在 columns 写明列名，或在 constants 给全部行同一个值"
            yield f"# constants: {{{_q(column.title)}: ...}}"


def _value_lines(values: Sequence[ValueProposal]) -> Iterator[str]:
    """Propose ours for theirs, column by column; values that are read as they stand need no line."""
    if not values:
        return
    note = "  # 左为文件中的值，右为名录中的值；不列的按原值读取，统计时列为未归类"
    yield ("values:" if any(one.sure for one in values) else "# values:") + note
    for title in dict.fromkeys(one.column.title for one in values):
        mine = [one for one in values if one.column.title == title]
        yield f"  {'' if any(one.sure for one in mine) else '# '}{_q(title)}:"
        for one in mine[:_SHOWN_VALUES]:
            ours = _q(one.ours) if one.ours else "..."
            yield f"    {'' if one.sure else '# '}{_q(one.value)}: {ours}  # {one.why}"
        if len(mine) > _SHOWN_VALUES:
            yield f"    # ……另有 {len(mine) - _SHOWN_VALUES} 个值没有列出"


def _q(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def suggest(path: Path, dataset: str, lists: Mapping[str, ValueList], limits: FileLimits) -> str:
    """Return a proposed mapping file for `path`. Raises InputError for a file that cannot be read."""
    spec = DATASETS[dataset]
    return mapping_text(read_for_suggestion(path, spec, limits), spec, lists)


def suggest_book(path: Path, dataset: str, lists: Mapping[str, ValueList], limits: FileLimits, output: Path) -> None:
    """Write a proposed mapping as a workbook: 采用 says 是 where it is sure. Raises InputError as `suggest` does."""
    spec = DATASETS[dataset]
    found = suggestion(read_for_suggestion(path, spec, limits), spec, lists)

    def yes(sure: bool) -> str:
        return "是" if sure else "否"

    columns = [(yes(p.sure), p.column.title, p.header, p.why) for p in found.proposals]
    values = [(yes(one.sure), one.column.title, one.value, one.ours, one.why) for one in found.values]
    rest = [
        ("是", "dataset", "", spec.name, "映射用于哪个数据集"),
        ("是", "confirmed", "", "否", "逐行核对后改为 是，才能用于导入"),
    ]
    rest += [("是", "ignore", header, "", "没有对应的列，不读取") for header in found.unused()]
    rest += [("否", "blanks", word, "", "像是表示没有、未定的写法") for word in found.blanks]
    rest += [("否", "take", title, pattern, "本列的值含在文字里") for title, pattern in found.taken]
    rest += [("否", "unit", title, "元", "表头没有写单位") for title in found.units]
    if any((column.name,) == spec.key for column in found.missing()):
        rest.append(("否", "number_rows", "", "R{row}", "文件没有编号列时按行号编号"))
    used = {name for _, name, *_ in rest}
    rest += [("否", name, "", "", words) for name, words in setting_words() if name not in used]
    write_mapping_book(output, columns, values, rest)

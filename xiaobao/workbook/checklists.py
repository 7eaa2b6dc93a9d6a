"""A checklist as a workbook for those who review in Excel, and back without loss, every bad cell named.

Sheets: 检查表 (its own fields), 评价要素, 检查项 (one row each), 计分规则 (one row a rule), 一票否决.
Columns follow from the models: a new field or kind of rule needs no change here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from xiaobao.checklist.citations import citation_text
from xiaobao.checklist.models import Checklist, Item, Regulations, Section, Veto
from xiaobao.checklist.reading import checklist_in
from xiaobao.checklist.rules import Rule
from xiaobao.checklist.wording import CODE_WORDS, OPEN_WORDS, field_title, value_text
from xiaobao.datasets.cells import Trouble, Unreadable
from xiaobao.datasets.workbooks import RawSheet, read_workbook
from xiaobao.errors import ChecklistError, Fault, InputError
from xiaobao.workbook.book import Book, SheetCell, SheetColumn
from xiaobao.workbook.model_cells import ModelField, cell_of, fields_of, plain_of
from xiaobao.written.nodes import Flaw, Place, TableNode, as_nodes
from xiaobao.written.strict import Strict

SHEET, SECTIONS, ITEMS, RULES, VETOES = "检查表", "评价要素", "检查项", "计分规则", "一票否决"
_FIELD, _VALUE, _PARENT, _SECTION, _ITEM, _KIND = (
    "项目",
    "内容",
    "上级要素编号",
    "所属要素编号",
    "检查项编号",
    "规则种类",
)
_CITED, _CHECKED = "检查依据全称（供阅读，导入时不读）", "数据检查名称（供阅读，导入时不读）"
_READER_ONLY = (_CITED, _CHECKED)
_KEYS = {
    "id": "往返的键：字母、数字和“.”“_”“-”。导入时按它认，改了就是另一项；编号各列都是这样",
    "domain": "或本行自己的域",
}
_ID = field_title("id")
_SPARE = 200
_NAMED_ROWS = 5
_ROWS = 20_000
_WIDE = {"requirement": 44, "procedure": 50, "evidence": 30, "title": 24, "citations": 30, "good": 34, "bad": 34}

_SHEET_FIELDS = tuple(fields_of(Checklist, skip=("vetoes", "sections")))
_SECTION_FIELDS = tuple(fields_of(Section, skip=("sections", "items")))
_ITEM_FIELDS = tuple(fields_of(Item, skip=("rules",)))
_VETO_FIELDS = tuple(fields_of(Veto))


def _rule_models() -> Mapping[str, type[Strict]]:
    return {str(member.__struct_config__.tag): member for member in get_args(Rule)}


def _rule_fields() -> tuple[ModelField, ...]:
    """Return the columns of all kinds of rules; kinds share a column where name and title are the same."""
    found: dict[tuple[str, ...], ModelField] = {}
    for model in _rule_models().values():
        for one in fields_of(model):
            known = found.setdefault((*one.path, one.title), one)
            if known != one:
                found[(*one.path, one.title)] = replace(known, kind=object if not known.many else known.kind)
    return tuple(found.values())


def _kinds() -> Mapping[str, str]:
    return {kind: CODE_WORDS["kind"].get(kind, kind) for kind in _rule_models()}


_HEADS = {
    SHEET: (_FIELD, _VALUE),
    SECTIONS: (_PARENT, *(one.title for one in _SECTION_FIELDS)),
    ITEMS: (_SECTION, *(one.title for one in _ITEM_FIELDS)),
    RULES: (_ITEM, _KIND, *(one.title for one in _rule_fields())),
    VETOES: tuple(one.title for one in _VETO_FIELDS),
}
# The heads of all columns whose words follow from the models, each once.
SHEET_COLUMNS = tuple(
    dict.fromkeys(
        one.title for one in (*_SHEET_FIELDS, *_SECTION_FIELDS, *_ITEM_FIELDS, *_VETO_FIELDS, *_rule_fields())
    )
)


# --- out ------------------------------------------------------------------------------------------------------------


def write_checklist(
    checklist: Checklist,
    path: Path,
    *,
    bank: str,
    regulations: Regulations | None = None,
    checks: Mapping[str, str] | None = None,
) -> None:
    """Write the workbook: frozen heads, wrapped texts, drop-downs for coded columns. Raises InputError, WorkspaceError.

    With the register, and `checks` (id → title), last columns spell citations and data checks out for the reader:
    an id is a key, which is never put into other words, since it has to come back.
    """
    checklist = checklist.as_written()
    with Book(path, f"{checklist.title} {checklist.version}", bank, checklist.effective_from) as book:
        _write_sheet(book, checklist)
        sections = list(_with_parents(checklist.sections))
        _write_table(book, SECTIONS, [_PARENT], _SECTION_FIELDS, [([parent], one) for one, parent in sections])
        items = [([section.id], item) for section, _ in sections for item in section.items]
        _write_table(book, ITEMS, [_SECTION], _ITEM_FIELDS, items, _for_readers(regulations, checks))
        rules = [([item.id, _kinds()[rule.kind]], rule) for _, item in items for rule in item.rules]
        _write_table(book, RULES, [_ITEM, _KIND], _rule_fields(), rules)
        _write_table(book, VETOES, [], _VETO_FIELDS, [([], veto) for veto in checklist.vetoes])


def _for_readers(
    regulations: Regulations | None, checks: Mapping[str, str] | None
) -> Mapping[str, Callable[[Any], str]]:
    """Return the columns that only readers need: head → what they say of an item."""
    made: dict[str, Callable[[Any], str]] = {}
    if regulations:
        made[_CITED] = lambda item: citation_text(regulations, item)
    if checks is not None:
        made[_CHECKED] = lambda item: "；".join(checks.get(name, name) for name in item.checks)
    return made


def _write_sheet(book: Book, checklist: Checklist) -> None:
    rows: list[list[SheetCell]] = [[one.title, cell_of(checklist, one), _hint(one)] for one in _SHEET_FIELDS]
    columns = [
        SheetColumn(title=_FIELD, width=18),
        SheetColumn(title=_VALUE, width=70, exact=True),
        SheetColumn(title="可以填写", width=50),
    ]
    sheet, head, _ = book.table(SHEET, columns, rows)
    for number, one in enumerate(_SHEET_FIELDS, head + 1):
        _choose(sheet, one, number, 1, number)


def _write_table(
    book: Book,
    name: str,
    before: Sequence[str],
    fields: Sequence[ModelField],
    rows: Sequence[tuple[list[str], Any]],
    extra: Mapping[str, Callable[[Any], str]] = MappingProxyType({}),
) -> None:
    """Write one sheet; `before` are the titles of the columns that say where a row belongs."""
    columns = [SheetColumn(title=title, width=16) for title in before] + [
        SheetColumn(title=f.title, width=_width(f), exact=True) for f in fields
    ]
    columns += [SheetColumn(title=title, width=50) for title in extra]
    cells = [
        [*where, *(_cell(row, one) for one in fields), *(words(row) for words in extra.values())] for where, row in rows
    ]
    freeze = len(before) + (2 if name == ITEMS else 1)
    sheet, head, count = book.table(name, columns, cells, freeze=freeze)
    last = head + count + _SPARE
    for place, one in enumerate(fields, len(before)):
        _choose(sheet, one, head + 1, place, last)
    if _KIND in before:
        words = ModelField(path=("kind",), title=_KIND, kind=str)
        _choose(sheet, words, head + 1, before.index(_KIND), last, tuple(_kinds().values()))
    for title, source in ((_SECTION, SECTIONS), (_ITEM, ITEMS)):
        if title in before:
            place = before.index(title)
            sheet.data_validation(
                head + 1, place, last, place, {"validate": "list", "source": f"='{source}'!$B$2:$B$999"}
            )


def _cell(row: Strict, one: ModelField) -> SheetCell:
    return cell_of(row, one) if one.path[0] in row.__struct_fields__ else None


def _width(one: ModelField) -> int:
    return _WIDE.get(one.name, 26 if one.many else 12)


def _hint(one: ModelField) -> str:
    if one.name in _KEYS:
        return "、".join((*OPEN_WORDS.get(one.name, {}).values(), _KEYS[one.name]))
    return "、".join(one.words.values()) + ("（可多选，以“、”分隔）" if one.many and one.words else "")


def _choose(sheet: Any, one: ModelField, first: int, place: int, last: int, words: Sequence[str] = ()) -> None:
    """Offer the words of a coded column; where several may stand, only name them."""
    words = tuple(words) or tuple(one.words.values())
    if words and not one.many:
        rule = {
            "validate": "list",
            "source": list(words),
            "error_title": "请从列表选择",
            "error_message": "、".join(words)[:255],
        }
        sheet.data_validation(first, place, last, place, rule)
    elif words:
        hint = {"validate": "any", "input_title": one.title[:32], "input_message": _hint(one)[:255]}
        sheet.data_validation(first, place, last, place, hint)


def _with_parents(sections: Sequence[Section], parent: str = "") -> Iterator[tuple[Section, str]]:
    for section in sections:
        yield section, parent
        yield from _with_parents(section.sections, section.id)


# --- and back -------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Reading:
    """What is read so far: faults, and which cell each place of the document came from.

    `unread` sheets lack columns or are not there; `gone` are items of sections that have no row; `named` (sheet, id)
    of what has no row → the sheet and the rows that belong to it.
    """

    file: str
    faults: list[Fault] = field(default_factory=list)
    cells: dict[Place, tuple[str, int | None, str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    named: dict[tuple[str, str], tuple[str, list[int]]] = field(default_factory=dict)

    def missed(self, sheet: str, identity: str, naming: str, row: int) -> None:
        """Note that `row` of the sheet `naming` belongs to what `sheet` has no row of."""
        self.named.setdefault((sheet, identity), (naming, []))[1].append(row)

    def fault(
        self, message: str, sheet: str, row: int | None = None, column: str = "", value: str = "", allowed: str = ""
    ) -> None:
        """Note a fault; reading goes on, so that all of a workbook are reported at once."""
        self.faults.append(
            Fault(message, file=self.file, sheet=sheet, row=row, column=column, value=value, allowed=allowed)
        )


@dataclass(frozen=True, kw_only=True)
class _Row:
    sheet: str
    number: int
    texts: Mapping[str, str]


def read_checklist_book(
    path: Path, regulations: Regulations | None = None, known_checks: Collection[str] | None = None
) -> Checklist:
    """Read a workbook back. Raises ChecklistError with every bad cell by sheet, row and column; nothing is guessed."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    reading = _Reading(file=path.name)
    sheets = {sheet.name: sheet for sheet in read_workbook(path, _ROWS).sheets if sheet.state == "visible"}
    _merge_faults(reading, sheets)
    root = {} if reading.faults else _document(reading, sheets)
    if reading.faults:
        raise ChecklistError(reading.faults)
    node = as_nodes(root)
    assert isinstance(node, TableNode)
    value, flaws = checklist_in(node, regulations, known_checks)
    if value is None or flaws:
        raise ChecklistError(dict.fromkeys(_located(reading, flaw) for flaw in flaws))
    return value


def _document(reading: _Reading, sheets: Mapping[str, RawSheet]) -> dict[str, object]:
    root: dict[str, object] = {}
    for row in _rows(reading, sheets, SHEET):
        named = {one.title: one for one in _SHEET_FIELDS}
        title = row.texts[_FIELD].strip()
        if title not in named:
            reading.fault("不认识的项目", SHEET, row.number, _FIELD, title, "、".join(named))
        else:
            _take(reading, row, named[title], root, (), _VALUE)
    for name, titles in _HEADS.items():
        _hold_head(reading, sheets, name, titles)
    nodes, sections = _read_sections(reading, sheets)
    # Rows of a sheet that could not be read must not be missed in the next one.
    items = _read_items(reading, sheets, nodes) if SECTIONS not in reading.unread else {}
    if not reading.unread & {SECTIONS, ITEMS}:
        _read_rules(reading, sheets, items)
        _gone_faults(reading, {SECTIONS: nodes, ITEMS: list(items)[:_NAMED_ROWS]})
        for identity, (made, where) in items.items():
            if identity and "rules" not in made and RULES not in reading.unread:
                message = f"“{RULES}”表里没有检查项 {identity} 的行；是否删掉了"
                reading.fault(message, ITEMS, reading.cells[where][1], value=identity, allowed=f"在“{RULES}”表补上")
    vetoes: list[object] = []
    for row in _rows(reading, sheets, VETOES):
        place: Place = ("vetoes", len(vetoes))
        vetoes.append(_model(reading, row, _VETO_FIELDS, place))
    return root | {"sections": sections} | ({"vetoes": vetoes} if vetoes else {})


_Node = tuple[dict[str, Any], Place]  # what a row became, and where in the document


def _merge_faults(reading: _Reading, sheets: Mapping[str, RawSheet]) -> None:
    """Refuse merged cells by their place: only the first of them holds what it says."""
    for name in (SHEET, SECTIONS, ITEMS, RULES, VETOES):
        for top, left, bottom, right in sheets[name].merges if name in sheets else ():
            place = f"第 {top} 至 {bottom} 行" if bottom > top else f"第 {left} 至 {right} 列"
            allowed = "取消合并，每格都填上"
            reading.fault(f"有合并的单元格（{place}），只有第一格读得到内容", name, top, allowed=allowed)


def _gone_faults(reading: _Reading, known: Mapping[str, Collection[str]]) -> None:
    """Say of each section or item that others name and that has no row once, that its row is gone, and who names it."""
    for (sheet, identity), (naming, rows) in reading.named.items():
        column = _SECTION if sheet == SECTIONS else _ITEM
        if not identity:
            reading.fault(f"没有写{sheet}的编号", naming, rows[0], column, allowed=f"“{sheet}”表里的编号")
            continue
        listed = "、".join(map(str, rows[:_NAMED_ROWS])) + (f" 等 {len(rows)} 行" if len(rows) > _NAMED_ROWS else "")
        message = f"“{sheet}”表里没有这个编号，“{naming}”表第 {listed} 行却属于它；是否写错，或删掉了那一行"
        reading.fault(message, naming, rows[0], column, identity, f"{'、'.join(known[sheet])}，或补回“{sheet}”的这一行")


def _read_sections(reading: _Reading, sheets: Mapping[str, RawSheet]) -> tuple[dict[str, _Node], list[object]]:
    """Return section id → node, and the top ones. A parent must stand above its children."""
    nodes: dict[str, _Node] = {}
    top: list[object] = []
    for row in _rows(reading, sheets, SECTIONS):
        parent = row.texts[_PARENT].strip()
        if parent and parent not in nodes:
            reading.fault("上方没有这个要素", SECTIONS, row.number, _PARENT, parent, "、".join(nodes) or "留空")
            continue
        siblings, place = (nodes[parent][0].setdefault("sections", []), nodes[parent][1]) if parent else (top, ())
        here: Place = (*place, "sections", len(siblings))
        made = _model(reading, row, _SECTION_FIELDS, here)
        siblings.append(made)
        nodes.setdefault(str(made.get("id", "")), (made, here))
    return nodes, top


def _read_items(reading: _Reading, sheets: Mapping[str, RawSheet], sections: Mapping[str, _Node]) -> dict[str, _Node]:
    items: dict[str, _Node] = {}
    for row in _rows(reading, sheets, ITEMS):
        section = row.texts[_SECTION].strip()
        if section not in sections:
            reading.missed(SECTIONS, section, ITEMS, row.number)
            reading.gone.add(row.texts[_ID].strip())
            continue
        made, place = sections[section]
        siblings = made.setdefault("items", [])
        here: Place = (*place, "items", len(siblings))
        item = _model(reading, row, _ITEM_FIELDS, here)
        siblings.append(item)
        items.setdefault(str(item.get("id", "")), (item, here))
    return items


def _read_rules(reading: _Reading, sheets: Mapping[str, RawSheet], items: Mapping[str, _Node]) -> None:
    kinds = {word: kind for kind, word in _kinds().items()} | {kind: kind for kind in _kinds()}
    fields = _rule_fields()
    for row in _rows(reading, sheets, RULES):
        item, word = row.texts[_ITEM].strip(), row.texts[_KIND].strip()
        if item not in items:
            if item not in reading.gone:
                reading.missed(ITEMS, item, RULES, row.number)
            continue
        made, place = items[item]
        rules = made.setdefault("rules", [])
        if word not in kinds:
            reading.fault("不是可选的规则种类", RULES, row.number, _KIND, word, "、".join(_kinds().values()))
            continue
        here: Place = (*place, "rules", len(rules))
        own = list(fields_of(_rule_models()[kinds[word]]))
        titles = {one.title for one in own}
        for one in fields:
            if one.title not in titles and row.texts[one.title].strip():
                value = row.texts[one.title]
                reading.fault(f"“{word}”不用填这一列", RULES, row.number, one.title, value, "留空，或改规则种类")
        rule = {"kind": kinds[word]} | _model(reading, row, own, here)
        reading.cells[(*here, "kind")] = (RULES, row.number, _KIND)
        rules.append(rule)


def _filled(sheet: RawSheet) -> list[tuple[int, list[str]]]:
    return [(number, cells) for number, cells in sheet.rows if any(cell.strip() for cell in cells)]


def _hold_head(reading: _Reading, sheets: Mapping[str, RawSheet], name: str, titles: Sequence[str]) -> None:
    """Hold the head of a sheet to its columns; one that is missing, or lacks a column, is reported and not read."""
    if name not in sheets:
        reading.unread.add(name)
        reading.fault("缺少工作表", name, allowed=f"名为“{name}”的工作表")
        return
    number, head = next(iter(_filled(sheets[name])), (1, []))
    places = {title.strip(): place for place, title in enumerate(head)}
    missing = [title for title in titles if title not in places]
    strange = [title for title in places if title and title not in titles and title not in _READER_ONLY]
    for title in missing:
        reading.fault("缺少列" + _renamed(title, strange), name, number, title)
    if missing:
        reading.unread.add(name)


def _rows(reading: _Reading, sheets: Mapping[str, RawSheet], name: str) -> Iterator[_Row]:
    """Yield the filled rows of a sheet by title. A missing sheet or column is a fault; other columns are not read."""
    if name in reading.unread:
        return
    titles = _HEADS[name]
    head = _filled(sheets[name])[0][1]
    places = {title.strip(): place for place, title in enumerate(head)}
    for number, cells in _filled(sheets[name])[1:]:
        yield _Row(
            sheet=name, number=number, texts={t: cells[places[t]] if places[t] < len(cells) else "" for t in titles}
        )


def _renamed(title: str, strange: Sequence[str]) -> str:
    """Return a hint at a head that stands where nobody expects it, and may be the missing one under another name."""
    close = difflib.get_close_matches(title, strange, n=1, cutoff=0.4) or (strange if len(strange) == 1 else [])
    return f"，表头里的“{close[0]}”不认识，是否由它改名而来" if close else ""


def _model(reading: _Reading, row: _Row, fields: Sequence[ModelField], place: Place) -> dict[str, Any]:
    made: dict[str, Any] = {}
    reading.cells[place] = (row.sheet, row.number, "")
    for one in fields:
        _take(reading, row, one, made, place, one.title)
    return made


def _take(reading: _Reading, row: _Row, one: ModelField, into: dict[str, Any], place: Place, column: str) -> None:
    """Put the value of a cell where it belongs; a blank cell says nothing."""
    reading.cells[(*place, *one.path)] = (row.sheet, row.number, column)
    text = row.texts[column]
    if not text.strip() and not isinstance(text, Trouble):
        return
    try:
        value = plain_of(text, one)
    except Unreadable as error:
        reading.fault(error.message, row.sheet, row.number, column, text, error.allowed)
        return
    for step in one.path[:-1]:
        into = into.setdefault(step, {})
    into[one.name] = value


def _located(reading: _Reading, flaw: Flaw) -> Fault:
    """Turn a flaw by place into a fault by cell: the nearest cell on the way to it."""

    def cell(place: Place) -> tuple[str, int | None, str]:
        for length in range(len(place), -1, -1):
            if place[:length] in reading.cells:
                return reading.cells[place[:length]]
        return (SHEET, None, "")

    def line(match: re.Match[str]) -> str:
        sheet, row, _ = cell(tuple(int(step) if step.isdigit() else step for step in match[1].split("/")))
        return f"工作表“{sheet}”第 {row} 行"

    message = re.sub(r"\{line:([^}]*)\}", line, flaw.message)
    message = re.sub(r"“([a-z_]+)”", lambda match: f"“{field_title(match[1])}”", message)
    sheet, row, column = cell(flaw.place)
    return Fault(
        message,
        file=reading.file,
        sheet=sheet,
        row=row,
        column=column,
        value=value_text("", flaw.value),
        allowed=flaw.allowed,
    )

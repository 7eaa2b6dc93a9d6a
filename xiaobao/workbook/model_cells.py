"""Any of our Structs as cells of a row and back: columns follow from the fields, so that new fields need no change.

A list of texts is one cell, separated by “、”; a list of small models one cell, a line each, its fields separated by
“｜”; what holds a separator stands in quotes. Anything deeper is kept as JSON.
"""

from __future__ import annotations

import csv
import io
import json
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import structs, to_builtins

from xiaobao.checklist.wording import CODE_WORDS, OPEN_WORDS, field_title, value_text
from xiaobao.datasets.cells import NumberText, PaddedText, Trouble, Unreadable
from xiaobao.workbook.book import SheetCell
from xiaobao.written.strict import Strict

_LIST, _LINE = "、", "｜"
_EXACT_DIGITS = 15


@dataclass(frozen=True, kw_only=True)
class ModelField:
    """One column. `path` leads to the field from the model of the row; `many` says that it holds a list."""

    path: tuple[str, ...]
    title: str
    kind: Any
    many: bool = False

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def words(self) -> Mapping[str, str]:
        """Return code → word of the values that can be chosen; nothing where any text may stand."""
        if self.kind is bool:
            return {"true": "是", "false": "否"}
        codes = [str(code) for code in get_args(self.kind)] if get_origin(self.kind) is Literal else []
        if isinstance(self.kind, type) and issubclass(self.kind, StrEnum):
            codes = [code.value for code in self.kind]
        return {code: CODE_WORDS.get(self.name, {}).get(code, code) for code in codes}


def fields_of(model: type[Strict], skip: Collection[str] = (), path: tuple[str, ...] = ()) -> Iterator[ModelField]:
    """Yield the columns of a model; a model inside it brings its own."""
    for info in structs.fields(model):
        name, kind = info.name, _bare(info.type)
        if name in skip:
            continue
        if isinstance(kind, type) and issubclass(kind, Strict):
            yield from fields_of(kind, (), (*path, name))
        elif get_origin(kind) is tuple:
            inner = _bare(get_args(kind)[0])
            yield ModelField(path=(*path, name), title=_title(name, inner), kind=inner, many=True)
        else:
            yield ModelField(path=(*path, name), title=field_title(name), kind=kind)


def _title(name: str, inner: Any) -> str:
    """Name the column; for small models it also says what stands between the bars."""
    parts = [field_title(part.name) for part in fields_of(inner)] if _is_small(inner) else []
    return field_title(name) + (f"（每行一条：{_LINE.join(parts)}）" if parts else "")


def cell_of(row: Strict, field: ModelField) -> SheetCell:
    """Return what stands in the cell of `field` in the row of `row`."""
    value: Any = row
    for step in field.path:
        value = getattr(value, step) if value is not None else None
    if field.many:
        return _many_text(field, value or ())
    if not _is_scalar(field.kind):
        return _json_text(value) if value is not None else None
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > _EXACT_DIGITS:
        return value_text("", value)
    return value if isinstance(value, Decimal | date) or type(value) is int else _scalar_text(field, value)


def plain_of(text: str, field: ModelField) -> object:
    """Return the plain value of a cell that is not blank. Raises Unreadable saying what is allowed."""
    if isinstance(text, Trouble):
        raise Unreadable(str(text))
    if not field.many and not _is_scalar(field.kind):
        return _json_plain(text)
    if not field.many:
        return _scalar_plain(text.strip(), field, isinstance(text, NumberText | PaddedText))
    if _is_small(field.kind):
        columns = list(fields_of(field.kind))
        return [_line_plain(line, columns) for line in _split(text, _LINE)]
    if not _is_scalar(field.kind):
        return _json_plain(text)
    single = ModelField(path=field.path, title=field.title, kind=field.kind)
    return [_scalar_plain(part.strip(), single) for line in _split(text, _LIST) for part in line]


def _scalar_plain(text: str, field: ModelField, as_number: bool = False) -> str:
    for known, word in OPEN_WORDS.get(field.name, {}).items():
        if text == word:
            return known
    if field.words:
        code = {word: code for code, word in field.words.items()} | {code: code for code in field.words}
        if text not in code:
            raise Unreadable("不是可选的内容", "、".join(field.words.values()))
        return code[text]
    if as_number and field.kind is str:
        raise Unreadable("读到的是数字，前导零或末位零可能已丢失", "把单元格设为文本格式后重新输入")
    return text


def _scalar_text(field: ModelField, value: object) -> str:
    """Word a code only where the cell offers words, so that what was worded can be read back."""
    if value is None:
        return ""
    if field.words and not isinstance(value, bool):
        return field.words.get(str(value), str(value))
    return OPEN_WORDS.get(field.name, {}).get(str(value)) or value_text("", value)


def _many_text(field: ModelField, values: tuple[Any, ...]) -> str:
    if _is_small(field.kind):
        columns = list(fields_of(field.kind))
        lines = [[_part_text(c, getattr(one, c.name)) for c in columns] for one in values]
        return "\n".join(_joined(line, _LINE) for line in lines)
    if values and not _is_scalar(field.kind):
        return _json_text(values)
    single = ModelField(path=field.path, title=field.title, kind=field.kind)
    return _joined([_scalar_text(single, one) for one in values], _LIST) if values else ""


def _part_text(field: ModelField, value: Any) -> str:
    return _many_text(field, value) if field.many else _scalar_text(field, value)


def _joined(parts: list[str], separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerow(parts)
    return out.getvalue().removesuffix("\n")


def _split(text: str, separator: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise Unreadable("引号没有成对", f"含“{separator}”或换行的内容放在英文双引号里") from None
    return [row for row in rows if any(part.strip() for part in row)]


def _line_plain(parts: list[str], columns: list[ModelField]) -> dict[str, object]:
    if len(parts) > len(columns):
        titles = _LINE.join(column.title for column in columns)
        raise Unreadable(f"一行有 {len(parts)} 段，多于 {len(columns)} 段", titles)
    named = zip(columns, parts, strict=False)
    return {column.name: _part_plain(part.strip(), column) for column, part in named if part.strip()}


def _part_plain(text: str, field: ModelField) -> object:
    return plain_of(text, field) if field.many else _scalar_plain(text, field)


def _json_text(value: object) -> str:
    return json.dumps(to_builtins(value), ensure_ascii=False)


def _json_plain(text: str) -> object:
    try:
        return _as_text(json.loads(text))
    except ValueError:
        raise Unreadable("内容的写法不对", "按导出的写法") from None


def _as_text(value: Any) -> object:
    if isinstance(value, dict):
        return {key: _as_text(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _bare(kind: Any) -> Any:
    """Strip `Annotated` and `| None`."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        members = [member for member in get_args(kind) if member is not types.NoneType]
        return _bare(members[0]) if len(members) == 1 else kind
    return kind


def _is_scalar(kind: Any) -> bool:
    return get_origin(kind) is Literal or (isinstance(kind, type) and not issubclass(kind, Strict | tuple))


def _is_small(kind: Any) -> bool:
    """Tell whether a model holds nothing but single values and lists of them, so that it fits on one line."""
    if not (isinstance(kind, type) and issubclass(kind, Strict)):
        return False
    return all(_is_scalar(_single(_bare(info.type))) for info in structs.fields(kind))


def _single(kind: Any) -> Any:
    """Return what a list holds, and any other kind itself."""
    return _bare(get_args(kind)[0]) if get_origin(kind) is tuple else kind

"""Read nodes as one of our Structs and tell every fault: keys, allowed values, bounds, scalars that mislead.

YAML would read `no` as false and `1.10` as 1.1. Here every scalar is text until its field says otherwise, and text
that YAML or TOML would take for something else must stand in quotes.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct, inspect

from xiaobao.written.nodes import Flaw, Listing, Node, Place, TableNode, TextNode, nearest

T = TypeVar("T", bound=Struct)
_MOST_FLAWS = 1000  # each may search for the nearest known word; nobody reads more
NUMBER = r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?"
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
_LOOKS_OTHER = re.compile(
    r"[-+]?[0-9][0-9_,]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9]+|[-+]?\.(inf|nan)|0[xXoO][0-9a-fA-F_]+"
    r"|[-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"
    r"|~|null|true|false|yes|no|on|off|y|n|=",
    re.IGNORECASE,
)
_UNCLEAR: Any = object()  # what a faulty node gives where nobody can say what was meant


def read(kind: type[T], node: Node) -> tuple[T | None, list[Flaw]]:
    """Return what `node` says as a `kind`, and all that is wrong with it.

    A value that is merely written so that it may mislead is reported and still read, so that the rest can be held
    against it. None where anything is missing, not allowed or unclear.
    """
    reader = _Reader()
    try:
        value = reader.value(_type_of(kind), node, ())
    except _Enough:
        value = _UNCLEAR
    return (None if value is _UNCLEAR else value), reader.flaws


def looks_other(text: str) -> bool:
    """Tell whether YAML would take an unquoted `text` for a number, a truth, a date or nothing."""
    return bool(_LOOKS_OTHER.fullmatch(text))


@cache
def _type_of(kind: type[Struct]) -> inspect.Type:
    return inspect.type_info(kind)


class _Enough(Exception):
    """So many flaws that no reader wants more."""


class _Reader:
    """One walk over a document. Each method reads one kind of node; what is wrong goes to `flaws`."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def value(self, kind: inspect.Type, node: Node, place: Place) -> Any:
        """Read one node as `kind`; what cannot be read becomes a flaw and a mark for nothing, never a guess."""
        bare, bounds = _bare(kind)
        if isinstance(bare, inspect.StructType):
            return self._struct(bare, node, place)
        if isinstance(bare, inspect.UnionType):
            return self._tagged({str(m.tag): m for m in bare.types if isinstance(m, inspect.StructType)}, node, place)
        if isinstance(bare, inspect.VarTupleType):
            return self._listing(bare.item_type, bounds, node, place)
        if isinstance(bare, inspect.TupleType):
            return self._fixed(bare.item_types, node, place)
        if isinstance(bare, inspect.DictType):
            return self._mapping(bare, node, place)
        if not isinstance(node, TextNode):
            return self._unclear(place, f"{_name(place)}应为一个值，不是列表或“键: 值”")
        if node.plain and not node.value:
            self._flaw(place, f"{_name(place)}没有填写", allowed="填上值，或删去这一行")
            return "" if isinstance(bare, inspect.StrType) else _UNCLEAR
        read = self._scalar(bare, node, place)
        return read if read is _UNCLEAR or not bounds else self._within(bounds, read, node, place)

    def _flaw(self, place: Place, message: str, value: str = "", allowed: str = "") -> None:
        self.flaws.append(Flaw(place=place, message=message, value=value, allowed=allowed))
        if len(self.flaws) >= _MOST_FLAWS:
            raise _Enough

    def _unclear(self, place: Place, message: str, value: str = "", allowed: str = "") -> Any:
        self._flaw(place, message, value, allowed)
        return _UNCLEAR

    # --- mappings and lists -------------------------------------------------------------------------------------------

    def _struct(self, kind: inspect.StructType, node: Node, place: Place) -> Any:
        known = [kind.tag_field] if kind.tag_field else []
        known += [field.name for field in kind.fields]
        if not isinstance(node, TableNode):
            first, colon, _ = _shown(node).partition("：")
            if colon and first.strip() in known:
                message = f"“{first.strip()}”后的冒号是全角的"
                return self._unclear(place, message, _shown(node)[:60], f"{first.strip()}: （半角冒号，后面一个空格）")
            return self._unclear(place, f"{_name(place)}应为“键: 值”", _shown(node), "、".join(known))
        unknown = [key for key in node.values if key not in known]
        missing = [field.name for field in kind.fields if field.required and field.name not in node.values]
        for key in unknown:
            self._unknown((*place, key), key, known)
        for key in missing:
            self._flaw((*place, key), f"“{key}”没有写", allowed="补上这一项")
        given = [field for field in kind.fields if field.name in node.values]
        values = {f.name: self._field(f, node.values[f.name], (*place, f.name)) for f in given}
        return _UNCLEAR if unknown or missing or _UNCLEAR in values.values() else kind.cls(**values)

    def _field(self, field: inspect.Field, node: Node, place: Place) -> Any:
        value = self.value(field.type, node, place)
        if field.required and isinstance(field.type, inspect.StrType) and _is_blank(node):
            self._flaw(place, f"“{field.name}”不能为空")
        return value

    def _tagged(self, kinds: Mapping[str, inspect.StructType], node: Node, place: Place) -> Any:
        name = next(iter(kinds.values())).tag_field or ""
        allowed = "、".join(kinds)
        if not isinstance(node, TableNode):
            return self._unclear(place, f"{_name(place)}应为“键: 值”", _shown(node), f"{name}: {allowed}")
        if name not in node.values:
            return self._unclear(place, f"{_name(place)}缺少“{name}”", allowed=allowed)
        tag = self._chosen({tag: tag for tag in kinds}, node.values[name], (*place, name))
        return tag if tag is _UNCLEAR else self._struct(kinds[tag], node, place)

    def _listing(self, kind: inspect.Type, bounds: Mapping[str, Any], node: Node, place: Place) -> Any:
        if not isinstance(node, Listing):
            return self._unclear(place, f"{_name(place)}应为列表", _shown(node), "每项以“- ”开头")
        if len(node.values) < bounds.get("minItems", 0):
            return self._unclear(place, f"{_name(place)}至少要有 {bounds['minItems']} 项")
        return self._members([kind] * len(node.values), node, place)

    def _fixed(self, kinds: Sequence[inspect.Type], node: Node, place: Place) -> Any:
        if not isinstance(node, Listing) or len(node.values) != len(kinds):
            return self._unclear(place, f"{_name(place)}应为 {len(kinds)} 项的列表", _shown(node))
        return self._members(kinds, node, place)

    def _members(self, kinds: Sequence[inspect.Type], node: Listing, place: Place) -> Any:
        pairs = enumerate(zip(kinds, node.values, strict=True))
        values = [self.value(kind, one, (*place, number)) for number, (kind, one) in pairs]
        return _UNCLEAR if _UNCLEAR in values else tuple(values)

    def _mapping(self, kind: inspect.DictType, node: Node, place: Place) -> Any:
        if not isinstance(node, TableNode):
            return self._unclear(place, f"{_name(place)}应为“键: 值”", _shown(node))
        values: dict[Any, Any] = {}
        for key, inner in node.values.items():
            here = (*place, key)
            values[self._key(kind.key_type, key, here)] = self.value(kind.value_type, inner, here)
        return _UNCLEAR if _UNCLEAR in values or _UNCLEAR in values.values() else values

    def _key(self, kind: inspect.Type, key: str, place: Place) -> Any:
        bare, bounds = _bare(kind)
        if choices := _choices(bare):
            return choices[key] if key in choices else self._unknown(place, key, choices)
        if "pattern" in bounds and not re.search(bounds["pattern"], key):
            return self._unclear(place, f"键“{key[:40]}”的写法不对", allowed=bounds.get("description", ""))
        return key.strip()

    def _unknown(self, place: Place, key: str, known: Sequence[str] | Mapping[str, Any]) -> Any:
        return self._unclear(place, f"不认识的键“{key[:40]}”{nearest(key, known)}", allowed="、".join(known))

    # --- single values ------------------------------------------------------------------------------------------------

    def _scalar(self, kind: inspect.Type, node: TextNode, place: Place) -> Any:
        value, name = node.value, _name(place)
        if isinstance(kind, inspect.DecimalType | inspect.IntType):
            return self._number(isinstance(kind, inspect.IntType), node, place)
        if isinstance(kind, inspect.BoolType):
            truths = {"true": True, "false": False}
            if value in truths:
                return truths[value]
            return self._unclear(place, f"{name}只能是 true 或 false", value, "true、false")
        if isinstance(kind, inspect.DateType):
            day = _day(value)
            if day is None or day.year < 1949:
                self._flaw(place, f"{name}不是有效的日期", value, "如 2026-06-30")
            return _UNCLEAR if day is None else day
        if isinstance(kind, inspect.TimeType):
            if _TIME.fullmatch(value):
                return time.fromisoformat(value)
            return self._unclear(place, f"{name}不是有效的时刻", value, "如 07:30")
        if choices := _choices(kind):
            return self._chosen(choices, node, place)
        if not isinstance(kind, inspect.StrType):
            raise TypeError(f"no reader for {kind}")
        self._hold_quotes(node, place)
        return value.strip()

    def _number(self, whole: bool, node: TextNode, place: Place) -> Any:
        well_written = bool(re.fullmatch(NUMBER, node.value))
        number = _meant(node.value)
        if not well_written:
            self._flaw(place, f"{_name(place)}不是普通数字", node.value, "如 5 或 0.5，不用百分号、指数或全角")
        if not whole or number is _UNCLEAR:
            return number
        if number == number.to_integral_value():
            return int(number)
        return self._unclear(place, f"{_name(place)}不是整数", node.value) if well_written else _UNCLEAR

    def _chosen(self, choices: Mapping[str, Any], node: Node, place: Place) -> Any:
        if isinstance(node, TextNode) and node.value.strip() in choices:
            self._hold_quotes(node, place)
            return choices[node.value.strip()]
        value = _shown(node)
        return self._unclear(place, f"{_name(place)}的值不认识{nearest(value, choices)}", value, "、".join(choices))

    def _hold_quotes(self, node: TextNode, place: Place) -> None:
        if node.plain and looks_other(node.value):
            message = f"{_name(place)}的值不加引号会被读成别的东西，请加引号"
            self._flaw(place, message, node.value, f'"{node.value}"')

    def _within(self, bounds: Mapping[str, Any], value: Any, node: TextNode, place: Place) -> Any:
        for word, bound in bounds.items():
            if word == "description":
                continue
            holds, message_form = _BOUNDS[word]
            if not holds(value, bound):
                message = _name(place) + message_form.format(bound)
                return self._unclear(place, message, node.value, bounds.get("description", ""))
        return value


# The words of JSON Schema that a single value may be bounded by, and what is said outside.
_BOUNDS: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = {
    "pattern": (lambda value, pattern: re.fullmatch(pattern, value) is not None, "的写法不对"),
    "minimum": (operator.ge, "不能小于 {}"),
    "maximum": (operator.le, "不能大于 {}"),
    "exclusiveMinimum": (operator.gt, "应大于 {}"),
    "exclusiveMaximum": (operator.lt, "应小于 {}"),
    "maxLength": (lambda text, most: len(text) <= most, "不能长于 {} 字"),
}


def _bare(kind: inspect.Type) -> tuple[inspect.Type, Mapping[str, Any]]:
    """Strip `| None` and bounds, which are returned beside."""
    bounds: dict[str, Any] = {}
    while True:
        if isinstance(kind, inspect.Metadata):
            bounds |= kind.extra_json_schema or {}
            kind = kind.type
        elif isinstance(kind, inspect.UnionType) and (given := _given(kind)) is not None:
            kind = given
        else:
            return kind, bounds


def _given(kind: inspect.UnionType) -> inspect.Type | None:
    """Return the one member beside None, or nothing where there are several."""
    members = [member for member in kind.types if not isinstance(member, inspect.NoneType)]
    return members[0] if len(members) == 1 else None


def _choices(kind: inspect.Type) -> dict[str, Any]:
    """Return text → value of the values that can be chosen; nothing where any may stand."""
    if isinstance(kind, inspect.LiteralType):
        return {str(value): value for value in kind.values}
    if isinstance(kind, inspect.EnumType):
        return {str(code.value): code for code in kind.cls}
    return {}


def _meant(text: str) -> Any:
    """Return the number that an oddly written one still means."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _UNCLEAR
    return number if number.is_finite() else _UNCLEAR


def _is_blank(node: Node) -> bool:
    return isinstance(node, TextNode) and not node.value.strip() and not (node.plain and not node.value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _name(place: Place) -> str:
    names = [str(step) for step in place if isinstance(step, str)]
    return f"“{names[-1]}”" if names else "文件"


def _shown(node: Node) -> str:
    return node.value if isinstance(node, TextNode) else ""

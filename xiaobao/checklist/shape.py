"""Hold YAML nodes against the models: known keys, and scalars written so that nobody can misread them.

YAML would read `no` as false and `1.10` as 1.1. Here every scalar is text until its field says otherwise, and text
that YAML would take for something else must stand in quotes.
"""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from xiaobao.checklist.nodes import Listing, Node, Place, Table, Text

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?")
_LOOKS_OTHER = re.compile(
    r"[-+]?[0-9][0-9_,]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9]+|[-+]?\.(inf|nan)|0[xXoO][0-9a-fA-F_]+"
    r"|[-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"
    r"|~|null|true|false|yes|no|on|off|y|n|=",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Flaw:
    """A fault by its place in the document; the reader adds file, line and item."""

    place: Place
    message: str
    value: str = ""
    allowed: str = ""


def nearest(value: str, known: Iterable[str]) -> str:
    """Return a hint at the known words nearest to `value`, or nothing."""
    close = difflib.get_close_matches(value[:80], list(known), n=3, cutoff=0.6)
    return "，是否想写 " + "、".join(close) if close else ""


def shape_flaws(kind: Any, node: Node, place: Place = ()) -> Iterator[Flaw]:
    """Yield every unknown key and misleading scalar of `node`, read as a `kind`."""
    kind = _bare(kind, node)
    origin = get_origin(kind)
    if kind is object:
        return
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _model_flaws(kind, node, place)
    elif origin is tuple:
        if isinstance(node, Listing):
            for index, value in enumerate(node.values):
                yield from shape_flaws(get_args(kind)[0], value, (*place, index))
        else:
            yield Flaw(place, f"{_name(place)}应为列表", _shown(node), "每项以“- ”开头")
    elif origin is dict:
        if isinstance(node, Table):
            for key, value in node.values.items():
                yield from shape_flaws(get_args(kind)[1], value, (*place, key))
        else:
            yield Flaw(place, f"{_name(place)}应为“键: 值”", _shown(node))
    elif not isinstance(node, Text):
        yield Flaw(place, f"{_name(place)}应为一个值，不是列表或“键: 值”")
    else:
        yield from _scalar_flaws(kind, node, place)


def _model_flaws(model: type[BaseModel], node: Node, place: Place) -> Iterator[Flaw]:
    if not isinstance(node, Table):
        yield Flaw(place, f"{_name(place)}应为“键: 值”", _shown(node), "、".join(model.model_fields))
        return
    for key, value in node.values.items():
        if key not in model.model_fields:
            hint = nearest(key, model.model_fields)
            yield Flaw((*place, key), f"不认识的键“{key[:40]}”{hint}", allowed="、".join(model.model_fields))
            continue
        field = model.model_fields[key]
        yield from shape_flaws(field.annotation, value, (*place, key))
        if field.is_required() and field.annotation is str and _is_blank(value):
            yield Flaw((*place, key), f"“{key}”不能为空")


def _scalar_flaws(kind: Any, node: Text, place: Place) -> Iterator[Flaw]:
    value, name = node.value, _name(place)
    if node.plain and not value:
        yield Flaw(place, f"{name}没有填写", allowed="填上值，或删去这一行")
    elif kind in (Decimal, int):
        if not _NUMBER.fullmatch(value):
            yield Flaw(place, f"{name}不是普通数字", value, "如 5 或 0.5，不用百分号、指数或全角")
    elif kind is bool:
        if value not in ("true", "false"):
            yield Flaw(place, f"{name}只能是 true 或 false", value, "true、false")
    elif kind is date:
        if not _is_day(value):
            yield Flaw(place, f"{name}不是有效的日期", value, "如 2026-06-30")
    elif node.plain and looks_other(value):
        yield Flaw(place, f"{name}的值会被 YAML 读成别的东西，请加引号", value, f'"{value}"')


def looks_other(text: str) -> bool:
    """Tell whether YAML would take an unquoted `text` for a number, a truth, a date or nothing."""
    return bool(_LOOKS_OTHER.fullmatch(text))


def _is_blank(node: Node) -> bool:
    return isinstance(node, Text) and not node.value.strip() and not (node.plain and not node.value)


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and date.fromisoformat(text).year >= 1949
    except ValueError:
        return False


def _bare(kind: Any, node: Node) -> Any:
    """Strip `Annotated` and `| None`; choose the member of a tagged union by the node's `kind`.

    With a tag missing or unknown the answer is `object`: pydantic names the fault.
    """
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    members = [member for member in get_args(kind) if member is not types.NoneType]
    if isinstance(node, Table) and isinstance(tag := node.values.get("kind"), Text):
        for member in members:
            if tag.value in get_args(member.model_fields["kind"].annotation):
                return member
    if len(members) == 1:
        return _bare(members[0], node)
    return object


def _name(place: Place) -> str:
    names = [str(step) for step in place if isinstance(step, str)]
    return f"“{names[-1]}”" if names else "文件"


def _shown(node: Node) -> str:
    return node.value if isinstance(node, Text) else ""


# --- pydantic's faults, in Chinese ----------------------------------------------------------------------------------


def pydantic_flaws(error: ValidationError, root: Node) -> Iterator[Flaw]:
    """Yield the faults that pydantic found, at places as the document counts them."""
    for detail in error.errors(include_url=False, include_input=True):
        place = _document_place(root, detail["loc"])
        if detail["type"] == "extra_forbidden" or (detail["type"] == "too_short" and detail["input"]):
            continue  # the first is ours to say; the second only says that what is in the list is faulty
        message, allowed = _translated(detail)
        value = detail["input"] if isinstance(detail["input"], str) else ""
        yield Flaw(place, f"{_name(place)}{message}", value, allowed)


def _document_place(root: Node, loc: tuple[int | str, ...]) -> Place:
    """Drop the tags of unions from pydantic's location; a missing key stays as the last step."""
    place: list[int | str] = []
    node: Node | None = root
    for number, step in enumerate(loc):
        if isinstance(node, Table) and step in node.values:
            node = node.values[str(step)]
        elif isinstance(node, Listing) and isinstance(step, int):
            node = node.values[step]
        elif number < len(loc) - 1:
            continue
        place.append(step)
    return tuple(place)


def _translated(detail: ErrorDetails) -> tuple[str, str]:
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "missing":
        return "没有写", "补上这一项"
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        expected = str(context.get("expected", context.get("expected_tags", "")))
        return "的值不认识", expected.replace("'", "").replace(" or ", "、").replace(", ", "、")
    if kind == "union_tag_not_found":
        return "缺少“kind”", "写明规则种类"
    if kind == "greater_than_equal":
        return f"不能小于 {context['ge']}", ""
    if kind == "greater_than":
        return f"应大于 {context['gt']}", ""
    if kind == "less_than_equal":
        return f"不能大于 {context['le']}", ""
    if kind == "too_short":
        return f"至少要有 {context['min_length']} 项", ""
    return "的值不对", ""

"""Whatever a person can meet in a sheet, a scheme or the register of regulations has a Chinese word."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from xiaobao.checklist import models
from xiaobao.checklist.rules import RULE_KINDS, Case, Cause, FigureBand, LevelOption, Part
from xiaobao.checklist.wording import CODE_WORDS, field_title, value_text
from xiaobao.workbook.checklists import SHEET_COLUMNS
from xiaobao.written.strict import Strict

MODELS = (
    *(one for _, one in inspect.getmembers(models, inspect.isclass) if issubclass(one, Strict) and one is not Strict),
    *RULE_KINDS.values(),
    *(Case, Cause, FigureBand, LevelOption, Part),
)
LATIN = re.compile(r"[A-Za-z]")


def codes(kind: object) -> Iterator[str]:
    """Yield the codes that a field may hold, wherever they stand in its type."""
    if get_origin(kind) is Literal:
        yield from map(str, get_args(kind))
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        yield from (code.value for code in kind)
    else:
        for inner in get_args(kind):
            yield from codes(inner)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_has_a_word(model: type[Strict]) -> None:
    assert [name for name in model.__struct_fields__ if LATIN.search(field_title(name))] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_code_that_a_field_may_hold_has_a_word(model: type[Strict]) -> None:
    held = get_type_hints(model)
    missing = [
        f"{name}: {code}"
        for name in model.__struct_fields__
        for code in codes(held[name])
        if LATIN.search(CODE_WORDS.get(name, {}).get(code, code)) and code != "percent"
    ]
    assert missing == []


def test_every_kind_of_rule_has_a_word() -> None:
    assert [kind for kind in RULE_KINDS if LATIN.search(value_text("kind", kind))] == []


def test_no_column_of_the_workbook_has_a_latin_head() -> None:
    assert [title for title in SHEET_COLUMNS if LATIN.search(title)] == []

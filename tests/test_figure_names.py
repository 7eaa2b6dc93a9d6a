"""A figure is declared once: a sentence that names another fails here, before any report is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "xiaobao"
ANY = "\x00"  # stands for what only the data say: a unit, a domain, a channel
_SLOT = re.compile(r"\{([^{}]+)\}")
_NAME = re.compile(rf"[\w{ANY}（）()/]+(?:·[\w{ANY}（）()/]+)+")
_ASKED = {"known", "some", "given", "listed", "changed", "below", "of"}


def text_of(node: ast.AST) -> str | None:
    """Return a literal text, with `ANY` for what an f-string fills in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else ANY for part in node.values)
    return None


def makers(tree: ast.AST) -> dict[str, list[str]]:
    """Return variable → groups of the makers of figures that it holds."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            called = node.value.func
            if isinstance(called, ast.Name) and called.id == "of_source":
                group = text_of(node.value.args[0])
                found.setdefault(node.targets[0].id, []).append(ANY if group is None else group)
    return found


def returned_group(function: ast.FunctionDef) -> str | None:
    """Return the group of the maker that a function hands back; None for any other function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Name) and called.id == "of_source":
                return text_of(node.value.args[0])
    return None


def named_in(helper: ast.FunctionDef | None) -> set[str]:
    """Return the names that a function gives to the figures of a maker which was handed to it."""
    calls = [node for node in ast.walk(helper) if isinstance(node, ast.Call) and node.args] if helper else []
    return {text for call in calls if isinstance(call.func, ast.Name) and (text := text_of(call.args[0]))}


def declared(paths: Iterator[Path]) -> set[str]:
    """Return every name that a figure is declared with, as a pattern."""
    names: set[str] = set()
    for path in paths:
        tree = ast.parse(path.read_text("utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        returned = {one.name: group for one in functions if (group := returned_group(one))}
        bodies = {one.name: one for one in functions}
        for held, node in ((makers(one), node) for one in functions for node in ast.walk(one)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            first = node.args[0]
            if isinstance(first, ast.Name) and first.id in held:  # handed on, with the name of a group within
                inner = [text for one in node.args[1:] if (text := text_of(one))]
                names |= {f"{group}·{text}·{ANY}" for group in held[first.id] for text in inner}
                helper = bodies.get(node.func.id) if isinstance(node.func, ast.Name) else None
                names |= {f"{group}·{text}" for group in held[first.id] for text in named_in(helper)}
                continue
            name = text_of(first)
            called = node.func
            if isinstance(called, ast.Name) and called.id in {*held, "make", "stated"}:
                groups = held.get(called.id, [ANY])
                names |= {f"{group}·{ANY if name is None else name}" for group in groups}
            elif isinstance(called, ast.Call) and isinstance(called.func, ast.Name) and called.func.id == "of_source":
                names.add(f"{text_of(called.args[0]) or ANY}·{ANY if name is None else name}")
            elif isinstance(called, ast.Call) and isinstance(called.func, ast.Name) and called.func.id in returned:
                names.add(f"{returned[called.func.id]}·{ANY if name is None else name}")
    return names


def told(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of every figure that the sentences of a file name."""
    tree = ast.parse(path.read_text("utf-8"))
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKED:
            wanted = [text_of(one) for one in node.args]
        elif isinstance(node, ast.Subscript):
            wanted = [text_of(node.slice)]
        else:
            wanted = []
        names = [one for one in wanted if one and "·" in one]
        text = None if id(node) in inner else text_of(node)
        names += _SLOT.findall(text) if text else []
        for name in names:
            if _NAME.fullmatch(name):
                yield getattr(node, "lineno", 0), name


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name that is told may be one that is declared; a prefix of names counts.

    A maker that is handed to a function may be of any group: such a pattern speaks for names made from data alone.
    """
    if pattern.startswith(ANY) and ANY not in name:
        return False
    left = "".join(".+" if ch == ANY else re.escape(ch) for ch in pattern)
    right = "".join(".+" if ch == ANY else re.escape(ch) for ch in name)
    return bool(re.fullmatch(left, name.replace(ANY, "某"))) or bool(
        re.match(right + "(?:·|$)", pattern.replace(ANY, "某"))
    )


@pytest.fixture(scope="module")
def known() -> set[str]:
    return declared(path for path in PACKAGE.rglob("*.py") if "of_source" in path.read_text("utf-8"))


SENTENCES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if (path.parent.name == "word" or path.stem in {"report_sentences", "report"}) and any(told(path))
)


@pytest.mark.parametrize("path", SENTENCES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_sentences_name_only_figures_that_are_declared(path: Path, known: set[str]) -> None:
    strange = [(line, name) for line, name in told(path) if not any(matches(name, one) for one in known)]
    assert strange == []


def test_a_misspelt_name_is_found(tmp_path: Path, known: set[str]) -> None:
    path = tmp_path / "report_sentences.py"
    path.write_text('teller.say("本期{投诉·新增}，其中{投诉·重夏}。")\nteller.given("时限·全部·中位天数")\n', "utf-8")
    assert [name for _, name in told(path) if not any(matches(name, one) for one in known)] == ["投诉·重夏"]

"""Every verb of the library names its row of the table of rights, and every row has a verb: found in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from xiaobao.labels import ROLES
from xiaobao.rights import RIGHTS, as_markdown

PACKAGE = Path(__file__).parents[1] / "xiaobao"
# What writes without a person's verb: the server's keys and sessions (kept alive while long work goes on) and what
# happens at the door before sign-in, the moving of an older workspace's files, the note that data were cut anew, and
# the one place that asks the table.
OF_THE_STORE = {
    "pages/voila_app.py": 2,
    "pages/work_starter.py": 1,
    "workbench/cutting.py": 1,
    "workbench/moving_over.py": 1,
    "workbench/signing_in.py": 10,
    "workbench/workspace.py": 1,
}
# Names under which a row is handed on to the one place that writes.
HANDED_ON = {"verb", "row"}
ASKING = {"writing", "look", "may", "sight", "require", "grant"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return tuple((path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))) for path in paths)


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    """Keep the trees of all modules no longer than these tests."""
    yield
    modules.cache_clear()


def rows_of(argument: ast.expr) -> set[str] | None:
    """Return the rows that an argument may name, None for a name that was handed on."""
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    if isinstance(argument, ast.IfExp):
        return (rows_of(argument.body) or set()) | (rows_of(argument.orelse) or set())
    if isinstance(argument, ast.JoinedStr):
        prefix = str(argument.values[0].value) if isinstance(argument.values[0], ast.Constant) else "?"
        return {name for name in RIGHTS if name.startswith(prefix)} or {prefix}
    if isinstance(argument, ast.Subscript) and isinstance(argument.value, ast.Name):
        return {f"{argument.value.id}[…]"}
    if isinstance(argument, ast.Name) and argument.id in HANDED_ON:
        return None
    return {ast.unparse(argument)}


def test_nothing_writes_past_the_table_of_rights() -> None:
    found: dict[str, int] = {}
    for place, tree in modules():
        for name, call in calls(tree):
            past = name == "writing" and isinstance(call.func, ast.Attribute)
            if past and ast.unparse(call.func.value).split(".")[-1] in ("store", "Store"):
                found[place] = found.get(place, 0) + 1
    assert found == OF_THE_STORE


def test_every_question_names_a_row_of_the_table() -> None:
    unknown, writing = [], 0
    for place, tree in modules():
        if place in ("workbench/permitting.py", *OF_THE_STORE) or place.startswith("store/"):
            continue
        for name, call in calls(tree):
            if name not in ASKING or not call.args:
                continue
            argument = call.args[0] if isinstance(call.func, ast.Attribute) else call.args[1]
            if name == "look" and isinstance(argument, ast.Name) and argument.id not in HANDED_ON:
                continue
            rows = rows_of(argument)
            writing += name == "writing"
            if rows is not None and not all(row in RIGHTS or row.endswith("[…]") for row in rows):
                unknown.append(f"{place}:{call.lineno} {name}({ast.unparse(argument)})")
    assert unknown == []
    print(f"{writing} places write, each by a row of the table")
    assert writing >= 30


def test_every_row_of_the_table_has_a_verb() -> None:
    said = {
        node.value
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    steps = {"sheet.confirm", "sheet.approve"}  # of the way of a sheet
    steps |= {f"filing.{step}" for step in ("file", "return", "accept")}
    assert {name for name in RIGHTS if name not in said | steps} == set()


def test_every_row_grants_somebody_something_and_has_a_name_of_its_own() -> None:
    assert all(any(verb.granted[role] for role in ROLES) for verb in RIGHTS.values())
    assert len({verb.title for verb in RIGHTS.values()}) == len(RIGHTS)


def test_the_document_is_what_the_table_says() -> None:
    """Each cell stands in it: one that is flipped is seen. After a change: `make reference`."""
    assert (PACKAGE.parent / "docs" / "rights.md").read_text("utf-8") == as_markdown()

"""A public function tells a stranger what its name and types do not, as `docs/decisions.md` counts it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "xiaobao"
_TOLD_ELSEWHERE = ("check", "command", "overload")  # by a declaration, by the help, by the function it overloads
Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_nineteen_of_twenty_public_functions_tell_what_they_do() -> None:
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    classes = {one.name: one for tree in trees.values() for one in tree.body if isinstance(one, ast.ClassDef)}
    counted = {
        f"{path.relative_to(PACKAGE)}:{one.lineno} {one.name}": ast.get_docstring(one) is not None
        for path, tree in trees.items()
        if "migrations" not in path.parts
        for one in _public(tree.body, None, classes)
    }
    silent = [name for name, told in counted.items() if not told]
    assert len(counted) > 1500
    assert len(silent) <= len(counted) * 0.05, "\n".join(silent)


def _public(
    body: list[ast.stmt], owner: ast.ClassDef | None, classes: Mapping[str, ast.ClassDef]
) -> Iterator[Function]:
    for one in body:
        if isinstance(one, ast.ClassDef) and not one.name.startswith("_"):
            yield from _public(one.body, one, classes)
        elif isinstance(one, Function) and not one.name.startswith("_"):
            named = {ast.unparse(mark).partition("(")[0].rpartition(".")[2] for mark in one.decorator_list}
            told = any(name in _TOLD_ELSEWHERE or name.endswith("property") for name in named)
            if not told and not _base_tells(owner, one.name, classes):
                yield one


def _base_tells(owner: ast.ClassDef | None, name: str, classes: Mapping[str, ast.ClassDef]) -> bool:
    """Tell whether a class of ours that `owner` builds on documents the method."""
    bases = [classes.get(ast.unparse(base).partition("[")[0]) for base in owner.bases] if owner else []
    return any(
        base is not None
        and (
            any(isinstance(one, Function) and one.name == name and ast.get_docstring(one) for one in base.body)
            or _base_tells(base, name, classes)
        )
        for base in bases
    )

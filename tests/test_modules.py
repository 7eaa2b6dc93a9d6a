"""Read as text: public functions tell what they do, and modules build on one another in one direction."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "xiaobao"
# What stands in several rooms and means one thing in each.
MODULES = """
appealing arranging card cards change_note charts checklists commands corrective_actions demo drafts evidence
excel explaining extracts figures filling freezing handing_in importing issuing leads mapping models page peers people
picking questions reading recording report report_figures report_sentences reports reviewing scanning seeing
shown signing table verbs verifying vetoes view wording writing publishing
"""
NAMES = """
BORNE EARLY Frames KIND Notice Row T TABLE V add_to_appeal as_markdown ask_for beijing change decide_appeal
expected_cells find_inspection findings leads main new_check open_paper open_scorecard overdue overview progress
read_cells responses scores signed value_lists value_text waiting waterfall withdraw_entry
"""
_TOLD_ELSEWHERE = ("check", "command", "overload")  # by a declaration, by the help, by the function it overloads
Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def test_nineteen_of_twenty_public_functions_tell_what_they_do(trees: Mapping[Path, ast.Module]) -> None:
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


def test_no_module_builds_on_itself_by_way_of_others_not_even_for_its_types(trees: Mapping[Path, ast.Module]) -> None:
    names = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in trees}
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    builds_on = {name: set(_imported(trees[path].body, names)) - {name} for name, path in names.items()}
    assert sum(map(len, builds_on.values())) > 2000
    TopologicalSorter(builds_on).prepare()  # raises CycleError with the way round


def _imported(body: list[ast.stmt], names: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules of ours that a module's head imports, `if TYPE_CHECKING` included, functions not."""
    for one in body:
        if isinstance(one, ast.ImportFrom):
            parts = (f"{one.module}.{part.name}" for part in one.names)
            yield from (part if part in names else str(one.module) for part in parts if str(one.module) in names)
        elif isinstance(one, ast.Import):
            yield from (part.name for part in one.names if part.name in names)
        elif isinstance(one, ast.If | ast.Try):
            yield from _imported(one.body, names)


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


def test_the_core_names_no_feature(trees: Mapping[Path, ast.Module]) -> None:
    """Features stand in one list; only what an editor is told of `xb.…` names them besides, and nothing runs that."""
    named = {
        path.relative_to(PACKAGE).as_posix()
        for path, tree in trees.items()
        if "features" not in path.relative_to(PACKAGE).parts
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xiaobao.features"))
        or (isinstance(node, ast.Constant) and str(node.value).startswith("xiaobao.features."))
    }
    assert named == {"__init__.py", "feature_list.py"}


def _room(path: Path) -> str:
    """Return the room of a module; each feature is one."""
    parts = path.relative_to(PACKAGE).parts
    return "/".join(parts[:2]) if parts[0] == "features" else parts[0]


def _in_several(named: Iterator[tuple[str, str]]) -> set[str]:
    """Return the names that stand in more than one room, of pairs of name and room."""
    rooms: dict[str, set[str]] = {}
    for name, room in named:
        rooms.setdefault(name, set()).add(room)
    return {name for name, found in rooms.items() if len(found) > 1}


def test_a_module_name_in_several_rooms_means_one_thing(trees: Mapping[Path, ast.Module]) -> None:
    """Whoever adds a module says here that its name means what it means in the other rooms, or takes another."""
    assert _in_several((path.stem, _room(path)) for path in trees if path.stem != "__init__") == set(MODULES.split())


def test_a_public_name_in_several_rooms_means_one_thing(trees: Mapping[Path, ast.Module]) -> None:
    """Commands are left out, which are called as their verbs are, and tables of the store, called as what they hold."""
    defined = (
        (name, _room(path))
        for path, tree in trees.items()
        if "cli" not in path.parts and path.stem != "commands" and path.parts[-2:] != ("store", "tables.py")
        for node in tree.body
        for name in _defined(node)
        if not name.startswith("_")
    )
    assert _in_several(defined) == set(NAMES.split())


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))

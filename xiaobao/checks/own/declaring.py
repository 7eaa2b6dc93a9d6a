"""What the file of an own check says of itself, read without running a line of it.

The file is Python: two constants, `CHECK` and `CASES`, whose values are written out, and a function `hits`. The
constants are taken from the syntax tree and held against their models like any other file that people write.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, TypeVar

from xiaobao.checklist.models import Citation, Regulations
from xiaobao.datasets.catalogue import CATALOGUE, DATASETS, Column, Dataset
from xiaobao.errors import Fault, InputError
from xiaobao.written.nodes import Flaw, Listing, Node, Place, TableNode, TextNode, line_of, nearest
from xiaobao.written.reader import read
from xiaobao.written.strict import Strict, bounds

PREFIX = "own."
CHECK_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
NAME_ALLOWED = "小写英文字母开头，只含小写字母、数字、下划线，2 至 40 个字符，如 complaint_unanswered"
MOST_BYTES = 200_000
TITLE_LENGTH = 60
HITS, APPLIES = "hits", "applies"
_CONSTANTS = ("CHECK", "CASES")
_DAY = "as_of"

S = TypeVar("S", bound=Strict)
_Line = Annotated[str, bounds(maxLength=200)]
_Row = dict[str, str]


class OwnException(Strict):
    """例外. `columns` register it; `ask` words what a unit may prove where no column does."""

    says: _Line
    columns: tuple[str, ...] = ()
    ask: _Line = ""


class Declared(Strict):
    """`CHECK` of a file. `datasets`: rows of the first are hit, tables of the others are handed on beside it.

    `subject` bears the duty, `population` says in words which rows could fail, `reason` why one does, with columns in
    braces. Rows whose `day` is before `first_day` are left out; rows without a value in a column of `judged_by` are
    未判. It rests on `citations`, (document, article) of the register, or on `requirement` (本行要求), or both.
    """

    title: Annotated[str, bounds(maxLength=TITLE_LENGTH)]
    datasets: Annotated[tuple[str, ...], bounds(minItems=1)]
    subject: _Line
    population: _Line
    reason: _Line
    exceptions: tuple[OwnException, ...]
    day: str = ""
    first_day: date | None = None
    starts: _Line = ""
    citations: tuple[tuple[str, str], ...] = ()
    requirement: _Line = ""
    judged_by: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    businesses: tuple[str, ...] = ()
    headings: Literal["中文", "代码"] = "中文"


class DeclaredCases(Strict):
    """`CASES` of a file: rows that the check must hit and rows that it must not, by title or code of the column.

    `as_of` is the day that open cases are judged on; `others` dataset → rows of the further tables.
    """

    hit: Annotated[tuple[_Row, ...], bounds(minItems=1)]
    clear: Annotated[tuple[_Row, ...], bounds(minItems=1)]
    as_of: date | None = None
    others: Mapping[str, tuple[_Row, ...]] = {}


class OwnFile(Strict):
    """All that a file says; `dated` tells that `hits` asks for the day, `narrowed` that there is an `applies`."""

    declared: Declared
    cases: DeclaredCases
    dated: bool
    narrowed: bool


def read_own(source: str, file: str, regulations: Regulations | None = None) -> OwnFile:
    """Read what a file declares. Raises InputError with all its faults; `regulations` None: citations are not held."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise InputError(Fault("不是可以读的 Python 文件（语法有误）", file=file, row=line)) from error
    faults: list[Fault] = []
    nodes = dict(_constants(tree, file, faults))
    functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    declared = _held(Declared, nodes.get("CHECK"), file, faults)
    cases = _held(DeclaredCases, nodes.get("CASES"), file, faults)
    if declared is not None:
        faults += _located(_declared_flaws(declared, regulations), nodes["CHECK"], file)
        faults += _function_faults(declared, functions, file)
        if cases is not None:
            faults += _located(_case_flaws(declared, cases), nodes["CASES"], file)
    dated = any(_DAY in _arguments(functions[name]) for name in (HITS, APPLIES) if name in functions)
    if cases is not None and dated and cases.as_of is None:
        faults.append(Fault("函数要看检查基准日，测试的记录没有写是哪一天", file=file, column="as_of"))
    if faults or declared is None or cases is None:
        raise InputError(sorted(faults, key=lambda one: one.row or 0))
    return OwnFile(declared=declared, cases=cases, dated=dated, narrowed=APPLIES in functions)


def title_in(source: str, otherwise: str) -> str:
    """Return the title that a file declares, `otherwise` where it says none that can be read."""
    try:
        return read_own(source, "").declared.title
    except InputError:
        return otherwise


def dataset_named(name: str) -> Dataset | None:
    """Return a dataset by its code or Chinese title."""
    return next((one for one in CATALOGUE if name in (one.name, one.title)), None)


def column_named(dataset: Dataset, name: str) -> Column | None:
    """Return a column of a dataset, read or derived, by its code or Chinese title; one that is dropped is not there."""
    return next((c for c in (*dataset.columns, *dataset.derived) if name in (c.name, c.title) and _kept(c)), None)


def _kept(column: Column) -> bool:
    return column.personal != "drop"


def placeholders(reason: str) -> tuple[str, ...]:
    """Return the columns that a reason names in braces."""
    return tuple(re.findall(r"\{([^{}]*)\}", reason))


# --- from the syntax tree to nodes ------------------------------------------------------------------------------------


def _constants(tree: ast.Module, file: str, faults: list[Fault]) -> Iterator[tuple[str, Node]]:
    found: set[str] = set()
    for one in tree.body:
        name = one.targets[0].id if _assigns(one) else ""  # type: ignore[attr-defined]
        if name not in _CONSTANTS:
            continue
        if name in found:
            faults.append(Fault(f"{name} 写了不止一次", file=file, row=one.lineno))
        found.add(name)
        try:
            yield name, _node(one.value)  # type: ignore[attr-defined]
        except _NotWritten as wrong:
            why = f"{name} 里只能写文字、数字、列表和“键: 值”，不能写算式和函数"
            faults.append(Fault(why, file=file, row=wrong.line))
    faults += [
        Fault(f"没有写 {name}", file=file, allowed=f"{name} = {{…}}") for name in _CONSTANTS if name not in found
    ]


def _assigns(one: ast.stmt) -> bool:
    return isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name)


class _NotWritten(Exception):
    """An expression that would have to be run to know its value."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def _node(one: ast.expr) -> Node:
    if isinstance(one, ast.Dict):
        table = TableNode(line=one.lineno)
        for key, value in zip(one.keys, one.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise _NotWritten(one.lineno)
            table.values[key.value] = _node(value)
            table.lines[key.value] = key.lineno
        return table
    if isinstance(one, ast.List | ast.Tuple):
        return Listing(one.lineno, [_node(value) for value in one.elts])
    if isinstance(one, ast.Constant) and isinstance(one.value, str | int | float | None):
        return TextNode(value=_text(one.value), plain=not isinstance(one.value, str), line=one.lineno)
    raise _NotWritten(one.lineno)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


# --- what must hold ---------------------------------------------------------------------------------------------------


def _held(kind: type[S], node: Node | None, file: str, faults: list[Fault]) -> S | None:
    if node is None:
        return None
    value, flaws = read(kind, node)
    faults += _located(flaws, node, file)
    return value


def _located(flaws: Iterable[Flaw], root: Node, file: str) -> list[Fault]:
    return [
        Fault(one.message, file=file, row=line_of(root, one.place), value=one.value, allowed=one.allowed)
        for one in flaws
    ]


def _declared_flaws(declared: Declared, regulations: Regulations | None) -> Iterator[Flaw]:
    for number, name in enumerate(declared.datasets):
        if dataset_named(name) is None:
            known = [word for one in CATALOGUE for word in (one.name, one.title)]
            allowed = "、".join(f"{one.name}（{one.title}）" for one in CATALOGUE)
            yield Flaw(
                place=("datasets", number), message=f"没有这个数据集{nearest(name, known)}", value=name, allowed=allowed
            )
    first = dataset_named(declared.datasets[0])
    if first is not None:
        if not first.unit:
            yield Flaw(place=("datasets", 0), message="全行参考数据没有机构列，不能放在第一个", value=first.title)
        yield from _column_flaws(declared, first)
    if not declared.citations and not declared.requirement:
        yield Flaw(place=("citations",), message="没有写依据", allowed="citations 写条文，或 requirement 写本行要求")
    if declared.first_day and not declared.day:
        yield Flaw(place=("first_day",), message="写了最早适用日期，没有写按哪一列的日期（day）")
    if regulations is not None:
        yield from _citation_flaws(declared, regulations)


def _citation_flaws(declared: Declared, regulations: Regulations) -> Iterator[Flaw]:
    from xiaobao.checklist.citations import find_article  # a kernel holds no citations against the register

    for number, (document, article) in enumerate(declared.citations):
        found = find_article(regulations, Citation(document=document, article=article))[1]
        if found is None or not found.verified:
            why = "依据登记簿没有这一条" if found is None else "依据登记簿里这一条还没有核实"
            yield Flaw(place=("citations", number), message=why, value=f"{document}{article}")


def _column_flaws(declared: Declared, dataset: Dataset) -> Iterator[Flaw]:
    named: list[tuple[Place, str]] = [(("day",), declared.day)] if declared.day else []
    named += [(("reason",), name) for name in placeholders(declared.reason)]
    named += [(("judged_by", n), name) for n, name in enumerate(declared.judged_by)]
    named += [(("shown", n), name) for n, name in enumerate(declared.shown)]
    named += [
        (("exceptions", n, "columns", m), name)
        for n, one in enumerate(declared.exceptions)
        for m, name in enumerate(one.columns)
    ]
    for place, name in named:
        column = column_named(dataset, name)
        if column is None:
            known = [word for c in (*dataset.columns, *dataset.derived) for word in (c.name, c.title)]
            yield Flaw(place=place, message=f"{dataset.title}没有这一列{nearest(name, known)}", value=name)
        elif column.personal and place[0] in ("reason", "shown"):
            yield Flaw(
                place=place, message="客户信息不能写进疑点", value=name, allowed="业务编号、日期等不涉及客户的列"
            )
        elif place == ("day",) and column.kind not in ("date", "datetime"):
            yield Flaw(place=place, message="不是日期列", value=name)


def _case_flaws(declared: Declared, cases: DeclaredCases) -> Iterator[Flaw]:
    tables = [(declared.datasets[0], side, getattr(cases, side)) for side in ("hit", "clear")]
    others = {dataset_named(name): name for name in cases.others}
    for name in declared.datasets[1:]:
        if dataset_named(name) not in others:
            yield Flaw(
                place=("others",), message="没有写其他数据集的测试记录", value=name, allowed=f'"{name}": [{{…}}]'
            )
    for spoken, rows in cases.others.items():
        if dataset_named(spoken) not in [dataset_named(name) for name in declared.datasets[1:]]:
            yield Flaw(place=("others", spoken), message="检查不看这个数据集", value=spoken)
        else:
            tables.append((spoken, spoken, rows))
    for name, side, rows in tables:
        dataset = dataset_named(name)
        place: Place = (side,) if side in ("hit", "clear") else ("others", side)
        for number, row in enumerate(rows):
            for column in row:
                if dataset is not None and column_named(dataset, column) is None:
                    words = f"{dataset.title}没有这一列"
                    yield Flaw(place=(*place, number, column), message=words, value=column)


def _function_faults(declared: Declared, functions: Mapping[str, ast.FunctionDef], file: str) -> Iterator[Fault]:
    if HITS not in functions:
        allowed = "def hits(rows): 返回 rows 中有疑问的行"
        yield Fault("没有写函数 hits", file=file, allowed=allowed)
    for name, tables in ((HITS, len(declared.datasets)), (APPLIES, 1)):
        if name in functions:
            given = [one for one in _arguments(functions[name]) if one != _DAY]
            if len(given) != tables or functions[name].args.vararg or functions[name].args.kwarg:
                wanted = "、".join(dataset for dataset in declared.datasets[:tables])
                words = f"函数 {name} 的参数应是 {tables} 张表（{wanted}），需要检查基准日的另加 as_of"
                yield Fault(words, file=file, row=functions[name].lineno, value="、".join(given))


def _arguments(function: ast.FunctionDef) -> list[str]:
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def codes(dataset: Dataset, names: Iterable[str]) -> tuple[str, ...]:
    """Return column names given by code or title as codes."""
    found = [column_named(dataset, name) for name in names]
    return tuple(dict.fromkeys(one.name for one in found if one is not None))


def datasets_of(declared: Declared) -> tuple[str, ...]:
    """Return the datasets of a sound declaration by code."""
    found = [dataset_named(name) for name in declared.datasets]
    return tuple(one.name for one in found if one is not None and one.name in DATASETS)

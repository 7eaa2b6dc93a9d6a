"""What a template of a bank's own may do: print fields, loop over them, ask. It computes nothing and always ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

# Characters of one paper, written out: an appraisal of 3,000 units with all its losses takes some 60 million.
MOST_TEXT = 150_000_000
_STEP = 50  # what a turn of a loop counts for, though it prints nothing
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.CondExpr, nodes.Assign, nodes.Name,
    nodes.Getattr, nodes.Getitem, nodes.Const, nodes.Tuple, nodes.List, nodes.Slice, nodes.Compare, nodes.Operand,
    nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Neg, nodes.Concat, nodes.Filter, nodes.Test,
    nodes.Call, nodes.Keyword,
)  # fmt: skip
_FILTERS = frozenset(
    {
        "default", "d", "upper", "lower", "title", "capitalize", "trim", "length", "count", "join", "first", "last",
        "round", "abs", "sort", "sum", "min", "max", "int", "float", "string", "list", "unique", "reverse", "select",
        "reject", "selectattr", "rejectattr", "map", "escape", "e", "truncate", "groupby", "dictsort", "items",
        "striptags", "wordcount", "attr",
    }
)  # fmt: skip
_METHODS = frozenset({"items", "keys", "values", "get", "startswith", "endswith", "strip", "cycle"})
_GROWING = (nodes.Add, nodes.Concat, nodes.List, nodes.Tuple, nodes.Call, nodes.Filter)  # in what is set
_WORDS = {
    nodes.Include: "引入其他模板（include）",
    nodes.Import: "引入其他模板（import）",
    nodes.FromImport: "引入其他模板（import）",
    nodes.Extends: "继承模板（extends）",
    nodes.Macro: "宏（macro）",
    nodes.CallBlock: "宏（call）",
    nodes.Block: "区块（block）",
    nodes.AssignBlock: "成段赋值（set）",
    nodes.Mul: "乘（*）",
    nodes.Pow: "乘方（**）",
    nodes.Mod: "取余或格式（%）",
}


class BoundedEnvironment(SandboxedEnvironment):
    """Jinja's sandbox, with only what a report's template needs, and an end to what it may write."""

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, **options)
        self.globals.clear()
        self.filters["_turns"] = _turns
        self.left = MOST_TEXT

    def spend(self, characters: int) -> None:
        """Count what is written. Raises TemplateError when a paper grows beyond all measure."""
        self.left -= characters
        if self.left < 0:
            raise TemplateError("循环太多或内容太长，写不成一份报告，请检查循环是否套错")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in _all(tree):
            if fault := _not_allowed(node):
                raise TemplateError(f"模板里不能用{fault}，只能写字段、循环和条件")
        for loop in tree.find_all(nodes.For):
            size = sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
            turns = nodes.Filter(loop.iter, "_turns", [nodes.Const(size + _STEP)], [], None, None)
            loop.iter = turns.set_lineno(loop.lineno).set_environment(self)
        return tree


@pass_context
def _turns(context: Context, rows: Iterable[Any], size: int) -> Iterator[Any]:
    environment = context.environment
    assert isinstance(environment, BoundedEnvironment)
    for row in rows:
        environment.spend(size)
        yield row


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    yield from tree.find_all(nodes.Node)


def _not_allowed(node: nodes.Node) -> str:
    """Return the words for what the node does that no template may, empty for what is allowed."""
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        return f"过滤器“{node.name}”"
    if isinstance(node, nodes.Call):
        called = node.node
        if not (isinstance(called, nodes.Getattr) and called.attr in _METHODS):
            name = getattr(called, "name", getattr(called, "attr", ""))
            return f"函数“{name}”"
    if isinstance(node, nodes.Assign) and any(isinstance(one, _GROWING) for one in _all(node.node)):
        return "赋值（set）拼接文字或计算"
    if isinstance(node, _ALLOWED):
        return ""
    return _WORDS.get(type(node), f"“{type(node).__name__.lower()}”")

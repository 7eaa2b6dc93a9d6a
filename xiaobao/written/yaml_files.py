"""Strict YAML: one document of mappings, lists and texts with their lines, and nothing that surprises.

Built on PyYAML's event stream, which neither resolves types nor recurses. Aliases, anchors, tags, merge keys and
repeated keys are faults: a document says what it says, at the place where it says it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import yaml
from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, machine_words
from xiaobao.written.nodes import Listing, Node, TableNode, TextNode

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_TEXT = 20_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(path: Path, *, as_it_stands: bool = False) -> TableNode:
    """Read the one mapping in `path`. Raises InputError with every structural fault.

    `as_it_stands`: every scalar is text, in quotes or not, and may hold hidden characters: names of another's file.
    """
    name = path.name
    text = _decode(path)
    builder = _Builder(name, as_it_stands)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        builder.faults.append(_syntax_fault(error, name, text))
    if builder.faults:
        raise InputError(builder.faults)
    if not isinstance(builder.root, TableNode):
        what = "文件是空的" if builder.root is None else "最外层不是“键: 值”"
        line = 1 if builder.root is None else builder.root.line
        raise InputError(Fault(what, file=name, row=line, allowed="最外层为“键: 值”的一份文档"))
    return builder.root


def _decode(path: Path) -> str:
    name = path.name
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(Fault(f"文件无法读取：{machine_words(error)}", file=name)) from error
    if len(raw) > MAX_BYTES:
        raise InputError(Fault("文件过大", file=name, allowed=f"不超过 {MAX_BYTES:,} 字节"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(Fault("文件不是 UTF-8 编码", file=name, row=line, allowed="另存为 UTF-8")) from error


class _Builder:
    """Stack machine from events to nodes; it collects faults and goes on, so that all are reported at once."""

    def __init__(self, name: str, as_it_stands: bool) -> None:
        self.name = name
        self.as_it_stands = as_it_stands
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self._open: list[Listing | TableNode] = []
        self._keys: list[tuple[str, int] | None] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take one event. Aliases, tags and second documents are faults: what stands in the file is all there is."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._fault("文件里有不止一份文档", line, "---", "一个文件只写一份")
        elif isinstance(event, yaml.AliasEvent):
            self._fault("不能用引用（*）", line, str(event.anchor), "把内容写全")
            self._add(TextNode(value="", plain=False, line=line))
        elif isinstance(event, yaml.ScalarEvent):
            self._check_marks(event, line)
            self._scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._check_marks(event, line)
            self._start(TableNode(line=line) if isinstance(event, yaml.MappingStartEvent) else Listing(line))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()

    def _fault(self, message: str, line: int, value: str = "", allowed: str = "") -> None:
        self.faults.append(Fault(message, file=self.name, row=line, value=value, allowed=allowed))

    def _check_marks(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            self._fault("不能用锚点（&）", line, event.anchor, "把内容写全")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault("不能用标签（!）", line, tag, "去掉标签，需要文字时加引号")

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if len(event.value) > MAX_TEXT:
            self._fault("文字过长", line, event.value, f"不超过 {MAX_TEXT:,} 字")
        for ch in () if self.as_it_stands else _hidden(event.value):
            self._fault(f"文字含不可见字符 U+{ord(ch):04X}", line, event.value, "删去该字符")
        self._add(TextNode(value=event.value, plain=event.style in (None, "") and not self.as_it_stands, line=line))

    def _start(self, node: Listing | TableNode) -> None:
        self._add(node)
        self._open.append(node)
        self._keys.append(None)
        if len(self._open) > MAX_DEPTH:
            fault = Fault("嵌套过深", file=self.name, row=node.line, allowed=f"不超过 {MAX_DEPTH} 层")
            raise InputError([*self.faults, fault])

    def _add(self, node: Node) -> None:
        if not self._open:
            if self.root is None:
                self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Listing):
            parent.values.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = self._key(parent, node)
        else:
            key, line = self._keys[-1]
            self._keys[-1] = None
            if key not in parent.values:
                parent.values[key], parent.lines[key] = node, line

    def _key(self, parent: TableNode, node: Node) -> tuple[str, int]:
        if not isinstance(node, TextNode):
            self._fault("键不是文字", node.line, allowed="“键: 值”，含花括号或方括号的文字请加引号")
            return "", node.line
        if node.value == "<<":
            self._fault("不能用合并键（<<）", node.line, "<<", "把内容写全")
        elif node.value in parent.values:
            first = parent.lines[node.value]
            self._fault(f"键“{node.value}”重复，第 {first} 行已写过", node.line, allowed="一个键只写一次")
        return node.value, node.line


def _hidden(text: str) -> Iterator[str]:
    yield from sorted({ch for ch in text if unicodedata.category(ch) in {"Cf", "Cc"} and ch not in "\n\t"})


_COLON = re.compile(r"\s*(?:- )*([A-Za-z_]+)(：|:(?=[^\s/]))")


def _colon_fault(line: str) -> Fault | None:
    """Return what is wrong with the colon behind the key of a line; nothing where it is well written."""
    match = _COLON.match(line)
    if match is None:
        return None
    wrong = "的冒号是全角的" if match[2] == "：" else "的冒号后没有空格"
    return Fault(f"“{match[1]}”后{wrong}", value=line.strip()[:60], allowed=f"{match[1]}: （半角冒号，后面一个空格）")


def _syntax_fault(error: yaml.YAMLError, name: str, text: str) -> Fault:
    """Say in Chinese where YAML stopped and the likely reason."""
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    problem = str(getattr(error, "problem", "") or getattr(error, "reason", ""))
    lines = text.splitlines()
    if "end of stream" in problem and (context := getattr(error, "context_mark", None)):
        return Fault("引号没有闭合", file=name, row=context.line + 1, allowed="引号成对")
    if 0 < line <= len(lines) and lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())].count("\t"):
        return Fault("缩进用了制表符", file=name, row=line, allowed="用空格缩进")
    for number in (line, line - 1):  # YAML stops at the line itself, or at the next one, which it takes to go on
        if 0 < number <= len(lines) and (fault := _colon_fault(lines[number - 1])):
            return replace(fault, file=name, row=number)
    if isinstance(error, yaml.reader.ReaderError):
        position = getattr(error, "position", 0) or 0
        return Fault("含不允许的控制字符", file=name, row=text.count("\n", 0, position) + 1, allowed="删去该字符")
    shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return Fault("YAML 写法有误", file=name, row=line, value=shown, allowed="缩进对齐，冒号后有空格，括号和引号成对")

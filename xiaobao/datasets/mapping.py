"""A bank's own headers and values, renamed by a small YAML file that the bank keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.errors import Fault, InputError

_BYTES = 512 * 1024
_DEPTH = 6
_Text = Annotated[str, Field(max_length=500)]


class ColumnMapping(BaseModel):
    """How a source file differs from the catalogue. Keys that name our columns may be code names or Chinese titles.

    `values`: ours for theirs, per column. `constants`: a value for every row. `unlisted`: what to do with a value that
    `values` does not list: refuse it, or blank it and name its rows. `blanks`: words that mean nothing. `number_rows`:
    a pattern with {row} that numbers rows which have no number of their own. `confirmed`: a proposed mapping says 否
    until a person has gone through it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    confirmed: Literal["是", "否"] = "是"
    columns: Mapping[str, _Text] = {}
    values: Mapping[str, Mapping[str, _Text]] = {}
    constants: Mapping[str, _Text] = {}
    unlisted: Mapping[str, Literal["refuse", "blank"]] = {}
    blanks: tuple[_Text, ...] = ()
    date_format: str = ""
    ignore: tuple[_Text, ...] = ()
    number_rows: str = ""


class _Strict(yaml.SafeLoader):
    """Plain text only: no aliases, tags, merge keys or repeated keys; every scalar stays as written."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the library's own way
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _fault("不允许使用锚点和别名（& 和 *）", line)
        if getattr(event, "tag", None):
            raise _fault("不允许使用标签（!）", line)
        self.depth += 1
        if self.depth > _DEPTH:
            raise _fault("嵌套过深", line)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                raise _fault("键须为文字", key.start_mark.line + 1)
            if key.value in seen:
                raise _fault(f"键“{key.value}”重复", key.start_mark.line + 1)
            seen.add(key.value)
        return super().construct_mapping(node, deep=True)


def _fault(message: str, line: int | None = None) -> InputError:
    return InputError(Fault(message, row=line))


def load_mapping(path: Path, dataset: Dataset | None = None) -> ColumnMapping:
    """Read a mapping file, for `dataset` if given. Raises InputError naming every fault of it."""
    try:
        return _for_dataset(_checked(ColumnMapping.model_validate(_plain(path.read_bytes()))), dataset)
    except OSError as error:
        raise InputError(Fault("映射文件不存在或无法读取", file=path.name)) from error
    except UnicodeDecodeError as error:
        raise InputError(Fault("映射文件须为 UTF-8 编码", file=path.name)) from error
    except InputError as error:
        raise InputError(
            Fault(f.message, path.name, row=f.row, item=f.item, allowed=f.allowed) for f in error.faults
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(Fault("不是有效的 YAML", path.name, row=mark.line + 1 if mark else None)) from error
    except ValidationError as error:
        raise InputError(
            Fault("映射文件的内容不对：" + _words(fault["type"]), path.name, item=".".join(map(str, fault["loc"])))
            for fault in error.errors()
        ) from error
    except RecursionError as error:
        raise InputError(Fault("映射文件嵌套过深", file=path.name)) from error


def _plain(data: bytes) -> object:
    if len(data) > _BYTES:
        raise _fault("映射文件过大")
    loader = _Strict(data.decode("utf-8-sig"))
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _for_dataset(mapping: ColumnMapping, dataset: Dataset | None) -> ColumnMapping:
    if dataset and mapping.dataset != dataset.name:
        raise InputError(Fault(f"映射文件是给数据集 {mapping.dataset} 的，不是 {dataset.name}", item="dataset"))
    return mapping


def _words(kind: str) -> str:
    known = {
        "extra_forbidden": "没有这一项", "missing": "缺少这一项",
        "literal_error": "unlisted 只能是 refuse 或 blank，confirmed 只能是 是 或 否",
        "model_type": "应为“键: 值”的列表", "mapping_type": "应为“键: 值”的列表", "tuple_type": "应为列表",
    }  # fmt: skip
    return known.get(kind, "值不对")


def _checked(mapping: ColumnMapping) -> ColumnMapping:
    dataset = DATASETS.get(mapping.dataset)
    if dataset is None:
        raise InputError(Fault(f"没有数据集“{mapping.dataset}”", item="dataset", allowed="、".join(DATASETS)))
    ours = {name for column in dataset.columns for name in (column.name, column.title)}
    allowed = "、".join(column.title for column in dataset.columns)
    faults = [
        Fault(f"数据集“{dataset.title}”没有列“{name}”", item=part, allowed=allowed)
        for part in ("columns", "values", "constants", "unlisted")
        for name in getattr(mapping, part)
        if name not in ours
    ]
    if mapping.confirmed == "否":
        faults.append(Fault("建议的映射文件还没有确认：请逐行核对后把 confirmed 改为 是", item="confirmed"))
    if mapping.number_rows and ("{row}" not in mapping.number_rows or len(dataset.key) != 1):
        faults.append(Fault("编号模板须含 {row}，且数据集只有一列编号", item="number_rows"))
    if mapping.number_rows.replace("{row}", "").count("{"):
        faults.append(Fault("编号模板只能含 {row}", item="number_rows"))
    if mapping.date_format and not _tells_a_day(mapping.date_format):
        faults.append(Fault("日期格式须含 %Y、%m、%d", item="date_format"))
    if faults:
        raise InputError(faults)
    return _by_name(mapping, dataset)


def _tells_a_day(pattern: str) -> bool:
    day = date(2025, 12, 31)
    return all(code in pattern for code in ("%Y", "%m", "%d")) and len(pattern) < 40 and bool(day.strftime(pattern))


def _by_name(mapping: ColumnMapping, dataset: Dataset) -> ColumnMapping:
    """Return `mapping` with Chinese titles turned into code names."""
    names = {column.title: column.name for column in dataset.columns}
    parts = ("columns", "values", "constants", "unlisted")
    renamed = {part: {names.get(key, key): value for key, value in getattr(mapping, part).items()} for part in parts}
    return mapping.model_copy(update=renamed)


def source_names(column: Column, mapping: ColumnMapping | None) -> tuple[str, ...]:
    """Return the headers under which `column` may stand, the sure one first."""
    if mapping and column.name in mapping.columns:
        return (mapping.columns[column.name],)
    return (column.title, *column.aliases)

"""The table of rights as it is read from `table.csv`, and its printed form."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from xiaobao.labels import ROLES
from xiaobao.model import Role, Value

_FILE = Path(__file__).with_name("table.csv")


class Scope(StrEnum):
    """Where a role may do something: its value is the letter in the table."""

    OWN = "本"  # the unit of the seat
    SUBTREE = "辖"  # that unit and all below it
    LINE = "线"  # the domains of the seat's business line, in whatever unit
    VISIT = "查"  # inspections that name the person as inspector
    ALL = "全"  # everything


class Verb(Value):
    """One row: a verb of the library, its Chinese name, and in which scopes each role may do it."""

    name: str
    title: str
    granted: Mapping[Role, frozenset[Scope]]


def _read() -> Iterator[Verb]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cells = {role: frozenset(map(Scope, row[title].strip())) for role, title in ROLES.items()}
            yield Verb(name=row["verb"], title=row["动作"], granted=cells)


RIGHTS: Mapping[str, Verb] = {verb.name: verb for verb in _read()}


def printed() -> str:
    """Return the table as Markdown: a row a verb, a column a role."""
    head = ["动作", *ROLES.values()]
    rows = [
        [f"{verb.title} `{verb.name}`", *("".join(sorted(verb.granted[role])) or "—" for role in ROLES)]
        for verb in RIGHTS.values()
    ]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)) + "\n"


_HEAD = """# 权限表

谁在什么范围可以做什么。由 `make reference` 从程序生成；`xiaobao people rights --markdown` 打印同一张表。
本：任职的机构；辖：该机构及其下级；线：所负责检查域，不分机构；查：批次指定其为检查人员；全：全行；—：不可以。
同一人不经手两道：填过、核实过、报告过完成的，不论以什么角色，不再复核、认定、验证、销号自己经手的事项。

"""


def as_markdown() -> str:
    """Return docs/rights.md."""
    return _HEAD + printed()

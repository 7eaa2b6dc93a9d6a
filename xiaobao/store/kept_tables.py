"""Tables of values kept by key: one current row for each value, every step of it an event.

A feature declares its table as a `KeptTable` and names it in `xiaobao.feature_list`; the migration that makes it stands
with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from xiaobao.model import Person, Value
from xiaobao.store.models import Assignment, Attachment, LeadReminder, OwnCheckRecord, OwnWording, UnitEntry


@dataclass(frozen=True, kw_only=True)
class KeptTable:
    """`key` column → width of the primary key, of strings; `columns` further fields of the value that are columns too,
    `indexed` those that are looked up.

    `value` is the stored Struct: it has the fields of `key` and `columns`, and `revision`. An event stands in the chain
    `prefix:` and the fields of `chain`, its object is `prefix:` and the field `object`. `named` tells a person which
    one it is, `exists` that a new one is there already.
    """

    name: str
    title: str
    value: type[Value]
    key: Mapping[str, int]
    columns: Mapping[str, int]
    prefix: str
    chain: tuple[str, ...]
    object: str
    named: Callable[[Any], str]
    exists: str
    indexed: tuple[str, ...] = ()

    def chain_of(self, row: Any) -> str:
        """Return the chain of a value or row."""
        return ":".join((self.prefix, *(getattr(row, name) for name in self.chain)))

    def object_of(self, row: Any) -> str:
        """Return the object within its chain."""
        return f"{self.prefix}:{getattr(row, self.object)}"


PEOPLE = KeptTable(
    name="people",
    title="人员",
    value=Person,
    key={"login": 64},
    columns={"system_user": 64, "deputised": 10},
    indexed=("system_user", "deputised"),
    prefix="people",
    chain=(),
    object="login",
    named=lambda one: f"{one.name}（{one.login}）",
    exists="登记簿里已有这个登录名",
)

POOL_ENTRIES = KeptTable(
    name="pool_entries",
    title="加减分",
    value=UnitEntry,
    key={"campaign": 20, "unit": 64, "number": 8},
    columns={"withdrawn": 200},
    prefix="pool",
    chain=("campaign", "unit"),
    object="number",
    named=lambda one: f"{one.unit} 第 {one.number} 条加减分",
    exists="这一条加减分已经登记",
)

WORDINGS = KeptTable(
    name="wordings",
    title="常用表述",
    value=OwnWording,
    key={"person": 64, "number": 8},
    columns={"withdrawn": 8},
    prefix="wording",
    chain=("person",),
    object="number",
    named=lambda one: f"第 {one.number} 条常用表述",
    exists="这一条常用表述已经有了",
)

ASSIGNMENTS = KeptTable(
    name="assignments",
    title="分工",
    value=Assignment,
    key={"campaign": 20, "unit": 64, "domain": 64, "node": 64},
    columns={"login": 64},
    prefix="assignment",
    chain=("campaign", "unit", "domain"),
    object="node",
    named=lambda one: f"{one.node} 的分工",
    exists="这一部分已经有人分工",
)

ATTACHMENTS = KeptTable(
    name="attachments",
    title="佐证附件",
    value=Attachment,
    key={"id": 190},
    columns={"about": 12, "object": 160, "unit": 64, "sha256": 64},
    indexed=("object", "unit", "sha256"),
    prefix="attachment",
    chain=("unit",),
    object="id",
    named=lambda one: one.name or one.url,
    exists="这份附件已经登记",
)

LEAD_REMINDERS = KeptTable(
    name="lead_reminders",
    title="疑点催办",
    value=LeadReminder,
    key={"campaign": 20, "unit": 64},
    columns={},
    prefix="reminder",
    chain=("unit",),
    object="campaign",
    named=lambda one: f"{one.unit} 的疑点催办",
    exists="这个机构刚被他人催办，请刷新",
)

OWN_CHECKS = KeptTable(
    name="own_checks",
    title="本行检查",
    value=OwnCheckRecord,
    key={"name": 64},
    columns={"state": 12},
    prefix="own_check",
    chain=(),
    object="name",
    named=lambda one: f"own.{one.name}",
    exists="已有同名的本行检查",
)

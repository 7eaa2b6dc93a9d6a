"""`xiaobao verify`: hold the history against itself, and what holds now against the history.

Each fault names its place and kind. Of every chain only the first bad record is named: after it nothing fits.
检查点: one short text that stands for the whole history up to a moment; kept elsewhere, it shows a store put back.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, func, select

from xiaobao.errors import Fault, InputError
from xiaobao.store import tables
from xiaobao.store.history import (
    ALONE,
    ERASE,
    INSPECTION,
    WITHDRAW,
    WORKSPACE,
    event_hash,
    first_hash,
    inspection_chain,
    sha256_of,
)
from xiaobao.store.models import Event, Head, summary_of
from xiaobao.store.queries import with_payload
from xiaobao.store.security import integrity_faults, missing_guards
from xiaobao.store.tables import audit_events, chain_heads, payloads, store_info

_BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the history last said of one object."""

    revision: int
    sha256: str
    verb: str
    at: object


@dataclass(kw_only=True)
class _Seen:
    """What a pass over the chains leaves behind."""

    heads: dict[str, Head] = field(default_factory=dict)
    last: dict[tuple[str, str], Said] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    payloads: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    anchored: dict[tuple[str, int], str] = field(default_factory=dict)


def verify_store(connection: Connection, anchor: Mapping[str, Head]) -> list[str]:
    """Return every fault found; empty when all is sound."""
    broken = [f"数据库文件损坏：{fault}" for fault in integrity_faults(connection)]
    broken += [f"防止改动历史的触发器 {name} 被删除" for name in missing_guards(connection)]
    store_id = connection.scalar(select(store_info.c.value).where(store_info.c.key == "store_id")) or ""
    seen = _Seen()
    faults = [fault for chain in _chains(connection) if (fault := _chain_fault(*chain, store_id, seen, anchor))]
    faults += _head_faults(connection, seen)
    faults += _anchor_faults(seen, anchor)
    faults += _payload_faults(connection, seen)
    faults += _current_faults(connection, seen)
    return broken + faults


def _chains(connection: Connection) -> Iterator[tuple[str, Iterator[Event]]]:
    statement = (
        select(audit_events, payloads.c.body.label("payload"))
        .outerjoin(payloads, payloads.c.sha256 == audit_events.c.payload_sha256)
        .order_by(audit_events.c.chain, audit_events.c.position)
        .execution_options(yield_per=_BATCH)
    )
    events = (Event(**row._asdict()) for row in connection.execute(statement))
    yield from groupby(events, key=lambda event: event.chain)


def _chain_fault(
    chain: str, events: Iterable[Event], store_id: str, seen: _Seen, anchor: Mapping[str, Head]
) -> str | None:
    """Walk one chain to its end; return the first fault, and remember what it says."""
    fault = None
    expected, seq = Head(0, first_hash(store_id, chain)), 0
    wanted = anchor[chain].position if chain in anchor else 0
    for event in events:
        fault = fault or _event_fault(event, expected, seq)
        expected, seq = Head(event.position, event.hash), event.seq
        seen.payloads.add(event.payload_sha256)
        seen.last[chain, event.object] = Said(
            revision=event.revision, sha256=event.payload_sha256, verb=event.verb, at=event.at
        )
        if event.object == INSPECTION or event.object.startswith(("response:", "review:")):
            seen.answers[chain] += 1
        if event.verb == ERASE:
            seen.erased.add(event.object.removeprefix("payload:"))
        if event.position == wanted:
            seen.anchored[chain, wanted] = event.hash
    seen.heads[chain] = expected
    return fault


def _event_fault(event: Event, expected: Head, last_seq: int) -> str | None:
    place = f"操作留痕 {event.chain} 第 {event.position} 条（序号 {event.seq}，{event.verb} {event.object}）"
    if event.position != expected.position + 1:
        return f"{place}：之前的第 {expected.position + 1} 条被删除"
    if event.seq < last_seq:
        return f"{place}：次序被调换"
    if event.hash != event_hash(event):
        return f"{place}：内容被改动"
    if event.previous_hash != expected.hash:
        return f"{place}：与上一条接不上，被插入、替换或来自别的数据库"
    if event.payload is not None and sha256_of(event.payload) != event.payload_sha256:
        return f"{place}：所附内容被改动"
    return None


def _head_faults(connection: Connection, seen: _Seen) -> Iterator[str]:
    kept = {row.chain: Head(row.position, row.hash) for row in connection.execute(select(chain_heads))}
    for chain in sorted(kept.keys() | seen.heads.keys()):
        head, end = kept.get(chain), seen.heads.get(chain, Head(0, ""))
        if head is None:
            yield f"操作留痕 {chain}：链尾登记被删除"
        elif end.position < head.position:
            yield f"操作留痕 {chain}：末尾第 {end.position + 1} 至 {head.position} 条被删除"
        elif end.position > head.position:
            yield f"操作留痕 {chain}：第 {head.position + 1} 条起是绕过程序添加的，或链尾登记被改回"
        elif end.position and end.hash != head.hash:
            yield f"操作留痕 {chain}：链尾登记与第 {end.position} 条不符，其一被改动"


def _anchor_faults(seen: _Seen, anchor: Mapping[str, Head]) -> Iterator[str]:
    for chain, head in sorted(anchor.items()):
        end = seen.heads.get(chain, Head(0, ""))
        if not head.position:
            continue
        if end.position < head.position:
            counts = f"{end.position} 条，应不少于 {head.position} 条"
            yield f"操作留痕 {chain}：比另处保存的登记少（{counts}），被截短或换回旧库"
        elif seen.anchored.get((chain, head.position)) != head.hash:
            yield f"操作留痕 {chain} 第 {head.position} 条：与另处保存的登记不符，历史被改写"


def _payload_faults(connection: Connection, seen: _Seen) -> Iterator[str]:
    statement = select(payloads.c.sha256, payloads.c.body.is_(None)).order_by(payloads.c.sha256)
    present = set()
    for sha, empty in connection.execute(statement):
        present.add(sha)
        if sha not in seen.payloads:
            yield f"所附内容 {sha[:12]}…：没有任何留痕提到，是绕过程序添加的"
        elif empty and sha not in seen.erased:
            yield f"所附内容 {sha[:12]}…：被清除而没有清除记录"
    for sha in sorted(seen.payloads - present):
        yield f"所附内容 {sha[:12]}…：被删除"


@dataclass(frozen=True, kw_only=True)
class _Mirror:
    """How rows of a current table are named in the history, and which columns repeat what the payload says."""

    table: Table
    title: str
    chain: Callable[[Any], str]
    object: Callable[[Any], str]
    repeats: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: {}


def _workspace(_row: Any) -> str:
    return WORKSPACE


def _own_chain(row: Any) -> str:
    return inspection_chain(row.inspection_id)


def _same(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda body: {name: body[name] for name in names}


_MIRRORS = (
    _Mirror(
        table=tables.published, title="已发布版本", chain=_workspace, object=lambda r: f"{r.kind}:{r.id}:{r.version}"
    ),
    _Mirror(
        table=tables.campaigns,
        title="检查批次",
        chain=_workspace,
        object=lambda r: f"campaign:{r.id}",
        repeats=_same("id", "name", "period"),
    ),
    _Mirror(
        table=tables.imports,
        title="导入记录",
        chain=_workspace,
        object=lambda r: f"import:{r.id}",
        repeats=_same("id", "dataset", "period"),
    ),
    _Mirror(
        table=tables.inspections,
        title="检查任务",
        chain=lambda r: inspection_chain(r.id),
        object=lambda r: INSPECTION,
        repeats=_same("campaign_id", "unit", "domain"),
    ),
    _Mirror(
        table=tables.responses,
        title="检查结论",
        chain=_own_chain,
        object=lambda r: f"response:{r.item_id}",
        repeats=_same("item_id"),
    ),
    _Mirror(
        table=tables.reviews,
        title="复评",
        chain=_own_chain,
        object=lambda r: f"review:{r.item_id}",
        repeats=_same("item_id"),
    ),
    _Mirror(
        table=tables.remarks,
        title="退回意见",
        chain=_own_chain,
        object=lambda r: f"remark:{r.number}",
        repeats=_same("item_id"),
    ),
    _Mirror(table=tables.handed_in, title="提交时的依据", chain=_own_chain, object=lambda r: "handed_in"),
    _Mirror(
        table=tables.questions,
        title="数据更新的问题",
        chain=_own_chain,
        object=lambda r: "question",
        repeats=_same("state"),
    ),
    _Mirror(
        table=tables.leads,
        title="疑点",
        chain=_own_chain,
        object=lambda r: f"lead:{r.id}",
        repeats=_same("id", "check_id"),
    ),
    _Mirror(
        table=tables.decisions,
        title="核实与认定",
        chain=_own_chain,
        object=lambda r: f"decision:{r.lead_id}",
        repeats=_same("lead_id"),
    ),
    _Mirror(
        table=tables.vetoes,
        title="一票否决",
        chain=_own_chain,
        object=lambda r: f"veto:{r.number}",
        repeats=lambda body: {"veto_id": body["veto"]["veto_id"]},
    ),
    _Mirror(
        table=tables.evidence,
        title="佐证材料",
        chain=_own_chain,
        object=lambda r: f"evidence:{r.number}",
        repeats=_same("inspection_id", "item_id", "sha256"),
    ),
    _Mirror(
        table=tables.runs,
        title="运行记录",
        chain=_workspace,
        object=lambda r: f"run:{r.campaign_id}:{r.unit}:{r.notebook}",
        repeats=_same("campaign_id", "unit", "notebook"),
    ),
    _Mirror(
        table=tables.results,
        title="检查结果",
        chain=_own_chain,
        object=lambda r: "result",
        repeats=lambda body: {"summary": summary_of(body)},
    ),
    _Mirror(
        table=tables.scorecards,
        title="得分表",
        chain=_workspace,
        object=lambda r: f"scorecard:{r.campaign_id}:{r.unit}",
    ),
    *(
        _Mirror(
            table=tables.metadata.tables[kept.name],
            title=kept.title,
            chain=kept.chain_of,
            object=kept.object_of,
            repeats=_same(*kept.key, *kept.columns),
        )
        for kept in tables.KEPT.values()
    ),
    _Mirror(
        table=tables.actions,
        title="整改措施",
        chain=_own_chain,
        object=lambda r: f"action:{r.id}",
        repeats=_same("id", "unit"),
    ),
)


def _current_faults(connection: Connection, seen: _Seen) -> Iterator[str]:
    left = dict(seen.last)
    for mirror in _MIRRORS:
        statement = with_payload(mirror.table, *mirror.table.c).order_by(*mirror.table.primary_key.columns)
        for row in connection.execute(statement.execution_options(yield_per=_BATCH)):
            said = left.pop((mirror.chain(row), mirror.object(row)), None)
            if fault := _row_fault(mirror, row, said, seen):
                yield f"{mirror.title} {mirror.chain(row)} {mirror.object(row)}：{fault}"
    for chain, name in sorted(key for key, said in left.items() if said.verb not in ALONE):
        yield f"操作留痕 {chain} 的 {name}：现行记录被删除或改了归属"


def _row_fault(mirror: _Mirror, row: Any, said: Said | None, seen: _Seen) -> str | None:
    if said is None:
        return "现行记录没有留痕，是绕过程序添加的或改了归属"
    revision = seen.answers[mirror.chain(row)] if mirror.table is tables.inspections else said.revision
    if row.payload != said.sha256:
        return f"现行内容与留痕第 {said.revision} 版不符"
    if row.revision != revision:
        return f"现行版次 {row.revision} 与留痕的 {revision} 不符"
    if row.at != said.at:
        return "现行时间与留痕不符"
    if "withdrawn" in mirror.table.c and bool(row.withdrawn) != (said.verb == WITHDRAW):
        return "是否撤销与留痕不符"
    if row.body is None:
        return "现行内容被清除"
    try:
        repeated = mirror.repeats(json.loads(row.body))
    except (ValueError, KeyError, TypeError):
        return "所附内容读不出来，被改动"
    different = [n for n, value in repeated.items() if getattr(row, n) != value]
    return f"字段 {'、'.join(different)} 与所附内容不符" if different else None


_WRITTEN = re.compile(r"(\d+)-([0-9a-f]{40})")


def checkpoint(connection: Connection, seq: int | None = None) -> str:
    """Return the checkpoint of now, or as it was right after event `seq`."""
    events = audit_events.c
    last = seq if seq is not None else connection.scalar(select(func.max(events.seq))) or 0
    ends = (
        select(events.chain, func.max(events.position).label("position"))
        .where(events.seq <= last)
        .group_by(events.chain)
        .subquery()
    )
    statement = (
        select(events.chain, events.position, events.hash)
        .join(ends, (ends.c.chain == events.chain) & (ends.c.position == events.position))
        .order_by(events.chain)
    )
    whole = hashlib.sha256()
    whole.update((connection.scalar(select(store_info.c.value).where(store_info.c.key == "store_id")) or "").encode())
    for chain, position, end in sorted(map(tuple, connection.execute(statement))):
        whole.update(f"\n{chain}\t{position}\t{end}".encode())
    return f"{last}-{whole.hexdigest()[:40]}"


def checkpoint_faults(connection: Connection, kept: str, where: str = "检查点") -> Iterator[str]:
    """Yield what a checkpoint `kept` elsewhere says against this store. Raises InputError for a text that is none."""
    match = _WRITTEN.fullmatch(kept.strip())
    if match is None:
        raise InputError(Fault("检查点写法不对", value=kept, allowed="verify 打印的“条数-摘要”，如 1024-3f…（40 位）"))
    wanted = int(match[1])
    last = connection.scalar(select(func.max(audit_events.c.seq))) or 0
    if last < wanted:
        yield f"{where} {kept}：当时已有第 {wanted} 条操作留痕，现在只到第 {last} 条，数据库被截短或换回旧库"
    elif checkpoint(connection, wanted) != kept.strip():
        yield f"{where} {kept}：当时的操作留痕与现在的不符，历史被改写，或者这是另一个数据库"

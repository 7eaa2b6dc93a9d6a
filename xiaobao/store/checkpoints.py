"""检查点: one short text that stands for the whole history up to a moment. Kept elsewhere, it shows a store put back.

`<events>-<digest>`: how many events there were, and the SHA-256 over the end that every chain had then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from xiaobao.errors import Fault, InputError
from xiaobao.store.tables import audit_events, store_info

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

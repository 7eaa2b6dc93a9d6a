"""Many faults of one cause as one line: what is wrong once, with the values, how many rows and which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from xiaobao.errors import Fault

_FEW = 5
_VALUES = 5
_ROWS = 10
_OTHER_ROW = re.compile(r"第 \d+ 行(的“[^”]*”)?")


def one_line_a_cause(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults with those of one cause put together: the same value at once, other values beyond a few rows.

    The line stands at the first of its rows.
    """
    causes: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        allowed = "" if fault.message == "没有这个机构" else fault.allowed
        cause = (fault.file, fault.sheet, fault.column, fault.item, _OTHER_ROW.sub("", fault.message), allowed)
        causes.setdefault(cause, []).append(fault)
    lines = []
    for alike in causes.values():
        with_row = [fault for fault in alike if fault.row is not None]
        if len(with_row) > _FEW:
            lines += [_together(with_row), *(fault for fault in alike if fault.row is None)]
            continue
        by_value: dict[str, list[Fault]] = {}
        for fault in alike:
            by_value.setdefault(f"{fault.value}\x1f{fault.message}", []).append(fault)
        for same in by_value.values():
            lines += [_together(same)] if len(same) > 1 and same[0].value and same[0].row is not None else same
    return lines


def _together(alike: Sequence[Fault]) -> Fault:
    rows = sorted({fault.row for fault in alike if fault.row is not None})
    shown = "、".join(map(str, rows[:_ROWS])) + (f" 等 {len(rows)}" if len(rows) > _ROWS else "")
    values = Counter(fault.value for fault in alike if fault.value)
    message = alike[0].message
    if len({fault.message for fault in alike}) > 1:
        message = _OTHER_ROW.sub("前面的行", message)
    if len(values) > 1:
        listed = [f"{_short(value)}（{count} 行）" for value, count in values.most_common(_VALUES)]
        more = f" 等 {len(values)} 种" if len(values) > _VALUES else ""
        message = f"{message}：{'、'.join(listed)}{more}"
    counted = f"{message}，共 {len(rows)} 行（第 {shown} 行）"
    return replace(alike[0], message=counted, row=rows[0], value=next(iter(values)) if len(values) == 1 else "")


def _short(value: str) -> str:
    plain = "".join(ch if ch.isprintable() else "?" for ch in value)
    return plain if len(plain) <= 20 else plain[:19] + "…"

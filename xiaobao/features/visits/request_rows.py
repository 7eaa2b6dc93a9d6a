"""A 调阅清单 handed over as Excel: columns 调阅材料, 所属期间, 保管人."""

from __future__ import annotations

from pathlib import Path

from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.features.visits.visit import RequestRow

_ROWS = 2_000
_HEADS = {"调阅材料": "item", "所属期间": "period", "保管人": "owner"}


def read_requests(path: Path) -> tuple[RequestRow, ...]:
    """Return the lines. Raises InputError where the head is missing or a line does not say what is asked for."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    lines = [line for sheet in read_workbook(path, _ROWS).sheets[:1] for line in sheet.rows]
    at = next((place for place, (_, cells) in enumerate(lines) if "调阅材料" in cells), None)
    if at is None:
        raise InputError(Fault("找不到表头", file=path.name, allowed="、".join(_HEADS)))
    heads = lines[at][1]
    rows, faults = [], []
    for number, cells in lines[at + 1 :]:
        found = {_HEADS[head]: cell.strip() for head, cell in zip(heads, cells, strict=False) if head in _HEADS}
        if not any(found.values()):
            continue
        if not found.get("item"):
            faults.append(Fault("没有写调阅的材料", file=path.name, row=number, column="调阅材料"))
        rows.append(RequestRow(**found))
    if faults:
        raise InputError(faults)
    return tuple(rows)

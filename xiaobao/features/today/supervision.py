"""督办单: the matters of one unit that are due or overdue, until when it must answer, and room for the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, InputError
from xiaobao.labels import DUE_KINDS, written_day
from xiaobao.report_figures import of_source
from xiaobao.word.rendering import PrintedLine, printed_tables, render_template

if TYPE_CHECKING:
    from xiaobao.features.today.due import DueItem

_LONGEST = 60
SUPERVISED_COLUMNS = {
    "place": "序号",
    "kind": "事项",
    "number": "编号",
    "title": "内容",
    "due": "期限",
    "late": "逾期天数",
}


@dataclass(frozen=True, kw_only=True)
class SupervisionOrder:
    """`matters` are of one unit; `day` is the day they were seen on and the order is dated."""

    bank: str
    unit: str
    unit_name: str
    day: date
    answer_by: date
    matters: Sequence[DueItem]
    number: str = ""


def write_supervision(order: SupervisionOrder, template: Path, path: Path) -> tuple[PrintedLine, ...]:
    """Write the order to `path` and return the lines that show its figures.

    Raises InputError when the template is not one, or names what we do not give.
    """
    make = of_source("督办", "到期事项")
    values = {
        "bank": order.bank,
        "unit": order.unit,
        "unit_name": order.unit_name,
        "number": order.number or "〔　　　〕　　号",
        "day": written_day(order.day),
        "answer_by": written_day(order.answer_by),
        "overdue": make("逾期", sum(1 for item in order.matters if item.late), "项"),
        "count": make("事项", len(order.matters), "项"),
        "matters": [_row(place, item) for place, item in enumerate(order.matters, 1)],
    }
    return render_template(values, template, path, f"消费者权益保护督办单（{order.unit_name}）", order.bank)


def supervision_figures(order: SupervisionOrder) -> dict[str, str]:
    """Return what the order must show of each matter; `read_supervision` gives the same from the file."""
    rows = (_row(place, item) for place, item in enumerate(order.matters, 1))
    return {
        f"{row['place']} {head}": row[name]
        for row in rows
        for name, head in SUPERVISED_COLUMNS.items()
        if name != "place"
    }


def read_supervision(path: Path) -> dict[str, str]:
    """Read a 督办单 that came back as “matter column” → cell. Raises InputError where its table is gone."""
    wanted = tuple(SUPERVISED_COLUMNS.values())
    for heads, *rows in printed_tables(path):  # noqa: B007  the rows of the one that is found
        if tuple(heads[: len(wanted)]) == wanted:
            break
    else:
        raise InputError(Fault("督办单里找不到应有的表", file=path.name, value="、".join(wanted)))
    return {f"{row[0]} {head}": cell for row in rows for head, cell in zip(heads[1:], row[1:], strict=True)}


def _shortened(title: str) -> str:
    """Name the matter; what a long measure says in full stands where it is kept."""
    return title if len(title) <= _LONGEST else f"{title[:_LONGEST]}……"


def _row(place: int, item: DueItem) -> dict[str, str]:
    return {
        "place": str(place),
        "kind": DUE_KINDS[item.kind],
        "number": item.number,
        "title": _shortened(" ".join(item.title.split())),
        "due": item.due.isoformat(),
        "late": str(item.late) if item.late else "—",
        "done": "\n\n",
        "finished": "",
        "evidence": "",
    }

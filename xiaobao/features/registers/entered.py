"""Rows of registers that people enter on a page: what is kept of each, and how it lies over an imported row."""

from __future__ import annotations

from collections.abc import Mapping

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.shape import Dataset
from xiaobao.errors import Fault, InputError
from xiaobao.model import Value
from xiaobao.store.kept_tables import KeptTable

REGISTERS_ENTERED = ("major_events", "work_plan", "training", "education", "reviews", "partners", "suggestions")
ENTERED, WITHDRAWN = "entered", "withdrawn"


class RegisterRow(Value):
    """What people said of one row. `cells`: column → text, of the columns said alone; "" empties a cell.

    `beneath` is the imported row that it lies over, as last met, None for a row that no file brought. `period` is that
    of the import in which it stands. Texts are as `cell_text` writes them; what is personal was replaced before.
    """

    dataset: str
    period: str
    key: str
    unit: str
    cells: Mapping[str, str]
    beneath: Mapping[str, str] | None = None
    state: str = ENTERED
    reason: str = ""
    revision: int = 0

    def whole(self) -> dict[str, str]:
        """Return the row as it counts: the imported cells, those that people said over them."""
        return {**(self.beneath or {}), **self.cells}

    def differing(self) -> dict[str, str]:
        """Return the imported cells that what was said differs from, by column."""
        beneath = self.beneath or {}
        return {name: beneath[name] for name, said in self.cells.items() if beneath.get(name, said) != said}


def entered_register(name: str) -> Dataset:
    """Return a register that is entered by people, by its name or title. Raises InputError for another."""
    for known in REGISTERS_ENTERED:
        if name in (known, DATASETS[known].title):
            return DATASETS[known]
    allowed = "、".join(f"{known}（{DATASETS[known].title}）" for known in REGISTERS_ENTERED)
    raise InputError(Fault("没有可以登记的这个登记簿", value=name, allowed=allowed))


def _named(row: RegisterRow) -> str:
    return f"{DATASETS[row.dataset].title} {row.key}"


REGISTER_ROWS = KeptTable(
    name="register_rows",
    title="登记簿",
    value=RegisterRow,
    key={"dataset": 40, "period": 40, "key": 64},
    columns={"unit": 64, "state": 40},
    prefix="register",
    chain=("dataset", "period"),
    object="key",
    named=_named,
    exists="登记簿里已有这个编号，请更正那一行",
)

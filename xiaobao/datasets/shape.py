"""How a dataset is described: its columns, its key, whose its rows are, and what cuts them by period."""

from __future__ import annotations

from xiaobao.model import Value


class Column(Value):
    """A column as a bank's extract gives it. `kind`: text, date, datetime, count, level, flag, amount or decimal.

    `aliases` are other heads that mean it; `allowed` all values that it takes (empty: any); `minimum` the least number.
    `personal`: import replaces the value by a pseudonym or drops it; "" keeps it clear.
    `worded`: the column whose words in the file, before they are mapped, are the values where none is given.
    """

    name: str
    title: str
    kind: str = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    personal: str = ""
    meaning: str = ""
    minimum: int | None = None
    worded: str = ""


class Dataset(Value):
    """`key` columns identify a row bank-wide; `unit` is the column that assigns rows (empty: bank-wide reference).

    `day` is the column that a period is cut by (empty: a register, taken as it stands). `derived` are the
    columns that look-back adds to each unit's partition; they are never read from a file. `whole` rows name a unit
    but stay together: registers are read for the bank, and 4,000 units need no partition of each. `bank` columns are
    written once more for the bank, beside the units' partitions, so that its statistics open one file instead of 4,000.
    `orders` are pairs of days of which the second cannot be before the first. `closed` are the days by which a bank may
    count instead of `day`, the first that is given: rows of earlier periods then count in the one they were closed in.
    `borne` is the column of the unit that bears a duty in rows of other units: it gets those rows beside its own.
    `answered_at` are the levels that answer for a register's rows; those of others go to the nearest above that does.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unit: str = "unit"
    day: str = ""
    derived: tuple[Column, ...] = ()
    whole: bool = False
    bank: tuple[str, ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    closed: tuple[str, ...] = ()
    borne: str = ""
    answered_at: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return a column, read or derived, by its English name. Raises StopIteration for a name that is none."""
        return next(c for c in (*self.columns, *self.derived) if c.name == name)


def optional(name: str, title: str, kind: str = "text", *aliases: str, **more: object) -> Column:
    """Return a column that an extract may lack; a blank in it is nothing, never zero."""
    return Column(name=name, title=title, kind=kind, aliases=aliases, **more)  # type: ignore[arg-type]


def required(name: str, title: str, kind: str = "text", *aliases: str, **more: object) -> Column:
    """Return a column that each extract must have, filled in every row."""
    return optional(name, title, kind, *aliases, required=True, **more)

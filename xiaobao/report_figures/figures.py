"""One figure of a report: its stable name, value, unit, base and source; and tables of such figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from xiaobao.numbers import half_up

NO_DATA, NO_BASE = "无数据", "—"


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """One figure. `name` never changes its meaning; `base` says what a share is of; `source` where it comes from.

    `value` None: 无数据 where `known` is False, “—” (no base to divide by) where it is True. Never a zero for either.
    `instead` is printed where there is no value for a reason of its own: “覆盖 45 %” in place of a score.
    `places` None prints the value as it is, as exact amounts and medians are. `mark` is printed behind the number.
    """

    name: str
    value: int | Decimal | None
    unit: str = ""
    base: str = ""
    source: str = ""
    places: int | None = None
    known: bool = True
    mark: str = ""
    instead: str = ""

    def __str__(self) -> str:
        """Return the number alone, as tables print it."""
        if self.value is None:
            return self.instead or (NO_BASE if self.known else NO_DATA)
        return f"{self.shown:,f}{self.mark}"

    @property
    def shown(self) -> Decimal:
        """The printed value. Raises TypeError where there is none."""
        value = Decimal(self.value)  # type: ignore[arg-type]
        return value if self.places is None else half_up(value, self.places)

    @property
    def magnitude(self) -> ReportFigure:
        """The same without its sign, for “减少 33 件”: the word before it says the direction."""
        return self if self.value is None or self.value >= 0 else replace(self, value=-self.value)

    @property
    def words(self) -> str:
        """The number with its unit, as sentences print it."""
        return f"{self.shown:,f}{self.unit}{self.mark}" if self.value is not None else str(self)


FigureCell = str | ReportFigure


@dataclass(frozen=True, kw_only=True)
class FigureTable:
    """`columns` field → head; each row holds a text or a figure for every field. `note` is printed below it."""

    name: str
    title: str
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, FigureCell], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class FigureSet:
    """All figures of one report by name, those of its tables included."""

    figures: Mapping[str, ReportFigure] = field(default_factory=dict)
    tables: Mapping[str, FigureTable] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ReportFigure:
        return self.figures[name]

    def __contains__(self, name: str) -> bool:
        return name in self.figures

    def below(self, prefix: str) -> tuple[tuple[str, ReportFigure], ...]:
        """Return (rest of the name, figure) of all that begin with `prefix` and a dot, in their order."""
        start = f"{prefix}·"
        return tuple((name.removeprefix(start), one) for name, one in self.figures.items() if name.startswith(start))

    def __or__(self, other: FigureSet) -> FigureSet:
        """Join two sets. Raises ValueError when both name one figure: a name has one meaning."""
        twice = sorted(set(self.figures) & set(other.figures) | set(self.tables) & set(other.tables))
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return FigureSet({**self.figures, **other.figures}, {**self.tables, **other.tables})


def gather_figures(figures: Iterable[ReportFigure], tables: Iterable[FigureTable] = ()) -> FigureSet:
    """Return the set of `figures` and of those that stand in `tables`. Raises ValueError on two with one name."""
    made = {table.name: table for table in tables}
    found: dict[str, ReportFigure] = {}
    for figure in (*figures, *(one for table in made.values() for one in figures_of(table))):
        if found.setdefault(figure.name, figure) != figure:
            raise ValueError(f"named twice: {figure.name}")
    return FigureSet(MappingProxyType(found), MappingProxyType(made))


def figures_of(table: FigureTable) -> Iterator[ReportFigure]:
    """Yield the figures that stand in a table, row by row; its other cells are text."""
    for row in table.rows:
        yield from (cell for cell in row.values() if isinstance(cell, ReportFigure))


FigureMaker = Callable[..., ReportFigure]


def of_source(group: str, source: str, known: bool = True) -> FigureMaker:
    """Return a maker of figures named `group·name` from one source; without the source every one is 无数据."""

    def make(
        name: str,
        value: int | Decimal | None,
        unit: str = "件",
        base: str = "",
        places: int | None = None,
        instead: str = "",
    ) -> ReportFigure:
        shown = 2 if places is None and unit == "%" else places
        return ReportFigure(
            name=f"{group}·{name}",
            value=value if known else None,
            unit=unit,
            base=base,
            source=source,
            places=shown,
            known=known,
            instead=instead,
        )

    return make

"""A ledger as columns of codes and day numbers: one form, quick for a unit's few rows and for a bank's million."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xiaobao.datasets.catalogue import DATASETS, LEDGER_COLUMNS
from xiaobao.datasets.same_matter import CORE, FACTS, matter_facts
from xiaobao.features.complaints.facets import FACETS, Facet
from xiaobao.model import Value

Days = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Codes = np.ndarray[Any, np.dtype[np.int64]]
NEVER = int(np.iinfo("int64").min)  # what NaT becomes; earlier than every day
COLUMNS = LEDGER_COLUMNS


class RowPlaces(Value):
    """Where each row stands in a facet: below `len(facet.nodes)` a listed value, then a strange one, −1 none given."""

    facet: Facet
    codes: Codes
    strange: tuple[str, ...]
    recognised: tuple[tuple[str, str, int], ...] = ()
    strange_below: tuple[tuple[str, int], ...] = ()


class Ledger:
    """The columns of a frame, each made when first asked for. An absent column reads as empty."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = with_facts(frame)
        self.size = len(frame)
        self._days: dict[str, Days] = {}
        self._known: dict[str, tuple[Codes, tuple[str, ...]]] = {}

    def days(self, name: str) -> Days:
        """Return days as numbers since 1970, `NEVER` where there is none."""
        if name not in self._days:
            if name in self.frame:
                self._days[name] = self.frame[name].to_numpy(dtype="datetime64[D]").astype("int64")
            else:
                self._days[name] = np.full(self.size, NEVER, dtype="int64")
        return self._days[name]

    def given(self, name: str) -> Flags:
        """Tell where there is a value; text of blanks only is none."""
        if name not in self.frame:
            return np.zeros(self.size, dtype=bool)
        codes, values = self.values(name)
        blank = np.array([not str(value).strip() for value in values] + [True], dtype=bool)
        return ~blank[codes]

    def flags(self, name: str, value: bool) -> Flags:
        """Tell where the column says `value`; an empty flag says neither."""
        if name not in self.frame:
            return np.zeros(self.size, dtype=bool)
        return self.frame[name].astype("boolean").to_numpy(dtype=bool, na_value=not value) == value

    def values(self, name: str) -> tuple[Codes, tuple[str, ...]]:
        """Return the codes of a text column (−1 for none) and its values."""
        if name not in self._known:
            if name not in self.frame:
                return np.full(self.size, -1, dtype="int64"), ()
            codes, found = pd.factorize(self.frame[name])
            self._known[name] = codes.astype("int64", copy=False), tuple(map(str, found))
        return self._known[name]

    def numbers(self, rows: Flags, most: int) -> tuple[str, ...]:
        """Return the numbers of the first `most` complaints of `rows`."""
        places = np.flatnonzero(rows)[:most]
        return tuple(map(str, self.frame["complaint_no"].iloc[places]))

    @cached_property
    def received(self) -> Days:
        """受理日."""
        return self.days("received_on")

    @cached_property
    def decided(self) -> Days:
        return self.days("decided_on")

    @cached_property
    def withdrawn_on(self) -> Days:
        return self.days("withdrawn_on")

    def place(self, name: str) -> RowPlaces:
        """Place the column of a facet with one column: source, channel, reason."""
        facet = FACETS[name]
        codes, values = self.values(name)
        made = _Placing(facet)
        lookup = np.array([made.place(value, "") for value in values] + [-1], dtype="int64")
        return made.placed(lookup[codes], codes, values)

    def place_class(self) -> RowPlaces:
        """Place class and sub-class together: a sub-class where a class is expected is recognised."""
        facet = FACETS["business_class"]
        upper, classes = self.values("business_class")
        lower, below = self.values("business_subclass")
        width = len(below) + 1
        pairs, codes = np.unique((upper + 1) * width + lower + 1, return_inverse=True)
        words = [("", *classes)[int(pair) // width] for pair in pairs]
        subs = [("", *below)[int(pair) % width] for pair in pairs]
        made = _Placing(facet)
        lookup = np.array([made.place(word, sub) for word, sub in zip(words, subs, strict=True)], dtype="int64")
        return made.placed(lookup[codes] if len(lookup) else codes, codes, words, subs)


class _Placing:
    """Finds values in a facet and remembers those that it has not."""

    def __init__(self, facet: Facet) -> None:
        self.facet = facet
        self.strange: dict[str, int] = {}

    def place(self, word: str, below: str) -> int:
        """Return the code of a value: the deepest listed one, a number of its own for a strange one, −1 for none."""
        word, below = word.strip(), below.strip()
        if not word and not below:
            return -1
        found = self.facet.find(word) if word else self.facet.find(below)
        if found < 0:
            return len(self.facet.nodes) + self.strange.setdefault(word or below, len(self.strange))
        if word and below:
            deeper = self.facet.find(below, found)
            return found if deeper < 0 else deeper
        return found

    def placed(self, places: Codes, codes: Codes, words: Any, subs: Any = ()) -> RowPlaces:
        """Return the facet's codes by row, with how often a value was recognised elsewhere or is not listed."""
        counts = np.bincount(codes[codes >= 0], minlength=len(words))
        recognised: dict[tuple[str, str], int] = {}
        unknown: dict[str, int] = {}
        for place, word in enumerate(words):
            found = self.facet.find(word) if word else -1
            if self.facet.name == "business_class" and found >= 0 and self.facet.nodes[found].parent >= 0:
                key = (word, "-".join(self.facet.nodes[found].path))
                recognised[key] = recognised.get(key, 0) + int(counts[place])
            if subs and subs[place].strip() and found >= 0 and self.facet.find(subs[place], found) < 0:
                if self.facet.find(subs[place]) == found:
                    continue
                unknown[subs[place]] = unknown.get(subs[place], 0) + int(counts[place])
        recognised_cells = tuple((*key, count) for key, count in recognised.items())
        return RowPlaces(
            facet=self.facet,
            codes=places,
            strange=tuple(self.strange),
            recognised=recognised_cells,
            strange_below=tuple(unknown.items()),
        )


def with_facts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the look-back columns `FACTS`: those of its partition, else made from its own rows alone.

    Columns of `CORE` that are missing are added empty. The frame given is not changed.
    """
    if all(name in frame for name in FACTS):
        return frame
    columns = {column.name: column for column in DATASETS["complaints"].columns}
    whole = frame.copy()
    for name in CORE:
        if name not in whole:
            kind = "datetime64[us]" if columns[name].kind == "date" else "str"
            whole[name] = pd.Series(pd.NaT if kind.startswith("datetime") else None, index=whole.index, dtype=kind)
    compared: Callable[[], pd.DataFrame] = lambda: whole  # noqa: E731
    return whole.assign(**matter_facts(whole, compared))

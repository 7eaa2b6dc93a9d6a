"""How the names of units are read: the first letters of their pinyin, for whoever searches by them.

Written by the batch into static pages, and put by the server beside the board of the Voila overview: what reads
Chinese takes its time to load, and no kernel has to.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin, load_phrases_dict

# Words of banks in which the dictionary would read 行 as xíng.
load_phrases_dict(
    {word: [[one] for one in read] for word, *read in (("支行", "zhī", "háng"), ("总行", "zǒng", "háng"))}
)


@lru_cache(maxsize=20_000)
def initials(name: str) -> str:
    """Return the initials of a name's pinyin, read as words: 重庆 is cq."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


def with_initials(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a drawn board carries with `initials`, in the order of its rows, so that it finds names by them.

    Where no static page was written yet the board comes without.
    """
    board = drawn["overview"]
    if "initials" in board:
        return dict(drawn)
    place = board["fields"].index("name")
    return {**drawn, "overview": {**board, "initials": [initials(row[place]) for row in board["rows"]]}}

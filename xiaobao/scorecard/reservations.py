"""未更新, 草稿, 旧数据: the words behind a score, or a figure of many scores, that is not the last word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

OUTDATED, DRAFT, OLDER = RESERVATIONS = "未更新", "草稿", "旧数据"
OF_TOTALS = {OUTDATED: OUTDATED, DRAFT: f"含{DRAFT}", OLDER: f"含{OLDER}"}


def marks(words: Iterable[str]) -> str:
    """Return the marks that stand behind a score, nothing where there are none."""
    said = "、".join(words)
    return f"（{said}）" if said else ""


def total_marks(words: Collection[str]) -> str:
    """Return the marks behind a total that rests on domains with these reservations."""
    return marks(OF_TOTALS[word] for word in RESERVATIONS if word in words)


def reserved_marks(reserved: Mapping[str, int]) -> str:
    """Return what stands behind a figure of many units, of which so many are not the last word."""
    said = "、".join(f"{word} {reserved[word]} 家" for word in RESERVATIONS if reserved.get(word))
    return f"（含{said}）" if said else ""


def counted_reservations(each: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return word → how many of the scores have it, each given by its words."""
    found = Counter(word for words in each for word in words)
    return {word: found[word] for word in RESERVATIONS if found[word]}

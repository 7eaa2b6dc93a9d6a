"""同类疑点: what else the checks hit of the same teller, customer or day in the same unit, seen side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from xiaobao.model import Lead

# Titles of columns that name who did it, and for whom (by pseudonym), in the records of leads.
_TELLERS = ("柜员号", "查询员工号", "经办员工号", "客户经理号", "员工号", "工号", "操作员", "销售人员", "处理人员")
_CUSTOMERS = ("客户号", "投保人客户号", "被保险人客户号", "手机号")


class Siblings(NamedTuple):
    """Other leads that share something with one lead: in words what, and their ids."""

    title: str
    ids: tuple[str, ...]


def siblings(leads: Iterable[Lead]) -> Mapping[str, tuple[Siblings, ...]]:
    """Return lead → what it shares with others of its unit; leads that share nothing are left out."""
    whole = tuple(leads)
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for lead in whole:
        for kind, value in _shared(lead):
            groups[lead.unit, kind, value].append(lead.id)
    found: dict[str, tuple[Siblings, ...]] = {}
    for lead in whole:
        mine = []
        for kind, value in _shared(lead):
            others = tuple(one for one in groups[lead.unit, kind, value] if one != lead.id)
            if others:
                mine.append(Siblings(f"{kind} {value} 另有 {len(others)} 条", others))
        if mine:
            found[lead.id] = tuple(mine)
    return found


def _shared(lead: Lead) -> Iterator[tuple[str, str]]:
    for kind, titles in (("同一柜员", _TELLERS), ("同一客户", _CUSTOMERS)):
        value = next((lead.record[title] for title in titles if lead.record.get(title)), "")
        if value:
            yield kind, value
    if lead.business_date:
        yield "同一天", lead.business_date.isoformat()

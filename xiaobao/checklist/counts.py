"""How much the checklists hold: items, data checks and citations, counted by domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date

from xiaobao.checklist.citations import VERIFIED, used_articles
from xiaobao.checklist.models import Checklist, Regulations
from xiaobao.labels import DOMAINS, domain_title

COUNT_HEADS = (
    "检查域",
    "检查表",
    "检查项",
    "其中由数据作答",
    "数据检查",
    "引用条文（已核实）",
    "引用条文（未核实）",
    "行业做法项",
)


@dataclass(frozen=True, kw_only=True)
class DomainFigures:
    """Counts of one domain. A citation is counted once for every item that cites it."""

    title: str
    checklists: int
    items: int
    data_items: int
    checks: int
    verified: int
    unverified: int
    practice: int


def domain_figures(checklists: Sequence[Checklist], regulations: Regulations, on: date) -> tuple[DomainFigures, ...]:
    """Return one row a domain, in the order of the labels, and 合计 last."""
    domains = dict.fromkeys([*DOMAINS, *(checklist.domain for checklist in checklists)])
    rows = [
        _figures(domain_title(domain, found[0].title), found, regulations, on)
        for domain in domains
        if (found := [checklist for checklist in checklists if checklist.domain == domain])
    ]
    return (*rows, _figures("合计", checklists, regulations, on))


def _figures(title: str, checklists: Sequence[Checklist], regulations: Regulations, on: date) -> DomainFigures:
    items = [item for checklist in checklists for item in checklist.items()]
    uses: Counter[str] = Counter()
    for used in used_articles(checklists, regulations, on):
        kind = "verified" if used.status == VERIFIED else "unverified" if used.document else "practice"
        uses[kind] += len(used.items)
    return DomainFigures(
        title=title,
        checklists=len(checklists),
        items=len(items),
        data_items=sum(item.answered_by == "data" for item in items),
        checks=sum(len(item.checks) for item in items),
        verified=uses["verified"],
        unverified=uses["unverified"],
        practice=uses["practice"],
    )


def as_markdown(rows: Sequence[DomainFigures]) -> str:
    """Return the table as the README quotes it."""
    marks = ["---", *["---:"] * (len(fields(DomainFigures)) - 1)]
    lines = [COUNT_HEADS, marks, *(astuple(row) for row in rows)]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"

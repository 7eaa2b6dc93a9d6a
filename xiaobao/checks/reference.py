"""The reference of all data checks: what each looks at, on which basis, from which day, and which item asks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from xiaobao.checklist.citations import article_text, find_article
from xiaobao.checklist.models import Checklist, Citation, Regulations
from xiaobao.checks.bases import Basis
from xiaobao.checks.registry import OWN, Check
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.labels import DOMAINS

CHECK_HEADS = ("编号", "检查", "检查域", "数据", "最早适用", "检查项")
_KEYS = {"项目与版本": "项目与版本", "记录编号": "记录编号"}  # a key that a check makes up from two columns
_INTRO = """# 数据检查目录

由 `make reference` 从检查登记和检查表生成，请勿手工修改。共 {checks} 项检查，分属 {domains} 个检查域。

命中的记录只是**疑点**：机构核实、检查人员认定属实以后才扣分。
数据没有导入，或缺少“须有的列”，结果为“无数据”，改由检查项的抽样人工检查。

每项检查逐条声明它引用的条文：谁的义务、只管哪些记录、从何时起算、何时施行、有哪些例外（没有的写无例外）。
业务发生在条文施行以前的，不用该条；条文管不管要看的列缺了的记录不判，列出件数（**未判**）；
要由机构举证的情形，提取中没有那一列的照列疑点，疑点中写明请举证，认定以前不扣分。
标“本行要求”的不是条文的要求。未写明的“日”是自然日，“以上”“以内”含本数。
"""


@dataclass(frozen=True, kw_only=True)
class CheckEntry:
    """One check in words: `bases` are (citation, day in force or None), `items` (checklist title, item id, title)."""

    id: str
    title: str
    domain: str
    population: str
    data: tuple[str, ...]
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    bases: tuple[tuple[str, date | None], ...]
    look_back: str
    businesses: tuple[str, ...]
    tolerance: int
    items: tuple[tuple[str, str, str], ...]
    declared: tuple[str, ...] = ()
    practice: str = ""

    @property
    def since(self) -> date | None:
        """The first day that any of its bases was in force, None where the register names none."""
        return min((day for _, day in self.bases if day), default=None)


def check_entries(
    checks: Iterable[Check], regulations: Regulations, checklists: Sequence[Checklist]
) -> tuple[CheckEntry, ...]:
    """Return every check in words, in the order of the domains, with the items of `checklists` that ask it."""
    asked: dict[str, list[tuple[str, str, str]]] = {}
    for checklist in checklists:
        for item in checklist.items():
            for name in item.checks:
                asked.setdefault(name, []).append((checklist.title, item.id, item.title))
    order = {domain: place for place, domain in enumerate(DOMAINS)}
    ranked = sorted(checks, key=lambda check: (order.get(check.domain, len(order)), check.id))
    return tuple(_entry(check, regulations, tuple(asked.get(check.id, ()))) for check in ranked)


def _entry(check: Check, regulations: Regulations, items: tuple[tuple[str, str, str], ...]) -> CheckEntry:
    dataset = DATASETS[check.needs[0]]
    titles = {column.name: column.title for column in (*dataset.columns, *dataset.derived)}
    columns = dict.fromkeys(name for name in (check.key, *check.shown, check.day, *check.relies_on) if name)
    return CheckEntry(
        id=check.id,
        title=check.title,
        domain="本行检查" if check.domain == OWN else DOMAINS.get(check.domain, check.domain),
        population=check.population,
        data=tuple(DATASETS[name].title for name in check.needs),
        columns=tuple(titles.get(name) or _KEYS[name] for name in columns),
        needed=tuple(titles[name] for name in check.relies_on),
        bases=tuple(_basis(regulations, *pair) for pair in check.citations),
        look_back=check.look_back,
        businesses=check.businesses,
        tolerance=check.tolerance,
        items=items,
        declared=tuple(_declared(regulations, basis, titles) for basis in check.bases),
        practice=check.practice,
    )


def _declared(regulations: Regulations, basis: Basis, titles: Mapping[str, str]) -> str:
    """Return one declaration in words: the article, its bearer, what it governs, its start and its exceptions."""
    text, since = _basis(regulations, basis.document, basis.article)
    governs = [
        f"只管“{titles.get(one.column, one.column)}”为{'、'.join(one.values)}的记录（{one.says}）"
        for one in basis.governs
    ]
    but = [
        proviso.says
        + (f"［列：{'、'.join(titles.get(name, name) for name in proviso.columns)}］" if proviso.columns else "")
        for proviso in basis.but
    ]
    return "；".join(
        (
            text,
            f"{since} 起施行" if since else "施行日没有登记",
            f"义务主体：{basis.binds}",
            *governs,
            f"起算：{basis.start}",
            "例外：" + "；".join(but) if but else "无例外",
        )
    )


def _basis(regulations: Regulations, document: str, number: str) -> tuple[str, date | None]:
    citation = Citation(document=document, article=number)
    regulation, article = find_article(regulations, citation)
    since = (article.effective_from if article else None) or (regulation.effective_from if regulation else None)
    return article_text(regulations, citation), since


def as_markdown(entries: Sequence[CheckEntry]) -> str:
    """Return the reference as Markdown: one heading a domain and a check."""
    by_domain: dict[str, list[CheckEntry]] = {}
    for entry in entries:
        by_domain.setdefault(entry.domain, []).append(entry)
    parts = [_INTRO.format(checks=len(entries), domains=len(by_domain))]
    parts += [_section(domain, found) for domain, found in by_domain.items()]
    return "\n".join(parts)


def _section(domain: str, entries: Sequence[CheckEntry]) -> str:
    return "\n".join((f"## {domain}（{len(entries)} 项）", "", *(_described(entry) for entry in entries)))


def _described(entry: CheckEntry) -> str:
    lines: Mapping[str, str] = {
        "范围": entry.population,
        "数据": "、".join(entry.data),
        "疑点所列": "、".join(entry.columns),
        "须有的列": "、".join(entry.needed),
        "跨机构、跨期事实": entry.look_back,
        "依据": "".join(f"\n  - {words}" for words in entry.declared),
        "本行要求": entry.practice,
        "最早适用": str(entry.since or ""),
        "只对开办这些业务的机构": "、".join(entry.businesses),
        "容许条数": str(entry.tolerance or ""),
        "检查项": "、".join(f"{item} {title}（{sheet}）" for sheet, item, title in entry.items),
    }
    listed = "\n".join(f"- {head}：{said}" for head, said in lines.items() if said)
    return f"### {entry.title}\n\n`{entry.id}`\n\n{listed}\n"

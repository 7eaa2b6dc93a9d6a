"""What a draft can be held against: figures of a ledger and of registers, found by the words that drafts use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from xiaobao.features.complaints.facets import FACETS, plain, spellings
from xiaobao.features.complaints.figures import Breakdown, LedgerFigures, Part
from xiaobao.features.draft_check import drafts
from xiaobao.features.draft_check.drafts import Statement
from xiaobao.model import Period

_SUM = re.compile(r"合计|共占|总共|两项|三项|四项|五项|之和|合占|累计占|共计占")
_ALL_COMPLAINTS = (
    r"投诉(总|共|合计|量|$|件|事项)|(受理|收到|接到|接收|处理|发生|登记|总|共|累计).{0,12}投诉|"
    r"投诉.{0,8}(受理|收到|接到|共|总|件)"
)
_NOTHING_ELSE = (
    r"^(全行|我行|本行|全年|[上下]半年|本期|受理|投诉|为|有|[,\s\d年月至-])*(全行|共|总|计|合计|受理)+(件|笔|起|宗)?$"
)
_ON_PERIOD = re.compile(r"环比|上期|上一期|上季|上个?月")
_BARE = re.compile(r"[\s的为达有共是占比约(（]+$")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One known figure. `facet` is empty for a total. `bases`: what shares of it may be of, the usual one first.

    `also`: figures that are near in meaning, (name, value): a draft may have taken one of them.
    """

    name: str
    words: str
    value: Decimal | None
    facet: str = ""
    before: Decimal | None = None
    bases: tuple[tuple[str, int], ...] = ()
    also: tuple[tuple[str, Decimal], ...] = ()
    kind: str = drafts.COUNT
    units: tuple[str, ...] = ("件", "件次", "笔", "起", "宗", "例", "")
    top: bool = True


@dataclass(kw_only=True)
class Facts:
    """All known figures; `named_facts` are parts of a facet by every spelling, `metrics` go by patterns, in order."""

    total_name: str = "投诉总数"
    named_facts: dict[str, list[Fact]] = field(default_factory=dict)
    metrics: list[tuple[re.Pattern[str], Fact]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    compared: str = ""
    comparison_note: str = ""
    year_on_year: bool = True
    empty: bool = True

    def compares_like(self, said: Statement) -> bool:
        """Tell whether a stated change is against the period that we hold: 环比 is not 同比."""
        return bool(_ON_PERIOD.search(said.excerpt)) != self.year_on_year

    def find(self, said: Statement) -> Fact | None:
        """Return what a statement speaks of, None when that is not known or not certain."""
        if said.kind in {drafts.RATE, drafts.DAYS, drafts.AMOUNT, drafts.SCORE}:
            return self._metric(said)
        parts = [fact for fact in self.named(said) if said.kind != drafts.COUNT or said.unit in fact.units]
        if parts:
            return parts[-1] if len(parts) == 1 or not self.says_sum(said) else None
        return self._metric(said)

    def says_sum(self, said: Statement) -> bool:
        return said.kind == drafts.SHARE and bool(_SUM.search(said.label)) and said.counted is None

    def named(self, said: Statement) -> list[Fact]:
        """Return the parts that the words before a figure name, in order; of overlapping names the longest counts."""
        text = plain(_BARE.sub("", said.label))
        found: list[tuple[int, int, Fact]] = []
        for key in sorted(self.named_facts, key=len, reverse=True):
            if len(key) < 2:
                continue
            at = text.find(key)
            inside = any(start < at + len(key) and at < end for start, end, _ in found)
            if at < 0 or inside or (key == "其他" and not text.endswith(key)):
                continue
            fact = self._in_context(self.named_facts[key], said.context)
            if fact is not None:
                found.append((at, at + len(key), fact))
        return [fact for _, _, fact in sorted(found, key=lambda entry: entry[0])]

    @staticmethod
    def _in_context(candidates: Sequence[Fact], context: str) -> Fact | None:
        fitting = [fact for fact in candidates if fact.facet == context]
        if fitting:
            return fitting[0]
        return candidates[0] if len({fact.facet for fact in candidates}) == 1 else None

    def _metric(self, said: Statement) -> Fact | None:
        words = f"{said.label}{said.unit}" if said.label else ""
        for pattern, fact in self.metrics:
            derived = fact.kind == drafts.COUNT and said.kind in {drafts.SHARE, drafts.CHANGE, drafts.CHANGE_RATE}
            same = fact.kind == said.kind and (said.kind != drafts.COUNT or said.unit in fact.units)
            if (same or derived) and pattern.search(words):
                return fact
        return None

    def filled(self, facet: str) -> list[str]:
        """Return the names of a facet's parts that have cases."""
        seen = {fact.name: fact for facts in self.named_facts.values() for fact in facts if fact.facet == facet}
        return [name for name, fact in seen.items() if fact.value and fact.top]


def facts_of(figures: LedgerFigures | None, more: Iterable[tuple[str, Fact]] = ()) -> Facts:
    """Gather what is known. `more` are other figures with the pattern of words that means them."""
    facts = Facts()
    facts.metrics += [(re.compile(pattern), fact) for pattern, fact in more]
    if figures is None:
        facts.comparison_note = "没有导入本期投诉台账"
        facts.metrics.append((re.compile("投诉"), Fact(name=facts.total_name, words=facts.total_name, value=None)))
        return facts
    facts.empty = False
    facts.compared, facts.comparison_note = figures.compared or "手工填列的上年数", figures.comparison_note
    if figures.compared:
        before = Period.parse(figures.compared)
        facts.year_on_year = before.start == figures.start.replace(year=figures.start.year - 1)
    for name in ("source", "channel", "business_class", "reason", "region", "branch", "unit", "month"):
        table = figures.breakdowns.get(name)
        if table is not None:
            facts.titles[name] = table.title
            _add_table(facts, name, table)
    for name, table in figures.groups.items():
        _add_table(
            facts,
            name,
            Breakdown(
                facet=name,
                title=table.title,
                base_name=table.base_name,
                base=table.base,
                rows=tuple(part for part in table.rows if part.kind == "group"),
            ),
        )
    front = figures.breakdowns.get("channel_front")
    if front is not None:
        _widen(facts, "channel", {part.name: (front.base_name, front.base) for part in front.rows})
    facts.metrics += [(re.compile(pattern), fact) for pattern, fact in _metrics(figures, facts.total_name)]
    return facts


def _add_table(facts: Facts, facet: str, table: Breakdown) -> None:
    def add(part: Part, bases: tuple[tuple[str, int], ...], top: bool = True) -> None:
        before = part.change.before if part.change else None
        fact = Fact(
            name=part.name,
            words=f"{table.title}“{part.name}”",
            value=Decimal(part.count),
            facet=facet,
            before=None if before is None else Decimal(before),
            bases=bases,
            top=top and part.kind != "group",
        )
        names = [part.name, *(spellings(facet, part.name) if facet in FACETS else ())]
        for key in dict.fromkeys(plain(name) for name in names):
            known = facts.named_facts.setdefault(key, [])
            if not any(one.facet == facet for one in known):
                known.append(fact)
        for inner in part.parts:
            if part.kind != "group":
                add(inner, (*bases, (part.name, part.count)), False)

    for part in table.rows:
        add(part, ((table.base_name, table.base),))


def _widen(facts: Facts, facet: str, bases: Mapping[str, tuple[str, int]]) -> None:
    """Let shares of these parts also be of a subtotal."""
    for known in facts.named_facts.values():
        for place, fact in enumerate(known):
            if fact.facet == facet and fact.name in bases:
                known[place] = replace(fact, bases=(*fact.bases, bases[fact.name]))


def _metrics(figures: LedgerFigures, total_name: str) -> list[tuple[str, Fact]]:
    """Return figures that go by words of their own, the narrower before the wider."""
    totals, times, resolution = figures.totals, figures.timeliness[0], figures.resolution
    before = figures.total_change.before if figures.total_change else None
    base = ((total_name, totals.count),)

    def count(name: str, value: int) -> Fact:
        return Fact(name=name, words=name, value=Decimal(value), bases=base)

    def rate(name: str, value: Decimal | None) -> Fact:
        return Fact(name=name, words=name, value=value, kind=drafts.RATE)

    def days(name: str, value: Decimal | int | None) -> Fact:
        return Fact(name=name, words=name, value=None if value is None else Decimal(value), kind=drafts.DAYS)

    near = (("新增投诉", Decimal(totals.new)), ("有效投诉", Decimal(totals.valid)))
    total = Fact(
        name=total_name,
        words=f"投诉总数（{'有效' if totals.basis == 'valid' else '新增'}）",
        value=Decimal(totals.count),
        before=None if before is None else Decimal(before),
        bases=base,
        also=near,
    )
    return [
        ("满意", rate("回访满意率", resolution.satisfied_rate)),
        ("首诉|首次处理", rate("首诉处理结案率", resolution.settled_rate)),
        ("及时率|按期", rate("按期率（占办结）", times.on_time_rate)),
        ("办结率|结案率", rate("办结率", times.closed_rate)),
        ("平均", days("平均用时", times.mean)),
        ("中位", days("用时中位数", times.median)),
        ("最长", days("最长用时", times.longest)),
        ("重复投诉|重复", count("重复投诉", totals.repeats)),
        ("撤诉|撤回|撤销", count("撤诉", totals.withdrawn)),
        ("升级投诉|升级", count("升级投诉", totals.escalated)),
        ("超期|逾期|超时", count("超期", times.late)),
        ("在办|未办结|处理中", count("在办", times.in_hand + times.in_hand_overdue)),
        ("按期办结|及时办结", count("按期", times.on_time)),
        ("已?办结", count("办结", times.decided)),
        ("核查", count("核查申请", figures.reviews.asked)),
        ("有效", count("有效投诉", totals.valid)),
        ("新增", count("新增投诉", totals.new)),
        (_ALL_COMPLAINTS, total),
        (_NOTHING_ELSE, total),
    ]

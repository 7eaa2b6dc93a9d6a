"""What a draft can be held against: the ledger of the period, of others and of units, and figures of registers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xiaobao.errors import InputError
from xiaobao.features.complaints.facets import FACETS, spellings
from xiaobao.features.complaints.figures import Breakdown, BreakdownRow, LedgerFigures, Timeliness
from xiaobao.features.draft_check.draft_words import (
    COMPARISON,
    CURRENT,
    METRIC,
    MONTHS,
    PREVIOUS,
    UNIT,
    YEAR_BEFORE,
    Lexicon,
    Ref,
    is_daily,
)
from xiaobao.features.draft_check.statement import CHANGE, CHANGE_RATE, COUNT, PROPORTION, RATE
from xiaobao.model import Period
from xiaobao.numbers import HUNDRED, share

Loader = Callable[[str, str], LedgerFigures | None]
RATES = frozenset({"on_time_rate", "closed_rate", "satisfied_rate", "settled_rate", "reviews_rate"}) | {
    "dissatisfied_rate",
    "late_rate",
    "withdrawn_rate",
}
DAYS = frozenset({"mean", "median", "longest"})
PER = frozenset({"monthly", "per_outlet", "per_customers"})
_TABLES = ("source", "channel", "business_class", "reason", "region", "branch", "unit", "month", "complexity")
_WORDS = {
    "total": "投诉总数",
    "valid": "有效投诉",
    "new": "新增投诉",
    "repeats": "重复投诉",
    "withdrawn": "撤诉",
    "escalated": "升级投诉",
    "on_time": "按期办结",
    "late": "超期办结",
    "decided": "办结",
    "in_hand": "在办未超期",
    "in_hand_overdue": "在办超期",
    "open": "在办",
    "reviews": "核查申请",
    "reviews_on_time": "按期办结的核查",
    "reviews_late": "超期的核查",
    "reviews_open": "在办的核查",
    "asked": "回访中表态的",
    "satisfied": "回访满意",
    "dissatisfied": "回访不满意",
    "first_decided": "首次投诉已办结",
    "settled": "首诉处理结案",
    "on_time_rate": "按期办结率",
    "closed_rate": "办结率",
    "satisfied_rate": "回访满意率",
    "settled_rate": "首诉处理结案率",
    "dissatisfied_rate": "回访不满意率",
    "late_rate": "超期率",
    "withdrawn_rate": "撤诉率",
    "reviews_rate": "核查按期率",
    "mean": "平均用时",
    "median": "用时中位数",
    "longest": "最长用时",
    "monthly": "月均投诉",
    "per_outlet": "每网点月均投诉",
    "per_customers": "每万名客户投诉",
}
# Spellings that drafts use beside those that ledgers do.
_SPOKEN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "source": {
        "12345政务热线": (
            "12345热线转办",
            "12345政务服务热线",
            "12345平台",
            "12345市民热线",
            "12345平台转办",
            "12345工单",
            "政务热线转办",
        ),
        "金融监管转办": (
            "监管部门转办",
            "监管转送",
            "监管转来",
            "金融监管部门转办",
            "金融监管转送",
            "金融监管部门转送",
            "国家金融监督管理总局转办",
            "金融监管局转送",
            "12378热线",
            "12378热线转办",
            "监管部门转送",
            "监管机构转办",
            "金融监管分局转办",
            "金融监管",
        ),
        "人民银行转办": ("人民银行转送", "人行转送", "12363热线", "人民银行"),
        "省联社客服": ("省联社热线", "省联社客服热线", "省联社客服中心", "省联社转办", "省联社"),
        "本行客服热线": ("客服热线转办", "本行客服", "我行客服热线", "本行客服中心", "我行客服"),
        "来信": ("信函", "客户来信", "来信投诉"),
        "营业现场": ("营业现场受理", "营业现场投诉", "网点营业现场"),
    },
    "channel": {
        "中、后台业务渠道": ("中后台业务渠道", "中后台渠道", "中、后台渠道", "中后台业务", "中台后台业务渠道"),
        "前台业务渠道": ("前台渠道", "前台业务"),
        "第三方渠道": ("第三方合作渠道", "第三方机构渠道", "第三方合作机构渠道"),
        "营业现场": ("网点营业现场", "营业现场渠道", "营业现场投诉"),
        "自助机具": ("自助机具渠道", "自助终端"),
        "移动客户端": ("手机银行客户端",),
    },
    "business_class": {
        "银行代理业务": ("代理业务", "代理类业务"),
        "个人金融信息": ("个人金融信息类",),
        "银行卡": ("银行卡类",),
        "贷款": ("贷款类", "信贷业务", "信贷"),
        "自营理财": ("自营理财产品",),
    },
    "reason": {
        "服务态度及服务质量": (
            "服务态度和服务质量",
            "服务态度与服务质量",
            "服务态度及质量",
            "服务态度和质量",
            "服务态度、服务质量",
        ),
        "营销方式和手段": ("营销方式与手段", "营销方式、手段"),
        "管理制度、业务规则与流程": ("管理制度、业务规则和流程", "制度、规则与流程", "业务规则与流程"),
        "服务设施、设备、业务系统": ("服务设施、设备和业务系统", "服务设施设备、业务系统", "设施设备及业务系统"),
        "定价收费": ("收费定价",),
    },
}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One known figure that goes by a pattern of words."""

    name: str
    words: str
    value: Decimal | None
    before: Decimal | None = None
    kind: str = COUNT
    units: tuple[str, ...] = ("件", "件次", "笔", "起", "宗", "例", "")


@dataclass(kw_only=True)
class KnownFacts:
    """All that is known. `load(period, unit)` gives other ledgers, None where there is none."""

    figures: LedgerFigures | None = None
    load: Loader | None = None
    named: Sequence[tuple[re.Pattern[str], Fact]] = ()
    lexicon: Lexicon = field(default_factory=Lexicon)
    _loaded: dict[tuple[str, str], LedgerFigures | None] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether there is no ledger of the period: no number of complaints can then be checked."""
        return self.figures is None

    @property
    def compared(self) -> str:
        """The period that changes are measured against, "" where there is none."""
        return self.figures.compared if self.figures else ""

    def moment(self, word: str) -> str:
        """Return the code of the period that a word means; "" is this one, "?" one that nobody can tell."""
        span = self.lexicon.period
        if word in ("", CURRENT) or span is None:
            return "" if word in ("", CURRENT) else YEAR_BEFORE
        if word == COMPARISON:
            return self.compared or YEAR_BEFORE
        found = span.year_before() if word == YEAR_BEFORE else span.previous() if word == PREVIOUS else None
        code = found.code if found else word
        try:
            return "" if Period.parse(code) == span else Period.parse(code).code
        except InputError:
            return "?"

    def ledger(self, code: str, unit: str) -> LedgerFigures | None:
        """Return the figures of a ledger: this one, or another that the loader knows."""
        if not code and not unit:
            return self.figures
        if self.load is None or self.figures is None or unit[:1] in ("=", "?"):
            return None
        key = code or self.figures.period, unit
        if key not in self._loaded:
            self._loaded[key] = self.load(*key)
        return self._loaded[key]

    def value(self, ref: Ref, code: str = "", unit: str = "") -> Decimal | None:
        """Return what is known of `ref` in a period (code "" is this one) at a unit ("" is the bank)."""
        if unit.startswith("="):
            own = self.figures.cells.get(unit[1:]) if self.figures is not None and not code else None
            return (
                Decimal(own.get(ref[1], 0)) if own is not None and ref[0] == "business_class" and not ref[2] else None
            )
        now = self.ledger("", unit)
        if code and now is not None and ref[2] == "":
            before = _before(now, ref, code, self.lexicon.period)
            if before is not None:
                return before
        found = self.ledger(code, unit)
        return _value(found, ref) if found is not None else None

    def bases(self, ref: Ref, code: str = "", unit: str = "") -> list[tuple[str, Decimal]]:
        """Return what shares of `ref` may be of, the usual one first."""
        found = self.ledger(code, unit)
        if found is None:
            total = self.value((METRIC, "total", ""), code, unit)
            return [("投诉总数", total)] if total is not None else []
        totals = found.totals
        usual = ("有效投诉" if totals.basis == "valid" else "新增投诉", Decimal(totals.count))
        bases = [usual]
        if ref[0] == METRIC and ref[1] in {"on_time", "late"}:
            bases.append(("办结", Decimal(found.timeliness[0].decided)))
        if ref[0] == METRIC and ref[1] in {"satisfied", "dissatisfied"}:
            bases.insert(0, ("表态的", Decimal(found.resolution.asked)))
        if ref[0] == METRIC:
            bases.append(("新增投诉", Decimal(totals.new)))
        parent = _parent(found, ref)
        if parent is not None:
            bases.append((parent.name, Decimal(parent.count)))
        return bases

    def words(self, ref: Ref) -> str:
        """Return the name of `ref` as findings tell it."""
        facet, name, of = ref
        own = f"的{_WORDS.get(of, of)}" if of else ""
        if facet == METRIC:
            return _WORDS[name] if name != "total" or self.figures is None else self._total_words()
        if facet == MONTHS:
            return f"{name.replace(',', '、')} 的投诉"
        if facet == UNIT and self.figures is not None:
            table = self.figures.breakdowns.get("unit")
            return next((part.name for part in table.rows if part.code == name), name) if table else name
        if (facet, name) == ("channel", "前台业务渠道"):
            return "前台业务渠道小计"
        title = self.figures.breakdowns[facet].title if self.figures and facet in self.figures.breakdowns else ""
        return f"{title}“{name}”{own}"

    def _total_words(self) -> str:
        assert self.figures is not None
        return f"投诉总数（{'有效' if self.figures.totals.basis == 'valid' else '新增'}）"

    def fact(self, label: str, kind: str, unit: str) -> Fact | None:
        """Return the figure of a register that a label names whole."""
        words = f"{label}{unit}" if label else ""
        for pattern, fact in self.named:
            derived = fact.kind == COUNT and kind in {CHANGE, CHANGE_RATE}
            same = fact.kind == kind and (kind != COUNT or unit in fact.units)
            same = same or (fact.kind == COUNT and kind == COUNT and unit in fact.units)
            if fact.kind == RATE and kind == PROPORTION:
                same = True
            if (same or derived) and pattern.search(words):
                return fact
        return None


def facts_of(
    figures: LedgerFigures | None, more: Iterable[tuple[str, Fact]] = (), load: Loader | None = None
) -> KnownFacts:
    """Gather what is known. `more` are other figures with the pattern of words that means them."""
    named = [(re.compile(pattern), fact) for pattern, fact in more]
    facts = KnownFacts(figures=figures, load=load, named=named)
    if figures is None:
        return facts
    facts.lexicon.period = Period.parse(figures.period)
    for facet in _TABLES:
        table = figures.breakdowns.get(facet)
        if table is not None and facet != "month":
            for part in table.rows:
                _name(facts.lexicon, facet, part, figures.name)
    for facet, table in figures.groups.items():
        for part in table.rows:
            if part.kind == "group":
                facts.lexicon.add(part.name, (facet, part.name, ""))
    for facet in ("source", "channel", "business_class", "reason"):
        for node in FACETS[facet].nodes:
            if len(node.path) == 1:
                _spell(facts.lexicon, facet, node.name)
    facts.lexicon.add("前台业务渠道", ("channel", "前台业务渠道", ""))
    _spell(facts.lexicon, "channel", "前台业务渠道")
    return facts


_PLAIN_WORD = 2  # 简单 and 复杂 are words of daily speech, 特别复杂 is a grade


def _name(lexicon: Lexicon, facet: str, part: BreakdownRow, bank: str) -> None:
    if part.kind not in ("listed", "missing"):
        return
    ref = (UNIT, part.code, "") if facet == "unit" else (facet, part.name, "")
    if facet in FACETS:
        _spell(lexicon, facet, part.name)
    elif facet == "complexity":
        lexicon.add(f"{part.name}投诉", ref)
        if len(part.name) > _PLAIN_WORD:
            lexicon.add(part.name, ref)
    elif part.name != bank:
        for word in _short_names(part.name, facet, bank):
            lexicon.add(word, ref)
    for inner in part.parts:
        _name(lexicon, facet, inner, bank)


def _spell(lexicon: Lexicon, facet: str, name: str) -> None:
    ref = (facet, name, "")
    for word in (name, *spellings(facet, name), *_SPOKEN.get(facet, {}).get(name, ())):
        key = word.casefold()
        lexicon.add(key, ref, not is_daily(key))
        if facet == "reason":
            lexicon.add(f"金融机构{key}", ref)
    pieces = [piece for piece in re.split(r"[、和及与]", name) if len(piece) >= 4]
    for piece in pieces if len(pieces) > 1 or len(name) > 5 else ():
        lexicon.add(piece.casefold(), ref, False)
    for length in range(4, len(name)):
        lexicon.add(name[:length].casefold(), ref, False)


def _short_names(name: str, facet: str, bank: str) -> Iterable[str]:
    """Return the ways to call a unit: in full, without the bank's name, a region also without its last word."""
    yield name.casefold()
    short = name.removeprefix(bank)
    short = re.sub(r"^.{2,8}?(?:农村商业银行|农商银行|农商行|银行|联社|信用社)(?=.{3,})", "", short)
    if len(short) >= 3:
        yield short.casefold()
    if facet in ("region", "branch"):
        place = re.sub(r"(?:市|县|区|分行|支行)$", "", short)
        if 2 <= len(place) < len(short):
            yield place.casefold()


def _find(rows: Iterable[BreakdownRow], name: str) -> BreakdownRow | None:
    for part in rows:
        if part.name == name:
            return part
        inner = _find(part.parts, name) if part.kind != "unclassified" else None
        if inner is not None:
            return inner
    return None


def _part(figures: LedgerFigures, ref: Ref) -> BreakdownRow | None:
    facet, name, _ = ref
    if facet == UNIT:
        table = figures.breakdowns.get("unit")
        return next((part for part in table.rows if part.code == name), None) if table else None
    for tables in (figures.breakdowns, figures.groups):
        table = tables.get(facet)
        part = _find(table.rows, name) if table is not None else None
        if part is not None:
            return part
    return None


def _parent(figures: LedgerFigures, ref: Ref) -> BreakdownRow | None:
    table = figures.breakdowns.get(ref[0])
    for part in table.rows if table is not None else ():
        if any(inner.name == ref[1] for inner in part.parts):
            return part
    return None


def _before(now: LedgerFigures, ref: Ref, code: str, span: Period | None) -> Decimal | None:
    """Return the count of the period that the ledger is compared with, where `code` is that period."""
    year = span.year_before() if span else None
    a_year = year is None or code in (year.code, YEAR_BEFORE)
    typed = not now.compared and now.total_change is not None and a_year
    if code != now.compared and not typed:
        return None
    if ref[:2] in ((METRIC, "total"), (METRIC, now.totals.basis)):
        change = now.total_change
    elif typed:
        return None
    else:
        part = _part(now, ref)
        change = part.change if part is not None else None
    return Decimal(change.before) if change is not None and change.before is not None else None


def _value(figures: LedgerFigures, ref: Ref) -> Decimal | None:
    facet, name, of = ref
    if facet == METRIC:
        return _metric(figures, name)
    if of:
        return _of_part(figures, ref)
    if facet == MONTHS:
        table = figures.breakdowns.get("month")
        known = {part.name: part.count for part in table.rows} if table else {}
        codes = name.split(",")
        return Decimal(sum(known[code] for code in codes)) if all(code in known for code in codes) else None
    if facet == "channel" and name == "前台业务渠道":
        front = figures.breakdowns.get("channel_front")
        return Decimal(front.base) if front is not None else None
    part = _part(figures, ref)
    if part is not None:
        return Decimal(part.count)
    listed = facet in FACETS and any(node.name == name and node.parent < 0 for node in FACETS[facet].nodes)
    return Decimal(0) if listed and facet in figures.breakdowns else None


def _of_part(figures: LedgerFigures, ref: Ref) -> Decimal | None:
    """Return a figure of one part: its own new, repeated, withdrawn; or its timeliness where that was counted apart."""
    facet, name, of = ref
    if of in {"new", "repeats", "withdrawn", "valid"}:
        part = _part(figures, (facet, name, ""))
        return Decimal(getattr(part, of)) if part is not None else None
    group = next((one for one in figures.timeliness if one.group == name), None)
    return _timed(group, of) if group is not None else None


def _timed(times: Timeliness, name: str) -> Decimal | None:
    known = {
        "on_time": times.on_time,
        "late": times.late,
        "decided": times.decided,
        "in_hand": times.in_hand,
        "in_hand_overdue": times.in_hand_overdue,
        "open": times.in_hand + times.in_hand_overdue,
        "on_time_rate": times.on_time_rate,
        "late_rate": HUNDRED - times.on_time_rate if times.on_time_rate is not None else None,
        "closed_rate": times.closed_rate,
        "mean": times.mean,
        "median": times.median,
        "longest": times.longest,
    }
    value = known.get(name)
    return None if value is None else Decimal(value)


def _metric(figures: LedgerFigures, name: str) -> Decimal | None:
    totals, solved, reviews = figures.totals, figures.resolution, figures.reviews
    known = {
        "total": totals.count,
        "valid": totals.valid,
        "new": totals.new,
        "repeats": totals.repeats,
        "withdrawn": totals.withdrawn,
        "escalated": totals.escalated,
        "reviews": reviews.asked,
        "reviews_rate": reviews.on_time_rate,
        "reviews_on_time": reviews.on_time,
        "reviews_late": reviews.late + reviews.in_hand_overdue,
        "reviews_open": reviews.in_hand,
        "asked": solved.asked,
        "satisfied": solved.satisfied,
        "dissatisfied": solved.dissatisfied,
        "first_decided": solved.first_decided,
        "settled": solved.settled,
        "settled_rate": solved.settled_rate,
        "satisfied_rate": solved.satisfied_rate,
        "dissatisfied_rate": share(solved.dissatisfied, solved.asked),
        "withdrawn_rate": share(totals.withdrawn, totals.new),
        "monthly": Decimal(totals.count) / _months_of(figures.period),
        "per_outlet": figures.rates.per_outlet_month,
        "per_customers": figures.rates.per_ten_thousand,
    }
    if name in known:
        value = known[name]
        return None if value is None else Decimal(value)
    return _timed(figures.timeliness[0], name)


def _months_of(code: str) -> int:
    span = Period.parse(code)
    return (span.end.year - span.start.year) * 12 + span.end.month - span.start.month + 1


def filled_parts(figures: LedgerFigures, facet: str) -> list[str]:
    """Return the names of a facet's parts that have cases."""
    table: Breakdown = figures.breakdowns[facet]
    return [part.name for part in table.rows if part.count and part.kind != "group"]

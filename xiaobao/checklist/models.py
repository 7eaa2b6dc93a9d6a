"""What a checklist, a scoring scheme and the register of regulations may say. YAML and JSON Schema follow from here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import field
from msgspec.structs import force_setattr, replace

from xiaobao.checklist.rules import Ask, LevelOption, Levels, Looks, Rule
from xiaobao.checklist.rules.rule import AnswerField, Points, Share
from xiaobao.labels import level_of
from xiaobao.model import Conclusion, Severity, Unit
from xiaobao.numbers import ZERO
from xiaobao.personal import mask
from xiaobao.written.nodes import Flaw
from xiaobao.written.strict import Strict, bounds

Level = Literal["head_office", "department", "branch", "sub_branch", "outlet"]
Method = Literal["查阅", "现场查看", "访谈", "测试", "复核验证", "监控调阅", "拨测", "客户回访", "神秘人"]
Element = Literal["governance", "suitability", "marketing", "disputes", "education", "service", "personal_information"]
_Said = Literal["compliant", "partially_compliant", "non_compliant", "not_applicable"]
Need = Literal["note", "evidence"]
NotAbove = Annotated[Decimal, bounds(maximum=0)]
Ceiling = Annotated[Decimal, bounds(minimum=100)]


# --- checklist ----------------------------------------------------------------------------------------------------


Doubt = Literal["修订中", "依据已废止", "适用待确认", "口径未定"]


class Citation(Strict):
    """依据: keys of regulations.yaml. An item without any says 行业做法，不对应条文 by `practice`.

    `unverified` says openly that nobody has held the article against the official text: it is shown as 引用未核实,
    its number is printed nowhere, and it makes no violation. `doubt` is printed with the article wherever it stands;
    what the register doubts need not be said again.
    """

    document: str
    article: str
    unverified: bool = False
    doubt: Doubt | None = None


class AppliesTo(Strict):
    """Objects and businesses. Empty means all; a unit running none of `businesses` is N/A with that reason."""

    levels: tuple[Level, ...] = ()
    businesses: tuple[str, ...] = ()


class Guidance(Strict):
    """What the item looks like done well and done badly, for whoever fills it in."""

    good: str
    bad: str


class Sample(Strict):
    """抽样规则: how many of `population` to look at and how to draw them; fewer there are than `size`, all of them."""

    population: str
    size: Annotated[int, bounds(minimum=1)] | None = None
    draw: Literal["random", "stratified", "risk", "judgement", "all"] = "random"
    note: str = ""


class Veto(Strict):
    """一票否决. `target` is the checklist id, a section id or an item id.

    `reach` says how far a grade is held down: without one, a veto on a section or item stays there, and one on the
    whole sheet holds the grade of the sheet and of the total.
    """

    id: str
    event: str
    target: str
    effect: Literal["zero", "grade", "not_above"]
    grade: str = ""
    reach: Literal["item", "section", "sheet", "total"] | None = None


class Tolerance(Strict):
    """容许: leads counted (`count`), or counted of every hundred rows that could have failed (`share`, percent).

    Not above `fail`: no points are taken; above `warn`, where it is stated, the item says so. Above `fail` the rules
    take points for all of them.
    """

    by: Literal["share", "count"]
    fail: Points
    warn: Points | None = None


class Relevant(Strict):
    """适用条件: the item is asked only where `item` was answered with one of `conclusions` or one of `options`.

    Several of one item must all hold; one that is not asked does not apply, with that reason.
    """

    item: str
    conclusions: tuple[_Said, ...] = ()
    options: tuple[str, ...] = ()


class Requires(Strict):
    """答复后必填: what one of `conclusions` makes compulsory, 情况说明 (`note`) or 佐证材料 (`evidence`)."""

    conclusions: Annotated[tuple[_Said, ...], bounds(minItems=1)]
    needs: Annotated[tuple[Need, ...], bounds(minItems=1)]


class Item(Strict):
    """检查项. Its points lie in [minimum, points]; `floor` false takes the lower end away.

    `element` maps it to one of the regulator's seven elements of 2025 (crosswalk).
    """

    id: str
    title: str
    requirement: str
    citations: tuple[Citation, ...] = ()
    practice: bool = False
    procedure: str
    method: Annotated[tuple[Method, ...], bounds(minItems=1)]
    evidence: str
    evidence_required: bool = False
    severity: Severity
    points: Points
    minimum: NotAbove = Decimal(0)
    floor: bool = True
    answered_by: Literal["person", "data"]
    checks: tuple[str, ...] = ()
    rules: Annotated[tuple[Rule, ...], bounds(minItems=1)]
    applies_to: AppliesTo = AppliesTo()
    effective_from: date | None = None
    effective_to: date | None = None
    guidance: Guidance | None = None
    sample: Sample | None = None
    element: Element | None = None
    tolerance: Tolerance | None = None
    relevant: tuple[Relevant, ...] = ()
    requires: tuple[Requires, ...] = ()

    def needs(self, said: Conclusion) -> frozenset[str]:
        """Return what a conclusion makes compulsory beside itself: `note`, `evidence`."""
        if said is Conclusion.NOT_ASSESSED:
            return frozenset()
        needed = {need for one in self.requires if said.value in one.conclusions for need in one.needs}
        by_rule = self.evidence_required and said is not Conclusion.NOT_APPLICABLE
        return frozenset({*needed, "evidence"} if by_rule else needed)

    def asks(self) -> tuple[Ask, ...]:
        """Return what the rules ask of a person beside the conclusion, in their order."""
        return tuple(ask for rule in self.rules for ask in rule.asks())

    def counted(self) -> dict[str, str]:
        """Return what an answer may count, id → label: causes, sub-criteria, cases."""
        return {ask.key: ask.label for ask in self.asks() if ask.field == "counts"}

    def options(self) -> dict[str, str]:
        """Return what an answer may choose, id → label."""
        return self._choices("option")

    def marks(self) -> dict[str, str]:
        """Return what one of several looks may be marked with, id → label."""
        return self._choices("looks")

    def _choices(self, field: AnswerField) -> dict[str, str]:
        return {key: words for ask in self.asks() if ask.field == field for key, words in ask.options}


class Section(Strict):
    """评价要素. `points` None: the sum of its children; otherwise children are clamped into [minimum, points].

    A `pool` (加减分项) is never part of what is possible: its items add or take, bonuses up to `bonus_cap`, the net
    within [minimum, points].
    """

    id: str
    title: str
    points: Points | None = None
    minimum: Decimal = Decimal(0)
    pool: bool = False
    bonus_cap: Points | None = None
    sections: tuple[Section, ...] = ()
    items: tuple[Item, ...] = ()


class Subtotal(Strict):
    """并列小计: points of some sections and items, shown beside the score and counted nowhere."""

    id: str
    title: str
    within: Annotated[tuple[str, ...], bounds(minItems=1)]


class Checklist(Strict):
    """检查表. What does not apply is left out (`expand`, `redistribute`) or kept in full without deduction (`keep`).

    `base` (基准分) is what every inspected unit starts from, for sheets whose items only add or take. `ceiling` is the
    most that pools may lift the score out of 100 to. `scale` is what every rule with options of its own kind takes
    that states none; once read, such rules hold it.
    """

    id: str
    version: str
    title: str
    domain: str
    purpose: str
    effective_from: date
    effective_to: date | None = None
    total: Points
    base: Points = Decimal(0)
    not_applicable: Literal["expand", "redistribute", "keep"] = "expand"
    applies_to: AppliesTo = AppliesTo()
    vetoes: tuple[Veto, ...] = ()
    ceiling: Ceiling = Decimal(100)
    scale: tuple[LevelOption, ...] = ()
    subtotals: tuple[Subtotal, ...] = ()
    sections: Annotated[tuple[Section, ...], bounds(minItems=1)]

    def __post_init__(self) -> None:
        if self.scale:
            force_setattr(self, "sections", _with_options(self.sections, (), self.scale))

    def as_written(self) -> Checklist:
        """Return the sheet as a file says it: rules that hold the sheet's scale state no options."""
        if not self.scale:
            return self
        bare = replace(self, scale=(), sections=_with_options(self.sections, self.scale, ()))
        force_setattr(bare, "scale", self.scale)
        return bare

    def items(self) -> tuple[Item, ...]:
        """Return every item, depth first, in the order of the sheet."""

        def walk(sections: tuple[Section, ...]) -> tuple[Item, ...]:
            return tuple(item for s in sections for item in (*walk(s.sections), *s.items))

        return walk(self.sections)


def _with_options(
    sections: tuple[Section, ...], old: tuple[LevelOption, ...], new: tuple[LevelOption, ...]
) -> tuple[Section, ...]:
    """Return sections whose rules hold `new` options where they held `old` ones."""

    def item(one: Item) -> Item:
        scaled = (
            replace(rule, options=new) if isinstance(rule, Levels | Looks) and rule.options == old else rule
            for rule in one.rules
        )
        return replace(one, rules=tuple(scaled))

    return tuple(
        replace(one, sections=_with_options(one.sections, old, new), items=tuple(map(item, one.items)))
        for one in sections
    )


# --- scheme: domains to a total, grades, roll-up ------------------------------------------------------------------


class Grade(Strict):
    """A band closed at the lower end, on the shown score."""

    id: str
    label: str
    at_least: Decimal


How = Literal["mean", "weighted", "sum", "min", "max"]


class Rollup(Strict):
    """A parent's score: `own` × its own + (1 − own) × what its children come to; without children its own alone.

    `how` says what children come to, `levels` otherwise for parents of a level. `weights` are those of units, by id or
    level, for `weighted`; who is not named weighs 1. With `shares` children of each level come to a value of their
    own, and these are taken by their shares; a level without children, or that is not named, leaves its share to the
    others.
    """

    own: Share
    counts_vetoed: bool = True
    how: How = "mean"
    levels: dict[Level, How] = field(default_factory=dict)
    weights: dict[str, Points] = field(default_factory=dict)
    shares: dict[Level, Share] = field(default_factory=dict)


class Pool(Strict):
    """加减分项 or 调减要素, applied after weighting: bonuses up to `bonus_cap`, the net within [minimum, maximum]."""

    id: str
    title: str
    minimum: NotAbove = Decimal(0)
    maximum: Points = Decimal(0)
    bonus_cap: Points | None = None


class Component(Strict):
    """One part of an appraisal (考核), worth 100 before weighting; `rate` is taken for each, `per` counts a base."""

    id: str
    title: str
    measure: Literal[
        "inspection", "responsible_complaints", "complaint_volume", "filings", "training", "education", "findings"
    ]
    rate: Points = Decimal(0)
    per: Annotated[int, bounds(minimum=1)] | None = None


class Scheme(Strict):
    """评分方案. `kind` says what is weighed: inspected domains, the regulator's elements, or parts of an appraisal.

    `floors` are the least weights a regulator allows, `unassigned` points nobody has given to an element yet,
    `origins` how many times a deduction counts by the source of what was found, `veto_grades` which grade of the
    scheme stands for one that a sheet's veto names, `ceiling` the most that pools may lift the total to.
    """

    id: str
    version: str
    title: str
    kind: Literal["inspection", "elements", "appraisal"] = "inspection"
    replaced_by: str = ""
    source: str = ""
    weights: dict[str, Points]
    titles: dict[str, str] = field(default_factory=dict)
    floors: dict[str, Points] = field(default_factory=dict)
    unassigned: Points = Decimal(0)
    places: Annotated[int, bounds(minimum=0, maximum=6)] = 2
    not_applicable: Literal["expand"] = "expand"
    grades: tuple[Grade, ...] = ()
    veto_grades: dict[str, str] = field(default_factory=dict)
    vetoes: tuple[Veto, ...] = ()
    pools: tuple[Pool, ...] = ()
    components: tuple[Component, ...] = ()
    crosswalk: dict[str, str] = field(default_factory=dict)
    origins: dict[str, Points] = field(default_factory=dict)
    appeal_days: Annotated[int, bounds(minimum=1)] = 5
    rollup: Rollup = Rollup(own=Decimal(1))
    ceiling: Ceiling = Decimal(100)


# --- regulations.yaml ---------------------------------------------------------------------------------------------


class Article(Strict):
    """One article of a document: what it asks, of whom, and whether its text was read at the source (`verified`).

    `binding` false: it encourages. `effective_from`: where it starts later than its document. `doubt`: what is unsure.
    """

    number: str
    duty: str
    binding: bool = True
    verified: bool
    binds: Literal["bank", "regulator", "other"] = "bank"
    effective_from: date | None = None
    doubt: Doubt | None = None


class Regulation(Strict):
    """One document that articles are cited from. `effective_to` and `replaced_by` where it is no longer in force."""

    id: str
    name: str
    number: str = ""
    issuer: str
    effective_from: date | None = None
    effective_to: date | None = None
    replaced_by: str = ""
    issued_on: date | None = None
    doubt: Doubt | None = None
    articles: tuple[Article, ...]


class Regulations(Strict):
    """All of regulations.yaml: the documents that checks and items may cite."""

    documents: tuple[Regulation, ...]


def section_points(section: Section) -> Decimal:
    """Return the section's points: stated, or the sum of its children; a pool is no part of what is possible."""
    if section.pool:
        return ZERO
    if section.points is not None:
        return section.points
    return children_points(section)


def children_points(section: Section) -> Decimal:
    """Return the sum of the points of what stands below the section."""
    inner = sum((section_points(child) for child in section.sections), ZERO)
    return inner + sum((item.points for item in section.items), ZERO)


def why_not_for(applies_to: AppliesTo, unit: Unit, what: str = "本检查表") -> str:
    """Return why `what` is not for `unit`, or nothing where it is."""
    levels, businesses = applies_to.levels, applies_to.businesses
    if levels and unit.level not in levels:
        return f"{what}不适用于{level_of(unit)}"
    if unit.runs_none_of(businesses):
        return "未开办：" + "、".join(businesses)
    return ""


LONGEST = 200


class StandardWording(Strict):
    """One sentence; for `items`, else for the `domains`, else for every item."""

    text: str
    domains: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def suits(self, domain: str, item_id: str) -> bool:
        """Tell whether it is offered at an item."""
        return item_id in self.items if self.items else not self.domains or domain in self.domains


class StandardWordings(Strict):
    """All of one file."""

    wordings: Annotated[tuple[StandardWording, ...], bounds(minItems=1)]


def wording_flaws(found: StandardWordings) -> Iterator[Flaw]:
    """Yield sentences that are empty, too long, written twice, or hold what is personal."""
    seen: set[str] = set()
    for number, one in enumerate(found.wordings):
        text = one.text.strip()
        if why := wording_fault(text) or ("这一句写了两次" if text in seen else ""):
            yield Flaw(place=("wordings", number, "text"), message=why, allowed=f"1 至 {LONGEST} 字，不写个人信息")
        seen.add(text)


def wording_fault(text: str) -> str:
    """Return why a sentence cannot be a standard wording, nothing where it can."""
    if not text or len(text) > LONGEST:
        return "常用表述没有内容或太长"
    return "常用表述里有个人信息" if mask(text) != text else ""

"""What a checklist, a scoring scheme and the register of regulations may say. YAML and JSON Schema follow from here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import field

from xiaobao.model import Severity
from xiaobao.written.strict import Strict, bounds

Level = Literal["head_office", "department", "branch", "sub_branch", "outlet"]
Method = Literal["查阅", "现场查看", "访谈", "测试", "复核验证", "监控调阅", "拨测", "客户回访", "神秘人"]
Element = Literal["governance", "suitability", "marketing", "disputes", "education", "service", "personal_information"]
Measure = Literal["m", "cm", "mm", "min", "s", "day", "percent", "ratio", "piece"]
Points = Annotated[Decimal, bounds(minimum=0)]
NotAbove = Annotated[Decimal, bounds(maximum=0)]
Share = Annotated[Decimal, bounds(minimum=0, maximum=1)]


# --- scoring rules (design section 6.2); several may stand on one item, a forfeit wins over deductions ---------------


class RuleBase(Strict, tag_field="kind"):
    """A rule is told from the others by its `kind`, the first word of it in YAML."""

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class AllOrNothing(RuleBase, tag="all_or_nothing"):
    """(a) 符合 keeps all points, anything else loses all."""


class LevelOption(Strict):
    id: str
    label: str
    share: Share


class Levels(RuleBase, tag="levels"):
    """(b) The chosen option keeps its share of the points. Without options: 符合 1, 部分符合 0.5, 不符合 0."""

    options: tuple[LevelOption, ...] = ()


class Judged(RuleBase, tag="judged"):
    """(c) 酌情扣分: a deduction from 0 to `max`, with a reason."""

    max: Points


class Cause(Strict):
    id: str
    label: str
    rate: Points
    limit: Points | None = None
    forfeits: bool = False


class Count(RuleBase, tag="count"):
    """(d) Occurrences × rate, cause by cause; a cause that `forfeits` loses all points at the first occurrence."""

    causes: Annotated[tuple[Cause, ...], bounds(minItems=1)]


class Missing(RuleBase, tag="missing"):
    """(e) 少一项扣 `rate`: so many of `of` things are missing."""

    of: Annotated[int, bounds(minimum=1)]
    rate: Points


class Threshold(RuleBase, tag="threshold"):
    """(g) A measured value, converted to `unit`, against an interval closed at both ends; outside loses all points."""

    unit: Measure
    at_least: Decimal | None = None
    at_most: Decimal | None = None


class FigureBand(Strict):
    at_least: Decimal
    share: Share


class Figure(RuleBase, tag="figure"):
    """(j) Fed by a figure from data; the highest band whose lower end is reached keeps its share, none keeps none."""

    figure: str
    bands: Annotated[tuple[FigureBand, ...], bounds(minItems=1)]


class Part(Strict):
    id: str
    label: str
    points: Points
    times: Annotated[int, bounds(minimum=1)] = 1


class Additive(RuleBase, tag="additive"):
    """(f) 做到得分: each part reached gives its points, up to `times` times; together they are the item's points."""

    parts: Annotated[tuple[Part, ...], bounds(minItems=1)]


class Proportion(RuleBase, tag="proportion"):
    """(h) actual ÷ target of the points, at most all. `reversed`: target ÷ actual, where less is better.

    The actual value comes from data (`figure`) or is measured by a person in `unit`.
    """

    target: Annotated[Decimal, bounds(exclusiveMinimum=0)]
    figure: str = ""
    unit: Measure | None = None
    reversed: bool = False


class Peers(RuleBase, tag="peers"):
    """(i) own ÷ the best of all units; `reversed`: the least ÷ own. Known only when every unit is in."""

    figure: str = ""
    unit: Measure | None = None
    reversed: bool = False


class Case(Strict):
    id: str
    label: str
    points: Decimal


class Cases(RuleBase, tag="cases"):
    """The first case that is met, in this order, sets the item's points outright; the other rules then do not count."""

    cases: Annotated[tuple[Case, ...], bounds(minItems=1)]


Rule = AllOrNothing | Levels | Judged | Count | Missing | Threshold | Figure | Additive | Proportion | Peers | Cases


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
    good: str
    bad: str


class Sample(Strict):
    """抽样规则: how many of `population` to look at and how to draw them; fewer there are than `size`, all of them."""

    population: str
    size: Annotated[int, bounds(minimum=1)] | None = None
    draw: Literal["random", "stratified", "risk", "judgement", "all"] = "random"
    note: str = ""


class Veto(Strict):
    """一票否决 (design 6.5). `target` is the checklist id, a section id or an item id."""

    id: str
    event: str
    target: str
    effect: Literal["zero", "grade", "not_above"]
    grade: str = ""


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

    def counted(self) -> dict[str, str]:
        """Return what an answer may count, id → label: causes, sub-criteria, cases."""
        rows: list[Cause | Part | Case] = []
        for rule in self.rules:
            if isinstance(rule, Count):
                rows += rule.causes
            elif isinstance(rule, Additive):
                rows += rule.parts
            elif isinstance(rule, Cases):
                rows += rule.cases
        return {row.id: row.label for row in rows}


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


class Checklist(Strict):
    """检查表. `base` (基准分) is what every inspected unit starts from, for sheets whose items only add or take."""

    id: str
    version: str
    title: str
    domain: str
    purpose: str
    effective_from: date
    effective_to: date | None = None
    total: Points
    base: Points = Decimal(0)
    not_applicable: Literal["expand", "redistribute"] = "expand"
    applies_to: AppliesTo = AppliesTo()
    vetoes: tuple[Veto, ...] = ()
    sections: Annotated[tuple[Section, ...], bounds(minItems=1)]

    def items(self) -> tuple[Item, ...]:
        """Return every item, depth first, in the order of the sheet."""

        def walk(sections: tuple[Section, ...]) -> tuple[Item, ...]:
            return tuple(item for s in sections for item in (*walk(s.sections), *s.items))

        return walk(self.sections)


# --- scheme: domains to a total, grades, roll-up ------------------------------------------------------------------


class Grade(Strict):
    """A band closed at the lower end, on the shown score."""

    id: str
    label: str
    at_least: Decimal


class Rollup(Strict):
    """A parent's score: `own` × its own + (1 − own) × mean of its children; without children its own alone."""

    own: Share
    counts_vetoed: bool = True


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
    `origins` how many times a deduction counts by the source of what was found.
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
    vetoes: tuple[Veto, ...] = ()
    pools: tuple[Pool, ...] = ()
    components: tuple[Component, ...] = ()
    crosswalk: dict[str, str] = field(default_factory=dict)
    origins: dict[str, Points] = field(default_factory=dict)
    appeal_days: Annotated[int, bounds(minimum=1)] = 5
    rollup: Rollup = Rollup(own=Decimal(1))


# --- regulations.yaml ---------------------------------------------------------------------------------------------


class Article(Strict):
    number: str
    duty: str
    binding: bool = True
    verified: bool
    binds: Literal["bank", "regulator", "other"] = "bank"
    effective_from: date | None = None
    doubt: Doubt | None = None


class Regulation(Strict):
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
    documents: tuple[Regulation, ...]

"""What other weights would do to every unit of a campaign; nothing is written.

Two ways that give the same: `what_if_exact` scores each unit anew with the engine; `what_if` adds whole numbers in
arrays, scaled so that no digit is lost, and leaves to the engine whatever a plain sum cannot say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

from msgspec import structs

from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.features.appraisal.panel import Panel, UnitFacts
from xiaobao.model import Score, Stage
from xiaobao.numbers import HUNDRED, ZERO, add, plain, ranks_within
from xiaobao.policies import NO_LIMIT, LeastAssessed
from xiaobao.scorecard import idle
from xiaobao.scoring.coverage import below_limit, percent, reaches, share_of, total_share, value_or
from xiaobao.scoring.engine import score
from xiaobao.scoring.grades import grade_of
from xiaobao.scoring.reshaping import reweighted
from xiaobao.scoring.total import total


@dataclass(frozen=True, kw_only=True)
class WhatIfRow:
    """One unit before and after: shown total, rank, grade; and the coverage, for which a total may be missing.

    `marks` stand behind both totals where what they rest on is not the last word (未更新, 草稿, 旧数据).
    """

    unit: str
    before: Decimal | None
    after: Decimal | None
    before_rank: int | None
    after_rank: int | None
    before_grade: str
    after_grade: str
    before_coverage: Decimal | None = None
    after_coverage: Decimal | None = None
    marks: str = ""

    @property
    def shown_before(self) -> str:
        """The total as it is, as every place writes it."""
        return value_or(self.before, self.before_coverage) + (self.marks if self.before is not None else "")

    @property
    def shown_after(self) -> str:
        """The total with other weights, as every place writes it."""
        return value_or(self.after, self.after_coverage) + (self.marks if self.after is not None else "")


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """All units by id. `notes` say what a reader must know beside the numbers."""

    rows: tuple[WhatIfRow, ...]
    weights: Mapping[str, Decimal]
    points: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def moved(self) -> tuple[WhatIfRow, ...]:
        """Return the units whose rank or grade changes."""
        return tuple(
            row for row in self.rows if (row.before_rank, row.before_grade) != (row.after_rank, row.after_grade)
        )


_ONE_LEVEL: Mapping[str, str] = MappingProxyType({})
_Units = Mapping[str, UnitFacts]
_Sheets = Mapping[str, Checklist]
_Points = dict[str, dict[str, Decimal]]


def what_if(
    scheme: Scheme,
    sheets: _Sheets,
    units: _Units,
    weights: Mapping[str, Decimal],
    levels: Mapping[str, str] = _ONE_LEVEL,
    least: LeastAssessed = NO_LIMIT,
) -> WhatIf:
    """Re-score every unit with other weights: `domain` a weight of the scheme, `domain/item` points of an item.

    `levels` unit → level: ranks are within a level. Below `least` there is no score.

    Raises InputError naming every weight of something unknown or
    below 0.
    """
    other, points = _changed(scheme, sheets, weights)
    panel = Panel.of(scheme, {domain: sheets[domain] for domain in points}, units)
    known = {domain: _column(panel, scheme, domain, sheet, units, {}, least) for domain, sheet in sheets.items()}
    fresh = {d: _column(panel, scheme, d, sheets[d], units, told, least) for d, told in points.items()}
    before = _totals(panel, scheme, sheets, units, known, least)
    changed = {domain: reweighted(sheet, points.get(domain, {})) for domain, sheet in sheets.items()}
    after = _totals(panel, other, changed, units, {**known, **fresh}, least)
    return _listed(other, points, before, after, levels)


def what_if_exact(
    scheme: Scheme,
    sheets: _Sheets,
    units: _Units,
    weights: Mapping[str, Decimal],
    levels: Mapping[str, str] = _ONE_LEVEL,
    least: LeastAssessed = NO_LIMIT,
) -> WhatIf:
    """Do the same by the engine alone: slow, and what `what_if` is held against."""
    other, points = _changed(scheme, sheets, weights)
    changed = {domain: reweighted(sheet, points.get(domain, {})) for domain, sheet in sheets.items()}
    before = {unit: _scored(scheme, sheets, facts, least) for unit, facts in units.items()}
    after = {unit: _scored(other, changed, facts, least) for unit, facts in units.items()}
    return _listed(other, points, before, after, levels)


class Shown(NamedTuple):
    """A total as it is shown, with the coverage of a score that is held back."""

    value: Decimal | None
    grade: str
    coverage: Decimal | None


def _scored(scheme: Scheme, sheets: _Sheets, unit: UnitFacts, least: LeastAssessed) -> Shown:
    domains = {
        name: score(sheets[name], one.facts, scheme, Stage.AFTER, one.vetoes, least.domain)
        for name, one in unit.domains.items()
    }
    every = {**dict.fromkeys(unit.not_for, idle(Stage.AFTER)), **domains}
    whole = total(scheme, every, Stage.AFTER, unit.vetoes, unit.entries, least.total)
    return Shown(whole.value, whole.grade, whole.coverage)


class _Column(NamedTuple):
    """One domain of every unit that has it: shown values, shares assessed, and the units held back for too little."""

    values: Mapping[str, Decimal | None]
    shares: Mapping[str, Fraction | None]
    held: Collection[str]


def _column(
    panel: Panel,
    scheme: Scheme,
    domain: str,
    sheet: Checklist,
    units: _Units,
    points: Mapping[str, Decimal],
    least: LeastAssessed,
) -> _Column:
    """Return one domain with other points for some items: summed where a plain sum says it, else by the engine."""
    changed = reweighted(sheet, points)
    values = panel.values(domain, changed, points, units) if points else {}
    shares: dict[str, Fraction | None] = {}
    known: dict[Any, Fraction | None] = {}
    held = set()
    for unit, facts in units.items():
        one = facts.domains.get(domain)
        if one is None:
            continue
        if unit not in values and points:  # held back below, like what is summed
            values[unit] = score(changed, one.facts, scheme, Stage.AFTER, one.vetoes, least=ZERO).value
        elif unit not in values:
            values[unit] = one.score.so_far if one.score.value is None else one.score.value
        share = shares[unit] = _share(one.score, points, known)
        if not reaches(share, least.domain):
            held.add(unit)
            values[unit] = None
    return _Column(values, shares, held)


def _totals(
    panel: Panel, scheme: Scheme, sheets: _Sheets, units: _Units, columns: Mapping[str, _Column], least: LeastAssessed
) -> dict[str, Shown]:
    """Return unit → shown total and grade. Units with vetoes or entries of the scheme go by the engine."""
    bare = [unit for unit, facts in units.items() if facts.bare]
    found = panel.totals(scheme, {domain: column.values for domain, column in columns.items()}, bare)
    shown, known = {}, dict[Any, _Covered]()
    for unit, value in found.items():
        shares = dict.fromkeys(units[unit].not_for) | {
            d: one.shares[unit] for d, one in columns.items() if unit in one.shares
        }
        held = [domain for domain, one in columns.items() if unit in one.held]
        # Of many units the same was assessed, and their shares are the same objects: a fraction is dear to hash.
        key = (*shares, *map(id, shares.values()), *held)
        if key not in known:
            known[key] = _covered(total_share(scheme.weights, shares, held, least.total), least.total)
        shown[unit] = _shown(scheme, value, known[key])
    return {unit: shown[unit] if unit in shown else _scored(scheme, sheets, units[unit], least) for unit in units}


def _share(score: Score, points: Mapping[str, Decimal], known: dict[Any, Fraction | None]) -> Fraction | None:
    """Return the share of a sheet that was assessed, with other points for some of its items.

    `known` keeps it by what was assessed, which is the same of many units.
    """
    if not points:
        return score.share
    items = [line for line in score.trace if line.kind == "item"]
    key = tuple([(line.node_id, line.state, line.nominal, line.bonus) for line in items])
    if key not in known:
        known[key] = share_of(
            structs.replace(line, nominal=points[line.node_id]) if line.node_id in points else line for line in items
        )
    return known[key]


class _Covered(NamedTuple):
    """The share of a total that was assessed, whether it suffices, and the percent that is then shown."""

    share: Fraction | None
    suffices: bool
    shown: Decimal | None


def _covered(share: Fraction | None, least: Decimal) -> _Covered:
    return _Covered(share, reaches(share, least), percent(share))


def _shown(scheme: Scheme, value: Decimal | None, covered: _Covered) -> Shown:
    if not covered.suffices:
        return Shown(None, "", covered.shown if value is None else below_limit(covered.share))
    return Shown(value, grade_of(scheme, value), covered.shown)


def _changed(scheme: Scheme, sheets: _Sheets, weights: Mapping[str, Decimal]) -> tuple[Scheme, _Points]:
    faults = []
    domains, points = dict(scheme.weights), _Points()
    for name, value in weights.items():
        domain, _, item_id = name.partition("/")
        if not value.is_finite() or value < 0:
            faults.append(Fault("权重应为不小于 0 的数", item=name, value=str(value)))
        elif not item_id:
            if domain not in scheme.weights and domain not in sheets:
                faults.append(Fault("没有这个检查域", value=name, allowed="、".join(scheme.weights)))
            domains[domain] = value
        elif domain not in sheets or item_id not in {item.id for item in sheets[domain].items()}:
            faults.append(Fault("没有这个检查项", value=name, allowed="检查域/检查项编号"))
        else:
            points.setdefault(domain, {})[item_id] = value
    if not faults and not any(domains.values()):
        faults.append(Fault("权重不能全部为 0"))
    if faults:
        raise InputError(faults)
    return structs.replace(scheme, weights=domains), points


def _listed(
    other: Scheme, points: _Points, before: Mapping[str, Shown], after: Mapping[str, Shown], levels: Mapping[str, str]
) -> WhatIf:
    was = ranks_within({unit: one.value for unit, one in before.items() if one.value is not None}, levels)
    now = ranks_within({unit: one.value for unit, one in after.items() if one.value is not None}, levels)
    rows = tuple(
        WhatIfRow(
            unit=unit,
            before=before[unit].value,
            after=after[unit].value,
            before_rank=was.get(unit),
            after_rank=now.get(unit),
            before_grade=before[unit].grade,
            after_grade=after[unit].grade,
            before_coverage=before[unit].coverage,
            after_coverage=after[unit].coverage,
        )
        for unit in sorted(before)
    )
    whole = add(*other.weights.values()) if other.weights else ZERO
    notes = [f"权重合计 {plain(whole)}，按比例折算。"] if whole != HUNDRED else []
    return WhatIf(
        rows=rows, weights=dict(other.weights), points=points, notes=(*notes, "试算只供比较，没有写入任何结果。")
    )

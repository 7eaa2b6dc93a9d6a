"""总览: the lines of all units, ranked, with the figures of each group computed beforehand."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from msgspec.structs import replace

from xiaobao.checklist.models import Scheme
from xiaobao.labels import LEVELS, level_titles, named_period
from xiaobao.model import Finding, Severity, ShownScore, Unit, Value
from xiaobao.numbers import ZERO, add, median, ranks_within, round_half_up
from xiaobao.policies import LeastAssessed
from xiaobao.scorecard.around import Around
from xiaobao.scorecard.card import (
    DRAFT,
    OLDER,
    RESERVATIONS,
    Scorecard,
    counted_reservations,
    marks,
    reserved_marks,
    total_marks,
)
from xiaobao.scoring import RolledUp, coverage_words, held_back, unassessed
from xiaobao.scoring.coverage import value_or
from xiaobao.scoring.total import weight_title

IDLE = "全部不适用"


class OverviewRow(Value):
    """One unit on the overview. `domains` domain → shown score after decisions, None where there is none.

    `coverage` and `domain_coverage` are the percent assessed, None where nothing applies: what a cell says where there
    is no score. `comparable` tells that this total and the `previous` one rest on the same domains. `handed_in` counts
    the sheets that were, None where that is not known. `failed`: domain → its title, where the last run of the paper
    failed; `drafts` the same where the sheet is not handed in; `older` where newer data came after the hand-in and wait
    for an answer.
    """

    unit: Unit
    total: Decimal | None
    before: Decimal | None
    grade: str
    rank: int | None
    previous: Decimal | None
    domains: Mapping[str, Decimal | None]
    open_leads: int
    high_findings: int
    findings: int
    provisional: bool
    missing: tuple[str, ...] = ()
    reviewed: bool = False
    vetoed: bool = False
    coverage: Decimal | None = None
    domain_coverage: Mapping[str, Decimal | None] = {}
    comparable: bool = False
    handed_in: int | None = None
    failed: Mapping[str, str] = {}
    drafts: Mapping[str, str] = {}
    older: Mapping[str, str] = {}

    @property
    def shown_total(self) -> str:
        """The total as every page, paper and table writes it: a score, else the coverage for which there is none.

        A score that an earlier run left is marked wherever it stands.
        """
        return value_or(self.total, self.coverage) + self.marks

    @property
    def marks(self) -> str:
        """What stands behind the total: “（未更新）” where a paper failed that it rests on, and the like."""
        return total_marks(self.reservations)

    @property
    def reservations(self) -> tuple[str, ...]:
        """The words for what keeps the total from being the last one, nothing without a total."""
        if self.total is None:
            return ()
        scored = {domain for domain, value in self.domains.items() if value is not None}
        return tuple(word for word, held in self._reserved.items() if scored & held.keys())

    @property
    def _reserved(self) -> Mapping[str, Mapping[str, str]]:
        return dict(zip(RESERVATIONS, (self.failed, self.drafts, self.older), strict=True))

    def reservations_of(self, domain: str) -> tuple[str, ...]:
        """The same of one domain, nothing where it has no score."""
        if self.domains.get(domain) is None:
            return ()
        return tuple(word for word, held in self._reserved.items() if domain in held)

    def shown_domain(self, domain: str) -> str:
        """The score of one domain; what rests on the data alone, under a sheet that is not handed in, says so too."""
        value = self.domains.get(domain)
        return value_or(value, self.domain_coverage.get(domain)) + marks(self.reservations_of(domain))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is said beside the line: the papers that failed, scores of drafts, and those on data since renewed."""
        failed = tuple(self.failed.values())
        drafts = tuple(title for domain, title in self.drafts.items() if self.domains.get(domain) is not None)
        older = tuple(self.older.values())
        return (
            *((f"底稿运行失败：{'、'.join(failed)}",) if failed else ()),
            *((f"草稿（未上报）：{'、'.join(drafts)}",) if drafts else ()),
            *((f"依据提交时的{OLDER}，数据更新待答复：{'、'.join(older)}",) if older else ()),
        )

    @property
    def uninspected(self) -> bool:
        """Whether the unit has no score because nobody looked: nothing was handed in, or nothing was assessed."""
        return self.total is None and not self.idle and (self.handed_in == 0 or unassessed(self.coverage))

    @property
    def idle(self) -> bool:
        """Whether sheets were handed in and nothing of them applies: neither 未检查 nor too little assessed."""
        return self.total is None and self.coverage is None and bool(self.handed_in) and not self.missing

    @property
    def too_little(self) -> bool:
        """Whether somebody looked, but not at enough for a score."""
        return self.total is None and not self.uninspected and not self.idle

    @property
    def standing(self) -> str:
        """“未检查” where nobody looked, “覆盖 45.2 %” where too little was assessed, nothing where there is a score.

        Where nothing applies it is said: that nobody looked would be wrong.
        """
        if self.total is not None:
            return ""
        if self.idle:
            return IDLE
        if not self.uninspected:
            return coverage_words(self.coverage)
        return "未检查" if unassessed(self.coverage) else f"未检查，仅数据检查{coverage_words(self.coverage)}"


class Group(Value):
    """Means, medians and counts of one filter group (a level, a region, or all), precomputed.

    Mean and median are of the `scored` of `units`. `reserved`: word for what keeps a total from being the last one →
    how many of the scored have it.
    """

    key: str
    title: str
    units: int
    scored: int
    mean: Decimal | None
    median: Decimal | None
    grades: Mapping[str, int] = {}
    reserved: Mapping[str, int] = {}

    @property
    def marks(self) -> str:
        """What stands behind mean and median: “（含未更新 2 家）”, mostly nothing."""
        return reserved_marks(self.reserved)


class Overview(Value):
    """All units of one campaign: a line each, groups with their own means and medians, and what to say beside them.

    `notes` are sentences beside the table; `rolled` the scores rolled up to each parent; `worst` findings to name.
    `campaign` is its name where the period has several, else "". `around` is there where a person opened the page.
    `placed_before`: the units whose executed card tells another place among the peers than stands here.
    """

    bank: str
    period: str
    rows: tuple[OverviewRow, ...]
    groups: tuple[Group, ...]
    grade_labels: Mapping[str, str]
    domain_titles: Mapping[str, str]
    notes: tuple[str, ...] = ()
    worst: tuple[Finding, ...] = ()
    rolled: Mapping[str, RolledUp] = {}
    unit_names: Mapping[str, str] = {}
    campaign: str = ""
    around: Around | None = None
    placed_before: tuple[str, ...] = ()

    def placed_otherwise(self, cards: Mapping[str, ShortCard]) -> tuple[str, ...]:
        """Return the units whose recorded card tells another rank or median, or other marks behind it, than stand now.

        Other units' results move them, after the paper of the card was made.
        """
        levels = {group.key: (group.median, group.reserved) for group in self.groups}
        now = {
            row.unit.id: (row.rank, *levels.get(f"level:{row.unit.level}", (None, {})))
            for row in self.rows
            if row.total is not None
        }
        return tuple(
            unit
            for unit, card in cards.items()
            if unit in now and (card.rank, card.peer_median, card.peer_reserved) != now[unit]
        )

    @property
    def when(self) -> str:
        """The period as titles name it, with the campaign where the period has several."""
        return named_period(f"{self.period}/{self.campaign}")

    def rolled_marks(self, unit: str) -> str:
        """What stands behind a score rolled up to `unit`: the marks of all that it rests on."""
        own = {row.unit.id: row.reservations for row in self.rows}

        def below(one: str) -> Iterator[str]:
            yield from own.get(one, ())
            for child in self.rolled[one].children if one in self.rolled else ():
                yield from below(child)

        return total_marks(set(below(unit)))

    @property
    def unscored(self) -> tuple[OverviewRow, ...]:
        """The units without a score, those of which nothing was assessed first: a list of their own everywhere."""
        found = [row for row in self.rows if row.total is None]
        return tuple(sorted(found, key=lambda row: (not row.uninspected, row.coverage or ZERO, row.unit.id)))


def overview_row(card: Scorecard | ShortCard, missing: Sequence[str] = ()) -> OverviewRow:
    """Return the line of one unit. Small on purpose: thousands of them are kept without their traces."""
    return OverviewRow(
        unit=card.unit,
        total=card.total.value,
        before=card.total_before.value,
        grade=card.total.grade,
        rank=card.rank,
        previous=card.previous,
        domains={domain.domain: domain.after.value for domain in card.domains},
        open_leads=sum(domain.open_leads for domain in card.domains),
        high_findings=sum(finding.severity is Severity.HIGH for finding in card.findings),
        findings=len(card.findings),
        provisional=card.total.provisional,
        missing=tuple(missing),
        reviewed=card.reviewed,
        vetoed=bool(card.total.vetoes or any(domain.after.vetoes for domain in card.domains)),
        coverage=card.total.coverage,
        domain_coverage={domain.domain: domain.after.coverage for domain in card.domains},
        comparable=card.comparable,
    )


def held(card: RecordedCard, least: LeastAssessed) -> RecordedCard:
    """Hold back scores of a card that was recorded before there was a limit, or under a lower one."""
    short = card.scorecard
    domains = tuple(_held_domain(one, least.domain) for one in short.domains)
    total, before = (held_back(score, least.total) for score in (short.total, short.total_before))
    if total is short.total and before is short.total_before and all(map(operator.is_, domains, short.domains)):
        return card
    return replace(card, scorecard=replace(short, domains=domains, total=total, total_before=before))


def _held_domain(one: ShortDomain, least: Decimal) -> ShortDomain:
    after = held_back(one.after, least)
    return one if after is one.after else replace(one, after=after)


def empty_row(unit: Unit, missing: Sequence[str]) -> OverviewRow:
    """Return the line of a unit that has no scorecard yet: no score and no rank, never zero."""
    return OverviewRow(
        unit=unit,
        total=None,
        before=None,
        grade="",
        rank=None,
        previous=None,
        domains={},
        open_leads=0,
        high_findings=0,
        findings=0,
        provisional=True,
        missing=tuple(missing),
    )


def overview(
    bank: str, period: str, scheme: Scheme, rows: Iterable[OverviewRow], domains: Sequence[str] = ()
) -> Overview:
    """Rank the units of each level, best first, and count the groups that the page filters by."""
    found = list(rows)
    levels = {row.unit.id: row.unit.level for row in found}
    places = ranks_within({row.unit.id: row.total for row in found if row.total is not None}, levels)
    ranked = [replace(row, rank=places.get(row.unit.id)) for row in found]
    ranked.sort(key=by_rank)
    names = tuple(domains) or tuple(scheme.weights)
    without = [row for row in ranked if row.total is None]
    notes = [f"名次在同一层级有得分的机构之间排列（{_counted(ranked)}），同分同名次；筛选只选取和排序，不重新计算。"]
    unreviewed = sum(not row.reviewed for row in ranked if row.total is not None)
    if unreviewed:
        notes.append(f"{unreviewed} 家机构的得分含尚未复核的自评。")
    struck = sum(row.vetoed for row in ranked if row.total is not None)
    if struck:
        notes.append(f"平均分、中位数和名次计入 {struck} 家触发一票否决的机构，取否决后的得分。")
    drafts = sum(DRAFT in row.reservations for row in ranked)
    if drafts:
        notes.append(f"{drafts} 家机构的得分含未上报的检查表（{DRAFT}），其人工答复不计分。")
    if without:
        bare, few, none = (sum(getattr(row, kind) for row in without) for kind in ("uninspected", "too_little", "idle"))
        said = f"未检查 {bare} 家，评分覆盖不足 {few} 家" + (f"，{IDLE} {none} 家" if none else "")
        notes.append(f"{len(without)} 家机构没有得分（{said}），不排名，不计入平均分和中位数，也不能说明没有问题。")
    if any(row.provisional for row in ranked if row.total is not None):
        notes.append(
            "标为暂定的得分尚有未评分的检查项（待核实、无数据、未检查或运行出错），或有批次结束时才确定的同业比较。"
        )
    return Overview(
        bank=bank,
        period=period,
        rows=tuple(ranked),
        groups=_groups(ranked, scheme),
        grade_labels={grade.id: grade.label for grade in scheme.grades},
        domain_titles={name: weight_title(scheme, name) for name in names},
        notes=tuple(notes),
    )


def by_rank(row: OverviewRow) -> tuple[bool, int, int, str]:
    """Order rows: level by level from the top, best rank first; units without a rank last, by id."""
    level = list(LEVELS).index(row.unit.level) if row.unit.level in LEVELS else len(LEVELS)
    return (row.rank is None, level if row.rank is not None else 0, row.rank or 0, row.unit.id)


def _counted(rows: Sequence[OverviewRow]) -> str:
    """Return how many units are ranked at each level."""
    ranked = [row.unit for row in rows if row.rank is not None]
    counts, titles = Counter(unit.level for unit in ranked), level_titles(ranked)
    return "、".join(f"{titles[level]} {count} 家" for level, count in counts.items()) or "0 家"


def _groups(rows: Sequence[OverviewRow], scheme: Scheme) -> tuple[Group, ...]:
    levels, regions = _by(rows, lambda unit: unit.level), _by(rows, lambda unit: unit.region)
    groups = [_group("all", "全部机构", rows, scheme)]
    groups += [
        _group(f"level:{level}", title, levels[level], scheme)
        for level, title in level_titles(row.unit for row in rows).items()
    ]
    groups += [_group(f"region:{region}", region, regions[region], scheme) for region in sorted(regions) if region]
    return tuple(groups)


def _by(rows: Iterable[OverviewRow], key: Callable[[Unit], str]) -> dict[str, list[OverviewRow]]:
    found: dict[str, list[OverviewRow]] = {}
    for row in rows:
        found.setdefault(key(row.unit), []).append(row)
    return found


def _group(key: str, title: str, rows: Sequence[OverviewRow], scheme: Scheme) -> Group:
    values = [row.total for row in rows if row.total is not None]
    mean = round_half_up(Fraction(add(*values)) / len(values), scheme.places) if values else None
    grades = [row.grade for row in rows]
    counts = {grade.id: grades.count(grade.id) for grade in scheme.grades}
    return Group(
        key=key,
        title=title,
        units=len(rows),
        scored=len(values),
        mean=mean,
        median=median(values),
        grades=counts,
        reserved=counted_reservations(row.reservations for row in rows),
    )


class ShortScore(ShownScore):
    """A score without its trace, read from a recorded card. Of vetoes it is enough to know whether there are any."""

    vetoes: tuple[Mapping[str, Any], ...] = ()


class ShortDomain(Value):
    """A domain's line of a card: its score after decisions, and how many leads still wait for theirs."""

    domain: str
    after: ShortScore
    open_leads: int = 0
    reviewed: bool = False


class ShortFinding(Value):
    """A finding as far as it is counted by severity, and said to be among the gravest."""

    severity: Severity
    points_lost: Decimal


class ShortCard(Value):
    """A scorecard without traces, texts and facts: thousands of them are read for one overview."""

    unit: Unit
    total: ShortScore
    total_before: ShortScore
    rank: int | None
    previous: Decimal | None
    domains: tuple[ShortDomain, ...]
    findings: tuple[ShortFinding, ...]
    comparable: bool = False
    peer_median: Decimal | None = None
    peer_reserved: Mapping[str, int] = {}

    @property
    def reviewed(self) -> bool:
        """As `Scorecard.reviewed`."""
        return bool(self.domains) and all(domain.reviewed for domain in self.domains)


class RecordedCard(Value):
    """What a run recorded of a unit."""

    scorecard: ShortCard

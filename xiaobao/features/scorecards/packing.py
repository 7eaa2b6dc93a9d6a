"""The lines of one campaign as static overviews carry them: the very texts of the Voila board, one line a unit."""

from __future__ import annotations

from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any

from xiaobao.features.scorecards.gathering import CampaignBook, overdue_of, signed, state_words
from xiaobao.features.scorecards.spreads import PlacedUnit, spreads
from xiaobao.labels import level_titles
from xiaobao.model import Value
from xiaobao.pages.initials import initials
from xiaobao.pages.overview import FIELDS, board_data
from xiaobao.scorecard import OverviewRow

WHO = ("id", "name", "level", "region")
EXTRAS = ("change", "overdue", "repeats", "behind", "causes")
UNSHOWN = ("previous", "comparable")  # the page shows the change, which is worked out from them here
CARRIED = tuple(name for name in FIELDS if name not in (*WHO, *UNSHOWN))
BETWEEN = "|"  # one byte in the page's JSON, where a tab is two: at 4,000 units that is a third of a megabyte


class PackedUnit(Value):
    """One unit: who it is, its total for the figures of groups, and its line, the texts that are shown."""

    name: str
    level: str
    region: str
    parent: str
    total: Decimal | None
    line: str
    reserved: tuple[str, ...] = ()
    level_name: str = ""


class Pack(Value):
    """One campaign: `domains` and `grades` id → title in their order, `folder` where its pages lie."""

    period: str
    campaign: str
    name: str
    made: str
    state: str
    folder: str
    domains: Mapping[str, str]
    grades: Mapping[str, str]
    units: Mapping[str, PackedUnit]


def pack(book: CampaignBook, by_unit: Mapping[str, Mapping[str, str]], folder: str, made: str) -> Pack:
    """Return the lines of a campaign; `by_unit` holds each unit's repeats and causes, which its card names."""
    board = board_data(book.whole)
    rows = {row.unit.id: row for row in book.whole.rows}
    units = {}
    for values in board["rows"]:
        fields = dict(zip(board["fields"], values, strict=True))
        row = rows[fields["id"]]
        units[row.unit.id] = PackedUnit(
            name=row.unit.name,
            level=row.unit.level,
            level_name=row.unit.level_name,
            region=row.unit.region,
            parent=row.unit.parent,
            total=row.total,
            reserved=row.reservations,
            line=_line(book, row, fields, by_unit.get(row.unit.id, {})),
        )
    return Pack(
        period=book.campaign.period,
        campaign=book.campaign.name,
        name=book.whole.when,
        made=made,
        state=state_words(book, frozenset(units)),
        folder=folder,
        domains=book.whole.domain_titles,
        grades=book.whole.grade_labels,
        units=units,
    )


def _line(
    book: CampaignBook, row: OverviewRow, fields: Mapping[str, Any], repeats_and_causes: Mapping[str, str]
) -> str:
    comparable = row.comparable and row.total is not None and row.previous is not None
    earlier = book.earlier.get(row.unit.id, ())
    extras = {
        "change": signed(row.total - row.previous) if comparable else "",  # type: ignore[operator]
        "overdue": len(overdue_of(book, row.unit.id)) + sum(one.late for one in earlier) or "",
        "behind": book.behind.get(row.unit.id, ""),
        **repeats_and_causes,
    }
    kept = [_text(value) for name, value in fields.items() if name not in (*WHO, *UNSHOWN)]
    return BETWEEN.join([*(_text(extras.get(name)) for name in EXTRAS), *kept])


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value).replace(BETWEEN, "｜").replace("\n", " ")


def packed_data(packs: list[Pack], members: Set[str], notes: list[str], common: list[list[str]]) -> dict[str, Any]:
    """Return what a static overview carries of `members`: nothing of any other unit. Newest campaign first."""
    known: dict[str, PackedUnit] = {}
    for one in packs:
        for unit, packed in one.units.items():
            if unit in members:
                known.setdefault(unit, packed)
    order = {unit: place for place, unit in enumerate(known)}
    who = [
        [unit, one.name, one.level, one.region, one.parent if one.parent in known else "", initials(one.name)]
        for unit, one in known.items()
    ]
    return {
        "between": BETWEEN,
        "units": [BETWEEN.join(map(_text, line)) for line in who],
        "levels": [list(pair) for pair in level_titles(known.values()).items()],
        "regions": sorted({one.region for one in known.values() if one.region}),
        "fields": [*EXTRAS, *CARRIED],
        "periods": [_period(one, members, order, newest=one is packs[0]) for one in packs],
        "notes": notes,
        "common": common,
    }


def _period(one: Pack, members: Set[str], order: Mapping[str, int], *, newest: bool) -> dict[str, Any]:
    own = {unit: packed for unit, packed in one.units.items() if unit in members}
    placed = [PlacedUnit(level=p.level, region=p.region, total=p.total, reserved=p.reserved) for p in own.values()]
    causes = EXTRAS.index("causes")
    lines = []
    for unit, packed in own.items():
        parts = packed.line.split(BETWEEN)
        if not newest:
            parts[causes] = ""
        lines.append(BETWEEN.join([str(order[unit]), *parts]))
    return {
        "period": one.period,
        "campaign": one.campaign,
        "name": one.name,
        "state": one.state,
        "made": one.made,
        "folder": one.folder,
        "domains": list(one.domains.items()),
        "grades": list(one.grades.items()),
        "rows": lines,
        "groups": [[g.key, g.units, g.scored, g.mean, *g.five] for g in spreads(placed)],
    }

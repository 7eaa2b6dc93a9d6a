"""总览: one anywidget with all charts of a page. It gets figures as they are shown; the page selects and sorts them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xiaobao.labels import level_of, level_titles
from xiaobao.numbers import show
from xiaobao.pages.views.ranking import ordered, ranking_table, remark
from xiaobao.pages.views.wording import DASH
from xiaobao.scorecard import Overview, OverviewRow

DRAWN = "application/vnd.xiaobao.board+json"  # a kind of output that only the server's page template knows
SERVED = "XIAOBAO_SERVED"  # the environment variable by which a kernel knows that it draws for that template
_STATIC = Path(__file__).parent / "static"
FIELDS: tuple[str, ...] = (
    "id",
    "name",
    "level",
    "region",
    "rank",
    "total",
    "coverage",
    "grade",
    "previous",
    "comparable",
    "open",
    "high",
)
FIELDS += ("findings", "why")
SCORECARD_PAGE = "6_scorecard.ipynb"


class Board(anywidget.AnyWidget):
    """The overview board. Without a browser's kernel the same figures stand as a table in the saved notebook."""

    _esm = _STATIC / "board.js"
    _css = _STATIC / "board.css"
    overview = traitlets.Dict().tag(sync=True)

    def __init__(self, overview: Overview) -> None:
        self._fallback = ranking_table(overview)
        super().__init__(overview=board_data(overview))

    def __repr__(self) -> str:
        return repr(self._fallback)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Add what can be read without scripts; nothing here changes from run to run but the widget's own id."""
        made = super()._repr_mimebundle_(**kwargs)
        data, metadata = made if isinstance(made, tuple) else (made or {}, {})
        return {**data, "text/plain": repr(self), "text/html": self._fallback._repr_html_()}, metadata


class DrawnBoard:
    """The board for a page of the server: figures alone. The page brings the script and needs no kernel for it."""

    def __init__(self, overview: Overview) -> None:
        self._data = board_data(overview)
        self._fallback = ranking_table(overview)

    def __repr__(self) -> str:
        return repr(self._fallback)

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        css = (_STATIC / "board.css").read_text("utf-8")
        return {DRAWN: {"css": css, "overview": self._data}, "text/plain": repr(self)}


def drawn_board(overview: Overview) -> Board | DrawnBoard:
    """Return the board as whoever shows it can draw it."""
    return DrawnBoard(overview) if SERVED in os.environ else Board(overview)


def board_data(overview: Overview) -> dict[str, Any]:
    """Return what the board draws: rows as lists in the order of `fields`, figures as the text that is shown."""
    grades = list(overview.grade_labels.items())
    letters = overview.around.initials if overview.around else {}
    found = {"initials": [letters.get(row.unit.name, "") for row in ordered(overview.rows)]} if letters else {}
    return {
        **found,
        "bank": overview.bank,
        "period": overview.when,
        "address": {"period": overview.period} | ({"campaign": overview.campaign} if overview.campaign else {}),
        "page": SCORECARD_PAGE,
        "fields": [*FIELDS, *overview.domain_titles],
        "rows": [_row(overview, row) for row in ordered(overview.rows)],
        "domains": [{"id": domain, "title": title} for domain, title in overview.domain_titles.items()],
        "levels": [list(pair) for pair in level_titles(row.unit for row in overview.rows).items()],
        "regions": sorted({row.unit.region for row in overview.rows if row.unit.region}),
        "grades": [
            {"id": grade, "label": title, "worst": place == len(grades) - 1}
            for place, (grade, title) in enumerate(grades)
        ],
        "groups": [
            {
                "key": group.key,
                "title": group.title,
                "scored": group.scored,
                "mean": show(group.mean) + group.marks,
                "median": show(group.median, 2) + group.marks,
            }
            for group in overview.groups
        ],
        "notes": list(overview.notes),
        "unscored": [
            [row.unit.id, row.unit.name, level_of(row.unit), row.standing, remark(row, standing=False)]
            for row in overview.unscored
        ],
    }


def _row(overview: Overview, row: OverviewRow) -> list[Any]:
    def shown(value: Any) -> str | None:
        return None if value is None else show(value)

    unit = row.unit
    return [
        unit.id,
        unit.name,
        unit.level,
        unit.region,
        row.rank,
        row.shown_total,
        DASH if row.coverage is None else f"{show(row.coverage)} %",
        row.grade,
        shown(row.previous),
        row.comparable,
        show(row.open_leads),
        show(row.high_findings),
        show(row.findings),
        remark(row),
        *(row.shown_domain(domain) for domain in overview.domain_titles),
    ]

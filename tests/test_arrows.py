"""An arrow, a 升 or a difference to the period before stands only between two scores over the same domains.

Both have to be above the limit of coverage: else the former score is named, or nothing, and no way it went.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.factories.scoring import OUTLET, D, item, scheme, section, sheet, told
from xiaobao.model import Stage
from xiaobao.pages import views
from xiaobao.pages.overview import board_data
from xiaobao.report_figures import Inspected, UnitInspected, appraisal_figures, unit_figures
from xiaobao.scorecard import CardInputs, DomainResult, Scorecard, build_card, overview, overview_row
from xiaobao.scoring import score

SOURCE = Path(__file__).parents[1] / "xiaobao"
WHOLE = sheet(section("S1", item("I1", "60")), section("S2", item("I2", "40")))
BOTH = ("complaints", "disclosure")
ARROWS = re.compile("[▲▼]|上升|下降|持平")


def result(known: bool, previous: Decimal | None = None) -> DomainResult:
    facts = (told("I1"), told("I2")) if known else ()
    before, after = (score(WHOLE, facts, scheme(), stage, (), D(60)) for stage in (Stage.BEFORE, Stage.AFTER))
    return DomainResult(before=before, after=after, previous=previous)


def card(now: tuple[str, ...], then: tuple[str, ...], before: str | None) -> Scorecard:
    """A card whose total rests on the domains `now`, after one that rested on `then`."""
    results = {name: result(name in now) for name in BOTH}
    previous = None if before is None else D(before)
    return build_card(
        CardInputs(
            unit=OUTLET,
            period="2026H1",
            scheme=scheme(),
            results=results,
            least=D(60),
            previous=previous,
            previous_domains=then,
        )
    )


ALIKE = (BOTH, BOTH, "80")
UNLIKE: dict[str, Any] = {
    "no period before": (BOTH, (), None),
    "the former one below the limit": (BOTH, ("disclosure",), None),
    "this one below the limit": (("disclosure",), BOTH, "80"),
    "both below the limit": (("disclosure",), ("disclosure",), None),
    "over other domains": (BOTH, ("complaints",), "80"),
    "nothing assessed now": ((), BOTH, "80"),
}


def drawn(made: Scorecard) -> dict[str, str]:
    """Return what each place that draws a way says of the total."""
    whole = overview("行", "2026H1", scheme(), [overview_row(made)], BOTH)
    sent = board_data(whole)
    row = dict(zip(sent["fields"], sent["rows"][0], strict=True))
    ranks = appraisal_figures(Inspected(as_of=None, overviews=(whole,), cards={OUTLET.id: made})).tables["ranks"].rows  # type: ignore[arg-type]
    totals = unit_figures(UnitInspected(card=made))
    return {
        "card heading": "".join(
            ARROWS.findall(repr(views.card_heading(made)).partition("上期总分")[2].partition("上期名次")[0])
        ),
        "board": "way" if row["comparable"] and row["previous"] is not None else "",
        "appraisal circular": "".join(str(one["change"].value or "") for one in ranks),  # type: ignore[union-attr]
        "inspection report": str(totals["总分·较上期变动"].value or ""),
        "waterfall": "".join(ARROWS.findall(repr(views.first_screen(made)))),
        "bridge": "".join(ARROWS.findall(repr(views.bridge(made)))),
        "trend": "".join(ARROWS.findall(repr(views.trend(made)))),
    }


def test_between_two_scores_over_the_same_domains_every_place_says_which_way_it_went() -> None:
    said = drawn(card(*ALIKE))
    assert "▲" in said["card heading"]
    assert (said["board"], said["appraisal circular"], said["inspection report"]) == ("way", "20.00", "20.00")


@pytest.mark.parametrize("case", UNLIKE)
def test_else_no_place_does(case: str) -> None:
    made = card(*UNLIKE[case])
    assert not made.comparable
    assert drawn(made) == dict.fromkeys(drawn(made), "")


@pytest.mark.parametrize(("known", "previous"), [(False, D(80)), (True, None), (False, None)])
def test_a_domain_has_an_arrow_only_between_two_scores(known: bool, previous: Decimal | None) -> None:
    made = card(*ALIKE)
    [first, *_] = made.domains
    bare = result(known, previous)
    changed = replace(made, domains=(replace(first, after=bare.after, previous=previous),))
    assert ARROWS.findall(repr(views.domains(changed))) == []
    whole = replace(made, domains=(replace(first, previous=D(80)),))
    assert "▲" in repr(views.domains(whole))


def test_the_places_that_draw_a_way_are_these() -> None:
    """A new place has to come into `drawn` above: arrows of scores, and differences to the period before."""
    marks = re.compile(r"▲|▼|较上期|升\"")
    found = {
        str(path.relative_to(SOURCE))
        for pattern in ("**/*.py", "pages/frontend/src/*.js")
        for path in SOURCE.glob(pattern)
        if marks.search(path.read_text("utf-8"))
    }
    ours = {one for one in found if not one.startswith(("features/complaints/", "features/draft_check/", "demo/"))}
    assert ours == {
        "pages/views/card.py",  # card heading, domains
        "pages/views/first.py",  # the waterfall of the same bridge
        "pages/views/bridge_steps.py",  # the bridge, which is None without two totals
        "pages/frontend/src/board.js",  # by `comparable`; its other arrows tell how a column is sorted
        "report_figures/inspections.py",
        "report_figures/unit_report.py",
        "word/context.py",  # prints that of the unit's report
    }

"""Static scorecards: the numbers of the Voila pages and no others, nothing of another subtree, given out by right."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.factories.coverage import BELOW, DRAFTED, ENOUGH, NAMES, SCORE, SO_FAR, UNTOUCHED, mixed_bank
from tests.factories.inspections import DOMAIN, INSPECTOR, PERIOD
from tests.factories.pages import DOMAINS as DOMAIN_TITLES
from tests.factories.pages import make_card, make_overview
from tests.factories.people import acting_as, entry, register
from tests.factories.static_pages import book_of, bridge
from xiaobao.cli.app import app
from xiaobao.features.scorecards.cards import sentence
from xiaobao.features.scorecards.composing import compose
from xiaobao.features.scorecards.gathering import CampaignBook, signed
from xiaobao.features.scorecards.packing import BETWEEN, EXTRAS, UNSHOWN, WHO
from xiaobao.features.scorecards.spreads import PlacedUnit, quantile, spreads
from xiaobao.features.scorecards.unit_page import MADE
from xiaobao.features.scorecards.writing import renew, renew_written
from xiaobao.model import AppliedVeto, Role, VetoEvent
from xiaobao.numbers import show
from xiaobao.pages.initials import initials
from xiaobao.pages.overview import FIELDS, board_data
from xiaobao.pages.static_pages import Refused, find_page, first_page
from xiaobao.pages.views.first import against
from xiaobao.scorecard import Overview, Scorecard
from xiaobao.scorecard.changes import change_of
from xiaobao.workbench.places import paper_name
from xiaobao.workbench.results.reading import overview, scorecard
from xiaobao.workbench.workspace import Workbench, open_workbench

D = Decimal


def composed(book: CampaignBook, cards: dict[str, Scorecard] | None = None) -> dict[str, str]:
    pages: dict[str, str] = {}
    compose(book, (cards or {}).items(), [], pages.__setitem__)
    return pages


def carried(page: str) -> dict[str, Any]:
    """What an overview carries."""
    [text] = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def shown_rows(page: str) -> dict[str, dict[str, str]]:
    """Unit → field → text of the newest campaign of an overview."""
    data = carried(page)
    newest = data["periods"][0]
    fields = [*data["fields"], *(name for name, _ in newest["domains"])]
    ids = [line.split(data["between"])[0] for line in data["units"]]
    rows = (line.split(data["between"]) for line in newest["rows"])
    return {ids[int(row[0])]: dict(zip(fields, row[1:], strict=True)) for row in rows}


def differences(page: str, whole: Overview) -> list[str]:
    """Every figure of the Voila board that a static overview shows otherwise."""
    board, static = board_data(whole), shown_rows(page)
    wrong = [] if len(board["rows"]) == len(static) else [f"{len(board['rows'])} / {len(static)}"]
    for values in board["rows"]:
        for field, value in zip(board["fields"], values, strict=True):
            said = "" if value in (None, False) else "1" if value is True else str(value)
            if field not in (*WHO, *UNSHOWN) and static[values[0]][field] != said:
                wrong.append(f"{values[0]} {field}: {said} / {static[values[0]][field]}")
    for row in whole.rows:
        known = row.comparable and row.total is not None and row.previous is not None
        moved = signed(row.total - row.previous) if known else ""  # type: ignore[operator]
        if static[row.unit.id]["change"] != moved:
            wrong.append(f"{row.unit.id} change: {moved} / {static[row.unit.id]['change']}")
    groups = {one[0]: one for one in carried(page)["periods"][0]["groups"]}
    for group in board["groups"]:
        _, units, scored, mean, *five = groups[group["key"]]
        shown = (scored, mean, five[2] if five else "—")
        if shown != (group["scored"], group["mean"], group["median"]):
            wrong.append(f"{group['key']}: {group} / {shown} of {units}")
    return wrong


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    found = mixed_bank(tmp_path_factory.mktemp("static") / "bank")
    renew(found)
    return found


def page(wb: Workbench, name: str) -> str:
    [path] = wb.home.glob(f"reports/*/*/{name}")
    return path.read_text("utf-8")


def test_every_number_of_the_board_stands_in_the_static_overview(wb: Workbench) -> None:
    assert differences(page(wb, "overview.html"), overview(wb, PERIOD)) == []


def test_a_number_changed_on_purpose_is_found(wb: Workbench) -> None:
    whole = overview(wb, PERIOD)
    rows = tuple(replace(row, total=D("90.01")) if row.unit.id == ENOUGH else row for row in whole.rows)
    found = differences(page(wb, "overview.html"), replace(whole, rows=rows))
    assert found == [f"{ENOUGH} total: 90.01 / 90.00"]
    group = replace(whole.groups[0], mean=D("89.99"))
    [told] = differences(page(wb, "overview.html"), replace(whole, groups=(group, *whole.groups[1:])))
    assert told.startswith("all: ")


def test_every_figure_of_a_card_stands_on_the_light_page(wb: Workbench) -> None:
    card = scorecard(wb, ENOUGH, PERIOD)
    text = BeautifulSoup(page(wb, f"{ENOUGH}/scorecard.html"), "html.parser").get_text("|")
    assert show(card.total.value) == SCORE
    wanted = [SCORE, f"{show(card.total.coverage)} %", f"第 {card.rank} 名", f"共 {card.peers} 家"]
    wanted += [show(card.peer_median, 2), *(f"{loss.item_id} {loss.title}" for loss in card.losses)]
    wanted += [one.title for one in card.findings]
    for one in card.domains:
        wanted += [one.title, f"{one.open_leads} / {one.confirmed_leads} / {one.refuted_leads}", show(one.after.value)]
    assert [figure for figure in wanted if figure not in text] == []


def test_without_enough_coverage_there_is_no_score_grade_or_rank_and_a_draft_never_enters(wb: Workbench) -> None:
    rows = shown_rows(page(wb, "overview.html"))
    assert [rows[BELOW][field] for field in ("total", "grade", "rank", "change")] == ["覆盖 59.9 %", "", "", ""]
    light = page(wb, f"{BELOW}/scorecard.html")
    assert "不排名" in light
    assert "也不能说明没有问题" in light
    every = "".join(path.read_text("utf-8") for path in wb.home.glob("reports/**/*.html"))
    assert SO_FAR not in every
    assert DRAFTED not in every
    assert "未检查" in page(wb, f"{UNTOUCHED}/scorecard.html")


def test_each_page_says_as_of_when_in_what_state_and_for_whom(wb: Workbench) -> None:
    for unit in (ENOUGH, UNTOUCHED):
        light = page(wb, f"{unit}/scorecard.html")
        assert re.search(r"截至 \d{4}-\d\d-\d\d \d\d:\d\d（北京时间） · 进行中，未终稿", light)
        assert f"本页仅供：{NAMES[unit]}及其上级机构" in light
    data = carried(page(wb, "overview.html"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", data["periods"][0]["made"])
    assert "本页仅供：总行（全部机构）" in page(wb, "overview.html")
    assert not [path for path in wb.home.glob("reports/**/*.html") if MADE in path.read_text("utf-8")]


def test_nothing_is_asked_of_anybody_and_a_light_page_is_light(wb: Workbench) -> None:
    for path in wb.home.glob("reports/**/*.html"):
        found = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        assert found.select("script[src], link[rel=stylesheet], img, iframe") == []
        assert "default-src 'none'" in str(found.select_one("meta[http-equiv]"))
        assert path.name != "scorecard.html" or path.stat().st_size <= 150 * 1024


def test_only_what_changed_is_written_anew(wb: Workbench) -> None:
    assert renew(wb, wb.campaign(PERIOD)).written == 0
    [light] = wb.home.glob(f"reports/*/*/{ENOUGH}/scorecard.html")
    light.unlink()
    assert renew(wb, wb.campaign(PERIOD)).written == 1
    assert light.is_file()
    assert renew(wb).written == renew(wb).kept == 0  # nothing happened since: nothing is even read


def test_a_subtree_carries_nothing_of_other_units() -> None:
    whole = make_overview(12)
    inside = frozenset(row.unit.id for row in whole.rows[:4])
    pages = composed(book_of(whole, subtrees={whole.rows[0].unit.id: inside}))
    own = pages[f"{whole.rows[0].unit.id}/overview.html"]
    assert set(shown_rows(own)) == inside
    for row in whole.rows[4:]:
        assert row.unit.name not in own
        assert f"{BETWEEN}{row.unit.id}" not in own and f'"{row.unit.id}' not in own
    assert set(shown_rows(pages["overview.html"])) == {row.unit.id for row in whole.rows}


@pytest.mark.parametrize("units", [1, 12])
def test_a_bank_of_any_size_has_its_overview(units: int) -> None:
    whole = make_overview(units, blank=False)
    assert differences(composed(book_of(whole))["overview.html"], replace(whole, groups=())) == []


def test_of_nobody_there_is_no_page() -> None:
    assert composed(book_of(make_overview(0))) == {}


def test_what_people_typed_cannot_become_markup() -> None:
    whole = make_overview(2, blank=False)
    nasty = "</script><script>alert(1)</script>\u2028<b>"
    rows = tuple(replace(row, unit=replace(row.unit, name=nasty)) for row in whole.rows)
    for text in composed(book_of(replace(whole, rows=rows))).values():
        assert "<script>alert" not in text
        assert "<b>" not in text


def test_quartiles_are_those_of_excel_and_means_are_of_those_with_a_score() -> None:
    ordered = [D(text) for text in ("60", "70", "80", "95")]
    assert [str(quantile(ordered, place)) for place in range(5)] == ["60.00", "67.50", "75.00", "83.75", "95.00"]
    placed = [PlacedUnit(level="branch", region="城东", total=value) for value in [*ordered, None]]
    every, *others = spreads(placed)
    assert (every.units, every.scored, every.mean) == (5, 4, "76.25")
    assert [one.key for one in others] == ["level:branch", "region:城东", "level:branch|region:城东"]
    nothing = spreads([PlacedUnit(level="branch", region="", total=None)])[0]
    assert (nothing.mean, nothing.five) == ("—", ())


def test_the_ten_largest_movers_with_what_is_left_and_the_rounding_come_to_the_change_exactly() -> None:
    change = change_of(bridge(*(f"{n}.5" for n in range(-6, 6))))
    assert change is not None
    sizes = [abs(one.change) for one in change.causes]
    assert (len(sizes), sizes) == (10, sorted(sizes, reverse=True))
    assert change.before + sum(one.change for one in change.causes) + change.rest + change.rounding == change.after
    assert change.rest
    assert sentence(change, ["-6.00", "-6.50"]) == "较 2025H2 -6.00：X-00 项 -6.50"
    assert change_of(None) is None


def test_the_waterfall_tells_each_mover_with_its_points() -> None:
    whole = make_overview(1, blank=False)
    unit = whole.rows[0].unit.id
    light = composed(book_of(whole), {unit: replace(make_card(), bridge=bridge("1.25", "-0.40"))})
    drawing = BeautifulSoup(light[f"{unit}/scorecard.html"], "html.parser").select_one("svg.chart")
    assert drawing is not None
    said = [text.get_text() for text in drawing.select("text")]
    assert said == ["2025H2", "90.00", "X-00 项", "+1.25", "X-01 项", "-0.40", "本期", "90.85"]


def test_a_veto_is_told_with_its_event_day_and_evidence_and_the_score_beside_the_median() -> None:
    whole = make_overview(3, blank=False)
    row = whole.rows[0]
    event = VetoEvent(veto_id="v", description="补造登记簿", day=date(2026, 5, 1), evidence=("认定书",))
    veto = AppliedVeto(
        veto_id="v", target="t", effect="grade", grade="D", event=event, outcome="等级由“良好”降为“不合格”"
    )
    card = make_card()
    vetoed = replace(card, total=replace(card.total, vetoes=(veto,)))
    text = BeautifulSoup(
        composed(book_of(whole), {row.unit.id: vetoed})[f"{row.unit.id}/scorecard.html"], "html.parser"
    )
    assert text.find(string="一票否决：补造登记簿（2026-05-01；佐证：认定书），等级由“良好”降为“不合格”")
    middle = book_of(whole).totals[row.unit.id].median
    assert row.total is not None
    told = text.find(string="与中位数相比").find_next("dd").get_text()
    assert told == against(row.total, middle)
    assert "中位数" in told


def test_search_knows_how_names_are_read() -> None:
    assert initials("重庆分行") == "cqfh"
    assert initials("长沙ABC支行") == "csabczh"


def test_an_act_after_the_last_run_is_said_beside_the_score() -> None:
    whole = make_overview(2, blank=False)
    unit = whole.rows[0].unit.id
    pages = composed(book_of(whole, behind={unit: 2}))
    assert shown_rows(pages["overview.html"])[unit]["behind"] == "2"
    assert "未更新：此后有 2 项认定、复核等，得分尚未重新计算" in pages[f"{unit}/scorecard.html"]
    assert FIELDS[: len(WHO)] == WHO
    assert set(EXTRAS).isdisjoint(FIELDS)


def test_a_further_unit_takes_few_bytes_a_period_so_that_4000_of_four_periods_stay_under_a_megabyte_and_a_half() -> (
    None
):
    """1.5 MB / 4,000 units / 4 periods; no field travels that the page does not show, and no text is torn apart."""
    few, many = (composed(book_of(make_overview(units)))["overview.html"] for units in (100, 300))
    assert (len(many.encode()) - len(few.encode())) / 200 < 1_500_000 / 4_000 / 4 + 50  # who it is stands there once
    assert not {*UNSHOWN} & {*carried(many)["fields"]}
    whole = make_overview(1, blank=False)
    [row] = whole.rows
    torn = replace(row, unit=replace(row.unit, name="一|二\t支行"), missing=("甲|乙",))
    page = composed(book_of(replace(whole, rows=(torn,))))["overview.html"]
    assert carried(page)["units"][0].split(BETWEEN)[:2] == [row.unit.id, "一｜二\t支行"]
    assert "甲｜乙" in shown_rows(page)[row.unit.id]["why"]


def test_the_command_writes_the_pages_and_says_how_many(wb: Workbench, tmp_path: Path) -> None:
    home = tmp_path / "bank"
    shutil.copytree(wb.home, home)
    [light] = home.glob(f"reports/*/*/{ENOUGH}/scorecard.html")
    light.unlink()
    done = CliRunner(env={"XIAOBAO_HOME": str(home)}).invoke(app, ["pages", "--period", PERIOD, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["written"] == 1
    assert light.is_file()


def test_after_an_act_the_unit_and_those_above_are_written_anew_and_no_other(wb: Workbench, tmp_path: Path) -> None:
    """A review after the run that a score rests on: the score stays that of the run, and says that it is behind."""
    home = tmp_path / "bank"
    shutil.copytree(wb.home, home)
    bench = open_workbench(home)
    campaign = bench.campaign(PERIOD)
    record = bench.store.inspection(campaign.id, ENOUGH, DOMAIN)
    assert record is not None
    run = replace(bench.store.runs(campaign.id, ENOUGH)[ENOUGH, DOMAIN], notebook=paper_name(DOMAIN))
    with bench.store.writing(INSPECTOR) as tx:
        tx.record_run(replace(run, started=bench.store.now()))
    renew(bench, campaign)
    assert "未更新" not in page(bench, f"{ENOUGH}/scorecard.html")
    places = sorted(home.glob("reports/*/*/**/*.html"))
    before = {path: path.read_bytes() for path in places}
    with bench.store.writing(INSPECTOR) as tx:
        tx.set_state(record.id, "reviewed", record.revision)
    renew_written(bench)
    moved = {str(path.relative_to(path.parents[1])) for path in places if path.read_bytes() != before[path]}
    assert f"{ENOUGH}/scorecard.html" in moved
    assert {name.split("/")[0] for name in moved if name.endswith("scorecard.html")} == {ENOUGH}
    assert any(name.endswith("overview.html") for name in moved)
    assert "未更新：此后有 1 项认定、复核等" in page(bench, f"{ENOUGH}/scorecard.html")
    assert shown_rows(page(bench, "overview.html"))[ENOUGH]["behind"] == "1"
    assert renew_written(bench).written == 0


def test_pages_that_were_never_written_follow_no_command(wb: Workbench, tmp_path: Path) -> None:
    home = tmp_path / "bank"
    shutil.copytree(wb.home, home)
    shutil.rmtree(home / "reports")
    assert renew_written(open_workbench(home)).written == 0
    assert not (home / "reports").exists()


# --- who is given what --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def as_person(wb: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workbench]:
    """The same bank with people: head office's management, and the filler of one unit."""
    home = tmp_path_factory.mktemp("peopled") / "bank"
    shutil.copytree(wb.home, home)
    bench = open_workbench(home)
    register(bench, entry("guanli", Role.MANAGEMENT), entry("tianbao", Role.FILLER, ENOUGH))
    return partial(acting_as, bench)


def address(wb: Workbench, name: str) -> str:
    [path] = wb.home.glob(f"reports/*/*/{name}")
    return str(path.relative_to(wb.home / "reports"))


def test_head_office_begins_with_the_overview_of_the_bank(as_person: Callable[[str], Workbench]) -> None:
    wb = as_person("guanli")
    assert first_page(wb).endswith("/overview.html")
    assert find_page(wb, address(wb, f"{BELOW}/scorecard.html")).is_file()
    assert first_page(wb, BELOW).endswith(f"/{BELOW}/scorecard.html")


def test_a_person_of_one_unit_gets_its_page_and_no_other(as_person: Callable[[str], Workbench]) -> None:
    wb = as_person("tianbao")
    assert first_page(wb).endswith(f"{ENOUGH}/scorecard.html")
    for name in ("overview.html", f"{BELOW}/scorecard.html"):
        with pytest.raises(Refused, match="不能查看") as refused:
            find_page(wb, address(wb, name))
        assert refused.value.status == 403
    with pytest.raises(Refused, match="只能查看本机构"):
        first_page(wb, BELOW)


@pytest.mark.parametrize(
    "path",
    [
        "x",
        "../xiaobao.toml",
        "2026H1/批次1/../../xiaobao.sqlite",
        "2026H1/批次99/overview.html",
        "2026H1/批次1/.scorecards.json",
    ],
)
def test_what_is_no_page_is_not_there(wb: Workbench, path: str) -> None:
    with pytest.raises(Refused, match="没有") as refused:
        find_page(wb, path)
    assert refused.value.status == 404


def test_an_unknown_unit_is_refused_in_words(wb: Workbench) -> None:
    with pytest.raises(Refused, match="没有这个机构"):
        first_page(wb, "nobody")


def test_a_personal_link_is_confined_to_its_unit(wb: Workbench) -> None:
    assert find_page(wb, address(wb, f"{ENOUGH}/scorecard.html"), only=ENOUGH).is_file()
    with pytest.raises(Refused, match="只能查看本机构"):
        find_page(wb, address(wb, f"{BELOW}/scorecard.html"), only=ENOUGH)


def _row(whole: Overview, place: int, **changes: Any) -> Overview:
    rows = tuple(replace(row, **changes) if number == place else row for number, row in enumerate(whole.rows))
    return replace(whole, rows=rows)


_NOBODY = {"total": None, "grade": "", "rank": None, "previous": None, "domains": dict.fromkeys(DOMAIN_TITLES)}
_THREE = make_overview(3, blank=False)
_ONE_LEVEL = replace(
    _THREE, rows=tuple(replace(row, unit=replace(row.unit, level="branch", region="城东")) for row in _THREE.rows)
)
_TIED = _row(_ONE_LEVEL, 1, total=_THREE.rows[0].total, grade=_THREE.rows[0].grade, rank=1)
# Written down first: of the unit in the second row, what its line in the overview must show, what its light page must
# say and what that page must not say.
CASES: dict[str, tuple[Overview, dict[str, str], tuple[str, ...], tuple[str, ...]]] = {
    "no data": (
        _row(_THREE, 1, **_NOBODY, missing=("投诉台账",)),
        {"total": "—", "grade": "", "rank": "", "complaints": "—"},
        ("不排名", "没有得分，不与上期比较", "缺：投诉台账", "没有得分、等级和名次，也不能说明没有问题"),
        ("第 1 名", "优秀", "中位数"),
    ),
    "nothing applies": (
        _row(_THREE, 1, **_NOBODY, handed_in=5, coverage=None),
        {"total": "—", "grade": "", "rank": ""},
        ("全部不适用", "不排名"),
        ("未检查", "第 1 名"),
    ),
    "vetoed": (
        _row(_THREE, 1, vetoed=True, grade="D"),
        {"total": "93.63", "grade": "D"},
        ("93.63", "触发一票否决", "不合格"),
        ("优秀",),
    ),
    "tied": (_TIED, {"total": "96.50", "rank": "1"}, ("第 1 名（分行共 3 家）", "与中位数相同"), ("第 2 名",)),
    "a region of one": (
        _row(_THREE, 1, rank=1),
        {"total": "93.63", "region": "城西"},
        ("第 1 名（支行共 1 家）", "与中位数相同"),
        ("低于",),
    ),
    "under the coverage": (
        _row(_THREE, 1, **_NOBODY, handed_in=5, coverage=D("45.20")),
        {"total": "覆盖 45.2 %", "grade": "", "rank": "", "coverage": "45.20 %"},
        ("覆盖 45.2 %", "不排名", "也不能说明没有问题"),
        ("第 1 名", "优秀"),
    ),
    "a period without results": (
        replace(
            _THREE, rows=tuple(replace(row, **_NOBODY, missing=tuple(DOMAIN_TITLES.values())) for row in _THREE.rows)
        ),
        {"total": "—", "rank": "", "why": "未检查；缺 信息披露、适当性管理、信息安全等 5 项"},
        ("未检查", "不排名", "没有得分、等级和名次，也不能说明没有问题"),
        ("第 1 名", "优秀", "93.63", "96.50"),
    ),
    "of a campaign that bears its period's name": (
        replace(_THREE, campaign="2026H1自查"),
        {"total": "93.63"},
        (" · 2026H1自查 消保自查得分", "campaign=2026H1%E8%87%AA%E6%9F%A5"),
        ("2026H1 2026H1",),
    ),
    "of two campaigns": (
        replace(_THREE, campaign="专项"),
        {"total": "93.63"},
        ("2026H1 专项 消保自查得分", "campaign=%E4%B8%93%E9%A1%B9"),
        (),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_both_overviews_and_the_light_page_say_in_each_case_what_they_must(case: str) -> None:
    whole, line, wanted, unwanted = CASES[case]
    unit = whole.rows[1].unit.id
    pages = composed(book_of(whole))
    shown = shown_rows(pages["overview.html"])[unit] | {"region": whole.rows[1].unit.region}
    assert {name: shown[name] for name in line} == line
    assert differences(pages["overview.html"], replace(whole, groups=())) == []  # of the board of the Voila page
    light = pages[f"{unit}/scorecard.html"]
    body = light[light.index("</style>") : light.rindex("<script>")]
    assert [one for one in wanted if one not in body] == []
    assert [one for one in unwanted if one in body] == []


def test_of_four_thousand_units_the_page_tells_the_numbers_written_down() -> None:
    """Totals run 96.50, 93.63 … 50.58 over and over; the last unit has none, so that 3,999 are counted.

    Of 17 steps of 2.87 the first four come 236 times, the others 235 times: 3,999 × 96.50 less 31,966 × 2.87 is
    294,161.08, by 3,999 is 73.56. From below, places 999.5, 1,999 and 2,998.5 lie at the 12th, 8th and 4th step.
    """
    pages = composed(book_of(make_overview(4000)))
    page = pages["overview.html"]
    every = next(group for group in carried(page)["periods"][0]["groups"] if group[0] == "all")
    assert every == ["all", 4000, 3999, "73.56", "50.58", "62.06", "73.54", "85.02", "96.50"]
    rows = shown_rows(page)
    assert (len(rows), rows["0000"]["total"], rows["0001"]["total"], rows["3999"]["total"]) == (
        4000,
        "96.50",
        "93.63",
        "—",
    )
    assert "第 1 名（分行共 1333 家）" in pages["0000/scorecard.html"]
    assert "不排名" in pages["3999/scorecard.html"]
    assert len(page.encode()) < 3_000_000

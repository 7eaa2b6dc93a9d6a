"""What a reader meets on the pages: the words and numbers of each case, where else he may go, what weights would do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from tests.factories import coverage
from tests.factories.answering import record_card, record_paper
from tests.factories.coverage import ENOUGH, mixed_bank
from tests.factories.pages import make_card, make_overview, make_score
from tests.factories.scoring import item, judged, scheme, section, sheet, told
from xiaobao.errors import InputError
from xiaobao.features.appraisal.panel import DomainFacts, UnitFacts
from xiaobao.features.appraisal.trying_weights import WeightTrial, tipped
from xiaobao.features.complaints.reading import open_ledger
from xiaobao.features.head_office.page import HeadOffice, open_head_office
from xiaobao.features.head_office.view import bank_first, bank_sensitivity, tried
from xiaobao.features.scorecards.writing import renew
from xiaobao.features.today.due import Today
from xiaobao.labels import named_period
from xiaobao.model import AppliedVeto, Conclusion, Score, Stage, Unit, VetoEvent
from xiaobao.pages import views
from xiaobao.pages.overview import board_data
from xiaobao.pages.sliders import Sliders
from xiaobao.pages.views.first import clearly_below
from xiaobao.pages.views.pieces import Picker
from xiaobao.policies import NO_LIMIT
from xiaobao.scorecard import OverviewRow, Scorecard
from xiaobao.scorecard import overview as compose_overview
from xiaobao.scorecard.around import Around, Choice, Earlier
from xiaobao.scorecard.next_steps import next_steps
from xiaobao.scoring import score
from xiaobao.workbench.campaigns import CampaignScope, create_campaign
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.from_workspace import open_overview, open_scorecard
from xiaobao.workbench.results.reading import overview, worst_first
from xiaobao.workbench.surroundings import newest_with_results
from xiaobao.workbench.workspace import Workbench, open_workbench

D = Decimal
PERIOD, UNIT = "2026H1", ENOUGH


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return mixed_bank(tmp_path_factory.mktemp("reader") / "bank")


def _score(**changes: object) -> Score:
    return replace(make_score("79.50"), **changes)


def _nothing(**changes: object) -> Score:
    return replace(make_score(None), **changes)


def _without(total: Score) -> Scorecard:
    bare = {"grade_label": "", "rank": None, "peers": 0, "peer_median": None, "comparable": False, "bridge": None}
    return make_card(total=total, **bare)


_VETO = AppliedVeto(
    veto_id="v1",
    target="",
    effect="grade",
    grade="D",
    event=VetoEvent(veto_id="v1", day=date(2026, 3, 2), description="发生重大群体性事件"),
    unvetoed=D("79.50"),
    outcome="等级降为不合格",
)
# Written down first: what the first screen must say in each case, and what it must not.
CARDS: Mapping[str, tuple[Scorecard, tuple[str, ...], tuple[str, ...]]] = {
    "no data": (
        _without(_nothing()),
        ("不计分、不排名", "不排名", "本期没有得分，不与上期比较"),
        ("优秀", "合格", "第 ", "中位数 "),
    ),
    "under the coverage": (
        _without(_nothing(coverage=D("45.20"), so_far=D("99.10"), least=D(60))),
        ("覆盖 45.2 %", "不足 60 %，没有得分，不排名，也不能说明没有问题"),
        ("99.10", "优秀", "第 "),
    ),
    "nothing applies": (
        _without(_nothing(coverage=None)),
        ("没有可评分的检查项（全部不适用、未检查、待核实或无数据），不计分、不排名", "评分覆盖：—"),
        ("覆盖 ", "优秀", "第 "),
    ),
    "vetoed": (
        make_card(total=_score(vetoes=(_VETO,), grade="D"), grade_label="不合格"),
        ("79.50", "不合格", "一票否决：发生重大群体性事件（2026-03-02），等级降为不合格。"),
        (),
    ),
    "tied with the median": (
        make_card(peer_median=D("79.50"), rank=2),
        ("第 2 名（共 6 家）", "中位数 79.50，本机构与中位数相同"),
        ("低于", "高于"),
    ),
    "alone at its level": (
        make_card(peer_median=D("79.50"), rank=1, peers=1),
        ("第 1 名（共 1 家）", "支行 1 家的中位数 79.50"),
        ("低于",),
    ),
    "no period before": (make_card(previous=None, previous_rank=None), ("没有上期得分，无从比较",), ("上期 81",)),
}


@pytest.mark.parametrize("case", CARDS)
def test_the_first_screen_of_a_card_says_in_each_case_what_it_must(case: str) -> None:
    card, wanted, unwanted = CARDS[case]
    text = repr(views.first_screen(card))
    assert [one for one in wanted if one not in text] == []
    assert [one for one in unwanted if one in text] == []


def _bank(*rows: OverviewRow, campaign: str = "") -> HeadOffice:
    whole = compose_overview("示例农商银行", "2026H1", scheme(), rows)
    today = Today(day=date(2026, 7, 6), items=())
    return HeadOffice(overview=replace(whole, campaign=campaign), today=today, appraisal="本期考核还没有公示。")


_THREE = make_overview(3, blank=False).rows
_NONE = {"total": None, "grade": "", "rank": None, "previous": None, "domains": {}}
# The same for head office: totals are 96.50, 93.63 and 90.76.
BANKS: Mapping[str, tuple[HeadOffice, tuple[str, ...], tuple[str, ...]]] = {
    "no data": (
        _bank(*_THREE[:2], replace(_THREE[2], **_NONE, missing=("投诉台账",))),
        (
            "有得分 / 机构（家）：2 / 3",
            "未检查（家）：1",
            "覆盖不足（家）：0",
            "有得分 2 家的平均分（不评等级）：95.07",
        ),
        ("全部不适用", "90.76"),
    ),
    "nothing applies": (
        _bank(*_THREE[:2], replace(_THREE[2], **_NONE, handed_in=5)),
        ("有得分 / 机构（家）：2 / 3", "未检查（家）：0", "覆盖不足（家）：0", "全部不适用（家）：1"),
        ("90.76",),
    ),
    "under the coverage": (
        _bank(*_THREE[:2], replace(_THREE[2], **_NONE, handed_in=5, coverage=D("45.20"))),
        ("有得分 / 机构（家）：2 / 3", "未检查（家）：0", "覆盖不足（家）：1", "中位数：95.07"),
        ("全部不适用", "90.76"),
    ),
    "vetoed": (
        _bank(*_THREE[:2], replace(_THREE[2], vetoed=True, grade="D")),
        ("有得分 / 机构（家）：3 / 3", "有得分 3 家的平均分（不评等级）：93.63", "- 第2分理处　90.76　不合格"),
        (),
    ),
    "tied": (
        _bank(*_THREE[:2], replace(_THREE[2], total=D("93.63"))),
        ("中位数：93.63", "- 第1支行　93.63", "- 第2分理处　93.63"),
        ("第 1 名", "第 2 名"),
    ),
    "a unit alone": (
        _bank(_THREE[0]),
        ("有得分 / 机构（家）：1 / 1", "有得分 1 家的平均分（不评等级）：96.50", "中位数：96.50"),
        (),
    ),
    "no unit at all": (
        _bank(),
        ("有得分 / 机构（家）：0 / 0", "没有运行失败的底稿。", "没有逾期事项。"),
        ("平均分", "中位数", "得分最低（"),
    ),
    "of two campaigns": (_bank(*_THREE, campaign="专项"), ("示例农商银行 · 2026H1 专项 总行汇总",), ()),
    "four thousand units": (
        _bank(*make_overview(4000).rows),
        (
            "有得分 / 机构（家）：3,999 / 4,000",
            "未检查（家）：1",
            "有得分 3,999 家的平均分（不评等级）：73.56",
            "中位数：73.54",
        ),
        (),
    ),
}


@pytest.mark.parametrize("case", BANKS)
def test_head_office_reads_in_each_case_the_numbers_written_down(case: str) -> None:
    bank, wanted, unwanted = BANKS[case]
    text = repr(bank_first(bank))
    assert [one for one in wanted if one not in text] == []
    assert [one for one in unwanted if one in text] == []


def test_the_overview_says_the_same_on_paper_ties_share_a_rank_and_none_has_a_dash() -> None:
    whole = make_overview(6)
    first, second = whole.rows[0], whole.rows[3]
    tied = replace(second, total=first.total, rank=first.rank)
    bare = replace(whole.rows[-1], coverage=D("45.20"), handed_in=3)
    rows = (first, tied, bare, replace(whole.rows[1], vetoed=True, grade="D"))
    text = repr(views.overview_on_paper(replace(whole, rows=rows, campaign="专项")))
    lines = {row.unit.id: next(line for line in text.splitlines() if f"（{row.unit.id}）" in line) for row in rows}
    assert lines[first.unit.id].split()[0] == lines[tied.unit.id].split()[0] == "1"
    assert lines[bare.unit.id].split()[0] == "—" and "覆盖 45.2 %" in lines[bare.unit.id]
    assert "不合格" in lines[whole.rows[1].unit.id]
    assert "2026H1 专项" in text
    assert all(title in text for title in whole.domain_titles.values())
    empty = repr(views.overview_on_paper(replace(whole, rows=(), groups=())))
    assert "本期还没有机构的考评结果" in empty


@pytest.mark.parametrize(
    ("value", "red"), [("84.21", False), ("83.25", False), ("83.24", True), ("84.24", False), ("90.00", False)]
)
def test_red_begins_a_whole_point_under_the_median(value: str, red: bool) -> None:
    assert clearly_below(D(value), D("84.24")) is red
    [one] = [entry for entry in make_card().domains if entry.domain == "complaints"]
    card = make_card(domains=(replace(one, after=make_score(value), peer_median=D("84.24")),))
    html = BeautifulSoup(views.domains(card)._repr_html_(), "html.parser")
    assert bool(html.select("td.bad, b.bad")) is red


def test_what_is_to_be_done_comes_in_the_order_of_the_work_each_with_its_page() -> None:
    around = Around(
        period=PERIOD,
        periods=(Choice(value=PERIOD, title=PERIOD),),
        measures=4,
        late=1,
        first_due=date(2026, 8, 1),
        sheets=("投诉处理", "信息披露"),
        earlier=(Earlier(address="2025H2", measures=3, late=3),),
    )
    steps = next_steps(make_card(), around)
    assert [(one.kind, one.count, one.late, one.page) for one in steps] == [
        ("sheet", 2, 0, "fill"),
        ("lead", 10, 0, "leads"),
        ("measure", 4, 1, "corrective_actions"),
        ("measure", 3, 3, "corrective_actions"),
    ]
    shown = views.first_screen(make_card(around=around))
    found = BeautifulSoup(shown._repr_html_(), "html.parser")
    assert "2025H2 的整改 3 项未完成，其中逾期 3 项" in found.text
    assert [link["href"] for link in found.select("a[href*='period=2025H2']")] == [
        f"corrective_actions.ipynb?period=2025H2&unit={make_card().unit.id}"
    ]
    assert {"fill.ipynb", "leads.ipynb", "corrective_actions.ipynb"} <= {
        link["href"].partition("?")[0]
        for link in found.select("ul.links a")  # type: ignore[union-attr]
    }
    assert [one.kind for one in next_steps(make_card(), None)] == ["lead"]


def test_a_page_asked_for_nothing_shows_the_newest_period_with_results_and_offers_the_others(wb: Workbench) -> None:
    home = str(wb.home)
    card = open_scorecard(unit=UNIT, period="", workspace=home)
    assert card.around is not None
    create_campaign(wb, "专项", "2026H2")
    assert newest_with_results(wb) == card.around.period == PERIOD
    whole = open_overview(period="", workspace=home)
    assert whole.around is not None and whole.period == PERIOD
    assert next(one.title for one in whole.around.periods) == "2026H2（尚无结果）"
    picked = BeautifulSoup(views.first_screen(card)._repr_html_(), "html.parser").select("form option[selected]")
    assert [one["value"] for one in picked] == [PERIOD, UNIT]
    assert card.result()["card"].get("around") is None


def test_a_card_of_a_campaign_without_results_says_so_and_offers_period_campaign_unit_and_what_is_to_be_done(
    wb: Workbench, tmp_path: Path
) -> None:
    shutil.copytree(wb.home, tmp_path / "bank")
    bench = open_workbench(tmp_path / "bank")
    create_campaign(bench, "专项", "2027H2")
    for asked, shown in ((UNIT, UNIT), ("", coverage.BELOW)):
        card = open_scorecard(unit=asked, period="2027H2", workspace=str(bench.home))
        first = BeautifulSoup(views.first_screen(card)._repr_html_(), "html.parser")
        assert [one["value"] for one in first.select("form option[selected]")] == ["2027H2", shown]
        assert f"{PERIOD}" in [one["value"] for one in first.select("select[name=period] option")]
        assert len(first.select("select[name=unit] option")) == len(coverage.NAMES)
        text = first.get_text()
        assert "本批次还没有本机构的结果：检查表上报并运行之后才有得分。" in text
        assert "检查表 1 张未提交：" in text
        assert "第 " not in text and coverage.SCORE not in text.split("下一步")[0].split("变了什么")[0]
    for draw in (views.dearest, views.domains, views.card_losses, views.card_findings, views.card_leads):
        assert "没有" in repr(draw(card))
    for draw in (views.bridge, views.trend, views.explanation, views.card_heading):
        assert repr(draw(card))
    with pytest.raises(InputError, match="没有这个被检查机构"):
        open_scorecard(unit="nobody", period="2027H2", workspace=str(bench.home))


def test_a_unit_that_the_campaign_does_not_inspect_is_told_so_and_led_to_the_newest_that_does(
    wb: Workbench, tmp_path: Path
) -> None:
    """Of the period with two campaigns the narrow one inspects one outlet; nobody inspects the branch above."""
    shutil.copytree(wb.home, tmp_path / "bank")
    bench = open_workbench(tmp_path / "bank")
    create_campaign(bench, "专项", PERIOD, scope=CampaignScope(units=(coverage.BELOW,)))
    first = bench.campaign(PERIOD, next(one.name for one in bench.store.campaigns(PERIOD) if one.name != "专项"))
    card = open_scorecard(unit=UNIT, period=f"{PERIOD}/专项", workspace=str(bench.home))
    page = BeautifulSoup(views.first_screen(card)._repr_html_(), "html.parser")
    assert f"{PERIOD} 专项 不检查{coverage.NAMES[UNIT]}" in page.get_text()
    assert f"（{UNIT}） · {PERIOD} 专项 考评得分表" in page.get_text()  # of two campaigns the title says which
    assert [one["value"] for one in page.select("form option[selected]")] == [f"{PERIOD}/专项", UNIT]
    assert [one["value"] for one in page.select("select[name=unit] option")] == [UNIT, coverage.BELOW]
    assert "总分" not in page.get_text() and "未提交" not in page.get_text()
    [lead] = page.select("ul.links a")
    assert lead.text == f"打开最近检查它的一批：{named_period(f'{PERIOD}/{first.name}')}"
    asked = parse_qs(str(lead["href"]).partition("?")[2])
    there = open_scorecard(
        unit=asked["unit"][0], period=f"{asked['period'][0]}/{asked['campaign'][0]}", workspace=str(bench.home)
    )
    assert f"{there.total.value}" == coverage.SCORE
    for draw in (views.dearest, views.domains, views.card_losses, views.bridge, views.explanation, views.card_heading):
        assert repr(draw(card))
    above = open_scorecard(unit="01", period=PERIOD, workspace=str(bench.home))
    text = repr(views.first_screen(above))
    assert f"{named_period(f'{PERIOD}/{first.name}')} 不检查{above.unit.name}" in text
    assert "也没有别的批次检查它；检查哪些机构见总览" in text


@pytest.mark.parametrize(("units", "offered"), [(4000, True), (5001, False)])
def test_the_units_of_a_provincial_union_are_picked_by_name_and_those_of_the_largest_bank_by_number(
    units: int, offered: bool
) -> None:
    choices = tuple(Choice(value=f"{n:05}", title=f"第{n}网点") for n in range(units))
    around = Around(period=PERIOD, periods=(), units=choices, initials={one.title: "dwd" for one in choices})
    html = str(Picker(page="6_scorecard", around=around, unit=Unit(id="00007", name="第7网点", level="outlet")).html())
    assert html.count("第") == (units if offered else 0)
    assert ('data-find="dwd"' in html, "机构号" in html) == (offered, not offered)
    assert len(html) < 600_000


def test_units_are_found_by_initials_that_the_static_pages_left_and_nobody_else_reads_chinese(
    wb: Workbench, tmp_path: Path
) -> None:
    """What reads Chinese takes a second and 67 MB to load: the writer of static pages has it, a page's kernel not."""
    shutil.copytree(wb.home, tmp_path / "bank")
    bench = open_workbench(tmp_path / "bank")
    asked = {"period": PERIOD, "workspace": str(bench.home)}
    assert "initials" not in board_data(open_overview(**asked))
    renew(bench, bench.campaign(newest_with_results(bench, PERIOD)))
    whole = open_overview(**asked)
    told = board_data(whole)
    known = dict(zip([row[1] for row in told["rows"]], told["initials"], strict=True))
    assert (known["城关支行"], known["河西支行"]) == ("cgzh", "hxzh")
    options = BeautifulSoup(views.first_screen(open_scorecard(unit=UNIT, **asked))._repr_html_(), "html.parser").select(
        "select[name=unit] option"
    )
    assert {str(one["value"]): one["data-find"] for one in options}[UNIT] == "hxzh"
    code = f"import sys, xiaobao as xb; xb.open_scorecard(unit='{UNIT}', period='', workspace=r'{bench.home}')"
    loaded = subprocess.run([sys.executable, "-c", f"{code}; print('pypinyin' in sys.modules)"], capture_output=True)
    assert loaded.stdout.decode().strip() == "False", loaded.stderr.decode()


def test_head_office_without_results_of_a_period_says_that_there_are_none_and_not_that_data_changed(
    wb: Workbench, tmp_path: Path
) -> None:
    """Nothing was imported or run for it: no ledger to count, and every other part is drawn all the same."""
    shutil.copytree(wb.home, tmp_path / "bank")
    bench = open_workbench(tmp_path / "bank")
    create_campaign(bench, "自查", "2027H1")
    home = str(bench.home)
    bank = open_head_office(period="2027H1", workspace=home, as_of="")
    assert f"有得分 / 机构（家）：0 / {len(coverage.NAMES)}" in repr(bank_first(bank))
    assert "2027H1 还没有可试算的结果" in repr(bank_sensitivity(bank))
    assert open_ledger(period="2027H1", workspace=home) is None
    with pytest.raises(InputError, match="2027H1 还没有运行过：请先运行 xiaobao run --period 2027H1"):
        partitions(open_workbench(bench.home, read_only=True), "2027H1")


def test_an_address_of_a_period_that_got_a_second_campaign_opens_the_one_with_results(
    wb: Workbench, tmp_path: Path
) -> None:
    """A link to the period alone was good when it was kept; the one without results is opened by its name."""
    shutil.copytree(wb.home, tmp_path / "bank")
    bench = open_workbench(tmp_path / "bank")
    first = bench.campaign(PERIOD)
    create_campaign(bench, "专项", PERIOD)
    home, named = str(bench.home), f"{PERIOD}/{first.name}"
    for asked in (PERIOD, "", named):
        whole = open_overview(period=asked, workspace=home)
        card = open_scorecard(unit=UNIT, period=asked, workspace=home)
        assert [one.around.period for one in (whole, card) if one.around] == [named, named]
    whole = open_overview(period=f"{PERIOD}/专项", workspace=home)
    assert {(row.total, row.rank) for row in whole.rows} == {(None, None)}
    assert whole.around is not None
    assert [one.title for one in whole.around.periods if PERIOD in one.title] == [
        f"{PERIOD} 专项（尚无结果）",
        f"{PERIOD} {first.name}",
    ]
    with pytest.raises(InputError, match="没有这个检查批次"):
        open_overview(period="2031H1", workspace=home)


def test_a_period_with_two_campaigns_names_both_in_the_picker_and_in_every_link() -> None:
    around = Around(
        period="2026H1/专项",
        periods=(Choice(value="2026H1/专项", title="2026H1 专项"), Choice(value="2026H1/自查", title="2026H1 自查")),
        units=(Choice(value="0007", title="城东支行"),),
        above=Choice(value="01", title="临川分行"),
        before="2025H2",
    )
    html = BeautifulSoup(views.first_screen(make_card(around=around))._repr_html_(), "html.parser")
    assert [one["value"] for one in html.select("select[name=period] option")] == ["2026H1/专项", "2026H1/自查"]
    links = {link.text: str(link["href"]) for link in html.select("ul.ways a")}
    assert links["上级：临川分行"] == "6_scorecard.ipynb?period=2026H1&campaign=%E4%B8%93%E9%A1%B9&unit=01"
    assert links["上期：2025H2"] == "6_scorecard.ipynb?period=2025H2&unit=0007"


def _trial() -> WeightTrial:
    """Weights 60 and 40; grades at 90, 80, 70. X has 100 and 75, just 90.00; Y has 95 and 95; Z is left out."""
    both = {
        name: sheet(section("S", item(f"{name[0]}1", "100", judged("100"))), id=name, domain=name)
        for name in ("complaints", "disclosure")
    }
    of = scheme()

    def unit(**lost: str) -> UnitFacts:
        facts = {
            name: (told(f"{name[0]}1", Conclusion.PARTIALLY_COMPLIANT, deduction=D(lost[name]), source="data"),)
            for name in both
        }
        scored = {name: score(both[name], facts[name], of, Stage.AFTER) for name in both}
        return UnitFacts(domains={name: DomainFacts(score=scored[name], facts=facts[name]) for name in both})

    units = {"X": unit(complaints="0", disclosure="25"), "Y": unit(complaints="5", disclosure="5")}
    return WeightTrial(scheme=of, sheets=both, units=units, levels={}, least=NO_LIMIT, left=("Z",))


def test_a_grade_that_hangs_by_a_point_of_a_weight_is_named() -> None:
    """59 : 40 gives (5900 + 3000) / 99 = 89.90, 60 : 41 gives 9075 / 101 = 89.85; the other two ways lift X."""
    assert [
        (one.domain, one.by, one.unit, one.after, one.before_grade, one.after_grade) for one in tipped(_trial())
    ] == [("complaints", D(-1), "X", D("89.90"), "A", "B"), ("disclosure", D(1), "X", D("89.85"), "A", "B")]


def test_sliders_list_every_score_that_changes_and_refuse_what_is_no_weight() -> None:
    """30 : 40 gives X (3000 + 3000) / 70 = 85.71; Y has 95 whatever the weights; Z is named and not ranked."""
    trial, whole = _trial(), make_overview()
    names = {"X": "甲支行", "Y": "乙支行"}
    made = Sliders(trial.scheme.weights, whole.domain_titles, lambda w: tried(trial.with_weights(w), whole, names))
    text = repr(made.answered({"complaints": "30", "disclosure": "40"}))
    assert "1 家机构得分有变，其中 1 家名次或等级有变；1 家不变" in text
    assert re.search(r"甲支行（X）\s+90.00 → 85.71\s+-4.29\s+2\s+优秀 → 良好", text)
    assert "乙支行（Y）" not in text and "未参加试算：Z" in text
    for wrong in ("abc", "-1", "NaN"):
        assert "权重应为不小于 0 的数" in repr(made.answered({"complaints": wrong}))


def test_head_office_reads_coverage_failures_and_overdue_matters_first(wb: Workbench) -> None:
    """Of four units one has a score; one is under the coverage, two were not inspected."""
    bank = open_head_office(period=PERIOD, workspace=str(wb.home), as_of="")
    text = repr(bank_first(bank))
    for words in (
        "有得分 / 机构（家）：1 / 4",
        "未检查（家）：2",
        "覆盖不足（家）：1",
        "有得分 1 家的平均分（不评等级）",
    ):
        assert words in text
    assert "逾期和到期（全部期间）" in text and "本期考核还没有公示" in text
    assert "任一权重增减 1 分，没有机构的等级会变。" in repr(bank_sensitivity(bank))


def test_the_gravest_findings_are_those_of_all_results_with_and_without_a_card(tmp_path: Path) -> None:
    """One unit lost 76 points and has a card, one lost 60 and has only its paper so far."""
    wb = coverage.bank(tmp_path / "bank")
    for unit, lost in ((coverage.BELOW, "76"), (coverage.ENOUGH, "60")):
        coverage.say(wb, unit, {"c-most": lost, "c-little": "0"})
        sheet = wb.store.inspection(wb.campaign(coverage.PERIOD).id, unit, coverage.DOMAIN)
        assert sheet is not None
        with wb.store.writing(wb.actor) as tx:
            tx.set_state(sheet.id, "reviewed", sheet.revision)
        record_paper(wb, unit, coverage.PERIOD)
    record_card(wb, coverage.BELOW, coverage.PERIOD)
    every = [one for found in wb.store.findings(wb.campaign(coverage.PERIOD).id).values() for one in found]
    worst = overview(wb, coverage.PERIOD).worst
    assert [(one.unit, one.points_lost) for one in worst] == [(coverage.BELOW, 76), (coverage.ENOUGH, 60)]
    assert list(worst) == sorted(every, key=worst_first)


def test_a_unit_to_which_nothing_applies_is_neither_uninspected_nor_short_of_coverage() -> None:
    """Handed in and all 不适用, beside one that nobody touched: each is called what it is, and counted as that."""
    whole = make_overview(4, blank=False)
    bare = {"total": None, "grade": "", "rank": None, "domains": {}, "coverage": None}
    none = replace(whole.rows[1], **bare, handed_in=5)
    untouched = replace(whole.rows[2], **bare, handed_in=0)
    found = compose_overview("示例农商银行", "2026H1", scheme(), (whole.rows[0], none, untouched))
    assert [row.standing for row in found.unscored] == ["未检查", "全部不适用"]
    assert "2 家机构没有得分（未检查 1 家，评分覆盖不足 0 家，全部不适用 1 家）" in "\n".join(found.notes)
    text = repr(views.overview_on_paper(found))
    line = next(line for line in text.splitlines() if f"（{none.unit.id}）" in line)
    assert "全部不适用" in line and "未检查" not in line

"""Views show ready figures in HTML and in text alike, escape what people typed, and say why something is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from tests.factories.pages import DOMAINS, make_card, make_finding, make_overview, make_paper, make_row, make_score
from xiaobao.checklist.models import Sample
from xiaobao.checklist.wording import sample_text
from xiaobao.forms.showing import item_state
from xiaobao.model import CheckResult, CheckStatus, Disposition, FactState, Lead, LeadDecision, Response, Stage
from xiaobao.pages import views
from xiaobao.pages.views import View
from xiaobao.pages.views.ranking import remark
from xiaobao.pages.views.view_model import TableBlock, cells, columns, view
from xiaobao.scorecard import Overview
from xiaobao.scoring import RolledUp
from xiaobao.scoring.bridge import BridgeStep, ScoreBridge
from xiaobao.workbench.inspections.filling import FormItem

HOSTILE = "<script>alert('x')</script>&<img src=x onerror=1>"
PAPER_VIEWS = (
    views.heading,
    views.coverage,
    views.responses,
    views.check_results,
    views.leads,
    views.scores,
    views.losses,
    views.findings,
)
CARD_VIEWS = (
    views.first_screen,
    views.dearest,
    views.card_heading,
    views.domains,
    views.card_losses,
    views.card_findings,
    views.card_leads,
    views.trend,
    views.bridge,
    views.explanation,
)


def words(shown: View) -> str:
    """Return the words of the HTML form, its style left out."""
    soup = BeautifulSoup(shown._repr_html_(), "html.parser")
    for style in soup("style"):
        style.decompose()
    return soup.get_text(" ")


def all_views() -> list[View]:
    paper, card = make_paper(), make_card()
    return [
        *(draw(paper) for draw in PAPER_VIEWS),
        *(draw(card) for draw in CARD_VIEWS),
        views.ranking_table(make_overview()),
    ]


@pytest.mark.parametrize("shown", all_views())
def test_html_and_text_show_the_same_figures(shown: View) -> None:
    def figures(text: str) -> list[str]:
        return re.findall(r"\d[\d,.]*%?", text)

    assert sorted(figures(words(shown))) == sorted(figures(repr(shown)))


def test_the_same_input_gives_the_same_output_to_the_letter() -> None:
    for first, again in zip(all_views(), all_views(), strict=True):
        assert first._repr_html_() == again._repr_html_()
        assert repr(first) == repr(again)
        assert "0x" not in repr(first)


@pytest.mark.parametrize("shown", all_views())
def test_a_view_is_chinese_needs_no_script_and_asks_nobody(shown: View) -> None:
    html = shown._repr_html_()
    assert 'lang="zh-CN"' in html
    assert not re.search(r"<script|<link|https?://|@import|url\(", html)


def test_what_people_typed_is_never_markup() -> None:
    finding = make_finding(HOSTILE)
    card = make_card(findings=(finding,))
    overview = make_overview(3)
    row = make_row(0, unit=replace(overview.rows[0].unit, name=HOSTILE))
    shown = [views.card_findings(card), views.ranking_table(replace(overview, rows=(row,)))]
    shown.append(views.card_heading(make_card(unit_name=HOSTILE)))
    for one in shown:
        assert not BeautifulSoup(one._repr_html_(), "html.parser").find_all(["script", "img"])
        assert HOSTILE in words(one)


def test_a_missing_extract_is_no_data_and_never_zero() -> None:
    text = repr(views.coverage(make_paper()))
    line = next(line for line in text.splitlines() if line.startswith("转办清单"))
    assert "无数据" in line
    assert " 0 " not in line
    assert "不计分也不算通过" in text


def test_what_was_not_judged_stands_in_the_coverage_with_its_check_and_its_rows() -> None:
    """A page that looks clean because nobody looked would be the worst of all."""
    paper = make_paper()
    first = replace(paper.coverage[0], unjudged=(("超过时限", 7),))
    text = repr(views.coverage(replace(paper, coverage=(first, *paper.coverage[1:]))))
    line = next(line for line in text.splitlines() if line.startswith("投诉台账"))
    assert "超过时限 7 行" in line
    results = (replace(paper.check_results[0], unjudged=7), *paper.check_results[1:])
    listed = repr(views.check_results(replace(paper, check_results=results)))
    assert "未判笔数" in listed
    assert any(" 7 " in f"{line} " for line in listed.splitlines() if "疑点待核实" in line)


def test_a_check_is_clear_or_has_leads_and_never_passes_or_violates() -> None:
    text = repr(views.check_results(make_paper()))
    assert "疑点待核实" in text
    assert "未见异常" in text
    assert "无数据" in text
    assert not re.search("合格|违规|通过", text)


def test_a_check_that_did_not_run_shows_dashes_for_its_counts() -> None:
    line = next(line for line in repr(views.check_results(make_paper())).splitlines() if " 无数据 " in line)
    assert line.split()[2:5] == ["—", "—", "—"]


def test_a_lead_shows_its_record_the_units_answer_and_the_decision() -> None:
    text = repr(views.leads(make_paper()))
    for part in (
        "TS001",
        "超过时限 3 天",
        "部分属实；系统延迟；（李四）",
        "属实；证据充分；（王五）",
        "待认定",
        "未答复",
    ):
        assert part in text


def test_leads_beyond_the_first_two_hundred_are_counted_not_printed() -> None:
    paper = make_paper()
    many = tuple(
        Lead(
            id=f"L{place:04d}",
            check_id="complaints.overdue",
            item_id="C-03",
            unit="0007",
            period="2026H1",
            summary="超过时限",
            record={"投诉编号": f"T{place}"},
        )
        for place in range(250)
    )
    result = CheckResult(check_id="complaints.overdue", status=CheckStatus.LEADS, population=300, hits=250, leads=many)
    text = repr(views.leads(replace(paper, check_results=(result,))))
    assert "共 250 条，此处列出前 200 条" in text
    assert "L0199" in text
    assert "L0200" not in text


def test_scores_stand_side_by_side_before_and_after_decisions() -> None:
    text = repr(views.scores(make_paper()))
    assert "按认定结果（百分制）：94.00" in text
    assert "按疑点测算（百分制）：88.00" in text
    section = next(line for line in text.splitlines() if line.startswith("办理时限"))
    assert section.split()[1:4] == ["20", "8", "14"]


def test_what_needs_the_peers_says_so_in_a_domain_paper() -> None:
    assert "待汇总" in repr(views.scores(make_paper()))


def test_losses_tell_what_was_possible_what_was_lost_by_which_rule_and_why() -> None:
    line = next(line for line in repr(views.losses(make_paper())).splitlines() if line.startswith("C-03"))
    for part in ("10", "6", "3 笔 × 每笔扣 2 分"):
        assert part in line


def test_items_that_were_not_scored_are_listed_with_their_state() -> None:
    text = repr(views.losses(make_paper()))
    line = next(line for line in text.splitlines() if line.startswith("C-04"))
    assert "待核实，不计入可得分值" in line
    assert "1 条疑点待认定" in line


def test_a_loss_cut_off_at_the_floor_shows_what_should_have_been_deducted() -> None:
    paper = make_paper()
    line = next(line for line in paper.after.trace if line.node_id == "C-03")
    cut = replace(line, should_deduct=Decimal(16), deducted=Decimal(10), earned=Decimal(0))
    trace = tuple(cut if one is line else one for one in paper.after.trace)
    text = repr(views.losses(replace(paper, after=replace(paper.after, trace=trace))))
    assert "应扣 16 分，扣完为止" in text


def test_a_paper_without_responses_shows_them_as_not_inspected() -> None:
    text = repr(views.responses(replace(make_paper(), responses={})))
    assert "未检查" in text
    assert "符合" not in text.replace("不符合", "")


def test_an_item_answered_by_people_says_how_it_is_sampled() -> None:
    paper = make_paper()
    first = next(item for item in paper.checklist.items() if item.answered_by == "person")
    sample = Sample(population="检查期内登记的投诉", size=20, draw="random", note="不足 20 件的全查")
    section = paper.checklist.sections[0]
    items = tuple(replace(item, sample=sample) if item is first else item for item in section.items)
    sheet = replace(paper.checklist, sections=(replace(section, items=items),))
    assert "随机抽取 20 个（总体：检查期内登记的投诉）" in repr(views.responses(replace(paper, checklist=sheet)))
    assert sample_text(replace(sample, draw="all", size=None)) == "全部检查（总体：检查期内登记的投诉）"
    state = item_state(
        FormItem(item=sheet.items()[0], section="", citation="", not_applicable="", response=Response(item_id=first.id))
    )
    assert state["sample"] == "随机抽取 20 个（总体：检查期内登记的投诉）；不足 20 件的全查"


def test_an_item_that_does_not_apply_gives_its_reason() -> None:
    paper = make_paper()
    facts = tuple(replace(one, state=FactState.NOT_APPLICABLE, reason="未开办代理保险") for one in paper.facts)
    text = repr(views.responses(replace(paper, facts=facts)))
    assert "不适用" in text
    assert "未开办代理保险" in text


def test_a_card_that_waits_for_its_peers_says_so() -> None:
    text = repr(views.card_heading(make_card(rank=None, peer_median=None)))
    assert text.count("待汇总") == 2


def test_a_card_without_a_score_has_no_rank_and_explains_why() -> None:
    card = make_card(total=make_score(None), total_before=make_score(None, Stage.BEFORE), rank=None, peer_median=None)
    text = repr(views.card_heading(card))
    assert "不排名" in text
    assert "待汇总" not in text
    assert "全部不适用" in text


def test_below_the_peers_is_said_in_words_beside_the_red_bar() -> None:
    html = BeautifulSoup(views.domains(make_card())._repr_html_(), "html.parser")
    marked = [cell for cell in html.select("td") if cell.select_one(".bar b.bad")]
    assert marked
    assert all("低于中位数" in cell.get_text() for cell in marked)


def test_the_dearest_loss_comes_first() -> None:
    text = repr(views.card_losses(make_card()))
    assert text.index("D-01") < text.index("C-03")


def test_open_leads_make_a_card_provisional_in_words() -> None:
    assert "还有 10 条疑点待认定；认定之前不扣分" in repr(views.card_leads(make_card()))


def test_one_period_alone_is_no_trend() -> None:
    assert "尚无走势" in repr(views.trend(make_card(trend=(("2026H1", Decimal("79.50")),))))
    assert "走势" in repr(views.trend(make_card()))
    assert "81.00" in repr(views.trend(make_card()))


@pytest.mark.parametrize(
    ("draw", "empty", "said"),
    [
        (views.card_losses, {"losses": ()}, "没有扣分"),
        (views.card_findings, {"findings": ()}, "没有检查发现"),
        (views.domains, {"domains": ()}, "还没有检查域的结果"),
    ],
)
def test_nothing_to_show_is_explained(draw: Callable[..., View], empty: dict[str, Any], said: str) -> None:
    assert said in repr(draw(make_card(**empty)))


def test_the_ranking_lists_the_best_of_each_level_first_and_units_without_a_score_last() -> None:
    lines = repr(views.ranking_table(make_overview(5))).splitlines()
    ids = [match[1] for line in lines if (match := re.search(r"（(\d{4})）", line))]
    assert ids == ["0000", "0003", "0001", "0002", "0004"]
    assert any("未检查；缺 投诉台账" in line for line in lines if "（0004）" in line)


def test_of_a_unit_that_lacks_many_domains_a_few_are_named_and_how_many_they_are() -> None:
    row = make_overview(1).rows[0]
    titles = tuple(DOMAINS.values())
    assert remark(replace(row, missing=titles[:3])) == "未检查；缺 信息披露、适当性管理、信息安全"
    assert remark(replace(row, missing=titles)) == "未检查；缺 信息披露、适当性管理、信息安全等 5 项"


def test_an_overview_without_units_says_what_to_do() -> None:
    nothing = Overview(bank="示例农商银行", period="2026H1", rows=(), groups=(), grade_labels={}, domain_titles={})
    assert "批次还没有运行，或本批次不检查您能查看的机构" in repr(views.ranking_table(nothing))


def test_an_undecided_lead_and_a_refuted_one_read_differently() -> None:
    paper = make_paper()
    refuted = LeadDecision(
        lead_id="L2",
        answer=Disposition.REFUTED,
        answer_note="台账登记有误",
        answered_by="李四",
        decided=Disposition.REFUTED,
        reason="已核对原件",
        decided_by="王五",
    )
    text = repr(views.leads(replace(paper, decisions={"L2": refuted})))
    assert "不属实；已核对原件；（王五）" in text
    assert "待认定 1" in text


def test_the_heading_names_unit_period_checklist_and_its_hash() -> None:
    text = repr(views.heading(make_paper()))
    for part in ("城东支行（0007）", "2026-01-01 至 2026-06-30", "2026.1", "abcdef0123456789", str(date(2026, 7, 5))):
        assert part in text


BATCH = {**os.environ, "XIAOBAO_INPUT": "frozen.json"}  # the kernel of a run opens what was frozen for it


def test_a_kernel_of_the_batch_loads_nothing_that_it_does_not_need() -> None:
    """Each kernel that is not forked pays for its imports; a paper needs pandas, pyarrow and msgspec."""
    code = (
        "import sys, xiaobao.pages.views, xiaobao.pages.result, xiaobao.paper.from_frozen, xiaobao.paper.work_paper\n"
        "import xiaobao as xb, xiaobao.datasets.partitions, xiaobao.checks.suitability; xb.open_paper, xb.emit\n"
        "heavy = {'scipy','pandera','openpyxl','sqlalchemy','yaml','xlsxwriter','alembic','matplotlib','docx',"
        "'pydantic','pydantic_core'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=BATCH, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_paper_loads_the_checks_of_its_own_domain_alone() -> None:
    """What another domain's checks, the ledger's statistics or the store would cost, a fresh kernel does not pay."""
    code = (
        "import sys, xiaobao as xb; xb.open_paper, xb.views, xb.emit; import xiaobao.paper.work_paper\n"
        "early = {'pandas', 'pyarrow', 'stdnum', 'ssl', 'importlib.metadata', 'xiaobao.store', 'xiaobao.scorecard'}"
        " & set(sys.modules)\n"
        "from xiaobao.checks.registry import REGISTRY; REGISTRY['disclosure.fee_above_price']\n"
        "homes = {name.split('.')[2] for name in sys.modules if name.startswith('xiaobao.checks.')}\n"
        "print(sorted(early), sorted(homes), 'xiaobao.features.complaints' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=BATCH, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] ['bases', 'disclosure', 'frame_columns', 'registry'] False"


def test_importing_the_views_pulls_in_nothing_heavy() -> None:
    """A kernel of the batch imports the views at every start."""
    code = (
        "import sys, xiaobao.pages.views; heavy = {'pandas','pandera','openpyxl','sqlalchemy','ipywidgets','anywidget',"
        "'matplotlib','voila','jinja2'}; print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_bridge_shows_each_step_as_a_bar_between_two_running_totals() -> None:
    steps = (
        BridgeStep(
            kind="results",
            title="检查结论变化",
            change=Decimal("-4.5"),
            reached=Decimal("76.5"),
            items=("C-03 按期办结",),
        ),
        BridgeStep(kind="deductions", title="扣分数量变化", change=Decimal("3.00"), reached=Decimal("79.50")),
    )
    found = ScoreBridge(
        before_period="2025H2", after_period="2026H1", before=Decimal("81.00"), after=Decimal("79.50"), steps=steps
    )
    shown = views.bridge(make_card(bridge=found))
    text = repr(shown)
    for words in ("2025H2 81.00 分 → 2026H1 79.50 分", "-4.5", "+3", "下降 ▼", "C-03 按期办结"):
        assert words in text
    bars = [bar["style"] for bar in BeautifulSoup(shown._repr_html_(), "html.parser").select(".bar b")]
    assert bars == ["width:81.0%", "left:76.5%;width:4.5%", "left:76.5%;width:3.0%", "width:79.5%"]


def test_without_a_bridge_the_page_says_why() -> None:
    assert "没有逐项事实" in repr(views.bridge(make_card()))
    card = make_card()
    fresh = replace(card.domains[0], previous=None)  # nothing was scored of it before
    differing = replace(card, domains=(fresh, *card.domains[1:]))
    for shown in (views.bridge(differing), views.first_screen(differing)):
        assert f"两期有得分的检查域不同（{fresh.title}）" in repr(shown)
        assert "没有逐项事实" not in repr(shown)
    assert "没有上期总分" in repr(views.bridge(make_card(previous=None)))


def test_a_parents_rolled_up_score_is_shown_with_how_it_came_about() -> None:
    one = RolledUp(
        value=Decimal("83.67"),
        own=Decimal(90),
        children_mean=Decimal("68.92"),
        children=("B1", "B2"),
        excluded=("B3",),
        explanation="本级 90 × 70%；未计入：B3",
    )
    shown = repr(views.rolled(replace(make_overview(), rolled={"01": one}, unit_names={"01": "总行"})))
    for words in ("总行（01）", "83.67", "68.92", "未计入：B3"):
        assert words in shown
    assert "不需要汇总" in repr(views.rolled(make_overview()))


def test_a_table_keeps_its_layout_where_the_shared_style_is_taken_away() -> None:
    """JupyterLab does so for a paper that it does not trust, and would set every text to the right."""
    table = TableBlock(columns=columns("编号:short", "说明", "得分:num"), rows=(cells("A-1", "一句话", "5"),))
    soup = BeautifulSoup(view(table)._repr_html_(), "html.parser")
    short, text, number = (cell.get("style", "") for cell in soup.find_all("td"))
    assert "text-align:left" in short and "nowrap" in short
    assert "text-align:left" in text and "nowrap" not in text
    assert not number  # JupyterLab's own is to the right
    assert all("nowrap" not in head.get("style", "") for head in soup.find_all("th"))

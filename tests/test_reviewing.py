"""自评 beside 复评: both are kept, the difference has its reason, and before the review the sheet says 自评."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from msgspec.structs import replace

from tests.factories.answering import fails, fine, hand_in, partly, record_card, record_paper
from tests.factories.inspections import DOMAIN, FILLER, INSPECTOR, PERIOD, UNIT, as_person, tiny_workspace, workbench
from tests.factories.versions import next_version
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.model import Conclusion, Response
from xiaobao.pages import views
from xiaobao.paper.work_paper import WorkPaper
from xiaobao.publishing import publish_report, publish_summary
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.inspections.reviewing import review_item
from xiaobao.workbench.results.reading import scorecard, work_paper
from xiaobao.workbench.versions.impact import impact
from xiaobao.workbench.workspace import Workbench


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    return workbench(tiny_workspace(tmp_path / "bank"), INSPECTOR)


def says(item_id: str, answer: Response) -> Response:
    return replace(answer, item_id=item_id)


def accepted(wb: Workbench, form: Form) -> WorkPaper:
    signing.review(wb, inspecting.reopen(wb, form))
    return work_paper(wb, UNIT, PERIOD, DOMAIN)


def test_before_the_review_the_score_is_the_units_own(wb: Workbench) -> None:
    """A review that is entered but not yet 复核通过 counts for nothing."""
    form = hand_in(wb, PERIOD)
    review_item(wb, form, says("c-01", fails()), 0)
    paper = work_paper(wb, UNIT, PERIOD, DOMAIN)
    assert (paper.reviewed, paper.own_view) == (False, None)
    assert paper.after.value == Decimal("100.00")


def test_both_scores_stand_side_by_side_with_the_difference_and_its_reason(wb: Workbench) -> None:
    """The unit kept all but half of c-02; the reviewer takes c-01 and gives c-02."""
    form = hand_in(wb, PERIOD, c_02=partly("登记缺一页"))
    review_item(wb, form, says("c-01", fails("抽查 5 份，3 份没有登记")), 0)
    review_item(wb, form, says("c-02", replace(fine(), reason="缺页已补，属装订错误")), 0)
    paper = accepted(wb, form)
    assert paper.own_view is not None
    own = {line.node_id: line.earned for line in paper.own_view.score.trace}
    now = {line.node_id: line.earned for line in paper.after.trace}
    assert [(own[i], now[i]) for i in ("c-01", "c-02", "c-03")] == [(5, 0), (Decimal("2.5"), 5), (5, 5)]
    assert {i: r.reason for i, r in paper.own_view.reviews.items()} == {
        "c-01": "抽查 5 份，3 份没有登记",
        "c-02": "缺页已补，属装订错误",
    }


def test_the_work_paper_shows_both_with_who_said_why(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    assert "得分为自评" in repr(views.scores(work_paper(wb, UNIT, PERIOD, DOMAIN)))
    assert "自评（未复核）" in repr(views.heading(work_paper(wb, UNIT, PERIOD, DOMAIN)))
    review_item(wb, form, says("c-01", fails("抽查 5 份，3 份没有登记")), 0)
    paper = accepted(wb, form)
    text = repr(views.scores(paper))
    line = next(line for line in text.splitlines() if line.startswith("c-01"))
    assert line.split()[2:] == ["符合", "不符合", "5", "0", "-5", "抽查", "5", "份，3", "份没有登记", "李四"]
    assert "差异：-" in text
    assert "得分性质：复评" in repr(views.heading(paper))


def test_the_scorecard_shows_both_and_says_what_is_not_reviewed_yet(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    record_paper(wb, UNIT, PERIOD)
    before = scorecard(wb, UNIT, PERIOD)
    assert (before.reviewed, before.own_total) == (False, None)
    assert any("尚未复核，得分为自评" in note for note in before.notes)
    review_item(wb, form, says("c-01", fails()), 0)
    accepted(wb, form)
    record_paper(wb, UNIT, PERIOD)
    card = scorecard(wb, UNIT, PERIOD)
    [domain] = card.domains
    assert (card.reviewed, card.own_total, domain.own_view) == (True, Decimal("100.00"), Decimal("100.00"))
    assert domain.after.value == card.total.value == Decimal("87.50")  # 35 of 40 points
    text = repr(views.domains(card))
    assert {"自评", "复评"} <= set(text.split())
    assert "尚未复核" not in " ".join(card.notes)


def test_the_units_answer_is_never_touched_and_the_review_is_in_the_history(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD, c_02=partly("登记缺一页"))
    before = {item_id: entry.response for item_id, entry in form.items.items()}
    saved = review_item(wb, form, says("c-01", fails()), 0)
    accepted(wb, form)
    after = inspecting.reopen(wb, form)
    assert {item_id: entry.response for item_id, entry in after.items.items()} == before
    assert (saved.author, saved.on) == (INSPECTOR.name, before["c-01"].revision)
    assert after.items["c-01"].review == saved
    [event] = [one for one in wb.store.events() if one.object == "review:c-01"]
    assert (event.actor, event.verb) == (INSPECTOR.name, "review")
    assert wb.store.verify() == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Response(item_id="c-02", conclusion=Conclusion.COMPLIANT), "复评与自评不同，须写明理由"),
        (Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT), "须"),
        (
            Response(item_id="c-judged", conclusion=Conclusion.NON_COMPLIANT, deduction=Decimal(9), reason="过高"),
            "扣分超出范围",
        ),
    ],
)
def test_a_review_needs_a_reason_and_values_that_the_rules_can_take(
    wb: Workbench, answer: Response, message: str
) -> None:
    form = hand_in(wb, PERIOD, c_02=partly())
    with pytest.raises(InputError, match=message):
        review_item(wb, form, answer, 0)


def test_who_filled_does_not_review(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    with pytest.raises(NotAllowed, match="填报人或提交人不得复评"):
        review_item(as_person(wb, FILLER), form, says("c-01", fails()), 0)


def test_only_what_was_handed_in_is_reviewed(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    signing.give_back(wb, form, "请补充")
    with pytest.raises(NotAllowed, match="只有已提交"):
        review_item(wb, form, says("c-01", fails()), 0)


def test_two_reviewers_at_once_do_not_overwrite_each_other(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    review_item(wb, form, says("c-01", fails("第一次")), 0)
    with pytest.raises(StaleRevision, match="复评"):
        review_item(wb, form, says("c-01", fails("第二次")), 0)


def test_saying_the_same_as_the_unit_takes_a_review_back(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    first = review_item(wb, form, says("c-01", fails()), 0)
    review_item(wb, form, says("c-01", fine()), first.revision)
    paper = accepted(wb, form)
    assert paper.own_view is not None
    assert paper.own_view.reviews == {}
    assert paper.after.value == paper.own_view.score.value == Decimal("100.00")


def test_a_review_of_an_answer_that_was_changed_since_no_longer_counts(wb: Workbench) -> None:
    """Given back and answered anew, the item waits for another look; the former review stays in the history."""
    form = hand_in(wb, PERIOD)
    review_item(wb, form, says("c-01", fails("没有登记簿")), 0)
    signing.give_back(wb, inspecting.reopen(wb, form), "c-01 请核实")
    filler = as_person(wb, FILLER)
    form = inspecting.reopen(filler, form)
    inspecting.answer(
        filler, form, replace(says("c-01", partly("漏记一笔")), amended="已核实"), form.items["c-01"].response.revision
    )
    signing.submit(filler, inspecting.reopen(filler, form))
    form = inspecting.reopen(wb, form)
    assert form.items["c-01"].review is None
    paper = accepted(wb, form)
    assert {line.node_id: line.earned for line in paper.after.trace}["c-01"] == Decimal("2.5")
    assert wb.store.reviews(form.record.id)["c-01"].answer.reason == "没有登记簿"  # type: ignore[union-attr]


def test_the_report_of_the_unit_shows_both_scores_and_every_difference(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    review_item(wb, form, says("c-01", fails("抽查 5 份，3 份没有登记")), 0)
    accepted(wb, form)
    record_paper(wb, UNIT, PERIOD)
    paper = Document(str(publish_report(wb, "inspection", PERIOD, UNIT).report))
    rows = [tuple(cell.text for cell in row.cells) for table in paper.tables for row in table.rows]
    assert ("得分性质", "复评") in rows
    assert ("自评得分", "100.00") in rows
    assert ("按认定结果得分", "87.50") in rows
    difference = ("投诉处理", "第1项登记完整", "符合", "不符合", "5.00", "0.00", "抽查 5 份，3 份没有登记")
    assert difference in rows
    assert any("来源：自查不实" in line.text for line in paper.paragraphs)


def test_a_new_version_that_changes_no_score_leaves_a_reviewed_one_as_it_is(wb: Workbench) -> None:
    """Impact scores the reviewer's answers again, not the unit's alone."""
    form = hand_in(wb, PERIOD)
    review_item(wb, form, says("c-01", fails()), 0)
    accepted(wb, form)
    record_paper(wb, UNIT, PERIOD)
    [row] = impact(wb, next_version(changed={"c-02": {"severity": "high"}})).rescored
    assert (row.before, row.after) == (Decimal("87.50"), Decimal("87.50"))


def test_the_summary_of_all_units_says_what_is_reviewed(wb: Workbench) -> None:
    form = hand_in(wb, PERIOD)
    review_item(wb, form, says("c-01", fails()), 0)
    accepted(wb, form)
    record_paper(wb, UNIT, PERIOD)
    record_card(wb, UNIT, PERIOD)
    book = openpyxl.load_workbook(publish_summary(wb, PERIOD))
    [told] = rows_of(book["各域得分"])
    assert (told["得分性质"], told["自评得分"], told["按认定结果得分"]) == ("复评", 100, 87.5)
    assert [row["来源"] for row in rows_of(book["检查发现"])] == ["自查不实"]


def rows_of(sheet: Any) -> list[dict[str, Any]]:
    lines = [[cell.value for cell in line] for line in sheet.rows]
    start = next(place for place, line in enumerate(lines) if "机构号" in line)
    return [dict(zip(lines[start], line, strict=True)) for line in lines[start + 1 :]]

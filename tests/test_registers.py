"""Each register becomes the figures that a report states; what was not delivered is 无数据, never nought."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.imported import import_rows
from tests.factories.registers import figures, register_row
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.partitions import standing_rows
from xiaobao.datasets.registers import REGISTERS
from xiaobao.features.registers.figures import RegisterFigures, RosterFigures, change
from xiaobao.features.registers.lacking import COLUMNS_NEEDED, lacking_words, without_lacking
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.features.registers.row_values import exact_ten_thousands
from xiaobao.model import Period, to_plain


def test_a_register_that_was_not_delivered_is_none_and_named_while_an_empty_one_counts_nought(tmp_path: Path) -> None:
    found = figures(tmp_path, {"mediation": [{"requested_on": "2026-03-01"}]})
    assert found.meetings is None
    assert "会议" in found.missing and "调解" not in found.missing
    assert len(found.missing) == len(REGISTERS) - 1
    empty = figures(tmp_path / "b", {"suggestions": [{"received_on": "2026-01-01", "source": "员工"}]})
    assert empty.suggestions is not None
    assert (empty.suggestions.total, empty.suggestions.answered) == (1, 0)


def test_policies_in_force_at_the_end_and_what_was_issued_in_the_period(tmp_path: Path) -> None:
    rows = [
        {"title": "投诉管理办法", "issued_on": "2026-03-01", "change": "修订"},
        {"title": "考核办法", "issued_on": "2024-03-01", "kind": "考核"},
        {"title": "旧办法", "issued_on": "2019-03-01", "change": "废止", "repealed_on": "2026-05-01", "kind": "考核"},
        {"title": "下半年施行", "issued_on": "2026-06-30", "effective_on": "2026-07-01", "kind": "信息保护"},
    ]
    found = figures(tmp_path, {"policies": rows}).policies
    assert found is not None
    assert (found.in_force, found.by_kind["投诉处理"], found.by_kind["信息保护"]) == (2, 1, 0)
    assert [line.title for line in found.issued] == ["投诉管理办法", "旧办法", "下半年施行"]
    assert found.changes == {"新订": 1, "修订": 1, "废止": 1}
    assert "信息保护" in found.uncovered and "考核" not in found.uncovered and "其他" not in found.uncovered


def test_meetings_posts_and_budget(tmp_path: Path) -> None:
    data = {
        "meetings": [{"topic_count": "2", "follow_up": "落实中"}, {"held_on": "2026-01-12"}, {"kind": "消保委员会"}],
        "posts": [{}, {"employee": "N000", "unit": "0102", "manner": "兼职"}, {"to_date": "2026-06-01"}],
        "budget": [{"spent": "2500.50"}, {"planned": "10000.01", "kind": "培训"}],
    }
    found = figures(tmp_path, data)
    assert found.meetings is not None and found.posts is not None and found.budget is not None
    assert found.meetings.days["董事会"] == (date(2026, 1, 12), date(2026, 3, 2))
    assert (found.meetings.total, found.meetings.topics, found.meetings.open) == (3, 2, 1)
    assert (found.posts.people, found.posts.by_manner["专职"], found.posts.coverage) == (1, 0, Decimal("100.00"))
    assert (found.budget.total.planned, found.budget.total.spent) == (Decimal("2.000001"), Decimal("0.25005"))
    assert (found.budget.rate, found.budget.unstated, found.budget.by_kind["培训"].spent) == (Decimal("25.01"), 1, None)


def test_reviews_count_what_went_out_before_its_opinion(tmp_path: Path) -> None:
    rows = [
        {"launched_on": "2026-02-05", "remarks": "3", "remarks_adopted": "2", "adopted": "部分采纳"},
        {"launched_on": "2026-02-04", "remarks": "1", "remarks_adopted": "1", "adopted": "全部采纳"},
        {"opinion": "", "opinion_on": "", "launched_on": "2026-06-01", "kind": "宣传材料", "remarks": "9"},
        {"opinion": "不同意", "evaluated_on": "2026-06-20", "evaluation": "下架", "delisted_on": "2026-06-21"},
    ]
    found = figures(tmp_path, {"reviews": rows}).reviews
    assert found is not None
    assert found.early == ("N001", "N002")
    assert (found.total, found.pending, found.launched, found.by_opinion["同意"]) == (4, 1, 3, 2)
    assert (found.remarks, found.adopted, found.adoption) == (4, 3, Decimal("75.00"))
    assert (found.evaluated, found.by_evaluation, found.delisted) == (1, {"下架": 1}, 1)


def test_training_by_audience_from_the_roster_never_from_what_was_typed(tmp_path: Path) -> None:
    sessions = [
        {"training_no": "P1", "expected_frontline": "4", "hours": "2.5"},
        {"training_no": "P2", "extra": "是", "post": "信用卡催收"},
        {"training_no": "P3", "expected_frontline": "100"},
    ]
    roster = [
        {"score": "90", "passed": "是"},
        {"score": "55.5", "passed": "否"},
        {"training_no": "P2", "employee": "N000"},
        {"audience": "中高级管理人员"},
    ]
    found = figures(tmp_path, {"training": sessions, "training_roster": roster}).training
    assert found is not None and found.roster is not None
    assert (found.sessions, found.hours, found.extra, found.extra_posts) == (3, Decimal("2.5"), 1, ("信用卡催收",))
    line = found.roster.by_audience["基层业务人员"]
    assert (line.expected, line.attended, line.persons, line.rate) == (4, 3, 2, Decimal("50.00"))
    assert found.roster.by_audience["中高级管理人员"].rate is None
    assert found.roster.unlisted == 1
    assert (found.roster.mean_score, found.roster.pass_rate) == (Decimal("72.75"), Decimal("50.00"))
    alone = figures(tmp_path / "b", {"training": sessions})
    assert alone.training is not None and alone.training.roster is None and "培训花名册" in alone.missing


def test_education_reach_is_only_what_rows_state_and_advertising_is_named(tmp_path: Path) -> None:
    rows = [
        {"times": "3", "copies": "200"},
        {"audience": "青少年", "product_ad": "是"},
        {"unit": "0102", "copies": "50"},
    ]
    found = figures(tmp_path, {"education": rows}, units=("0101", "0102", "0103")).education
    assert found is not None
    assert (found.activities, found.times, found.copies, found.people) == (3, 5, 250, None)
    assert found.by_audience == {"老年人": 4, "青少年": 1}
    assert (found.units, found.coverage, found.with_ads) == (2, Decimal("66.67"), ("N001",))


def test_mediation_amounts_are_exact_ten_thousands(tmp_path: Path) -> None:
    rows = [
        {"amount": "12345.67", "agreed_amount": "8000", "complaint_no": "TS1"},
        {"amount": "90071992547409.93", "result": "未达成协议"},
        {"amount": "0", "result": "调解中", "contract_no": "HT1"},
    ]
    found = figures(tmp_path, {"mediation": rows}).mediation
    assert found is not None
    assert (found.amount, found.agreed_amount) == (Decimal("9007199255.97556"), Decimal("0.80"))
    assert (found.success, found.without_complaint, found.by_result["申请人撤回"]) == (Decimal("50.00"), 2, 0)


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=20))
def test_ten_thousands_lose_no_cent(cents: list[int]) -> None:
    total = exact_ten_thousands(sum((Decimal(one) / 100 for one in cents), Decimal(0)))
    assert total * 1_000_000 == sum(cents)
    assert -int(total.as_tuple().exponent) >= 2


def test_surveys_keep_questions_and_answers(tmp_path: Path) -> None:
    rows = [
        {"response_no": "A", "question_kind": "单选"},
        {"response_no": "B", "answer": "不满意", "question_kind": "单选"},
        {
            "response_no": "A",
            "question_no": "2",
            "question_kind": "多选",
            "answer": "利率、费用",
            "question": "关心什么",
        },
        {"response_no": "B", "question_no": "2", "question_kind": "多选", "answer": "费用", "question": "关心什么"},
        {"response_no": "A", "question_no": "10", "question_kind": "评分", "answer": "9", "question": "打分"},
        {"response_no": "B", "question_no": "10", "question_kind": "评分", "answer": "8", "question": "打分"},
    ]
    found = figures(tmp_path, {"surveys": rows}).surveys
    assert found is not None
    assert (found[0].number, found[0].respondents, [q.number for q in found[0].questions]) == (
        "W1",
        2,
        ["1", "2", "10"],
    )
    assert found[0].questions[1].answers == {"费用": 2, "利率": 1}
    assert (found[0].questions[0].mean, found[0].questions[2].mean) == (None, Decimal("8.50"))


def test_a_disputed_mystery_item_counts_as_the_review_left_it(tmp_path: Path) -> None:
    rows = [
        {"wave": "一", "score": "4", "disputed_on": "2026-05-05", "dispute_result": "更正", "reviewed_score": "10"},
        {"wave": "二", "score": "5", "visit_no": "V2", "item": "双录", "disputed_on": "2026-05-06"},
    ]
    found = figures(tmp_path, {"mystery_visits": rows}).mystery_visits
    assert found is not None
    assert (found.waves["一"].rate, found.waves["二"].rate, found.rate) == (
        Decimal("100.00"),
        Decimal("50.00"),
        Decimal(75),
    )
    assert (found.disputed, found.by_dispute, found.lost_items) == (2, {"维持": 0, "更正": 1, "复核中": 1}, {"双录": 1})


def test_partners_that_should_not_be_there_any_more_are_named(tmp_path: Path) -> None:
    rows = [
        {"evaluated_on": "2026-03-01", "evaluation": "不合格", "agreement_ends_on": "2026-12-31"},
        {"admission_no": "", "agreement_ends_on": "2026-05-31", "admitted_on": "2026-02-01"},
        {"exited_on": "2026-04-01", "evaluation": "不合格"},
    ]
    found = figures(tmp_path, {"partners": rows}).partners
    assert found is not None
    assert (found.in_force, found.admitted, found.exited, found.evaluated) == (2, 1, 1, 1)
    assert (found.unfit, found.without_admission, found.expired) == (("N000",), ("N001",), ("N001",))


def test_voices(tmp_path: Path) -> None:
    data = {
        "suggestions": [{"answered_on": "2026-03-03", "adopted": "是"}, {"source": "网络"}],
        "public_opinion": [{"closed_on": "2026-03-09", "grade": "一般"}, {}, {"tone": "正面"}],
        "case_analyses": [{"shared": "是"}, {"title": "案例二"}],
    }
    found = figures(tmp_path, data)
    assert found.suggestions is not None and found.public_opinion is not None and found.case_analyses is not None
    assert (found.suggestions.answered, found.suggestions.adopted, found.suggestions.by_source["网络"]) == (1, 1, 1)
    assert (found.public_opinion.by_tone["负面"], found.public_opinion.open) == (2, 1)
    assert (found.case_analyses.total, found.case_analyses.shared) == (2, 1)


def test_the_plan_stands_beside_what_was_done(tmp_path: Path) -> None:
    rows = [
        {"done_on": "2026-03-31", "evidence": "会议纪要"},
        {"done_on": "2026-04-01"},
        {"due_on": "2026-07-05", "done_on": "2026-07-06"},
        {"due_on": "2026-07-04"},
    ]
    found = figures(tmp_path, {"work_plan": rows}, period="2026").work_plan
    assert found is not None
    assert [line.state for line in found.tasks] == ["按期完成", "逾期完成", "逾期未完成", "未到期"]
    assert (found.rate, found.without_evidence) == (Decimal("66.67"), ("N001",))


def test_a_register_of_the_year_serves_its_halves_and_the_newest_of_two_stands(tmp_path: Path) -> None:
    year = import_rows(tmp_path / "y", "work_plan", [register_row("work_plan", 1, task="年初")], "2026")
    half = import_rows(tmp_path / "h", "work_plan", [register_row("work_plan", 1, task="下半年")], "2026H2")

    def task(period: str) -> str:
        rows = standing_rows([year, half], "work_plan", Period.parse(period))
        assert rows is not None
        return str(rows.at[0, "task"])

    assert (task("2026H1"), task("2026H2"), task("2026")) == ("年初", "下半年", "年初")
    assert standing_rows([year, half], "work_plan", Period.parse("2027H1")) is None


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(30, 20, Decimal("50.00")), (1, 3, Decimal("-66.67")), (5, 0, None), (None, 5, None), (5, None, None)],
)
def test_change_is_a_dash_on_a_zero_or_missing_base(
    now: int | None, before: int | None, expected: Decimal | None
) -> None:
    assert change(now, before) == expected


def test_a_column_that_nobody_delivered_is_no_data_and_an_empty_one_is_nought(tmp_path: Path) -> None:
    rows = {
        "suggestions": [{"received_on": "2026-03-01", "source": "员工"}],
        "partners": [{}],
        "reviews": [{}],
        "work_plan": [{"due_on": "2026-03-01"}],
    }
    bare = register_report_figures(figures(tmp_path / "a", rows))
    unknown = ("意见建议·答复", "意见建议·采纳", "合作机构·现行", "合作机构·无准入审批", "审查·意见前上线")
    unknown += ("计划·逾期未完成", "计划·完成率")
    assert [str(bare[name]) for name in unknown] == ["无数据"] * len(unknown)
    assert str(bare["意见建议·件数"]) == "1" and str(bare["计划·任务"]) == "1"
    assert [row["state"] for row in bare.tables["plan"].rows] == ["无数据"]
    filled = {
        "suggestions": [{"answered_on": "", "adopted": "否"}, {"answered_on": "2026-03-02", "adopted": ""}],
        "partners": [{"admitted_on": "2020-01-01", "exited_on": "", "admission_no": ""}, {"exited_on": "2026-01-01"}],
        "work_plan": [{"due_on": "2026-03-01", "done_on": ""}, {"done_on": "2026-02-01"}],
    }
    told = register_report_figures(figures(tmp_path / "b", filled))
    names = ("意见建议·答复", "意见建议·采纳", "合作机构·无准入审批", "计划·逾期未完成")
    assert [str(told[name]) for name in names] == ["1", "0", "1", "1"]


def test_columns_not_delivered_are_named_once_a_register_and_null_in_plain_values(tmp_path: Path) -> None:
    found = figures(tmp_path, {"suggestions": [{"received_on": "2026-03-01", "source": "员工"}]})
    assert lacking_words(found) == ("意见建议（答复日期、是否采纳）",)
    plain = without_lacking(found, to_plain(found))["suggestions"]
    assert (plain["total"], plain["answered"], plain["adopted"]) == (1, None, None)


def test_every_field_that_may_be_unknown_is_one_of_the_figures(tmp_path: Path) -> None:
    kinds = get_type_hints(RegisterFigures)
    for register, fields in COLUMNS_NEEDED.items():
        made = next(one for one in get_args(kinds.get(register, RosterFigures | None)) if one is not type(None))
        for field, columns in fields.items():
            assert hasattr(made, "__dataclass_fields__") and field.split(".")[0] in made.__dataclass_fields__
            assert all(not DATASETS[register].column(name).required for name in columns)

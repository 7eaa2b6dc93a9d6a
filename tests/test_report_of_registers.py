"""Random registers: each count, amount and rate in the Word and Excel files of the work report is counted anew here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.documents import FEW, TEXT, Written, assert_figures, cover, in_full, mean, percent, shown
from tests.factories.ledgers import AS_OF, PERIOD
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.features.registers.figures import RegisterFigures
from xiaobao.features.registers.reckoning import register_figures
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.features.work_reports.report import HALF_YEAR
from xiaobao.report_figures import Inspected, inspection_figures
from xiaobao.settings import Alarms

Row = Mapping[str, Any]
AUDIENCES = ("中高级管理人员", "基层业务人员", "新入职人员", "其他")
DAY = dt.datetime(2026, 3, 2)
AMOUNTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
REGISTERS = st.fixed_dictionaries(
    {
        "training": st.lists(
            st.fixed_dictionaries(
                {
                    "training_no": st.sampled_from(("P1", "P2")),
                    "form": st.just("现场"),
                    "hours": st.none() | st.integers(1, 16).map(lambda halves: Decimal(halves) / 2),
                    "extra": st.booleans(),
                    "expected_frontline": st.none() | st.integers(1, 9),
                }
            ),
            max_size=2,
            unique_by=lambda row: row["training_no"],
        ),
        "training_roster": st.lists(
            st.fixed_dictionaries(
                {
                    "training_no": st.sampled_from(("P1", "P2")),
                    "employee": st.sampled_from(("E1", "E2", "E3")),
                    "audience": st.sampled_from(AUDIENCES),
                    "score": st.none() | st.integers(0, 1000).map(lambda tenths: Decimal(tenths) / 10),
                    "passed": st.none() | st.booleans(),
                }
            ),
            max_size=8,
        ),
        "education": st.lists(
            st.fixed_dictionaries(
                {
                    "activity_no": st.just("X"),
                    "unit": st.sampled_from(("01", "02", "99")),
                    "times": st.none() | st.integers(1, 5),
                    "form": st.sampled_from(("网点宣传", "线上")),
                    "audience": st.sampled_from(("老年人", "社会公众")),
                    "copies": st.none() | st.integers(0, 10**6),
                    "product_ad": st.booleans(),
                }
            ),
            max_size=8,
        ),
        "mediation": st.lists(
            st.fixed_dictionaries(
                {
                    "amount": AMOUNTS,
                    "agreed_amount": st.none() | AMOUNTS,
                    "result": st.sampled_from(("达成协议", "未达成协议", "申请人撤回", "调解中")),
                    "complaint_no": st.none() | st.just("T1"),
                    "business_class": st.just("贷款"),
                }
            ),
            max_size=8,
        ),
        "reviews": st.lists(
            st.fixed_dictionaries(
                {
                    "review_no": st.just("R"),
                    "kind": st.sampled_from(("产品", "服务")),
                    "opinion": st.sampled_from((None, "同意", "不同意")),
                    "opinion_on": st.just(DAY),
                    "remarks": st.none() | st.integers(0, 9),
                    "remarks_adopted": st.none() | st.integers(0, 9),
                    "launched_on": st.none() | st.just(DAY),
                }
            ),
            max_size=8,
        ),
        "budget": st.lists(
            st.fixed_dictionaries({"kind": st.just("培训"), "planned": AMOUNTS, "spent": st.none() | AMOUNTS}),
            max_size=5,
        ),
        "work_plan": st.lists(
            st.fixed_dictionaries(
                {
                    "task": st.just("修订制度"),
                    "task_no": st.just("1"),
                    "due_on": st.sampled_from((DAY, dt.datetime(2026, 12, 31))),
                    "done_on": st.sampled_from((None, DAY - dt.timedelta(1), DAY + dt.timedelta(9))),
                    "evidence": st.none() | st.just("文件"),
                }
            ),
            max_size=6,
        ),
    }
)


def in_registers(data: Mapping[str, Sequence[Row]], last_year: RegisterFigures | None = None) -> RegisterFigures:
    frames = {name: pd.DataFrame(list(rows), dtype=object) for name, rows in data.items()}
    return register_figures(frames, PERIOD, AS_OF, ("01", "02"), Alarms(), last_year)


def summed(rows: Sequence[Row], name: str) -> Any:
    stated = [row[name] for row in rows if row[name] is not None]
    return sum(stated) if stated else None


def wan(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount / 10_000


def register_numbers(data: Mapping[str, Sequence[Row]], old: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    return {
        **training_numbers(data["training"], data["training_roster"], len(old["training"])),
        **education_numbers(data["education"], sum(row["times"] or 1 for row in old["education"])),
        **mediation_numbers(data["mediation"], old["mediation"]),
        **review_numbers(data["reviews"], len(old["reviews"])),
        **money_and_plan_numbers(data["budget"], data["work_plan"]),
    }


def grown(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    return percent(Decimal(now) - Decimal(before), before)


def training_numbers(sessions: Sequence[Row], roster: Sequence[Row], before: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "场次": len(sessions),
        "课时": summed(sessions, "hours"),
        "加训": sum(row["extra"] for row in sessions),
        "参训人次": len(roster),
        "参训人数": len({row["employee"] for row in roster}),
        "测试人次": sum(row["score"] is not None for row in roster),
        "测试平均分": mean([row["score"] for row in roster if row["score"] is not None]),
        "测试合格率": percent(
            sum(row["passed"] is True for row in roster), sum(row["passed"] is not None for row in roster)
        ),
        "上年同期": before,
        "增幅": grown(len(sessions), before),
    }
    for audience in AUDIENCES:
        made[f"{audience}·人次"] = sum(row["audience"] == audience for row in roster)
        made[f"{audience}·参训率"] = None
    listed = {row["training_no"] for row in roster}
    stating = [row for row in sessions if row["expected_frontline"] is not None and row["training_no"] in listed]
    numbers = {row["training_no"] for row in stating}
    came = sum(row["audience"] == "基层业务人员" and row["training_no"] in numbers for row in roster)
    made["基层业务人员·参训率"] = percent(came, sum(row["expected_frontline"] for row in stating))
    return {f"培训·{name}": value for name, value in made.items()}


def education_numbers(rows: Sequence[Row], before: int) -> dict[str, Any]:
    times = [row["times"] or 1 for row in rows]
    held = {row["unit"] for row in rows}
    made: dict[str, Any] = {
        "活动": len(rows),
        "场次": sum(times),
        "发放资料": summed(rows, "copies"),
        "现场受众": None,
        "线上触达": None,
        "举办机构": len(held),
        "机构覆盖率": percent(len(held - {"99"}), 2),
        "夹带营销": sum(row["product_ad"] for row in rows),
        "上年同期": before,
        "增幅": grown(sum(times), before),
    }
    for head, field in (("形式", "form"), ("受众", "audience")):
        for word in {row[field] for row in rows}:
            made[f"{head}·{word}"] = sum(n for n, row in zip(times, rows, strict=True) if row[field] == word)
    return {f"宣传·{name}": value for name, value in made.items()}


def mediation_numbers(rows: Sequence[Row], old: Sequence[Row]) -> dict[str, Any]:
    agreed = [row for row in rows if row["result"] == "达成协议"]
    results = {
        word: sum(row["result"] == word for row in rows) for word in ("达成协议", "未达成协议", "申请人撤回", "调解中")
    }
    now, then = (sum((row["amount"] for row in some), Decimal(0)) for some in (rows, old))
    made: dict[str, Any] = {
        "件数": len(rows),
        "争议金额": wan(now),
        "协议金额": wan(summed(agreed, "agreed_amount")),
        "成功率": percent(len(agreed), len(agreed) + results["未达成协议"]),
        "未经投诉": sum(row["complaint_no"] is None for row in rows),
        "上年同期": len(old),
        "增幅": grown(len(rows), len(old)),
        "金额·上年同期": wan(then),
        "金额·增幅": grown(now, then),
        **{f"结果·{word}": number for word, number in results.items()},
    }
    return {f"调解·{name}": value for name, value in made.items()}


def review_numbers(rows: Sequence[Row], before: int) -> dict[str, Any]:
    stated = [row for row in rows if row["remarks"] is not None and row["remarks_adopted"] is not None]
    made, taken = (sum(row[name] for row in stated) for name in ("remarks", "remarks_adopted"))
    kinds = ("产品", "服务", "制度规则", "定价收费", "协议条款", "宣传材料", "合作业务", "其他")
    launched = sum(row["launched_on"] is not None for row in rows)
    numbers: dict[str, Any] = {
        "总数": len(rows),
        "未出意见": sum(row["opinion"] is None for row in rows),
        "提出意见": made,
        "采纳意见": taken,
        "采纳率": percent(taken, made),
        "上线": launched,
        "意见前上线": 0,
        "售后评估": 0,
        "下架": 0,
        "上年同期": before,
        "增幅": grown(len(rows), before),
        **{f"类别·{kind}": sum(row["kind"] == kind for row in rows) for kind in kinds},
        **{f"意见·{word}": sum(row["opinion"] == word for row in rows) for word in ("同意", "修改后同意", "不同意")},
    }
    return {f"审查·{name}": value for name, value in numbers.items()}


def money_and_plan_numbers(budget: Sequence[Row], plan: Sequence[Row]) -> dict[str, Any]:
    stating = [row for row in budget if row["spent"] is not None]
    spent, planned = (sum((row[name] for row in stating), Decimal(0)) for name in ("spent", "planned"))
    done = [row for row in plan if row["done_on"] is not None]
    in_time = sum(row["done_on"] <= row["due_on"] for row in done)
    late = sum(row["due_on"].date() < AS_OF for row in plan if row["done_on"] is None)
    return {
        "经费·预算": wan(sum((row["planned"] for row in budget), Decimal(0))),
        "经费·支出": wan(summed(budget, "spent")),
        "经费·执行率": percent(spent, planned),
        "计划·任务": len(plan),
        "计划·按期完成": in_time,
        "计划·逾期完成": len(done) - in_time,
        "计划·逾期未完成": late,
        "计划·未到期": len(plan) - len(done) - late,
        "计划·完成率": percent(len(done), len(done) + late),
        "计划·无佐证": sum(row["evidence"] is None for row in done),
    }


@FEW
@given(data=REGISTERS, old=REGISTERS)
def test_every_count_amount_and_rate_of_the_registers(
    data: Mapping[str, list[Row]], old: Mapping[str, list[Row]], tmp_path: Path
) -> None:
    made = complaint_figures(None) | inspection_figures(Inspected(as_of=AS_OF))
    made = made | register_report_figures(in_registers(data, in_registers(old)))
    written = Written(HALF_YEAR.document(cover("half-year"), made, TEXT, {}, ()), made, "work-report.docx", tmp_path)
    expected = register_numbers(data, old)
    assert_figures(written, expected, ("培训·", "宣传·", "调解·", "审查·", "经费·", "计划·"))

    def said(name: str, places: int | None = None) -> str:
        return shown(expected[name], places)

    if expected["培训·场次"]:
        assert f"本期组织消费者权益保护培训{said('培训·场次')}场" in written.text
    if expected["宣传·场次"]:
        assert f"教育活动{said('宣传·活动')}项，共{said('宣传·场次')}场" in written.text
    if expected["调解·件数"]:
        assert f"本期申请调解{said('调解·件数')}件" in written.text
        assert f"争议金额{in_full(expected['调解·争议金额'])}万元" in written.text
    if expected["审查·提出意见"]:
        assert f"采纳{said('审查·采纳意见')}条，采纳率{said('审查·采纳率', 2)}%。" in written.text
    if expected["计划·任务"]:
        states = "，".join(
            f"{name}{said(f'计划·{name}')}项" for name in ("按期完成", "逾期完成", "逾期未完成", "未到期")
        )
        assert f"工作计划任务{said('计划·任务')}项：{states}" in written.text
    assert f"经费预算{in_full(expected['经费·预算'])}万元" in written.text

"""抽样: sizes and bounds of published tables, draws that anybody repeats, results, the paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner
from word_templates.samples import make_template

from tests.factories import tables
from tests.factories.imported import row
from tests.factories.inspections import DOMAIN, FILLER, INSPECTOR, PERIOD, UNIT, as_person, tiny_workspace, workbench
from xiaobao.cli.app import app
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.features.samples.drawing import allocation, draw
from xiaobao.features.samples.evaluating import evaluate
from xiaobao.features.samples.excel import read_sheets
from xiaobao.features.samples.issuing import publish_sample_paper, publish_sheets
from xiaobao.features.samples.page import samples_page
from xiaobao.features.samples.populations import PopulationRequest
from xiaobao.features.samples.sample import Design, Drawn, DrawnSample, RecordResult
from xiaobao.features.samples.sizing import (
    Taint,
    attribute_size,
    monetary_size,
    money_bound,
    poisson_factor,
    upper_rate,
)
from xiaobao.features.samples.verbs import (
    Purpose,
    WantedSample,
    answer_item,
    confirm_sample,
    define,
    draw_sample,
    evaluation,
    record,
    redraw,
    sample_of,
    samples,
    stale,
)
from xiaobao.model import Conclusion
from xiaobao.numbers import half_up
from xiaobao.word.rendering import printed_tables
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import Workbench

ROOT = Path(__file__).parents[1]
NINETY_FIVE = Decimal("0.95")
D = Decimal


# Sizes and bounds: the published tables of attribute sampling, recomputed


@pytest.mark.parametrize(
    ("confidence", "tolerable", "expected", "records", "allowed"),
    [
        ("0.95", "0.05", "0", 59, 0),
        ("0.95", "0.05", "0.01", 93, 1),
        ("0.95", "0.05", "0.0125", 124, 2),
        ("0.95", "0.05", "0.02", 181, 4),
        ("0.95", "0.10", "0", 29, 0),
        ("0.95", "0.10", "0.01", 46, 1),
        ("0.95", "0.06", "0.02", 127, 3),
        ("0.90", "0.05", "0", 45, 0),
        ("0.90", "0.05", "0.01", 77, 1),
    ],
)
def test_sizes_are_those_of_the_published_tables(
    confidence: str, tolerable: str, expected: str, records: int, allowed: int
) -> None:
    assert attribute_size(D(tolerable), D(expected), D(confidence)) == (records, allowed)


def binomial(most: int, records: int, rate: Fraction) -> Fraction:
    """P(X ≤ most) in exact fractions, by the definition."""
    from math import comb

    return sum((comb(records, k) * rate**k * (1 - rate) ** (records - k) for k in range(most + 1)), Fraction(0))


@pytest.mark.parametrize(("tolerable", "expected"), [("0.05", "0"), ("0.05", "0.01"), ("0.07", "0.02"), ("0.2", "0.1")])
def test_a_size_is_the_least_that_does(tolerable: str, expected: str) -> None:
    size = attribute_size(D(tolerable), D(expected), NINETY_FIVE)
    risk = Fraction(1, 20)
    assert binomial(size.allowed, size.records, Fraction(tolerable)) <= risk
    assert binomial(size.allowed, size.records - 1, Fraction(tolerable)) > risk
    assert Fraction(size.allowed) >= Fraction(expected) * size.records


@pytest.mark.parametrize(("tolerable", "expected"), [("0.05", "0.05"), ("0", "0"), ("1", "0"), ("0.05", "-0.01")])
def test_rates_that_leave_no_room_are_refused(tolerable: str, expected: str) -> None:
    with pytest.raises(InputError, match="不符率"):
        attribute_size(D(tolerable), D(expected), NINETY_FIVE)


@pytest.mark.parametrize(
    ("exceptions", "records", "percent"),
    [(0, 60, "4.87"), (1, 60, "7.66"), (0, 59, "4.95"), (1, 93, "5.00"), (2, 100, "6.16"), (0, 25, "11.29")],
)
def test_upper_bounds_are_exact(exceptions: int, records: int, percent: str) -> None:
    """Published tables round up: 0 of 60 is 4.9 %, 1 of 60 is 7.7 %."""
    bound = upper_rate(exceptions, records, NINETY_FIVE)
    assert half_up(bound * 100) == D(percent)
    assert abs(binomial(exceptions, records, Fraction(bound)) - Fraction(1, 20)) < Fraction(1, 10**9)


def test_a_sample_that_fails_wholly_has_no_lower_bound_than_all() -> None:
    assert upper_rate(7, 7, NINETY_FIVE) == 1
    with pytest.raises(InputError):
        upper_rate(8, 7, NINETY_FIVE)


def test_poisson_factors_are_those_of_the_tables() -> None:
    assert [half_up(poisson_factor(k, NINETY_FIVE)) for k in range(4)] == [D("3.00"), D("4.74"), D("6.30"), D("7.75")]
    assert half_up(poisson_factor(0, D("0.9"))) == D("2.30")


def test_a_worked_monetary_unit_example() -> None:
    """1,000,000 yuan, tolerable 50,000: 60 units (2.9957 × 20 = 59.9), so the interval is 16,666.67.

    Errors: 200 booked as 100 (taint 0.5) and 1,000 as 750 (0.25); 30,000 is larger than the interval and is 2,000 too
    high. Projected 16,666.67 × 0.75 + 2,000 = 14,500. Bound: interval × (2.995732 + 1.748132 × 0.5 + 1.551929 × 0.25)
    + 2,000 = 72,963.
    """
    assert monetary_size(D(1_000_000), D(50_000), NINETY_FIVE) == 60
    taints = [Taint(D(200), D(100), False), Taint(D(1000), D(750), False), Taint(D(30000), D(28000), True)]
    bound = money_bound(Fraction(1_000_000, 60), taints, NINETY_FIVE)
    assert bound.basic == D("49928.87")
    assert bound.projected == D("14500.00")
    factors = [D("2.995732274"), D("1.748132244"), D("1.551928873")]
    worked = D(1_000_000) / 60 * (factors[0] + factors[1] * D("0.5") + factors[2] * D("0.25")) + 2000
    assert abs(bound.upper - worked) < D("0.1")


# Draws


def rows(count: int, **fields: object) -> tuple[Drawn, ...]:
    return tuple(
        Drawn(record=f"K{number:05}", digest=str(number), facts={}, amount=D(number), stratum=f"层{number % 3}")
        for number in range(1, count + 1)
    )


def design(method: str, size: int, seed: str = "7") -> Design:
    return Design(method=method, basis="fixed", size=size, seed=seed, confidence=NINETY_FIVE)


@pytest.mark.parametrize("method", ["random", "systematic", "stratified"])
def test_a_draw_is_repeated_by_its_seed_and_differs_by_another(method: str) -> None:
    first, again = (draw(rows(500), design(method, 40)) for _ in range(2))
    assert first == again and len({one.record for one in first}) == 40
    assert first != draw(rows(500), design(method, 40, "8"))


def test_a_random_draw_is_fixed_for_ever() -> None:
    """These records come out of seed 20260705 on every machine and in every version."""
    drawn = draw(rows(100), design("random", 3, "20260705"))
    assert [one.record for one in drawn] == ["K00014", "K00033", "K00064"]


def test_a_systematic_draw_has_equal_steps() -> None:
    places = [int(one.record[1:]) for one in draw(rows(100), design("systematic", 10))]
    assert {after - before for before, after in pairwise(places)} == {10}


def test_strata_get_their_share_and_at_least_one() -> None:
    assert allocation({"甲": 90, "乙": 9, "丙": 1}, 10) == {"丙": 1, "乙": 1, "甲": 8}
    assert allocation({"甲": 50, "乙": 50}, 5) in ({"甲": 3, "乙": 2}, {"甲": 2, "乙": 3})
    assert allocation({"甲": 2, "乙": 2}, 4) == {"甲": 2, "乙": 2}
    with pytest.raises(InputError, match="每层至少一笔"):
        allocation({"甲": 2, "乙": 2}, 1)


def test_monetary_units_fall_on_large_amounts_for_certain() -> None:
    amounts = (*rows(50), Drawn(record="Z", digest="z", facts={}, amount=D(100_000)))
    drawn = draw(amounts, design("monetary", 20))
    assert sum(one.hits for one in drawn) == 20
    assert next(one for one in drawn if one.record == "Z").hits >= 19
    with pytest.raises(InputError, match="大于 0"):
        draw((Drawn(record="N", digest="", facts={}, amount=D(-1)),), design("monetary", 1))


# The whole way


LIST = "编号,金额,类型,说明\n" + "".join(
    f"YW{number:04},{number * 100}.00,{'甲' if number % 4 else '乙'},第 {number} 笔\n" for number in range(1, 201)
)


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    home = tiny_workspace(tmp_path / "bank")
    (home / "list.csv").write_text(LIST, "utf-8")
    bench = workbench(home, FILLER)
    yield bench
    bench.store.close()


def made(wb: Workbench, size: int = 5, item: str = "", **asked: object) -> DrawnSample:
    purpose = Purpose(title="双录完整性", period=PERIOD, unit=UNIT, domain=DOMAIN, item=item)
    wanted = PopulationRequest(
        file=wb.home / "list.csv", key="编号", amount="金额", stratum="类型", filters=("金额>1000",)
    )
    settled = {"basis": "fixed", "size": size, "seed": "1", **asked}
    return draw_sample(wb, define(wb, purpose, wanted, WantedSample(**settled)).number)  # type: ignore[arg-type]


def told(wb: Workbench, one: Drawn, outcome: str = "pass", kind: str = "", **more: object) -> dict[str, RecordResult]:
    return {one.record: RecordResult(record=one.record, outcome=outcome, kind=kind, by=wb.actor, revision=0, **more)}  # type: ignore[arg-type]


def filled(wb: Workbench, sample: DrawnSample, failed: int = 0, kind: str = "缺页") -> DrawnSample:
    given: dict[str, RecordResult] = {}
    for place, one in enumerate(sample.drawn):
        bad = place < failed
        given |= told(wb, one, "exception" if bad else "pass", kind if bad else "")
    return record(wb, sample.number, given)


def test_a_population_is_frozen_with_filter_count_amount_and_digest(wb: Workbench) -> None:
    found = made(wb).population
    assert (found.count, found.total) == (190, D(sum(range(11, 201)) * 100))
    assert found.filters == ("金额>1000",)
    assert (wb.home / found.path).read_text("utf-8").splitlines()[0] == "编号,金额,类型,说明"
    assert [one for one in wb.store.verify() if "抽样" in str(one)] == []
    (wb.home / found.path).write_text("改动", "utf-8")
    assert "与冻结时的摘要不符" in stale(wb, sample_of(wb, "CY2026-001"))[0]


def test_attribute_size_is_taken_from_the_banks_usual_rates(wb: Workbench) -> None:
    found = made(wb, basis="attribute")
    assert (found.design.size, found.design.allowed, len(found.drawn)) == (59, 0, 59)


def test_the_banks_own_table_of_sizes(wb: Workbench) -> None:
    with pytest.raises(InputError, match="本行抽样表还没有设置"):
        made(wb, basis="table")
    from msgspec.structs import replace as with_

    from xiaobao.settings import SampleSize, Sampling

    table = (SampleSize(up_to=50, records=5), SampleSize(up_to=189, records=9), SampleSize(up_to=190, records=11))
    wb = replace(wb, settings=with_(wb.settings, sampling=Sampling(table=table)))
    assert made(wb, basis="table").design.size == 11


def test_a_list_with_faults_is_refused_with_all_of_them(wb: Workbench) -> None:
    (wb.home / "list.csv").write_text("编号,金额,类型\nA,1200,甲\nA,1300,甲\nB,很多,甲\n,5,乙\n", "utf-8")
    with pytest.raises(InputError, match="金额不是数字"):
        made(wb)
    (wb.home / "list.csv").write_text("编号,金额,类型\nA,1200,甲\nA,1300,甲\n", "utf-8")
    with pytest.raises(InputError, match="编号重复"):
        made(wb)
    (wb.home / "list.csv").write_text("编号,金额,类型\n13800138000,1200,甲\n", "utf-8")
    with pytest.raises(InputError, match="个人信息"):
        made(wb)


def test_somebody_else_draws_the_same_and_only_then_it_is_confirmed(wb: Workbench) -> None:
    sample = filled(wb, made(wb), failed=1)
    with pytest.raises(NotAllowed, match="请另一人办理"):
        redraw(wb, sample.number)
    other = as_person(wb, INSPECTOR)
    with pytest.raises(InputError, match="另一人复抽"):
        confirm_sample(other, sample.number, "")
    assert redraw(other, sample.number).redraws[-1].same
    with pytest.raises(NotAllowed, match="不能自己确认"):
        confirm_sample(wb, sample.number, "")
    assert confirm_sample(other, sample.number, "同意").state == "confirmed"
    with pytest.raises(InputError, match="已经确认"):
        record(wb, sample.number, told(wb, sample.drawn[0]))


def test_a_sample_is_evaluated_when_every_record_has_a_result(wb: Workbench) -> None:
    sample = made(wb, size=60, tolerable=D("0.05"))
    assert "尚有 60 笔" in evaluate(sample).sentence()
    found = evaluate(filled(wb, sample, failed=1))
    assert (found.exceptions, found.rate, found.upper, found.tolerable) == (1, D("1.67"), D("7.66"), False)
    assert "总体不符率上限 7.66%" in found.sentence() and "超过可容忍不符率 5%" in found.sentence()


def test_a_population_drawn_wholly_has_no_bound_above_its_rate(wb: Workbench) -> None:
    found = evaluate(filled(wb, made(wb, size=500), failed=19))
    assert found.whole and found.upper == found.rate == D("10.00")


def test_monetary_results_project_what_is_overstated(wb: Workbench) -> None:
    sample = made(wb, method="monetary", size=20)
    one = sample.drawn[0]
    given = told(wb, one, "exception", "多记", audited=(one.amount or D(0)) / 2)
    for other in sample.drawn[1:]:
        given |= told(wb, other)
    record(wb, sample.number, given)
    found = evaluation(wb, sample.number)[1]
    interval = (sample.population.total or D(0)) / 20
    assert found.money is not None and found.money.projected == half_up(interval / 2)
    assert found.money.upper > found.money.projected > 0


def test_a_result_needs_its_words_and_a_record_that_was_drawn(wb: Workbench) -> None:
    sample = made(wb)
    with pytest.raises(InputError, match="须写明不符情形"):
        record(wb, sample.number, told(wb, sample.drawn[0], "exception"))
    with pytest.raises(InputError, match="没有抽到"):
        record(wb, sample.number, {"X": RecordResult(record="X", outcome="pass", by=wb.actor, revision=0)})
    record(wb, sample.number, told(wb, sample.drawn[0]))
    with pytest.raises(StaleRevision):
        record(wb, sample.number, told(wb, sample.drawn[0]))


def test_exceptions_become_the_answer_of_the_item_by_its_rule(wb: Workbench) -> None:
    sample = filled(wb, made(wb, item="c-count"), failed=2)
    given = answer_item(wb, sample.number)
    assert given.counts == {"late": D(2)} and given.conclusion is Conclusion.PARTIALLY_COMPLIANT
    assert f"抽样 {sample.number}" in given.note
    refused = filled(wb, made(wb, item="c-judged"), failed=1)
    with pytest.raises(InputError, match="不按不符样本的件数或比例扣分"):
        answer_item(wb, refused.number)


def test_sheets_go_out_and_come_back_and_strange_ones_are_refused(wb: Workbench) -> None:
    sample = made(wb)
    path = wb.home / "sheet.xlsx"
    assert publish_sheets(wb, sample.number, path) == 5
    book = load_workbook(path)
    sheet = book["样本"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    columns = {cell.value: cell.column for cell in head}
    first = head[0].row + 1
    sheet.cell(first, columns["结果"], "不符")
    sheet.cell(first, columns["不符情形"], "缺少签名")
    sheet.cell(first + 1, columns["结果"], "符合")
    book.save(wb.home / "filled.xlsx")
    found = read_sheets(sample, wb.home / "filled.xlsx")
    assert [(one.outcome, one.kind) for one in found.values()] == [("exception", "缺少签名"), ("pass", "")]
    record(wb, sample.number, found)
    again = read_sheets(sample_of(wb, sample.number), path)
    assert again == {}, "an older copy in which nothing was written"


def test_an_older_sheet_does_not_undo_a_newer_result(wb: Workbench) -> None:
    sample = made(wb)
    path = wb.home / "sheet.xlsx"
    publish_sheets(wb, sample.number, path)
    record(wb, sample.number, told(wb, sample.drawn[0]))
    book = load_workbook(path)
    sheet = book["样本"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "序号")
    columns = {cell.value: cell.column for cell in head}
    sheet.cell(head[0].row + 1, columns["结果"], "不符")
    sheet.cell(head[0].row + 1, columns["不符情形"], "缺页")
    sheet.cell(head[0].row + 2, columns["结果"], "也许")
    sheet.cell(head[0].row + 3, columns["编号"], "别的")
    book.save(path)
    with pytest.raises(InputError) as refused:
        read_sheets(sample_of(wb, sample.number), path)
    text = str(refused.value)
    assert all(word in text for word in ("已被他人更新", "也许", "没有抽到这一笔", "少了抽到的一笔"))


def test_a_changed_dataset_marks_its_samples_stale(wb: Workbench) -> None:
    name = "complaints"
    lines = [row(name, number) | {"unit": UNIT} for number in range(1, 31)]

    def bring(rows: list[dict[str, str]]) -> None:
        spec = DATASETS[name]
        heads = [spec.column(head).title for head in rows[0]]
        path = tables.write_csv(wb.home, [heads, *(list(one.values()) for one in rows)])
        import_extract(wb, name, [path], PERIOD, replace=True)

    bring(lines)
    purpose = Purpose(title="按期告知", period=PERIOD, unit=UNIT)
    sample = draw_sample(
        wb, define(wb, purpose, PopulationRequest(dataset=name), WantedSample(basis="fixed", size=4, seed="2")).number
    )
    assert sample.population.count == 30 and stale(wb, sample) == ()
    bring(lines[:-1])
    assert "冻结时 30 笔，现在 29 笔" in stale(wb, sample)[0]
    other = as_person(wb, INSPECTOR)
    filled(wb, sample)
    redraw(other, sample.number)
    with pytest.raises(InputError, match="总体已变化"):
        confirm_sample(other, sample.number, "")


def test_the_paper_says_all_of_it(wb: Workbench) -> None:
    sample = filled(wb, made(wb), failed=1)
    path = publish_sample_paper(wb, sample.number)
    from docx import Document

    text = "\n".join(line.text for line in Document(str(path)).paragraphs)
    for word in (
        sample.population.digest,
        sample.digest,
        "种子 1",
        "金额>1000",
        "190笔",
        "简单随机",
        "尚未复抽",
        "上限",
    ):
        assert word in text, word
    table = next(table for table in printed_tables(path) if table[0][0] == "序号")
    assert [row[1] for row in table[1:]] == [one.record for one in sample.drawn]
    assert table[1][3:5] == ["不符", "缺页"]


def test_the_shipped_template_is_the_one_that_is_made(tmp_path: Path) -> None:
    make_template(tmp_path / "made.docx")
    with ZipFile(tmp_path / "made.docx") as made_now, ZipFile(ROOT / "reports/templates/sample.docx") as shipped:
        assert {n: made_now.read(n) for n in made_now.namelist()} == {n: shipped.read(n) for n in shipped.namelist()}


def test_the_page_fills_a_row_and_shows_what_the_sample_says(wb: Workbench) -> None:
    sample = made(wb)
    page = samples_page(UNIT, PERIOD, workspace=str(wb.home))
    first = page.state["rows"][0]
    answer = page.reply(
        {"type": "save", "items": {first["id"]: {"revision": 0, "cells": {"outcome": "exception", "kind": "缺页"}}}}
    )
    assert answer["faults"] == {} and answer["saved"][first["id"]]["cells"]["kind"] == "缺页"
    assert sample_of(wb, sample.number).tests[0].outcome == "exception"
    again = page.reply({"type": "save", "items": {first["id"]: {"revision": 0, "cells": {"outcome": "pass"}}}})
    assert list(again["stale"]) == [first["id"]]


def test_on_the_page_a_sample_is_set_up_from_a_list_drawn_and_its_papers_handed_out(wb: Workbench) -> None:
    page = samples_page(UNIT, PERIOD, DOMAIN, workspace=str(wb.home))
    assert [one["title"] for one in page.state["actions"]] == ["建立抽样"]
    said = {
        "title": "双录完整性",
        "method": "random",
        "basis": "fixed",
        "size": "4",
        "key": "编号",
        "filters": "金额>1000",
    }
    with pytest.raises(InputError, match="二者择一"):
        page.reply({"type": "define", "values": said})
    wrong = {**said, "size": "四", "tolerable": "300%", "expected": "少"}
    with pytest.raises(InputError) as refused:
        page.reply({"type": "define", "values": wrong, "file": "清单.csv"}, [LIST.encode()])
    assert len(refused.value.faults) == 3
    made = page.reply({"type": "define", "values": said, "file": "清单.csv"}, [LIST.encode()])
    assert "样本量 4" in made["lines"][0]
    [row] = made["state"]["rows"]
    assert row["cells"]["record"] == "还没有抽取" and "金额>1000" in row["cells"]["facts"]["筛选"]
    number = row["id"]

    def step(to: str) -> Any:
        return page.reply({"type": "step", "values": {"sample": number, "to": to}})

    drawn = step("draw")
    assert drawn["lines"] == ["已抽取 4 笔"] and len(drawn["state"]["rows"]) == 4
    with pytest.raises(NotAllowed, match="不能自己复抽"):
        step("redraw")
    for kind, name in (("sheets", f"抽样检查表-{number}.xlsx"), ("paper", f"抽样底稿-{number}.docx")):
        given = step(kind)
        assert given["name"] == name and given["buffers"][0].startswith(b"PK")
    with pytest.raises(InputError, match="请选择办理"):
        step("")


def test_the_commands_go_the_whole_way(wb: Workbench) -> None:
    home = {"XIAOBAO_HOME": str(wb.home)}

    def run(*words: str) -> str:
        done = CliRunner(env=home).invoke(app, ["sample", *words])
        assert done.exit_code == 0, done.output
        return done.output

    given = ("--period", PERIOD, "--unit", UNIT, "--list", str(wb.home / "list.csv"), "--key", "编号")
    assert "样本量 59" in run("define", "签名齐全", *given, "--seed", "9")
    assert "已抽取 59 笔" in run("draw", "CY2026-001")
    sample = sample_of(wb, "CY2026-001")
    run("record", "CY2026-001", sample.drawn[0].record, "符合")
    assert "1 / 59" in run("record", "CY2026-001", sample.drawn[1].record, "不符", "--kind", "缺签名").replace("2", "1")
    assert "尚有 57 笔" in run("evaluate", "CY2026-001")
    assert "签名齐全" in run("list") and "种子 9" in run("show", "CY2026-001")
    assert len(samples(wb)) == 1

"""What sheets of banks say beyond the first kinds of rule, worked by hand on both sides of each limit."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert
from msgspec.structs import replace

from tests.factories.reports import overview
from tests.factories.scoring import (
    ALL,
    LEVELS,
    OUTLET,
    D,
    assert_adds_up,
    cases,
    cause,
    count,
    item,
    judged,
    missing,
    peers,
    pool,
    scheme,
    section,
    sheet,
    threshold,
    told,
    untold,
)
from xiaobao.checklist.canonical import canonical, from_canonical
from xiaobao.checklist.models import Checklist, Citation, Item, LevelOption, Rollup, Subtotal, Tolerance
from xiaobao.checklist.reading import load_checklist
from xiaobao.checklist.rules.looks import looks_text, read_looks
from xiaobao.checklist.scheme_soundness import scheme_flaws
from xiaobao.checklist.soundness import checklist_flaws
from xiaobao.checklist.writing import to_yaml
from xiaobao.forms.patches import read_response
from xiaobao.forms.showing import rule_inputs
from xiaobao.model import (
    CheckResult,
    CheckStatus,
    Conclusion,
    Disposition,
    FactState,
    ItemFacts,
    Lead,
    LeadDecision,
    Look,
    Measured,
    Response,
    Score,
    Stage,
)
from xiaobao.pages.views.card import card_heading
from xiaobao.policies import Policies
from xiaobao.scorecard import CardInputs, DomainResult, build_card
from xiaobao.scoring import explain, item_loss, resolve_peers, roll_up, score, total
from xiaobao.scoring.facts import facts_from_checks
from xiaobao.scoring.responses import response_faults
from xiaobao.workbook.checklists import read_checklist_book, write_checklist
from xiaobao.workbook.summary import BatchSummary, write_batch_summary

PARTLY = Conclusion.PARTIALLY_COMPLIANT


def shortfall(target: str, rate: str, **more: Any) -> dict[str, Any]:
    return {"kind": "shortfall", "target": target, "rate": rate, "unit": "percent"} | more


def measured(value: str, unit: str = "percent") -> ItemFacts:
    return told("I", measured=Measured(value=D(value), unit=unit))


@pytest.mark.parametrize(
    ("value", "part", "lost"),
    [
        ("98", "dropped", "0"),
        ("97.01", "dropped", "0"),
        ("97", "dropped", "1"),
        ("95.5", "dropped", "2"),
        ("95.5", "counted", "3"),
        ("95.5", "proportional", "2.5"),
        ("0.955", "proportional", "2.5"),
        ("50", "dropped", "10"),
    ],
)
def test_each_point_below_the_target_costs_a_point(value: str, part: str, lost: str) -> None:
    """每低 1 个百分点扣 1 分, of an item of 10 points and a target of 98 %."""
    entry = item("I", "10", shortfall("98", "1", part=part))
    unit = "ratio" if value.startswith("0.") else "percent"
    assert item_loss(entry, measured(value, unit)).deducted == D(lost)


@pytest.mark.parametrize(("value", "lost"), [("5", "0"), ("6.9", "0"), ("7", "2"), ("11", "6")])
def test_each_step_above_a_limit_costs_where_less_is_better(value: str, lost: str) -> None:
    entry = item("I", "10", shortfall("5", "2", step="2", reversed=True, unit="day"))
    assert item_loss(entry, measured(value, "day")).deducted == D(lost)


def test_a_third_of_a_step_is_kept_exactly() -> None:
    entry = item("I", "10", shortfall("9", "1", step="3", part="proportional"))
    loss = item_loss(entry, measured("8"))
    assert loss.exact is not None
    assert (loss.exact.numerator, loss.exact.denominator) == (1, 3)


@pytest.mark.parametrize(("absent", "lost"), [("3", "3"), ("4", "10")])
def test_all_of_them_missing_loses_the_item_one_fewer_does_not(absent: str, lost: str) -> None:
    entry = item("I", "10", missing(4, "1") | {"all_forfeits": True})
    assert item_loss(entry, told("I", PARTLY, missing=D(absent))).deducted == D(lost)


def lowest(zero: str, *values: str) -> list[Decimal | None]:
    """Return what units of these complaint rates get of an item of 10 points, where less is better."""
    one = sheet(section("S", item("I", "10", peers("day", reversed=True, zero=zero))))
    waiting = {str(n): (_waiting(value),) for n, value in enumerate(values)}
    found = resolve_peers(one, waiting, list(waiting))
    return [score(one, facts, scheme(), Stage.AFTER).value for facts in found.values()]


def _waiting(value: str) -> ItemFacts:
    return ItemFacts(item_id="I", state=FactState.AWAITING_PEERS, measured=Measured(value=D(value), unit="day"))


def test_a_zero_among_reversed_peers_is_reported_or_gets_full_points() -> None:
    assert lowest("reported", "0", "2", "4") == [None, None, None]
    assert lowest("full", "0", "2", "4") == [D("100.00"), D("100.00"), D("50.00")]
    assert lowest("full", "0", "0") == [D("100.00"), D("100.00")]
    assert lowest("reported", "2", "4") == lowest("full", "2", "4") == [D("100.00"), D("50.00")]


def kept(*facts: ItemFacts, policy: str = "keep") -> Score:
    return score(of_two(policy), facts, scheme(), Stage.AFTER)


def of_two(policy: str) -> Checklist:
    return sheet(section("S", item("I1", "60", judged("60")), item("I2", "40")), policy=policy)


def test_what_does_not_apply_may_stay_in_the_base_without_deduction() -> None:
    idle = untold("I2", FactState.NOT_APPLICABLE)
    lost = told("I1", PARTLY, deduction=D(30))
    assert (kept(lost, idle).value, kept(lost, idle, policy="expand").value) == (D("70.00"), D("50.00"))
    assert kept(lost, untold("I2", FactState.NOT_ASSESSED)).value == D("50.00")
    assert kept(untold("I1", FactState.NOT_APPLICABLE), idle).value is None
    [line] = [one for one in kept(lost, idle).trace if one.node_id == "I2"]
    assert (line.earned, line.explanation) == (40, "不适用，不扣分")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((judged("5"), judged("5")), "会重复扣分"),
        ((shortfall("98", "1"), shortfall("95", "1")), "会重复扣分"),
        ((shortfall("98", "0"),), "没有写每差一次扣几分"),
        (({"kind": "levels", "options": [{"id": "a", "label": "好", "share": "0.9"}]},), "没有得满分的档次"),
        ((peers("day", zero="full"),), "只有越低越好的比较"),
    ],
)
def test_rules_that_cannot_work_are_refused(rules: tuple[dict[str, Any], ...], said: str) -> None:
    flaws = [flaw.message for flaw in checklist_flaws(sheet(section("S", item("I", "10", *rules))))]
    assert [said in message for message in flaws] == [True]


@pytest.mark.parametrize(
    "rules",
    [
        (judged("5"), missing(2, "1")),
        (shortfall("98", "1"), {"kind": "threshold", "unit": "percent", "at_least": "80"}),
        ({"kind": "levels", "options": [{"id": "a", "label": "好", "share": "1"}]},),
    ],
)
def test_rules_beside_one_another_may_read_different_things(rules: tuple[dict[str, Any], ...]) -> None:
    assert list(checklist_flaws(sheet(section("S", item("I", "10", *rules))))) == []


# --- any of several requirements ------------------------------------------------------------------------------------


def any_of(*ways: str, least: int = 1) -> dict[str, Any]:
    return {"kind": "any_of", "ways": [{"id": way, "label": f"要求{way}"} for way in ways], "least": least}


@pytest.mark.parametrize(
    ("met", "least", "lost"), [("", 1, "10"), ("a", 1, "0"), ("abc", 1, "0"), ("a", 2, "10"), ("ac", 2, "0")]
)
def test_any_of_several_requirements_is_enough_and_fewer_lose_the_item(met: str, least: int, lost: str) -> None:
    entry = item("I", "10", any_of("a", "b", "c", least=least))
    facts = told("I", PARTLY, counts={way: D(way in met) for way in "abc"})
    assert item_loss(entry, facts).deducted == D(lost)


def test_of_several_requirements_a_conclusion_alone_says_enough_or_none() -> None:
    entry = item("I", "10", any_of("a", "b"))
    assert item_loss(entry, told("I")).deducted == 0
    assert item_loss(entry, told("I", Conclusion.NON_COMPLIANT)).deducted == 10
    assert faults(entry, PARTLY) == ["未填写满足了哪几项"]


# --- several looks, persons under an item -----------------------------------------------------------------------------


def looks(how: str = "mean", **more: Any) -> dict[str, Any]:
    return {"kind": "looks", "how": how} | more


def seen(text: str) -> tuple[Look, ...]:
    return read_looks(text, item("I", "10", looks()).marks())


@pytest.mark.parametrize(("how", "lost"), [("mean", Fraction(5)), ("worst", Fraction(10)), ("each", Fraction(3))])
def test_several_looks_come_to_their_mean_the_worst_or_each_its_own(how: str, lost: Fraction) -> None:
    """符合, 部分符合, 不符合: 1, 0.5 and 0 of the points; at 2 points each they lose 0 + 1 + 2."""
    entry = item("I", "10", looks(how, **({"rate": "2"} if how == "each" else {})))
    loss = item_loss(entry, told("I", PARTLY, looks=seen("第1次=符合\n第2次：部分符合；第3次＝不符合")))
    assert (loss.exact or Fraction(loss.deducted)) == lost


def test_a_third_of_the_looks_is_kept_exactly_and_said() -> None:
    loss = item_loss(item("I", "10", looks()), told("I", PARTLY, looks=seen("甲=符合\n乙=符合\n丙=不符合")))
    assert loss.exact == Fraction(10, 3)
    assert loss.explanation.startswith("共 3 次：丙“不符合”（0%）、得满分 2 次，取平均，得该项分值的 66.6667%")


def test_persons_are_listed_under_one_item_and_each_costs_until_nothing_is_left() -> None:
    entry = item("I", "5", looks("each", each="人", rate="2"))
    three = "\n".join(f"员工{n}=不符合" for n in range(3))
    loss = item_loss(entry, told("I", PARTLY, looks=seen(three)))
    assert (loss.should, loss.deducted) == (6, 5)
    assert "员工0“不符合”" in loss.explanation
    assert "应扣 6 分，扣完为止，实扣 5 分" in loss.explanation


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "未填写逐次结果"),
        ("第1次=符合", "只填写了 1 次，至少要 2 次"),
        ("第1次=优\n第2次=符合", "没有这种结果"),
        ("第1次=符合\n第1次=不符合", "同一名称写了两次"),
        ("=符合\n第2次=符合", "没有写名称，或名称太长"),
        ("第1次=符合\n第2次=不符合", ""),
    ],
)
def test_what_is_wrong_with_looks_is_said_before_they_are_kept(text: str, said: str) -> None:
    entry = item("I", "10", looks(least=2))
    answer = read_response("I", {"conclusion": "partially_compliant", "reason": "见底稿", "looks": text}, entry.marks())
    assert [fault.message for fault in response_faults(entry, answer)] == ([said] if said else [])


def test_looks_are_asked_one_a_line_and_come_back_as_written() -> None:
    entry = item("I", "10", looks())
    [widget] = rule_inputs(entry, entry.rules[0])
    assert (widget["widget"], widget["field"], widget["always"]) == ("lines", "looks", True)
    assert "写“名称=结果”；结果可填符合、部分符合、不符合；取平均" in str(widget["hint"])
    assert looks_text(seen("甲：符合；乙=不符合"), entry.marks()) == "甲=符合\n乙=不符合"
    strange = Response(item_id="J", conclusion=PARTLY, looks=seen("甲=符合"))
    assert "本检查项不逐次（逐人）记录" in [one.message for one in response_faults(item("J", "5", ALL), strange)]


@given(st.lists(st.sampled_from(["符合", "部分符合", "不符合"]), min_size=1, max_size=20), st.integers(1, 40))
def test_any_number_of_looks_adds_up_to_the_last_digit(marks: list[str], points: int) -> None:
    entry = item("I", str(points), looks())
    facts = told("I", PARTLY, looks=seen("\n".join(f"{n}={mark}" for n, mark in enumerate(marks))))
    share = sum((Fraction({"符合": 2, "部分符合": 1, "不符合": 0}[m], 2) for m in marks), Fraction(0)) / len(marks)
    loss = item_loss(entry, facts)
    assert (loss.exact if loss.exact is not None else Fraction(loss.deducted)) == points * (1 - share)
    assert_adds_up(score(sheet(section("S", entry, item("K", "7"))), [facts, told("K")], scheme(), Stage.AFTER))


# --- by rank ----------------------------------------------------------------------------------------------------------


def rank(*bands: tuple[int, str], **more: Any) -> dict[str, Any]:
    ranks = [{"to": to, "points": points} for to, points in bands]
    return {"kind": "rank", "ranks": ranks, "unit": "piece"} | more


def ranked(rule: dict[str, Any], *values: str) -> list[Decimal]:
    """Return what units of these values get in a pool of at most 3 points beside a sheet of 100."""
    one = sheet(section("S", item("K", "100")), pool("P", item("I", "3", rule), points="3", minimum="0"))
    kept = told("K", PARTLY, deduction=D(20))
    one = sheet(section("S", item("K", "100", judged("100"))), *one.sections[1:])
    waiting = {str(n): (kept, _counted(value)) for n, value in enumerate(values)}
    found = resolve_peers(one, waiting, list(waiting))
    scores = [score(one, facts, scheme(), Stage.AFTER) for facts in found.values()]
    for made in scores:
        assert_adds_up(made)
    return [made.value - 80 for made in scores if made.value is not None]


def _counted(value: str) -> ItemFacts:
    return ItemFacts(item_id="I", state=FactState.AWAITING_PEERS, measured=Measured(value=D(value), unit="piece"))


def test_a_bonus_goes_by_rank_and_ties_share_the_better_one() -> None:
    rule = rank((1, "3"), (3, "2"))
    assert ranked(rule, "9", "8", "7", "6") == [3, 2, 2, 0]
    assert ranked(rule, "9", "9", "7", "6") == [3, 3, 2, 0]
    assert ranked(rule, "9", "8", "7", "7") == [3, 2, 2, 2]
    assert ranked(rank((1, "3"), reversed=True), "9", "0") == [0, 3]
    assert ranked(rule, "5") == [3]


def test_a_rank_is_not_given_before_every_unit_is_in_and_says_where_it_ends() -> None:
    one = sheet(section("S", item("I", "3", rank((1, "3"), (2, "1")))))
    waiting = {"B1": (_counted("9"),), "B2": (_counted("7"),)}
    early = resolve_peers(one, waiting, ["B1", "B2", "B3"])
    assert "尚缺 1 家：B3" in early["B1"][0].reason
    late = resolve_peers(one, waiting, ["B1", "B2"])
    [line] = [one for one in score(one, late["B2"], scheme(), Stage.AFTER).trace if one.node_id == "I"]
    assert line.explanation == "实测 7 个，全部受检机构前 2 名（第 2 名 7 个），得 1 分"


# --- 1:12 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "lost"),
    [
        ("12", "one_to", "0"),
        ("11.9", "one_to", "10"),
        ("20", "one_to", "0"),
        ("8.33", "percent", "0"),
        ("8.34", "percent", "10"),
        ("0", "percent", "0"),
    ],
)
def test_a_ratio_is_held_against_one_to_twelve(value: str, unit: str, lost: str) -> None:
    entry = item("I", "10", threshold("one_to", high="12"))
    assert item_loss(entry, measured(value, unit)).deducted == D(lost)


def test_a_ratio_is_typed_and_shown_as_people_write_it() -> None:
    entry = item("I", "10", threshold("one_to", high="12"))
    for text in ("1:12", "1：12", " 1 : 12 "):
        assert read_response("I", {"measured": text}).measured == Measured(value=D(12), unit="one_to")
    said = item_loss(entry, measured("10", "one_to")).explanation
    assert said == "实测 1:10，要求不大于 1:12，未达到要求，该项不得分"
    nothing = Response(item_id="I", conclusion=Conclusion.COMPLIANT, measured=Measured(value=D(0), unit="one_to"))
    assert [one.message for one in response_faults(entry, nothing)] == ["“1 比几”的后一数应大于 0"]


# --- a total above 100 ------------------------------------------------------------------------------------------------


def lifted(ceiling: str, bonus: str = "8") -> Score:
    one = sheet(
        section("S", item("K", "100")), pool("P", item("I", bonus, any_of("a", "b")), points=bonus, minimum="0")
    )
    one = convert_with(one, ceiling=D(ceiling))
    return score(one, [told("K"), told("I")], scheme(), Stage.AFTER)


def convert_with(one: Checklist, **more: Any) -> Checklist:
    return replace(one, **more)


def test_a_score_rises_above_a_hundred_only_where_the_sheet_says_so() -> None:
    assert (lifted("100").value, lifted("105").value, lifted("110").value) == (D("100.00"), D("105.00"), D("108.00"))
    for made in (lifted("100"), lifted("105"), lifted("110")):
        assert_adds_up(made)
    [line] = [one for one in lifted("105").trace if one.kind == "clamp"]
    assert (line.earned, line.explanation) == (-3, "加减分后限于 0 至 105 分")


def test_a_total_takes_what_a_sheet_earned_above_a_hundred_up_to_its_own_ceiling() -> None:
    made = {"disclosure": lifted("110")}
    held = total(scheme(weights={"disclosure": D(100)}), made, Stage.AFTER)
    free = total(scheme(weights={"disclosure": D(100)}, ceiling=D(110)), made, Stage.AFTER)
    assert (held.value, free.value) == (D("100.00"), D("108.00"))
    for whole in (held, free):
        assert sum(line.earned for line in whole.trace if not line.parent_id) == whole.value


# --- a parent of several kinds of children ----------------------------------------------------------------------------


def parent(shares: dict[str, str], titles: dict[str, str] | None = None, **more: Any) -> Any:
    one = scheme(rollup=convert({"own": "0.5", "shares": shares, **more}, Rollup, strict=False))
    levels = {"HO": "head_office", "D1": "department", "B1": "branch", "B2": "branch", "O1": "outlet"}
    own = {"HO": D(90), "D1": D(80), "B1": D(60), "B2": D(70), "O1": D(10)}
    return roll_up(one, own, dict.fromkeys(("D1", "B1", "B2", "O1"), "HO"), levels=levels, titles=titles or {})["HO"]


def test_a_parent_takes_each_kind_of_children_by_its_mean_and_share() -> None:
    """Half of 90 and half of 40 % × 80 + 60 % × mean(60, 70) = 45 + (32 + 39) / 2."""
    rolled = parent({"department": "0.4", "branch": "0.6"})
    assert (rolled.value, rolled.children_mean) == (D("80.50"), D("71.00"))
    assert "部室 1 家平均 80 × 40% + 分行 2 家平均 65 × 60%" in rolled.explanation.replace("部门", "部室")
    assert rolled.excluded == ("O1",)
    named = parent({"department": "0.4", "branch": "0.6"}, titles={"branch": "支行、县联社"})
    assert "部室 1 家平均 80 × 40% + 支行、县联社 2 家平均 65 × 60%" in named.explanation.replace("部门", "部室")


def test_a_kind_without_children_leaves_its_share_to_the_others() -> None:
    rolled = parent({"department": "0.4", "sub_branch": "0.6"})
    assert rolled.children_mean == D("80.00")
    assert "折算" in rolled.explanation


def test_each_kind_of_children_may_come_to_something_else_than_a_mean() -> None:
    assert parent({"branch": "1"}, how="min").children_mean == D("60.00")


# --- one scale, two subtotals -----------------------------------------------------------------------------------------

SCALE = ("a 好 1", "b 中 0.6", "c 差 0")


def scaled() -> Checklist:
    options = tuple(
        LevelOption(id=id, label=label, share=D(share)) for id, label, share in (one.split() for one in SCALE)
    )
    subtotals = (Subtotal(id="t1", title="制度", within=("I1",)), Subtotal(id="t2", title="执行", within=("S2",)))
    parts = (section("S1", item("I1", "10", LEVELS)), section("S2", item("I2", "20", looks()), item("I3", "10", ALL)))
    return convert_with(sheet(*parts), scale=options, subtotals=subtotals)


def test_one_scale_holds_for_the_whole_sheet() -> None:
    first, second, _ = scaled().items()
    assert item_loss(first, told("I1", PARTLY, option="b")).deducted == 4
    assert item_loss(second, told("I2", PARTLY, looks=(Look(name="甲", mark="b"),))).deducted == 8
    assert first.options() == {"a": "好", "b": "中", "c": "差"}
    assert list(checklist_flaws(scaled())) == []


def test_a_scale_is_written_once_and_changing_it_changes_every_item(tmp_path: Path) -> None:
    text = to_yaml(scaled())
    assert text.count("label: 中") == 1
    path = tmp_path / "scaled.yaml"
    path.write_text(text.replace("share: 0.6", "share: 0.5"))
    assert item_loss(load_checklist(path).items()[0], told("I1", PARTLY, option="b")).deducted == 5


def test_subtotals_stand_beside_the_score_and_are_counted_nowhere() -> None:
    facts = [
        told("I1", PARTLY, option="b"),
        told("I2", looks=(Look(name="甲", mark="a"),)),
        told("I3", Conclusion.NON_COMPLIANT),
    ]
    made = score(scaled(), facts, scheme(), Stage.AFTER)
    shown = [(one.title, one.earned, one.value) for one in made.subtotals]
    assert shown == [("制度", 6, 60), ("执行", 20, D("66.67"))]
    assert made.value == D("65.00")
    assert_adds_up(made)
    assert "小计“制度”：可得 10 分，得 6 分（百分制 60）。" in explain(made, made.trace[0].node_id)


def test_subtotals_are_seen_on_the_card_and_in_the_summary_workbook(tmp_path: Path) -> None:
    facts = [told("I1", PARTLY, option="b"), told("I2", looks=(Look(name="甲", mark="a"),)), told("I3")]
    made = score(scaled(), facts, scheme(), Stage.AFTER)
    inputs = CardInputs(
        unit=OUTLET,
        period="2026H1",
        scheme=scheme(),
        results={"complaints": DomainResult(before=made, after=made, reviewed=True)},
    )
    card = build_card(inputs)
    assert "投诉处理小计“制度”：可得 10 分，得 6 分（百分制 60）。" in card.notes
    assert "小计“制度”" in card_heading(card)._repr_html_()  # the static page and the Word report print the same notes
    path, cards = tmp_path / "汇总.xlsx", {OUTLET.id: card}
    day = date(2026, 7, 5)
    write_batch_summary(
        BatchSummary(overview=overview(), cards=cards, leads=(), findings=(), as_of=day, operator="李四"), path
    )
    rows = list(openpyxl.load_workbook(path)["并列小计"].iter_rows(values_only=True))
    assert [row[3:] for row in rows[1:]] == [("制度", 10, 6, 60), ("执行", 30, 30, 100)]


def test_subtotals_come_home_from_the_workbook_of_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "检查表.xlsx"
    write_checklist(scaled(), path, bank="示例银行")
    assert read_checklist_book(path) == scaled()


# --- tolerance, and what is partly so ---------------------------------------------------------------------------------

PARTLY_SO = Policies(partly_counts=D("0.5"))


def checked(entry: Item, said: str, population: int = 100) -> ItemFacts:
    """Return the facts of a data item: each letter a lead, c confirmed, p partly, r refuted."""
    kinds = {"c": Disposition.CONFIRMED, "p": Disposition.PARTLY, "r": Disposition.REFUTED}
    leads = tuple(
        Lead(id=f"L{n}", check_id="k", item_id="I", unit="B01", period="2026H1", summary="", record={})
        for n in range(len(said))
    )
    decisions = {f"L{n}": LeadDecision(lead_id=f"L{n}", decided=kinds[one]) for n, one in enumerate(said)}
    status = CheckStatus.LEADS if leads else CheckStatus.CLEAR
    result = CheckResult(check_id="k", status=status, population=population, hits=len(leads), leads=leads)
    return facts_from_checks(entry, [result], decisions, Stage.AFTER, PARTLY_SO)


def data_item(*rules: dict[str, Any], tolerance: Tolerance | None = None) -> Item:
    return item("I", "10", *rules, answered_by="data", checks=("k",), tolerance=tolerance)


@pytest.mark.parametrize("rule", [ALL, count(cause("k", "10")), count(cause("k", forfeits=True)), cases(("k", "0"))])
@pytest.mark.parametrize(("said", "lost"), [("r", "0"), ("p", "5"), ("pp", "10"), ("c", "10"), ("pr", "5")])
def test_what_is_partly_so_counts_by_one_share_under_every_kind_of_rule(
    rule: dict[str, Any], said: str, lost: str
) -> None:
    entry = data_item(rule)
    facts = checked(entry, said)
    assert item_loss(entry, facts).deducted == D(lost)
    if "p" in said:
        assert "（每条计 0.5 次）" in facts.reason


@pytest.mark.parametrize(
    ("by", "said", "lost", "why"),
    [
        ("count", "cc", "0", "计 2 条，未超过容许 3 条，不扣分"),
        ("count", "ccc", "0", "提示：计 3 条，超过提示界限 2 条，未超过容许 3 条，不扣分"),
        ("count", "cccp", "7", "计 3.5 条，超过容许 3 条，全部计入扣分"),
        ("share", "ccc", "0", "提示：计 3 条，占 3%，超过提示界限 2%，未超过容许 3%，不扣分"),
        ("share", "cccp", "7", "计 3.5 条，占 3.5%，超过容许 3%，全部计入扣分"),
    ],
)
def test_a_tolerance_stands_in_the_checklist_and_is_said(by: Any, said: str, lost: str, why: str) -> None:
    entry = data_item(count(cause("k", "2")), tolerance=Tolerance(by=by, warn=D(2), fail=D(3)))
    facts = checked(entry, said)
    assert item_loss(entry, facts).deducted == D(lost)
    assert facts.reason.endswith(why)
    assert len(facts.leads) == len(said)


# --- what cannot work, and there and back -----------------------------------------------------------------------------


def faults(entry: Item, conclusion: Conclusion) -> list[str]:
    return [one.message for one in response_faults(entry, Response(item_id=entry.id, conclusion=conclusion))]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((any_of("a", "b", least=2),), "至少满足的项数应少于可选要求的项数"),
        ((looks("each"),), "逐个扣分没有写每个扣几分"),
        ((looks(rate="2"),), "只有逐个扣分才写每个扣几分"),
        ((looks(options=[{"id": "a", "label": "好", "share": "0.9"}]),), "没有得满分的档次"),
        ((rank((1, "11")),), "名次所得分数高于该项分值"),
        ((rank((1, "2"), (3, "3")),), "名次靠后的得分高于名次靠前的"),
        ((rank((1, "3")), peers("day")), "一项只能有一条"),
        ((shortfall("12", "1", unit="one_to"),), "“1 比几”之间相减没有意义"),
        ((threshold("one_to", high="0"),), "“1 比几”的后一数应大于 0"),
    ],
)
def test_new_rules_that_cannot_work_are_refused(rules: tuple[dict[str, Any], ...], said: str) -> None:
    flaws = [flaw.message for flaw in checklist_flaws(sheet(section("S", item("I", "10", *rules))))]
    assert any(said in message for message in flaws), flaws


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ceiling": D(110)}, "得分上限不起作用"),
        ({"scale": (LevelOption(id="a", label="好", share=D(1)),)}, "却没有检查项用它"),
        ({"subtotals": (Subtotal(id="t", title="甲", within=("X",)),)}, "检查表里没有这个部分或检查项"),
        ({"subtotals": (Subtotal(id="t", title="甲", within=("S", "I")),)}, "里算了两次"),
    ],
)
def test_settings_of_a_sheet_that_cannot_work_are_refused(more: dict[str, Any], said: str) -> None:
    flaws = [flaw.message for flaw in checklist_flaws(convert_with(sheet(section("S", item("I", "10", ALL))), **more))]
    assert [said in message for message in flaws] == [True]


FED = {"kind": "shortfall", "target": "98", "rate": "1", "figure": "on_time_rate"}


@pytest.mark.parametrize(
    ("tolerance", "rule", "said"),
    [
        (Tolerance(by="count", fail=D(2), warn=D(2)), count(cause("k", "1")), "永远不会提示"),
        (Tolerance(by="share", fail=D(100)), count(cause("k", "1")), "永远不会扣分"),
        (
            Tolerance(by="count", fail=D(2)),
            {"kind": "shortfall", "target": "98", "rate": "1", "figure": "on_time_rate"},
            "不写容许",
        ),
    ],
)
def test_tolerances_that_cannot_work_are_refused(tolerance: Tolerance, rule: dict[str, Any], said: str) -> None:
    flaws = [flaw.message for flaw in checklist_flaws(sheet(section("S", data_item(rule, tolerance=tolerance))))]
    assert any(said in message for message in flaws), flaws


def test_shares_of_kinds_of_children_are_a_whole() -> None:
    one = scheme(rollup=convert({"own": "0.5", "shares": {"branch": "0.6"}}, Rollup, strict=False))
    assert "各层级所占比例之和不等于 1" in [flaw.message for flaw in scheme_flaws(one)]


def every_new_word() -> Checklist:
    """A sheet that says all of them at once."""
    rules = [
        item("N1", "10", any_of("a", "b")),
        item("N2", "10", looks("each", each="人", rate="2", least=2)),
        item("N3", "10", threshold("one_to", high="12")),
        item("N4", "10", missing(4, "1") | {"all_forfeits": True}),
        item("N5", "10", shortfall("98", "1", part="counted")),
        replace(data_item(count(cause("k", "2")), tolerance=Tolerance(by="share", fail=D(2), warn=D(1))), id="N6"),
    ]
    base = scaled()
    bonus = pool("P", item("N7", "3", rank((1, "3"), (3, "2"))), points="3", minimum="0")
    parts = (*base.as_written().sections, section("S9", *rules), bonus)
    return convert_with(sheet(*parts, policy="keep"), scale=base.scale, subtotals=base.subtotals, ceiling=D(105))


def test_all_that_is_sayable_goes_to_yaml_excel_and_the_store_and_comes_back_the_same(tmp_path: Path) -> None:
    whole = every_new_word()
    assert list(checklist_flaws(whole)) == []
    assert from_canonical(canonical(whole)) == whole
    path = tmp_path / "whole.yaml"
    path.write_text(to_yaml(whole))
    assert load_checklist(path) == whole
    write_checklist(whole, tmp_path / "whole.xlsx", bank="示例银行")
    assert read_checklist_book(tmp_path / "whole.xlsx") == whole


def test_where_a_loss_is_explained_stand_record_day_share_requirement_and_article() -> None:
    entry = replace(
        data_item(count(cause("k", "2"))),
        requirement="投诉应按期办结。",
        practice=False,
        citations=(
            Citation(document="3号令", article="第十八条"),
            Citation(document="某办法", article="9", unverified=True),
        ),
    )
    lead = Lead(
        id="L0",
        check_id="k",
        item_id="I",
        unit="B01",
        period="2026H1",
        summary="",
        record={"投诉编号": "T1"},
        business_date=date(2026, 3, 2),
    )
    result = CheckResult(check_id="k", status=CheckStatus.LEADS, population=10, hits=1, leads=(lead,))
    decision = LeadDecision(lead_id="L0", decided=Disposition.PARTLY)
    facts = facts_from_checks(entry, [result], {"L0": decision}, Stage.AFTER, PARTLY_SO)
    told_so = "".join(explain(score(sheet(section("S", entry)), [facts], scheme(), Stage.AFTER), "I"))
    assert "“情形k” 0.5 次（部分属实按比例折算），每次扣 2 分，扣 1 分" in told_so
    assert "部分属实 1 条（每条计 0.5 次）；投诉编号 T1（2026-03-02，部分属实计 0.5 次）" in told_so
    assert "要求：投诉应按期办结（3号令第十八条、某办法（引用未核实））。" in told_so


def test_no_head_of_a_workbook_is_english_and_no_cell_is_written_for_machines(tmp_path: Path) -> None:
    write_checklist(every_new_word(), tmp_path / "whole.xlsx", bank="示例银行")
    book = openpyxl.load_workbook(tmp_path / "whole.xlsx")
    cells = [cell for page in book for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert [cell.value for cell in cells if cell.row == 1 and re.search("[A-Za-z]", cell.value)] == []
    assert [cell.value for cell in cells if re.search(r"[{}\[\]]|true|false|null", cell.value)] == []
    words = {"mean", "worst", "each", "share", "count", "keep", "one_to", "looks", "rank", "any_of", "person", "data"}
    spoken = [word for cell in cells for word in re.findall("[A-Za-z_]+", cell.value) if word in words]
    assert spoken == []

"""What changed and why: the largest causes of all steps, to the last digit, with rounding apart."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from xiaobao.scorecard.changes import causes_sentence, change_of, signed
from xiaobao.scoring.bridge import BridgePart, BridgeStep, ScoreBridge

D = Decimal


def _part(item: str, change: str) -> BridgePart:
    return BridgePart(section="", item=item, change=D(change))


def _bridge() -> ScoreBridge:
    """90.00 → 84.24: twelve items in two steps, a step without items, and 0.0003 of rounding."""
    small = tuple(_part(f"A-{place:02d}", "-0.1001") for place in range(1, 11))
    results = (_part("Z-99", "-4.5000"), *small)
    steps = (
        BridgeStep(kind="weights", title="分值、权重和规则变化", change=D("1.2407"), reached=D("91.2407")),
        BridgeStep(kind="results", title="检查结论变化", change=D("-5.5010"), reached=D("85.7397"), parts=results),
        BridgeStep(
            kind="deductions",
            title="扣分数量变化",
            change=D("-1.5000"),
            reached=D("84.2397"),
            parts=(_part("B-01", "-1.5000"),),
        ),
        BridgeStep(kind="rounding", title="四舍五入", change=D("0.0003"), reached=D("84.24")),
    )
    return ScoreBridge(before_period="2025H2", after_period="2026H1", before=D("90.00"), after=D("84.24"), steps=steps)


def test_the_ten_largest_stand_first_whatever_their_code_and_step() -> None:
    change = change_of(_bridge())
    assert change is not None
    assert [one.what for one in change.causes[:4]] == ["Z-99", "B-01", "分值、权重和规则变化", "A-01"]
    assert len(change.causes) == 10
    assert change.rest == D("-0.3003")
    assert change.rounding == D("0.0003")


def test_nothing_is_lost_between_the_two_totals() -> None:
    change = change_of(_bridge(), most=2)
    assert change is not None
    moved = sum((one.change for one in change.causes), D(0))
    assert change.before + moved + change.rest + change.rounding == change.after
    ends = change.bars
    assert (ends[0][1], ends[-1][2] + change.rounding) == (D("90.00"), D("84.24"))
    assert all(one[2] == following[1] for one, following in pairwise(ends))


def test_the_sentence_names_the_way_and_its_largest_causes() -> None:
    said = "较 2025H2 -5.76 分，影响最大的是Z-99 -4.50、B-01 -1.50、分值、权重和规则变化 +1.24。"
    assert causes_sentence(change_of(_bridge())) == said
    assert causes_sentence(change_of(None)) == ""


def test_a_difference_has_two_decimals_and_a_sign_unless_it_rounds_to_nothing() -> None:
    assert [signed(D(text)) for text in ("0.005", "-0.005", "0.0049", "-7.6923")] == ["+0.01", "-0.01", "0.00", "-7.69"]

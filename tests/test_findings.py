"""Findings come from points lost after decisions; only a binding article makes a violation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.scoring import ALL, OUTLET, D, cause, count, item, scheme, section, sheet, threshold
from xiaobao.checklist.models import Item
from xiaobao.findings import facts_alone, finding_id, raise_findings
from xiaobao.model import (
    CheckResult,
    CheckStatus,
    Conclusion,
    Disposition,
    Finding,
    Lead,
    LeadDecision,
    Measured,
    Nature,
    Period,
    Response,
    Severity,
    Stage,
)
from xiaobao.policies import Policies
from xiaobao.scoring import gather_facts, score

CITED = {"practice": False, "citations": [{"document": "3号令", "article": "第十八条"}]}
NON = Conclusion.NON_COMPLIANT


def raised(
    *items: Item,
    responses: dict[str, Response] | None = None,
    results: tuple[CheckResult, ...] = (),
    decisions: dict[str, LeadDecision] | None = None,
    binding: dict[str, bool] | None = None,
    stage: Stage = Stage.AFTER,
) -> tuple[Finding, ...]:
    whole = sheet(section("S", *items))
    facts = gather_facts(
        whole, OUTLET, Period.parse("2026H1"), responses or {}, results, decisions or {}, stage, Policies()
    )
    leads = {lead.id: lead for result in results for lead in result.leads}
    citations = {entry.id: "《办法》第十八条" for entry in items if entry.citations}
    outcome = score(whole, facts, scheme(), stage)
    return raise_findings(whole, facts, outcome, citations, leads, decisions or {}, OUTLET.id, "2026H1", binding or {})


def one(entry: Item, response: Response, **more: Any) -> Finding:
    found = raised(entry, responses={entry.id: response}, **more)
    assert len(found) == 1
    return found[0]


BAD = Response(item_id="I", conclusion=NON, reason="公示牌缺失")


def test_only_items_that_lost_points_raise_a_finding() -> None:
    items = [item(id, "5") for id in ("I", "J", "K", "L")]
    answers = {
        "I": BAD,
        "J": Response(item_id="J", conclusion=Conclusion.COMPLIANT),
        "K": Response(item_id="K", conclusion=Conclusion.NOT_APPLICABLE, reason="未设网点"),
    }
    assert [finding.item_id for finding in raised(*items, responses=answers)] == ["I"]


@pytest.mark.parametrize(
    ("more", "binding", "nature"),
    [
        (CITED, {"I": True}, Nature.VIOLATION),
        (CITED, {"I": False}, Nature.SUGGESTION),
        (CITED, {}, Nature.SUGGESTION),
        ({"practice": True}, {"I": True}, Nature.IRREGULARITY),
    ],
)
def test_the_nature_follows_the_grounds(more: dict[str, Any], binding: dict[str, bool], nature: Nature) -> None:
    assert one(item("I", "5", **more), BAD, binding=binding).nature is nature


def test_a_finding_says_criteria_condition_and_recommendation() -> None:
    entry = item(
        "I", "5", count(cause("late", "2")), severity="high", **CITED, guidance={"good": "三日内报送", "bad": "不报"}
    )
    finding = one(
        entry,
        Response(item_id="I", conclusion=NON, counts={"late": D(1)}, reason="三月报送晚两天"),
        binding={"I": True},
    )
    assert finding.criteria == "《办法》第十八条。检查要求：要求I"
    assert finding.condition == "检查结论为不符合；情形late 1 次；三月报送晚两天。扣 2 分（该项 5 分）。"
    assert facts_alone(finding) == "情形late 1 次；三月报送晚两天。"
    assert finding.recommendation.startswith("对照要求整改：要求I。可参照的做法：三日内报送。整改后按检查程序复核：")
    assert (finding.severity, finding.points_lost, finding.domain) == (Severity.HIGH, 2, "complaints")


def test_a_measured_fact_keeps_its_unit() -> None:
    entry = item("I", "5", threshold("m", "0.9"))
    finding = one(
        entry, Response(item_id="I", conclusion=NON, measured=Measured(value=D("85"), unit="cm"), reason="北门坡道")
    )
    assert "实测 85 厘米" in finding.condition


def test_a_practice_item_does_not_pretend_to_have_an_article() -> None:
    assert "行业做法，不对应条文" in one(item("I", "5"), BAD).criteria


def test_the_id_is_stable_and_differs_by_unit_period_and_item() -> None:
    first = one(item("I", "5"), BAD)
    assert first.id == one(item("I", "3"), BAD).id == finding_id(OUTLET.id, "2026H1", "I")
    assert len({finding_id(*key) for key in (("a", "b", "c"), ("a", "b", "d"), ("a", "c", "c"), ("ab", "", "c"))}) == 4


def test_personal_data_in_a_reason_never_reach_a_finding() -> None:
    finding = one(
        item("I", "5"), Response(item_id="I", conclusion=NON, reason="客户 11010519491231002X，手机 13800138000 投诉")
    )
    assert "11010519491231002X" not in finding.condition
    assert "13800138000" not in finding.condition


def hit(number: int) -> Lead:
    record = {"投诉编号": f"TS{number:03d}", "受理日": "2026-01-05"}
    return Lead(
        id=f"L{number:02d}",
        check_id="complaints.overdue",
        item_id="I",
        unit=OUTLET.id,
        period="2026H1",
        summary=f"超期 {number} 日",
        record=record,
    )


DATA = item("I", "10", count(cause("complaints.overdue", "1")), answered_by="data", checks=["complaints.overdue"])


def test_leads_are_told_by_decision_and_by_their_business_keys() -> None:
    leads = tuple(hit(n) for n in range(1, 9))
    kinds = [Disposition.REFUTED, Disposition.PARTLY, *[Disposition.CONFIRMED] * 6]
    decisions = {lead.id: LeadDecision(lead_id=lead.id, decided=kind) for lead, kind in zip(leads, kinds, strict=True)}
    result = CheckResult(check_id="complaints.overdue", status=CheckStatus.LEADS, population=100, hits=8, leads=leads)
    (finding,) = raised(DATA, results=(result,), decisions=decisions)
    assert "属实 6 条，部分属实 1 条" in finding.condition
    assert facts_alone(finding).startswith("超期")
    assert "超期 2 日（投诉编号：TS002）" in finding.condition
    assert "TS001" not in finding.condition
    assert "其余 2 条见疑点清单" in finding.condition
    assert finding.leads == tuple(f"L{n:02d}" for n in range(2, 9))
    assert finding.points_lost == D("6.5")


def test_an_undecided_lead_raises_no_finding_and_nothing_is_raised_before_decisions() -> None:
    result = CheckResult(
        check_id="complaints.overdue", status=CheckStatus.LEADS, population=100, hits=1, leads=(hit(1),)
    )
    assert raised(DATA, results=(result,)) == ()
    with pytest.raises(ValueError, match="decided"):
        raised(item("I", "5", ALL), stage=Stage.BEFORE)

"""一票否决 is never without effect: the sheet's grade, the total's, and what is checked before anybody relies on it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import convert, structs

from tests.factories.inspections import tiny_workspace, workbench
from tests.factories.scoring import OUTLET, D, item, judged, scheme, section, sheet, told
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Checklist, Scheme, Veto
from xiaobao.checklist.scheme_soundness import scheme_flaws, use_flaws, veto_grade_flaws
from xiaobao.checklist.soundness import checklist_flaws
from xiaobao.errors import ChecklistError, InputError
from xiaobao.model import Conclusion, Score, Stage, VetoEvent
from xiaobao.scorecard import CardInputs, DomainResult, build_card
from xiaobao.scoring import explain, score, total
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.versions.publishing import read_drafts

SHIPPED = Path(__file__).parents[1] / "checklists"
EVENT = VetoEvent(veto_id="V", day=date(2026, 3, 1), description="伪造撤诉材料", evidence=("认定书",))
BANDS = [("1级", "一级", "90"), ("2级", "二级", "60"), ("3级", "三级", "0")]


def vetoed(effect: str = "not_above", grade: str = "C", target: str = "complaints", **more: Any) -> Checklist:
    veto = {"id": "V", "event": "伪造材料", "target": target, "effect": effect, "grade": grade, **more}
    return sheet(
        section("S1", item("I1", "60", judged("60"))), section("S2", item("I2", "40")), vetoes=(convert(veto, Veto),)
    )


def scored(checklist: Checklist, plan: Scheme, *events: VetoEvent, stage: Stage = Stage.AFTER) -> Score:
    """Score a sheet that lost 4 of 100 points."""
    facts = (told("I1", Conclusion.PARTIALLY_COMPLIANT, deduction=D(4)), told("I2"))
    return score(checklist, facts, plan, stage, events)


def whole(checklist: Checklist, plan: Scheme, *events: VetoEvent) -> Score:
    return total(plan, {"complaints": scored(checklist, plan, *events)}, Stage.AFTER)


def other_grades(**more: Any) -> Scheme:
    return scheme(grades=[{"id": i, "label": label, "at_least": low} for i, label, low in BANDS], **more)


@pytest.mark.parametrize(
    ("reach", "sheet_grade", "total_grade"), [(None, "C", "C"), ("total", "C", "C"), ("sheet", "C", "A")]
)
def test_a_veto_of_a_sheet_holds_down_its_grade_and_the_totals_unless_it_says_otherwise(
    reach: str | None, sheet_grade: str, total_grade: str
) -> None:
    checklist = vetoed(reach=reach)
    assert scored(checklist, scheme(), EVENT).grade == sheet_grade
    found = whole(checklist, scheme(), EVENT)
    assert (found.value, found.grade) == (D("96.00"), total_grade)
    assert whole(checklist, scheme()).grade == "A"


def test_a_veto_of_an_item_stays_there_unless_it_says_how_far_it_reaches() -> None:
    near = scored(vetoed(target="I2"), scheme(), EVENT)
    assert (near.value, near.grade) == (D("88.00"), "B")  # I2 keeps 79.99 % of its 40 points
    wide = vetoed(target="I2", reach="total")
    assert scored(wide, scheme(), EVENT).grade == "C"
    assert whole(wide, scheme(), EVENT).grade == "C"


def test_a_veto_that_takes_the_points_of_a_sheet_names_no_grade_for_the_total() -> None:
    found = whole(vetoed("zero", ""), scheme(), EVENT)
    assert (found.value, found.grade) == (D("0.00"), "D")
    both = {"complaints": scored(vetoed("zero", ""), scheme(), EVENT), "disclosure": scored(vetoed(), scheme())}
    assert total(scheme(), both, Stage.AFTER).value == D("38.40")


def test_a_veto_never_lifts_a_total_that_is_worse() -> None:
    poor = (told("I1", Conclusion.NON_COMPLIANT, deduction=D(60)), told("I2"))
    one = score(vetoed(), poor, scheme(), Stage.AFTER, (EVENT,))
    assert total(scheme(), {"complaints": one}, Stage.AFTER).grade == "D"


def test_event_day_evidence_and_the_grade_before_are_told_wherever_the_score_is_explained() -> None:
    one = scored(vetoed(), scheme(), EVENT)
    [veto] = one.vetoes
    assert (veto.reach, veto.grade_before, veto.unvetoed) == ("total", "A", D("96.00"))
    assert veto.words == "伪造撤诉材料（2026-03-01；佐证：认定书），等级由“优秀”改为“合格”"
    said = "".join(explain(one, "complaints#veto"))
    assert all(word in said for word in ("伪造撤诉材料", "2026-03-01", "认定书", "由“优秀”改为“合格”"))
    result = DomainResult(before=scored(vetoed(), scheme(), EVENT, stage=Stage.BEFORE), after=one)
    card = build_card(CardInputs(unit=OUTLET, period="2026H1", scheme=scheme(), results={"complaints": result}))
    assert (card.total.grade, card.grade_label) == ("C", "合格")
    assert f"一票否决：{veto.words}。" in card.notes
    [carried] = [note for note in card.notes if "总评等级由“优秀”改为“合格”" in note]
    assert "投诉处理" in carried


def test_a_bank_with_other_grades_maps_those_that_sheets_name() -> None:
    mapped = other_grades(veto_grades={"C": "2级"})
    assert list(veto_grade_flaws(vetoed(), mapped)) == []
    assert whole(vetoed(), mapped, EVENT).grade == "2级"
    [lacks] = veto_grade_flaws(vetoed(), other_grades())
    assert (lacks.value, lacks.place) == ("C", ("vetoes", 0, "grade"))
    assert "veto_grades" in lacks.allowed
    wrong = other_grades(veto_grades={"C": "4级"})
    assert any(flaw.place == ("veto_grades", "C") for flaw in scheme_flaws(wrong))


def test_what_was_published_with_a_grade_that_the_scheme_lacks_holds_down_to_the_lowest() -> None:
    one = scored(vetoed(), other_grades(), EVENT)
    assert one.grade == whole(vetoed(), other_grades(), EVENT).grade == "3级"
    assert "方案没有等级“C”，按最低等级计" in one.vetoes[0].outcome


def test_not_above_the_highest_grade_is_no_veto() -> None:
    [flaw] = veto_grade_flaws(vetoed(grade="A"), scheme())
    assert "最高等级" in flaw.message
    assert list(veto_grade_flaws(vetoed(grade="B"), scheme())) == []
    own = {"id": "V", "event": "事件", "target": "trial", "effect": "not_above", "grade": "A"}
    assert any("最高等级" in flaw.message for flaw in scheme_flaws(scheme(vetoes=[own])))


def test_taking_all_points_does_not_reach_beyond_its_target() -> None:
    flaws = [flaw.message for flaw in checklist_flaws(vetoed("zero", "", target="I2", reach="total"))]
    assert any("归零只作用于对象本身" in message for message in flaws)


def test_a_weight_without_a_sheet_is_named() -> None:
    assert [flaw.place for flaw in use_flaws(scheme(), [vetoed()])] == [("weights", "disclosure")]
    assert list(use_flaws(scheme(weights={"complaints": "100"}), [vetoed()])) == []


def test_each_shipped_veto_of_a_sheet_has_an_effect_on_sheet_and_total() -> None:
    drafts = read_drafts(SHIPPED)
    [plan] = [one for one in drafts.schemes if one.kind == "inspection"]
    vetoes = [(one, veto) for one in drafts.checklists for veto in one.vetoes]
    assert len(vetoes) == 8
    for one, veto in vetoes:
        facts = [told(entry.id) for entry in one.items()]
        plain = structs.replace(one, sections=(section("S", *(item(e.id, str(e.points)) for e in one.items())),))
        event = structs.replace(EVENT, veto_id=veto.id)
        free = score(plain, facts, plan, Stage.AFTER)
        held = score(plain, facts, plan, Stage.AFTER, (event,))
        assert (free.grade, held.grade) == ("A", "D" if veto.effect == "zero" else "C"), veto.id
        both = [total(plan, {one.domain: each}, Stage.AFTER).grade for each in (free, held)]
        assert both == [free.grade, held.grade], veto.id


def test_checking_names_the_veto_that_a_scheme_makes_idle_by_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "checklists"
    shutil.copytree(SHIPPED, folder)
    path = folder / "schemes" / "self-inspection-2026.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("{id: C,", "{id: C3,").replace("grade: C\n", "grade: C3\n"), "utf-8")
    with pytest.raises(ChecklistError, match="V-SUI-1 不起作用") as refused:
        read_drafts(folder)
    sheets = {fault.file for fault in refused.value.faults if "不起作用" in fault.message and fault.row}
    assert len(sheets) >= 5
    with pytest.raises(ChecklistError, match="V-SUI-1 不起作用"):
        read_drafts(folder, [path])


def test_a_campaign_is_not_opened_on_a_sheet_whose_veto_would_be_idle(tmp_path: Path) -> None:
    """Sheet and scheme were published apart; the scheme of this bank has one grade, A."""
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    one = structs.replace(vetoed(), version="9")
    mapped = structs.replace(vetoed(grade="A"), id="other", domain="disclosure", version="9")
    with wb.store.writing(wb.actor) as tx:
        for each in (one, mapped):
            tx.publish("checklist", each.id, each.version, canonical(each))
    with pytest.raises(InputError, match="V 不起作用") as refused:
        create_campaign(wb, "不成", "2026H2", [(one.id, "9")])
    [fault] = refused.value.faults
    assert (fault.item, fault.value) == ("complaints 9", "C")
    opened = create_campaign(wb, "可行", "2026H2", [(mapped.id, "9")])  # the scheme does not weigh this sheet
    assert opened.checklists == {"disclosure": ("other", "9")}
    wb.store.close()

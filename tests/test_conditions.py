"""Conditional items (`relevant`) and what an answer makes compulsory (`requires`): asked and scored by rule."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from msgspec.structs import replace

from tests.factories.inspections import DOMAIN, INSPECTOR, PERIOD, UNIT, as_person, tiny_workspace, workbench
from tests.factories.scoring import ALL, LEVELS, OUTLET, item, section, sheet
from tests.factories.versions import next_version
from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.reading import load_checklist
from xiaobao.checklist.writing import to_yaml
from xiaobao.errors import InputError, NotAllowed
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Conclusion, FactState, Measured, Period, Response, Stage
from xiaobao.policies import Policies
from xiaobao.publishing import publish_fill_sheets
from xiaobao.scoring import gather_facts, unasked
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.inspections.offline import apply_offline
from xiaobao.workbench.inspections.reviewing import review_item
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.checklists import read_checklist_book, write_checklist
from xiaobao.workbook.fill_sheets import read_fill_sheets

COMPLIANT, PARTLY, FAILED = Conclusion.COMPLIANT, Conclusion.PARTIALLY_COMPLIANT, Conclusion.NON_COMPLIANT
SPAN = Period.parse(PERIOD)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def when(item_id: str, *conclusions: str, options: tuple[str, ...] = ()) -> dict[str, object]:
    return {"item": item_id, "conclusions": conclusions, "options": options}


# --- authoring --------------------------------------------------------------------------------------------------------


def refused(tmp_path: Path, *items: Item) -> list[str]:
    path = tmp_path / "sheet.yaml"
    path.write_text(to_yaml(sheet(section("S", *items))), "utf-8")
    with pytest.raises(InputError) as found:
        load_checklist(path)
    return [str(fault) for fault in found.value.faults]


def test_a_condition_on_an_item_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, item("I1", "5"), item("I2", "5", relevant=[when("I11", "non_compliant")]))
    assert "适用条件所指的检查项不在本检查表里" in fault
    assert "I1" in fault
    assert "行" in fault


def test_a_circle_is_told_once_with_its_way(tmp_path: Path) -> None:
    circle = [
        item("I1", "5", relevant=[when("I3", "compliant")]),
        item("I2", "5", relevant=[when("I1", "compliant")]),
        item("I3", "5", relevant=[when("I2", "compliant")]),
    ]
    [fault] = refused(tmp_path, item("I0", "5", relevant=[when("I1", "compliant")]), *circle)
    assert "互相循环" in fault
    assert "I1→I3→I2→I1" in fault


def test_an_item_may_not_hang_on_itself(tmp_path: Path) -> None:
    [fault] = refused(tmp_path, item("I1", "5"), item("I2", "5", relevant=[when("I2", "compliant")]))
    assert "I2→I2" in fault


def test_conditions_that_nobody_can_answer_are_refused_all_at_once(tmp_path: Path) -> None:
    counted = {"kind": "count", "causes": [{"id": "k", "label": "情形", "rate": "1"}]}
    faults = refused(
        tmp_path,
        item("I1", "5"),
        item("D", "5", counted, answered_by="data", checks=["k"], relevant=[when("I1", "compliant")]),
        item("I2", "5", relevant=[when("D", "compliant")]),
        item("I3", "5", relevant=[when("I1")]),
        item("I4", "5", relevant=[when("I1", options=("most",))]),
        item("I5", "5", requires=[{"conclusions": ["not_applicable"], "needs": ["evidence"]}]),
    )
    said = "\n".join(faults)
    assert len(faults) == 5
    for words in ("由数据作答的检查项不写适用条件", "没有可以依据的答复", "没有写答复", "没有这个档次", "不收佐证材料"):
        assert words in said


def test_conditions_go_to_excel_and_back(tmp_path: Path) -> None:
    needs = [{"conclusions": ["non_compliant"], "needs": ["note", "evidence"]}]
    made = sheet(section("S", item("I1", "5"), item("I2", "5", relevant=[when("I1", "non_compliant")], requires=needs)))
    write_checklist(made, tmp_path / "sheet.xlsx", bank="样例银行")
    assert read_checklist_book(tmp_path / "sheet.xlsx").sections == made.sections


# --- scoring ----------------------------------------------------------------------------------------------------------

CHAIN = sheet(
    section(
        "S",
        item("I1", "5", LEVELS),
        item("I2", "5", LEVELS, relevant=[when("I1", "partially_compliant", "non_compliant")]),
        item("I3", "5", LEVELS, relevant=[when("I2", "non_compliant")]),
    )
)


def said(item_id: str, conclusion: Conclusion) -> Response:
    return Response(item_id=item_id, conclusion=conclusion, reason="抽查")


def states(**answers: Conclusion) -> dict[str, tuple[FactState, str]]:
    responses = {item_id: said(item_id, conclusion) for item_id, conclusion in answers.items()}
    facts = gather_facts(CHAIN, OUTLET, SPAN, responses, (), {}, Stage.AFTER, Policies())
    return {fact.item_id: (fact.state, fact.reason) for fact in facts}


def test_an_item_that_is_not_asked_does_not_apply_and_says_by_which_rule() -> None:
    found = states(I1=COMPLIANT)
    assert found["I2"][0] is FactState.NOT_APPLICABLE
    assert "“检查项I1”为“部分符合”或“不符合”时才检查，本次为“符合”" in found["I2"][1]
    assert found["I3"] == (FactState.NOT_APPLICABLE, "“检查项I2”不适用，本项随之不适用")


def test_an_item_that_is_asked_and_not_answered_is_never_a_pass() -> None:
    found = states(I1=FAILED)
    assert found["I2"] == (FactState.NOT_ASSESSED, "未检查")
    assert found["I3"][0] is FactState.NOT_ASSESSED
    assert "待“检查项I2”作答" in found["I3"][1]


def test_what_was_answered_before_the_condition_fell_away_counts_nowhere() -> None:
    found = states(I1=COMPLIANT, I2=FAILED, I3=FAILED)
    assert [found[one][0] for one in ("I2", "I3")] == [FactState.NOT_APPLICABLE] * 2


def test_nobody_knows_what_applies_before_the_first_answer() -> None:
    found = unasked(CHAIN, OUTLET, SPAN, {})
    assert {item_id: one.waits for item_id, one in found.items()} == {"I2": True, "I3": True}


def test_an_option_may_be_the_condition() -> None:
    levels = {
        "kind": "levels",
        "options": [{"id": "a", "label": "全", "share": "1"}, {"id": "b", "label": "半", "share": "0.5"}],
    }
    made = sheet(section("S", item("I1", "5", levels), item("I2", "5", ALL, relevant=[when("I1", options=("b",))])))
    half = Response(item_id="I1", conclusion=PARTLY, option="b", reason="半")
    assert unasked(made, OUTLET, SPAN, {"I1": half}) == {}
    [(_, why)] = unasked(made, OUTLET, SPAN, {"I1": replace(half, option="a")}).items()
    assert "本次为“全”" in why.reason


# --- the form ---------------------------------------------------------------------------------------------------------


def conditional() -> Checklist:
    return next_version(
        "2026.1",
        {
            "c-02": {"relevant": [when("c-01", "non_compliant")]},
            "c-03": {"requires": [{"conclusions": ["non_compliant"], "needs": ["note", "evidence"]}]},
        },
    )


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank", sheet=conditional()))
    yield bench
    bench.store.close()


def opened(wb: Workbench) -> filling.Form:
    return filling.open_form(wb, UNIT, PERIOD, DOMAIN)


def answers(wb: Workbench, *offered: Response) -> None:
    for one in offered:
        filling.answer(wb, opened(wb), one, opened(wb).items[one.item_id].response.revision)


def test_a_conditional_item_waits_is_asked_and_falls_away(wb: Workbench) -> None:
    form = opened(wb)
    assert form.items["c-02"].waiting
    assert "c-02" not in filling.progress(form).missing
    with pytest.raises(NotAllowed, match="待“第1项登记完整”作答"):
        answers(wb, said("c-02", FAILED))
    answers(wb, said("c-01", FAILED))
    assert "c-02" in filling.progress(opened(wb)).missing
    answers(wb, said("c-02", FAILED), said("c-01", COMPLIANT))
    assert "本次为“符合”" in opened(wb).items["c-02"].not_applicable
    assert "c-02" not in filling.progress(opened(wb)).missing


def test_the_page_saves_both_in_one_message_whichever_comes_first(wb: Workbench) -> None:
    page = FillForm(wb, PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN))
    patch = {"conclusion": "non_compliant", "reason": "缺页", "revision": 0}
    answer = page.reply({"type": "save", "items": {"c-02": patch, "c-01": patch}})
    assert answer["faults"] == {}
    assert set(answer["saved"]) == {"c-01", "c-02"}  # type: ignore[call-overload]


def test_a_note_and_a_file_are_compulsory_where_the_conclusion_asks_for_them(wb: Workbench) -> None:
    with pytest.raises(InputError, match="须填写检查情况说明"):
        answers(wb, said("c-03", FAILED))
    answers(wb, replace(said("c-03", FAILED), note="登记簿第 3 页缺签字"))
    assert filling.progress(opened(wb)).missing_evidence == ("c-03",)
    kept = filling.attach(wb, opened(wb), "c-03", "照片.png", PNG)
    answers(wb, replace(said("c-03", FAILED), note="见照片", evidence=(kept.sha256,)))
    assert filling.progress(opened(wb)).missing_evidence == ()
    answers(wb, said("c-03", PARTLY))
    assert filling.progress(opened(wb)).missing_evidence == ()


def test_hand_in_asks_for_what_the_answers_ask_for_and_the_reviewer_needs_no_note(wb: Workbench) -> None:
    rest = [one for one, entry in opened(wb).items.items() if entry.asked and one not in ("c-01", "c-proof")]
    ramp = replace(said("c-ramp", COMPLIANT), measured=Measured(value=Decimal("1.5"), unit="m"))
    answers(wb, said("c-01", FAILED), ramp, *(said(one, COMPLIANT) for one in rest if one != "c-ramp"))
    proof = filling.attach(wb, opened(wb), "c-proof", "照片.png", PNG)
    answers(wb, replace(said("c-proof", COMPLIANT), evidence=(proof.sha256,)))
    with pytest.raises(InputError, match="c-02"):
        signing.submit(wb, opened(wb))
    answers(wb, said("c-02", COMPLIANT))
    signing.submit(wb, opened(wb))
    review_item(as_person(wb, INSPECTOR), opened(wb), said("c-03", FAILED), 0)


# --- offline ----------------------------------------------------------------------------------------------------------


def typed(path: Path, answers: dict[str, str]) -> None:
    book = openpyxl.load_workbook(path)
    rows = list(book.active.iter_rows())
    head = next(row for row in rows if any(cell.value == "检查结论" for cell in row))
    at = {cell.value: cell.column for cell in head}
    for row in rows:
        if row[0].value in answers:
            book.active.cell(row[0].row, at["检查结论"], answers[row[0].value])
            book.active.cell(row[0].row, at["理由"], "抽查")
    book.save(path)


@pytest.mark.parametrize(("first", "taken"), [("不符合", True), ("符合", False)])
def test_an_offline_sheet_holds_the_item_and_says_when_to_fill_it(
    wb: Workbench, tmp_path: Path, first: str, taken: bool
) -> None:
    path = tmp_path / "填报.xlsx"
    publish_fill_sheets(wb, UNIT, PERIOD, path, (DOMAIN,))
    told = [str(cell.value) for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
    assert any("“第1项登记完整”为“不符合”时才填" in text for text in told)
    assert any("结论为不符合的须填检查情况说明、佐证材料" in text for text in told)
    typed(path, {"c-01": first, "c-02": "不符合"})
    if taken:
        assert apply_offline(wb, read_fill_sheets(path)).saved == 2
    else:
        with pytest.raises(InputError, match="本项不用填"):
            apply_offline(wb, read_fill_sheets(path))
        assert opened(wb).record is None


def test_points_of_an_item_that_is_not_asked_are_left_out_of_what_is_possible() -> None:
    from tests.factories.scoring import scheme
    from xiaobao.scoring import score

    facts = gather_facts(CHAIN, OUTLET, SPAN, {"I1": said("I1", COMPLIANT)}, (), {}, Stage.AFTER, Policies())
    assert score(CHAIN, facts, scheme(), Stage.AFTER).value == Decimal(100)

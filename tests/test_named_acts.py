"""What was handed in moves by a named act alone, and the history tells it with before and after: through the commands.

One story each: data after the hand-in, after the review, after 终稿; a lead decided after the review; a veto put and
withdrawn; an appeal; a closed campaign reopened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from typer.testing import CliRunner

from tests.factories import tables
from tests.factories.answering import fails, hand_in
from tests.factories.inspections import (
    CHECK,
    DOMAIN,
    FILLER,
    INSPECTOR,
    PERIOD,
    UNIT,
    as_person,
    checklist,
    tiny_workspace,
    workbench,
)
from tests.factories.workspaces import take_over_notebooks
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Veto
from xiaobao.cli.app import app
from xiaobao.model import Disposition
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.leads import decide_lead
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.usefixtures("shared_zygote")

HEAD = ["投诉编号", "机构号", "受理日期", "处理决定日期"]
LATE = ["T1", UNIT, "2026-01-05", "2026-03-01"]
ALSO_LATE = ["T3", UNIT, "2026-03-02", "2026-05-06"]
THIRD = "王五"
HERE = ("--period", PERIOD)
SHEET = (*HERE, "--unit", UNIT, "--domain", DOMAIN)


@dataclass(frozen=True)
class Bank:
    """A workspace, and its commands as some person gives them."""

    wb: Workbench

    def __call__(self, *words: str, who: str = INSPECTOR.name, fails: bool = False) -> str:
        environment = {"XIAOBAO_HOME": str(self.wb.home), "JUPYTERHUB_USER": who}
        done = CliRunner(env=environment).invoke(app, list(words))
        assert bool(done.exit_code) == fails, f"{done.output}{done.exception}"
        return done.output + str(done.exception or "")

    def told(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def data(self, *rows: list[str]) -> None:
        file = tables.write_csv(self.wb.home, [HEAD, *rows], name="complaints.csv")
        self("import", "complaints", str(file), *HERE, "--replace")

    def run(self) -> dict[str, Any]:
        [summary] = json.loads(self("run", *HERE, "--json"))
        assert summary["failed"] == []
        return summary  # type: ignore[no-any-return]

    def score(self) -> str | None:
        found = self.wb.store.results(self.wb.campaign(PERIOD).id, UNIT)[UNIT, DOMAIN].after.value
        return None if found is None else str(found)

    def movements(self) -> list[dict[str, Any]]:
        found = self.told("movements", *HERE, "--unit", UNIT)
        return [one for one in found if one["domain"] == DOMAIN]

    def history(self) -> list[dict[str, Any]]:
        return self.told("history", *SHEET, "--limit", "0")  # type: ignore[no-any-return]


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    home = tiny_workspace(tmp_path / "bank")
    take_over_notebooks(home)
    veto = Veto(id="v-false", event="提供虚假材料", target=DOMAIN, effect="zero")
    sheet = structs.replace(checklist(), version="2026.2", vetoes=(veto,))
    wb = workbench(home, INSPECTOR)
    with wb.store.writing(wb.actor) as tx:
        tx.publish("checklist", sheet.id, sheet.version, canonical(sheet))
    made = Bank(wb)
    made("campaign", "delete", *HERE, "--reason", "另用新版检查表")
    made("campaign", "create", "自查", *HERE, "--checklist", f"{sheet.id}={sheet.version}", "--unit", UNIT)
    made.data(LATE)
    yield made
    wb.store.close()


def reviewed(bank: Bank) -> None:
    signing.review(bank.wb, inspecting.open_form(bank.wb, UNIT, PERIOD, DOMAIN))


def lead_of(bank: Bank) -> str:
    [lead] = bank.told("leads", "list", *HERE, "--unit", UNIT)
    return str(lead["id"] if "id" in lead else lead["lead"]["id"])


@pytest.mark.parametrize("state", ["handed in", "reviewed"])
def test_data_imported_afterwards_move_nothing_until_somebody_answers(bank: Bank, state: str) -> None:
    hand_in(bank.wb, PERIOD)
    if state == "reviewed":
        reviewed(bank)
    bank.run()
    before = bank.score()
    bank.data(LATE, ALSO_LATE)
    assert bank.run()["questions"] == 1
    assert (bank.score(), bank.movements()) == (before, [])
    [asked] = bank.told("questions", "list", *HERE)
    assert (asked["state"], asked["checks"][0]["check_id"]) == ("open", CHECK)
    assert (asked["checks"][0]["hits_before"], asked["checks"][0]["hits_now"]) == (1, 2)
    told = "".join(bank.told("explain", *SHEET)["notes"])
    assert "提交时的数据" in told and "待答复" in told
    assert "填报人" in bank("questions", "keep", *SHEET, "--reason", "不影响", who=FILLER.name, fails=True)

    bank("questions", "return", *SHEET, "--reason", "按新数据重查")
    form = inspecting.open_form(as_person(bank.wb, FILLER), UNIT, PERIOD, DOMAIN)
    signing.submit(as_person(bank.wb, FILLER), form)
    assert bank.run()["questions"] == 0
    assert len(bank.told("leads", "list", *HERE, "--unit", UNIT)) == 2, "handed in again, it rests on the newer data"
    acts = [one["act"] for one in bank.history()]
    assert {"退回", "提交"} <= set(acts)
    assert bank.wb.store.verify() == []


def test_data_imported_after_the_final_result_only_ask_and_a_reopening_needs_approval(bank: Bank) -> None:
    hand_in(bank.wb, PERIOD)
    reviewed(bank)
    bank.run()
    bank("campaign", "close", *HERE, "--reason", "上会通过")
    before = bank.score()
    bank.data(LATE, ALSO_LATE)
    summary = bank.run()
    assert (summary["final"], summary["questions"], summary["done"]) == (True, 1, 0)
    assert (bank.score(), bank.movements()) == (before, [])
    for words in (
        (
            "veto",
            "add",
            *HERE,
            "--unit",
            UNIT,
            "--veto",
            "v-false",
            "--day",
            "2026-05-01",
            "--event",
            "x",
            "--evidence",
            "y",
        ),
        ("questions", "return", *SHEET, "--reason", "重查"),
        ("questions", "keep", *SHEET, "--reason", "不影响"),
        ("appeals", "file", *SHEET, "--item", "c-01", "--grounds", "不服"),
    ):
        who = FILLER.name if words[0] == "appeals" else INSPECTOR.name
        assert "终稿" in bank(*words, who=who, fails=True), words
    reopening = ("campaign", "reopen", *HERE, "--reason", "数据有误")
    assert "批准人" in bank(*reopening, "--approved-by", INSPECTOR.name, fails=True)
    bank(*reopening, "--approved-by", THIRD)
    whole = bank.told("history", *HERE, "--limit", "0")
    [opened] = [one for one in whole if one["act"] == "重开"]
    assert opened["reason"] == "数据有误"
    assert ["批准人", "", THIRD] in [list(change.values()) for change in opened["changes"]]
    bank("questions", "keep", *SHEET, "--reason", "不影响结论")
    assert bank.wb.store.verify() == []


def test_a_lead_decided_after_the_review_is_told_with_before_and_after(bank: Bank) -> None:
    hand_in(bank.wb, PERIOD)
    bank.run()
    reviewed(bank)
    bank.run()
    before = bank.score()
    decide_lead(bank.wb, lead_of(bank), Disposition.CONFIRMED, "确属逾期", 0)
    bank.run()
    [moved] = bank.movements()
    assert (moved["before"], moved["after"], moved["kinds"]) == (before, bank.score(), ["decide"])
    assert moved["acts"] == [f"疑点认定（{INSPECTOR.name}）：确属逾期"]
    [told] = [one for one in bank.history() if one["place"].startswith("得分变动")]
    assert [list(change.values()) for change in told["changes"]] == [["得分", before, bank.score()]]
    assert f"疑点认定（{INSPECTOR.name}）确属逾期" in told["reason"]


def test_a_veto_put_and_withdrawn_is_told_twice_and_the_former_result_is_back(bank: Bank) -> None:
    hand_in(bank.wb, PERIOD)
    reviewed(bank)
    bank.run()
    before = bank.score()
    event = ("--day", "2026-05-01", "--event", "补造登记簿", "--evidence", "认定书")
    bank("veto", "add", *HERE, "--unit", UNIT, "--veto", "v-false", *event)
    bank.run()
    assert bank.score() == "0.00"
    bank("veto", "withdraw", *HERE, "--unit", UNIT, "--veto", "v-false", "--reason", "查无实据")
    bank.run()
    assert bank.score() == before
    put, taken = bank.movements()
    assert (put["before"], put["after"], taken["before"], taken["after"]) == (before, "0.00", "0.00", before)
    assert put["acts"] == [f"一票否决（{INSPECTOR.name}）：补造登记簿"]
    assert taken["acts"] == [f"撤销一票否决（{INSPECTOR.name}）：查无实据"]
    assert {"登记", "撤销", "变动"} <= {one["act"] for one in bank.history()}


def test_an_appeal_is_decided_by_a_third_person_and_told_with_before_and_after(bank: Bank) -> None:
    hand_in(bank.wb, PERIOD, c_01=fails("抽查 5 份，3 份没有登记"))
    file = (
        "appeals",
        "file",
        *SHEET,
        "--item",
        "c-01",
        "--grounds",
        "登记簿另册保管，已补充提供",
        "--evidence",
        "登记簿.pdf",
    )
    assert "复核以后才可以申诉" in bank(*file, who=FILLER.name, fails=True)
    reviewed(bank)
    bank.run()
    before = bank.score()
    assert "不能代机构申诉" in bank(*file, who=INSPECTOR.name, fails=True)
    bank(*file, who=FILLER.name)
    assert "还没有处理" in bank(*file, who=FILLER.name, fails=True)
    assert "申诉还没有处理" in bank("campaign", "close", *HERE, fails=True)

    decide = ("appeals", "decide", *SHEET, "--verdict", "upheld", "--reason", "经核实另册登记完整")
    for who in (FILLER.name, INSPECTOR.name):
        assert "请由第三人处理" in bank(*decide, "--answer", "c-01=符合", who=who, fails=True)
    assert "须写明改成什么" in bank(*decide, who=THIRD, fails=True)
    assert "申诉没有提到" in bank(*decide, "--answer", "c-02=不符合", who=THIRD, fails=True)
    bank.run()
    assert bank.score() == before, "an appeal alone moves nothing"
    bank(*decide, "--answer", "c-01=符合", who=THIRD)
    bank.run()
    after = bank.score()
    assert after is not None and before is not None and float(after) > float(before)
    [moved] = bank.movements()
    assert (moved["before"], moved["after"], moved["kinds"]) == (before, after, ["appeal_upheld"])
    assert moved["acts"] == [f"申诉成立（{THIRD}）：经核实另册登记完整"]
    [listed] = bank.told("appeals", "list", *HERE)
    assert (listed["state"], listed["filed_by"], listed["decided_by"]) == ("upheld", FILLER.name, THIRD)
    assert listed["answers"][0]["answer"]["conclusion"] == "compliant"
    acts = {one["act"]: one for one in bank.history()}
    assert acts["申诉成立"]["who"] == THIRD and acts["申诉成立"]["reason"] == "经核实另册登记完整"
    assert acts["提出"]["who"] == FILLER.name
    assert bank.wb.store.verify() == []


def test_an_appeal_against_a_lead_changes_its_decision(bank: Bank) -> None:
    hand_in(bank.wb, PERIOD)
    bank.run()
    lead = lead_of(bank)
    decide_lead(bank.wb, lead, Disposition.CONFIRMED, "确属逾期", 0)
    reviewed(bank)
    bank.run()
    before = bank.score()
    file = ("appeals", "file", *SHEET, "--item", "c-overdue", "--grounds", "期间有调解，应扣除")
    bank(*file, who=FILLER.name)
    decide = ("appeals", "decide", *SHEET, "--reason", "调解 40 天属实")
    assert "请改疑点的认定" in bank(*decide, "--verdict", "upheld", "--answer", "c-overdue=符合", who=THIRD, fails=True)
    assert "没有这条已认定的疑点" in bank(*decide, "--verdict", "upheld", "--lead", "LX=不属实", who=THIRD, fails=True)
    bank(*decide, "--verdict", "upheld", "--lead", f"{lead}=不属实", who=THIRD)
    bank.run()
    *_, moved = bank.movements()
    assert moved["before"] == before and float(moved["after"]) > float(before or 0)
    assert "appeal_upheld" in moved["kinds"]
    decision = bank.wb.store.decisions(bank.wb.campaign(PERIOD).id, UNIT)[lead]
    assert (decision.decided, decision.decided_by) == (Disposition.REFUTED, THIRD)
    assert decision.reason == "申诉成立：调解 40 天属实"


def test_an_appeal_that_is_rejected_or_withdrawn_moves_nothing(bank: Bank) -> None:
    hand_in(bank.wb, PERIOD, c_01=fails())
    reviewed(bank)
    bank.run()
    before = bank.score()
    file = ("appeals", "file", *SHEET, "--item", "c-01", "--grounds", "不服")
    bank(*file, who=FILLER.name)
    assert "申诉人" in bank("appeals", "withdraw", *SHEET, "--reason", "代撤", who=THIRD, fails=True)
    bank("appeals", "withdraw", *SHEET, "--reason", "已认可", who=FILLER.name)
    assert "没有待处理的申诉" in bank("appeals", "withdraw", *SHEET, "--reason", "再撤", who=FILLER.name, fails=True)
    bank(*file, who=FILLER.name)
    rejected = ("appeals", "decide", *SHEET, "--verdict", "rejected", "--reason", "证据不足")
    assert "不能改结论" in bank(*rejected, "--answer", "c-01=符合", who=THIRD, fails=True)
    bank(*rejected, who=THIRD)
    bank.run()
    assert (bank.score(), bank.movements()) == (before, [])
    assert [one["state"] for one in bank.told("appeals", "list", *HERE)] == ["withdrawn", "rejected"]


def test_a_returned_sheet_answered_anew_outlives_what_an_appeal_had_said_of_the_old_answer(bank: Bank) -> None:
    hand_in(bank.wb, PERIOD, c_01=fails())
    reviewed(bank)
    bank.run()
    bank("appeals", "file", *SHEET, "--item", "c-01", "--grounds", "不服", who=FILLER.name)
    decide = ("appeals", "decide", *SHEET, "--verdict", "upheld", "--reason", "成立", "--answer", "c-01=符合")
    bank(*decide, who=THIRD)
    bank.run()
    upheld = bank.score()
    signing.give_back(bank.wb, inspecting.open_form(bank.wb, UNIT, PERIOD, DOMAIN), "重填")
    hand_in_again(bank)
    reviewed(bank)
    bank.run()
    assert bank.score() != upheld


def hand_in_again(bank: Bank) -> None:
    """Answer c-01 anew, as badly as before, and hand in."""
    wb = as_person(bank.wb, FILLER)
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    entry = form.items["c-01"]
    again = structs.replace(fails("仍有 3 份没有登记"), item_id="c-01", amended="重新核对")
    inspecting.answer(wb, form, again, entry.response.revision)
    signing.submit(wb, inspecting.reopen(wb, form))

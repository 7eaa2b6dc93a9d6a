"""疑点, the daily work: many at once with one reason, siblings beside, reminders kept, a pseudonym turned back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from msgspec import structs
from typer.testing import CliRunner

from tests.factories.inspections import CHECK, INSPECTOR, PERIOD, UNIT, as_person, inspection, tiny_workspace, workbench
from tests.factories.people import acting_as, entry, register
from xiaobao.cli.app import app
from xiaobao.datasets.personal import load_key, pseudonym
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.history.history_lines import history_entries
from xiaobao.features.my_work.my_work import my_work
from xiaobao.forms.lead_table import LeadTable
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Disposition, Lead, Role
from xiaobao.store.inspecting import inspection_chain
from xiaobao.workbench.lead_reminders import remind_leads, reminded_text, reminders
from xiaobao.workbench.leads import answer_lead, leads_table, save_many, siblings
from xiaobao.workbench.restoring import reidentify
from xiaobao.workbench.workspace import KEY_FILE, Workbench

YES, NO = Disposition.CONFIRMED, Disposition.REFUTED
CUSTOMER = "8800123456"


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    """Six leads of one outlet: of tellers 001 and 002, the first two of one customer, the first three of one day."""
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    _, record = inspection(bench)
    key = load_key(bench.home / KEY_FILE)
    known, other = pseudonym(CUSTOMER, "customer", key), pseudonym("8800999999", "customer", key)
    leads = [
        Lead(
            id=f"L{n}",
            check_id=CHECK,
            item_id="c-overdue",
            unit=UNIT,
            period=PERIOD,
            summary=f"办理用时超过时限 {n} 天",
            record={"柜员号": "001" if n < 5 else "002", "客户号": known if n < 3 else f"{other}"[:-1] + str(n + 1)},
            business_date=date(2026, 3, 1 if n < 4 else n),
        )
        for n in range(1, 7)
    ]
    with bench.store.writing(bench.actor) as tx:
        tx.raise_leads(record.id, [CHECK], leads, date(2026, 7, 1))
    yield bench
    bench.store.close()


def states(wb: Workbench) -> list[str]:
    return [row.state for row in leads_table(wb, PERIOD)]


def page(wb: Workbench) -> LeadTable:
    return LeadTable(wb, PageChoice(period=PERIOD))


def test_many_are_answered_and_decided_with_one_reason_and_one_act_each(wb: Workbench) -> None:
    counts = save_many(wb, {f"L{n}": 0 for n in range(1, 6)}, YES, "系统切换漏登")
    assert counts.text() == "核实 5 条，认定 0 条，未变 0 条"
    save_many(as_person(wb, INSPECTOR), {f"L{n}": 1 for n in range(1, 5)}, NO, "已补登", decide=True)
    assert states(wb) == ["已认定"] * 4 + ["待认定", "待核实"]
    [record] = wb.store.inspections(wb.campaign(PERIOD).id)
    acts = [
        one.verb for one in wb.store.events(1000, inspection_chain(record.id)) if one.object.startswith("decision:")
    ]
    assert (acts.count("answer"), acts.count("decide")) == (5, 4)
    assert wb.store.verify() == []


def test_one_that_cannot_be_decided_stops_them_all_and_is_named(wb: Workbench) -> None:
    answer_lead(as_person(wb, INSPECTOR), "L2", YES, "本人核实", 0)
    save_many(wb, {"L1": 0}, YES, "属实")
    with pytest.raises(InputError) as refused:
        save_many(as_person(wb, INSPECTOR), {"L1": 1, "L2": 1, "L3": 7}, YES, "属实", decide=True)
    told = [str(fault) for fault in refused.value.faults]
    assert any("L2" in one and "核实人不能认定" in one for one in told)
    assert any("L3" in one and "请刷新后再选" in one for one in told)
    assert states(wb)[0] == "待认定"
    with pytest.raises(InputError, match="没有选中疑点"):
        save_many(wb, {}, YES, "属实")


def test_what_else_was_hit_of_the_same_teller_customer_and_day_stands_beside_a_lead(wb: Workbench) -> None:
    found = siblings(row.lead for row in leads_table(wb, PERIOD))
    assert [(one.title.split()[0], one.ids) for one in found["L1"]] == [
        ("同一柜员", ("L2", "L3", "L4")),
        ("同一客户", ("L2",)),
        ("同一天", ("L2", "L3")),
    ]
    assert [one.title for one in found["L6"]] == ["同一柜员 002 另有 1 条"]
    row = page(wb).read_rows(PageChoice(period=PERIOD))[0]
    assert [one["ids"] for one in row["cells"]["siblings"]][1] == ["L2"]  # type: ignore[index]


def test_who_was_reminded_when_is_kept_and_shown_in_the_page_and_in_my_work(wb: Workbench) -> None:
    campaign = wb.campaign(PERIOD)
    late = replace(wb, settings=structs.replace(wb.settings, as_of=date(2026, 7, 20)))
    save_many(wb, {"L1": 0}, YES, "属实")
    with pytest.raises(InputError, match="没有需要催办的机构"):
        remind_leads(wb, campaign, only_late=True)
    [told] = remind_leads(wb, campaign)
    assert (told.waiting, told.late) == (5, 0)
    assert told.text.startswith("城关支行（0101）：2026上半年自查还有 5 条疑点没有核实，最近的期限 2026-07-11")
    [again] = remind_leads(late, campaign, [UNIT], only_late=True)
    assert again.late == 5
    assert reminded_text(reminders(wb, campaign)[UNIT]) == "已催办 2 次，最近 2026-07-20（张三）"
    told_by = [one for one in history_entries(wb, campaign, unit=UNIT) if one.act == "催报"]
    assert len(told_by) == 2
    waiting = next(part for part in my_work(wb).parts if part.kind == "lead_answer")
    assert "已催办 2 次" in waiting.lines[0].said
    cells = page(late).read_rows(PageChoice(period=PERIOD))
    assert [row["cells"]["reminded"] != "" for row in cells] == [False, True, True, True, True, True]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_pseudonym_is_turned_back_by_the_banks_own_list_and_told_without_the_name(wb: Workbench, kind: str) -> None:
    rows = [["客户号", "姓名"], ["8800000001", "甲"], [CUSTOMER, "乙"]]
    data = "\n".join(",".join(row) for row in rows).encode("gb18030")
    if kind == "xlsx":
        book, made = openpyxl.Workbook(), io.BytesIO()
        for row in rows:
            book.active.append(row)
        book.save(made)
        data = made.getvalue()
    [(stand_in, value)] = reidentify(wb, "L1", f"名单.{kind}", data, "客户来访核对")
    assert value == CUSTOMER
    [act] = [one for one in history_entries(wb, wb.campaign(PERIOD), unit=UNIT) if one.act == "还原"]
    assert (act.reason, stand_in in act.changed(), CUSTOMER in act.changed()) == ("客户来访核对", True, False)
    assert all(CUSTOMER.encode() not in path.read_bytes() for path in wb.home.rglob("*") if path.is_file())
    assert wb.store.verify() == []


def test_a_pseudonym_is_turned_back_for_named_roles_with_a_reason_only(wb: Workbench) -> None:
    data = CUSTOMER.encode()
    with pytest.raises(InputError, match="还原须写明理由"):
        reidentify(wb, "L1", "名单.txt", data, " ")
    with pytest.raises(InputError, match="在 1 个候选中没有找到"):
        reidentify(wb, "L5", "名单.txt", data, "核对")
    register(
        wb, entry("wang", Role.UNIT_HEAD, UNIT), entry("hq", Role.HEAD_OFFICE), entry("audit", Role.INTERNAL_AUDIT)
    )
    for login in ("wang", "audit"):
        with pytest.raises(NotAllowed, match="不能还原疑点中的化名"):
            reidentify(acting_as(wb, login), "L1", "名单.txt", data, "核对")
    assert reidentify(acting_as(wb, "hq"), "L1", "名单.txt", data, "核对")[0][1] == CUSTOMER
    assert not [
        act
        for act in page(acting_as(wb, "wang")).read_rows(PageChoice(period=PERIOD))[0]["cells"]["acts"]
        if act["name"] == "restore"
    ]  # type: ignore[index]


def test_the_page_answers_many_reminds_attaches_and_hands_out_every_row(wb: Workbench) -> None:
    shown = page(wb)
    answer = shown.reply(
        {"type": "bulk", "name": "answer", "rows": {"L1": 0, "L2": 0}, "said": "confirmed", "why": "漏登"}
    )
    assert answer["lines"] == ["核实 2 条，认定 0 条，未变 0 条"]
    shown.reply({"type": "remind", "values": {"late": "all"}})
    note = "说明\n".encode()
    done = shown.reply(
        {
            "type": "piece",
            "upload": "1",
            "size": len(note),
            "offset": 0,
            "row": "L3",
            "part": "files",
            "name": "说明.txt",
        },
        [note],
    )
    [file] = done["saved"]["L3"]["cells"]["files"]  # type: ignore[index]
    sent = shown.reply({"type": "evidence", "sha": file["sha"], "how": "view"})
    assert (sent["name"], sent["buffers"]) == ("说明.txt", [note])
    book = shown.reply({"type": "excel"})
    sheet = openpyxl.load_workbook(io.BytesIO(book["buffers"][0])).active  # type: ignore[index]
    ids = {cell.value for cell in sheet["A"]}
    assert {f"L{n}" for n in range(1, 7)} <= ids
    assert (
        shown.reply({"type": "row", "name": "link", "row": "L4", "values": {"url": "档案室", "note": "第 3 页"}})[
            "type"
        ]
        == "state"
    )
    with pytest.raises(InputError, match="请选择结果"):
        shown.reply({"type": "bulk", "name": "decided", "rows": {"L1": 1}})


def test_the_commands_do_the_same(wb: Workbench, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner(env={"XIAOBAO_HOME": str(wb.home)}).invoke(app, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    assert "核实 2 条" in run("leads", "answer", "L1", "L2", "--as", "confirmed", "--note", "漏登")
    assert "还有 4 条疑点没有核实" in run("leads", "remind", "--period", PERIOD)
    listed = tmp_path / "名单.csv"
    listed.write_text(CUSTOMER, "utf-8")
    assert CUSTOMER in run("leads", "restore", "L1", "--list", str(listed), "--reason", "核对")

"""检查项目: planned, hidden where it is a surprise, entered, its papers issued and signed, and what is due."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from typer.testing import CliRunner
from word_templates.visits import make_template

from tests.factories.answering import PDF
from tests.factories.further_rights import appealed
from tests.factories.inspections import UNIT, raise_two_leads, record_finding, tiny_workspace, workbench
from tests.factories.people import acting_as
from tests.factories.rights import NAME, OWN, PERIOD, Doors, rights_bank
from xiaobao.cli.app import app
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.features.history.history_lines import workspace_entries
from xiaobao.features.my_work.my_work import my_work
from xiaobao.features.visits.dossier import dossier
from xiaobao.features.visits.issuing import publish_visit_paper
from xiaobao.features.visits.page import VisitPage
from xiaobao.features.visits.plan_coverage import plan_coverage
from xiaobao.features.visits.seeing import visit_of, visits
from xiaobao.features.visits.verbs import (
    Planned,
    add_matter,
    ask_for,
    cancel_visit,
    change_visit,
    close_visit,
    enter_visit,
    give_opinion,
    kept_scans,
    matters_from_findings,
    plan_visit,
    return_scan,
)
from xiaobao.features.visits.visit import PAPERS, Matter, RequestRow, Visit
from xiaobao.forms.page_choice import PageChoice
from xiaobao.labels import written_day
from xiaobao.workbench.corrective_actions import propose_actions
from xiaobao.workbench.evidence.attaching import attach_file, attachments_of, find_subject
from xiaobao.workbench.evidence.holding import find_held
from xiaobao.workbench.seeing import look_at_file
from xiaobao.workbench.workspace import Workbench

ROOT = Path(__file__).parents[1]
DOMAINS = ("complaints",)
MATTER = Matter(
    number="",
    title="投诉逾期未告知",
    facts="抽查 60 笔投诉，12 笔超过 15 个工作日未告知处理结果。",
    nature="violation",
    basis="《银行保险机构消费者权益保护管理办法》",
    count=12,
    amount=Decimal("3500.00"),
    evidence=("投诉登记簿复印件", "系统截图"),
    requirement="逐笔补办告知，完善时限提醒。",
)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    made = rights_bank(tmp_path_factory.mktemp("visits") / "bank")
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def office(bank: Workbench) -> Workbench:
    return acting_as(bank, "office")


def planned(office: Workbench, mode: str = "on_site", **more: object) -> Visit:
    said = {
        "mode": mode,
        "period": PERIOD,
        "leader": "inspector",
        "inspectors": ("inspector", "guest"),
        "domains": DOMAINS,
        "starts": date(2026, 7, 6),
        "ends": date(2026, 7, 10),
        **more,
    }
    return plan_visit(office, OWN, 2026, Planned(**said))  # type: ignore[arg-type]


def entered(office: Workbench, **more: object) -> Visit:
    return enter_visit(office, planned(office, "surprise", **more).number, date(2026, 7, 5))


def text_of(path: Path) -> str:
    paper = Document(str(path))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


# The plan


def test_a_plan_names_every_fault_at_once(office: Workbench) -> None:
    with pytest.raises(InputError) as refused:
        planned(office, "mode?", kind="x", outlets=("0102",), domains=("nothing",), leader="nobody")
    text = str(refused.value)
    words = ("没有这种检查", "没有这种检查方式", "不是该机构或其下级", "没有这个检查域", "没有这个人")
    assert all(word in text for word in words)


def test_who_works_in_the_unit_does_not_inspect_it(office: Workbench) -> None:
    with pytest.raises(InputError, match="不能检查本机构"):
        planned(office, leader="head")


def test_only_head_office_plans(bank: Workbench) -> None:
    with pytest.raises(NotAllowed):
        planned(acting_as(bank, "inspector"))


def test_entry_needs_a_leader_two_inspectors_and_the_notice(office: Workbench) -> None:
    lone = planned(office, leader="", inspectors=("inspector",))
    with pytest.raises(InputError) as refused:
        enter_visit(office, lone.number)
    assert all(word in str(refused.value) for word in ("没有组长", "检查人员不足", "检查通知书"))
    change_visit(office, lone.number, Planned(leader="guest", inspectors=("inspector", "guest")))
    publish_visit_paper(office, lone.number, "notice")
    assert enter_visit(office, lone.number).state == "entered"
    with pytest.raises(InputError, match="不能取消"):
        cancel_visit(office, lone.number, "不去了")


# A surprise


def test_a_surprise_is_nowhere_for_the_unit_until_entry(bank: Workbench, office: Workbench) -> None:
    """Not on the page, in the list, the history, the dossier, by its number, or as a file."""
    visit = planned(office, "surprise")
    path = publish_visit_paper(office, visit.number, "plan")
    place = path.relative_to(bank.home).as_posix()
    for login in ("filler", "head", "reviewer", "approver", "line", "compliance"):
        wb = acting_as(bank, login)
        try:
            listed = {one.number for one in visits(wb)}
        except NotAllowed:
            listed = set()
        assert visit.number not in listed, login
        with pytest.raises(InputError, match="没有这个检查项目"):
            visit_of(wb, visit.number)
        with pytest.raises(NotAllowed):
            look_at_file(wb, place)
        for prefix in ("visit", "file"):
            try:
                told = str(workspace_entries(wb, prefix))
            except NotAllowed:
                continue
            assert visit.number not in told, (login, prefix)
    head = acting_as(bank, "head")
    assert visit.number not in str(my_work(head))
    assert visit.number in str(my_work(acting_as(bank, "inspector")))
    page = VisitPage(head, PageChoice(unit=OWN, period=PERIOD))
    assert visit.number not in str(page.state)
    assert visit.number not in str(dossier(head, OWN))
    for login in ("office", "inspector", "guest", "leader", "audit"):
        assert visit_of(acting_as(bank, login), visit.number).hidden, login
    assert visit.number in str(workspace_entries(acting_as(bank, "audit"), "visit"))
    enter_visit(office, visit.number, date(2026, 7, 5))
    assert visit_of(head, visit.number).state == "entered"
    assert visit.number in str(VisitPage(head, PageChoice(unit=OWN, period=PERIOD)).state)
    assert visit.number in str(workspace_entries(head, "visit"))
    look_at_file(head, place)


def test_a_surprise_that_was_called_off_stays_hidden(bank: Workbench, office: Workbench) -> None:
    visit = cancel_visit(office, planned(office, "surprise").number, "改期")
    with pytest.raises(InputError, match="没有这个检查项目"):
        visit_of(acting_as(bank, "head"), visit.number)


def test_the_inspector_of_another_visit_sees_nothing_of_it(bank: Workbench, office: Workbench) -> None:
    visit = planned(office, leader="inspector", inspectors=("inspector",))
    with pytest.raises(InputError, match="没有这个检查项目"):
        visit_of(acting_as(bank, "guest"), visit.number)
    assert visit_of(acting_as(bank, "inspector"), visit.number)


# Papers


@pytest.fixture(scope="module")
def papers(office: Workbench) -> dict[str, Path]:
    """Every kind of paper of one visit with one matter."""
    visit = entered(office, campaign=NAME, outlets=("010101",), contact="消保部 8001")
    ask_for(office, visit.number, [RequestRow(item="投诉登记簿", owner="运营部"), RequestRow(item="培训记录")])
    add_matter(office, visit.number, MATTER)
    appealed(Doors(office), OWN)
    made = {kind: publish_visit_paper(office, visit.number, kind) for kind in PAPERS if kind in EARLY}
    made["working"] = publish_visit_paper(office, visit.number, "working", "1")
    close_visit(office, visit.number, "总体较好，投诉办理时限管理不到位。", date(2026, 7, 10))
    return {**made, **{kind: publish_visit_paper(office, visit.number, kind) for kind in ("report", "opinion")}}


EARLY = ("plan", "notice", "requests", "facts", "confirmation")
ELEMENTS = {
    "plan": ("检查背景", "检查依据", "检查对象", "业务期间", "检查方法", "分工", "时间安排", "姓名inspector", "审批人"),
    "notice": ("检查范围", "业务期间", "进场时间", "检查组", "投诉登记簿", "消保部 8001", "签章", "签收人"),
    "requests": ("投诉登记簿", "运营部", "移交签收", "归还签收", "移交人（被检查单位）"),
    "working": (
        "投诉逾期未告知",
        "检查程序",
        "12 笔超过",
        "笔数：12",
        "3,500.00",
        "依据",
        "投诉登记簿复印件",
        "复核人",
    ),
    "facts": ("事实", "证据清单", "系统截图", "被检查单位意见", "单位盖章", "3,500.00"),
    "report": ("检查情况", "查出的问题", "违规 1 个", "整改要求", "逐笔补办告知", "理由：不服；处理：待处理"),
    "opinion": ("总体情况", "存在的问题", "要求", "签收单位（盖章）", "申诉和处理", "理由：不服"),
    "confirmation": ("考核结果", "确认　　□ 申诉", "申诉处理决定", "审定人"),
}


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_holds_its_elements_and_a_number_of_its_own(kind: str, papers: dict[str, Path]) -> None:
    text = text_of(papers[kind])
    assert [word for word in ELEMENTS[kind] if word not in text] == []
    assert "〔2026〕" in text and "样例农村商业银行" in text
    assert "{{" not in text and "{%" not in text


@pytest.mark.parametrize("kind", PAPERS)
def test_the_shipped_template_is_the_one_that_is_made(kind: str, tmp_path: Path) -> None:
    make_template(kind, tmp_path / "made.docx")
    shipped = ROOT / "reports" / "templates" / f"visit-{kind}.docx"
    assert parts(tmp_path / "made.docx") == parts(shipped), "make templates"


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_numbers_run_through_the_year_by_kind(office: Workbench) -> None:
    visit = planned(office)
    publish_visit_paper(office, visit.number, "plan")
    publish_visit_paper(office, visit.number, "plan")
    first, second = visit_of(office, visit.number).papers
    assert second.serial == first.serial + 1 and second.number.endswith(f"〔2026〕{second.serial}号")


def test_the_rule_of_numbers_is_the_banks(office: Workbench) -> None:
    from dataclasses import replace

    from msgspec.structs import replace as with_

    from xiaobao.settings import Visiting

    rule = Visiting(number="{short}（{year}）{word}第{number}号", short="样农商")
    wb = replace(office, settings=with_(office.settings, visits=rule))
    visit = planned(wb)
    publish_visit_paper(wb, visit.number, "plan")
    assert visit_of(wb, visit.number).papers[0].number.startswith("样农商（2026）检方第")


def test_papers_of_facts_wait_for_entry_and_a_working_paper_is_of_one_matter(office: Workbench) -> None:
    visit = planned(office)
    with pytest.raises(InputError, match="进场以后"):
        publish_visit_paper(office, visit.number, "facts")
    with pytest.raises(InputError, match="没有这种文书"):
        publish_visit_paper(office, visit.number, "letter")
    visit = entered(office)
    add_matter(office, visit.number, MATTER)
    with pytest.raises(InputError, match="结束以后"):
        publish_visit_paper(office, visit.number, "report")
    with pytest.raises(InputError, match="一事一稿"):
        publish_visit_paper(office, visit.number, "working")


def test_a_banks_own_template_is_used_and_one_that_loses_a_figure_refused(office: Workbench) -> None:
    visit = entered(office)
    add_matter(office, visit.number, MATTER)
    folder = office.home / "templates"
    folder.mkdir(exist_ok=True)
    own = folder / "visit-facts.docx"
    paper = Document()
    paper.add_paragraph("本行事实确认书 {{ number }}")
    paper.save(str(own))
    with pytest.raises(Exception, match=r"不一致|找不到"):
        publish_visit_paper(office, visit.number, "facts")
    own.unlink()
    assert visit_of(office, visit.number).papers == ()


def test_the_units_opinion_is_kept_and_the_signed_scan_is_tied_to_what_was_issued(
    bank: Workbench, office: Workbench, tmp_path: Path
) -> None:
    visit = entered(office)
    add_matter(office, visit.number, MATTER)
    publish_visit_paper(office, visit.number, "facts")
    head = acting_as(bank, "head")
    assert visit_of(head, visit.number).papers[0].number in str(my_work(head)), "what waits for the unit"
    with pytest.raises(InputError, match="须写明理由"):
        give_opinion(head, visit.number, "facts", agreed=False, text=" ")
    with pytest.raises(NotAllowed):
        give_opinion(acting_as(bank, "filler"), visit.number, "facts", agreed=True, text="")
    paper = give_opinion(head, visit.number, "facts", agreed=False, text="其中 2 笔已告知").papers[0]
    assert (paper.agreed, paper.opinion) == (False, "其中 2 笔已告知")
    scan = tmp_path / "签字件.pdf"
    scan.write_bytes(PDF)
    kept = return_scan(head, visit.number, paper.number, scan).papers[0].scans[0]
    assert kept.of == paper.sha256 and (bank.home / kept.path).read_bytes() == PDF
    assert kept.path in {path for path, _, _ in kept_scans(office)}
    look_at_file(head, kept.path)
    with pytest.raises(InputError, match="已经交回"):
        return_scan(head, visit.number, paper.number, scan)
    text = tmp_path / "x.txt"
    text.write_text("不是扫描件", "utf-8")
    with pytest.raises(InputError, match="须是扫描件"):
        return_scan(head, visit.number, paper.number, text)


def test_matters_taken_from_findings_name_their_evidence_by_its_digest(tmp_path: Path) -> None:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    raise_two_leads(bench)
    finding = record_finding(bench)
    subject = find_subject(bench, "finding", finding.id)
    early = attach_file(bench, subject, "底稿.txt", b"1\n")
    sheet = attach_file(bench, subject, "底稿（改）.txt", b"2\n", replaces=early.id)
    attach_file(bench, find_subject(bench, "lead", "L01011"), "别的疑点.txt", b"3\n")
    said = Planned(
        mode="surprise",
        period=PERIOD,
        campaign=bench.campaign(PERIOD).name,
        leader="王五",
        inspectors=("王五", "赵六"),
        domains=DOMAINS,
        starts=date(2026, 7, 6),
        ends=date(2026, 7, 10),
    )
    number = enter_visit(bench, plan_visit(bench, UNIT, 2026, said).number, date(2026, 7, 6)).number
    assert matters_from_findings(bench, number) == 1
    assert matters_from_findings(bench, number) == 0, "the same findings are not taken twice"
    named = f"底稿（改）.txt（SHA-256 {sheet.sha256[:12]}）"
    assert visit_of(bench, number).matters[0].evidence == (named,)
    paper = publish_visit_paper(bench, number, "working", "1")
    assert named in text_of(bench.home / visit_of(bench, number).papers[0].path), paper
    bench.store.close()


def test_matters_taken_from_findings_are_due_when_their_measures_are(tmp_path: Path) -> None:
    """The period's only campaign is the visit's; the paper gives the day, the unit's documents and a whole sentence."""
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    record_finding(bench)
    propose_actions(bench, PERIOD, day=date(2026, 7, 5))
    [measure, *_] = sorted(bench.store.actions(unit=UNIT), key=lambda one: one.due)
    said = {"period": PERIOD, "leader": "王五", "inspectors": ("王五", "赵六"), "domains": DOMAINS}
    number = plan_visit(bench, UNIT, 2026, Planned(mode="surprise", starts=date(2026, 7, 6), **said)).number  # type: ignore[arg-type]
    assert visit_of(bench, number).campaign == bench.campaign(PERIOD).name
    ask_for(bench, number, [RequestRow(item="投诉登记簿"), RequestRow(item="录音", period="2026-03")])
    text = text_of(publish_visit_paper(bench, number, "notice"))
    assert "有关制度，现决定对你单位" in text
    assert "投诉登记簿（2026年上半年）" in text and "录音（2026-03）" in text
    enter_visit(bench, number, date(2026, 7, 6))
    assert matters_from_findings(bench, number) == 1
    assert visit_of(bench, number).matters[0].due == measure.due
    facts = text_of(publish_visit_paper(bench, number, "facts"))
    assert "扣 " not in facts and "检查结论为" not in facts, "a unit confirms facts, not what they cost"
    close_visit(bench, number, "总体较好。", date(2026, 7, 10))
    assert written_day(measure.due) in text_of(publish_visit_paper(bench, number, "opinion"))
    bench.store.close()


def test_the_page_offers_the_campaigns_that_a_visit_may_belong_to(office: Workbench) -> None:
    visit = planned(office)
    page = VisitPage(office, PageChoice(period=PERIOD))
    [plan] = page.offered(PageChoice(period=PERIOD))
    asked = {field["key"]: field for field in plan["fields"]}  # type: ignore[attr-defined]
    assert [NAME, NAME] in asked["campaign"]["options"]
    values = {"period": PERIOD, "campaign": "没有的批次", "leader": "inspector", "inspectors": "inspector、guest"}
    with pytest.raises(InputError, match="没有这个检查批次"):
        page.act_on("change", visit.number, visit.revision, values, None)


def test_a_visit_is_closed_only_once_its_facts_were_put_to_the_unit(office: Workbench) -> None:
    visit = entered(office)
    add_matter(office, visit.number, MATTER)
    with pytest.raises(InputError) as refused:
        close_visit(office, visit.number, "", date(2026, 7, 1))
    assert all(word in str(refused.value) for word in ("早于进场日期", "总体情况", "事实确认书"))
    publish_visit_paper(office, visit.number, "facts")
    assert close_visit(office, visit.number, "总体较好。", date(2026, 7, 9)).state == "closed"


def test_personal_data_in_a_matter_is_masked(office: Workbench) -> None:
    visit = entered(office)
    found = add_matter(
        office, visit.number, Matter(number="", title="x", facts="客户 13800138000 投诉", nature="violation", basis="y")
    )
    assert "13800138000" not in found.matters[0].facts


# Coverage and dossier


def test_coverage_tells_who_was_last_inspected_when_and_what_is_due(bank: Workbench, office: Workbench) -> None:
    entered(office)
    found = plan_coverage(office, 2026)
    lines = {row.unit: row for row in found.rows}
    assert lines[OWN].last is not None and lines[OWN].due == date(2027, 7, 5)
    assert lines["0102"].state == "never" and found.visited >= 1 and found.units == 3
    assert "应查未查" in found.sentence()
    with pytest.raises(NotAllowed):
        plan_coverage(acting_as(bank, "head"), 2026)


def test_a_dossier_holds_the_units_history(bank: Workbench, office: Workbench) -> None:
    visit = entered(office)
    found = dossier(office, OWN)
    assert visit.number in {one.number for one in found.visits} and found.last is not None
    assert {one.period for one in found.results} >= {PERIOD}
    with pytest.raises(NotAllowed):
        dossier(acting_as(bank, "head"), "0102")
    with pytest.raises(InputError, match="没有这个机构"):
        dossier(office, "9999")


# The page and the commands


def test_on_the_page_a_paper_is_one_choice_away(office: Workbench) -> None:
    visit = entered(office)
    page = VisitPage(office, PageChoice(unit=OWN, period=PERIOD))
    row = next(one for one in page.state["rows"] if one["id"] == visit.number)
    codes = [code for code, _ in row["options"]["to"]]
    assert {"close", "paper:facts", "paper:plan"} <= set(codes)
    write_down = next(act for act in row["cells"]["acts"] if act["title"] == "登记问题")
    assert {"定性", "笔数", "金额（元）", "佐证文件", "整改期限"} <= {one["title"] for one in write_down["fields"]}

    def press(said: dict[str, str], data: bytes = PDF) -> Any:
        sent = {"type": "row", "name": "matter", "row": visit.number, "revision": row["revision"], "values": said}
        return page.reply({**sent, "file": "现场照片.pdf"}, [data])

    said = {"title": "未公示", "facts": "大堂没有公示投诉电话", "basis": "本行办法", "nature": "irregularity"}
    with pytest.raises(InputError) as refused:
        press({**said, "count": "三", "amount": "1200元整", "due": "下月"})
    assert [fault.column for fault in refused.value.faults] == ["笔数", "金额", "整改期限"]
    with pytest.raises(InputError, match="没有写"):
        press({**said, "basis": ""})
    assert not attachments_of(office, "visit", visit.number)  # refused: no file stays either
    answer = press({**said, "nature": "violation", "count": "3", "amount": "1,200.50", "evidence": "投诉登记簿第 3 页"})
    [one] = visit_of(office, visit.number).matters
    assert (one.nature, one.count, one.amount) == ("violation", 3, Decimal("1200.50"))
    digest = hashlib.sha256(PDF).hexdigest()
    assert one.evidence == ("投诉登记簿第 3 页", f"现场照片.pdf（SHA-256 {digest[:12]}）")
    row = next(each for each in answer["state"]["rows"] if each["id"] == visit.number)
    assert [file["name"] for file in row["cells"]["files"]] == ["现场照片.pdf"]
    assert find_held(office, digest).verb == "visit.see"
    step = {"to": "paper:working:1"}
    answer = page.reply({"type": "save", "items": {visit.number: {"revision": row["revision"], "cells": step}}})
    assert answer["faults"] == {}, answer
    assert [one.kind for one in visit_of(office, visit.number).papers] == ["working"]


def test_on_the_page_a_visit_is_planned_changed_asked_for_and_its_paper_handed_out(office: Workbench) -> None:
    page = VisitPage(office, PageChoice(unit=OWN, period=PERIOD))
    [plan] = page.state["actions"]
    assert OWN in [code for code, _ in plan["fields"][0]["options"]]
    said = {"unit": OWN, "kind": "regular", "mode": "surprise", "period": PERIOD, "leader": "inspector"}
    said |= {"inspectors": "inspector、guest", "domains": "投诉处理，信息披露", "starts": "2026-07-06"}
    with pytest.raises(InputError) as refused:
        page.reply({"type": "plan", "values": {**said, "starts": "七月", "ends": "八月"}})
    assert ["日期写法不对" in str(fault) for fault in refused.value.faults] == [True, True]
    answer = page.reply({"type": "plan", "values": said})
    number = answer["lines"][0].split("：")[0].removeprefix("已列入计划 ")
    assert visit_of(office, number).domains == ("complaints", "disclosure")

    def press(name: str, values: dict[str, str], data: bytes = b"") -> Any:
        sent = {"type": "row", "name": name, "row": number, "revision": visit_of(office, number).revision}
        return page.reply({**sent, "values": values, "file": "签字.pdf" if data else ""}, [data] if data else [])

    row = next(one for one in answer["state"]["rows"] if one["id"] == number)
    assert [act["title"] for act in row["cells"]["acts"]] == ["变更安排", "取消", "开列调阅"]
    stood = {one["key"]: one.get("value", "") for one in row["cells"]["acts"][0]["fields"]}
    assert stood["domains"] == "投诉处理、信息披露" and stood["starts"] == "2026-07-06"
    assert press("change", {**stood, "basis": "本行检查办法"})["type"] == "state"
    assert visit_of(office, number).basis == "本行检查办法"
    with pytest.raises(StaleRevision, match="已被他人更新"):
        page.reply({"type": "row", "name": "change", "row": number, "revision": 0, "values": stood})
    press("ask", {"items": "投诉登记簿，2026 年上半年，张三\n公示照片"})
    assert [(one.item, one.owner) for one in visit_of(office, number).requests] == [
        ("投诉登记簿", "张三"),
        ("公示照片", ""),
    ]
    publish_visit_paper(office, number, "plan")
    paper = visit_of(office, number).papers[0]
    given = press("paper", {"paper": paper.number})
    assert hashlib.sha256(given["buffers"][0]).hexdigest() == paper.sha256
    (office.home / paper.path).write_bytes(b"changed")
    with pytest.raises(InputError, match="与出具时不一致"):
        press("paper", {"paper": paper.number})
    with pytest.raises(InputError):
        press("cancel", {"reason": ""})
    assert press("cancel", {"reason": "与外部检查重叠"})["type"] == "state"
    assert visit_of(office, number).state == "cancelled"


def test_the_commands_go_the_whole_way(tmp_path: Path) -> None:
    home = tiny_workspace(tmp_path / "bank")

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner(env={"XIAOBAO_HOME": str(home)}).invoke(app, ["visit", *words])
        assert done.exit_code == code, done.output
        return done.output

    team = ("--leader", "王五", "--inspector", "王五", "--inspector", "赵六", "--domain", "complaints")
    assert "JC2026-001" in run("new", "--unit", "0101", "--period", "2026H1", "--from", "2026-07-06", *team)
    run("request", "JC2026-001", "投诉登记簿", "--owner", "运营部")
    run("paper", "JC2026-001", "notice")
    run("enter", "JC2026-001")
    run("matter", "JC2026-001", "--title", "逾期", "--facts", "2 笔逾期", "--basis", "办法", "--count", "2")
    run("paper", "JC2026-001", "facts")
    run("close", "JC2026-001", "--summary", "总体较好")
    assert "已结束" in run("list") and "样例农村商业银行消保检认〔2026〕1号" in run("show", "JC2026-001")
    assert "0102" in run("coverage") and "检查档案" in run("dossier", "0101")
    run("cancel", "JC2026-001", "--reason", "x", code=1)

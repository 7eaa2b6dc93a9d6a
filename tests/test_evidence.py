"""佐证: opened by whoever may, on the digest it came in with, told in the history; attached, renewed, kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
import pytest
from msgspec import structs
from PIL import Image
from typer.testing import CliRunner

from tests.factories.inspections import (
    DOMAIN,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    record_finding,
    tiny_workspace,
    workbench,
)
from tests.factories.people import acting_as, entry, register
from xiaobao.cli.app import app
from xiaobao.errors import InputError, NotAllowed, WorkspaceError
from xiaobao.features.evidence import verbs
from xiaobao.features.evidence.excel import evidence_book
from xiaobao.features.evidence.verbs import waiting
from xiaobao.features.history.history_lines import history_entries
from xiaobao.forms.action_table import ActionTable
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Redress, Role
from xiaobao.settings import RETENTION, RetentionRule
from xiaobao.workbench.corrective_actions import propose_actions
from xiaobao.workbench.evidence.attaching import attach_file, attach_link, attachments_of, find_subject, present
from xiaobao.workbench.evidence.listing import evidence_rows, kept_until
from xiaobao.workbench.evidence.viewing import draw_preview, open_evidence, thumbnail
from xiaobao.workbench.inspections.evidence import file_kind
from xiaobao.workbench.inspections.filling import attach, open_form
from xiaobao.workbench.workspace import Workbench

NOTE = "投诉登记簿复印件已核对\n".encode()


def picture(kind: str = "JPEG", size: tuple[int, int] = (1600, 900)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "navy").save(made, kind)
    return made.getvalue()


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    raise_two_leads(bench)
    yield bench
    bench.store.close()


def handed_in(wb: Workbench, data: bytes = NOTE, name: str = "登记簿.txt") -> str:
    return attach(wb, open_form(wb, UNIT, PERIOD, DOMAIN), "c-01", name, data).sha256


def acts(wb: Workbench) -> list[tuple[str, str, str]]:
    found = history_entries(wb, wb.campaign(PERIOD), unit=UNIT)
    return [(one.who, one.act, one.place.partition("　")[2]) for one in found if one.act in ("打开", "还原")]


def test_a_file_opens_as_it_came_in_and_the_history_tells_who_opened_it(wb: Workbench) -> None:
    opened = open_evidence(as_person(wb, INSPECTOR), handed_in(wb))
    assert (opened.name, opened.media, opened.data) == ("登记簿.txt", "text/plain; charset=utf-8", NOTE)
    assert acts(wb) == [("李四", "打开", "登记簿.txt")]
    assert wb.store.verify() == []


def test_a_changed_or_lost_file_is_told_in_words_and_not_shown(wb: Workbench) -> None:
    sha = handed_in(wb)
    path = wb.home / evidence_rows(wb, wb.campaign(PERIOD))[0].path
    path.chmod(0o600)
    path.write_bytes(NOTE + b"!")
    for how in ("view", "preview", "download"):
        with pytest.raises(WorkspaceError, match="与上传时不一致"):
            open_evidence(wb, sha, how)
    path.unlink()
    with pytest.raises(WorkspaceError, match="从备份恢复"):
        open_evidence(wb, sha)
    assert acts(wb) == []


def test_another_units_people_are_told_no_more_than_of_a_file_that_is_not_there(wb: Workbench) -> None:
    sha = handed_in(wb)
    people = (entry("wang", Role.FILLER, UNIT), entry("zhao", Role.FILLER, OTHER), entry("hq", Role.HEAD_OFFICE))
    register(wb, *people)
    assert open_evidence(acting_as(wb, "wang"), sha).data == NOTE
    assert open_evidence(acting_as(wb, "hq"), sha).data == NOTE
    with pytest.raises(NotAllowed) as other:
        open_evidence(acting_as(wb, "zhao"), sha)
    with pytest.raises(NotAllowed) as none:
        open_evidence(acting_as(wb, "zhao"), "0" * 64)
    assert str(other.value).partition("（")[0] == str(none.value).partition("（")[0]
    assert [who for who, _, _ in acts(acting_as(wb, "hq"))] == ["姓名hq", "姓名wang"]
    assert evidence_rows(acting_as(wb, "zhao"), wb.campaign(PERIOD)) == ()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00", "heic"),
        (b"\x00\x00\x00\x18ftypM4A \x00", "m4a"),
        (b"\x00\x00\x00\x18ftypqt  \x00", "mov"),
        (b"\x00\x00\x00\x18ftypisom\x00", "mp4"),
        (b"\x00\x00\x00\x18ftypcrx \x00", None),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "wav"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", None),
        (b"ID3\x04\x00", "mp3"),
        (b"OggS\x00", "ogg"),
        (b"\x1aE\xdf\xa3\x01", "webm"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<html><script>1</script></html>", None),
        (b"MZ\x90\x00", None),
    ],
)
def test_what_a_file_is_its_first_bytes_say(data: bytes, kind: str | None) -> None:
    assert file_kind(data) == kind


def test_a_photo_of_an_iphone_is_shown_as_jpeg_and_every_image_has_a_thumbnail_without_its_place(wb: Workbench) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    sha = handed_in(wb, picture("HEIF"), "网点公示.heic")
    shown = open_evidence(wb, sha)
    assert (shown.media, Image.open(io.BytesIO(shown.data)).size) == ("image/jpeg", (1600, 900))
    assert open_evidence(wb, sha, "download").data[4:12] == b"ftypheic"
    small = Image.open(io.BytesIO(thumbnail(wb, sha).data))
    assert max(small.size) == 120
    assert not small.getexif()


def test_an_office_file_is_previewed_as_text_and_tables_with_nothing_of_it_run(wb: Workbench) -> None:
    paper = docx.Document()
    paper.add_heading("整改说明", 1)
    paper.add_paragraph("<script>alert(1)</script>")
    paper.add_table(1, 1).cell(0, 0).text = "已补登 2 件"
    made = io.BytesIO()
    paper.save(made)
    page = open_evidence(wb, handed_in(wb, made.getvalue(), "说明.docx"), "preview").data.decode()
    assert "<h2>整改说明</h2>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<td><p>已补登 2 件</p></td>" in page
    book = openpyxl.Workbook()
    book.active.append(["受理日期", date(2026, 3, 1), "0010", 12.5])
    made = io.BytesIO()
    book.save(made)
    page = open_evidence(wb, handed_in(wb, made.getvalue(), "台账.xlsx"), "preview").data.decode()
    assert "<td>受理日期</td><td>2026-03-01</td><td>0010</td><td>12.5</td>" in page


def test_what_cannot_be_drawn_is_said_in_words(wb: Workbench) -> None:
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("word/document.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    with pytest.raises(InputError, match="文件损坏或写法少见"):
        draw_preview("text", "docx", broken.getvalue(), "坏.docx")
    with pytest.raises(InputError, match="没有预览"):
        open_evidence(wb, handed_in(wb, b"%PDF-1.7\n", "通知.pdf"), "preview")


@pytest.mark.parametrize(
    "program",
    [
        "import socket; socket.socket()",
        "open('/tmp/x', 'w')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "x = bytearray(3 * 2**30)",
    ],
)
def test_the_child_that_draws_reaches_no_network_no_file_no_process_and_little_memory(program: str) -> None:
    import subprocess
    import sys

    code = f"from xiaobao.workbench.evidence import child; child._limit(); {program}"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(("PermissionError", "MemoryError"))


def test_several_files_and_links_hang_on_a_lead_finding_and_measure(wb: Workbench) -> None:
    finding = record_finding(wb)
    lead = find_subject(wb, "lead", "L01011")
    attach_file(wb, lead, "说明.txt", NOTE)
    attach_file(wb, lead, "照片.jpg", picture())
    attach_link(wb, lead, "档案室 3 柜 2 层", "2026 年投诉卷宗第 15 至 18 页")
    attach_file(wb, find_subject(wb, "finding", finding.id), "底稿.txt", b"1\n")
    rows = {(one.about, one.name): one for one in evidence_rows(wb, wb.campaign(PERIOD), UNIT)}
    assert set(rows) == {
        ("lead", "说明.txt"),
        ("lead", "照片.jpg"),
        ("lead", "档案室 3 柜 2 层"),
        ("finding", "底稿.txt"),
    }
    subjects = {one.subject for one in rows.values()}
    assert subjects == {"疑点：办理用时超过时限 1 天（L01011）", f"检查发现：投诉办理逾期（{finding.id}）"}
    with pytest.raises(InputError, match="链接须有说明"):
        attach_link(wb, lead, "http://oa/1", " ")
    with pytest.raises(InputError, match="没有这个疑点"):
        find_subject(wb, "lead", "L9")
    assert wb.store.verify() == []


def test_a_later_file_replaces_an_earlier_one_and_both_are_kept(wb: Workbench) -> None:
    lead = find_subject(wb, "lead", "L01011")
    first = attach_file(wb, lead, "说明.txt", NOTE)
    second = attach_file(wb, lead, "说明-改.txt", NOTE + b"2", replaces=first.id)
    assert present(attachments_of(wb, "lead", "L01011")) == (second,)
    assert open_evidence(wb, first.sha256).data == NOTE
    rows = {one.name: one.replaced for one in evidence_rows(wb, wb.campaign(PERIOD))}
    assert rows == {"说明.txt": True, "说明-改.txt": False}
    with pytest.raises(InputError, match="没有这一份现行的附件"):
        attach_file(wb, lead, "又改.txt", b"3\n", replaces=first.id)


def test_evidence_is_kept_by_the_longest_rule_that_applies_and_then_shown_as_due(wb: Workbench) -> None:
    collected = date(2026, 3, 1)
    assert kept_until(RETENTION, "complaints", collected, "2026H1").until == date(2029, 6, 30)
    assert kept_until(RETENTION, "suitability", collected, "2026H1").until == date(2036, 6, 30)
    assert kept_until(RETENTION, "complaints", date(2024, 2, 29)).until == date(2027, 2, 28)
    assert kept_until(RETENTION, "disclosure", collected).until is None
    own = {**RETENTION, "own": RetentionRule(title="消保检查资料", years=15)}
    assert kept_until(own, "disclosure", collected, "2026H1").until == date(2041, 6, 30)
    kept = kept_until(RETENTION, "complaints", collected, "2026H1")
    assert [kept.due(day) for day in (date(2029, 6, 30), date(2029, 7, 1))] == [False, True]
    assert "第四十四条" in kept.rule
    sha = handed_in(wb)
    later = replace(wb, settings=structs.replace(wb.settings, as_of=date(2040, 1, 1)))
    assert evidence_rows(later, wb.campaign(PERIOD))[0].kept.due(later.today)
    assert open_evidence(later, sha).data == NOTE


def test_a_measure_takes_files_and_the_statement_of_its_case_on_the_page(wb: Workbench) -> None:
    record_finding(wb)
    propose_actions(wb, PERIOD)
    page = ActionTable(wb, PageChoice(period=PERIOD))
    row = next(one for one in page.read_rows(PageChoice(period=PERIOD)) if one["tags"]["line"] == "个案整改")  # type: ignore[index]
    number = str(row["id"])
    page.save_row(number, {"owner": "张三", "measure": "补登并告知客户"}, 1)
    sent = {"type": "piece", "upload": "1", "size": len(NOTE), "offset": 0, "row": number, "part": "files"}
    done = page.reply({**sent, "name": "告知函.txt"}, [NOTE])
    [file] = done["saved"][number]["cells"]["files"]  # type: ignore[index]
    assert file["name"] == "告知函.txt"
    stated = {"to": "done", "note": "已办", "made_good": "yes", "refunded": "1200.50", "told_on": "2026-07-03"}
    with pytest.raises(InputError, match="退还金额不是数字"):
        page.save_row(number, {**stated, "refunded": "一千"}, 2)
    page.save_row(number, stated, 2)
    [action] = [one for one in wb.store.actions() if one.id == number]
    assert action.status == "done"
    assert action.redress == Redress(made_good=True, refunded=Decimal("1200.50"), told_on=date(2026, 7, 3))
    assert [Path(path).stem for path in action.evidence] == [file["sha"]]


def test_a_request_goes_from_asked_to_rejected_to_accepted_and_four_eyes_hold(wb: Workbench) -> None:
    campaign, inspector = wb.campaign(PERIOD), as_person(wb, INSPECTOR)
    [one, other] = verbs.ask_for(inspector, campaign, UNIT, ["投诉登记簿", " ", "培训签到表"], date(2026, 7, 8), DOMAIN)
    assert (one.id, other.due) == (f"{campaign.id}-{UNIT}-1", date(2026, 7, 8))
    with pytest.raises(InputError, match="须上传资料，或写明资料在何处"):
        verbs.hand_over(wb, campaign, one)
    verbs.add_document(wb, campaign, one, "登记簿.txt", NOTE)
    one = verbs.hand_over(wb, campaign, one)
    assert open_evidence(inspector, verbs.documents_of(wb, one)[0].sha256).data == NOTE
    with pytest.raises(NotAllowed, match="提交资料的人不能验收"):
        verbs.decide_request(wb, campaign, one, accepted=True)
    with pytest.raises(InputError, match="退回须写明原因"):
        verbs.decide_request(inspector, campaign, one, accepted=False)
    one = verbs.decide_request(inspector, campaign, one, accepted=False, reason="缺 5 月")
    assert one.state == "rejected"
    with pytest.raises(InputError, match="已退回的调阅不能验收"):
        verbs.decide_request(inspector, campaign, one, accepted=True)
    one = verbs.decide_request(inspector, campaign, verbs.hand_over(wb, campaign, one, "原件在柜台"), accepted=True)
    assert (one.state, one.decided_by) == ("accepted", "李四")
    assert [row[1] for row in waiting(wb, date(2026, 7, 9), [])] == [other.id]
    _, data = evidence_book(wb, PERIOD, UNIT, "")
    sheets = openpyxl.load_workbook(io.BytesIO(data))
    assert sheets.sheetnames == ["佐证材料", "调阅清单"]
    assert "投诉登记簿" in {cell.value for cell in sheets["调阅清单"]["C"]}


def test_the_commands_list_open_ask_and_decide(wb: Workbench, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner(env={"XIAOBAO_HOME": str(wb.home)}).invoke(app, ["evidence", *words])
        assert done.exit_code == 0, done.output
        return done.output

    sha, period = handed_in(wb), ("--period", PERIOD)
    note = tmp_path / "说明.txt"
    note.write_bytes(NOTE + b"1")
    assert "L01011:1" in run("attach", "lead", "L01011", "--file", str(note))
    assert "2 份" in run("list", *period)
    assert "一致 1 份" in run("show", sha[:12], *period)
    run("open", sha[:12], *period, "-o", str(tmp_path / "取出.txt"))
    assert (tmp_path / "取出.txt").read_bytes() == NOTE
    assert "0 份" in run("due", *period)
    number = f"{wb.campaign(PERIOD).id}-{UNIT}-1"
    assert number in run("request", *period, "--unit", UNIT, "--want", "签到表")
    assert "已提交" in run("receive", number, *period, "--file", str(note))
    assert "已提交" in run("requests", *period)

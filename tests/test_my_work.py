"""我的工作 and the morning digest: what waits for each person, by rights and four eyes, and nothing of another's."""

from __future__ import annotations

import json
import socketserver
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.factories.inspections import DOMAIN, PERIOD, raise_two_leads, tiny_workspace, workbench
from tests.factories.people import acting_as, entry
from tests.factories.rights import BELOW, LATER, OTHER, OWN, SOMEBODY, UNITS, Doors, rights_bank
from xiaobao import cli
from xiaobao.features.filings.verbs import issue_filings
from xiaobao.features.my_work import my_work as module
from xiaobao.features.my_work.digest import _digest
from xiaobao.features.my_work.kinds import MATTER_KINDS, NOT_WAITING
from xiaobao.features.my_work.my_work import MyWork, WorkLine, WorkPart, my_work
from xiaobao.features.my_work.view import my_work as drawn
from xiaobao.labels import DUE_KINDS
from xiaobao.model import Actor, Appeal, Disposition, LeadDecision, Response, Role, RunStatus
from xiaobao.model.codes import Conclusion
from xiaobao.settings import Signers
from xiaobao.store.models import RunRecord
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections.filling import answer, open_form
from xiaobao.workbench.people import add_person
from xiaobao.workbench.workspace import Workbench, open_workbench


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    bench = rights_bank(tmp_path / "bank")
    yield Doors(bench)
    bench.store.close()


def of(doors: Doors, login: str, **kept: Any) -> MyWork:
    return my_work(acting_as(doors.wb, login), **kept)


def part(found: MyWork, kind: str) -> WorkPart | None:
    return next((one for one in found.parts if one.kind == kind), None)


def units(found: MyWork, kind: str) -> list[str]:
    one = part(found, kind)
    return [line.unit for line in one.lines] if one else []


def counts(found: MyWork) -> dict[str, int]:
    return {one.kind: one.count for one in found.waiting}


def with_signers(doors: Doors, **signers: bool) -> None:
    levels = {"sub_branch": Signers(**signers)}
    doors.wb = replace(doors.wb, settings=structs.replace(doors.wb.settings, signers=levels))


def move(doors: Doors, unit: str, state: str, who: Actor = SOMEBODY, reason: str = "") -> None:
    record = doors.wb.store.inspection(doors.campaign.id, unit, DOMAIN)
    assert record is not None
    with doors.wb.store.writing(who) as tx:
        tx.set_state(record.id, state, record.revision, reason)


# --- nobody registered ------------------------------------------------------------------------------------------------


def test_with_nobody_registered_the_one_person_sees_everything(tmp_path: Path) -> None:
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    raise_two_leads(wb)
    found = my_work(wb)
    assert (found.who, found.roles, found.reason) == ("", (), "")
    assert sorted(units(found, "fill")) == ["0101", "0102"]
    [leads] = part(found, "lead_answer").lines  # type: ignore[union-attr]
    assert (leads.unit, leads.said) == ("0101", "2 条")
    assert leads.address == f"leads.ipynb?unit=0101&period={PERIOD}&domain={DOMAIN}"
    assert found.hanging is not None and found.hanging.kinds["lead_answer"] == (2, 0)
    assert "单机，未认证" in str(drawn(found))


def test_before_there_is_anything_it_says_so(tmp_path: Path) -> None:
    from tests.factories.people import small_bank

    found = my_work(small_bank(tmp_path / "bank"))
    assert {one.kind for one in found.parts} <= {"not_issued"}
    assert "全行未办事项" in str(drawn(found))


# --- who fills --------------------------------------------------------------------------------------------------------


def test_a_filler_sees_the_sheets_of_his_unit_newest_first_and_no_other_units(doors: Doors) -> None:
    for unit in (OWN, BELOW, OTHER):
        doors._before_lead_answer(unit)
        doors.measure(unit, "open")
    found = of(doors, "filler")
    assert (found.who, found.roles) == ("姓名filler", ("填报人",))
    [later, now] = part(found, "fill").lines  # type: ignore[union-attr]
    assert (later.address, now.address) == (
        f"fill.ipynb?unit={OWN}&period={LATER}&domain={DOMAIN}",
        f"fill.ipynb?unit={OWN}&period={PERIOD}&domain={DOMAIN}",
    )
    assert now.said == "填报中，已答 0 / 6 项"
    assert counts(found) == {"fill": 2, "lead_answer": 1, "measure": 1}
    assert {line.unit for one in found.parts for line in one.lines} == {OWN}
    assert found.hanging is None
    shown = str(drawn(found)) + drawn(found)._repr_html_()
    assert OTHER not in shown and BELOW not in shown and "河西" not in shown


def test_the_page_counts_stored_answers_and_says_when_the_sheet_is_due(doors: Doors) -> None:
    wb = acting_as(doors.wb, "filler")
    form = open_form(wb, OWN, PERIOD, DOMAIN)
    answer(wb, form, Response(item_id="c-01", conclusion=Conclusion.COMPLIANT), 0)
    with doors.wb.store.writing(SOMEBODY) as tx:
        first = doors.campaign
        pinned = (first.scheme, first.checklists)
        tx.add_campaign("专项", PERIOD, *pinned, "special", (OWN,), (date(2026, 7, 1), date(2026, 7, 4)))
    found = part(of(doors, "filler"), "fill")
    assert found is not None
    said = {line.address.partition("campaign=")[2]: line for line in found.lines}
    assert (found.count, found.late) == (3, 1)
    assert found.lines[0].late == 1 and found.lines[0].due == date(2026, 7, 4)
    assert "已答 1 / 6 项" in next(line.said for name, line in said.items() if "2026" in name)
    on_the_day = part(of(doors, "filler", day=date(2026, 7, 4)), "fill")
    assert on_the_day is not None and on_the_day.late == 0


def test_an_answer_without_its_evidence_is_told_beside_the_count(doors: Doors) -> None:
    wb = acting_as(doors.wb, "filler")
    form = open_form(wb, OWN, PERIOD, DOMAIN)
    answer(wb, form, Response(item_id="c-proof", conclusion=Conclusion.COMPLIANT), 0)
    said = [line.said for line in part(of(doors, "filler"), "fill").lines]  # type: ignore[union-attr]
    assert "填报中，已答 1 / 6 项，缺佐证 1 项" in said


def test_a_returned_sheet_says_why_and_how_many_remarks_are_open(doors: Doors) -> None:
    doors.state(OWN, "submitted")
    move(doors, OWN, "returned", Actor(name="另一个人"), "附件不清")
    record = doors.wb.store.inspection(doors.campaign.id, OWN, DOMAIN)
    assert record is not None
    with doors.wb.store.writing(Actor(name="另一个人")) as tx:
        tx.add_remarks(record.id, {"c-01": "请写日期", "c-proof": "请换照片"})
    said = [line.said for line in part(of(doors, "filler"), "fill").lines]  # type: ignore[union-attr]
    assert "已退回，已答 6 / 6 项，退回原因：附件不清（待处理意见 2 条）" in said


def test_a_sheet_that_was_handed_in_stays_in_reach_with_its_state(doors: Doors) -> None:
    doors.state(OWN, "submitted")
    wb = acting_as(doors.wb, "filler")
    found = my_work(wb)
    assert [(line.unit, line.said) for line in part(found, "sheet").lines] == [(OWN, "已提交")]  # type: ignore[union-attr]
    assert "review" not in counts(found)
    move(doors, OWN, "reviewed", Actor(name="另一个人"))
    found = my_work(wb)
    [line] = part(found, "sheet").lines  # type: ignore[union-attr]
    assert (line.said, line.unit) == ("已复核", OWN)
    assert "sheet" not in counts(found)


def test_filings_of_ones_own_unit_are_due(doors: Doors) -> None:
    issue_filings(acting_as(doors.wb, "office"), "monthly", "2026-06", (OWN, OTHER))
    found = of(doors, "filler", day=date(2026, 7, 6))
    filing = part(found, "filing")
    assert filing is not None
    where = f"filings.ipynb?unit={OWN}&period=2026-06"
    assert [(line.unit, line.due, line.late) for line in filing.lines] == [(OWN, date(2026, 7, 5), 1)]
    assert [line.address for line in filing.lines] == [where]
    assert part(found, "not_issued") is None
    assert part(of(doors, "inspector"), "filing") is None
    office = of(doors, "office").hanging
    assert office is not None and office.kinds["filing"] == (2, 0)


# --- who confirms, reviews, approves ----------------------------------------------------------------------------------


def test_a_head_confirms_complete_sheets_where_the_level_asks_for_it(doors: Doors) -> None:
    doors.state(OWN, "submitted")
    move(doors, OWN, "returned", Actor(name="另一个人"), "重来")
    assert units(of(doors, "head"), "confirm") == []  # nobody confirms at this level
    with_signers(doors, confirm=True)
    head = of(doors, "head")
    assert units(head, "confirm") == [OWN]  # the later campaign's sheet is empty
    told = part(head, "fill")
    assert told is not None
    assert [line.address for line in told.lines if f"period={PERIOD}&" in line.address] == []  # told once
    assert units(of(doors, "filler"), "confirm") == []
    wb = acting_as(doors.wb, "head")
    form = open_form(wb, OWN, PERIOD, DOMAIN)
    again = replace_answer(form.items["c-01"].response)
    answer(wb, form, again, again.revision)
    assert units(of(doors, "head"), "confirm") == []  # who filled never confirms


def replace_answer(response: Response) -> Response:
    return structs.replace(response, note="补充", amended="按退回意见")


def test_a_sheet_with_a_remark_not_cleared_is_not_to_be_confirmed(doors: Doors) -> None:
    with_signers(doors, confirm=True)
    doors.state(OWN, "submitted")
    move(doors, OWN, "returned", Actor(name="另一个人"), "重来")
    record = doors.wb.store.inspection(doors.campaign.id, OWN, DOMAIN)
    assert record is not None
    with doors.wb.store.writing(Actor(name="另一个人")) as tx:
        tx.add_remarks(record.id, {"c-01": "请写日期"})
    assert units(of(doors, "head"), "confirm") == []


def test_a_reviewer_sees_what_waits_below_him_and_never_what_he_filled(doors: Doors) -> None:
    for unit in (OWN, BELOW, OTHER):
        doors.state(unit, "submitted")
    assert sorted(units(of(doors, "reviewer"), "review")) == [OWN, BELOW]
    assert sorted(units(of(doors, "office"), "review")) == [OWN, BELOW, OTHER]
    assert sorted(units(of(doors, "line"), "review")) == [OWN, BELOW, OTHER]
    assert units(of(doors, "line2"), "review") == []
    assert part(of(doors, "filler"), "review") is None
    add_person(acting_as(doors.wb, "admin"), entry("writer", Role.HEAD_OFFICE, "01", name=SOMEBODY.name))
    assert part(of(doors, "writer"), "review") is None  # he filled them all, before he was registered


def test_an_approver_sees_reviewed_sheets_where_three_are_asked(doors: Doors) -> None:
    doors.state(OWN, "submitted")
    move(doors, OWN, "reviewed", Actor(name="姓名reviewer", login="reviewer"))
    assert units(of(doors, "approver"), "approve") == []
    with_signers(doors, approve=True)
    assert units(of(doors, "approver"), "approve") == [OWN]
    add_person(acting_as(doors.wb, "admin"), entry("reviewer", Role.APPROVER, OWN, name="姓名reviewer"))
    assert units(of(doors, "reviewer"), "approve") == []  # who reviewed never approves


def test_an_appeal_waits_for_a_third_person(doors: Doors) -> None:
    doors.state(OWN, "submitted")
    move(doors, OWN, "reviewed", Actor(name="另一个人"))
    record = doors.wb.store.inspection(doors.campaign.id, OWN, DOMAIN)
    assert record is not None
    with doors.wb.store.writing(SOMEBODY) as tx:
        appeal = Appeal(number=1, grounds="有新材料", items=("c-01",), day=date(2026, 7, 5), filed_by="姓名approver")
        tx.save_appeal(record.id, appeal)
    assert units(of(doors, "office"), "appeal") == [OWN]
    assert units(of(doors, "approver"), "appeal") == []  # he filed it himself
    assert units(of(doors, "filler"), "appeal") == []


# --- inspectors and head office ---------------------------------------------------------------------------------------


def test_an_inspector_decides_answered_leads_at_once_and_silent_ones_after_their_day(doors: Doors) -> None:
    doors._before_lead_decide(OWN)
    doors._before_lead_answer(OTHER)
    assert units(of(doors, "inspector"), "lead_decide") == [OWN]
    last = date(2026, 7, 5).toordinal() + doors.wb.settings.policies.lead_answer_days
    for day, due in ((last, [OWN]), (last + 1, [OTHER, OWN])):
        settings = structs.replace(doors.wb.settings, as_of=date.fromordinal(day))
        wb = replace(acting_as(doors.wb, "inspector"), settings=settings)
        assert units(my_work(wb), "lead_decide") == due
    assert of(doors, "guest").parts == ()  # the visit names another


def test_who_answered_a_lead_is_not_asked_to_decide_it(doors: Doors) -> None:
    lead = doors._before_lead_answer(OWN)
    with doors.wb.store.writing(Actor(name="姓名office", login="office")) as tx:
        said = LeadDecision(lead_id=lead, answer=Disposition.CONFIRMED, answer_note="属实", answered_by="姓名office")
        tx.save_decision(said, 0)
    assert units(of(doors, "office"), "lead_decide") == []
    assert units(of(doors, "inspector"), "lead_decide") == [OWN]


def test_measures_go_from_the_unit_to_the_inspector_to_head_office(doors: Doors) -> None:
    for status in ("open", "done", "verified"):
        doors.measure(OTHER, status)
    assert set(counts(of(doors, "inspector"))) >= {"verify"}
    assert "measure" not in counts(of(doors, "inspector")) and "close" not in counts(of(doors, "inspector"))
    office = of(doors, "office")
    assert {"verify", "close"} <= set(counts(office)) and "measure" not in counts(office)
    assert counts(of(doors, "filler")).keys() & {"measure", "verify", "close"} == set()  # another unit's


def test_head_office_sees_what_hangs_where_the_most_overdue_first(doors: Doors) -> None:
    doors._before_lead_answer(OWN)
    doors._before_lead_answer(OTHER)
    doors._before_lead_answer(OTHER)
    with doors.wb.store.writing(SOMEBODY) as tx:
        tx.record_run(failed_run(doors))
    late = date(2026, 12, 1)
    found = of(doors, "office", day=late).hanging
    assert found is not None
    assert found.kinds["lead_answer"] == (3, 3)
    assert [(one.unit, one.late) for one in found.worst if one.unit][:2] == [(OTHER, 2), (OWN, 1)]
    assert found.places >= 3
    assert [(one.unit, one.notebook, one.error) for one in found.failures] == [(OWN, "4_complaints", "缺少投诉台账")]
    shown = str(drawn(of(doors, "office", day=late)))
    assert "逾期最多：" in shown and "没有成功的底稿　共 1 份" in shown


def failed_run(doors: Doors) -> RunRecord:
    from datetime import UTC, datetime

    return RunRecord(
        campaign_id=doors.campaign.id,
        unit=OWN,
        notebook="4_complaints",
        digest="d" * 64,
        status=RunStatus.FAILED,
        error="缺少投诉台账\n第二行",
        started=datetime(2026, 7, 5, tzinfo=UTC),
        seconds=1.0,
        paper="",
        paper_sha256="",
    )


def test_who_only_looks_is_led_to_the_overview_and_asked_for_nothing(doors: Doors) -> None:
    for unit in (OWN, OTHER):
        doors.state(unit, "submitted")
    leader, audit = of(doors, "leader"), of(doors, "audit")
    assert leader.looks and leader.parts == () and leader.hanging is not None
    assert 'href="overview.ipynb"' in drawn(leader)._repr_html_()
    assert not audit.looks and audit.hanging is not None and audit.hanging.kinds["review"][0] == 2
    assert counts(audit) == {}
    assert not of(doors, "admin").parts and of(doors, "admin").hanging is None


def test_a_stranger_is_told_to_be_registered_and_sees_nothing(doors: Doors) -> None:
    found = my_work(replace(doors.wb, actor=Actor(name="stranger")))
    assert found.parts == () and found.hanging is None
    assert "还没有登记" in str(drawn(found))


def test_a_unit_that_was_merged_since_is_named_as_it_was(doors: Doors) -> None:
    (doors.wb.home / "later.csv").write_text(UNITS.replace("0102,河西支行,支行,01,河西,储蓄,是\n", ""), "utf-8")
    import_extract(acting_as(doors.wb, "office"), "units", [doors.wb.home / "later.csv"], LATER)
    move(doors, OTHER, "submitted")
    [line] = [one for one in part(of(doors, "office"), "review").lines if one.unit == OTHER]  # type: ignore[union-attr]
    assert line.unit_name == "河西支行"


def test_of_many_lines_the_first_are_listed_and_it_says_how_many_there_are(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit, told in ((2, False), (1, True)):
        monkeypatch.setattr(module, "_MOST", limit)
        found = of(doors, "filler")
        assert len(part(found, "fill").lines) == limit  # type: ignore[union-attr]
        assert ("共 2 处，此处列出前 1 处" in str(drawn(found))) is told
        assert part(found, "fill").count == 2  # type: ignore[union-attr]


def test_a_closed_campaign_asks_for_measures_alone(doors: Doors) -> None:
    from xiaobao.workbench.results.resolving import close_campaign

    doors.measure(OWN, "open")
    close_campaign(acting_as(doors.wb, "office"), doors.campaign)
    found = of(doors, "filler")
    assert [line.address.count(PERIOD) for line in part(found, "fill").lines] == [0]  # type: ignore[union-attr]
    assert units(found, "measure") == [OWN]


def test_words_that_people_wrote_are_masked_on_the_page(doors: Doors) -> None:
    doors.state(OWN, "submitted")
    move(doors, OWN, "returned", Actor(name="另一个人"), "客户 13800138000 的材料不对")
    assert "13800138000" not in drawn(of(doors, "filler"))._repr_html_()


# --- the morning digest -----------------------------------------------------------------------------------------------


class Sink(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps what it takes, refuses recipients of `refused`, and hangs up on those of `dropped`."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: list[tuple[str, str, Any]] = []
        self.refused: set[str] = set()
        self.dropped: set[str] = set()
        self.port = self.server_address[1]


class Conversation(socketserver.StreamRequestHandler):
    server: Sink

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 sink ESMTP")
        sender = to = ""
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words[:4].upper()
            if verb == "MAIL":
                sender = words.partition("<")[2].partition(">")[0]
            if verb == "RCPT":
                to = words.partition("<")[2].partition(">")[0]
                if to in self.server.dropped:
                    return
                self.say("550 no such user here" if to in self.server.refused else "250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                lines = []
                while (one := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(one[1:] if one.startswith(b"..") else one)
                message = message_from_bytes(b"".join(lines), policy=policy.default)
                self.server.taken.append((sender, to, message))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def run(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command as the system user, who stands for the administrator."""
    monkeypatch.setenv("XIAOBAO_HOME", str(doors.wb.home))

    def at(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["xiaobao", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return at


def add_settings(doors: Doors, text: str) -> None:
    with (doors.wb.home / "xiaobao.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def mail_settings(doors: Doors, port: int) -> None:
    served = '\n[serve]\naddress = "https://xb.bank.test"\n'
    add_settings(doors, f'{served}\n[smtp]\nhost = "127.0.0.1"\nport = {port}\ndomain = "bank.test"\n')


def test_the_digest_of_everybody_is_counts_and_links(doors: Doors, run: Callable[..., tuple[int, str, str]]) -> None:
    doors.state(OWN, "submitted")
    move(doors, OWN, "returned", Actor(name="另一个人"), "客户赵某某的材料不对")
    doors.measure(OWN, "open")
    add_settings(doors, '\n[serve]\naddress = "https://xb.bank.test"\n')
    code, shown, _ = run("notify")
    assert code == 0
    assert "姓名filler：待办" in shown and "姓名office：待办" in shown
    assert f"https://xb.bank.test/voila/render/fill.ipynb?unit={OWN}&period={PERIOD}&domain={DOMAIN}" in shown
    assert not [word for word in ("赵某某", "材料不对", "逐笔补办", "别处的人") if word in shown]
    alone = json.loads(run("notify", "--login", "FILLER", "--json")[1])
    assert [one["login"] for one in alone] == ["filler"]
    assert alone[0]["count"] == 3 and OTHER not in alone[0]["text"] and BELOW not in alone[0]["text"]


def test_the_digest_tells_every_kind_of_matter_that_my_work_shows(doors: Doors) -> None:
    """Counts of each kind with their overdue; what no longer waits is left out, and nothing that anybody wrote."""
    line = WorkLine(
        unit=OWN, unit_name="城关支行", title="某人写的话", said="某人说", due=None, late=0, address="fill.ipynb"
    )
    parts = tuple(
        WorkPart(kind=kind, title=about.title, count=number, late=1, places=1, lines=(line,))
        for number, (kind, about) in enumerate(MATTER_KINDS.items(), 2)
    )
    told = _digest(doors.wb, MyWork(day=date(2026, 7, 6), parts=parts), "wang", "王五").text
    assert {kind for kind, about in MATTER_KINDS.items() if f"{about.title} " not in told} == set(NOT_WAITING)
    assert all(f"{one.title} {one.count}，逾期 1" in told for one in parts if one.kind not in NOT_WAITING)
    assert "某人" not in told
    assert set(DUE_KINDS) - {"complaint", "action", "lead"} <= set(MATTER_KINDS)


def test_every_kind_leads_to_a_page_of_ours() -> None:
    pages = {path.stem for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb")}
    assert {about.page for about in MATTER_KINDS.values()} <= pages


def test_a_stranger_is_refused_and_so_is_another_persons_digest(
    doors: Doors, run: Callable[..., tuple[int, str, str]]
) -> None:
    code, _, told = run("notify", "--login", "nobody")
    assert code == 1 and "nobody" in told and "Traceback" not in told
    from xiaobao.errors import NotAllowed
    from xiaobao.features.my_work.digest import digests

    assert [one.login for one in digests(acting_as(doors.wb, "filler"), ("filler",))] == ["filler"]
    for login in ((), ("head",), ("filler", "head")):
        with pytest.raises(NotAllowed):
            list(digests(acting_as(doors.wb, "filler"), login))


def test_files_are_one_a_person_and_readable_for_nobody_else(
    doors: Doors, run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    folder = tmp_path / "morning"
    for _ in range(2):  # tomorrow's takes the place of today's
        code, shown, _ = run("notify", "--folder", str(folder))
        assert code == 0 and "已写出" in shown
    files = {path.stem: path for path in folder.iterdir()}
    assert {"filler", "office", "admin"} <= set(files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert OTHER not in files["filler"].read_text("utf-8")


def test_mail_goes_to_everybody_who_has_something_to_do(
    doors: Doors, run: Callable[..., tuple[int, str, str]], sink: Sink
) -> None:
    mail_settings(doors, sink.port)
    code, shown, told = run("notify", "--mail")
    assert (code, told) == (0, "")
    taken = {to: (sender, message) for sender, to, message in sink.taken}
    assert f"已发送 {len(taken)} 封" in shown
    assert "filler@bank.test" in taken and "leader@bank.test" not in taken
    sender, message = taken["filler@bank.test"]
    assert sender == "xiaobao@bank.test" and message["To"] == "filler@bank.test"
    assert message["Subject"].startswith("消保自查：待办 2 项")
    body = message.get_content()
    assert "待填报的检查表 2" in body and "https://xb.bank.test/voila/render/my_work.ipynb" in body
    assert OTHER not in body


def test_who_is_refused_or_hung_up_on_leaves_the_others_theirs(
    doors: Doors, run: Callable[..., tuple[int, str, str]], sink: Sink
) -> None:
    mail_settings(doors, sink.port)
    run("notify", "--mail")
    everybody = {to for _, to, _ in sink.taken}
    sink.taken.clear()
    sink.refused, sink.dropped = {"filler@bank.test"}, {"absent@bank.test"}
    code, shown, told = run("notify", "--mail")
    assert code == 1
    assert {to for _, to, _ in sink.taken} == everybody - sink.refused - sink.dropped
    lines = told.strip().splitlines()
    assert "filler" in told and "absent" in told and "550" in told
    assert "no such user" not in told and "Traceback" not in told
    assert f"已发送 {len(everybody) - 2} 封" in shown and len(lines) <= 3


def test_a_server_that_is_not_there_is_one_chinese_line(
    doors: Doors, run: Callable[..., tuple[int, str, str]], sink: Sink
) -> None:
    code, _, told = run("notify", "--mail")
    assert code == 1 and "没有设置邮件服务器" in told
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as free:
        port = free.server_address[1]
    mail_settings(doors, port)
    code, _, told = run("notify", "--mail")
    assert code == 1
    [line] = told.strip().splitlines()
    assert "连不上邮件服务器" in line and "Traceback" not in line


@pytest.mark.parametrize("text", ['host = "a b"', "port = 0", 'sender = "a@b\\nBcc: c@d"', 'domain = "x@y"'])
def test_wrong_mail_settings_are_refused(tmp_path: Path, text: str) -> None:
    home = tiny_workspace(tmp_path / "bank")
    with (home / "xiaobao.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[smtp]\n{text}\n")
    from xiaobao.errors import InputError

    with pytest.raises(InputError, match="smtp"):
        open_workbench(home)


def test_with_nobody_registered_the_digest_is_printed_and_never_mailed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(tiny_workspace(tmp_path / "bank")))
    for words, code in ((("notify",), 0), (("notify", "--mail"), 2), (("notify", "--login", "wang"), 1)):
        monkeypatch.setattr("sys.argv", ["xiaobao", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert int(ended.value.code or 0) == code
    told = capsys.readouterr()
    assert "待填报的检查表 2" in told.out and "还没有登记人员" in told.err


def test_the_library_opens_it_as_every_page_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import xiaobao as xb

    wb: Workbench = workbench(tiny_workspace(tmp_path / "bank"))
    wb.store.close()
    assert "待填报的检查表" in str(xb.my_work(workspace=str(tmp_path / "bank")))


# --- the page


def page_of(*parts: WorkPart) -> str:
    return str(drawn(MyWork(day=date(2026, 7, 5), who="王五", roles=("填报人",), parts=parts))._repr_html_())


def lines_of(kind: str, count: int, unit: str = "0101", campaign: str = "2026H1") -> WorkPart:
    lines = tuple(
        WorkLine(unit=unit, unit_name="城关支行", title=f"事项{n}", campaign=campaign) for n in range(1, count + 1)
    )
    return WorkPart(kind=kind, title=MATTER_KINDS[kind].title, count=count, late=0, places=count, lines=lines)


def test_a_person_of_one_unit_reads_its_name_once_and_the_first_lines_of_each_kind() -> None:
    html = page_of(lines_of("measure", 12), lines_of("sheet", 9), lines_of("appraisal", 1))
    assert html.count("城关支行（0101）") == 1
    assert "其余 4 处" in html
    assert "查看 9 处" in html and "查看 1 处" not in html  # what asks for nothing is folded where it is much
    assert all(f"事项{n}<" in html for n in range(1, 13))
    assert "（2026H1）" not in html


def test_lines_of_two_campaigns_say_which_and_lines_of_two_units_whose() -> None:
    html = page_of(lines_of("measure", 2, campaign="2025H2"), lines_of("measure", 2))
    assert "事项1（2025H2）" in html and "事项1（2026H1）" in html
    html = page_of(lines_of("measure", 2, unit="0102"), lines_of("fill", 2))
    assert "城关支行（0102） 事项1" in html and "城关支行（0101） 事项1" in html

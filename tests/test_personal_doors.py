"""Nothing personal leaves: one mask at every door by which a text comes in, is kept, is shown or is logged."""

from __future__ import annotations

import inspect
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from tests.factories import inspections as tiny
from tests.factories import tables
from tests.factories.answering import PDF, fill
from tests.factories.imported import import_rows, row
from tests.factories.poison import FORMULAS, ID, MARKUP, MOBILE, PERSONAL
from tests.factories.store import CHECK, FILLER, REVIEWER, make_finding, make_lead, make_run, make_score, open_campaign
from xiaobao import features
from xiaobao import store as storing
from xiaobao import workbench as workbench_room
from xiaobao.batch.wording import why_failed
from xiaobao.batch.workers import WorkerBounds
from xiaobao.datasets.catalogue import DATASETS, Column, Dataset
from xiaobao.datasets.partitions import read_partition
from xiaobao.errors import Fault, InputError, StaleRevision
from xiaobao.features.filings.filing import Filing
from xiaobao.model import (
    Appeal,
    Conclusion,
    CorrectiveAction,
    Disposition,
    LeadDecision,
    Response,
    Review,
    Stage,
    VetoEvent,
)
from xiaobao.personal import find_personal, mask, state_public
from xiaobao.personal.finding import mask_log
from xiaobao.publishing.papers import publish_leads
from xiaobao.settings import load_settings
from xiaobao.store import Store
from xiaobao.store.models import Campaign, HandedIn, Question
from xiaobao.store.tables import campaigns
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.leads import answer_lead, decide_lead
from xiaobao.workbench.scanning import scan_workspace

ALL = "；".join(PERSONAL.values())
FREE_TEXT = ("text", "note")


@pytest.fixture(autouse=True)
def nothing_public() -> Iterator[None]:
    yield
    state_public(())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with storing.open(f"sqlite:///{tmp_path / 'store.sqlite'}", create=True) as opened:
        yield opened


def kept(store: Store) -> str:
    """All that the store holds for ever, names of objects included."""
    return "\n".join(f"{event.object} {event.payload}" for event in store.each_event())


# Extracts


@pytest.mark.parametrize("name", DATASETS)
def test_no_text_column_of_any_dataset_keeps_personal_data(name: str, tmp_path: Path) -> None:
    """Each of the 25 forms in each column of free text: the finder finds it in the file, and nothing in the extract."""
    spec = DATASETS[name]
    columns = [c.name for c in spec.columns if c.kind in FREE_TEXT and not c.personal]
    forms = [form for form in PERSONAL.values() if form.isprintable()]
    rows = [row(name, number) | dict.fromkeys(columns, f"见{form}。") for number, form in enumerate(forms, 1)]
    assert all(find_personal(given[column]) for given in rows for column in columns)
    frame = read_partition(import_rows(tmp_path, name, rows, "2026H1").path)
    assert len(frame) == len(forms)
    for column in columns:
        assert [text for text in frame[column] if find_personal(text)] == [], column
        assert all(text.startswith("见") and text.endswith("】。") for text in frame[column]), column


@pytest.mark.parametrize("form", [form for form in PERSONAL.values() if not form.isprintable()])
def test_numbers_with_invisible_characters_are_cleaned_and_hidden_or_refused(form: str, tmp_path: Path) -> None:
    """Whether an import cleans such cells or sends them back: what is in them is not repeated."""
    try:
        frame = read_partition(import_rows(tmp_path, "complaints", [row("complaints", 1, product=f"见{form}。")]).path)
        shown = str(frame["product"].tolist())
    except InputError as error:
        shown = str(error)
    assert "已隐去】" in shown
    assert find_personal(shown) == []


def test_business_keys_pass_whatever_they_look_like(tmp_path: Path) -> None:
    """A complaint's number of eleven digits is still its number: without it no lead can be checked."""
    given = row("complaints", 1, complaint_no=MOBILE, handler="E12345678")
    frame = read_partition(import_rows(tmp_path, "complaints", [given]).path)
    assert frame["complaint_no"].tolist() == [MOBILE]
    assert frame["handler"].tolist() == ["E12345678"]


def test_a_column_of_names_or_addresses_is_hidden_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names have no form of their own: the column says what they are. What the bank states as public passes."""
    visits = Dataset(
        name="visits",
        title="上门",
        columns=(
            Column(name="visit_no", title="编号", kind="id", required=True),
            Column(name="person", title="客户姓名", personal="name"),
            Column(name="place", title="地址", personal="address"),
        ),
        key=("visit_no",),
        unit="",
    )
    monkeypatch.setitem(DATASETS, "visits", visits)
    state_public(["城关街1号"])
    rows = [("编号", "客户姓名", "地址"), ("V1", "张三", "城关街1号"), ("V2", "李四", "河西路2号")]
    frame = tables.take(tables.write_csv(tmp_path, rows), "visits").frame
    assert frame["person"].tolist() == ["【姓名已隐去】", "【姓名已隐去】"]
    assert frame["place"].tolist() == ["城关街1号", "【地址已隐去】"]


def test_names_of_files_are_kept_without_personal_data(tmp_path: Path) -> None:
    """The extract says which file a row came from."""
    path = tables.write_csv(tmp_path, tables.duty()).rename(tmp_path / f"张三{MOBILE}.csv")
    imported = tables.take(path, "counter_duty")
    assert imported.frame["_file"].tolist() == ["张三【手机号已隐去】.csv"]
    assert imported.files[0].name == "张三【手机号已隐去】.csv"


# Errors


@pytest.mark.parametrize("part", ["message", "file", "sheet", "column", "item", "value", "allowed"])
def test_a_fault_repeats_nothing_personal(part: str) -> None:
    """Neither when it is shown, nor for whoever reads its parts: errors are logged, mailed, pasted."""
    fault = Fault(**{"message": "不对", part: ALL})
    assert find_personal(str(InputError(fault))) == []
    assert find_personal(getattr(fault, part)) == []


def test_a_refused_cell_is_not_repeated(tmp_path: Path) -> None:
    """A number typed into a column of dates comes back hidden, with its row and column."""
    with pytest.raises(InputError) as caught:
        tables.take(tables.write_csv(tmp_path, tables.duty(day=ID)), "counter_duty")
    assert "【证件号已隐去】" in str(caught.value)
    assert ID not in str(caught.value)


# The store: each verb of a writing transaction


def answer(**given: Any) -> Response:
    return Response(item_id="CP-01", conclusion=Conclusion.NON_COMPLIANT, **given)


def _veto(tx: Any, home: int) -> None:
    tx.record_veto(home, VetoEvent(veto_id="v", day=date(2026, 3, 1), description=ALL, evidence=(ALL,)))
    tx.withdraw_veto(home, "v", ALL)


def _leads(tx: Any, home: int) -> None:
    tx.raise_leads(home, [CHECK], [make_lead(1, summary=ALL)])
    tx.save_decision(LeadDecision(lead_id=make_lead(1).id, answer=Disposition.REFUTED, answer_note=ALL), 0)
    tx.save_decisions([LeadDecision(lead_id=make_lead(1).id, decided=Disposition.REFUTED, reason=ALL, revision=1)])


def _action(tx: Any, home: int) -> None:
    finding = replace(make_finding(), condition=ALL, cause=ALL)
    tx.record_result(home, "d", make_score(stage=Stage.BEFORE), make_score(), (), (finding,))
    due = date(2026, 8, 1)
    action = CorrectiveAction(
        id="A1", finding_id=finding.id, unit="0010", line="case", measure=ALL, owner=ALL, due=due, note=ALL
    )
    tx.save_action(action, 0)
    tx.save_actions([replace(action, revision=1)])


def _campaign(tx: Any, home: int) -> None:
    [only] = tx.ledger.connection.execute(select(campaigns.c.id, campaigns.c.period)).all()
    changed = Campaign(
        id=only.id,
        name=ALL,
        period=only.period,
        scheme=("self", "1"),
        checklists={"complaints": ("complaints", "2026.1")},
        reason=ALL,
        approved_by=ALL,
    )
    tx.change_campaign(changed, "rename")
    assert find_personal(tx.ledger.connection.scalar(select(campaigns.c.name))) == []


def _handed_in(tx: Any, home: int) -> None:
    tx.set_state(home, "submitted", 1)
    tx.hand_in(home, HandedIn(day=date(2026, 7, 5), frozen={"note": ALL}, answers={"CP-01": 1}))
    tx.save_question(Question(inspection_id=home, state="open", day=date(2026, 7, 9), data=(), checks=()))
    assert find_personal(tx.answer_question(home, "kept", ALL).reason) == []
    tx.note_moved(home, {"act": ALL})
    tx.note_total_moved(1, "0010", {"act": ALL})
    tx.note_relocation({"file": ALL})


def _appeal(tx: Any, home: int) -> None:
    review = Review(item_id="CP-01", answer=answer(reason=ALL), on=1)
    made = Appeal(number=1, grounds=ALL, items=("CP-01",), day=date(2026, 7, 6), filed_by="张三", answers=(review,))
    tx.save_appeal(home, replace(made, state="upheld", reason=ALL, evidence=(f"{ALL}.pdf",)))


def _filing(tx: Any, home: int) -> None:
    filing = Filing(kind="monthly", period="2026-06", unit="0010", title=ALL, due=date(2026, 7, 5), note=ALL)
    tx.save_kept("filings", "request", [replace(filing, reason=ALL)])


def _remarks(tx: Any, home: int) -> None:
    tx.add_remarks(home, {"CP-01": ALL})
    tx.clear_remark(home, 1, ALL)


VERBS: dict[str, Callable[[Any, int], object]] = {
    "save_response": lambda tx, home: tx.save_response(home, answer(note=ALL, reason=ALL, evidence=(ALL,)), 0),
    "save_responses": lambda tx, home: tx.save_responses(home, [answer(note=ALL)]),
    "set_state": lambda tx, home: tx.set_state(home, "submitted", 1, reason=ALL),
    "move_inspection": lambda tx, home: tx.move_inspection(home, "2026.1", "", {}, 1, ALL),
    "record_veto": _veto,
    "withdraw_veto": _veto,
    "add_evidence": lambda tx, home: tx.add_evidence(home, "CP-01", f"{ALL}.pdf", "a" * 64, 1, "evidence/aa/x.pdf"),
    "raise_leads": _leads,
    "save_decision": _leads,
    "save_decisions": _leads,
    "record_run": lambda tx, home: tx.record_run(replace(make_run(1), error=ALL)),
    "record_result": _action,
    "record_scorecard": lambda tx, home: tx.record_scorecard(1, "0010", "d", {"losses": [{"reason": ALL}]}),
    "record_file": lambda tx, home: tx.record_file(f"报告 {ALL}", f"{ALL}.docx", "a" * 64),
    "save_action": _action,
    "save_actions": _action,
    "save_kept": _filing,
    "save_appeal": _appeal,
    "change_campaign": _campaign,
    "hand_in": _handed_in,
    "add_remarks": _remarks,
    "clear_remark": _remarks,
    "save_question": _handed_in,
    "answer_question": _handed_in,
    "note_moved": _handed_in,
    "note_total_moved": _handed_in,
    "note_relocation": _handed_in,
    "note_opening": lambda tx, home: tx.note_opening("0101", "a" * 64, f"{ALL}.pdf", "打开"),
    "note_restoring": lambda tx, home: tx.note_restoring("0101", "L1", "C-aaaaaaaaaaaa", ALL),
    "add_campaign": lambda tx, home: tx.add_campaign(
        ALL, "2026H2", ("self", "1"), {"complaints": ("complaints", "2026.1")}
    ),
    "add_import": lambda tx, home: tx.add_import("complaints", "2026H1", f"{ALL}.csv", "a" * 64, 1, "data/x.parquet"),
}


def test_every_verb_keeps_text_without_what_nobody_sees_and_keeps_emoji_and_line_breaks(store: Store) -> None:
    """Hidden characters go out first, then the mask looks: at every door of the store in the same order."""
    [home] = open_campaign(store)
    said = "上\u200b海\x07分行\n👨\u200d👩\u200d👧 \u202e联系 138\u200b0013\u206080\u200b00"
    with store.writing(FILLER) as tx:
        saved = tx.save_response(home.id, answer(note=said, reason=said), 0)
        tx.raise_leads(home.id, [CHECK], [make_lead(1, summary=said)])
        lead = tx.save_decision(LeadDecision(lead_id=make_lead(1).id, answer=Disposition.REFUTED, answer_note=said), 0)
    for text in (saved.note, saved.reason, lead.answer_note):
        assert text == "上海分行\n👨\u200d👩\u200d👧 联系 【手机号已隐去】"
    assert "\u200b" not in kept(store)


WITHOUT_FREE_TEXT = {"ensure_inspections", "mark_sample", "note_cut", "require_sheets", "refuse_filler", "is_filled"}
SEEN_ELSEWHERE = {"publish", "save_review", "erase_payload"}


def test_every_verb_of_the_store_is_looked_at() -> None:
    """A new verb must say here what free text it takes."""
    verbs = {name for name, _ in inspect.getmembers(storing.repository.Writing, inspect.isfunction) if name[0] != "_"}
    assert verbs == set(VERBS) | WITHOUT_FREE_TEXT | SEEN_ELSEWHERE


@pytest.mark.parametrize("verb", sorted(set(VERBS) - SEEN_ELSEWHERE))
def test_no_verb_of_the_store_keeps_personal_data(verb: str, store: Store) -> None:
    """Whatever free text it takes, the history holds none of the 25 forms."""
    [inspection] = open_campaign(store)
    before = len(store.events())
    with store.writing(FILLER) as tx:
        VERBS[verb](tx, inspection.id)
    assert len(store.events()) > before
    text = kept(store)
    assert "已隐去】" in text
    assert [form for form in PERSONAL.values() if form in text] == []
    assert find_personal(text.replace("\\n", "\n")) == []


def test_what_is_noted_of_a_sign_in_keeps_nothing_personal(store: Store) -> None:
    """A login is what somebody typed."""
    with store.writing(FILLER) as tx:
        tx.access.note(ALL, "locked", address=ALL)
    text = kept(store)
    assert "已隐去】" in text
    assert find_personal(text.replace("\\n", "\n")) == []
    assert store.verify() == []


def test_a_review_and_an_erasure_keep_nothing_personal(store: Store) -> None:
    """Both need what came before them."""
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.save_response(inspection.id, answer(note="甲"), 0)
        tx.save_response(inspection.id, answer(note="乙"), 1)
        tx.set_state(inspection.id, "submitted", 3)
    with store.writing(REVIEWER) as tx:
        tx.save_review(inspection.id, Review(item_id="CP-01", answer=answer(reason=ALL), on=2), 0)
        first = next(event for event in store.each_event() if event.object == "response:CP-01")
        tx.erase_payload(first.seq, ALL)
    assert find_personal(kept(store)) == []


def test_what_comes_back_from_a_save_is_what_was_kept(store: Store) -> None:
    """The page shows what stands; the stale one's own words are shown back masked too."""
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        saved = tx.save_response(inspection.id, answer(note=f"打{MOBILE}"), 0)
    assert saved == store.responses(inspection.id)["CP-01"]
    with pytest.raises(StaleRevision) as caught, store.writing(FILLER) as tx:
        tx.save_response(inspection.id, answer(note=f"再打{MOBILE}"), 0)
    assert caught.value.offered.note == "再打【手机号已隐去】"  # type: ignore[attr-defined]


def test_the_same_lead_or_veto_again_is_still_no_change(store: Store) -> None:
    """What was masked on its way in is compared as it was kept."""
    [inspection] = open_campaign(store)
    veto = VetoEvent(veto_id="v", day=date(2026, 3, 1), description=ALL)
    for _ in range(2):
        with store.writing(FILLER) as tx:
            tx.raise_leads(inspection.id, [CHECK], [make_lead(1, summary=ALL)])
            tx.record_veto(inspection.id, veto)
    assert len([event for event in store.events() if event.object.startswith(("lead:", "veto:"))]) == 2


def test_personal_data_in_what_is_fixed_for_ever_is_refused(store: Store) -> None:
    """A published sheet keeps its hash, so it cannot be masked; a public telephone passes once it is stated."""
    content = json.dumps({"id": "complaints", "title": "报 0571-87654321"}, ensure_ascii=False)
    refusal = r"检查表 complaints 的文字中有个人信息：电话号.*\[public\]"
    with pytest.raises(InputError, match=refusal), store.writing(FILLER) as tx:
        tx.publish("checklist", "complaints", "9", content)
    state_public(["0571 87654321"])
    with store.writing(FILLER) as tx:
        tx.publish("checklist", "complaints", "9", content)
    assert store.published("checklist", "complaints", "9").content == content


# The workbench: people's verbs, end to end

# Every parameter of a public verb by which a person's own words come in, or the name that they gave something.
WORDS = {
    "appeal": "grounds",
    "approve": "reason",
    "amend_row": "reason",
    "answer_lead": "note",
    "attach": "name",
    "cancel": "reason",
    "cancel_visit": "reason",
    "attach_file": "note",
    "attach_link": "note",
    "clear_remark": "note",
    "close_campaign": "reason",
    "retire_check": "reason",
    "confirm_sample": "opinion",
    "create_campaign": "name",
    "decide": "reason",
    "decide_appeal": "reason",
    "file_appeal": "grounds",
    "withdraw_appeal": "reason",
    "decide_lead": "reason",
    "decide_request": "reason",
    "delete_campaign": "reason",
    "display_name": "name",
    "enter_row": "reason",
    "file": "note",
    "file_filing": "note",
    "file_stated": "note",
    "fill_action": "measure owner note",
    "give_back": "reason",
    "give_papers_back": "words",
    "hand_over": "note",
    "init_workspace": "bank",
    "keep_file": "name",
    "keep_sheet": "reason",
    "move_sheet": "reason",
    "move_action": "note",
    "reopen_campaign": "reason",
    "reidentify": "reason",
    "return_filing": "reason",
    "return_sheet": "reason",
    "review": "reason",
    "save_many": "words",
    "send_back": "reason",
    "withdraw_entry": "reason",
    "write_checklist_draft": "comment",
    "withdraw_row": "reason",
    "withdraw_veto": "reason",
}
_SUCH = {"note", "reason", "grounds", "measure", "owner", "description", "bank", "comment", "opinion", "words"}


def test_every_verb_that_takes_a_persons_words_is_known_here() -> None:
    """A new one has to be added, and to end at a door that masks."""
    found: dict[str, str] = {}
    rooms = (
        *walk_packages(workbench_room.__path__, "xiaobao.workbench."),
        *walk_packages(features.__path__, "xiaobao.features."),
    )
    for module in rooms:
        if module.name.endswith(".commands"):
            continue  # these only hand words on
        place = __import__(module.name, fromlist=["_"])
        for name, function in inspect.getmembers(place, inspect.isfunction):
            if name[0] != "_" and function.__module__ == module.name:
                parameters = inspect.signature(function).parameters.values()
                given = [p.name for p in parameters if p.name in _SUCH and str(p.annotation).startswith("str")]
                if given:
                    found[name] = " ".join(given)
    assert found == {name: given for name, given in WORDS.items() if given != "name"}


def test_a_persons_words_through_the_workbench_leave_nothing_in_the_workspace(tmp_path: Path) -> None:
    """Answers, evidence, leads and their list: then the scan looks through store, files, names and logs."""
    home = tiny.tiny_workspace(tmp_path / "bank")
    wb = tiny.workbench(home)
    form = inspecting.open_form(wb, tiny.UNIT, tiny.PERIOD, tiny.DOMAIN)
    file = inspecting.attach(wb, form, "c-01", f"{MOBILE}.pdf", PDF)
    assert file.file_name == "【手机号已隐去】.pdf"
    fill(wb, tiny.PERIOD, c_01=Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, reason=ALL, note=ALL))
    form = inspecting.reopen(wb, form)
    assert find_personal(form.items["c-01"].response.reason) == []
    leads = tiny.raise_two_leads(wb)
    answered = answer_lead(wb, leads[0].id, Disposition.REFUTED, ALL, 0)
    assert answer_lead(wb, leads[0].id, Disposition.REFUTED, ALL, answered.revision) == answered
    decide_lead(tiny.as_person(wb, tiny.INSPECTOR), leads[0].id, Disposition.CONFIRMED, ALL, answered.revision)
    publish_leads(wb, tiny.PERIOD, home / "疑点.xlsx")
    (home / "units.csv").unlink()
    found = scan_workspace(wb)
    assert found.leaks == ()
    assert found.unread == ()
    assert found.files > 5


def test_markup_and_formulas_stay_text_in_a_list_that_goes_out(tmp_path: Path) -> None:
    """Excel computes none of the 12 formulas; what was typed is still there to read."""
    home = tiny.tiny_workspace(tmp_path / "bank")
    wb = tiny.workbench(home)
    leads = tiny.raise_two_leads(wb)
    note = "\n".join((*MARKUP, *FORMULAS))
    for lead, words in zip(leads, (f"{FORMULAS[0]} {note}", note), strict=True):
        answer_lead(wb, lead.id, Disposition.REFUTED, words, 0)
    path = home / "疑点.xlsx"
    publish_leads(wb, tiny.PERIOD, path)
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
        assert "HYPERLINK" in archive.read("xl/sharedStrings.xml").decode()


# Runs, logs, settings


def test_the_words_of_an_exception_are_masked_before_the_history_gets_them() -> None:
    """A notebook's error often repeats the value that it stumbled over."""
    bounds = WorkerBounds(cell_seconds=1, notebook_seconds=1, memory_megabytes=64, paper_megabytes=1)
    for kind in ("cell", "invalid", "not_written", "machine", "unknown"):
        said = why_failed({"kind": kind, "cell": 3, "name": "ValueError", "text": f"bad value {ALL}"}, bounds)
        assert find_personal(said) == []
        assert "已隐去】" in said


def test_a_run_log_is_masked_when_the_run_is_over(tmp_path: Path) -> None:
    """Kernels write to it directly; lines without personal data stay byte for byte."""
    log = tmp_path / "run.log"
    mask_log(log)
    assert not log.exists()
    log.write_bytes("甲 2026-06-30\r\n".encode())
    mask_log(log)
    assert log.read_bytes() == "甲 2026-06-30\r\n".encode()
    log.write_text(f"Traceback\nValueError: {MOBILE}\n", "utf-8")
    mask_log(log)
    assert log.read_text("utf-8") == "Traceback\nValueError: 【手机号已隐去】\n"


def test_settings_state_what_is_public_and_are_masked_themselves(tmp_path: Path) -> None:
    """The bank's name goes into the head of every paper."""
    path = tmp_path / "xiaobao.toml"
    path.write_text(f'bank = "示例银行 {MOBILE} 0571-87654321"\n[public]\nvalues = ["0571-87654321"]\n', "utf-8")
    settings = load_settings(path)
    assert settings.bank == "示例银行 【手机号已隐去】 0571-87654321"
    assert settings.store == "sqlite:///xiaobao.sqlite"
    assert mask("0571-8765 4321") == "0571-8765 4321"

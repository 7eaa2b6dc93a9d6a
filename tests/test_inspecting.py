"""填报: what a person may answer, what is refused, and who may hand in, give back and review."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from tests.factories.inspections import (
    DOMAIN,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    as_person,
    record_finding,
    tiny_workspace,
    workbench,
)
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.model import CheckStatus, Conclusion, Measured, Response
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.workspace import Workbench

PDF = b"%PDF-1.7\n%sample\n"


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    return workbench(tiny_workspace(tmp_path / "bank"))


@pytest.fixture
def form(wb: Workbench) -> Form:
    return inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)


def yes(item_id: str, **fields: object) -> Response:
    return Response(item_id=item_id, conclusion=Conclusion.COMPLIANT, **fields)  # type: ignore[arg-type]


def answer_all(wb: Workbench, form: Form) -> Form:
    file = inspecting.attach(wb, form, "c-proof", "照片.pdf", PDF)
    for entry in form.items.values():
        if entry.asked:
            extra = {"evidence": (file.sha256,)} if entry.item.id == "c-proof" else {}
            extra |= {"measured": Measured(value=Decimal("1.5"), unit="m")} if entry.item.id == "c-ramp" else {}
            inspecting.answer(wb, form, yes(entry.item.id, **extra), 0)
    return inspecting.reopen(wb, form)


def test_opening_a_form_writes_nothing(wb: Workbench, form: Form) -> None:
    """Looking is free: no inspection, no event."""
    assert form.record is None
    assert form.state == "draft"
    assert wb.store.inspections(form.campaign.id) == ()


def test_a_form_says_why_an_item_does_not_apply(form: Form) -> None:
    """The register of businesses rules an item out, with that reason, and nobody is asked."""
    entry = form.items["c-fund"]
    assert "理财" in entry.not_applicable
    assert not entry.answerable


def test_a_form_prints_the_basis_of_each_item(form: Form) -> None:
    assert form.items["c-proof"].citation == "《样例办法》（样例令第1号）第一条"
    assert "行业做法" in form.items["c-01"].citation


def test_an_answer_is_kept_with_author_time_and_revision(wb: Workbench, form: Form) -> None:
    saved = inspecting.answer(wb, form, yes("c-01", note="登记簿齐全"), 0)
    again = inspecting.reopen(wb, form).items["c-01"].response
    assert again == saved
    assert (saved.revision, saved.author, saved.note) == (1, "张三", "登记簿齐全")
    assert saved.at is not None


def test_a_stale_answer_is_refused_and_shows_both(wb: Workbench, form: Form) -> None:
    inspecting.answer(wb, form, yes("c-01", note="先"), 0)
    with pytest.raises(StaleRevision) as caught:
        inspecting.answer(as_person(wb, INSPECTOR), form, yes("c-01", note="后"), 0)
    assert isinstance(caught.value.saved, Response)
    assert isinstance(caught.value.offered, Response)
    assert (caught.value.saved.note, caught.value.offered.note) == ("先", "后")


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (Response(item_id="c-01", conclusion=Conclusion.NOT_APPLICABLE), "须说明原因"),
        (
            Response(item_id="c-judged", conclusion=Conclusion.NON_COMPLIANT, deduction=Decimal(9), reason="因"),
            "超出范围",
        ),
        (
            Response(
                item_id="c-count", conclusion=Conclusion.NON_COMPLIANT, counts={"nobody": Decimal(1)}, reason="因"
            ),
            "没有这种扣分情形",
        ),
        (
            Response(item_id="c-missing", conclusion=Conclusion.NON_COMPLIANT, missing=Decimal(5), reason="因"),
            "缺项数超出范围",
        ),
        (
            Response(
                item_id="c-ramp", conclusion=Conclusion.COMPLIANT, measured=Measured(value=Decimal(1), unit="day")
            ),
            "单位无法换算",
        ),
        (Response(item_id="c-proof", conclusion=Conclusion.COMPLIANT, evidence=("0" * 64,)), "没有上传"),
    ],
)
def test_a_faulty_answer_is_refused_and_nothing_is_stored(
    wb: Workbench, form: Form, response: Response, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        inspecting.answer(wb, form, response, 0)
    assert not inspecting.reopen(wb, form).items[response.item_id].answered


def test_an_item_of_data_is_not_answered_by_hand(wb: Workbench, form: Form) -> None:
    with pytest.raises(NotAllowed, match="数据检查"):
        inspecting.answer(wb, form, yes("c-overdue"), 0)


def test_an_item_of_data_may_be_checked_by_hand_where_the_data_are_missing(wb: Workbench, form: Form) -> None:
    """无数据: the item falls to a sampled manual check."""
    record_finding(wb, CheckStatus.NO_DATA)
    form = inspecting.reopen(wb, form)
    assert form.items["c-overdue"].by_hand
    assert inspecting.answer(wb, form, yes("c-overdue", note="抽查 20 件"), 0).revision == 1


def test_progress_names_what_is_missing(wb: Workbench, form: Form) -> None:
    inspecting.answer(wb, form, yes("c-01"), 0)
    inspecting.answer(wb, form, yes("c-proof"), 0)
    done = inspecting.progress(inspecting.reopen(wb, form))
    assert (done.total, done.answered) == (8, 2)
    assert "c-02" in done.missing
    assert "c-fund" not in done.missing
    assert "c-overdue" not in done.missing
    assert done.missing_evidence == ("c-proof",)


def test_submitting_an_unfinished_form_names_every_gap(wb: Workbench, form: Form) -> None:
    inspecting.answer(wb, form, yes("c-proof"), 0)
    with pytest.raises(InputError) as caught:
        signing.submit(wb, inspecting.reopen(wb, form))
    said = [str(fault) for fault in caught.value.faults]
    assert len(said) == 8
    assert any("c-02" in one and "没有检查结论" in one for one in said)
    assert any("c-proof" in one and "缺少佐证材料" in one for one in said)


def test_a_submitted_form_takes_no_answers_until_it_is_given_back(wb: Workbench, form: Form) -> None:
    full = answer_all(wb, form)
    assert signing.submit(wb, full).state == "submitted"
    with pytest.raises(NotAllowed, match="不能再修改"):
        inspecting.answer(wb, full, yes("c-01", note="再改"), 1)
    reviewer = as_person(wb, INSPECTOR)
    with pytest.raises(InputError, match="退回须写明原因"):
        signing.give_back(reviewer, inspecting.reopen(wb, form), " ")
    assert signing.give_back(reviewer, inspecting.reopen(wb, form), "补照片").state == "returned"
    with pytest.raises(InputError, match="提交之后改动答复须写明改动原因"):
        inspecting.answer(wb, full, yes("c-01", note="再改"), 1)
    assert inspecting.answer(wb, full, yes("c-01", note="再改", amended="补了照片"), 1).revision == 2


def test_who_filled_does_not_review(wb: Workbench, form: Form) -> None:
    signing.submit(wb, answer_all(wb, form))
    with pytest.raises(NotAllowed, match=r"不得复核|不能复核"):
        signing.review(wb, inspecting.reopen(wb, form))
    assert signing.review(as_person(wb, INSPECTOR), inspecting.reopen(wb, form)).state == "reviewed"


def test_unknown_units_and_domains_are_named_together(wb: Workbench) -> None:
    with pytest.raises(InputError) as caught:
        inspecting.open_form(wb, "9999", PERIOD, "weather")
    assert len(caught.value.faults) == 2
    assert OTHER in str(caught.value)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("通知.pdf", PDF, "pdf"),
        ("照片.png", b"\x89PNG\r\n\x1a\nrest", "png"),
        ("手机.jpg", b"\xff\xd8\xff\xe0rest", "jpg"),
        ("底稿.docx", zipped("[Content_Types].xml", "word/document.xml"), "docx"),
        ("台账.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        ("说明.txt", "情况属实\r\n".encode("gb18030"), "txt"),
    ],
)
def test_evidence_lies_under_its_hash_and_keeps_its_name_for_show(
    wb: Workbench, form: Form, name: str, data: bytes, kind: str
) -> None:
    file = inspecting.attach(wb, form, "c-proof", name, data)
    assert file.file_name == name
    assert file.path == f"evidence/{file.sha256[:2]}/{file.sha256}.{kind}"
    assert (wb.home / file.path).read_bytes() == data


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("空.txt", b""),
        ("程序.pdf", b"MZ\x90\x00" + b"\x00" * 60),
        ("脚本.txt", b"#!/bin/sh\nrm -rf x\n"),
        ("网页.txt", b"<script>alert(1)</script>"),
        ("宏.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        ("包.zip", zipped("a.exe")),
        ("坏.docx", b"PK\x03\x04broken"),
    ],
)
def test_other_kinds_of_file_are_refused_whatever_they_are_called(
    wb: Workbench, form: Form, name: str, data: bytes
) -> None:
    with pytest.raises(InputError):
        inspecting.attach(wb, form, "c-proof", name, data)
    assert list((wb.home / "evidence").iterdir()) == []


def test_a_file_name_never_decides_where_a_file_goes(wb: Workbench, form: Form) -> None:
    file = inspecting.attach(wb, form, "c-proof", "../../..\\xiaobao.toml", PDF)
    assert file.file_name == "xiaobao.toml"
    assert (wb.home / file.path).resolve().is_relative_to(wb.home / "evidence")
    assert "样例农村商业银行" in (wb.home / "xiaobao.toml").read_text("utf-8")


def test_the_same_file_twice_is_one_file(wb: Workbench, form: Form) -> None:
    first = inspecting.attach(wb, form, "c-proof", "甲.pdf", PDF)
    assert inspecting.attach(wb, form, "c-proof", "乙.pdf", PDF) == first


def test_evidence_that_is_refused_leaves_no_trace(wb: Workbench, form: Form) -> None:
    """Not even an inspection that nobody has opened yet comes into being."""
    assert form.record is None
    before = len(wb.store.events())
    with pytest.raises(InputError):
        inspecting.attach(wb, form, "c-proof", "程序.exe", b"MZ\x00\x00")
    assert (len(wb.store.events()), wb.store.inspections(form.campaign.id)) == (before, ())

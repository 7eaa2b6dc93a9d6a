"""A unit's head goes from 我的工作 to his result, objects with a file, takes the paper; head office decides it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignedIn, printed
from tests.browser.people import register_people, seat
from tests.factories.answering import PDF
from tests.factories.appraisal import FIGURES, SCHEME, YEAR
from tests.factories.inspections import OTHER, UNIT, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.checklist.canonical import canonical
from xiaobao.features.appraisal import verbs
from xiaobao.model import Person, Role

pytestmark = pytest.mark.browser
WAIT = 60_000
LI = Person(login="li", name="李负责", seats=(seat(Role.UNIT_HEAD),))
SUN = Person(login="sun", name="孙消保", seats=(seat(Role.HEAD_OFFICE, "01"),))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("appraised") / "bank")
    copy_notebooks(home, "appraisal", "my_work")
    wb = workbench(home)
    with wb.store.writing(wb.actor) as tx:
        tx.publish("scheme", SCHEME.id, SCHEME.version, canonical(SCHEME))
    figures = [replace(FIGURES, unit=UNIT), replace(FIGURES, unit=OTHER, responsible=0)]
    verbs.publish_appraisal(wb, YEAR, SCHEME.id, figures)
    wb.store.close()
    register_people(home, LI, SUN)
    return home


def test_a_result_is_objected_to_and_decided_by_clicks_alone(
    signed_in: SignedIn, axe: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    head = signed_in("li")
    head.locator(".xb-view li a", has_text="2026 考核结果").click()
    row = head.locator(f'[data-row="{UNIT}"]')
    expect(row).to_contain_text("89.10 良好")
    expect(row).to_contain_text("16 / 20，扣 4 分；有责投诉 2 件")
    expect(head.locator("body")).not_to_contain_text("河西")
    file = tmp_path / "责任认定书.pdf"
    file.write_bytes(PDF)
    row.get_by_role("button", name="提出申诉").click()
    dialog = head.locator("dialog.xf-dialog")
    dialog.get_by_role("button", name="提出申诉").click()
    expect(dialog).to_contain_text("申诉事项和理由")  # a reason is asked, nothing was sent
    dialog.get_by_label("申诉事项和理由").fill("T2 号投诉是邻行责任，见认定书")
    dialog.locator("input[type=file]").set_input_files(file)
    head.screenshot(path=tmp_path / "asked.png")
    dialog.get_by_role("button", name="提出申诉").click()
    expect(row).to_contain_text("待处理")
    expect(row).to_contain_text("T2 号投诉是邻行责任，见认定书")
    expect(row.locator(".xf-evidence")).to_contain_text("责任认定书.pdf")
    expect(row.get_by_role("button", name="提出申诉")).to_have_count(0)
    head.screenshot(path=tmp_path / "appealed.png")
    assert axe(head) == []
    assert head.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    with head.expect_download() as taken:
        row.get_by_role("button", name="确认（申诉）表").click()
    taken.value.save_as(tmp_path / "确认表.docx")
    text = "\n".join(one.text for one in Document(str(tmp_path / "确认表.docx")).paragraphs)
    assert "得分：89.10；等级：良好" in text and "T2 号投诉是邻行责任" in text
    assert any("T2号投诉是邻行责任" in sheet for sheet in printed(head))

    office = signed_in("sun")
    office.locator(".xb-view li a", has_text="T2 号投诉是邻行责任").click()
    row = office.locator(f'[data-row="{UNIT}"]')
    row.get_by_role("button", name="处理申诉").click()
    dialog = office.locator("dialog.xf-dialog")
    expect(dialog.get_by_label("有责投诉")).to_have_value("2")
    dialog.get_by_label("处理结果").select_option(label="成立，按下面更正后的数据重算")
    dialog.get_by_label("处理理由").fill("认定书属实")
    dialog.get_by_role("button", name="处理申诉").click()
    expect(dialog).to_contain_text("各项与公示的相同")
    dialog.get_by_label("有责投诉").fill("1")
    office.screenshot(path=tmp_path / "deciding.png")
    dialog.get_by_role("button", name="处理申诉").click()
    expect(row).to_contain_text("91.10 优秀")
    expect(row).to_contain_text("成立：认定书属实")
    office.screenshot(path=tmp_path / "decided.png")

    head.reload()
    row = head.locator(f'[data-row="{UNIT}"]')
    expect(row).to_contain_text("91.10 优秀")
    expect(row).to_contain_text(re.compile("处理（孙消保）.*成立：认定书属实"))

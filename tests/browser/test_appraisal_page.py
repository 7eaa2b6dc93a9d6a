"""A unit's head goes from 我的工作 to his result, objects with a file, takes the paper; head office decides it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from docx import Document
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Served, printed
from tests.browser.people import ADMIN, PASSWORD, give_password, register, seat
from tests.factories.answering import PDF
from tests.factories.inspections import OTHER, UNIT, tiny_workspace, workbench
from tests.test_appraisal_seen import FULL, SCHEME, YEAR
from xiaobao.checklist.canonical import canonical
from xiaobao.features.appraisal import verbs
from xiaobao.model import Person, Role

pytestmark = pytest.mark.browser
WAIT = 60_000
LI = Person(login="li", name="李负责", seats=(seat(Role.UNIT_HEAD),))
SUN = Person(login="sun", name="孙消保", seats=(seat(Role.HEAD_OFFICE, "01"),))


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, serve_notebooks: Callable[..., AbstractContextManager[Served]]
) -> Iterator[Served]:
    home = tiny_workspace(tmp_path_factory.mktemp("appraised") / "bank")
    for name in ("appraisal", "my_work"):
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", home / "notebooks")
    wb = workbench(home)
    with wb.store.writing(wb.actor) as tx:
        tx.publish("scheme", SCHEME.id, SCHEME.version, canonical(SCHEME))
    figures = [replace(FULL, unit=UNIT), replace(FULL, unit=OTHER, responsible=0)]
    verbs.publish_appraisal(wb, YEAR, SCHEME.id, figures)
    register(wb, LI, SUN, ADMIN)
    give_password(wb, LI, SUN)
    wb.store.close()
    with serve_notebooks(home / "notebooks", home, home / "voila.log", people=True) as served:
        yield served


@pytest.fixture
def person(chromium: Browser, served: Served) -> Iterator[Callable[[str], Page]]:
    """Return what signs somebody in, in a browser of his own, and leaves him where he lands: 我的工作."""
    contexts = []

    def sign_in(login: str) -> Page:
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.locator(".xb-view")).to_be_visible(timeout=WAIT)
        return page

    yield sign_in
    for context in contexts:
        context.close()


def test_a_result_is_objected_to_and_decided_by_clicks_alone(
    person: Callable[[str], Page], axe: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    head = person("li")
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

    office = person("sun")
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

"""Two people at one matter: documents asked for, refused and accepted; a sample that a second person draws again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Served, SignedIn
from tests.browser.people import register_people, seat
from tests.factories.answering import PDF
from tests.factories.inspections import OTHER, PERIOD, UNIT, tiny_workspace
from tests.factories.page_notebooks import copy_notebooks
from tests.factories.people import acting_as
from xiaobao.features.evidence.verbs import requests
from xiaobao.model import Person, Role
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.browser
WAIT = 60_000
PEOPLE = (
    Person(login="wang", name="王填报", seats=(seat(Role.FILLER),)),
    Person(login="li", name="李负责", seats=(seat(Role.UNIT_HEAD),)),
    Person(login="qian", name="钱河西", seats=(seat(Role.FILLER, OTHER),)),
    Person(login="sun", name="孙消保", seats=(seat(Role.HEAD_OFFICE, "01"),)),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("asked") / "bank", 3)
    copy_notebooks(home, "evidence", "samples", "my_work")
    register_people(home, *PEOPLE)
    return home


@pytest.fixture
def opens(signed_in: SignedIn, served: Served) -> Callable[[str, str], Page]:
    """Return what opens a page as somebody, in a browser of his own."""

    def open_as(login: str, notebook: str) -> Page:
        page = signed_in(login)
        unit = OTHER if login == "qian" else UNIT
        page.goto(served.at(notebook, f"unit={unit}&period={PERIOD}"))
        expect(page.locator(".xf-tables")).to_be_visible(timeout=WAIT)
        return page

    return open_as


def press(page: Page, place: Page | Locator, name: str, **words: str) -> None:
    """Press a button, fill what its dialog asks for by the labels given, and press the same button there."""
    place.get_by_role("button", name=name, exact=True).click()
    dialog = page.locator("dialog[open]")
    for label, text in words.items():
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name=name, exact=True).click()


def test_documents_are_asked_for_handed_over_refused_with_a_reason_and_accepted(
    opens: Callable[[str, str], Page], wb: Workbench, axe: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    office = opens("sun", "evidence")
    office.get_by_role("button", name="要求调阅").click()
    dialog = office.locator("dialog[open]")
    dialog.get_by_label("调阅什么").fill("投诉登记簿")
    dialog.get_by_label("期限").fill("2026-07-20")
    dialog.get_by_role("button", name="要求调阅").click()
    theirs = office.locator("tr[data-row^='request:']")
    expect(theirs).to_contain_text("投诉登记簿")
    expect(theirs.get_by_role("button", name="验收")).to_have_count(0)  # nothing lies there yet

    unit = opens("wang", "evidence")
    mine = unit.locator("tr[data-row^='request:']")
    expect(mine).to_contain_text("已要求")
    expect(unit.get_by_role("button", name="要求调阅")).to_have_count(0)
    mine.locator("input[type=file]").set_input_files(
        {"name": "登记簿上半.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    expect(mine.get_by_label("打开 登记簿上半.pdf")).to_be_visible()
    press(unit, mine, "提交")
    expect(mine).to_contain_text("已提交")
    expect(mine.get_by_role("button", name="提交")).to_have_count(0)

    office.reload()
    expect(theirs).to_contain_text("已提交")
    press(office, theirs, "退回", 退回原因=" ")
    expect(office.locator("dialog[open]")).to_contain_text("退回原因")  # a reason is asked for
    office.locator("dialog[open]").get_by_label("退回原因").fill("缺四至六月")
    office.locator("dialog[open]").get_by_role("button", name="退回", exact=True).click()
    expect(theirs).to_contain_text("退回原因：缺四至六月")
    office.screenshot(path=tmp_path / "rejected.png")

    unit.reload()
    expect(mine).to_contain_text("缺四至六月")
    mine.locator("input[type=file]").set_input_files(
        {"name": "登记簿下半.pdf", "mimeType": "application/pdf", "buffer": PDF + b"\n"}
    )
    expect(mine.get_by_label("打开 登记簿下半.pdf")).to_be_visible()
    press(unit, mine, "提交")
    expect(mine).to_contain_text("已提交")

    office.reload()
    expect(theirs.get_by_label("打开 登记簿上半.pdf")).to_be_visible()
    expect(theirs.get_by_label("打开 登记簿下半.pdf")).to_be_visible()
    theirs.get_by_role("button", name="验收").click()
    expect(theirs).to_contain_text("已验收")
    assert axe(office) == []
    press(office, theirs, "归还", 交还何人="王填报")
    expect(theirs).to_contain_text("归还：")
    [kept] = requests(acting_as(wb, "sun"), wb.campaign(PERIOD), UNIT)
    assert (kept.state, kept.received_by, kept.decided_by) == ("accepted", "王填报", "孙消保")
    expect(opens("qian", "evidence").locator("tr[data-row^='request:']")).to_have_count(0)


def test_a_second_person_draws_the_same_sample_and_the_first_may_not(
    opens: Callable[[str, str], Page], wb: Workbench, tmp_path: Path
) -> None:
    rows = "\n".join(f"SL{number:03},{number * 100}" for number in range(1, 41))
    listed = {"name": "双录清单.csv", "mimeType": "text/csv", "buffer": f"编号,金额\n{rows}\n".encode()}
    first = opens("wang", "samples")
    first.get_by_role("button", name="建立抽样").click()
    dialog = first.locator("dialog[open]")
    dialog.get_by_label("抽查什么").fill("双录完整性")
    dialog.get_by_label("编号列").fill("编号")
    dialog.locator("input[type=file]").set_input_files(listed)
    dialog.locator("[data-field=basis]").select_option(label="固定数量")
    dialog.locator("[data-field=size]").fill("6")
    dialog.get_by_role("button", name="建立抽样").click()
    expect(first.locator(".xf-notices")).to_contain_text("总体 40 笔，样本量 6")
    take(first, "抽取样本")
    expect(first.locator(".xf-notices")).to_contain_text("已抽取 6 笔")
    expect(first.locator("[data-row]")).to_have_count(6)
    first.get_by_role("button", name="办理抽样").click()
    step(first, "复抽核对（另一人）")
    expect(first.locator("dialog[open]")).to_contain_text("不能自己复抽")

    second = opens("li", "samples")
    drawn = second.locator("[data-row]")
    expect(drawn).to_have_count(6)
    take(second, "复抽核对（另一人）")
    expect(second.locator(".xf-notices")).to_contain_text("复抽一致，样本相同")
    second.screenshot(path=tmp_path / "redrawn.png")
    [sample] = wb.store.kept("samples", unit=UNIT)
    assert [(one.by.name, one.same) for one in sample.redraws] == [("李负责", True)]
    assert {one.record for one in sample.drawn} <= {f"SL{number:03}" for number in range(1, 41)}
    expect(opens("qian", "samples").locator("[data-row]")).to_have_count(0)


def take(page: Page, title: str) -> None:
    page.get_by_role("button", name="办理抽样").click()
    step(page, title)
    expect(page.locator("dialog[open]")).to_have_count(0)


def step(page: Page, title: str) -> None:
    """Choose the only sample and a step in the dialog that is open, and send it."""
    dialog = page.locator("dialog[open]")
    dialog.locator("[data-field=sample]").select_option(index=1)
    dialog.locator("[data-field=to]").select_option(label=title)
    dialog.get_by_role("button", name="办理抽样").click()

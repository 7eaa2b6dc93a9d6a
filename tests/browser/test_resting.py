"""A form that nobody touches gives its kernel back, and takes a new one by itself at the next touch."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect

from tests.browser.conftest import Served, Traffic, kernel_processes
from tests.browser.people import LI, WANG, Client, register_people
from tests.browser.test_fill import open_page, saved, stored
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, raise_two_leads, tiny_workspace
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.model import Actor, Conclusion, Response
from xiaobao.pages.owned_kernels import Owned, to_rest, unseen
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.browser
WAIT = 30_000
REST, AWAKE = 2, 3  # seconds; kernels
Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("resting") / "bank", 10)
    copy_notebooks(home, "fill", "leads", "my_work")
    with (home / "xiaobao.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[serve]\nrest_seconds = {REST}\nawake = {AWAKE}\n")
    register_people(home, WANG, LI)
    return home


@pytest.fixture
def wb(wb: Workbench) -> Workbench:
    """The workbench in the hands of 王五."""
    return replace(wb, actor=Actor(name=WANG.name, verified=True, login=WANG.login))


def sign_in(context: BrowserContext, served: Served, login: str) -> Client:
    """Come in as `login` in a browser; return the client that holds the same session."""
    client = Client(served.port)
    assert client.sign_in(login).status == 302
    address = f"http://127.0.0.1:{served.port}/"
    context.clear_cookies()
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in client.cookies.items()])
    return client


@pytest.fixture(scope="module")
def form(chromium: Browser, served: Served) -> Iterator[Page]:
    """王五's form of one unit, opened once: tests find it awake or at rest, and signed in."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    sign_in(context, served, "wang")
    open_page(page, served, UNIT)
    page.evaluate("window.before = document")
    yield page
    assert page.evaluate("window.before === document"), "the page was loaded anew"
    context.close()


def kernels(served: Served) -> int:
    """Return how many kernels the server holds."""
    return len(kernel_processes(served))


def rested(page: Page, served: Served, left: int = 0) -> None:
    page.wait_for_selector(".xf-resting", timeout=WAIT)
    deadline = time.monotonic() + 30
    while kernels(served) > left and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kernels(served) == left


def test_a_form_rests_and_the_next_click_is_stored(form: Page, traffic: Traffic, served: Served, wb: Workbench) -> None:
    """Nothing on the page says so, nothing is asked, nothing is loaded anew; what is in a box stays there."""
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    form.on("console", hear)
    form.on("pageerror", lambda error: errors.append(str(error)))
    note = form.locator('[data-item="c-02"]').get_by_label("检查情况说明")
    note.fill("还没有写完")
    note.blur()
    saved(form)
    rested(form, served)
    expect(form.locator(".xf-save")).to_have_text(re.compile("^已保存"))
    expect(form.locator(".xf-banner.xf-bad")).to_have_count(0)
    begun = time.monotonic()
    form.locator('[data-item="c-01"]').get_by_role("radio", name="符合", exact=True).check()
    expect(form.locator(".xf-counted")).to_contain_text("已答 1/", timeout=WAIT)
    print(f"awake and stored after {time.monotonic() - begun:.2f} s")
    saved(form)
    assert stored(wb, UNIT)["c-01"].conclusion is Conclusion.COMPLIANT
    assert note.input_value() == "还没有写完"
    assert kernels(served) == 1
    rested(form, served)
    form.locator('[data-item="c-03"]').click()
    form.keyboard.press("1")
    expect(form.locator(".xf-counted")).to_contain_text("已答 2/", timeout=WAIT)
    assert stored(wb, UNIT)["c-03"].author == "王五"
    assert errors == []


def answer(page: Page, item: str, conclusion: str = "符合") -> None:
    page.locator(f'[data-item="{item}"]').get_by_role("radio", name=conclusion, exact=True).check()


def test_what_is_typed_into_a_resting_form_is_kept_letter_by_letter(form: Page, served: Served, wb: Workbench) -> None:
    answer(form, "c-04", "部分符合")
    reason = form.locator('[data-item="c-04"]').get_by_label(re.compile("扣分理由"))
    reason.fill("抽查")
    reason.blur()
    form.locator(".xf-save").click()
    rested(form, served)
    reason.click()
    form.keyboard.type("十件，两件不符", delay=120)
    assert reason.evaluate("box => box === document.activeElement")
    reason.blur()
    saved(form)
    assert stored(wb, UNIT)["c-04"].reason == "抽查十件，两件不符"


def test_what_another_saved_meanwhile_is_there_on_waking_and_is_not_overwritten(
    form: Page, served: Served, wb: Workbench
) -> None:
    rested(form, served)
    sheet = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    for item in ("c-05", "c-06"):
        inspecting.answer(wb, sheet, Response(item_id=item, conclusion=Conclusion.COMPLIANT, note="别处写的"), 0)
    answer(form, "c-05", "不符合")
    expect(form.locator('[data-item="c-06"]').get_by_label("检查情况说明")).to_have_value("别处写的", timeout=WAIT)
    expect(form.locator('[data-item="c-05"] .xf-both')).to_contain_text("别处写的")
    assert stored(wb, UNIT)["c-05"].conclusion is Conclusion.COMPLIANT
    form.get_by_role("button", name="用已保存的").click()


def test_a_form_of_somebody_signed_out_does_not_wake_but_says_so_and_keeps_what_was_answered(
    form: Page, served: Served, wb: Workbench
) -> None:
    rested(form, served)
    token = form.locator(".xb-who [name=_xsrf]").first.get_attribute("value")
    cookies = {str(one["name"]): str(one["value"]) for one in form.context.cookies()}
    assert Client(served.port, cookies).ask("POST", "/logout", {"_xsrf": token or ""}).status == 302
    answer(form, "c-07")
    expect(form.locator(".xf-banner.xf-bad")).to_contain_text("登录已结束", timeout=WAIT)
    expect(form.locator(".xf-save")).to_contain_text("须重新登录")
    assert kernels(served) == 0
    assert "c-07" not in stored(wb, UNIT)
    sign_in(form.context, served, "li")
    form.wait_for_timeout(3100)
    form.locator('[data-item="c-08"]').click()
    expect(form.locator(".xf-banner.xf-bad")).to_contain_text("本浏览器已换人登录", timeout=WAIT)
    assert kernels(served) == 0
    sign_in(form.context, served, "wang")
    form.wait_for_timeout(3100)
    form.locator('[data-item="c-08"]').click()
    expect(form.locator(".xf-banner.xf-bad")).to_have_count(0, timeout=WAIT)
    saved(form)
    assert stored(wb, UNIT)["c-07"].author == "王五"


def test_leads_rest_and_wake_as_forms_do(
    page: Page, traffic: Traffic, served: Served, home: Path, wb: Workbench
) -> None:
    first, _ = raise_two_leads(wb)
    sign_in(page.context, served, "wang")
    open_page(page, served, UNIT, "leads")
    rested(page, served)
    row = page.locator(f'[data-row="{first.id}"]')
    row.get_by_label("核实说明（必填）").fill("经核对，确属逾期")
    row.get_by_label("核实结果").select_option("confirmed")
    saved(page)
    assert wb.store.decisions(wb.campaign(PERIOD).id)[first.id].answer_note == "经核对，确属逾期"
    traffic.assert_clean()


def test_a_page_that_only_shows_needs_no_kernel_once_it_stands(page: Page, served: Served) -> None:
    sign_in(page.context, served, "wang")
    others = kernels(served)  # of pages before, which the server ends in its own time
    page.goto(served.at("my_work"))
    expect(page.locator(".xb-view").first).to_be_visible(timeout=WAIT)
    deadline = time.monotonic() + 30
    while kernels(served) > others and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kernels(served) <= others
    text = page.locator(".xb-view").first.inner_text()
    page.locator(".xb-view").first.click()
    assert page.locator(".xb-view").first.inner_text() == text
    assert kernels(served) <= others, "what only shows needs none"


@pytest.mark.long
def test_of_twenty_tabs_that_closed_or_died_no_kernel_is_left_after_a_minute(chromium: Browser, served: Served) -> None:
    """Half of them crash and say no word of farewell."""
    context = chromium.new_context(locale="zh-CN")
    sign_in(context, served, "wang")
    for number in range(20):
        tab = context.new_page()
        open_page(tab, served, UNIT, ("fill", "leads")[number % 2])
        if number % 4 < 2:
            tab.close(run_before_unload=True)
        else:
            with contextlib.suppress(Error):
                tab.goto("chrome://crash")
            tab.close()
    deadline = time.monotonic() + 60
    while kernels(served) and time.monotonic() < deadline:
        time.sleep(1)
    assert kernels(served) == 0
    context.close()


def test_a_kernel_without_its_page_is_kept_for_a_line_that_breaks_and_no_longer() -> None:
    def kernel(seen: float, page: str = "fill") -> Owned:
        return Owned(session="s", page=page, touched=0, seen=seen)

    owned = {"gone": kernel(59.9), "away": kernel(60), "head": kernel(0, "head_office"), "desk": kernel(0, "desk")}
    assert unseen(owned, 100) == ["gone", "head"]  # a desk does not take a new kernel by itself: it keeps its own


def test_of_too_many_kernels_those_of_forms_rest_that_were_not_touched_for_longest() -> None:
    def kernel(touched: float, page: str = "fill") -> Owned:
        return Owned(session="s", page=page, touched=touched)

    owned = {"b": kernel(20), "a": kernel(10), "desk": kernel(0, "desk"), "busy": kernel(5), "new": kernel(95)}
    idle = {"a", "b", "desk", "new"}
    assert to_rest(owned, idle, 5, 100) == []
    assert to_rest(owned, idle, 4, 100) == ["a"]
    assert to_rest(owned, idle, 1, 100) == ["a", "b"]  # one in use, one touched just now and a desk stay

"""我的工作 in the browser: where a person lands after sign-in, and that any sheet is reached in two clicks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import LI, PASSWORD, WANG, Client, register_people, seat
from tests.factories.inspections import DOMAIN, OTHER, PERIOD, UNIT, raise_two_leads, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.model import Person, Role

pytestmark = pytest.mark.browser
LEADER = Person(login="zhu", name="朱行长", seats=(seat(Role.MANAGEMENT, "01"),))
HEAD = Person(login="he", name="何主任", seats=(seat(Role.MANAGEMENT, "01"), seat(Role.UNIT_HEAD)))
ONE = Person(login="sun", name="孙一", seats=(seat(Role.FILLER),))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("my_work") / "bank", 3)
    copy_notebooks(home, "fill", "overview", "my_work")
    wb = workbench(home)
    raise_two_leads(wb, OTHER)
    wb.store.close()
    register_people(home, WANG, LI, LEADER, HEAD, ONE)
    return home


@pytest.mark.parametrize(("login", "page"), [("zhu", "overview"), ("he", "my_work"), ("sun", "my_work")])
def test_everybody_lands_on_his_work_and_who_only_looks_on_the_overview(served: Any, login: str, page: str) -> None:
    client = Client(served.port)
    assert client.sign_in(login).headers["Location"] == "/"
    assert client.get("/").headers["Location"] == f"/voila/render/{page}.ipynb"


@pytest.mark.parametrize("width", [390, 1366])
def test_a_filler_reaches_a_sheet_in_two_clicks_and_sees_no_other_unit(page: Page, served: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"http://127.0.0.1:{served.port}/")
    page.fill("[name=login]", "sun")
    page.fill("[name=password]", PASSWORD)
    page.locator("form button").first.click()
    expect(page.locator("#loading")).to_have_count(0, timeout=60_000)
    expect(page.locator(".xb-view")).to_contain_text("待填报的检查表", timeout=60_000)
    assert OTHER not in page.locator(".xb-view").inner_html()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".xb-view").inner_text().count(UNIT) == 1  # one unit is named once, not on each line
    page.locator(f".xb-view li a[href*='unit={UNIT}']").first.click()
    page.wait_for_url(re.compile(rf"fill\.ipynb\?unit={UNIT}&period={PERIOD}&domain={DOMAIN}$"), timeout=60_000)
    expect(page.locator("body")).to_contain_text("第1项登记完整", timeout=60_000)

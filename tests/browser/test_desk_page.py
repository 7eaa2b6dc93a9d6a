"""Day one by clicks alone: from an empty workspace and two files of the bank's own to its first true pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories.kept import new_workspace
from tests.test_desk import ledger, register

pytestmark = pytest.mark.browser
SECONDS = 90_000
MOST_CLICKS = 60
TWO = 2  # a choice from a list, or a file: open it, take one


@pytest.fixture
def served(tmp_path: Path, serve_notebooks: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    home = tmp_path / "bank"
    new_workspace(home, "某行").store.close()
    with serve_notebooks(home / "notebooks", home, tmp_path / "voila.log") as served:
        yield served


class Hand:
    """Somebody with a mouse, who counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.clicks += 1

    def choose(self, selector: str, value: str) -> None:
        self.page.select_option(selector, value)
        self.clicks += TWO

    def give(self, file: Path) -> None:
        self.page.set_input_files("[data-action=mapping] input[type=file]", file)
        self.clicks += TWO
        self.click("button[name=mapping]")
        expect(self.page.locator(".xd-mapping-box")).to_be_visible(timeout=SECONDS)

    def take_proposals(self) -> None:
        buttons = self.page.locator(".xd-mapping-box td button:visible")
        while buttons.count():
            buttons.first.click()
            self.clicks += 1

    def step(self, name: str) -> None:
        self.click(f"[data-step={name}]")
        expect(self.page.locator(".xd-body .xd-action").first).to_be_visible(timeout=SECONDS)


def told(page: Page, title: str, state: str = "已完成") -> None:
    expect(page.locator(".xd-work-head")).to_contain_text(title, timeout=SECONDS)
    expect(page.locator(".xd-work-head .xf-chip")).to_have_text(state, timeout=SECONDS)


def test_day_one_by_clicks_alone_and_long_work_runs_on_when_the_tab_is_closed(
    served: Any, page: Page, traffic: Any, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(served.at("desk"))
    hand = Hand(page)
    expect(page.locator(".xd-step[aria-current]")).to_contain_text("机构", timeout=SECONDS)
    hand.choose("select[name=period]", "2026H1")
    expect(page).to_have_url(re.compile("period=2026H1"), timeout=SECONDS)
    expect(page.locator(".xd-body .xd-about")).to_be_visible(timeout=SECONDS)

    hand.give(register(tmp_path))
    hand.take_proposals()
    hand.click("button[name=import]")
    told(page, "导入机构")
    expect(page.locator("[data-step=units]")).to_contain_text("2 家机构", timeout=SECONDS)

    hand.step("data")
    hand.give(ledger(tmp_path))
    expect(page.locator("[data-value=青台分理处]")).to_have_value("0101")  # by the register, nobody typed it
    hand.click("button[name=import]")
    told(page, "导入投诉台账")

    hand.step("campaign")
    hand.click("button[name=campaign_create]")
    told(page, "建立检查批次")

    hand.step("run")
    hand.choose("[data-action=run] select[name=domain]", "complaints")
    hand.click("button[name=run]")
    expect(page.locator(".xd-work .xd-command")).to_have_text(
        "xiaobao run --domain complaints --period 2026H1", timeout=SECONDS
    )
    traffic.assert_clean()
    context = page.context
    page.close()

    again = context.new_page()
    again.set_viewport_size({"width": 1366, "height": 768})
    again.goto(served.at("desk", "period=2026H1&step=run"))
    told(again, "运行数据检查、底稿和得分表")
    expect(again.locator(".xd-body")).to_contain_text("已完成 2 份", timeout=SECONDS)
    hand.page = again
    hand.click(".xd-links a")
    expect(again.locator("body")).to_contain_text("青台分理处", timeout=SECONDS)
    assert hand.clicks <= MOST_CLICKS
    print(f"clicks: {hand.clicks}")


def test_every_step_opens_and_fits_the_screen(served: Any, page: Page, traffic: Any) -> None:
    for width in (390, 1366):
        page.set_viewport_size({"width": width, "height": 768})
        page.goto(served.at("desk"))
        expect(page.locator(".xd-step").first).to_be_visible(timeout=SECONDS)
        for name in page.locator(".xd-step").evaluate_all("steps => steps.map((one) => one.dataset.step)"):
            page.locator(f"[data-step={name}]").click()
            expect(page.locator(".xd-body .xd-about")).to_be_visible(timeout=SECONDS)
            expect(page.locator(".xf-bad")).to_have_count(0)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (width, name)
    traffic.assert_clean()

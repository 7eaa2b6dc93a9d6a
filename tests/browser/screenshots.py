"""Draw docs/images/ anew from the workspace in XIAOBAO_HOME: `make screenshots`. Look at them before committing.

Names on the command line draw those alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, ROOT, Served, choose, serving
from tests.test_desk import ledger, register
from xiaobao.demo.staff import OPERATOR
from xiaobao.workbench.new_workspace import init_workspace

IMAGES = ROOT / "docs" / "images"
PAGES = {
    "overview": ("overview", "", ".xb-board canvas, .xb-board svg"),
    "scorecard": ("6_scorecard", "unit=010000&period=2026H1", ".xb-view h1, .xb-view h2"),
    "fill": ("fill", "unit=010000&period=2026H1&domain=records", "text=评价要素"),
    "desk": ("desk", "period=2026H1&step=data", "text=数据覆盖"),
    "filings": ("filings", "", ".xf-table, .xf-empty"),
    "appraisal": ("appraisal", "", ".xf-table tbody tr"),
    "explore": ("explore", "", "text=记录数（条）"),
}
# The same page further down: under which heading, and what stands in its fields.
BELOW = {
    "explore_try": (
        "explore",
        "试算一条检查",
        {"如 complaint_unanswered": "undecided", "什么有疑问": "投诉没有登记处理决定日期"},
    )
}
# Who is shown what: the way in, then 我的工作 as one of the demo's people.
PEOPLE = {"sign_in": "", "my_work_filler": "lianluo-010000", "my_work_reviewer": "fuhe"}

# Day one of a bank, one step after the other: which step of the desk, which file of its own.
DAY_ONE = {"day_one_units": ("units", register), "day_one_ledger": ("data", ledger)}


def draw_people(browser: Browser, served: Served, wanted: set[str]) -> None:
    """Draw what people of different roles meet, each in a browser of his own."""
    for name in PEOPLE.keys() & wanted:
        page = browser.new_page(viewport={"width": 1280, "height": 760}, locale="zh-CN")
        if login := PEOPLE[name]:
            page.context.add_cookies(choose(served, login))
            page.goto(served.at("my_work", ""), timeout=180_000)
            page.wait_for_selector("text=我的工作", timeout=120_000)
            page.wait_for_timeout(4_000)
        else:
            page.goto(f"http://127.0.0.1:{served.port}/login")
        page.screenshot(path=IMAGES / f"{name}.png")
        page.close()
        print(IMAGES / f"{name}.png")


def draw_below(browser: Browser, served: Served, wanted: set[str]) -> None:
    """Draw a part of a page that is reached by scrolling, its fields filled and no button pressed."""
    for name in BELOW.keys() & wanted:
        notebook, heading, filled = BELOW[name]
        page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="zh-CN")
        page.context.add_cookies(served.cookies)
        page.goto(served.at(notebook, ""), timeout=180_000)
        page.wait_for_selector("text=写出检查", timeout=180_000)
        page.wait_for_selector("#loading", state="detached", timeout=180_000)
        for hint, text in filled.items():
            page.get_by_placeholder(hint).fill(text)
        page.get_by_role("heading", name=heading).evaluate("one => one.scrollIntoView()")
        page.wait_for_timeout(1_000)
        page.screenshot(path=IMAGES / f"{name}.png")
        page.close()
        print(IMAGES / f"{name}.png")


def draw_day_one(browser: Browser, wanted: set[str]) -> None:
    """Draw what a bank with an empty workspace and two files of its own meets: columns and levels to be confirmed."""
    if not wanted & {*DAY_ONE}:
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "bank"
        init_workspace(home, "某农村商业银行").store.close()
        with serving(home / "notebooks", home, Path(folder) / "voila.log") as served:
            page = browser.new_page(viewport={"width": 1280, "height": 860}, locale="zh-CN")
            page.context.add_cookies(served.cookies)
            page.goto(served.at("desk", "period=2026H1"), timeout=180_000)
            for name, (step, file) in DAY_ONE.items():
                page.locator(f"[data-step={step}]").click(timeout=180_000)
                page.wait_for_selector(f"[data-step={step}][aria-current]", timeout=180_000)
                page.wait_for_timeout(6_000)  # the step is drawn anew
                page.set_input_files("[data-action=mapping] input[type=file]", file(Path(folder)))
                page.click("button[name=mapping]")
                page.wait_for_selector(".xd-mapping-box", timeout=180_000)
                page.locator(".xd-mapping-box").evaluate("one => one.scrollIntoView()")
                page.wait_for_timeout(1_000)
                page.screenshot(path=IMAGES / f"{name}.png")
                print(IMAGES / f"{name}.png")
                for _ in range(page.locator(".xd-mapping-box td button:visible").count()):
                    page.locator(".xd-mapping-box td button:visible").first.click()
                page.click("button[name=import]")
                page.wait_for_selector(".xd-work-head .xf-chip:text('已完成')", timeout=180_000)
            page.close()


def main() -> None:
    wanted = set(sys.argv[1:]) or {*PAGES, *PEOPLE, *BELOW, *DAY_ONE}
    home = Path(os.environ["XIAOBAO_HOME"])
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(home / "notebooks", home, Path(folder) / "voila.log", chosen=OPERATOR) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        draw_people(browser, served, wanted)
        draw_below(browser, served, wanted)
        draw_day_one(browser, wanted)
        for name, (notebook, query, drawn) in PAGES.items():
            if name not in wanted:
                continue
            page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            page.context.add_cookies(served.cookies)
            page.goto(served.at(notebook, query), timeout=180_000)
            page.wait_for_selector(drawn, timeout=180_000)
            page.wait_for_timeout(2_000)  # let the chart finish its entrance
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
            print(IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()

"""A half-year at the desk alone: from leads to publishing other weights, by clicks, each step done as its command.

Day one (upload, units, campaign, first run) is `test_desk_page`. Clicks and minutes are printed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from xiaobao.demo.staff import OPERATOR
from xiaobao.demo.walk import run_demo

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1800)]
SECONDS = 240_000
MOST_CLICKS = 70
TWO = 2  # a choice from a list, or a file: open it, take one


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, serve_notebooks: Callable[..., AbstractContextManager[Served]]
) -> Iterator[Served]:
    """The sample bank of four units, run; entered as who sits in head office."""
    home = tmp_path_factory.mktemp("half") / "bank"
    run_demo(home, 4, 1, seed=7, jobs=2, batch=True, say=lambda text: None)
    with serve_notebooks(home / "notebooks", home, home / "voila.log", chosen=OPERATOR) as served:
        yield served


class Desk:
    """Head office with a mouse, who counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.clicks += 1

    def step(self, name: str) -> None:
        self.click(f"[data-step={name}]")
        expect(self.page.locator(f"[data-step={name}][aria-current]")).to_be_visible(timeout=SECONDS)
        expect(self.page.locator(".xd-body .xd-action").first).to_be_visible(timeout=SECONDS)
        expect(self.page.locator(".xf-bad")).to_have_count(0)

    def press(self, name: str, title: str, *, sure: bool = False, file: Path | None = None, **said: str) -> str:
        """Fill a form of the step, press its button and wait until the work is done; return what it told."""
        form = self.page.locator(f"form[data-action={name}]")
        for field, value in said.items():
            box = form.locator(f"[name={field}]")
            if box.evaluate("one => one.tagName") == "SELECT":
                box.select_option(value)
                self.clicks += TWO
            else:
                box.fill(value)
                self.clicks += 1
        if file:
            form.locator("input[type=file]").set_input_files(file)
            self.clicks += TWO
        self.click(f"form[data-action={name}] button[name={name}]")
        if sure:
            self.page.locator("dialog[open] button.primary").click()
            self.clicks += 1
        return self.done(title)

    def done(self, title: str) -> str:
        head = self.page.locator(".xd-work-head")
        expect(head.locator("strong")).to_have_text(title, timeout=SECONDS)
        expect(head.locator(".xf-chip")).to_have_text("已完成", timeout=SECONDS)
        told = self.page.locator(".xd-work").inner_text()
        assert "/.desk/" not in told
        return told

    def download(self, to: Path) -> Path:
        with self.page.expect_download() as caught:
            self.page.locator(".xd-made button", has_text="下载").first.click()
        self.clicks += 1
        path = to / caught.value.suggested_filename
        caught.value.save_as(path)
        return path

    def weigh(self, domain: str, weight: int) -> None:
        moved = "for (const kind of ['input', 'change']) box.dispatchEvent(new Event(kind));"
        slide = f"(box, to) => {{ box.value = to; {moved} }}"
        self.page.locator(f"input[data-weight={domain}]").evaluate(slide, weight)
        self.clicks += 1


def test_a_half_year_by_the_desk_alone(served: Served, page: Page, tmp_path: Path) -> None:
    begun = time.monotonic()
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(served.at("desk", "period=2026H1"))
    expect(page.locator(".xd-step").first).to_be_visible(timeout=SECONDS)
    desk = Desk(page)

    desk.step("leads")
    assert "新增疑点 0 条" in desk.press("leads_raise", "下发疑点")
    desk.press("leads_export", "导出疑点清单")
    assert desk.download(tmp_path).name == "疑点清单.xlsx"
    desk.step("review")
    desk.press("sheet_export", "导出离线填报表", unit="010000")
    desk.download(tmp_path)
    desk.step("run")
    assert "失败 0" in desk.press("run", "运行数据检查、底稿和得分表").replace("失败0", "失败 0")
    desk.step("reports")
    desk.press("report", "出具报告", kind="half-year")
    desk.click("button[name=preview]")
    expect(page.locator("dialog, .xd-preview").first).to_contain_text("消费者权益保护", timeout=SECONDS)
    desk.click("dialog.xd-preview button:text('关闭')")
    assert desk.download(tmp_path).suffix == ".docx"

    desk.step("appraisal")
    desk.weigh("complaints", 19)
    desk.weigh("disclosure", 9)
    expect(page.locator(".xd-answer", has_text="试算")).to_be_visible(timeout=SECONDS)
    page.get_by_placeholder("新版本号").fill("2026.9")
    desk.click("button[name=weights_draft]")
    assert "已写成草稿 self-inspection-2026-2026.9.yaml" in desk.done("把这组权重写成草稿")
    said = {"points": "1", "reason": "全省消保先进", "day": "2026-06-30", "evidence": "表彰文件"}
    desk.press("appraisal_entry", "登记加减分", unit="010000", **said)
    assert "已公示" in desk.press("appraisal_publish", "公示", sure=True)

    desk.step("filings")
    quarter = {"kind": "quarterly", "filed": "2026Q3"}
    assert "下发消保工作季报" in desk.press("filing_issue", "下发报送", **quarter)
    assert "请抓紧报送" in desk.press("filing_remind", "催报", **quarter)

    desk.step("checklists")
    desk.press("checklist_export", "导出检查表为 Excel", sheet="training@2026.3")
    changed = desk.download(tmp_path)
    book = openpyxl.load_workbook(changed)
    version = next(cell for row in book["检查表"].iter_rows() for cell in row if cell.value == "2026.3")
    version.value = "2026.9"
    book.save(changed)
    assert "14 项，已写成草稿" in desk.press("checklist_import", "导入改好的检查表，写成草稿", file=changed)
    impact = page.locator(".xd-action:has(button[name=impact])")
    for draft, words in (("training@2026.9", "没有变化"), ("scheme:self-inspection-2026@2026.9", "投诉处理 14 → 19")):
        page.select_option("select[name=draft]", draft)
        desk.clicks += TWO
        desk.click("button[name=impact]")
        expect(impact).to_contain_text(words, timeout=SECONDS)
    told = desk.press("checklist_publish", "发布", sure=True)
    assert "training 2026.9" in told and "self-inspection-2026 2026.9" in told

    desk.step("keep")
    desk.press("verify", "核对操作留痕、数据、佐证、底稿和报告")
    desk.press("history", "操作留痕（Excel）")
    assert desk.download(tmp_path).name == "操作留痕.xlsx"
    print(f"clicks: {desk.clicks}, minutes: {(time.monotonic() - begun) / 60:.1f}")
    assert desk.clicks <= MOST_CLICKS

"""What stands at an item of the form, used by clicks: last answers, records, wordings, appeals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace as changed
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Traffic
from tests.factories.answering import as_handed_in, fails, fill, fine
from tests.factories.inspections import (
    DOMAIN,
    FILLER,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from tests.factories.page_notebooks import copy_notebooks
from tests.factories.versions import next_version, publish
from xiaobao.model import Conclusion, Response
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.workspace import Workbench

pytestmark = [pytest.mark.browser, pytest.mark.long]
NEXT = "2026H2"
WAIT = 60_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A half-year handed in, with leads; the next, on another version; another unit's sheet that was reviewed."""
    home = tiny_workspace(tmp_path_factory.mktemp("content") / "bank")
    copy_notebooks(home, "fill")
    wb = workbench(home, FILLER)
    raise_two_leads(wb)
    fill(wb, PERIOD, c_01=changed(fails("缺页"), note="见登记簿"), c_03=fine())
    as_handed_in(wb, PERIOD)
    fill(wb, PERIOD, OTHER)
    signing.submit(wb, filling.open_form(wb, OTHER, PERIOD, DOMAIN))
    inspector = as_person(wb, INSPECTOR)
    signing.review(inspector, filling.open_form(inspector, OTHER, PERIOD, DOMAIN))
    publish(wb, next_version("2026.2", {"c-03": {"requirement": "登记完整，当日录入。"}}))
    import_extract(wb, "units", [home / "units.csv"], NEXT)
    create_campaign(wb, "下半年自查", NEXT, [(DOMAIN, "2026.2")])
    wb.store.close()
    return home


def open_page(page: Page, served: Served, unit: str, period: str) -> None:
    page.goto(served.at("fill", f"unit={unit}&period={period}&domain={DOMAIN}"))
    page.wait_for_selector(".xf-item", timeout=WAIT)


def stored(wb: Workbench, period: str = NEXT) -> dict[str, Response]:
    form = filling.open_form(wb, UNIT, period, DOMAIN)
    return {key: entry.response for key, entry in form.items.items() if entry.answered}


def saved(page: Page) -> None:
    expect(page.locator(".xf-save")).to_have_text(re.compile(r"^已保存 \d\d:\d\d:\d\d$"), timeout=WAIT)


def test_last_answers_are_brought_beside_and_confirmed_one_by_one(
    page: Page, traffic: Traffic, served: Served, wb: Workbench
) -> None:
    """带入 opens what was said last; only a press on one item makes it an answer, never where the wording changed."""
    open_page(page, served, UNIT, NEXT)
    page.get_by_role("button", name="带入上期答复").click()
    first, reworded = page.locator('[data-item="c-01"]'), page.locator('[data-item="c-03"]')
    expect(first.locator(".xf-beside")).to_contain_text("原因：缺页")
    expect(reworded.locator(".xf-beside")).to_contain_text("请重新作答")
    expect(reworded.get_by_role("button", name="情况没有变化")).to_have_count(0)
    assert "c-01" not in stored(wb)
    first.get_by_role("button", name="情况没有变化，沿用上期答复").click()
    expect(first).to_have_attribute("data-answer", "non_compliant", timeout=WAIT)
    assert (stored(wb)["c-01"].conclusion, stored(wb)["c-01"].reason) == (Conclusion.NON_COMPLIANT, "缺页")
    traffic.assert_clean()


def test_a_standard_wording_is_one_click_and_mine_is_kept(page: Page, served: Served, wb: Workbench) -> None:
    open_page(page, served, UNIT, NEXT)
    card = page.locator('[data-item="c-02"]')
    card.get_by_role("radio", name="不符合", exact=True).check()
    card.locator(".xf-standard summary").click()
    wording = card.get_by_role("button", name="投诉处理答复没有写明救济途径。")
    expect(wording).to_be_visible(timeout=WAIT)
    wording.click()
    expect(card.get_by_label(re.compile("扣分理由"))).to_have_value("投诉处理答复没有写明救济途径。")
    saved(page)
    assert stored(wb)["c-02"].reason == "投诉处理答复没有写明救济途径。"
    card.get_by_label(re.compile("扣分理由")).fill("经办人未签字。")
    card.locator(".xf-standard summary").click()
    card.get_by_role("button", name="把理由存为我的常用表述").click()
    expect(card.locator(".xf-wordings li", has_text="经办人未签字。")).to_contain_text("我的", timeout=WAIT)


def test_a_data_item_shows_its_records_and_their_chart(page: Page, served: Served) -> None:
    open_page(page, served, UNIT, PERIOD)
    card = page.locator('[data-item="c-overdue"]')
    card.locator(".xf-quiet > details > summary, details > summary").first.click()
    records = card.locator(".xf-records")
    records.locator("summary").click()
    expect(records.locator("ol li")).to_have_count(2)
    chart = records.get_by_role("img")
    expect(chart).to_be_visible()
    assert (chart.get_attribute("aria-label") or "").strip()
    heights = records.locator(".xf-month i").evaluate_all("all => all.map(one => one.offsetHeight)")
    counts = records.locator(".xf-month b").all_inner_texts()
    assert [text for text in counts if text] == ["2"]  # both in March
    assert max(range(len(heights)), key=heights.__getitem__) == counts.index("2")


def test_an_objection_is_written_at_its_item_sent_and_taken_back(page: Page, served: Served) -> None:
    """申诉 without an item says where to write; with one it stands at the head of the sheet, until it is taken back."""
    open_page(page, served, OTHER, PERIOD)
    page.get_by_role("button", name="申诉", exact=True).click()
    expect(page.locator(".xf-dialog")).to_contain_text("写申诉理由")
    page.get_by_role("button", name="知道了").click()
    card = page.locator('[data-item="c-01"]')
    card.get_by_role("button", name="写申诉理由").click()
    card.locator("[data-name=remark]").fill("登记簿另有一册")
    page.get_by_role("button", name="申诉", exact=True).click()
    page.locator(".xf-dialog textarea").fill("请复核")
    page.get_by_role("button", name="提出申诉").click()
    expect(page.locator('[data-name="appeal"]')).to_contain_text("登记簿另有一册", timeout=WAIT)
    expect(page.locator(".xf-chip.xf-state-reviewed")).to_have_text("申诉中")
    page.get_by_role("button", name="撤回申诉").click()
    page.locator(".xf-dialog textarea").fill("已认可")
    page.locator(".xf-dialog").get_by_role("button", name="撤回", exact=True).click()
    expect(page.locator('[data-name="appeal"]')).to_contain_text("撤回", timeout=WAIT)
    expect(page.locator(".xf-chip.xf-state-reviewed")).not_to_have_text("申诉中")

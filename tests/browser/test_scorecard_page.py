"""The scorecard page in a real browser: the unit that the address names, explained, and printable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories.page_notebooks import write_page_workspace
from tests.factories.pages import make_card, make_finding, make_overview

Serve = Callable[..., AbstractContextManager[Any]]
SECONDS = 60_000
MANY = 120


@pytest.fixture(scope="module")
def served(serve_notebooks: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("scorecard")
    findings = tuple(make_finding(f"第 {place} 项发现") for place in range(MANY))
    folder = write_page_workspace(home, make_overview(), make_card(findings=findings))
    with serve_notebooks(folder, home, home / "voila.log") as running:
        yield running


def open_card(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".xb-view").last).to_be_visible(timeout=SECONDS)
    expect(page.locator("#loading")).to_have_count(0)


def test_the_page_shows_the_unit_and_period_of_its_address(page: Page, traffic: Any, served: Any) -> None:
    open_card(page, served.at("6_scorecard", "unit=0010&period=2026Q2"))
    expect(page.locator(".xb-view").first).to_contain_text("（0010）")
    expect(page.locator(".xb-view").first).to_contain_text("2026Q2")
    assert page.title() == "得分表 · 消保自查"
    traffic.assert_clean()


def test_without_an_address_the_notebooks_own_parameters_hold(page: Page, served: Any) -> None:
    open_card(page, served.at("6_scorecard"))
    expect(page.locator(".xb-view").first).to_contain_text("（0007）")


@pytest.mark.long  # on a real server in test_real_pages
def test_the_page_is_drawn_behind_a_firewall_that_drops_packets(hanging_page: Page, traffic: Any, served: Any) -> None:
    open_card(hanging_page, served.at("6_scorecard"))
    traffic.assert_clean()


def test_losses_findings_leads_and_trend_are_there(page: Page, served: Any) -> None:
    open_card(page, served.at("6_scorecard"))
    text = page.inner_text("#rendered_cells")
    for part in ("79.50", "低于中位数", "不符合，该项不得分", "第 0 项发现", "条疑点待认定", "总分走势", "2025H2"):
        assert part in text


def test_on_a_phone_the_score_the_median_and_the_score_before_of_each_domain_are_seen_unmoved(
    page: Page, served: Any
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_card(page, served.at("6_scorecard"))
    part = page.locator(".xb-view .scroll", has=page.get_by_role("columnheader", name="评分覆盖")).first
    place = part.bounding_box()
    assert place is not None
    for title in ("检查域", "得分", "同层级中位数", "上期得分"):
        head = part.get_by_role("columnheader", name=title, exact=True).bounding_box()
        assert head is not None and place["x"] <= head["x"], title
        assert head["x"] + head["width"] <= place["x"] + place["width"] + 1, title


def test_numbers_stand_right_and_words_left_whatever_the_frame_styles(page: Page, served: Any) -> None:
    open_card(page, served.at("6_scorecard"))
    table = page.locator(".xb-view table").first
    assert table.locator("tbody td.num").first.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
    assert table.locator("tbody td").first.evaluate("cell => getComputedStyle(cell).textAlign") == "left"
    assert "Noto Sans CJK SC" in table.evaluate("table => getComputedStyle(table).fontFamily")


@pytest.mark.parametrize("query", ["unit=..%2F..%2Fetc", "unit=%3Cscript%3Ealert(1)%3C/script%3E", "period=2026H7"])
def test_a_wrong_address_gets_a_chinese_answer_and_no_traceback(
    page: Page, traffic: Any, served: Any, query: str
) -> None:
    page.goto(served.at("6_scorecard", query))
    expect(page.locator(".xb-error")).to_contain_text(re.compile("编号只能用字母|检查期间写法不对"), timeout=SECONDS)
    assert "Traceback" not in page.content()
    assert page.locator(".xb-error script").count() == 0
    traffic.assert_clean()


def test_printing_gives_every_row_on_a4_without_buttons(page: Page, served: Any, tmp_path: Path) -> None:
    open_card(page, served.at("6_scorecard"))
    page.emulate_media(media="print")
    assert not page.locator(".xb-header nav").is_visible()
    height = page.evaluate("document.documentElement.scrollHeight")
    last = page.get_by_text(f"第 {MANY - 1} 项发现", exact=True)
    box = last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height
    target = tmp_path / "card.pdf"
    page.pdf(path=str(target), prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", target.read_bytes()))
    assert pages >= 4

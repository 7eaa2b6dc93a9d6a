"""The overview in a real browser: drawn, filtered, remembered by its address, and leading to a unit's scorecard."""

from __future__ import annotations

import gzip
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.factories.page_notebooks import write_page_workspace
from tests.factories.pages import make_card, make_overview
from xiaobao.pages.board_script import SCRIPT, board_script

Serve = Callable[..., AbstractContextManager[Any]]
SECONDS = 60_000


@pytest.fixture(scope="module")
def served(serve_notebooks: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("overview")
    folder = write_page_workspace(home, make_overview(), make_card())
    with serve_notebooks(folder, home, home / "voila.log") as running:
        yield running


@pytest.fixture(scope="module")
def crowded(serve_notebooks: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A bank of three thousand units."""
    home = tmp_path_factory.mktemp("crowded")
    folder = write_page_workspace(home, make_overview(3000), make_card())
    with serve_notebooks(folder, home, home / "voila.log") as running:
        yield running


def open_board(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".xb-board table").first).to_be_visible(timeout=SECONDS)


def test_the_overview_is_drawn_without_a_request_to_outside(page: Page, traffic: Any, served: Any) -> None:
    open_board(page, served.at("overview"))
    chart = page.locator("[data-chart=matrix] svg")
    for text in ("信息披露", "特殊群体服务", "第0分行", "96.50 优秀", "—"):
        expect(chart).to_contain_text(text)
    expect(page.locator("[data-chart=grades] svg")).to_contain_text("3 家")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.title() == "总览 · 消保自查"
    traffic.assert_clean()


@pytest.mark.long  # on a real server in test_real_pages
def test_the_overview_is_drawn_behind_a_firewall_that_drops_packets(
    hanging_page: Page, traffic: Any, served: Any
) -> None:
    open_board(hanging_page, served.at("overview"))
    traffic.assert_clean()


def test_filters_change_the_counts_and_show_the_groups_own_mean(page: Page, served: Any) -> None:
    open_board(page, served.at("overview"))
    count = page.locator(".xb-count")
    expect(count).to_have_text("显示 12 / 12 家")
    expect(page.locator(".xb-figures")).to_contain_text("88.80")
    page.select_option("select[name=level]", "branch")
    expect(count).to_have_text("显示 4 / 12 家")
    expect(page.locator(".xb-figures")).to_contain_text("87.70")
    page.select_option("select[name=level]", "")
    page.select_option("select[name=region]", "县域")
    expect(count).to_have_text("显示 4 / 12 家")
    expect(page.locator(".xb-figures")).to_contain_text("86.60")
    for typed in ("0002", "d2flc", "第2分理处"):  # its number, how its name is read, and its name
        page.fill("input[name=q]", typed)
        expect(count).to_have_text("显示 1 / 12 家")
        expect(page.locator("tbody tr[data-unit]")).to_contain_text("第2分理处")
    expect(page.locator(".xb-board")).to_contain_text("组合条件下不另算平均分和中位数")
    page.get_by_role("button", name="清除").click()
    expect(count).to_have_text("显示 12 / 12 家")
    expect(page.locator("[data-chart=matrix] svg")).to_contain_text("第10支行")


def test_a_link_brings_back_the_same_view(page: Page, served: Any) -> None:
    open_board(page, served.at("overview"))
    page.select_option("select[name=region]", "城西")
    page.get_by_role("button", name="总分", exact=True).click()
    link = page.url
    assert "#" in link
    page.goto("about:blank")
    open_board(page, link)
    expect(page.locator(".xb-count")).to_have_text("显示 4 / 12 家")
    assert page.locator("select[name=region]").input_value() == "城西"
    expect(page.locator("tbody tr[data-unit]").first).to_contain_text("第1支行")
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("总分")


def test_an_empty_selection_is_explained(page: Page, traffic: Any, served: Any) -> None:
    open_board(page, served.at("overview"))
    page.fill("input[name=q]", "没有这家")
    expect(page.locator(".xb-empty")).to_contain_text("没有符合条件的机构")
    traffic.assert_clean()


def test_sorting_by_a_heading_turns_round_and_leaves_units_without_a_score_last(page: Page, served: Any) -> None:
    open_board(page, served.at("overview"))
    heading = page.get_by_role("button", name=re.compile("^投诉处理"))
    heading.click()
    expect(page.locator("tbody tr[data-unit]").first).to_contain_text("第0分行")
    heading.click()
    expect(page.locator("tbody tr[data-unit]").first).to_contain_text("第10支行")
    expect(page.locator("tbody tr[data-unit]").last).to_contain_text("第11分理处")


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("tbody tr[data-unit='0003'] a", ""),
        ("[data-chart=matrix] svg text:text('85.89')", "#d-disclosure"),
        ("[data-chart=matrix] svg text:text-matches('第3分行')", ""),
    ],
)
def test_a_click_on_row_cell_or_name_opens_the_units_scorecard_and_there_is_a_way_back(
    page: Page, traffic: Any, served: Any, target: str, place: str
) -> None:
    open_board(page, served.at("overview"))
    page.locator(target).first.click()
    page.wait_for_url(
        re.compile(rf"/voila/render/6_scorecard\.ipynb\?unit=0003&period=2026H1{place}$"), timeout=SECONDS
    )
    expect(page.locator(".xb-view").first).to_contain_text("（0003）", timeout=SECONDS)
    if place:
        expect(page.locator("td:target")).to_have_text("信息披露", timeout=SECONDS)
    page.go_back()
    expect(page.locator(".xb-count")).to_have_text("显示 12 / 12 家", timeout=SECONDS)
    traffic.assert_clean()


def test_a_cell_tells_its_own_domain(page: Page, served: Any) -> None:
    open_board(page, served.at("overview"))
    page.locator("[data-chart=matrix] svg text:text('85.89')").first.hover()
    told = page.locator("[data-chart=matrix] > div", has_text="（0003）")
    expect(told).to_contain_text("信息披露 85.89")
    expect(told).not_to_contain_text("投诉处理")


def test_a_domain_alone_is_shown_and_stands_in_the_address(page: Page, served: Any) -> None:
    open_board(page, served.at("overview"))
    matrix, heads = page.locator("[data-chart=matrix] svg"), page.locator(".xb-scroll thead").first
    expect(matrix).to_contain_text("信息披露")
    page.select_option("select[name=domain]", "complaints")
    for shown in (matrix, heads):
        expect(shown).to_contain_text("投诉处理")
        expect(shown).not_to_contain_text("信息披露")
    assert page.url.endswith("#domain=complaints")
    page.reload()
    expect(page.locator("select[name=domain]")).to_have_value("complaints", timeout=SECONDS)
    expect(page.locator("[data-chart=matrix] svg")).not_to_contain_text("信息披露")
    page.get_by_role("button", name="清除").click()
    expect(page.locator("[data-chart=matrix] svg")).to_contain_text("信息披露")


def test_a_click_on_a_grade_shows_only_that_grade(page: Page, served: Any) -> None:
    open_board(page, served.at("overview"))
    page.locator("[data-chart=grades] svg path[fill='#b3261e']").click()
    expect(page.locator(".xb-count")).to_have_text("显示 1 / 12 家")
    assert page.locator("select[name=grade]").input_value() == "D"


def test_thousands_of_units_stay_usable(page: Page, traffic: Any, crowded: Any) -> None:
    open_board(page, crowded.at("overview"))
    expect(page.locator(".xb-count")).to_have_text("显示 3000 / 3000 家")
    assert page.locator("tbody tr[data-unit]").count() == 50
    assert page.locator("[data-chart=matrix] svg").bounding_box()["height"] < 600  # type: ignore[index]
    page.get_by_role("button", name="下一页").click()
    expect(page.locator(".xb-pager")).to_contain_text("第 2 / 60 页")
    page.fill("input[name=q]", "2718")
    expect(page.locator(".xb-count")).to_have_text("显示 1 / 3000 家")
    expect(page.locator("[data-chart=matrix] svg")).to_contain_text("2718")
    traffic.assert_clean()


def test_the_start_page_leads_to_the_overview(page: Page, served: Any) -> None:
    page.goto(f"http://127.0.0.1:{served.port}/")
    expect(page.locator(".xb-board table").first).to_be_visible(timeout=SECONDS)
    expect(page.locator(".xb-header nav a")).to_have_text(["总览", "得分表", "疑点"])


@pytest.mark.parametrize(
    "path", ["voila/render/4_complaints.ipynb", "voila/tree", "voila/files/xiaobao.toml", "api/contents"]
)
def test_nothing_but_the_app_pages_is_served(page: Page, served: Any, path: str) -> None:
    answer = page.goto(f"http://127.0.0.1:{served.port}/{path}")
    assert answer is not None
    assert answer.status == 404
    assert "没有这个页面" in page.inner_text("body")


def test_an_unforeseen_error_shows_a_chinese_sentence_and_no_traceback(page: Page, traffic: Any, served: Any) -> None:
    page.goto(served.at("leads"))
    expect(page.locator(".xb-error")).to_contain_text("程序出错，原因已记入服务器日志", timeout=SECONDS)
    assert page.locator(".xb-error").get_attribute("class") == "xb-error"  # something broke: red
    assert "/srv/bank" not in page.content()
    assert "RuntimeError" not in page.content()
    traffic.assert_clean()


def test_a_page_on_which_nothing_asks_has_no_kernel_and_none_of_voilas_scripts(page: Page, served: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    open_board(page, served.at("overview"))
    kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    deadline = time.monotonic() + 30
    while f"Kernel shutdown: {kernel}" not in served.log.read_text("utf-8", "replace"):
        assert time.monotonic() < deadline, "the kernel of a page that is drawn is still there"
        page.wait_for_timeout(100)
    assert sorted(set(asked)) == ["/voila/board.js", "/voila/render/overview.ipynb"]


def test_the_boards_script_is_kept_by_the_browser_and_given_to_nobody_unknown(served: Any) -> None:
    """Under the address that names its digest it need not be asked for again; under any other each time."""
    address = f"http://127.0.0.1:{served.port}/{SCRIPT}"
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in served.cookies)
    for version, kept in ((board_script().digest, "immutable"), ("older", "no-cache")):
        asked = urllib.request.Request(f"{address}?v={version}", headers={"Cookie": cookie})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert kept in answer.headers["Cache-Control"]
            assert answer.read() == board_script().plain
    packed = urllib.request.Request(address, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(packed, timeout=30) as answer:
        assert gzip.decompress(answer.read()) == board_script().plain
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address, timeout=30)

"""Static pages in a real browser: from a file, without a server or a request; and as the server gives them out."""

from __future__ import annotations

import gzip
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from tests.browser.conftest import printed
from tests.factories.pages import DOMAINS, make_card, make_overview
from tests.factories.static_pages import book_of, bridge
from xiaobao.features.scorecards.composing import compose
from xiaobao.features.scorecards.packing import Pack
from xiaobao.features.scorecards.unit_page import MADE

Serve = Callable[..., AbstractContextManager[Any]]
SIZES = ((390, 844), (1366, 768), (1920, 1080))
FILTER_MILLISECONDS = 150


def write_pages(folder: Path, units: int) -> Path:
    """Write the pages of two periods below `folder`, as a shared folder holds them; return the newest overview."""
    whole = make_overview(units)
    names = {whole.rows[1].unit.id: "重庆分行"}
    rows = tuple(replace(row, unit=replace(row.unit, name=names.get(row.unit.id, row.unit.name))) for row in whole.rows)
    whole = replace(whole, rows=rows)
    card = replace(make_card(), bridge=bridge("1.25", "-0.40"))
    earlier: list[Pack] = []
    for number, period in ((6, "2025H2"), (7, "2026H1")):
        book = book_of(replace(whole, period=period))
        book = replace(book, campaign=replace(book.campaign, id=number, period=period))
        home = folder / period / f"批次{number}"

        def put(name: str, text: str, home: Path = home) -> None:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text.replace(MADE, "2026-07-06 09:30"), "utf-8")

        earlier = [compose(book, [(whole.rows[0].unit.id, card)], earlier, put)]
    return home / "overview.html"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("共享 文件夹"), 12)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("large"), 4000)


@pytest.fixture
def from_file(page: Page) -> Page:
    """A page of which every request but those for files is noted: `traffic` must stay clean."""
    page.context.unroute_all(behavior="ignoreErrors")
    return page


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_an_overview_fits_any_screen(from_file: Page, traffic: Any, small: Path, size: tuple[int, int]) -> None:
    from_file.set_viewport_size({"width": size[0], "height": size[1]})
    asked: list[str] = []
    from_file.on("request", lambda request: asked.append(request.url))
    for path in (small, next(small.parent.glob("*/scorecard.html"))):
        from_file.goto(path.as_uri())
        assert from_file.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    traffic.assert_clean()


def test_every_filter_selects_is_kept_in_the_address_and_comes_back_with_it(from_file: Page, small: Path) -> None:
    from_file.goto(small.as_uri())
    count, tiles = from_file.locator("#count"), from_file.locator("#tiles")
    expect(count).to_contain_text("显示 12 / 12 家")
    expect(tiles).to_contain_text("11 / 12")
    for name, value, shown in (
        ("level", "branch", "显示 4 / 12 家"),
        ("region", "县域", "显示 4 / 12 家"),
        ("grade", "none", "显示 1 / 12 家"),
    ):
        from_file.select_option(f"select[name={name}]", value)
        expect(count).to_contain_text(shown)
        assert f"{name}={value}" in from_file.evaluate("decodeURIComponent(location.hash)")
        from_file.get_by_role("button", name="清除").click()
    for typed in ("cq", "重庆", "0001"):
        from_file.fill("input[name=q]", typed)
        expect(count).to_contain_text("显示 1 / 12 家；组合条件下不另算平均分和中位数")
        expect(from_file.locator("#ranking")).to_contain_text("重庆分行")
    from_file.reload()
    expect(count).to_contain_text("显示 1 / 12 家")
    from_file.goto(f"{small.as_uri()}#period=2025H2&domain=disclosure&sort=-total")
    expect(from_file.locator("#state")).to_contain_text("2025H2 · 截至 2026-07-06 09:30")
    heads = from_file.locator("#ranking thead th.dom")
    expect(heads).to_have_count(1)
    expect(heads).to_have_text("信息披露")


def test_drilling_down_goes_to_the_domain_of_the_unit_and_back(from_file: Page, small: Path) -> None:
    from_file.goto(small.as_uri())
    cell = from_file.locator("#ranking tr[data-unit='0000'] td.heat a").nth(1)
    cell.focus()
    expect(from_file.locator("#tip")).to_contain_text("适当性管理")
    cell.press("Enter")
    from_file.wait_for_url("**/scorecard.html#d-suitability")
    expect(from_file.locator("#d-suitability")).to_be_visible()
    expect(from_file.locator("svg.chart").first).to_contain_text("+1.25")
    expect(from_file.get_by_text("去核实")).to_be_hidden()
    from_file.get_by_role("link", name="上一期").click()
    from_file.wait_for_url("**/2025H2/**/scorecard.html")
    from_file.go_back()
    from_file.go_back()
    expect(from_file.locator("#count")).to_contain_text("显示 12 / 12 家")


def test_below_a_unit_and_back_by_the_address(from_file: Page, small: Path) -> None:
    from_file.goto(small.as_uri())
    from_file.get_by_role("button", name="下级 11").click()
    expect(from_file.locator("#crumbs")).to_contain_text("第0分行")
    from_file.go_back()
    expect(from_file.locator("#crumbs")).to_have_text("")


def test_a_chart_is_saved_and_the_table_copied_by_the_page_itself(from_file: Page, small: Path) -> None:
    from_file.goto(small.as_uri())
    with from_file.expect_download() as saved:
        from_file.locator("#spread").get_by_role("button", name="存为 PNG").click()
    assert Path(saved.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert saved.value.suggested_filename.startswith("四分位")
    from_file.locator("#copy").click()
    expect(from_file.locator("#copy")).to_have_text("已复制 12 行")
    expect(from_file.locator("#grades rect[role=button]").first).to_have_attribute(
        "aria-label", "优秀 3 家，点开只看这些"
    )


def test_what_is_printed_has_every_row_column_and_number(from_file: Page, small: Path) -> None:
    """Read back from the PDF: every number and domain name, on A4, under a running head, with page numbers."""
    card = next(small.parent.glob("*/scorecard.html"))
    for path, head in ((small, "示例农商银行·消保自查总览"), (card, "第0分行(0000)·2026H1消保自查得分")):
        from_file.goto(path.as_uri())
        from_file.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        shown = from_file.locator("body").inner_text()
        from_file.reload()
        sheets = printed(from_file)
        said = "".join(sheets)
        assert [number for number in re.findall(r"\d+(?:\.\d+)?", shown) if number not in said] == []
        assert [title for title in DOMAINS.values() if title not in said] == []
        assert len(sheets) > 1
        for place, text in enumerate(sheets, 1):
            assert text.startswith(head)
            assert re.search(rf"第{place}.,共{len(sheets)}", text)
        if path == small:
            assert sum("较上期" in text for text in sheets) > 1  # the heads again where the table goes on
    from_file.goto(small.as_uri())
    from_file.emulate_media(media="print")
    from_file.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(from_file.locator("#ranking tbody tr[data-unit]")).to_have_count(12)
    assert from_file.locator("nav").is_hidden()
    assert from_file.locator("details:not([open])").count() == 0


def test_four_thousand_units_stand_folded_by_region_and_a_filter_takes_a_moment(from_file: Page, large: Path) -> None:
    assert large.stat().st_size < 3_000_000
    from_file.goto(large.as_uri())
    expect(from_file.locator("#ranking details")).to_have_count(3)
    expect(from_file.locator("#ranking summary").first).to_contain_text("平均分")
    assert from_file.locator("#ranking tbody tr").count() == 0
    taken = from_file.evaluate(
        """() => [['region', '县域'], ['grade', 'D'], ['level', 'outlet']].map(([name, value]) => {
             const select = document.querySelector(`select[name=${name}]`);
             const from = performance.now();
             select.value = value; select.dispatchEvent(new Event('change')); document.body.offsetHeight;
             return performance.now() - from; })"""
    )
    assert sorted(taken)[1] <= FILTER_MILLISECONDS, taken
    from_file.get_by_role("button", name="清除").click()
    from_file.locator("#ranking summary").first.click()
    expect(from_file.locator("#ranking details[open] tbody tr").first).to_be_visible(timeout=30_000)


@pytest.fixture(scope="module")
def served(serve_notebooks: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from tests.factories.coverage import mixed_bank
    from xiaobao.features.scorecards.writing import renew

    home = tmp_path_factory.mktemp("served") / "bank"
    renew(mixed_bank(home))
    with serve_notebooks(home / "notebooks", home, home / "voila.log") as running:
        yield running


def ask(served: Any, path: str, **headers: str) -> tuple[int, Any, bytes]:
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in served.cookies)
    request = urllib.request.Request(f"http://127.0.0.1:{served.port}{path}", headers={"Cookie": cookie, **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_the_server_gives_a_page_out_compressed_and_asks_for_the_right_each_time(served: Any) -> None:
    status, headers, body = ask(served, "/scorecards/", **{"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert headers["Cache-Control"] == "private, no-cache"
    assert "本页仅供：总行（全部机构）" in gzip.decompress(body).decode()
    path = urllib.request.quote("/scorecards/2026H1/批次1/overview.html")
    status, _, body = ask(served, path, **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")
    served_cookies, served.cookies[:] = list(served.cookies), []
    _, _, body = ask(served, path)
    served.cookies.extend(served_cookies)
    assert "本页仅供" not in body.decode()


@pytest.mark.parametrize(
    "path", ["/scorecards/?unit=nobody", "/scorecards/../xiaobao.toml", "/scorecards/x/overview.html"]
)
def test_what_is_not_there_is_refused_in_words(served: Any, path: str) -> None:
    status, _, body = ask(served, path)
    assert status == 404
    assert "没有" in body.decode()
    assert "Traceback" not in body.decode()


def test_a_served_page_leads_to_the_pages_that_need_a_server(page: Page, traffic: Any, served: Any) -> None:
    page.goto(f"http://127.0.0.1:{served.port}/scorecards/?unit=0102")
    link = page.get_by_role("link", name="完整得分表")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == "/voila/render/6_scorecard.ipynb?unit=0102&period=2026H1"
    traffic.assert_clean()

"""The pages over a real inspected workspace: the board leads to the unit's scorecard, with the recorded figures."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import ROOT, free_port, printed
from tests.factories.workspaces import PERIOD
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.features.appraisal.trying_weights import try_weights
from xiaobao.model import Unit
from xiaobao.pages.serve import JUPYTER
from xiaobao.pages.views.pieces import Picker
from xiaobao.scorecard.around import Around, Choice
from xiaobao.workbench.results.reading import overview
from xiaobao.workbench.workspace import Workbench, open_workbench

SECONDS = 90_000
Serve = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def inspected(seeded_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """The seeded workspace with every paper run: shipped notebooks, real kernels."""
    home = tmp_path_factory.mktemp("pages") / "bank"
    shutil.copytree(seeded_workspace, home)
    wb = open_workbench(home)
    assert not run_campaign(wb, wb.campaign(PERIOD), RunOptions(jobs=1, per="unit")).failed
    return wb


@pytest.fixture(scope="module")
def served(inspected: Workbench, serve_notebooks: Serve) -> Iterator[Any]:
    home = inspected.home
    with serve_notebooks(home / "notebooks", home, home / "voila.log") as running:
        yield running


def drawn(page: Page, served: Any, name: str, query: str = "") -> str:
    page.goto(served.at(name, query))
    expect(page.locator("#loading")).to_have_count(0, timeout=SECONDS)
    expect(page.locator(".xb-board, .xb-view").first).to_be_visible(timeout=SECONDS)
    expect(page.locator("body")).not_to_contain_text("Loading widget", timeout=SECONDS)
    return page.inner_text("body")


def test_the_overview_shows_every_unit_and_leads_to_its_scorecard(
    page: Page, traffic: Any, served: Any, inspected: Workbench
) -> None:
    rows = overview(inspected, PERIOD).rows
    drawn(page, served, "overview")
    expect(page.locator("body")).to_contain_text(
        rows[-1].unit.name, timeout=SECONDS
    )  # the board comes after the pickers
    text = page.inner_text("body")
    for row in rows:
        assert row.unit.name in text
        assert str(row.total) in text
    traffic.assert_clean()

    page.locator("a", has_text=rows[-1].unit.name).first.click()
    expect(page.locator(".xb-view").first).to_contain_text(f"（{rows[-1].unit.id}）", timeout=SECONDS)
    expect(page.locator(".xb-view").first).to_contain_text(str(rows[-1].total))
    traffic.assert_clean()


PAGES = (
    "overview",
    "6_scorecard",
    "head_office",
    "fill",
    "leads",
    "corrective_actions",
    "evidence",
    "registers",
    "offline",
    "history",
    "my_work",
    "desk",
    "samples",
    "visits",
    "filings",
    "appraisal",
)


# Latin letters that people of a bank read as Chinese text; besides: names of files, commands shown as such, numbers.
KNOWN_WORDS = {"Excel", "Word", "PDF", "CSV", "APP", "ATM", "KB", "MB", "xiaobao", "Ctrl", "Enter", "Esc"}
PASSED = (
    r"[\w.\-（）()]*\.(?:xlsx|csv|txt|docx|pdf|png|ipynb|toml|yaml)(?![A-Za-z])", r"xiaobao [a-z][^\n\u4e00-\u9fff]*",
    r"(?:^|\s)--[a-z-]+", r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])",  # options of commands; what items' numbers begin with

    r"(?<![A-Za-z])[A-Z]{1,5}(?:-?[A-Z0-9]+)*-?\d[A-Za-z0-9-]*",
    r"(?<![A-Za-z])[FLM]?[A-Fa-f0-9]{6,}(?:-[A-Z])?(?![A-Za-z])",
)  # fmt: skip


def english(text: str) -> set[str]:
    """Return words of two and more Latin letters that are neither known nor names of something."""
    for pattern in PASSED:
        text = re.sub(pattern, " ", text)
    return set(re.findall(r"[A-Za-z]{2,}", text)) - KNOWN_WORDS


def test_the_sweep_finds_a_word_left_in_english_and_passes_names() -> None:
    assert english("点击 Submit 提交") == {"Submit"}
    assert english("导出 Excel：汇总表.xlsx，编号 SJ26010000，运行 xiaobao run --period 2026H1") == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_drawn_behind_a_firewall_that_drops_packets(
    hanging_page: Page, traffic: Any, served: Any, name: str, axe: Callable[[Page], list[str]]
) -> None:
    """At 1366 × 768; it asks nothing of others, says nothing in English, keeps nobody out, scrolls one way only."""
    hanging_page.set_viewport_size({"width": 1366, "height": 768})
    hanging_page.goto(served.at(name))
    expect(hanging_page.locator("#loading")).to_have_count(0, timeout=SECONDS)
    expect(hanging_page.locator("body")).to_contain_text("青禾", timeout=SECONDS)
    expect(hanging_page.locator("body")).not_to_contain_text("Loading widget", timeout=SECONDS)
    shown = hanging_page.locator(".xb-board, .xb-view, .xf-tables, .xf-item, .xd-body")
    expect(shown.first).to_be_visible(timeout=SECONDS)
    traffic.assert_clean()
    hanging_page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    expect(hanging_page.locator("body")).not_to_contain_text("Loading widget", timeout=SECONDS)  # of what lay folded
    assert english(hanging_page.inner_text("body")) == set()
    assert axe(hanging_page) == []
    assert hanging_page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_analysts_bench_opens_as_a_page_with_its_tables_and_writes_a_check(
    page: Page, traffic: Any, served: Any, inspected: Workbench
) -> None:
    """Code heads and figures of libraries stand there: no sweep for English, no axe."""
    page.goto(served.at("explore"))
    expect(page.locator("#loading")).to_have_count(0, timeout=SECONDS)
    expect(page.locator("table.dataframe").first).to_be_visible(timeout=SECONDS)
    page.get_by_placeholder("如 complaint_unanswered").fill("undecided")
    page.get_by_placeholder("什么有疑问").fill("投诉没有登记处理决定日期")
    page.get_by_role("button", name="写出检查").click()
    expect(page.get_by_text("xiaobao checks publish undecided")).to_be_visible(timeout=SECONDS)
    assert '"title": "投诉没有登记处理决定日期"' in (inspected.home / "checks" / "undecided.py").read_text("utf-8")
    traffic.assert_clean()


@pytest.mark.parametrize("name", ["overview", "6_scorecard", "head_office"])
def test_a_readers_page_keeps_nobody_out_fits_its_screen_and_prints_its_numbers(
    page: Page, axe: Callable[[Page], list[str]], served: Any, name: str
) -> None:
    drawn(page, served, name, f"period={PERIOD}")
    for width in (390, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=SECONDS)
    first = "" if name == "overview" else page.locator(".xb-view .side").first.inner_text()
    on_paper = printed(page)
    said = "".join(on_paper)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert axe(page) == []
    if name != "overview":  # its board is drawn anew for paper
        assert [number for number in re.findall(r"\d+(?:\.\d+)?", first) if number not in said] == []
    else:
        table = page.locator(".on-paper").first.evaluate("one => one.textContent")
        assert [number for number in re.findall(r"\d+\.\d\d", table) if number not in said] == []
    assert all(f"第{place}" in text for place, text in enumerate(on_paper, 1))


def test_a_slider_lists_every_score_that_it_changes_and_back_again(
    page: Page, traffic: Any, served: Any, inspected: Workbench
) -> None:
    drawn(page, served, "head_office", f"period={PERIOD}")
    board = page.locator(".xb-sliders")
    slider = board.locator("input[name=complaints]")
    weight = slider.input_value()
    assert "试算权重" not in "".join(printed(page))  # nothing was tried: no sheet for it
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    expect(board).to_contain_text("家机构得分有变", timeout=SECONDS)
    tried = {"complaints": Decimal(slider.input_value())}
    assert tried["complaints"] == Decimal(weight) + 10
    rows = try_weights(inspected, inspected.campaign(PERIOD), tried).rows
    changed = [row for row in rows if row.before != row.after]
    assert changed
    expect(board).to_contain_text(f"{len(changed)} 家机构得分有变", timeout=SECONDS)
    for row in changed:
        expect(board.locator("tr", has_text=f"（{row.unit}）")).to_contain_text(f"{row.before} → {row.after}")
    on_paper = "".join(printed(page))
    assert f"{len(changed)}家机构得分有变" in on_paper[on_paper.index("试算权重") :]
    board.get_by_role("button", name="恢复原权重").click()
    expect(board).to_contain_text("移动滑块", timeout=SECONDS)
    assert slider.input_value() == weight
    assert "试算权重" not in "".join(printed(page))
    traffic.assert_clean()


REST_SOON = """document.addEventListener("DOMContentLoaded", () => {
  const told = document.getElementById("jupyter-config-data"), config = JSON.parse(told.textContent);
  config.xiaobao.rest = 2;
  told.textContent = JSON.stringify(config);
})"""


@pytest.mark.long
def test_a_page_that_only_shows_gives_its_kernel_back_and_wakes_where_it_is_asked(
    page: Page, traffic: Any, served: Any
) -> None:
    """The sliders answer as before; nothing is loaded anew."""

    def given_back(asked: Request) -> bool:
        return "/api/shutdown/" in asked.url

    page.add_init_script(REST_SOON)
    with page.expect_event("requestfinished", given_back, timeout=SECONDS) as told:
        drawn(page, served, "head_office", f"period={PERIOD}")
    kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    assert told.value.url.endswith(kernel)
    page.wait_for_function("'xbResting' in document.documentElement.dataset", timeout=SECONDS)
    page.evaluate("window.before = document")
    board = page.locator(".xb-sliders")
    slider = board.locator("input[name=complaints]")
    weight = slider.input_value()
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    expect(board).to_contain_text("家机构得分有变", timeout=SECONDS)
    board.get_by_role("button", name="恢复原权重").click()
    expect(board).to_contain_text("移动滑块", timeout=SECONDS)
    assert slider.input_value() == weight
    assert page.evaluate("window.before === document"), "the page was loaded anew"
    traffic.assert_clean()


def test_pages_are_in_chinese_and_say_so(page: Page, served: Any) -> None:
    text = drawn(page, served, "6_scorecard", f"period={PERIOD}")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert not [word for word in ("Error", "None", "nan", "Traceback", "undefined", "NaN") if word in text]


def test_an_address_of_an_unknown_unit_is_answered_in_chinese(page: Page, served: Any) -> None:
    page.goto(served.at("6_scorecard", f"unit=ZZZ&period={PERIOD}"))
    expect(page.locator(".xb-error.xb-told")).to_contain_text("没有这个被检查机构", timeout=SECONDS)  # grey, not red
    assert "Traceback" not in page.inner_text("body")
    page.locator(".xb-onward a", has_text="得分表").click()
    expect(page.locator(".xb-view").first).to_contain_text(f"{PERIOD} 考评得分表", timeout=SECONDS)


def test_a_unit_is_searched_by_name_number_or_initials_and_opened_by_keys_alone(page: Page) -> None:
    """The script of the page over the form that the card draws, of more units than the workspace of this file has."""
    names = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "望江分行")
    units = tuple(Choice(value=f"02000{place}", title=name) for place, name in enumerate(names))
    around = Around(period=PERIOD, periods=(), units=units, initials={"望江分行": "wjfh"})
    form = Picker(page="6_scorecard", around=around, unit=Unit(id="020000", name="甲", level="branch")).html()
    script = (JUPYTER / "voila/templates/xiaobao/early.js").read_text("utf-8")
    page.set_content(f"<div id=rendered_cells>{form}</div><script>{script}</script><script>xiaobaoShow()</script>")
    page.evaluate("() => { document.forms[0].onsubmit = () => { document.title = 'asked'; return false; }; }")
    field, listed = page.get_by_label("查找机构"), page.locator("select[name=unit]")
    for words in ("wjfh", "020007", "望江"):
        field.fill(words)
        expect(listed.locator("option")).to_have_count(1)
        expect(listed).to_have_value("020007")
    field.fill("zzzz")
    expect(page.locator(".pick")).to_contain_text("没有符合的机构")
    expect(listed).to_have_value("020007")
    field.fill("WJ")
    field.press("Enter")
    assert (page.title(), listed.input_value()) == ("asked", "020007")


def words_of(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:  # it has ended meanwhile
        return []


def test_pages_run_on_kernels_that_are_forked_from_one_process_of_the_server(page: Page, served: Any) -> None:
    """Other units, other addresses: still the same zygote, or every page would wait for a new one."""
    zygotes = set()
    for name, query in (("overview", ""), ("6_scorecard", f"period={PERIOD}")):
        drawn(page, served, name, query)
        (server,) = [
            p for p in psutil.process_iter(["cmdline"]) if f"--port={served.port}" in (p.info["cmdline"] or ())
        ]
        below = {
            child for child in server.children() if "xiaobao.engine.zygote" in child.cmdline() and child.children()
        }
        assert len(below) == 1
        zygotes |= below
    assert len(zygotes) == 1


def test_serving_ends_whole_when_it_is_terminated_and_refuses_a_taken_port(seeded_workspace: Path) -> None:
    port = free_port()
    words = [sys.executable, "-c", "from xiaobao.cli import main; main()", "serve", "--port", str(port)]
    home = {**os.environ, "XIAOBAO_HOME": str(seeded_workspace), "PYTHONPATH": str(ROOT)}
    served = subprocess.Popen(words, env=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + SECONDS / 1000
    while time.monotonic() < deadline and not listening(port):
        time.sleep(0.3)
    again = subprocess.run(words, env=home, capture_output=True, text=True)
    assert again.returncode == 1
    assert "端口已被占用" in again.stderr

    below = psutil.Process(served.pid).children(recursive=True)
    served.send_signal(signal.SIGTERM)
    shown, _ = served.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}/" in shown
    assert served.returncode == 0
    assert psutil.wait_procs(below, timeout=10)[1] == []


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

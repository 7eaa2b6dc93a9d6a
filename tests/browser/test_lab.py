"""The pages in JupyterLab: run when opened, no code in sight, scrolled, answered by keys, handed in, decided."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import free_port
from tests.browser.test_real_pages import PAGES, english
from tests.factories.inspections import DOMAIN, OTHER, PERIOD, UNIT, raise_two_leads, tiny_workspace, workbench
from xiaobao.workbench.inspections import filling

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WAIT = 90_000
PLAIN_ITEMS = 12
UP_SECONDS = 90


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("lab") / "bank", PLAIN_ITEMS)
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, home / "notebooks")
    bench = workbench(home)
    raise_two_leads(bench)
    bench.store.close()
    return home


@pytest.fixture(scope="module")
def lab(home: Path) -> Iterator[str]:
    """JupyterLab over the workspace's notebooks, which are trusted, as `make lab` starts it."""
    port, log = free_port(), home / "lab.log"
    place = home / "jupyter"
    environment = {
        **os.environ,
        "XIAOBAO_HOME": str(home),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
        "PYTHONPATH": str(NOTEBOOKS.parent),
    }
    run = [sys.executable, "-m"]
    books = sorted(str(path) for path in (home / "notebooks").glob("*.ipynb"))
    subprocess.run([*run, "jupyter", "trust", *books], env=environment, check=True, capture_output=True)
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0"]
    options += ["--IdentityProvider.token=", "--LabApp.extension_manager=readonly", str(home / "notebooks")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*run, "jupyter", "lab", *options], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    until = time.monotonic() + UP_SECONDS
    while time.monotonic() < until:
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
            break
        assert process.poll() is None, log.read_text("utf-8")
        time.sleep(0.3)
    yield f"http://127.0.0.1:{port}/lab/tree"
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()


def test_a_sheet_is_filled_and_handed_in_by_keys_in_jupyterlab(lab: str, desk: Page, home: Path) -> None:
    """It runs by itself, on the open campaign and my unit; the wheel scrolls it; a key answers what is seen."""
    desk.goto(f"{lab}/fill.ipynb?reset")
    first = desk.locator(".xf-item").first
    expect(first).to_be_visible(timeout=WAIT)
    expect(desk.locator(".jp-CodeCell .jp-Cell-inputWrapper >> visible=true")).to_have_count(0)
    scroller = desk.locator(".jp-WindowedPanel-outer")
    root = desk.locator(".xf")
    assert scroller.evaluate("box => box.scrollWidth <= box.clientWidth"), "nothing is cut at the right"
    expect(root.locator("select[name=unit] option:checked")).to_contain_text(UNIT)
    desk.mouse.move(900, 600)
    desk.mouse.wheel(0, 900)
    desk.wait_for_function("document.querySelector('.jp-WindowedPanel-outer').scrollTop > 500")
    expect(desk.locator(".xf-header")).to_be_in_viewport()

    cells = desk.locator(".jp-Cell").count()
    first.click(position={"x": 8, "y": 8})
    for _ in range(PLAIN_ITEMS):
        expect(desk.locator(".xf-current")).to_be_in_viewport()
        desk.keyboard.press("1")
    expect(desk.locator(".xf-save")).to_have_text(re.compile("^已保存"), timeout=WAIT)
    assert desk.locator(".jp-Cell").count() == cells, "JupyterLab took no key for itself"
    bench = workbench(home)
    form = filling.open_form(bench, UNIT, PERIOD, DOMAIN)
    assert sum(entry.answered for entry in form.items.values()) == PLAIN_ITEMS
    bench.store.close()

    desk.get_by_role("button", name="提交", exact=True).click()
    dialog = desk.locator("dialog.xf-dialog")
    expect(dialog).to_contain_text("还不能提交")
    dialog.locator("button.xf-link").first.click()
    expect(dialog).to_have_count(0)
    expect(desk.locator(".xf-current")).to_be_in_viewport()


def test_leads_are_answered_in_jupyterlab(lab: str, desk: Page, home: Path) -> None:
    desk.goto(f"{lab}/leads.ipynb?reset")
    row = desk.locator(".xf-table tbody tr").first
    expect(row).to_be_visible(timeout=WAIT)
    row.locator("select").first.select_option(label="属实")
    row.locator("textarea").first.fill("系经办人漏登")
    desk.keyboard.press("Control+s")
    expect(desk.locator(".xf-save")).to_have_text(re.compile("^已保存"), timeout=WAIT)
    bench = workbench(home)
    told = [one.answer_note for one in bench.store.decisions(bench.campaign(PERIOD).id).values()]
    assert told == ["系经办人漏登"]
    bench.store.close()


def test_links_and_pickers_lead_from_page_to_page_in_jupyterlab(lab: str, desk: Page) -> None:
    """What an address, a link or a picker asks for reaches the page's kernel; no notebook is fetched as a file."""
    shown = desk.locator(".jp-NotebookPanel.xiaobao-page:not(.lm-mod-hidden)")
    desk.goto(f"{lab}/6_scorecard.ipynb?period={PERIOD}&unit={OTHER}")
    card = shown.locator(".xb-view h2").first
    expect(card).to_contain_text(f"（{OTHER}） · {PERIOD}", timeout=WAIT)
    shown.locator("form.pick select[name=unit]").select_option(UNIT)
    shown.locator("form.pick button").click()
    expect(card).to_contain_text(f"（{UNIT}） · {PERIOD}", timeout=WAIT)
    shown.get_by_role("link", name="全部机构").click()
    expect(desk).to_have_url(re.compile(r"/lab/tree/overview\.ipynb$"), timeout=WAIT)
    expect(shown.locator("form.pick")).to_be_visible(timeout=WAIT)
    expect(desk.get_by_role("tab", name="6_scorecard.ipynb")).to_have_count(1)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_page_of_the_menu_runs_by_itself_in_jupyterlab(lab: str, desk: Page, home: Path) -> None:
    """Opened, it has run on our kernel, shows no code and no error, is read in Chinese, is not cut and is scrolled."""
    for name in PAGES:
        desk.goto(f"{lab}/{name}.ipynb?reset")
        panel = desk.locator(".jp-NotebookPanel.xiaobao-page")
        expect(panel).to_be_visible(timeout=WAIT)
        expect(panel.locator(".jp-OutputArea-output").last).to_be_visible(timeout=WAIT)
        expect(desk.locator("#jp-main-statusbar")).to_contain_text("消保自查（快速内核） | 空闲", timeout=WAIT)
        expect(panel.locator(".jp-CodeCell .jp-Cell-inputWrapper >> visible=true")).to_have_count(0)
        expect(panel).not_to_contain_text("Traceback")  # what is not there yet is told in one Chinese line
        assert english(panel.inner_text()) == set(), name
        scroller = panel.locator(".jp-WindowedPanel-outer")
        assert scroller.evaluate("box => box.scrollWidth <= box.clientWidth"), name
        if folder := os.environ.get("XIAOBAO_PICTURES"):
            desk.screenshot(path=Path(folder) / f"lab-{name}.png")
        if scroller.evaluate("box => box.scrollHeight > box.clientHeight + 50"):
            desk.mouse.move(900, 600)
            desk.mouse.wheel(0, 400)
            desk.wait_for_function("document.querySelector('.jp-WindowedPanel-outer').scrollTop > 0", timeout=WAIT)

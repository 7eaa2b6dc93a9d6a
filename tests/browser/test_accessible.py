"""Pages as axe-core reads them: nothing moderate, serious or critical, with every fold open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.test_static_overview import write_pages

Axe = Callable[[Page], list[str]]
FAULTY = "<html lang='zh-CN'><head><title>x</title></head><body><main><h1>x</h1>{}</main></body></html>"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<button></button>", "critical: button-name"),
        ("<p style='color:#bbb;background:#fff'>看不清</p>", "serious: color-contrast"),
        ("<h3>跳了一级</h3>", "moderate: heading-order"),
    ],
)
def test_a_fault_is_named_with_its_element_and_why(page: Page, axe: Axe, body: str, rule: str) -> None:
    page.set_content(FAULTY.format(body))
    [fault] = axe(page)
    assert fault.startswith(rule)
    page.set_content(FAULTY.format("<p>都好</p>"))
    assert axe(page) == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("axe"), 12)


@pytest.mark.parametrize("width", [390, 1366])
def test_static_pages_keep_nobody_out(page: Page, axe: Axe, shared: Path, width: int) -> None:
    page.context.unroute_all(behavior="ignoreErrors")
    page.set_viewport_size({"width": width, "height": 800})
    for path in (shared, next(shared.parent.glob("*/scorecard.html"))):
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert axe(page) == []

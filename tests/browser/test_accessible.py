"""Pages as axe-core reads them: nothing moderate, serious or critical, with every fold open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

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

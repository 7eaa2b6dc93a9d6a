"""Whatever is killed while somebody fills a form: nothing that was called saved is lost, and what was typed comes back.

Four blows in `make test`, a hundred in `make soak`.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.soak.forms import Tally, at_work, bench, blow

FOUR = ("kernel", "browser", "kernel", "server")


def killed(playwright: Playwright, folder: Path, blows: list[str], capsys: pytest.CaptureFixture[str]) -> Tally:
    tally, chance = Tally(), random.Random(20261129)
    with at_work(playwright, folder) as (server, desk):
        wb = bench(server.home)
        for number, kind in enumerate(blows):
            blow(kind, server, desk, wb, chance, number, tally)
        assert wb.store.verify() == []
        wb.store.close()
    with capsys.disabled():
        print(f"\n{tally.line()}")
    return tally


def held(tally: Tally) -> None:
    assert tally.lost == []
    assert tally.back >= 0.95 * tally.typed


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_four_kills_lose_nothing_that_was_called_saved(
    playwright: Playwright, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held(killed(playwright, tmp_path, list(FOUR), capsys))


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.timeout(3600)
def test_a_hundred_kills_lose_nothing_that_was_called_saved(
    playwright: Playwright, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = ["kernel"] * 34 + ["server"] * 33 + ["browser"] * 33
    random.Random(1129).shuffle(kinds)
    held(killed(playwright, tmp_path, kinds, capsys))

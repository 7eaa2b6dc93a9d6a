"""400 forms opened by 400 people, each answered once; then 40 come back and work. The server keeps 80 awake at most.

Forms by XIAOBAO_FORMS, of which a fifth stays awake and a tenth comes back; 400 in `make soak`. Printed: memory of the
server's whole tree (PSS, what processes share counts once), and how soon a resting form has stored its next answer.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.forms import ANSWERS, bank, many_forms
from tests.browser.conftest import serving
from tests.factories.inspections import DOMAIN, PERIOD, workbench

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(5400)]
FORMS = int(os.environ.get("XIAOBAO_FORMS", "400"))
AWAKE, BACK = max(FORMS // 5, 1), max(FORMS // 10, 1)
GIGABYTES, SECONDS = 6.0, 2.0


def test_many_forms_rest_and_wake_in_time_within_a_small_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, numbers = bank(tmp_path, ANSWERS, FORMS, AWAKE)
    with serving(home / "notebooks", home, home / "voila.log", people=True) as served, capsys.disabled():
        found = many_forms(served, numbers, BACK)
        print(found)
    assert found["at_rest"] >= FORMS - AWAKE
    assert found["active"] == BACK
    assert found["peak_GB"] < GIGABYTES
    assert found["awake_s"]["median"] <= SECONDS
    wb = workbench(home)
    campaign = wb.campaign(PERIOD)
    answered = {
        one.unit: len(wb.store.responses(one.id)) for one in wb.store.inspections(campaign.id) if one.domain == DOMAIN
    }
    assert len([unit for unit, count in answered.items() if count]) == FORMS
    assert sum(answered.values()) == FORMS + BACK + found["saves"]
    wb.store.close()

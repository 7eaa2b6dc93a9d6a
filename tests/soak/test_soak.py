"""Whatever is killed at whatever moment: nothing torn, nothing lost, and `verify` clean after the next command.

A blow at each work in `make test`; `make soak` gives fifty (`XIAOBAO_SOAK=50`).
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.soak.killing import soak
from tests.soak.works import WORKS

BLOWS = int(os.environ.get("XIAOBAO_SOAK", "3"))

pytestmark = pytest.mark.timeout(3600 if BLOWS > 10 else 900)


@pytest.mark.parametrize("name", WORKS)
def test_a_kill_at_any_moment_tears_nothing_and_loses_nothing(
    name: str, seeded_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, share = WORKS[name]
    home = tmp_path / "bank"
    shutil.copytree(seeded_workspace, home)
    kills = max(round(BLOWS * share / 10), 1)
    tally = soak(make(), home, kills, random.Random(f"20261128 {name}"))
    assert tally.kills == kills
    with capsys.disabled():
        print(f"\n{tally.line()}")

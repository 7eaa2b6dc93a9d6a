"""Every decision says since when it stands and what holds it, and what holds it is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTES = re.split(r"\n\n(?=\*\*)", (ROOT / "docs" / "decisions.md").read_text("utf-8").split("\n## ", 1)[1])
_FOOT = re.compile(r"— \d{4}-\d{2}-\d{2}; held by (tests/[\w/]+\.py|the import contract|`make lint`)$", re.MULTILINE)


@pytest.mark.parametrize("note", [note for note in NOTES if "**" in note], ids=lambda note: note[:40])
def test_a_decision_is_dated_and_held(note: str) -> None:
    [held] = _FOOT.findall(note)
    assert not held.startswith("tests/") or (ROOT / held).is_file()

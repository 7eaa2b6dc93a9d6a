"""Every decision says since when it stands and what holds it, and what holds it is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (ROOT / "docs" / "decisions.md").read_text("utf-8").split("\n## ")[1:]
NOTES = [note.strip() for room in ROOMS for note in room.partition("\n")[2].strip().split("\n\n")]
_FOOT = re.compile(r"— \d{4}-\d{2}-\d{2}; held by (tests/[\w/]+\.py|the import contract|`make lint`)$")


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note[:40])
def test_a_decision_has_a_name_a_date_and_what_holds_it(note: str) -> None:
    """Whatever stands in the file below the head of a room: no line may stand there without a note around it."""
    assert re.match(r"\*\*[^*]+\*\*", note)
    held = _FOOT.findall(note)[0]
    assert not held.startswith("tests/") or (ROOT / held).is_file()

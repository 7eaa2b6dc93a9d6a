"""What was released stays as it was: banks have inspections on it. A change is a new version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xiaobao.checklist.canonical import sha256
from xiaobao.workbench.versions.publishing import read_drafts

CHECKLISTS = Path(__file__).parents[1] / "checklists"


@pytest.fixture(scope="module")
def shipped() -> dict[str, str]:
    drafts = read_drafts(CHECKLISTS)
    return {f"{one.id} {one.version}": sha256(one) for one in (*drafts.checklists, *drafts.schemes)}


def test_no_released_version_changed_in_place(shipped: dict[str, str]) -> None:
    """To change a sheet or scheme, raise its version. The hashes are never edited by hand."""
    released = json.loads((CHECKLISTS / "released.json").read_text("utf-8"))
    changed = {name: sha for name, sha in shipped.items() if released.get(name, sha) != sha}
    assert changed == {}


def test_every_version_that_is_shipped_is_fixed(shipped: dict[str, str]) -> None:
    """`make reference` adds the hash of a new version."""
    released = json.loads((CHECKLISTS / "released.json").read_text("utf-8"))
    assert sorted(set(shipped) - set(released)) == []


def test_one_changed_word_changes_the_hash(shipped: dict[str, str], tmp_path: Path) -> None:
    [source] = CHECKLISTS.glob("training-*.yaml")
    for name in ("regulations.yaml", source.name):
        (tmp_path / name).write_text((CHECKLISTS / name).read_text("utf-8"), "utf-8")
    text = source.read_text("utf-8")
    title = text.split("title: ", 1)[1].split("\n", 1)[0]
    (tmp_path / source.name).write_text(text.replace(f"title: {title}", f"title: {title}（改）", 1), "utf-8")
    [sheet] = read_drafts(tmp_path).checklists
    assert sha256(sheet) not in shipped.values()

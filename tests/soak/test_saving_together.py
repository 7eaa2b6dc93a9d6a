"""Eight people save in the same sheet at once: every answer called saved is there, and nobody is shown a lock."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.factories.inspections import DOMAIN, PERIOD, UNIT, tiny_workspace, workbench
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Actor
from xiaobao.workbench.inspections import filling as inspecting

PEOPLE, SAVES = 8, int(os.environ.get("XIAOBAO_SAVES", "50"))
SHARED = "c-40"
Said = list[tuple[str, int, str]]  # item, revision, note


def _fill(home: str, number: int, out: Any) -> None:
    """Save in an item of one's own and, every other time, in the one that all share; tell what was called saved."""
    wb = workbench(Path(home), Actor(name=f"人员{number}", verified=True))
    form = FillForm(wb, PageChoice(unit=UNIT, period=PERIOD, domain=DOMAIN))
    seen: Counter[str] = Counter()
    told: Said = []
    faults: list[str] = []
    for turn in range(SAVES):
        item = SHARED if turn % 2 else f"c-{number:02}"
        note = f"{number}之{turn}"
        while True:
            patch = {"conclusion": "compliant", "note": note, "revision": seen[item]}
            answer: Any = form.reply({"type": "save", "items": {item: patch}})
            faults += [str(fault) for fault in answer.get("faults") or ()]
            if stale := answer.get("stale", {}).get(item):
                seen[item] = stale["saved"]["revision"]  # he sees both and keeps his own
                continue
            saved = answer["saved"][item]
            break
        seen[item] = saved["revision"]
        told.append((item, saved["revision"], saved["note"]))
    wb.store.close()
    out.put((told, faults))


def save_together(folder: Path) -> None:
    home = tiny_workspace(folder / "bank", 40)
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    people = [context.Process(target=_fill, args=(str(home), number, out)) for number in range(1, PEOPLE + 1)]
    for one in people:
        one.start()
    found: list[tuple[Said, list[str]]] = [out.get(timeout=1700) for _ in people]
    for one in people:
        one.join()
    assert [fault for _, faults in found for fault in faults] == []
    told = [one for said, _ in found for one in said]
    assert len(told) == PEOPLE * SAVES
    revisions = Counter((item, revision) for item, revision, _ in told)
    assert max(revisions.values()) == 1  # no two were told that the same revision is theirs
    wb = workbench(home)
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    last = {item: (revision, note) for item, revision, note in sorted(told, key=lambda one: one[1])}
    kept = {item: (form.items[item].response.revision, form.items[item].response.note) for item in last}
    assert kept == last
    assert last[SHARED][0] == PEOPLE * (SAVES // 2)
    assert wb.store.verify() == []
    wb.store.close()


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_eight_people_save_fifty_times_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    save_together(tmp_path)

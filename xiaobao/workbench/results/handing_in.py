"""提交即固定: what a sheet rests on from its hand-in on. After that only a named act moves its result.

Kept are the unit as it was, the day, the policies, the digests of evidence and of the data; the partitions themselves
are kept beside, where nothing is written over. Answers cannot change while a sheet is handed in, sheets and schemes
never do. Decisions on leads, vetoes and the review stay named acts: they are laid over what is kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, WorkspaceError, machine_words
from xiaobao.labels import HANDED_IN
from xiaobao.model import Extract, to_compact
from xiaobao.paper.frozen import with_extracts
from xiaobao.store.models import EvidenceDigest, HandedIn, InspectionRecord
from xiaobao.workbench.results.freezing import Freezer, kept_paper
from xiaobao.workbench.workspace import Workbench

KEPT = Path("data", "handed_in")
# What other records hold for good, and what named acts may change after the hand-in.
_ELSEWHERE: Mapping[str, Any] = {"checklist": {}, "scheme": {}, "responses": (), "own": None, "root": ""}
_BY_ACTS: Mapping[str, Any] = {"decisions": (), "vetoes": (), "reviews": (), "reviewed": False, "handed_in": True}


def keep_inputs(freezer: Freezer, record: InspectionRecord) -> HandedIn:
    """Return what a sheet rests on if it is handed in now; its partitions are kept from this moment on.

    Raises WorkspaceError where they cannot be kept, InputError where they are lost or were altered.
    """
    wb = freezer.wb
    units = freezer.once("units", lambda: wb.units(freezer.campaign.period))
    paper = freezer.live_paper(units[record.unit], record.domain)
    paper = with_extracts(paper, lambda extract: _kept(wb.home, extract))
    answers = wb.store.responses(record.id)
    return HandedIn(
        day=wb.today,
        frozen=to_compact(replace(paper, **_ELSEWHERE, **_BY_ACTS)),
        answers={name: answers[name].revision for name in sorted(answers)},
        evidence=tuple(EvidenceDigest(item_id=e.item_id, sha256=e.sha256) for e in wb.store.evidence(record.id)),
    )


def kept_extracts(kept: HandedIn) -> tuple[Extract, ...]:
    """Return every extract that a hand-in rests on, those of the ledger's statistics included."""
    found: list[Extract] = []

    def note(extract: Extract) -> Extract:
        found.append(extract)
        return extract

    with_extracts(kept_paper(kept, {}, {}), note)
    return tuple(found)


def keep_outstanding(freezer: Freezer) -> int:
    """Keep the inputs of sheets that were handed in before xiaobao kept them. Returns how many.

    Called before new data come in, and by every run. A sheet whose data are lost or damaged is left out: there is
    nothing to keep, and its paper fails by name.
    """
    store, campaign = freezer.wb.store, freezer.campaign
    waiting = [one for one in store.inspections(campaign.id) if one.state in HANDED_IN]
    known = store.handed_in(campaign.id) if waiting else {}
    missing = [one for one in waiting if (one.unit, one.domain) not in known]
    if missing:
        kept = {}
        for one in missing:
            with suppress(InputError):
                kept[one.id] = keep_inputs(freezer, one)
        with freezer.wb.writing("papers.run") as tx:
            for number, inputs in kept.items():
                tx.hand_in(number, inputs)
    return len(missing)


def keep_before_import(wb: Workbench) -> None:
    """Keep what sheets rest on that were handed in before xiaobao kept it, while the data are still what they were."""
    for campaign in wb.store.campaigns():
        if any(one.state in HANDED_IN for one in wb.store.inspections(campaign.id)):
            keep_outstanding(Freezer(wb, campaign))


def _kept(home: Path, extract: Extract) -> Extract:
    """Give a partition a second name by its digest. Files are replaced, never written into, so a link is enough."""
    place = KEPT / extract.sha256[:2] / f"{extract.sha256}.parquet"
    target = home / place
    if not target.is_file():
        if not (home / extract.path).is_file():
            raise InputError(Fault("分机构数据文件丢失，请先重新运行", file=extract.path))
        try:
            _link(home / extract.path, target)
        except OSError as error:
            message = f"不能固定提交时的数据：{machine_words(error)}，没有提交"
            raise WorkspaceError(Fault(message, file=str(error.filename or target))) from error
        if hashlib.sha256(target.read_bytes()).hexdigest() != extract.sha256:
            target.unlink()
            raise InputError(Fault("分机构数据文件已被改动，请先重新运行", file=extract.path))
    return replace(extract, path=place.as_posix())


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:  # a place without hard links
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(source, draft)
        draft.replace(target)

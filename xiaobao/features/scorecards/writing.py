"""Writing the pages of a campaign into its folder, and only those whose content changed; nothing of it is in the store.

What a page was made from is kept as a digest of its content without the moment, in a hidden file beside: pages are
files that anybody may delete or copy, and one that is lost costs a rewrite and no migration.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from xiaobao import files
from xiaobao.errors import XiaobaoError
from xiaobao.features.scorecards.composing import compose, moment_of
from xiaobao.features.scorecards.gathering import cards, gather_campaign
from xiaobao.features.scorecards.packing import Pack
from xiaobao.features.scorecards.unit_page import MADE
from xiaobao.model import Period, Value, canonical_json, from_json, to_plain
from xiaobao.pages.initials import initials
from xiaobao.store.models import Campaign
from xiaobao.workbench.places import campaign_folder, initials_path
from xiaobao.workbench.results.movements import MOVES_NOTHING
from xiaobao.workbench.workspace import Workbench

STATE, LOCK = ".scorecards.json", ".scorecards.lock"
_WAIT_SECONDS = 30
_MOST_PERIODS = 8
_FORM = "7"  # of pages: raise it when what they look like changes


class PagesRecord(Value):
    """What the hidden file keeps: up to which event and day the pages tell, what each was made from, and the lines."""

    form: str
    seq: int
    day: date
    digests: Mapping[str, str]
    pack: Pack


@dataclass(kw_only=True)
class Written:
    """What a round of writing did."""

    written: int = 0
    kept: int = 0
    removed: int = 0
    folders: list[Path] = field(default_factory=list)

    def text(self) -> str:
        """Say it in one line for the terminal and the log."""
        gone = f"，删去 {self.removed} 页" if self.removed else ""
        return f"静态得分页：写出 {self.written} 页，未变化 {self.kept} 页{gone}"


def renew(wb: Workbench, campaign: Campaign | None = None) -> Written:
    """Write the pages of a campaign, or of every campaign that has results and moved on; those that changed only."""
    done = Written()
    for one in [campaign] if campaign else [one for one in _in_order(wb) if _moved_on(wb, one)]:
        _round(wb, one, done)
    return done


def renew_written(wb: Workbench) -> Written:
    """Bring pages up to date that were written before, and only those: after a command that may have moved them."""
    done = Written()
    for campaign in _in_order(wb):
        if read_kept(campaign_folder(wb.home, campaign)) is not None and _moved_on(wb, campaign):
            _round(wb, campaign, done)
    return done


def _round(wb: Workbench, campaign: Campaign, done: Written) -> None:
    folder = campaign_folder(wb.home, campaign)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=_WAIT_SECONDS):
            write_pages(wb, campaign, done)
    except Timeout:  # another round is at it; what came since is seen by the next
        return


def _in_order(wb: Workbench) -> list[Campaign]:
    """Return the campaigns with cards, oldest period first: a page shows what was before."""
    found = [one for one in wb.store.campaigns() if wb.store.units_with_card(one.id)]
    return sorted(found, key=lambda one: (Period.parse(one.period).end, one.id))


def _moved_on(wb: Workbench, campaign: Campaign) -> bool:
    kept = read_kept(campaign_folder(wb.home, campaign))
    if kept is None or kept.form != _FORM or kept.day != wb.as_of(campaign.period):  # what is overdue goes by the day
        return True
    return wb.store.newest_event(kept.seq, MOVES_NOTHING) > 0


def read_kept(folder: Path) -> PagesRecord | None:
    """Return what is kept beside a campaign's pages, None where there is nothing or it cannot be read."""
    try:
        return from_json(PagesRecord, (folder / STATE).read_text("utf-8"))
    except (OSError, ValueError, XiaobaoError):
        return None


def write_pages(wb: Workbench, campaign: Campaign, done: Written) -> None:
    """Write one campaign's pages: a light page a unit, an overview of each subtree, that of the bank."""
    folder = campaign_folder(wb.home, campaign)
    before = read_kept(folder)
    events = wb.store.events(1)
    book = gather_campaign(wb, campaign)
    pages = _Pages(folder, before, done, moment_of(book))
    own = compose(book, cards(wb, campaign), [one.pack for one in _earlier(wb, campaign)], pages.put)
    pages.sweep()
    kept = PagesRecord(form=_FORM, seq=events[0].seq if events else 0, day=book.as_of, digests=pages.digests, pack=own)
    files.write_text(folder / STATE, canonical_json(to_plain(kept)).replace(MADE, pages.moment), durable=False)
    letters = {one.name: initials(one.name) for one in book.units.values()}
    files.write_text(initials_path(wb.home, campaign), json.dumps(letters, ensure_ascii=False), durable=False)
    done.folders.append(folder)


class _Pages:
    """Puts pages where they belong; one whose content is what it was stays as it is, moment and all."""

    def __init__(self, folder: Path, before: PagesRecord | None, done: Written, moment: str) -> None:
        self._folder, self._done, self.moment = folder, done, moment
        self._before = before.digests if before and before.form == _FORM else {}
        self.digests: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)
        files.probe_room(folder)

    def put(self, name: str, page: str) -> None:
        digest = hashlib.sha256(page.encode()).hexdigest()[:24]
        self.digests[name] = digest
        place = self._folder / name
        if self._before.get(name) == digest and place.is_file():
            self._done.kept += 1
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(place, page.replace(MADE, self.moment), durable=False)
        self._done.written += 1

    def sweep(self) -> None:
        """Take away pages of units that are no longer in the campaign: what is stale must not lie about."""
        for name in self._before.keys() - self.digests.keys():
            (self._folder / name).unlink(missing_ok=True)
            self._done.removed += 1


def _earlier(wb: Workbench, campaign: Campaign) -> list[PagesRecord]:
    """Return what is kept of earlier campaigns, newest first; their pages are written before where they are not."""
    past = [one for one in _in_order(wb) if one.id != campaign.id and _ends(one) <= _ends(campaign)]
    found = []
    for one in reversed(past[-_MOST_PERIODS:]):
        kept = read_kept(campaign_folder(wb.home, one))
        if kept is not None and kept.form == _FORM:
            found.append(kept)
    return found


def _ends(campaign: Campaign) -> date:
    return Period.parse(campaign.period).end

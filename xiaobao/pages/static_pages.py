"""Giving out the static scorecards that a batch wrote: after the rights check, compressed, never from another's cache.

A page is looked for where it was written and nowhere else; who may not see its whole subtree gets a sentence.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import hashlib
import os
import re
import subprocess
import sys
import threading
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import tornado.web
from jupyter_server.utils import url_path_join

from xiaobao.errors import NotAllowed, XiaobaoError
from xiaobao.model import Actor, Period
from xiaobao.pages.gate import refusal
from xiaobao.pages.identity import SignedIn
from xiaobao.store.models import Campaign
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.results.movements import MOVES_NOTHING
from xiaobao.workbench.units import units_below

if TYPE_CHECKING:
    from xiaobao.workbench.permitting import Sight
    from xiaobao.workbench.workspace import Workbench

_GIVES_WAY = 5  # niceness: whoever fills a form goes first, and on a busy machine a page is still anew within a minute
ADDRESS = "scorecards"
OVERVIEW, CARD = "overview.html", "scorecard.html"
_PATH = re.compile(
    r"([0-9A-Za-z-]+(?:\.\.[0-9-]+)?)/批次([0-9]+)/(?:([0-9A-Za-z._-]+)/)?(overview\.html|scorecard\.html)"
)
_NOT_THERE = "这一页还没有生成，或没有这个机构；请先运行 xiaobao run，或从总览打开"
_FOREIGN = "您不能查看这个机构的得分页；只能查看本机构，或权限所及的下级机构"
_TOO_WIDE = "这一页含有您不能查看的机构，请打开本机构的得分页"


class Refused(Exception):
    """A page is not given out: `status` and why, in words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def bench_of(wb: Workbench, user: Any) -> tuple[Workbench, str]:
    """Return the workbench of whoever is signed in, and the one unit of a personal link, "" for everybody else."""
    caller = user.caller if isinstance(user, SignedIn) else None
    if caller is None or not caller.person.login:
        return wb, ""
    actor = Actor(name=caller.person.name, verified=True, login=caller.person.login)
    return dataclasses.replace(wb, actor=actor), caller.session.unit


def find_page(wb: Workbench, path: str, only: str = "") -> Path:
    """Return the file of a page that whoever acts may see. Raises Refused.

    `path` is that below the folder of reports; `only` the unit that somebody with a personal link is confined to.
    """
    asked = _PATH.fullmatch(path)
    campaign = _campaign(wb, asked.group(1), int(asked.group(2))) if asked else None
    if asked is None or campaign is None:
        raise Refused(404, _NOT_THERE)
    unit, name = asked.group(3) or "", asked.group(4)
    _let_see(wb, campaign, unit, name, only)
    place = campaign_folder(wb.home, campaign).joinpath(*filter(None, (unit, name)))
    if not place.is_file():
        raise Refused(404, _NOT_THERE)
    return place


def _campaign(wb: Workbench, period: str, number: int) -> Campaign | None:
    return next((one for one in wb.store.campaigns() if (one.period, one.id) == (period, number)), None)


def _let_see(wb: Workbench, campaign: Campaign, unit: str, name: str, only: str) -> None:
    seen = wb.sight("result.see", campaign)
    if seen.reason:
        raise Refused(403, seen.reason)
    if only and (unit, name) != (only, CARD):
        raise Refused(403, _FOREIGN)
    if seen.everything:
        return
    if not unit or not seen.shows(unit):
        raise Refused(403, _FOREIGN if unit else _TOO_WIDE)
    # A unit's own page names the totals of those right below it.
    if name == OVERVIEW and not _all_seen(wb, campaign, unit, seen):
        raise Refused(403, _TOO_WIDE)


def _all_seen(wb: Workbench, campaign: Campaign, unit: str, seen: Sight) -> bool:
    return all(seen.shows(one) for one in units_below(wb.units(campaign.period), unit))


def first_page(wb: Workbench, unit: str = "", only: str = "") -> str:
    """Return the path of the page that somebody begins with, of the newest campaign that has pages.

    With `unit` it is that unit's page. Raises Refused where there is none, or it may not be seen.
    """
    unit = unit or only
    why = Refused(404, _NOT_THERE)
    campaigns = sorted(wb.store.campaigns(), key=lambda one: (Period.parse(one.period).end, one.id), reverse=True)
    for campaign in campaigns:
        seen = wb.sight("result.see", campaign)
        names = [f"{unit}/{CARD}"] if unit else [OVERVIEW, *_own_pages(wb, campaign, seen)]
        for name in names:
            path = f"{campaign.period}/批次{campaign.id}/{name}"
            try:
                find_page(wb, path, only)
            except Refused as refused:
                why = refused if refused.status == 403 and unit else why
                continue
            return path
    raise why


def _own_pages(wb: Workbench, campaign: Campaign, seen: Sight) -> list[str]:
    """Return the pages of the topmost units that are seen."""
    try:
        units = wb.units(campaign.period)
    except XiaobaoError:
        return []
    tops = [one for one in sorted(seen.units) if one in units and units[one].parent not in seen.units]
    return [f"{one}/{name}" for one in tops for name in (OVERVIEW, CARD)]


class StaticPage(tornado.web.RequestHandler):
    """`/scorecards/…`: one written page; without a path the one that whoever asks begins with."""

    leads_to_login = True

    def initialize(self, workbench: Workbench) -> None:
        self.workbench = workbench

    async def get(self, path: str = "") -> None:
        """Hand out a page to whoever may see its unit, or lead to the first one; a refusal says why in Chinese."""
        wb, only = bench_of(self.workbench, self.current_user)
        try:
            if not path:
                asked = self.get_query_argument("unit", "")[:64]
                found = await asyncio.to_thread(first_page, wb, asked, only)
                self.set_header("Cache-Control", "no-store")
                return self.redirect(url_path_join(self.settings["base_url"], ADDRESS, quote(found)))
            place = await asyncio.to_thread(find_page, wb, path, only)
        except Refused as refused:
            return refusal(self, refused.status, refused.why)
        except NotAllowed as error:
            return refusal(self, 403, str(error))
        return await self._give(place)

    async def _give(self, place: Path) -> None:
        text, packed, tag = await asyncio.to_thread(_newest, place)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-cache")  # kept, and asked for each time: rights change
        self.set_header("Vary", "Accept-Encoding, Cookie")
        self.set_header("ETag", f'"{tag}"')
        if self.check_etag_header():
            self.set_status(304)
            return
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            text = packed
        await self.finish(text)


def _newest(place: Path) -> tuple[bytes, bytes, str]:
    stat = place.stat()
    return _read(place, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _read(place: Path, changed: int, size: int) -> tuple[bytes, bytes, str]:
    text = place.read_bytes()
    return text, gzip.compress(text, 6, mtime=0), hashlib.sha256(text).hexdigest()[:32]


class Renewing:
    """Brings the static pages up to date beside the server, in a process of its own that gives way to every other.

    Answers of open sheets begin no round: they come by thousands while people fill, and enter no page.
    """

    def __init__(self, wb: Workbench) -> None:
        self._wb = wb
        self._seen = 0
        self._day: date | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Begin a round where something happened that a page may show, or the day is another; called ever so often."""
        if self.process is not None:
            return
        newest, day = self._wb.store.newest_event(self._seen, MOVES_NOTHING), self._wb.today
        if not newest and day == self._day:
            return
        self._seen, self._day = max(newest, self._seen), day
        if not any(self._wb.store.units_with_card(one.id) for one in self._wb.store.campaigns()):
            return  # nobody has a score yet: a round would find nothing to write
        self.process = subprocess.Popen([sys.executable, "-m", "xiaobao.pages.static_pages"], stdin=subprocess.DEVNULL)
        os.setpriority(os.PRIO_PROCESS, self.process.pid, _GIVES_WAY)
        threading.Thread(target=self._await, args=(self.process,), daemon=True).start()

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self.process = None

    def stop(self) -> None:
        if (process := self.process) is not None:
            process.terminate()


def main() -> None:
    """Write whatever follows from the results and is behind them, for the workspace that XIAOBAO_HOME names."""
    from xiaobao.feature_list import brought
    from xiaobao.workbench.workspace import open_workbench

    wb = open_workbench(read_only=True)
    try:
        for renew in brought("renews"):
            renew(wb)
    except (XiaobaoError, OSError) as error:
        print(f"静态得分页没有更新：{error}", file=sys.stderr, flush=True)  # noqa: T201  the server's log


if __name__ == "__main__":
    main()

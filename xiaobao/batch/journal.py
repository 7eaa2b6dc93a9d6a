"""The journal of a run: one JSON line an event in the period's folder, for programs and for `xiaobao status`.

Events: `begin` (pid, planned), `paper` (unit, paper, status, seconds, error), `end` (done, failed, skipped, seconds).
`at` is UTC. It tells how a run goes; what is done stands in the store alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from xiaobao.model import RunStatus, utc_now
from xiaobao.store.models import Campaign, RunRecord
from xiaobao.workbench.campaigns import wanted_domains
from xiaobao.workbench.places import SCORECARD, campaign_folder, own_paper, paper_name
from xiaobao.workbench.workspace import Workbench

LOCK = ".lock"
_NAME = "journal.jsonl"


class Journal:
    """Appends events; each is on disk for readers before the next begins."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._path.write_text("", "utf-8")

    def write(self, event: str, **facts: Any) -> None:
        """Append one line, `facts` beside `at` and `event`; they have to be plain JSON. Raises OSError."""
        line = json.dumps({"at": utc_now().isoformat(), "event": event, **facts}, ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


@dataclass(frozen=True, kw_only=True)
class UnderWay:
    """A run that goes on now: papers planned, settled and failed so far, since when, papers a second."""

    planned: int
    settled: int
    failed: int
    since: datetime
    seconds: float

    @property
    def rate(self) -> float:
        """Papers a second since the run began, those skipped as up to date included."""
        return self.settled / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What the rest takes at the rate so far; None before the first paper was settled."""
        return (self.planned - self.settled) / self.rate if self.rate else None

    def text(self) -> str:
        """Return one line in Chinese."""
        left = "—" if self.seconds_left is None else f"{self.seconds_left / 60:.1f} 分钟"
        done = f"{self.settled}/{self.planned} 本，失败 {self.failed} 本"
        return f"正在运行：已完成 {done}，每分钟 {self.rate * 60:.0f} 本，预计还需 {left}"

    def plain(self) -> dict[str, Any]:
        """Return JSON-ready data; times in seconds."""
        return {
            "planned": self.planned,
            "told": self.settled,
            "failed": self.failed,
            "since": self.since.isoformat(),
            "rate": round(self.rate, 3),
            "seconds_left": None if self.seconds_left is None else round(self.seconds_left, 1),
        }


def under_way(folder: Path) -> UnderWay | None:
    """Return how the run in `folder` goes; None where none holds the folder's lock."""
    lock = folder / LOCK
    if not lock.exists() or not _held(lock):
        return None
    events = list(_events(folder / _NAME))
    begun = next((e for e in events if e["event"] == "begin"), None)
    if begun is None:
        return None
    papers = [e for e in events if e["event"] == "paper"]
    skipped = sum(e["count"] for e in events if e["event"] == "skipped")
    since = datetime.fromisoformat(begun["at"])
    failed = sum(e["status"] != "done" for e in papers)
    seconds = (utc_now() - since).total_seconds()
    return UnderWay(
        planned=begun["planned"], settled=len(papers) + skipped, failed=failed, since=since, seconds=seconds
    )


def _held(lock: Path) -> bool:
    try:
        with FileLock(lock, timeout=0):
            return False
    except (Timeout, OSError):
        return True


def _events(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:  # the line that is being written
            continue


@dataclass(frozen=True, kw_only=True)
class Status:
    """How far a campaign's papers are. `expected` counts scorecards too; `missing` are (unit, paper) never run."""

    campaign: str
    period: str
    expected: int
    done: int
    failed: tuple[RunRecord, ...]
    missing: tuple[tuple[str, str], ...]
    running: UnderWay | None = None


def read_status(wb: Workbench, campaign: Campaign) -> Status:
    """Compare what a campaign expects with what the store says was done; tell how a run goes, if one does."""
    runs = wb.store.runs(campaign.id)
    wanted = [
        (unit, paper)
        for unit, domains in wanted_domains(wb, campaign).items()
        if domains
        for paper in (*map(paper_name, domains), SCORECARD, *map(own_paper, campaign.papers))
    ]
    failed = tuple(runs[key] for key in wanted if key in runs and runs[key].status is not RunStatus.DONE)
    missing = tuple(key for key in wanted if key not in runs)
    done = len(wanted) - len(failed) - len(missing)
    running = under_way(campaign_folder(wb.home, campaign))
    return Status(
        campaign=campaign.name,
        period=campaign.period,
        expected=len(wanted),
        done=done,
        failed=failed,
        missing=missing,
        running=running,
    )

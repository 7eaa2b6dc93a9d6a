"""Long work that a page asks for: one command of xiaobao in a process of its own, which runs on when the page is gone.

A page puts down what it wants in `.desk/<id>/` of the workspace; where people sign in, the server starts it for them,
elsewhere the page's own process does. Whoever comes back reads there how it goes: lines said, progress, end.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.files import write_text
from xiaobao.model import Value, canonical_json, from_json, to_plain, utc_now
from xiaobao.personal import mask

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

FOLDER = ".desk"
PROGRESS = "XIAOBAO_PROGRESS"
_ASKED, _TICKET, _PROCESS, _SAID, _CODE, _STEPS = (
    "work.json",
    "ticket",
    "process.json",
    "said.txt",
    "code",
    "steps.json",
)
_INCOMING, _OUT, _STOP = "in", "out", "stop"
_STARTED: list[subprocess.Popen[bytes]] = []  # by this process itself, kept until they have ended
_PRIVATE = 0o600
_KEPT = 20
_START_SECONDS = 45
_DAY = 24 * 3600
_MOST_LINES = 400
_MADE = re.compile(r"^(?:已生成|已生成文字稿|数字见) (?P<path>/[^，]+)")


class Work(Value):
    """What was asked for: the command's words, as whom, and what it is called; `verb` is the right it takes."""

    id: str
    title: str
    action: str
    words: tuple[str, ...]
    shown: str
    verb: str
    by: str
    login: str
    asked: str

    @property
    def who(self) -> str:
        """Return who asked, for people."""
        return self.by or self.login


class WorkState(Value):
    """How a work goes: asked, running, done, failed, interrupted; lines said, progress, files that it made."""

    work: Work
    state: str
    lines: tuple[str, ...] = ()
    stage: str = ""
    settled: int = 0
    planned: int = 0
    files: tuple[str, ...] = ()

    @property
    def going(self) -> bool:
        """Tell whether it has not ended."""
        return self.state in {"asked", "running"}


def folder_of(home: Path, work: str) -> Path:
    """Return the folder of a work. Raises InputError for what is no id."""
    if not work.isalnum():
        raise InputError(Fault("没有这项工作", value=work))
    return home / FOLDER / work


def request_work(
    wb: Workbench, title: str, action: str, verb: str, words: Sequence[str], shown: str, moved: Path | None = None
) -> Work:
    """Put down one command to be run; `moved` is a folder of files that it reads and that goes when it has ended.

    Raises InputError in words while another work goes on, NotAllowed where the table of rights says no.
    """
    _refuse_idle(wb, verb)
    place = wb.home / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    with FileLock(place / ".lock", timeout=20):
        _sweep(place)
        for one in works(wb.home):
            if one.going:
                why = f"{one.work.who} 的“{one.work.title}”正在运行，一次只能运行一项；请等它结束或先停止"
                raise InputError(Fault(why))
        number = f"{utc_now():%Y%m%d%H%M%S}{secrets.token_hex(4)}"
        folder = place / number
        (folder / _OUT).mkdir(mode=0o700, parents=True)
        work = Work(
            id=number,
            title=title,
            action=action,
            words=tuple(
                word.replace("{out}", str(folder / _OUT)).replace("{in}", str(folder / _INCOMING)) for word in words
            ),
            shown=mask(shown),
            verb=verb,
            by=wb.actor.name,
            login=wb.actor.login,
            asked=utc_now().isoformat(),
        )
        if moved is not None:
            moved.rename(folder / _INCOMING)
        from xiaobao.store.tickets import VARIABLE

        ticket = os.environ.get(VARIABLE)
        if ticket is not None:
            write_text(folder / _TICKET, ticket, mode=_PRIVATE)
        write_text(folder / _ASKED, canonical_json(to_plain(work)), mode=_PRIVATE)
    if ticket is None:
        _STARTED[:] = [process for process in _STARTED if process.poll() is None]
        _STARTED.append(start(wb.home, work.id, {}))
    return work


def start(home: Path, work: str, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a work in a session of its own, so that it outlives whoever started it."""
    folder = folder_of(home, work)
    environment = {**os.environ, "XIAOBAO_HOME": str(home), PROGRESS: str(folder / _STEPS), **more}
    with (folder / _SAID).open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "xiaobao.workbench.working", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder / _OUT,
            start_new_session=True,
        )
    born = psutil.Process(process.pid).create_time()
    write_text(folder / _PROCESS, json.dumps({"pid": process.pid, "born": born}), mode=_PRIVATE)
    return process


def asked_for(home: Path) -> list[tuple[Work, str]]:
    """Return works that wait to be started by the server, each with the ticket of the page that asked."""
    found = []
    for ticket in sorted((home / FOLDER).glob(f"*/{_TICKET}")):
        work = read_work(ticket.parent)
        if work is not None:
            found.append((work, ticket.read_text("utf-8")))
            ticket.unlink()
    return found


def refuse(home: Path, work: str, why: str) -> None:
    """Note that a work was not started, and why."""
    folder = folder_of(home, work)
    write_text(folder / _SAID, f"{why}\n", mode=_PRIVATE)
    write_text(folder / _CODE, "1", mode=_PRIVATE)


def read_work(folder: Path) -> Work | None:
    """Return what was asked for in a folder; None where nothing is put down yet."""
    try:
        return from_json(Work, (folder / _ASKED).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def works(home: Path) -> list[WorkState]:
    """Return the works that are kept, the newest first."""
    folders = sorted((home / FOLDER).glob(f"*/{_ASKED}"), reverse=True)
    return [one for one in (work_state(path.parent) for path in folders) if one is not None]


def work_state(folder: Path) -> WorkState | None:
    """Return how a work goes, None where there is none."""
    work = read_work(folder)
    if work is None:
        return None
    lines = _text(folder / _SAID).splitlines()[-_MOST_LINES:]
    steps = _plain(folder / _STEPS)
    made = sorted(path.name for path in (folder / _OUT).glob("*") if path.is_file() and not path.name.startswith("."))
    return WorkState(
        work=work,
        state=_state(folder, work),
        lines=tuple(mask(line) for line in lines),
        stage=str(steps.get("stage", "")),
        settled=int(str(steps.get("settled", 0))),
        planned=int(str(steps.get("planned", 0))),
        files=tuple(dict.fromkeys([*made, *(path.name for path in _named_files(folder, lines))])),
    )


def _named_files(folder: Path, lines: Sequence[str]) -> Iterator[Path]:
    """Yield the reports that a work says it made, which lie at their own place in the workspace."""
    reports = folder.parent.parent / "reports"
    for line in lines:
        found = _MADE.match(line)
        path = Path(found["path"].strip()) if found else None
        if path is not None and path.resolve().is_relative_to(reports.resolve()) and path.is_file():
            yield path


def _state(folder: Path, work: Work) -> str:
    code = _text(folder / _CODE).strip()
    if code:
        return "done" if code == "0" else "stopped" if code in {"130", "143"} else "failed"
    process = _plain(folder / _PROCESS)
    if process:
        if _alive(process):
            return "running"
        return "stopped" if (folder / _STOP).exists() else "interrupted"
    waited = time.time() - (folder / _ASKED).stat().st_mtime
    return "asked" if waited < _START_SECONDS else "interrupted"


def _alive(process: Mapping[str, object]) -> bool:
    try:
        found = psutil.Process(int(str(process["pid"])))
        return abs(found.create_time() - float(str(process["born"]))) < 1 and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, KeyError, ValueError):
        return False


def cancel_work(wb: Workbench, work: str) -> None:
    """Stop a work as Ctrl-C would: what is finished stays. Raises NotAllowed as its start would."""
    folder = folder_of(wb.home, work)
    found = read_work(folder)
    if found is None:
        raise InputError(Fault("没有这项工作", value=work))
    _refuse_idle(wb, found.verb)
    process = _plain(folder / _PROCESS)
    if process and _alive(process):
        write_text(folder / _STOP, utc_now().isoformat(), mode=_PRIVATE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(int(str(process["pid"])), signal.SIGINT)


def _refuse_idle(wb: Workbench, verb: str) -> None:
    """Raise NotAllowed where whoever acts may do it nowhere; of which unit, the command itself asks."""
    seen = wb.sight(verb)
    if not (seen.everything or seen.units or seen.lines):
        raise NotAllowed(Fault(seen.reason))


def made_file(home: Path, work: str, name: str) -> Path:
    """Return a file that a work made. Raises InputError for another."""
    folder = folder_of(home, work)
    path = folder / _OUT / name
    if "/" not in name and "\\" not in name and not name.startswith(".") and path.is_file():
        return path
    works = {one.name: one for one in _named_files(folder, _text(folder / _SAID).splitlines())}
    if name not in works:
        raise InputError(Fault("没有这个文件", file=name))
    return works[name]


def report_progress(stage: str, settled: int, planned: int) -> None:
    """Note how far the work of this process has come, for the page; nothing where no page asked for it."""
    place = os.environ.get(PROGRESS)
    if place:
        text = json.dumps({"stage": stage, "settled": settled, "planned": planned}, ensure_ascii=False)
        with contextlib.suppress(OSError):
            write_text(Path(place), text, mode=_PRIVATE)


def end_work(folder: Path, code: int) -> None:
    """Note that a work has ended, and let go of the files that it read."""
    shutil.rmtree(folder / _INCOMING, ignore_errors=True)
    write_text(folder / _CODE, str(code), mode=_PRIVATE)


def _sweep(place: Path) -> None:
    """Forget the oldest works, what ended works read, and uploads that nobody used within a day."""
    for path in sorted(place.glob(f"*/{_ASKED}"), reverse=True)[_KEPT:]:
        shutil.rmtree(path.parent, ignore_errors=True)
    for left in place.iterdir():
        work = read_work(left) if left.is_dir() else None
        if work is not None and _state(left, work) not in {"asked", "running"}:
            shutil.rmtree(left / _INCOMING, ignore_errors=True)
        elif work is None and left.is_dir() and time.time() - left.stat().st_mtime > _DAY:
            shutil.rmtree(left, ignore_errors=True)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _plain(path: Path) -> dict[str, object]:
    try:
        found = json.loads(_text(path) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

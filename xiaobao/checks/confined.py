"""Run a function of the bank's own people on one table in a child process that can do nothing else.

The child is a fork, so the table is its own copy and a function written in a notebook needs no file. It holds no
store, no socket and no file of its parent, may use so much time and memory, writes no file and reads none but the
program's own. Only numbers of rows and a few words come back, and both are checked by the parent. The limits keep a
mistake from doing harm; they are no border against somebody who writes a program to get around them.
"""

from __future__ import annotations

import fcntl
import gc
import io
import json
import logging
import os
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Never

import pandas as pd

from xiaobao.model import Value
from xiaobao.personal import mask

Function = Callable[[pd.DataFrame], Any]

_PACKAGE = str(Path(__file__).resolve().parents[2])
# What a library may read while it works: itself, and what the machine says of time.
_READABLE = tuple(
    {*(os.path.realpath(place) + os.sep for place in (sys.prefix, sys.base_prefix, _PACKAGE)), "/usr/share/zoneinfo/"}
    | {"/etc/localtime", "/dev/null", "/dev/urandom"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REFUSED = {
    "socket": "连接网络",
    "urllib": "连接网络",
    "subprocess": "启动其他程序",
    "os.system": "启动其他程序",
    "os.exec": "启动其他程序",
    "os.fork": "启动其他程序",
    "os.forkpty": "启动其他程序",
    "os.posix_spawn": "启动其他程序",
    "os.spawn": "启动其他程序",
    "os.kill": "结束其他程序",
    "signal.pthread_kill": "结束其他程序",
    "sqlite3.connect": "打开数据库",
    "ctypes.dlsym": "调用机器码",
    "resource.setrlimit": "改动限制",
    "resource.prlimit": "改动限制",
    "shutil": "改动文件",
    "tempfile": "改动文件",
    **{f"os.{verb}": "改动文件" for verb in ("remove", "rename", "rmdir", "mkdir", "link", "symlink", "truncate")},
    **{f"os.{verb}": "改动文件" for verb in ("chmod", "chown", "utime")},
}
_OUT = 3  # the first descriptor that a child keeps
_MOST_BYTES = 16 << 20
_MOST_WORDS = 200


class Bounds(Value):
    """What one run may use: seconds of a processor, seconds of the clock, megabytes it may grow by."""

    processor_seconds: int = 10
    seconds: int = 30
    megabytes: int = 512


class Outcome(Value):
    """How one run ended: places of the rows returned (from 0, in the table's order), or what went wrong in words.

    `printed`: what it printed, masked and cut. `stopped`: it was ended by a limit, so the next may take as long.
    """

    places: tuple[int, ...] = ()
    printed: str = ""
    failed: str = ""
    stopped: bool = False


def run_confined(function: Function, table: pd.DataFrame, bounds: Bounds, untouched: bool = False) -> Outcome:
    """Run a function of a table that returns rows of it. Whatever it does is an outcome; the table stays as it is.

    `untouched`: a function that changes values or rows of the table it was given has failed, too.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of a kernel: the child uses none of them
        pid = os.fork()
    if pid == 0:
        _be_child(function, table, bounds, writing, untouched)
    os.close(writing)
    watch = os.pidfd_open(pid)
    try:
        said = _read_answer(reading, watch, time.monotonic() + bounds.seconds)
    finally:
        over = ready(watch)
        if not over:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(reading)
        os.close(watch)
    return _outcome(said, status if over else None, len(table), bounds)


def _read_answer(reading: int, watch: int, until: float) -> bytes:
    """Return what the child said before it ended, or before its time was over."""
    parts, size = [], 0
    while size <= _MOST_BYTES and ready(reading, until):
        part = os.read(reading, 1 << 16)
        if not part:
            ready(watch, until)
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def ready(descriptor: int, until: float = 0) -> bool:
    """Wait for something to read, or for a process to end; at most until a time of the monotonic clock."""
    waiting = select.poll()  # select knows only the first 1,024 descriptors
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(1000 * max(0.0, until - time.monotonic())))


def _outcome(said: bytes, status: int | None, rows: int, bounds: Bounds) -> Outcome:
    """Judge what came back; `status` is None for a child that had to be ended."""
    if status is None and len(said) <= _MOST_BYTES:
        return Outcome(failed=f"{bounds.seconds} 秒内没有运行完，已中止", stopped=True)
    if status is not None and os.WIFSIGNALED(status):
        if os.WTERMSIG(status) == signal.SIGXCPU:
            return Outcome(failed=f"占用处理器超过 {bounds.processor_seconds} 秒，已中止", stopped=True)
        return Outcome(failed=f"运行中断（信号 {os.WTERMSIG(status)}）", stopped=True)
    try:
        plain = json.loads(said)
        places = tuple(sorted({range(rows)[place] for place in plain["places"]}))
        words = {name: mask(str(plain[name])[:_MOST_WORDS]) for name in ("printed", "failed")}
    except (ValueError, KeyError, TypeError, IndexError):
        return Outcome(failed="没有返回结果", stopped=True)
    return Outcome(places=places, stopped=bool(plain.get("stopped")), **words)


def _be_child(function: Function, table: pd.DataFrame, bounds: Bounds, writing: int, untouched: bool) -> Never:
    """Close every descriptor, run the function, say what it returned, and end; it never returns to the caller."""
    try:
        gc.disable()  # what the parent would clean up is not this process's
        os.setsid()
        keep_only(writing)
        printed = _Printed()
        sys.stdout = sys.stderr = printed
        sys.dont_write_bytecode = True
        warnings.simplefilter("ignore")  # to show one reads the source
        logging.disable()  # handlers write to what was closed
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGXCPU):
            signal.signal(number, signal.SIG_DFL)
        _limit(bounds)
        said = _said(function, table, printed, bounds, untouched)
        data = json.dumps(said, ensure_ascii=True).encode("ascii")
        while data:
            data = data[os.write(_OUT, data) :]
    finally:
        os._exit(0)


def keep_only(*kept: int) -> tuple[int, ...]:
    """Keep these descriptors, as 3 and on: store, sockets and files of the parent are closed. Return their numbers."""
    null = os.open(os.devnull, os.O_RDWR)
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, _OUT + len(kept)) for one in kept]
    for place, one in enumerate(high, _OUT):
        os.dup2(one, place)
    for number in range(_OUT):
        os.dup2(null, number)
    os.closerange(_OUT + len(kept), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return tuple(range(_OUT, _OUT + len(kept)))


def _limit(bounds: Bounds) -> None:
    held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    memory = held + (bounds.megabytes << 20)
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))
    seconds = bounds.processor_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # the first ends it with a signal of its own


def _said(
    function: Function, table: pd.DataFrame, printed: _Printed, bounds: Bounds, untouched: bool
) -> dict[str, Any]:
    """Run the function behind the guard; return places of rows, or what went wrong."""
    index, tried = table.index.copy(), list[str]()
    before = table.copy() if untouched else None
    sys.addaudithook(_guard(tried))
    places: list[int] = []
    failed, stopped = "", False
    try:
        places = _places(index, function(table))
        if before is not None:
            _refuse_changed(before, table)
    except MemoryError:
        failed, stopped = f"占用内存超过 {bounds.megabytes} MB，已中止", True
    except _WrongAnswer as wrong:
        failed = str(wrong)
    except BaseException as error:  # noqa: BLE001  an analyst's exit is an error of his, too
        failed = _words(error, function)
    if tried:  # even where the function went on without it
        places, failed = [], f"函数要{tried[0]}，已拒绝：它只能读给它的表"
    return {"places": places, "printed": mask(printed.text()), "failed": mask(failed), "stopped": stopped}


def _guard(tried: list[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return what refuses a forbidden deed and notes it; it holds its own lists, whatever is done to this module."""
    refused, readable, writing = dict(_REFUSED), _READABLE, _WRITING
    realpath, null = os.path.realpath, os.devnull
    pd.read_parquet = pd.read_feather = pd.read_orc = _reads_itself  # by libraries in C, which ask no guard

    def guard(event: str, args: tuple[Any, ...]) -> None:
        what = refused.get(event) or refused.get(event.partition(".")[0], "")
        if event == "open" and not isinstance(args[0], int):
            path, flags = realpath(os.fsdecode(args[0])), args[2] if isinstance(args[2], int) else 0
            if flags & writing and path != null:
                what = "写文件"
            elif not path.startswith(readable):
                what = "读文件"
        if what:
            tried.append(what)
            raise PermissionError(what)

    return guard


def _reads_itself(path: object, *_: object, **__: object) -> Never:
    """Stand for a reader that opens its file in C."""
    sys.audit("open", path if isinstance(path, str | bytes | os.PathLike) else os.curdir, "r", 0)
    raise PermissionError("读文件")


class _WrongAnswer(Exception):
    """What a function returned is not rows of its table, or it changed them."""


def _refuse_changed(before: pd.DataFrame, after: pd.DataFrame) -> None:
    """Raise _WrongAnswer where rows or values are no longer what they were; a column of its own may be added."""
    same = after.index.equals(before.index)
    changed = [str(name) for name in before if not (same and name in after and after[name].equals(before[name]))]
    if changed or not same:
        where = "" if not same else "（列：" + "、".join(changed[:3]) + "）"
        raise _WrongAnswer(f"函数改动了收到的表{where}：要改请先取一份拷贝（copy）")


def _places(index: pd.Index, answer: object) -> list[int]:
    if not isinstance(answer, pd.DataFrame):
        raise _WrongAnswer(f"函数应返回表中的若干行（DataFrame），返回的是 {type(answer).__name__}")
    found = index.get_indexer(answer.index)
    if (found < 0).any():
        lost = int((found < 0).sum())
        raise _WrongAnswer(f"返回了表中没有的 {lost} 行：请保留原来的索引，不要 reset_index，merge 之后按索引取回")
    return sorted({int(place) for place in found})


def _words(error: BaseException, function: Function) -> str:
    """Say an exception with the line of the function it came from."""
    code = getattr(function, "__code__", None)
    file, line = getattr(function, "file", None) or getattr(code, "co_filename", ""), 0
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file:
            line = step.tb_lineno
        step = step.tb_next
    where = f"第 {line} 行 " if line else ""
    text = ""
    with suppress(Exception):  # an exception may fail to say itself
        text = str(error)[:_MOST_WORDS]
    return f"运行出错：{where}{type(error).__name__} {text}".strip()


class _Printed(io.TextIOBase):
    """Keeps the beginning of what is printed, and lets the rest go."""

    def __init__(self) -> None:
        self._kept = ""

    def write(self, text: str, /) -> int:
        if len(self._kept) < _MOST_WORDS:
            self._kept = (self._kept + text)[: 2 * _MOST_WORDS]
        return len(text)

    def text(self) -> str:
        return self._kept.strip()

"""What can go wrong, said to the person who can put it right.

A failed inspection item is a value, never an exception. An exception here means that the input, the
workspace or the machine is wrong. Every error carries all the faults found, one line each.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import force_setattr

from xiaobao.personal import hide

_SHOWN_FAULTS = 100
_SHOWN_VALUE = 40
_REFUSED = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EFBIG: "超过系统允许的文件大小",
    errno.EROFS: "文件夹是只读的",
    errno.EACCES: "没有写入权限",
    errno.EPERM: "没有写入权限",
}
_OTHERWISE = {
    errno.ENOENT: "路径不存在",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EEXIST: "已经存在",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EIO: "读写磁盘出错",
    errno.EBUSY: "正被其他程序占用",
}
_SAID = _OTHERWISE | _REFUSED
_IN_WORDS = {os.strerror(code): words for code, words in _SAID.items()}
_TOLD = ("message", "file", "sheet", "column", "item", "value", "allowed")


def shorten(value: object, limit: int = _SHOWN_VALUE) -> str:
    """Return `value` on one line, control and direction marks escaped, at most `limit` characters."""
    text = "".join(
        ch if ch.isprintable() and ch not in "\u200b\u2060\ufeff\u00a0" else f"\\u{ord(ch):04x}"
        for ch in str(value)[: limit * 4]
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"


def why_refused(error: Exception) -> str:
    """Return in Chinese what the machine refuses to whoever writes, "" where the error is something else."""
    return _REFUSED.get(_code_of(error), "")


def machine_words(error: OSError | str) -> str:
    """Return in Chinese what the machine says, given as its error or as the error's words; others stay as they are."""
    if isinstance(error, str):
        return _IN_WORDS.get(error, error)
    return _SAID.get(_code_of(error), "") or error.strerror or str(error)


def _code_of(error: Exception) -> int:
    """Return the machine's code; an error of a library tells it in its text, such as one of many files copied."""
    found = re.search(r"\[Errno (\d+)\]", str(error))
    return getattr(error, "errno", None) or (int(found[1]) if found else 0)


class _Message(Struct, frozen=True):
    message: str


class Fault(_Message, frozen=True, kw_only=True):
    """One thing wrong: what, where, and what is allowed. `row` counts as the file does, header is row 1.

    Only the message may be given by its place; where it is has a name. Personal data is masked in every part of it:
    a fault repeats what was read, is logged, and may be shown to whoever stands by.
    """

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    item: str = ""
    value: str = ""
    allowed: str = ""
    setting: str = ""

    def __post_init__(self) -> None:
        for name in _TOLD:
            value = getattr(self, name)
            if value and (hidden := hide(str(value))) != value:
                force_setattr(self, name, hidden)

    def __str__(self) -> str:
        places = [self.file and f"文件 {self.file}", self.sheet and f"工作表 {self.sheet}"]
        places += [f"第 {self.row} 行" if self.row is not None else ""]
        places += [self.item and f"检查项 {self.item}", self.setting and f"设置项 {self.setting}"]
        places += [self.column and f"列“{self.column}”"]
        where = "，".join(place for place in places if place)
        text = f"{where}：{self.message}" if where else self.message
        if self.value:
            text += f"（读到 {shorten(self.value)}）"
        return f"{text}；应为：{self.allowed}" if self.allowed else text


class XiaobaoError(Exception):
    """Base of everything we raise. `faults` holds every problem found; `str()` gives one line a fault."""

    exit_code = 1

    def __init__(self, faults: str | Fault | Iterable[Fault]) -> None:
        if isinstance(faults, str):
            faults = [Fault(faults)]
        elif isinstance(faults, Fault):
            faults = [faults]
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [str(fault) for fault in self.faults[:_SHOWN_FAULTS]]
        if len(self.faults) > _SHOWN_FAULTS:
            lines.append(f"……另有 {len(self.faults) - _SHOWN_FAULTS} 处问题未列出")
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows of it (IPython asks for this): our sentence, as commands and pages do."""
        return [str(self)]


class InputError(XiaobaoError):
    """A file or value handed to us cannot be taken; nothing was stored."""


class ChecklistError(InputError):
    """A checklist, scheme or regulation file is faulty."""


class WorkspaceError(XiaobaoError):
    """There is no workspace, or it cannot be read or written."""


class StoreError(XiaobaoError):
    """The store is missing, newer than this program, damaged or locked."""


class UnreadableRecord(StoreError):
    """A record of the store cannot be read: its content was changed. `verify` says which."""


class StaleRevision(XiaobaoError):
    """Somebody else saved first. `saved` and `offered` hold both payloads, for the person to choose."""

    def __init__(self, message: str, saved: object, offered: object) -> None:
        super().__init__(message)
        self.saved = saved
        self.offered = offered


class NotAllowed(XiaobaoError):
    """This person may not do this, or not in this state."""


class UsageError(XiaobaoError):
    """The command was called wrongly."""

    exit_code = 2

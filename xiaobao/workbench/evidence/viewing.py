"""Open evidence: for whoever may, on the digest it came in with, and named in the history.

Previews of files that somebody else made are drawn by a child process that can do nothing else.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, InputError, WorkspaceError
from xiaobao.workbench.evidence.holding import MEDIA, Held, find_held, way_of

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

WAYS_TO_OPEN = {"view": "打开", "preview": "预览", "download": "下载"}
_CHANGED = "文件与上传时不一致（校验值不同），不予显示；请系统管理员从备份恢复，并运行 xiaobao verify"
_GONE = "文件不在佐证材料文件夹里，打不开；请系统管理员从备份恢复，并运行 xiaobao verify"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What is handed out: the bytes, what they are, and under which name they may be saved."""

    name: str
    media: str
    data: bytes


def read_checked(wb: Workbench, held: Held) -> bytes:
    """Return the bytes of a file. Raises WorkspaceError where it is gone or no longer what was handed in."""
    try:
        data = (wb.home / held.path).read_bytes()
    except OSError as error:
        raise WorkspaceError(Fault(_GONE, file=held.name)) from error
    if hashlib.sha256(data).hexdigest() != held.sha256:
        raise WorkspaceError(Fault(_CHANGED, file=held.name))
    return data


def check_evidence(wb: Workbench, sha256: str) -> Held:
    """Return a file that may be seen and is whole, without handing it out. Raises NotAllowed, WorkspaceError."""
    held = find_held(wb, sha256)
    read_checked(wb, held)
    return held


def open_evidence(wb: Workbench, sha256: str, how: str = "view", *, record: bool = True) -> Opened:
    """Return a file as `how` says: as it is (view, download) or as our own preview of it.

    What a file holds no program knows for sure: every opening is recorded in the history of its unit, `record`
    False only for further pieces of one that was. Raises NotAllowed, WorkspaceError, InputError where there is no
    preview.
    """
    held = find_held(wb, sha256)
    data = read_checked(wb, held)
    opened = Opened(name=held.name, media=MEDIA.get(held.kind, "application/octet-stream"), data=data)
    if how == "preview" or (how == "view" and held.kind == "heic"):
        opened = _previewed(held, data)
    if record:
        with wb.writing("evidence.open", held.unit, held.domain, held.campaign) as tx:
            tx.note_opening(held.unit, sha256, held.name, WAYS_TO_OPEN[how])
    return opened


def thumbnail(wb: Workbench, sha256: str) -> Opened:
    """Return a small picture of an image: 120 points at most, too small to read. Raises like `open_evidence`."""
    held = find_held(wb, sha256)
    if way_of(held.kind) != "image":
        raise InputError(Fault("这种文件没有缩略图", file=held.name))
    return Opened(
        name=held.name, media="image/jpeg", data=draw_preview("thumb", held.kind, read_checked(wb, held), held.name)
    )


def _previewed(held: Held, data: bytes) -> Opened:
    way = way_of(held.kind)
    if way == "text":
        page = draw_preview("text", held.kind, data, held.name)
        return Opened(name=held.name, media="text/html; charset=utf-8", data=page)
    if way == "image":
        return Opened(name=held.name, media="image/jpeg", data=draw_preview("image", held.kind, data, held.name))
    raise InputError(Fault("这种文件没有预览，请打开或下载", file=held.name))


SECONDS = 30
_AT_ONCE = threading.BoundedSemaphore(2)  # a page of thumbnails must not take the whole server
_PROGRAM = "from xiaobao.workbench.evidence.child import main; main()"
_BROKEN = "文件损坏或写法少见，做不出预览；请下载后用相应软件打开"
_LONG = "文件太大或太复杂，预览超过限制；请下载后用相应软件打开"
BEYOND, UNREADABLE = 3, 4  # what the child ends with


def draw_preview(what: str, kind: str, data: bytes, name: str) -> bytes:
    """Return what the child made of `data`: `text` HTML, `image` and `thumb` JPEG. Raises InputError in words."""
    command = [sys.executable, "-I", "-c", _PROGRAM, what, kind]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    with _AT_ONCE:
        try:
            done = subprocess.run(
                command, input=data, capture_output=True, timeout=SECONDS, env=environment, cwd="/", check=False
            )
        except subprocess.TimeoutExpired:
            raise InputError(Fault(_LONG, file=name)) from None
    if done.returncode == 0 and done.stdout:
        return done.stdout
    raise InputError(Fault(_BROKEN if done.returncode == UNREADABLE else _LONG, file=name))

"""Open evidence: for whoever may, on the digest it came in with, and told in the history."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, InputError, WorkspaceError
from xiaobao.workbench.evidence.drawing import draw
from xiaobao.workbench.evidence.holding import Held, find_held
from xiaobao.workbench.evidence.kinds import MEDIA, way_of

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

HOW = {"view": "打开", "preview": "预览", "download": "下载"}
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


def open_evidence(wb: Workbench, sha256: str, how: str = "view", *, told: bool = True) -> Opened:
    """Return a file as `how` says: as it is (view, download) or as our own preview of it.

    What a file holds no program knows for sure: every opening is told in the history of its unit, `told` False only for
    the further pieces of one that was told. Raises NotAllowed, WorkspaceError, InputError where there is no preview.
    """
    held = find_held(wb, sha256)
    data = read_checked(wb, held)
    opened = Opened(name=held.name, media=MEDIA.get(held.kind, "application/octet-stream"), data=data)
    if how == "preview" or (how == "view" and held.kind == "heic"):
        opened = _previewed(held, data)
    if told:
        with wb.writing("evidence.open", held.unit, held.domain, held.campaign) as tx:
            tx.note_opening(held.unit, sha256, held.name, HOW[how])
    return opened


def thumbnail(wb: Workbench, sha256: str) -> Opened:
    """Return a small picture of an image: 120 points at most, too small to read. Raises like `open_evidence`."""
    held = find_held(wb, sha256)
    if way_of(held.kind) != "image":
        raise InputError(Fault("这种文件没有缩略图", file=held.name))
    return Opened(name=held.name, media="image/jpeg", data=draw("thumb", held.kind, read_checked(wb, held), held.name))


def _previewed(held: Held, data: bytes) -> Opened:
    way = way_of(held.kind)
    if way == "text":
        page = draw("text", held.kind, data, held.name)
        return Opened(name=held.name, media="text/html; charset=utf-8", data=page)
    if way == "image":
        return Opened(name=held.name, media="image/jpeg", data=draw("image", held.kind, data, held.name))
    raise InputError(Fault("这种文件没有预览，请打开或下载", file=held.name))

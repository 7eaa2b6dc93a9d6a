"""Of what a file is evidence, and whether whoever asks may see it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, NotAllowed
from xiaobao.feature_list import brought

MEDIA = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "txt": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_IMAGES = ("png", "jpg", "gif", "webp", "heic")
_READ = ("docx", "xlsx", "pptx", "txt")


def kind_of_path(path: str) -> str:
    """Return the kind of a kept file; its ending was given by its first bytes when it came in."""
    return PurePosixPath(path).suffix.removeprefix(".")


def way_of(kind: str) -> str:
    """Return how a page shows it: image, pdf, audio, video, text (a preview of ours), or file (to download only)."""
    if kind in _IMAGES:
        return "image"
    if kind in _READ:
        return "text"
    media = MEDIA.get(kind, "")
    return "pdf" if kind == "pdf" else media.split("/")[0] if media.startswith(("audio/", "video/")) else "file"


if TYPE_CHECKING:
    from xiaobao.store.models import Attachment, Campaign
    from xiaobao.workbench.workspace import Workbench

SEEN_BY = {
    "item": "sheet.see",
    "lead": "lead.see",
    "finding": "result.see",
    "action": "action.see",
    "request": "request.see",
    "appeal": "sheet.see",
    "appraisal": "appraisal.see",
}
_SHA = re.compile(r"[0-9a-f]{64}")
_NONE = "没有这份佐证材料，或您不能查看"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A kept file in one place where it is evidence; `verb` is the row of rights by which it is seen there."""

    name: str
    sha256: str
    path: str
    verb: str
    unit: str = ""
    domain: str = ""
    campaign: Campaign | None = None

    @property
    def kind(self) -> str:
        """The kind of the file, such as pdf."""
        return kind_of_path(self.path)


def seen_by(attachment: Attachment) -> str:
    """Return the row of rights by which an attachment is seen."""
    return SEEN_BY.get(attachment.about, "sheet.see")


def _places_of(wb: Workbench, sha256: str) -> Iterator[Held]:
    """Yield every place where a file is evidence, whoever may see it."""
    campaigns = {one.id: one for one in wb.store.campaigns()}
    for campaign, unit, domain, record in wb.store.evidence_with(sha256):
        yield Held(
            name=record.file_name,
            sha256=sha256,
            path=record.path,
            verb="sheet.see",
            unit=unit,
            domain=domain,
            campaign=campaigns.get(campaign),
        )
    for holds in brought("holds"):
        yield from holds(wb, sha256)
    for one in wb.store.kept("attachments", sha256=sha256):
        if one.about not in SEEN_BY:
            continue
        yield Held(
            name=one.name,
            sha256=sha256,
            path=one.path,
            verb=seen_by(one),
            unit=one.unit,
            domain=one.domain,
            campaign=campaigns.get(int(one.campaign)) if one.campaign else None,
        )
    for action in wb.store.actions():
        for path in action.evidence:
            if PurePosixPath(path).stem == sha256:
                yield Held(name=PurePosixPath(path).name, sha256=sha256, path=path, verb="action.see", unit=action.unit)
    for documents in brought("documents"):
        for path, sha, what in documents(wb):
            if sha == sha256:
                yield Held(name=what, sha256=sha256, path=path, verb="filing.see")


def find_held(wb: Workbench, sha256: str) -> Held:
    """Return a file in the first place where whoever asks may see it. Raises NotAllowed, the same for none at all."""
    if _SHA.fullmatch(sha256):
        for one in _places_of(wb, sha256):
            verb = one.verb
            if wb.sight(verb, one.campaign).shows(one.unit, one.domain):
                return one
    raise NotAllowed(Fault(_NONE, value=sha256[:12]))

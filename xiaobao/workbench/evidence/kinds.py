"""What each kind of evidence is to a browser, and how it is shown: by the browser itself or by a preview of ours."""

from __future__ import annotations

from pathlib import PurePosixPath

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

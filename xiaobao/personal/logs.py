"""Logs that other programs write to directly: masked when the run that they belong to is over."""

from __future__ import annotations

import os
from pathlib import Path

from xiaobao.personal.finding import mask


def mask_log(path: Path) -> None:
    """Rewrite a log without personal data, whole or not at all; one that holds none, or is not there, stays."""
    if not path.is_file():
        return
    text = path.read_text("utf-8", errors="replace")
    hidden = "".join(mask(line) for line in text.splitlines(keepends=True))
    if hidden != text:
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(hidden, "utf-8")
        partial.replace(path)

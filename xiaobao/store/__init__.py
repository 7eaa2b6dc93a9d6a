"""The store: tables, history and transactions behind one interface. Importing this loads no database library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.model import utc_now

if TYPE_CHECKING:
    from xiaobao.store.repository import Store, Writing

__all__ = ["Store", "Writing", "open", "restore"]


def open(url: str, read_only: bool = False, create: bool = False, clock: Callable[[], datetime] = utc_now) -> Store:
    """Open a store: `sqlite:///file` or `postgresql://…`. Without `create` it must be there.

    Raises StoreError, in Chinese, on a missing, newer, damaged, locked or foreign store.
    """
    from xiaobao.store.opening import open_store

    return open_store(url, read_only, create, clock)


def restore_store(source: Path, target: Path) -> list[str]:
    """Bring a backup back to a new file. Returns what is wrong with it, and then writes nothing; empty = done."""
    from xiaobao.store.opening import restore_file

    return restore_file(source, target)


def __getattr__(name: str) -> object:
    if name in ("Store", "Writing"):
        from xiaobao.store import repository

        return getattr(repository, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The one way a file comes to be: whole under a temporary name beside its place, on disk, then renamed.

Whoever looks sees the old file or the new one. A temporary file is locked while somebody writes it, so that one without
a lock was left by a process that was killed; the next file written into that folder clears it away. A full disk or a
missing right is an OSError, for the caller to say in Chinese.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MARK = ".xiaobao-partial"  # a name that no other program gives: what bears it may be cleared away
_PROBED = 64 << 10  # bytes that must go into a folder before work begins
_PUBLIC, PRIVATE = 0o666, 0o600  # less what the umask takes
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP}  # what file systems answer that cannot sync a folder


@contextmanager
def drafting(path: Path, *, mode: int = _PUBLIC) -> Iterator[Path]:
    """Give an empty temporary file beside `path`, of the same suffix, to fill and to `put`; removed if it was not put.

    `mode` holds from the first moment. Raises OSError.
    """
    clear_leavings(path.parent)
    temporary, lock = _open_temporary(path, mode)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
        os.close(lock)


def put_in_place(temporary: Path, path: Path, *, durable: bool = True) -> None:
    """Rename a finished file of the same folder to `path`, on disk before and after. Raises OSError.

    `durable=False` spares the wait for the disk: only for what can be made again.
    """
    if durable:
        _sync(temporary)
    temporary.replace(path)
    if durable:
        _sync(path.parent)


def put_new(temporary: Path, path: Path) -> None:
    """Give a finished file the name `path`, never that of another file. Raises FileExistsError, OSError."""
    _sync(temporary)
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a place without hard links
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.replace(path)
    _sync(path.parent)


@contextmanager
def replacing(path: Path, *, mode: int = _PUBLIC, durable: bool = True) -> Iterator[Path]:
    """Give a file to fill as `drafting` does; it takes the place of `path` at the end, or is removed after an error."""
    with drafting(path, mode=mode) as temporary:
        yield temporary
        put_in_place(temporary, path, durable=durable)


def write_bytes(path: Path, data: bytes, *, mode: int = _PUBLIC, durable: bool = True) -> None:
    """Write a whole file, as `replacing` does. Raises OSError."""
    with replacing(path, mode=mode, durable=durable) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str, *, mode: int = _PUBLIC, durable: bool = True) -> None:
    """Write a whole file of UTF-8 text, as `replacing` does. Raises OSError."""
    write_bytes(path, text.encode("utf-8"), mode=mode, durable=durable)


def write_new(path: Path, data: bytes, *, mode: int = _PUBLIC) -> None:
    """Write a whole file where none is; of two writers the first one wins. Raises FileExistsError, OSError."""
    with drafting(path, mode=mode) as temporary:
        temporary.write_bytes(data)
        put_new(temporary, path)


def probe_room(folder: Path) -> None:
    """Raise OSError where nothing can be written into a folder: a full disk, a missing right."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(bytes(_PROBED))
        probe.flush()


def clear_leavings(folder: Path, *, below: bool = False) -> None:
    """Remove the temporary files that killed processes left in a folder, or in all folders `below` it, too."""
    pattern = f".*{_MARK}*"
    for leaving in folder.rglob(pattern) if below else folder.glob(pattern):
        with suppress(OSError):  # another process cleared it, or it is not ours to open: then it is not ours to clear
            lock = os.open(leaving, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                leaving.unlink()
            finally:
                os.close(lock)


def _open_temporary(path: Path, mode: int) -> tuple[Path, int]:
    """Return an empty file beside `path` under a name of its own, and the descriptor that holds its lock."""
    while True:
        temporary = path.with_name(f".{secrets.token_hex(8)}{_MARK}{path.suffix}")
        lock = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        with suppress(OSError):  # somebody clears away between these two lines: then take another
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if temporary.stat().st_ino == os.fstat(lock).st_ino:
                return temporary, lock
        os.close(lock)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if not (path.is_dir() and error.errno in _NO_SYNC):
            raise
    finally:
        os.close(handle)

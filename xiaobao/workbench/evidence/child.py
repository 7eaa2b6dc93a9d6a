"""The child that reads a file of somebody else: no network, no file, no process, little memory, little time.

It gets the bytes on its standard input and writes HTML or JPEG to its standard output. The limits are set before the
first byte is read; an attack that gets past a parser finds a process that can reach nothing.
"""

from __future__ import annotations

import ctypes
import io
import resource
import sys
from contextlib import suppress
from typing import Any

from xiaobao.workbench.evidence.office import office_page

MEMORY = 1500 * 2**20
CPU_SECONDS = 20
SIDE, SMALL = 2000, 120  # points of a preview's and a thumbnail's longer side
_MOST_POINTS = 120_000_000
_BEYOND, _UNREADABLE = 3, 4
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.", "shutil.")
_WRITING = ("w", "a", "x", "+")


def main() -> None:
    """Limit this process, read, draw, end: 0 done, 3 beyond the limits, 4 unreadable."""
    what, kind = sys.argv[1:]
    if what != "text":
        _load_pictures()
    _limit()
    data = sys.stdin.buffer.read()
    try:
        made = office_page(kind, data) if what == "text" else _picture(data, SMALL if what == "thumb" else SIDE)
    except MemoryError:
        sys.exit(_BEYOND)
    except Exception:  # noqa: BLE001 - whatever a broken file does to a parser, the parent says it in one sentence
        sys.exit(_UNREADABLE)
    sys.stdout.buffer.write(made)
    sys.stdout.buffer.flush()


def _limit() -> None:
    for which, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(which, (most, most))
    with suppress(OSError, AttributeError):  # a network of its own, with nothing in it, where the system allows it
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[1], str) and any(sign in arguments[1] for sign in _WRITING):
        raise PermissionError(event)


def _load_pictures() -> None:
    """Load what reads pictures, with its libraries, before the limits close the way to files and foreign code."""
    import pillow_heif
    from PIL import Image, ImageOps  # noqa: F401 - loaded for what comes later

    pillow_heif.register_heif_opener()
    Image.init()
    Image.MAX_IMAGE_PIXELS = _MOST_POINTS


def _picture(data: bytes, side: int) -> bytes:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data)) as image:
        if image.width * image.height > _MOST_POINTS:
            raise MemoryError
        image.draft("RGB", (side, side))
        image.thumbnail((side, side))
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "P"):
            upright = upright.convert("RGBA")
            ground = Image.new("RGB", upright.size, "white")
            ground.paste(upright, mask=upright.getchannel("A"))
            upright = ground
        made = io.BytesIO()
        upright.convert("RGB").save(made, "JPEG", quality=82)  # nothing of the camera's data goes along
    return made.getvalue()

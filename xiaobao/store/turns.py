"""Writers of one SQLite file take turns, first come first served.

SQLite's own waiting sleeps longer and longer, up to 100 ms, so that who has waited longest asks least often: of eight
writers some waited for seconds where a save takes 20 ms. A lock on the store's folder wakes waiters in their order.
It is a courtesy: SQLite's own lock still decides, also where the folder cannot be locked.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # another system: SQLite's own waiting it is
    fcntl = None  # type: ignore[assignment]


class Turn:
    """The right to write next. `leave` gives it on; a process that ends gives it on too."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = descriptor

    @property
    def taken(self) -> bool:
        """Whether the turn is held; without it SQLite says who may write."""
        return self._descriptor is not None

    def leave(self) -> None:
        """Give the turn to the next one; leaving twice is no fault."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def wait_for_turn(store: Path, seconds: float) -> Turn:
    """Return once it is this writer's turn, or after `seconds`, when SQLite is to say who holds the store."""
    if fcntl is None:
        return Turn()
    try:
        descriptor = os.open(store.parent, os.O_RDONLY)
    except OSError:
        return Turn()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return Turn(descriptor)
    except BlockingIOError:
        return _queue(descriptor, seconds)
    except OSError:  # a share that knows no locks
        os.close(descriptor)
        return Turn()


def _queue(descriptor: int, seconds: float) -> Turn:
    """Wait in a thread, since a waiting lock knows no time limit; one that was given up closes when its turn comes."""
    decided, had = threading.Lock(), threading.Event()
    given_up = False

    def wait() -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            time.sleep(0)
        with decided:
            had.set()
            if given_up:
                os.close(descriptor)

    threading.Thread(target=wait, daemon=True).start()
    had.wait(seconds)
    with decided:
        given_up = not had.is_set()
    return Turn(None if given_up else descriptor)

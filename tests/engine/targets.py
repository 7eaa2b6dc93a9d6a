"""What children of test zygotes are told to do. Each is called with its payload and the pipe for what it says."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


def say(events: int, **facts: Any) -> None:
    os.write(events, json.dumps(facts).encode() + b"\n")


def describe(payload: Any, events: int) -> None:
    """Say what this process is."""
    say(
        events,
        payload=payload,
        pid=os.getpid(),
        session=os.getsid(0),
        cwd=str(Path.cwd()),
        env=dict(os.environ),
        random=random.random(),
        threads=threading.active_count(),
        blas=os.environ.get("OPENBLAS_NUM_THREADS"),
    )


def numpy_draw(payload: Any, events: int) -> None:
    import numpy as np

    say(events, draw=float(np.random.random()))


def sleep(payload: Any, events: int) -> None:
    say(events, pid=os.getpid())
    time.sleep(60)


def leave_children(payload: Any, events: int) -> None:
    """Leave one process in this session and one in a session of its own, then end."""
    near = subprocess.Popen(["sleep", "60"])
    far = subprocess.Popen(["sleep", "60"], start_new_session=True)
    say(events, pids=[near.pid, far.pid])


def exit_with(payload: Any, events: int) -> None:
    sys.exit(payload)


def kill_self(payload: Any, events: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eat(payload: Any, events: int) -> None:
    """Ask for `payload` bytes and say what came of it."""
    try:
        held = bytearray(payload)
        say(events, got=len(held))
    except MemoryError:
        say(events, refused=True)


def fail(payload: Any, events: int) -> None:
    raise RuntimeError("坏了")


def start_thread() -> None:
    """A step that no zygote may take: it leaves a thread alive."""
    threading.Thread(target=time.sleep, args=(60,), name="left-behind", daemon=True).start()


def die_the_first_time() -> None:
    """Kill the zygote itself while it gets ready, once."""
    died = Path(os.environ["DIED"])
    if not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)

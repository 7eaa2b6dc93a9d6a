"""Draw a preview of a file that somebody else made, in a child process that can do nothing but that."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from xiaobao.errors import Fault, InputError

SECONDS = 30
_AT_ONCE = threading.BoundedSemaphore(2)  # a page of thumbnails must not take the whole server
_PROGRAM = "from xiaobao.workbench.evidence.child import main; main()"
_BROKEN = "文件损坏或写法少见，做不出预览；请下载后用相应软件打开"
_LONG = "文件太大或太复杂，预览超过限制；请下载后用相应软件打开"
BEYOND, UNREADABLE = 3, 4  # what the child ends with


def draw(what: str, kind: str, data: bytes, name: str) -> bytes:
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

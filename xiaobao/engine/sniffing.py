"""Libraries look around when they are imported; in a zygote there is no kernel yet for them to see.

pandas picks its display width by asking whether it runs in a kernel; matplotlib picks its backend and ties itself to
the shell. So a zygote pretends while it preloads, and a child ties again what was tied to nothing.
"""

from __future__ import annotations

import builtins
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

_INLINE = "module://matplotlib_inline.backend_inline"


def pretend() -> None:
    """Look like a kernel to whatever is imported next."""
    builtins.get_ipython = lambda: SimpleNamespace(kernel=True, config={})  # type: ignore[attr-defined]
    os.environ.setdefault("MPLBACKEND", _INLINE)


def stop_pretending() -> None:
    """Take the stand-in away before a real shell comes."""
    if hasattr(builtins, "get_ipython"):
        del builtins.get_ipython


def show_charts_inline() -> None:
    """Let a matplotlib that is imported from now on choose what it chooses in a kernel."""
    os.environ.setdefault("MPLBACKEND", _INLINE)


def attach_charts() -> None:
    """Tie a preloaded matplotlib to the shell there is now; otherwise charts would silently become text."""
    show_charts_inline()
    backend = sys.modules.get("matplotlib_inline.backend_inline")
    if backend is not None:
        backend._enable_matplotlib_integration()


@contextmanager
def without_debugger() -> Iterator[None]:
    """Hide the debugger from a kernel that is made here: it would want sockets, and costs seconds and megabytes."""
    hidden = sys.modules.get("debugpy")
    loaded = sys.modules.get("ipykernel.debugger")
    if loaded is None and importlib.util.find_spec("debugpy") is not None:
        sys.modules["debugpy"] = None  # type: ignore[assignment]
    try:
        from ipykernel import debugger

        available, debugger._is_debugpy_available = debugger._is_debugpy_available, False
        yield
        debugger._is_debugpy_available = available
    finally:
        if hidden is None:
            sys.modules.pop("debugpy", None)

"""Which long work this process is: the server's ticket for it names this id, as a kernel's names the kernel."""

from __future__ import annotations

_OWN = {"id": ""}


def be(work: str) -> None:
    """Let this process be a work; called once, by `working`."""
    _OWN["id"] = work


def own_work_id() -> str:
    """Return the id of the work that this process is, "" for none."""
    return _OWN["id"]

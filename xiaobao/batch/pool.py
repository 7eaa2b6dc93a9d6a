"""N at once: groups of jobs handed to workers in threads, outcomes as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol, TypeVar


class Stoppable(Protocol):
    """What does the work of one group at a time and can be ended."""

    def stop(self) -> None:
        """End what runs, at once and for good."""


G = TypeVar("G")
W = TypeVar("W", bound=Stoppable)


def run_groups(
    groups: Iterable[G], workers: Sequence[W], work: Callable[[W, G], Any], stop: threading.Event
) -> Iterator[tuple[G, Any]]:
    """Yield (group, outcome) as they finish, one group at a time for each worker.

    After `stop` nothing new begins. However this ends, every worker is stopped with what it runs.
    """
    idle = list(workers)
    running: dict[Future[Any], tuple[G, W]] = {}
    waiting = iter(groups)
    with ThreadPoolExecutor(len(workers)) as threads:
        try:
            while True:
                while idle and not stop.is_set():
                    group = next(waiting, None)
                    if group is None:
                        break
                    worker = idle.pop()
                    running[threads.submit(work, worker, group)] = (group, worker)
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    group, worker = running.pop(future)
                    idle.append(worker)
                    yield group, future.result()
        finally:
            for worker in workers:
                worker.stop()

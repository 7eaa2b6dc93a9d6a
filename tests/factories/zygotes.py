"""One zygote for all runs of a module's tests: it forks as ever, but its second and more of preparing is paid once."""

from __future__ import annotations

import os

from xiaobao.batch.workers import new_zygote
from xiaobao.engine.children import ForkedChild, ZygoteProcess


class KeptZygote:
    """A zygote that a run does not end. It starts in one environment; each child gets that of its run, as ever."""

    def __init__(self) -> None:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self._zygote: ZygoteProcess = new_zygote(surroundings)

    def start(self) -> None:
        """Start it, or again where it died."""
        self._zygote.start()

    def fork(self, *target: object, **order: object) -> ForkedChild:
        """Fork a child."""
        return self._zygote.fork(*target, **order)  # type: ignore[arg-type]

    def close(self) -> None:
        """Stay for the next run; `end` ends it."""

    def end(self) -> None:
        """End it with all its children."""
        self._zygote.close()

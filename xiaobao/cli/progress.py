"""Progress of a batch: a bar on a terminal, nothing when piped; failures are said as they happen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from xiaobao.model import RunStatus
from xiaobao.store.records import RunRecord


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int, RunRecord | None], None]]:
    """Yield the callback that `run_campaign` reports to."""
    bars: dict[str, tqdm[None]] = {}

    def report(stage: str, done: int, total: int, run: RunRecord | None) -> None:
        if done == 0:
            for bar in bars.values():
                bar.close()
            bars.clear()
            bars[stage] = tqdm(total=total, desc=stage, unit="本", disable=not sys.stderr.isatty() or not total)
            return
        bars[stage].update(done - bars[stage].n)
        if run is not None and run.status is not RunStatus.DONE:
            tqdm.write(f"失败 {run.unit} {run.notebook}：{run.error}", file=sys.stderr)

    try:
        yield report
    finally:
        for bar in bars.values():
            bar.close()

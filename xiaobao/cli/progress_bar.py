"""Progress of a batch: a bar with rate and time left on a terminal, nothing when piped; failures as they happen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from xiaobao.batch.run import RunProgress
from xiaobao.model import RunStatus
from xiaobao.workbench.long_work import report_progress


@contextmanager
def shown_progress() -> Iterator[Callable[[RunProgress], None]]:
    """Yield the callback that `run_campaign` reports to."""
    bars: dict[str, tqdm[None]] = {}

    def bar_of(progress: RunProgress) -> tqdm[None]:
        if progress.stage not in bars:
            for bar in bars.values():
                bar.close()
            silent = not sys.stderr.isatty() or not progress.planned
            bars[progress.stage] = tqdm(total=progress.planned, desc=progress.stage, unit="本", disable=silent)
        return bars[progress.stage]

    def report(progress: RunProgress) -> None:
        run = progress.run
        if progress.notice:
            tqdm.write(progress.notice, file=sys.stderr)
            return
        report_progress(progress.stage, progress.settled, progress.planned)
        bar = bar_of(progress)
        bar.set_postfix_str(f"机构 {progress.units}", refresh=False)
        bar.update(progress.settled - bar.n)
        if run is not None and run.status is not RunStatus.DONE:
            tqdm.write(f"失败 {run.unit} {run.notebook}：{run.error}", file=sys.stderr)

    try:
        yield report
    finally:
        for bar in bars.values():
            bar.close()

"""Plan, run, resume: every notebook of every unit, one process a notebook, results recorded only by the parent."""

from xiaobao.batch.run import RunOptions, RunSummary, run_campaign
from xiaobao.batch.status import Status, read_status

__all__ = ["RunOptions", "RunSummary", "Status", "read_status", "run_campaign"]

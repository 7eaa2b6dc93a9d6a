"""Plan, run, resume: every notebook of every unit, one process a notebook, results recorded only by the parent.

Import from `run` and `status`; a worker process imports `worker` alone and must start fast.
"""

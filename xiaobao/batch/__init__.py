"""Plan, run, resume: every notebook of every unit in a process apart, results recorded only by the parent.

`run` takes the stages in turn, `plan` says what has to run, `executing` brings jobs to papers here and `cluster` on
many machines, `workers` speak to the children of the engine, `journal` tells how it goes.
"""

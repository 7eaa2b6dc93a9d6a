"""What a kernel needs to make a work paper: frozen inputs in, results out. Imports no store and no verb.

`frozen.FrozenPaper` is all that goes in, `work_paper.compute` all that happens, `WorkPaper.result()` what comes out.
`from_frozen` is how a notebook gets at it in a batch; `card` is the same for the scorecard. `code` digests the files
that make a paper: a change in one of `kernel_files.txt` makes papers run again.
"""

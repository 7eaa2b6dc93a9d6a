"""Results: inputs frozen, recorded, resolved, read.

`freezing` and `cards` fix what a kernel will know, `recording` is the one writer of what it found, `resolving` adds
what depends on all units, `reading` puts recorded results together for pages and reports. What moves a result after
its sheet was handed in goes through `handing_in`, `questions` and `movements`.
"""

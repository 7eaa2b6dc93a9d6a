"""The data checks, one module a domain. `registry.REGISTRY` finds one by its id; `registry.run_check` runs one.

A check is a function of (extracts, context), dataset → frame of one unit's partition, to `Hits`: the records hit, why,
and how many the rule applied to. It is declared by `@check`, with what each article it cites binds (`bases.on`). It
reads through `frame_columns`, writes into no frame, and judges nobody: hits become leads. `docs/checks.md` is printed
from the declarations.
"""

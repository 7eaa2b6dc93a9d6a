"""`papermill --engine xiaobao`: the engine of forked kernels, on what our kernelspec preloads."""

from __future__ import annotations

from typing import ClassVar

from xiaobao.engine.papermill_engine import ZygoteEngine


class PapermillEngine(ZygoteEngine):
    """A forked child a notebook, warm with what our papers import."""

    kernelspec: ClassVar[str] = "xiaobao"  # `pages.kernels.NAME`; that room would load the store into every run

"""Which of our files a paper's kernel runs: a change in one of them makes papers run again, a change elsewhere none.

The list, `kernel_files.txt`, is written by `make reference` from what a warm kernel has loaded; a test compares both.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path

from xiaobao.feature_list import named

PACKAGE = Path(__file__).resolve().parent.parent
_LIST = "kernel_files.txt"
_WARMER = ("batch/", "paper/code.py")  # loads the others, and makes no figure
_DRAWN = ("pages/views/view.css",)  # read by a module of the list, and part of what a paper shows


@cache
def kernel_files() -> tuple[str, ...]:
    """Return the files, relative to the package, sorted."""
    return tuple(files("xiaobao.paper").joinpath(_LIST).read_text("utf-8").split())


def loaded_files() -> tuple[str, ...]:
    """Return the files of ours that this process has loaded, in the same form. Ask a warm kernel, not a workbench."""
    found = set(_DRAWN)
    for name, module in list(sys.modules.items()):
        place = getattr(module, "__file__", None)
        if name.partition(".")[0] == PACKAGE.name and place and Path(place).is_relative_to(PACKAGE):
            found.add(Path(place).relative_to(PACKAGE).as_posix())
    return tuple(sorted(name for name in found if not name.startswith(_WARMER)))


def bench_digest() -> str:
    """Return the digest of the features' code that only analysts' own notebooks run: a change moves no other paper."""
    folders = sorted({target.split(".")[0] for target in named("in_paper").values()})
    whole = hashlib.sha256()
    for place in sorted(path for folder in folders for path in (PACKAGE / "features" / folder).glob("*.py")):
        whole.update(place.name.encode() + place.read_bytes())
    return whole.hexdigest()


def package_digest() -> str:
    """Return the digest of the code that a kernel runs, as it lies on this machine."""
    whole = hashlib.sha256()
    for place in kernel_files():
        whole.update(place.encode() + (PACKAGE / place).read_bytes())
    return whole.hexdigest()

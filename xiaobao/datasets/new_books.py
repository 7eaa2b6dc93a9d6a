"""A new workbook: texts stay texts, and the file is whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from xiaobao.files import replacing

_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def new_book(path: Path) -> Iterator[Any]:
    """Give a workbook to fill; it gets its name at the end. Raises OSError where it cannot be written."""
    with replacing(path) as draft:
        try:
            with xlsxwriter.Workbook(str(draft), _PLAIN) as book:
                yield book
        except FileCreateError as failed:  # hides the OSError it stands for, say a full disk
            if failed.args and isinstance(failed.args[0], OSError):
                raise failed.args[0] from failed
            raise

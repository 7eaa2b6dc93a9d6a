"""A file under a temporary name, read back and compared, renamed into place, and recorded in the history.

A paper whose figures differ from what was computed must never lie under its final name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from xiaobao.errors import Fault, WorkspaceError, XiaobaoError
from xiaobao.workbench.shipped import shipped
from xiaobao.workbench.workspace import Workbench


def template(wb: Workbench, name: str) -> Path:
    """Return the bank's own template where it has one, else the shipped one."""
    own = wb.home / "templates" / name
    return own if own.is_file() else shipped("reports/templates") / name


def compare(expected: Mapping[Any, object], found: Mapping[Any, object], file: str) -> None:
    """Raise XiaobaoError when the written figures are not those computed: the template or we are wrong."""
    wrong = [key for key in {**expected, **found} if expected.get(key) != found.get(key) or key not in found]
    if wrong:
        raise XiaobaoError(
            Fault(
                "写出的数字与得分表不一致，文件没有生成",
                file=file,
                item=" ".join(key) if isinstance(key, tuple) else str(key),
                value=str(found.get(key, "缺失")),
                allowed=str(expected.get(key, "没有这一项")),
            )
            for key in wrong
        )


def publish(wb: Workbench, write: Callable[[Path], None], path: Path, what: str) -> Path:
    """Write beside the target, rename, record. Whatever fails, nothing half-made stays."""
    draft = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(draft)
            digest = hashlib.sha256(draft.read_bytes()).hexdigest()
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(Fault(f"文件写不进去：{error.strerror}", file=str(path))) from error
    with wb.store.writing(wb.actor) as tx:
        tx.record_file(what, path.name, digest)
    return path

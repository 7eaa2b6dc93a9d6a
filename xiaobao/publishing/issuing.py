"""A file under a temporary name, read back and compared, renamed into place, and recorded in the history.

A paper whose figures differ from what was computed must never lie under its final name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xiaobao.errors import Fault, InputError, WorkspaceError, XiaobaoError, machine_words
from xiaobao.files import drafting, put_in_place, put_new
from xiaobao.workbench.workspace import Workbench, shipped

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign


def template(wb: Workbench, name: str) -> Path:
    """Return the bank's own template where it has one, else the shipped one."""
    own = wb.home / "templates" / name
    return own if own.is_file() else shipped("reports/templates") / name


def compare_figures(expected: Mapping[Any, object], found: Mapping[Any, object], file: str) -> None:
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


@dataclass(frozen=True, kw_only=True)
class FileToIssue:
    """One file to be issued: how it is written and checked, its final place, and what the history calls it.

    `fixed`: nobody changes it from then on, so `verify` looks at it; lists that are filled and come back are not.
    """

    write: Callable[[Path], None]
    path: Path
    what: str
    fixed: bool = True


def issue_files(
    wb: Workbench, verb: str, *papers: FileToIssue, unit: str = "", domain: str = "", campaign: Campaign | None = None
) -> None:
    """Ask for `verb`, write all beside their places, then name and record them: together, or not at all.

    Raises WorkspaceError where a file cannot be written: a person may have it open.
    """
    wb.look(verb, unit, domain, campaign)
    with ExitStack() as stack:
        placed: list[Path] = []
        try:
            drafts = [_drafted(paper, stack) for paper in papers]
            digests = [hashlib.sha256(draft.read_bytes()).hexdigest() for draft in drafts]
            for paper, draft in zip(papers, drafts, strict=True):
                new = not paper.path.exists()
                _place(draft, paper)
                placed += [paper.path] if new else []
            with wb.writing(verb, unit, domain, campaign) as tx:
                for paper, digest in zip(papers, digests, strict=True):
                    tx.record_file(paper.what, paper.path.name, digest, _within(wb.home, paper) if paper.fixed else "")
        except BaseException as error:
            for path in placed:
                path.unlink(missing_ok=True)  # a file that the history does not know is no release
            if isinstance(error, OSError):
                raise WorkspaceError(
                    Fault(f"文件写不进去：{machine_words(error)}", file=str(papers[0].path))
                ) from error
            raise


def _drafted(paper: FileToIssue, stack: ExitStack) -> Path:
    paper.path.parent.mkdir(parents=True, exist_ok=True)
    draft = stack.enter_context(drafting(paper.path))
    paper.write(draft)
    return draft


def _place(draft: Path, paper: FileToIssue) -> None:
    """Give the file its name. What is fixed never replaces another, not even one that was issued this moment."""
    if not paper.fixed:
        put_in_place(draft, paper.path)
        return
    try:
        put_new(draft, paper.path)
    except FileExistsError:
        free(paper.path)
        raise


def _within(home: Path, paper: FileToIssue) -> str:
    path = paper.path.resolve()
    return path.relative_to(home.resolve()).as_posix() if path.is_relative_to(home.resolve()) else ""


def free(path: Path, kind: str = "") -> Path:
    """Return `path`. Raises InputError where something lies there, since what was issued is fixed, and for a name that

    does not end as files of that `kind` do.
    """
    if kind and path.suffix.lower() != kind:
        raise InputError(Fault("文件名的后缀与文件种类不符", file=str(path), allowed=kind))
    if path.exists():
        raise InputError(Fault("这里已有文件，已发布的报告和文字稿不会被覆盖", file=str(path), allowed="另写文件名"))
    return path


def next_edition(path: Path) -> Path:
    """Return `path`, or its next edition where releases lie there already."""
    edition, chosen = 1, path
    while chosen.exists():
        edition += 1
        chosen = path.with_name(f"{path.stem}（第{edition}版）{path.suffix}")
    return chosen

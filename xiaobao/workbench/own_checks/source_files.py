"""The texts of the bank's own checks: files of `checks/`, and modules of installed packages; none is ever imported."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.checks.own.declaring import CHECK_NAME, MOST_BYTES, NAME_ALLOWED, PREFIX
from xiaobao.checks.own.running import OwnCheck, as_check
from xiaobao.errors import Fault, InputError, machine_words
from xiaobao.model import from_json
from xiaobao.store.models import OwnCheckRecord

if TYPE_CHECKING:
    from xiaobao.checks.registry import Check
    from xiaobao.workbench.workspace import Workbench

FOLDER = "checks"
_GROUP = "xiaobao.checks"
TABLE = "own_checks"
PUBLISHED_KIND = "check"
UNPUBLISHED = "本行检查没有发布"


def plain_name(name: str) -> str:
    """Return the name without `own.` before and `.py` behind. Raises InputError for what is no name."""
    bare = name.removeprefix(PREFIX).removesuffix(".py")
    if not CHECK_NAME.fullmatch(bare):
        raise InputError(Fault("本行检查的名称写法不对", value=name, allowed=NAME_ALLOWED))
    return bare


def place_of(home: Path, name: str) -> Path | None:
    """Return the file of a check: that of the workspace goes before one of a package; None where there is none."""
    own = home / FOLDER / f"{name}.py"
    return own if own.is_file() else _packaged().get(name)


def shown_place(home: Path, path: Path) -> str:
    """Return where a file lies as people are shown: within the workspace, or the name of the module's file."""
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else f"安装包 {path.parent.name}/{path.name}"


def check_names(home: Path) -> tuple[str, ...]:
    """Return the names of all files there are, of the workspace and of packages."""
    own = {path.stem for path in (home / FOLDER).glob("*.py") if CHECK_NAME.fullmatch(path.stem)}
    return tuple(sorted(own | _packaged().keys()))


def read_source(home: Path, name: str) -> tuple[str, str]:
    """Return the text of a check's file and the file's name. Raises InputError where it is not there or unreadable."""
    path = place_of(home, name)
    if path is None:
        known = "、".join(check_names(home)) or f"先运行 xiaobao checks new {name}"
        raise InputError(Fault("没有这个本行检查的文件", value=f"{FOLDER}/{name}.py", allowed=known))
    file = shown_place(home, path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Fault(f"文件无法读取：{machine_words(error)}", file=file)) from error
    if len(data) > MOST_BYTES:
        raise InputError(Fault("文件过大", file=file, allowed=f"不超过 {MOST_BYTES:,} 字节"))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n"), file
    except UnicodeDecodeError as error:
        raise InputError(Fault("文件不是 UTF-8 编码", file=file, allowed="另存为 UTF-8")) from error


def digest_of(text: str) -> str:
    """Return the hash by which a text is tested and published; ends of lines are no difference."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_states(wb: Workbench) -> Mapping[str, OwnCheckRecord]:
    """Return name → how far the check has come."""
    return {one.name: one for one in wb.store.kept(TABLE)}


def published_text(wb: Workbench, record: OwnCheckRecord) -> str:
    """Return the text that was published and runs."""
    content = wb.store.published(PUBLISHED_KIND, PREFIX + record.name, record.published_sha256[:16]).content
    return str(from_json(dict[str, str], content)["source"])


def own_checks(wb: Workbench) -> Mapping[str, OwnCheck]:
    """Return id → every own check that was ever published, as a paper freezes it; `fault` says why one does not run."""
    found = {}
    for record in check_states(wb).values():
        if record.published_sha256:
            found[PREFIX + record.name] = OwnCheck(
                name=record.name,
                file=f"{record.name}.py",
                sha256=record.published_sha256,
                source=published_text(wb, record),
                fault=fault_of(wb.home, record),
            )
    return found


def published_checks(wb: Workbench) -> tuple[Check, ...]:
    """Return the own checks that run, for the list of all checks."""
    return tuple(as_check(one) for one in own_checks(wb).values() if not one.fault)


def asked(known: Mapping[str, OwnCheck], names: Iterable[str]) -> dict[str, OwnCheck]:
    """Return the own checks among `names`; one that was never published is there with that fault."""
    return {
        name: known.get(name)
        or OwnCheck(name=name.removeprefix(PREFIX), file=f"{name.removeprefix(PREFIX)}.py", fault=UNPUBLISHED)
        for name in names
        if name.startswith(PREFIX)
    }


def usable(wb: Workbench) -> Mapping[str, str]:
    """Return id → why a sheet may not name the check, "" where it may: of all that have a file or a record."""
    known = own_checks(wb)
    names = {*check_names(wb.home), *check_states(wb)}
    return {
        PREFIX + name: known[PREFIX + name].fault if PREFIX + name in known else UNPUBLISHED for name in sorted(names)
    }


def fault_of(home: Path, record: OwnCheckRecord) -> str:
    """Return why a check that was published does not run now, and what to do; "" where it runs."""
    if record.state == "retired":
        who = record.retired_by.name if record.retired_by else ""
        return f"本行检查已于 {record.retired_on} 停用（{record.reason}{'，' + who if who else ''}）"
    path = place_of(home, record.name)
    if path is None:
        way = f"放回发布时的文件，或停用（xiaobao checks retire {record.name}）"
        return f"本行检查的文件不在了：{FOLDER}/{record.name}.py，{way}"
    try:
        text, file = read_source(home, record.name)
    except InputError as error:
        return f"本行检查的{error.faults[0]}"
    if digest_of(text) != record.published_sha256:
        return f"{file} 文件已改动，与 {record.published_on} 发布时不一致：改回原样，或测试后由他人重新发布"
    return ""


def _packaged() -> dict[str, Path]:
    """Return name → file of the modules that installed packages offer; found on the path, not by importing."""
    found = {}
    for entry in entry_points(group=_GROUP):
        file = Path(*entry.module.split(".")).with_suffix(".py")
        place = next((Path(root) / file for root in sys.path if (Path(root) / file).is_file()), None)
        if CHECK_NAME.fullmatch(entry.name) and place is not None:
            found[entry.name] = place
    return found

"""编写、测试、发布、停用: an own check runs only once somebody else than its authors has published its very text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.checks.own.declaring import PREFIX, TITLE_LENGTH, Declared, dataset_named, read_own
from xiaobao.checks.own.running import OWN_MARK, OwnCheck
from xiaobao.checks.own.template import new_file, new_item
from xiaobao.checks.own.testing import run_cases
from xiaobao.datasets.catalogue import CATALOGUE, Dataset
from xiaobao.errors import Fault, InputError, NotAllowed, WorkspaceError, machine_words
from xiaobao.files import write_text
from xiaobao.labels import OWN_CHECK_STATES
from xiaobao.model import Actor, canonical_json
from xiaobao.personal import mask
from xiaobao.store.models import OwnCheckRecord
from xiaobao.workbench.own_checks.source_files import (
    FOLDER,
    PUBLISHED_KIND,
    TABLE,
    check_names,
    check_states,
    digest_of,
    own_checks,
    place_of,
    plain_name,
    read_source,
    shown_place,
)
from xiaobao.workbench.permitting import is_actor, others_who_may

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class OwnCheckRow:
    """One own check as it stands: `state` in Chinese, `note` says what keeps it from running or is to be done."""

    id: str
    title: str
    state: str
    file: str
    author: str
    publisher: str
    published_on: date | None
    sha256: str
    note: str


@dataclass(frozen=True, kw_only=True)
class NewCheck:
    """What was written: the file, and the item of a checklist that asks the check, as YAML."""

    id: str
    file: str
    item: str


def checkable() -> tuple[Dataset, ...]:
    """Return the datasets that an own check may judge: those whose rows belong to units."""
    return tuple(one for one in CATALOGUE if one.unit and one.name != "units")


def dataset_asked(name: str) -> Dataset:
    """Return a dataset that may be judged by its code or title. Raises InputError for any other."""
    found = dataset_named(name)
    if found is None or found not in checkable():
        allowed = "、".join(f"{one.name}（{one.title}）" for one in checkable())
        raise InputError(Fault("没有这个数据集，或它没有机构列", value=name, allowed=allowed))
    return found


def new_check(wb: Workbench, name: str, title: str = "", dataset: str = "complaints") -> NewCheck:
    """Write `checks/NAME.py`, a check that runs as it stands. Raises InputError where the name is wrong or taken.

    Raises it too for a dataset that there is not, and for a title that is too long or holds personal data.
    """
    name, spec = plain_name(name), dataset_asked(dataset)
    if len(title) > TITLE_LENGTH:
        raise InputError(Fault("标题过长", value=mask(title), allowed=f"不超过 {TITLE_LENGTH} 个字"))
    if mask(title) != title:
        raise InputError(Fault("标题里有个人信息", value=mask(title), allowed="删去"))
    wb.look("check.write")
    path = wb.home / FOLDER / f"{name}.py"
    if place_of(wb.home, name) or name in check_states(wb):
        raise InputError(Fault("已有同名的本行检查，没有覆盖", value=name, allowed="换一个名称"))
    try:
        path.parent.mkdir(exist_ok=True)
        write_text(path, new_file(name, title, spec.name))
    except OSError as error:
        raise WorkspaceError(Fault(f"写不进去：{machine_words(error)}", file=f"{FOLDER}/{name}.py")) from error
    try:
        with wb.writing("check.write") as tx:
            tx.save_kept(TABLE, "write", [OwnCheckRecord(name=name, written_by=wb.actor)])
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return NewCheck(id=PREFIX + name, file=f"{FOLDER}/{name}.py", item=new_item(name, title, spec.name))


def run_test(wb: Workbench, name: str) -> str:
    """Run the test of a check's file, in a confined child; note whose text passed. Returns its hash.

    Raises InputError with all that is wrong with the file, or every record that fell on the wrong side.
    """
    name = plain_name(name)
    wb.look("check.write")
    sha = _passed(wb, name)[1]
    before = check_states(wb).get(name) or OwnCheckRecord(name=name)
    if sha not in (before.tested_sha256, before.published_sha256 if before.state == "published" else ""):
        state = before.state if before.state == "published" else "tested"
        with wb.writing("check.write") as tx:
            tested = replace(before, state=state, tested_by=wb.actor, tested_sha256=sha)
            tx.save_kept(TABLE, "test", [tested])
    return sha


def publish_check(wb: Workbench, name: str) -> str:
    """Publish the text of a check's file: from now on papers run it. Returns its hash.

    Raises NotAllowed for its authors and for whoever has not the right, InputError where this text was not tested by
    somebody else before, or fails its test now.
    """
    name = plain_name(name)
    wb.look("check.publish")
    source, sha = _passed(wb, name)
    before = check_states(wb).get(name)
    if before is not None and before.state == "published" and before.published_sha256 == sha:
        return sha
    if before is None or before.tested_sha256 != sha:
        raise InputError(
            Fault("文件的这一内容还没有测试", value=name, allowed=f"编写人先运行 xiaobao checks test {name}")
        )
    _refuse_author(wb, before)
    published = replace(
        before,
        state="published",
        published_by=wb.actor,
        published_sha256=sha,
        published_on=wb.today,
        retired_on=None,
        retired_by=None,
        reason="",
    )
    with wb.writing("check.publish") as tx:
        tx.publish(PUBLISHED_KIND, PREFIX + name, sha[:16], canonical_json({"source": source}))
        tx.save_kept(TABLE, "publish", [published])
    return sha


def retire_check(wb: Workbench, name: str, reason: str) -> None:
    """Put a published check out of use; items that still ask it say so. Raises InputError without one or a reason."""
    name, why = plain_name(name), mask(reason.strip())
    wb.look("check.publish")
    if not why:
        raise InputError(Fault("停用须写明原因"))
    before = check_states(wb).get(name)
    if before is None or before.state != "published":
        raise InputError(Fault("没有已发布的这个本行检查", value=name))
    with wb.writing("check.publish") as tx:
        retired = replace(before, state="retired", retired_on=wb.today, retired_by=wb.actor, reason=why)
        tx.save_kept(TABLE, "retire", [retired])


def list_checks(wb: Workbench) -> tuple[OwnCheckRow, ...]:
    """Return all own checks that have a file or a record, by name."""
    kept, runs = check_states(wb), own_checks(wb)
    return tuple(_row(wb, name, kept.get(name), runs) for name in sorted({*check_names(wb.home), *kept}))


def _row(wb: Workbench, name: str, record: OwnCheckRecord | None, runs: Mapping[str, OwnCheck]) -> OwnCheckRow:
    declared: Declared | None = None
    sha, note, place = "", "", place_of(wb.home, name)
    try:
        text, file = read_source(wb.home, name)
        sha = digest_of(text)
        declared = read_own(text, file).declared
    except InputError as error:
        note = str(error.faults[0])
    record = record or OwnCheckRecord(name=name)
    fault = runs[PREFIX + name].fault if PREFIX + name in runs else ""
    waiting = "这一内容还没有测试" if sha and sha not in (record.tested_sha256, record.published_sha256) else ""
    waiting = waiting or ("等他人发布" if record.tested_sha256 == sha != record.published_sha256 and sha else "")
    return OwnCheckRow(
        id=PREFIX + name,
        title=(declared.title if declared else name) + OWN_MARK,
        state=OWN_CHECK_STATES[record.state],
        file=shown_place(wb.home, place) if place else "",
        author=_who(record.tested_by or record.written_by),
        publisher=_who(record.published_by),
        published_on=record.published_on,
        sha256=record.published_sha256,
        note="；".join(filter(None, (fault, note, waiting))),
    )


def _who(actor: Actor | None) -> str:
    return str(actor) if actor else ""


def _passed(wb: Workbench, name: str) -> tuple[str, str]:
    """Return the text of a file whose declaration is sound and whose test passes, and its hash. Raises InputError."""
    source, file = read_source(wb.home, name)
    read_own(source, file, wb.regulations)
    if mask(source) != source:
        raise InputError(Fault("文件里有个人信息，不能测试和发布", file=file, allowed="删去，测试的记录用编造的内容"))
    run_cases(OwnCheck(name=name, file=file, source=source))
    return source, digest_of(source)


def _refuse_author(wb: Workbench, record: OwnCheckRecord) -> None:
    authors = [one for one in (record.written_by, record.tested_by) if one is not None]
    if is_actor(wb, *authors):
        never = {one.login for one in authors if one.login}
        others = others_who_may(wb, "check.publish", "", "", None, never)
        raise NotAllowed(Fault(f"编写人不能发布自己编写的检查，请由第二人发布{others}", value=PREFIX + record.name))

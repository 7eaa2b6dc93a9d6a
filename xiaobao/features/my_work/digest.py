"""The morning digest: what waits for a person, as counts and links only, without a word that anybody wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from xiaobao.errors import Fault, InputError
from xiaobao.features.my_work.matters import Bank
from xiaobao.features.my_work.my_work import MyWork, WorkLine, WorkPart, my_work
from xiaobao.model import Value
from xiaobao.personal import mask
from xiaobao.workbench.acting import as_actor
from xiaobao.workbench.people import find_person
from xiaobao.workbench.permitting import acting, registered
from xiaobao.workbench.workspace import Workbench

_LINKS = 5  # of a kind


class Digest(Value):
    """One person's morning: `count` things wait. `login` and `name` are "" where nobody is registered."""

    login: str
    name: str
    subject: str
    text: str
    count: int


def digests(wb: Workbench, logins: tuple[str, ...] = ()) -> Iterator[Digest]:
    """Yield the digest of each person of the register who holds a seat today, or of `logins`.

    With nobody registered there is one, of everything. One's own is anybody's to ask for, another's the
    administrator's. Raises InputError for a stranger, NotAllowed.
    """
    people = registered(wb)
    if not people:
        if logins:
            raise InputError(Fault("还没有登记人员", value="、".join(logins)))
        yield _digest(wb, my_work(wb), "", "")
        return
    chosen = [find_person(wb, login) for login in logins] or list(people.values())
    own = acting(wb).person
    if any(own is None or person.login != own.login for person in chosen):
        wb.look("people.manage")
    shared = Bank(wb)
    for person in chosen:
        if person.seats_on(date.today()):
            found = my_work(replace(wb, actor=as_actor(person)), shared=shared)
            yield _digest(wb, found, person.login, person.name)


def _digest(wb: Workbench, found: MyWork, login: str, name: str) -> Digest:
    count = sum(part.count for part in found.waiting)
    late = sum(part.late for part in found.waiting)
    waiting = f"待办 {count} 项" + (f"，逾期 {late} 项" if late else "")
    base = wb.settings.serve.address.rstrip("/")
    lines = [f"{wb.settings.bank}　消保自查　我的工作　{found.day}", f"{name}：{waiting}" if name else waiting, ""]
    for part in found.waiting:
        lines += _part(part, base)
    if found.hanging:
        each = found.hanging.kinds.values()
        lines.append(f"全行未办 {sum(c for c, _ in each)} 项，逾期 {sum(late for _, late in each)} 项")
    if base:
        lines += ["", f"打开：{base}/voila/render/my_work.ipynb"]
    lines += ["", "本通知只列件数和链接，内容请登录后查看。"]
    return Digest(
        login=login,
        name=mask(name),
        subject=mask(f"消保自查：{waiting}（{found.day}）"),
        text=mask("\n".join(lines)) + "\n",
        count=count,
    )


def _part(part: WorkPart, base: str) -> list[str]:
    late = f"，逾期 {part.late}" if part.late else ""
    return [f"{part.title} {part.count}{late}", *(_link(one, base) for one in part.lines[:_LINKS] if one.address)]


def _link(one: WorkLine, base: str) -> str:
    where = f"{base}/voila/render/" if base else ""
    return f"  {one.unit_name}：{where}{one.address}"

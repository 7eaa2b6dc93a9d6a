"""人员登记: who may act in the bank, in which units and roles, and who stands in for whom. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import ROLES
from xiaobao.model import Actor, Deputy, Period, Person, Role, Seat, Unit, check_id_text, folded_name
from xiaobao.personal import mask
from xiaobao.workbench.acting import as_actor, system_user
from xiaobao.workbench.permitting import known_units, registered

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_LONGEST_NAME = 40
_OF_THE_BANK = frozenset(
    {
        Role.INSPECTOR,
        Role.HEAD_OFFICE,
        Role.BUSINESS_LINE,
        Role.MANAGEMENT,
        Role.COMPLIANCE,
        Role.INTERNAL_AUDIT,
        Role.ADMINISTRATOR,
    }
)


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """One person as a list shows him. `gone` are units of his present seats that the register of units has no more."""

    person: Person
    gone: tuple[str, ...]

    @property
    def state(self) -> str:
        if self.person.disabled:
            return "已停用"
        return f"机构已撤并：{'、'.join(self.gone)}" if self.gone else "在用"


@dataclass(frozen=True, kw_only=True)
class PersonEntry:
    """What is offered of one person; `row` is where a table has it; `name` and `system_user` None: as they are."""

    login: str
    name: str | None = None
    seats: tuple[Seat, ...] = ()
    system_user: str | None = None
    row: int | None = None


@dataclass(frozen=True, kw_only=True)
class PeopleCounts:
    added: int
    changed: int
    unchanged: int

    def text(self) -> str:
        """Say it in one line."""
        return f"新登记 {self.added} 人，更新 {self.changed} 人，未变 {self.unchanged} 人"


def list_people(wb: Workbench) -> tuple[PersonRow, ...]:
    """Return everybody of the register, by login. Raises NotAllowed for whoever may not see the register."""
    seen = wb.sight("people.see")
    if seen.reason:
        raise NotAllowed(seen.reason)
    units, today = known_units(wb), date.today()

    def gone(person: Person) -> tuple[str, ...]:
        held = dict.fromkeys(seat.unit for seat in person.seats_on(today))
        return tuple(unit for unit in held if unit and units and unit not in units)

    return tuple(
        PersonRow(person=person, gone=gone(person))
        for person in registered(wb).values()
        if any(seen.shows(seat.unit) for seat in person.seats)
    )


def add_person(wb: Workbench, entry: PersonEntry) -> Person:
    """Register a person, or give one of the register further seats. Raises InputError with all faults.

    The first person is an administrator, and stands for the system user who registers him: else nobody could go on.
    """
    login = folded_name(entry.login)
    before = registered(wb).get(login)
    if before is not None:
        entry = PersonEntry(
            login=login,
            name=entry.name,
            seats=tuple(dict.fromkeys((*before.seats, *entry.seats))),
            system_user=entry.system_user,
        )
    _save(wb, [entry])
    return registered(wb)[login]


def import_people(wb: Workbench, entries: Sequence[PersonEntry]) -> PeopleCounts:
    """Take over a whole table, all or nothing: the seats of who stands in it are those of the table.

    Who does not stand in it stays as he is. Raises InputError with the faults of every row at once.
    """
    return _save(wb, entries)


def end_seat(wb: Workbench, login: str, unit: str, role: Role, until: date) -> Person:
    """End a seat on a day: what was done in it stays. Raises InputError where the person holds no such seat."""
    before = find_person(wb, login)
    held = [seat for seat in before.seats if (seat.unit, seat.role) == (unit, role) and seat.until is None]
    if not held:
        raise InputError(Fault(f"{before.name} 没有这个任职", value=f"{unit} {ROLES[role]}"))
    late = [seat for seat in held if seat.since and until < seat.since]
    if late:
        raise InputError(Fault("任职止早于任职起", value=until.isoformat()))
    seats = tuple(replace(seat, until=until) if seat in held else seat for seat in before.seats)
    return _change(wb, "seat", replace(before, seats=seats))


def disable_person(wb: Workbench, login: str) -> Person:
    """Disable a person at once. Raises NotAllowed for the last administrator."""
    before = find_person(wb, login)
    if before.disabled:
        raise InputError(Fault(f"{before.name} 已经停用", value=login))
    return _change(wb, "disable", replace(before, disabled=True))


def enable_person(wb: Workbench, login: str) -> Person:
    """Let a disabled person in again. Raises InputError where nobody disabled it."""
    before = find_person(wb, login)
    if not before.disabled:
        raise InputError(Fault(f"{before.name} 没有停用", value=login))
    return _change(wb, "enable", replace(before, disabled=False))


def name_deputy(wb: Workbench, login: str, deputy: str, since: date, until: date) -> Person:
    """代理: let `deputy` act in a person's seats from `since` to `until`. Raises InputError, NotAllowed.

    Nobody appoints himself to stand in for somebody else.
    """
    before, stand_in = find_person(wb, login), find_person(wb, deputy)
    faults = [Fault("代理止早于代理起", value=until.isoformat())] if until < since else []
    if stand_in.login == before.login:
        faults.append(Fault("代理人不能是本人", value=deputy))
    if stand_in.disabled:
        faults.append(Fault("代理人已停用", value=deputy))
    if faults:
        raise InputError(faults)
    if wb.actor.login == stand_in.login:
        raise NotAllowed(f"{stand_in.name} 不能指定自己代理 {before.name}；请由本人、其负责人或另一系统管理员指定")
    one = Deputy(login=stand_in.login, since=since, until=until, appointed_by=wb.actor.login)
    last = max(before.deputised, until.isoformat())
    changed = replace(before, deputies=(*before.deputies, one), deputised=last)
    unit = next((seat.unit for seat in before.seats_on(date.today())), "")
    if wb.actor.login == before.login:
        with wb.writing("people.deputise_self", unit=unit) as tx:
            return tx.save_kept("people", "deputise", [changed])[0]
    with wb.writing("people.deputise", unit=unit) as tx:
        return tx.save_kept("people", "deputise", [changed])[0]


def find_person(wb: Workbench, login: str) -> Person:
    """Return a person by login, however it is written. Raises InputError for a stranger."""
    found = registered(wb).get(folded_name(login))
    if found is None:
        raise InputError(Fault("登记簿里没有这个登录名", value=login))
    return found


def person_in(wb: Workbench, role: Role, unit: str = "") -> Actor | None:
    """Return the first person of the register, by login, who holds a role today, in `unit` where one is given."""
    day = date.today()
    for person in registered(wb).values():
        if any(seat.role is role and unit in ("", seat.unit) for seat in person.seats_on(day)):
            return as_actor(person)
    return None


def administrators(people: Iterable[Person]) -> tuple[str, ...]:
    """Return the logins of those who are administrators today."""
    day = date.today()
    return tuple(p.login for p in people if any(s.role is Role.ADMINISTRATOR for s in p.seats_on(day)))


def _change(wb: Workbench, verb: str, person: Person) -> Person:
    people = registered(wb)
    _refuse_headless(people, {**people, person.login: person})
    with wb.writing("people.manage") as tx:
        return tx.save_kept("people", verb, [person])[0]


def _save(wb: Workbench, entries: Sequence[PersonEntry]) -> PeopleCounts:
    people = registered(wb)
    after = dict(people)
    faults = _entry_faults(entries, known_units(wb))
    for entry in entries:
        login = folded_name(entry.login)
        before = people.get(login)
        if before is None and not (entry.name or "").strip():
            faults.append(Fault("没有写姓名", row=entry.row, column="姓名", value=entry.login))
        user = before.system_user if before else ""
        after[login] = Person(
            login=login,
            name=(entry.name or "").strip() or (before.name if before else ""),
            seats=entry.seats,
            deputies=before.deputies if before else (),
            deputised=before.deputised if before else "",
            system_user=user if entry.system_user is None else folded_name(entry.system_user),
            disabled=before.disabled if before else False,
            revision=before.revision if before else 0,
        )
    faults += _shared_users(entries, after.values())
    if faults:
        raise InputError(faults)
    after = _with_first_user(wb, people, after)
    _refuse_headless(people, after)
    wanted = [after[login] for login in dict.fromkeys(folded_name(one.login) for one in entries)]
    changed = [one for one in wanted if people.get(one.login) != one]
    if changed:
        with wb.writing("people.manage") as tx:
            tx.save_kept("people", "register", changed)
    added = sum(one.login not in people for one in changed)
    return PeopleCounts(added=added, changed=len(changed) - added, unchanged=len(wanted) - len(changed))


def _entry_faults(entries: Sequence[PersonEntry], units: Mapping[str, Unit]) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for entry in entries:
        login = folded_name(entry.login)

        def fault(message: str, column: str, value: str = "", allowed: str = "", row: int | None = entry.row) -> None:
            faults.append(Fault(message, row=row, column=column, value=value, allowed=allowed))

        if why := check_id_text(login):
            fault(f"登录名不能用：{why}", "登录名", entry.login, "工号或字母数字，最多 64 位")
        elif mask(login) != login:
            fault("登录名像证件号、手机号或账号", "登录名", "（已遮盖）", "工号等不是个人信息的编号")
        if login in seen:
            fault("登录名重复（全角半角、大小写、空格不区分）", "登录名", entry.login)
        seen.add(login)
        name = (entry.name or "").strip()
        if len(name) > _LONGEST_NAME or mask(name) != name or not name.isprintable():
            fault("姓名写法不对", "姓名", mask(name), f"不超过 {_LONGEST_NAME} 字")
        if not entry.seats:
            fault("没有写任职", "角色", entry.login, "、".join(ROLES.values()))
        for seat in entry.seats:
            if not seat.unit and seat.role not in _OF_THE_BANK:
                fault(f"{ROLES[seat.role]}须写明机构", "机构号")
            elif seat.unit and units and seat.unit not in units:
                fault("机构名单里没有这个机构（已撤并，或写错）", "机构号", seat.unit)
            if seat.since and seat.until and seat.until < seat.since:
                fault("任职止早于任职起", "任职止", seat.until.isoformat())
            if seat.lines and seat.role is not Role.BUSINESS_LINE:
                fault("只有条线部门写条线", "条线", "、".join(seat.lines))
            if seat.role is Role.BUSINESS_LINE and not seat.lines:
                fault("条线部门须写明负责的检查域", "条线", entry.login)
    return faults


def _shared_users(entries: Sequence[PersonEntry], people: Iterable[Person]) -> list[Fault]:
    """One system user stands for one person."""
    rows = {folded_name(entry.login): entry.row for entry in entries}
    whose: dict[str, list[str]] = {}
    for person in people:
        if person.system_user:
            whose.setdefault(person.system_user, []).append(person.login)
    return [
        Fault(
            "一个系统用户只能对应一个人", row=rows.get(login), column="系统用户", value=f"{user}：{'、'.join(logins)}"
        )
        for user, logins in whose.items()
        if len(logins) > 1
        for login in logins[1:]
    ]


def _with_first_user(wb: Workbench, people: Mapping[str, Person], after: dict[str, Person]) -> dict[str, Person]:
    """Match the system user who begins the register to its only administrator, unless it says otherwise."""
    user = folded_name(system_user())
    heads = administrators(after.values())
    if people or not heads or not user or any(after[one].system_user for one in heads):
        return after
    if any(person.system_user == user for person in after.values()):
        return after
    return {**after, heads[0]: replace(after[heads[0]], system_user=user)}


def _refuse_headless(people: Mapping[str, Person], after: Mapping[str, Person]) -> None:
    """There is always somebody who may register and let in others."""
    if administrators(after.values()):
        return
    if people:
        raise NotAllowed("这是最后一名系统管理员，不能停用或结束任职；请先登记另一名系统管理员")
    raise InputError(Fault("首先登记的人员中须有系统管理员", column="角色", allowed=ROLES[Role.ADMINISTRATOR]))


_POSTS = (
    (("消保专员", "联络", "消费者权益", "消保"), Role.FILLER),
    (("行长", "主任", "负责人", "总经理"), Role.UNIT_HEAD),
    (("纪检", "合规", "监察"), Role.COMPLIANCE),
    (("审计", "内审"), Role.INTERNAL_AUDIT),
)


def proposed_role(post: str) -> Role | None:
    """Return the role that a post of 岗位人员 or 消保岗位 suggests, None for one that has none here."""
    return next((role for words, role in _POSTS if any(word in post for word in words)), None)


def propose_people(wb: Workbench, period: str) -> tuple[PersonEntry, ...]:
    """Propose people from 岗位人员 (staff) and 消保岗位 (posts) of a period: number, unit and role; names are missing.

    Raises InputError where neither was imported. Nothing is registered: the administrator looks at the list first.
    """
    import pandas as pd

    from xiaobao.datasets.partitions import standing_rows
    from xiaobao.workbench.importing import imported_files

    wb.look("people.manage")
    span = Period.parse(period)
    frames = [standing_rows(imported_files(wb, name), name, span) for name in ("staff", "posts")]
    if all(frame is None for frame in frames):
        raise InputError(Fault(f"{span.code} 没有岗位人员（staff）或消保岗位（posts），不能据以提出人员名单"))
    known = registered(wb)
    seats: dict[str, list[Seat]] = {}
    for frame in frames:
        for row in [] if frame is None else frame.to_dict("records"):
            role, ended = proposed_role(str(row["post"])), row.get("to_date")
            if role is None or row.get("status") in ("调离", "离职") or (pd.notna(ended) and ended.date() <= span.end):
                continue
            since = row["from_date"].date() if pd.notna(row["from_date"]) else None
            seat = Seat(unit=str(row["unit"]), role=role, since=since)
            held = seats.setdefault(folded_name(str(row["employee"])), [])
            if all((one.unit, one.role) != (seat.unit, seat.role) for one in held):
                held.append(seat)
    return tuple(
        PersonEntry(login=login, name="", seats=tuple(held))
        for login, held in sorted(seats.items())
        if login not in known
    )

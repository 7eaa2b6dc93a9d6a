"""How people come in, asked of the library and the command line: links, locks, passwords, what a link may do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as dataclass_replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.factories.inspections import DOMAIN, OTHER, PERIOD, UNIT, tiny_workspace
from xiaobao.cli import app
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import Actor, Conclusion, Person, Response, Role, Seat
from xiaobao.settings import Serving
from xiaobao.store.tickets import Signer
from xiaobao.workbench import signing_in
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.permitting import acting
from xiaobao.workbench.signing_in import Entrance, hash_of, make_personal_link, password_faults, reset_password
from xiaobao.workbench.workspace import Workbench, open_workbench

GOOD = "Qinghe-7788-hao"
HOME = Actor(name="系统管理员")
ADMIN = Actor(name="赵管理", verified=True, login="guanli")
PEOPLE = (
    Person(login="guanli", name="赵管理", seats=(Seat(unit="", role=Role.ADMINISTRATOR),)),
    Person(
        login="wang",
        name="王五",
        seats=tuple(
            Seat(unit=unit, role=role) for unit in (UNIT, OTHER) for role in (Role.FILLER, Role.REVIEWER, Role.APPROVER)
        ),
    ),
)
KERNEL = "22222222-2222-2222-2222-222222222222"


class Clock:
    """A clock that stands until the test sets it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tiny_workspace(tmp_path / "bank", 3)


@pytest.fixture
def wb(home: Path) -> Iterator[Workbench]:
    bench = open_workbench(home, actor=ADMIN)
    with bench.store.writing(HOME) as tx:
        tx.save_kept("people", "add", PEOPLE)
    bench.store._clock = Clock()
    yield bench
    bench.store.close()


@pytest.fixture
def entrance(wb: Workbench) -> Entrance:
    return Entrance(store=wb.store, rules=Serving())


def pass_time(wb: Workbench, **time: float) -> None:
    clock: Any = wb.store._clock
    clock.now += timedelta(**time)


def with_password(wb: Workbench, entrance: Entrance, login: str = "wang") -> str:
    return entrance.set_password(reset_password(wb, login)[0], GOOD, GOOD, "10.0.0.9")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("a1" * 4 + "b", "10 至 128 位"),
        ("x1" * 65, "10 至 128 位"),
        ("只有字母没有数字的密码呀", "既有字母又有数字"),
        ("12345678901234", "既有字母又有数字"),
        ("My-WANG-2026-x", "不能包含登录名"),
        ("Ｐａｓｓｗｏｒｄ-77-x", "太常见"),
        ("aaaaaaaaaaaa1", "太常见"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_that_it_breaks(password: str, words: str) -> None:
    assert any(words in fault.message for fault in password_faults("wang", password))


@pytest.mark.parametrize("password", [GOOD, "长江黄河2026青禾银行", "x7" + "correct horse"])
def test_a_good_password_passes(password: str) -> None:
    assert list(password_faults("wang", password)) == []


def test_a_password_comes_from_a_first_link_and_works_until_it_changes(wb: Workbench, entrance: Entrance) -> None:
    number = with_password(wb, entrance)
    assert entrance.caller(number).person.login == "wang"  # type: ignore[union-attr]
    second = entrance.by_password(" ＷＡＮＧ", GOOD, "10.0.0.9")
    third = entrance.set_password(reset_password(wb, "wang")[0], GOOD + "2", GOOD + "2", "10.0.0.9")
    assert (entrance.caller(number), entrance.caller(second)) == (None, None)
    assert entrance.caller(third) is not None
    with pytest.raises(NotAllowed):
        entrance.by_password("wang", GOOD, "10.0.0.9")


def test_a_first_link_ends_after_its_days_and_when_another_is_made(wb: Workbench, entrance: Entrance) -> None:
    first, until = reset_password(wb, "wang")
    assert until == wb.store.now() + timedelta(days=3)
    second, _ = reset_password(wb, "wang")
    with pytest.raises(NotAllowed, match="链接无效"):
        entrance.set_password(first, GOOD, GOOD, "")
    pass_time(wb, days=3)
    with pytest.raises(NotAllowed, match="链接无效"):
        entrance.set_password(second, GOOD, GOOD, "")
    assert wb.store.password("wang") == ""


def test_a_refused_password_leaves_the_link_good(wb: Workbench, entrance: Entrance) -> None:
    number, _ = reset_password(wb, "wang")
    with pytest.raises(InputError, match="10 至 128 位"):
        entrance.set_password(number, "short", "short", "")
    with pytest.raises(InputError, match="两次输入的密码不一样"):
        entrance.set_password(number, GOOD, GOOD + "x", "")
    entrance.set_password(number, GOOD, GOOD, "")


def test_a_reset_opens_a_lock(wb: Workbench, entrance: Entrance) -> None:
    with_password(wb, entrance)
    for _ in range(5):
        with pytest.raises(NotAllowed):
            entrance.by_password("wang", "wrong-1234567", "10.0.0.9")
    with pytest.raises(NotAllowed):
        entrance.by_password("wang", GOOD, "10.0.0.9")
    assert "登录名 wang 多次输错" in signing_in.lock_words(wb)[0]
    reset_password(wb, "wang")
    assert entrance.by_password("wang", GOOD, "10.0.0.9")


def test_an_address_that_guesses_at_many_people_is_locked_too(wb: Workbench, entrance: Entrance) -> None:
    with_password(wb, entrance)
    for number in range(30):
        with pytest.raises(NotAllowed):
            entrance.by_password(f"guess{number}", GOOD, "10.6.6.6")
    with pytest.raises(NotAllowed):
        entrance.by_password("wang", GOOD, "10.6.6.6")
    assert entrance.by_password("wang", GOOD, "10.0.0.9")
    pass_time(wb, minutes=15)
    assert entrance.by_password("wang", GOOD, "10.6.6.6")


def test_who_is_not_registered_and_who_has_no_password_take_as_long_as_a_wrong_one(
    wb: Workbench, entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash is compared whoever is asked for, so that time tells nothing."""
    with_password(wb, entrance)
    compared: list[str] = []
    real = signing_in._fits
    monkeypatch.setattr(signing_in, "_fits", lambda kept, said: compared.append(kept) or real(kept, said))
    for login in ("wang", "nobody", "guanli"):
        with pytest.raises(NotAllowed):
            entrance.by_password(login, "wrong-1234567", "")
    assert len(compared) == 3
    assert signing_in._fits("", "x") is False


def test_an_idle_session_ends_for_good_even_when_the_clock_is_set_back(wb: Workbench, entrance: Entrance) -> None:
    number = with_password(wb, entrance)
    pass_time(wb, minutes=29)
    assert entrance.caller(number) is not None
    pass_time(wb, minutes=29)
    assert entrance.caller(number) is not None  # it was used meanwhile
    pass_time(wb, minutes=30)
    assert entrance.caller(number) is None
    pass_time(wb, minutes=-20)
    assert entrance.caller(number) is None


def test_a_session_ends_after_its_hours_however_busy(wb: Workbench, entrance: Entrance) -> None:
    number = with_password(wb, entrance)
    for _ in range(35):
        pass_time(wb, minutes=20)
        assert entrance.caller(number) is not None
    pass_time(wb, minutes=20)
    assert entrance.caller(number) is None


def test_a_disabled_person_is_out_and_stays_out(wb: Workbench, entrance: Entrance) -> None:
    number = with_password(wb, entrance)
    [wang] = [one for one in wb.store.kept("people") if one.login == "wang"]
    with wb.store.writing(HOME) as tx:
        [gone] = tx.save_kept("people", "disable", [replace(wang, disabled=True)])
    assert entrance.caller(number) is None
    with pytest.raises(NotAllowed):
        entrance.by_password("wang", GOOD, "")
    with pytest.raises(NotAllowed):
        entrance.by_proxy("wang", "")
    with pytest.raises(InputError, match="已停用"):
        reset_password(wb, "wang")
    with wb.store.writing(HOME) as tx:
        tx.save_kept("people", "enable", [replace(gone, disabled=False)])
    assert entrance.caller(number) is None


def test_whoever_is_no_administrator_makes_no_links(wb: Workbench) -> None:
    wang = dataclass_replace(wb, actor=Actor(name="王五", verified=True, login="wang"))
    for make in (lambda: reset_password(wang, "guanli"), lambda: make_personal_link(wang, "wang", UNIT, date.today())):
        with pytest.raises(NotAllowed, match="系统管理员"):
            make()


@pytest.mark.parametrize(
    ("login", "unit", "days", "words"),
    [
        ("nobody", UNIT, 7, "登记簿里没有这个登录名"),
        ("guanli", UNIT, 7, "不是这个机构的填报人"),
        ("wang", "9999", 7, "不是这个机构的填报人"),
        ("wang", UNIT, -1, "截止日应在今天以后"),
        ("wang", UNIT, 190, "半年以内"),
    ],
)
def test_a_personal_link_is_for_a_filler_of_that_unit_with_an_end(
    wb: Workbench, login: str, unit: str, days: int, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        make_personal_link(wb, login, unit, date.today() + timedelta(days=days))


def linked(wb: Workbench, entrance: Entrance, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """王五 by a personal link for UNIT, in a kernel that the server made; he reviews and approves there as well."""
    number = entrance.by_personal_link(make_personal_link(wb, "wang", UNIT, date.today())[0], "browser", "")
    session = entrance.caller(number).session  # type: ignore[union-attr]
    signer = Signer(wb.store.store_id())
    with wb.store.writing(HOME) as tx:
        tx.access.add_key(signer.id, signer.public)
    monkeypatch.setenv("XIAOBAO_TICKET", signer.ticket(session, KERNEL))
    monkeypatch.setattr("xiaobao.workbench.acting.own_kernel_id", lambda: KERNEL)
    return open_workbench(wb.home)


def test_a_personal_link_fills_for_its_unit_and_never_reviews_or_approves(
    wb: Workbench, entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = linked(wb, entrance, monkeypatch)
    assert own.actor == Actor(name="王五", verified=True, login="wang")
    assert [(s.unit, s.role) for s in acting(own).person.seats] == [(UNIT, Role.FILLER)]  # type: ignore[union-attr]
    form = filling.open_form(own, UNIT, PERIOD, DOMAIN)
    filling.answer(own, form, Response(item_id="c-01", conclusion=Conclusion.COMPLIANT), 0)
    for verb in ("sheet.review", "sheet.approve", "lead.decide", "action.verify", "action.close"):
        assert own.may(verb, unit=UNIT), verb
        with pytest.raises(NotAllowed), own.writing(verb, UNIT):
            pass
    with pytest.raises(NotAllowed), own.writing("answer.save", OTHER):
        pass
    event = wb.store.events(1)[0]
    assert (event.actor, event.login, event.unit, event.role, event.verified) == ("王五", "wang", UNIT, "filler", True)
    own.store.close()


def test_a_ticket_goes_before_whoever_is_said_to_act(
    wb: Workbench, entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(wb, entrance, monkeypatch).store.close()
    other = open_workbench(wb.home, actor=ADMIN)
    assert other.actor.login == "wang"
    other.store.close()


def test_a_personal_link_outlives_an_idle_end_but_not_its_day(wb: Workbench, entrance: Entrance) -> None:
    link, end = make_personal_link(wb, "wang", UNIT, date.today() + timedelta(days=1))
    entrance.by_personal_link(link, "browser", "")
    pass_time(wb, minutes=40)
    number = entrance.by_personal_link(link, "browser", "")
    assert entrance.caller(number).session.until <= end  # type: ignore[union-attr]
    clock: Any = wb.store._clock
    clock.now = end
    assert entrance.caller(number) is None
    with pytest.raises(NotAllowed, match="链接无效"):
        entrance.by_personal_link(link, "browser", "")


def test_the_people_of_a_demo_are_offered_in_no_other_store(wb: Workbench, entrance: Entrance) -> None:
    assert entrance.offered() == ()
    with pytest.raises(NotAllowed):
        entrance.by_choice("wang")
    with wb.store.writing(HOME) as tx:
        tx.mark_sample()
    assert [one.login for one in entrance.offered()] == ["guanli", "wang"]
    assert entrance.caller(entrance.by_choice("wang")).session.kind == "demo"  # type: ignore[union-attr]


def test_alone_ends_with_the_first_person(home: Path) -> None:
    bench = open_workbench(home)
    way_in = Entrance(store=bench.store, rules=Serving())
    number = way_in.by_own_machine()
    assert way_in.caller(number).person.login == ""  # type: ignore[union-attr]
    with bench.store.writing(HOME) as tx:
        tx.save_kept("people", "add", PEOPLE[:1])
    assert way_in.caller(number) is None
    with pytest.raises(NotAllowed):
        way_in.by_own_machine()
    bench.store.close()


def test_the_command_line_tells_links_and_locks(
    wb: Workbench, entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    monkeypatch.setattr("xiaobao.workbench.workspace.who_acts", lambda store: ADMIN)
    run = CliRunner().invoke
    shown = run(app, ["people", "reset", "WANG", "--address", "https://xb.bank.test/"]).output
    assert "https://xb.bank.test/first#" in shown and "只能用一次" in shown
    number = shown.split("#")[1].split()[0]
    assert wb.store.link(hash_of(number)).login == "wang"  # type: ignore[union-attr]
    day = (date.today() + timedelta(days=3)).isoformat()
    shown = run(app, ["people", "link", "wang", "--unit", UNIT, "--until", day]).output
    assert "http://127.0.0.1:8866/link#" in shown
    for _ in range(5):
        with pytest.raises(NotAllowed):
            entrance.by_password("wang", "wrong-1234567", "10.0.0.9")
    assert "登录名 wang 多次输错，暂停登录至" in run(app, ["people", "list"]).output
    assert wb.store.verify() == []

"""人员登记: who is registered, by whom and how; seats, deputies, and that somebody can always register others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.factories.people import ADMINISTRATOR, acting_as, entry, register, small_bank
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import Actor, Person, Role, Seat, folded_name, same_person
from xiaobao.workbench import acting
from xiaobao.workbench.people import (
    PersonEntry,
    add_person,
    disable_person,
    enable_person,
    end_seat,
    find_person,
    import_people,
    list_people,
    name_deputy,
)
from xiaobao.workbench.permitting import is_actor
from xiaobao.workbench.workspace import Workbench, open_workbench
from xiaobao.workbook.people import read_people, write_people

TODAY = date.today()
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_bank(tmp_path_factory.mktemp("made") / "bank").home


@pytest.fixture
def wb(made: Path, tmp_path: Path) -> Workbench:
    return open_workbench(shutil.copytree(made, tmp_path / "bank"))


def xiaobao(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from xiaobao.cli import main; main()", *words]
    env = {"XIAOBAO_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


def test_the_first_person_must_be_an_administrator(wb: Workbench) -> None:
    with pytest.raises(InputError, match="须有系统管理员"):
        add_person(wb, entry("wang", Role.FILLER, "0101"))
    assert list_people(wb) == ()
    register(wb)
    assert [row.person.login for row in list_people(acting_as(wb, ADMINISTRATOR))] == [ADMINISTRATOR]


def test_the_first_administrator_is_the_system_user_who_begins_the_register(wb: Workbench) -> None:
    register(wb)
    again = open_workbench(wb.home)
    assert (again.actor.login, again.actor.verified) == (ADMINISTRATOR, True)
    assert add_person(again, entry("wang", Role.FILLER, "0101")).login == "wang"


def test_a_variable_that_anybody_can_set_verifies_nobody(wb: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    register(wb, entry("wang", Role.FILLER, "0101"))
    monkeypatch.setattr(acting, "system_user", lambda: "somebody-else")
    for name in ("JUPYTERHUB_USER", "USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, ADMINISTRATOR)
    stranger = open_workbench(wb.home)
    assert (stranger.actor.login, stranger.actor.verified) == ("", False)
    with pytest.raises(NotAllowed, match="没有登记"):
        add_person(stranger, entry("li", Role.FILLER, "0101"))
    with pytest.raises(NotAllowed, match="没有登记"):
        list_people(stranger)


def test_several_spellings_of_a_login_are_one_person(wb: Workbench) -> None:
    register(wb, entry("wang ", Role.FILLER, "0101"))
    head = acting_as(wb, ADMINISTRATOR)
    add_person(head, entry("ＷＡＮＧ", Role.UNIT_HEAD, "0101", name="姓名wang "))
    person = find_person(head, "Wang")
    assert person.login == "wang"
    assert [seat.role for seat in person.seats] == [Role.FILLER, Role.UNIT_HEAD]
    with pytest.raises(InputError, match="登录名重复"):
        import_people(head, [entry("li", Role.FILLER, "0101"), entry(" LI", Role.FILLER, "0102")])


def test_two_who_acted_are_one_person_by_login_else_by_folded_name() -> None:
    assert same_person(Actor(name="王芳", login="w1"), Actor(name="王 芳（改名）", login="w1"))
    assert not same_person(Actor(name="王芳", login="w1"), Actor(name="王芳", login="w2"))
    assert same_person(Actor(name="wang "), Actor(name="ＷＡＮＧ"))
    assert same_person(Actor(name="王芳", login="w1"), Actor(name="王\u200b 芳"))
    assert same_person(Actor(name="王芳", login="w1"), Actor(name="W1"))
    assert folded_name(" Ｗ a\u00a0ng\u200b ") == "wang"


def test_who_was_a_system_user_before_he_was_registered_is_the_same_person(wb: Workbench) -> None:
    before = Actor(name="wangfang")
    register(
        wb, PersonEntry(login="w1", name="王芳", seats=(Seat(unit="0101", role=Role.FILLER),), system_user="WangFang")
    )
    assert is_actor(acting_as(wb, "w1"), before)
    assert not is_actor(acting_as(wb, ADMINISTRATOR), before)


def test_the_last_administrator_is_neither_disabled_nor_ended(wb: Workbench) -> None:
    register(wb)
    head = acting_as(wb, ADMINISTRATOR)
    with pytest.raises(NotAllowed, match="最后一名系统管理员"):
        disable_person(head, ADMINISTRATOR)
    with pytest.raises(NotAllowed, match="最后一名系统管理员"):
        end_seat(head, ADMINISTRATOR, "", Role.ADMINISTRATOR, TODAY - DAY)
    with pytest.raises(NotAllowed, match="最后一名系统管理员"):
        import_people(head, [entry(ADMINISTRATOR, Role.HEAD_OFFICE)])
    add_person(head, entry("second", Role.ADMINISTRATOR))
    assert disable_person(head, ADMINISTRATOR).disabled
    with pytest.raises(NotAllowed, match="已停用"):
        add_person(head, entry("li", Role.FILLER, "0101"))
    with pytest.raises(NotAllowed, match="最后一名系统管理员"):
        disable_person(acting_as(wb, "second"), "second")
    assert not enable_person(acting_as(wb, "second"), ADMINISTRATOR).disabled


def test_a_seat_counts_from_its_first_to_its_last_day_and_what_was_done_keeps_it(wb: Workbench) -> None:
    seats = (
        Seat(unit="", role=Role.ADMINISTRATOR, since=TODAY, until=TODAY),
        Seat(unit="", role=Role.HEAD_OFFICE, until=TODAY - DAY),
        Seat(unit="", role=Role.MANAGEMENT, since=TODAY + DAY),
    )
    register(wb, PersonEntry(login="w1", name="王芳", seats=seats))
    person = find_person(wb, "w1")
    assert [seat.role for seat in person.seats_on(TODAY)] == [Role.ADMINISTRATOR]
    add_person(acting_as(wb, "w1"), entry("li", Role.FILLER, "0101"))
    [event] = wb.store.events(1)
    assert (event.login, event.unit, event.role, event.verb) == ("w1", "", "administrator", "register")
    end_seat(acting_as(wb, ADMINISTRATOR), "li", "0101", Role.FILLER, TODAY)
    assert find_person(wb, "li").seats[0].until == TODAY
    assert wb.store.verify() == []


def test_a_deputy_acts_in_the_seats_of_another_between_two_days(wb: Workbench) -> None:
    register(wb, entry("li", Role.FILLER, "0101"), entry("zhao", Role.FILLER, "0101"))
    head = acting_as(wb, ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        add_person(acting_as(wb, "li"), entry("x", Role.FILLER, "0101"))
    name_deputy(head, ADMINISTRATOR, "li", TODAY, TODAY)
    assert add_person(acting_as(wb, "li"), entry("x", Role.FILLER, "0101")).login == "x"
    [event] = wb.store.events(1)
    assert (event.login, event.actor, event.role) == ("li", "姓名li", "administrator")
    name_deputy(head, ADMINISTRATOR, "zhao", TODAY + DAY, TODAY + DAY)
    with pytest.raises(NotAllowed):
        add_person(acting_as(wb, "zhao"), entry("y", Role.FILLER, "0101"))


def test_nobody_appoints_himself_to_stand_in_for_another(wb: Workbench) -> None:
    register(wb, entry("li", Role.FILLER, "0101"), entry("boss", Role.UNIT_HEAD, "0101"))
    with pytest.raises(NotAllowed, match="不能指定自己"):
        name_deputy(acting_as(wb, ADMINISTRATOR), "li", ADMINISTRATOR, TODAY, TODAY)
    with pytest.raises(NotAllowed):
        name_deputy(acting_as(wb, "li"), "boss", ADMINISTRATOR, TODAY, TODAY)
    assert name_deputy(acting_as(wb, "boss"), "boss", "li", TODAY, TODAY).deputies[0].appointed_by == "boss"
    assert name_deputy(acting_as(wb, "boss"), "li", ADMINISTRATOR, TODAY, TODAY).deputies[0].appointed_by == "boss"
    with pytest.raises(InputError, match=r"本人|代理止"):
        name_deputy(acting_as(wb, "boss"), "boss", "boss", TODAY, TODAY - DAY)


def test_a_list_is_taken_as_a_whole_and_all_faults_are_told_by_row_and_column(tmp_path: Path, wb: Workbench) -> None:
    register(wb)
    path = tmp_path / "人员.xlsx"
    write_people((), path, author="测试", day=TODAY)
    book = openpyxl.load_workbook(path)
    sheet = book["人员"]
    heads = [cell.value for cell in sheet[4]]
    assert heads == ["登录名", "姓名", "机构号", "角色", "条线", "任职起", "任职止", "系统用户"]
    for row, cells in enumerate(
        (
            ("w1", "王芳", "0101", "填报人", "", "2026年1月1日", "", ""),
            ("Ｗ1", "王芳", "0101", "机构负责人", "", date(2026, 2, 1), "", ""),
            ("l1", "李明", "", "条线部门", "投诉处理、信息披露", "", "", ""),
        ),
        5,
    ):
        for column, value in enumerate(cells, 1):
            sheet.cell(row, column, value or None)
    book.save(path)
    counts = import_people(acting_as(wb, ADMINISTRATOR), read_people(path))
    assert (counts.added, counts.changed, counts.unchanged) == (2, 0, 0)
    assert find_person(wb, "w1").seats == (
        Seat(unit="0101", role=Role.FILLER, since=date(2026, 1, 1)),
        Seat(unit="0101", role=Role.UNIT_HEAD, since=date(2026, 2, 1)),
    )
    assert find_person(wb, "l1").seats[0].lines == ("complaints", "disclosure")
    again = import_people(acting_as(wb, ADMINISTRATOR), read_people(path))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    sheet["D5"], sheet["F6"], sheet["E7"], sheet["B6"] = "老板", "二月三十", "天气", "王方"
    book.save(path)
    with pytest.raises(InputError) as wrong:
        read_people(path)
    told = [(fault.row, fault.column) for fault in wrong.value.faults]
    assert told == [(5, "角色"), (6, "任职起"), (6, "姓名"), (7, "条线")]


def test_faults_of_what_a_list_says_name_their_rows(wb: Workbench) -> None:
    register(wb)
    offered = [
        replace(entry("1 3", Role.FILLER, "0101"), login="a/b", row=5),
        replace(entry("li", Role.FILLER), row=6),
        replace(entry("zhao", Role.BUSINESS_LINE), row=7),
        replace(entry("13812345678", Role.FILLER, "0101", name="孙"), row=8),
        replace(entry("qian", Role.FILLER, "0101"), name="", row=9),
    ]
    with pytest.raises(InputError) as wrong:
        import_people(acting_as(wb, ADMINISTRATOR), offered)
    assert {(f.row, f.column) for f in wrong.value.faults} == {
        (5, "登录名"),
        (6, "机构号"),
        (7, "条线"),
        (8, "登录名"),
        (9, "姓名"),
    }
    assert "13812345678" not in str(wrong.value)
    assert [row.person.login for row in list_people(acting_as(wb, ADMINISTRATOR))] == [ADMINISTRATOR]


def test_one_system_user_stands_for_one_person(wb: Workbench) -> None:
    register(wb, PersonEntry(login="w1", name="王芳", seats=(Seat(unit="0101", role=Role.FILLER),), system_user="wf"))
    with pytest.raises(InputError, match="一个系统用户只能对应一个人"):
        add_person(acting_as(wb, ADMINISTRATOR), replace(entry("l1", Role.FILLER, "0101"), system_user="WF"))


def test_the_command_registers_lists_disables_and_refuses_in_one_line(wb: Workbench, tmp_path: Path) -> None:
    refused = xiaobao(wb.home, "people", "add", "wang", "--name", "王芳", "--unit", "0101", "--role", "填报人")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "系统管理员" in refused.stderr
    made = xiaobao(wb.home, "people", "add", "gly", "--name", "管理员", "--role", "系统管理员")
    assert made.returncode == 0, made.stderr
    assert (
        xiaobao(wb.home, "people", "add", "wang", "--name", "王芳", "--unit", "0101", "--role", "填报人").returncode
        == 0
    )
    last = xiaobao(wb.home, "people", "disable", "gly")
    assert (last.returncode, last.stdout) == (1, "")
    assert "最后一名系统管理员" in last.stderr
    assert xiaobao(wb.home, "people", "disable", "WANG").returncode == 0
    listed = json.loads(xiaobao(wb.home, "people", "list", "--json").stdout)
    assert [(one["login"], one["state"]) for one in listed] == [("gly", "在用"), ("wang", "已停用")]
    assert xiaobao(wb.home, "people", "template", "-o", str(tmp_path / "m.xlsx")).returncode == 0
    assert (tmp_path / "m.xlsx").is_file()
    assert "| 填报检查项 `answer.save` |" in xiaobao(wb.home, "people", "rights", "--markdown").stdout


def test_asking_a_register_of_4000_people_takes_no_longer_than_other_small_readings(wb: Workbench) -> None:
    register(wb)
    people = [
        Person(login=f"p{number:04}", name=f"姓名{number}", seats=(Seat(unit=f"{number % 400:04}", role=Role.FILLER),))
        for number in range(4000)
    ]
    with wb.store.writing(Actor(name="测试")) as tx:
        tx.save_kept("people", "register", people)
    assert wb.store.acting(TODAY, "p3999").person == wb.store.kept("people", login="p3999")[0]
    asked = _best(lambda: wb.store.acting(TODAY, "p3999"))
    bare = _best(lambda: wb.store.imports("none"))
    print(f"asking the register of 4,001 people: {1000 * asked:.2f} ms, any small reading {1000 * bare:.2f} ms")
    assert asked < 3 * bare


def _best(done: Callable[[], object]) -> float:
    taken = []
    for _ in range(101):
        begun = time.perf_counter()
        done()
        taken.append(time.perf_counter() - begun)
    return min(taken)

"""The table of rights, performed: what is allowed changes the store, what is refused leaves its bytes.

The cells below were written by hand from how an inspection goes in a bank, before the table: the liaison officer fills,
the unit's head answers for it, the reviewer reviews and has not filled, the inspector of a visit verifies and decides,
head office samples, verifies, scores and closes, business lines look after their line, management looks, internal audit
is independent and reads all, the administrator has no verdict.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import xiaobao
from tests.factories.further_rights import FURTHER
from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.people import acting_as
from tests.factories.remaining_rights import LOOKING, OF_THE_BANK, REMAINING, wide_bank
from tests.factories.rights import (
    ANYWHERE,
    BELOW,
    HEAD,
    LOGINS,
    NOTHING,
    OTHER,
    OWN,
    PEOPLE,
    PERFORMED,
    READING,
    STANDING,
    Doors,
    fingerprint,
    rights_bank,
    unhurried,
)
from tests.factories.rights_by_command import BY_COMMAND, run_as
from tests.factories.rights_by_page import BY_PAGE, refused, told
from tests.factories.rights_by_sheet import BY_SHEET
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.desk.actions import BY_NAME as DESK
from xiaobao.features.desk.page import DeskPage
from xiaobao.labels import ROLES
from xiaobao.model import Role, Seat
from xiaobao.rights import RIGHTS, Scope, Target, scopes_of
from xiaobao.workbench.long_work import FOLDER

if TYPE_CHECKING:
    from tests.postgres import Server

CELLS = """
filler     answer.save      0101    yes
filler     answer.save      010101  no
filler     answer.save      0102    no
filler     evidence.add     0101    yes
filler     evidence.add     0102    no
filler     sheet.submit     0101    yes
filler     sheet.review     0101    no
filler     sheet.return     0101    no
filler     lead.answer      0101    yes
filler     lead.answer      0102    no
filler     lead.decide      0101    no
filler     action.fill      0101    yes
filler     action.report    0101    yes
filler     action.verify    0101    no
filler     action.close     0101    no
filler     sheet.see        0101    yes
filler     sheet.see        0102    no
filler     lead.see         0102    no
filler     data.import      0101    no
head       lead.answer      0101    yes
head       lead.answer      0102    no
head       sheet.review     0101    no
head       action.close     0101    no
head       sheet.see        010101  yes
head       people.manage    0101    no
inspector  answer.save      0102    yes
inspector  lead.decide      0101    yes
inspector  lead.answer      0101    no
inspector  action.verify    0101    yes
inspector  action.close     0101    no
inspector  sheet.review     0101    no
guest      lead.decide      0101    no
guest      answer.save      0101    no
guest      sheet.see        0101    no
reviewer   sheet.review     0101    yes
reviewer   sheet.review     010101  yes
reviewer   sheet.review     0102    no
reviewer   sheet.return     010101  yes
reviewer   answer.save      0101    no
reviewer   lead.decide      0101    no
approver   sheet.return     0101    yes
approver   sheet.review     0101    no
office     sheet.review     0102    yes
office     lead.decide      0102    yes
office     action.verify    0102    yes
office     action.close     0102    yes
office     answer.save      0101    no
office     campaign.create  0101    yes
office     campaign.close   0101    yes
office     people.manage    0101    no
line       lead.decide      0102    yes
line       sheet.see        0102    yes
line2      lead.decide      0102    no
line2      sheet.see        0102    no
leader     sheet.see        0102    yes
leader     lead.decide      0101    no
leader     campaign.create  0101    no
compliance action.see       0102    yes
compliance lead.decide      0101    no
audit      sheet.see        0102    yes
audit      sheet.review     0101    no
audit      lead.decide      0101    no
filler     data.see         0101    yes
filler     data.see         0102    no
head       data.see         010101  yes
inspector  data.see         0102    yes
guest      data.see         0101    no
office     data.see         0102    yes
line       data.see         0101    no
leader     data.see         0102    no
audit      data.see         0102    yes
admin      data.see         0101    no
admin      people.manage    0101    yes
admin      data.import      0101    yes
admin      lead.decide      0101    no
admin      sheet.review     0101    no
admin      action.close     0101    no
admin      sheet.see        0101    no
"""
HAND_WRITTEN = [(*line.split()[:3], line.split()[3] == "yes") for line in CELLS.strip().splitlines()]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def doors(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    url = ""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        url = server.new_database()
    bench = rights_bank(tmp_path_factory.mktemp("cells") / "bank", url)
    yield Doors(unhurried(bench))
    bench.store.close()


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    return Doors(unhurried(rights_bank(tmp_path_factory.mktemp("all") / "bank")))


@pytest.fixture(scope="module")
def further(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    return Doors(unhurried(rights_bank(tmp_path_factory.mktemp("further") / "bank")), further=FURTHER)


@pytest.fixture(scope="module")
def remaining(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    return Doors(unhurried(wide_bank(tmp_path_factory.mktemp("remaining") / "bank")), further=REMAINING)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    every = {**FURTHER, **REMAINING}
    return Doors(unhurried(wide_bank(tmp_path_factory.mktemp("typed") / "bank")), further=every)


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    every = {**FURTHER, **REMAINING}
    return Doors(unhurried(wide_bank(tmp_path_factory.mktemp("paged") / "bank")), further=every)


def printed_rows() -> dict[str, dict[Role, frozenset[Scope]]]:
    """Read the printed table of docs/rights.md: what the bank was told."""
    lines = (Path(__file__).parents[1] / "docs" / "rights.md").read_text("utf-8").splitlines()
    found = {}
    for line in lines:
        if (named := re.match(r"\| \S+ `([a-z_.]+)` \|", line)) is not None:
            letters = [cell.strip() for cell in line.strip("|").split("|")[1:]]
            found[named[1]] = {
                role: frozenset(map(Scope, cell.replace("—", ""))) for role, cell in zip(ROLES, letters, strict=True)
            }
    return found


PRINTED = printed_rows()
SEATS = {one.login: one.seats for one in PEOPLE} | {"admin": (Seat(unit="", role=Role.ADMINISTRATOR),)}
SEES = "status.see"  # who may not see how things stand sees no desk
# What is done to the bank as a whole.
NOWHERE = ANYWHERE | OF_THE_BANK | {"filing.issue", "filing.remind", "visit.plan"}


def performed(doors: Doors, login: str, verb: str, unit: str) -> bool:
    """Perform one cell; tell whether it was allowed, after holding the store to what that means."""
    doors.prepare(verb, unit)
    before = fingerprint(doors.wb)
    try:
        doors.perform(verb, login, unit)
    except NotAllowed:
        assert fingerprint(doors.wb) == before, f"{login} {verb} {unit}: refused, and the store changed"
        return False
    except AssertionError as nothing:
        if str(nothing).split("\n")[0] != NOTHING:
            raise
        return False
    if verb in STANDING:
        return True
    looks = verb in READING or verb in LOOKING
    assert (fingerprint(doors.wb) == before) == looks, f"{login} {verb} {unit}: allowed, nothing changed"
    return True


def test_the_cells_written_by_hand(doors: Doors) -> None:
    assert len(HAND_WRITTEN) >= 60
    for unit in (OWN, OTHER):
        doors.prepare("lead.answer", unit)
        doors.measure(unit, "open")
    found = [(*cell[:3], performed(doors, cell[0], cell[1], cell[2])) for cell in HAND_WRITTEN]
    assert [one for one, cell in zip(found, HAND_WRITTEN, strict=True) if one != cell] == []
    print(f"{len(found)} cells written by hand performed on {doors.wb.store.engine.dialect.name}")
    assert doors.wb.store.verify() == []


@pytest.mark.timeout(1200)
def test_every_verb_by_every_role_at_every_scope(on_sqlite: Doors) -> None:
    """What the table says is what the library does: each cell asked of the table, then performed."""
    doors, tally = on_sqlite, Counter[str]()
    for unit in (OWN, BELOW, OTHER):
        doors.prepare("lead.answer", unit)
        doors.measure(unit, "open")
    wrong = []
    for verb, unit, login in cells(PERFORMED):
        done = performed(doors, login, verb, unit)
        tally["allowed" if done else "refused"] += 1
        if done != granted(PRINTED[verb], login, verb, unit):
            wrong.append((login, verb, unit, done))
    print(f"{sum(tally.values())} cells of {len(PERFORMED)} verbs performed: {dict(tally)}")
    assert wrong == []
    assert tally["allowed"] > 100 and tally["refused"] > 300


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("bank", ["further", "remaining"])
def test_further_verbs_by_every_role_at_every_scope(bank: str, request: pytest.FixtureRequest) -> None:
    """Signing to the end, appeals, evidence, filings; then vetoes, samples, visits, appraisals and all that is told."""
    doors: Doors = request.getfixturevalue(bank)
    tally, wrong = Counter[str](), []
    for verb, unit, login in cells(doors.further):
        done = performed(doors, login, verb, unit)
        tally["allowed" if done else "refused"] += 1
        if done != granted(PRINTED[verb], login, verb, unit):
            wrong.append((login, verb, unit, done))
    print(f"{sum(tally.values())} cells of {len(doors.further)} {bank} verbs performed: {dict(tally)}")
    assert wrong == [], "；".join(map(str, wrong))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("bank", ["first", "further", "remaining"])
def test_every_verb_by_every_role_at_every_scope_on_postgresql(bank: str, postgres: Server, tmp_path: Path) -> None:
    """The whole table once more where the store is a server's: the same answers, cell by cell."""
    url = postgres.new_database()
    bench = wide_bank(tmp_path / "bank", url) if bank == "remaining" else rights_bank(tmp_path / "bank", url)
    doors = Doors(bench, further={"first": {}, "further": FURTHER, "remaining": REMAINING}[bank])
    if bank == "first":
        for unit in (OWN, BELOW, OTHER):
            doors.prepare("lead.answer", unit)
            doors.measure(unit, "open")
    tally, wrong = Counter[str](), []
    for verb, unit, login in cells(doors.further or PERFORMED):
        done = performed(doors, login, verb, unit)
        tally["allowed" if done else "refused"] += 1
        if done != granted(PRINTED[verb], login, verb, unit):
            wrong.append((login, verb, unit, done))
    print(f"{sum(tally.values())} cells of {bank} verbs performed on {bench.store.engine.dialect.name}: {dict(tally)}")
    assert wrong == [], "；".join(map(str, wrong))
    bench.store.close()


def test_a_cell_flipped_is_a_cell_that_fails() -> None:
    """Whatever role gains or loses a verb, the people of the tests do another thing than the printed table says."""
    unseen, flips = [], 0
    for verb, row in PRINTED.items():
        before = [granted(row, login, verb, unit) for _, unit, login in cells((verb,))]
        for role in Role:
            flips += 1
            was = row[role]
            flipped = {**row, role: frozenset() if was else frozenset(Scope)}
            if before == [granted(flipped, login, verb, unit) for _, unit, login in cells((verb,))]:
                unseen.append((verb, role.value))
    print(f"{flips} cells flipped")
    assert unseen == []


def test_every_verb_of_the_table_is_performed() -> None:
    """A new verb is performed too; nothing is performed that has no row."""
    assert set(RIGHTS) == set(PRINTED) == {*PERFORMED, *FURTHER, *REMAINING}
    print(f"all {len(RIGHTS)} verbs performed")


def cells(verbs: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each verb at each unit by everybody; what belongs to no unit once."""
    for verb in verbs:
        for unit in (OWN,) if verb in NOWHERE else (OWN, BELOW, OTHER):
            for login in LOGINS:
                yield verb, unit, login


def granted(row: Mapping[Role, frozenset[Scope]], login: str, verb: str, unit: str) -> bool:
    """Return what a printed row says of a person at a unit; the library's answer is not asked."""
    of_a_unit = verb not in NOWHERE or verb in ("people.deputise", "people.deputise_self")
    above = {OWN: (HEAD,), BELOW: (OWN, HEAD), OTHER: (HEAD,)}[unit]
    whole = Target(unit=unit, above=above, domain=DOMAIN, inspectors=("inspector",)) if of_a_unit else Target()
    if verb == "complaint.see":  # the ledger is the whole bank's, of one domain
        whole = Target(domain=DOMAIN)
    return any(row[seat.role] & scopes_of(seat, login, whole) for seat in SEATS[login])


def pair(verb: str) -> tuple[str, str]:
    """Return who may do a verb at the unit, and who may not: of those that no four eyes shut out."""
    able = [login for login in LOGINS if granted(PRINTED[verb], login, verb, OWN)]
    return able[0], next((login for login in LOGINS if login not in able), "")


@pytest.mark.timeout(1200)
def test_each_command_refuses_in_one_line_what_the_table_does_not_grant(
    typed: Doors, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each verb that a command does, by one who may not and then by one who may, in this process."""
    wrong = []
    for verb, words in BY_COMMAND.items():
        able, other = pair(verb)
        typed.prepare(verb, OWN)
        ready = typed.ready.pop((verb, OWN), None)
        before = fingerprint(typed.wb)
        code, out, err = run_as(acting_as(typed.wb, other), capsys, *words(typed, ready))
        if (code, out, err.count("\n")) != (1, "", 1) or not re.search("不能|没有这个", err):
            wrong.append((verb, other, code, out[-300:], err[-300:]))
        if fingerprint(typed.wb) != before:
            wrong.append((verb, other, "refused, and the store changed"))
        code, out, err = run_as(acting_as(typed.wb, able), capsys, *words(typed, ready))
        looks = verb in READING or verb in LOOKING or verb in STANDING
        if code or (fingerprint(typed.wb) == before) != looks:
            wrong.append((verb, able, code, out[-300:], err[-300:]))
    print(f"{len(BY_COMMAND)} verbs done by their commands, refused and allowed")
    assert wrong == [], "\n".join(map(str, wrong))
    assert typed.wb.store.verify() == []


@pytest.mark.timeout(1200)
def test_each_filled_workbook_is_refused_from_whom_the_table_grants_nothing(
    paged: Doors, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same workbook, brought by one who may not and then by one who may."""
    wrong = []
    for verb, words in BY_SHEET.items():
        able, other = pair(verb)
        paged.prepare(verb, OWN)
        asked = words(paged, paged.ready.pop((verb, OWN), None))
        before = fingerprint(paged.wb)
        code, _, err = run_as(acting_as(paged.wb, other), capsys, *asked)
        if code != 1 or not re.search("不能|没有这个", err) or fingerprint(paged.wb) != before:
            wrong.append((verb, other, code, err[-300:]))
        code, out, err = run_as(acting_as(paged.wb, able), capsys, *asked)
        if code or fingerprint(paged.wb) == before:
            wrong.append((verb, able, code, out[-300:], err[-300:]))
    print(f"{len(BY_SHEET)} verbs done by filled workbooks, refused and allowed")
    assert wrong == [], "\n".join(map(str, wrong))


@pytest.mark.timeout(1200)
def test_each_page_refuses_in_words_what_the_table_does_not_grant(paged: Doors) -> None:
    """Each verb that a page does: the message that its socket carries, by one who may not and then by one who may."""
    wrong = []
    for verb, words in BY_PAGE.items():
        able, other = pair(verb)
        paged.prepare(verb, OWN)
        ready = paged.ready.pop((verb, OWN), None)
        before = fingerprint(paged.wb)
        said = refused(told(paged, acting_as(paged.wb, other), words(paged, ready)))
        if not re.search("不能|没有|不存在|请先选择", said):
            wrong.append((verb, other, "not refused", said))
        if fingerprint(paged.wb) != before:
            wrong.append((verb, other, "refused, and the store changed"))
        said = refused(told(paged, acting_as(paged.wb, able), words(paged, ready)))
        if said or (fingerprint(paged.wb) == before) != (verb in READING or verb in LOOKING):
            wrong.append((verb, able, said))
    print(f"{len(BY_PAGE)} verbs done by pages, refused and allowed")
    assert wrong == [], "\n".join(map(str, wrong))
    assert paged.wb.store.verify() == []


def test_each_button_of_the_desk_asks_the_table(paged: Doors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for there is put down for the one who may, and refused in words to the one who may not."""
    monkeypatch.setenv("XIAOBAO_TICKET", "of this test")  # as in a kernel: the server begins the work, not the page
    wrong = []
    for number, action in enumerate(DESK.values()):
        _, other = pair(action.verb)
        able = next(login for login in LOGINS if all(granted(PRINTED[v], login, v, OWN) for v in (action.verb, SEES)))
        values = {one.name: "一" for one in action.fields if one.need}
        folder = tmp_path / str(number)
        for login, may in ((other, False), (able, True)) if other else ((able, True),):
            folder.mkdir(exist_ok=True)
            (folder / "文件.xlsx").write_bytes(b"PK")
            page = DeskPage(acting_as(paged.wb, login), PERIOD)
            try:
                page.act(action.name, values, folder)
            except NotAllowed as error:
                done = "不能" not in str(error)
            except InputError as error:
                wrong.append((action.name, action.verb, login, str(error)))
                continue
            else:
                done = True
            if done != may:
                wrong.append((action.name, action.verb, login, done))
        shutil.rmtree(paged.wb.home / FOLDER, ignore_errors=True)
    print(f"{len(DESK)} buttons of the desk, {len({one.verb for one in DESK.values()})} verbs, refused and allowed")
    assert wrong == []


def test_every_verb_that_a_page_names_is_done_by_its_page() -> None:
    """Read from the code: a page that asks the table for a verb is told to do it above, or only shows by it."""
    package = Path(xiaobao.__file__).parent
    pages = [*package.glob("forms/*.py"), *package.glob("features/*/page.py"), *package.glob("features/*/arranging.py")]
    named = {
        node.value
        for path in pages
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in RIGHTS
    }
    desk = {one.verb for one in DESK.values()}
    shown = {verb for verb in named if verb.endswith((".see", ".rows", ".dossier"))}
    print(f"{len(named)} verbs named by pages, {len(shown)} of them to show; {len(desk)} by the desk")
    assert named - shown - {*BY_PAGE, *desk} == set()


def test_a_command_in_a_process_of_its_own_is_its_system_users(tmp_path: Path) -> None:
    from tests.factories.inspections import PERIOD
    from xiaobao.workbench.acting import system_user
    from xiaobao.workbench.people import PersonEntry, import_people

    bench = rights_bank(tmp_path / "bank")
    me = PersonEntry(
        login="me", name="本机填报人", seats=(Seat(unit=OWN, role=Role.FILLER),), system_user=system_user()
    )
    admin = PersonEntry(login="admin", name="系统管理员甲", seats=SEATS["admin"], system_user="")
    import_people(acting_as(bench, "admin"), [admin, me])
    file = tmp_path / "bank" / "xiaobao.sqlite"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    refused = _xiaobao(tmp_path / "bank", "backup", str(tmp_path / "b.tar"))
    assert (refused.returncode, refused.stdout) == (1, "") and "不能" in refused.stderr
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before and not (tmp_path / "b.tar").exists()
    there = ("sheet", "export", "--period", PERIOD, "--unit", OWN, "-o", str(tmp_path / "z.xlsx"))
    allowed = _xiaobao(tmp_path / "bank", *there)
    assert allowed.returncode == 0, allowed.stderr
    assert hashlib.sha256(file.read_bytes()).hexdigest() != before


def _xiaobao(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from xiaobao.cli import main; main()", *words]
    return subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"XIAOBAO_HOME": str(home)}, check=False
    )

"""A page opened by a person of another subtree, by a stale link, or from a shared folder: nothing foreign on it.

Two branches of one bank, each with two outlets; the head of the eastern branch looks, moves to the western one, leaves.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from msgspec.structs import replace

from tests.browser.conftest import Served
from tests.browser.people import ADMIN, HOME, Client, register_people, seat
from tests.factories.coverage import BELOW, DRAFT, ENOUGH, NAMES, SCORE, SO_FAR, UNTOUCHED, mixed_bank
from tests.factories.inspections import PERIOD
from tests.factories.page_notebooks import copy_notebooks
from tests.factories.people import acting_as
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.features.scorecards.writing import renew
from xiaobao.model import Person, Role, Seat
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.people import find_person
from xiaobao.workbench.signing_in import make_personal_link
from xiaobao.workbench.workspace import Workbench, open_workbench

pytestmark = pytest.mark.browser
EAST, WEST = "E1", "W1"
BRANCHES = {EAST: "东片分行", WEST: "西片分行"}
INSIDE = {EAST: (ENOUGH, DRAFT), WEST: (BELOW, UNTOUCHED)}
ABOVE = {unit: branch for branch, units in INSIDE.items() for unit in units}
EASTERN = Person(login="dong", name="东行长", seats=(seat(Role.UNIT_HEAD, EAST),))
FILLER = Person(login="wang", name="王五", seats=(seat(Role.FILLER, ENOUGH),))
KEEPER = Person(login="guan", name="管登记", seats=(seat(Role.ADMINISTRATOR, ""),))
READ = ("overview", "6_scorecard", "head_office", "leads", "corrective_actions", "explore", "history")
OPENED = [(name, "") for name in READ] + [("6_scorecard", WEST)]
OPENED += [(name, BELOW) for name in ("6_scorecard", "leads", "corrective_actions", "explore", "history")]


def write_register(wb: Workbench, above: dict[str, str]) -> None:
    """Import the register of units anew, each outlet below the branch that `above` names."""
    titles = {column.name: column.title for column in DATASETS["units"].columns}
    names = ("unit", "name", "level", "parent", "region", "businesses", "inspected")
    rows = [["01", "总行", "总行", "", "", "储蓄", "否"]]
    rows += [[unit, name, "分行", "01", "城区", "储蓄", "否"] for unit, name in BRANCHES.items()]
    rows += [[unit, name, "支行", above[unit], "城区", "储蓄", "是"] for unit, name in NAMES.items()]
    path = wb.home / "units.csv"
    path.write_text("\n".join(map(",".join, [[titles[name] for name in names], *rows])) + "\n", "utf-8")
    import_extract(wb, "units", [path], PERIOD, replace=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("subtrees") / "bank"
    wb = mixed_bank(home)
    write_register(wb, ABOVE)
    copy_notebooks(home, *READ)
    renew(wb)
    wb.store.close()
    register_people(home, EASTERN, FILLER, KEEPER)
    return home


@pytest.fixture
def wb(home: Path) -> Iterator[Workbench]:
    bench = open_workbench(home, HOME)
    yield bench
    take_seats(bench, *EASTERN.seats)  # each test begins with the eastern branch's head in his seat
    bench.store.close()


def take_seats(wb: Workbench, *seats: Seat) -> None:
    """Let the head of the eastern branch sit elsewhere from now on, while he is signed in."""
    with wb.store.writing(HOME) as tx:
        tx.save_kept("people", "change", (replace(find_person(wb, "dong"), seats=seats),))


@pytest.fixture
def client(served: Served) -> Client:
    client = Client(served.port)
    assert client.sign_in("dong").status == 302
    return client


def page_of(home: Path, name: str) -> Path:
    [path] = home.glob(f"reports/*/*/{name}")
    return path


def given_out(home: Path, name: str) -> str:
    """The address at which the server gives a static page out."""
    return quote(f"/scorecards/{page_of(home, name).relative_to(home / 'reports')}")


def foreign(text: str, branch: str = WEST) -> list[str]:
    """Names and scores of a branch and its outlets that stand on a page."""
    names = [BRANCHES[branch], *(NAMES[unit] for unit in INSIDE[branch])]
    scores = [SO_FAR, "59.9"] if branch == WEST else [SCORE]
    return [one for one in (*names, *scores) if one in text]


@pytest.mark.parametrize(("notebook", "unit"), OPENED)
def test_no_page_shows_the_head_of_one_branch_anything_of_another(client: Client, notebook: str, unit: str) -> None:
    query = f"?period={PERIOD}" + (f"&unit={unit}" if unit else "")
    answer = client.get(f"/voila/render/{notebook}.ipynb{query}")
    assert answer.status == 200
    assert foreign(answer.text) == []
    assert "Traceback" not in answer.text


def test_what_is_his_is_shown_by_the_same_pages(client: Client) -> None:
    """So that the pages above are not empty for another reason."""
    for notebook, query in (("overview", ""), ("6_scorecard", f"&unit={ENOUGH}")):
        text = client.get(f"/voila/render/{notebook}.ipynb?period={PERIOD}{query}").text
        assert {NAMES[ENOUGH], SCORE} <= set(foreign(text, EAST)), notebook


def test_the_card_of_another_branch_is_refused_in_words(client: Client) -> None:
    text = client.get(f"/voila/render/6_scorecard.ipynb?unit={BELOW}&period={PERIOD}").text
    assert "东行长（机构负责人）在这里不能查看得分、检查发现和总览" in text


def test_a_unit_that_there_is_not_is_refused_with_the_very_words_of_one_that_is_another_branch_s(
    client: Client,
) -> None:
    """Else whoever asks for numbers learns which there are."""
    foreign_unit, unknown = (
        client.get(f"/voila/render/6_scorecard.ipynb?unit={unit}&period={PERIOD}").text for unit in (BELOW, "0999")
    )
    refused = "东行长（机构负责人）在这里不能查看得分、检查发现和总览"
    for text in (foreign_unit, unknown):
        assert [one for one in re.findall(r"[^<>]*东行长[^<>]*", text) if refused in one]
        assert "没有这个被检查机构" not in text
    told = [re.findall(r"[^<>]*在这里不能[^<>]*", text) for text in (foreign_unit, unknown)]
    assert told[0] == told[1]


def test_a_page_that_is_not_his_says_who_may_see_it_and_leads_to_what_he_may(client: Client) -> None:
    """Nothing is broken, so nothing is red; the pages named are those of the server, and they open."""
    page = client.get(f"/voila/render/head_office.ipynb?period={PERIOD}").text
    said = BeautifulSoup(page, "html.parser").select_one(".xb-error")
    assert said is not None and "xb-refused" in said["class"]
    assert "总行汇总含全行的投诉统计：东行长（机构负责人）在这里不能查看全行投诉统计" in said.text
    assert "可以的角色：总行消保部、条线部门、管理层、合规/纪检、内审" in said.text
    onward = BeautifulSoup(page, "html.parser").select(".xb-onward a")
    assert [one.text for one in onward] == ["总览", "得分表"]
    for one in onward:
        opened = client.get(str(one["href"])).text
        assert 'class="xb-error' not in opened
        assert {NAMES[ENOUGH]} <= set(foreign(opened, EAST))


def test_who_may_see_no_result_at_all_is_not_led_to_pages_of_results(served: Served) -> None:
    """An administrator keeps the register: menu and refusal name no page where he would be refused again."""
    admin = Client(served.port)
    assert admin.sign_in(KEEPER.login).status == 302
    page = BeautifulSoup(admin.get("/voila/render/overview.ipynb").text, "html.parser")
    assert page.select_one(".xb-refused") is not None
    named = {one.text for one in page.select("nav a, .xb-onward a")}
    assert "留痕" in named and not named & {"总览", "得分表", "总行"}


def test_a_branch_that_no_campaign_inspects_opens_with_a_way_to_what_its_head_may_see(client: Client) -> None:
    text = client.get(f"/voila/render/6_scorecard.ipynb?unit={EAST}&period={PERIOD}").text
    assert f"不检查{BRANCHES[EAST]}" in text
    assert {f"unit={one}" for one in INSIDE[EAST]} <= set(re.findall(r"unit=\w+", text))


def test_of_the_static_pages_he_is_given_those_of_his_branch_and_no_other(client: Client, home: Path) -> None:
    for name in (f"{EAST}/overview.html", f"{ENOUGH}/scorecard.html"):
        answer = client.get(given_out(home, name))
        assert answer.status == 200
        assert foreign(answer.text) == []
    for name in ("overview.html", f"{WEST}/overview.html", f"{BELOW}/scorecard.html"):
        answer = client.get(given_out(home, name))
        assert answer.status == 403
        assert "不能查看" in answer.text
        assert foreign(answer.text) == []


def test_a_link_kept_from_before_his_seat_changed_shows_nothing_of_it(
    client: Client, home: Path, wb: Workbench
) -> None:
    """Signed in all the while, with the page in his browser's cache: the server does not say that it is unchanged."""
    static, live = given_out(home, f"{ENOUGH}/scorecard.html"), f"?unit={ENOUGH}&period={PERIOD}"
    tag = client.get(static).headers["ETag"]
    assert client.get(static, If_None_Match=tag).status == 304
    take_seats(wb, seat(Role.UNIT_HEAD, WEST))
    answer = client.get(static, If_None_Match=tag)
    assert answer.status == 403
    assert foreign(answer.text, EAST) == []
    for notebook, query in (("6_scorecard", live), ("overview", f"?period={PERIOD}"), ("leads", live)):
        assert foreign(client.get(f"/voila/render/{notebook}.ipynb{query}").text, EAST) == [], notebook


def test_a_seat_that_has_ended_opens_nothing(client: Client, home: Path, wb: Workbench) -> None:
    take_seats(wb, replace(seat(Role.UNIT_HEAD, EAST), until=date.today() - timedelta(days=1)))
    for path in (given_out(home, f"{EAST}/overview.html"), f"/voila/render/overview.ipynb?period={PERIOD}"):
        text = client.get(path).text
        assert foreign(text, EAST) + foreign(text, WEST) == []


def test_a_personal_link_that_was_ended_leads_to_the_door_and_shows_nothing(
    served: Served, home: Path, wb: Workbench
) -> None:
    admin = acting_as(wb, ADMIN.login)
    stale, until = Client(served.port), date.today() + timedelta(days=7)
    assert stale.post("/link", {"link": make_personal_link(admin, "wang", ENOUGH, until)[0]}).status == 302
    path = given_out(home, f"{ENOUGH}/scorecard.html")
    assert stale.get(path).status == 200
    assert stale.get(given_out(home, f"{DRAFT}/scorecard.html")).status == 403
    make_personal_link(admin, "wang", ENOUGH, until)  # a new link ends the old one
    for address in (path, f"/voila/render/6_scorecard.ipynb?unit={ENOUGH}&period={PERIOD}"):
        answer = stale.get(address)
        assert (answer.status, answer.headers["Location"].partition("?")[0]) == (302, "/login")
        assert foreign(answer.text, EAST) == []


def test_a_file_of_the_shared_folder_says_for_whom_it_is_and_carries_nobody_else(home: Path) -> None:
    for branch, other in ((EAST, WEST), (WEST, EAST)):
        text = page_of(home, f"{branch}/overview.html").read_text("utf-8")
        assert f"本页仅供：{BRANCHES[branch]}（{branch}）及其下级机构" in text
        assert foreign(text, other) == []
        for unit in INSIDE[branch]:
            light = page_of(home, f"{unit}/scorecard.html").read_text("utf-8")
            assert f"本页仅供：{NAMES[unit]}及其上级机构" in light
            assert foreign(light, other) == []
            others = set(INSIDE[branch]) - {unit}
            assert [NAMES[one] for one in others if NAMES[one] in light] == []
    assert "本页仅供：总行（全部机构）" in page_of(home, "overview.html").read_text("utf-8")


def test_after_an_outlet_changed_its_branch_the_file_of_the_old_one_is_written_without_it(
    home: Path, tmp_path: Path
) -> None:
    copied: Any = tmp_path / "bank"
    shutil.copytree(home, copied)
    bench = acting_as(open_workbench(copied), ADMIN.login)
    write_register(bench, ABOVE | {ENOUGH: WEST})
    renew(bench)
    old = page_of(copied, f"{EAST}/overview.html").read_text("utf-8")
    assert NAMES[ENOUGH] not in old
    assert SCORE not in old
    new = page_of(copied, f"{WEST}/overview.html").read_text("utf-8")
    assert NAMES[ENOUGH] in new
    assert f"本页仅供：{BRANCHES[WEST]}（{WEST}）及其下级机构" in new

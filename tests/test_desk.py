"""工作台 by its messages: upload, mapping, import all or nothing with marked faults; works of their own; rights."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from openpyxl import Workbook, load_workbook

from tests.factories.inspections import PERIOD, tiny_workspace, workbench
from tests.factories.kept import new_workspace
from tests.factories.people import acting_as, entry
from tests.factories.people import register as register_people
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.desk.actions import BY_NAME
from xiaobao.features.desk.mapping import guess
from xiaobao.features.desk.page import DESK_STEPS, DeskPage
from xiaobao.features.history.history_lines import workspace_entries
from xiaobao.labels import level_of, level_titles
from xiaobao.model import Role, Unit
from xiaobao.pages.work_starter import WorkStarter
from xiaobao.rights import RIGHTS
from xiaobao.settings import Serving
from xiaobao.store.tickets import VARIABLE, Signer
from xiaobao.workbench import long_work
from xiaobao.workbench.signing_in import SERVER, Entrance, hash_of
from xiaobao.workbench.versions.publishing import write_weights
from xiaobao.workbench.workspace import Workbench, open_workbench

SECONDS = 90
PHONE = "13812345678"


def book(path: Path, *rows: list[str]) -> Path:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def register(path: Path) -> Path:
    return book(
        path / "机构一览表.xlsx",
        ["某行机构一览表"],
        ["机构编码", "机构名称", "机构层级", "上级机构编码"],
        ["00", "某行总行", "总行", ""],
        ["0101", "青台分理处", "分理处", "00"],
    )


def ledger(path: Path, day: str = "2026年2月3日") -> Path:
    heads = ["投诉编号", "被投诉网点", "客户姓名", "联系电话", "受理日期"]
    rows = [["TS1", "青台分理处", "张三", PHONE, "2026-01-05"], ["TS2", "青台分理处", "李四", "", day]]
    return book(path / "投诉台账.xlsx", ["投诉登记簿"], heads, *rows)


def send(page: DeskPage, path: Path) -> str:
    data = path.read_bytes()
    told = page.reply({"type": "file", "file": path.name, "size": len(data), "offset": 0}, [data])
    return str(told["batch"])


def offered(page: DeskPage, path: Path, dataset: str = "") -> tuple[str, Any]:
    batch = send(page, path)
    answer: Any = page.reply({"type": "look", "name": "mapping", "values": {"dataset": dataset}, "batch": batch})
    return batch, answer["blocks"][0]


def chosen(block: Any) -> dict[str, Any]:
    """Take all that is proposed, as a person does who presses 采用建议 everywhere."""
    values = [{"column": one["column"], "theirs": one["theirs"], "ours": one["ours"]} for one in block["values"]]
    return {"columns": {one["name"]: one["proposed"] for one in block["columns"]}, "values": values}


def press(page: DeskPage, path: Path, dataset: str = "") -> Any:
    batch, block = offered(page, path, dataset)
    values = {"dataset": block["dataset"], "mapping": chosen(block)}
    page.reply({"type": "act", "name": "import", "values": values, "batch": batch})
    return ended(page)


def ended(page: DeskPage) -> Any:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        now: Any = page.reply({"type": "poll"})["now"]
        if not now["going"]:
            return now
        time.sleep(0.2)
    raise AssertionError(now)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace just made, its register imported at the desk."""
    folder = tmp_path_factory.mktemp("desk")
    new_workspace(folder / "bank", "某行").store.close()
    now = press(page_of(folder / "bank"), register(folder), "units")
    assert (now["state"], now["files"]) == ("done", []), now
    return folder / "bank"


def page_of(home: Path) -> DeskPage:
    page = DeskPage(open_workbench(home), PERIOD)
    page.reply({"type": "open", "period": PERIOD})
    return page


def files_of(home: Path) -> set[tuple[str, int]]:
    return {(path.as_posix(), path.stat().st_mtime_ns) for path in home.rglob("*") if path.is_file()}


def test_a_register_with_a_title_line_and_other_heads_gets_in_and_the_desk_goes_on(bank: Path) -> None:
    before = files_of(bank)
    page = page_of(bank)
    steps: Any = page.whole()["steps"]
    assert [one["id"] for one in steps] == list(DESK_STEPS)
    assert steps[0]["line"] == "2 家机构"
    assert [one["id"] for one in steps if one["next"]] == ["data"]
    for step in DESK_STEPS:
        assert page.reply({"type": "step", "name": step})["blocks"]
    assert files_of(bank) == before  # opening writes nothing


def test_levels_are_proposed_by_the_banks_own_words_and_never_taken_unseen(bank: Path, tmp_path: Path) -> None:
    _, block = offered(page_of(bank), register(tmp_path), "units")
    [level] = block["values"]
    assert (level["theirs"], level["ours"], level["sure"]) == ("分理处", "网点", False)
    unit = next(one for one in block["columns"] if one["name"] == "unit")
    assert (unit["proposed"], unit["sure"]) == ("机构编码", False)


def test_levels_are_named_as_the_bank_names_them(bank: Path) -> None:
    """What the register called a level before it was mapped stands wherever a level is named."""
    wb = page_of(bank)._wb
    units = wb.units(PERIOD)
    assert [(one.level, level_of(one)) for one in units.values()] == [("head_office", "总行"), ("outlet", "分理处")]
    assert level_titles(units.values()) == {"head_office": "总行", "outlet": "分理处"}
    campaign: Any = page_of(bank).reply({"type": "step", "name": "campaign"})
    [level] = [one for block in campaign["blocks"] for one in block.get("fields", ()) if one["name"] == "level"]
    assert level["options"] == [["", "全部层级"], ["head_office", "总行"], ["outlet", "分理处"]]


def test_several_names_of_one_level_stand_together_and_too_many_give_way_to_ours() -> None:
    named = [Unit(id=word, name=word, level="outlet", level_name=word) for word in ("分理处", "储蓄所", "", "便民点")]
    assert level_titles(named[:2]) == {"outlet": "分理处、储蓄所"}
    assert level_titles(named[:3]) == {"outlet": "分理处、储蓄所、网点"}
    assert level_titles(named) == {"outlet": "网点"}
    assert level_titles([Unit(id="1", name="一", level="kiosk")]) == {"kiosk": "kiosk"}


def test_a_dataset_is_known_by_its_heads_and_its_personal_samples_are_covered(bank: Path, tmp_path: Path) -> None:
    page = page_of(bank)
    assert guess(page._wb, ledger(tmp_path)).name == "complaints"
    _, block = offered(page, ledger(tmp_path))
    assert "张三" not in str(block) and PHONE not in str(block)
    assert [(one["theirs"], one["ours"], one["sure"]) for one in block["values"]] == [("青台分理处", "0101", True)]


def test_a_wrong_file_imports_nothing_and_its_faults_come_back_marked(bank: Path, tmp_path: Path) -> None:
    page = page_of(bank)
    now = press(page, ledger(tmp_path, "2026-13-45"))
    assert now["state"] == "failed" and not page._wb.store.imports("complaints")
    assert [(row[2], row[3]) for row in now["faults"]] == [("4", "受理日期")]
    assert now["files"] == ["问题清单.xlsx"]
    sheet = load_workbook(page.fetch(now["id"], "问题清单.xlsx"))["有错的行"]
    heads = [cell.value for cell in sheet[1]]
    marked = [heads[cell.column - 1] for cell in sheet[2] if cell.fill.fgColor.rgb == "FFFFC7CE"]
    assert marked == ["受理日期"]
    assert not (long_work.folder_of(bank, now["id"]) / "in").exists()  # what was uploaded is gone
    assert PHONE not in str(now) and "李四" not in str(now)


def test_the_right_file_gets_in_with_outlets_by_name_and_days_in_two_forms(bank: Path, tmp_path: Path) -> None:
    page = page_of(bank)
    now = press(page, ledger(tmp_path))
    assert now["state"] == "done", now["lines"]
    assert [one.rows for one in page._wb.store.imports("complaints")] == [2]
    data: Any = page.reply({"type": "step", "name": "data"})
    cover = next(one for one in data["blocks"] if str(one.get("title", "")).startswith("数据覆盖"))
    assert ["青台分理处（0101）", 2] in cover["rows"]


def test_one_work_at_a_time_said_in_words_and_a_work_can_be_stopped(tmp_path: Path) -> None:
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    page = DeskPage(wb)
    page.reply({"type": "act", "name": "leads_raise", "values": {}})
    with pytest.raises(InputError, match=r"“下发疑点”正在运行，一次只能运行一项"):
        page.reply({"type": "act", "name": "run", "values": {}})
    page.reply({"type": "stop", "name": str(page.work()["now"]["id"])})  # type: ignore[index]
    assert ended(page)["state"] in {"stopped", "done"}
    wb.store.close()


def test_what_a_field_lacks_is_said_and_nothing_is_started(bank: Path) -> None:
    with pytest.raises(InputError, match="还没有填“登录名”"):
        page_of(bank).reply({"type": "act", "name": "people_reset", "values": {"login": ""}})
    page = page_of(bank)
    now: Any = page.work()["now"]
    with pytest.raises(InputError, match="没有这个文件"):
        page.fetch(now["id"], "../work.json")


def test_drafts_wait_under_their_titles_and_a_schemes_draft_tells_what_it_changes(tmp_path: Path) -> None:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    scheme = structs.replace(
        bench.scheme(bench.campaign(PERIOD)), weights={"complaints": Decimal(60), "own": Decimal(40)}
    )
    path = write_weights(bench, scheme, {"complaints": Decimal(50), "own": Decimal(50)}, "2026.2")
    page = DeskPage(bench, PERIOD)
    blocks = {one.get("name") or one.get("title"): one for one in page.body("checklists")}
    [choice] = blocks["impact"]["fields"][0]["options"]  # type: ignore[index]
    assert choice == [f"scheme:{scheme.id}@2026.2", "自查评分 2026.2"]
    assert blocks["已发布的检查表"]["rows"] == [["投诉处理", "2026.1"]]
    assert "checklist_publish" in blocks
    note, tried = page.look("impact", {"draft": choice[0]}, None)
    assert "投诉处理 100 → 50" in str(note["words"])
    assert "试算" in str(tried["words"])
    path.unlink()
    assert "checklist_publish" not in {one.get("name") for one in page.body("checklists")}
    bench.store.close()


def test_who_may_not_is_told_and_starts_nothing(tmp_path: Path) -> None:
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    register_people(wb, entry("fill", Role.FILLER, "0101"), entry("look", Role.MANAGEMENT))
    filler = DeskPage(acting_as(wb, "fill"))
    assert filler.whole()["steps"] == [] and "填报人" in str(filler.whole()["fault"])
    with pytest.raises(NotAllowed):
        filler.reply({"type": "act", "name": "run", "values": {}})
    leader = DeskPage(acting_as(wb, "look"))
    blocks: Any = leader.reply({"type": "step", "name": "run"})["blocks"]
    assert all(one["why"] for one in blocks if one["kind"] == "action")
    with pytest.raises(NotAllowed):
        leader.reply({"type": "act", "name": "run", "values": {}})
    with pytest.raises(NotAllowed):
        leader.reply({"type": "step", "name": "people"})
    assert not long_work.works(wb.home)
    wb.store.close()


def test_the_server_starts_nothing_by_a_ticket_that_is_not_its_own(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wb: Workbench = open_workbench(bank)
    monkeypatch.setenv(VARIABLE, "")
    work = long_work.request_work(wb, "核对", "verify", "store.keep", ["verify"], "xiaobao verify")
    WorkStarter(bank, Entrance(store=wb.store, rules=Serving()), Signer(wb.store.store_id())).look()
    state = long_work.work_state(long_work.folder_of(bank, work.id))
    assert state is not None and state.state == "failed"
    assert "不是本服务" in state.lines[0]
    assert not list((bank / long_work.FOLDER).rglob("ticket"))
    wb.store.close()


def test_every_action_takes_a_right_that_there_is_and_says_a_command_that_there_is() -> None:
    from xiaobao.cli.app import COMMANDS
    from xiaobao.feature_list import feature_commands

    known = {*COMMANDS, *feature_commands()}
    assert not [one.name for one in BY_NAME.values() if one.verb not in RIGHTS]
    assert not [kind for kind in DESK_STEPS.values() if kind.see not in RIGHTS]
    assert not [one.words for one in BY_NAME.values() if one.words.split()[0] not in known]
    documented = (Path(__file__).parents[1] / "docs" / "commands.md").read_text("utf-8")
    for one in BY_NAME.values():
        words = re.split(r" -|\{| --", one.words)[0].strip()
        while words and f"### {words}\n" not in documented:
            words = words.rpartition(" ")[0]  # the last word may be an argument
        section = documented.partition(f"### {words}\n")[2].partition("\n### ")[0]
        assert section, words
        assert not [part.option for part in one.parts if part.option.startswith("--") and part.option not in section]


def test_a_report_is_offered_for_download_and_shown_before(tmp_path: Path) -> None:
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    page = DeskPage(wb)
    page.reply({"type": "act", "name": "report", "values": {"kind": "complaints", "draft": ""}})
    now = ended(page)
    assert not [line for line in now["lines"] if long_work.FOLDER in line]
    assert now["state"] == "done", now["lines"]
    report = next(name for name in now["files"] if name.endswith(".docx"))
    assert page.fetch(now["id"], report).is_relative_to(wb.home / "reports")
    shown: Any = page.reply({"type": "look", "name": "preview", "values": {"work": now["id"], "file": report}})
    assert "投诉" in str(shown["blocks"])
    wb.store.close()


def test_the_server_starts_work_for_the_person_of_the_page_who_stays_its_author(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wb = workbench(tiny_workspace(tmp_path / "bank"))
    register_people(wb, entry("head", Role.HEAD_OFFICE))
    entrance, signer = Entrance(store=wb.store, rules=Serving()), Signer(wb.store.store_id())
    with wb.store.writing(SERVER) as tx:
        tx.access.add_key(signer.id, signer.public)
    found = wb.store.session(hash_of(entrance.by_proxy("head", "127.0.0.1")), wb.store.now())
    assert found is not None
    monkeypatch.setenv(VARIABLE, signer.ticket(found[0], "a-kernel"))
    page = DeskPage(acting_as(wb, "head"))
    page.reply({"type": "act", "name": "campaign_create", "values": {"called": "专项", "kind": "special"}})
    starter = WorkStarter(wb.home, entrance, signer)
    starter.look()
    now = ended(page)
    for process, _ in starter._going:
        process.wait(SECONDS)
    assert now["state"] == "done", now["lines"]
    assert now["who"] == "姓名head"
    assert now["command"] == f"xiaobao campaign create 专项 --kind special --period {PERIOD}"
    made = [one for one in workspace_entries(acting_as(wb, "head"), "campaign") if "专项" in str(one)]
    assert [(one.who, one.verified) for one in made] == [("姓名head", True)]
    wb.store.close()

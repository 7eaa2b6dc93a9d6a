"""本行检查: from a question to a check that a second person published; whatever goes wrong ends in words."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import xiaobao as xb
from tests.factories import tables
from tests.factories.answering import hand_in
from tests.factories.imported import row
from tests.factories.inspections import (
    DOMAIN,
    FILLER,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    as_person,
    checklist,
    tiny_workspace,
    workbench,
)
from tests.factories.poison import ID, MOBILE
from tests.test_cli import call
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.writing import to_yaml
from xiaobao.checks.confined import Bounds
from xiaobao.checks.own.declaring import read_own
from xiaobao.checks.own.running import OwnCheck, as_check
from xiaobao.checks.own.template import new_file, new_item
from xiaobao.checks.own.testing import run_cases
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import Actor, CheckResult, CheckStatus, Disposition
from xiaobao.paper.frozen import FrozenPaper, input_digest
from xiaobao.paper.work_paper import compute
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.leads import answer_lead, decide_lead, leads_table
from xiaobao.workbench.own_checks import source_files, verbs
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.reading import scorecard, work_paper
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.verifying import verify_workspace
from xiaobao.workbench.versions.publishing import publish_all
from xiaobao.workbench.workspace import Workbench, shipped
from xiaobao.written.nodes import Listing
from xiaobao.written.reader import read
from xiaobao.written.yaml_files import read_document

SECOND = Actor(name="王五", verified=True)
CAMPAIGN = "含本行检查"
NAME = "undecided"
ROWS = (
    row("complaints", 1, unit=UNIT, received_on="2026-02-01"),
    row("complaints", 2, unit=UNIT, received_on="2026-03-01", decided_on="2026-03-05"),
    row("complaints", 3, unit=OTHER, received_on="2026-04-01", decided_on="2026-04-09"),
    row("complaints", 4, unit=OTHER, received_on="2026-01-01"),
)


def own_item(tmp: Path, name: str, *asked: str) -> Item:
    """The item that `checks new` prints, read as a checklist reads it."""
    path = tmp / "item.yaml"
    path.write_text("items:\n" + "".join(f"  {line}\n" for line in new_item(name, *asked).splitlines()), "utf-8")
    listed = read_document(path).values["items"]
    assert isinstance(listed, Listing)
    found, flaws = read(Item, listed.values[0])
    assert found is not None, flaws
    return found


def sheet_with(asked: Item) -> Checklist:
    core = checklist(1)
    sections = (*core.sections, replace(core.sections[0], id="s-own", title="本行", items=(asked,)))
    return replace(core, version="2026.2", sections=sections, total=core.total + asked.points)


@dataclass
class Bank:
    """A bank of two outlets whose data are in, and one check of its own, tested by one person."""

    wb: Workbench
    author: Workbench = field(init=False)
    second: Workbench = field(init=False)

    def __post_init__(self) -> None:
        self.author, self.second = as_person(self.wb, INSPECTOR), as_person(self.wb, SECOND)

    @property
    def file(self) -> Path:
        return self.wb.home / "checks" / f"{NAME}.py"

    def write(self, text: str) -> None:
        """Change the file, have it tested by the author and published by the second person."""
        self.file.write_text(text, "utf-8")
        verbs.run_test(self.author, NAME)
        verbs.publish_check(self.second, NAME)

    def paper(self, unit: str = UNIT) -> FrozenPaper:
        campaign = self.wb.campaign(PERIOD, CAMPAIGN)
        return Freezer(self.wb, campaign).paper(self.wb.units(PERIOD)[unit], DOMAIN)

    def result(self, unit: str = UNIT) -> CheckResult:
        return next(one for one in compute(self.paper(unit)).check_results if one.check_id == f"own.{NAME}")


def start(home: Path) -> Bank:
    wb = workbench(tiny_workspace(home), INSPECTOR)
    names = list(dict.fromkeys(name for one in ROWS for name in one))
    heads = [DATASETS["complaints"].column(name).title for name in names]
    path = tables.write_csv(home, [heads, *([one.get(name, "") for name in names] for one in ROWS)])
    import_extract(wb, "complaints", [path], PERIOD)
    partitions(wb, PERIOD)
    return Bank(wb)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank whose check is published and asked by the newest sheet, which a campaign is opened on; to be copied."""
    folder = tmp_path_factory.mktemp("own")
    made = start(folder / "bank")
    verbs.new_check(made.author, NAME)
    verbs.run_test(made.author, NAME)
    verbs.publish_check(made.second, NAME)
    asked = own_item(folder, NAME)
    (made.wb.home / "checklists" / "complaints-2026.2.yaml").write_text(to_yaml(sheet_with(asked)), "utf-8")
    publish_all(made.wb, made.wb.home / "checklists")
    create_campaign(made.wb, CAMPAIGN, PERIOD)
    made.wb.store.close()
    return made.wb.home


@pytest.fixture
def bank(home: Path, tmp_path: Path) -> Iterator[Bank]:
    made = Bank(workbench(shutil.copytree(home, tmp_path / "bank"), INSPECTOR))
    yield made
    made.wb.store.close()


@pytest.fixture(scope="module")
def frozen(home: Path) -> FrozenPaper:
    """The inputs of the paper that asks the check."""
    wb = workbench(home, INSPECTOR)
    made = Bank(wb).paper()
    wb.store.close()
    return made


# The whole way


def test_from_a_question_to_paper_and_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = start(tmp_path / "bank")
    wb, home = made.wb, made.wb.home
    monkeypatch.setenv("XIAOBAO_HOME", str(home))
    for name in ("4_complaints", "6_scorecard"):
        shutil.copy(shipped("notebooks") / f"{name}.ipynb", home / "notebooks")

    # 提问、试算：nothing is stored, nobody is accused.
    tried = xb.try_check(
        lambda rows: rows[rows["处理决定日期"].isna()], "complaints", period=PERIOD, workspace=str(home)
    )
    assert dict(zip(tried["机构号"], tried["命中数"], strict=True))[UNIT] == 1

    # 编写、测试：a file that runs, and the item to add.
    code, said, _ = call(monkeypatch, capsys, "checks", "new", NAME)
    assert code == 0 and f"checks/{NAME}.py" in said and f"checks: [own.{NAME}]" in said
    assert call(monkeypatch, capsys, "checks", "test", NAME)[0] == 0
    draft = home / "checklists" / "complaints-2026.2.yaml"
    draft.write_text(to_yaml(sheet_with(own_item(tmp_path, NAME))), "utf-8")
    code, _, why = call(monkeypatch, capsys, "checklist", "check")
    assert code == 1 and "本行检查没有发布" in why and f"own.{NAME}" in why

    # 发布：by a second person alone.
    code, _, why = call(monkeypatch, capsys, "checks", "publish", NAME)
    assert code == 1 and "第二人" in why
    verbs.publish_check(made.second, NAME)
    code, said, _ = call(monkeypatch, capsys, "checklist", "check")
    assert code == 0, said
    assert call(monkeypatch, capsys, "checklist", "publish")[0] == 0
    listed = json.loads(call(monkeypatch, capsys, "checklist", "checks", "--json")[1])
    [mine] = [one for one in listed if one["id"] == f"own.{NAME}"]
    assert mine["domain"] == "本行检查" and mine["items"] and "本行要求" in mine["practice"]

    # 下发：the command raises the lead; like a paper it runs the file in a confined child.
    campaign = create_campaign(wb, CAMPAIGN, PERIOD)
    assert call(monkeypatch, capsys, "leads", "raise", "--period", PERIOD, "--campaign", CAMPAIGN)[0] == 0
    found = [one for one in leads_table(wb, PERIOD, campaign=CAMPAIGN) if one.lead.check_id == f"own.{NAME}"]
    [lead] = [one for one in found if one.lead.unit == UNIT]
    assert lead.check_title == "投诉没有登记处理决定日期（本行）"
    assert lead.lead.summary == "投诉 K0001 受理于 2026-02-01，没有登记处理决定日期（本行要求：投诉台账登记完整）"

    # 核实、认定、提交、评分：the lead costs a point on paper and card.
    answer_lead(as_person(wb, FILLER), lead.lead.id, Disposition.CONFIRMED, "漏登", 0)
    decide_lead(made.second, lead.lead.id, Disposition.CONFIRMED, "属实", 1)
    hand_in(wb, f"{PERIOD}/{CAMPAIGN}")
    assert not run_campaign(wb, campaign, RunOptions(jobs=1, units=(UNIT,))).failed
    paper = work_paper(wb, UNIT, f"{PERIOD}/{CAMPAIGN}", DOMAIN)
    [line] = [one for one in paper.after.trace if one.node_id == f"own-{NAME}"]
    assert line.earned == Decimal(4)
    executed = next((home / "reports").rglob(f"{UNIT}/4_complaints.ipynb")).read_text("utf-8")
    assert "投诉没有登记处理决定日期（本行）" in executed
    card = scorecard(wb, UNIT, f"{PERIOD}/{CAMPAIGN}")
    assert card.total.value == paper.after.value == Decimal("97.14")
    assert "（本行）投诉登记处理决定日期" in next((home / "reports").rglob(f"{UNIT}/6_scorecard.ipynb")).read_text(
        "utf-8"
    )
    wb.store.close()


# What is published runs, and nothing else


def test_a_changed_file_is_an_error_of_its_item_and_of_nothing_else(bank: Bank) -> None:
    assert (bank.result().status, bank.result().hits) == (CheckStatus.LEADS, 1)
    before = compute(bank.paper())
    bank.file.write_text(bank.file.read_text("utf-8") + "\n# 改了一个字\n", "utf-8")
    after = compute(bank.paper())
    told = bank.result()
    assert told.status is CheckStatus.ERROR
    assert f"checks/{NAME}.py 文件已改动，与 2026-07-05 发布时不一致" in told.note
    mine = f"own.{NAME}"
    others = [[one for one in paper.check_results if one.check_id != mine] for paper in (before, after)]
    assert others[0] == others[1] and len(others[0]) == 1
    facts = [[one for one in paper.facts if one.item_id != f"own-{NAME}"] for paper in (before, after)]
    assert facts[0] == facts[1]
    assert next(row.note for row in verbs.list_checks(bank.wb)).startswith(f"checks/{NAME}.py 文件已改动")


def test_verify_names_a_published_file_that_was_changed_or_is_gone_until_it_is_put_back(bank: Bank) -> None:
    published = bank.file.read_text("utf-8")
    assert verify_workspace(bank.wb) == ()
    bank.file.write_text(published + "\n# 改了一个字\n", "utf-8")
    [changed] = verify_workspace(bank.wb)
    assert changed.startswith(f"本行检查 own.{NAME}：checks/{NAME}.py 文件已改动，与 2026-07-05 发布时不一致")
    assert "改回原样，或测试后由他人重新发布" in changed
    bank.file.unlink()
    [gone] = verify_workspace(bank.wb)
    assert f"文件不在了：checks/{NAME}.py，放回发布时的文件，或停用" in gone
    verbs.retire_check(bank.second, NAME, "不再使用")
    assert verify_workspace(bank.wb) == ()


def test_leads_stay_as_they_are_while_the_file_is_changed(bank: Bank) -> None:
    campaign = bank.wb.campaign(PERIOD, CAMPAIGN)
    raise_leads(bank.wb, campaign)
    raised = leads_table(bank.wb, PERIOD, campaign=CAMPAIGN)
    bank.file.write_text("import os\n", "utf-8")
    raise_leads(bank.wb, campaign)
    assert leads_table(bank.wb, PERIOD, campaign=CAMPAIGN) == raised != ()


def test_a_new_text_runs_once_published_and_makes_just_its_papers_again(bank: Bank) -> None:
    """The sheet of the first campaign does not ask the check: its papers stay."""
    wb = bank.wb
    first = Freezer(wb, wb.campaign(PERIOD, "2026上半年自查"))
    units = wb.units(PERIOD)

    def digests() -> tuple[str, str]:
        return input_digest(first.live_paper(units[UNIT], DOMAIN), ""), input_digest(bank.paper(), "")

    before = digests()
    text = bank.file.read_text("utf-8").replace(
        'rows["处理决定日期"].isna()', 'rows["处理决定日期"].isna() & rows["受理日期"].ge("2026-03-01")'
    )
    assert text != bank.file.read_text("utf-8")
    text = text.replace(
        '"hit": [{"受理日期": "2026-03-01"}]', '"hit": [{"受理日期": "2026-03-01"}, {"受理日期": "2026-03-02"}]'
    )
    bank.write(text)
    after = digests()
    assert after[0] == before[0] and after[1] != before[1]
    assert bank.result().status is CheckStatus.CLEAR
    assert first.live_paper(units[UNIT], DOMAIN).own_checks == ()


def test_a_retired_check_says_so_and_no_new_sheet_may_ask_it(bank: Bank) -> None:
    with pytest.raises(InputError, match="原因"):
        verbs.retire_check(bank.second, NAME, " ")
    verbs.retire_check(bank.second, NAME, f"口径有误，{MOBILE}")
    told = bank.result()
    assert told.status is CheckStatus.ERROR and "已于 2026-07-05 停用（口径有误，【手机号已隐去】，王五）" in told.note
    assert "停用" in source_files.usable(bank.wb)[f"own.{NAME}"]
    verbs.run_test(bank.author, NAME)
    assert bank.result().status is CheckStatus.ERROR
    verbs.publish_check(bank.second, NAME)
    assert bank.result().status is CheckStatus.LEADS


def test_what_was_handed_in_rests_on_the_text_of_that_day(bank: Bank) -> None:
    campaign = bank.wb.campaign(PERIOD, CAMPAIGN)
    raise_leads(bank.wb, campaign)
    for one in leads_table(bank.wb, PERIOD, unit=UNIT, campaign=CAMPAIGN):
        answer_lead(as_person(bank.wb, FILLER), one.lead.id, Disposition.REFUTED, "已登记", 0)
    hand_in(bank.wb, f"{PERIOD}/{CAMPAIGN}")
    before = bank.result()
    bank.file.write_text("x = 1\n", "utf-8")
    assert bank.result() == before and before.status is CheckStatus.LEADS
    assert bank.result(OTHER).status is CheckStatus.ERROR


def test_a_file_that_is_gone_is_told(bank: Bank) -> None:
    bank.file.unlink()
    assert f"文件不在了：checks/{NAME}.py" in bank.result().note


# Who may


def test_four_eyes_by_text_and_the_right_to_publish(bank: Bank) -> None:
    text = bank.file.read_text("utf-8")
    bank.file.write_text(text + "\n# 第二版\n", "utf-8")
    with pytest.raises(InputError, match="还没有测试"):
        verbs.publish_check(bank.second, NAME)
    verbs.run_test(bank.second, NAME)
    for author in (bank.second, bank.author):  # who wrote the file, and who brought this text
        with pytest.raises(NotAllowed, match="第二人"):
            verbs.publish_check(author, NAME)
    assert bank.result().status is CheckStatus.ERROR
    verbs.publish_check(as_person(bank.wb, FILLER), NAME)
    assert bank.result().status is CheckStatus.LEADS
    [row] = verbs.list_checks(bank.wb)
    assert (row.state, row.author, row.publisher, row.note) == ("已发布", "王五", "张三", "")
    acts = [event.verb for event in bank.wb.store.events(100) if event.object == f"own_check:{NAME}"]
    assert sorted(acts) == sorted(["write", "test", "publish", "test", "publish"])


def test_names_that_are_none_or_taken_are_refused(bank: Bank) -> None:
    for bad in ("../x", "X", "own.", "a", "投诉", "con flict", "a" * 41):
        with pytest.raises(InputError, match="名称写法不对"):
            verbs.new_check(bank.author, bad)
    with pytest.raises(InputError, match="已有同名"):
        verbs.new_check(bank.author, f"own.{NAME}")
    with pytest.raises(InputError, match="没有这个本行检查的文件"):
        verbs.run_test(bank.author, "nowhere")


def test_a_package_of_checks_is_published_the_same_way_and_never_imported(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "bank_rules").mkdir(parents=True)
    (site / "bank_rules" / "__init__.py").write_text("raise RuntimeError('imported')\n", "utf-8")
    (site / "bank_rules" / "late.py").write_text(new_file("late_check"), "utf-8")
    about = site / "bank_rules-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: bank-rules\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text("[xiaobao.checks]\nlate_check = bank_rules.late\n", "utf-8")
    monkeypatch.syspath_prepend(str(site))
    assert {one.id: one.file for one in verbs.list_checks(bank.wb)}["own.late_check"] == "安装包 bank_rules/late.py"
    verbs.run_test(bank.author, "late_check")
    verbs.publish_check(bank.second, "late_check")
    assert source_files.usable(bank.wb)["own.late_check"] == ""
    (site / "bank_rules" / "late.py").write_text(new_file("late_check") + "# 升级\n", "utf-8")
    assert "文件已改动" in source_files.usable(bank.wb)["own.late_check"]


def test_the_notebooks_function_does_what_the_command_does(bank: Bank) -> None:
    made: Any = xb.new_check("from_the_bench", workspace=str(bank.wb.home))
    assert (bank.wb.home / made.file).read_text("utf-8") == new_file("from_the_bench")
    assert "checks: [own.from_the_bench]" in repr(made) and "<pre>" in made._repr_html_()
    assert [one.state for one in verbs.list_checks(bank.wb)] == ["草稿", "已发布"]
    with pytest.raises(InputError, match="已有同名"):
        xb.new_check("from_the_bench", workspace=str(bank.wb.home))


def test_the_notebooks_form_writes_what_stands_in_it_and_says_the_next_command(bank: Bank) -> None:
    form: Any = xb.new_check(dataset="转办清单", workspace=str(bank.wb.home))
    assert repr(form) == "<写出检查：名称、标题、数据集>" and form.filled["dataset"] == "transfers"
    form.fill(name="Transfers", title="转办没有登记")
    form.press()
    assert "名称写法不对" in form._said.value and not list((bank.wb.home / "checks").glob("[tT]ransfers*"))
    form.fill(name="transfers_lost")
    form.press()
    assert "xiaobao checks test transfers_lost" in form._said.value and not form._button.disabled
    text = (bank.wb.home / "checks" / "transfers_lost.py").read_text("utf-8")
    assert '"title": "转办没有登记"' in text and '"datasets": ["转办清单"]' in text
    assert verbs.run_test(bank.author, "transfers_lost")
    form.press()
    assert "已有同名" in form._said.value


def test_a_new_check_of_any_dataset_passes_its_own_test_and_any_title_is_written_soundly(tmp_path: Path) -> None:
    for spec in verbs.checkable():
        text = new_file(NAME, '"""\\{为什么}\n没有', spec.name)
        assert read_own(text, "x.py").declared.title == "为什么 没有"
        run_cases(OwnCheck(name=NAME, file="x.py", source=text))
    asked = own_item(tmp_path, NAME, "投诉: 没有 #1", "complaints")
    assert asked.title == "（本行）核对：投诉 没有 1"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"dataset": "price_list"}, "没有机构列"),
        ({"dataset": "没有的"}, "没有这个数据集"),
        ({"title": "字" * 61}, "标题过长"),
        ({"title": f"客户 {MOBILE}"}, "标题里有个人信息"),
    ],
)
def test_a_new_check_that_cannot_be_is_refused_and_writes_nothing(
    faulty: Bank, asked: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        verbs.new_check(faulty.author, "another", **asked)
    assert not (faulty.wb.home / "checks" / "another.py").exists()


# What a file may say wrong, all at once and with its lines


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('"投诉台账"]', '"投诉台帐"]', "没有这个数据集，是否想写 投诉台账"),
        ('"投诉台账"]', '"服务价目"]', "全行参考数据没有机构列"),
        ('"day": "受理日期"', '"day": "投诉来源"', "不是日期列"),
        ('"day": "受理日期"', '"day": ""', "没有写按哪一列的日期"),
        ("{投诉编号} 受理", "{客户号} 受理", "客户信息不能写进疑点"),
        ("{投诉编号} 受理", "{编号号} 受理", "没有这一列"),
        ('"requirement": "投诉台账登记完整"', '"requirement": ""', "没有写依据"),
        ('"citations": []', '"citations": [["试行办法", "第九条"]]', "依据登记簿没有这一条"),
        ('"exceptions": []', '"exceptions": len([])', "不能写算式和函数"),
        ('"exceptions": [],', "", "“exceptions”没有写"),
        ('"title"', '"titel"', "不认识的键“titel”，是否想写 title"),
        ("def hits(rows)", "def hit(rows)", "没有写函数 hits"),
        ("def hits(rows)", "def hits(rows, others)", "参数应是 1 张表"),
        ("def hits(rows)", "def hits(rows, as_of)", "测试的记录没有写是哪一天"),
        ("def hits(rows)", "def hits(rows", "语法有误"),
        ('"clear": [{', '"clear": [], "x": [{', "“clear”至少要有 1 项"),
        ('"2026-03-10"', '"2026-13-10"', "没有这一天"),
        ("内容编造", f"见 {MOBILE}", "文件里有个人信息"),
        (".isna()", ".notna()", "应当命中，没有命中"),
        (".isna()", ".eq(1)", "应当命中，没有命中"),
        ("return rows[", "return rows.reset_index()[", "测试没有跑成"),
    ],
)
def test_a_file_with_faults_is_told_and_not_noted_as_tested(faulty: Bank, was: str, now: str, words: str) -> None:
    text = new_file(NAME)
    assert was in text
    faulty.file.write_text(text.replace(was, now), "utf-8")
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        verbs.run_test(faulty.author, NAME)
    [record] = source_files.check_states(faulty.wb).values()
    assert record.tested_sha256 == record.published_sha256


@pytest.fixture(scope="module")
def faulty(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    made = Bank(workbench(shutil.copytree(home, tmp_path_factory.mktemp("faulty") / "bank"), INSPECTOR))
    yield made
    made.wb.store.close()


def test_reading_a_file_runs_no_line_of_it(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    text = f"from pathlib import Path\nPath({str(trap)!r}).write_text('x')\n" + new_file(NAME)
    assert read_own(text, "x.py").declared.title
    assert not trap.exists()


def test_what_new_writes_is_sound_as_it_stands() -> None:
    said = read_own(new_file(NAME), "x.py")
    assert not said.dated and not said.narrowed and said.declared.datasets == ("投诉台账",)


# Whatever a function does ends in words


BUSY, IDLE = Bounds(processor_seconds=1, megabytes=128), Bounds(seconds=2, megabytes=128)
WRONG = {
    "loops": ("while True: pass", "占用处理器超过 1 秒"),
    "sleeps": ("import time; time.sleep(60)", "2 秒内没有运行完"),
    "eats memory": ("x = [bytearray(1 << 26) for _ in range(100)]", "占用内存超过 128 MB"),
    "raises": (f"raise ValueError('客户 {ID[:6]}')", "运行出错：第 {line} 行 ValueError"),
    "opens a socket": ("import socket; socket.socket()", "连接网络，已拒绝"),
    "reads a file": ("open('/etc/passwd').read()", "读文件，已拒绝"),
    "writes a file": ("open('/tmp/own_check_wrote.txt', 'w').write('x')", "写文件，已拒绝"),
    "starts a program": ("import subprocess; subprocess.run(['true'])", "启动其他程序，已拒绝"),
    "changes values": ("rows['受理日期'] = None", "函数改动了收到的表（列：受理日期）"),
    "drops rows": ("rows.drop(rows.index[0], inplace=True)", "函数改动了收到的表"),
    "returns rows that are not there": ("return rows.reset_index(drop=True)", "返回了表中没有的"),
    "returns no rows": ("return len(rows)", "返回的是 int"),
    "reads a table of its own": ("import pandas; pandas.read_parquet('/etc/passwd')", "读文件，已拒绝"),
    "deletes a file": ("import os; os.remove('/tmp/own_check_wrote.txt')", "改动文件，已拒绝"),
    "calls machine code": ("import ctypes; ctypes.CDLL(None).getppid()", "调用机器码，已拒绝"),
    "leaves": ("import sys; sys.exit(0)", "运行出错：第 {line} 行 SystemExit"),
    "recurses": ("hits(rows)", "RecursionError"),
    "patches us": ("import xiaobao.personal as p; p.mask = None; 1 / 0", "第 {line} 行 ZeroDivisionError"),
    "ends its process": ("import os; os._exit(0)", "没有返回结果"),
}


@pytest.mark.parametrize("what", WRONG)
def test_whatever_a_published_function_does_ends_in_words(
    frozen: FrozenPaper, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, words = WRONG[what]
    head, _, _ = new_file(NAME).rpartition("    return rows[")
    text = head + "    " + line + "\n    return rows\n"
    number = text[: text.index(line)].count("\n") + 1
    monkeypatch.setattr(as_check, "__defaults__", (IDLE if what == "sleeps" else BUSY,))
    told = {one.check_id: one for one in compute(with_text(frozen, text)).check_results}
    mine = told.pop(f"own.{NAME}")
    assert mine.status is CheckStatus.ERROR
    assert words.format(line=number) in mine.note
    assert [one.status for one in told.values()] == [CheckStatus.LEADS]
    assert not Path("/tmp/own_check_wrote.txt").exists()


def test_what_is_printed_is_not_kept(frozen: FrozenPaper) -> None:
    printing = f"    print('客户 ' + '{MOBILE[:5]}' + '{MOBILE[5:]}')\n    return rows["
    made = compute(with_text(frozen, new_file(NAME).replace("    return rows[", printing)))
    told = next(one for one in made.check_results if one.check_id == f"own.{NAME}")
    assert told.status is CheckStatus.LEADS and told.note == "检查函数有屏幕输出，没有收入底稿"
    assert MOBILE not in json.dumps(made.result(), ensure_ascii=False)


def with_text(frozen: FrozenPaper, text: str) -> FrozenPaper:
    [own] = frozen.own_checks
    return replace(frozen, own_checks=({**own, "source": text},))


# What is judged, and what is not


def test_days_before_the_first_and_rows_that_cannot_be_judged_are_counted_apart(bank: Bank) -> None:
    text = bank.file.read_text("utf-8").replace('"2026-01-01"', '"2026-01-02"')
    text = text.replace('"judged_by": []', '"judged_by": ["处理决定日期"]').replace(".isna()]", '.ge("2026-03-01")]')
    text = text.replace(
        '"hit": [{"受理日期": "2026-03-01"}]', '"hit": [{"受理日期": "2026-03-01", "处理决定日期": "2026-03-01"}]'
    )
    text = text.replace('"处理决定日期": "2026-03-10"', '"处理决定日期": "2026-02-28"').replace(
        '"clear": [{"受理日期": "2026-03-01"', '"clear": [{"受理日期": "2026-02-01"'
    )
    bank.write(text)
    here, there = bank.result(), bank.result(OTHER)
    assert (here.population, here.hits, here.unjudged) == (1, 1, 1) and "1 行缺“处理决定日期”，未判" in here.note
    assert (there.population, there.hits, there.unjudged) == (1, 1, 0) and "1 行早于 2026-01-02" in there.note


def test_a_narrowed_population_and_the_day_are_the_papers(bank: Bank) -> None:
    text = bank.file.read_text("utf-8").replace("def hits(rows)", "def hits(rows, as_of)")
    text = text.replace('["处理决定日期"].isna()]', '["受理日期"] < as_of - __import__("pandas").Timedelta(days=100)]')
    text = text.replace("CASES = {", 'CASES = {\n    "as_of": "2026-07-05",')
    text = text.replace('"clear": [{"受理日期": "2026-03-01"', '"clear": [{"受理日期": "2026-07-01"')
    text += '\n\ndef applies(rows):\n    return rows[rows["处理决定日期"].isna()]\n'
    bank.write(text)
    assert (bank.result().population, bank.result().hits) == (1, 1)
    [lead] = bank.result().leads
    assert lead.business_date == date(2026, 2, 1) and lead.record["投诉编号"] == "K0001"


def test_nothing_of_own_checks_loads_where_there_is_none() -> None:
    """Papers of shipped checks pay nothing: neither a module nor a field."""
    loaded = "[name for name in sys.modules if 'checks.own' in name or 'confined' in name]"
    code = f"import sys, xiaobao.paper.work_paper, xiaobao.paper.frozen; assert not {loaded}"
    subprocess.run([sys.executable, "-c", code], check=True)

"""本行检查: from a question to a check that a second person published, on paper and card; whatever goes wrong, in words."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
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
    item,
    tiny_workspace,
    workbench,
)
from tests.factories.poison import ID, MOBILE
from tests.test_cli import call
from xiaobao.batch.run import RunOptions, run_campaign
from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.writing import to_yaml
from xiaobao.checks.confined import Bounds
from xiaobao.checks.own import running
from xiaobao.checks.own.declaring import read_own
from xiaobao.checks.own.running import OwnCheck, as_check
from xiaobao.checks.own.template import new_file, new_item
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import Actor, CheckResult, CheckStatus, Disposition
from xiaobao.paper.frozen import FrozenPaper, input_digest
from xiaobao.paper.work_paper import compute
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.leads import answer_lead, decide_lead, leads_table
from xiaobao.workbench.own_checks import sources, verbs
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.reading import scorecard, work_paper
from xiaobao.workbench.results.recording import raise_leads
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


def own_item(tmp: Path, name: str) -> Item:
    """The item that `checks new` prints, read as a checklist reads it."""
    path = tmp / "item.yaml"
    path.write_text("items:\n" + "".join(f"  {line}\n" for line in new_item(name).splitlines()), "utf-8")
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


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    """The check is published and asked by the newest sheet, which a campaign is opened on."""
    made = start(tmp_path / "bank")
    verbs.new_check(made.author, NAME)
    verbs.run_test(made.author, NAME)
    verbs.publish_check(made.second, NAME)
    asked = own_item(tmp_path, NAME)
    (made.wb.home / "checklists" / "complaints-2026.2.yaml").write_text(to_yaml(sheet_with(asked)), "utf-8")
    publish_all(made.wb, made.wb.home / "checklists")
    create_campaign(made.wb, CAMPAIGN, PERIOD)
    yield made
    made.wb.store.close()


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
    tried = xb.try_check(lambda rows: rows[rows["处理决定日期"].isna()], "complaints", period=PERIOD, workspace=str(home))
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

    # 运行：the paper's kernel raises the lead.
    campaign = create_campaign(wb, CAMPAIGN, PERIOD)
    where = RunOptions(jobs=1, units=(UNIT,))
    assert not run_campaign(wb, campaign, where).failed
    [lead] = [one for one in leads_table(wb, PERIOD, campaign=CAMPAIGN) if one.lead.check_id == f"own.{NAME}"]
    assert lead.check_title == "投诉没有登记处理决定日期（本行）" and lead.lead.unit == UNIT
    assert lead.lead.summary == "投诉 K0001 受理于 2026-02-01，没有登记处理决定日期（本行要求：投诉台账登记完整）"

    # 核实、认定、提交、评分：the lead costs a point on paper and card.
    answer_lead(as_person(wb, FILLER), lead.lead.id, Disposition.CONFIRMED, "漏登", 0)
    decide_lead(made.second, lead.lead.id, Disposition.CONFIRMED, "属实", 1)
    hand_in(wb, f"{PERIOD}/{CAMPAIGN}")
    assert not run_campaign(wb, campaign, where).failed
    paper = work_paper(wb, UNIT, f"{PERIOD}/{CAMPAIGN}", DOMAIN)
    [line] = [one for one in paper.after.trace if one.node == f"own-{NAME}"]
    assert line.earned == Decimal(4)
    executed = next((home / "reports").rglob(f"{UNIT}/4_complaints.ipynb")).read_text("utf-8")
    assert "投诉没有登记处理决定日期（本行）" in executed
    card = scorecard(wb, UNIT, f"{PERIOD}/{CAMPAIGN}")
    assert card.total == wb.store.results(campaign.id, UNIT, DOMAIN)[UNIT, DOMAIN].after
    assert "（本行）投诉登记处理决定日期" in next((home / "reports").rglob(f"{UNIT}/6_scorecard.ipynb")).read_text("utf-8")
    wb.store.close()

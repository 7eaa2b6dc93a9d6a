"""YAML is the draft; what is published never changes; a unit's own items stand beside the locked core."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.checklists import CHECKLIST, changed, line_in, written
from xiaobao import store as storing
from xiaobao.checklist.canonical import from_canonical
from xiaobao.errors import ChecklistError, InputError
from xiaobao.model import Actor
from xiaobao.settings import Settings
from xiaobao.store import Store
from xiaobao.workbench.versions.publishing import find_version, publish_all, read_drafts
from xiaobao.workbench.workspace import Workbench

HEAD_OFFICE = Actor(name="总行消保部", verified=True)
REGISTER = """\
documents:
  - id: 3号令
    name: 投诉处理管理办法
    issuer: 原银保监会
    effective_from: 2020-03-01
    articles:
      - {number: 第十八条, duty: 按期决定, verified: true}
"""
NEXT = ('version: "2026.1"', 'version: "2026.2"')
OWN = """\
id: "0101.complaints"
version: "2026.1"
title: 城关支行自设投诉检查项
domain: complaints
purpose: 本行另加的检查
effective_from: 2026-01-01
total: 5
sections:
  - id: 0101-S
    title: 本行加查
    items:
      - id: 0101-01
        title: 每周投诉例会
        requirement: 每周开一次投诉分析会
        practice: true
        procedure: 查阅会议记录
        method: [查阅]
        evidence: 会议记录
        severity: low
        points: 5
        answered_by: person
        rules:
          - kind: levels
"""
SCHEME = """\
id: s
version: "1"
title: 方案
weights: {complaints: 100}
grades:
  - {id: B, label: 良好, at_least: 80}
  - {id: C, label: 合格, at_least: 0}
rollup: {own: 0.5}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of drafts: the register, one checklist, one scheme, one unit's own items."""
    for name, text in {
        "regulations.yaml": REGISTER,
        "complaints-2026.1.yaml": CHECKLIST,
        "schemes/s.yaml": SCHEME,
        "units/0101/complaints.yaml": OWN,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        written(tmp_path, text, name)
    return tmp_path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return storing.open(f"sqlite:///{tmp_path / 'x.sqlite'}", create=True)


def _bench(store: Store, home: Path) -> Workbench:
    return Workbench(home=home, settings=Settings(), store=store, actor=HEAD_OFFICE)


def refusal(folder: Path) -> ChecklistError:
    with pytest.raises(ChecklistError) as caught:
        read_drafts(folder)
    return caught.value


def test_each_file_is_read_as_what_its_place_says(folder: Path) -> None:
    drafts = read_drafts(folder)
    assert [one.id for one in drafts.checklists] == ["complaints"]
    assert [one.id for one in drafts.schemes] == ["s"]
    assert [one.id for one in drafts.own] == ["0101.complaints"]
    alone = read_drafts(folder, [folder / "schemes/s.yaml", folder / "units/0101/complaints.yaml"])
    assert (len(alone.checklists), len(alone.schemes), len(alone.own)) == (0, 1, 1)


def test_faults_of_all_files_come_at_once(folder: Path) -> None:
    written(folder, changed(("total: 10\n", "total: 11\n")), "complaints-2026.1.yaml")
    written(folder, SCHEME.replace("100}", "99}"), "schemes/s.yaml")
    written(folder, OWN.replace("- id: 0101-01", "- id: X-01"), "units/0101/complaints.yaml")
    assert {fault.file for fault in refusal(folder).faults} == {"complaints-2026.1.yaml", "s.yaml", "complaints.yaml"}


def test_publishing_again_says_nothing_new_and_comments_do_not_count(folder: Path, store: Store) -> None:
    """The canonical content is what is published."""
    assert publish_all(_bench(store, folder), folder) == ("complaints 2026.1", "0101.complaints 2026.1", "s 1")
    written(folder, "# 复核过\n" + CHECKLIST, "complaints-2026.1.yaml")
    assert publish_all(_bench(store, folder), folder) == ()
    assert len(store.list_published("checklist")) == 1


def test_the_same_version_with_other_content_is_refused_and_nothing_is_stored(folder: Path, store: Store) -> None:
    """All or nothing: the good new version beside it waits too."""
    publish_all(_bench(store, folder), folder)
    before = store.published("checklist", "complaints", "2026.1")
    written(folder, changed(("requirement: 有接待区", "requirement: 有独立接待区")), "complaints-2026.1.yaml")
    written(folder, changed(NEXT), "complaints-2026.2.yaml")
    with pytest.raises(InputError, match=r"complaints 的版本 2026\.1 已发布，内容不能再改；请换一个版本号"):
        publish_all(_bench(store, folder), folder)
    assert store.list_published("checklist") == (before,)


def test_a_replaced_regulation_is_refused_for_new_versions_only(folder: Path, store: Store) -> None:
    """The version published on it stays, and does not stand in the way of others."""
    publish_all(_bench(store, folder), folder)
    replaced = REGISTER.replace("2020-03-01\n", "2020-03-01\n    effective_to: 2025-12-31\n    replaced_by: 新办法\n")
    written(folder, replaced, "regulations.yaml")
    assert publish_all(_bench(store, folder), folder) == ()
    text = changed(NEXT)
    written(folder, text, "complaints-2026.2.yaml")
    with pytest.raises(ChecklistError) as caught:
        publish_all(_bench(store, folder), folder)
    [fault] = caught.value.faults
    assert (fault.file, fault.row, fault.item) == ("complaints-2026.2.yaml", line_in(text, "document: 3号令"), "C-01")
    assert "已于 2025-12-31 失效，新版本不能再引" in str(fault) and "接替文件 新办法" in str(fault)


def test_a_document_that_ends_within_the_sheet_s_time_ends_the_item_too(folder: Path) -> None:
    """An item resting on it alone has to say until when it holds."""
    written(folder, REGISTER.replace("2020-03-01\n", "2020-03-01\n    effective_to: 2026-06-30\n"), "regulations.yaml")
    assert "effective_to: 2026-06-30，或并引接替文件的条文" in str(refusal(folder))
    text = changed(("        severity: high\n", "        severity: high\n        effective_to: 2026-06-30\n"))
    written(folder, text, "complaints-2026.1.yaml")
    assert read_drafts(folder).checklists


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id: "0101.complaints"', 'id: "0102.complaints"', "应为：0101.complaints"),
        ("domain: complaints", "domain: marketing", "检查域与文件名不一致"),
        ("- id: 0101-01", "- id: 0102-01", "须以本机构的前缀开头（读到 0102-01）；应为：0101-……"),
        ("- id: 0101-01", "- id: c-02", "总行的检查项不能改写"),
        ("- id: 0101-S", "- id: S1", "须以本机构的前缀开头"),
        (
            "sections:\n",
            "vetoes: [{id: 0101-V, event: 甲, target: 0101-S, effect: zero}]\nsections:\n",
            "不能设一票否决",
        ),
        (
            "answered_by: person\n        rules:\n          - kind: levels\n",
            "answered_by: data\n        checks: [complaints.overdue]\n        rules: [{kind: all_or_nothing}]\n",
            "须由人作答",
        ),
    ],
)
def test_a_unit_cannot_reach_beyond_its_own_items(old: str, new: str, says: str, folder: Path) -> None:
    """Neither another unit's prefix nor an id of the core, no veto, no data check; the line is named."""
    assert OWN.count(old) == 1
    written(folder, OWN.replace(old, new), "units/0101/complaints.yaml")
    fitting = [fault for fault in refusal(folder).faults if says in str(fault)]
    assert fitting and all(fault.row for fault in fitting)


def test_a_version_is_found_by_file_by_id_and_by_number(folder: Path, store: Store) -> None:
    publish_all(_bench(store, folder), folder)
    written(folder, changed(NEXT), "complaints-2026.2.yaml")
    publish_all(_bench(store, folder), folder)
    assert find_version(store, "complaints").version == "2026.2"
    assert find_version(store, "complaints@2026.1") == from_canonical(store.list_published("checklist")[0].content)
    assert find_version(store, str(folder / "complaints-2026.2.yaml")).version == "2026.2"
    with pytest.raises(InputError, match=r"complaints@2026\.1、complaints@2026\.2"):
        find_version(store, "complaints@2025.9")

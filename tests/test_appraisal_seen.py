"""考核结果 as a page: a unit sees what it lost, objects with a file, head office decides, the paper says all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from msgspec.structs import replace
from word_templates.appraisal import make_template

from tests.factories.answering import PDF
from tests.factories.appraisal import FIGURES, SCHEME, YEAR
from tests.factories.people import acting_as, entry
from tests.factories.rights import HEAD, OTHER, OWN, rights_bank
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.appraisal import verbs
from xiaobao.features.appraisal.page import AppraisalPage
from xiaobao.features.my_work.my_work import my_work
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Role
from xiaobao.workbench.evidence.viewing import open_evidence
from xiaobao.workbench.workspace import Workbench

ROOT = Path(__file__).parent.parent
FULL = replace(FIGURES, unit=OWN)


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = rights_bank(tmp_path / "bank", more=(SCHEME,), people=(entry("other", Role.UNIT_HEAD, OTHER),))
    verbs.publish_appraisal(
        acting_as(bench, "office"), YEAR, SCHEME.id, [FULL, replace(FULL, unit=OTHER, responsible=0)]
    )
    yield bench
    bench.store.close()


def page(wb: Workbench, login: str, **asked: str) -> AppraisalPage:
    return AppraisalPage(acting_as(wb, login), PageChoice(**asked))


def row_of(shown: AppraisalPage, unit: str = OWN) -> Mapping[str, Any]:
    return {str(one["id"]): one for one in shown.read_rows(shown._chosen)}[unit]


def acts(shown: AppraisalPage, unit: str = OWN) -> list[str]:
    return [one["name"] for one in row_of(shown, unit)["cells"]["acts"]]


def press(shown: AppraisalPage, name: str, file: bytes = b"", **values: str) -> Mapping[str, Any]:
    asked = {"type": "row", "name": name, "row": OWN, "revision": row_of(shown)["revision"], "values": values}
    if file:
        asked["file"] = "培训签到表.pdf"
    return shown.reply(asked, [file] if file else [])


def as_asked(shown: AppraisalPage, **other: str) -> dict[str, str]:
    """Return the figures as the boxes of 处理申诉 hold them, some typed over."""
    [decision] = [one for one in row_of(shown)["cells"]["acts"] if one["name"] == "decide"]
    boxes = {one["key"]: one["value"] for one in decision["fields"] if one["key"].startswith("figure ")}
    return boxes | {f"figure {name}": text for name, text in other.items()}


def test_a_unit_sees_what_each_part_lost_and_appeals_and_head_office_puts_the_figures_right(wb: Workbench) -> None:
    head, office = page(wb, "head"), page(wb, "office")
    cells = row_of(head)["cells"]
    assert cells["score"] == "89.10 良好"
    assert cells["parts"]["有责投诉"].startswith("16 / 20，扣 4 分；有责投诉 2 件")
    assert cells["parts"]["检查以外发现的问题"] == "10 / 10；没有须扣分的问题"
    assert acts(head) == ["appeal", "paper"]
    assert acts(office) == ["paper"], "nothing to decide yet"

    press(head, "appeal", PDF, grounds="有一件是邻行责任", evidence="认定书原件\n")
    cells = row_of(head)["cells"]
    assert (cells["standing"], cells["appeals"]["佐证"]) == ("待处理", "认定书原件、培训签到表.pdf")
    assert acts(head) == ["paper"], "one appeal at a time"
    [file] = cells["files"]
    assert open_evidence(acting_as(wb, "office"), file["sha"], "view").data == PDF
    with pytest.raises(NotAllowed):
        open_evidence(acting_as(wb, "other"), file["sha"], "view")

    assert acts(office) == ["decide", "paper"]
    refused = office._safely(
        {"type": "row", "name": "decide", "row": OWN, "revision": row_of(office)["revision"]}
        | {"values": as_asked(office) | {"verdict": "upheld", "reason": "属实"}},
        [],
    )
    assert "各项与公示的相同" in str(refused)
    press(office, "decide", verdict="upheld", reason="经复核属实", **as_asked(office, responsible="１"))
    cells = row_of(head)["cells"]
    assert (cells["score"], cells["standing"]) == ("91.10 优秀", "成立")
    assert cells["appeals"]["处理（姓名office）"] == "成立：经复核属实"
    assert row_of(office, OTHER)["cells"]["score"] == "93.10 优秀", "another unit's stays"
    assert not wb.store.verify()


def test_a_rejected_appeal_changes_nothing_and_a_stale_page_decides_nothing(wb: Workbench) -> None:
    head, office = page(wb, "head"), page(wb, "office")
    before = row_of(office)["revision"]
    press(head, "appeal", grounds="不服")
    with pytest.raises(InputError, match="已被他人更新"):
        office.act_on("decide", OWN, before, {"verdict": "rejected", "reason": "不成立"}, None)
    press(office, "decide", verdict="rejected", reason="证据不足")
    assert (row_of(head)["cells"]["score"], row_of(head)["cells"]["standing"]) == ("89.10 良好", "不成立")


def test_every_wrong_figure_is_named_at_once(wb: Workbench) -> None:
    press(page(wb, "head"), "appeal", grounds="不服")
    office = page(wb, "office")
    with pytest.raises(InputError) as refused:
        press(
            office,
            "decide",
            verdict="upheld",
            reason="属实",
            **as_asked(office, responsible="半件", training_done="1.5", inspection="很好"),
        )
    assert [one.column for one in refused.value.faults] == ["检查得分", "有责投诉", "已训人数"]
    assert row_of(office)["cells"]["standing"] == "待处理"


def test_a_file_that_is_not_taken_files_no_appeal(wb: Workbench) -> None:
    with pytest.raises(InputError, match="文件"):
        press(page(wb, "head"), "appeal", b"MZ\x90", grounds="不服")
    assert row_of(page(wb, "head"))["cells"]["standing"] == "没有申诉"


@pytest.mark.parametrize("login", ["filler", "head"])
def test_a_unit_sees_and_does_nothing_of_another(wb: Workbench, login: str) -> None:
    shown = page(wb, login)
    assert OTHER not in json.dumps(shown._open(PageChoice()), ensure_ascii=False)
    assert "机构不存在" in shown.choices(PageChoice(unit=OTHER)).fault
    for name in ("appeal", "decide", "paper"):
        with pytest.raises(InputError, match="考核里没有这个机构"):
            shown.act_on(name, OTHER, 1, {"grounds": "不服", "reason": "不服"}, None)
    with pytest.raises(NotAllowed):
        shown.act_on("decide", OWN, 1, {"verdict": "rejected", "reason": "不成立"}, None)


def test_who_has_no_right_to_appraisals_is_told_why_and_shown_nothing(wb: Workbench) -> None:
    state = page(wb, "reviewer")._open(PageChoice())
    assert state["rows"] == [] and state["fault"]


def test_after_the_last_day_nobody_appeals_and_my_work_asks_no_more(wb: Workbench) -> None:
    late = replace(wb.settings, as_of=date(2026, 7, 11))
    acting = acting_as(wb, "head")
    object.__setattr__(acting, "settings", late)
    assert acts(AppraisalPage(acting, PageChoice())) == ["paper"]
    assert "appraisal" not in [one.kind for one in my_work(acting).parts]


def test_my_work_leads_the_unit_to_its_result_and_head_office_to_the_appeal(wb: Workbench) -> None:
    [mine] = [one for one in my_work(acting_as(wb, "head")).parts if one.kind == "appraisal"]
    assert [(line.address, line.due) for line in mine.lines] == [
        (f"appraisal.ipynb?unit={OWN}&period={YEAR}", date(2026, 7, 10))
    ]
    assert "appraisal_decide" not in [one.kind for one in my_work(acting_as(wb, "office")).parts]
    press(page(wb, "head"), "appeal", grounds="有一件是邻行责任")
    assert "appraisal" not in [one.kind for one in my_work(acting_as(wb, "head")).parts]
    found = my_work(acting_as(wb, "office"))
    [waiting] = [one for one in found.parts if one.kind == "appraisal_decide"]
    assert [(line.unit, line.address) for line in waiting.lines] == [(OWN, f"appraisal.ipynb?unit={OWN}&period={YEAR}")]
    assert found.hanging is not None and found.hanging.kinds["appraisal_decide"] == (1, 0)


def test_the_paper_to_sign_says_result_deductions_appeal_and_decision(wb: Workbench) -> None:
    head = page(wb, "head")
    press(head, "appeal", grounds="有一件是邻行责任")
    got = press(head, "paper")
    assert got["type"] == "download"
    place = wb.home / "reports" / YEAR / OWN / str(got["name"])
    assert place.read_bytes() == got["buffers"][0]
    paper = Document(str(place))
    text = "\n".join(one.text for one in paper.paragraphs)
    assert "得分：89.10；等级：良好。结果公示中，申诉截止2026年7月10日。" in text
    assert "有一件是邻行责任" in text and "待处理" in text
    rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert rows[0] == ["考核内容", "权重", "得分", "扣分", "情况"]
    assert ["按期报送", "10", "7.5", "2.5", "应报送 8，按期报送 6"] in rows
    other = page(wb, "other")
    with pytest.raises(InputError, match="考核里没有这个机构"):
        other.act_on("paper", OWN, 1, {}, None)
    assert not wb.store.verify()


def test_the_shipped_template_is_what_its_maker_makes(tmp_path: Path) -> None:
    make_template(tmp_path / "made.docx")
    shipped = ROOT / "reports/templates/appraisal-confirmation.docx"
    with ZipFile(tmp_path / "made.docx") as made, ZipFile(shipped) as kept:
        parts = [{name: one.read(name) for name in one.namelist()} for one in (made, kept)]
    assert parts[0] == parts[1]


def test_head_office_writes_any_units_paper(wb: Workbench) -> None:
    assert HEAD not in [unit for unit, _ in page(wb, "office").choices(PageChoice()).units if unit in (OWN, OTHER)]
    assert press(page(wb, "office"), "paper")["type"] == "download"

"""A bank's own Excel checklist becomes a draft: what is certain is a rule, what is missing is listed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from typer.testing import CliRunner

from tests.factories import banks
from xiaobao.checklist.reading import load_checklist
from xiaobao.cli.app import app
from xiaobao.errors import ChecklistError
from xiaobao.workbook.own_sheets import is_own_sheet, read_own_sheet, read_rules


def test_the_sheet_of_a_branch_becomes_a_draft_with_a_list_of_what_is_missing() -> None:
    own = read_own_sheet(banks.CASES / "K1-own-sheet.xlsx")
    assert (own.title, own.items) == ("营业网点服务检查评分表", 5)
    assert [(one["title"], len(one["items"])) for one in own.plain["sections"]] == [("室外环境", 3), ("室内环境", 2)]
    last = own.plain["sections"][1]["items"]
    assert last[0]["rules"] == [{"kind": "count", "causes": [{"id": "c1", "label": "缺一项", "rate": Decimal("0.5")}]}]
    assert last[1]["rules"] == [{"kind": "all_or_nothing"}]
    told = "\n".join(own.missing)
    assert "OWN-01（第 4 行）：计分规则、检查依据、检查程序、检查方法、证据要求、严重程度" in told
    assert "OWN-05（第 8 行）：检查依据" in told
    assert "“室外环境”标明 15 分，各项合计 7 分，请核对" in told
    assert "签字" not in told


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("每发现一次扣1分，扣完为止", ["count"]),
        ("缺少一份扣0.5分；未建立台账不得分", ["count"]),
        ("酌情扣1-3分", ["judged"]),
        ("未张贴的扣2分", ["count"]),
        ("不合规不得分", ["all_or_nothing"]),
        ("达到80%得3分，60%得1分", []),
        ("检查人员现场观察", []),
        ("", []),
    ],
)
def test_only_what_is_certain_becomes_a_rule(text: str, kinds: list[str]) -> None:
    assert [rule["kind"] for rule in read_rules(text, Decimal(5))] == kinds


def own(folder: Path, *rows: Any) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(folder / "本行检查表.xlsx")
    return folder / "本行检查表.xlsx"


def test_what_cannot_be_read_stays_in_words(tmp_path: Path) -> None:
    rows = [
        ("序号", "检查内容", "标准分", "评分办法", "检查依据", "检查方法"),
        (1, "公示价目", 5, "达到80%得3分", "价格办法第8条", "现场查看"),
    ]
    item = read_own_sheet(own(tmp_path, *rows)).plain["sections"][0]["items"][0]
    assert item["rules"] == []
    assert item["method"] == ["现场查看"]
    assert "扣分标准原文：达到80%得3分" in item["procedure"] and "依据原文：价格办法第8条" in item["procedure"]
    assert item["citations"] == []
    with pytest.raises(ChecklistError, match="没有找到检查表"):
        read_own_sheet(own(tmp_path, ("姓名", "电话")))


def test_the_command_writes_a_draft_that_check_refuses_until_it_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wb = banks.bank(tmp_path)
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    file = banks.case(tmp_path, "K1-own-sheet.xlsx")
    assert is_own_sheet(file)
    told = CliRunner().invoke(app, ["checklist", "import", str(file)])
    assert told.exit_code == 0 and "还要补的" in told.output
    draft = wb.home / "checklists" / "待补" / "K1-own-sheet.yaml"
    with pytest.raises(ChecklistError) as caught:
        load_checklist(draft)
    assert {"OWN-01", "OWN-05"} <= {fault.item for fault in caught.value.faults}
    assert CliRunner().invoke(app, ["checklist", "check"]).exit_code == 0  # it stands in nobody's way
    plain = yaml.safe_load(draft.read_text("utf-8"))
    plain |= {
        "version": "2026.1",
        "purpose": "网点",
        "effective_from": "2026-01-01",
        "total": 10,
        "sections": plain["sections"][1:],
    }
    for item in plain["sections"][0]["items"]:
        item |= {"practice": True, "procedure": "看", "method": ["现场查看"], "evidence": "照片", "severity": "low"}
        item.pop("citations")
    draft.write_text(yaml.safe_dump(plain, allow_unicode=True).replace("'2026-01-01'", "2026-01-01"), "utf-8")
    assert len(load_checklist(draft).items()) == 2


_HEADS_OF_BANKS = [
    (
        [
            ["某行消保考核评分表"],
            ["编号", "考核指标", "考核内容", "分值", "扣分标准"],
            [1, "投诉处理", "及时处理", 20, "超期一件扣0.5分"],
        ],
        "某行消保考核评分表",
        [("投诉处理", "及时处理", "20")],
    ),
    (
        [
            ["一、制度建设（20分）"],
            ["序号", "检查要点", "分值", "扣分细则"],
            [1, "制度齐全", 20, "缺一项扣2分"],
            ["二、投诉管理（10分）"],
            [2, "渠道公示", 10, "未公示不得分"],
        ],
        "",
        [("一、制度建设", "制度齐全", "20"), ("二、投诉管理", "渠道公示", "10")],
    ),
    (
        [["评价要素", "评价指标", "权重（%）", "评分办法"], ["体制机制", "设立委员会", "40%", "未设立不得分"]],
        "",
        [("体制机制", "设立委员会", "40")],
    ),
    (
        [["检查项", "满分", "自评分", "复评分", "扣分原因"], ["录音录像完整", 5, 5, 4, "缺 1 笔"]],
        "",
        [("检查项", "录音录像完整", "5")],
    ),
    (
        [["检查项目", "检查内容", "标准分", "评分标准", "依据"], ["制度", "制度健全", 5, "未制定的不得分", "本行办法"]],
        "",
        [("制度", "制度健全", "5")],
    ),
]


@pytest.mark.parametrize(("rows", "title", "items"), _HEADS_OF_BANKS)
def test_sheets_in_five_layouts_are_read(
    rows: list[list[Any]], title: str, items: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    read = read_own_sheet(own(tmp_path, *rows))
    got = [
        (one["title"], item["title"], f"{item['points']:f}") for one in read.plain["sections"] for item in one["items"]
    ]
    assert (read.title, got) == (title or read.title, items)

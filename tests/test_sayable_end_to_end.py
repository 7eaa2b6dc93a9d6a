"""Ways to score that sheets may say, from the sheet through form, score and explanation to the summary of all units.

Worked by hand: 100 − 5 − 10 − 4 − 10 − 10 − 2 − 3 = 56, and 3 for the first rank; the other unit loses nothing: 102.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import openpyxl
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.factories.answering import record_card, record_paper
from tests.factories.inspections import DOMAIN, OTHER, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.scoring import D, item, judged, missing, pool, section, sheet, threshold
from xiaobao.checklist.models import Checklist, Subtotal
from xiaobao.checklist.soundness import checklist_flaws
from xiaobao.cli.app import app
from xiaobao.publishing import publish_fill_sheets, publish_summary
from xiaobao.workbench.inspections import filling, signing
from xiaobao.workbench.inspections.offline_round import import_book
from xiaobao.workbench.results.reading import scorecard
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.fill_sheets import read_offline_book

WAYS = [{"id": way, "label": f"要求{way}"} for way in "abc"]
Said = Mapping[str, Mapping[str, str]]


def every_way() -> Checklist:
    """A sheet with one item for each way, a bonus by rank beside it, two subtotals, and what does not apply kept."""
    service = section(
        "S1",
        item("A1", "10", {"kind": "any_of", "ways": WAYS, "least": 2}),
        item("A2", "10", {"kind": "looks", "how": "mean"}),
        item("A3", "10", {"kind": "looks", "how": "worst"}),
        item("A4", "10", {"kind": "looks", "how": "each", "each": "人", "rate": "2"}),
        item("A5", "10", threshold("one_to", high="12")),
        item("A6", "10", missing(4, "1") | {"all_forfeits": True}),
        item("A7", "10", {"kind": "shortfall", "unit": "percent", "target": "98", "rate": "1", "part": "counted"}),
        item("A8", "10", judged("10")),
    )
    ranks = [{"to": 1, "points": "3"}, {"to": 3, "points": "2"}]
    bonus = pool("P", item("N7", "3", {"kind": "rank", "ranks": ranks, "unit": "piece"}), points="3", minimum="0")
    made = sheet(service, section("S2", item("B1", "20", judged("20"))), bonus, policy="keep")
    subtotals = tuple(Subtotal(id=f"T{n}", title=f"小计{n}", within=(f"S{n}",)) for n in (1, 2))
    return replace(made, domain=DOMAIN, ceiling=D(103), subtotals=subtotals)


LOST: Said = {
    "A1": {"检查结论": "符合", "情形和次数": "要求a=1\n要求b=0\n要求c=1"},
    "A2": {"检查结论": "部分符合", "逐次结果": "第1次=符合\n第2次=不符合", "理由": "第二次不符"},
    "A3": {"检查结论": "部分符合", "逐次结果": "第1次=符合\n第2次=不符合", "理由": "第二次不符"},
    "A4": {"检查结论": "部分符合", "逐次结果": "甲=符合\n乙=不符合\n丙=不符合", "理由": "两人不符"},
    "A5": {"检查结论": "不符合", "实测值": "1:10", "计量单位": "1 比几", "理由": "坡度过陡"},
    "A6": {"检查结论": "不符合", "缺少项数": "4", "理由": "四项全缺"},
    "A7": {"检查结论": "部分符合", "实测值": "96.5%", "计量单位": "%", "理由": "低于目标"},
    "A8": {"检查结论": "不适用", "理由": "没有此项业务"},
    "B1": {"检查结论": "部分符合", "酌情扣分": "3", "理由": "设施老旧"},
    "N7": {"检查结论": "符合", "实测值": "9", "计量单位": "个"},
}
KEPT: Said = {
    **{name: {"检查结论": "符合"} for name in LOST},
    "A1": LOST["A1"],
    **{name: {"检查结论": "符合", "逐次结果": "第1次=符合"} for name in ("A2", "A3", "A4")},
    "A5": {"检查结论": "符合", "实测值": "1:12", "计量单位": "1 比几"},
    "A7": {"检查结论": "符合", "实测值": "98%"},
    "N7": {"检查结论": "符合", "实测值": "8", "计量单位": "个"},
}


def fill_offline(wb: Workbench, unit: str, said: Said) -> None:
    """Type the answers into the exported workbook, bring it back and hand the sheet in."""
    path = wb.home / f"{unit}.xlsx"
    publish_fill_sheets(wb, unit, PERIOD, path)
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    head = next(row for row in page.iter_rows() if row[0].value == "编号")
    at = {cell.value: cell.column for cell in head}
    for row in page.iter_rows(min_row=head[0].row + 1):
        for title, value in said.get(str(row[0].value), {}).items():
            page.cell(row[0].row, at[title]).value = value
    book.save(path)
    import_book(wb, read_offline_book(path))
    signing.submit(wb, filling.open_form(wb, unit, PERIOD, DOMAIN))


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    made = every_way()
    assert list(checklist_flaws(made)) == []
    bench = workbench(tiny_workspace(tmp_path_factory.mktemp("ways") / "bank", sheet=made))
    for unit, said in ((UNIT, LOST), (OTHER, KEPT)):
        fill_offline(bench, unit, said)
    for record in (record_paper, record_card):
        for unit in (UNIT, OTHER):
            record(bench, unit, PERIOD)
    yield bench
    bench.store.close()


def explained(wb: Workbench, *words: str) -> str:
    done = CliRunner(env={"XIAOBAO_HOME": str(wb.home), "COLUMNS": "240"}).invoke(
        app, ["explain", "--period", PERIOD, *words]
    )
    assert done.exit_code == 0, done.output
    return done.output


def test_the_score_is_the_one_worked_by_hand_and_every_loss_is_told(wb: Workbench) -> None:
    [domain] = scorecard(wb, UNIT, PERIOD).domains
    lost = {line.node_id: line.deducted for line in domain.after.trace if line.kind == "item"}
    assert domain.after.value == 59
    assert {name: int(points) for name, points in lost.items()} == {
        "A1": 0,
        "A2": 5,
        "A3": 10,
        "A4": 4,
        "A5": 10,
        "A6": 10,
        "A7": 2,
        "A8": 0,
        "B1": 3,
        "N7": -3,
    }
    why = {line.node_id: line.explanation for line in domain.after.trace}
    assert "3 项中至少满足 2 项" in why["A1"] and "取平均" in why["A2"] and "取最差一次" in why["A3"]
    assert "每人最多扣 2 分" in why["A4"] and "要求不大于 1:12" in why["A5"] and "全部缺失" in why["A6"]
    assert "每差 1 扣 1 分" in why["A7"] and why["A8"] == "不适用，不扣分" and "第 1 名" in why["N7"]


def test_the_explanation_adds_up_with_the_pool_beside_the_sheet_and_the_limit_of_the_total(wb: Workbench) -> None:
    said = explained(wb, "--unit", UNIT, "--domain", DOMAIN)
    assert "扣 44 分，得 56 分。另有要素P 加 3 分，合计 59 分。" in said
    assert "小计“小计1”：可得 80 分，得 39 分" in said and "小计“小计2”：可得 20 分，得 17 分" in said
    assert "折合百分制" not in said
    assert "加 2 分，得 102 分。另有分值上下限 减 2 分，合计 100 分。" in explained(wb, "--unit", OTHER)


def test_the_summary_shows_the_same_with_grades_in_words(wb: Workbench) -> None:
    book = openpyxl.load_workbook(publish_summary(wb, PERIOD, wb.home / "汇总.xlsx"))
    rows = list(book["各域得分"].iter_rows(values_only=True))
    head = next(row for row in rows if row[0] == "机构号")
    at = {title: place for place, title in enumerate(head)}
    shown = {row[0]: (row[at["按认定结果得分"]], row[at["等级"]]) for row in rows if row[0] in (UNIT, OTHER)}
    assert shown == {UNIT: (59, "优秀"), OTHER: (102, "优秀")}
    subtotals = [row[3:6] for row in book["并列小计"].iter_rows(values_only=True) if row[0] == UNIT]
    assert subtotals == [("小计1", 80, 39), ("小计2", 20, 17)]


def test_the_offline_sheet_says_what_is_written_behind_the_equals_sign(wb: Workbench) -> None:
    page = openpyxl.load_workbook(wb.home / f"{UNIT}.xlsx").worksheets[0]
    hints = {str(row[0].value): str(row[6].value) for row in page.iter_rows() if row[0].value in LOST}
    assert hints["A1"] == "在“情形和次数”等号后：满足填 1，至少满足 2 项"
    assert "填 1:12 或 12" in hints["A5"] and "每行一人" in hints["A4"]

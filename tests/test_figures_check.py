"""xiaobao figures check: every stated figure of a draft agrees, differs, or cannot be verified, and says why."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from tests.factories.ledgers import published
from tests.factories.registers import figures as registers
from xiaobao.errors import InputError
from xiaobao.features.draft_check.checking import check_draft
from xiaobao.features.draft_check.known_facts import KnownFacts, facts_of
from xiaobao.features.draft_check.stated import stated_facts
from xiaobao.features.draft_check.verbs import read_text_draft
from xiaobao.features.draft_check.verdicts import CheckedNumber
from xiaobao.features.registers.report_figures import register_report_figures
from xiaobao.model import Period
from xiaobao.word.drafts import read_draft
from xiaobao.written.blocks import DocumentBlock, Grid, Paragraph


@cache
def known(ledger: bool) -> KnownFacts:
    """Return what the published ledger gives, or no ledger at all."""
    return facts_of(published() if ledger else None)


def check(*texts: str | DocumentBlock, ledger: bool = True) -> list[CheckedNumber]:
    blocks = [Paragraph(text, f"第 {n} 段") if isinstance(text, str) else text for n, text in enumerate(texts, 1)]
    return list(check_draft(blocks, known(ledger)))


def verdicts(found: list[CheckedNumber]) -> list[tuple[str, str, str]]:
    return [(one.verdict, one.stated, one.expected) for one in found if one.verdict != "derived"]


def test_what_the_data_give_agrees() -> None:
    found = check(
        "2023年，我行共受理消费投诉108件，同比减少33件，下降23.4%。",
        "从投诉来源看，12345转办75件，占比69.4%；监管转办8件，占7.4%。",
        "从渠道看，营业现场77件（71.3%），其他4件（3.7%）。",
        "从业务类别看，借记卡38笔，占比35.2%；其他34笔；中间业务和自营理财2笔，占1.9%。",
        "因管理制度、业务规则与流程引起的投诉46件，占42.6%。",
        "平均处理时长7.5天，按期办结率100%。",
    )
    assert {one.verdict for one in found} <= {"agrees", "derived"}
    assert len(verdicts(found)) == 20


def test_full_width_figures_and_thousands_are_figures_too() -> None:
    assert verdicts(check("全行共受理投诉１０８件。")) == [("agrees", "108件", "108件")]
    assert verdicts(check("全行共受理投诉1,108件。")) == [("differs", "1108件", "108件")]


def test_a_wrong_count_differs_by_so_much() -> None:
    (one,) = [one for one in check("投诉原因中，服务态度及服务质量27件。") if one.verdict != "derived"]
    assert (one.verdict, one.expected, one.difference, one.basis) == ("differs", "28件", "-1件", "ledger")


def test_a_slip_of_the_last_place_is_rounding_and_more_is_not() -> None:
    assert verdicts(check("客服热线24件，占比22.3%。"))[1] == ("rounding", "22.3%", "22.2%")
    assert verdicts(check("客服热线24件，占比22.5%。"))[1] == ("differs", "22.5%", "22.2%")


def test_a_share_may_be_of_a_subtotal_that_the_finding_names() -> None:
    (one,) = check("从渠道看，营业现场占前台业务渠道的78.6%。")
    assert one.verdict == "agrees" and "前台业务渠道小计" in one.reason


def test_a_sum_of_rounded_shares_is_unverifiable_not_wrong() -> None:
    # 46 and 7 of 108 are 42.6 % and 6.5 %, 49.1 together; 53 of 108 are 49.1 %, but 28 and 12: 25.9 + 11.1 = 37.0
    exact = check("消费者信息安全和消费者资金安全合计占13.9%。")
    assert [one.verdict for one in exact] == ["agrees"]
    rounded = check("从来源看，12345转办、监管转办、人行转办和客服热线合计占99.9%。")
    assert [one.verdict for one in rounded] == ["unverifiable"]
    assert "四舍五入后的占比相加" in rounded[0].reason and "100" in rounded[0].reason
    assert [one.verdict for one in check("前两项合计占66.7%。")] == ["unverifiable"]


def test_what_nobody_can_know_says_why() -> None:
    found = check("全年开展培训12场。投诉人满意率98%。受理贷后咨询3件。")
    assert {one.verdict for one in found} == {"unverifiable"}
    assert "没有对应的口径" in found[0].reason or "没有与" in found[0].reason
    assert "没有基数" in found[1].reason


def test_dates_articles_and_time_limits_are_no_figures() -> None:
    assert check("依据3号令第十八条，应在15日内答复；2023年12月31日前完成，第3件另议。") == []


def test_the_year_before_is_derived_and_marked() -> None:
    derived = [one for one in check("共受理投诉108件，同比减少33件。") if one.verdict == "derived"]
    assert [(one.expected, one.basis) for one in derived] == [("141件", "draft")]
    by_rate = [one for one in check("共受理投诉108件，同比下降23.4%。") if one.verdict == "derived"]
    assert [one.expected for one in by_rate] == ["141"]


def test_the_one_part_left_out_is_derived_by_name() -> None:
    found = check("共受理投诉108件。从来源看，12345转办75件，监管转办8件，客服热线24件。")
    assert [(one.excerpt, one.expected) for one in found if one.verdict == "derived"] == [("人民银行转办", "1件")]


def test_without_a_ledger_the_draft_is_held_against_itself() -> None:
    found = check("共受理投诉200件，同比增加40件，增长25%。其中甲渠道50件，占25%；乙渠道30件，占20%。", ledger=False)
    judged = {
        one.stated: (one.verdict, one.expected, one.basis) for one in found if one.basis == "draft" and one.stated
    }
    assert judged["20%"] == ("differs", "15%", "draft")
    assert [one.verdict for one in found if one.stated == "25%"] == ["agrees", "agrees"]
    assert all("没有导入" in one.reason for one in found if one.verdict == "unverifiable")


def test_tables_are_read_by_their_heads() -> None:
    grid = Grid(
        (("投诉原因", "件数", "占比"), ("定价收费", "2", "1.9%"), ("信息披露", "3", "1.9%"), ("合计", "108", "")), "表"
    )
    assert verdicts(check(grid)) == [
        ("agrees", "2", "2"),
        ("agrees", "1.9%", "1.9%"),
        ("differs", "3", "2"),
        ("agrees", "1.9%", "1.9%"),
        ("agrees", "108", "108"),
    ]


def test_word_markdown_and_csv_drafts_read_alike(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("投诉原因如下。")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ("投诉原因", "件数", "信息披露", "3"), strict=True
    ):
        cell.text = text
    document.save(str(tmp_path / "稿.docx"))
    (tmp_path / "稿.md").write_text("投诉原因如下。\n\n| 投诉原因 | 件数 |\n|---|---|\n| 信息披露 | 3 |\n", "utf-8")
    (tmp_path / "稿.csv").write_bytes("投诉原因,件数\n信息披露,3\n".encode("gbk"))
    readings = [read_draft(tmp_path / "稿.docx"), *(read_text_draft(tmp_path / f"稿.{k}") for k in ("md", "csv"))]
    for blocks in readings:
        assert verdicts(check(*blocks)) == [("differs", "3", "2")]


def of_registers(tmp_path: Path, *texts: str) -> list[tuple[str, str, str]]:
    """Check against registers: two trainings, one activity for the old, and 1.2345 万元 mediated; 5 last year."""
    now = {
        "training": [{"hours": "2"}, {"hours": "1"}],
        "education": [{"times": "1"}],
        "mediation": [{"amount": "12345"}],
        "policies": [{"change": "修订"}],
    }
    known = replace(registers(tmp_path / "now", now), last_year=registers(tmp_path / "old", {"training": [{}] * 5}))
    made = register_report_figures(known)
    blocks = [Paragraph(text, f"第 {n} 段") for n, text in enumerate(texts, 1)]
    return verdicts(list(check_draft(blocks, facts_of(None, stated_facts(made, Period.parse("2026H1"))))))


@pytest.mark.parametrize(
    ("text", "verdict", "expected"),
    [
        ("2026年上半年，全行共组织消费者权益保护培训2场。", "agrees", "2场"),
        ("开展培训3场。", "differs", "2场"),
        ("组织培训2场，同比减少3场。", "agrees", "-3场"),
        ("组织培训2场，同比下降50%。", "differs", "-60%"),
        ("面向老年人宣传2场。", "differs", "1场"),
        ("调解争议金额12345元。", "agrees", "12345元"),
        ("调解争议金额1.23万元。", "agrees", "1.23万元"),
        ("调解争议金额1.3万元。", "rounding", "1.2万元"),
        ("制度修订2项。", "differs", "1项"),
    ],
)
def test_a_number_is_held_against_every_figure_that_it_names_whole(
    text: str, verdict: str, expected: str, tmp_path: Path
) -> None:
    assert of_registers(tmp_path, text)[-1][::2] == (verdict, expected)


@pytest.mark.parametrize(
    "text",
    ["柜员培训9场。", "3月培训9场。", "2025年培训9场。", "下半年拟组织培训9场。", "临川支行培训9场。", "合计9课时。"],
)
def test_what_nobody_counted_is_unverified_and_not_called_wrong(text: str, tmp_path: Path) -> None:
    """A part of the bank, of the period, of the people, or what is to come is another thing than the whole."""
    assert {verdict for verdict, _, _ in of_registers(tmp_path, text)} <= {"unverifiable"}


def test_a_long_text_of_fillers_takes_no_longer(tmp_path: Path) -> None:
    assert of_registers(tmp_path, "共计" * 4000 + "培训" + "合计" * 4000 + "乙9场。")[0][0] == "unverifiable"


def test_a_draft_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "稿.docx").write_text("不是文档", "utf-8")
    with pytest.raises(InputError, match="Word"):
        read_draft(tmp_path / "稿.docx")
    (tmp_path / "稿.pdf").write_text("", "utf-8")
    with pytest.raises(InputError, match="docx"):
        read_text_draft(tmp_path / "稿.pdf")
    (tmp_path / "稿.txt").write_bytes("投诉108件\n".encode("gbk") + "占比六成\n".encode())
    with pytest.raises(InputError, match="第 2 行"):
        read_text_draft(tmp_path / "稿.txt")


def test_the_command_says_it_in_words_and_in_json(
    seeded_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xiaobao.cli.app import app

    monkeypatch.setenv("XIAOBAO_HOME", str(seeded_workspace))
    draft = tmp_path / "稿.txt"
    draft.write_text("2026年上半年全行共受理投诉4200件。", "utf-8")
    plain = CliRunner().invoke(app, ["figures", "check", str(draft), "--period", "2026H1"])
    assert plain.exit_code == 1 and "不一致 1" in plain.output
    told = CliRunner().invoke(app, ["figures", "check", str(draft), "--period", "2026H1", "--json"])
    assert json.loads(told.output)["counts"]["differs"] == 1

"""A column that was not delivered is 无数据 wherever it is needed, in figures, sentences, tables and views: never 0."""

from __future__ import annotations

import pytest

from tests.factories.ledgers import AS_OF, PERIOD, RULES, frame
from xiaobao.features.complaints import LedgerFigures, LedgerScope, analyse, with_comparison
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.features.complaints.report_sentences import analysis_sections, complaint_totals
from xiaobao.features.complaints.view import ledger_facets, ledger_timeliness
from xiaobao.publishing.reports import draw_charts
from xiaobao.word.sentences import SentenceWriter

FACETS = {"source": "按来源", "channel": "按渠道", "business_class": "按业务类别", "reason": "按原因"}
ROWS = [
    {"source": "来信", "channel": "营业现场", "business_class": "贷款", "reason": "定价收费", "complexity": "简单"},
    {"source": "来电", "channel": "电子渠道", "business_class": "银行卡", "reason": "营销方式和手段"},
]


def ledger(*absent: str) -> LedgerFigures:
    """Two complaints of a ledger without these columns."""
    given = frame([{name: value for name, value in row.items() if name not in absent} for row in ROWS])
    given.attrs["absent"] = list(absent)
    return analyse(given, PERIOD, RULES, AS_OF, LedgerScope(name="示例银行"))


def sentences(found: LedgerFigures) -> str:
    told = SentenceWriter(complaint_figures(found))
    sections = [str(line) for lines in analysis_sections(told).values() for line in lines]
    return "\n".join([*sections, *map(str, complaint_totals(told))])


@pytest.mark.parametrize("facet", FACETS)
def test_a_facet_without_its_column_is_no_data_everywhere(facet: str) -> None:
    found = ledger(facet)
    table = complaint_figures(found).tables[facet]
    [row] = table.rows
    assert row["name"] == "台账没有这一列"
    assert {str(row[column]) for column in ("count", "share", "before", "new", "valid")} == {"无数据"}
    assert f"{FACETS[facet]}：台账没有这一列，无数据。" in sentences(found)
    assert f"{FACETS[facet]}看" not in sentences(found)
    assert "未填写" not in sentences(found)
    assert any("无数据" in note for note in found.notes)
    assert "无数据：台账没有这一列" in str(ledger_facets(found))
    assert draw_charts(complaint_figures(found))[facet] is None


def test_a_delivered_column_that_is_empty_stays_not_filled() -> None:
    """The other side: the column is there, nobody filled it."""
    found = analyse(frame([{}, {}]), PERIOD, RULES, AS_OF, LedgerScope(name="示例银行"))
    assert "按来源看，未填写2件" in sentences(found)
    assert "无数据" not in str(ledger_facets(found))


def test_without_days_of_decision_nothing_is_said_to_be_late() -> None:
    found = ledger("decided_on")
    row = complaint_figures(found).tables["timeliness"].rows[0]
    assert str(row["cases"]) == "2件" or row["cases"].value == 2  # type: ignore[union-attr]
    assert {str(row[name]) for name in ("on_time", "late", "in_hand", "overdue", "rate", "mean")} == {"无数据"}
    assert "办理时限无数据" in sentences(found)
    assert "在办超期" not in sentences(found)
    assert "在办超期" in sentences(ledger())
    assert "不计算办理时限" in str(ledger_timeliness(found))


@pytest.mark.parametrize(
    ("column", "said", "otherwise"),
    [
        ("review_requested_on", "核查情况无数据", "本期投诉没有核查申请"),
        ("satisfaction", "回访满意率无数据", "没有回访表态记录"),
        ("customer", "升级投诉无数据", ""),
    ],
)
def test_no_record_is_told_from_no_column(column: str, said: str, otherwise: str) -> None:
    assert said in sentences(ledger(column))
    assert not otherwise or otherwise not in sentences(ledger(column))
    assert said not in sentences(ledger())
    assert otherwise in sentences(ledger())


def test_nothing_is_compared_with_a_period_that_lacked_the_column() -> None:
    now = ledger()
    compared = with_comparison(now, ledger("source"), RULES)
    assert compared.breakdowns["source"].rows[0].change is None
    assert compared.breakdowns["channel"].rows[0].change is not None

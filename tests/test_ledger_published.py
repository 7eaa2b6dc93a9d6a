"""A published report comes out of its ledger to the digit, and goes back when the report groups are taken off."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from msgspec import structs

from tests.factories.ledgers import GROUPS, RULES, published
from xiaobao.errors import InputError
from xiaobao.features.complaints import Breakdown, LedgerFigures
from xiaobao.features.complaints.breakdowns import grouped, ungrouped


@pytest.fixture(scope="module")
def report() -> LedgerFigures:
    return published()


def shown(table: Breakdown) -> dict[str, tuple[int, str]]:
    return {row.name: (row.count, str(row.share)) for row in table.rows if row.count}


def test_the_total_and_its_change_on_the_year(report: LedgerFigures) -> None:
    assert report.totals.count == 108
    assert report.total_change is not None
    assert (report.total_change.difference, report.total_change.rate) == (-33, Decimal("-23.40"))
    assert "手工" in report.comparison_note


def test_the_sources(report: LedgerFigures) -> None:
    assert shown(report.breakdowns["source"]) == {
        "12345政务热线": (75, "69.4"),
        "金融监管转办": (8, "7.4"),
        "人民银行转办": (1, "0.9"),
        "本行客服热线": (24, "22.2"),
    }


def test_the_channels(report: LedgerFigures) -> None:
    assert shown(report.breakdowns["channel"]) == {
        "营业现场": (77, "71.3"),
        "电子渠道": (13, "12.0"),
        "中、后台业务渠道": (10, "9.3"),
        "其他": (4, "3.7"),
        "自助机具": (3, "2.8"),
        "第三方渠道": (1, "0.9"),
    }


def test_shares_of_the_front_office_name_their_own_base(report: LedgerFigures) -> None:
    front = report.breakdowns["channel_front"]
    assert (front.base_name, front.base) == ("前台业务渠道小计", 98)
    assert front.row("营业现场").share == Decimal("78.6")


def test_the_classes_with_and_without_the_report_group(report: LedgerFigures) -> None:
    assert list(shown(report.groups["business_class"]).items()) == [
        ("人民币储蓄", (13, "12.0")),
        ("贷款", (9, "8.3")),
        ("银行卡", (38, "35.2")),
        ("中间业务和自营理财", (2, "1.9")),
        ("支付结算", (5, "4.6")),
        ("个人金融信息", (4, "3.7")),
        ("债务催收", (3, "2.8")),
        ("其他", (34, "31.5")),
    ]
    plain = shown(report.breakdowns["business_class"])
    assert plain["其他中间业务"][0] == plain["自营理财"][0] == 1


def test_a_sub_class_where_a_class_is_expected_is_recognised_and_said(report: LedgerFigures) -> None:
    table = report.breakdowns["business_class"]
    assert table.recognised == (("借记卡", "银行卡-借记卡", 38),)
    assert [(inner.name, inner.count) for inner in table.row("银行卡").parts] == [("借记卡", 38)]
    assert any("借记卡" in note for note in report.notes)


def test_the_reasons_with_their_groups(report: LedgerFigures) -> None:
    assert shown(report.groups["reason"]) == {
        "管理制度、业务规则与流程": (46, "42.6"),
        "服务态度及服务质量": (28, "25.9"),
        "消费者信息安全、资金安全": (15, "13.9"),
        "服务设施、设备、业务系统": (12, "11.1"),
        "信息披露、营销、催收": (5, "4.6"),
        "定价收费": (2, "1.9"),
    }


def test_groups_do_not_depend_on_the_order_of_their_members_and_go_back(report: LedgerFigures) -> None:
    table = report.breakdowns["reason"]
    order = [row.name for row in table.rows]
    for members in permutations(GROUPS["reason"]["信息披露、营销、催收"]):
        together = grouped(table, {"小计": members}, RULES)
        assert together == grouped(table, {"小计": sorted(members)}, RULES)
        assert ungrouped(together, order, RULES) == table


def test_groups_that_do_not_fit_are_refused(report: LedgerFigures) -> None:
    table = report.breakdowns["reason"]
    with pytest.raises(InputError, match="不在投诉原因之列"):
        grouped(table, {"甲": ("态度",)}, RULES)
    with pytest.raises(InputError, match="同时列在"):
        grouped(table, {"甲": ("信息披露",), "乙": ("信息披露",)}, RULES)
    with pytest.raises(InputError, match="同名"):
        grouped(table, {"其他": ("信息披露",)}, RULES)


def test_zero_rows_of_the_official_lists_are_printed(report: LedgerFigures) -> None:
    assert len(report.breakdowns["business_class"].rows) == 14
    assert len(report.breakdowns["reason"].rows) == 13
    assert report.breakdowns["business_class"].row("国库").share == Decimal("0.0")


def test_shares_are_not_forced_unless_asked_and_then_the_bent_row_is_marked(report: LedgerFigures) -> None:
    table = report.breakdowns["source"]
    assert table.share_sum == Decimal("99.9")
    assert not any(row.bent for row in table.rows)
    bent = published(structs.replace(RULES, shares="forced")).breakdowns["source"]
    assert sum(row.share for row in bent.rows if row.share is not None) == 100
    assert [row.name for row in bent.rows if row.bent] == ["12345政务热线"]
    assert bent.row("12345政务热线").share == Decimal("69.5")

"""Each exception, scope and start that leads were once raised against stands in the declaration of its checks.

What a declaration says is tried on both sides in `test_checks_declared`; here it is held that none is forgotten.
"""

from __future__ import annotations

from datetime import date

import pytest

from xiaobao.checks.bases import Basis
from xiaobao.checks.registry import REGISTRY

# (check, article, column that registers it or decides it; "" where the words alone say it, words of the declaration)
DECLARED = [
    # what articles except
    ("complaints.overdue", "第十八条", "appraisal_from", "鉴定"),
    ("complaints.extension_unapproved", "第十八条", "appraisal_from", "鉴定"),
    ("complaints.notified_late", "第十八条", "appraisal_from", "鉴定"),
    ("complaints.overdue", "第十八条", "new_material_on", "新的事实"),
    ("complaints.extension_unapproved", "第十八条", "new_material_on", "新的事实"),
    ("complaints.overdue", "第二十三条", "mediation_from", "调解"),
    ("complaints.refused_without_reason", "第十八条第四款", "raised_by", "非投诉人"),
    ("complaints.notified_late", "第二十一条", "agreed_notice_on", "约定"),
    ("complaints.notified_late", "第二十一条", "unreachable_proof", "无法联系"),
    ("complaints.decision_not_notified", "第二十一条", "unreachable_proof", "无法联系"),
    ("complaints.decision_not_notified", "第二十一条", "agreed_notice_on", "约定"),
    ("complaints.review_overdue", "第二十条", "decision_received_on", "30 日才申请"),
    ("complaints.overdue", "第十八条", "", "法定休假日"),
    ("complaints.review_overdue", "第二十条", "", "法定休假日"),
    ("complaints.mediation_refused", "第十六条", "mediation_refusal", "正当理由"),
    ("suitability.insurance_recording_missing", "第六条", "holder_kind", "自然人"),
    ("suitability.insurance_recording_missing", "第六条", "group_policy", "团体"),
    ("suitability.insurance_recording_missing", "第六条", "", "另有规定"),
    ("suitability.no_valid_assessment", "第二十九条", "customer_kind", "专业投资者"),
    ("suitability.assessed_after_sale", "第十三条", "customer_kind", "专业投资者"),
    ("suitability.product_above_customer", "第十二条", "customer_kind", ""),
    ("suitability.insurance_unsuitable_unconfirmed", "第三十八条", "group_policy", "团体"),
    ("suitability.insurance_unsuitable_unconfirmed", "第二十八条", "willing", "录像"),
    ("suitability.insurance_declaration_missing", "第三十九条", "group_policy", "团体"),
    ("suitability.private_without_proof", "第五项", "", "视为合格投资者"),
    ("suitability.sale_recording_missing", "第二条", "product_type", "国债"),
    ("suitability.sale_recording_missing", "第二条", "customer_kind", "个人"),
    ("suitability.sale_recording_missing", "第二条", "channel", ""),
    ("information_security.sms_without_consent", "第二十九条", "", "请求"),
    ("information_security.adverse_before_notice", "第十五条", "public_adverse", "依法公开"),
    ("special_groups.minor_account_alone", "第十九条", "earner_proof", "劳动收入"),
    ("special_groups.minor_purchase", "第十九条", "earner_proof", "劳动收入"),
    ("special_groups.minor_policyholder", "第十九条", "earner_proof", "劳动收入"),
    # whom and what articles bind
    ("disclosure.contract_without_annual_rate", "第十六条", "borrower_kind", "自然人"),
    ("disclosure.contract_without_annual_rate", "第十六条", "", "5号令第二条"),
    ("disclosure.loan_short_disbursement", "第二十八条", "borrower_kind", "自然人"),
    ("disclosure.financing_cost_unstated", "待核", "borrower_kind", "自然人"),
    ("emergencies.graded_too_low", "第九条", "pboc_field", "人民银行业务领域"),
    ("emergencies.leak_reported_late", "第三十四条", "confirmed_at", "确认"),
    ("emergencies.leak_reported_late", "第三十四条", "harm", "不利影响"),
    ("information_security.lookup_without_authorisation", "第十八条", "subject_kind", "个人"),
    ("records.recording_destroyed_early", "第十七条", "kind", "保险双录"),
]


def _bases(name: str, article: str) -> list[Basis]:
    return [one for one in REGISTRY[name].bases if one.article == article]


@pytest.mark.parametrize(("name", "article", "column", "words"), DECLARED)
def test_each_exception_and_scope_stands_in_the_declaration(name: str, article: str, column: str, words: str) -> None:
    bases = _bases(name, article)
    said = [(one.columns, one.says) for basis in bases for one in basis.but]
    said += [((one.column,), one.says) for basis in bases for one in basis.governs]
    assert any((not column or column in columns) and words in text for columns, text in said), said


def test_a_duty_is_borne_by_whom_the_article_binds() -> None:
    assert REGISTRY["complaints.review_overdue"].borne_by == "reviewed_by"
    assert "核查机构" in _bases("complaints.review_overdue", "第二十条")[0].binds
    assert "发布" in _bases("disclosure.price_published_late", "第二十四条")[0].binds


@pytest.mark.parametrize(
    "name", ["complaints.registered_late", "complaints.refused_without_reason", "product_review.opinion_ignored"]
)
def test_what_is_the_banks_own_rule_is_never_said_to_be_the_articles(name: str) -> None:
    assert "本行" in REGISTRY[name].practice


@pytest.mark.parametrize(
    ("name", "article", "first"),
    [
        ("suitability.insurance_unsuitable_unconfirmed", "第三十八条", date(2026, 2, 1)),
        ("suitability.insurance_unsuitable_unconfirmed", "第二十八条", date(2024, 3, 1)),
        ("records.recording_destroyed_early", "第十七条", date(2026, 2, 1)),
        ("disclosure.financing_cost_unstated", "待核", date(2026, 8, 1)),
        ("emergencies.graded_too_low", "第九条", date(2025, 8, 1)),
    ],
)
def test_an_article_starts_on_its_day_in_force(name: str, article: str, first: date) -> None:
    assert {one.in_force for one in _bases(name, article)} == {first}

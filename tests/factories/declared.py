"""For each check one record that it must hit, and for each circumstance a unit can prove the record that excuses it.

Laid over the clean record of `extracts`. `tests/test_checks_declared.py` holds the registry against these tables: a
check or an exception that stands in neither fails the build.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = Mapping[str, Any]
_NO_CONSENT = {"authorisation_no": None}
_LATE = {"received_on": "2026-03-02", "decided_on": "2026-03-18"}
_MINOR = {"age": 17}
_REFUSED = {"opinion": "不同意"}
_PARTNER = {"admission_no": None}

HIT: Mapping[str, Record] = {
    "complaints.consultation_claims_refund": {"nature": "咨询", "claim": "要求退款"},
    "complaints.credit_objection_overdue": {"received_on": "2026-03-02", "answered_on": "2026-03-23"},
    "complaints.decision_not_notified": {"notified_on": None},
    "complaints.extension_unapproved": {"complexity": "特别复杂", "decided_on": "2026-04-20"},
    "complaints.handler_is_subject": {"subject": "E1"},
    "complaints.mediation_refused": {"mediation_requested_on": "2026-03-05", "mediation_joined": False},
    "complaints.mediation_without_papers": {"mediation_from": "2026-03-05"},
    "complaints.notified_late": {"decided_on": "2026-03-10", "notified_on": "2026-03-18"},
    "complaints.overdue": _LATE,
    "complaints.refused_without_reason": {"accepted": False},
    "complaints.registered_late": {"transferred_on": "2026-03-02", "registered_on": "2026-03-04"},
    "complaints.remedies_not_told": {"remedies_told": False},
    "complaints.review_overdue": {
        "review_requested_on": "2026-03-31",
        "review_decided_on": "2026-05-01",
        "reviewed_by": "0101",
    },
    "complaints.unclassified": {"reason": None},
    "complaints.unregistered_transfer": {"registered_no": None},
    "complaints.withdrawal_without_application": {"withdrawn_on": "2026-03-05"},
    "departments.agreement_expired": {"agreement_ends_on": "2026-07-04"},
    "departments.launched_against_opinion": _REFUSED,
    "departments.launched_before_opinion": {"launched_on": "2026-03-09"},
    "departments.not_admitted": _PARTNER,
    "departments.opinion_ignored": {"adopted": "未采纳"},
    "disclosure.charged_before_consent": {"value_added": True, "consent_no": "Q1", "consent_on": "2026-03-03"},
    "disclosure.closing_notice_short": {"announced_on": None},
    "disclosure.contract_without_annual_rate": {"contract_annual_rate": None},
    "disclosure.fee_above_price": {"amount": "5.01"},
    "disclosure.fee_unpriced": {"fee_code": "F9"},
    "disclosure.financing_cost_unstated": {
        "lent_on": "2026-08-20",
        "signed_on": "2026-08-10",
        "cost_statement_no": None,
    },
    "disclosure.loan_material_without_annual_rate": {"annual_rate_shown": False},
    "disclosure.loan_short_disbursement": {"received": "99999.99"},
    "disclosure.loan_tied_insurance": {"near_policy_no": "B9", "near_policy_days": 1},
    "disclosure.material_before_review": {"review_no": None, "reviewed_on": None},
    "disclosure.paid_service_without_consent": {"value_added": True},
    "disclosure.price_published_late": {
        "effective_on": "2026-02-01",
        "published_on": "2026-02-02",
        "change": "提价",
        "publisher": "0101",
    },
    "disclosure.rate_beyond_layer": {"contract_annual_rate": "9.90"},
    "disclosure.renewal_without_reminder": {"auto_renewed": True},
    "education.product_advertised": {"product_ad": True},
    "emergencies.graded_too_low": {"grade": "一般", "leaked": 50_000, "pboc_field": True},
    "emergencies.leak_reported_late": {"first_report_at": "2026-03-06 09:00"},
    "information_security.account_active_after_leaving": {"staff_status": "离职", "left_on": "2026-03-31"},
    "information_security.account_dormant": {"last_used": "2026-01-05"},
    "information_security.account_not_moved": {"staff_unit": "0102", "left_on": "2026-03-31"},
    "information_security.adverse_before_notice": {"adverse_reported_on": "2026-05-01"},
    "information_security.authorisation_shared": {"authorisation_customers": 2},
    "information_security.lookup_after_expiry": {"authorised_until": "2026-03-01"},
    "information_security.lookup_before_authorisation": {"authorised_on": "2026-03-03"},
    "information_security.lookup_beyond_purpose": {"authorised_purpose": "信用卡审批"},
    "information_security.lookup_out_of_hours": {"looked_up_at": "2026-03-02 23:00"},
    "information_security.lookup_volume_outlier": {"teller_count": 41},
    "information_security.lookup_without_authorisation": _NO_CONSENT,
    "information_security.lookup_without_business": {"business_no": None},
    "information_security.rights_beyond_post": {"rights": "查询、开户、冲正"},
    "information_security.sms_after_opt_out": {"opted_out_on": "2026-03-01"},
    "information_security.sms_without_consent": {"consent_no": None},
    "information_security.sms_without_opt_out": {"opt_out_shown": False},
    "partners.agreement_expired": {"agreement_ends_on": "2026-07-04"},
    "partners.not_admitted": _PARTNER,
    "product_review.launched_against_opinion": _REFUSED,
    "product_review.launched_before_opinion": {"launched_on": "2026-03-09"},
    "product_review.opinion_ignored": {"adopted": "未采纳"},
    "records.recording_destroyed_early": {"ended_on": "2026-03-01", "destroyed_on": "2026-03-02"},
    "special_groups.child_without_consent": {"age": 13},
    "special_groups.elderly_high_risk": {"age": 65, "product_level": 4},
    "special_groups.facility_unusable": {"usable": False},
    "special_groups.minor_account_alone": {"service": "开卡", **_MINOR},
    "special_groups.minor_policyholder": _MINOR,
    "special_groups.minor_purchase": _MINOR,
    "special_groups.no_manual_counter": {"manual_counters": 0},
    "special_groups.proxy_complaint_refused": {"proxy": True, "accepted": False},
    "special_groups.proxy_unverified": {"manner": "委托代理"},
    "special_groups.repair_overdue": {"repair_requested_on": "2026-03-01"},
    "special_groups.senior_bundle": {"age": 60, "service": "开卡", "same_day_services": "开卡、开通手机银行、开通短信"},
    "suitability.assessed_after_sale": {"assessed_on": None, "assessed_after_on": "2026-03-16"},
    "suitability.assessments_per_day": {"count_day": 3},
    "suitability.assessments_per_year": {"count_12_months": 9},
    "suitability.clustered_assessments": {"device_day_customers": 9},
    "suitability.clustered_by_teller": {"teller_day_customers": 9},
    "suitability.insurance_declaration_missing": {"premium": "90000.00"},
    "suitability.insurance_recording_missing": {"recording_no": None},
    "suitability.insurance_unsuitable_unconfirmed": {"match": "不匹配", "willing": False},
    "suitability.level_change_unconfirmed": {"previous_level": 2, "confirmed_change": False},
    "suitability.level_raised_same_day": {"previous_on": "2026-03-02", "previous_level": 2},
    "suitability.linked_insurance_without_assessment": {"product_type": "投连型", "assessed_on": None},
    "suitability.lower_level_used": {"product_type": "代销理财", "issuer_level": 5},
    "suitability.no_valid_assessment": {"assessed_on": None},
    "suitability.private_below_minimum": {"offering": "私募", "product_total": "1.00"},
    "suitability.private_without_proof": {"offering": "私募"},
    "suitability.product_above_customer": {"product_level": 4},
    "suitability.recording_not_found": {"recorded_on": None},
    "suitability.sale_recording_missing": {"recording_no": None},
    "suitability.seller_unqualified": {"certificate_no": None},
}

# (check, first column of the proviso) → what, laid over the hit, makes it none
_MEDIATED = {"mediation_from": "2026-03-05", "mediation_to": "2026-03-09", "mediation_proof": "T1"}
_APPRAISED = {"appraisal_from": "2026-03-05", "appraisal_to": "2026-03-24", "appraisal_proof": "J1"}
_RENEWED = {"new_material_on": "2026-03-15"}
_AGREED = {"agreed_notice_on": "2026-12-31", "agreed_proof": "Y1"}
_UNREACHABLE = {"unreachable_proof": "W1"}
_EARNER = {"earner_proof": "L1"}
PROVEN: Mapping[tuple[str, str], Record] = {
    ("complaints.overdue", "appraisal_from"): _APPRAISED,
    ("complaints.overdue", "new_material_on"): _RENEWED,
    ("complaints.overdue", "mediation_from"): _MEDIATED,
    ("complaints.extension_unapproved", "appraisal_from"): _APPRAISED,
    ("complaints.extension_unapproved", "new_material_on"): {"new_material_on": "2026-04-01"},
    ("complaints.review_overdue", "decision_received_on"): {"decision_received_on": "2026-02-28"},
    ("complaints.notified_late", "appraisal_from"): _APPRAISED,
    ("complaints.notified_late", "new_material_on"): {"new_material_on": "2026-03-09"},
    ("complaints.notified_late", "agreed_notice_on"): _AGREED,
    ("complaints.notified_late", "unreachable_proof"): _UNREACHABLE,
    ("complaints.decision_not_notified", "unreachable_proof"): _UNREACHABLE,
    ("complaints.decision_not_notified", "agreed_notice_on"): _AGREED,
    ("complaints.refused_without_reason", "raised_by"): {"raised_by": "其他人"},
    ("complaints.mediation_refused", "mediation_refusal"): {"mediation_refusal": "已达成和解"},
    ("emergencies.leak_reported_late", "confirmed_at"): {"confirmed_at": "2026-03-05 10:00"},
    ("emergencies.leak_reported_late", "harm"): {"harm": "无不利影响"},
    ("information_security.adverse_before_notice", "public_adverse"): {"public_adverse": True},
    ("special_groups.minor_purchase", "earner_proof"): _EARNER,
    ("special_groups.minor_policyholder", "earner_proof"): _EARNER,
    ("special_groups.minor_account_alone", "earner_proof"): _EARNER,
    ("suitability.insurance_unsuitable_unconfirmed", "willing"): {"willing": True, "product_type": "财产险"},
}

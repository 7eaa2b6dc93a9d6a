"""What the shipped checklists, checks and sample bank have agreed upon."""

from __future__ import annotations

_NAMES = {
    "disclosure": "fee_above_price fee_unpriced price_published_late paid_service_without_consent loan_tied_insurance"
    " loan_short_disbursement material_before_review loan_material_without_annual_rate contract_without_annual_rate",
    "suitability": "product_above_customer no_valid_assessment assessed_after_sale assessments_per_day"
    " assessments_per_year level_change_unconfirmed clustered_assessments insurance_unsuitable_unconfirmed"
    " insurance_declaration_missing insurance_recording_missing",
    "information_security": "lookup_without_authorisation lookup_before_authorisation lookup_without_business"
    " lookup_out_of_hours lookup_volume_outlier account_active_after_leaving account_not_moved rights_beyond_post"
    " sms_after_opt_out sms_without_consent adverse_before_notice",
    "complaints": "overdue extension_unapproved unregistered_transfer handler_is_subject review_overdue"
    " withdrawal_without_application consultation_claims_refund mediation_without_papers decision_not_notified",
    "special_groups": "elderly_high_risk minor_purchase child_without_consent proxy_unverified no_manual_counter"
    " repair_overdue senior_bundle proxy_complaint_refused",
}
DOMAINS = tuple(_NAMES)
CHECK_IDS = frozenset(f"{domain}.{name}" for domain, names in _NAMES.items() for name in names.split())

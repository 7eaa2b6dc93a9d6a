"""Partitions as a check gets them: one clean record of each dataset, spoiled field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from xiaobao.checks.registry import REGISTRY, CheckContext, run_check
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.model import CheckResult, Period, Unit
from xiaobao.policies import Policies

UNIT = Unit(
    id="0101",
    name="柳溪支行",
    level="sub_branch",
    businesses=("储蓄", "贷款", "理财", "代理保险", "信用卡", "征信查询", "短信服务", "现金"),
)
AS_OF = date(2026, 7, 5)
_DTYPES = {
    "date": "datetime64[us]",
    "datetime": "datetime64[us]",
    "count": "Int64",
    "level": "Int64",
    "flag": "boolean",
}
_CLEAN: Mapping[str, dict[str, Any]] = {
    "fee_entries": {
        "entry_no": "S1",
        "charged_on": "2026-03-02",
        "fee_code": "F1",
        "fee_name": "工本费",
        "amount": "5.00",
        "value_added": False,
        "auto_renewed": False,
        "payer_kind": "个人",
    },
    "price_list": {
        "fee_code": "F1",
        "fee_name": "工本费",
        "version": "1",
        "published_on": "2019-09-30",
        "effective_on": "2020-01-01",
        "price": "5.00",
        "change": "新设",
    },
    "loans": {
        "loan_no": "D1",
        "lent_on": "2026-03-02",
        "customer": "C-a",
        "amount": "100000.00",
        "received": "100000.00",
        "contract_annual_rate": "4.35",
        "product": "消费贷",
        "customer_layer": "甲",
        "layer_rate": "4.35",
        "borrower_kind": "个人",
    },
    "bancassurance": {
        "policy_no": "B1",
        "sold_on": "2026-03-02",
        "customer": "C-a",
        "product_type": "分红型",
        "insurance_years": "15",
        "payment": "年交",
        "payment_years": 5,
        "premium": "10000.00",
        "family_income": "100000.00",
        "budget": "10000.00",
        "match": "匹配",
        "channel": "柜面",
        "recording_no": "R1",
        "age": 40,
        "holder_kind": "自然人",
        "group_policy": False,
    },
    "promotion_materials": {
        "material_no": "W1",
        "title": "折页",
        "kind": "贷款",
        "published_on": "2026-03-02",
        "review_no": "X1",
        "reviewed_on": "2026-02-20",
        "annual_rate_shown": True,
    },
    "product_sales": {
        "sale_no": "L1",
        "sold_on": "2026-03-15",
        "customer": "C-a",
        "product": "P1",
        "product_type": "自营理财",
        "product_level": 3,
        "customer_level": 3,
        "amount": "50000.00",
        "age": 40,
        "assessed_on": "2026-01-05",
        "assessed_level": 3,
        "channel": "柜面",
        "teller": "T1",
        "recording_no": "R1",
        "recorded_on": "2026-03-15",
        "certificate_no": "Z1",
        "issuer_level": 3,
        "offering": "公募",
        "asset_class": "固定收益类",
        "product_total": "50000.00",
        "customer_kind": "个人",
    },
    "risk_assessments": {
        "assessment_no": "A1",
        "customer": "C-a",
        "assessed_at": "2026-03-02 10:00",
        "level": 3,
        "device": "PAD1",
        "channel": "柜面",
        "count_day": 1,
        "count_12_months": 1,
        "device_day_customers": 1,
        "teller": "T1",
        "teller_day_customers": 1,
    },
    "credit_lookups": {
        "lookup_no": "Z1",
        "looked_up_at": "2026-03-02 10:00",
        "teller": "T1",
        "purpose": "贷款审批",
        "customer": "C-a",
        "authorisation_no": "Q1",
        "authorised_on": "2026-03-01",
        "business_no": "Y1",
        "teller_count": 8,
        "peer_median": "8",
        "authorised_until": "2026-06-01",
        "authorised_purpose": "贷款审批",
        "authorisation_customers": 1,
        "subject_kind": "个人",
    },
    "accounts": {
        "account": "U1",
        "system": "核心系统",
        "employee": "E1",
        "rights": "查询、开户",
        "approved_rights": "查询、开户",
        "status": "启用",
        "last_used": "2026-06-02",
        "staff_unit": "0101",
        "staff_status": "在岗",
    },
    "staff": {"employee": "E1", "post": "柜员", "from_date": "2020-01-01", "status": "在岗"},
    "sms_sends": {
        "send_no": "M1",
        "sent_at": "2026-03-02 10:00",
        "kind": "营销",
        "customer": "C-a",
        "consent_no": "T1",
        "opt_out_shown": True,
    },
    "sms_opt_outs": {"opt_out_no": "O1", "opted_out_at": "2026-01-01 10:00", "customer": "C-z"},
    "complaints": {
        "complaint_no": "TS1",
        "nature": "投诉",
        "received_on": "2026-03-02",
        "complexity": "简单",
        "decided_on": "2026-03-10",
        "notified_on": "2026-03-10",
        "notice_proof": "G1",
        "accepted": True,
        "proxy": False,
        "extension_level": "无",
        "handler": "E1",
        "business_class": "贷款",
        "reason": "信息披露",
        "remedies_told": True,
    },
    "transfers": {
        "transfer_no": "B1",
        "source": "12345",
        "transferred_on": "2026-03-02",
        "complaint_no": "TS1",
        "registered_no": "TS1",
        "registered_on": "2026-03-02",
    },
    "facilities": {"facility_no": "F1", "kind": "坡道", "usable": True},
    "counter_duty": {"duty_no": "P1", "day": "2026-03-02", "open": True, "manual_counters": 1},
    "qualifications": {"certificate_no": "Z1", "teller": "T1", "kind": "理财", "valid_from": "2020-01-01"},
    "recordings": {"recording_no": "R1", "recorded_on": "2020-03-02", "kind": "理财"},
    "credit_objections": {"objection_no": "O1", "received_on": "2026-03-02", "answered_on": "2026-03-10"},
    "outlet_changes": {"change_no": "C1", "kind": "迁址", "effective_on": "2026-05-01", "announced_on": "2026-03-01"},
    "reviews": {
        "review_no": "V1",
        "kind": "产品",
        "title": "新产品",
        "submitted_on": "2026-03-02",
        "opinion": "同意",
        "opinion_on": "2026-03-10",
        "launched_on": "2026-04-01",
        "adopted": "无意见",
    },
    "education": {
        "activity_no": "J1",
        "held_on": "2026-03-02",
        "title": "反诈宣传",
        "form": "网点宣传",
        "audience": "老年人",
        "times": 1,
        "product_ad": False,
    },
    "partners": {
        "partner_no": "H1",
        "name": "示例合作机构",
        "kind": "保险",
        "admission_no": "Z1",
        "agreement_ends_on": "2027-01-01",
    },
    "major_events": {
        "event_no": "E1",
        "record": "事件",
        "kind": "个人信息泄露",
        "known_at": "2026-03-02 09:00",
        "first_report_at": "2026-03-02 15:00",
    },
    "special_services": {
        "service_no": "V1",
        "served_on": "2026-03-02",
        "customer": "C-a",
        "service": "挂失",
        "manner": "本人到店",
        "age": 40,
    },
}
_KEYS = {name: DATASETS[name].key[0] for name in _CLEAN if name != "price_list"}


def frame(dataset: str, *records: Mapping[str, Any], absent: tuple[str, ...] = (), only: bool = False) -> pd.DataFrame:
    """Return a partition of clean records with `records` laid over, one a row; keys are numbered unless given.

    `absent` are columns that no file held. `only` takes the records as they are, all else empty.
    """
    spec = DATASETS[dataset]
    columns = [c for c in (*spec.columns, *spec.derived) if c.personal != "drop"]
    rows = [
        {"unit": UNIT.id, **({} if only else _CLEAN[dataset]), _KEYS.get(dataset, ""): f"K{n}", **record}
        for n, record in enumerate(records)
    ]
    data = {c.name: _column(c.kind, [row.get(c.name) for row in rows]) for c in columns}
    made = pd.DataFrame(data)
    made.attrs = {"titles": {c.name: c.title for c in columns}, "absent": list(absent)}
    return made


def _column(kind: str, values: list[Any]) -> pd.Series[Any]:
    if kind in {"amount", "decimal"}:
        return pd.Series([None if value is None else Decimal(str(value)) for value in values], dtype=object)
    if kind in {"date", "datetime"}:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[us]")
    return pd.Series(values, dtype=_DTYPES.get(kind, "str"))


def run(
    check_id: str,
    *frames: pd.DataFrame | tuple[str, pd.DataFrame],
    unit: Unit = UNIT,
    period: str = "2026H1",
    as_of: date = AS_OF,
    **policies: Any,
) -> CheckResult:
    """Run a check on frames in the order of its needs; further needs get one clean record."""
    check = REGISTRY[check_id]
    extracts = {name: frame(name, {}) for name in check.needs}
    extracts |= dict(zip(check.needs, frames, strict=False))
    return run_check(
        check_id,
        "I-1",
        extracts,
        CheckContext(unit=unit, period=Period.parse(period), as_of=as_of, policies=Policies(**policies)),
    )


def hits(check_id: str, *records: Mapping[str, Any], **more: Any) -> list[str]:
    """Return the keys hit among records of the check's first dataset."""
    check = REGISTRY[check_id]
    result = run(check_id, frame(check.needs[0], *records), **more)
    return sorted(next(iter(lead.record.values())) for lead in result.leads)

"""Which clean records each dataset has, and the records of papers and registers that stand beside the business."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from xiaobao.demo import rows
from xiaobao.demo.rows import Record, at, teller
from xiaobao.demo.sample_bank import UnitRecords, customer

Builder = Callable[[UnitRecords, int], Record]
_OBJECTING = 7000


def qualification(desk: UnitRecords, slot: int) -> Record:
    """A teller's certificate to sell 理财, held since 2021 and without an end."""
    return {
        "certificate_no": f"ZG{desk.index:05d}{slot:03d}",
        "teller": teller(desk, 1 + slot),
        "kind": "理财",
        "valid_from": date(2021, 1, 4),
        "valid_to": "",
    }


def recording(desk: UnitRecords, slot: int) -> Record:
    """The recording of a sale at the counter: every second clean sale is one."""
    return {
        "recording_no": desk.key("SL", 2 * slot),
        "unit": desk.unit.id,
        "recorded_on": desk.day(30),
        "kind": "理财",
        "insurance_years": "",
        "ended_on": "",
        "destroyed_on": "",
    }


def objection(desk: UnitRecords, slot: int) -> Record:
    """A 信用信息异议, marked on the day it came in and answered about a week later."""
    received = desk.day(20 + slot * 31 % 120)
    return {
        "objection_no": desk.key("YI", slot),
        "unit": desk.unit.id,
        "received_on": received,
        "customer": customer(desk.index, _OBJECTING + slot).number,
        "answered_on": received + timedelta(days=6 + slot),
        "marked_on": received,
        "handler": f"E{desk.index:05d}000",
        "result": "信息无误，已书面答复",
    }


def announced_change(desk: UnitRecords, slot: int) -> Record:
    """A removal announced 45 days ahead, at the outlet and on the web."""
    effective = desk.day(70)
    return {
        "change_no": desk.key("BD", 8000 + slot),
        "unit": desk.unit.id,
        "kind": "迁址",
        "effective_on": effective,
        "announced_on": effective - timedelta(days=45),
        "notice_places": "营业场所、网站",
    }


def reviewed_product(desk: UnitRecords, slot: int) -> Record:
    """A 消保审查 whose opinion came before the launch, all remarks adopted."""
    submitted = desk.day(20 + slot)
    return {
        "review_no": desk.key("SC", slot),
        "unit": desk.unit.id,
        "kind": "产品",
        "title": "个人贷款产品优化",
        "submitted_on": submitted,
        "opinion": "修改后同意",
        "opinion_on": submitted + timedelta(days=7),
        "remarks": 3,
        "remarks_adopted": 3,
        "adopted": "全部采纳",
        "launched_on": submitted + timedelta(days=20),
    }


def activity(desk: UnitRecords, slot: int) -> Record:
    """An education activity without advertising, every second one for 老年人."""
    return {
        "activity_no": desk.key("JY", slot),
        "unit": desk.unit.id,
        "held_on": desk.day(30 + slot * 20),
        "title": "防范电信网络诈骗宣传",
        "form": "网点宣传",
        "audience": ("老年人", "社会公众")[slot % 2],
        "times": 1,
        "copies": 60,
        "people": 45,
        "product_ad": "否",
    }


def partner(desk: UnitRecords, slot: int) -> Record:
    """An admitted partner with an agreement to 2028; the number holds `turn`, so that periods do not repeat it."""
    return {
        "partner_no": f"HZ{desk.index:05d}{slot:03d}{desk.turn}",
        "unit": desk.unit.id,
        "name": f"示例合作机构{slot + 1}",
        "kind": "科技外包",
        "admitted_on": date(2024, 5, 6),
        "admission_no": f"ZR{desk.index:05d}{slot:03d}",
        "agreement_no": f"XY{desk.index:05d}{slot:03d}",
        "agreement_ends_on": date(2028, 5, 5),
    }


def event(desk: UnitRecords, slot: int) -> Record:
    """A small leak reported in time: confirmed an hour after it was known, first reported five hours after."""
    known = at(desk.day(60 + slot), 9)
    return {
        "event_no": desk.key("SJ", slot),
        "unit": desk.unit.id,
        "record": "事件",
        "kind": "个人信息泄露",
        "known_at": known,
        "grade": "一般",
        "people": 1,
        "confirmed_at": known + timedelta(hours=1),
        "first_report_at": known + timedelta(hours=5),
        "harm": "其他不利影响",
        "pboc_field": "否",
        "leaked": 1,
        "reported_to": "当地人民银行分支机构",
    }


# For registers this makes only what recipes plant; their clean rows are head office's (`registers`).
# dataset → (builder, clean records a unit and period, businesses that the unit must run)
BUILDERS: dict[str, tuple[Builder, int, tuple[str, ...]]] = {
    "staff": (rows.staff, 6, ()),
    "accounts": (rows.account, 6, ()),
    "complaints": (rows.complaint, 8, ()),
    "transfers": (rows.transfer, 3, ()),
    "product_sales": (rows.sale, 90, ("理财",)),
    "risk_assessments": (rows.assessment, rows.WEALTH_CUSTOMERS, ("理财",)),
    "bancassurance": (rows.policy, 30, ("代理保险",)),
    "fee_entries": (rows.fee, 260, ()),
    "promotion_materials": (rows.material, 5, ()),
    "loans": (rows.loan, 60, ("贷款",)),
    "credit_lookups": (rows.lookup, 3 * rows.LOOKUPS_A_TELLER, ("征信查询",)),
    "sms_sends": (rows.sms, 260, ("短信服务",)),
    "sms_opt_outs": (rows.opt_out, 4, ("短信服务",)),
    "facilities": (rows.facility, 8, ()),
    "counter_duty": (rows.duty, 181, ()),
    "special_services": (rows.service, 30, ()),
    "qualifications": (qualification, 2, ("理财",)),
    "recordings": (recording, 45, ("理财",)),
    "credit_objections": (objection, 3, ("征信查询",)),
    "outlet_changes": (announced_change, 0, ()),
    "reviews": (reviewed_product, 0, ()),
    "education": (activity, 0, ()),
    "partners": (partner, 0, ()),
    "major_events": (event, 0, ()),
}

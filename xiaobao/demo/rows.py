"""One clean record of each dataset: what a well-run outlet's systems would give. Faults are laid over these."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from xiaobao.demo.sample_bank import Customer, UnitRecords, customer

Record = dict[str, Any]
WEALTH, INSURED, BORROWERS, LOOKED_UP, PAYERS, TEXTED, SERVED, COMPLAINING = 0, 100, 1000, 2000, 3000, 4000, 5000, 6000
PLANTED = 10_000  # customers from here on belong to plants and near misses
WEALTH_CUSTOMERS = 30
COST_STATED_FROM = date(2026, 8, 1)  # 个人贷款业务明示综合融资成本规定, of contracts signed from then on
LOOKUPS_A_TELLER = 8
_PRODUCTS = ("自营理财", "代销理财", "自营理财", "代销基金")
FEES: tuple[tuple[str, str, Decimal, bool], ...] = (
    ("F001", "工本费", Decimal("5.00"), False),
    ("F002", "挂失手续费", Decimal("10.00"), False),
    ("F003", "账户年费", Decimal("12.00"), False),
    ("F004", "转账手续费", Decimal("1.00"), False),
    ("F005", "短信通知费", Decimal("2.00"), True),
    ("F006", "综合权益服务费", Decimal("15.00"), True),
)
RATE, CAP = Decimal("0.1"), Decimal("50.00")


def yes_no(value: bool) -> str:
    """Return a flag as the systems of banks write it."""
    return "是" if value else "否"


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of a day in the clock of the bank (Beijing), without a zone, as extracts hold it."""
    return datetime.combine(day, time(hour, minute, second))


def teller(desk: UnitRecords, number: int) -> str:
    """Return the id of the unit's teller `number`; ids are unique bank-wide."""
    return f"T{desk.index:05d}{number}"


def personal(person: Customer, with_birth: bool = True) -> Record:
    """Return the columns that tell who it was; without a birth date import reads it off the ID number."""
    return {"customer": person.number, "birth_date": person.birth if with_birth else "", "id_number": person.id_number}


def staff(desk: UnitRecords, slot: int) -> Record:
    """One employee in office, in since 2020; slot 0 is the head of the unit."""
    return {
        "employee": f"E{desk.index:05d}{slot:03d}",
        "unit": desk.unit.id,
        "post": ("机构负责人", "柜员", "柜员", "客户经理", "客户经理", "大堂经理")[slot % 6],
        "from_date": date(2020, 3, 1) + timedelta(days=slot % 20 * 97),
        "to_date": "",
        "status": "在岗",
    }


def account(desk: UnitRecords, slot: int) -> Record:
    """One enabled user account of employee `slot`, with no right beyond those approved."""
    rights = ("查询、开户、复核", "查询、开户", "查询、记账", "查询、贷款录入")[slot % 4]
    return {
        "account": f"U{desk.index:05d}{slot:03d}",
        "unit": desk.unit.id,
        "system": ("核心系统", "信贷系统")[slot % 2],
        "employee": f"E{desk.index:05d}{slot:03d}",
        "rights": rights,
        "approved_rights": rights,
        "status": "启用",
        "last_used": desk.day(150 + slot),
        "disabled_on": "",
    }


def complaint(desk: UnitRecords, slot: int) -> Record:
    """A complaint decided within 11 days, notified that day; every eighth is a 咨询, which no limit holds for."""
    received = desk.day(5 + slot * 17 % 120)
    decided = received + timedelta(days=3 + slot % 9)
    kind = slot % len(_CASES)
    business, detail, reason, claim, content = _CASES[kind]
    consultation = slot % 8 == 7
    return {
        "complaint_no": desk.key("TS", slot),
        "unit": desk.unit.id,
        "nature": "咨询" if consultation else "投诉",
        "received_on": received,
        "source": _SOURCES[(slot + desk.index) % len(_SOURCES)],
        "channel": ("营业现场", "移动客户端", "第三方渠道", "中、后台业务渠道")[slot % 4],
        "business_class": business,
        "business_subclass": detail,
        "reason": reason,
        "customer": customer(desk.index, COMPLAINING + desk.turn * 60 + slot).number,
        "claim": "询问业务办理时间" if consultation else claim,
        "content": "询问网点周末是否营业" if consultation else content,
        "complexity": "简单",
        "decided_on": decided,
        "notified_on": decided,
        "notice_proof": desk.key("GZ", slot),
        "extension_level": "无",
        "extension_on": "",
        "extension_notified_on": "",
        "mediation_from": "",
        "mediation_to": "",
        "mediation_proof": "",
        "handler": f"E{desk.index:05d}000",
        "subject": "",
        "withdrawn_on": "",
        "withdrawal_proof": "",
        "review_requested_on": "",
        "review_decided_on": "",
        "accepted": "是",
        "proxy": "否",
        "proxy_proof": "",
        "refusal_reason": "",
        "result": "已核实并答复",
        "satisfaction": ("满意", "基本满意", "不满意")[slot % 3],
        "forwarded_on": "",
        "region": desk.unit.region,
        "product": "手机银行转账" if slot == 2 and desk.index < 8 else "",  # one day, many units: a cluster
        "remedies_told": "是",
        "mediation_requested_on": "",
        "mediation_joined": "",
        "mediation_refusal": "",
    }


_SOURCES = ("12345政务热线", "营业现场", "金融监管转办", "本行客服热线", "来信", "省联社客服")
_CASES = (
    ("银行卡", "借记卡", "服务态度及服务质量", "要求说明情况", "反映排队时间长"),
    ("贷款", "个人住房贷款", "信息披露", "要求提供合同副本", "反映未拿到还款计划表"),
    ("自营理财", "", "产品收益", "要求解释净值变动", "反映到期收益低于预期"),
    ("银行代理业务", "保险", "营销方式和手段", "要求核实销售过程", "反映保险条款讲解不清"),
    ("个人金融信息", "信用信息之外的收集与使用", "消费者信息安全", "要求停止营销短信", "反映收到多条营销短信"),
)


def transfer(desk: UnitRecords, slot: int) -> Record:
    """What an outside body passed on, tied to the complaint of the same slot."""
    return {
        "transfer_no": desk.key("ZB", slot),
        "unit": desk.unit.id,
        "source": ("监管转办", "12345", "客服转办")[slot % 3],
        "transferred_on": desk.day(5 + slot * 17 % 120),
        "complaint_no": desk.key("TS", slot),
        "summary": "群众来电反映",
    }


def sale(desk: UnitRecords, slot: int) -> Record:
    """A sale within the customer's level, recorded where it was at the counter (even slots)."""
    number = slot % WEALTH_CUSTOMERS
    person, level = customer(desk.index, WEALTH + number), wealth_level(number)
    kind = _PRODUCTS[slot % 4]
    product_level = 1 + slot % level
    return {
        "sale_no": desk.key("LC", slot),
        "unit": desk.unit.id,
        "sold_on": desk.day(30 + desk.rng.randrange(145)),
        **personal(person, slot % 5 != 0),
        "product": f"P{product_level}{slot % 7:02d}",
        "product_name": f"青禾{'稳健' if product_level < 3 else '进取'}{slot % 7 + 1}号",
        "product_type": kind,
        "product_level": f"R{product_level}",
        "customer_level": f"C{level}",
        "amount": Decimal(desk.rng.randrange(1, 60)) * 5000,
        "teller": teller(desk, 1 + slot % 2),
        "recording_no": desk.key("SL", slot) if slot % 2 == 0 else "",
        "channel": ("柜面", "手机银行", "柜面", "网银")[slot % 4],
        "special_procedure": "",
        "callback_on": "",
        "care_note": "",
        "guardian_consent": "",
        "issuer_level": f"R{product_level}" if kind.startswith("代销") else "",
        "offering": "公募",
        "asset_class": "固定收益类",
        "qualified_proof_no": "",
        "customer_kind": "普通机构" if slot == 88 else "个人",
    }


def wealth_level(number: int) -> int:
    """Return the risk level, C2 to C4, of a wealth customer: sales and assessments have to agree on it."""
    return 2 + number % 3


def assessment(desk: UnitRecords, slot: int) -> Record:
    """An assessment early in the period, before the customer's sales, of the level that `sale` writes."""
    number = slot % WEALTH_CUSTOMERS
    day = desk.day(number % 20)
    mobile = number % 3 == 0
    return {
        "assessment_no": desk.key("CP", slot),
        "unit": desk.unit.id,
        "customer": customer(desk.index, WEALTH + number).number,
        "assessed_at": at(day, 9 + number % 8, slot % 60),
        "level": f"C{wealth_level(number)}",
        "confirmed_change": "",
        "device": f"M{desk.index:05d}{number:03d}" if mobile else f"PAD{desk.index:05d}{number % 2}",
        "teller": "" if mobile else teller(desk, 1 + number % 2),
        "channel": "手机银行" if mobile else "柜面",
    }


def policy(desk: UnitRecords, slot: int) -> Record:
    """A policy at a twentieth of yearly income, half of it when paid at once; 财产险 needs no recording."""
    person = customer(desk.index, INSURED + desk.turn * 60 + slot % 60)
    kind = ("普通型", "分红型", "万能型", "财产险", "普通型")[slot % 5]
    single, property_ = slot % 4 == 0, kind == "财产险"
    income = Decimal(120_000 + 10_000 * (slot % 9))
    premium = income / 20 if not single else income / 2
    return {
        "policy_no": desk.key("BD", slot),
        "unit": desk.unit.id,
        "sold_on": desk.day(20 + desk.rng.randrange(150)),
        **personal(person, slot % 4 != 0),
        "product_name": f"禾安{kind}",
        "product_type": kind,
        "insurance_years": 1 if property_ else 10 + slot % 10,
        "payment": "趸交" if single else "年交",
        "payment_years": "" if single else 5,
        "premium": premium,
        "family_income": income,
        "budget": premium,
        "declaration_no": "",
        "match": "匹配",
        "unsuitable_confirmation": "",
        "channel": "柜面",
        "teller": teller(desk, 2),
        "recording_no": "" if property_ else desk.key("SL", 5000 + slot),
        "guardian_consent": "",
        "holder_kind": "自然人",
        "group_policy": "否",
        "willing": "",
    }


def fee(desk: UnitRecords, slot: int) -> Record:
    """A fee at its published price; value-added ones have a consent. F001 stands in for F003, which the plants use."""
    code, name, price, added = FEES[slot % 6]
    if code == "F003":
        code, name, price, added = FEES[0]
    base = Decimal(desk.rng.randrange(10, 900)) * 100 if code == "F004" else ""
    amount = max(price, min(CAP, base * RATE / 100)).quantize(Decimal("0.01")) if isinstance(base, Decimal) else price
    return {
        "entry_no": desk.key("SF", slot),
        "unit": desk.unit.id,
        "charged_on": desk.day(desk.rng.randrange(181)),
        "fee_code": code,
        "fee_name": name,
        "amount": amount,
        "base": base,
        "customer": customer(desk.index, PAYERS + slot).number,
        "consent_no": desk.key("QY", slot) if added else "",
        "value_added": yes_no(added),
        "teller": teller(desk, 1 + slot % 2),
        "consent_on": desk.day(0) if added else "",
        "auto_renewed": "是" if code == "F006" else "否",
        "reminded_on": desk.day(0) if code == "F006" else "",
        "payer_kind": "单位" if slot % 50 == 49 else "个人",
    }


def material(desk: UnitRecords, slot: int) -> Record:
    """A printed matter reviewed six days before it came out; education needs no review."""
    kind = ("贷款", "存款", "理财", "教育宣传", "信用卡")[slot % 5]
    published, education = desk.day(30 + slot * 23 % 140), slot % 5 == 3
    return {
        "material_no": desk.key("WL", slot),
        "unit": desk.unit.id,
        "title": f"{kind}宣传折页第 {slot + 1} 版",
        "kind": kind,
        "published_on": published,
        "review_no": "" if education else desk.key("XS", slot),
        "reviewed_on": "" if education else published - timedelta(days=6),
        "annual_rate_shown": "是" if kind == "贷款" else "",
        "text": "",
    }


def loan(desk: UnitRecords, slot: int) -> Record:
    """A consumer loan paid out in full; slot 59 is to a firm, for which the rules on persons do not hold."""
    amount = Decimal(desk.rng.randrange(2, 80)) * 5000
    lent = desk.day(10 + desk.rng.randrange(160))
    signed = lent - timedelta(days=1 + slot % 5)
    stated = signed >= COST_STATED_FROM and slot != 59
    return {
        "loan_no": desk.key("DK", slot),
        "unit": desk.unit.id,
        "lent_on": lent,
        "customer": customer(desk.index, BORROWERS + desk.turn * 90 + slot % 90).number,
        "amount": amount,
        "received": amount,
        "contract_annual_rate": Decimal(345 + 5 * (slot % 20)) / 100,
        "adverse_reported_on": "",
        "adverse_notified_on": "",
        "teller": teller(desk, 1),
        "product": "个人消费贷款",
        "customer_layer": "甲乙丙"[slot % 20 // 7],
        "rate_approval_no": "",
        "borrower_kind": "企业" if slot == 59 else "个人",
        "signed_on": signed,
        "cost_statement_no": desk.key("MS", slot) if stated else "",
        "cost_stated_on": signed if stated else "",
        "cost_confirmed": "是" if stated else "",
        "annual_cost": Decimal(365 + 5 * (slot % 20)) / 100 if stated else "",
    }


def lookup(desk: UnitRecords, slot: int) -> Record:
    """A credit enquiry within its authorisation; 异议核查 and 贷后管理 need none. Tellers 3 to 5 take eight in turn."""
    day = desk.day(8 + slot * 9 % 165)
    purpose = ("贷款审批", "贷款审批", "信用卡审批", "贷款审批", "担保资格审查", "贷后管理", "贷款审批", "异议核查")[
        slot % 8
    ]
    dispute, after = purpose == "异议核查", purpose == "贷后管理"
    return {
        "lookup_no": desk.key("ZX", slot),
        "unit": desk.unit.id,
        "looked_up_at": at(day, 9 + slot % 8, slot * 7 % 60),
        "teller": teller(desk, 3 + slot // LOOKUPS_A_TELLER % 3),
        "purpose": purpose,
        "customer": customer(desk.index, LOOKED_UP + slot).number,
        "authorisation_no": "" if dispute or after else desk.key("SQ", slot),
        "authorised_on": "" if dispute or after else day - timedelta(days=slot % 3),
        "business_no": "" if dispute or after else desk.key("YW", slot),
        "balance": Decimal(80_000) if after else "",
        "authorised_until": "" if dispute or after else day + timedelta(days=90),
        "authorised_purpose": "" if dispute or after else purpose,
        "subject_kind": "个人",
    }


def sms(desk: UnitRecords, slot: int) -> Record:
    """A message; 营销 ones have a consent and show how to opt out."""
    person, kind = customer(desk.index, TEXTED + slot), ("交易提醒", "营销", "交易提醒", "服务通知")[slot % 4]
    return {
        "send_no": desk.key("DX", slot),
        "unit": desk.unit.id,
        "sent_at": at(desk.day(desk.rng.randrange(181)), 9 + slot % 9, slot % 60),
        "kind": kind,
        "customer": person.number,
        "mobile": person.mobile,
        "consent_no": desk.key("TY", slot) if kind == "营销" else "",
        "campaign": f"HD{desk.period.start:%y%m}{slot % 3}" if kind == "营销" else "",
        "opt_out_shown": "是" if kind == "营销" else "",
    }


def opt_out(desk: UnitRecords, slot: int) -> Record:
    """Return a 退订: the unit must send this customer no marketing from then on."""
    person = customer(desk.index, TEXTED + 600 + slot)
    return {
        "opt_out_no": desk.key("TD", slot),
        "opted_out_at": at(desk.day(40 + slot * 11 % 120), 20, slot % 60),
        "customer": person.number,
        "mobile": person.mobile,
    }


def facility(desk: UnitRecords, slot: int) -> Record:
    """A facility in use that keeps its measure: a ramp of 1:12.5, a counter of 0.75 m."""
    kind = ("坡道", "低位柜台", "呼叫按钮", "老花镜", "轮椅", "爱心座椅", "盲文标识", "其他")[slot % 8]
    measure, unit = {"坡道": (Decimal("0.08"), "比值"), "低位柜台": (Decimal("0.75"), "米")}.get(
        kind, (Decimal(1), "个")
    )
    return {
        "facility_no": f"SS{desk.index:05d}{slot:03d}",
        "unit": desk.unit.id,
        "kind": kind,
        "measure": measure,
        "measure_unit": unit,
        "usable": "是",
        "checked_on": desk.day(160),
        "repair_requested_on": "",
        "repaired_on": "",
    }


def duty(desk: UnitRecords, slot: int) -> Record:
    """One day of the rota, Sundays closed; an open day has a leader, employee 5."""
    day = desk.day(slot)
    opened = day.weekday() != 6
    return {
        "duty_no": desk.key("PB", slot),
        "unit": desk.unit.id,
        "day": day,
        "open": yes_no(opened),
        "manual_counters": 2 if opened else 0,
        "cash_counters": 1 if opened else 0,
        "leader": f"E{desk.index:05d}005" if opened else "",
    }


def service(desk: UnitRecords, slot: int) -> Record:
    """A service in person; some 挂失, 密码重置 and 销户 are done at home, with identity and intent checked."""
    kind = ("开卡", "挂失", "密码重置", "开通短信", "销户", "开通手机银行", "个人信息采集", "其他")[slot % 8]
    away = kind in {"挂失", "密码重置", "销户"} and slot % 3 == 0
    return {
        "service_no": desk.key("TF", slot),
        "unit": desk.unit.id,
        "served_on": desk.day(10 + slot * 13 % 160),
        **personal(customer(desk.index, SERVED + desk.turn * 60 + slot), slot % 2 == 0),
        "service": kind,
        "manner": "上门" if away else "本人到店",
        "identity_check_no": desk.key("SF0", slot) if away else "",
        "intent_check_no": desk.key("YY", slot) if away else "",
        "proxy_letter_no": "",
        "guardian_consent": "",
        "witness": f"E{desk.index:05d}001" if away else "",
        "teller": teller(desk, 1),
    }

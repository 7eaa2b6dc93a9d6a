"""特殊群体服务: elderly and minors, proxies, manual counters, barrier-free facilities."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import INVESTMENT, NONE, Proviso, on
from xiaobao.checks.frame_columns import (
    Row,
    day,
    everything,
    filled,
    first_of_each,
    flags,
    has_value,
    no,
    or_else,
    outcome,
    shown_day,
    since_new_rules,
    sure,
    text,
    whole,
    yes,
)
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_SALE_FACTS = (
    "sold_on",
    "product",
    "product_type",
    "product_level",
    "customer_level",
    "amount",
    "age",
    "teller",
    "recording_no",
)
_SERVICE_FACTS = ("served_on", "service", "manner", "age", "teller")
EARNER = Proviso(
    says="16 周岁以上、以自己的劳动收入为主要生活来源的视为完全民事行为能力人（民法典第十八条第二款）",
    columns=("earner_proof",),
    ask="如客户已满 16 周岁并以自己的劳动收入为主要生活来源",
)
INDEPENDENT = Proviso(says="纯获利益或与年龄、智力相适应的行为可以独立实施（民法典第十九条）")
_BUNDLE = frozenset({"开卡", "开通手机银行", "开通短信"})


@check(
    "special_groups.elderly_high_risk",
    "高龄客户购买高风险产品无特别注意措施",
    needs=("product_sales",),
    key="sale_no",
    shown=_SALE_FACTS,
    bases=(
        on(
            "适当性办法",
            "第十八条",
            binds="销售的机构",
            start="销售之日",
            but=(Proviso(says="特别注意的措施是举例，不逐项强制"),),
            governs=(INVESTMENT,),
        ),
    ),
    day="sold_on",
    businesses=("理财",),
    look_back="交易时年龄",
    relies_on=("special_procedure", "callback_on", "care_note"),
    population="2026-02-01 起、65 周岁以上客户购买代销基金以外的高风险产品（等级为本行设置）；"
    "条文的措施为举例，专门程序、回访、特别注意措施三项全无才作疑点",
)
def elderly_high_risk(extracts: Frames, context: CheckContext) -> Hits:
    sales, policies = extracts["product_sales"], context.policies
    age = whole(sales, "age")
    cared = filled(sales, "special_procedure") | filled(sales, "callback_on") | filled(sales, "care_note")
    risky = sure(whole(sales, "product_level") >= policies.high_risk_level)
    return outcome(
        sales,
        risky & (age.isna() | sure(age >= policies.elderly_age)),
        ~cared,
        lambda row: f"客户 {row['age']} 周岁购买 {row['product_level']} 级产品，专门程序、回访、特别注意措施均无记录",
        unknown=age.isna(),
        unknown_note="{n} 笔高风险产品销售无客户年龄，未作判断",
    )


@check(
    "special_groups.minor_purchase",
    "未成年人购买产品",
    needs=("product_sales",),
    key="sale_no",
    shown=(*_SALE_FACTS, "guardian_consent"),
    bases=(
        on("适当性办法", "第十九条", binds="销售的机构", start="销售之日", but=NONE, governs=(INVESTMENT,)),
        on("民法典", "第十九条", binds="销售的机构", start="销售之日", but=(EARNER, INDEPENDENT)),
        on("民法典", "第二十条", binds="销售的机构", start="销售之日", but=NONE),
    ),
    day="sold_on",
    businesses=("理财",),
    look_back="交易时年龄",
    relies_on=("guardian_consent",),
    population="不满 18 周岁客户的产品销售；16 周岁以上有劳动收入证明号的除外",
)
def minor_purchase(extracts: Frames, context: CheckContext) -> Hits:
    sales = extracts["product_sales"]
    age = whole(sales, "age")
    governed = since_new_rules(day(sales, "sold_on")) & text(sales, "product_type").isin(INVESTMENT.values)
    agreed = filled(sales, "guardian_consent")
    too_risky = sure(whole(sales, "product_level") > context.policies.low_risk_level)
    barred = governed & (sure(age < 8) | too_risky)
    return outcome(
        sales,
        (age.isna() | sure(age < 18)) & ~_earner(sales, age),
        ~agreed | barred,
        lambda row: _minor_reason(row, context),
        unknown=age.isna(),
        unknown_note="{n} 笔销售无客户年龄，未作判断",
    )


def _earner(frame: pd.DataFrame, age: pd.Series[int]) -> pd.Series[bool]:
    """Leave out who is of full capacity at sixteen by work of their own (民法典第十八条第二款)."""
    return sure(age >= 16) & filled(frame, "earner_proof")


def _minor_reason(row: Row, context: CheckContext) -> str:
    if not has_value(row, "guardian_consent"):
        return f"客户 {row['age']} 周岁，没有监护人同意书号"
    if row["age"] < 8:
        return f"客户 {row['age']} 周岁，不得向无民事行为能力人销售"
    return f"客户 {row['age']} 周岁，产品 {row['product_level']} 级，高于低风险（{context.policies.low_risk_level} 级）"


@check(
    "special_groups.child_without_consent",
    "不满 14 周岁无监护人同意",
    needs=("special_services",),
    key="service_no",
    shown=(*_SERVICE_FACTS, "guardian_consent"),
    bases=(on("个保法", "第三十一条", binds="办理业务的机构", start="办理之日", but=NONE),),
    day="served_on",
    look_back="办理时年龄",
    relies_on=("guardian_consent",),
    population="不满 14 周岁客户、非监护人代理办理的业务",
)
def child_without_consent(extracts: Frames, context: CheckContext) -> Hits:
    services = extracts["special_services"]
    age = whole(services, "age")
    own = text(services, "manner") != "监护人代理"
    return outcome(
        services,
        own & (age.isna() | sure(age < 14)),
        ~filled(services, "guardian_consent"),
        lambda row: f"客户 {row['age']} 周岁，{row['manner']}办理{row['service']}，没有监护人同意书号",
        unknown=age.isna(),
        unknown_note="{n} 笔业务无客户年龄，未作判断",
    )


@check(
    "special_groups.proxy_unverified",
    "委托代理或上门办理未核实身份或意愿",
    needs=("special_services",),
    key="service_no",
    shown=(*_SERVICE_FACTS, "identity_check_no", "intent_check_no", "proxy_letter_no", "witness"),
    bases=(
        on(
            "银发2015-392",
            "三（四）3",
            binds="办理业务的机构",
            start="办理之日",
            but=(Proviso(says="不看居委会或医院证明（公告〔2020〕第3号已删除）"),),
        ),
    ),
    day="served_on",
    relies_on=("identity_check_no", "intent_check_no"),
    population="委托代理、上门办理的挂失、密码重置、销户；不看居委会或医院证明",
)
def proxy_unverified(extracts: Frames, context: CheckContext) -> Hits:
    services = extracts["special_services"]
    absent = text(services, "manner").isin(["委托代理", "上门"])
    named = text(services, "service").isin(["挂失", "密码重置", "销户"])
    identity, intent = filled(services, "identity_check_no"), filled(services, "intent_check_no")
    return outcome(
        services,
        absent & named,
        ~identity | ~intent,
        lambda row: f"{row['manner']}办理{row['service']}，没有{_unverified(row)}记录",
    )


def _unverified(row: Row) -> str:
    names = {"identity_check_no": "身份核实", "intent_check_no": "意愿核实"}
    return "、".join(title for name, title in names.items() if not has_value(row, name))


@check(
    "special_groups.no_manual_counter",
    "营业日没有人工窗口",
    needs=("counter_duty",),
    key="duty_no",
    shown=("day", "manual_counters", "cash_counters"),
    bases=(
        on("无障碍环境建设法", "第三十九条", binds="营业的网点", start="营业日", but=NONE),
        on("9号令", "第三十八条", binds="营业的网点", start="营业日", but=NONE),
    ),
    day="day",
    population="营业日的排班",
)
def no_manual_counter(extracts: Frames, context: CheckContext) -> Hits:
    duty = extracts["counter_duty"]
    counters = whole(duty, "manual_counters")
    return outcome(
        duty,
        ~no(duty, "open"),
        sure(counters <= 0),
        lambda row: f"{shown_day(row['day'])} 营业，人工窗口数为 0",
        unknown=~yes(duty, "open") | counters.isna(),
        unknown_note="{n} 日未填是否营业或人工窗口数，未作判断",
    )


@check(
    "special_groups.repair_overdue",
    "无障碍设施报修未及时修复",
    needs=("facilities",),
    key="facility_no",
    shown=("kind", "usable", "repair_requested_on", "repaired_on"),
    bases=(
        on(
            "无障碍环境建设法",
            "第二十六条",
            binds="设施的所有权人或管理人",
            start="报修之日（天数为本行设置）",
            but=NONE,
        ),
        on("老年人权益保障法", "第六十四条", binds="设施的所有人、管理人", start="报修之日", but=NONE),
    ),
    day="repair_requested_on",
    relies_on=("repair_requested_on", "repaired_on"),
    population="检查期内未修复或修复的报修；天数为本行设置，条文没有期限",
)
def repair_overdue(extracts: Frames, context: CheckContext) -> Hits:
    facilities, limit = extracts["facilities"], context.policies.repair_days
    asked, repaired = day(facilities, "repair_requested_on"), day(facilities, "repaired_on")
    recent = repaired.isna() | sure(repaired >= pd.Timestamp(context.period.start))
    took = repaired.fillna(pd.Timestamp(context.as_of)) - asked
    return outcome(
        facilities,
        asked.notna() & recent,
        sure(took > pd.Timedelta(days=limit)),
        lambda row: (
            f"{shown_day(row['repair_requested_on'])} 报修，"
            + or_else(row.get("repaired_on"), "修复", "至检查基准日未修复")
            + f"，超过 {limit} 天"
        ),
    )


@check(
    "special_groups.senior_bundle",
    "老年客户同日开卡并开通手机银行和短信",
    needs=("special_services",),
    key="service_no",
    shown=(*_SERVICE_FACTS, "same_day_services"),
    bases=(on("9号令", "第二十六条", binds="办理业务的机构", start="办理之日", but=NONE),),
    day="served_on",
    look_back="办理时年龄、同一客户当日新开业务",
    relies_on=("customer",),
    population="60 周岁以上客户的新开业务；只作疑点，是否擅自开通收费服务须核实；一名客户一日一条疑点",
)
def senior_bundle(extracts: Frames, context: CheckContext) -> Hits:
    services = extracts["special_services"]
    age = whole(services, "age")
    opened = text(services, "service").isin(_BUNDLE)
    together = [set(part.split("、")) >= _BUNDLE for part in text(services, "same_day_services")]
    hit = opened & flags(together, services) & sure(age >= context.policies.senior_age)
    by = ("customer", "served_on") if filled(services, "customer").all() else ("service_no",)
    one = first_of_each(services, hit, by, "service_no") if hit.any() else hit
    return outcome(
        services,
        opened & (age.isna() | sure(age >= context.policies.senior_age)),
        one,
        lambda row: f"客户 {row['age']} 周岁，当日同时办理 {row['same_day_services']}",
        unknown=age.isna(),
        unknown_note="{n} 笔业务无客户年龄，未作判断",
    )


@check(
    "special_groups.proxy_complaint_refused",
    "不予受理代理投诉",
    needs=("complaints",),
    key="complaint_no",
    shown=("received_on", "proxy_proof", "refusal_reason", "handler"),
    bases=(
        on(
            "3号令",
            "第十四条",
            binds="收到投诉的机构",
            start="不予受理之时",
            but=(Proviso(says="没有授权委托书、写明理由的不予受理不算"),),
        ),
    ),
    day="received_on",
    relies_on=("proxy", "accepted"),
    population="代理投诉；无授权委托书且写明理由的不予受理不算",
)
def proxy_complaint_refused(extracts: Frames, context: CheckContext) -> Hits:
    ledger = extracts["complaints"]
    refused = no(ledger, "accepted")
    grounded = ~filled(ledger, "proxy_proof") & filled(ledger, "refusal_reason")
    return outcome(
        ledger,
        yes(ledger, "proxy") & text(ledger, "nature").isin(["投诉", ""]),
        refused & ~grounded,
        lambda row: "有授权委托书而不予受理" if has_value(row, "proxy_proof") else "不予受理且未写理由",
        unknown=~refused & ~yes(ledger, "accepted"),
        unknown_note="{n} 件未填是否受理，未作判断",
    )


@check(
    "special_groups.minor_policyholder",
    "未成年人作为投保人投保",
    needs=("bancassurance",),
    key="policy_no",
    shown=("sold_on", "product_name", "product_type", "premium", "age", "teller", "guardian_consent"),
    bases=(
        on("民法典", "第十九条", binds="销售的机构", start="出单日", but=(EARNER, INDEPENDENT)),
        on("民法典", "第二十条", binds="销售的机构", start="出单日", but=NONE),
        on("适当性办法", "第十九条", binds="销售的机构", start="出单日", but=NONE),
    ),
    day="sold_on",
    businesses=("代理保险",),
    look_back="出单时年龄",
    relies_on=("guardian_consent",),
    population="不满 18 周岁投保人的保单；16 周岁以上有劳动收入证明号的除外",
)
def minor_policyholder(extracts: Frames, context: CheckContext) -> Hits:
    policies = extracts["bancassurance"]
    age = whole(policies, "age")
    barred = since_new_rules(day(policies, "sold_on")) & sure(age < 8)
    return outcome(
        policies,
        (age.isna() | sure(age < 18)) & ~_earner(policies, age),
        ~filled(policies, "guardian_consent") | barred,
        lambda row: (
            f"投保人 {row['age']} 周岁，没有监护人同意书号"
            if not has_value(row, "guardian_consent")
            else f"投保人 {row['age']} 周岁，不得向无民事行为能力人销售"
        ),
        unknown=age.isna(),
        unknown_note="{n} 件无投保人年龄，未作判断",
    )


@check(
    "special_groups.minor_account_alone",
    "已满 14 不满 18 周岁开卡无监护人代理或同意",
    needs=("special_services",),
    key="service_no",
    shown=(*_SERVICE_FACTS, "guardian_consent"),
    bases=(
        on("银发2015-392", "三（四）2", binds="办理业务的机构", start="办理之日", but=(EARNER,)),
        on("民法典", "第十九条", binds="办理业务的机构", start="办理之日", but=(EARNER, INDEPENDENT)),
    ),
    day="served_on",
    look_back="办理时年龄",
    relies_on=("guardian_consent",),
    population="已满 14 不满 18 周岁客户的开卡；不满 14 周岁的归入“不满 14 周岁无监护人同意”；"
    "16 周岁以上有劳动收入证明号的除外",
)
def minor_account_alone(extracts: Frames, context: CheckContext) -> Hits:
    services = extracts["special_services"]
    age = whole(services, "age")
    opened = text(services, "service") == "开卡"
    return outcome(
        services,
        opened & (age.isna() | (sure(age >= 14) & sure(age < 18))) & ~_earner(services, age),
        (text(services, "manner") != "监护人代理") & ~filled(services, "guardian_consent"),
        lambda row: f"客户 {row['age']} 周岁，{row['manner']}开卡，没有监护人同意书号",
        unknown=age.isna(),
        unknown_note="{n} 笔开卡无客户年龄，未作判断",
    )


@check(
    "special_groups.facility_unusable",
    "无障碍设施不可用而未报修",
    needs=("facilities",),
    key="facility_no",
    shown=("kind", "usable", "checked_on", "repair_requested_on", "repaired_on"),
    bases=(
        on(
            "无障碍环境建设法",
            "第二十六条",
            binds="设施的所有权人或管理人",
            start="报修之日（天数为本行设置）",
            but=NONE,
        ),
        on("老年人权益保障法", "第六十四条", binds="设施的所有人、管理人", start="报修之日", but=NONE),
    ),
    day="checked_on",
    relies_on=("repair_requested_on",),
    population="登记的无障碍与适老设施；已报修待修复的归入“无障碍设施报修未及时修复”，修复后又不可用而没有再报修的算",
)
def facility_unusable(extracts: Frames, context: CheckContext) -> Hits:
    facilities = extracts["facilities"]
    asked, repaired = day(facilities, "repair_requested_on"), day(facilities, "repaired_on")
    waiting = asked.notna() & ~sure(repaired >= asked)
    return outcome(
        facilities,
        everything(facilities),
        no(facilities, "usable") & ~waiting,
        lambda row: f"{row['kind']}不可用，" + or_else(row.get("repaired_on"), "修复后没有再报修", "没有报修"),
        unknown=~no(facilities, "usable") & ~yes(facilities, "usable"),
        unknown_note="{n} 件未填是否可用，未作判断",
    )

"""Loans: what was tied to them, what arrived, what they cost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from xiaobao.checks.bases import NONE, PERSONAL_LOAN, SCOPE5, UNREAD, Proviso, on
from xiaobao.checks.frame_columns import day, everything, exact, filled, flags, no, outcome, sure, whole
from xiaobao.checks.registry import CheckContext, Hits, check

Frames = Mapping[str, pd.DataFrame]
_LOAN_FACTS = ("lent_on", "amount", "received", "contract_annual_rate", "teller")


@check(
    "disclosure.loan_tied_insurance",
    "放款前后短期内同一客户出单",
    needs=("loans", "bancassurance"),
    key="loan_no",
    shown=("lent_on", "amount", "near_policy_no", "near_policy_days", "teller"),
    bases=(
        on("9号令", "第二十六条", binds="放款的机构", start="放款日", but=NONE, governs=(PERSONAL_LOAN,)),
        on("5号令", "第二十条", binds="放款的机构", start="放款日", but=NONE, governs=(PERSONAL_LOAN,)),
        on("2号令", "第二十三条", binds="销售保险的机构", start="出单日", but=NONE, governs=(PERSONAL_LOAN,)),
    ),
    day="lent_on",
    businesses=("贷款",),
    look_back="同一客户最近的保单（需导入银保出单）",
    population="向个人的全部放款；相隔天数为本行设置，只作疑点，是否搭售须核实",
)
def loan_tied_insurance(extracts: Frames, context: CheckContext) -> Hits:
    loans = extracts["loans"]
    apart = whole(loans, "near_policy_days").abs()
    return outcome(
        loans,
        everything(loans),
        sure(apart <= context.policies.tie_in_days),
        lambda row: f"与保单 {row['near_policy_no']} 相隔 {abs(int(row['near_policy_days']))} 天，须核实是否强制搭售",
    )


@check(
    "disclosure.loan_short_disbursement",
    "到账金额少于借据金额",
    needs=("loans",),
    key="loan_no",
    shown=_LOAN_FACTS,
    bases=(on("9号令", "第二十八条", binds="放款的机构", start="放款日", but=NONE, governs=(PERSONAL_LOAN,)),),
    day="lent_on",
    businesses=("贷款",),
    population="向个人的、有到账金额的放款",
)
def loan_short_disbursement(extracts: Frames, context: CheckContext) -> Hits:
    loans = extracts["loans"]
    pairs = list(zip(exact(loans, "amount"), exact(loans, "received"), strict=True))
    return outcome(
        loans,
        everything(loans),
        flags([a is not None and r is not None and r < a for a, r in pairs], loans),
        lambda row: f"借据金额 {row['amount']} 元，到账 {row['received']} 元，少 {row['amount'] - row['received']} 元",
        unknown=flags([a is None or r is None for a, r in pairs], loans),
        unknown_note="{n} 笔无到账金额，未作判断",
    )


@check(
    "disclosure.contract_without_annual_rate",
    "贷款合同无年化利率",
    needs=("loans",),
    key="loan_no",
    shown=_LOAN_FACTS,
    bases=(
        on("9号令", "第二十二条", binds="放款的机构", start="签约之时", but=NONE, governs=(PERSONAL_LOAN,)),
        on("5号令", "第十六条", binds="放款的机构", start="签约之时", but=SCOPE5, governs=(PERSONAL_LOAN,)),
    ),
    day="lent_on",
    businesses=("贷款",),
    relies_on=("contract_annual_rate",),
    population="向个人的全部放款；对公贷款不判",
)
def contract_without_annual_rate(extracts: Frames, context: CheckContext) -> Hits:
    loans = extracts["loans"]
    rates = exact(loans, "contract_annual_rate")
    return outcome(loans, everything(loans), flags([rate is None for rate in rates], loans), "合同未记载年化利率")


@check(
    "disclosure.rate_beyond_layer",
    "利率偏离同分层客户而无定价审批",
    needs=("loans",),
    key="loan_no",
    shown=(*_LOAN_FACTS, "product", "customer_layer", "layer_rate", "rate_approval_no"),
    bases=(
        on("9号令", "第二十七条", binds="放款的机构", start="放款日", but=NONE, governs=(PERSONAL_LOAN,)),
        on("消保法实施条例", "第九条", binds="放款的机构", start="放款日", but=NONE, governs=(PERSONAL_LOAN,)),
    ),
    day="lent_on",
    businesses=("贷款",),
    look_back="同一产品同一分层的放款在全行本期的利率中位数，不足 5 笔的不计算",
    relies_on=("product", "customer_layer", "rate_approval_no"),
    population="有合同年化利率且能算出同分层中位数的放款；偏离的百分点为本行设置，只看偏高的，只作疑点",
)
def rate_beyond_layer(extracts: Frames, context: CheckContext) -> Hits:
    loans, most = extracts["loans"], context.policies.rate_deviation
    pairs = list(zip(exact(loans, "contract_annual_rate"), exact(loans, "layer_rate"), strict=True))
    return outcome(
        loans,
        filled(loans, "contract_annual_rate"),
        flags([r is not None and usual is not None and r - usual > most for r, usual in pairs], loans)
        & ~filled(loans, "rate_approval_no"),
        lambda row: (
            f"利率 {row['contract_annual_rate']}%，同产品同分层中位数 {row['layer_rate']}%，"
            f"高出超过 {most} 个百分点，没有定价审批编号"
        ),
        unknown=flags([usual is None for _, usual in pairs], loans),
        unknown_note="{n} 笔无产品、分层或同分层不足 5 笔，未作判断",
    )


@check(
    "disclosure.financing_cost_unstated",
    "个人贷款签约前未明示综合融资成本",
    needs=("loans",),
    key="loan_no",
    shown=(*_LOAN_FACTS, "signed_on", "cost_statement_no", "cost_stated_on", "cost_confirmed", "annual_cost"),
    bases=(
        on(
            "金规2026-2",
            UNREAD,
            binds="放款的机构",
            start="签约之时（2026-08-01 以前签约的不适用）",
            but=(Proviso(says="条文没有读到全文，例外待核"),),
            governs=(PERSONAL_LOAN,),
            days=("signed_on", "lent_on"),
        ),
    ),
    day="lent_on",
    businesses=("贷款",),
    relies_on=("signed_on", "cost_statement_no"),
    population="向个人的、2026-08-01 起签约的放款；出示当日签约不算；明示表的要素和年化成本的计算须人工复核",
)
def financing_cost_unstated(extracts: Frames, context: CheckContext) -> Hits:
    loans = extracts["loans"]
    stated, signed = day(loans, "cost_stated_on"), day(loans, "signed_on")
    costs, rates = exact(loans, "annual_cost"), exact(loans, "contract_annual_rate")
    low = [c is not None and r is not None and c < r for c, r in zip(costs, rates, strict=True)]
    faults = {
        "没有综合融资成本明示表编号": ~filled(loans, "cost_statement_no"),
        "明示表在签约以后才出示": sure(stated > signed),
        "明示表没有签字或弹窗确认": no(loans, "cost_confirmed"),
        "明示的年化综合融资成本低于合同年化利率，须复算": flags(low, loans),
    }
    reasons = dict.fromkeys(loans.index, "")
    for said, found in faults.items():
        reasons |= {place: reasons[place] or said for place in loans.index[found.to_numpy()]}
    told = dict(zip(loans["loan_no"], reasons.values(), strict=True))
    return outcome(
        loans,
        everything(loans),
        flags([bool(reason) for reason in reasons.values()], loans),
        lambda row: told[row["loan_no"]],
        unknown=~filled(loans, "signed_on"),
        unknown_note="{n} 笔没有签约日期，是否在施行以后签约无法判断，未判",
    )

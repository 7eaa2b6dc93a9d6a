"""Every extract we know, column by column. Plain data, so that a batch kernel need not import a validation library.

`kind`: id (business key, clear), text and note (both masked; a note is long), date, datetime, amount (元, two places),
decimal, count, level (1–5), flag (是/否), choice. `personal`: pseudonym (keyed HMAC on import), drop (kept only for
look-back), name or address (hidden whole), "" (none).
"""

from __future__ import annotations

from xiaobao.datasets.registers import REGISTERS
from xiaobao.datasets.shape import Column, Dataset
from xiaobao.datasets.shape import optional as _c
from xiaobao.datasets.shape import required as _r

__all__ = ["CATALOGUE", "DATASETS", "Column", "Dataset"]

_UNIT = _r("unit", "机构号", "id", "机构编号", "机构代码", "网点号", "被投诉机构", "经办机构")
_CUSTOMER = _c("customer", "客户号", "text", "客户编号", "客户代码", personal="pseudonym")
_BIRTH = _c("birth_date", "出生日期", "date", "生日", personal="drop", meaning="缺失时由证件号推算")
_ID_NO = _c("id_number", "证件号码", "text", "身份证号", "证件号", personal="drop")
_TELLER = _c("teller", "柜员号", "id", "经办柜员", "操作员", "客户经理号")
_RECORDING = _c("recording_no", "双录编号", "id", "录音录像编号", "录像编号")
_CUSTOMER_KIND = _c("customer_kind", "客户类别", "choice", "客户类型", "投资者类别", allowed=("个人", "普通机构", "专业投资者"))
_PAYER_KIND = _c("payer_kind", "客户类别", "choice", "客户类型", allowed=("个人", "单位"))
_EARNER = _c("earner_proof", "劳动收入证明号", "id", meaning="已满 16 周岁、以自己的劳动收入为主要生活来源的证明")
_MOBILE = _c("mobile", "手机号", "text", "手机号码", "联系电话", personal="pseudonym")

# What the statistics of a complaint ledger read; the last seven are facts of the look-back.
LEDGER_FACTS = (
    "earlier_on", "earlier_standing_on", "later_on", "later_standing_on", "escalated", "escalated_claim", "duplicate_of",
)
LEDGER_COLUMNS = (
    "complaint_no", "unit", "nature", "accepted", "received_on", "decided_on", "withdrawn_on", "source", "channel",
    "business_class", "business_subclass", "reason", "complexity", "extension_level", "extension_on",
    "extension_notified_on", "mediation_from", "mediation_to", "mediation_proof", "review_requested_on",
    "review_decided_on", "satisfaction", "region", "appraisal_from", "appraisal_to", "appraisal_proof",
    "new_material_on", *LEDGER_FACTS,
)

CATALOGUE: tuple[Dataset, ...] = (
    Dataset(name="units", title="机构", columns=(
        _r("unit", "机构号", "id", "机构编号", "机构代码"),
        _r("name", "机构名称", "text", "名称"),
        _r("level", "层级", "choice", "机构层级", allowed=("总行", "部室", "分行", "支行", "网点")),
        _c("parent", "上级机构号", "id", "上级机构"),
        _c("region", "地区", "text", "所在地区"),
        _c("businesses", "业务开办清单", "text", "开办业务", meaning="用顿号分隔：储蓄、贷款、理财、代理保险、信用卡、征信查询、短信服务、现金；部室填职能：科技、零售、授信、运营、人力资源、办公室、计划财务；都没有开办的填“无”，空着表示不清楚、全部按适用检查"),
        _c("inspected", "是否检查对象", "flag"),
        _c("level_name", "层级名称", "text", "本行层级名称", worded="level", meaning="本行怎样称呼这一层级，如分理处、储蓄所；没有这一列时取“层级”一列原来的写法"),
    ), key=("unit",)),
    Dataset(name="staff", title="岗位人员", columns=(
        _r("employee", "工号", "id", "员工号"), _UNIT,
        _r("post", "岗位", "text"),
        _r("from_date", "到岗日期", "date", "任职日期"),
        _c("to_date", "离岗日期", "date", "离职日期", "调离日期"),
        _c("status", "状态", "choice", allowed=("在岗", "调离", "离职")),
    ), key=("employee", "unit", "from_date")),
    Dataset(name="accounts", title="系统账号", columns=(
        _r("account", "系统账号", "id", "用户号"), _UNIT,
        _r("system", "系统名称", "text"),
        _r("employee", "工号", "id"),
        _r("rights", "权限", "text", meaning="用顿号分隔"),
        _r("approved_rights", "岗位核定权限", "text", "核定权限", meaning="用顿号分隔"),
        _r("status", "账号状态", "choice", allowed=("启用", "停用")),
        _c("last_used", "最近使用日期", "date"),
        _c("disabled_on", "停用日期", "date"),
    ), key=("account", "system"), derived=(
        _c("left_on", "离岗日期", "date"), _c("staff_unit", "人员现机构", "id"),
        _c("staff_status", "人员状态", "text"),
    )),
    Dataset(name="complaints", title="投诉台账", columns=(
        _r("complaint_no", "投诉编号", "id", "工单号", "编号"), _UNIT,
        _c("nature", "工单性质", "choice", allowed=("投诉", "咨询", "建议", "表扬", "其他")),
        _r("received_on", "受理日期", "date", "投诉日期", "收到日期", "投诉时间"),
        _c("source", "投诉来源", "text", "来源"),
        _c("channel", "业务办理渠道", "text", "投诉渠道", "渠道"),
        _c("business_class", "业务大类", "text", "业务类别"),
        _c("business_subclass", "业务小类", "text", "业务子类"),
        _c("reason", "投诉原因", "text", "原因"),
        _CUSTOMER,
        _c("claim", "诉求", "note", "投诉诉求"),
        _c("content", "投诉内容", "note", "内容"),
        _c("complexity", "复杂程度", "choice", allowed=("简单", "复杂", "特别复杂")),
        _c("decided_on", "处理决定日期", "date", "办结日期", "答复日期"),
        _c("notified_on", "告知日期", "date", "告知投诉人日期"),
        _c("notice_proof", "告知凭证号", "id", "告知证明"),
        _c("extension_level", "延期审批层级", "choice", allowed=("无", "本机构负责人", "上级机构", "总行高管")),
        _c("extension_on", "延期审批日期", "date"),
        _c("extension_notified_on", "延期告知日期", "date"),
        _c("mediation_from", "调解开始日期", "date"), _c("mediation_to", "调解结束日期", "date"),
        _c("mediation_proof", "调解文书号", "id"),
        _c("handler", "经办人工号", "id", "处理人"), _c("subject", "被投诉人工号", "id", "被投诉人"),
        _c("withdrawn_on", "撤诉日期", "date", "撤回日期"), _c("withdrawal_proof", "撤诉申请号", "id"),
        _c("review_requested_on", "核查申请日期", "date"), _c("review_decided_on", "核查决定日期", "date"),
        _c("accepted", "是否受理", "flag"), _c("proxy", "是否代理投诉", "flag"),
        _c("proxy_proof", "授权委托书号", "id"), _c("refusal_reason", "不予受理理由", "note"),
        _c("result", "处理结果", "note"), _c("satisfaction", "满意度", "text"),
        _c("forwarded_on", "转交日期", "date", "转送日期", meaning="转给被投诉机构的日期，不是处理决定日期"),
        _c("region", "投诉人地区", "text", "投诉地区"),
        _c("product", "涉及产品", "text", "产品名称", "产品或服务", meaning="用于发现同一产品短时间内的集中投诉"),
        _c("remedies_told", "是否告知救济途径", "flag", meaning="告知时是否说明核查、调解、仲裁、诉讼等途径"),
        _c("mediation_requested_on", "调解请求日期", "date", meaning="消费者向纠纷调解组织请求调解的日期"),
        _c("mediation_joined", "是否参加调解", "flag"), _c("mediation_refusal", "不参加调解理由", "note"),
        _c("appraisal_from", "鉴定开始日期", "date", "鉴定开始", "鉴定开始日", meaning="外部鉴定、检测、评估开始的日期，期间可以不计入处理期限"),
        _c("appraisal_to", "鉴定结束日期", "date", "鉴定结束", "鉴定结束日"),
        _c("appraisal_proof", "鉴定告知凭证号", "id", "鉴定告知凭证", meaning="告知投诉人鉴定期间不计入的凭证；没有告知的不扣除"),
        _c("new_material_on", "新材料收到日期", "date", "新材料收到日", meaning="期限内提出新的事实、理由和证据的，从收到之日重新计算"),
        _c("agreed_notice_on", "约定告知日期", "date", "约定告知日"), _c("agreed_proof", "约定凭证号", "id", "约定凭证"),
        _c("unreachable_proof", "无法联系凭证号", "id", "无法联系凭证", meaning="因投诉人原因无法告知的凭证"),
        _c("decision_received_on", "收到决定日期", "date", "投诉人收到决定日期", meaning="投诉人收到处理决定的日期，申请核查的三十日由此起算"),
        _c("review_unit", "核查机构号", "id", "核查机构", "上级机构号", meaning="作核查决定的上级机构；不填按机构名单的上级机构"),
        _c("raised_by", "提出人", "choice", "提出人类型", allowed=("本人", "法定代理人", "受托人", "继承人", "其他人")),
    ), key=("complaint_no",), day="received_on", derived=(
        _c("first_complaint_no", "同一诉求首次投诉编号", "id"),
        _c("earlier_on", "同一诉求前次投诉日期", "date"), _c("earlier_standing_on", "同一诉求前次未撤投诉日期", "date"),
        _c("later_on", "同一诉求再次投诉日期", "date"), _c("later_standing_on", "同一诉求再次未撤投诉日期", "date"),
        _c("escalated", "是否升级投诉", "flag"), _c("escalated_claim", "是否同一诉求升级", "flag"), _c("duplicate_of", "完全重复的投诉编号", "id"),
        _c("reviewed_by", "负责核查的机构号", "id"),
    ), bank=LEDGER_COLUMNS, orders=(
        ("received_on", "decided_on"), ("received_on", "withdrawn_on"), ("mediation_from", "mediation_to"),
        ("review_requested_on", "review_decided_on"), ("appraisal_from", "appraisal_to"),
    ), borne="reviewed_by", closed=("decided_on", "withdrawn_on")),
    Dataset(name="transfers", title="转办清单", columns=(
        _r("transfer_no", "转办编号", "id", "转办单号"), _UNIT,
        _r("source", "转办来源", "choice", allowed=("监管转办", "12345", "客服转办", "意见簿", "媒体", "其他")),
        _r("transferred_on", "转办日期", "date"),
        _c("complaint_no", "投诉编号", "id", "登记编号"), _c("summary", "事由", "note"),
    ), key=("transfer_no",), day="transferred_on", derived=(
        _c("registered_no", "台账投诉编号", "id"), _c("registered_on", "台账受理日期", "date"),
    )),
    Dataset(name="product_sales", title="产品销售", columns=(
        _r("sale_no", "交易流水号", "id", "流水号"), _UNIT,
        _r("sold_on", "交易日期", "date", "销售日期"),
        _r("customer", "客户号", "text", "客户编号", personal="pseudonym"), _BIRTH, _ID_NO,
        _r("product", "产品代码", "id", "产品编号"), _c("product_name", "产品名称"),
        _c("product_type", "产品类型", "choice", allowed=("自营理财", "代销理财", "代销基金", "代销信托", "国债", "实物贵金属", "存款", "其他")),
        _r("product_level", "产品风险等级", "level", "产品等级"),
        _c("customer_level", "成交时客户等级", "level", "客户风险等级"),
        _r("amount", "金额", "amount", "交易金额"), _TELLER, _RECORDING,
        _c("channel", "销售渠道", "choice", allowed=("柜面", "手机银行", "网银", "自助终端")),
        _c("special_procedure", "高龄特别程序单号", "id"), _c("callback_on", "回访日期", "date"),
        _c("care_note", "特别注意措施", "text"), _c("guardian_consent", "监护人同意书号", "id"),
        _c("issuer_level", "发行方产品等级", "level", meaning="发行或管理机构评定的产品风险等级"),
        _c("offering", "募集方式", "choice", allowed=("公募", "私募")),
        _c("asset_class", "资产类别", "choice", allowed=("固定收益类", "混合类", "权益类", "商品及金融衍生品类")),
        _c("qualified_proof_no", "合格投资者证明编号", "id"),
        _CUSTOMER_KIND, _EARNER,
    ), key=("sale_no",), day="sold_on", derived=(
        _c("age", "交易时年龄", "count"), _c("assessed_on", "最近测评日期", "date"),
        _c("assessed_level", "最近测评等级", "level"), _c("assessed_after_on", "交易后首次测评日期", "date"),
        _c("product_total", "同一客户同一产品累计金额", "amount"), _c("certificate_no", "销售人员当日有效资质", "id"),
        _c("recorded_on", "双录清单录制日期", "date"),
    )),
    Dataset(name="risk_assessments", title="风险测评", columns=(
        _r("assessment_no", "测评编号", "id"), _UNIT,
        _r("customer", "客户号", "text", "客户编号", personal="pseudonym"),
        _r("assessed_at", "测评时间", "datetime", "测评日期"),
        _r("level", "测评等级", "level", "风险等级"),
        _c("confirmed_change", "等级变化确认", "flag", meaning="与上次不一致时客户已确认"),
        _c("device", "设备号", "id", "终端号"), _TELLER,
        _c("channel", "测评渠道", "choice", allowed=("柜面", "手机银行", "网银", "自助终端")),
    ), key=("assessment_no",), day="assessed_at", derived=(
        _c("count_day", "当日第几次测评", "count"), _c("count_12_months", "12 个月内第几次测评", "count"),
        _c("previous_level", "上次测评等级", "level"), _c("previous_on", "上次测评日期", "date"),
        _c("device_day_customers", "同一设备当日测评客户数", "count"),
        _c("teller_day_customers", "同一柜员当日测评客户数", "count"),
    )),
    Dataset(name="bancassurance", title="银保出单", columns=(
        _r("policy_no", "保单号", "id", "保单编号"), _UNIT,
        _r("sold_on", "出单日期", "date", "承保日期"),
        _r("customer", "客户号", "text", "客户编号", personal="pseudonym"), _BIRTH, _ID_NO,
        _c("product_name", "险种名称"),
        _r("product_type", "险种类型", "choice", allowed=("普通型", "分红型", "万能型", "投连型", "变额型", "财产险")),
        _c("insurance_years", "保险期间年数", "decimal", minimum=0),
        _r("payment", "交费方式", "choice", allowed=("趸交", "年交", "半年交", "季交", "月交"), meaning="保费按每次所交填写"),
        _c("payment_years", "交费年限", "count"),
        _r("premium", "保费", "amount", "期交保费"),
        _c("family_income", "家庭年收入", "amount"), _c("budget", "保费预算", "amount"),
        _c("declaration_no", "投保声明编号", "id"), _c("match", "适当性匹配意见", "choice", allowed=("匹配", "不匹配")),
        _c("unsuitable_confirmation", "不适当书面确认编号", "id"),
        _c("channel", "销售渠道", "choice", allowed=("柜面", "自助终端", "手机银行", "网银")), _TELLER, _RECORDING,
        _c("guardian_consent", "监护人同意书号", "id"),
        _c("holder_kind", "投保人类型", "choice", "投保人类别", allowed=("自然人", "法人和其他组织")),
        _c("group_policy", "是否团体保险", "flag", "是否团体"), _EARNER,
        _c("willing", "是否确认自愿投保", "flag", "是否确认出于自愿", meaning="建议终止投保后，投保人仍要求投保的，是否说明风险并确认出于其自身意愿（书面或录像均可）"),
    ), key=("policy_no",), day="sold_on", derived=(_c("age", "出单时年龄", "count"), _c("assessed_on", "最近测评日期", "date"))),
    Dataset(name="fee_entries", title="收费流水", columns=(
        _r("entry_no", "收费流水号", "id", "流水号"), _UNIT,
        _r("charged_on", "收费日期", "date", "交易日期"),
        _r("fee_code", "收费项目代码", "id", "收费代码"), _c("fee_name", "收费项目"),
        _r("amount", "收费金额", "amount", "金额"), _c("base", "计费基数", "amount"),
        _CUSTOMER, _c("consent_no", "签约凭证号", "id", "同意凭证号"),
        _c("value_added", "是否增值服务", "flag"), _TELLER,
        _c("consent_on", "签约日期", "date", "同意日期"), _c("auto_renewed", "是否自动续费", "flag"),
        _c("reminded_on", "续费提醒日期", "date", meaning="本次扣费前最近一次提醒"), _PAYER_KIND,
    ), key=("entry_no",), day="charged_on"),
    Dataset(name="price_list", title="服务价目", columns=(
        _r("fee_code", "收费项目代码", "id", "收费代码"), _r("fee_name", "收费项目"),
        _r("version", "价目版本", "text", "版本号"),
        _r("published_on", "公示日期", "date"), _r("effective_on", "生效日期", "date"),
        _c("ended_on", "失效日期", "date"),
        _r("price", "标准价格", "amount", "收费标准"), _c("rate", "费率", "decimal", meaning="百分数，如 0.5 表示 0.5%"), _c("cap", "封顶金额", "amount"),
        _c("change", "变动类型", "choice", allowed=("新设", "提价", "降价", "不变")),
        _c("publisher", "发布机构号", "id", "发布机构", meaning="发布这一版价目的机构；不填为总行"),
    ), key=("fee_code", "version"), unit=""),
    Dataset(name="promotion_materials", title="宣传物料", columns=(
        _r("material_no", "物料编号", "id"), _UNIT, _r("title", "物料名称"),
        _r("kind", "类别", "choice", allowed=("贷款", "理财", "保险", "存款", "信用卡", "教育宣传", "其他")),
        _r("published_on", "发布日期", "date"), _c("review_no", "消保审查编号", "id", "审查编号"),
        _c("reviewed_on", "审查日期", "date"), _c("annual_rate_shown", "是否明示年化利率", "flag"),
        _c("text", "宣传文字", "note"),
    ), key=("material_no",), day="published_on"),
    Dataset(name="loans", title="放款", columns=(
        _r("loan_no", "借据号", "id", "贷款编号"), _UNIT,
        _r("lent_on", "放款日期", "date"),
        _r("customer", "客户号", "text", "客户编号", personal="pseudonym"),
        _r("amount", "借据金额", "amount", "贷款金额"), _r("received", "实际到账金额", "amount", "到账金额"),
        _c("contract_annual_rate", "合同年化利率", "decimal", meaning="百分数，如 4.35"),
        _c("adverse_reported_on", "不良信息报送日期", "date"), _c("adverse_notified_on", "不良信息告知日期", "date"),
        _TELLER,
        _c("product", "贷款产品", "text", "产品名称"), _c("customer_layer", "客户定价分层", "text", "客户层级"),
        _c("rate_approval_no", "定价审批编号", "id", "利率审批编号"),
        _c("borrower_kind", "借款人类型", "choice", "借款人类别", allowed=("个人", "个体工商户", "企业", "其他组织")),
        _c("public_adverse", "是否依法公开的不良信息", "flag"),
        _c("signed_on", "签约日期", "date", "合同签订日期", "合同签署日期", "签订日期", "签约日", meaning="借款合同的签订日期；2026-08-01 以前签约的不要求综合融资成本明示表"),
        _c("cost_statement_no", "综合融资成本明示表编号", "id", "明示表编号", "成本明示表编号"),
        _c("cost_stated_on", "明示表出示日期", "date", "成本明示日期", "明示日期"),
        _c("cost_confirmed", "明示表是否签字或弹窗确认", "flag", "明示表是否确认", "是否签字确认明示表"),
        _c("annual_cost", "年化综合融资成本", "decimal", "综合融资成本", "综合年化成本", meaning="百分数，如 7.20，第三方收费计入"),
    ), key=("loan_no",), day="lent_on", derived=(
        _c("near_policy_no", "邻近保单号", "id"), _c("near_policy_days", "与保单相隔天数", "count"),
        _c("layer_rate", "同产品同分层本期利率中位数", "decimal"),
    )),
    Dataset(name="credit_lookups", title="征信查询", columns=(
        _r("lookup_no", "查询流水号", "id", "查询编号"), _UNIT,
        _r("looked_up_at", "查询时间", "datetime"), _r("teller", "查询员工号", "id", "查询用户", "柜员号"),
        _r("purpose", "查询原因", "choice", allowed=("贷款审批", "信用卡审批", "贷后管理", "担保资格审查", "异议核查", "其他")),
        _r("customer", "客户号", "text", "客户编号", personal="pseudonym"),
        _c("authorisation_no", "授权书编号", "id"), _c("authorised_on", "授权日期", "date"),
        _c("business_no", "业务编号", "id", "申请编号"), _c("balance", "贷款余额", "amount"),
        _c("authorised_until", "授权截止日期", "date", "授权到期日"),
        _c("authorised_purpose", "授权用途", "text", meaning="按查询原因的名称填写，用顿号分隔"),
        _c("subject_kind", "查询对象类型", "choice", "被查询人类型", allowed=("个人", "企业")),
    ), key=("lookup_no",), day="looked_up_at", derived=(
        _c("teller_count", "该查询员本期查询次数", "count"), _c("peer_median", "全行查询员本期中位数", "decimal"),
        _c("authorisation_customers", "同一授权书查询客户数", "count"),
    )),
    Dataset(name="sms_sends", title="短信发送", columns=(
        _r("send_no", "发送流水号", "id"), _UNIT, _r("sent_at", "发送时间", "datetime", "发送日期"),
        _r("kind", "短信类别", "choice", allowed=("营销", "交易提醒", "服务通知")),
        _c("customer", "客户号", "text", "客户编号", personal="pseudonym"), _MOBILE,
        _c("consent_no", "营销同意凭证号", "id"), _c("campaign", "营销活动编号", "id"),
        _c("opt_out_shown", "是否含退订方式", "flag"),
    ), key=("send_no",), day="sent_at", derived=(_c("opted_out_on", "退订日期", "date"),)),
    Dataset(name="sms_opt_outs", title="短信退订", columns=(
        _r("opt_out_no", "退订流水号", "id"), _r("opted_out_at", "退订时间", "datetime", "退订日期"),
        _c("customer", "客户号", "text", "客户编号", personal="pseudonym"), _MOBILE,
    ), key=("opt_out_no",), unit="", day="opted_out_at"),
    Dataset(name="facilities", title="无障碍与适老设施", columns=(
        _r("facility_no", "设施编号", "id"), _UNIT,
        _r("kind", "设施类别", "choice", allowed=("坡道", "低位柜台", "呼叫按钮", "老花镜", "轮椅", "爱心座椅", "盲文标识", "其他")),
        _c("measure", "实测值", "decimal"), _c("measure_unit", "单位", "choice", allowed=("米", "厘米", "毫米", "比值", "个")),
        _r("usable", "是否可用", "flag"), _c("checked_on", "检查日期", "date"),
        _c("repair_requested_on", "报修日期", "date"), _c("repaired_on", "修复日期", "date"),
    ), key=("facility_no",)),
    Dataset(name="counter_duty", title="柜员排班", columns=(
        _r("duty_no", "排班编号", "id"), _UNIT, _r("day", "日期", "date"),
        _r("open", "是否营业", "flag"), _r("manual_counters", "人工窗口数", "count"),
        _c("cash_counters", "现金窗口数", "count"), _c("leader", "大堂经理工号", "id"),
    ), key=("duty_no",), day="day"),
    Dataset(name="special_services", title="特殊群体服务登记", columns=(
        _r("service_no", "登记编号", "id"), _UNIT, _r("served_on", "办理日期", "date"),
        _c("customer", "客户号", "text", "客户编号", personal="pseudonym"), _BIRTH, _ID_NO,
        _r("service", "业务类型", "choice", allowed=("开卡", "开通手机银行", "开通短信", "挂失", "密码重置", "销户", "个人信息采集", "其他")),
        _r("manner", "办理方式", "choice", allowed=("本人到店", "上门", "委托代理", "监护人代理")),
        _c("identity_check_no", "身份核实记录号", "id"), _c("intent_check_no", "意愿核实记录号", "id"),
        _c("proxy_letter_no", "委托书编号", "id"), _c("guardian_consent", "监护人同意书号", "id"),
        _c("witness", "双人办理第二人工号", "id"), _TELLER, _EARNER,
    ), key=("service_no",), day="served_on", derived=(
        _c("age", "办理时年龄", "count"), _c("same_day_services", "当日同一客户新开业务", "text"),
    )),
    Dataset(name="qualifications", title="销售资质", columns=(
        _r("certificate_no", "资质证书编号", "id", "证书编号"),
        _r("teller", "柜员号", "id", "工号", "客户经理号", meaning="与销售流水中的柜员号一致"),
        _r("kind", "资质类别", "choice", allowed=("理财", "保险", "基金")),
        _r("valid_from", "生效日期", "date", "取得日期"), _c("valid_to", "失效日期", "date", "注销日期"),
    ), key=("certificate_no",), unit=""),
    Dataset(name="recordings", title="双录清单", columns=(
        _r("recording_no", "双录编号", "id", "录音录像编号", "录像编号"), _UNIT,
        _r("recorded_on", "录制日期", "date"), _r("kind", "业务类别", "choice", allowed=("理财", "保险")),
        _c("insurance_years", "保险期间年数", "decimal", minimum=0),
        _c("ended_on", "合同终止日期", "date", meaning="尚未终止的留空"), _c("destroyed_on", "销毁日期", "date", "删除日期"),
    ), key=("recording_no",)),
    Dataset(name="credit_objections", title="征信异议", columns=(
        _r("objection_no", "异议编号", "id"), _UNIT, _r("received_on", "收到日期", "date", "受理日期"), _CUSTOMER,
        _c("answered_on", "书面答复日期", "date", "答复日期"), _c("marked_on", "异议标注日期", "date"),
        _c("handler", "经办人工号", "id"), _c("result", "核查结果", "note"),
    ), key=("objection_no",), day="received_on"),
    Dataset(name="outlet_changes", title="网点停业迁址", columns=(
        _r("change_no", "变动编号", "id"), _UNIT, _r("kind", "变动类型", "choice", allowed=("停业", "迁址")),
        _r("effective_on", "停业或迁址日期", "date", "生效日期"), _c("announced_on", "公告日期", "date"),
        _c("notice_places", "公告位置", "text", meaning="用顿号分隔：营业场所、网站、手机银行等"),
    ), key=("change_no",), day="effective_on"),
    *REGISTERS,
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in CATALOGUE}

"""The registers (登记簿) that head office keeps and reports are written from, column by column.

Rows name the unit that they belong to, but stay together for the bank (`whole`). Registers with a day are cut by
period; the others (制度, 消保岗位, 经费, 合作机构, 工作计划) are taken as they stand in the period's import.
"""

from __future__ import annotations

from xiaobao.datasets.shape import Column, Dataset
from xiaobao.datasets.shape import optional as _c
from xiaobao.datasets.shape import required as _r

POLICY_KINDS = (
    "考核", "风险等级评估", "信息保护", "披露查询", "营销宣传", "金融教育", "投诉处理", "监督问责", "重大事件应急", "其他",
)
AUDIENCES = ("中高级管理人员", "基层业务人员", "新入职人员", "其他")
REVIEW_KINDS = ("产品", "服务", "制度规则", "定价收费", "协议条款", "宣传材料", "合作业务", "其他")
EVENT_GRADES = ("特别重大", "重大", "较大", "一般")
_CUSTOMER = _c("customer", "客户号", "text", "客户编号", "客户代码", personal="pseudonym")


def _unit(title: str = "机构号", *aliases: str) -> Column:
    return _r("unit", title, "id", *(alias for alias in ("机构号", "机构编号", "机构代码") if alias != title), *aliases)


def _register(
    name: str,
    title: str,
    columns: tuple[Column, ...],
    key: tuple[str, ...],
    day: str = "",
    answered_at: tuple[str, ...] = (),
) -> Dataset:
    derived = (_c("answered_by", "答复机构号", "id"),) if answered_at else ()
    return Dataset(
        name=name, title=title, columns=columns, key=key, day=day, whole=True, derived=derived, answered_at=answered_at
    )


REGISTERS: tuple[Dataset, ...] = (
    _register("policies", "制度", (
        _r("policy_no", "制度编号", "id", "编号"), _unit("制定机构号"),
        _r("title", "制度名称", "text", "名称"),
        _r("kind", "制度类别", "choice", "类别", allowed=POLICY_KINDS, meaning="按金融消费者权益保护十项内控制度归类"),
        _c("number", "文号"), _c("owner", "主责部门", "text", "责任部门"),
        _r("change", "订立方式", "choice", "变动类型", allowed=("新订", "修订", "废止")),
        _r("issued_on", "印发日期", "date", "发文日期"),
        _c("effective_on", "施行日期", "date", "生效日期"), _c("repealed_on", "废止日期", "date"),
        _c("evaluated_on", "最近评估日期", "date"),
    ), ("policy_no",)),
    _register("meetings", "会议", (
        _r("meeting_no", "会议编号", "id"), _unit("召开机构号"),
        _r("held_on", "召开日期", "date", "会议日期"),
        _r("kind", "会议类别", "choice", allowed=(
            "董事会", "理事会", "消保委员会", "监事会", "高级管理层", "领导小组", "部门协调会", "其他",
        )),
        _r("title", "会议名称", "text", "会议主题"),
        _c("topics", "消保议题", "note", meaning="审议或听取的消保事项"), _c("topic_count", "消保议题数", "count"),
        _c("attendees", "参会人数", "count"), _c("minutes_no", "会议纪要编号", "id", "纪要编号"),
        _c("follow_up", "议定事项落实", "choice", allowed=("已落实", "落实中", "未落实", "无议定事项")),
    ), ("meeting_no",), day="held_on"),
    _register("posts", "消保岗位", (
        _r("employee", "工号", "id", "员工号"), _unit(), _r("post", "岗位", "text", "岗位名称"),
        _r("manner", "任职方式", "choice", allowed=("专职", "兼职")), _c("department", "部门"),
        _c("duties", "岗位职责"), _r("from_date", "到岗日期", "date", "任职日期"), _c("to_date", "离岗日期", "date"),
    ), ("employee", "unit", "from_date")),
    _register("budget", "经费", (
        _r("budget_no", "经费编号", "id", "项目编号"), _unit("列支机构号"), _r("item", "经费项目", "text", "项目名称"),
        _r("kind", "经费类别", "choice", allowed=("教育宣传", "培训", "投诉处理与调解", "系统建设", "设施改造", "其他")),
        _r("planned", "预算金额", "amount", meaning="元"), _c("spent", "已支出金额", "amount", "支出金额", meaning="元"),
    ), ("budget_no",)),
    _register("reviews", "消保审查", (
        _r("review_no", "审查编号", "id"), _unit("送审机构号", "送审部门号"),
        _r("kind", "审查对象类别", "choice", "审查类别", allowed=REVIEW_KINDS), _r("title", "审查事项", "text", "送审事项"),
        _r("submitted_on", "送审日期", "date"), _c("reviewer", "审查人工号", "id"),
        _c("opinion", "审查意见", "choice", allowed=("同意", "修改后同意", "不同意")), _c("opinion_on", "审查意见日期", "date", "意见日期"),
        _c("remarks", "提出意见条数", "count"), _c("remarks_adopted", "采纳意见条数", "count"),
        _c("adopted", "意见采纳情况", "choice", allowed=("全部采纳", "部分采纳", "未采纳", "无意见")),
        _c("not_adopted_reason", "未采纳理由", "note"),
        _c("launched_on", "上线日期", "date", "发布日期", "推出日期"),
        _c("evaluated_on", "售后评估日期", "date", "上线后评估日期"),
        _c("evaluation", "售后评估结论", "choice", allowed=("继续", "整改", "下架")),
        _c("delisted_on", "下架日期", "date", "退出日期"), _c("delisted_reason", "下架原因", "note"),
    ), ("review_no",), day="submitted_on", answered_at=("head_office", "department", "branch")),
    _register("training", "培训", (
        _r("training_no", "培训编号", "id"), _unit("主办机构号"), _r("held_on", "培训日期", "date", "开始日期"),
        _r("title", "培训主题", "text", "培训名称"), _r("form", "培训形式", "choice", allowed=("现场", "线上", "现场加线上")),
        _c("hours", "课时", "decimal", minimum=0),
        _c("expected_senior", "应参训中高级管理人员数", "count", "应参训高管人数"),
        _c("expected_frontline", "应参训基层业务人员数", "count", "应参训基层人数"),
        _c("expected_new", "应参训新入职人员数", "count", "应参训新入职人数"),
        _c("extra", "投诉多发岗位加训", "flag", meaning="针对投诉较多的岗位另外组织的培训"), _c("post", "加训岗位"),
    ), ("training_no",), day="held_on"),
    _register("training_roster", "培训花名册", (
        _r("training_no", "培训编号", "id"), _r("employee", "工号", "id", "员工号"), _unit("参训人员机构号"),
        _r("attended_on", "参训日期", "date"),
        _r("audience", "参训人员类别", "choice", "人员类别", allowed=AUDIENCES), _c("post", "岗位"),
        _c("score", "测试成绩", "decimal", "考试成绩", minimum=0), _c("passed", "测试是否合格", "flag", "是否合格"),
    ), ("training_no", "employee"), day="attended_on"),
    _register("education", "宣传活动", (
        _r("activity_no", "活动编号", "id"), _unit("举办网点号", "举办机构号"), _r("held_on", "活动日期", "date", "开展日期"),
        _r("title", "活动名称", "text", "活动主题"),
        _r("form", "活动形式", "choice", allowed=("网点宣传", "进社区", "进农村", "进校园", "进企业", "线上", "媒体", "其他")),
        _r("audience", "受众", "choice", "受众群体", allowed=(
            "老年人", "青少年", "残疾人", "农村居民", "务工人员", "小微经营者", "社会公众",
        )),
        _c("times", "场次", "count", "活动次数", meaning="不填按 1 场"), _c("copies", "发放资料份数", "count", "资料份数"),
        _c("people", "现场受众人次", "count", "受众人次"), _c("online_reach", "线上触达人次", "count", "触达人次"),
        _c("product_ad", "是否含产品营销", "flag", meaning="教育宣传应当公益，不得夹带产品营销"),
        _c("material_no", "宣传资料编号", "id"),
    ), ("activity_no",), day="held_on", answered_at=("head_office", "branch", "sub_branch", "outlet")),
    _register("mediation", "调解", (
        _r("mediation_no", "调解编号", "id", "调解案号"), _unit(),
        _r("requested_on", "申请日期", "date", "受理日期"), _c("organisation", "调解组织", "text", "调解机构"),
        _c("complaint_no", "投诉编号", "id", meaning="没有经过投诉的合同纠纷不填"), _c("contract_no", "合同编号", "id"),
        _CUSTOMER, _c("business_class", "业务大类", "text", "业务类别"),
        _r("amount", "争议金额", "amount", "涉及金额", meaning="元；不涉及金额的填 0"),
        _r("result", "调解结果", "choice", allowed=("达成协议", "未达成协议", "申请人撤回", "调解中")),
        _c("closed_on", "办结日期", "date"), _c("agreed_amount", "协议金额", "amount", meaning="元"),
        _c("agreement_no", "调解协议书编号", "id"), _c("performed", "协议是否履行", "flag"),
    ), ("mediation_no",), day="requested_on"),
    _register("surveys", "问卷", (
        _r("survey_no", "问卷编号", "id"), _r("response_no", "答卷编号", "id"), _r("question_no", "题号", "id"), _unit("网点号"),
        _r("answered_on", "作答日期", "date"), _c("survey", "问卷名称"), _r("question", "题目"),
        _c("question_kind", "题型", "choice", allowed=("单选", "多选", "评分", "简答")),
        _r("answer", "答案", "note", meaning="多选用顿号分隔；评分题填分数"), _CUSTOMER,
    ), ("survey_no", "response_no", "question_no"), day="answered_on"),
    _register("mystery_visits", "神秘人", (
        _r("visit_no", "暗访编号", "id"), _r("item_no", "项目编号", "id"), _unit("网点号"), _r("visited_on", "暗访日期", "date"),
        _r("wave", "波次"), _c("vendor", "执行机构", "text", "供应商"), _r("item", "检查项目", "text", "暗访项目"),
        _r("possible", "满分", "decimal", minimum=0), _r("score", "得分", "decimal", minimum=0), _c("description", "情况说明", "note"),
        _c("disputed_on", "异议提出日期", "date"), _c("dispute_reason", "异议理由", "note"),
        _c("dispute_result", "异议复核结果", "choice", allowed=("维持", "更正")),
        _c("reviewed_score", "复核后得分", "decimal", minimum=0),
    ), ("visit_no", "item_no"), day="visited_on"),
    _register("partners", "合作机构", (
        _r("partner_no", "合作机构编号", "id"), _unit("管理机构号", "管理部门号"), _r("name", "合作机构名称", "text", "名称"),
        _r("kind", "合作类别", "choice", allowed=("保险", "基金", "信托", "营销获客", "催收", "增信", "科技外包", "其他")),
        _c("admitted_on", "准入日期", "date"), _c("admission_no", "准入审批编号", "id"), _c("agreement_no", "合作协议编号", "id"),
        _c("agreement_ends_on", "协议到期日", "date"), _c("evaluated_on", "最近评价日期", "date"),
        _c("evaluation", "评价结果", "choice", allowed=("优秀", "合格", "不合格")),
        _c("exited_on", "退出日期", "date"), _c("exit_reason", "退出原因", "note"),
    ), ("partner_no",), answered_at=("head_office", "department", "branch")),
    _register("major_events", "重大事件", (
        _r("event_no", "事件编号", "id"), _unit(),
        _r("record", "登记类型", "choice", allowed=("事件", "演练")),
        _r("kind", "事件类别", "choice", allowed=("大量集中投诉", "群体性事件", "重大负面舆情", "个人信息泄露", "个人信息毁损", "个人信息丢失", "系统中断", "其他")),
        _r("known_at", "知悉时间", "datetime", "发现时间", "演练时间"), _c("grade", "事件等级", "choice", allowed=EVENT_GRADES),
        _c("product", "涉及产品或服务"), _c("people", "涉及人数", "count"), _c("summary", "事件概况", "note"),
        _c("first_report_at", "首报时间", "datetime"), _c("further_report_at", "续报时间", "datetime"),
        _c("final_report_at", "终报时间", "datetime"), _c("reported_to", "报送对象"),
        _c("confirmed_at", "确认时间", "datetime", "确认发生时间", meaning="确认发生个人信息泄露、毁损、丢失的时间"),
        _c("harm", "可能的影响", "choice", "影响", allowed=("危及人身财产安全", "其他不利影响", "无不利影响")),
        _c("pboc_field", "是否人民银行业务领域", "flag", "业务领域是否人民银行", meaning="只有人民银行业务领域的网络安全事件适用人行令〔2025〕第4号"),
        _c("leaked", "涉及个人信息条数", "count", "泄露条数"),
        _c("leaked_credit", "涉及征信或财产信息条数", "count", meaning="其中的征信信息、财产信息"),
    ), ("event_no",), day="known_at", answered_at=("head_office", "branch", "sub_branch")),
    _register("suggestions", "意见建议", (
        _r("suggestion_no", "意见编号", "id"), _unit(), _r("received_on", "收到日期", "date"),
        _r("source", "来源", "choice", allowed=("意见簿", "电话", "网络", "信件", "现场", "员工", "其他")), _CUSTOMER,
        _c("content", "意见内容", "note"), _c("answer", "处理情况", "note"), _c("answered_on", "答复日期", "date"),
        _c("adopted", "是否采纳", "flag"),
    ), ("suggestion_no",), day="received_on"),
    _register("public_opinion", "舆情", (
        _r("opinion_no", "舆情编号", "id"), _unit(), _r("found_on", "发现日期", "date"), _c("medium", "媒体或平台"),
        _r("tone", "性质", "choice", allowed=("正面", "中性", "负面")), _c("grade", "等级", "choice", allowed=EVENT_GRADES),
        _c("summary", "内容摘要", "note"), _c("handled_on", "处置日期", "date"), _c("closed_on", "平息日期", "date"),
        _c("result", "处置结果", "note"), _c("event_no", "关联重大事件编号", "id"),
    ), ("opinion_no",), day="found_on"),
    _register("case_analyses", "案例分析", (
        _r("case_no", "案例编号", "id"), _unit("编写机构号"), _r("made_on", "完成日期", "date"), _r("title", "案例名称"),
        _c("business_class", "业务大类", "text", "业务类别"), _c("cause", "原因分析", "note"), _c("lesson", "改进措施", "note"),
        _c("shared", "是否全行通报", "flag"),
    ), ("case_no",), day="made_on"),
    _register("work_plan", "工作计划", (
        _r("task_no", "任务编号", "id"), _unit("责任机构号", "责任部门号"), _c("department", "责任部门"), _r("task", "工作任务", "text", "任务"),
        _r("due_on", "完成期限", "date"), _c("done_on", "完成日期", "date"), _c("evidence", "佐证材料", "text", "完成佐证"),
        _c("progress", "进展说明", "note"),
    ), ("task_no",)),
)

"""Other names that heads go by in banks' ledgers, 12345 orders and regulators' lists, and what a head can never mean.

Aliases of the catalogue are read without asking; these are only proposed, and a person confirms them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from xiaobao.datasets.shape import Column

# Words apart by blanks, a column of ours each.
_USUAL: Mapping[str, str] = {
    "complaint_no": (
        "工单编号 工单流水号 投诉单号 投诉单编号 投诉工单号 受理编号 受理单号 案件编号 案件号 事件编号 "
        "诉求编号 登记编号 登记号 转办单号 转办编号 信访编号 投诉件编号 件号"
    ),
    "unit": (
        "承办单位 承办机构 承办部门 主办单位 办理单位 处理机构 处理单位 责任单位 责任机构 涉诉机构 "
        "被诉机构 被投诉单位 被投诉网点 所属机构 所属支行 所属网点 机构 机构名称 网点 网点名称 支行 "
        "支行名称 分支机构 经办网点 开户机构 营业机构 归属机构 交易机构 办理机构 业务机构 "
        "经办支行 经办机构 经办单位 开户网点 开户支行 受理网点 受理支行 受理机构 放款机构 放款支行 贷款机构 "
        "管户机构 管户支行 销售网点 销售机构 所在机构 所在网点 所在支行"
    ),
    "received_on": (
        "来电时间 来电日期 来访时间 来信日期 登记时间 登记日期 接单时间 接单日期 接收时间 接收日期 "
        "收件日期 受理时间 反映时间 反映日期 诉求时间 提交时间 派单时间 工单创建时间 创建时间 收到时间 "
        "收文日期"
    ),
    "decided_on": (
        "办结时间 结案时间 结案日期 办理完成时间 处理完成时间 处理完成日期 完结时间 完成时间 办毕时间 "
        "办毕日期 答复时间 回复时间 回复日期 反馈时间 反馈日期 处理时间 决定日期"
    ),
    "forwarded_on": "转办时间 转办日期 转办单位转送时间 分派时间",
    "nature": "诉求类型 诉求类别 诉求性质 工单类型 工单类别 事项类型 来电类型 件类型 事项性质",
    "content": (
        "诉求内容 反映内容 投诉事由 工单内容 事项内容 问题描述 事项描述 来电内容 投诉详情 主要内容 "
        "情况描述 信访内容 具体内容"
    ),
    "claim": "诉求事项 主要诉求 客户诉求 消费者诉求 投诉请求 诉求要点 来电诉求",
    "source": "投诉来源渠道 来件来源 工单来源 转办来源 信访来源 受理来源 案件来源",
    "reason": "投诉原因分类 原因分类 投诉事由分类 投诉原因类别",
    "business_class": "业务种类 业务类型 投诉业务类别 投诉业务 业务分类 产品类别",
    "business_subclass": "业务细类 业务二级分类 二级业务类别 业务小类别",
    "result": "办理结果 处理情况 办理情况 处置结果 答复内容 回复内容",
    "satisfaction": "满意度评价 回访满意度 满意情况 是否满意 客户满意度",
    "accepted": "受理情况 是否予以受理",
    "handler": "处理人工号 承办人工号 经办人编号",
    "customer": "客户编码 核心客户号 客户内码 ECIF号 ECIF客户号 客户统一编号 投诉人客户号 客户ID",
    "mobile": "手机 联系手机 移动电话 联系方式 投诉人电话 来电号码",
    "id_number": "证件号 身份证件号码 身份证号码 证件编号",
    "birth_date": "出生年月日 生日",
    "teller": "经办柜员号 经办人 操作柜员 柜员 客户经理 客户经理编号 理财经理工号",
    "employee": "员工编号 人员编号 员工工号 工号/柜员号",
    "amount": "交易金额 发生额 发生金额 放款金额 贷款金额 收费额 手续费",
    "transferred_on": "转办时间 转送日期 交办日期 派发时间",
    "transfer_no": "转办单编号 交办单号 工单编号",
    "sold_on": "销售时间 成交日期 购买日期 认购日期 签约日期",
    "assessed_at": "评估时间 评估日期 风评时间 风评日期",
    "charged_on": "扣费日期 扣费时间 收取日期",
    "lent_on": "发放日期 贷款发放日 起息日",
    "looked_up_at": "查询日期 查询时点",
}
_PERSONAL = re.compile(r"客户|证件|身份证|手机|电话|号码|联系|出生|生日|ecif|姓名|投诉人|来电人|用户", re.IGNORECASE)
_OF_A_PERSON = re.compile(r"身份证|证件号|手机|电话号|姓名")
_DEADLINE = re.compile(r"时限|期限|截止|到期|应办|应答|预计|计划|要求|最迟|最晚|限期|超期|剩余")
_NEGATION = re.compile(r"不|未|非|无|否决|拒绝|撤|重复|超期|逾期")
_ASKING = re.compile(r"^(?:是否|有无|能否)|(?:情况|与否)$")


def usual_names(column: Column) -> Iterable[str]:
    """Return other names that heads of this column go by."""
    return _USUAL.get(column.name, "").split()


def may_mean(key: str, column: Column) -> bool:
    """Tell what a head (as compared) can mean at all: a personal column is personal, a deadline no day that was."""
    if column.personal and not _PERSONAL.search(key):
        return False
    if (
        not column.personal
        and column.kind in {"id", "text", "choice"}
        and re.search(r"身份证|证件号|手机|电话号|姓名", key)
    ):
        return False
    return not (column.kind in {"date", "datetime"} and _DEADLINE.search(key) and not _DEADLINE.search(column.title))


def same_sense(key: str, names: Sequence[str]) -> bool:
    """Tell whether a yes-or-no or a choice asks the same: like words beside 是否, and no word that turns it round."""
    asked = _ASKING.sub("", key)
    for name in names:
        meant = _ASKING.sub("", name)
        turned = set(_NEGATION.findall(asked)) != set(_NEGATION.findall(meant))
        if asked and meant and not turned and SequenceMatcher(None, asked, meant).ratio() >= 0.5:
            return True
    return False

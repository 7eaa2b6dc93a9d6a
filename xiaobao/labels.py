"""All Chinese words for codes, in one place. YAML and templates hold the rest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Protocol

from xiaobao.model import CheckStatus, Conclusion, Disposition, FactState, Nature, Role, RunStatus, Severity, Stage

DOMAINS = {
    "disclosure": "信息披露",
    "suitability": "适当性管理",
    "information_security": "信息安全",
    "complaints": "投诉处理",
    "special_groups": "特殊群体服务",
    "governance": "组织与制度",
    "product_review": "产品和服务消保审查",
    "marketing": "营销宣传与销售可回溯",
    "partners": "合作机构管理",
    "education": "金融教育",
    "training": "培训与考核",
    "outlet_service": "网点服务",
    "emergencies": "重大事件与应急",
    "accountability": "整改问责",
    "records": "资料留存",
    "departments": "部室履职",
}
ELEMENTS = {
    "governance": "体制机制",
    "suitability": "适当性管理",
    "marketing": "营销行为管理",
    "disputes": "纠纷化解",
    "education": "金融教育",
    "service": "消费者服务",
    "personal_information": "个人信息保护",
}
BRIDGE_STEPS = {
    "removed": "取消的检查项",
    "added": "新增的检查项",
    "applicability": "适用范围变化",
    "weights": "分值、权重和规则变化",
    "results": "检查结论变化",
    "deductions": "扣分数量变化",
    "veto": "一票否决",
    "rounding": "四舍五入",
}
CAMPAIGN_KINDS = {
    "self": "自查",
    "regular": "常规检查",
    "special": "专项检查",
    "follow_up": "回头看",
    "mystery": "神秘人检查",
}
ROLES = {
    Role.FILLER: "填报人",
    Role.UNIT_HEAD: "机构负责人",
    Role.INSPECTOR: "检查人员",
    Role.REVIEWER: "复核人",
    Role.APPROVER: "审定人",
    Role.HEAD_OFFICE: "总行消保部",
    Role.BUSINESS_LINE: "条线部门",
    Role.MANAGEMENT: "管理层",
    Role.COMPLIANCE: "合规/纪检",
    Role.INTERNAL_AUDIT: "内审",
    Role.ADMINISTRATOR: "系统管理员",
}
VIEWS = {False: "自评", True: "复评"}
ORIGINS = {"self": "自查", "inspected": "被查", "misreported": "自查不实", "repeated": "屡查"}
SAMPLE_DRAWS = {
    "random": "随机抽取",
    "stratified": "分层随机",
    "risk": "按风险抽取",
    "judgement": "判断抽样",
    "all": "全部检查",
}
LEVELS = {"head_office": "总行", "department": "部室", "branch": "分行", "sub_branch": "支行", "outlet": "网点"}
NAMES_OF_A_LEVEL = 3  # as many stand side by side
STATES = {
    "draft": "填报中",
    "confirmed": "已确认待提交",
    "submitted": "已提交",
    "returned": "已退回",
    "reviewed": "已复核",
    "approved": "已审定",
}
# How a sheet stands as a whole: its state, and beyond it the appeal and the end of the campaign.
STANDINGS = {**STATES, "appealed": "申诉中", "final": "终稿"}
OPEN_STATES = ("draft", "returned")
HANDED_IN = ("submitted", "reviewed", "approved")
REVIEWED = ("reviewed", "approved")
SIGNATURES = {"confirmed": "确认", "submitted": "提交", "reviewed": "复核", "approved": "审定"}

APPEAL_STATES = {"open": "待处理", "upheld": "成立", "partly": "部分成立", "rejected": "不成立", "withdrawn": "已撤回"}
OWN_CHECK_STATES = {"written": "草稿", "tested": "已测试", "published": "已发布", "retired": "已停用"}
QUESTION_STATES = {"open": "待答复", "kept": "维持原结果", "returned": "已退回重填", "gone": "数据已复原"}

MEASURES = {
    "m": "米",
    "cm": "厘米",
    "mm": "毫米",
    "min": "分钟",
    "s": "秒",
    "day": "天",
    "percent": "%",
    "ratio": "（比值）",
    "one_to": "1 比几",
    "piece": "个",
}
FIGURES = {"on_time_rate": "按期办结率（%）"}
# Rules by which complaints are counted: (rule, choice) → words printed beside the figures.
COUNTING = {
    ("date", "received"): "受理日期",
    ("date", "closed"): "办结日期",
    ("basis", "valid"): "件数和占比以有效投诉为准（有效 = 新增 − 重复 − 撤诉）",
    ("basis", "new"): "件数和占比以新增投诉为准",
    ("repeats", "period"): "同一客户同一诉求在本期内再次投诉的为重复，扣除",
    ("repeats", "across"): "同一客户同一诉求此前任何时间投诉过的为重复，扣除",
    ("repeats", "merged"): "本期内同一客户同一诉求合并为一件（2022 年起的监管口径）",
    ("repeats", "counted"): "重复投诉不扣除",
    ("withdrawn_first", "ignored"): "前次已撤诉的不算重复",
    ("withdrawn_first", "counted"): "前次已撤诉的也算重复",
    ("withdrawn", "deducted"): "撤诉扣除，既重复又撤诉的计入重复",
    ("withdrawn", "counted"): "撤诉不扣除",
    ("escalations", "separate"): "升级投诉（办结后换来源再投诉）单列，不扣除",
    ("escalation", "customer"): "升级投诉按同一客户判断",
    ("escalation", "claim"): "升级投诉须为同一客户的同一诉求",
    ("escalations", "repeats"): "升级投诉（办结后换来源再投诉）计入重复",
    ("duplicates", "once"): "完全相同的行只计一次",
    ("duplicates", "each"): "完全相同的行分别计数",
    ("shares", "as_counted"): "占比合计不强制为 100%",
    ("shares", "forced"): "占比合计调为 100%，被调整的行标 *",
}
REPORTS = {
    "half-year": "消费者权益保护工作报告",
    "annual": "消费者权益保护工作报告",
    "complaints": "消费投诉分析报告",
    "appraisal": "消费者权益保护考核通报",
    "self-evaluation": "消费者权益保护自评估报告",
}
DUE_KINDS = {
    "complaint": "投诉",
    "action": "整改",
    "filing": "报送",
    "lead": "疑点核实",
    "not_issued": "待下发报送",
    "request": "调阅",
}
REQUEST_STATES = {"asked": "已要求", "received": "已提交", "accepted": "已验收", "rejected": "已退回"}
FILING_STATES = {"issued": "待填报", "filed": "已填报", "returned": "已退回", "accepted": "已确认"}
VERDICTS = {"agrees": "一致", "rounding": "舍入", "differs": "不一致", "unverifiable": "无法核对", "derived": "推算"}
BASES = {"ledger": "按数据复算", "draft": "按文中数字复算", "": ""}
ACTION_LINES = {"case": "个案整改", "mechanism": "机制整改"}
ACTION_STATUSES = {"open": "整改中", "done": "已整改待验证", "verified": "已验证待销号", "closed": "已销号"}

# --- words of a checklist: its codes, and the names of its fields in change notes and in Excel ----------------------

ANSWERED_BY = {"person": "人工", "data": "数据"}
NOT_APPLICABLE_POLICIES = {
    "expand": "按其余分值折算",
    "redistribute": "分摊到同要素其余项",
    "keep": "不扣分（基数不变）",
}
VETO_EFFECTS = {"zero": "得分归零", "grade": "定为指定等级", "not_above": "不高于指定等级"}
VETO_REACHES = {"item": "检查项", "section": "评价要素", "sheet": "本表", "total": "总分"}
SCHEME_KINDS = {"inspection": "检查评分方案", "elements": "监管评价自评方案", "appraisal": "考核方案"}
COMPONENT_MEASURES = {
    "inspection": "自查与检查得分",
    "responsible_complaints": "有责投诉",
    "complaint_volume": "投诉数量",
    "filings": "按期报送",
    "training": "培训",
    "education": "金融教育",
    "findings": "检查以外发现的问题",
}
BOUND = {"bank": "金融机构", "regulator": "监管机构", "other": "其他"}
NEEDS = {"note": "检查情况说明", "evidence": "佐证材料"}
TOLERANCE_BY = {"share": "占比（%）", "count": "条数"}
ROLLUPS = {"mean": "平均", "weighted": "加权平均", "sum": "合计", "min": "最低", "max": "最高"}
CHECKLIST_FIELDS = {
    "id": "编号",
    "version": "版本",
    "title": "名称",
    "domain": "检查域",
    "domains": "适用检查域",
    "text": "文字",
    "wordings": "规范用语",
    "purpose": "检查目的",
    "issued_on": "公布日期",
    "effective_from": "起用日期",
    "effective_to": "停用日期",
    "total": "总分",
    "not_applicable": "不适用项的处理",
    "applies_to": "适用范围",
    "levels": "适用层级",
    "businesses": "适用业务或职能",
    "points": "分值",
    "minimum": "最低分",
    "requirement": "检查要求",
    "citations": "检查依据",
    "document": "文件",
    "article": "条款",
    "practice": "行业做法",
    "unverified": "引用未核实",
    "doubt": "存疑",
    "procedure": "检查程序",
    "method": "检查方法",
    "evidence": "佐证材料",
    "evidence_required": "必须上传佐证",
    "severity": "严重程度",
    "floor": "扣完为止",
    "answered_by": "作答方式",
    "checks": "数据检查",
    "rules": "计分规则",
    "guidance": "评判参考",
    "good": "做得好的情形",
    "bad": "做得不好的情形",
    "sample": "抽样规则",
    "population": "抽样总体",
    "size": "抽样数量",
    "draw": "抽样方式",
    "note": "抽样说明",
    "element": "监管评价要素",
    "section": "所属评价要素",
    "event": "事件",
    "target": "作用对象",
    "effect": "后果",
    "grade": "等级",
    "kind": "规则种类",
    "label": "内容",
    "vetoes": "一票否决",
    "reach": "等级及于",
    "base": "基准分",
    "sections": "评价要素",
    "items": "检查项",
    "pool": "加减分项",
    "bonus_cap": "加分上限",
    "source": "来源",
    "replaced_by": "已由何者代替",
    "weights": "权重",
    "titles": "名称对照",
    "floors": "最低权重",
    "unassigned": "未分配分值",
    "places": "小数位数",
    "grades": "等级",
    "veto_grades": "一票否决等级对照",
    "pools": "加减分项",
    "components": "考核内容",
    "crosswalk": "要素对照",
    "origins": "按问题来源的倍数",
    "appeal_days": "申诉天数",
    "rollup": "汇总办法",
    "how": "合计办法",
    "own": "本级所占比例",
    "shares": "各层级所占比例",
    "ceiling": "得分上限",
    "scale": "全表评分尺度",
    "subtotals": "并列小计",
    "within": "包括",
    "tolerance": "容许",
    "relevant": "适用条件",
    "requires": "答复后必填",
    "item": "检查项",
    "conclusions": "检查结论",
    "needs": "必填内容",
    "by": "容许按",
    "warn": "超过即提示",
    "fail": "超过即扣分",
    "counts_vetoed": "计入被一票否决的下级",
    "maximum": "最高分",
    "measure": "考核指标",
    "per": "每多少计一次",
    "number": "条号或文号",
    "duty": "义务",
    "binding": "有约束力",
    "verified": "已核实",
    "binds": "约束对象",
    "name": "文件名称",
    "issuer": "发文机关",
    "articles": "条文",
    "documents": "文件",
}

_LABELS: dict[type[StrEnum], dict[str, str]] = {
    Conclusion: {
        "compliant": "符合",
        "partially_compliant": "部分符合",
        "non_compliant": "不符合",
        "not_applicable": "不适用",
        "not_assessed": "未检查",
    },
    CheckStatus: {
        "clear": "未见异常",
        "leads": "疑点待核实",
        "error": "运行出错",
        "not_applicable": "不适用",
        "no_data": "无数据",
    },
    Disposition: {"confirmed": "属实", "partly": "部分属实", "refuted": "不属实"},
    FactState: {
        "assessed": "已评分",
        "not_applicable": "不适用",
        "not_assessed": "未检查",
        "no_data": "无数据",
        "pending": "待核实",
        "awaiting_peers": "待汇总",
        "error": "运行出错",
    },
    Stage: {"before": "按疑点测算", "after": "按认定结果"},
    Severity: {"high": "高", "medium": "中", "low": "低"},
    Nature: {"violation": "违规", "irregularity": "不规范", "design_flaw": "制度缺陷", "suggestion": "建议"},
    RunStatus: {"done": "完成", "failed": "失败", "interrupted": "中断"},
}


def domain_title(domain: str, own: str = "") -> str:
    """Return the name of a domain; one of the bank's own is called as its sheet is."""
    return DOMAINS.get(domain) or own or domain


def label(code: StrEnum) -> str:
    """Return the Chinese word of a code."""
    return _LABELS[type(code)][code.value]


def written_day(day: date) -> str:
    """Return a day as papers write it: 2026年7月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def named_period(address: str) -> str:
    """Return how titles and pickers name `2026H1/现场检查`; a campaign that bears its period's code says it once."""
    period, _, campaign = address.partition("/")
    return campaign if campaign.startswith(period) else f"{period} {campaign}".strip()


class Placed(Protocol):
    """What stands at a level of the tree, with the bank's own name of it if it has one."""

    @property
    def level(self) -> str: ...
    @property
    def level_name(self) -> str: ...


def level_of(unit: Placed) -> str:
    """Return what the bank calls the level of a unit, else what we call it."""
    return unit.level_name or LEVELS.get(unit.level, unit.level)


def level_titles(units: Iterable[Placed]) -> dict[str, str]:
    """Return level → its name, from the top; where a bank has several names for one level they stand together."""
    names: dict[str, dict[str, None]] = {}
    for unit in units:
        names.setdefault(unit.level, {})[level_of(unit)] = None
    ordered = [level for level in LEVELS if level in names] + sorted(set(names) - set(LEVELS))
    return {
        one: "、".join(names[one]) if len(names[one]) <= NAMES_OF_A_LEVEL else LEVELS.get(one, one) for one in ordered
    }

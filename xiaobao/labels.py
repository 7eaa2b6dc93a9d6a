"""All Chinese words for codes, in one place. YAML and templates hold the rest."""

from __future__ import annotations

from enum import StrEnum

from xiaobao.model import CheckStatus, Conclusion, Disposition, FactState, Nature, RunStatus, Severity, Stage

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
SAMPLE_DRAWS = {
    "random": "随机抽取",
    "stratified": "分层随机",
    "risk": "按风险抽取",
    "judgement": "判断抽样",
    "all": "全部检查",
}
LEVELS = {"head_office": "总行", "department": "部室", "branch": "分行", "sub_branch": "支行", "outlet": "网点"}
STATES = {"draft": "填报中", "submitted": "已提交", "returned": "已退回", "reviewed": "已复核"}

MEASURES = {
    "m": "米",
    "cm": "厘米",
    "mm": "毫米",
    "min": "分钟",
    "s": "秒",
    "day": "天",
    "percent": "%",
    "ratio": "（比值）",
    "piece": "个",
}
FIGURES = {"on_time_rate": "按期办结率（%）"}
ACTION_LINES = {"case": "个案整改", "mechanism": "机制整改"}
ACTION_STATUSES = {"open": "整改中", "done": "已整改待验证", "verified": "已验证待销号", "closed": "已销号"}

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
        "error": "运行出错",
    },
    Stage: {"before": "按疑点测算", "after": "按认定结果"},
    Severity: {"high": "高", "medium": "中", "low": "低"},
    Nature: {"violation": "违规", "irregularity": "不规范", "design_flaw": "制度缺陷", "suggestion": "建议"},
    RunStatus: {"done": "完成", "failed": "失败", "interrupted": "中断"},
}


def label(code: StrEnum) -> str:
    """Return the Chinese word of a code."""
    return _LABELS[type(code)][code.value]

"""Figures of the registers (登记簿), as reports print them. One that was not delivered gives 无数据 throughout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from xiaobao.datasets.registers import AUDIENCES
from xiaobao.features.registers.figures import RegisterFigures, change
from xiaobao.features.registers.lacking import lacks
from xiaobao.features.registers.organisation import PLAN_STATES
from xiaobao.report_figures.figures import (
    NO_DATA,
    FigureMaker,
    FigureSet,
    FigureTable,
    ReportFigure,
    gather_figures,
    of_source,
)

POLICY_COLUMNS = {"title": "制度名称", "number": "文号", "kind": "类别", "change": "订立方式", "day": "印发日期"}
PLAN_COLUMNS = {
    "task": "工作任务",
    "department": "责任部门",
    "due": "完成期限",
    "done": "完成日期",
    "state": "完成情况",
}
_Number = int | Decimal | None
_YEAR = "上年同期"


def register_report_figures(found: RegisterFigures) -> FigureSet:
    """Return the figures of all registers, those of the year before beside the counts that reports compare."""
    figures = [*_organisation(found), *_reviews(found), *_training(found), *_education(found), *_voices(found)]
    figures += [*_events(found), *_plan(found), *_compared(found)]
    return gather_figures([_noted(one, found) for one in figures], [_policy_table(found), _plan_table(found)])


# What a figure, or a group of figures (ends in ·), is taken from: its register and the field of that.
_TAKEN = {
    "制度·现行": ("policies", "in_force"),
    "制度·未覆盖类别": ("policies", "uncovered"),
    "制度·类别·": ("policies", "by_kind"),
    "会议·议题": ("meetings", "topics"),
    "会议·未落实议定事项的会议": ("meetings", "open"),
    "岗位·人数": ("posts", "people"),
    "岗位·方式·": ("posts", "by_manner"),
    "岗位·覆盖率": ("posts", "coverage"),
    "经费·支出": ("budget", "total.spent"),
    "经费·执行率": ("budget", "rate"),
    "合作机构·现行": ("partners", "in_force"),
    "合作机构·准入": ("partners", "admitted"),
    "合作机构·退出": ("partners", "exited"),
    "合作机构·评价": ("partners", "evaluated"),
    "合作机构·评价不合格仍在合作": ("partners", "unfit"),
    "合作机构·无准入审批": ("partners", "without_admission"),
    "审查·意见·": ("reviews", "by_opinion"),
    "审查·未出意见": ("reviews", "pending"),
    "审查·提出意见": ("reviews", "remarks"),
    "审查·采纳意见": ("reviews", "adopted"),
    "审查·采纳率": ("reviews", "adoption"),
    "审查·上线": ("reviews", "launched"),
    "审查·意见前上线": ("reviews", "early"),
    "审查·售后评估": ("reviews", "evaluated"),
    "审查·下架": ("reviews", "delisted"),
    "培训·课时": ("training", "hours"),
    "培训·加训": ("training", "extra"),
    "培训·测试人次": ("training_roster", "tested"),
    "培训·测试平均分": ("training_roster", "mean_score"),
    "培训·测试合格率": ("training_roster", "pass_rate"),
    "宣传·场次": ("education", "times"),
    "宣传·形式·": ("education", "by_form"),
    "宣传·受众·": ("education", "by_audience"),
    "宣传·发放资料": ("education", "copies"),
    "宣传·现场受众": ("education", "people"),
    "宣传·线上触达": ("education", "online_reach"),
    "宣传·夹带营销": ("education", "with_ads"),
    "案例分析·全行通报": ("case_analyses", "shared"),
    "调解·协议金额": ("mediation", "agreed_amount"),
    "调解·未经投诉": ("mediation", "without_complaint"),
    "意见建议·答复": ("suggestions", "answered"),
    "意见建议·采纳": ("suggestions", "adopted"),
    "舆情·负面未平息": ("public_opinion", "open"),
    "神秘人·得分率": ("mystery_visits", "rate"),
    "神秘人·异议": ("mystery_visits", "disputed"),
    "重大事件·迟报": ("major_events", "late"),
    **{f"计划·{state}": ("work_plan", "by_state") for state in PLAN_STATES},
    "计划·完成率": ("work_plan", "rate"),
    "计划·无佐证": ("work_plan", "without_evidence"),
}


def _noted(figure: ReportFigure, found: RegisterFigures) -> ReportFigure:
    """Return a figure as it is, or as 无数据 where a column that it needs was not delivered."""
    taken = _TAKEN.get(figure.name) or _TAKEN.get(figure.name[: figure.name.rfind("·") + 1])
    if taken is None or not lacks(found, *taken):
        return figure
    return replace(figure, value=None, known=False)


def _each(make: FigureMaker, counts: Mapping[str, int] | None, unit: str, group: str) -> Iterator[ReportFigure]:
    for name, count in (counts or {}).items():
        yield make(f"{group}·{name}", count, unit)


def _organisation(found: RegisterFigures) -> Iterator[ReportFigure]:
    policies, meetings, posts, budget, partners = (
        found.policies,
        found.meetings,
        found.posts,
        found.budget,
        found.partners,
    )
    make = of_source("制度", "制度登记簿", policies is not None)
    yield make("现行", policies and policies.in_force, "项")
    for name in ("新订", "修订", "废止"):
        yield make(name, policies and policies.changes.get(name, 0), "项")
    yield make("未覆盖类别", policies and len(policies.uncovered), "类", "金融消费者权益保护内控制度的十类")
    yield from _each(make, policies.by_kind if policies else None, "项", "类别")
    make = of_source("会议", "会议登记簿", meetings is not None)
    yield make("次数", meetings and meetings.total, "次")
    yield make("议题", meetings and meetings.topics, "项")
    yield make("未落实议定事项的会议", meetings and meetings.open, "次")
    yield from _each(make, meetings.by_kind if meetings else None, "次", "类别")
    make = of_source("岗位", "消保岗位登记簿", posts is not None)
    yield make("人数", posts and posts.people, "人")
    yield from _each(make, posts.by_manner if posts else None, "人", "方式")
    yield make("覆盖率", posts and posts.coverage, "%", "被检查机构")
    make = of_source("经费", "经费登记簿", budget is not None)
    yield make("预算", budget and budget.total.planned, "万元")
    yield make("支出", budget and budget.total.spent, "万元")
    yield make("执行率", budget and budget.rate, "%", "填有支出的项目的预算")
    make = of_source("合作机构", "合作机构登记簿", partners is not None)
    yield make("现行", partners and partners.in_force, "家")
    yield make("准入", partners and partners.admitted, "家")
    yield make("退出", partners and partners.exited, "家")
    yield make("评价", partners and partners.evaluated, "家")
    yield make("评价不合格仍在合作", partners and len(partners.unfit), "家")
    yield make("无准入审批", partners and len(partners.without_admission), "家")


def _reviews(found: RegisterFigures) -> Iterator[ReportFigure]:
    reviews = found.reviews
    make = of_source("审查", "消保审查登记簿", reviews is not None)
    yield make("总数", reviews and reviews.total)
    yield from _each(make, reviews.by_kind if reviews else None, "件", "类别")
    yield from _each(make, reviews.by_opinion if reviews else None, "件", "意见")
    yield make("未出意见", reviews and reviews.pending)
    yield make("提出意见", reviews and reviews.remarks, "条")
    yield make("采纳意见", reviews and reviews.adopted, "条")
    yield make("采纳率", reviews and reviews.adoption, "%", "提出和采纳条数都填写的事项所提意见")
    yield make("上线", reviews and reviews.launched)
    yield make("意见前上线", reviews and len(reviews.early))
    yield make("售后评估", reviews and reviews.evaluated)
    yield make("下架", reviews and reviews.delisted)


def _training(found: RegisterFigures) -> Iterator[ReportFigure]:
    training = found.training
    make = of_source("培训", "培训登记簿", training is not None)
    yield make("场次", training and training.sessions, "场")
    yield make("课时", training and training.hours, "课时")
    yield make("加训", training and training.extra, "场")
    roster = training.roster if training else None
    make = of_source("培训", "培训花名册", roster is not None)
    yield make("参训人次", roster and roster.attended, "人次")
    yield make("参训人数", roster and roster.persons, "人")
    for audience in AUDIENCES:
        group = roster.by_audience.get(audience) if roster else None
        yield make(f"{audience}·人次", group and group.attended, "人次")
        yield make(f"{audience}·参训率", group and group.rate, "%", "填有应参训人数的场次的应参训人次")
    yield make("测试人次", roster and roster.tested, "人次")
    yield make("测试平均分", roster and roster.mean_score, "分", "有成绩的人次", 2)
    yield make("测试合格率", roster and roster.pass_rate, "%", "填有是否合格的人次")


def _education(found: RegisterFigures) -> Iterator[ReportFigure]:
    education, cases = found.education, found.case_analyses
    make = of_source("宣传", "宣传活动登记簿", education is not None)
    yield make("活动", education and education.activities, "项")
    yield make("场次", education and education.times, "场")
    yield make("发放资料", education and education.copies, "份")
    yield make("现场受众", education and education.people, "人次")
    yield make("线上触达", education and education.online_reach, "人次")
    yield make("举办机构", education and education.units, "个")
    yield make("机构覆盖率", education and education.coverage, "%", "被检查机构")
    yield make("夹带营销", education and len(education.with_ads), "项")
    yield from _each(make, education.by_form if education else None, "场", "形式")
    yield from _each(make, education.by_audience if education else None, "场", "受众")
    make = of_source("案例分析", "案例分析登记簿", cases is not None)
    yield make("篇数", cases and cases.total, "篇")
    yield make("全行通报", cases and cases.shared, "篇")


def _voices(found: RegisterFigures) -> Iterator[ReportFigure]:
    mediation, suggestions, opinion = found.mediation, found.suggestions, found.public_opinion
    mystery, surveys = found.mystery_visits, found.surveys
    make = of_source("调解", "调解登记簿", mediation is not None)
    yield make("件数", mediation and mediation.total)
    yield from _each(make, mediation.by_result if mediation else None, "件", "结果")
    yield make("争议金额", mediation and mediation.amount, "万元")
    yield make("协议金额", mediation and mediation.agreed_amount, "万元")
    yield make("成功率", mediation and mediation.success, "%", "达成协议和未达成协议的件数")
    yield make("未经投诉", mediation and mediation.without_complaint)
    make = of_source("意见建议", "意见建议登记簿", suggestions is not None)
    yield make("件数", suggestions and suggestions.total, "条")
    yield make("答复", suggestions and suggestions.answered, "条")
    yield make("采纳", suggestions and suggestions.adopted, "条")
    make = of_source("舆情", "舆情登记簿", opinion is not None)
    yield make("总数", opinion and opinion.total)
    yield make("负面", opinion and opinion.by_tone.get("负面", 0))
    yield make("负面未平息", opinion and opinion.open)
    make = of_source("神秘人", "神秘人登记簿", mystery is not None)
    yield make("暗访", mystery and mystery.visits, "次")
    yield make("机构", mystery and mystery.units, "个")
    yield make("得分率", mystery and mystery.rate, "%", "全部暗访项目的满分，按复核后得分")
    yield make("异议", mystery and mystery.disputed, "项")
    make = of_source("问卷", "问卷登记簿", surveys is not None)
    yield make("调查", None if surveys is None else len(surveys), "次")
    yield make("答卷", None if surveys is None else sum(survey.respondents for survey in surveys), "份")


def _events(found: RegisterFigures) -> Iterator[ReportFigure]:
    events = found.major_events
    make = of_source("重大事件", "重大事件登记簿", events is not None)
    yield make("件数", events and events.total, "起")
    yield from _each(make, events.by_kind if events else None, "起", "类别")
    yield make("演练", events and events.drills, "次")
    yield make("迟报", events and len(events.late), "起", "按本行设定的报告时限")


def _plan(found: RegisterFigures) -> Iterator[ReportFigure]:
    plan = found.work_plan
    make = of_source("计划", "工作计划登记簿", plan is not None)
    yield make("任务", plan and plan.total, "项")
    for state in ("按期完成", "逾期完成", "逾期未完成", "未到期"):
        yield make(state, plan and plan.by_state.get(state, 0), "项")
    yield make("完成率", plan and plan.rate, "%", "已完成和已到期的任务")
    yield make("无佐证", plan and len(plan.without_evidence), "项")


def _compared(found: RegisterFigures) -> Iterable[ReportFigure]:
    """Yield the same count a year before and its change, where reports set one beside the other."""
    last = found.last_year

    def pair(
        group: str, source: str, now: int | Decimal | None, old: int | Decimal | None, unit: str
    ) -> Iterator[ReportFigure]:
        yield of_source(group, source, old is not None)(_YEAR, old, unit)
        yield of_source(group, source, old is not None and now is not None)("增幅", change(now, old), "%", _YEAR)

    def of(name: str, field: str) -> tuple[_Number, _Number]:
        now, old = getattr(found, name), getattr(last, name) if last else None
        given = now is not None and not lacks(found, name, field)
        said = last is not None and old is not None and not lacks(last, name, field)
        return (getattr(now, field) if given else None, getattr(old, field) if said else None)

    yield from pair("审查", "消保审查登记簿", *of("reviews", "total"), "件")
    yield from pair("培训", "培训登记簿", *of("training", "sessions"), "场")
    yield from pair("宣传", "宣传活动登记簿", *of("education", "times"), "场")
    yield from pair("调解", "调解登记簿", *of("mediation", "total"), "件")
    yield from pair("调解·金额", "调解登记簿", *of("mediation", "amount"), "万元")


def _policy_table(found: RegisterFigures) -> FigureTable:
    lines = found.policies.issued if found.policies else ()
    rows = tuple(
        {
            "title": line.title,
            "number": line.number or "—",
            "kind": line.kind,
            "change": line.change,
            "day": line.issued_on.isoformat(),
        }
        for line in lines
    )
    return FigureTable(name="policies", title="本期订立、修订和废止的制度", columns=POLICY_COLUMNS, rows=rows)


def _plan_table(found: RegisterFigures) -> FigureTable:
    tasks = found.work_plan.tasks if found.work_plan else ()
    unknown = NO_DATA if lacks(found, "work_plan", "tasks") else ""
    rows = tuple(
        {
            "task": task.task,
            "department": task.department or task.unit,
            "due": task.due_on.isoformat(),
            "done": task.done_on.isoformat() if task.done_on else unknown or "—",
            "state": unknown or task.state,
        }
        for task in tasks
    )
    return FigureTable(name="plan", title="年度工作计划完成情况", columns=PLAN_COLUMNS, rows=rows)

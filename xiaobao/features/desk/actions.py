"""What can be pressed at the desk: each is one command of xiaobao, its fields, and the right that it takes."""

from __future__ import annotations

from collections.abc import Mapping

from xiaobao import labels
from xiaobao.feature_list import named
from xiaobao.features.desk.action import Action, CommandPart, Field, Files


def _one(field: str, option: str = "", kind: str = "") -> CommandPart:
    return CommandPart(option=option, field=field, kind=kind)


def _word(word: str) -> CommandPart:
    return CommandPart(option=word)


UNIT = Field(name="unit", title="机构", kind="select", of="units", need=True)
_LINES = (("", "不是条线部门"), *labels.DOMAINS.items())
ANY_UNIT = Field(name="unit", title="机构", kind="select", of="units_or_all")
ROLE = Field(name="role", title="角色", kind="select", options=tuple((t, t) for t in labels.ROLES.values()), need=True)
REASON = Field(name="reason", title="原因", need=True)
_UNIT = _one("unit", "--unit")
_KIND = Field(name="kind", title="报送种类", kind="select", of="filings", need=True)
_FILED = Field(name="filed", title="报送期间", hint="如 2026-06、2026Q2", need=True)
_BOOK = ".xlsx"

_UNITS = (
    Action(
        name="units_template",
        title="机构名单模板",
        words="dataset template units -o {out}/机构名单-模板.xlsx",
        verb="data.import",
        button="生成模板",
        period=False,
        about="没有现成名单时用。已有名单（有标题行、列名不同都可以）直接在上面上传。",
    ),
)
_PEOPLE = (
    Action(
        name="people_add",
        title="登记一个人",
        words="people add",
        verb="people.manage",
        button="登记",
        period=False,
        parts=(_one("login"), _one("role", "--role"), _one("name", "--name"), _UNIT, _one("line", "--line", "many")),
        fields=(
            Field(name="login", title="登录名", hint="如工号", need=True),
            Field(name="name", title="姓名", hint="新登记时必填"),
            ROLE,
            Field(name="unit", title="机构", kind="select", of="units_or_none"),
            Field(name="line", title="条线负责的检查域", kind="select", options=_LINES),
        ),
        about="首先登记的须是系统管理员。登记以后本页须登录使用。",
    ),
    Action(
        name="people_template",
        title="人员名单模板",
        words="people template -o {out}/人员名单.xlsx",
        verb="people.see",
        button="生成模板",
        period=False,
    ),
    Action(
        name="people_propose",
        title="按岗位人员提出名单",
        words="people propose -o {out}/人员名单.xlsx",
        verb="people.see",
        button="提出名单",
        campaign=False,
        about="按已导入的岗位人员、消保岗位提出工号、机构、角色，补上姓名后导入。",
    ),
    Action(
        name="people_import",
        title="导入人员名单",
        words="people import",
        verb="people.manage",
        button="导入人员",
        period=False,
        parts=(_one("files", kind="files"),),
        files=Files(title="填好的人员名单", accept=_BOOK),
        main=True,
    ),
    Action(
        name="people_end",
        title="结束任职",
        words="people end",
        verb="people.manage",
        button="结束任职",
        period=False,
        parts=(_one("login"), _one("role", "--role"), _one("until", "--until"), _UNIT),
        fields=(
            Field(name="login", title="登录名", need=True),
            ROLE,
            Field(name="unit", title="机构", kind="select", of="units_or_none"),
            Field(name="until", title="任职止（当日仍有效）", kind="date", need=True),
        ),
    ),
    Action(
        name="people_reset",
        title="设置密码的链接",
        words="people reset",
        verb="people.manage",
        button="生成链接",
        period=False,
        parts=(_one("login"),),
        fields=(Field(name="login", title="登录名", need=True),),
        about="链接交给本人，由本人设置密码；只能用一次。",
    ),
)
_CAMPAIGN = (
    Action(
        name="campaign_create",
        title="建立检查批次",
        words="campaign create",
        verb="campaign.create",
        button="建立批次",
        main=True,
        campaign=False,
        parts=(
            _one("called"),
            _one("kind", "--kind"),
            _one("level", "--level", "many"),
            _one("under", "--under"),
            _one("opens", "--opens"),
            _one("closes", "--closes"),
            _one("inspector", "--inspector", "many"),
            _one("paper", "--paper", "many"),
        ),
        fields=(
            Field(name="called", title="批次名称", value="半年自查", need=True),
            Field(name="kind", title="种类", kind="select", options=tuple(labels.CAMPAIGN_KINDS.items())),
            Field(name="level", title="层级", kind="select", of="levels"),
            Field(name="under", title="机构范围", kind="select", of="units_or_all"),
            Field(name="opens", title="开始日期", kind="date"),
            Field(name="closes", title="结束日期", kind="date"),
            Field(name="inspector", title="检查人员登录名", hint="可多个，用顿号分隔"),
            Field(name="paper", title="自设底稿", hint="自己写的笔记本名称，可多个，用顿号分隔"),
        ),
        about="采用当时有效的最新检查表；填报页随即可用。",
    ),
    Action(
        name="campaign_papers",
        title="指定自设底稿",
        words="campaign papers",
        verb="campaign.change",
        button="指定",
        parts=(_one("paper", "--paper", "many"),),
        fields=(Field(name="paper", title="自设底稿", hint="自己写的笔记本名称，可多个，用顿号分隔；空为取消"),),
        about="工作区 notebooks 里自己写的笔记本，下一次运行时逐机构出底稿。",
    ),
    Action(
        name="campaign_close",
        title="结束批次",
        words="campaign close",
        verb="campaign.close",
        button="结束批次",
        parts=(_one("reason", "--reason"),),
        fields=(Field(name="reason", title="说明"),),
        ask="结束以后结果成为终稿，与同业比较的检查项就此确定；重开须经批准。",
    ),
    Action(
        name="campaign_reopen",
        title="重开批次",
        words="campaign reopen",
        verb="campaign.reopen",
        button="重开批次",
        parts=(_one("reason", "--reason"), _one("approved", "--approved-by")),
        fields=(REASON, Field(name="approved", title="批准人", need=True)),
    ),
    Action(
        name="campaign_delete",
        title="删除空批次",
        words="campaign delete",
        verb="campaign.change",
        button="删除批次",
        parts=(_one("reason", "--reason"),),
        fields=(REASON,),
        ask="只能删除什么都还没有的批次；操作留痕中仍有记录。",
    ),
)
_ONE_DOMAIN = Field(name="domain", title="检查域", kind="select", of="domains")
_WHERE = (_UNIT, _one("domain", "--domain"))
_RUN = (
    Action(
        name="run",
        title="运行数据检查、底稿和得分表",
        words="run",
        verb="papers.run",
        button="开始运行",
        main=True,
        parts=_WHERE,
        fields=(ANY_UNIT, _ONE_DOMAIN),
        about="输入没有变化的跳过；一份失败不影响其他。",
    ),
    Action(
        name="rerun_failed", title="重新运行失败的", words="run --rerun failed", verb="papers.run", button="重新运行"
    ),
    Action(
        name="rerun_all",
        title="全部重新运行",
        words="run --rerun all",
        verb="papers.run",
        button="全部重新运行",
        parts=_WHERE,
        fields=(ANY_UNIT, _ONE_DOMAIN),
        ask="底稿全部重新生成，时间较长。",
    ),
)
_LEADS = (
    Action(
        name="leads_raise",
        title="下发疑点",
        words="leads raise",
        verb="lead.raise",
        button="下发疑点",
        main=True,
        about="运行全部数据检查，命中的记录成为疑点，由机构核实。",
    ),
    Action(
        name="leads_export",
        title="导出疑点清单",
        words="leads export -o {out}/疑点清单.xlsx",
        verb="lead.export",
        button="导出 Excel",
        parts=(_UNIT,),
        fields=(ANY_UNIT,),
    ),
    Action(
        name="leads_import",
        title="导入填好的疑点清单",
        words="leads import",
        verb="lead.see",
        button="导入清单",
        period=False,
        parts=(_one("files", kind="files"),),
        files=Files(title="填好的疑点清单", accept=_BOOK),
    ),
)
_REVIEW = (
    Action(
        name="sheet_export",
        title="导出离线填报表",
        words="sheet export -o {out}/填报表.xlsx",
        verb="sheet.export",
        button="导出 Excel",
        parts=(_UNIT,),
        fields=(UNIT,),
        about="给不能上网页的机构；填好后在下面导入。",
    ),
    Action(
        name="sheet_import",
        title="导入填好的填报表",
        words="sheet import",
        verb="sheet.see",
        button="导入填报表",
        period=False,
        parts=(_one("files", kind="files"),),
        files=Files(title="填好的填报表", accept=_BOOK),
    ),
    Action(
        name="sheet_review",
        title="复核一个机构已提交的检查表",
        words="sheet review",
        verb="sheet.review",
        button="复核",
        parts=(_UNIT,),
        fields=(UNIT,),
        ask="复核该机构全部已提交、没有疑问的检查表。",
    ),
)
_REPORT_KINDS = (
    ("summary", "全部机构汇总（Excel）"),
    ("inspection", "一个机构的自查报告"),
    *((kind, labels.REPORTS[kind]) for kind in named("reports")),
)
_REPORTS = (
    Action(
        name="report",
        title="出具报告",
        words="report",
        verb="result.see",
        button="出具",
        main=True,
        parts=(_one("kind"), _UNIT, _one("draft", "--draft", "flag"), _one("files", "--text", "files")),
        fields=(
            Field(name="kind", title="报告种类", kind="select", options=_REPORT_KINDS, need=True),
            ANY_UNIT,
            Field(name="draft", title="只生成“问题”和“计划”的文字稿，供修改", kind="check"),
        ),
        files=Files(title="改好的文字稿（没有则不选）", accept=".docx", need=False),
        about="年度报告先把上面的检查期间选为全年。",
    ),
    Action(
        name="figures_check",
        title="核对报告初稿中的数字",
        words="figures check",
        verb="result.see",
        button="核对数字",
        parts=(_one("files", kind="files"),),
        files=Files(title="报告初稿", accept=".docx"),
    ),
)
_FIGURES = Files(title="考核数据（CSV，首列机构号；没有则按得分和报送测算）", accept=".csv", need=False)
_APPRAISAL = (
    Action(
        name="appraisal_compute",
        title="测算（不保存）",
        words="appraisal compute",
        verb="appraisal.make",
        button="测算",
        parts=(_one("files", "--figures", "files"),),
        files=_FIGURES,
        main=True,
    ),
    Action(
        name="appraisal_publish",
        title="公示",
        words="appraisal publish",
        verb="appraisal.make",
        button="公示",
        parts=(_one("files", "--figures", "files"),),
        files=_FIGURES,
        ask="公示以后申诉期开始。",
    ),
    Action(
        name="appraisal_appeal",
        title="登记申诉",
        words="appraisal appeal",
        verb="appraisal.see",
        button="登记申诉",
        campaign=False,
        parts=(_UNIT, _one("grounds", "--grounds")),
        fields=(UNIT, Field(name="grounds", title="申诉理由", kind="area", need=True)),
    ),
    Action(
        name="appraisal_decide",
        title="处理申诉",
        words="appraisal decide",
        verb="appraisal.decide",
        button="处理",
        campaign=False,
        parts=(
            _UNIT,
            _one("reason", "--reason"),
            _one("accept", "--accept", "flag"),
            _one("reject", "--reject", "flag"),
            _one("files", "--figures", "files"),
        ),
        fields=(
            UNIT,
            REASON,
            Field(name="accept", title="申诉成立（须附更正后的考核数据）", kind="check"),
            Field(name="reject", title="申诉不成立", kind="check"),
        ),
        files=_FIGURES,
    ),
    Action(
        name="appraisal_entry",
        title="登记加减分",
        words="appraisal entry add",
        verb="appraisal.make",
        button="登记",
        campaign=False,
        parts=(
            _UNIT,
            _one("points", "--points"),
            _one("reason", "--reason"),
            _one("day", "--day"),
            _one("evidence", "--evidence", "many"),
        ),
        fields=(
            UNIT,
            Field(name="points", title="分数", hint="加分正数，减分负数", need=True),
            Field(name="reason", title="事由", need=True),
            Field(name="day", title="事由日期", kind="date", need=True),
            Field(name="evidence", title="佐证材料名称", need=True),
        ),
    ),
    Action(
        name="appraisal_finalise",
        title="定稿",
        words="appraisal finalise",
        verb="appraisal.finalise",
        button="定稿",
        campaign=False,
        ask="公示期满且申诉都已处理才能定稿；定稿以后不能再改。",
    ),
    Action(
        name="appraisal_show",
        title="查看现在的结果、状态和申诉",
        words="appraisal show",
        verb="appraisal.see",
        button="查看",
        campaign=False,
    ),
)
_WEIGHTS = Action(
    name="weights_draft",
    title="把这组权重写成草稿",
    words="what-if",
    verb="checklist.publish",
    button="写成草稿",
    parts=(_one("weight", "--weight", "many"), _one("draft", "--draft")),
    fields=(Field(name="weight", title="权重的改动", need=True), Field(name="draft", title="新版本号", need=True)),
)
_FILINGS = (
    Action(
        name="filing_issue",
        title="下发报送",
        words="filings issue",
        verb="filing.issue",
        button="下发",
        period=False,
        main=True,
        parts=(_one("kind"), _one("filed", "--period"), _UNIT, _one("due", "--due")),
        fields=(_KIND, _FILED, ANY_UNIT, Field(name="due", title="期限（不填按日历）", kind="date")),
    ),
    Action(
        name="filing_remind",
        title="催报",
        words="filings remind",
        verb="filing.remind",
        button="催报",
        period=False,
        parts=(_one("kind"), _one("filed", "--period"), _one("late", "--late", "flag")),
        fields=(_KIND, _FILED, Field(name="late", title="只催已逾期的", kind="check")),
    ),
    Action(
        name="filing_accept",
        title="确认报送",
        words="filings accept",
        verb="filing.accept",
        button="确认",
        period=False,
        parts=(_one("kind"), _one("filed", "--period"), _UNIT),
        fields=(_KIND, _FILED, UNIT),
    ),
    Action(
        name="filing_return",
        title="退回报送",
        words="filings return",
        verb="filing.return",
        button="退回",
        period=False,
        parts=(_one("kind"), _one("filed", "--period"), _UNIT, _one("reason", "--reason")),
        fields=(_KIND, _FILED, UNIT, REASON),
    ),
    Action(
        name="filing_merge",
        title="汇总（Excel）",
        words="filings merge --excel -o {out}/报送汇总.xlsx",
        verb="filing.merge",
        button="汇总",
        period=False,
        parts=(_one("kind"), _one("filed", "--period")),
        fields=(_KIND, _FILED),
    ),
)
_CHECKLISTS = (
    Action(
        name="checklist_export",
        title="一　导出检查表为 Excel",
        words="checklist export",
        verb="checklist.print",
        button="导出",
        period=False,
        parts=(_one("sheet"), _word("{out}/检查表.xlsx")),
        fields=(Field(name="sheet", title="检查表", kind="select", of="checklists", need=True),),
        about="在 Excel 里改分值、内容、检查项；改动须写新的版本号，已发布的版本不能再改。",
    ),
    Action(
        name="checklist_import",
        title="二　导入改好的检查表，写成草稿",
        words="checklist import",
        verb="checklist.publish",
        button="导入草稿",
        period=False,
        main=True,
        parts=(_one("files", kind="files"), _one("replace", "--replace", "flag")),
        fields=(Field(name="replace", title="覆盖同名草稿", kind="check"),),
        files=Files(title="改好的检查表，或本行自己的检查评分表", accept=_BOOK),
    ),
)
_PUBLISH = (
    Action(
        name="checklist_publish",
        title="四　发布",
        words="checklist publish",
        verb="checklist.publish",
        button="发布",
        period=False,
        ask="发布工作区的全部草稿；已发布的版本不能再改内容。请先看影响。",
    ),
)
_KEEP = (
    Action(
        name="verify",
        title="核对操作留痕、数据、佐证、底稿和报告",
        words="verify",
        verb="store.keep",
        button="核对",
        period=False,
        main=True,
    ),
    Action(
        name="history",
        title="操作留痕（Excel）",
        words="history -o {out}/操作留痕.xlsx",
        verb="history.see",
        button="导出",
    ),
)
ACTIONS: Mapping[str, tuple[Action, ...]] = {
    "units": _UNITS,
    "people": _PEOPLE,
    "campaign": _CAMPAIGN,
    "review": _REVIEW,
    "run": _RUN,
    "leads": _LEADS,
    "reports": _REPORTS,
    "appraisal": _APPRAISAL,
    "weights": (_WEIGHTS,),  # pressed below the sliders of 试算
    "filings": _FILINGS,
    "checklists": _CHECKLISTS,
    "publish": _PUBLISH,
    "keep": _KEEP,
}
BY_NAME: Mapping[str, Action] = {one.name: one for several in ACTIONS.values() for one in several}

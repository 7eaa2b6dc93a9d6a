"""What can be pressed at the desk: each is one command of xiaobao, its fields, and the right that it takes."""

from __future__ import annotations

from collections.abc import Mapping

from xiaobao import labels
from xiaobao.features.desk.action import ANY_UNIT, OF_UNIT, REASON, UNIT, Action, CommandPart, Field, Files, part_of
from xiaobao.features.desk.result_actions import APPRAISAL_ACTIONS, FILING_ACTIONS, REPORT_ACTIONS, WEIGHTS


def _word(word: str) -> CommandPart:
    return CommandPart(option=word)


_LINES = (("", "不是条线部门"), *labels.DOMAINS.items())
ROLE = Field(name="role", title="角色", kind="select", options=tuple((t, t) for t in labels.ROLES.values()), need=True)
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
        parts=(
            part_of("login"),
            part_of("role", "--role"),
            part_of("name", "--name"),
            OF_UNIT,
            part_of("line", "--line", "many"),
        ),
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
        parts=(part_of("files", kind="files"),),
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
        parts=(part_of("login"), part_of("role", "--role"), part_of("until", "--until"), OF_UNIT),
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
        parts=(part_of("login"),),
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
            part_of("called"),
            part_of("kind", "--kind"),
            part_of("level", "--level", "many"),
            part_of("under", "--under"),
            part_of("opens", "--opens"),
            part_of("closes", "--closes"),
            part_of("inspector", "--inspector", "many"),
            part_of("paper", "--paper", "many"),
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
        parts=(part_of("paper", "--paper", "many"),),
        fields=(Field(name="paper", title="自设底稿", hint="自己写的笔记本名称，可多个，用顿号分隔；空为取消"),),
        about="工作区 notebooks 里自己写的笔记本，下一次运行时逐机构出底稿。",
    ),
    Action(
        name="campaign_close",
        title="结束批次",
        words="campaign close",
        verb="campaign.close",
        button="结束批次",
        parts=(part_of("reason", "--reason"),),
        fields=(Field(name="reason", title="说明"),),
        ask="结束以后结果成为终稿，与同业比较的检查项就此确定；重开须经批准。",
    ),
    Action(
        name="campaign_reopen",
        title="重开批次",
        words="campaign reopen",
        verb="campaign.reopen",
        button="重开批次",
        parts=(part_of("reason", "--reason"), part_of("approved", "--approved-by")),
        fields=(REASON, Field(name="approved", title="批准人", need=True)),
    ),
    Action(
        name="campaign_delete",
        title="删除空批次",
        words="campaign delete",
        verb="campaign.change",
        button="删除批次",
        parts=(part_of("reason", "--reason"),),
        fields=(REASON,),
        ask="只能删除什么都还没有的批次；操作留痕中仍有记录。",
    ),
)
_ONE_DOMAIN = Field(name="domain", title="检查域", kind="select", of="domains")
_WHERE = (OF_UNIT, part_of("domain", "--domain"))
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
        parts=(OF_UNIT,),
        fields=(ANY_UNIT,),
    ),
    Action(
        name="leads_import",
        title="导入填好的疑点清单",
        words="leads import",
        verb="lead.see",
        button="导入清单",
        period=False,
        parts=(part_of("files", kind="files"),),
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
        parts=(OF_UNIT,),
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
        parts=(part_of("files", kind="files"),),
        files=Files(title="填好的填报表", accept=_BOOK),
    ),
    Action(
        name="sheet_review",
        title="复核一个机构已提交的检查表",
        words="sheet review",
        verb="sheet.review",
        button="复核",
        parts=(OF_UNIT,),
        fields=(UNIT,),
        ask="复核该机构全部已提交、没有疑问的检查表。",
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
        parts=(part_of("sheet"), _word("{out}/检查表.xlsx")),
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
        parts=(part_of("files", kind="files"), part_of("replace", "--replace", "flag")),
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
    "reports": REPORT_ACTIONS,
    "appraisal": APPRAISAL_ACTIONS,
    "weights": (WEIGHTS,),  # pressed below the sliders of 试算
    "filings": FILING_ACTIONS,
    "checklists": _CHECKLISTS,
    "publish": _PUBLISH,
    "keep": _KEEP,
}
BY_NAME: Mapping[str, Action] = {one.name: one for several in ACTIONS.values() for one in several}

"""All commands, in the order of the work. Each loads when it is called."""

from __future__ import annotations

from xiaobao.feature_list import Command, feature_commands
from xiaobao.terminal.wording import lazy_app

COMMANDS = {
    "init": Command("workspaces:init", "prepare", "建立工作区，并发布随包检查表。"),
    "demo": Command("workspaces:demo", "prepare", "建立示例银行：数据、填报、疑点认定、批量底稿和得分表。"),
    "people": Command("people:app", "prepare", "人员：登记、导入、任职、代理、停用；权限表。"),
    "checklist": Command("checklists:app", "prepare", "检查表：校验、比较、影响、发布、换版本、Excel 往返。"),
    "checks": Command("checks:app", "prepare", "本行检查：新写、测试、列出、发布、停用。"),
    "dataset": Command("datasets:app", "data", "数据集：列出、出模板。"),
    "import": Command("datasets:import_files", "data", "导入一个数据集的文件：全部正确才入库，有错一次列全。"),
    "campaign": Command("runs:campaigns", "inspect", "检查批次：建立、改名、结束、重开、删除、列出。"),
    "sheet": Command("sheets:app", "inspect", "检查表：离线填报（Excel 往返）、确认、提交、退回、复核、审定。"),
    "questions": Command("questions:app", "inspect", "数据更新的问题：由复核人退回重填，或写明理由维持原结果。"),
    "leads": Command("leads:app", "inspect", "疑点：下发、列出、导出、导入核实与认定。"),
    "run": Command("runs:run", "inspect", "按计划运行笔记本，输入没有变化的跳过。"),
    "status": Command("runs:status", "inspect", "查看已完成、失败（原因）和未运行的底稿。"),
    "serve": Command("runs:serve", "results", "打开页面：总览、得分表、填报、疑点、整改（仅本机）。"),
    "explain": Command(
        "explaining:explain", "results", "说明一个得分怎样得出：可得多少、失多少、按哪条规则、依据什么事实。"
    ),
    "movements": Command("questions:list_movements", "results", "列出提交以后的得分变动：变动前后，因何人何事。"),
    "appeals": Command("appeals:app", "results", "申诉：机构提出、撤回，由第三人处理，列出。"),
    "veto": Command("vetoes:vetoes", "results", "一票否决：登记事件、撤销、列出。"),
    "bonus": Command("vetoes:bonuses", "results", "加减分：登记、撤销、列出评分方案加减分项中的各条。"),
    "findings": Command("leads:findings", "results", "检查发现。"),
    "actions": Command("leads:actions", "results", "整改措施。"),
    "report": Command(
        "reports:report", "papers", "出具自查、考核、投诉、半年、年度、自评估报告（Word）或汇总（Excel）。"
    ),
    "verify": Command("workspaces:verify", "keep", "核对操作留痕、数据、佐证材料、底稿和报告是否被改动。"),
    "scan": Command("scanning:scan", "keep", "查找工作区里的个人信息：数据库、数据、底稿、报告、文件名、日志。"),
    "backup": Command("workspaces:backup", "keep", "备份整个工作区到一个文件（化名密钥另存）。"),
    "restore": Command("workspaces:restore", "keep", "把备份还原到一个新文件夹，并核对。"),
}

app = lazy_app(
    {
        **{name: one._replace(target=f"xiaobao.cli.{one.target}") for name, one in COMMANDS.items()},
        **feature_commands(),
    },
    name="xiaobao",
    help="消保自查工作台：检查表、数据检查、疑点、评分、底稿、得分表。",
    pretty_exceptions_enable=False,
)

"""What can be pressed at the desk once there are results: reports, the appraisal, what is filed with the regulator."""

from __future__ import annotations

from xiaobao import labels
from xiaobao.feature_list import named
from xiaobao.features.desk.action import ANY_UNIT, OF_UNIT, REASON, UNIT, Action, Field, Files, part_of

_KIND = Field(name="kind", title="报送种类", kind="select", of="filings", need=True)
_FILED = Field(name="filed", title="报送期间", hint="如 2026-06、2026Q2", need=True)
_REPORT_KINDS = (
    ("summary", "全部机构汇总（Excel）"),
    ("inspection", "一个机构的自查报告"),
    *((kind, labels.REPORTS[kind]) for kind in named("reports")),
)
REPORT_ACTIONS = (
    Action(
        name="report",
        title="出具报告",
        words="report",
        verb="result.see",
        button="出具",
        main=True,
        parts=(part_of("kind"), OF_UNIT, part_of("draft", "--draft", "flag"), part_of("files", "--text", "files")),
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
        parts=(part_of("files", kind="files"),),
        files=Files(title="报告初稿", accept=".docx"),
    ),
)
_FIGURES = Files(title="考核数据（CSV，首列机构号；没有则按得分和报送测算）", accept=".csv", need=False)
APPRAISAL_ACTIONS = (
    Action(
        name="appraisal_compute",
        title="测算（不保存）",
        words="appraisal compute",
        verb="appraisal.make",
        button="测算",
        parts=(part_of("files", "--figures", "files"),),
        files=_FIGURES,
        main=True,
    ),
    Action(
        name="appraisal_publish",
        title="公示",
        words="appraisal publish",
        verb="appraisal.make",
        button="公示",
        parts=(part_of("files", "--figures", "files"),),
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
        parts=(OF_UNIT, part_of("grounds", "--grounds")),
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
            OF_UNIT,
            part_of("reason", "--reason"),
            part_of("accept", "--accept", "flag"),
            part_of("reject", "--reject", "flag"),
            part_of("files", "--figures", "files"),
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
            OF_UNIT,
            part_of("points", "--points"),
            part_of("reason", "--reason"),
            part_of("day", "--day"),
            part_of("evidence", "--evidence", "many"),
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
WEIGHTS = Action(
    name="weights_draft",
    title="把这组权重写成草稿",
    words="what-if",
    verb="checklist.publish",
    button="写成草稿",
    parts=(part_of("weight", "--weight", "many"), part_of("draft", "--draft")),
    fields=(Field(name="weight", title="权重的改动", need=True), Field(name="draft", title="新版本号", need=True)),
)
FILING_ACTIONS = (
    Action(
        name="filing_issue",
        title="下发报送",
        words="filings issue",
        verb="filing.issue",
        button="下发",
        period=False,
        main=True,
        parts=(part_of("kind"), part_of("filed", "--period"), OF_UNIT, part_of("due", "--due")),
        fields=(_KIND, _FILED, ANY_UNIT, Field(name="due", title="期限（不填按日历）", kind="date")),
    ),
    Action(
        name="filing_remind",
        title="催报",
        words="filings remind",
        verb="filing.remind",
        button="催报",
        period=False,
        parts=(part_of("kind"), part_of("filed", "--period"), part_of("late", "--late", "flag")),
        fields=(_KIND, _FILED, Field(name="late", title="只催已逾期的", kind="check")),
    ),
    Action(
        name="filing_accept",
        title="确认报送",
        words="filings accept",
        verb="filing.accept",
        button="确认",
        period=False,
        parts=(part_of("kind"), part_of("filed", "--period"), OF_UNIT),
        fields=(_KIND, _FILED, UNIT),
    ),
    Action(
        name="filing_return",
        title="退回报送",
        words="filings return",
        verb="filing.return",
        button="退回",
        period=False,
        parts=(part_of("kind"), part_of("filed", "--period"), OF_UNIT, part_of("reason", "--reason")),
        fields=(_KIND, _FILED, UNIT, REASON),
    ),
    Action(
        name="filing_merge",
        title="汇总（Excel）",
        words="filings merge --excel -o {out}/报送汇总.xlsx",
        verb="filing.merge",
        button="汇总",
        period=False,
        parts=(part_of("kind"), part_of("filed", "--period")),
        fields=(_KIND, _FILED),
    ),
)

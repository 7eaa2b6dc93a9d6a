"""`xiaobao registers`: what the registers say of a period, and the alarms: clusters of complaints, late reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xiaobao.errors import Fault, UsageError
from xiaobao.features.registers.entered import entered_register
from xiaobao.features.registers.entering import amend_row, enter_row, register_lines, withdraw_row
from xiaobao.features.registers.lacking import lacking_words, lacks, without_lacking
from xiaobao.features.registers.reading import read_clusters, read_registers
from xiaobao.model import to_plain
from xiaobao.numbers import show
from xiaobao.terminal.output import JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper

if TYPE_CHECKING:
    from xiaobao.datasets.shape import Dataset
    from xiaobao.features.registers.entering import RegisterLine
    from xiaobao.features.registers.events import ComplaintCluster
    from xiaobao.features.registers.figures import RegisterFigures

app = ChineseTyper()


RegisterArgument = Annotated[str, typer.Argument(help="登记簿，如 重大事件、工作计划、培训")]
KeyArgument = Annotated[str, typer.Argument(help="编号，如事件编号")]
CellsOption = Annotated[list[str] | None, typer.Option("--set", help="列=值，可多次给出；值空着为清空这一格")]
ReasonOption = Annotated[str, typer.Option("--reason", help="原因")]


@app.command("show", help="列出一个期间各登记簿的主要数字；没有导入的列为无数据。--register 列出一个登记簿的行。")
def show_figures(
    period: PeriodOption,
    register: Annotated[str, typer.Option("--register", help="登记簿，如 重大事件")] = "",
    unit: Annotated[str, typer.Option("--unit", help="只列这个机构的行")] = "",
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    if register:
        lines = register_lines(wb, register, period, unit)
        spec = entered_register(register)
        out([to_plain(line) for line in lines], as_json, lambda: _print_lines(spec, lines))
        return
    wb.look("register.see")
    found = read_registers(wb, period)

    def show() -> None:
        rows = [(title, name, value) for title, name, value in main_figures(found)]
        print_table(f"{found.period} 登记簿（截至 {found.as_of}）", ("登记簿", "指标", "数值"), rows, right=("数值",))
        if found.missing:
            say("无数据：" + "、".join(found.missing))
        if words := lacking_words(found):
            say("没有提供下列列，用到它们的数字为无数据：" + "；".join(words))

    out(without_lacking(found, to_plain(found)), as_json, show)


@app.command("enter", help="登记一行：重大事件、工作计划、培训、宣传活动、消保审查、合作机构、意见建议。")
def enter(
    register: RegisterArgument, period: PeriodOption, cells: CellsOption = None, reason: ReasonOption = ""
) -> None:
    row = enter_row(bench(), register, period, _cells(cells), reason)
    say(f"已登记 {entered_register(register).title} {row.key}")


@app.command("amend", help="更正一行（导入的或登记的），须写明原因；原值留痕。")
def amend(
    register: RegisterArgument, key: KeyArgument, period: PeriodOption, reason: ReasonOption, cells: CellsOption = None
) -> None:
    row = amend_row(bench(), register, period, key, _cells(cells), reason)
    say(f"已更正 {entered_register(register).title} {row.key}")


@app.command("withdraw", help="撤回登记或更正：导入的行恢复原样，没有导入过的去掉；须写明原因。")
def withdraw(register: RegisterArgument, key: KeyArgument, period: PeriodOption, reason: ReasonOption) -> None:
    row = withdraw_row(bench(), register, period, key, reason)
    say(f"已撤回 {entered_register(register).title} {row.key}" + ("，恢复为导入的内容" if row.beneath else ""))


def _cells(given: list[str] | None) -> dict[str, str]:
    """Read 列=值 pairs. Raises UsageError naming each that is none."""
    pairs = [one.partition("=") for one in given or ()]
    if wrong := [Fault("写法不对", value=name, allowed="列=值") for name, equals, _ in pairs if not equals]:
        raise UsageError(wrong)
    return {name.strip(): text for name, _, text in pairs}


def _print_lines(spec: Dataset, lines: tuple[RegisterLine, ...]) -> None:
    shown = [column for column in spec.columns if any(line.cells.get(column.name) for line in lines)]
    heads = (*(column.title for column in shown), "来源")
    rows = [(*(line.cells.get(column.name, "") for column in shown), line.source) for line in lines]
    print_table(f"{spec.title} {len(rows)} 行", heads, rows)


@app.command("alarms", help="集中投诉预警（同一产品和服务短时间内多人次投诉）和重大事件的报告时限。")
def alarms(period: PeriodOption, as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    wb.look("register.see")
    found, events = read_clusters(wb, period), read_registers(wb, period)
    lines = events.major_events.events if events.major_events else None
    plain = {
        "settings": dict(events.settings),
        "clusters": None if found is None else [to_plain(one) for one in found],
        "events": None if lines is None else [{**to_plain(line), "late": line.late} for line in lines],
    }
    out(plain, as_json, lambda: _print_alarms(found, events))


def _print_alarms(found: tuple[ComplaintCluster, ...] | None, figures: RegisterFigures) -> None:
    say(f"集中投诉预警（{figures.settings['集中投诉预警']}）：{_count(found)}")
    if found:
        rows = [(c.product, c.unit or "全行", c.first, c.last, c.people, "、".join(c.complaints[:8])) for c in found]
        print_table("", ("产品或服务", "机构", "首日", "末日", "人数", "投诉编号"), rows, right=("人数",))
    events = figures.major_events
    late = "无数据" if lacks(figures, "major_events", "late") else f"{len(events.late) if events else 0} 起"
    say(f"重大事件：{'无数据' if events is None else f'{events.total} 起，报告逾期 {late}'}")
    if events and events.events:
        heads = ("编号", "机构", "类别", "等级", "知悉时间", "报告", "期限", "实际", "")
        reports = [
            (e.number, e.unit, e.kind, e.grade, e.known_at, r.name, r.due or "未设定", r.made or "未报", _late(r.late))
            for e in events.events
            for r in e.reports
            if r.due or r.made
        ]
        print_table("", heads, reports)
    for name, value in figures.settings.items():
        say(f"  {name}：{value}")


def _count(found: tuple[ComplaintCluster, ...] | None) -> str:
    return "没有投诉台账，无数据" if found is None else f"{len(found)} 起"


def _late(late: bool | None) -> str:
    return {True: "逾期", False: "按期", None: ""}[late]


def main_figures(found: RegisterFigures) -> Iterator[tuple[str, str, str]]:
    """Yield (register, name, value) of the figures that one looks at first; nothing of a register without data."""
    for title, names in _MAIN.items():
        figures = getattr(found, _FIELDS[title])
        for name, path in names.items() if figures is not None else ():
            field = path.removesuffix("%")
            part = ("training_roster", field.removeprefix("roster.")) if field.startswith("roster.") else None
            unknown = lacks(found, *(part or (_FIELDS[title], field)))
            yield title, name, "无数据" if unknown else _text(figures, path)


def _text(figures: Any, path: str) -> str:
    for part in path.removesuffix("%").split(".") if path else ():
        figures = getattr(figures, part) if figures is not None else None
    if isinstance(figures, tuple):
        return str(len(figures))
    return show(figures) + ("%" if path.endswith("%") and figures is not None else "")


_FIELDS = {
    "制度": "policies",
    "会议": "meetings",
    "消保岗位": "posts",
    "经费": "budget",
    "消保审查": "reviews",
    "培训": "training",
    "宣传活动": "education",
    "调解": "mediation",
    "问卷": "surveys",
    "神秘人": "mystery_visits",
    "合作机构": "partners",
    "重大事件": "major_events",
    "意见建议": "suggestions",
    "舆情": "public_opinion",
    "案例分析": "case_analyses",
    "工作计划": "work_plan",
}
_MAIN = {
    "制度": {"期末有效": "in_force", "本期订立、修订或废止": "issued"},
    "会议": {"次数": "total", "消保议题": "topics", "未落实": "open"},
    "消保岗位": {"人数": "people", "机构覆盖率": "coverage%"},
    "经费": {"预算（万元）": "total.planned", "支出（万元）": "total.spent", "执行率": "rate%"},
    "消保审查": {"件数": "total", "意见采纳率": "adoption%", "早于审查意见上线": "early", "下架": "delisted"},
    "培训": {"场次": "sessions", "参训人次": "roster.attended", "测试合格率": "roster.pass_rate%", "加训场次": "extra"},
    "宣传活动": {"场次": "times", "现场受众人次": "people", "线上触达人次": "online_reach", "含产品营销": "with_ads"},
    "调解": {"件数": "total", "争议金额（万元）": "amount", "达成协议率": "success%"},
    "问卷": {"问卷数": ""},
    "神秘人": {"暗访次数": "visits", "得分率": "rate%", "异议项": "disputed"},
    "合作机构": {"在册": "in_force", "评价不合格仍在册": "unfit", "协议已到期": "expired"},
    "重大事件": {"事件": "total", "报告逾期": "late", "演练": "drills"},
    "意见建议": {"件数": "total", "已答复": "answered", "采纳": "adopted"},
    "舆情": {"件数": "total", "负面未平息": "open"},
    "案例分析": {"篇数": "total"},
    "工作计划": {"任务": "total", "到期任务完成率": "rate%", "已完成而无佐证": "without_evidence"},
}

"""`xiaobao visit`: 检查项目 from the annual plan to the papers; coverage and what is known of a unit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.features.visits.dossier import dossier
from xiaobao.features.visits.issuing import publish_visit_paper
from xiaobao.features.visits.plan_coverage import DUE, plan_coverage
from xiaobao.features.visits.seeing import visit_of, visits
from xiaobao.features.visits.verbs import (
    NATURES,
    Planned,
    add_matter,
    ask_for,
    cancel_visit,
    change_visit,
    close_visit,
    enter_visit,
    give_opinion,
    matters_from_findings,
    names_of,
    plan_visit,
    return_scan,
)
from xiaobao.features.visits.view import dossier as dossier_view
from xiaobao.features.visits.visit import MODES, PAPERS, VISIT_KINDS, VISIT_STATES, Matter, RequestRow, Visit
from xiaobao.model import to_plain
from xiaobao.terminal.output import JsonOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper

app = ChineseTyper()
NumberArgument = Annotated[str, typer.Argument(help="检查项目编号，见 visit list")]
_DAYS = ["%Y-%m-%d"]
DayOption = Annotated[datetime | None, typer.Option("--day", formats=_DAYS, help="日期，默认今天")]
Kind = Annotated[
    str | None, typer.Option("--kind", help=f"种类：{'、'.join(f'{c}（{t}）' for c, t in VISIT_KINDS.items())}")
]
Mode = Annotated[str | None, typer.Option("--mode", help=f"方式：{'、'.join(f'{c}（{t}）' for c, t in MODES.items())}")]
Business = Annotated[str | None, typer.Option("--period", help="业务期间，如 2026H1")]
Starts = Annotated[datetime | None, typer.Option("--from", formats=_DAYS, help="计划进场日期")]
Ends = Annotated[datetime | None, typer.Option("--to", formats=_DAYS, help="计划结束日期")]
Leader = Annotated[str | None, typer.Option("--leader", help="组长（登录名或姓名）")]
Inspectors = Annotated[list[str] | None, typer.Option("--inspector", help="检查人员，可多次，至少两人")]
Outlets = Annotated[list[str] | None, typer.Option("--outlet", help="抽查网点的机构号，可多次")]
Domains = Annotated[list[str] | None, typer.Option("--domain", help="检查域，可多次")]
CampaignName = Annotated[str | None, typer.Option("--campaign", help="对应的检查批次名称")]
Background = Annotated[str | None, typer.Option("--background", help="检查背景")]
Basis = Annotated[str | None, typer.Option("--basis", help="检查依据")]
Method = Annotated[str | None, typer.Option("--method", help="检查方法")]
Timetable = Annotated[str | None, typer.Option("--timetable", help="时间安排")]
Contact = Annotated[str | None, typer.Option("--contact", help="联系方式")]
Requirements = Annotated[str | None, typer.Option("--requirements", help="整改要求")]


def day_of(given: datetime | None) -> date | None:
    """Return the day of an option: typer reads dates as midnight."""
    return given.date() if given else None


@app.command("new", help="列入年度检查计划：机构、种类、方式、日期、组长、检查人员、网点、检查域。")
def new(
    unit: Annotated[str, typer.Option("--unit", help="被检查机构号")],
    year: Annotated[int | None, typer.Option(min=2000, max=2100, help="计划年度，默认今年")] = None,
    kind: Kind = None,
    mode: Mode = None,
    period: Business = None,
    starts: Starts = None,
    ends: Ends = None,
    leader: Leader = None,
    inspector: Inspectors = None,
    outlet: Outlets = None,
    domain: Domains = None,
    campaign: CampaignName = None,
    background: Background = None,
    basis: Basis = None,
    method: Method = None,
    timetable: Timetable = None,
    contact: Contact = None,
    requirements: Requirements = None,
) -> None:
    wb = bench()
    said = Planned(
        kind=kind,
        mode=mode,
        period=period,
        starts=day_of(starts),
        ends=day_of(ends),
        leader=leader,
        inspectors=inspector,
        outlets=outlet,
        domains=domain,
        campaign=campaign,
        background=background,
        basis=basis,
        method=method,
        timetable=timetable,
        contact=contact,
        requirements=requirements,
    )
    made = plan_visit(wb, unit, year or wb.today.year, said)
    say(f"已列入计划 {made.number}：{made.unit} {VISIT_KINDS[made.kind]}（{MODES[made.mode]}）")


@app.command("change", help="改动计划中的内容；写了的才改。")
def change(
    number: NumberArgument,
    kind: Kind = None,
    mode: Mode = None,
    period: Business = None,
    starts: Starts = None,
    ends: Ends = None,
    leader: Leader = None,
    inspector: Inspectors = None,
    outlet: Outlets = None,
    domain: Domains = None,
    campaign: CampaignName = None,
    background: Background = None,
    basis: Basis = None,
    method: Method = None,
    timetable: Timetable = None,
    contact: Contact = None,
    requirements: Requirements = None,
) -> None:
    said = Planned(
        kind=kind,
        mode=mode,
        period=period,
        starts=day_of(starts),
        ends=day_of(ends),
        leader=leader,
        inspectors=inspector,
        outlets=outlet,
        domains=domain,
        campaign=campaign,
        background=background,
        basis=basis,
        method=method,
        timetable=timetable,
        contact=contact,
        requirements=requirements,
    )
    change_visit(bench(), number, said)
    say(f"已改动 {number}")


@app.command("enter", help="进场；突击检查从此对被检查机构可见。")
def enter(number: NumberArgument, day: DayOption = None) -> None:
    made = enter_visit(bench(), number, day_of(day))
    say(f"{number} 已于 {made.entered_on} 进场")


@app.command("close", help="结束，写明检查总体情况。")
def close(
    number: NumberArgument, summary: Annotated[str, typer.Option("--summary", help="总体情况")], day: DayOption = None
) -> None:
    made = close_visit(bench(), number, summary, day_of(day))
    say(f"{number} 已于 {made.closed_on} 结束，问题 {len(made.matters)} 个")


@app.command("cancel", help="取消还没有进场的检查项目，须写明原因。")
def cancel(number: NumberArgument, reason: Annotated[str, typer.Option("--reason", help="原因")]) -> None:
    cancel_visit(bench(), number, reason)
    say(f"已取消 {number}")


@app.command("matter", help="登记查出的问题（一事一条）；--from-findings 从对应批次的检查发现带入。")
def matter(
    number: NumberArgument,
    title: Annotated[str, typer.Option("--title", help="事项")] = "",
    facts: Annotated[str, typer.Option("--facts", help="事实")] = "",
    basis: Annotated[str, typer.Option("--basis", help="依据")] = "",
    nature: Annotated[str, typer.Option("--nature", help=f"定性：{'、'.join(NATURES)}")] = "irregularity",
    procedure: Annotated[str, typer.Option("--procedure", help="检查程序")] = "",
    count: Annotated[int | None, typer.Option("--count", help="笔数")] = None,
    amount: Annotated[str | None, typer.Option("--amount", help="金额（元）")] = None,
    evidence: Annotated[list[str] | None, typer.Option("--evidence", help="证据材料，可多次")] = None,
    file: Annotated[list[Path] | None, typer.Option("--file", help="佐证文件，可多次；存入佐证材料并注明摘要")] = None,
    requirement: Annotated[str, typer.Option("--requirement", help="整改要求")] = "",
    due: Annotated[datetime | None, typer.Option("--due", formats=_DAYS, help="整改期限")] = None,
    from_findings: Annotated[bool, typer.Option("--from-findings", help="带入对应批次的检查发现")] = False,
) -> None:
    wb = bench()
    if from_findings:
        say(f"已带入 {matters_from_findings(wb, number)} 个问题")
        return
    made = add_matter(
        wb,
        number,
        Matter(
            number="",
            title=title,
            facts=facts,
            basis=basis,
            nature=nature,
            procedure=procedure,
            count=count,
            amount=_amount(amount),
            evidence=tuple(evidence or ()),
            requirement=requirement,
            due=day_of(due),
        ),
        [(path.name, _content(path)) for path in file or ()],
    )
    say(f"已登记问题 {made.matters[-1].number}：{made.matters[-1].title}")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(Fault("文件无法读取", file=path.name)) from error


def _amount(text: str | None) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text.replace(",", ""))
    except ArithmeticError:
        raise InputError(Fault("金额不是数字", column="金额", value=text)) from None


@app.command("request", help="调阅：写一条，或用 --list 从表格（列：调阅材料、所属期间、保管人）带入。")
def request(
    number: NumberArgument,
    item: Annotated[str, typer.Argument(help="调阅的材料")] = "",
    period: Annotated[str, typer.Option("--period", help="所属期间")] = "",
    owner: Annotated[str, typer.Option("--owner", help="保管人")] = "",
    file: Annotated[Path | None, typer.Option("--list", help="清单（.xlsx）")] = None,
) -> None:
    rows = read_requests(file) if file else [RequestRow(item=item, period=period, owner=owner)]
    made = ask_for(bench(), number, rows)
    say(f"已调阅 {len(rows)} 项，共 {len(made.requests)} 项")


@app.command("paper", help=f"出具文书（Word）：{'、'.join(f'{code}（{title}）' for code, title in PAPERS.items())}。")
def paper(
    number: NumberArgument,
    kind: Annotated[str, typer.Argument(help="文书种类")],
    about: Annotated[str, typer.Option("--matter", help="问题序号，检查底稿一事一稿")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="输出文件")] = None,
) -> None:
    say(f"已生成 {publish_visit_paper(bench(), number, kind, about, output)}")


@app.command("opinion", help="填写被检查单位对文书的意见：--agree 同意，或写明理由。")
def opinion(
    number: NumberArgument,
    document: Annotated[str, typer.Argument(help="文号，或文书种类（取最近一份）")],
    agree: Annotated[bool, typer.Option("--agree/--disagree", help="同意、不同意")] = True,
    text: Annotated[str, typer.Option("--text", help="意见")] = "",
) -> None:
    give_opinion(bench(), number, document, agree, text)
    say("已填写意见：" + ("同意" if agree else "不同意"))


@app.command("scan", help="交回签字盖章的扫描件，与出具的文书按摘要对应。")
def scan(
    number: NumberArgument,
    document: Annotated[str, typer.Argument(help="文号，或文书种类（取最近一份）")],
    file: Annotated[Path, typer.Argument(help="扫描件（PDF、PNG、JPG）")],
) -> None:
    return_scan(bench(), number, document, file)
    say("已交回签字件")


@app.command("list", help="列出检查项目；进场前的突击检查只对可以知道的人列出。")
def list_visits(
    year: Annotated[int | None, typer.Option(help="计划年度，默认全部")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="机构号")] = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    found = visits(wb, str(year) if year else None, unit)
    names = names_of(wb, [login for one in found for login in one.team])
    heads = ("编号", "机构", "种类", "方式", "计划", "进场", "结束", "组长", "检查人员", "问题", "文书", "状态")
    rows = [_cells(one, names) for one in found]
    out([to_plain(one) for one in found], as_json, lambda: print_table(f"检查项目 {len(found)} 个", heads, rows))


def _cells(one: Visit, names: dict[str, str]) -> tuple[object, ...]:
    return (
        one.number,
        one.unit,
        VISIT_KINDS[one.kind],
        MODES[one.mode],
        one.starts or "",
        one.entered_on or "",
        one.closed_on or "",
        names.get(one.leader, one.leader),
        "、".join(names.get(login, login) for login in one.inspectors),
        len(one.matters) or "",
        len(one.papers) or "",
        VISIT_STATES[one.state],
    )


@app.command("show", help="显示一个检查项目：问题、文书、意见、签字件。")
def show(number: NumberArgument, as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    visit = visit_of(wb, number)

    def show_visit() -> None:
        names = names_of(wb, visit.team)
        print_table(f"检查项目 {number}", ("编号", "机构", "种类", "方式", "状态"), [
            (number, visit.unit, VISIT_KINDS[visit.kind], MODES[visit.mode], VISIT_STATES[visit.state])
        ])  # fmt: skip
        say("检查组：" + "、".join(names.get(one, one) for one in visit.team))
        problems = [(one.number, one.title, NATURES[one.nature], one.facts) for one in visit.matters]
        print_table(f"问题 {len(problems)} 个", ("序号", "事项", "定性", "事实"), problems)
        papers = [
            (
                one.number,
                PAPERS[one.kind],
                one.day,
                _opinion(one.agreed, one.opinion),
                len(one.scans) or "未交回",
                one.path,
            )
            for one in visit.papers
        ]
        print_table(f"文书 {len(papers)} 份", ("文号", "文书", "日期", "单位意见", "签字件", "文件"), papers)

    out(to_plain(visit), as_json, show_visit)


def _opinion(agreed: bool | None, text: str) -> str:
    if agreed is None:
        return ""
    return ("同意" if agreed else "不同意") + (f"：{text}" if text else "")


@app.command("coverage", help="年度检查计划覆盖：各机构上次何时因何被检查，何时到期。")
def show_coverage(
    year: Annotated[int | None, typer.Option(help="年度，默认今年")] = None, as_json: JsonOption = False
) -> None:
    found = plan_coverage(bench(read_only=True), year)
    rows = [
        (
            f"{row.unit} {row.unit_name}",
            row.last.entered_on if row.last else "",
            VISIT_KINDS[row.last.kind] if row.last else "",
            row.due or "",
            (row.planned.starts or row.planned.number) if row.planned else "",
            DUE[row.state],
        )
        for row in found.rows
    ]
    heads = ("机构", "上次进场", "种类", "下次到期", "已安排", "状态")
    out(to_plain(found), as_json, lambda: print_table(found.sentence(), heads, rows))


@app.command("dossier", help="机构检查档案：历次得分、检查发现、屡查屡犯、疑点、投诉、整改、检查项目。")
def show_dossier(unit: Annotated[str, typer.Argument(help="机构号")], as_json: JsonOption = False) -> None:
    found = dossier(bench(read_only=True), unit)
    out(to_plain(found), as_json, lambda: say(repr(dossier_view(found))))


_ROWS = 2_000
_HEADS = {"调阅材料": "item", "所属期间": "period", "保管人": "owner"}


def read_requests(path: Path) -> tuple[RequestRow, ...]:
    """Return the lines. Raises InputError where the head is missing or a line does not say what is asked for."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    lines = [line for sheet in read_workbook(path, _ROWS).sheets[:1] for line in sheet.rows]
    at = next((place for place, (_, cells) in enumerate(lines) if "调阅材料" in cells), None)
    if at is None:
        raise InputError(Fault("找不到表头", file=path.name, allowed="、".join(_HEADS)))
    heads = lines[at][1]
    rows, faults = [], []
    for number, cells in lines[at + 1 :]:
        found = {_HEADS[head]: cell.strip() for head, cell in zip(heads, cells, strict=False) if head in _HEADS}
        if not any(found.values()):
            continue
        if not found.get("item"):
            faults.append(Fault("没有写调阅的材料", file=path.name, row=number, column="调阅材料"))
        rows.append(RequestRow(**found))
    if faults:
        raise InputError(faults)
    return tuple(rows)

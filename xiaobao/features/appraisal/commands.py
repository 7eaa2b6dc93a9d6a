"""`xiaobao what-if` and `appraisal`: try other weights, appraise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao.errors import Fault, UsageError
from xiaobao.features.appraisal import verbs as appraising
from xiaobao.features.appraisal.entries import add_entry as enter
from xiaobao.features.appraisal.entries import withdraw_entry as withdraw
from xiaobao.features.appraisal.sources import inspected_campaign, with_filings, with_inspection
from xiaobao.features.appraisal.trying_weights import draft_weights, try_weights
from xiaobao.features.appraisal.verbs import APPRAISAL_STATES, appraisal_scheme, read_appraisal_figures
from xiaobao.model import PoolEntry, to_plain
from xiaobao.numbers import show
from xiaobao.scoring.coverage import value_words
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xiaobao.features.appraisal.appraising import AppraisalFigures
    from xiaobao.features.appraisal.verbs import Appraisal, Entry
    from xiaobao.model import Score
    from xiaobao.workbench.workspace import Workbench

app = ChineseTyper()
entries = ChineseTyper(help="加减分：登记、撤销、列出。")
app.add_typer(entries, name="entry")
FiguresOption = Annotated[Path | None, typer.Option("--figures", help="考核数据（CSV，首列机构号）")]
SchemeOption = Annotated[str, typer.Option("--scheme", help="考核方案编号")]
UnitOption = Annotated[str, typer.Option("--unit", help="机构号")]
_SCHEME = "appraisal-2026"


def what_if(
    period: PeriodOption,
    weight: Annotated[list[str], typer.Option("--weight", help="检查域=权重，或 检查域/检查项=分值；可写多次")],
    campaign: CampaignOption = None,
    every: Annotated[bool, typer.Option("--all", help="列出全部机构，不只名次或等级有变动的")] = False,
    draft: Annotated[
        str, typer.Option("--draft", help="新版本号：把这组权重写成评分方案的草稿，用 checklist publish 发布")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    wb.look("appraisal.make")
    weights = _weights(weight)
    found = try_weights(wb, wb.campaign(period, campaign), weights)
    shown = found.rows if every else found.moved
    rows = [
        (r.unit, r.shown_before, r.shown_after, r.before_rank, r.after_rank, r.before_grade, r.after_grade)
        for r in shown
    ]
    heads = ("机构", "原得分", "试算得分", "原名次（同层级）", "试算名次", "原等级", "试算等级")
    title = f"试算 {len(found.rows)} 家，名次或等级有变动的 {len(found.moved)} 家"

    def show_appraisal() -> None:
        print_table(title, heads, rows, right=heads[1:5])
        say("".join(found.notes))
        if draft:
            path = draft_weights(wb, wb.campaign(period, campaign), weights, draft)
            say(f"已写成草稿 {path.name}；看过影响以后用 xiaobao checklist publish 发布")

    out(to_plain(found), as_json, show_appraisal)


def _weights(given: Sequence[str]) -> dict[str, Decimal]:
    found, faults = {}, []
    for text in given:
        name, _, value = text.partition("=")
        try:
            found[name.strip()] = Decimal(value.strip())
        except InvalidOperation:
            faults.append(Fault("权重写法不对", value=text, allowed="检查域=权重，如 complaints=30"))
    if faults:
        raise UsageError(faults)
    return found


@app.command("compute", help="按考核数据和得分表测算，不保存。")
def compute(
    period: PeriodOption,
    figures: FiguresOption = None,
    scheme: SchemeOption = _SCHEME,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    wb.look("appraisal.make")
    given = _figures(wb, period, campaign, figures)
    scores = appraising.compute_appraisal(wb, period, scheme, given)
    behind = {one.unit: one.inspection_marks for one in given if one.inspection_marks}
    plain = {unit: to_plain(score) | {"marks": behind.get(unit, "")} for unit, score in scores.items()}
    out(plain, as_json, lambda: _scores(scores, "考核测算", behind))


def _figures(wb: Workbench, period: str, campaign: str | None, file: Path | None) -> tuple[AppraisalFigures, ...]:
    given = read_appraisal_figures(file) if file else ()
    inspected = with_inspection(wb, inspected_campaign(wb, period, campaign), given, period)
    return with_filings(wb, inspected, period)


def _scores(scores: Mapping[str, Score], title: str, behind: Mapping[str, str]) -> None:
    rows = [
        (
            unit,
            value_words(score) + (behind.get(unit, "") if score.value is not None else ""),
            score.grade,
            "暂定" if score.provisional and score.value is not None else "",
        )
        for unit, score in scores.items()
    ]
    print_table(f"{title} {len(rows)} 家", ("机构", "得分", "等级", ""), rows, right=("得分",))


@app.command("publish", help="公示考核结果，申诉期开始。")
def publish(
    period: PeriodOption, figures: FiguresOption = None, scheme: SchemeOption = _SCHEME, campaign: CampaignOption = None
) -> None:
    wb = bench()
    made = appraising.publish_appraisal(wb, period, scheme, _figures(wb, period, campaign, figures))
    if made.marks:
        named = "、".join(f"{unit}{words}" for unit, words in made.marks.items())
        say(f"注意：{len(made.marks)} 家的检查得分有保留，已随公示写明：{named}")
    say(f"已公示 {len(made.scores)} 家，申诉截止 {made.appeals_until}")


@app.command("appeal", help="登记一家机构的申诉。")
def appeal(
    period: PeriodOption,
    unit: UnitOption,
    grounds: Annotated[str, typer.Option("--grounds", help="申诉理由")],
    evidence: Annotated[list[str] | None, typer.Option("--evidence", help="佐证材料名称，可写多次")] = None,
    files: Annotated[list[Path] | None, typer.Option("--file", help="佐证材料文件，可多次给出")] = None,
) -> None:
    given = [(path.name, _bytes(path)) for path in files or ()]
    appraising.appeal(bench(), period, unit, grounds, evidence or (), given)
    say(f"已登记 {unit} 的申诉")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(Fault("文件打不开", file=path.name)) from error


@app.command("decide", help="处理申诉：成立须给出更正后的考核数据。")
def decide(
    period: PeriodOption,
    unit: UnitOption,
    reason: Annotated[str, typer.Option("--reason", help="处理理由")],
    accept: Annotated[bool, typer.Option("--accept/--reject", help="申诉是否成立")],
    figures: FiguresOption = None,
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    given = _figures(wb, period, campaign, figures) if figures else ()
    mine = next((one for one in given if one.unit == unit), None)
    made = appraising.decide_appeal(wb, period, unit, accept, reason, mine)

    say(f"申诉{'成立' if accept else '不成立'}；{unit} 得分 {value_words(made.scores[unit])}")


@app.command("finalise", help="定稿：公示期满且申诉都已处理。")
def finalise(period: PeriodOption) -> None:
    say(f"{appraising.finalise(bench(), period).period} 的考核已定稿")


@app.command("show", help="查看考核现在的结果、状态和申诉。")
def show_appraisal(period: PeriodOption, as_json: JsonOption = False) -> None:
    found = appraising.find_seen(bench(read_only=True), period)

    def show_weights() -> None:
        if found is None:
            say(f"{period} 的考核还没有公示，也没有登记加减分")
        else:
            _say_appraisal(found)

    out(to_plain(found) if found else None, as_json, show_weights)


def _say_appraisal(found: Appraisal) -> None:
    until = f"，申诉截止 {found.appeals_until}" if found.appeals_until else ""
    _scores(found.scores, f"{found.period} 考核（{APPRAISAL_STATES[found.state]}{until}）", found.marks)
    if found.entries:
        _entries(found.entries)
    decided = {None: "待处理", True: "成立", False: "不成立"}
    rows = [(one.unit, one.grounds, decided[one.accepted], one.reason) for one in found.appeals]
    if rows:
        print_table("申诉", ("机构", "理由", "处理", "处理理由"), rows)


def _entries(entries: Sequence[Entry]) -> None:
    rows = [
        (
            one.number,
            one.unit,
            one.entry.pool,
            show(one.entry.points),
            one.entry.day,
            one.entry.what,
            "、".join(one.entry.evidence),
            one.by,
            f"已撤销：{one.withdrawn}" if one.withdrawn else "有效",
        )
        for one in entries
    ]
    heads = ("序号", "机构", "加减分项", "分数", "日期", "事由", "佐证材料", "登记人", "状态")
    print_table(f"加减分 {len(rows)} 条", heads, rows, right=("分数",))


@entries.command("add", help="登记一条加分或减分，须有日期、事由和佐证材料；定稿以后不能再改。")
def add_entry(
    period: PeriodOption,
    unit: UnitOption,
    points: Annotated[str, typer.Option("--points", help="分数，加分写正数，减分写负数，如 2 或 -1.5")],
    reason: Annotated[str, typer.Option("--reason", help="事由")],
    day: Annotated[str, typer.Option("--day", help="事由发生的日期，如 2026-03-01")],
    evidence: Annotated[list[str], typer.Option("--evidence", help="佐证材料名称，可写多次")],
    pool: Annotated[str, typer.Option("--pool", help="加减分项编号；方案只有一项时可不写")] = "",
    fact: Annotated[str, typer.Option("--fact", help="同一件事的编号：登记多条时只计最重的一条")] = "",
    scheme: SchemeOption = _SCHEME,
) -> None:
    wb = bench()
    try:
        value, happened = Decimal(points.strip()), date.fromisoformat(day)
    except (InvalidOperation, ValueError):
        raise UsageError(Fault("分数或日期写法不对", value=f"{points} {day}", allowed="如 -1.5、2026-03-01")) from None
    known = [one.id for one in appraisal_scheme(wb, scheme).pools]
    chosen = pool or (known[0] if len(known) == 1 else "")
    made = enter(
        wb,
        period,
        scheme,
        unit,
        PoolEntry(
            pool=chosen, points=value, what=reason.strip(), day=happened, evidence=tuple(evidence), fact=fact.strip()
        ),
    )
    score = f"；{unit} 得分 {value_words(made.scores[unit])}" if unit in made.scores else ""
    say(f"已登记第 {made.entries[-1].number} 条{score}")


@entries.command("withdraw", help="撤销一条加减分，须写明原因；原记录保留。")
def withdraw_entry(
    period: PeriodOption,
    number: Annotated[int, typer.Option("--number", help="序号，见 appraisal entry list")],
    reason: Annotated[str, typer.Option("--reason", help="撤销原因")],
) -> None:
    withdraw(bench(), period, number, reason)
    say(f"已撤销第 {number} 条")


@entries.command("list", help="列出一期考核的全部加减分，已撤销的也在内。")
def list_entries(period: PeriodOption, as_json: JsonOption = False) -> None:
    found = appraising.find_seen(bench(read_only=True), period)
    listed = found.entries if found else ()
    out([to_plain(one) for one in listed], as_json, lambda: _entries(listed))

"""`xiaobao filings`: 报送 from the calendar to the merge."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao import labels
from xiaobao.errors import Fault, InputError
from xiaobao.features.filings.filed_numbers import write_number_sheet
from xiaobao.features.filings.issuing import publish_merged
from xiaobao.features.filings.verbs import (
    accept_filing,
    calendar_of,
    file_filing,
    filing_kind,
    filing_rows,
    issue_filings,
    merge_filings,
    remind_filings,
    return_filing,
)
from xiaobao.model import to_plain
from xiaobao.terminal.output import JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.seeing import only_seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xiaobao.features.filings.verbs import FilingRow

app = ChineseTyper()
KindArgument = Annotated[str, typer.Argument(help="报送种类代码，见 filings calendar")]
UnitOption = Annotated[str, typer.Option("--unit", help="机构号")]
UnitsOption = Annotated[list[str] | None, typer.Option("--unit", help="机构号，可多次给出；不写为该种类要求的全部机构")]
DayOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="报送期限，如 2026-07-05")]
_NUMBERS = ("逾期天数", "退回", "催报")
_HEADS = ("报送", "期间", "机构", "期限", "状态", "报送日期", "逾期天数", "退回", "催报", "文件")


def day_of(given: datetime | None) -> date | None:
    """Return the day of an option: typer reads dates as midnight."""
    return given.date() if given else None


@app.command("calendar", help="报送日历：一年中各项报送的期限（均为设置项）。")
def calendar(
    year: Annotated[int | None, typer.Option(min=2000, max=2100, help="年份，默认今年")] = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    found = calendar_of(wb, year or wb.today.year)
    rows = [(line.kind, line.title, line.period, line.due) for line in found]
    out(
        [to_plain(line) for line in found],
        as_json,
        lambda: print_table("报送日历", ("代码", "报送", "期间", "期限"), rows),
    )


@app.command("issue", help="下发：要求机构报送。已下发过的机构不变。")
def issue(kind: KindArgument, period: PeriodOption, unit: UnitsOption = None, due: DayOption = None) -> None:
    made = issue_filings(bench(), kind, period, unit or (), day_of(due))
    what = f"{made[0].title}（{made[0].period}），期限 {made[0].due}" if made else "，没有新增"
    say(f"已向 {len(made)} 家机构下发{what}")


@app.command("template", help="生成报送数据表（.xlsx），机构填数后用 filings file --figures 报送。")
def template(
    kind: KindArgument, output: Annotated[Path | None, typer.Option("-o", "--output", help="输出文件")] = None
) -> None:
    wb = bench(read_only=True)
    wanted = filing_kind(wb, kind)
    if not wanted.figures:
        raise InputError(Fault(f"{wanted.title}只报文件，没有要填的指标", value=kind))
    path = output or Path(f"{wanted.title}-数据表.xlsx")
    write_number_sheet(path, wanted.title, wanted.figures, author=wb.settings.bank, day=wb.today)
    say(f"已生成 {path}")


@app.command("file", help="填报：提交报告文件和（或）数据表。")
def file(
    kind: KindArgument,
    period: PeriodOption,
    unit: UnitOption,
    document: Annotated[Path | None, typer.Option("--document", help="报告文件（PDF、DOCX、XLSX 等）")] = None,
    figures: Annotated[Path | None, typer.Option("--figures", help="填好的数据表，列：指标、数值")] = None,
    note: Annotated[str, typer.Option(help="说明")] = "",
) -> None:
    filed = file_filing(bench(), kind, period, unit, document, figures, note)
    late = f"，逾期 {days} 天" if (days := filed.late_days(filed.due)) else ""
    say(f"已填报 {filed.title} {filed.period} {filed.unit}{late}")


@app.command("return", help="退回，须写明原因；填报人和填报机构不能退回自己的报送。")
def send_back(
    kind: KindArgument,
    period: PeriodOption,
    unit: UnitOption,
    reason: Annotated[str, typer.Option(help="退回原因")],
    due: DayOption = None,
) -> None:
    returned = return_filing(bench(), kind, period, unit, reason, day_of(due))
    say(f"已退回 {returned.title} {returned.period} {returned.unit}，期限 {returned.due}")


@app.command("accept", help="确认；填报人和填报机构不能确认自己的报送。")
def accept(kind: KindArgument, period: PeriodOption, unit: UnitOption) -> None:
    accepted = accept_filing(bench(), kind, period, unit)
    say(f"已确认 {accepted.title} {accepted.period} {accepted.unit}")


@app.command("remind", help="催报：列出未报机构的催报文字，并留痕。")
def remind(
    kind: KindArgument,
    period: PeriodOption,
    unit: UnitsOption = None,
    only_late: Annotated[bool, typer.Option("--late", help="只催已逾期的")] = False,
    as_json: JsonOption = False,
) -> None:
    rows = remind_filings(bench(), kind, period, unit or (), only_late)
    plain = [{"unit": row.filing.unit, "late": row.late, "text": row.reminder()} for row in rows]
    out(plain, as_json, lambda: say("\n".join(row.reminder() for row in rows) or "没有需要催报的机构"))


@app.command("list", help="列出报送情况。")
def list_filings(
    period: Annotated[str | None, typer.Option("--period", help="报送期间，默认全部")] = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    rows = only_seen(wb, "filing.see", None, filing_rows(wb, None, period), lambda row: (row.filing.unit, ""))
    out(_plain(rows), as_json, lambda: print_table(f"报送 {len(rows)} 项", _HEADS, _cells(rows), right=_NUMBERS))


@app.command("merge", help="汇总：谁报了、何时报的、逾期几天；数字按已报机构合计。--excel 生成 Excel。")
def merge(
    kind: KindArgument,
    period: PeriodOption,
    as_json: JsonOption = False,
    excel: Annotated[bool, typer.Option("--excel", help="生成 Excel 汇总表")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Excel 汇总表的位置")] = None,
) -> None:
    if excel or output:
        path = publish_merged(bench(), kind, period, output)
        out({"file": str(path)}, as_json, lambda: say(f"已生成 {path}"))
        return
    wb = bench(read_only=True)
    wb.look("filing.merge")
    merged, rows = merge_filings(wb, kind, period)

    def show() -> None:
        counts = f"应报 {merged.asked} 家，已报 {merged.filed} 家，已确认 {merged.accepted} 家"
        print_table(f"{merged.title}（{merged.period}）：{counts}", _HEADS, _cells(rows), right=_NUMBERS)
        if merged.sums:
            sums = [(name, f"{value:f}") for name, value in merged.sums.items()]
            base = "全部已报" if merged.filed == merged.asked else f"只含已报的 {merged.filed} 家"
            print_table("合计", ("指标", "合计"), sums, right=("合计",))
            say(f"合计范围：{base}")
        elif any(row.filing.wanted for row in rows):
            say("还没有机构报数，不作合计")

    out({**to_plain(merged), "filings": _plain(rows)}, as_json, show)


def _plain(rows: Sequence[FilingRow]) -> list[dict[str, object]]:
    return [{**to_plain(row.filing), "unit_name": row.unit_name, "late_days": row.late} for row in rows]


def _cells(rows: Sequence[FilingRow]) -> list[tuple[object, ...]]:
    return [
        (
            row.filing.title,
            row.filing.period,
            f"{row.filing.unit} {row.unit_name}",
            row.filing.due,
            labels.FILING_STATES[row.filing.state],
            row.filing.first_filed_on or "",
            row.late or "",
            row.filing.returns or "",
            len(row.filing.reminders) or "",
            row.filing.document.name if row.filing.document else "",
        )
        for row in rows
    ]

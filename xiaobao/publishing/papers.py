"""Papers beside the reports: 汇总, 疑点清单, 督办单, 检查表, 报送汇总."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from xiaobao.checklist.change_note import note_head, note_rows
from xiaobao.checklist.comparing import compare as compare_versions
from xiaobao.errors import Fault, InputError, XiaobaoError
from xiaobao.features.filings.verbs import merge_filings, today_of
from xiaobao.features.today.due import due_today
from xiaobao.personal import mask
from xiaobao.publishing.inspections import folder_of
from xiaobao.publishing.issuing import Paper, compare, free, next_edition, publish, template
from xiaobao.report_figures import filing_figures
from xiaobao.word import (
    ChangeNote,
    SupervisionOrder,
    read_back,
    read_change_note,
    read_supervision,
    supervision_figures,
    write_change_note,
    write_supervision,
)
from xiaobao.workbench.inspections.offline import offline_forms, offline_items
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.opening import newest_period
from xiaobao.workbench.results.reading import findings, overview, scorecards
from xiaobao.workbench.versions.publishing import find_version
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook import (
    BatchSummary,
    expected_figures,
    read_checklist,
    read_figures,
    read_fill_sheets,
    read_leads,
    read_summary_figures,
    summary_figures,
    write_batch_summary,
    write_checklist,
    write_figures,
    write_fill_sheets,
)
from xiaobao.workbook import write_leads as write_lead_list

_ANSWER_DAYS = 5


def publish_summary(wb: Workbench, period: str, path: Path | None = None, campaign: str | None = None) -> Path:
    """Write the summary of all units (.xlsx) and record it. Raises InputError where a file lies at `path` already."""
    chosen = wb.campaign(period, campaign)
    summary = BatchSummary(
        overview=overview(wb, period, campaign),
        cards=scorecards(wb, chosen),
        leads=leads_table(wb, period, campaign=campaign),
        findings=findings(wb, chosen),
        as_of=wb.as_of(chosen.period),
        operator=str(wb.actor),
    )
    place = free(path, ".xlsx") if path else next_edition(folder_of(wb, chosen.period) / "汇总.xlsx")

    def write(target: Path) -> None:
        write_batch_summary(summary, target)
        compare(summary_figures(summary), read_summary_figures(target), place.name)

    publish(wb, Paper(write=write, path=place, what=f"汇总 {chosen.period}"))
    return place


def publish_leads(wb: Workbench, period: str, path: Path, unit: str | None = None) -> int:
    """Write the list of leads to be verified (.xlsx), record it, and return how many leads it holds."""
    campaign = wb.campaign(period)
    rows = leads_table(wb, period, unit)

    def write(target: Path) -> None:
        as_of = wb.as_of(campaign.period)
        write_lead_list(rows, target, bank=wb.settings.bank, period=campaign.period, as_of=as_of)
        compare({"疑点": len(rows)}, {"疑点": len(read_leads(target).entries)}, path.name)

    publish(wb, Paper(write=write, path=path, what=f"疑点清单 {campaign.period} {unit or '全部机构'}", fixed=False))
    return len(rows)


def publish_supervision(
    wb: Workbench, unit: str, day: date | None, answer_by: date | None, number: str, path: Path | None
) -> Path:
    """Write the order (督办单, .docx) over a unit's matters that are due or overdue, and record it.

    The answer is due after `_ANSWER_DAYS` unless a day is given. Raises InputError for an unknown unit, when nothing is
    due, or when the answer would be due before the order.
    """
    found = due_today(wb, day, unit)
    known = wb.units(newest_period(wb))
    if unit not in known:
        raise InputError(Fault("没有这个机构", value=unit))
    if not found.items:
        raise InputError(Fault(f"{found.day} 这个机构没有到期或逾期的事项", value=unit))
    until = answer_by or found.day + timedelta(days=_ANSWER_DAYS)
    if until < found.day:
        raise InputError(Fault("反馈期限早于督办日期", value=str(until), allowed=f"不早于 {found.day}"))
    name = known[unit].name
    order = SupervisionOrder(
        bank=wb.settings.bank,
        unit=unit,
        unit_name=name,
        day=found.day,
        answer_by=until,
        matters=found.items,
        number=mask(number),
    )
    place = wb.home / "reports" / "督办单" / f"{unit}-{found.day}.docx"
    chosen = free(path, ".docx") if path else next_edition(place)

    def write(target: Path) -> None:
        printed = write_supervision(order, template(wb, "supervision.docx"), target)
        if faults := read_back(target, printed):
            raise XiaobaoError(faults)
        compare(supervision_figures(order), read_supervision(target), chosen.name)

    publish(wb, Paper(write=write, path=chosen, what=f"督办单 {found.day} {unit}"))
    return chosen


def publish_change_note(wb: Workbench, old: str, new: str, path: Path) -> int:
    """Write what changed between two versions (.docx) to be signed, and return how many changes it tells.

    It is read back before it gets its name. Raises InputError where a file lies at `path` already.
    """
    found = compare_versions(find_version(wb.store, old), find_version(wb.store, new), wb.regulations)
    note = ChangeNote(bank=wb.settings.bank, head=note_head(found), rows=note_rows(found, wb.regulations))

    def write(target: Path) -> None:
        write_change_note(note, target)
        if read_change_note(target) != note.printed:
            raise XiaobaoError(Fault("写出的变更说明与比较结果不一致，文件没有生成", file=path.name))

    what = f"检查表变更说明 {found.after.id} {found.before.version} → {found.after.version}"
    publish(wb, Paper(write=write, path=free(path), what=what))
    return len(note.rows)


def publish_checklist(wb: Workbench, name: str, path: Path) -> int:
    """Write a checklist (published, or a draft) as .xlsx for review, and return how many items it holds.

    It is read back before it gets its name, so that what comes home from review can be held against it.
    """
    checklist = find_version(wb.store, name)

    def write(target: Path) -> None:
        write_checklist(checklist, target, bank=wb.settings.bank, regulations=wb.regulations)
        if read_checklist(target) != checklist:
            raise XiaobaoError(Fault("写出的检查表与原内容不一致，文件没有生成", file=path.name))

    publish(wb, Paper(write=write, path=path, what=f"检查表 {checklist.id} {checklist.version}", fixed=False))
    return len(checklist.items())


def publish_merged(wb: Workbench, kind: str, period: str, path: Path | None = None) -> Path:
    """Write the merge of a filing (.xlsx): every unit's state and indicators, and their sums. Raises InputError.

    Nothing was issued, or a file lies at `path` already.
    """
    merged, rows = merge_filings(wb, kind, period)
    figures = filing_figures(merged, [(row.filing, row.unit_name, row.late) for row in rows])
    place = free(path, ".xlsx") if path else next_edition(folder_of(wb, merged.period) / f"{merged.title}汇总.xlsx")

    def write(target: Path) -> None:
        title = f"{merged.title}汇总（{merged.period}）"
        write_figures(figures, target, title=title, author=wb.settings.bank, as_of=today_of(wb))
        compare(expected_figures(figures), read_figures(target), place.name)

    publish(wb, Paper(write=write, path=place, what=f"报送汇总 {kind} {merged.period}"))
    return place


def publish_fill_sheets(
    wb: Workbench, unit: str, period: str, path: Path, domains: Sequence[str] = (), campaign: str | None = None
) -> int:
    """Write a unit's sheets to be filled offline (.xlsx), and return how many items they ask.

    They are read back before the file gets its name: what is filled must come home. Raises InputError as
    `offline_forms` does, and where a file lies at `path`, since somebody may have filled it.
    """
    forms = offline_forms(wb, unit, period, domains, campaign)
    asked = sum(len(offline_items(form)) for form in forms)

    def write(target: Path) -> None:
        write_fill_sheets(forms, target, bank=wb.settings.bank, as_of=today_of(wb))
        found = [row.item_id for sheet in read_fill_sheets(target) for row in sheet.rows]
        if found != [entry.item.id for form in forms for entry in offline_items(form)]:
            raise XiaobaoError(Fault("写出的填报表与检查表不一致，文件没有生成", file=path.name))

    publish(wb, Paper(write=write, path=free(path, ".xlsx"), what=f"填报表 {forms[0].period.code} {unit}", fixed=False))
    return asked

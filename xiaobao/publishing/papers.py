"""Papers of an inspection: 自查报告, 汇总, 疑点清单, 督办单, 检查表."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from xiaobao.errors import Fault, InputError, XiaobaoError
from xiaobao.model import Period
from xiaobao.publishing.issuing import compare, publish, template
from xiaobao.word import (
    ReportContext,
    SupervisionOrder,
    read_report_figures,
    read_supervision,
    scorecard_figures,
    supervision_figures,
    write_inspection_report,
    write_supervision,
)
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.opening import newest_period
from xiaobao.workbench.publishing_checklists import find_version
from xiaobao.workbench.reading import findings, overview, scorecard, scorecards, work_papers
from xiaobao.workbench.today import due_today
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook import (
    BatchSummary,
    read_checklist,
    read_leads,
    read_summary_figures,
    summary_figures,
    write_batch_summary,
    write_checklist,
)
from xiaobao.workbook import write_leads as write_lead_list

_ANSWER_DAYS = 5


def publish_inspection(wb: Workbench, unit: str, period: str, path: Path) -> Path:
    """Write one unit's inspection report (.docx) and record it."""
    campaign = wb.campaign(period)
    card = scorecard(wb, unit, period)
    context = ReportContext(
        wb.settings.bank,
        Period.parse(campaign.period),
        wb.as_of(campaign.period),
        card,
        work_papers(wb, unit, period, [domain.domain for domain in card.domains]),
        leads_table(wb, period, unit),
        tuple(wb.store.actions(campaign.id, unit)),
    )

    def write(target: Path) -> None:
        write_inspection_report(context, template(wb, "inspection.docx"), target)
        compare(scorecard_figures(card), read_report_figures(target), path.name)

    return publish(wb, write, path, f"自查报告 {campaign.period} {unit}")


def publish_summary(wb: Workbench, period: str, path: Path) -> Path:
    """Write the summary of all units (.xlsx) and record it."""
    campaign = wb.campaign(period)
    summary = BatchSummary(
        overview(wb, period),
        scorecards(wb, campaign),
        leads_table(wb, period),
        findings(wb, campaign),
        wb.as_of(campaign.period),
        str(wb.actor),
    )

    def write(target: Path) -> None:
        write_batch_summary(summary, target)
        compare(summary_figures(summary), read_summary_figures(target), path.name)

    return publish(wb, write, path, f"汇总 {campaign.period}")


def publish_leads(wb: Workbench, period: str, path: Path, unit: str | None = None) -> int:
    """Write the list of leads to be verified (.xlsx), record it, and return how many leads it holds."""
    campaign = wb.campaign(period)
    rows = leads_table(wb, period, unit)

    def write(target: Path) -> None:
        as_of = wb.as_of(campaign.period)
        write_lead_list(rows, target, bank=wb.settings.bank, period=campaign.period, as_of=as_of)
        compare({"疑点": len(rows)}, {"疑点": len(read_leads(target).entries)}, path.name)

    publish(wb, write, path, f"疑点清单 {campaign.period} {unit or '全部机构'}")
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
    order = SupervisionOrder(wb.settings.bank, unit, name, found.day, until, found.items, number)
    chosen = path or wb.home / "reports" / "督办单" / f"{unit}-{found.day}.docx"

    def write(target: Path) -> None:
        write_supervision(order, template(wb, "supervision.docx"), target)
        compare(supervision_figures(order), read_supervision(target), chosen.name)

    return publish(wb, write, chosen, f"督办单 {found.day} {unit}")


def publish_checklist(wb: Workbench, name: str, path: Path) -> int:
    """Write a checklist (published, or a draft) as .xlsx for review, and return how many items it holds.

    It is read back before it gets its name, so that what comes home from review can be held against it.
    """
    checklist = find_version(wb.store, name)

    def write(target: Path) -> None:
        write_checklist(checklist, target, bank=wb.settings.bank, regulations=wb.regulations)
        if read_checklist(target) != checklist:
            raise XiaobaoError(Fault("写出的检查表与原内容不一致，文件没有生成", file=path.name))

    publish(wb, write, path, f"检查表 {checklist.id} {checklist.version}")
    return len(checklist.items())

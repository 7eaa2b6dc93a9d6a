"""自查报告: one unit's inspection report, from its scorecard, work papers, leads and measures."""

from __future__ import annotations

from xiaobao.errors import Fault, InputError
from xiaobao.model import Period
from xiaobao.publishing.issuing import template
from xiaobao.publishing.releasing import Draft
from xiaobao.report_figures import unit_figures
from xiaobao.word import ReportContext, unit_inspected, write_inspection_report
from xiaobao.workbench.inspections.appealing import objections
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.places import campaign_folder, campaign_words
from xiaobao.workbench.results.reading import scorecard, work_papers
from xiaobao.workbench.workspace import Workbench


def inspection_draft(wb: Workbench, unit: str, period: str, campaign: str | None = None) -> Draft:
    """Return one unit's report of a period. Raises InputError without a unit, and for one without results."""
    if not unit:
        raise InputError(Fault("自查报告是一个机构的报告，请用 --unit 指明机构号"))
    chosen = wb.campaign(period, campaign)
    card = scorecard(wb, unit, period, campaign)
    context = ReportContext(
        bank=wb.settings.bank,
        period=Period.parse(chosen.period),
        as_of=wb.as_of(chosen.period),
        card=card,
        papers=work_papers(wb, unit, period, [domain.domain for domain in card.domains], campaign),
        leads=leads_table(wb, period, unit, campaign=campaign),
        actions=tuple(wb.store.actions(chosen.id, unit)),
        appeals=objections(wb, chosen, unit),
    )
    figures = unit_figures(unit_inspected(context))
    return Draft(
        what=f"自查报告 {campaign_words(wb.store, chosen)} {unit}",
        title=f"{card.unit.name}自查报告",
        author=wb.settings.bank,
        as_of=context.as_of,
        figures=figures,
        write=lambda target: write_inspection_report(context, figures, template(wb, "inspection.docx"), target),
        charts={},
        place=campaign_folder(wb.home, chosen) / unit / "自查报告.docx",
    )

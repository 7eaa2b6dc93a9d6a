"""Papers beside the reports: 汇总, 疑点清单, 检查表, 填报表."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xiaobao.checklist.change_note import note_head, note_rows
from xiaobao.checklist.comparing import compare as compare_versions
from xiaobao.checks.registry import REGISTRY
from xiaobao.errors import Fault, XiaobaoError
from xiaobao.publishing.issuing import FileToIssue, compare_figures, free, issue_files, next_edition
from xiaobao.store.models import Campaign
from xiaobao.word import ChangeNote, read_change_note, write_change_note
from xiaobao.workbench.inspections.offline import offline_forms, offline_items, open_remarks
from xiaobao.workbench.inspections.offline_round import OfflineRound
from xiaobao.workbench.leads import LeadRow, leads_table, own_check_titles
from xiaobao.workbench.places import campaign_folder, campaign_words
from xiaobao.workbench.results.reading import findings, overview, scorecards
from xiaobao.workbench.surroundings import open_measures
from xiaobao.workbench.versions.publishing import find_version
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.checklists import read_checklist_book, write_checklist
from xiaobao.workbook.conflicts import read_conflicts, write_conflicts
from xiaobao.workbook.fill_sheets import read_offline_book, write_fill_sheets
from xiaobao.workbook.leads import read_leads
from xiaobao.workbook.leads import write_leads as write_lead_list
from xiaobao.workbook.summary import BatchSummary, read_summary_figures, summary_figures, write_batch_summary


def publish_summary(wb: Workbench, period: str, path: Path | None = None, campaign: str | None = None) -> Path:
    """Write the summary of all units (.xlsx) and record it. Raises InputError where a file lies at `path` already."""
    wb.look("report.bank")
    chosen = wb.campaign(period, campaign)
    summary = BatchSummary(
        overview=overview(wb, period, campaign),
        cards=scorecards(wb, chosen),
        leads=leads_table(wb, period, campaign=campaign),
        findings=findings(wb, chosen),
        measures=open_measures(wb, chosen, wb.as_of(chosen.period)),
        as_of=wb.as_of(chosen.period),
        operator=str(wb.actor),
    )
    place = free(path, ".xlsx") if path else next_edition(campaign_folder(wb.home, chosen) / "汇总.xlsx")

    def write(target: Path) -> None:
        write_batch_summary(summary, target)
        compare_figures(summary_figures(summary), read_summary_figures(target), place.name)

    issue_files(
        wb, "report.bank", FileToIssue(write=write, path=place, what=f"汇总 {campaign_words(wb.store, chosen)}")
    )
    return place


def publish_leads(wb: Workbench, period: str, path: Path, unit: str | None = None, name: str | None = None) -> int:
    """Write the list of leads to be verified (.xlsx), record it, and return how many leads it holds."""
    campaign = wb.campaign(period, name)
    seen = wb.sight("lead.export", campaign)
    line = "" if seen.shows(unit or "") else next((one for one in campaign.checklists if one in seen.lines), "")
    wb.look("lead.export", unit or "", line, campaign)  # a business line gets the leads of its own domains
    rows = leads_table(wb, period, unit, campaign=name)

    def write(target: Path) -> None:
        as_of = wb.as_of(campaign.period)
        write_lead_list(rows, target, bank=wb.settings.bank, period=campaign.period, as_of=as_of)
        compare_figures({"疑点": len(rows)}, {"疑点": len(read_leads(target).entries)}, path.name)

    what = f"疑点清单 {campaign_words(wb.store, campaign)} {unit or '全部机构'}"
    paper = FileToIssue(write=write, path=path, what=what, fixed=False)
    issue_files(wb, "lead.export", paper, unit=unit or "", domain=line, campaign=campaign)
    return len(rows)


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
    issue_files(wb, "checklist.print", FileToIssue(write=write, path=free(path), what=what))
    return len(note.rows)


def publish_checklist(wb: Workbench, name: str, path: Path) -> int:
    """Write a checklist (published, or a draft) as .xlsx for review, and return how many items it holds.

    It is read back before it gets its name, so that what comes home from review can be held against it.
    """
    checklist = find_version(wb.store, name)
    own = own_check_titles(wb)
    named = {name: REGISTRY.get(name) for item in checklist.items() for name in item.checks}
    checks = {name: check.title if check else own.get(name, name) for name, check in named.items()}

    def write(target: Path) -> None:
        write_checklist(checklist, target, bank=wb.settings.bank, regulations=wb.regulations, checks=checks)
        if read_checklist_book(target) != checklist:
            raise XiaobaoError(Fault("写出的检查表与原内容不一致，文件没有生成", file=path.name))

    paper = FileToIssue(write=write, path=path, what=f"检查表 {checklist.id} {checklist.version}", fixed=False)
    issue_files(wb, "checklist.print", paper)
    return len(checklist.items())


def publish_fill_sheets(
    wb: Workbench, unit: str, period: str, path: Path, domains: Sequence[str] = (), campaign: str | None = None
) -> int:
    """Write a unit's sheets to be filled offline (.xlsx), and return how many items they ask.

    They are read back before the file gets its name: what is filled must come home. Raises InputError as
    `offline_forms` does, and where a file lies at `path`, since somebody may have filled it.
    """
    domains, asked_for = _exported(wb, unit, wb.campaign(period, campaign), domains)
    forms = offline_forms(wb, unit, period, domains, campaign)
    asked = sum(len(offline_items(form)) for form in forms)
    remarks = {form.domain: open_remarks(wb, form) for form in forms}
    leads = _waiting_leads(wb, unit, period, campaign, tuple(domains))

    def write(target: Path) -> None:
        day, bank = wb.today, wb.settings.bank
        write_fill_sheets(forms, target, bank=bank, as_of=day, remarks=remarks, leads=leads)
        book = read_offline_book(target)
        found = [row.item_id for sheet in book.sheets for row in sheet.rows]
        found += [entry.lead_id for entry in book.leads]
        wanted = [entry.item.id for form in forms for entry in offline_items(form)]
        if found != wanted + [row.lead.id for row in leads]:
            raise XiaobaoError(Fault("写出的填报表与检查表不一致，文件没有生成", file=path.name))

    what = f"填报表 {forms[0].period.code} {unit}"
    paper = FileToIssue(write=write, path=free(path, ".xlsx"), what=what, fixed=False)
    issue_files(wb, "sheet.export", paper, unit=unit, domain=asked_for, campaign=forms[0].campaign)
    return asked


def _exported(wb: Workbench, unit: str, campaign: Campaign, domains: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return the domains that whoever acts may export of a unit, and by which one to ask ("": by the unit).

    A business line gets its own sheets of any unit. Raises NotAllowed for any other that is asked for, and for none.
    """
    if not wb.may("sheet.export", unit, campaign=campaign):
        return domains, ""
    own = [one for one in domains or campaign.checklists if not wb.may("sheet.export", unit, one, campaign)]
    others = [one for one in domains if one not in own]
    if others or not own:
        wb.look("sheet.export", unit, others[0] if others else "", campaign)
    return own, own[0]


def _waiting_leads(
    wb: Workbench, unit: str, period: str, campaign: str | None, domains: Sequence[str]
) -> tuple[LeadRow, ...]:
    """Return the unit's leads that nobody has decided yet, of the domains asked; none for who may not see them."""
    if not wb.sight("lead.export", wb.campaign(period, campaign)).shows(unit):
        return ()
    found = leads_table(wb, period, unit, campaign=campaign)
    return tuple(row for row in found if row.state != "已认定" and (not domains or row.domain in domains))


def publish_conflicts(wb: Workbench, found: OfflineRound, path: Path) -> int:
    """Write the cells that two people filled otherwise (.xlsx) for a decision, and return how many they are.

    Raises InputError where a file lies at `path`.
    """

    def write(target: Path) -> None:
        write_conflicts(found, target, bank=wb.settings.bank, as_of=wb.today)
        if read_conflicts(target).open != len(found.conflicts):
            raise XiaobaoError(Fault("写出的冲突清单与内容不一致，文件没有生成", file=path.name))

    unit, campaign = found.place(wb)
    paper = FileToIssue(
        write=write, path=free(path, ".xlsx"), what=f"填报冲突清单 {campaign.period} {unit}", fixed=False
    )
    issue_files(wb, "sheet.export", paper, unit=unit, campaign=campaign)
    return len(found.conflicts)

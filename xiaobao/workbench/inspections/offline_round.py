"""The whole round of an outlet without access, in one workbook: answers, evidence, remarks, leads, and the hand-in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, InputError
from xiaobao.personal import mask
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.filling import open_form
from xiaobao.workbench.inspections.offline import (
    OfflineConflict,
    OfflineCounts,
    OfflineSheet,
    plan_offline,
    save_offline,
)
from xiaobao.workbench.inspections.offline_rows import OfflineRow, answer_cells
from xiaobao.workbench.leads import LeadConflict, LeadCounts, LeadEntry, plan_lead_rows, save_lead_plan

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign
    from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class OfflineBook:
    """A filled workbook: its sheets, what it says of leads, and the domains that it wants handed in."""

    sheets: tuple[OfflineSheet, ...]
    leads: tuple[LeadEntry, ...] = ()
    hand_in: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MarkedBook:
    """A marked workbook that came back: what was filled of each row in conflict, and the revision then seen.

    `mine`: key of a row → the columns that shall stand as filled; `open` counts the cells that nobody decided.
    """

    answers: tuple[tuple[OfflineSheet, OfflineRow, int], ...]
    leads: tuple[LeadEntry, ...]
    mine: Mapping[str, tuple[str, ...]]
    open: int = 0


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A cell that two people filled otherwise. `key` is of its row in the book: an item of a sheet, or a lead.

    `title` says in words whose cell it is, `by` who filled the other, and when.
    """

    key: str
    title: str
    column: str
    mine: str
    theirs: str
    by: str
    at: datetime | None

    @property
    def sides(self) -> str:
        """Say both sides on one line."""
        return f"我填的：{self.mine or '空'}；{self.by or '别人'}填的：{self.theirs or '空'}"


@dataclass(frozen=True, kw_only=True)
class OfflineRound:
    """What taking a book in did; `leads` None where it has none, `unused` are files that no row names."""

    answers: OfflineCounts
    leads: LeadCounts | None
    lead_conflicts: tuple[LeadConflict, ...]
    gone: int
    handed_in: tuple[signing.Step, ...]
    unused: tuple[str, ...]

    def text(self) -> str:
        """Say in Chinese all that was done, and what waits for a decision."""
        lines = [self.answers.text()]
        if self.leads is not None:
            lines.append(f"疑点：{self.leads.text()}")
        if self.gone:
            lines.append(f"疑点 {self.gone} 条导出之后已撤销，不再需要核实")
        if self.lead_conflicts:
            lines.append(f"疑点 {len(self.lead_conflicts)} 条导出之后已被他人更新，没有覆盖，须选定采用哪一方")
        lines += [f"{one.title}：{one.left or '已提交'}" for one in self.handed_in]
        if self.unused:
            lines.append(f"没有一行写到的文件，没有保存：{'、'.join(self.unused)}")
        return "\n".join(lines)

    def place(self, wb: Workbench) -> tuple[str, Campaign]:
        """Return the unit and campaign of what waits for a decision. Raises IndexError where nothing does."""
        if self.answers.conflicts:
            sheet = self.answers.conflicts[0].sheet
            return sheet.unit, wb.campaign(sheet.period, sheet.campaign)
        place = self.lead_conflicts[0].place
        return place.lead.unit, place.campaign

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Return every cell that waits for a decision, in the order of the book."""
        return (*_cells_of(self.answers.conflicts), *_cells_of_leads(self.lead_conflicts))


def import_book(
    wb: Workbench, book: OfflineBook, amended: str = "", files: Mapping[str, bytes] | None = None
) -> OfflineRound:
    """Take a filled workbook in. Raises InputError with every fault of answers and leads; then nothing is saved.

    Answers and leads that somebody changed meanwhile come back as conflicts, the others are saved. A sheet is handed in
    by whoever takes the book in, by his own rights; one with a conflict, or incomplete, is left and says why.
    """
    plan = plan_lead_rows(wb, book.leads)
    takings = plan_offline(wb, book.sheets, amended, files)
    if faults := [*(fault for one in takings for fault in one.faults), *plan.faults]:
        raise InputError(faults)
    answers = save_offline(wb, takings)
    save_lead_plan(wb, plan)
    named = {name for sheet in book.sheets for row in sheet.rows for name in row.files}
    return OfflineRound(
        answers=answers,
        leads=plan.counts(len(book.leads)) if book.leads else None,
        lead_conflicts=plan.stale,
        gone=len(plan.gone),
        handed_in=_hand_in(wb, book, answers),
        unused=tuple(name for name in files or () if name not in named),
    )


def decide_conflicts(
    wb: Workbench, found: OfflineRound, mine: Iterable[tuple[str, str]], amended: str = ""
) -> OfflineRound:
    """Save, of every conflict, the cells of `mine` (key, column) as filled, all others as they stand.

    Raises InputError where a mixture is no answer; what was changed once more in between is a conflict once more.
    """
    chosen: dict[str, list[str]] = {}
    for key, column in mine:
        chosen.setdefault(key, []).append(column)
    sheets = [one.decided(chosen[answer_key(one)]) for one in found.answers.conflicts if answer_key(one) in chosen]
    leads = [
        _decided_lead(one, chosen[one.entry.lead_id]) for one in found.lead_conflicts if one.entry.lead_id in chosen
    ]
    return import_book(wb, OfflineBook(sheets=tuple(sheets), leads=tuple(leads)), amended)


def conflict_of(wb: Workbench, sheet: OfflineSheet, row: OfflineRow, revision: int) -> OfflineConflict:
    """Return a conflict as a marked workbook keeps it: `row` as filled, decided on sight of `revision`.

    Raises InputError for an item that the sheet lacks.
    """
    form = open_form(wb, sheet.unit, sheet.period, sheet.domain, sheet.campaign)
    entry = form.items.get(row.item_id)
    if entry is None:
        raise InputError(Fault("检查表里没有这个检查项", file=sheet.file, row=row.row, value=row.item_id))
    now = entry.response
    return OfflineConflict(
        sheet=sheet,
        row=row,
        item_title=entry.item.title,
        theirs=answer_cells(entry),
        revision=revision,
        author=now.author,
        at=now.at,
    )


def decide_book(wb: Workbench, marked: MarkedBook, amended: str = "") -> OfflineRound:
    """Save what a marked workbook decides; a row of which a cell is undecided is left. Raises like `import_book`."""
    sheets = [
        conflict_of(wb, sheet, row, revision).decided(marked.mine.get(f"{sheet.unit} {sheet.domain} {row.item_id}", ()))
        for sheet, row, revision in marked.answers
        if marked.mine.get(f"{sheet.unit} {sheet.domain} {row.item_id}")
    ]
    leads = [_taken(entry, marked.mine[entry.lead_id]) for entry in marked.leads if marked.mine.get(entry.lead_id)]
    return import_book(wb, OfflineBook(sheets=tuple(sheets), leads=tuple(leads)), amended)


def answer_key(one: OfflineConflict) -> str:
    """Return the key of the row that a conflict of answers is of."""
    return f"{one.sheet.unit} {one.sheet.domain} {one.row.item_id}"


def _decided_lead(one: LeadConflict, columns: Sequence[str]) -> LeadEntry:
    return _taken(replace(one.entry, seen_revision=one.now.revision), columns)


def _taken(entry: LeadEntry, columns: Sequence[str]) -> LeadEntry:
    """Return an entry with the columns that shall stand as filled."""
    return LeadEntry(
        lead_id=entry.lead_id,
        answer=entry.answer if "单位核实" in columns else None,
        answer_note=entry.answer_note if "核实说明" in columns else "",
        decided=entry.decided if "检查认定" in columns else None,
        reason=entry.reason if "认定理由" in columns else "",
        seen_revision=entry.seen_revision,
        row=entry.row,
    )


def _cells_of(conflicts: Sequence[OfflineConflict]) -> list[Conflict]:
    return [
        Conflict(
            key=answer_key(one),
            title=f"{one.sheet.sheet} {one.row.item_id} {one.item_title}",
            column=column,
            mine=mask(one.row.cells[column].strip()),
            theirs=one.theirs[column],
            by=one.author,
            at=one.at,
        )
        for one in conflicts
        for column in one.columns
    ]


def _cells_of_leads(conflicts: Sequence[LeadConflict]) -> list[Conflict]:
    return [
        Conflict(
            key=one.entry.lead_id,
            title=f"疑点 {one.entry.lead_id}",
            column=column,
            mine=mask(mine),
            theirs=theirs,
            by=one.now.decided_by or one.now.answered_by,
            at=one.now.at,
        )
        for one in conflicts
        for column, mine, theirs in one.columns()
    ]


def _hand_in(wb: Workbench, book: OfflineBook, answers: OfflineCounts) -> tuple[signing.Step, ...]:
    """Hand in the sheets that ask for it; one in which an answer waits for a decision is left."""
    waiting = {(one.sheet.unit, one.sheet.domain) for one in answers.conflicts}
    done = []
    for sheet in book.sheets:
        if sheet.domain not in book.hand_in:
            continue
        form = open_form(wb, sheet.unit, sheet.period, sheet.domain, sheet.campaign)
        if (sheet.unit, sheet.domain) in waiting:
            why = "有答复须先选定采用哪一方，没有提交"
            done.append(signing.Step(domain=sheet.domain, title=form.checklist.title, left=why))
        else:
            done.append(signing.try_step(form, partial(signing.submit, wb)))
    return tuple(done)

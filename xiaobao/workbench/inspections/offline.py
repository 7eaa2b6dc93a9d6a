"""离线填报: a unit's sheets out as rows of a table, and filled rows back as answers.

A faulty cell refuses all; an answer that somebody changed meanwhile does not: the others are saved, and it comes back
as a conflict, mine and theirs cell by cell, for a decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.model import Response
from xiaobao.personal import mask
from xiaobao.scoring.relevance import Unasked, unasked
from xiaobao.workbench.inspections.evidence import KeptFile, keep_file, refuse_file
from xiaobao.workbench.inspections.filling import Form, FormItem, amendment_faults, find_inspection, open_form
from xiaobao.workbench.inspections.offline_rows import (
    ANSWERS,
    CLEARED,
    FILES,
    OfflineRow,
    answer_cells,
    cells_mark,
    comparable_cells,
    item_texts,
    read_row,
    same_text,
)
from xiaobao.workbench.versions.unit_sheets import open_inspections_of
from xiaobao.workbench.workspace import Workbench

if TYPE_CHECKING:
    from xiaobao.store.models import Remark


@dataclass(frozen=True, kw_only=True)
class OfflineSheet:
    """One filled worksheet, where it was read, and which inspection on which sheets it is for.

    `others` are worksheets of the same file that are none of ours and were not read; `cleaned` counts the cells of the
    file from which invisible characters were taken out. Both stand at the first sheet alone.
    """

    file: str
    sheet: str
    period: str
    campaign: str
    unit: str
    domain: str
    version: str
    own_version: str
    rows: tuple[OfflineRow, ...]
    others: tuple[str, ...] = ()
    cleaned: int = 0


@dataclass(frozen=True, kw_only=True)
class OfflineConflict:
    """An answer that was filled in, and saved otherwise by somebody else since the export.

    `sheet` is the one filled, without its rows; `row` what was filled; `theirs` the present answer as cells, at
    `revision`, by `author`.
    """

    sheet: OfflineSheet
    row: OfflineRow
    item_title: str
    theirs: Mapping[str, str]
    revision: int
    author: str
    at: datetime | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The titles of the cells that differ."""
        mine, theirs = comparable_cells(self.row.cells), comparable_cells(self.theirs)
        return tuple(title for title, one, other in zip(ANSWERS, mine, theirs, strict=True) if one != other)

    def decided(self, mine: Iterable[str]) -> OfflineSheet:
        """Return the sheet with the present answer, and of it the columns `mine` as they were filled."""
        chosen = {title: self.row.cells[title] for title in mine}
        row = replace_fields(self.row, cells={**self.theirs, **chosen}, revision=self.revision, mark="", files=())
        return replace_fields(self.sheet, rows=(row,))


@dataclass(frozen=True, kw_only=True)
class OfflineCounts:
    """What an import did: answers saved, rows as they were, rows left blank, files kept, remarks cleared."""

    saved: int
    unchanged: int
    blank: int
    others: tuple[str, ...] = ()
    cleaned: int = 0
    files: int = 0
    cleared: int = 0
    conflicts: tuple[OfflineConflict, ...] = ()

    def text(self) -> str:
        """Say in Chinese what was taken, and which sheets of the workbook were not read."""
        said = f"保存答复 {self.saved} 项，未变 {self.unchanged} 项，空白 {self.blank} 项"
        said += f"，佐证文件 {self.files} 个" if self.files else ""
        said += f"，处理退回意见 {self.cleared} 条" if self.cleared else ""
        said += f"；没有读取另加的工作表：{'、'.join(self.others)}" if self.others else ""
        said += cleaned_words(self.cleaned)
        if self.conflicts:
            said += f"；{len(self.conflicts)} 项导出之后已被他人更新，没有覆盖，须逐格选定采用哪一方"
        return said


def cleaned_words(cells: int) -> str:
    """Say from how many cells invisible characters were taken out, nothing for none."""
    return f"；{cells} 格去掉了看不见的字符" if cells else ""


def offline_forms(
    wb: Workbench, unit: str, period: str, domains: Sequence[str] = (), campaign: str | None = None
) -> tuple[Form, ...]:
    """Return the forms that a unit may fill: of `domains`, else of all that are for it and not handed in.

    Raises InputError for a domain that is not the unit's or was handed in, and where nothing is left to fill.
    """
    chosen = wb.campaign(period, campaign)
    forms = []
    for domain in domains or tuple(chosen.checklists):
        try:
            form = open_form(wb, unit, period, domain, campaign)
        except InputError:
            if domains or unit not in wb.units(chosen.period):
                raise
            continue  # a sheet that is not for this unit
        if form.open:
            forms.append(form)
        elif domains:
            raise InputError(Fault("检查表已提交，不能再填；需要修改请先由复核人退回", value=domain))
    if not forms:
        raise InputError(Fault("这个机构没有可以填报的检查表", value=unit))
    return tuple(forms)


def offline_items(form: Form) -> tuple[FormItem, ...]:
    """Return what a person may answer, in the order of the sheet; also what another answer may yet ask for."""
    return tuple(entry for entry in form.items.values() if entry.answerable or entry.conditional)


def open_remarks(wb: Workbench, form: Form) -> dict[str, tuple[Remark, ...]]:
    """Return the reviewer's remarks that nobody has cleared yet, by item."""
    found: dict[str, tuple[Remark, ...]] = {}
    for one in wb.store.remarks(form.record.id) if form.record else ():
        if one.open:
            found[one.item_id] = (*found.get(one.item_id, ()), one)
    return found


def apply_offline(
    wb: Workbench, sheets: Sequence[OfflineSheet], amended: str = "", files: Mapping[str, bytes] | None = None
) -> OfflineCounts:
    """Save what filled sheets say. Raises InputError with the fault of every cell at once; then nothing is saved.

    An answer that somebody else changed since the export is left as it is and returned as a conflict. `files` are the
    contents of the folder beside, by name. `amended` says why answers differ from what was handed in before a return,
    where a row does not say it; without a reason such a change is refused.
    """
    takings = plan_offline(wb, sheets, amended, files)
    if faults := [fault for one in takings for fault in one.faults]:
        raise InputError(faults)
    return save_offline(wb, takings)


def plan_offline(
    wb: Workbench, sheets: Sequence[OfflineSheet], amended: str = "", files: Mapping[str, bytes] | None = None
) -> tuple[Taking, ...]:
    """Return what each sheet would change, and what is wrong with it; nothing is saved."""
    takings = tuple(
        Taking(wb, sheet, open_form(wb, sheet.unit, sheet.period, sheet.domain, sheet.campaign), amended, files or {})
        for sheet in sheets
    )
    for one in takings:
        one.read()
    return takings


def save_offline(wb: Workbench, takings: Sequence[Taking]) -> OfflineCounts:
    """Save what was planned, all or nothing, and return what it came to."""
    before = sum(len(one.listed()) for one in takings)
    _save(wb, [one for one in takings if one.writes])
    return OfflineCounts(
        saved=sum(len(one.offered) for one in takings),
        unchanged=sum(one.unchanged for one in takings),
        blank=sum(one.blank for one in takings),
        others=tuple(name for one in takings for name in one.sheet.others),
        cleaned=sum(one.sheet.cleaned for one in takings),
        files=sum(len(one.listed()) for one in takings) - before,
        cleared=sum(len(one.cleared) for one in takings),
        conflicts=tuple(conflict for one in takings for conflict in one.conflicts()),
    )


class Taking:
    """One sheet on its way in: what is wrong with it, what it changes, and where it meets another's answer."""

    def __init__(
        self, wb: Workbench, sheet: OfflineSheet, form: Form, amended: str, files: Mapping[str, bytes]
    ) -> None:
        self.wb, self.sheet, self.form, self.amended, self.files = wb, sheet, form, mask(amended).strip(), files
        self.where = Fault("", file=sheet.file, sheet=sheet.sheet)
        self.faults: list[Fault] = []
        self.offered: list[Response] = []
        self.attached: list[tuple[str, str, bytes]] = []
        self.cleared: list[tuple[int, str]] = []
        self.stale: list[OfflineRow] = []
        self.unchanged = self.blank = 0

    @property
    def writes(self) -> bool:
        return bool(self.offered or self.attached or self.cleared)

    def listed(self) -> set[tuple[str, str]]:
        """Return (item, hash) of the files that the store lists for the sheet now."""
        record = find_inspection(self.wb, self.form.campaign, self.form.unit.id, self.form.domain)
        return {(one.item_id, one.sha256) for one in self.wb.store.evidence(record.id)} if record else set()

    def read(self) -> None:
        """Read every row: what it writes, all faults of the sheet, and the rows that meet another's answer."""
        self.faults += self._sheet_faults()
        if self.faults:
            return
        remarks, ever = open_remarks(self.wb, self.form), self._remarked()
        for row in self.sheet.rows:
            self._read_row(row)
            if row.cleared.strip() and row.item_id not in ever:
                self._fault(row, "这一项没有退回意见", CLEARED, row.cleared)
            elif row.cleared.strip():
                self.cleared += [(one.number, row.cleared.strip()) for one in remarks.get(row.item_id, ())]
        self.faults += self._unasked_faults()
        if self.form.record is not None:
            rows = {row.item_id: row.row for row in self.sheet.rows}
            self.faults += [
                replace(self.where, message=one.message, column=one.column, item=one.item, row=rows.get(one.item))
                for one in amendment_faults(self.wb, self.form.record, self.offered)
            ]

    def _unasked_faults(self) -> list[Fault]:
        """Return a fault for each answer to an item that the answers, with those of this file, do not ask for."""
        form, rows = self.form, {row.item_id: row.row for row in self.sheet.rows}
        given = {item_id: one.response for item_id, one in form.items.items() if one.answered}
        given |= {one.item_id: one for one in self.offered}
        left: dict[str, Unasked] = {}
        for checklist in filter(None, (form.sheets.core, form.sheets.own)):
            left |= unasked(checklist, form.unit, form.period, given)
        return [
            replace(
                self.where, message=f"本项不用填：{left[one.item_id].reason}", row=rows[one.item_id], item=one.item_id
            )
            for one in self.offered
            if one.item_id in left
        ]

    def conflicts(self) -> tuple[OfflineConflict, ...]:
        """Return where another's answer stands, as it is now: files of the row were added to it."""
        if not self.stale:
            return ()
        now = open_form(self.wb, self.sheet.unit, self.sheet.period, self.sheet.domain, self.sheet.campaign).items
        bare = replace_fields(self.sheet, rows=(), others=(), cleaned=0)
        return tuple(
            OfflineConflict(
                sheet=bare,
                row=row,
                item_title=now[row.item_id].item.title,
                theirs=answer_cells(now[row.item_id]),
                revision=now[row.item_id].response.revision,
                author=now[row.item_id].response.author,
                at=now[row.item_id].response.at,
            )
            for row in self.stale
        )

    def _read_row(self, row: OfflineRow) -> None:
        entry = self.form.items[row.item_id]
        files = self._files(row, entry)
        now = answer_cells(entry)
        if comparable_cells(row.cells) == comparable_cells(now) or row.mark == cells_mark(row.cells):
            self.unchanged += not self._offer(row, entry, None, files)
            return
        found, response = read_row(entry.item, row, replace(self.where, row=row.row, item=row.item_id))
        self.faults += found
        if found:
            return
        if response is None:
            self.blank += not self._offer(row, entry, None, files)
        elif _same(response, entry):
            self.unchanged += not self._offer(row, entry, None, files)
        elif row.revision != entry.response.revision:
            self.stale.append(row)
            self._offer(row, entry, None, files)
        else:
            self._offer(row, entry, response, files)

    def _offer(self, row: OfflineRow, entry: FormItem, response: Response | None, files: Sequence[str]) -> bool:
        """Put an answer, or the present one where only files come to it, among those to be saved; tell whether."""
        new = [sha for sha in files if sha not in entry.response.evidence]
        if response is None and (not new or not entry.answered):
            return False
        said = response or entry.response
        evidence = (*entry.response.evidence, *new)
        why = row.amended.strip() or self.amended
        handed_in = self.form.record is not None and bool(self.form.record.submitted_by)
        reason = mask(why) if why and handed_in else entry.response.amended
        self.offered.append(replace(said, evidence=evidence, amended=reason))
        return True

    def _files(self, row: OfflineRow, entry: FormItem) -> list[str]:
        """Return the hashes of the files that a row names anew; of those that are listed already only a new content."""
        known = {one.file_name: one.sha256 for one in entry.evidence}
        hashes = []
        for name in row.files:
            if name not in self.files:
                if name not in known:
                    self._fault(row, "旁边的文件夹里没有这个佐证文件", FILES, name)
                continue
            try:
                refuse_file(name, self.files[name])
            except InputError as error:
                self.faults += [replace(one, row=row.row, sheet=self.sheet.sheet) for one in error.faults]
                continue
            sha = hashlib.sha256(self.files[name]).hexdigest()
            if sha not in known.values():
                self.attached.append((row.item_id, name, self.files[name]))
            hashes.append(sha)
        return hashes

    def _remarked(self) -> set[str]:
        record = self.form.record
        return {one.item_id for one in self.wb.store.remarks(record.id)} if record else set()

    def _fault(self, row: OfflineRow, message: str, column: str, value: str, allowed: str = "") -> None:
        fault = replace(self.where, message=message, row=row.row, item=row.item_id, column=column)
        self.faults.append(replace(fault, value=value, allowed=allowed))

    def _sheet_faults(self) -> list[Fault]:
        form, sheet = self.form, self.sheet
        if not form.open:
            return [replace(self.where, message="检查表已提交，不能再填；需要修改请先由复核人退回")]
        if (form.checklist.version, form.sheets.own_version) != (sheet.version, sheet.own_version):
            now = form.checklist.version
            return [replace(self.where, message="导出之后检查表已换版，请重新导出", value=sheet.version, allowed=now)]
        known = {entry.item.id: entry for entry in offline_items(form)}
        faults = []
        for row in sheet.rows:
            at = replace(self.where, row=row.row, item=row.item_id)
            if row.item_id not in known:
                faults.append(replace(at, message="检查表里没有可以填报的这一项", value=row.item_id, item=""))
                continue
            right = item_texts(known[row.item_id])
            faults += [
                replace(
                    at, message="检查项的文字被改动，请改回或者重新导出", column=title, value=text, allowed=right[title]
                )
                for title, text in row.texts.items()
                if not same_text(text, right[title])
            ]
        return faults


def _same(offered: Response, entry: FormItem) -> bool:
    now = entry.response
    said = {"evidence": now.evidence, "amended": now.amended, "revision": now.revision}
    return entry.carried is None and replace(offered, author=now.author, at=now.at, **said) == now


def _save(wb: Workbench, changed: Sequence[Taking]) -> None:
    """Save every answer in one transaction; inspections that nobody opened yet come into being first."""
    if not changed:
        return
    for one in changed:
        place = (one.form.unit.id, one.form.domain, one.form.campaign)
        wb.look("answer.save", *place)
        if one.attached:
            wb.look("evidence.add", *place)
    for one in changed:
        if one.form.record is None:
            open_inspections_of(wb, one.form.campaign, [(one.form.unit.id, one.form.domain)], "answer.save")
    kept: list[list[tuple[str, KeptFile]]] = [
        [(item, keep_file(wb.home, name, data)) for item, name, data in one.attached] for one in changed
    ]
    records = [find_inspection(wb, one.form.campaign, one.form.unit.id, one.form.domain) for one in changed]
    first = changed[0].form
    with wb.writing("answer.save", first.unit.id, first.domain, first.campaign) as tx:
        for one, record, files in zip(changed, records, kept, strict=True):
            assert record is not None
            tx.require_sheets(record.id, one.form.checklist.version, one.form.sheets.own_version)
            for item, file in files:
                tx.add_evidence(record.id, item, file.name, file.sha256, file.size, file.path)
            tx.save_responses(record.id, [replace(said, author=wb.actor.name) for said in one.offered])
            for number, note in one.cleared:
                tx.clear_remark(record.id, number, note)

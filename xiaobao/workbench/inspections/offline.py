"""离线填报: a unit's sheets out as rows of a table, and filled rows back as answers, all or nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from msgspec.structs import replace

from xiaobao.checklist.models import Item
from xiaobao.checklist.rules.looks import looks_text, read_looks
from xiaobao.checklist.rules.measures import read_ratio
from xiaobao.errors import Fault, InputError
from xiaobao.labels import MEASURES, label
from xiaobao.model import Conclusion, Measured, Response
from xiaobao.numbers import plain, read_number
from xiaobao.personal import mask
from xiaobao.scoring.responses import response_faults
from xiaobao.workbench.inspections.filling import Form, FormItem, amendment_faults, find_inspection, open_form
from xiaobao.workbench.versions.unit_sheets import open_inspections_of
from xiaobao.workbench.workspace import Workbench

CONCLUSION, OPTION, DEDUCTION, COUNTS = "检查结论", "评定档次", "酌情扣分", "情形和次数"
MISSING, MEASURED, UNIT, LOOKS, NOTE, REASON = "缺少项数", "实测值", "计量单位", "逐次结果", "情况说明", "理由"
ANSWERS = (CONCLUSION, OPTION, DEDUCTION, COUNTS, MISSING, MEASURED, UNIT, LOOKS, NOTE, REASON)
CONCLUSIONS = {label(one): one for one in Conclusion if one is not Conclusion.NOT_ASSESSED}
Word = TypeVar("Word", bound=str)
_LONGEST = 4000
# Where `response_faults` names a column of its own.
_COLUMNS = {
    "档次": OPTION,
    "扣分": DEDUCTION,
    "扣分情形": COUNTS,
    "次数": COUNTS,
    "缺项数": MISSING,
    "实测单位": UNIT,
    "原因": REASON,
    "扣分原因": REASON,
}
_EQUALS = re.compile(r"[=＝]")
_APART = re.compile(r"[;；]")
# What is wanted of each field of an answer, with what the rule says of it.
_HINTS = {
    "option": f"选{OPTION}",
    "deduction": f"{DEDUCTION}{{}}",
    "counts": f"在“{COUNTS}”等号后填次数",
    "missing": f"{MISSING}{{}}",
    "measured": f"{MEASURED}{{}}",
    "looks": f"{LOOKS}{{}}",
}
_COUNTED = re.compile(r"\s*(.+?)\s*[=＝]\s*(\S*)\s*")


@dataclass(frozen=True, kw_only=True)
class OfflineRow:
    """One filled row: `cells` by the titles of `ANSWERS`, `revision` of the answer that it was exported with."""

    row: int
    item_id: str
    revision: int
    cells: Mapping[str, str]


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
class OfflineCounts:
    """What an import did: answers saved, rows as they were, rows left blank."""

    saved: int
    unchanged: int
    blank: int
    others: tuple[str, ...] = ()
    cleaned: int = 0

    def text(self) -> str:
        """Say in Chinese what was taken, and which sheets of the workbook were not read."""
        told = f"保存答复 {self.saved} 项，未变 {self.unchanged} 项，空白 {self.blank} 项"
        told += f"；没有读取另加的工作表：{'、'.join(self.others)}" if self.others else ""
        return told + cleaned_words(self.cleaned)


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
    """Return what a person may answer, in the order of the sheet."""
    return tuple(entry for entry in form.items.values() if entry.answerable)


def answer_cells(entry: FormItem) -> dict[str, str]:
    """Return the present answer as the cells of `ANSWERS`; a carried one is not said again by leaving it there."""
    said = Response(item_id=entry.item.id) if entry.carried else entry.response
    known = said.conclusion is not Conclusion.NOT_ASSESSED
    return {
        CONCLUSION: label(said.conclusion) if known else "",
        OPTION: entry.item.options().get(said.option, ""),
        DEDUCTION: _plain(said.deduction),
        COUNTS: "\n".join(f"{name}={_plain(said.counts.get(code))}" for code, name in entry.item.counted().items()),
        MISSING: _plain(said.missing),
        MEASURED: _plain(said.measured.value) if said.measured else "",
        UNIT: MEASURES.get(said.measured.unit, "") if said.measured else "",
        LOOKS: looks_text(said.looks, entry.item.marks()),
        NOTE: said.note,
        REASON: said.reason,
    }


def option_labels(item: Item) -> tuple[str, ...]:
    """Return the words of the item's levels, as the workbook offers them in a list."""
    return tuple(item.options().values())


def hint(entry: FormItem) -> str:
    """Say which cells of a row are wanted beside the conclusion."""
    parts = [_HINTS[ask.field].format(ask.brief) for ask in entry.item.asks()]
    if entry.carried:
        parts.append("有旧版答复待确认，请重新作答或者在页面确认")
    return "；".join(dict.fromkeys(parts))


def apply_offline(wb: Workbench, sheets: Sequence[OfflineSheet], amended: str = "") -> OfflineCounts:
    """Save what filled sheets say, all or nothing. Raises InputError with the fault of every cell at once.

    `amended` says why answers differ from what was handed in before a return; without it such a change is refused.
    """
    faults: list[Fault] = []
    changed: list[tuple[Form, list[Response]]] = []
    unchanged = blank = 0
    for sheet in sheets:
        form = open_form(wb, sheet.unit, sheet.period, sheet.domain, sheet.campaign)
        if wrong := _sheet_faults(form, sheet):
            faults += wrong
            continue
        offered: list[Response] = []
        for row in sheet.rows:
            if _as_exported(row, form.items[row.item_id]):
                unchanged += 1
                continue
            found, response = _read(form, sheet, row)
            faults += found
            if response is None:
                blank += not found
            elif _same(response, form.items[row.item_id]):
                unchanged += 1
            else:
                offered.append(response)
        if amended.strip() and form.record is not None and form.record.submitted_by:
            offered = [replace(one, amended=mask(amended).strip()) for one in offered]
        if form.record is not None:
            faults += amendment_faults(wb, form.record, offered)
        changed.append((form, offered))
    if faults:
        raise InputError(faults)
    _save(wb, [(form, offered) for form, offered in changed if offered])
    saved = sum(len(offered) for _, offered in changed)
    others = tuple(name for sheet in sheets for name in sheet.others)
    cleaned = sum(sheet.cleaned for sheet in sheets)
    return OfflineCounts(saved=saved, unchanged=unchanged, blank=blank, others=others, cleaned=cleaned)


def _sheet_faults(form: Form, sheet: OfflineSheet) -> list[Fault]:
    where = Fault("", file=sheet.file, sheet=sheet.sheet)
    if not form.open:
        return [replace(where, message="检查表已提交，不能再填；需要修改请先由复核人退回")]
    if (form.checklist.version, form.sheets.own_version) != (sheet.version, sheet.own_version):
        now = form.checklist.version
        return [replace(where, message="导出之后检查表已换版，请重新导出", value=sheet.version, allowed=now)]
    known = {entry.item.id for entry in offline_items(form)}
    return [
        replace(where, message="检查表里没有可以填报的这一项", row=row.row, value=row.item_id)
        for row in sheet.rows
        if row.item_id not in known
    ]


def _as_exported(row: OfflineRow, entry: FormItem) -> bool:
    def told(cells: Mapping[str, str]) -> list[list[str]]:
        return [[line.strip() for line in cells[title].strip().splitlines()] for title in ANSWERS]

    return told(row.cells) == told(answer_cells(entry))


def _read(form: Form, sheet: OfflineSheet, row: OfflineRow) -> tuple[list[Fault], Response | None]:
    """Return the answer of one row with the faults of its cells; None for a row that says nothing."""
    entry = form.items[row.item_id]
    item, cells = entry.item, {title: row.cells[title].strip() for title in ANSWERS}
    counts = dict(_counted(cells[COUNTS]))
    if not any(value for title, value in cells.items() if title not in (COUNTS, UNIT)) and not any(counts.values()):
        return [], None
    where = Fault("", file=sheet.file, sheet=sheet.sheet, row=row.row, item=row.item_id)
    reading = _Reading(where, [])
    conclusion = reading.one_of(CONCLUSION, cells[CONCLUSION], CONCLUSIONS, wanted=True)
    options = {name: code for code, name in item.options().items()}
    named = {name: code for code, name in item.counted().items()}
    written, stated_unit = _without_unit(cells[MEASURED])
    measured = reading.number(MEASURED, written)
    if stated_unit and cells[UNIT] and stated_unit != cells[UNIT]:
        reading.fault(UNIT, f"与实测值所写的{stated_unit}不同", cells[UNIT], stated_unit)
    response = Response(
        item_id=item.id,
        conclusion=conclusion or Conclusion.NOT_ASSESSED,
        option=reading.one_of(OPTION, cells[OPTION], options) or "",
        deduction=reading.number(DEDUCTION, cells[DEDUCTION].removesuffix("分")),
        counts=reading.counts(counts, named),
        missing=reading.number(MISSING, re.sub(r"[项个份处件]$", "", cells[MISSING])),
        measured=None
        if measured is None
        else Measured(value=measured, unit=_unit(item, cells[UNIT] or stated_unit, reading)),
        looks=read_looks(reading.text(LOOKS, cells[LOOKS]), item.marks()),
        note=reading.text(NOTE, cells[NOTE]),
        reason=reading.text(REASON, cells[REASON]),
        evidence=entry.response.evidence,
        amended=entry.response.amended,
        revision=row.revision,
    )
    if not reading.faults:
        reading.faults.extend(
            replace(
                where,
                message=one.message,
                column=_COLUMNS.get(one.column, one.column),
                value=one.value,
                allowed=one.allowed,
            )
            for one in response_faults(item, response)
        )
    if not reading.faults and row.revision != entry.response.revision and not _same(response, entry):
        reading.faults.append(replace(where, message="导出之后已被他人更新，请重新导出"))
    return reading.faults, response


@dataclass(frozen=True)
class _Reading:
    """Reads the cells of one row and gathers what is wrong with each."""

    where: Fault
    faults: list[Fault]

    def fault(self, column: str, message: str, value: str = "", allowed: str = "") -> None:
        self.faults.append(replace(self.where, message=message, column=column, value=value, allowed=allowed))

    def one_of(self, column: str, text: str, known: Mapping[str, Word], wanted: bool = False) -> Word | None:
        """Return what a word stands for; a fault for another one, or for none where one is `wanted`."""
        if text in known:
            return known[text]
        if text or wanted:
            message = "不在可选范围内" if text else "这一行有内容，但没有检查结论"
            self.fault(column, message, text, "、".join(known) or "不填")
        return None

    def number(self, column: str, text: str) -> Decimal | None:
        """Return a number of 0 or more, None for an empty cell or with a fault for what is none."""
        found, wrong = read_number(text)
        if wrong:
            self.fault(column, wrong, text, "0 或正数，如 3、0.5")
        return found

    def text(self, column: str, text: str) -> str:
        if len(text) > _LONGEST:
            self.fault(column, "文字太长", f"{len(text)} 字", f"不超过 {_LONGEST} 字")
        return text

    def counts(self, lines: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Decimal]:
        """Return occurrences by cause id from lines “情形=次数”; a fault for each cause that the item has not."""
        found = {}
        for name, times in lines.items():
            if name not in known:
                self.fault(COUNTS, "没有这种情形", name, "；".join(f"{one}=次数" for one in known) or "不填")
            elif (number := self.number(COUNTS, times)) is not None:
                found[known[name]] = number
        return found


def _counted(text: str) -> Iterator[tuple[str, str]]:
    """Yield (words, number) of each line “情形=次数”; a line of another form is words without a number.

    Several may stand on one line, apart by ；.
    """
    lines: list[str] = []
    for line in text.splitlines():
        lines += _APART.split(line) if len(_EQUALS.findall(line)) > 1 else [line]
    for line in filter(str.strip, lines):
        match = _COUNTED.fullmatch(line)
        yield (match[1], re.sub(r"[次个项件人笔处]$", "", match[2])) if match else (line.strip(), "?")


def _without_unit(text: str) -> tuple[str, str]:
    """Return a measured number without the unit written behind it, and that unit's word: 98% and 35分钟 say both."""
    if ratio := read_ratio(text):
        return ratio, MEASURES["one_to"]
    plain = unicodedata.normalize("NFKC", text)
    for word in sorted(MEASURES.values(), key=len, reverse=True):
        if plain.endswith(word) and re.fullmatch(r"[\d.,\s]+", plain.removesuffix(word)):
            return plain.removesuffix(word).strip(), word
    return text, ""


def _unit(item: Item, text: str, reading: _Reading) -> str:
    """Return the code of a unit; without one written, the rule's own."""
    wanted = [ask for ask in item.asks() if ask.field == "measured"]
    if not text:
        return wanted[0].unit if wanted else ""
    return reading.one_of(UNIT, text, {words: code for ask in wanted for code, words in ask.options}) or ""


def _plain(number: Decimal | None) -> str:
    return "" if number is None else plain(number)


def _same(offered: Response, entry: FormItem) -> bool:
    now = entry.response
    return entry.carried is None and replace(offered, revision=now.revision, author=now.author, at=now.at) == now


def _save(wb: Workbench, changed: Sequence[tuple[Form, Sequence[Response]]]) -> None:
    """Save every answer in one transaction; inspections that nobody opened yet come into being first."""
    if not changed:
        return
    for form, _ in changed:
        wb.look("answer.save", form.unit.id, form.domain, form.campaign)
    for form, _ in changed:
        if form.record is None:
            open_inspections_of(wb, form.campaign, [(form.unit.id, form.domain)], "answer.save")
    records = [find_inspection(wb, form.campaign, form.unit.id, form.domain) for form, _ in changed]
    with wb.writing("answer.save", changed[0][0].unit.id, changed[0][0].domain, changed[0][0].campaign) as tx:
        for record, (form, offered) in zip(records, changed, strict=True):
            assert record is not None
            tx.require_sheets(record.id, form.checklist.version, form.sheets.own_version)
            tx.save_responses(record.id, [replace(one, author=wb.actor.name) for one in offered])

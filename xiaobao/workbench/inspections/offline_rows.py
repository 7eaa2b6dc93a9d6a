"""One row of an offline sheet: an answer as cells, and filled cells as an answer, with what is wrong with each."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from msgspec.structs import replace

from xiaobao.checklist.models import Item, Requires
from xiaobao.checklist.rules.looks import looks_text, read_looks
from xiaobao.checklist.rules.measures import read_ratio
from xiaobao.checklist.rules.rule import Ask
from xiaobao.errors import Fault
from xiaobao.labels import MEASURES, NEEDS, label
from xiaobao.model import Conclusion, Measured, Response
from xiaobao.numbers import ONE, plain, read_number
from xiaobao.personal.cleaning import clean_text
from xiaobao.scoring.responses import response_faults
from xiaobao.workbench.inspections.filling import FormItem

CONCLUSION, OPTION, DEDUCTION, COUNTS = "检查结论", "评定档次", "酌情扣分", "情形和次数"
MISSING, MEASURED, UNIT, LOOKS, NOTE, REASON = "缺少项数", "实测值", "计量单位", "逐次结果", "情况说明", "理由"
REMARKS, CLEARED, AMENDED, FILES = "退回意见", "意见处理", "改动原因", "佐证文件"
TITLE, REQUIREMENT, PROCEDURE, POINTS = "检查项", "检查要求", "检查程序", "分值"
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
    "missing": f"{MISSING}{{}}",
    "measured": f"{MEASURED}{{}}",
    "looks": f"{LOOKS}{{}}",
}
_COUNTED = re.compile(r"\s*(.+?)\s*[=＝]\s*(\S*)\s*")


@dataclass(frozen=True, kw_only=True)
class OfflineRow:
    """One filled row: `cells` by the titles of `ANSWERS`, `revision` of the answer that it was exported with.

    `mark` is that of the cells as exported, "" where the file has none; `texts` what the row says of the item.
    `files` are names of evidence in the folder beside; `cleared` says how the reviewer's remarks were met, `amended`
    why an answer differs from what was handed in.
    """

    row: int
    item_id: str
    revision: int
    cells: Mapping[str, str]
    mark: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    cleared: str = ""
    amended: str = ""


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


def offline_units(item: Item) -> tuple[str, ...]:
    """Return the words of the units in which the item is measured."""
    return tuple(words for ask in item.asks() if ask.field == "measured" for _, words in ask.options)


def hint(entry: FormItem) -> str:
    """Say which cells of a row are wanted beside the conclusion."""
    parts = [f"{one}时才填" for one in entry.conditions]
    parts += [_asked(ask) for ask in entry.item.asks()]
    parts += [_needed(one) for one in entry.item.requires]
    if entry.carried:
        parts.append("有旧版答复待确认，请重新作答或者在页面确认")
    return "；".join(dict.fromkeys(parts))


def _asked(ask: Ask) -> str:
    return f"在“{COUNTS}”等号后{counts_hint([ask])}" if ask.field == "counts" else _HINTS[ask.field].format(ask.brief)


def counts_hint(asks: Iterable[Ask]) -> str:
    """Say what is written behind the equals sign: a number of times, or of requirements whether they are met."""
    one = next((ask for ask in asks if ask.field == "counts" and ask.most == ONE), None)
    if one is None or "填 1" not in one.aim:
        return "填次数，如：情形=2"
    return "：" + (one.aim if one.always else one.aim.partition("，")[0])


def _needed(one: Requires) -> str:
    said = "或".join(label(Conclusion(conclusion)) for conclusion in one.conclusions)
    return f"结论为{said}的须填{'、'.join(NEEDS[need] for need in one.needs)}"


def item_texts(entry: FormItem) -> dict[str, str]:
    """Return what a row says of its item: nobody may answer another wording than the bank's."""
    item = entry.item
    return {TITLE: item.title, REQUIREMENT: item.requirement, PROCEDURE: item.procedure, POINTS: plain(item.points)}


def same_text(one: str, other: str) -> bool:
    """Compare as a person reads: spaces, line ends and characters that nobody sees may change on the way."""
    return "".join(clean_text(one)[0].split()) == "".join(clean_text(other)[0].split())


def comparable_cells(cells: Mapping[str, str]) -> list[list[str]]:
    """Return the cells of an answer in the form in which they are compared."""
    return [[line.strip() for line in cells.get(title, "").strip().splitlines()] for title in ANSWERS]


def cells_mark(cells: Mapping[str, str]) -> str:
    """Return the mark by which a row that nobody touched is known, whatever was saved meanwhile."""
    return hashlib.sha256(repr(comparable_cells(cells)).encode()).hexdigest()[:12]


def file_names(text: str) -> tuple[str, ...]:
    """Return the names of evidence in a cell: one a line, or apart by ；."""
    names = (one.strip() for line in text.splitlines() for one in _APART.split(line))
    return tuple(dict.fromkeys(unicodedata.normalize("NFC", one) for one in names if one))


def read_row(item: Item, row: OfflineRow, where: Fault) -> tuple[list[Fault], Response | None]:
    """Return the answer of one row with the faults of its cells; None for a row that says nothing.

    It bears the revision of the row and no evidence.
    """
    cells = {title: row.cells[title].strip() for title in ANSWERS}
    counts = dict(counted_lines(cells[COUNTS]))
    if not any(value for title, value in cells.items() if title not in (COUNTS, UNIT)) and not any(counts.values()):
        return [], None
    reading = _Reading(where, [])
    conclusion = reading.one_of(CONCLUSION, cells[CONCLUSION], CONCLUSIONS, wanted=True)
    options = {name: code for code, name in item.options().items()}
    named = {name: code for code, name in item.counted().items()}
    written, stated_unit = without_unit(cells[MEASURED])
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


def counted_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield (words, number) of each line “情形=次数”; a line of another form is words without a number.

    Several may stand on one line, apart by ；.
    """
    lines: list[str] = []
    for line in text.splitlines():
        lines += _APART.split(line) if len(_EQUALS.findall(line)) > 1 else [line]
    for line in filter(None, (line.strip(" \t;；") for line in lines)):
        match = _COUNTED.fullmatch(line)
        yield (match[1], re.sub(r"[次个项件人笔处]$", "", match[2])) if match else (line.strip(), "?")


def without_unit(text: str) -> tuple[str, str]:
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

"""考核结果 as a page: a unit sees its result and what it lost, objects with reason and files; head office decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.features.appraisal.appraising import AppraisalFigures
from xiaobao.features.appraisal.confirmation import publish_confirmation
from xiaobao.features.appraisal.results import APPEAL_WORDS, UnitResult, unit_result, unit_results
from xiaobao.features.appraisal.verbs import (
    APPRAISAL_COLUMNS,
    APPRAISAL_KIND,
    APPRAISAL_STATES,
    Appraisal,
    appeal,
    appeal_number,
    decide_appeal,
    find_seen,
)
from xiaobao.forms.page_choice import Choices, PageChoice, choose, open_for_writing
from xiaobao.forms.table_page import Given, TablePage, TableRow
from xiaobao.model import Actor, Period
from xiaobao.numbers import read_number, show
from xiaobao.workbench.evidence.attaching import attachments_of, file_of, present
from xiaobao.workbench.permitting import is_actor, known_units

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NO_APPEAL = "没有申诉"
_FIGURE = "figure "  # what the key of a figure's box begins with
_APPEAL = {
    "name": "appeal",
    "title": "提出申诉",
    "fields": [
        {"key": "grounds", "kind": "area", "title": "申诉事项和理由", "required": True},
        {"key": "file", "kind": "file", "title": "佐证文件"},
        {"key": "evidence", "kind": "area", "title": "其他佐证材料名称，一行一件"},
    ],
}
_PAPER = {"name": "paper", "title": "确认（申诉）表", "fields": []}


class AppraisalPage(TablePage):
    """One row a unit whose appraisal may be seen: result, deductions, appeals; acts as the table of rights says."""

    title: ClassVar[str] = "考核结果"
    verb = "appraisal.see"
    empty = "还没有公示的考核结果。总行在“工作台”的“考核”一步公示以后列在这里。"
    columns = (
        {
            "title": "机构和结果",
            "width": "20%",
            "parts": [
                {"key": "unit", "kind": "text"},
                {"key": "score", "kind": "text", "strong": True},
                {"key": "state", "kind": "facts"},
            ],
        },
        {
            "title": "得分和扣分（得分 / 权重）",
            "width": "38%",
            "parts": [{"key": "parts", "kind": "facts"}, {"key": "entries", "kind": "facts"}],
        },
        {
            "title": "申诉",
            "width": "28%",
            "parts": [
                {"key": "standing", "kind": "text", "strong": True},
                {"key": "appeals", "kind": "facts"},
                {"key": "files", "kind": "files"},
            ],
        },
        {"title": "办理", "width": "14%", "parts": [{"key": "acts", "kind": "acts"}]},
    )
    filters = ({"key": "standing", "title": "申诉", "values": [_NO_APPEAL, *(APPEAL_WORDS.values())]},)

    def choices(self, asked: PageChoice) -> Choices:
        """Offer the periods that were appraised, newest first, and the units whose results may be seen."""
        codes = {one.id for one in self._wb.store.list_published(APPRAISAL_KIND)}
        periods = sorted(codes, key=lambda code: (Period.parse(code).end, code), reverse=True)
        period = asked.period if asked.period in periods else next(iter(periods), "")
        seen = self._wb.sight("appraisal.see", period=period)
        known = {one.id: one.name for one in known_units(self._wb).values() if seen.shows(one.id)}
        wrong = [f"机构不存在：{asked.unit}"] if asked.unit and asked.unit not in known else []
        wrong += [f"这个期间没有考核：{asked.period}"] if asked.period and asked.period != period else []
        unit = asked.unit if asked.unit in known else next(iter(known)) if len(known) == 1 else ""
        return Choices(
            units=(("", "全部机构"), *((id, f"{name}（{id}）") for id, name in known.items())),
            periods=tuple((one, one) for one in periods),
            domains=(),
            chosen=PageChoice(unit=unit, period=period),
            fault=seen.reason or "；".join(wrong),
        )

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return the results that may be seen, those with an appeal to be decided first."""
        found = find_seen(self._wb, chosen.period)
        if found is None or found.state == "draft":
            return []
        names = {one.id: one.name for one in known_units(self._wb).values()}
        rows = [one for one in unit_results(self._wb, found) if chosen.unit in ("", one.unit)]
        return [self._row(found, one, names) for one in sorted(rows, key=lambda one: one.waiting is None)]

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Refuse: nothing is typed into a row. Raises InputError."""
        raise InputError("这里的内容不能直接修改")

    def act_on(
        self, name: str, row_id: str, seen: int, values: Mapping[str, str], file: Given
    ) -> Sequence[str] | Mapping[str, object]:
        """`appeal` with reason and file, `decide` with the figures put right, `paper` to sign; as the row was seen."""
        found, period = self._found(row_id), self._chosen.period
        if name == "paper":
            place = publish_confirmation(self._wb, period, row_id)
            return {"type": "download", "name": place.name, "media": _WORD, "buffers": [place.read_bytes()]}
        if found.revision != seen:
            raise InputError("考核结果已被他人更新，请刷新本页后再办理")
        if name == "appeal":
            named = [line.strip() for line in values.get("evidence", "").splitlines() if line.strip()]
            appeal(self._wb, period, row_id, values.get("grounds", ""), named, [file] if file else ())
        elif name == "decide":
            accepted = values.get("verdict") == "upheld"
            before = next(one for one in found.figures if one.unit == row_id)
            after = _corrected(before, values) if accepted else None
            decide_appeal(self._wb, period, row_id, accepted, values.get("reason", ""), after)
        else:
            return super().act_on(name, row_id, seen, values, file)
        return ()

    def _found(self, unit: str) -> Appraisal:
        found = find_seen(self._wb, self._chosen.period)
        if found is None or found.state == "draft":
            raise InputError(Fault("这个期间的考核还没有公示", value=self._chosen.period))
        unit_result(unit_results(self._wb, found), unit)
        return found

    def _row(self, found: Appraisal, one: UnitResult, names: Mapping[str, str]) -> TableRow:
        until = {"申诉截止": found.appeals_until.isoformat()} if found.appeals_until else {}
        standing = APPEAL_WORDS[one.appeals[-1][1].accepted] if one.appeals else _NO_APPEAL
        return {
            "id": one.unit,
            "revision": found.revision,
            "locked": [],
            "tags": {"standing": standing},
            "cells": {
                "unit": f"{names.get(one.unit, one.unit)}（{one.unit}）",
                "score": " ".join(filter(None, (one.score, one.grade))),
                "state": {"状态": APPRAISAL_STATES[found.state], **until},
                "parts": {line.title: _part(line.earned, line.weight, line.lost, line.said) for line in one.parts},
                "entries": {
                    f"加减分 {entry.number}": f"{show(entry.entry.points)} 分，{entry.entry.what}"
                    + (f"（已撤销：{entry.withdrawn}）" if entry.withdrawn else "")
                    for entry in one.entries
                },
                "standing": standing,
                "appeals": {key: text for place, _ in one.appeals for key, text in _appeal_words(found, place)},
                "files": [
                    file_of(kept)
                    for place, _ in one.appeals
                    for kept in present(attachments_of(self._wb, "appraisal", appeal_number(found, place)))
                ],
                "acts": self._acts(found, one),
            },
        }

    def _acts(self, found: Appraisal, one: UnitResult) -> list[Mapping[str, object]]:
        acts: list[Mapping[str, object]] = []
        may_appeal = not self._wb.may("appraisal.appeal", one.unit)
        running = found.state == "published"
        late = found.appeals_until is not None and self._wb.today > found.appeals_until
        if running and not late and one.waiting is None and may_appeal:
            acts.append(_APPEAL)
        waiting = one.waiting if running and not self._wb.may("appraisal.decide") else None
        if waiting is not None and not is_actor(self._wb, Actor(name=waiting.by)):
            acts.append(_decision(next(figures for figures in found.figures if figures.unit == one.unit)))
        return [*acts, _PAPER] if may_appeal or not self._wb.may("appraisal.make") else acts


def _part(earned: str, weight: str, lost: str, said: str) -> str:
    return (
        f"{earned} / {weight}" + (f"，扣 {lost} 分" if lost not in ("0", "—") else "") + (f"；{said}" if said else "")
    )


def _appeal_words(found: Appraisal, place: int) -> list[tuple[str, str]]:
    one = found.appeals[place - 1]
    day = f" {one.day}" if one.day else ""
    words = [(f"申诉（{one.by}{day}）", one.grounds)]
    words += [("佐证", "、".join(one.evidence))] if one.evidence else []
    if one.accepted is not None:
        words.append((f"处理（{one.decided_by}）", f"{APPEAL_WORDS[one.accepted]}：{one.reason}"))
    return words if place == 1 else [(f"{title}·{place}", text) for title, text in words]


def _decision(figures: AppraisalFigures) -> Mapping[str, object]:
    """Return the act of deciding: verdict, reason, and a box for each figure with what was made public."""
    verdicts = [["upheld", "成立，按下面更正后的数据重算"], ["rejected", "不成立，维持原结果"]]
    boxes = [
        {"key": f"{_FIGURE}{name}", "kind": "line", "title": title, "value": _typed(getattr(figures, name))}
        for title, name in APPRAISAL_COLUMNS.items()
    ]
    return {
        "name": "decide",
        "title": "处理申诉",
        "lines": ["申诉成立的，把更正后的考核数据填在下面，空白是无数据；加减分有误的，先在工作台撤销或登记。"],
        "fields": [
            {"key": "verdict", "kind": "select", "title": "处理结果", "options": verdicts, "required": True},
            {"key": "reason", "kind": "area", "title": "处理理由", "required": True},
            *boxes,
        ],
    }


def _typed(number: Decimal | int | None) -> str:
    return "" if number is None else f"{number:f}" if isinstance(number, Decimal) else str(number)


def _corrected(before: AppraisalFigures, values: Mapping[str, str]) -> AppraisalFigures:
    """Read the figures as they were put right. Raises InputError with all faults, and where nothing is other."""
    read: dict[str, Decimal | int | None] = {}
    faults = []
    for title, name in APPRAISAL_COLUMNS.items():
        text = values.get(f"{_FIGURE}{name}", "").strip()
        number, wrong = read_number(text) if text else (None, "")
        whole = name != "inspection"
        if wrong or (number is not None and whole and number != int(number)):
            faults.append(Fault("不是整数" if whole else "不是数", column=title, value=text))
        else:
            read[name] = int(number) if whole and number is not None else number
    if faults:
        raise InputError(faults)
    read["disputed"] = read["disputed"] or 0
    after = replace(before, **read)
    if after == before:
        raise InputError(Fault("申诉成立，须更正考核数据；各项与公示的相同"))
    return after if after.inspection == before.inspection else replace(after, inspection_marks="")


def appraisal_page(unit: str = "", period: str = "", workspace: str = "", as_of: str = "") -> AppraisalPage:
    """打开考核结果：机构看结果和扣分、提出申诉，总行处理；网页地址里的 ?unit=&period= 优先于参数。"""
    return AppraisalPage(open_for_writing(workspace, as_of), choose(unit, period, ""))

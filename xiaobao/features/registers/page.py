"""登记簿 as a page: choose a register, enter a row, amend or take back others, saying why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from msgspec import structs

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.shape import Column, Dataset
from xiaobao.errors import Fault, InputError
from xiaobao.features.registers.entered import REGISTERS_ENTERED, entered_register
from xiaobao.features.registers.entering import (
    RegisterLine,
    amend_row,
    enter_row,
    register_lines,
    row_history,
    withdraw_row,
)
from xiaobao.forms.page_choice import Choices, PageChoice, choices, choose, open_for_writing
from xiaobao.forms.showing import beijing
from xiaobao.forms.table_page import TablePage, TableRow

_NEW = "new"
_STEPS = {"enter": "登记", "amend": "更正", "withdraw": "撤回登记、更正"}
_KINDS = {"date": "date", "note": "area"}


class RegistersPage(TablePage):
    """The rows of one register: those of the choice's `domain`, which here names the register."""

    title: ClassVar[str] = "登记簿"
    verb = "register.rows"
    empty = "本期没有登记。点“登记一行”填写，或导入台账。"
    explicit = True
    filters = ({"key": "source", "title": "来源", "values": ["导入", "登记", "更正"]},)

    def __init__(self, wb: Any, asked: PageChoice) -> None:
        self._adding = False
        super().__init__(wb, asked)

    def choices(self, asked: PageChoice) -> Choices:
        """Offer the registers where other tables offer domains."""
        offered = choices(self._wb, replace(asked, domain=""), any_unit=True, any_domain=True, verb=self.verb)
        known = {name: DATASETS[name].title for name in REGISTERS_ENTERED}
        name = asked.domain if asked.domain in known else REGISTERS_ENTERED[0]
        wrong = f"没有这个登记簿：{asked.domain}" if asked.domain and asked.domain not in known else ""
        return replace(
            offered,
            domains=tuple(known.items()),
            chosen=replace(offered.chosen, domain=name),
            domain_title="登记簿",
            fault="；".join(filter(None, (offered.fault, wrong))),
        )

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return the register's rows, before them an empty one while a person enters it."""
        spec, period = entered_register(chosen.domain), chosen.period.partition("/")[0]
        self.columns = tuple(_columns(spec))
        lines = register_lines(self._wb, spec.name, period, chosen.unit)
        self._lines = {one.key: one for one in lines}
        may = {unit: not self._wb.may("register.enter", unit) for unit in {one.unit for one in lines}}
        rows = [self._row(spec, one, may[one.unit]) for one in lines]
        return [_blank(spec, chosen.unit), *rows] if self._adding else rows

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        units = [chosen.unit] if chosen.unit else [unit for unit, _ in self._offered_units if unit] or [""]
        may = any(not self._wb.may("register.enter", unit) for unit in units)
        return [{"name": "add", "title": "登记一行"}] if may and chosen.period else []

    def act(self, name: str, chosen: PageChoice, values: Mapping[str, str]) -> None:
        """`add`: put an empty row before the others. Raises InputError for another name."""
        if name != "add":
            super().act(name, chosen, values)
        self._adding = True

    def said(self, fault: Fault) -> Fault:
        """Name the cell: a row has up to twenty."""
        return structs.replace(fault, item="")

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Take the step that was chosen. Raises InputError without one."""
        chosen = self._chosen
        period, reason, step = chosen.period.partition("/")[0], cells.get("reason", ""), cells.get("to", "")
        said = {name: text for name, text in cells.items() if name not in ("reason", "to")}
        if row_id == _NEW and step == "enter":
            enter_row(self._wb, chosen.domain, period, {"unit": chosen.unit, **said}, reason)
            self._adding = False
        elif step == "amend":
            amend_row(self._wb, chosen.domain, period, row_id, said, reason, seen_revision)
        elif step == "withdraw":
            withdraw_row(self._wb, chosen.domain, period, row_id, reason, seen_revision)
        else:
            raise InputError(Fault("请选择办理：" + "、".join(_STEPS.values()), value=step))

    def _row(self, spec: Dataset, line: RegisterLine, may: bool) -> TableRow:
        personal = [column.name for column in spec.columns if column.personal]
        steps = ["amend", *(["withdraw"] if line.source != "导入" else [])] if may else []
        shut = [column.name for column in spec.columns] if not may else [spec.key[0], *personal]
        titles = {column.name: column.title for column in spec.columns}
        past = {
            f"{beijing(at)} {who}": f"{act}{f'，{why}' if why else ''}" for at, who, act, why in self._past(spec, line)
        }
        return {
            "id": line.key,
            "revision": line.revision,
            "locked": [*shut, *([] if may else ["reason", "to"])],
            "options": {"to": [[step, _STEPS[step]] for step in steps]},
            "tags": {"source": line.source},
            "cells": {
                **line.cells,
                "source": line.source,
                "theirs": {
                    f"文件：{titles[name]}": text for name, text in line.differing.items() if name != spec.key[0]
                },
                "past": past,
                "reason": "",
                "to": "",
            },
        }

    def _past(self, spec: Dataset, line: RegisterLine) -> Sequence[tuple[Any, str, str, str]]:
        return row_history(self._wb, spec.name, line.period, line.key)[-5:] if line.revision else ()


def registers(
    unit: str = "", period: str = "", register: str = "", workspace: str = "", as_of: str = ""
) -> RegistersPage:
    """打开登记簿：登记、更正、撤回；网页地址里的 ?unit=&period=&domain= 优先于参数。"""
    return RegistersPage(open_for_writing(workspace, as_of), choose(unit, period, register))


def _columns(spec: Dataset) -> Iterator[Mapping[str, object]]:
    key, unit, *others = sorted(spec.columns, key=lambda one: (one.name != spec.key[0], one.name != spec.unit))
    head = [_part(key), _part(unit), {"key": "source", "kind": "text"}]
    yield {"title": f"{key.title} / {unit.title}", "width": "15%", "parts": head}
    size = -(-len(others) // 3)
    for chunk in (others[first : first + size] for first in range(0, len(others), size)):
        yield {"title": f"{chunk[0].title}等", "width": "22%", "parts": [_part(column) for column in chunk]}
    steps = [[step, word] for step, word in _STEPS.items()]
    yield {
        "title": "办理",
        "width": "19%",
        "parts": [
            {"key": "reason", "kind": "line", "title": "原因（更正、撤回必填）"},
            {"key": "to", "kind": "select", "title": "办理", "blank": "办理……", "options": steps},
            {"key": "theirs", "kind": "facts"},
            {"key": "past", "kind": "facts"},
        ],
    }


def _part(column: Column) -> dict[str, object]:
    need = "（必填）" if column.required else ""
    part = {"key": column.name, "title": column.title + need, "label": column.title}
    words = ("是", "否") if column.kind == "flag" else column.allowed
    if words:
        return {**part, "kind": "select", "blank": column.title + need, "options": [[word, word] for word in words]}
    hint = "，如 2026-03-01 09:30" if column.kind == "datetime" else ""
    return {**part, "title": f"{part['title']}{hint}", "kind": _KINDS.get(column.kind, "line")}


def _blank(spec: Dataset, unit: str) -> TableRow:
    return {
        "id": _NEW,
        "revision": 0,
        "locked": [],
        "options": {"to": [["enter", _STEPS["enter"]]]},
        "tags": {"source": "登记"},
        "cells": {
            **{column.name: "" for column in spec.columns},
            spec.unit: unit,
            "source": "新登记",
            "reason": "",
            "to": "",
        },
    }

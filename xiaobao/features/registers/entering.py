"""登记、更正、撤回 rows of a register, and what happens when an import meets them.

Each act makes a new extract of the register and period, imported rows and entered ones together, in the transaction in
which it is kept: what stands in the store and what the checks read are one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.extracts import Imported, about
from xiaobao.datasets.ids import compared
from xiaobao.datasets.importing import write_extract
from xiaobao.datasets.partitions import newest, standing_rows
from xiaobao.datasets.personal import key_mark, known_key
from xiaobao.datasets.shape import Dataset
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.registers.entered import (
    ENTERED,
    REGISTER_ROWS,
    REGISTERS_ENTERED,
    WITHDRAWN,
    RegisterRow,
    entered_register,
)
from xiaobao.features.registers.laying_over import SOURCE, by_key, checked_row, laid_over, read_base, without_keys
from xiaobao.model import Period
from xiaobao.workbench.importing import imported_files
from xiaobao.workbench.results.handing_in import keep_before_import
from xiaobao.workbench.workspace import KEY_FILE, Workbench

if TYPE_CHECKING:
    from xiaobao.store.repository import Writing


_ALL = 1_000_000
_ACTS = {"enter": "登记", "amend": "更正", "withdraw": "撤回"}


@dataclass(frozen=True, kw_only=True)
class RegisterLine:
    """One row as it counts. `source` is 导入, 登记 or 更正; `revision` 0 where nobody entered anything.

    `differing` are the imported cells that people said otherwise, by column; `period` is that of its import.
    """

    key: str
    unit: str
    period: str
    cells: Mapping[str, str]
    source: str
    revision: int
    differing: Mapping[str, str]


def register_lines(wb: Workbench, register: str, period: str, unit: str = "") -> tuple[RegisterLine, ...]:
    """Return the rows of a register that count in a period, by key; of `unit` alone where one is named.

    Raises InputError for another register, NotAllowed for who may see none.
    """
    spec, span = entered_register(register), Period.parse(period)
    seen = wb.sight("register.rows", period=span.code)
    if seen.reason:
        raise NotAllowed(seen.reason)
    frame = standing_rows(imported_files(wb, spec.name), spec.name, span)
    kept = {(row.period, compared(row.key)): row for row in _kept(wb, spec)}
    lines = []
    for alike, cells in ({} if frame is None else by_key(frame, spec)).items():
        place = _place_of(wb, spec, span, alike)
        row = kept.get((place, alike))
        said = row if row is not None and row.state == ENTERED else None
        lines.append(
            RegisterLine(
                key=cells[spec.key[0]],
                unit=cells[spec.unit],
                period=place,
                cells=cells,
                source="导入" if said is None else "登记" if said.beneath is None else "更正",
                revision=row.revision if row else 0,
                differing=said.differing() if said else {},
            )
        )
    shown = [one for one in lines if seen.shows(one.unit) and unit in ("", one.unit)]
    return tuple(sorted(shown, key=lambda one: one.key))


def enter_row(wb: Workbench, register: str, period: str, cells: Mapping[str, str], reason: str = "") -> RegisterRow:
    """Enter a new row; `cells` by column or title. Raises InputError for faulty cells and for a key that is there."""
    spec, span = entered_register(register), Period.parse(period)
    whole = _checked(wb, spec, span, {**_by_column(spec, cells)})
    key = whole[spec.key[0]]
    wb.look("register.enter", whole[spec.unit])
    place = _home(wb, spec, span)
    if any(compared(key) in _held(wb, spec, code) for code in ({place} if not spec.day else _periods(wb, spec))):
        raise InputError(Fault("登记簿里已有这个编号，请更正那一行", column=spec.column(spec.key[0]).title, value=key))
    before = next((row for row in _kept(wb, spec) if (row.period, compared(row.key)) == (place, compared(key))), None)
    row = RegisterRow(
        dataset=spec.name,
        period=place,
        key=before.key if before else key,
        unit=whole[spec.unit],
        cells={name: text for name, text in whole.items() if text},
        reason=reason.strip(),
        revision=before.revision if before else 0,
    )
    return _keep(wb, spec, row, "enter")


def amend_row(
    wb: Workbench,
    register: str,
    period: str,
    key: str,
    cells: Mapping[str, str],
    reason: str,
    seen_revision: int | None = None,
) -> RegisterRow:
    """Change cells of a row, imported or entered, saying why; "" empties a cell, the key stays.

    Raises InputError for faulty cells, without a reason and for a row that is not there, StaleRevision where somebody
    changed it since `seen_revision`.
    """
    spec, span = entered_register(register), Period.parse(period)
    line = _line(wb, spec, span, key)
    said = _by_column(spec, cells)
    name = spec.key[0]
    if said.get(name, line.key) != line.key:
        raise InputError(Fault("编号不能改；登错了编号的，撤回这一行再登记", column=spec.column(name).title))
    said.pop(name, None)
    changed = {one: text for one, text in said.items() if text != line.cells.get(one, "")}
    if not changed:
        raise InputError(Fault("没有改动", item=key))
    if not reason.strip():
        raise InputError(Fault("更正须写明原因", item=key))
    whole = _checked(wb, spec, span, {**line.cells, **changed}, said=changed)
    for unit in {line.unit, whole[spec.unit]}:
        wb.look("register.enter", unit)
    row = _amended(wb, spec, line, {one: whole[one] for one in changed}, whole[spec.unit])
    seen = row.revision if seen_revision is None else seen_revision
    return _keep(wb, spec, replace(row, reason=reason.strip(), revision=seen, state=ENTERED), "amend")


def _amended(wb: Workbench, spec: Dataset, line: RegisterLine, now: Mapping[str, str], unit: str) -> RegisterRow:
    """Return the kept row with cells as they are `now`: an entered one goes on, over an imported one they lie."""
    before = next((row for row in _kept(wb, spec, line.period) if compared(row.key) == compared(line.key)), None)
    if before is not None and before.state == ENTERED:
        return replace(before, cells={**before.cells, **now}, unit=unit)
    return RegisterRow(
        dataset=spec.name,
        period=line.period,
        key=before.key if before else line.key,
        unit=unit,
        cells=now,
        beneath=line.cells,
        revision=before.revision if before else 0,
    )


def withdraw_row(
    wb: Workbench, register: str, period: str, key: str, reason: str, seen_revision: int | None = None
) -> RegisterRow:
    """Take back what people said of a row: the imported one counts again, or none where no file brought it.

    Raises InputError without a reason, and for a row of which nobody said anything.
    """
    spec, span = entered_register(register), Period.parse(period)
    line = _line(wb, spec, span, key)
    row = next((one for one in _kept(wb, spec, line.period) if compared(one.key) == compared(line.key)), None)
    if row is None or row.state != ENTERED:
        raise InputError(Fault("这一行是导入的，没有登记或更正可以撤回", item=key))
    if not reason.strip():
        raise InputError(Fault("撤回须写明原因", item=key))
    wb.look("register.enter", line.unit)
    seen = row.revision if seen_revision is None else seen_revision
    return _keep(wb, spec, replace(row, state=WITHDRAWN, reason=reason.strip(), revision=seen), "withdraw")


def row_history(wb: Workbench, register: str, period: str, key: str) -> tuple[tuple[datetime, str, str, str], ...]:
    """Return (when, who, act, reason) of every act on a row, oldest first."""
    row = next((one for one in _kept(wb, DATASETS[register], period) if compared(one.key) == compared(key)), None)
    if row is None:
        return ()
    events = wb.store.events(_ALL, REGISTER_ROWS.chain_of(row), REGISTER_ROWS.object_of(row))
    acts = [(one, json.loads(one.payload or "{}")) for one in reversed(events) if one.verb in _ACTS]
    return tuple((one.at, one.actor, _ACTS[one.verb], said.get("reason", "")) for one, said in acts)


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """An import on its way to the rows that people entered: `imported` are those of other keys.

    `rows` lie over what the file brought for them now; `notices` say each cell that differs.
    """

    imported: Imported
    rows: tuple[RegisterRow, ...]
    notices: tuple[str, ...]
    spec: Dataset
    base: Imported | None

    def whole(self, wb: Workbench) -> Imported:
        """Return the one extract that the import makes, with the rows that people entered."""
        parts = [self.imported] if self.base is None else [self.imported, _rest(self)]
        return _laid(wb, self.spec, self.imported.period, parts, self.rows)

    def keep(self, tx: Writing) -> None:
        """Note what each entered row now lies over."""
        tx.save_kept("register_rows", "meet", self.rows)


def meet_import(wb: Workbench, imported: Imported, replacing: bool) -> Meeting | None:
    """Return how an import meets entered rows of its register and period; None where nobody entered any."""
    if imported.dataset not in REGISTERS_ENTERED:
        return None
    spec = DATASETS[imported.dataset]
    kept = [row for row in _kept(wb, spec, imported.period) if row.state == ENTERED]
    if not kept:
        return None
    brought = by_key(imported.frame, spec)
    rows, notices = [], []
    for row in kept:
        beneath = brought.get(compared(row.key))
        if beneath is None and not replacing:
            continue
        if beneath is None:
            whole = {name: text for name, text in row.whole().items() if text}
            rows.append(replace(row, cells=whole, beneath=None))
            if row.beneath is not None:
                notices.append(f"{spec.title} {row.key}：文件里没有这一行，页面更正过，按登记保留")
            continue
        met = replace(row, beneath={**beneath, spec.key[0]: row.key})  # sj01 of a file is SJ01
        rows.append(replace(met, unit=met.whole()[spec.unit]))
        for name, theirs in met.differing().items():
            sides = f"文件是“{theirs or '空'}”，页面登记为“{row.cells[name] or '空'}”"
            notices.append(
                f"{spec.title} {row.key}［{spec.column(name).title}］{sides}，按登记保留；要用文件的，撤回登记"
            )
    over = {compared(row.key) for row in kept}
    base = None if replacing else read_base(_paths(wb, spec, imported.period), spec, imported.period)
    return Meeting(
        imported=replace(imported, frame=without_keys(imported.frame, spec, over)),
        rows=tuple(rows),
        notices=tuple(notices),
        spec=spec,
        base=base,
    )


def _rest(meeting: Meeting) -> Imported:
    assert meeting.base is not None
    over = {compared(row.key) for row in meeting.rows}
    return replace(meeting.base, frame=without_keys(meeting.base.frame, meeting.spec, over))


def _keep(wb: Workbench, spec: Dataset, row: RegisterRow, verb: str) -> RegisterRow:
    """Keep a row and make the extract that it stands in, under one lock: nobody enters in between."""
    keep_before_import(wb)
    with wb.writing("register.enter", row.unit) as tx:
        [kept] = tx.save_kept("register_rows", verb, [row])
        base = read_base(_paths(wb, spec, row.period), spec, row.period)
        rows = [kept] if kept.state == ENTERED or kept.beneath is not None else []
        shown = [replace(kept, cells={})] if rows and kept.state == WITHDRAWN else rows
        parts = [] if base is None else [replace(base, frame=without_keys(base.frame, spec, {compared(row.key)}))]
        imported = _laid(wb, spec, row.period, parts, shown)
        path, digest = write_extract(imported, wb.home / "data" / "extracts" / spec.name / row.period)
        place = path.relative_to(wb.home).as_posix()
        tx.add_import(spec.name, row.period, SOURCE, digest, imported.rows, place, replace=True)
    return kept


def _laid(
    wb: Workbench, spec: Dataset, period: str, parts: Sequence[Imported], rows: Sequence[RegisterRow]
) -> Imported:
    import pandas as pd

    span, key = Period.parse(period), _key(wb, spec)
    base = None
    if parts:
        frames = [one.frame for one in parts]
        absent = set.intersection(*(set(one.absent) for one in parts))
        whole = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
        base = replace(
            parts[0], frame=whole, absent=tuple(sorted(absent)), aside=tuple(a for p in parts for a in p.aside)
        )
    return laid_over(base, rows, spec, span, key, frozenset(wb.units(period)), key_mark(key))


def _checked(
    wb: Workbench, spec: Dataset, span: Period, cells: Mapping[str, str], said: Collection[str] | None = None
) -> dict[str, str]:
    """Return the checked texts of a row; a pseudonym that nobody typed anew stays what it is. Raises InputError."""
    wanted = span if spec.day else Period.parse(span.code)
    try:
        whole = checked_row(spec, cells, _key(wb, spec), wanted, frozenset(wb.units(span.code)))
    except InputError as error:
        raise InputError([replace(fault, file="", sheet="", row=None) for fault in error.faults]) from None
    for column in spec.columns:
        if column.personal == "pseudonym" and said is not None and column.name not in said:
            whole[column.name] = cells.get(column.name, "")
    if len(whole[spec.key[0]]) > 64:
        raise InputError(Fault("编号太长", column=spec.column(spec.key[0]).title, allowed="不超过 64 字"))
    return whole


def _key(wb: Workbench, spec: Dataset) -> bytes:
    paths = (wb.home / record.path for record in reversed(wb.store.imports()))
    mark = next((about(path).get("key", "") for path in paths if path.is_file()), "")
    return known_key(wb.home / KEY_FILE, mark)


def _by_column(spec: Dataset, cells: Mapping[str, str]) -> dict[str, str]:
    """Return cells by column name; titles and aliases are understood. Raises InputError for what is none."""
    names = {title: column.name for column in spec.columns for title in (column.name, column.title, *column.aliases)}
    wrong = [one for one in cells if one not in names]
    if wrong:
        allowed = "、".join(column.title for column in spec.columns)
        raise InputError(Fault("登记簿没有这一列", value=one, allowed=allowed) for one in wrong)
    return {names[one]: text.strip() for one, text in cells.items()}


def _line(wb: Workbench, spec: Dataset, span: Period, key: str) -> RegisterLine:
    for line in register_lines(wb, spec.name, span.code):
        if compared(line.key) == compared(key):
            return line
    raise InputError(Fault("登记簿里没有这个编号", column=spec.column(spec.key[0]).title, value=key))


def _kept(wb: Workbench, spec: Dataset, period: str | None = None) -> tuple[RegisterRow, ...]:
    found: tuple[RegisterRow, ...] = wb.store.kept("register_rows", dataset=spec.name, period=period)
    return found


def _periods(wb: Workbench, spec: Dataset) -> list[str]:
    return list(dict.fromkeys(record.period for record in wb.store.imports(spec.name)))


def _paths(wb: Workbench, spec: Dataset, period: str) -> list[Path]:
    return [wb.home / record.path for record in wb.store.imports(spec.name, period)]


def _held(wb: Workbench, spec: Dataset, period: str) -> Mapping[str, Mapping[str, str]]:
    base = read_base(_paths(wb, spec, period), spec, period)
    return {} if base is None else by_key(base.frame, spec)


def _home(wb: Workbench, spec: Dataset, span: Period) -> str:
    """Return the period whose import a new row joins: a register without a day is one list, the newest that stands."""
    if spec.day:
        return span.code
    files = imported_files(wb, spec.name)
    if any(file.period.code == span.code for file in files):
        return span.code
    reaching = [file for file in files if file.period.start <= span.end and file.period.end >= span.start]
    return newest(reaching)[0].period.code if reaching else span.code


def _place_of(wb: Workbench, spec: Dataset, span: Period, alike: str) -> str:
    """Return the period of the import in which a standing row lies."""
    if not spec.day:
        return _home(wb, spec, span)
    reaching = [
        one for one in _periods(wb, spec) if Period.parse(one).start <= span.end and Period.parse(one).end >= span.start
    ]
    if len(reaching) == 1:
        return reaching[0]
    return next(one for one in reaching if alike in _held(wb, spec, one))

"""Bring an extract in: read, check, pseudonymise, write once, record. Only what the store lists counts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import structs

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.extracts import Imported, ImportedFile, about
from xiaobao.datasets.importing import questioned_amounts, questioned_days, read_extract, refuse_overlap, write_extract
from xiaobao.datasets.mapping import load_mapping
from xiaobao.datasets.personal import known_key
from xiaobao.datasets.reading import FileLimits
from xiaobao.datasets.setting_aside import AsideRow, write_aside
from xiaobao.errors import Fault, InputError, XiaobaoError, machine_words
from xiaobao.feature_list import brought, load, named
from xiaobao.model import Period
from xiaobao.personal import mask
from xiaobao.workbench.workspace import KEY_FILE, Workbench

if TYPE_CHECKING:
    import pandas as pd

    from xiaobao.datasets.shape import Dataset
    from xiaobao.datasets.suggesting import ValueList


_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class ImportSummary:
    """What an import did: rows stored, notices to the person, and the rows it set aside."""

    dataset: str
    title: str
    period: str
    rows: int
    notices: tuple[str, ...]
    aside: tuple[AsideRow, ...] = ()


def import_extract(
    wb: Workbench,
    dataset: str,
    files: Sequence[Path],
    period: str,
    mapping: Path | None = None,
    replace: bool = False,
    set_aside: Path | None = None,
) -> ImportSummary:
    """Import files of one dataset, all or nothing. Raises InputError with every fault; then nothing is stored.

    `set_aside`: put rows with faults of their own apart into this workbook, recorded and counted, and import the rest.
    Raises WorkspaceError before anything is read when the pseudonym key is lost, damaged or was replaced.
    """
    if dataset not in DATASETS:
        raise InputError(Fault("没有这个数据集", value=dataset, allowed="、".join(DATASETS)))
    wb.look("data.import")
    spec, span = DATASETS[dataset], Period.parse(period)
    if set_aside is not None and set_aside.exists():
        raise InputError(Fault("文件已经存在，没有覆盖", file=set_aside.name, allowed="另指定一个文件"))
    from xiaobao.workbench.results.handing_in import keep_before_import

    imported = _read(wb, spec, files, span, mapping, apart=set_aside is not None)
    keep_before_import(wb)
    before = imported_files(wb, dataset)
    imported, meetings, replace = _met(wb, imported, span, before, replace)
    earlier = [file for file in before if file.period.start < span.start]
    today = max(wb.today, date.today())  # the day of a workspace may be set back
    questions = (*questioned_amounts(imported, earlier), *questioned_days(imported, today))
    path, digest = write_extract(imported, wb.home / "data" / "extracts" / dataset / span.code)
    names, place = "、".join(file.name for file in files), path.relative_to(wb.home).as_posix()
    aside = _write_aside(imported.aside, spec, set_aside)
    with _taken_back(set_aside if aside else None), wb.writing("data.import") as tx:
        tx.add_import(dataset, span.code, names, digest, imported.rows, place, replace=replace)
        for one in meetings:
            one.keep(tx)
        if aside and set_aside is not None:
            tx.record_file(f"{spec.title} {span.code} 导入搁置清单：{aside}", set_aside.name, _digest(set_aside))
    asked = _unknown_businesses(imported.frame) if dataset == "units" else ()
    return ImportSummary(
        dataset=dataset,
        title=spec.title,
        period=span.code,
        rows=imported.rows,
        notices=(*imported.notices, *questions, *_said_of_aside(aside, set_aside), *asked),
        aside=imported.aside,
    )


def _read(
    wb: Workbench, spec: Dataset, files: Sequence[Path], span: Period, mapping: Path | None, *, apart: bool
) -> Imported:
    """Read the files under the workspace's key, register of units and limits; `apart`: set rows with faults aside."""
    return read_extract(
        files,
        spec,
        key=known_key(wb.home / KEY_FILE, key_mark_in_force(wb)),
        mapping=load_mapping(mapping, spec) if mapping else None,
        period=span,
        known_units=None if spec.name == "units" or not spec.unit else frozenset(wb.units(span.code)),
        limits=FileLimits(megabytes=wb.settings.limits.file_megabytes, rows=wb.settings.limits.rows),
        set_aside=apart,
    )


def _met(
    wb: Workbench, imported: Imported, span: Period, before: Sequence[ImportedFile], replace: bool
) -> tuple[Imported, list[Any], bool]:
    """Lay what features keep of this dataset over what came in; return the whole, the meetings, whether it replaces.

    Raises InputError where rows overlap with those of another import.
    """
    others = [file for file in before if not (replace and file.period == span)]
    meetings = [one for meet in brought("meets") if (one := meet(wb, imported, replace)) is not None]
    if not meetings:
        refuse_overlap(imported, others)
    for one in meetings:
        refuse_overlap(one.imported, others)
        imported, replace = structs.replace(one.whole(wb), notices=(*imported.notices, *one.notices)), True
        others = [file for file in before if file.period != span]
    return imported, meetings, replace


@contextmanager
def _taken_back(written: Path | None) -> Iterator[None]:
    """Take back the list of rows set apart where the import is refused after all: nothing is half-stored."""
    try:
        yield
    except XiaobaoError:
        if written is not None:
            written.unlink(missing_ok=True)
        raise


def _said_of_aside(aside: str, set_aside: Path | None) -> Iterator[str]:
    """Say what became of the wish to put rows apart."""
    if set_aside is not None:
        yield f"按 --set-aside 搁置 {aside}，已写入 {set_aside.name}" if aside else "没有需要搁置的行，没有写搁置清单"


def _unknown_businesses(units: pd.DataFrame) -> Iterator[str]:
    """Ask which businesses the inspected units run of which nobody said: until then everything applies to them."""
    said = units["businesses"].fillna("").astype(str).str.strip()
    open_units = units[(said == "") & units["inspected"].ne(False).fillna(True)]
    names = [f"{name}（{unit}）" for unit, name in zip(open_units["unit"], open_units["name"], strict=True)]
    if names:
        more = f"等 {len(names)} 家" if len(names) > _NAMED else f"共 {len(names)} 家"
        yield (
            f"没有填业务开办清单的机构：{'、'.join(names[:_NAMED])}，{more}。填上之前，各项业务的检查项对它们全部按适用处理；"
            "请在机构名单的“业务开办清单”列填写开办的业务（用顿号分隔，都没有开办的填“无”），"
            "再运行 xiaobao import units 文件 --replace"
        )


def key_mark_in_force(wb: Workbench) -> str:
    """Return the mark of the key that imports in force were made with; "" when there are none to be read."""
    paths = (wb.home / record.path for record in reversed(wb.store.imports()))
    return next((about(path).get("key", "") for path in paths if path.is_file()), "")


def _write_aside(rows: Sequence[AsideRow], spec: Dataset, path: Path | None) -> str:
    """Write the rows put apart, if any; return how many of each reason."""
    if not rows or path is None:
        return ""
    write_aside(rows, spec, path)
    counts = Counter(row.reason for row in rows)
    return "、".join(f"{reason} {count} 行" for reason, count in sorted(counts.items()))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def suggest_mapping(wb: Workbench, dataset: str, file: Path, output: Path) -> Path:
    """Write a proposed mapping (.yaml, or .xlsx to be filled in Excel) for a person to confirm; nothing is imported.

    Raises InputError if the file is there already.
    """
    from xiaobao.datasets.suggesting import suggest, suggest_book

    if dataset not in DATASETS:
        raise InputError(Fault("没有这个数据集", value=dataset, allowed="、".join(DATASETS)))
    limits = FileLimits(megabytes=wb.settings.limits.file_megabytes, rows=wb.settings.limits.rows)
    lists = value_lists(wb, dataset)
    if output.suffix.lower() == ".xlsx":
        suggest_book(file, dataset, lists, limits, output)
        return output
    text = suggest(file, dataset, lists, limits)
    text = "".join(mask(line) for line in text.splitlines(keepends=True))
    try:
        with output.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError as error:
        raise InputError(Fault("文件已经存在，没有覆盖", file=output.name, allowed="用 -o 另指定一个文件")) from error
    except OSError as error:
        raise InputError(Fault(f"不能写文件：{machine_words(error)}", file=output.name)) from error
    return output


def value_lists(wb: Workbench, dataset: str) -> dict[str, ValueList]:
    """Return column → list of values that a dataset's file is held against: official ones, and the units by name."""
    return {**_value_lists(dataset), **_unit_list(wb, dataset)}


def write_faults(
    wb: Workbench, dataset: str, files: Sequence[Path], period: str, mapping: Path | None, error: InputError, path: Path
) -> None:
    """Write what is wrong with files that were refused: their faulty rows with the faulty cells marked.

    Nothing is imported. Faults that are of no row stand in front. Raises InputError where the file cannot be written.
    """
    spec, span = DATASETS[dataset], Period.parse(period)
    whole = [fault for fault in error.faults if fault.row is None]
    rows = [
        AsideRow(
            file=fault.file, sheet=fault.sheet, row=0, reason="文件", faults=((fault.column, str(fault)),), cells=()
        )
        for fault in whole
    ]
    if len(whole) < len(error.faults):
        limits = FileLimits(megabytes=wb.settings.limits.file_megabytes, rows=wb.settings.limits.rows)
        key = known_key(wb.home / KEY_FILE, key_mark_in_force(wb))
        known = None if dataset == "units" or not spec.unit else frozenset(wb.units(span.code))
        chosen = load_mapping(mapping, spec) if mapping else None
        try:
            read = read_extract(
                files, spec, key=key, mapping=chosen, period=span, known_units=known, limits=limits, set_aside=True
            )
            rows += read.aside
        except InputError as again:
            rows += [_row_of(fault) for fault in again.faults if fault.row is not None]
    write_aside(rows or [_row_of(fault) for fault in error.faults], spec, path, refused=True)


def _row_of(fault: Fault) -> AsideRow:
    return AsideRow(
        file=fault.file,
        sheet=fault.sheet,
        row=fault.row or 0,
        reason="数据有误",
        faults=((fault.column, fault.message),),
        cells=(),
    )


def _value_lists(dataset: str) -> Mapping[str, ValueList]:
    """Return column → official list of values, where a feature knows one for the dataset."""
    target = named("lists").get(dataset)
    found: Mapping[str, ValueList] = load(target)() if target else {}
    return found


def _unit_list(wb: Workbench, dataset: str) -> dict[str, ValueList]:
    """Return the register of units by id and by name, as of the newest period that has one."""
    from xiaobao.datasets.suggesting import unit_list

    periods = sorted((Period.parse(record.period) for record in wb.store.imports("units")), key=lambda one: one.end)
    if not periods or dataset == "units" or not DATASETS[dataset].unit:
        return {}
    units = wb.units(periods[-1].code)
    made: ValueList = unit_list({unit.id: unit.name for unit in units.values()})
    return {DATASETS[dataset].unit: made}


def imported_files(wb: Workbench, dataset: str | None = None) -> list[ImportedFile]:
    """Return the extracts in force, with absolute paths."""
    return [
        ImportedFile(dataset=r.dataset, period=Period.parse(r.period), path=wb.home / r.path)
        for r in wb.store.imports(dataset)
    ]

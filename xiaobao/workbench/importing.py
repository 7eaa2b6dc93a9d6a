"""Bring an extract in: read, check, pseudonymise, write once, record. Only what the store lists counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.importing import read_extract, refuse_overlap, write_extract
from xiaobao.datasets.mapping import load_mapping
from xiaobao.datasets.reading import Limits
from xiaobao.errors import Fault, InputError
from xiaobao.feature_list import load, named
from xiaobao.model import Period
from xiaobao.workbench.workspace import Workbench

if TYPE_CHECKING:
    from xiaobao.datasets.suggesting import ValueList


import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xiaobao.datasets.extracts import ImportedFile
from xiaobao.datasets.partitions import split
from xiaobao.model import Extract, digest, to_plain

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class ImportSummary:
    dataset: str
    title: str
    period: str
    rows: int
    notices: tuple[str, ...]


def import_extract(
    wb: Workbench, dataset: str, files: Sequence[Path], period: str, mapping: Path | None = None, replace: bool = False
) -> ImportSummary:
    """Import files of one dataset, all or nothing. Raises InputError with every fault; then nothing is stored."""
    if dataset not in DATASETS:
        raise InputError(Fault("没有这个数据集", value=dataset, allowed="、".join(DATASETS)))
    spec = DATASETS[dataset]
    span = Period.parse(period)
    known = None if dataset == "units" or not spec.unit else frozenset(wb.units(span.code))
    from xiaobao.workbench.results.handing_in import keep_before_import

    limits = Limits(megabytes=wb.settings.limits.file_megabytes, rows=wb.settings.limits.rows)
    chosen = load_mapping(mapping, spec) if mapping else None
    imported = read_extract(files, spec, key=wb.key, mapping=chosen, period=span, known_units=known, limits=limits)
    keep_before_import(wb)
    refuse_overlap(imported, [file for file in imported_files(wb, dataset) if not (replace and file.period == span)])
    path, digest = write_extract(imported, wb.home / "data" / "extracts" / dataset / span.code)
    names = "、".join(file.name for file in files)
    with wb.store.writing(wb.actor) as tx:
        tx.add_import(
            dataset, span.code, names, digest, imported.rows, path.relative_to(wb.home).as_posix(), replace=replace
        )
    return ImportSummary(
        dataset=dataset, title=spec.title, period=span.code, rows=imported.rows, notices=imported.notices
    )


def suggest_mapping(wb: Workbench, dataset: str, file: Path, output: Path) -> Path:
    """Write a proposed mapping file for a person to confirm; nothing is imported. Raises InputError if it is there."""
    from xiaobao.datasets.suggesting import suggest

    if dataset not in DATASETS:
        raise InputError(Fault("没有这个数据集", value=dataset, allowed="、".join(DATASETS)))
    limits = Limits(megabytes=wb.settings.limits.file_megabytes, rows=wb.settings.limits.rows)
    text = suggest(file, dataset, _value_lists(dataset), limits)
    try:
        with output.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError as error:
        raise InputError(Fault("文件已经存在，没有覆盖", file=output.name, allowed="用 -o 另指定一个文件")) from error
    except OSError as error:
        raise InputError(Fault(f"不能写文件：{error.strerror}", file=output.name)) from error
    return output


def _value_lists(dataset: str) -> Mapping[str, ValueList]:
    """Return column → official list of values, where a feature knows one for the dataset."""
    target = named("lists").get(dataset)
    found: Mapping[str, ValueList] = load(target)() if target else {}
    return found


_CODE = Path(__file__).resolve().parent.parent / "datasets"


def partitions(wb: Workbench, period: str) -> Mapping[tuple[str, str], Extract]:
    """Return (unit, dataset) → partition of `period`, paths within the home; a bank-wide extract has the unit "".

    Raises InputError for a read-only workbench when they must be made anew: opening a page writes nothing.
    """
    span = Period.parse(period)
    records = [r for r in wb.store.imports() if Period.parse(r.period).start <= span.end]
    units = sorted(wb.units(span.code))
    folder = wb.home / "data" / "partitions" / span.code
    by_closing = wb.settings.counting.date == "closed"
    wanted = digest([[(r.dataset, r.period, r.path) for r in records], units, by_closing, _code_digest()])
    manifest = folder / "manifest.json"
    known = _read_manifest(manifest, wanted)
    if known is not None:
        return known
    if wb.read_only:
        raise InputError(f"{span.code} 的数据或程序有变化，还没有重新运行：请先运行 xiaobao run --period {span.code}")
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):  # campaigns of one period run side by side
        known = _read_manifest(manifest, wanted)
        return known if known is not None else _cut(wb, span, folder, units, by_closing, wanted)


def _cut(
    wb: Workbench, span: Period, folder: Path, units: Sequence[str], by_closing: bool, wanted: str
) -> Mapping[tuple[str, str], Extract]:
    """Cut the partitions of a period anew from the extracts in force, and note what they were cut from."""
    files = [file for file in imported_files(wb) if file.period.start <= span.end]
    made = {
        key: Extract(
            dataset=extract.dataset,
            path=Path(extract.path).relative_to(wb.home).as_posix(),
            sha256=extract.sha256,
            rows=extract.rows,
        )
        for key, extract in split(files, span, folder, units, by_closing).items()
    }
    _write_manifest(folder / "manifest.json", wanted, made)
    return made


def _code_digest() -> str:
    whole = hashlib.sha256()
    for path in sorted(_CODE.glob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _read_manifest(path: Path, wanted: str) -> Mapping[tuple[str, str], Extract] | None:
    try:
        plain = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if plain.get("source") != wanted:
        return None
    return {(unit, extract["dataset"]): Extract(**extract) for unit, extract in plain["partitions"]}


def _write_manifest(path: Path, wanted: str, made: Mapping[tuple[str, str], Extract]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    rows = [[unit, to_plain(extract)] for (unit, _), extract in made.items()]
    temporary.write_text(json.dumps({"source": wanted, "partitions": rows}, ensure_ascii=False), "utf-8")
    temporary.replace(path)


def imported_files(wb: Workbench, dataset: str | None = None) -> list[ImportedFile]:
    """Return the extracts in force, with absolute paths."""
    return [
        ImportedFile(dataset=r.dataset, period=Period.parse(r.period), path=wb.home / r.path)
        for r in wb.store.imports(dataset)
    ]

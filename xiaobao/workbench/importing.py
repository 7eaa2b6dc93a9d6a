"""Bring an extract in: read, check, pseudonymise, write once, record. Only what the store lists counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.importing import read_extract, refuse_overlap, write_extract
from xiaobao.datasets.mapping import load_mapping
from xiaobao.datasets.reading import Limits
from xiaobao.errors import Fault, InputError
from xiaobao.model import Period
from xiaobao.workbench.splitting import imported_files
from xiaobao.workbench.workspace import Workbench

if TYPE_CHECKING:
    from xiaobao.complaints.facets import Facet
    from xiaobao.datasets.suggesting import ValueList


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
    limits = Limits(megabytes=wb.settings.limits.file_megabytes, rows=wb.settings.limits.rows)
    chosen = load_mapping(mapping, spec) if mapping else None
    imported = read_extract(files, spec, key=wb.key, mapping=chosen, period=span, known_units=known, limits=limits)
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
    text = suggest(file, dataset, _value_lists() if dataset == "complaints" else {}, limits)
    try:
        with output.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError as error:
        raise InputError(Fault("文件已经存在，没有覆盖", file=output.name, allowed="用 -o 另指定一个文件")) from error
    except OSError as error:
        raise InputError(Fault(f"不能写文件：{error.strerror}", file=output.name)) from error
    return output


def _value_lists() -> dict[str, ValueList]:
    """Return the lists of the ledger's facets; a sub-class stands in the lists of classes."""
    from xiaobao.complaints.facets import FACETS
    from xiaobao.datasets.suggesting import ValueList

    lists = {}
    for name, facet in FACETS.items():

        def find(text: str, facet: Facet = facet) -> str:
            place = facet.find(text)
            return facet.nodes[place].name if place >= 0 else ""

        lists[name] = ValueList(find, tuple(dict.fromkeys(node.name for node in facet.nodes)))
    return lists

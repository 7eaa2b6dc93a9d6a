"""Split the extracts in force into partitions by unit, look-back first. Done again only when an extract changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.datasets.extracts import ImportedFile
from xiaobao.datasets.partitions import split
from xiaobao.errors import InputError
from xiaobao.model import Extract, Period, digest, to_plain

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

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
    _write_manifest(manifest, wanted, made)
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

"""Each unit's data of a period, cut from the extracts in force; what is lost or damaged is cut anew, or named.

An extract that is lost stops only the papers that need it: they are given an extract that cannot be read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from filelock import FileLock
from msgspec.structs import replace

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.partitions import split
from xiaobao.errors import Fault, InputError
from xiaobao.files import write_text
from xiaobao.model import Extract, Period, digest, to_plain
from xiaobao.store.models import ImportRecord
from xiaobao.workbench.importing import imported_files
from xiaobao.workbench.workspace import Workbench

_CODE = Path(__file__).resolve().parent.parent / "datasets"
_KEPT = "data/handed_in/"

Partitions = Mapping[tuple[str, str], Extract]


def partitions(wb: Workbench, period: str, anew: bool = False, thorough: bool = False) -> Partitions:
    """Return (unit, dataset) → partition of `period`, paths within the home; a bank-wide extract has the unit "".

    One that is lost or shorter than it was has all cut anew; `thorough` looks at each content, too, `anew` cuts in any
    case. What an extract that is lost would give is given as an extract that cannot be read. Raises InputError for a
    read-only workbench when they must be made anew: opening a page writes nothing.
    """
    span = Period.parse(period)
    records = [r for r in wb.store.imports() if Period.parse(r.period).start <= span.end]
    units = sorted(wb.units(span.code))
    folder = wb.home / "data" / "partitions" / span.code
    by_closing = wb.settings.counting.date == "closed"
    wanted = digest([[(r.dataset, r.period, r.path) for r in records], units, by_closing, _code_digest()])
    manifest = folder / "manifest.json"
    known = _read_manifest(manifest, wanted)
    if known is not None and not anew and (wb.read_only or _whole(wb.home, manifest, thorough)):
        return known
    if wb.read_only:
        why = "的数据或程序有变化，还没有重新运行" if manifest.is_file() else "还没有运行过"
        raise InputError(f"{span.code} {why}：请先运行 xiaobao run --period {span.code}")
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):  # campaigns of one period run side by side
        known = _read_manifest(manifest, wanted)
        if known is not None and not anew and _whole(wb.home, manifest, thorough):
            return known
        return _cut(wb, span, units, known or {}, wanted)


def renew_partitions(wb: Workbench, period: str, anew: bool) -> str:
    """Cut the partitions of a period anew where one is lost or damaged, or in any case; say so where something was.

    Raises InputError as `partitions` does.
    """
    folder = wb.home / "data" / "partitions" / Period.parse(period).code
    broken = [one for one in of_manifest(folder / "manifest.json") if _fault(wb.home, one)]
    partitions(wb, period, anew=anew, thorough=True)
    restored = sum(not _fault(wb.home, one) for one in broken)
    return f"丢失或损坏的分机构数据 {restored} 份，已从导入的数据重新切分" if restored else ""


def data_fault(home: Path, extract: Extract, lost: Sequence[ImportRecord]) -> str:
    """Return what is wrong with one file of data, and the one command that mends it; "" where it is as it was.

    `lost` are the imports that nothing can be cut from.
    """
    what = _fault(home, extract)
    if not what:
        return ""
    record = _record_of(extract, lost)
    if record is not None:
        return str(_lost_fault(record))
    how = "请用备份恢复" if extract.path.startswith(_KEPT) else "运行 xiaobao run --rerun all，从导入的数据重新切分"
    return f"分机构数据 {extract.path} {what}；{how}"


def _record_of(extract: Extract, lost: Sequence[ImportRecord]) -> ImportRecord | None:
    """Return the lost import that a partition cannot be cut from, None where none is lost or the data are kept ones."""
    if extract.path.startswith(_KEPT):
        return None
    name = extract.dataset.partition(".")[0]
    found = [record for record in lost if record.path == extract.path] or [r for r in lost if r.dataset == name]
    return found[0] if found else None


def _cut(wb: Workbench, span: Period, units: Sequence[str], known: Partitions, wanted: str) -> Partitions:
    """Cut the partitions of a period anew from the extracts in force, and note what they were cut from.

    Of what is cut from a lost extract the partitions that still stand are kept.
    """
    folder = wb.home / "data" / "partitions" / span.code
    lost = {r.dataset: r for r in lost_imports(wb) if Period.parse(r.period).start <= span.end}
    files = [file for file in imported_files(wb) if file.period.start <= span.end and file.dataset not in lost]
    keep = frozenset(wb.home / one.path for one in known.values())
    cut = split(
        files,
        span,
        folder,
        units,
        by_closing=wb.settings.counting.date == "closed",
        lost=frozenset(lost),
        keep=keep if lost else frozenset(),
    )
    made = {key: replace(one, path=Path(one.path).relative_to(wb.home).as_posix()) for key, one in cut.made.items()}
    standing = {key: one for key, one in known.items() if key[1].partition(".")[0] in cut.unmade}
    if known or not lost:
        _write_manifest(wb, span, wanted, {**made, **standing})
    else:
        _write_manifest(wb, span, "", made)  # to be cut anew as soon as all is there
        for name, needed in cut.unmade.items():
            record = lost[needed]
            stand_in = Extract(dataset=name, path=record.path, sha256=record.file_sha256, rows=record.rows)
            standing |= {(unit, name): stand_in for unit in ("", *units)}
    return {**made, **standing}


def lost_imports(wb: Workbench) -> list[ImportRecord]:
    """Return the imports whose data are gone or changed: nothing can be cut from them."""
    return [
        record
        for record in wb.store.imports()
        if record.dataset in DATASETS
        if not (wb.home / record.path).is_file() or _digest(wb.home / record.path) != record.file_sha256
    ]


def _lost_fault(record: ImportRecord) -> Fault:
    return Fault(
        f"导入的数据“{DATASETS[record.dataset].title}”（{record.period}）的文件丢失或已被改动",
        file=record.path,
        allowed=f"用备份恢复，或运行 xiaobao import {record.dataset} 文件 --period {record.period} --replace",
    )


def _fault(home: Path, extract: Extract) -> str:
    path = home / extract.path
    if not path.is_file():
        return "丢失"
    return "" if _digest(path) == extract.sha256 else "与登记的摘要不符，已损坏或被改动"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _whole(home: Path, manifest: Path, thorough: bool) -> bool:
    """Whether every partition is there and as long as it was, or of the same content: to look at that takes reading."""
    if thorough:
        return not any(_fault(home, one) for one in of_manifest(manifest))
    for _, extract, *size in json.loads(manifest.read_text("utf-8"))["partitions"]:
        path = home / extract["path"]
        if not path.is_file() or (size and path.stat().st_size != size[0]):
            return False
    return True


def _code_digest() -> str:
    whole = hashlib.sha256()
    for path in sorted(_CODE.glob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def cut_partitions(wb: Workbench) -> Iterator[Extract]:
    """Yield the partitions that stand for any period, as they were cut."""
    for manifest in manifests(wb.home):
        yield from of_manifest(manifest)


def manifests(home: Path) -> list[Path]:
    """Return the lists of partitions, one a period; the history knows the digest of each."""
    return sorted((home / "data" / "partitions").glob("*/manifest.json"))


def of_manifest(manifest: Path) -> list[Extract]:
    """Return the partitions that a list names; none where it cannot be read."""
    try:
        return [Extract(**extract) for _, extract, *_ in json.loads(manifest.read_text("utf-8"))["partitions"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # cut anew by the next run


def _read_manifest(path: Path, wanted: str) -> Partitions | None:
    try:
        plain = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if plain.get("source") != wanted:
        return None
    return {(unit, extract["dataset"]): Extract(**extract) for unit, extract, *_ in plain["partitions"]}


def _write_manifest(wb: Workbench, span: Period, wanted: str, made: Partitions) -> None:
    """Write the list of what was cut; it is recorded in the history first, so that an altered list shows."""
    path = wb.home / "data" / "partitions" / span.code / "manifest.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [[unit, to_plain(one), _size(wb.home / one.path)] for (unit, _), one in made.items()]
    text = json.dumps({"source": wanted, "partitions": rows}, ensure_ascii=False)
    sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
    if not (path.is_file() and _digest(path) == sha256):
        with wb.store.writing(wb.actor) as tx:
            tx.note_cut(span.code, sha256)
        write_text(path, text)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1

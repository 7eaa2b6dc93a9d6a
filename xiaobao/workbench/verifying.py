"""Prove afterwards that nothing was altered: history, data, evidence, papers, reports, the bank's own checks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from xiaobao.checks.own.declaring import PREFIX
from xiaobao.feature_list import brought
from xiaobao.model import RunStatus
from xiaobao.store.models import Event
from xiaobao.workbench.cutting import cut_partitions, manifests
from xiaobao.workbench.own_checks.source_files import check_states, fault_of
from xiaobao.workbench.places import campaign_words, pending_paper, recorded_paper_path, recorded_report_path
from xiaobao.workbench.results.handing_in import kept_extracts
from xiaobao.workbench.workspace import Workbench

_PAPER_TAIL = 8192  # bytes at the end of a paper that hold its metadata
_PAPER_CARRIED = re.compile(rb'"xiaobao": \{\s*"checkpoint": "(\d+-[0-9a-f]{40})"')
_CARRIED = re.compile(r"<cp:keywords>检查点 (\d+-[0-9a-f]{40})</cp:keywords>")


def verify_workspace(wb: Workbench, checkpoints: Sequence[str] = ()) -> tuple[str, ...]:
    """Return what was altered: history, extracts and partitions, evidence, papers, reports, own checks. Empty: sound.

    `checkpoints` were kept elsewhere; those that papers and reports carry are held against the history too. Raises
    InputError for a checkpoint that is none.
    """
    held = [fault for kept in checkpoints for fault in wb.store.checkpoint_faults(kept)]
    return (
        *held,
        *wb.store.verify(),
        *_looked("底稿和报告所载的检查点", _carried_checkpoints(wb)),
        *_looked("导入数据", _altered_imports(wb)),
        *_looked("报送文件", _altered_documents(wb)),
        *_looked("佐证材料", _altered_evidence(wb)),
        *_looked("提交时固定的数据", _altered_kept(wb)),
        *_looked("底稿", _altered_papers(wb)),
        *_looked("数据分片", _altered_partitions(wb)),
        *_looked("已发布的报告", _altered_reports(wb)),
        *_looked("本行检查", _altered_checks(wb)),
    )


def _looked(what: str, faults: Iterator[str]) -> Iterator[str]:
    """Yield the faults of one part; a record that cannot be read, which the history names, ends that part alone."""
    try:
        yield from faults
    except (ValueError, KeyError, TypeError, AttributeError):
        yield f"{what}：有记录读不出来，这一部分没有核对完，见所附内容被改动的各条"


def _carried_checkpoints(wb: Workbench) -> Iterator[str]:
    """Hold the newest checkpoint that a paper, and that a report, in the workspace carries against the history."""
    for kind, pattern, carried in (("报告", "*.docx", carried_checkpoint), ("底稿", "*.ipynb", paper_checkpoint)):
        found = {kept: path for path in (wb.home / "reports").rglob(pattern) if (kept := carried(path))}
        if found:
            newest = max(found, key=lambda kept: int(kept.partition("-")[0]))
            place = found[newest].relative_to(wb.home / "reports").as_posix()
            name = place if kind == "底稿" else found[newest].name
            yield from wb.store.checkpoint_faults(newest, f"{kind} {name} 所载检查点")


def paper_checkpoint(path: Path) -> str:
    """Return the checkpoint that a work paper carries in its metadata, "" without one."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _PAPER_TAIL, 0))
            match = _PAPER_CARRIED.search(file.read())
    except OSError:
        return ""
    return match[1].decode("ascii") if match else ""


def carried_checkpoint(path: Path) -> str:
    """Return the checkpoint that a Word report carries in its properties, "" without one."""
    try:
        with ZipFile(path) as document:
            match = _CARRIED.search(document.read("docProps/core.xml").decode("utf-8"))
    except (OSError, BadZipFile, KeyError, UnicodeDecodeError):
        return ""
    return match[1] if match else ""


def _altered_partitions(wb: Workbench) -> Iterator[str]:
    """Name partitions of a period that are lost or changed; a run cuts them anew from the extracts."""
    for extract in cut_partitions(wb):
        for fault in _altered(wb.home / extract.path, extract.sha256, f"数据分片 {extract.path}"):
            yield f"{fault}；xiaobao run --rerun all 会从导入的数据重新切分"
    for manifest in manifests(wb.home):
        period = manifest.parent.name
        known = {_sha_of(event) for event in wb.store.events(object=f"partitions:{period}")}
        if known and hashlib.sha256(manifest.read_bytes()).hexdigest() not in known:
            yield f"数据分片清单 {period}：内容与登记的摘要不符；xiaobao run --rerun all 会从导入的数据重新切分"


def _sha_of(event: Event) -> str:
    try:
        return str(json.loads(event.payload or "{}").get("sha256", ""))
    except (ValueError, AttributeError):
        return ""


def _altered_imports(wb: Workbench) -> Iterator[str]:
    for record in wb.store.imports():
        yield from _altered(wb.home / record.path, record.file_sha256, f"导入数据 {record.dataset} {record.period}")


def _altered_documents(wb: Workbench) -> Iterator[str]:
    for documents in brought("documents"):
        for path, sha256, what in documents(wb):
            yield from _altered(wb.home / path, sha256, what)


def _altered_evidence(wb: Workbench) -> Iterator[str]:
    for campaign in wb.store.campaigns():
        for inspection in wb.store.inspections(campaign.id):
            for evidence in wb.store.evidence(inspection.id):
                yield from _altered(wb.home / evidence.path, evidence.sha256, f"佐证材料 {evidence.file_name}")


def _altered_papers(wb: Workbench) -> Iterator[str]:
    for campaign in wb.store.campaigns():
        words = campaign_words(wb.store, campaign)
        for run in wb.store.runs(campaign.id).values():
            if run.status is RunStatus.DONE:
                place = recorded_paper_path(wb.home, campaign, run)
                if (waiting := pending_paper(place, run.paper_sha256)).is_file():
                    place = waiting  # a killed run had recorded it; the next one gives it its name
                yield from _altered(place, run.paper_sha256, f"底稿 {words} {run.unit}")


def _altered_kept(wb: Workbench) -> Iterator[str]:
    """Name data that a handed-in sheet rests on and that are not what they were."""
    for campaign in wb.store.campaigns():
        seen: set[str] = set()
        for (unit, domain), kept in wb.store.handed_in(campaign.id).items():
            for extract in kept_extracts(kept):
                if extract.path not in seen:
                    seen.add(extract.path)
                    what = f"提交时固定的数据 {campaign.period} {unit} {domain} {extract.dataset}"
                    yield from _altered(wb.home / extract.path, extract.sha256, what)


def _altered_reports(wb: Workbench) -> Iterator[str]:
    """Name a released report that was changed where it lies; one that was moved away is its reader's own matter."""
    for event in wb.store.issued():
        issued = _issued_file(event)
        path = recorded_report_path(wb.home, wb.store, issued["path"]) if issued.get("path") else None
        if path is not None and path.is_file():
            yield from _altered(path, issued["sha256"], f"已发布的{issued['what']}")


def _altered_checks(wb: Workbench) -> Iterator[str]:
    """Name a published check of the bank's own whose file is no longer what was published, or is gone."""
    for name, record in check_states(wb).items():
        if record.state == "published" and (fault := fault_of(wb.home, record)):
            yield f"本行检查 {PREFIX}{name}：{fault}；在此之前用到它的检查项是运行出错"


def _issued_file(event: Event) -> dict[str, str]:
    """Return what was issued; an unreadable payload is named by the history itself."""
    try:
        payload = json.loads(event.payload or "{}")
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) and {"path", "sha256", "what"} <= payload.keys() else {}


def _altered(path: Path, sha256: str, what: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{what}：文件缺失 {path.name}"
    elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        yield f"{what}：内容与登记的摘要不符 {path.name}"

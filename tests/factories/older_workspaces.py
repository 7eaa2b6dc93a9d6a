"""A workspace as version 0.2 left it: the papers and reports of a period all in one folder."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.factories.inspections import DOMAIN, INSPECTOR, OTHER, PERIOD, UNIT, inspection, tiny_workspace
from xiaobao.model import RunStatus
from xiaobao.store.models import Campaign, RunRecord
from xiaobao.store.tables import KEPT
from xiaobao.workbench.moving_over import LAYOUT_MARK
from xiaobao.workbench.workspace import Workbench, open_workbench

UNITS = (UNIT, OTHER)
PAPER = "4_complaints"
SIGN_IN = ("credentials", "attempts", "sign_in_links", "sessions", "server_keys")


def older_workspace(home: Path, campaigns: int = 1) -> Path:
    """Lay files as version 0.2 did: each unit's paper, an issued report and a list that the history does not know.

    Of several campaigns each run wrote over the papers of the one before.
    """
    tiny_workspace(home)
    wb = open_workbench(home, INSPECTOR)
    [first] = wb.store.campaigns(PERIOD)
    with wb.store.writing(wb.actor) as tx:
        for number in range(2, campaigns + 1):
            tx.add_campaign(f"第{number}批", PERIOD, first.scheme, first.checklists)
    inspection(wb) if campaigns == 1 else None
    folder = home / "reports" / PERIOD
    for campaign in wb.store.campaigns(PERIOD):
        for unit in UNITS:
            _record_paper(wb, campaign, unit, folder / unit / f"{PAPER}.ipynb")
    report = folder / UNIT / "自查报告.docx"
    report.write_bytes("报告".encode())
    (folder / "疑点.xlsx").write_bytes(b"list")
    (folder / "journal.jsonl").write_text("{}\n", "utf-8")
    with wb.store.writing(wb.actor) as tx:
        tx.record_file(f"自查报告 {PERIOD} {UNIT}", report.name, _sha(report), report.relative_to(home).as_posix())
    wb.store.close()
    (home / "reports" / LAYOUT_MARK).unlink(missing_ok=True)
    return home


def with_older_tables(home: Path) -> None:
    """Take the store back to the tables of 0.2 (schema 0003); nothing was handed in, so that nothing is lost by it."""
    path = home / "xiaobao.sqlite"
    with closing(sqlite3.connect(path)) as store:
        later = set(KEPT) - {"filings"}  # kept tables came after the first four schemas
        for name in ("handed_in", "questions", "remarks", *SIGN_IN, *sorted(later)):
            store.execute(f"DROP TABLE {name}")
        for name in ("login", "unit", "role"):
            store.execute(f"ALTER TABLE audit_events DROP COLUMN {name}")
        store.execute("ALTER TABLE results DROP COLUMN summary")
        store.execute("UPDATE alembic_version SET version_num = '0003'")
        store.commit()


def copy_of(home: Path, target: Path) -> Path:
    shutil.copytree(home, target)
    return target


def _record_paper(wb: Workbench, campaign: Campaign, unit: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"底稿 {campaign.name} {unit}", "utf-8")
    run = RunRecord(
        campaign_id=campaign.id,
        unit=unit,
        notebook=PAPER,
        digest="d" * 64,
        status=RunStatus.DONE,
        error="",
        started=datetime(2026, 7, 6, tzinfo=UTC),
        seconds=1.0,
        paper=path.relative_to(wb.home).as_posix(),
        paper_sha256=_sha(path),
    )
    with wb.store.writing(wb.actor) as tx:
        tx.record_run(run)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


__all__ = ["DOMAIN", "PAPER", "PERIOD", "UNIT", "UNITS", "copy_of", "older_workspace", "with_older_tables"]

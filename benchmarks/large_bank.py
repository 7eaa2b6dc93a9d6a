"""A bank of thousands of units in a store, with results and cards as runs record them; nothing is run.

Sheets and facts are those of `scoring.py`; every unit's records are its own texts, so that each is read on its own.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from msgspec.structs import replace

from benchmarks.scoring import DOMAINS, campaign
from tests.factories.inspections import REGULATIONS
from xiaobao import store as storing
from xiaobao.checklist.canonical import canonical
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.features.appraisal.panel import UnitFacts
from xiaobao.model import Actor, Finding, Nature, RunStatus, Score, Severity, Stage, to_compact
from xiaobao.scorecard import build_card
from xiaobao.store.models import RunRecord, summary_of
from xiaobao.workbench.campaigns import open_inspections
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.places import paper_name
from xiaobao.workbench.results.cards import CardFreezer
from xiaobao.workbench.workspace import Workbench, open_workbench

PERIODS = ("2025H2", "2026H1")
_REGIONS, _RECORDED = 40, 40
_RESULT = "select body from payloads join results on sha256 = payload where inspection_id = ?"
_CARD = "select body from payloads join scorecards on sha256 = payload where campaign_id = ? and unit = ?"
_AT = datetime(2026, 7, 5, tzinfo=UTC)
_SEVERITIES = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def write_bank(home: Path, units: int, items: int = 40) -> Workbench:
    """Make a workspace in which `units` outlets of 40 branches have results in five domains, and a card.

    The first units are recorded as a run does, in both periods, so that a card has its bridge. The others get texts of
    their own made from those, in the newest period and without a history: recording 20,000 papers would take an hour.
    """
    for name in ("data", "evidence", "secrets", "checklists", "notebooks"):
        (home / name).mkdir(parents=True)
    (home / "xiaobao.toml").write_text('bank = "测速银行"\nas_of = 2026-07-05\n', "utf-8")
    (home / "checklists" / "regulations.yaml").write_text(REGULATIONS, "utf-8")
    storing.open(f"sqlite:///{home / 'xiaobao.sqlite'}", create=True).close()
    wb = open_workbench(home, Actor(name="测速", verified=True))
    plan, sheets, whole = campaign(units, items)
    with wb.store.writing(wb.actor) as tx:
        for sheet in sheets.values():
            tx.publish("checklist", sheet.id, sheet.version, canonical(sheet))
        tx.publish("scheme", plan.id, plan.version, canonical(plan))
        for period in PERIODS:
            used = {domain: (sheets[domain].id, sheets[domain].version) for domain in DOMAINS}
            tx.add_campaign("自查", period, (plan.id, plan.version), used)
    for number, period in enumerate(PERIODS):
        few = campaign(min(units, _RECORDED), items, seed=8 + number)[2]
        _register(wb, period, list(whole) if period == PERIODS[-1] else list(few))
        open_inspections(wb, wb.campaign(period))
        _record(wb, period, few)
    _copy(wb, list(whole))
    return wb


def _copy(wb: Workbench, units: list[str]) -> None:
    """Give every unit beyond those recorded the texts of one of them, under its own number and name."""
    known = wb.campaign(PERIODS[-1])
    first, others = units[:_RECORDED], units[_RECORDED:]
    homes = {(one.unit, one.domain): one.id for one in wb.store.inspections(known.id)}
    bodies = {(unit, name): text for unit in first for name, text in _texts(wb, known.id, unit, homes)}
    with closing(sqlite3.connect(wb.home / "xiaobao.sqlite")) as store, store:
        for number, unit in enumerate(others, len(first)):
            model = first[number % len(first)]
            for name in (*DOMAINS, ""):
                text = bodies[model, name].replace(model, unit).replace(f"第{int(model)}网点", f"第{number}网点")
                digest = hashlib.sha256(text.encode()).hexdigest()
                store.execute("insert into payloads values (?, ?)", (digest, text))
                row = (1, digest, _AT.isoformat(sep=" ").removesuffix("+00:00") + ".000000")
                if name:
                    summary = summary_of(json.loads(text))
                    store.execute("insert into results values (?, ?, ?, ?, ?)", (homes[unit, name], *row, summary))
                else:
                    store.execute("insert into scorecards values (?, ?, ?, ?, ?)", (known.id, unit, *row))


def _texts(wb: Workbench, campaign_id: int, unit: str, homes: dict[tuple[str, str], int]) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(wb.home / "xiaobao.sqlite")) as store:
        for domain in DOMAINS:
            yield domain, store.execute(_RESULT, (homes[unit, domain],)).fetchone()[0]
        yield "", store.execute(_CARD, (campaign_id, unit)).fetchone()[0]


def _register(wb: Workbench, period: str, units: list[str]) -> None:
    titles = {column.name: column.title for column in DATASETS["units"].columns}
    names = ("unit", "name", "level", "parent", "region", "businesses", "inspected")
    rows = [["01", "总行", "总行", "", "", "储蓄", "否"]]
    rows += [[f"R{n:02}", f"第{n}分行", "分行", "01", f"第{n}片区", "储蓄", "否"] for n in range(_REGIONS)]
    for n, unit in enumerate(units):
        at = n % _REGIONS
        rows.append([unit, f"第{n}网点", "网点", f"R{at:02}", f"第{at}片区", "储蓄", "是"])
    path = wb.home / f"units-{period}.csv"
    path.write_text("\n".join(map(",".join, [[titles[name] for name in names], *rows])) + "\n", "utf-8")
    import_extract(wb, "units", [path], period)


def _record(wb: Workbench, period: str, bank: dict[str, UnitFacts]) -> None:
    known = wb.campaign(period)
    homes = {(one.unit, one.domain): one.id for one in wb.store.inspections(known.id)}
    with wb.store.writing(wb.actor) as tx:
        for unit, facts in bank.items():
            for domain, one in facts.domains.items():
                tx.record_result(
                    homes[unit, domain],
                    f"{unit}-{domain}",
                    before=replace(one.score, stage=Stage.BEFORE),
                    after=one.score,
                    check_results=(),
                    findings=_findings(unit, period, domain, one.score),
                    facts=one.facts,
                )
                tx.record_run(_run(known.id, unit, paper_name(domain)))
    cards = CardFreezer(wb, known)
    with wb.store.writing(wb.actor) as tx:
        for one in cards.units:
            if one.id in bank:
                tx.record_scorecard(known.id, one.id, f"{one.id}-card", to_compact(build_card(cards.card(one).card)))


def _findings(unit: str, period: str, domain: str, score: Score) -> tuple[Finding, ...]:
    lost = [line for line in score.trace if line.kind == "item" and line.deducted]
    return tuple(
        Finding(
            id=f"{unit}-{period}-{line.node_id}",
            unit=unit,
            period=period,
            domain=domain,
            item_id=line.node_id,
            title=line.title,
            nature=Nature.VIOLATION,
            severity=_SEVERITIES[number % 3],
            criteria="应当有记录，自受理之日起十五日内作出处理决定并告知",
            condition=f"抽查发现 {number + 1} 笔没有记录，涉及 {unit}-{number:04}、{unit}-{number + 1:04}",
            recommendation="逐笔补正，查明原因，完善制度并于三十日内报告整改情况",
            points_lost=line.deducted,
        )
        for number, line in enumerate(lost)
    )


def _run(campaign_id: int, unit: str, notebook: str) -> RunRecord:
    return RunRecord(
        campaign_id=campaign_id,
        unit=unit,
        notebook=notebook,
        digest="d",
        status=RunStatus.DONE,
        error="",
        started=_AT,
        seconds=1.0,
        paper="",
        paper_sha256="",
    )

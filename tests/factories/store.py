"""Small made-up values for tests of the store: a campaign of one checklist, its inspections, leads, scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from xiaobao.model import Actor, CheckResult, CheckStatus, Finding, Lead, Nature, RunStatus, Score, Severity, Stage
from xiaobao.store.models import InspectionRecord, RunRecord
from xiaobao.store.repository import Store

FILLER, OTHER, REVIEWER = (
    Actor(name="填报人", verified=True),
    Actor(name="另一填报人", verified=True),
    Actor(name="复核人", verified=True),
)
CHECK = "complaints.overdue"
PERIOD = "2026H1"


class Clock:
    """A clock that the test sets; each look is one second later."""

    def __init__(self, start: datetime = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def open_campaign(store: Store, units: Sequence[str] = ("0010",), name: str = "上半年自查") -> list[InspectionRecord]:
    """Publish, open a campaign, and return one complaints inspection for each unit."""
    with store.writing(FILLER) as tx:
        tx.publish("checklist", "complaints", "2026.1", '{"id":"complaints"}')
        tx.publish("scheme", "self", "1", '{"id":"self"}')
        campaign = tx.add_campaign(name, PERIOD, ("self", "1"), {"complaints": ("complaints", "2026.1")})
        made = tx.ensure_inspections(campaign.id, [(unit, "complaints") for unit in units])
    return sorted(made, key=lambda one: one.unit)


def make_lead(number: int = 1, unit: str = "0010", check: str = CHECK, summary: str = "超期未办结") -> Lead:
    record = {"投诉编号": f"T{number:04d}", "业务类别": "信用卡"}
    return Lead(
        id=f"L{unit}{number:05d}",
        check_id=check,
        item_id="CP-01",
        unit=unit,
        period=PERIOD,
        summary=summary,
        record=record,
        business_date=date(2026, 3, 1),
    )


def make_score(value: str = "91.50", stage: Stage = Stage.AFTER) -> Score:
    points = Decimal(value)
    return Score(
        value=points,
        unvetoed=points,
        grade="A",
        stage=stage,
        possible=Decimal(100),
        earned=points,
        coverage=Decimal(100),
        provisional=False,
        engine="1",
    )


def make_finding(number: int = 1, unit: str = "0010") -> Finding:
    return Finding(
        id=f"F{unit}-{number}",
        unit=unit,
        period=PERIOD,
        domain="complaints",
        item_id="CP-01",
        title="投诉超期",
        nature=Nature.VIOLATION,
        severity=Severity.HIGH,
        criteria="应在规定时限内办结",
        condition="抽查 10 笔，超期 2 笔",
        recommendation="限期整改",
        points_lost=Decimal("2.5"),
    )


def make_result(hits: int = 2) -> CheckResult:
    return CheckResult(
        check_id=CHECK,
        status=CheckStatus.LEADS,
        population=10,
        hits=hits,
        leads=(make_lead(),),
        figures={"on_time_rate": Decimal("80.00")},
    )


def make_run(campaign_id: int, unit: str = "0010", digest: str = "d1", status: RunStatus = RunStatus.DONE) -> RunRecord:
    started = datetime(2026, 7, 1, tzinfo=UTC)
    return RunRecord(
        campaign_id=campaign_id,
        unit=unit,
        notebook="4_complaints",
        digest=digest,
        status=status,
        error="",
        started=started,
        seconds=1.5,
        paper="reports/x.ipynb",
        paper_sha256="ab" * 32,
    )

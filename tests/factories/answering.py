"""Filling the tiny workspace's form as people do: every item that is asked, then handed in."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from msgspec.structs import replace

from tests.factories.inspections import DOMAIN, FILLER, UNIT, as_person
from xiaobao.model import Conclusion, Measured, Response, RunStatus
from xiaobao.store.models import Campaign, RunRecord
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.results.reading import scorecard, work_paper
from xiaobao.workbench.results.recording import CardResult, parse_result, record_runs
from xiaobao.workbench.workspace import Workbench

PDF = b"%PDF-1.7\n%sample\n"


def fill(wb: Workbench, period: str, unit: str = UNIT, **said: Response) -> Form:
    """Answer all that is asked: `said` by item id with "_" for "-", all else compliant."""
    form = inspecting.open_form(wb, unit, period, DOMAIN)
    file = inspecting.attach(wb, form, "c-proof", "照片.pdf", PDF)
    for entry in form.items.values():
        if not entry.asked:
            continue
        item_id = entry.item.id
        answer = said.get(item_id.replace("-", "_"), Response(item_id=item_id, conclusion=Conclusion.COMPLIANT))
        if item_id == "c-proof":
            answer = replace(answer, evidence=(file.sha256,))
        if item_id == "c-ramp" and answer.measured is None:
            answer = replace(answer, measured=Measured(value=Decimal("1.5"), unit="m"))
        inspecting.answer(wb, form, replace(answer, item_id=item_id), entry.response.revision)
    return inspecting.reopen(wb, form)


def hand_in(wb: Workbench, period: str, unit: str = UNIT, **said: Response) -> Form:
    form = fill(as_person(wb, FILLER), period, unit, **said)
    signing.submit(as_person(wb, FILLER), form)
    return inspecting.reopen(wb, form)


def as_handed_in(wb: Workbench, period: str, unit: str = UNIT) -> None:
    """Hand the sheet in as it is, whatever is still open on it."""
    record = wb.store.inspection(wb.campaign(period).id, unit, DOMAIN)
    assert record is not None
    with wb.store.writing(FILLER) as tx:
        tx.set_state(record.id, "submitted", record.revision)


def as_draft(wb: Workbench, period: str, unit: str = UNIT) -> None:
    """Take the sheet back."""
    record = wb.store.inspection(wb.campaign(period).id, unit, DOMAIN)
    assert record is not None
    with wb.store.writing(FILLER) as tx:
        tx.set_state(record.id, "draft", record.revision)


def done_run(campaign: Campaign, unit: str, notebook: str) -> RunRecord:
    """Return the record of a run that went well and left no file."""
    return RunRecord(
        campaign_id=campaign.id,
        unit=unit,
        notebook=notebook,
        digest="d",
        status=RunStatus.DONE,
        error="",
        started=datetime(2026, 7, 5, tzinfo=UTC),
        seconds=1.0,
        paper="",
        paper_sha256="",
    )


def record_paper(wb: Workbench, unit: str, period: str) -> None:
    """Record the unit's paper as a run would."""
    campaign = wb.campaign(period)
    result = parse_result(work_paper(wb, unit, period, DOMAIN).result(), unit, campaign.period)
    record_runs(wb, campaign, [(done_run(campaign, unit, DOMAIN), result)])


def record_card(wb: Workbench, unit: str, period: str) -> None:
    """Record the unit's scorecard as a run would."""
    campaign = wb.campaign(period)
    record_runs(wb, campaign, [(done_run(campaign, unit, "6_scorecard"), CardResult(scorecard(wb, unit, period)))])


def fails(reason: str = "抽查不符") -> Response:
    return Response(item_id="", conclusion=Conclusion.NON_COMPLIANT, reason=reason)


def partly(reason: str = "个别不符") -> Response:
    return Response(item_id="", conclusion=Conclusion.PARTIALLY_COMPLIANT, reason=reason)


def fine() -> Response:
    return Response(item_id="", conclusion=Conclusion.COMPLIANT)

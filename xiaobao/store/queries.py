"""Reading current rows, for `Store` outside a transaction and for writers inside one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, bindparam, exists, select

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.model import Value, VetoEvent, from_json, to_plain
from xiaobao.store.models import Campaign, Carried, EvidenceRecord, InspectionRecord, Remark, Signature, StoredVeto
from xiaobao.store.tables import campaigns, evidence, inspections, metadata, payloads, published, remarks, vetoes

T = TypeVar("T")
_BEIJING = timezone(timedelta(hours=8))


def beijing(at: datetime) -> str:
    """Return a stored time as people here read it."""
    return at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M")


def with_payload(table: Table, *columns: object) -> Select[tuple[object, ...]]:
    """Select columns of current rows with the text of their payload as `body`."""
    chosen = columns or tuple(column for column in table.c if column.name != "payload")
    return select(*chosen, payloads.c.body).join_from(table, payloads, payloads.c.sha256 == table.c.payload)  # type: ignore[call-overload]


# Made once: every save asks for these, and to make a statement anew takes longer than to run it.
_CAMPAIGN = (
    select(payloads.c.body)
    .join(campaigns, payloads.c.sha256 == campaigns.c.payload)
    .where(campaigns.c.id == bindparam("wanted"))
)
_INSPECTION = with_payload(inspections, inspections.c.id, inspections.c.revision).where(
    inspections.c.id == bindparam("wanted")
)


def is_current(connection: Connection, sha256: str) -> bool:
    """Whether a current row stands on this payload."""
    return any(
        connection.scalar(select(exists().where(table.c.payload == sha256)))
        for table in metadata.sorted_tables
        if "payload" in table.c
    )


def find_campaign(connection: Connection, campaign_id: int) -> Campaign:
    """Return a campaign. Raises InputError when there is none."""
    body = connection.scalar(_CAMPAIGN, {"wanted": campaign_id})
    if body is None:
        raise InputError(Fault("没有这个检查批次", value=str(campaign_id)))
    return from_json(Campaign, body)


def refuse_final(connection: Connection, campaign_id: int) -> None:
    """Raise NotAllowed for a campaign that was closed: its results are final until it is reopened with approval."""
    campaign = find_campaign(connection, campaign_id)
    if campaign.state == "closed":
        advice = "须经批准重开：xiaobao campaign reopen"
        raise NotAllowed(
            Fault(f"检查批次 {campaign.name} 已结束，结果为终稿，不能再改", value=campaign.period, allowed=advice)
        )


def require_published(connection: Connection, kind: str, identity: str, version: str) -> None:
    """Raise InputError when that version was never published."""
    row = published.c
    known = select(row.number).where(row.kind == kind, row.id == identity, row.version == version)
    if connection.scalar(known) is None:
        raise InputError(Fault("没有发布过这个版本", item=identity, value=version))


def new_inspection(campaign: Campaign, unit: str, domain: str, own_version: str = "") -> dict[str, object]:
    """Return what is stored of an inspection: who, what, and its state."""
    checklist_id, version = campaign.checklists[domain]
    own = {"own_version": own_version} if own_version else {}
    return {
        "campaign_id": campaign.id,
        "unit": unit,
        "domain": domain,
        "checklist_id": checklist_id,
        "version": version,
        "state": "draft",
        "submitted_by": "",
        "reason": "",
        **own,
    }


def inspection_payload(record: InspectionRecord) -> dict[str, object]:
    """Return what is stored of `record`; what an ordinary inspection does not have is left out."""
    plain = {name: value for name, value in to_plain(record).items() if name not in ("id", "revision")}
    return {
        name: value for name, value in plain.items() if value or name not in ("own_version", "carried", "signatures")
    }


def list_inspections(
    connection: Connection, campaign_id: int, unit: str | None = None, domain: str | None = None
) -> Sequence[InspectionRecord]:
    """Return inspections of a campaign, by unit and domain."""
    wanted = {"campaign_id": campaign_id, "unit": unit, "domain": domain}
    asked = {f"wanted_{name}": value for name, value in wanted.items() if value is not None}
    return [_inspection(row) for row in connection.execute(_inspections_by(tuple(asked)), asked).all()]


@lru_cache(maxsize=8)
def _inspections_by(asked: tuple[str, ...]) -> Select[tuple[object, ...]]:
    table = inspections.c
    statement = with_payload(inspections, table.id, table.revision).order_by(table.unit, table.domain)
    return statement.where(*(table[name.removeprefix("wanted_")] == bindparam(name) for name in asked))


def find_inspection(connection: Connection, inspection_id: int) -> InspectionRecord:
    """Return an inspection. Raises InputError when there is none."""
    row = connection.execute(_INSPECTION, {"wanted": inspection_id}).first()
    if row is None:
        raise InputError(Fault("没有这个检查任务", value=str(inspection_id)))
    return _inspection(row)


class _Kept(Value):
    """What is stored of an inspection: its number and revision stand in columns."""

    campaign_id: int
    unit: str
    domain: str
    checklist_id: str
    version: str
    state: str
    submitted_by: str = ""
    reason: str = ""
    own_version: str = ""
    carried: Mapping[str, Carried] = {}
    signatures: tuple[Signature, ...] = ()


def _inspection(row: Sequence[Any]) -> InspectionRecord:
    """Build the record from its text at once: a bank has tens of thousands, and most questions ask for all."""
    number, revision, body = row
    kept = from_json(_Kept, body)
    return InspectionRecord(
        id=number,
        revision=revision,
        campaign_id=kept.campaign_id,
        unit=kept.unit,
        domain=kept.domain,
        checklist_id=kept.checklist_id,
        version=kept.version,
        state=kept.state,
        submitted_by=kept.submitted_by,
        reason=kept.reason,
        own_version=kept.own_version,
        carried=kept.carried,
        signatures=kept.signatures,
    )


def list_vetoes(connection: Connection, inspection_id: int) -> tuple[VetoEvent, ...]:
    """Return the veto events in force."""
    row = vetoes.c
    statement = with_payload(vetoes).where(row.inspection_id == inspection_id, row.withdrawn.is_(False))
    rows = connection.execute(statement.order_by(row.number))
    return tuple(from_json(StoredVeto, one.body).veto for one in rows)


def list_remarks(connection: Connection, inspection_id: int) -> tuple[Remark, ...]:
    """Return what reviewers asked of a sheet's items, in the order it came, cleared ones too."""
    statement = with_payload(remarks).where(remarks.c.inspection_id == inspection_id)
    return tuple(from_json(Remark, row.body) for row in connection.execute(statement.order_by(remarks.c.number)))


def list_evidence(connection: Connection, inspection_id: int) -> tuple[EvidenceRecord, ...]:
    """Return the evidence files of an inspection, in the order they came."""
    statement = with_payload(evidence).where(evidence.c.inspection_id == inspection_id)
    rows = connection.execute(statement.order_by(evidence.c.number))
    return tuple(from_json(EvidenceRecord, row.body) for row in rows)

"""The tables. History (`audit_events` with `payloads`) is append-only; the others are what holds now.

A current row carries its revision and the hash of its payload, so that `verify` can hold it against the last
event of the same object. Payloads stand apart from events: one may be erased by rule, the chain stays whole.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from xiaobao.feature_list import brought
from xiaobao.store.kept_tables import (
    ASSIGNMENTS,
    ATTACHMENTS,
    LEAD_REMINDERS,
    OWN_CHECKS,
    PEOPLE,
    POOL_ENTRIES,
    WORDINGS,
    KeptTable,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
SHA = String(64)
_NAME = String(200)


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC time as ISO text: the same characters on every engine, since the chain is hashed over them."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> str | None:
        """Write UTC with all six places of the second, so that texts sort as times do."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: object) -> datetime | None:
        """Read it back as an aware time."""
        return None if value is None else datetime.fromisoformat(value)


def _current() -> tuple[Column[Any], ...]:
    return (
        Column("revision", Integer, nullable=False),
        Column("payload", SHA, ForeignKey("payloads.sha256"), nullable=False),
        Column("at", UtcTime, nullable=False),
    )


def _inspection(**options: Any) -> Column[Any]:
    return Column("inspection_id", Integer, ForeignKey("inspections.id"), nullable=False, **options)


def _campaign(**options: Any) -> Column[Any]:
    return Column("campaign_id", Integer, ForeignKey("campaigns.id"), nullable=False, **options)


store_info = Table(
    "store_info", metadata, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False)
)
chain_heads = Table(
    "chain_heads",
    metadata,
    Column("chain", _NAME, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("hash", SHA, nullable=False),
)
payloads = Table("payloads", metadata, Column("sha256", SHA, primary_key=True), Column("body", Text))
audit_events = Table(
    "audit_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("chain", _NAME, nullable=False),
    Column("position", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", _NAME, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("verb", String(40), nullable=False),
    Column("object", _NAME, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("payload_sha256", SHA, ForeignKey("payloads.sha256"), nullable=False),
    Column("previous_hash", SHA, nullable=False),
    Column("hash", SHA, nullable=False),
    *(Column(name, String(64), nullable=False, server_default=text("''")) for name in ("login", "unit", "role")),
    UniqueConstraint("chain", "position"),
    UniqueConstraint("chain", "object", "revision"),
    sqlite_autoincrement=True,
)
published = Table(
    "published",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("id", _NAME, nullable=False),
    Column("version", _NAME, nullable=False),
    *_current(),
    UniqueConstraint("kind", "id", "version"),
)
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", _NAME, nullable=False),
    Column("period", String(40), nullable=False),
    *_current(),
    UniqueConstraint("period", "name"),
)
imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("dataset", _NAME, nullable=False),
    Column("period", String(40), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    *_current(),
    Index(None, "dataset", "period"),
)
inspections = Table(
    "inspections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _campaign(),
    Column("unit", String(64), nullable=False),
    Column("domain", String(64), nullable=False),
    *_current(),
    UniqueConstraint("campaign_id", "unit", "domain"),
)
responses = Table(
    "responses", metadata, _inspection(primary_key=True), Column("item_id", String(64), primary_key=True), *_current()
)
reviews = Table(
    "reviews", metadata, _inspection(primary_key=True), Column("item_id", String(64), primary_key=True), *_current()
)
remarks = Table(
    "remarks",
    metadata,
    _inspection(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("item_id", String(64), nullable=False),
    *_current(),
)
handed_in = Table("handed_in", metadata, _inspection(primary_key=True), *_current())
questions = Table(
    "questions", metadata, _inspection(primary_key=True), Column("state", String(40), nullable=False), *_current()
)
leads = Table(
    "leads",
    metadata,
    _inspection(primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("check_id", String(100), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    *_current(),
    Index(None, "id"),
)
decisions = Table(
    "decisions", metadata, Column("lead_id", String(64), primary_key=True), _inspection(index=True), *_current()
)
vetoes = Table(
    "vetoes",
    metadata,
    _inspection(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("veto_id", String(64), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    *_current(),
)
evidence = Table(
    "evidence",
    metadata,
    _inspection(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("item_id", String(64), nullable=False),
    Column("sha256", SHA, nullable=False),
    *_current(),
    UniqueConstraint("inspection_id", "item_id", "sha256"),
)
runs = Table(
    "runs",
    metadata,
    _campaign(primary_key=True),
    Column("unit", String(64), primary_key=True),
    Column("notebook", _NAME, primary_key=True),
    *_current(),
)
results = Table(
    "results",
    metadata,
    _inspection(primary_key=True),
    *_current(),
    Column("summary", Text, nullable=False, server_default=text("''")),  # see models.summary_of
)
scorecards = Table(
    "scorecards", metadata, _campaign(primary_key=True), Column("unit", String(64), primary_key=True), *_current()
)
actions = Table(
    "actions",
    metadata,
    Column("id", String(64), primary_key=True),
    _inspection(index=True),
    Column("unit", String(64), nullable=False),
    *_current(),
)
# Who may come in. These rows change and go: no password, not even its hash, stands in the history for ever.
credentials = Table(
    "credentials",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("password", String(200), nullable=False),
    Column("changed", UtcTime, nullable=False),
)
attempts = Table(
    "attempts",
    metadata,
    Column("subject", _NAME, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("locked_until", UtcTime),
)
links = Table(
    "sign_in_links",
    metadata,
    Column("hash", SHA, primary_key=True),
    Column("login", String(64), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("made", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("browser", SHA, nullable=False),
    Column("ended", UtcTime),
)
sessions = Table(
    "sessions",
    metadata,
    Column("hash", SHA, primary_key=True),
    Column("login", String(64), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("made", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("idle", Integer, nullable=False),
    Column("ended", UtcTime),
)
server_keys = Table(
    "server_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("public", String(64), nullable=False),
    Column("made", UtcTime, nullable=False),
    Column("ended", UtcTime),
)
_CORE = (PEOPLE, POOL_ENTRIES, WORDINGS, ASSIGNMENTS, ATTACHMENTS, LEAD_REMINDERS, OWN_CHECKS)
KEPT: dict[str, KeptTable] = {
    declared.name: declared
    for declared in (
        PEOPLE,
        POOL_ENTRIES,
        WORDINGS,
        ASSIGNMENTS,
        ATTACHMENTS,
        LEAD_REMINDERS,
        OWN_CHECKS,
        *brought("tables"),
    )
}
for _declared in KEPT.values():
    Table(
        _declared.name,
        metadata,
        *(Column(name, String(width), primary_key=True) for name, width in _declared.key.items()),
        *(
            Column(name, String(width), nullable=False, index=name in _declared.indexed)
            for name, width in _declared.columns.items()
        ),
        *_current(),
    )

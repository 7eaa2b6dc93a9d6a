"""Evidence of leads, findings, measures and visits; reminders of leads; lists of documents asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _kept("attachments", {"id": 190}, {"about": 12, "object": 160, "unit": 64, "sha256": 64})
    for column in ("object", "unit", "sha256"):
        op.create_index(op.f(f"ix_attachments_{column}"), "attachments", [column])
    _kept("lead_reminders", {"campaign": 20, "unit": 64}, {})
    _kept("document_requests", {"campaign": 20, "unit": 64, "number": 8}, {"state": 20})


def _kept(name: str, key: dict[str, int], columns: dict[str, int]) -> None:
    op.create_table(
        name,
        *(sa.Column(column, sa.String(length=width), nullable=False) for column, width in (key | columns).items()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f(f"fk_{name}_payload")),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )

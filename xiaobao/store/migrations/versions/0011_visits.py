"""Visits (检查项目)."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("year", sa.String(length=4), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_visits_payload")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_visits")),
    )

"""What reviewers ask of items when they return a sheet."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "remarks",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_remarks_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_remarks_payload")),
        sa.PrimaryKeyConstraint("inspection_id", "number", name=op.f("pk_remarks")),
    )

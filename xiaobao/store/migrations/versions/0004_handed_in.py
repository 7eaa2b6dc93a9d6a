"""What sheets rested on when they were handed in, and the questions that newer data put to their reviewers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("handed_in", "questions"):
        op.create_table(
            name,
            sa.Column("inspection_id", sa.Integer(), nullable=False),
            *([sa.Column("state", sa.String(length=40), nullable=False)] if name == "questions" else []),
            sa.Column("revision", sa.Integer(), nullable=False),
            sa.Column("payload", sa.String(length=64), nullable=False),
            sa.Column("at", sa.String(length=32), nullable=False),
            sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f(f"fk_{name}_inspection_id")),
            sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f(f"fk_{name}_payload")),
            sa.PrimaryKeyConstraint("inspection_id", name=op.f(f"pk_{name}")),
        )

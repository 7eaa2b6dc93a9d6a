"""Standard wordings of one's own, and parts of sheets given to people (分工)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    _kept("wordings", {"person": 64, "number": 8}, {"withdrawn": 8})
    _kept("assignments", {"campaign": 20, "unit": 64, "domain": 64, "node": 64}, {"login": 64})


def _kept(name: str, key: dict[str, int], columns: dict[str, int]) -> None:
    op.create_table(
        name,
        *(sa.Column(one, sa.String(length=width), nullable=False) for one, width in {**key, **columns}.items()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f(f"fk_{name}_payload")),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )

"""The register of people, and who acted in which unit and role."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name in ("login", "unit", "role"):
        op.add_column(
            "audit_events", sa.Column(name, sa.String(length=64), nullable=False, server_default=sa.text("''"))
        )
    op.create_table(
        "people",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("system_user", sa.String(length=64), nullable=False),
        sa.Column("deputised", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_people_payload")),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_people")),
    )
    for name in ("system_user", "deputised"):
        op.create_index(op.f(f"ix_people_{name}"), "people", [name])

"""Who may come in: passwords, failed attempts, links, sessions, and the keys that servers sign tickets with."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TIME = sa.String(length=32)


def upgrade() -> None:
    op.create_table(
        "credentials",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("changed", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_credentials")),
    )
    op.create_table(
        "attempts",
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("locked_until", _TIME),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_attempts")),
    )
    op.create_table(
        "sign_in_links",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("made", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("ended", _TIME),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in_links")),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("made", _TIME, nullable=False),
        sa.Column("seen", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("idle", sa.Integer(), nullable=False),
        sa.Column("ended", _TIME),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_login"), "sessions", ["login"])
    op.create_table(
        "server_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("made", _TIME, nullable=False),
        sa.Column("ended", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_keys")),
    )

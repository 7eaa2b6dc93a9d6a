"""Reviews of answers (复评)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "reviews",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_reviews_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_reviews_payload")),
        sa.PrimaryKeyConstraint("inspection_id", "item_id", name=op.f("pk_reviews")),
    )

"""The first tables, and the guards that keep history append-only."""

import sqlalchemy as sa
from alembic import op

from xiaobao.store import security

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("chain", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_chain_heads")),
    )
    op.create_table(
        "payloads",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payloads")),
    )
    op.create_table(
        "store_info",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_store_info")),
    )
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("chain", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["payload_sha256"], ["payloads.sha256"], name=op.f("fk_audit_events_payload_sha256")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("chain", "object", "revision", name=op.f("uq_audit_events_chain_object_revision")),
        sa.UniqueConstraint("chain", "position", name=op.f("uq_audit_events_chain_position")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_campaigns_payload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("period", "name", name=op.f("uq_campaigns_period_name")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dataset", sa.String(length=200), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_imports_payload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_dataset_period"), "imports", ["dataset", "period"], unique=False)
    op.create_table(
        "published",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_published_payload")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_published")),
        sa.UniqueConstraint("kind", "id", "version", name=op.f("uq_published_kind_id_version")),
    )
    op.create_table(
        "inspections",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_inspections_campaign_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_inspections_payload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("campaign_id", "unit", "domain", name=op.f("uq_inspections_campaign_id_unit_domain")),
    )
    op.create_table(
        "runs",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("notebook", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_runs_campaign_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_runs_payload")),
        sa.PrimaryKeyConstraint("campaign_id", "unit", "notebook", name=op.f("pk_runs")),
    )
    op.create_table(
        "scorecards",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_scorecards_campaign_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_scorecards_payload")),
        sa.PrimaryKeyConstraint("campaign_id", "unit", name=op.f("pk_scorecards")),
    )
    op.create_table(
        "actions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_actions_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_actions_payload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
    )
    op.create_index(op.f("ix_actions_inspection_id"), "actions", ["inspection_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_decisions_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_decisions_payload")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_inspection_id"), "decisions", ["inspection_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_evidence_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_evidence_payload")),
        sa.PrimaryKeyConstraint("inspection_id", "number", name=op.f("pk_evidence")),
        sa.UniqueConstraint(
            "inspection_id", "item_id", "sha256", name=op.f("uq_evidence_inspection_id_item_id_sha256")
        ),
    )
    op.create_table(
        "leads",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("check_id", sa.String(length=100), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_leads_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_leads_payload")),
        sa.PrimaryKeyConstraint("inspection_id", "id", name=op.f("pk_leads")),
    )
    op.create_index(op.f("ix_leads_id"), "leads", ["id"], unique=False)
    op.create_table(
        "responses",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_responses_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_responses_payload")),
        sa.PrimaryKeyConstraint("inspection_id", "item_id", name=op.f("pk_responses")),
    )
    op.create_table(
        "results",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_results_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_results_payload")),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_results")),
    )
    op.create_table(
        "vetoes",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("veto_id", sa.String(length=64), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("payload", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_vetoes_inspection_id")),
        sa.ForeignKeyConstraint(["payload"], ["payloads.sha256"], name=op.f("fk_vetoes_payload")),
        sa.PrimaryKeyConstraint("inspection_id", "number", name=op.f("pk_vetoes")),
    )
    security.guard_history(op.get_bind())

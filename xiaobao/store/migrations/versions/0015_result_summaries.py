"""What totals want of each result, beside it: of a large bank the results themselves are hundreds of megabytes."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_AT_ONCE = 200
_LEFT_OUT = ("trace", "subtotals", "vetoes")


def upgrade() -> None:
    op.add_column("results", sa.Column("summary", sa.Text(), nullable=False, server_default=sa.text("''")))
    connection = op.get_bind()
    results = sa.table("results", *map(sa.column, ("inspection_id", "payload", "summary")))
    payloads = sa.table("payloads", *map(sa.column, ("sha256", "body")))
    written = (
        sa.update(results).where(results.c.inspection_id == sa.bindparam("of")).values(summary=sa.bindparam("text"))
    )
    numbers = connection.scalars(sa.select(results.c.inspection_id).order_by(results.c.inspection_id)).all()
    for first in range(0, len(numbers), _AT_ONCE):
        some = numbers[first : first + _AT_ONCE]
        bodies = (
            sa.select(results.c.inspection_id, payloads.c.body)
            .join_from(results, payloads, payloads.c.sha256 == results.c.payload)
            .where(results.c.inspection_id.in_(some), payloads.c.body.is_not(None))
        )
        texts = [{"of": number, "text": _summary(json.loads(body))} for number, body in connection.execute(bodies)]
        if texts:
            connection.execute(written, texts)


def _summary(result: dict) -> str:
    """As `models.summary_of` said it when this was written."""
    after = result["after"]
    summary = {
        "after": {name: value for name, value in after.items() if name not in _LEFT_OUT},
        "vetoed": bool(after.get("vetoes")),
        "has_facts": bool(result.get("facts")),
    }
    return json.dumps(summary, ensure_ascii=False, separators=(",", ":"))

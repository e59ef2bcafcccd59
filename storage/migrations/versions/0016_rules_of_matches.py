"""By which rules documents were found, and whether that makes them reports"""

import json

import sqlalchemy as sa
from alembic import op


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PAGE = 1_000


def upgrade() -> None:
    op.add_column("matches", sa.Column("registers", sa.Boolean(), nullable=True))
    op.execute("UPDATE matches SET registers = relevant")
    rules = op.create_table(
        "match_rules",
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_match_rules_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rule", "document_id", name=op.f("pk_match_rules")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_rules_document_id", "match_rules", ["document_id"])
    fill(rules)


def fill(rules: sa.Table) -> None:
    """What a verdict kept are the rules that found a document or nearly did; the first one found
    it.
    """
    connection, last = op.get_bind(), 0
    page = sa.text(
        "SELECT document_id, rules FROM matches WHERE relevant AND document_id > :last ORDER BY document_id LIMIT :page"
    )
    while rows := connection.execute(page, {"last": last, "page": _PAGE}).all():
        last = rows[-1].document_id
        kept = ((row.document_id, json.loads(row.rules) if isinstance(row.rules, str) else row.rules) for row in rows)
        op.bulk_insert(rules, [{"rule": found[0]["id"], "document_id": number} for number, found in kept if found])


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

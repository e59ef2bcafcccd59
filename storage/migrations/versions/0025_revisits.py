"""When reports are looked at again, and which of them are gone"""

import sqlalchemy as sa
from alembic import op


revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revisits",
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("gone_looks", sa.Integer(), nullable=False),
        sa.Column("gone_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_revisits_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_revisits")),
    )
    op.create_index("ix_revisits_due_at", "revisits", ["due_at"])


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

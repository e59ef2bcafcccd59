"""When reports came into the register and subscriptions began; told means that a digest told it"""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrivals",
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_arrivals_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_arrivals")),
    )
    op.create_index("ix_arrivals_arrived_at", "arrivals", ["arrived_at"])
    op.create_table(
        "subscription_starts",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("wants", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wants_since_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_subscription_starts")),
    )
    op.execute(
        "INSERT INTO arrivals (document_id, arrived_at, fresh) SELECT DISTINCT documents.id, documents.first_seen_at, false "
        "FROM documents JOIN reports ON reports.document_id = documents.id"
    )
    # These came late to a step that had been told. No digest told them, and some told of another
    # agreement.
    op.execute("DELETE FROM told WHERE digest_id IS NULL")


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

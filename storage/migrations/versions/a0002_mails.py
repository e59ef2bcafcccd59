"""Deliveries that travel together in one mail."""

import sqlalchemy as sa
from alembic import op

revision = "a0002"
down_revision = "a0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("mail_id", sa.Text(), nullable=True))
    op.create_index(op.f("ix_deliveries_mail_id"), "deliveries", ["mail_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

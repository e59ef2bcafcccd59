"""By which schedule a source's due time was planned, and what its server asked for"""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_states", sa.Column("schedule", sa.Text(), nullable=True))
    op.add_column("source_states", sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=True))
    # Until now a server's wish was a part of the due time.
    op.execute("UPDATE source_states SET not_before_at = due_at WHERE last_error LIKE 'paused%'")


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

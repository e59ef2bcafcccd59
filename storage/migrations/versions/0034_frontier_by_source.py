"""The next rows of each source, found without sorting all that are due"""

from alembic import op


revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_frontier_next", "frontier", ["source_id", "state", "not_before_at", "id"])


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

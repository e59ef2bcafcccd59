"""What history needs to be forgotten: when an address was last offered, and when validators were
kept
"""

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frontier", sa.Column("last_offered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("validators", sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))
    # Nobody knows when: counted from today, so that nothing is fetched anew that is still offered.
    op.execute("UPDATE frontier SET last_offered_at = CURRENT_TIMESTAMP")
    op.execute("UPDATE validators SET saved_at = CURRENT_TIMESTAMP")
    op.create_index("ix_frontier_last_offered_at", "frontier", ["last_offered_at"])
    op.create_index("ix_validators_saved_at", "validators", ["saved_at"])
    op.create_index("ix_runs_started_at", "runs", ["started_at"])
    op.create_index("ix_documents_run_id", "documents", ["run_id"])
    op.create_index("ix_deliveries_settled", "deliveries", ["state", "settled_at"])


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

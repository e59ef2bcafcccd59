"""How sources behave: feeds that moved, validators that lie, failures that come again"""

import sqlalchemy as sa
from alembic import op


revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_states", sa.Column("moved_from", sa.Text(), nullable=True))
    op.add_column("source_states", sa.Column("moved_to", sa.Text(), nullable=True))
    op.add_column("source_states", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("source_states", sa.Column("strikes", sa.Integer(), nullable=True))
    op.add_column("source_states", sa.Column("recovered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("validators", sa.Column("distrusted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

"""Which reports are rows of lists of known agreements, and which agreements have no others"""

import sqlalchemy as sa
from alembic import op


revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("agreements", sa.Column("listed_only", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

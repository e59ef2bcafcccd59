"""What texts say of how long an agreement runs and of what it covers."""

import sqlalchemy as sa
from alembic import op

revision = "a0004"
down_revision = "a0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agreements", sa.Column("provisions", sa.JSON(), nullable=True))
    op.add_column("agreements", sa.Column("expires_on", sa.Date(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

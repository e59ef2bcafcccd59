"""The day for which the reports of a step announce the next one"""

import sqlalchemy as sa
from alembic import op


revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("steps", sa.Column("expected_on", sa.Date(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

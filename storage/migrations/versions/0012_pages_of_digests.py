"""A digest goes out in pages, each a delivery of its own; what was claimed before has one page"""

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("page", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("deliveries", sa.Column("pages", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("deliveries", sa.Column("page_size", sa.Integer(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

"""Without the table of leases, which nothing reads or writes"""

from alembic import op


revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("leases")


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

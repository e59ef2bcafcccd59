"""Cookies that opened a consent page, kept for the next runs"""

import sqlalchemy as sa
from alembic import op


revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cookie_jars",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("cookies", sa.JSON(), nullable=False),
        sa.Column("kept_until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_cookie_jars")),
    )


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

"""How probable each document is a report, and why; NULL until it is judged again"""

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matches", sa.Column("probability", sa.Double(), nullable=True))
    op.add_column("matches", sa.Column("frame", sa.JSON(), nullable=True))
    op.add_column("matches", sa.Column("reasons", sa.JSON(), nullable=True))
    op.create_index("ix_matches_to_review", "matches", ["near_miss", "probability"])


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

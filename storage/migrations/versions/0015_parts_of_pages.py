"""Parts of watched pages are documents of their own, which name their page"""

import sqlalchemy as sa
from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("part_of", sa.Integer(), nullable=True))
    op.create_index("ix_documents_part_of", "documents", ["part_of"])


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

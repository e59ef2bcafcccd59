"""Lists show last what has no day"""

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("listed_on", sa.Date(), nullable=False, server_default="0001-01-01"))
    op.execute("UPDATE documents SET listed_on = dated_on WHERE published_on IS NOT NULL")
    op.drop_index("ix_documents_newest", "documents")
    op.create_index("ix_documents_newest", "documents", ["listed_on", "id"])
    reported_on = (
        "(SELECT max(documents.listed_on) FROM documents JOIN reports ON reports.document_id = documents.id "
        "WHERE reports.agreement_id = agreements.id AND documents.published_on IS NOT NULL)"
    )
    happened_on = '(SELECT max(steps."on") FROM steps WHERE steps.agreement_id = agreements.id)'
    op.execute(f"UPDATE agreements SET last_reported_on = coalesce({reported_on}, {happened_on}, '0001-01-01')")


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

"""Documents by the moment they were first seen, verdicts by status and kind where they have one, and reports by
language"""

import sqlalchemy as sa
from alembic import op


revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_documents_first_seen_at", "documents", ["first_seen_at"], unique=False)
    for column in ("status", "instrument"):
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_matches_{column}", "matches", [column], unique=False, sqlite_where=given, postgresql_where=given
        )
    op.create_index("ix_search_rows_language", "search_rows", ["language", "listed_on", "document_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

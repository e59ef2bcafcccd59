"""The day that a report tells of, so that blocks are looked up by it"""

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matches", sa.Column("happened_on", sa.Date(), nullable=True))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    event_date = "json_extract(card, '$.event_date')" if is_sqlite else "(card ->> 'event_date')::date"
    published_on = "(SELECT published_on FROM documents WHERE documents.id = matches.document_id)"
    op.execute(f"UPDATE matches SET happened_on = coalesce({event_date}, {published_on}) WHERE relevant")
    op.create_index("ix_matches_happened_on", "matches", ["happened_on"])


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

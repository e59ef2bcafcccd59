"""Whether the text of each agreement is published, and since when it waits for ratification"""

import sqlalchemy as sa
from alembic import op


revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agreements", sa.Column("text_state", sa.String(10), nullable=True))
    op.add_column("agreements", sa.Column("text_document_id", sa.Integer(), nullable=True))
    op.add_column("agreements", sa.Column("pending_since", sa.Date(), nullable=True))
    op.create_index("ix_agreements_pending", "agreements", ["pending_since", "id"], unique=False)
    op.add_column("official_sources", sa.Column("texts", sa.Boolean(), nullable=True))
    op.execute(TEXT_STATE)
    op.execute(PENDING)


# No text is known yet: the next run looks at all agreements again, since the database does not know
# which sources are treaty series.
SIGNED = "('signed', 'ratified', 'in_force', 'renewed', 'suspended', 'terminated')"
ENDED = "('ratified', 'in_force', 'renewed', 'suspended', 'terminated', 'rejected')"
STEPS = "FROM steps WHERE steps.agreement_id = agreements.id AND steps.status"
TEXT_STATE = f"UPDATE agreements SET text_state = 'missing' WHERE EXISTS (SELECT 1 {STEPS} IN {SIGNED})"
ON = 'min(steps."on")'
PENDING = f"""UPDATE agreements SET pending_since = CASE
    WHEN EXISTS (SELECT 1 {STEPS} = 'signed') THEN coalesce((SELECT {ON} {STEPS} = 'signed'), '0001-01-01')
    ELSE coalesce((SELECT {ON} {STEPS} = 'concluded_not_signed'), '0001-01-01') END
    WHERE EXISTS (SELECT 1 {STEPS} IN ('signed', 'concluded_not_signed'))
    AND NOT EXISTS (SELECT 1 {STEPS} IN {ENDED})"""


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

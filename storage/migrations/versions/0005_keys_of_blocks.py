"""What reports and agreements meet others by, so that a block is found without reading all reports
of a party
"""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FEWER_THAN_TWO = """(SELECT count(*) FROM match_parties counted
    WHERE counted.document_id = one.document_id AND counted.taking_part) < 2"""
TWO = "match_parties one JOIN match_parties other ON other.document_id = one.document_id AND one.party < other.party"


def upgrade() -> None:
    op.create_table(
        "match_keys",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_match_keys_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "document_id", name=op.f("pk_match_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_keys_document_id", "match_keys", ["document_id"])
    op.create_table(
        "agreement_codes",
        sa.Column("agreement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_codes_agreement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agreement_id", "code", name=op.f("pk_agreement_codes")),
        sqlite_with_rowid=False,
    )
    fill()


def fill() -> None:
    """As `storage.register.block_keys` names the keys."""
    insert = "INSERT INTO match_keys (key, document_id) SELECT"
    op.execute(
        f"{insert} one.party || '-' || other.party, one.document_id FROM {TWO} "
        "WHERE one.taking_part AND other.taking_part"
    )
    op.execute(f"{insert} '~' || one.party || '-' || other.party, one.document_id FROM {TWO} WHERE {FEWER_THAN_TWO}")
    op.execute(f"{insert} '~' || one.party, one.document_id FROM match_parties one WHERE {FEWER_THAN_TWO}")
    op.execute(
        "INSERT INTO agreement_codes (agreement_id, code) SELECT DISTINCT reports.agreement_id, match_parties.party "
        "FROM reports JOIN match_parties ON match_parties.document_id = reports.document_id"
    )


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

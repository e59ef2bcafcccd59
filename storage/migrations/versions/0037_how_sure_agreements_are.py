"""How sure each agreement is, which sources are official, and the canonical names of places"""

import sqlalchemy as sa
from alembic import op


revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "official_sources",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_official_sources")),
    )
    op.create_index("ix_official_sources_host", "official_sources", ["host"], unique=False)
    op.add_column("agreements", sa.Column("certainty", sa.String(16), nullable=False, server_default="single"))
    op.add_column("agreements", sa.Column("place_key", sa.Text(), nullable=True))
    op.execute(CERTAINTY)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    place, key = (
        f"json_extract(card, '$.{name}')" if is_sqlite else f"card ->> '{name}'" for name in ("place", "place_key")
    )
    op.execute(f"UPDATE agreements SET place_key = (SELECT min({key}) {DOCUMENTS} AND {place} = agreements.place)")


DOCUMENTS = """FROM reports JOIN matches ON matches.document_id = reports.document_id
    WHERE reports.agreement_id = agreements.id"""
REPORTS = f"{DOCUMENTS} AND NOT reports.listed"
# What `crawler.register.certainty` says where no official source is known. The next run tells the database which
# sources are, and looks at all agreements again.
OUTLET = "lower(CASE WHEN {0}.outlet LIKE 'www.%' THEN substr({0}.outlet, 5) ELSE {0}.outlet END)"
CERTAINTY = f"""UPDATE agreements SET certainty = CASE
    WHEN EXISTS (SELECT 1 FROM reports
        JOIN pins ON pins.document_id = reports.document_id OR pins.other_document_id = reports.document_id
        JOIN decisions ON decisions.id = pins.decision_id
        WHERE reports.agreement_id = agreements.id AND decisions.undone_at IS NULL
        AND pins.kind IN ('relevant', 'field', 'must_link')) THEN 'confirmed'
    WHEN EXISTS (SELECT 1 FROM reports AS r1 JOIN reports AS r2 ON r2.agreement_id = r1.agreement_id
        JOIN documents AS d1 ON d1.id = r1.document_id JOIN matches AS m1 ON m1.document_id = r1.document_id
        JOIN documents AS d2 ON d2.id = r2.document_id JOIN matches AS m2 ON m2.document_id = r2.document_id
        WHERE r1.agreement_id = agreements.id AND r1.document_id < r2.document_id
        AND r1.step IS NOT NULL AND r2.step IS NOT NULL AND NOT r1.listed AND NOT r2.listed
        AND m1.voice <> m2.voice AND {OUTLET.format("d1")} <> {OUTLET.format("d2")}) THEN 'several'
    WHEN listed_only THEN 'listed'
    WHEN EXISTS (SELECT 1 FROM reports WHERE reports.agreement_id = agreements.id AND reports.listed) THEN 'single'
    WHEN NOT EXISTS (SELECT 1 {REPORTS} AND reports.step IS NOT NULL
        AND (matches.probability IS NULL OR matches.probability >= 0.90))
        AND EXISTS (SELECT 1 {REPORTS} AND reports.step IS NOT NULL) THEN 'doubtful'
    ELSE 'single' END"""


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

"""A narrow row for each relevant document, with what filters ask of it, and when steps were learnt of"""

import sqlalchemy as sa
from alembic import op


revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_rows",
        sa.Column("document_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("outlet", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        # In the order of lists, which SQLite then reads without looking up each row.
        sa.PrimaryKeyConstraint("listed_on", "document_id", name=op.f("pk_search_rows")),
        sqlite_with_rowid=False,
    )
    op.execute(f"INSERT INTO search_rows ({COLUMNS}) {ROWS} ORDER BY listed_on, document_id")
    op.create_index("ix_search_rows_document_id", "search_rows", ["document_id"], unique=True)
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)
    op.add_column("steps", sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(LEARNT)
    op.create_index("ix_steps_on", "steps", ["on", "agreement_id"], unique=False)
    op.create_index("ix_steps_learnt_at", "steps", ["learnt_at", "agreement_id"], unique=False)


OF_DOCUMENTS = ("listed_on", "published_on", "first_seen_at", "language", "source_id", "outlet")
OF_MATCHES = ("status", "instrument", "score", "probability")
COLUMNS = ", ".join(("document_id", *OF_DOCUMENTS, *OF_MATCHES))
ROWS = f"""SELECT matches.document_id, {", ".join(OF_DOCUMENTS)}, {", ".join(OF_MATCHES)}
    FROM matches JOIN documents ON documents.id = matches.document_id WHERE matches.relevant"""
ASKED = ", ".join(("relevant", *OF_MATCHES))
NEW = ", ".join(f"{name} = new.{name}" for name in OF_DOCUMENTS)

SQLITE = (
    f"""CREATE TRIGGER search_rows_match_insert AFTER INSERT ON matches WHEN new.relevant BEGIN
        INSERT INTO search_rows ({COLUMNS}) {ROWS} AND matches.document_id = new.document_id;
    END""",
    f"""CREATE TRIGGER search_rows_match_update AFTER UPDATE OF {ASKED} ON matches
        WHEN old.relevant OR new.relevant BEGIN
        DELETE FROM search_rows WHERE document_id = new.document_id;
        INSERT INTO search_rows ({COLUMNS}) {ROWS} AND matches.document_id = new.document_id;
    END""",
    """CREATE TRIGGER search_rows_match_delete AFTER DELETE ON matches WHEN old.relevant BEGIN
        DELETE FROM search_rows WHERE document_id = old.document_id;
    END""",
    f"""CREATE TRIGGER search_rows_document_update AFTER UPDATE OF {", ".join(OF_DOCUMENTS)} ON documents BEGIN
        UPDATE search_rows SET {NEW} WHERE document_id = new.id;
    END""",
)

POSTGRESQL = (
    f"""CREATE FUNCTION search_rows_keep_match() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE changed integer := coalesce(new.document_id, old.document_id);
        BEGIN
            DELETE FROM search_rows WHERE document_id = changed;
            INSERT INTO search_rows ({COLUMNS}) {ROWS} AND matches.document_id = changed;
            RETURN NULL;
        END $$""",
    f"""CREATE FUNCTION search_rows_keep_document() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE search_rows SET {NEW} WHERE document_id = new.id;
            RETURN NULL;
        END $$""",
    """CREATE TRIGGER search_rows_match_insert AFTER INSERT ON matches
        FOR EACH ROW WHEN (new.relevant) EXECUTE FUNCTION search_rows_keep_match()""",
    f"""CREATE TRIGGER search_rows_match_update AFTER UPDATE OF {ASKED} ON matches
        FOR EACH ROW WHEN (old.relevant OR new.relevant) EXECUTE FUNCTION search_rows_keep_match()""",
    """CREATE TRIGGER search_rows_match_delete AFTER DELETE ON matches
        FOR EACH ROW WHEN (old.relevant) EXECUTE FUNCTION search_rows_keep_match()""",
    f"""CREATE TRIGGER search_rows_document_update AFTER UPDATE OF {", ".join(OF_DOCUMENTS)} ON documents
        FOR EACH ROW EXECUTE FUNCTION search_rows_keep_document()""",
)

LEARNT = """UPDATE steps SET learnt_at = (
    SELECT CASE WHEN documents.first_seen_at > agreements.minted_at
        THEN documents.first_seen_at ELSE agreements.minted_at END
    FROM agreements JOIN documents ON documents.id = (SELECT min(reports.document_id) FROM reports
        WHERE reports.agreement_id = steps.agreement_id AND reports.step = steps.position)
    WHERE agreements.id = steps.agreement_id)"""


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

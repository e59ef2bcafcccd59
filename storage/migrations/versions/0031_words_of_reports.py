"""The words of relevant documents in a table of their own, on PostgreSQL"""

from alembic import op


revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for statement in STATEMENTS:
        op.execute(statement)


# Words as in the index of `texts`, so that both find the same.
STATEMENTS = (
    """CREATE TABLE texts_fts_reports (
        document_id integer PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE, words tsvector NOT NULL)""",
    """INSERT INTO texts_fts_reports
        SELECT document_id, to_tsvector('simple', left(folded, 200000)) FROM texts JOIN matches USING (document_id)
        WHERE relevant""",
    "CREATE INDEX texts_fts_reports_words ON texts_fts_reports USING gin (words)",
    """CREATE FUNCTION texts_fts_keep_report() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE changed integer := coalesce(new.document_id, old.document_id);
        BEGIN
            DELETE FROM texts_fts_reports WHERE document_id = changed;
            INSERT INTO texts_fts_reports
                SELECT document_id, to_tsvector('simple', left(folded, 200000))
                FROM texts JOIN matches USING (document_id) WHERE document_id = changed AND relevant;
            RETURN NULL;
        END $$""",
    """CREATE TRIGGER texts_fts_of_texts AFTER INSERT OR DELETE OR UPDATE OF folded ON texts
        FOR EACH ROW EXECUTE FUNCTION texts_fts_keep_report()""",
    """CREATE TRIGGER texts_fts_of_matches AFTER INSERT OR DELETE OR UPDATE OF relevant ON matches
        FOR EACH ROW EXECUTE FUNCTION texts_fts_keep_report()""",
)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

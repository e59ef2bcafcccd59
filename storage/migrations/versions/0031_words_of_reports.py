"""The words of relevant documents in a table of their own"""

from alembic import op


revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement)


# Words as in `texts_fts`, so that both find the same. The table keeps a copy of the texts, which are few: with
# them outside, a row could be removed only by who still knows its old text.
SQLITE = (
    """CREATE VIRTUAL TABLE texts_fts_reports USING fts5(folded, tokenize="unicode61 remove_diacritics 0")""",
    """INSERT INTO texts_fts_reports(rowid, folded)
        SELECT document_id, folded FROM texts JOIN matches USING (document_id) WHERE relevant""",
    """CREATE TRIGGER texts_fts_reports_text_insert AFTER INSERT ON texts
        WHEN EXISTS (SELECT 1 FROM matches WHERE document_id = new.document_id AND relevant) BEGIN
        INSERT INTO texts_fts_reports(rowid, folded) VALUES (new.document_id, new.folded);
    END""",
    """CREATE TRIGGER texts_fts_reports_text_update AFTER UPDATE OF folded ON texts BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = new.document_id;
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT new.document_id, new.folded FROM matches WHERE document_id = new.document_id AND relevant;
    END""",
    """CREATE TRIGGER texts_fts_reports_text_delete AFTER DELETE ON texts BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = old.document_id;
    END""",
    """CREATE TRIGGER texts_fts_reports_match_insert AFTER INSERT ON matches WHEN new.relevant BEGIN
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT document_id, folded FROM texts WHERE document_id = new.document_id;
    END""",
    """CREATE TRIGGER texts_fts_reports_match_update AFTER UPDATE OF relevant ON matches
        WHEN old.relevant <> new.relevant BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = new.document_id;
        INSERT INTO texts_fts_reports(rowid, folded)
            SELECT document_id, folded FROM texts WHERE document_id = new.document_id AND new.relevant;
    END""",
    """CREATE TRIGGER texts_fts_reports_match_delete AFTER DELETE ON matches WHEN old.relevant BEGIN
        DELETE FROM texts_fts_reports WHERE rowid = old.document_id;
    END""",
)

POSTGRESQL = (
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

"""The first tables"""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_tables()
    create_search()


def create_tables() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("event_date", sa.Date(), nullable=True),
        sa.Column("first_reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_reported_on", sa.Date(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("minted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_agreements_newest", "agreements", ["last_reported_on", "id"], unique=False)
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_digests_subscription_id_period", "digests", ["subscription_id", "period"], unique=True)
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "owed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owed")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_owed_subscription_id"), "owed", ["subscription_id"], unique=False)
    op.create_table(
        "polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    op.create_index("ix_polls_source_id_at", "polls", ["source_id", "at"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "source_states",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_offered", sa.Integer(), nullable=False),
        sa.Column("last_new", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_states")),
    )
    op.create_table(
        "validators",
        sa.Column("url_hash", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("url_hash", name=op.f("pk_validators")),
    )
    op.create_table(
        "agreement_parties",
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("agreement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_parties_agreement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("party", "agreement_id", name=op.f("pk_agreement_parties")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_agreement_parties_agreement_id", "agreement_parties", ["agreement_id"], unique=False)
    op.create_table(
        "agreement_topics",
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("agreement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_topics_agreement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic", "agreement_id", name=op.f("pk_agreement_topics")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_agreement_topics_agreement_id", "agreement_topics", ["agreement_id"], unique=False)
    op.create_table(
        "aliases",
        sa.Column("alias", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_aliases_agreement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_agreement_id"), "aliases", ["agreement_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name=op.f("fk_deliveries_digest_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deliveries_digest_id"), "deliveries", ["digest_id"], unique=False)
    op.create_index("ix_deliveries_due", "deliveries", ["state", "next_try_at", "id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("url_hash", sa.String(length=64), nullable=True),
        sa.Column("outlet", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("text_hash", sa.String(length=128), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_documents_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("identity", name=op.f("uq_documents_identity")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_documents_newest", "documents", ["dated_on", "id"], unique=False)
    op.create_index(op.f("ix_documents_text_hash"), "documents", ["text_hash"], unique=False)
    op.create_index(op.f("ix_documents_url_hash"), "documents", ["url_hash"], unique=False)
    op.create_table(
        "steps",
        sa.Column("agreement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_steps_agreement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agreement_id", "position", name=op.f("pk_steps")),
    )
    op.create_table(
        "bands",
        sa.Column("algorithm", sa.String(length=40), nullable=False),
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_bands_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("algorithm", "band", "document_id", name=op.f("pk_bands")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bands_document_id", "bands", ["document_id"], unique=False)
    op.create_table(
        "frontier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url_hash", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("candidate", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("not_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_frontier_document_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frontier")),
        sa.UniqueConstraint("url_hash", name=op.f("uq_frontier_url_hash")),
    )
    op.create_index("ix_frontier_due", "frontier", ["state", "not_before_at", "id"], unique=False)
    op.create_table(
        "match_parties",
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taking_part", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_match_parties_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("party", "document_id", name=op.f("pk_match_parties")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_parties_document_id", "match_parties", ["document_id"], unique=False)
    op.create_table(
        "match_topics",
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_match_topics_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic", "document_id", name=op.f("pk_match_topics")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_topics_document_id", "match_topics", ["document_id"], unique=False)
    op.create_table(
        "matches",
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=False),
        sa.Column("near_miss", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("vetoes", sa.JSON(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("clues", sa.JSON(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("instrument", sa.Text(), nullable=True),
        sa.Column("voice", sa.String(length=128), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_matches_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_matches")),
    )
    op.create_index("ix_matches_relevant", "matches", ["relevant", "document_id"], unique=False)
    op.create_index(op.f("ix_matches_voice"), "matches", ["voice"], unique=False)
    op.create_table(
        "owed_reports",
        sa.Column("owed_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_owed_reports_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owed_id"], ["owed.id"], name=op.f("fk_owed_reports_owed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owed_id", "document_id", name=op.f("pk_owed_reports")),
    )
    op.create_index("ix_owed_reports_document_id", "owed_reports", ["document_id"], unique=False)
    op.create_table(
        "pins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("other_document_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_pins_document_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_document_id"], ["documents.id"], name=op.f("fk_pins_other_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
    )
    op.create_index(op.f("ix_pins_document_id"), "pins", ["document_id"], unique=False)
    op.create_index(op.f("ix_pins_other_document_id"), "pins", ["other_document_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("agreement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_reports_agreement_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_reports_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agreement_id", "document_id", name=op.f("pk_reports")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reports_document_id", "reports", ["document_id"], unique=False)
    op.create_table(
        "texts",
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_texts_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_texts")),
    )
    op.create_table(
        "told",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("news", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_told_digest_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_told_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscription_id", "news", "document_id", "detail", name=op.f("pk_told")),
    )
    op.create_index("ix_told_document_id", "told", ["document_id"], unique=False)


def create_search() -> None:
    """Full-text search over the folded words: FTS5 beside `texts` on SQLite, a GIN index on
    PostgreSQL.
    """
    statements = SQLITE_SEARCH if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_SEARCH
    for statement in statements:
        op.execute(statement)


# The words are folded already; unicode61 must not fold once more.
SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE texts_fts USING fts5(
        folded, content='texts', content_rowid='document_id', tokenize="unicode61 remove_diacritics 0")""",
    """CREATE TRIGGER texts_fts_insert AFTER INSERT ON texts BEGIN
        INSERT INTO texts_fts(rowid, folded) VALUES (new.document_id, new.folded);
    END""",
    """CREATE TRIGGER texts_fts_delete AFTER DELETE ON texts BEGIN
        INSERT INTO texts_fts(texts_fts, rowid, folded) VALUES ('delete', old.document_id, old.folded);
    END""",
    """CREATE TRIGGER texts_fts_update AFTER UPDATE OF folded ON texts BEGIN
        INSERT INTO texts_fts(texts_fts, rowid, folded) VALUES ('delete', old.document_id, old.folded);
        INSERT INTO texts_fts(rowid, folded) VALUES (new.document_id, new.folded);
    END""",
)

# A tsvector holds 1 MB: 200,000 characters stay below it, and no article is longer.
POSTGRESQL_SEARCH = ("CREATE INDEX texts_fts ON texts USING gin (to_tsvector('simple', left(folded, 200000)))",)


def downgrade() -> None:
    raise NotImplementedError("a database does not go back: restore the backup made before the upgrade")

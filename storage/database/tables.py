"""The tables. Each class is one table and is used with Core statements: rows leave this package as records.

URLs and external ids can be longer than an index entry may be (PostgreSQL: 2.7 KB), so they are found by
their SHA-256 (`url_hash`, `identity`). Full-text search stands in the migrations: it differs by database.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.database.columns import CleanText, UtcDateTime


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy declares it as an instance variable
        str: CleanText,
        datetime: UtcDateTime,
        date: Date,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


UNDATED = date.min  # in lists: after everything that has a day
HASH = String(64)  # SHA-256 in hexadecimal
FINGERPRINT = String(128)  # the hexadecimal digest that the fingerprint brings


def to_document() -> ForeignKey:
    return ForeignKey("documents.id", ondelete="CASCADE")


def to_agreement() -> ForeignKey:
    return ForeignKey("agreements.id", ondelete="CASCADE")


class Documents(Base):
    """What was collected. Slim, so that lists are quick: the text stands in `texts`."""

    __tablename__ = "documents"
    __table_args__ = (
        Index("ix_documents_newest", "listed_on", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(HASH, unique=True)
    external_id: Mapped[str | None]
    url: Mapped[str | None]
    url_hash: Mapped[str | None] = mapped_column(HASH, index=True)
    outlet: Mapped[str | None]
    source_id: Mapped[str | None]
    author: Mapped[str | None]
    kind: Mapped[str]
    language: Mapped[str]
    title: Mapped[str]
    published_on: Mapped[date | None]
    dated_on: Mapped[
        date
    ]  # published, or first seen where that is unknown or in the future; what is fresh
    # What lists sort by: dated_on, but UNDATED where nobody says when it was published.
    listed_on: Mapped[date] = mapped_column(server_default=UNDATED.isoformat())
    text_hash: Mapped[str] = mapped_column(FINGERPRINT, index=True)
    first_seen_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    # The page that it is a part of. No foreign key: SQLite adds none to a table that is there; pages are never deleted.
    part_of: Mapped[int | None] = mapped_column(index=True)
    # Indexed, or each run that is forgotten would have every document looked at.
    run_id: Mapped[int | None] = mapped_column(
        ForeignKey("runs.id", ondelete="SET NULL"), index=True
    )


class Texts(Base):
    """The text of a document and its words, folded, for search. `retention` removes rows here."""

    __tablename__ = "texts"

    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)
    text: Mapped[str]
    folded: Mapped[str]


class Matches(Base):
    """The verdict on a document, one row for every document; `card` and lists as JSON, and what filters need."""

    __tablename__ = "matches"
    __table_args__ = (Index("ix_matches_relevant", "relevant", "document_id"),)

    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)
    relevant: Mapped[bool]
    registers: Mapped[
        bool | None
    ]  # relevant by a rule of the register, or by a curator's word: a report
    near_miss: Mapped[bool]
    score: Mapped[float]
    threshold: Mapped[float]
    rules: Mapped[list[Any]]
    evidence: Mapped[list[Any]]
    vetoes: Mapped[list[Any]]
    card: Mapped[dict[str, Any]]
    clues: Mapped[list[Any]]
    quote: Mapped[str]
    status: Mapped[str | None]
    instrument: Mapped[str | None]
    happened_on: Mapped[date | None] = mapped_column(
        index=True
    )  # relevant: the event, else publication
    voice: Mapped[str] = mapped_column(FINGERPRINT, index=True)
    judged_at: Mapped[datetime]


class MatchParties(Base):
    """The parties of relevant documents; runners-up too (`taking_part` false), for the register's blocks."""

    __tablename__ = "match_parties"
    __table_args__ = (
        Index("ix_match_parties_document_id", "document_id"),
        {"sqlite_with_rowid": False},
    )

    party: Mapped[str] = mapped_column(String(16), primary_key=True)
    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)
    taking_part: Mapped[bool]


class MatchKeys(Base):
    """What relevant documents meet others by in the register: see `storage.register.block_keys`."""

    __tablename__ = "match_keys"
    __table_args__ = (
        Index("ix_match_keys_document_id", "document_id"),
        {"sqlite_with_rowid": False},
    )

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)


class MatchRules(Base):
    """The rules that found a relevant document."""

    __tablename__ = "match_rules"
    __table_args__ = (
        Index("ix_match_rules_document_id", "document_id"),
        {"sqlite_with_rowid": False},
    )

    rule: Mapped[str] = mapped_column(String(80), primary_key=True)
    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)


class MatchTopics(Base):
    __tablename__ = "match_topics"
    __table_args__ = (
        Index("ix_match_topics_document_id", "document_id"),
        {"sqlite_with_rowid": False},
    )

    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)


class Bands(Base):
    """Fingerprint bands of relevant documents; documents that share bands are copies of one text."""

    __tablename__ = "bands"
    __table_args__ = (Index("ix_bands_document_id", "document_id"), {"sqlite_with_rowid": False})

    algorithm: Mapped[str] = mapped_column(String(40), primary_key=True)
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)


class Agreements(Base):
    """The register. `id` 17 is "A17" outside; never reused."""

    __tablename__ = "agreements"
    __table_args__ = (
        Index("ix_agreements_newest", "last_reported_on", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    parties: Mapped[list[Any]]
    instrument: Mapped[str | None]
    topics: Mapped[list[Any]]
    status: Mapped[str | None]
    place: Mapped[str | None]
    event_date: Mapped[date | None]
    first_reported_at: Mapped[datetime | None]
    last_reported_on: Mapped[
        date
    ]  # what lists sort by; UNDATED where neither a report nor a step has a day
    reasons: Mapped[list[Any]]
    links: Mapped[list[Any]]
    minted_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class AgreementParties(Base):
    __tablename__ = "agreement_parties"
    __table_args__ = (
        Index("ix_agreement_parties_agreement_id", "agreement_id"),
        {"sqlite_with_rowid": False},
    )

    party: Mapped[str] = mapped_column(String(16), primary_key=True)
    agreement_id: Mapped[int] = mapped_column(to_agreement(), primary_key=True, autoincrement=False)


class AgreementTopics(Base):
    __tablename__ = "agreement_topics"
    __table_args__ = (
        Index("ix_agreement_topics_agreement_id", "agreement_id"),
        {"sqlite_with_rowid": False},
    )

    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    agreement_id: Mapped[int] = mapped_column(to_agreement(), primary_key=True, autoincrement=False)


class AgreementCodes(Base):
    """Every code that a report of the agreement names, runners-up too: what it is met by on the days it tells of."""

    __tablename__ = "agreement_codes"
    __table_args__ = ({"sqlite_with_rowid": False},)

    agreement_id: Mapped[int] = mapped_column(to_agreement(), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)


class Steps(Base):
    __tablename__ = "steps"

    agreement_id: Mapped[int] = mapped_column(to_agreement(), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False
    )  # 0 is the earliest
    status: Mapped[str | None]
    on: Mapped[date | None]
    quote: Mapped[str]


class Reports(Base):
    """Which documents stand in which agreement; `step` is a position in `steps`, null for a mere mention."""

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_document_id", "document_id"), {"sqlite_with_rowid": False})

    agreement_id: Mapped[int] = mapped_column(to_agreement(), primary_key=True, autoincrement=False)
    document_id: Mapped[int] = mapped_column(to_document(), primary_key=True, autoincrement=False)
    step: Mapped[int | None]
    position: Mapped[int]  # order within the step


class Aliases(Base):
    """Ids of agreements that were merged into another, so that old links lead somewhere."""

    __tablename__ = "aliases"

    alias: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agreement_id: Mapped[int] = mapped_column(to_agreement(), index=True)


class RegisterStamp(Base):
    """One row: a random word, another one after each change of the register. Who finds the one that he left knows that
    nobody changed it meanwhile."""

    __tablename__ = "register_stamp"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[str] = mapped_column(String(32))


class Decisions(Base):
    """What curators decided. Agreements are named as they were called then; they come and go."""

    __tablename__ = "decisions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    agreement_id: Mapped[int | None]
    other_agreement_id: Mapped[int | None]
    who: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class Pins(Base):
    """What a decision says of single reports: an input of every partition until the decision is undone."""

    __tablename__ = "pins"

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(
        ForeignKey("decisions.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    document_id: Mapped[int] = mapped_column(to_document(), index=True)
    other_document_id: Mapped[int | None] = mapped_column(to_document(), index=True)
    field: Mapped[str | None]
    value: Mapped[str | None]


class Runs(Base):
    __tablename__ = "runs"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]]


class SourceStates(Base):
    __tablename__ = "source_states"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime | None]  # None: not planned since the last poll
    schedule: Mapped[
        str | None
    ]  # the schedule that gave `due_at`; where it is another now, `due_at` is stale
    not_before_at: Mapped[datetime | None]  # what the server asked for at the last poll
    last_poll_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    failures: Mapped[int]
    last_offered: Mapped[int]
    last_new: Mapped[int]


class Polls(Base):
    """One row a poll of a source: the history that its volume bands are made of."""

    __tablename__ = "polls"
    __table_args__ = (Index("ix_polls_source_id_at", "source_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str]
    at: Mapped[datetime]
    ok: Mapped[bool]
    offered: Mapped[int]
    new: Mapped[int]
    error: Mapped[str | None]


class ValidatorRows(Base):
    """What a server gave for conditional requests (RFC 9110, section 13)."""

    __tablename__ = "validators"

    url_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    url: Mapped[str]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]
    saved_at: Mapped[datetime | None] = mapped_column(index=True)


class Pauses(Base):
    """Hosts ("host:port") that asked to be left alone, and until when (RFC 9110, 10.2.3)."""

    __tablename__ = "pauses"

    host: Mapped[str] = mapped_column(primary_key=True)
    until_at: Mapped[datetime]


class Frontier(Base):
    """Document URLs that sources offered: waiting, leased, done or given_up.

    Rows stay as long as a source goes on to offer them: they are what was seen.
    """

    __tablename__ = "frontier"
    __table_args__ = (
        Index("ix_frontier_due", "state", "not_before_at", "id"),
        Index("ix_frontier_last_offered_at", "last_offered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url_hash: Mapped[str] = mapped_column(HASH, unique=True)
    url: Mapped[str]
    source_id: Mapped[str]
    candidate: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    not_before_at: Mapped[datetime]  # leased: when the lease ends
    attempts: Mapped[int]
    offered_at: Mapped[datetime]
    last_offered_at: Mapped[datetime | None]  # to within days: see `storage.sources.offer`
    outcome: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"))

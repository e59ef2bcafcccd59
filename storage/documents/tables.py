"""The tables of documents: their texts, the verdicts on them, and what the register finds them by.

Full-text search is created by the migrations alone, because it differs by database.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.columns import (
    FINGERPRINT,
    HASH,
    NUMBERED_ONCE,
    UNDATED,
    WITHOUT_ROWID,
    Base,
    DocumentKey,
    LineText,
    Record,
    to_document,
)


class Documents(Base):
    """The documents that were collected; their texts are in `texts`, so that lists stay quick."""

    __table_args__ = (Index("ix_documents_newest", "listed_on", "id"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(HASH, unique=True)
    external_id: Mapped[str | None]
    url: Mapped[str | None]
    url_hash: Mapped[str | None] = mapped_column(HASH, index=True)  # of the key of `url`
    outlet: Mapped[str | None]
    source_id: Mapped[str | None]
    author: Mapped[str | None]
    kind: Mapped[str]
    language: Mapped[str]
    title: Mapped[str]
    published_on: Mapped[date | None]
    # The day of publication, or the day it was first seen if that is unknown or in the future. It
    # decides whether a document is fresh.
    dated_on: Mapped[date]
    # The day that lists sort by: `dated_on`, or UNDATED if the day of publication is unknown.
    listed_on: Mapped[date] = mapped_column(server_default=UNDATED.isoformat())
    text_hash: Mapped[str] = mapped_column(FINGERPRINT, index=True)
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime | None]
    # The page that this document is a part of. SQLite cannot add a foreign key to an existing
    # table, so this has none; pages are never deleted. Its index stands in
    # `storage.migrations.partial_indexes`.
    part_of: Mapped[int | None]
    # Without the index, deleting a run would scan all documents.
    run_id: Mapped[int | None] = mapped_column(
        ForeignKey("runs.id", ondelete="SET NULL"), index=True
    )


class Texts(Base):
    """The text of each document, and its folded words for search. Retention deletes rows here."""

    document_id: Mapped[DocumentKey]
    text: Mapped[str]
    folded: Mapped[str]


class Version(Record):
    """A document as it was from `seen_at` on. Versions are numbered from 1; `texts` has the
    present text.
    """

    __tablename__ = "document_versions"

    document_id: Mapped[DocumentKey]
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime]
    title: Mapped[str]
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(FINGERPRINT)


class Matches(Base):
    """The verdict on each document. The card and lists are JSON; filters have their own columns."""

    __table_args__ = (
        Index("ix_matches_relevant", "relevant", "document_id"),
        Index("ix_matches_to_review", "near_miss", "probability"),
        # Two more stand in `storage.migrations.partial_indexes`.
    )

    document_id: Mapped[DocumentKey]
    relevant: Mapped[bool]
    # Whether it is a report: relevant by a rule of the register, or by a curator's decision.
    registers: Mapped[bool | None]
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
    # Of a relevant document: the day of the event, else of publication.
    happened_on: Mapped[date | None] = mapped_column(index=True)
    copy_group: Mapped[str] = mapped_column(FINGERPRINT, index=True)
    judged_at: Mapped[datetime]
    # That it reports a step, with what was read and why. NULL where the judge was not used.
    probability: Mapped[float | None]
    frame: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reasons: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    # The second reader's answer; NULL where there was none.
    second_reading: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class SecondReadings(Base):
    """Calls of a second reader, and its answers, by text, model and version of the prompt.
    `answer` is the whole answer, `proven` what of it stands in the text; both are NULL until it has
    answered. `calls_today` counts the calls on the day `called_on` (UTC).
    """

    text_hash: Mapped[str] = mapped_column(FINGERPRINT, primary_key=True)
    reader: Mapped[str] = mapped_column(String(120), primary_key=True)
    prompt: Mapped[str] = mapped_column(String(20), primary_key=True)
    document_id: Mapped[int] = mapped_column(to_document(), index=True)
    called_on: Mapped[date | None]
    calls_today: Mapped[int]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(LineText)
    read_at: Mapped[datetime | None]
    took_s: Mapped[float | None]
    tokens: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    proven: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Readers(Base):
    """What is known of a second reader: the form of requests that its server at `url` takes, and
    why the last pass ended before its end, if it did.
    """

    reader: Mapped[str] = mapped_column(String(120), primary_key=True)
    url: Mapped[str | None]
    form: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    fault: Mapped[str | None] = mapped_column(LineText)


class MatchParties(Base):
    """The parties of relevant documents and of those that wait for review, and runners-up (not
    `taking_part`), for the blocks.
    """

    __table_args__ = WITHOUT_ROWID

    party: Mapped[str] = mapped_column(String(16), primary_key=True)
    document_id: Mapped[DocumentKey] = mapped_column(index=True)
    taking_part: Mapped[bool]


class MatchKeys(Base):
    """The blocking keys of relevant documents: see `storage.register.blocks`."""

    __table_args__ = WITHOUT_ROWID

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[DocumentKey] = mapped_column(index=True)


class MatchRules(Base):
    __table_args__ = WITHOUT_ROWID

    rule: Mapped[str] = mapped_column(String(80), primary_key=True)
    document_id: Mapped[DocumentKey] = mapped_column(index=True)


class MatchTopics(Base):
    __table_args__ = WITHOUT_ROWID

    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[DocumentKey] = mapped_column(index=True)


class Bands(Base):
    """The fingerprint bands of relevant documents. Copies of one text share bands."""

    __table_args__ = WITHOUT_ROWID

    algorithm: Mapped[str] = mapped_column(String(40), primary_key=True)
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[DocumentKey] = mapped_column(index=True)


class SiteBands(Base):
    """Some bands of every document that was crawled lately, hashed with its site."""

    __table_args__ = WITHOUT_ROWID

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    document_id: Mapped[DocumentKey] = mapped_column(index=True)
    seen_on: Mapped[date]


class OfficialSources(Record):
    """The official ones of the configured sources: see `storage.documents.official`."""

    source_id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(index=True)  # "" for a source that is a file
    # Whether it is a treaty series. NULL: written before this column existed.
    texts: Mapped[bool | None]


class SetAside(Base):
    """Documents that our own code could not store: see `storage.documents.quarantine`."""

    url_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    url: Mapped[str]
    source_id: Mapped[str]
    # None if its source is read again at each look in any case.
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    fault: Mapped[str]
    program: Mapped[str]  # that could not store it
    set_aside_at: Mapped[datetime]

"""The tables of the register: agreements, their steps and reports, and curators' decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.columns import (
    NUMBERED_ONCE,
    WITHOUT_ROWID,
    AgreementKey,
    Base,
    DocumentKey,
    to_agreement,
    to_document,
)


class Agreements(Base):
    """The agreements of the register. `id` 17 is shown as "A17", and is never reused."""

    __table_args__ = (
        Index("ix_agreements_newest", "last_reported_on", "id"),
        Index("ix_agreements_pending", "pending_since", "id"),
        NUMBERED_ONCE,
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
    # The day that lists sort by; UNDATED if neither a report nor a step has a date.
    last_reported_on: Mapped[date]
    reasons: Mapped[list[Any]]
    doubts: Mapped[list[Any]]
    links: Mapped[list[Any]]
    # Whether only rows of lists have its steps: it is known, but was never reported here.
    listed_only: Mapped[bool] = mapped_column(server_default=false())
    # How far it can be relied on and why, and what the gazetteer calls `place`.
    grade: Mapped[str] = mapped_column(String(16), server_default="unconfirmed")
    grade_basis: Mapped[str] = mapped_column(String(16), server_default="single")
    grade_by: Mapped[str]
    grade_at: Mapped[datetime | None]
    place_key: Mapped[str | None]
    # Whether its text is published, and the document that shows it: see `crawler.ingest.vouching`.
    text_state: Mapped[str | None] = mapped_column(String(10))
    text_document_id: Mapped[int | None]
    # Since when it waits for ratification or entry into force; UNDATED if the day is unknown, NULL
    # if it does not wait.
    pending_since: Mapped[date | None]
    # What its texts say of how long it runs and of what it covers, and the end of its first term.
    provisions: Mapped[list[Any] | None]
    expires_on: Mapped[date | None]
    minted_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class AgreementParties(Base):
    __table_args__ = WITHOUT_ROWID

    party: Mapped[str] = mapped_column(String(16), primary_key=True)
    agreement_id: Mapped[AgreementKey] = mapped_column(index=True)


class AgreementTopics(Base):
    __table_args__ = WITHOUT_ROWID

    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    agreement_id: Mapped[AgreementKey] = mapped_column(index=True)


class AgreementCodes(Base):
    """Party codes in reports of an agreement, by which reports of the same days find it."""

    __table_args__ = WITHOUT_ROWID

    agreement_id: Mapped[AgreementKey]
    code: Mapped[str] = mapped_column(String(16), primary_key=True)


class Steps(Base):
    """The steps of each agreement, in order."""

    __table_args__ = (
        Index("ix_steps_on", "on", "agreement_id"),
        Index("ix_steps_learnt_at", "learnt_at", "agreement_id"),
    )

    agreement_id: Mapped[AgreementKey]
    # 0 is the earliest step.
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str | None]
    on: Mapped[date | None]
    quote: Mapped[str]
    # The day for which its reports announce the next step.
    expected_on: Mapped[date | None]
    # When its first report came in, or when the agreement was made out of reports that were there.
    learnt_at: Mapped[datetime | None]


class Reports(Base):
    """The documents of each agreement. `step` is a position in `steps`; null for a mere mention."""

    __table_args__ = WITHOUT_ROWID

    agreement_id: Mapped[AgreementKey]
    document_id: Mapped[DocumentKey] = mapped_column(index=True)
    step: Mapped[int | None]
    position: Mapped[int]  # the order within the step
    # Whether it is a row of a list of known agreements, not a report that was published.
    listed: Mapped[bool] = mapped_column(server_default=false())


class Aliases(Base):
    """The ids of agreements that were merged into another, so that old links still work."""

    alias: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agreement_id: Mapped[int] = mapped_column(to_agreement(), index=True)


class RegisterStamp(Base):
    """A single row with a random word, which is replaced at each change of the register. A process
    that finds the word it wrote last knows that nobody has changed the register since.
    """

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[str] = mapped_column(String(32))


class Decisions(Base):
    """What curators decided. Agreement ids are those of the time of the decision."""

    __table_args__ = NUMBERED_ONCE

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
    """The parts of decisions on single reports: an input of every partition until it is undone."""

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(
        ForeignKey("decisions.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    document_id: Mapped[int] = mapped_column(to_document(), index=True)
    other_document_id: Mapped[int | None] = mapped_column(to_document(), index=True)
    field: Mapped[str | None]
    value: Mapped[str | None]

"""The tables of collecting: runs, sources and their polls, and the frontier of document URLs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.columns import HASH, NUMBERED_ONCE, Base, Choice, DocumentKey, Record
from storage.phrases import unpacked

# The key of the reason why a crawl that crashed or was killed wrote no report.
FAULT = "fault"


class Run(Record):
    """A pass over the sources that were due. `finished_at` is None while it runs, or if it was
    killed.
    """

    __tablename__ = "runs"
    __table_args__ = NUMBERED_ONCE

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]]

    @property
    def fault(self) -> str | None:
        """Why the crawl ended without a report of its own; None if it did not."""
        line: str | None = unpacked(self.report.get(FAULT))
        return line


class SourceState(Record):
    """What is known of a source; all but its id is empty before its first poll."""

    __tablename__ = "source_states"

    source_id: Mapped[str] = mapped_column(primary_key=True)
    # None if the next poll has not been planned yet.
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    # The schedule from which `due_at` was computed. If it has changed since, `due_at` is stale.
    schedule: Mapped[str | None] = mapped_column(default=None)
    # Until when the server asked us to wait at the last poll.
    not_before_at: Mapped[datetime | None] = mapped_column(default=None)
    last_poll_at: Mapped[datetime | None] = mapped_column(default=None)
    last_success_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)  # since the last success
    last_offered: Mapped[int] = mapped_column(default=0)
    last_new: Mapped[int] = mapped_column(default=0)
    # Where it answers since a permanent redirect from `moved_from`, last seen at `moved_at`.
    moved_from: Mapped[str | None] = mapped_column(default=None)
    moved_to: Mapped[str | None] = mapped_column(default=None)
    moved_at: Mapped[datetime | None] = mapped_column(default=None)
    # Failures that are not forgiven yet, and since when it has answered again.
    strikes: Mapped[int | None] = mapped_column(default=None)
    recovered_at: Mapped[datetime | None] = mapped_column(default=None)

    def moved(self, url: str) -> str | None:
        """Where the source answers now that is configured to be at `url`; None if it is there."""
        return self.moved_to if self.moved_from == url else None


class SourceChecks(Base):
    """The last try of each source."""

    source_id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]  # a check of an earlier address tells nothing about the present one
    checked_at: Mapped[datetime]
    alive: Mapped[bool]
    items: Mapped[int]
    newest_on: Mapped[date | None]
    language: Mapped[str | None]
    problem: Mapped[str | None]


@dataclass(frozen=True)
class SourceCheck:
    """The last try of a source, by its id and its address. `items` are the documents that it
    offered, `newest_on` the day of the newest of them that is not in the future, `language` what
    their titles are in. `problem` is "reason: sentence"; a source may be alive and have one all the
    same. (Another process writes it as JSON, which is read into no mapped class.)
    """

    source_id: str
    url: str
    checked_at: datetime
    alive: bool
    items: int = 0
    newest_on: date | None = None
    language: str | None = None
    problem: str | None = None


class Polls(Base):
    """The looks at each source, from which its usual volume is computed."""

    __table_args__ = (Index("ix_polls_source_id_at", "source_id", "at"),)

    source_id: Mapped[str]
    at: Mapped[datetime]
    ok: Mapped[bool]
    offered: Mapped[int]
    new: Mapped[int]
    error: Mapped[str | None]
    id: Mapped[int] = mapped_column(primary_key=True)


class Poll(NamedTuple):
    """One look at a source: how many candidates it offered, and how many of them were new. (Of each
    source hundreds are read at once, which takes far longer as records.)
    """

    at: datetime
    ok: bool
    offered: int
    new: int


class SourceDays(Base):
    """What was counted of each source in each quarter of a day (UTC): see `storage.sources.ledger`.
    Days that are older than some weeks are whole, in their first quarter.
    """

    source_id: Mapped[str] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True, index=True)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    polls: Mapped[int]
    polls_failed: Mapped[int]
    offered: Mapped[int]
    new: Mapped[int]
    again: Mapped[int]
    fetched: Mapped[int]
    matched: Mapped[int]
    reviewed: Mapped[int]
    titled: Mapped[int]
    dated: Mapped[int]
    newest_on: Mapped[date | None]


class SourceDayCounts(Base):
    """Counted names of a source in a quarter of a day: `what` is outcome, language or left."""

    source_id: Mapped[str] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True, index=True)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class ValidatorRows(Base):
    """The validators that servers sent for conditional requests (RFC 9110, section 13)."""

    __tablename__ = "validators"

    url_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    url: Mapped[str]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]
    saved_at: Mapped[datetime | None] = mapped_column(index=True)  # of the last full answer
    # Of a part of a sitemap index: the date that the index gave it then.
    listed_at: Mapped[datetime | None]
    # When the server last answered "unchanged" although there was something new; None: never.
    distrusted_at: Mapped[datetime | None]


class Pauses(Base):
    """Hosts ("host:port") that asked us to wait, and until when (RFC 9110, section 10.2.3)."""

    host: Mapped[str] = mapped_column(primary_key=True)
    until_at: Mapped[datetime]


class CookieJars(Base):
    """The cookies of hosts ("host:port") that wanted one before they let us pass."""

    host: Mapped[str] = mapped_column(primary_key=True)
    cookies: Mapped[list[Any]]
    kept_until_at: Mapped[datetime]


class CachedRobots(Record):
    """What is known of the robots.txt of an origin ("https://host:port"), so that runs share it;
    all but the origin is empty if it was never requested.
    """

    __tablename__ = "robots_files"

    origin: Mapped[str] = mapped_column(primary_key=True)
    # The lines that concern us; None if there is no file (4xx), or none was ever read.
    rules: Mapped[str | None] = mapped_column(default=None)
    # When the file was last read, or was last found to be missing.
    read_at: Mapped[datetime | None] = mapped_column(index=True, default=None)
    fresh_until_at: Mapped[datetime | None] = mapped_column(default=None)
    # Since when it cannot be read (RFC 9309, section 2.3.1.4); None if it can.
    failing_since_at: Mapped[datetime | None] = mapped_column(default=None)


class Revisits(Base):
    """When each report is looked at again; `due_at` is None once that was done often enough.
    `gone_looks` is how often in a row its page was not there, since `gone_since_at`.
    """

    document_id: Mapped[DocumentKey]
    source_id: Mapped[str]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    looks: Mapped[int]
    gone_looks: Mapped[int]
    gone_since_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Frontier(Base):
    """The document URLs that sources offered. `state` is waiting, leased, done or given_up. A row
    stays as long as a source goes on offering its URL, so that the URL is not fetched again.
    `url_hash` is the hash of the URL's key (`storage.addresses`); `url` is what is fetched.
    """

    __table_args__ = (
        Index("ix_frontier_due", "state", "not_before_at", "id"),
        Index("ix_frontier_next", "source_id", "state", "not_before_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url_hash: Mapped[str] = mapped_column(HASH, unique=True)
    url: Mapped[str]
    source_id: Mapped[str]
    candidate: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    not_before_at: Mapped[datetime]  # of a leased row: when the lease ends
    attempts: Mapped[int]
    offered_at: Mapped[datetime]
    # Accurate to within OFFER_NOTED_EVERY: see `storage.sources.frontier.offer`.
    last_offered_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"))


class Deed(StrEnum):
    ADDED = "added"
    PAUSED = "paused"
    RESUMED = "resumed"
    REMOVED = "removed"


class SourceDecision(Record):
    """What a person did to a source on the page."""

    __tablename__ = "source_decisions"
    __table_args__ = NUMBERED_ONCE

    source_id: Mapped[str] = mapped_column(index=True)
    deed: Mapped[Deed] = mapped_column(Choice(Deed))
    who: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]
    id: Mapped[int] = mapped_column(primary_key=True, default_factory=int)


# --- workers, and the hosts at which they stand ---------------------------------------------------


class Hosts(Base):
    """Hosts ("host:port") that workers stand at: see `storage.workers.queue`."""

    host: Mapped[str] = mapped_column(primary_key=True)
    # The run that stands there, and the worker that does it; None: nobody.
    run_id: Mapped[int | None]
    worker: Mapped[str | None]
    held_until_at: Mapped[datetime | None]
    # From when on another run may send requests: the end of the lease, or the last request, and the
    # delay.
    free_at: Mapped[datetime]
    delay_s: Mapped[float]


LEADER = "leader"  # what stands in the place of its queues


class WorkerState(Record):
    """A process that takes jobs, or the one that leads them, as it reports itself."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(primary_key=True)
    machine: Mapped[str]
    version: Mapped[str]
    queues: Mapped[list[Any]]
    concurrency: Mapped[int]
    # What its sources, subscriptions and rules are, as a hash.
    configuration: Mapped[str]
    begun_at: Mapped[datetime]
    jobs: Mapped[int] = mapped_column(default=0)
    # Why it takes no jobs; None if it does.
    waits_because: Mapped[str | None] = mapped_column(default=None)
    # When it wrote its row, by the database's clock.
    seen_at: Mapped[datetime | None] = mapped_column(nullable=False, default=None)

    @property
    def leads(self) -> bool:
        return self.queues == [LEADER]

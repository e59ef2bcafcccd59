"""One look at a source: one request or several (the parts of a sitemap index), then one record of how it went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.fetch.canonical import MAX_LENGTH
from crawler.fetch.failures import Failure
from spiders.kinds.offer import Offer
from storage.database.session import Session
from storage.records import Candidate, Source, SourceKind
from storage.sources import offer, record_poll, save_validators, source_state

MAX_DEPTH = 2  # an index of indexes exists; deeper is a mistake or a trap
MAX_LOOKS = 25  # requests of one poll


@dataclass(frozen=True, slots=True)
class Seen:
    """The validators that came with an answer."""

    key: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None = None


@dataclass(slots=True)
class Poll:
    """What one look at a source gathers until its last request is answered."""

    source: Source
    looks: set[str] = field(default_factory=set)
    candidates: list[Candidate] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    failure: Failure | None = None
    problem: str | None = None
    left_out: int = 0  # addresses that are too long
    unchanged: bool = True

    def take(self, found: Offer, seen: Seen, depth: int) -> list[str]:
        """Adds what an answer offered; the addresses to be read next."""
        self.unchanged = False
        offered = [candidate for candidate in found.candidates if len(candidate.url) <= MAX_LENGTH]
        more = [url for url in found.more if len(url) <= MAX_LENGTH]
        self.left_out += len(found.candidates) - len(offered) + len(found.more) - len(more)
        self.candidates.extend(offered)
        self.problem = self.problem or found.problem
        # an index without dates answers 304 while its parts change, so only leaves are asked conditionally;
        # a watched page is kept first, by the writer
        if not found.more and not found.failed and self.source.kind is not SourceKind.PAGE:
            self.seen.append(seen)
        return [] if depth == MAX_DEPTH else self.unseen(more)

    def unseen(self, urls: Iterable[str]) -> list[str]:
        """Those that were not asked for yet, as many as one poll may still ask for."""
        fresh = [url for url in dict.fromkeys(urls) if url not in self.looks]
        return fresh[: max(0, MAX_LOOKS - len(self.looks))]

    @property
    def fault(self) -> str | None:
        """What kept the source from being read, or from being read whole."""
        if self.failure is not None:
            return f"{self.failure.reason}: {self.failure.line}"
        return self.problem

    @property
    def line(self) -> str | None:
        """What was wrong, as one line."""
        if self.fault is not None or not self.left_out:
            return self.fault
        said = "1 address" if self.left_out == 1 else f"{self.left_out} addresses"
        return f"long_address: {said} of more than {MAX_LENGTH:,} characters left out"

    @property
    def failed(self) -> bool:
        """Nothing could be read although something was expected."""
        return self.fault is not None and not self.candidates


def validators_key(source: Source, url: str) -> str:
    """Under which validators are kept: a changed pattern or limit must see the whole page again."""
    if source.kind is SourceKind.LISTING:
        return f"{url}#{source.link_pattern or ''}#{source.link_selector or ''}#{source.max_items}"
    return url


def record(s: Session, poll: Poll, now: datetime) -> tuple[int, int]:
    """Keeps the outcome of a poll: candidates on the frontier, validators, state. (offered, new)."""
    source, state = poll.source, source_state(s, poll.source.id)
    candidates = poll.candidates[: source.max_items]
    new = 0 if source.kind is SourceKind.PAGE else offer(s, source.id, candidates, now)
    offered = state.last_offered if poll.unchanged and not poll.failed else len(candidates)
    for seen in poll.seen:
        save_validators(s, seen.key, seen.etag, seen.last_modified, seen.body_hash, now=now)
    record_poll(
        s,
        source.id,
        now=now,
        ok=not poll.failed,
        error=poll.line,
        offered=offered,
        new=new,
        not_before_at=poll.failure.until_at if poll.failure is not None else None,
    )
    return offered, new

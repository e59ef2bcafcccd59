"""Reading a source: one request or several (the parts of a sitemap index), then one record of how
it went.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.fetch.canonical import MAX_LENGTH
from crawler.fetch.failures import Failure
from spiders.kinds.offer import Offer
from storage.database.session import Session
from storage.records import Candidate, Source, SourceKind
from storage.sources.frontier import offer
from storage.sources.polls import record_poll
from storage.sources.states import source_state
from storage.sources.validators import save_validators

MAX_DEPTH = 2  # an index of indexes exists; anything deeper is a mistake or a trap
MAX_LOOKS = 25  # requests that reading one source may take


@dataclass(frozen=True, slots=True)
class AnswerValidators:
    """What the next request to `key` can ask with, to be told whether anything changed: the headers
    that came with an answer, and the hash of its body.
    """

    key: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None = None


@dataclass(slots=True)
class SourceReading:
    """What is gathered from a source until the last of its requests is answered."""

    source: Source
    asked: set[str] = field(default_factory=set)  # addresses
    candidates: list[Candidate] = field(default_factory=list)
    validators: list[AnswerValidators] = field(default_factory=list)
    failure: Failure | None = None
    problem: str | None = None
    left_out: int = 0  # addresses that are too long
    unchanged: bool = True

    def take(self, found: Offer, validators: AnswerValidators, depth: int) -> list[str]:
        """Adds what an answer offered. Returns the addresses to be read next."""
        self.unchanged = False
        offered = [candidate for candidate in found.candidates if len(candidate.url) <= MAX_LENGTH]
        more = [url for url in found.more if len(url) <= MAX_LENGTH]
        self.left_out += len(found.candidates) - len(offered) + len(found.more) - len(more)
        self.candidates.extend(offered)
        self.problem = self.problem or found.problem
        # An index without dates answers 304 while its parts change, so only leaves are asked
        # conditionally. The validators of a watched page are kept together with the page.
        is_leaf = not found.more and not found.failed
        if is_leaf and self.source.kind is not SourceKind.PAGE:
            self.validators.append(validators)
        return [] if depth == MAX_DEPTH else self.not_yet_asked(more)

    def not_yet_asked(self, urls: Iterable[str]) -> list[str]:
        """Those of the addresses that were not asked for yet, as many as may still be asked for."""
        fresh = [url for url in dict.fromkeys(urls) if url not in self.asked]
        return fresh[: max(0, MAX_LOOKS - len(self.asked))]

    @property
    def fault(self) -> str | None:
        """What kept the source from being read, or from being read whole."""
        if self.failure is not None:
            return f"{self.failure.reason}: {self.failure.line}"
        return self.problem

    @property
    def line(self) -> str | None:
        """What was wrong, as one line; None if nothing was."""
        if self.fault is not None or not self.left_out:
            return self.fault
        said = "1 address" if self.left_out == 1 else f"{self.left_out} addresses"
        return f"long_address: {said} of more than {MAX_LENGTH:,} characters left out"

    @property
    def failed(self) -> bool:
        """Whether nothing could be read although something was expected."""
        return self.fault is not None and not self.candidates


def validators_key(source: Source, url: str) -> str:
    """The key under which validators of an address are kept. For a listing it holds the pattern and
    the limit too: after a change of these, the whole page must be read again.
    """
    if source.kind is SourceKind.LISTING:
        return f"{url}#{source.link_pattern or ''}#{source.link_selector or ''}#{source.max_items}"
    return url


def record(s: Session, reading: SourceReading, now: datetime) -> tuple[int, int]:
    """Puts candidates on the frontier, keeps validators and the state of the source.

    Returns the numbers of documents offered and of those that are new.
    """
    source, state = reading.source, source_state(s, reading.source.id)
    candidates = reading.candidates[: source.max_items]
    new = 0 if source.kind is SourceKind.PAGE else offer(s, source.id, candidates, now)
    is_as_before = reading.unchanged and not reading.failed
    offered = state.last_offered if is_as_before else len(candidates)
    for found in reading.validators:
        save_validators(s, found.key, found.etag, found.last_modified, found.body_hash, now=now)
    record_poll(
        s,
        source.id,
        now=now,
        ok=not reading.failed,
        error=reading.line,
        offered=offered,
        new=new,
        not_before_at=reading.failure.until_at if reading.failure is not None else None,
    )
    return offered, new

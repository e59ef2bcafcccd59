"""The frozen records that pass between the rooms while sources are read and documents stored.

A source is read at one look: one request or several (the parts of a sitemap index, the pages of a
listing). Each ends as a `SourceAnswer`. A `SourceReading` is the answers of a look so far, and what
follows from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from spiders.fetch.responses import Failure
from spiders.kinds.offer import Kind, Offer
from spiders.kinds.table import KINDS
from storage.addresses import MAX_LENGTH
from storage.documents.documents import Stored
from storage.records import Candidate, Judged
from storage.source import Source
from storage.sources.frontier import FrontierRow
from storage.sources.manners import Validators
from storage.sources.tables import Poll

# A server whose validators were never seen to change with its news.
UNPROVEN = timedelta(hours=2)
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=1)
DISTRUST = timedelta(days=7)
GAPS = 10  # a week of a source that has news on working days


def patience(polls: Iterable[Poll]) -> timedelta:
    """For how long a source may say "unchanged": its longest recent wait for something new."""
    news = sorted(poll.at for poll in polls if poll.new)
    gaps = [later - earlier for earlier, later in pairwise(news)][-GAPS:]
    if not gaps:
        return UNPROVEN
    return min(max(max(gaps), SHORTEST), LONGEST)


def distrusts(known: Validators, now: datetime) -> bool:
    return known.distrusted_at is not None and now - known.distrusted_at < DISTRUST


def wants_full_look(known: Validators, now: datetime, longest: timedelta) -> bool:
    if distrusts(known, now):
        return True
    return known.saved_at is not None and now - known.saved_at >= longest


def same_validators(known: Validators, validators: Validators) -> bool:
    """Whether a server would call this unchanged; the ETag decides (RFC 9110, 13.1.3)."""
    if known.etag or validators.etag:
        return known.etag == validators.etag
    return known.last_modified is not None and known.last_modified == validators.last_modified


MAX_LOOKS = 25  # requests that reading one source may take
# Documents that are taken in at one look: as many as the largest sitemap has that we read. Parts of
# an index may offer the same ones again and again, under addresses that never end.
MOST_CANDIDATES = 250_000


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """The outcome of a request for one address of a source. With an `offer` it brought something to
    read. With `validators` alone its body was the same as before. With neither, the server answered
    so itself (304), or there is a `failure`. A watched page may have an offer and a failure: it was
    read and could not be judged. `lied`: of the validators of the answer before, the server would
    have said that nothing had changed.
    """

    url: str  # as the source names it
    depth: int = 0
    address: str | None = None  # where it was requested, if that is not `url`: the source has moved
    moved_to: str | None = None  # where a permanent redirect led
    not_modified: bool = False
    validators: Validators | None = None
    lied: bool = False
    offer: Offer | None = None
    unseen: Collection[str] | None = None  # documents that are not on the frontier; None for all
    failure: Failure | None = None

    @property
    def candidates(self) -> list[Candidate]:
        """The documents that it offered, without those whose addresses are too long."""
        found = self.offer.candidates if self.offer is not None else ()
        return [candidate for candidate in found if len(candidate.url) <= MAX_LENGTH]

    @property
    def more(self) -> list[str]:
        """The parts of an index that it named, without those whose addresses are too long."""
        found = self.offer.more if self.offer is not None else ()
        return [url for url in found if len(url) <= MAX_LENGTH]

    @property
    def left_out(self) -> int:
        """How many addresses were too long."""
        if self.offer is None:
            return 0
        named = len(self.offer.candidates) + len(self.offer.more)
        return named - len(self.candidates) - len(self.more)

    @property
    def is_leaf(self) -> bool:
        return self.offer is None or not (self.offer.more or self.offer.failed)


@dataclass(frozen=True, slots=True)
class SourceReading:
    """A look at a source: what was known when it began, and the answers so far."""

    source: Source
    known_at: str | None = None  # where the source answered since a permanent redirect
    patience: timedelta = UNPROVEN  # how long its servers may say that nothing has changed
    resumed: str | None = None  # a further page that failed at the last look, to be read again
    answers: tuple[SourceAnswer, ...] = ()
    candidates: tuple[Candidate, ...] = ()  # of all answers, at most MOST_CANDIDATES
    unseen: Mapping[str, Candidate] = field(default_factory=dict)  # not on the frontier, by address
    parts_left: int = 0  # parts of a sitemap index that are left for later looks

    def after(self, answer: SourceAnswer) -> SourceReading:
        taken = answer.candidates[: MOST_CANDIDATES - len(self.candidates)]
        known = answer.unseen
        fresh = {
            candidate.url: candidate
            for candidate in taken
            if known is None or candidate.url in known
        }
        return replace(
            self,
            answers=(*self.answers, answer),
            candidates=(*self.candidates, *taken),
            unseen={**fresh, **self.unseen},
        )

    def leaving(self, urls: Sequence[str]) -> SourceReading:
        """The reading without these addresses. Parts of a sitemap index wait for later looks."""
        is_index = self.kind.is_index
        return replace(self, parts_left=self.parts_left + len(urls)) if is_index else self

    # --- what to request next -------------------------------------------------------------------

    def address_of(self, url: str) -> str:
        return self.known_at if self.known_at and url == self.source.url else url

    @property
    def kind(self) -> Kind:
        return KINDS[self.source.kind]

    def further(self) -> list[str]:
        """The addresses that the last answer names and that are to be read next."""
        last = self.answers[-1]
        if last.offer is None or last.failure is not None or last.depth == self.kind.deepest:
            return []
        following = last.offer.following
        pages = [following] if following is not None and self._goes_on else []
        return self.not_yet_fetched([*last.more, *pages])

    @property
    def _goes_on(self) -> bool:
        """Whether the next page may hold news: the older half of this one did."""
        offered = self.answers[-1].candidates
        return any(candidate.url in self.unseen for candidate in offered[len(offered) // 2 :])

    def not_yet_fetched(self, urls: Iterable[str]) -> list[str]:
        """Those of the addresses that were not requested yet, each once."""
        fetched = {answer.url for answer in self.answers}
        return [url for url in dict.fromkeys(urls) if url not in fetched]

    def with_room(self, urls: Sequence[str]) -> list[str]:
        """As many of the addresses as may still be requested."""
        return list(urls[: max(0, MAX_LOOKS - len(self.answers))])

    @property
    def full(self) -> bool:
        """Whether this look takes no more documents: enough are new, or there are too many."""
        is_over = len(self.candidates) >= MOST_CANDIDATES
        return is_over or len(self.unseen) >= self.source.max_items

    # --- documents ------------------------------------------------------------------------------

    def taken(self) -> list[Candidate]:
        """The new documents that are taken at this look; of a sitemap the newest."""
        candidates = list(self.unseen.values())
        if self.kind.is_index:
            candidates.sort(key=lambda candidate: candidate.published_on or date.min, reverse=True)
        return candidates[: self.source.max_items]

    # --- what is stored of the answers ----------------------------------------------------------

    @property
    def changed_at(self) -> dict[str, datetime]:
        """The dates that an index gave to its parts."""
        offers = [answer.offer for answer in self.answers if answer.offer is not None]
        return {url: at for offer in offers for url, at in offer.changed_at.items()}

    def read_whole(self) -> list[SourceAnswer]:
        """The answers whose validators are to be stored: nothing new of them is left over, since a
        server that says "unchanged" would hide the rest from us. An index without dates answers 304
        while its parts change, so only leaves get conditional requests. The validators of a watched
        page are stored together with the page.
        """
        if self._beyond:
            return []
        left = self.unseen.keys() - {candidate.url for candidate in self.taken()}
        return [
            answer
            for answer in self.answers
            if answer.validators is not None
            and answer.is_leaf
            and not (answer.offer is not None and self.kind.is_watched)
            and not any(candidate.url in left for candidate in answer.candidates)
        ]

    @property
    def broken_at(self) -> str | None:
        """A further page that did not come. What is on it may be new, but the pages before it will
        not be: the next look would not get there.
        """
        if self.kind.is_index:
            return None
        broken = [
            answer
            for answer in self.answers
            if answer.depth and answer.failure and answer.failure.transient
        ]
        return broken[-1].url if broken else None

    @property
    def moved_to(self) -> str | None:
        """Where the source answers since a permanent redirect."""
        for answer in self._of_the_source():
            return answer.moved_to or answer.address
        return self.known_at

    @property
    def moved_now(self) -> bool:
        """Whether a permanent redirect was seen for the first time."""
        return any(
            answer.moved_to not in (None, answer.address) for answer in self._of_the_source()
        )

    def _of_the_source(self) -> Iterator[SourceAnswer]:
        return (answer for answer in self.answers if answer.url == self.source.url)

    # --- how it went ----------------------------------------------------------------------------

    @property
    def failure(self) -> Failure | None:
        return next((answer.failure for answer in self.answers if answer.failure is not None), None)

    @property
    def left_out(self) -> int:
        """How many addresses were too long."""
        return sum(answer.left_out for answer in self.answers)

    @property
    def beyond_limits(self) -> int:
        """How many documents are left out for good, by `max_items` or MOST_CANDIDATES."""
        return self._cut + self._overflow

    @property
    def waiting(self) -> int:
        """How many new documents are left for later looks."""
        return self._beyond + max(0, len(self.unseen) - self.source.max_items)

    @property
    def _beyond(self) -> int:
        return sum(answer.offer.left_out for answer in self.answers if answer.offer is not None)

    @property
    def _cut(self) -> int:
        return sum(answer.offer.cut for answer in self.answers if answer.offer is not None)

    @property
    def _overflow(self) -> int:
        return sum(len(answer.candidates) for answer in self.answers) - len(self.candidates)

    @property
    def fault(self) -> str | None:
        """Why the source was not read, or not read whole."""
        if self.failure is not None:
            return f"{self.failure.reason}: {self.failure.line}"
        offers = (answer.offer for answer in self.answers if answer.offer is not None)
        return next((offer.problem for offer in offers if offer.problem), None)

    @property
    def failed(self) -> bool:
        """Whether nothing could be read although something was expected."""
        return self.fault is not None and not self.candidates

    @property
    def line(self) -> str | None:
        if self.fault is not None:
            return self.fault
        if self.moved_now:
            return f"moved: {self.source.url} answers at {self.moved_to} now; change its url"
        if self.left_out:
            count = _counted(self.left_out, "address", "addresses")
            return f"long_address: {count} of more than {MAX_LENGTH:,} characters left out"
        waiting = self.waiting
        if self._overflow or (not waiting and not self.parts_left):
            return self._cut_line
        documents = _counted(waiting, "new address", "new addresses") if waiting else ""
        parts = _counted(self.parts_left, "part", "parts") if self.parts_left else ""
        left = " and ".join(filter(None, (documents, parts)))
        return f"later: {left} of the {self.source.kind} are left for later looks"

    @property
    def _cut_line(self) -> str | None:
        """The line that says that documents were left out for good; None if none were."""
        if self._overflow:
            documents = _counted(self._overflow, "document", "documents")
            beyond = f"beyond the first {MOST_CANDIDATES:,} of one look"
            return f"cut: {documents} {beyond} left out; name a part of it as the source"
        if not self._cut:
            return None
        documents = _counted(self._cut, "document", "documents")
        most = self.source.max_items
        return f"cut: {documents} beyond the first {most:,} left out; raise max_items to take them"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A judged document on its way to the database. `row` is its place on the frontier. A watched
    page has none: it has its `answer`, whose validators may be stored only together with the page.
    A document `from_file` has none either: its source lies on this machine or is a mailbox. One
    that `was_set_aside` was counted then.
    """

    judged: Judged
    source_id: str
    row: FrontierRow | None = None
    answer: SourceAnswer | None = None
    from_file: bool = False
    was_set_aside: bool = False

    @property
    def url(self) -> str:
        return self.row.url if self.row is not None else self.judged.document.url or ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an arrival: `stored`, or None and the `problem` with it. `outcome` is
    stored, changed, unchanged (looked at again), duplicate, unstorable or set_aside.
    """

    arrival: Arrival
    stored: Stored | None
    outcome: str
    problem: str = ""


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

"""Reading a source: one request or several (the parts of a sitemap index), then one record of how
it went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from crawler.fetch.failures import Failure
from spiders.kinds.offer import Offer
from spiders.reading.trust import UNPROVEN, patience
from spiders.tallies import of_look
from storage.addresses.canonical import MAX_LENGTH
from storage.addresses.owners import have_one_owner
from storage.database.session import Session
from storage.records import Candidate, Source, SourceKind
from storage.sources.changing import learn
from storage.sources.frontier import offer
from storage.sources.ledger import write
from storage.sources.polls import POLLS_KEPT, last_polls, record_poll
from storage.sources.states import note_address, source_state
from storage.sources.validators import note_listed, save_validators, validators

MAX_DEPTH = 2  # an index of indexes exists; anything deeper is a mistake or a trap
MAX_PAGES = 5  # pages of a listing that are read at one look, while they bring something new
MAX_LOOKS = 25  # requests that reading one source may take
# Documents that are taken in at one look: as many as the largest sitemap has that we read. Parts of
# an index may offer the same ones again and again, under addresses that never end.
MOST_CANDIDATES = 250_000
# Then the configured address is asked again: a redirect called permanent may have been a mistake.
MOVED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AnswerValidators:
    """What the next request to `key` can ask with, to be told whether anything changed: the headers
    that came with an answer, and the hash of its body.

    `lied`: with those of the answer before, the server would have said that nothing had changed.
    """

    key: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None = None
    lied: bool = False


@dataclass(slots=True)
class SourceReading:
    """What is gathered from a source until the last of its requests is answered."""

    source: Source
    moved_to: str | None = None  # where the source answers since a permanent redirect
    patience: timedelta = UNPROVEN  # how long its servers may say that nothing has changed
    asked: set[str] = field(default_factory=set)  # addresses
    candidates: list[Candidate] = field(default_factory=list)
    unseen: dict[str, Candidate] = field(default_factory=dict)  # not on the frontier, by address
    validators: list[AnswerValidators] = field(default_factory=list)
    unseen_at: dict[str, frozenset[str]] = field(default_factory=dict)  # by key of the answer
    changed_at: dict[str, datetime] = field(default_factory=dict)  # of the parts of an index
    not_modified: set[str] = field(default_factory=set)  # addresses that answered 304
    parts_left: int = 0  # parts of an index that are left for later looks
    failure: Failure | None = None
    problem: str | None = None
    left_out: int = 0  # addresses that are too long
    beyond: int = 0  # documents that one answer had no room for
    cut: int = 0  # documents beyond the first `max_items` of an answer
    overflow: int = 0  # documents beyond MOST_CANDIDATES
    resumed: str | None = None  # a further page that failed at the last look, to be asked again
    broken_at: str | None = None  # a further page that failed at this look
    unchanged: bool = True
    moved_now: bool = False  # a permanent redirect was seen for the first time

    def address_of(self, url: str) -> str:
        """Where an address of the source is asked for."""
        return self.moved_to if self.moved_to and url == self.source.url else url

    def answered_at(self, url: str, moved_to: str | None) -> None:
        """Notes a permanent redirect of the source itself."""
        if url == self.source.url and moved_to is not None and moved_to != self.moved_to:
            self.moved_to, self.moved_now = moved_to, True

    def ask_where_it_was(self) -> None:
        """Forgets the new address, where the source cannot be read any more: it has moved once
        more, or back.
        """
        self.moved_to = self.problem = None

    def as_before(self, validators: AnswerValidators) -> None:
        """Notes a full answer with the same body as the one before."""
        self.validators.append(validators)

    def take(
        self,
        found: Offer,
        validators: AnswerValidators,
        depth: int,
        unseen: Collection[str] | None = None,
    ) -> list[str]:
        """Adds what an answer offered; `unseen` are those of its documents that are not on the
        frontier, None for all. Returns the addresses to be read next.
        """
        self.unchanged = False
        offered = [candidate for candidate in found.candidates if len(candidate.url) <= MAX_LENGTH]
        more = [url for url in found.more if len(url) <= MAX_LENGTH]
        self.left_out += len(found.candidates) - len(offered) + len(found.more) - len(more)
        self.beyond += found.left_out
        self.cut += found.cut
        room = max(0, MOST_CANDIDATES - len(self.candidates))
        self.overflow += len(offered[room:])
        offered = offered[:room]
        self.candidates.extend(offered)
        fresh = {one.url: one for one in offered if unseen is None or one.url in unseen}
        self.unseen = fresh | self.unseen
        self.unseen_at[validators.key] = frozenset(fresh)
        self.changed_at |= found.changed_at
        self.problem = self.problem or found.problem
        # An index without dates answers 304 while its parts change, so only leaves are asked
        # conditionally. The validators of a watched page are kept together with the page.
        is_leaf = not found.more and not found.failed
        if is_leaf and self.source.kind is not SourceKind.PAGE:
            self.validators.append(validators)
        if found.following is not None and self.goes_on(offered):
            more.append(found.following)
        return [] if depth == self.deepest else self.not_yet_asked(more)

    @property
    def deepest(self) -> int:
        """How many answers may lead from one to the next."""
        return MAX_DEPTH if self.source.kind is SourceKind.SITEMAP else MAX_PAGES - 1

    def goes_on(self, offered: Sequence[Candidate]) -> bool:
        """Whether the next page may hold something new: it does not if the older half of this one,
        that is its second half, was known before.
        """
        return any(one.url in self.unseen for one in offered[len(offered) // 2 :])

    def not_yet_asked(self, urls: Iterable[str]) -> list[str]:
        """Those of the addresses that were not asked for yet, each once."""
        return [url for url in dict.fromkeys(urls) if url not in self.asked]

    def with_room(self, urls: Sequence[str]) -> list[str]:
        """As many of the addresses as may still be asked for."""
        return list(urls[: max(0, MAX_LOOKS - len(self.asked))])

    def leave(self, urls: Sequence[str]) -> None:
        """Notes parts of a sitemap index that are left for later looks."""
        if self.source.kind is SourceKind.SITEMAP:
            self.parts_left += len(urls)

    def break_off(self, url: str) -> None:
        """Notes a further page that did not come. What is on it may be new, but the pages before it
        will not be: the next look would not get there.
        """
        if self.source.kind is not SourceKind.SITEMAP:
            self.broken_at = url

    def of_its_site(self) -> list[Candidate]:
        """What the source offered of its own site. Of another one it must not teach anything: false
        parameters would make all articles there one.
        """
        here = self.source.url
        hosts = {urlsplit(one.url).netloc for one in self.candidates}
        own = {host for host in hosts if have_one_owner(f"https://{host}", here)}
        return [one for one in self.candidates if urlsplit(one.url).netloc in own]

    @property
    def full(self) -> bool:
        """Whether as many new documents were found as are taken at one look, or as many documents
        as are taken in.
        """
        is_over = len(self.candidates) >= MOST_CANDIDATES
        return is_over or len(self.unseen) >= self.source.max_items

    def taken(self) -> list[Candidate]:
        """The new documents that are taken at this look; of a sitemap the newest."""
        found = list(self.unseen.values())
        if self.source.kind is SourceKind.SITEMAP:
            found.sort(key=lambda one: one.published_on or date.min, reverse=True)
        return found[: self.source.max_items]

    @property
    def waiting(self) -> int:
        """How many new documents are left for later looks."""
        return self.beyond + max(0, len(self.unseen) - self.source.max_items)

    @property
    def fault(self) -> str | None:
        """What kept the source from being read, or from being read whole."""
        if self.failure is not None:
            return f"{self.failure.reason}: {self.failure.line}"
        return self.problem

    @property
    def line(self) -> str | None:
        """What was wrong, as one line; None if nothing was."""
        if self.fault is not None:
            return self.fault
        if self.moved_now:
            return f"moved: {self.source.url} answers at {self.moved_to} now; change its url"
        if self.left_out:
            said = _counted(self.left_out, "address", "addresses")
            return f"long_address: {said} of more than {MAX_LENGTH:,} characters left out"
        if self.overflow or (not self.waiting and not self.parts_left):
            return self._cut_line
        documents = _counted(self.waiting, "new address", "new addresses") if self.waiting else ""
        parts = _counted(self.parts_left, "part", "parts") if self.parts_left else ""
        said = " and ".join(filter(None, (documents, parts)))
        return f"later: {said} of the {self.source.kind} are left for later looks"

    @property
    def _cut_line(self) -> str | None:
        """That documents were left out for good; None if none were."""
        if self.overflow:
            documents = _counted(self.overflow, "document", "documents")
            beyond = f"beyond the first {MOST_CANDIDATES:,} of one look"
            return f"cut: {documents} {beyond} left out; name a part of it as the source"
        if not self.cut:
            return None
        documents = _counted(self.cut, "document", "documents")
        most = self.source.max_items
        return f"cut: {documents} beyond the first {most:,} left out; raise max_items to take them"

    @property
    def failed(self) -> bool:
        """Whether nothing could be read although something was expected."""
        return self.fault is not None and not self.candidates


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def validators_key(source: Source, url: str) -> str:
    """The key under which validators of an address are kept. For a listing it holds the pattern and
    the limit too: after a change of these, the whole page must be read again.
    """
    if source.kind is SourceKind.LISTING:
        return f"{url}#{source.link_pattern or ''}#{source.link_selector or ''}#{source.max_items}"
    return url


def _resume_key(source: Source) -> str:
    """The key under which a further page is kept that has to be asked again."""
    return f"resume {source.id} {source.url}"


def begin(s: Session, source: Source, now: datetime) -> SourceReading:
    """Begins to read a source, with what its past polls tell."""
    state = source_state(s, source.id)
    is_recent = state.moved_at is not None and now - state.moved_at < MOVED_FOR
    moved_to = state.moved(source.url) if is_recent else None
    resumed = validators(s, _resume_key(source)).etag
    known = patience(last_polls(s, source.id, POLLS_KEPT))
    return SourceReading(source, moved_to, known, resumed=resumed)


def record(s: Session, reading: SourceReading, now: datetime) -> tuple[int, int]:
    """Puts candidates on the frontier, keeps validators and the state of the source.

    Returns the numbers of documents offered and of those that are new.
    """
    source, state = reading.source, source_state(s, reading.source.id)
    learn(s, source.id, reading.of_its_site(), now)
    taken = reading.taken()
    known = [one for one in reading.candidates if one.url not in reading.unseen]
    new = 0 if source.kind is SourceKind.PAGE else offer(s, source.id, [*known, *taken], now)
    is_as_before = reading.unchanged and not reading.failed
    every = len({one.url for one in reading.candidates})
    offered = state.last_offered if is_as_before else every
    for found in _read_whole(reading, {one.url for one in taken}):
        keep_validators(
            s, found, now, has_news=new > 0, listed_at=reading.changed_at.get(found.key)
        )
    if reading.broken_at != reading.resumed:
        save_validators(s, _resume_key(source), reading.broken_at, None, now=now)
    for url in reading.not_modified & reading.changed_at.keys():
        note_listed(s, url, reading.changed_at[url])
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
    write(s, now, [of_look(reading, offered, new, now)])
    if not reading.failed and (reading.moved_now or reading.moved_to is None):
        note_address(s, source.id, source.url, reading.moved_to, now)
    return offered, new


def _read_whole(reading: SourceReading, taken: Collection[str]) -> list[AnswerValidators]:
    """The validators of the answers of which nothing new is left over: a server that says
    "unchanged" would keep the rest from us.
    """
    return [
        found
        for found in reading.validators
        if not reading.beyond and reading.unseen_at.get(found.key, frozenset()).issubset(taken)
    ]


def keep_validators(
    s: Session,
    found: AnswerValidators,
    now: datetime,
    *,
    has_news: bool,
    listed_at: datetime | None = None,
) -> None:
    """Keeps the validators of an answer, and whether those before lied about news. `listed_at` is
    the date that an index gave it.
    """
    lied = found.lied and has_news
    values = (found.etag, found.last_modified, found.body_hash)
    save_validators(s, found.key, *values, now=now, lied=lied, listed_at=listed_at)

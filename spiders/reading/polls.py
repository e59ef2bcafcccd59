"""Begins to read a source with what is stored of it, and records how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from spiders.kinds.table import KINDS
from spiders.reading.source_reading import Settled, SourceAnswer, SourceReading, patience
from storage.database.session import Session
from storage.source import Source
from storage.sources.frontier import offer
from storage.sources.ledger import CUT, Tally, write
from storage.sources.manners import Validators, note_listed, save_validators, validators
from storage.sources.states import MOST_POLLS, last_polls, note_address, record_poll, source_state
from storage.sources.tables import Poll

# Then the configured address is tried again: a redirect called permanent may have been a mistake.
MOVED_FOR = timedelta(days=7)


def validators_key(source: Source, url: str) -> str:
    """The key under which validators of an address are stored, with what chooses its documents."""
    chosen_by = KINDS[source.kind].chosen_by(source)
    return f"{url}#{chosen_by}" if chosen_by else url


def _resume_key(source: Source) -> str:
    """The key under which the address of a further page is stored that has to be read again."""
    return f"resume {source.id} {source.url}"


def begin(s: Session, source: Source, now: datetime) -> SourceReading:
    """Begins to read a source, with what is known from its past polls."""
    state = source_state(s, source.id)
    is_recent = state.moved_at is not None and now - state.moved_at < MOVED_FOR
    moved_to = state.moved(source.url) if is_recent else None
    resumed = validators(s, _resume_key(source)).etag
    known = patience(last_polls(s, source.id, MOST_POLLS))
    return SourceReading(source, moved_to, known, resumed)


def record(s: Session, reading: SourceReading, now: datetime) -> tuple[int, int]:
    """Puts candidates on the frontier, stores validators and state: (offered, new)."""
    source, state = reading.source, source_state(s, reading.source.id)
    taken = reading.taken()
    known = [candidate for candidate in reading.candidates if candidate.url not in reading.unseen]
    new = 0 if KINDS[source.kind].is_watched else offer(s, source.id, [*known, *taken], now)
    is_as_before = not reading.failed and all(one.offer is None for one in reading.answers)
    every = len({candidate.url for candidate in reading.candidates})
    offered = state.last_offered if is_as_before else every
    changed_at = reading.changed_at
    for answer in reading.read_whole():
        key, listed_at = validators_key(source, answer.url), changed_at.get(answer.url)
        found = found_validators(answer, now, has_news=new > 0)
        save_validators(s, key, found, listed_at=listed_at)
    if reading.broken_at != reading.resumed:
        save_validators(s, _resume_key(source), Validators(reading.broken_at, saved_at=now))
    for url in changed_at.keys() & {one.url for one in reading.answers if one.not_modified}:
        note_listed(s, url, changed_at[url])
    record_poll(
        s,
        source.id,
        Poll(now, not reading.failed, offered, new),
        reading.line,
        not_before_at=reading.failure.until_at if reading.failure is not None else None,
    )
    write(s, now, [(source.id, of_look(reading, offered, new, now))])
    if not reading.failed and (reading.moved_now or reading.moved_to is None):
        note_address(s, source.id, source.url, reading.moved_to, now)
    return offered, new


def found_validators(answer: SourceAnswer, now: datetime, *, has_news: bool) -> Validators:
    """The validators of an answer as they are saved: distrusted if those before hid news."""
    distrusted_at = now if answer.lied and has_news else None
    found = answer.validators or Validators()
    return replace(found, saved_at=now, distrusted_at=distrusted_at)


# --- what a run adds to the ledger of its sources -------------------------------------------------

# What is dated today may be dated tomorrow where the source is.
_AHEAD = timedelta(days=1)


def of_look(reading: SourceReading, offered: int, new: int, now: datetime) -> Tally:
    """The tally of a look at a source, with what was left for later looks or left out."""
    left = {
        "later": reading.waiting,
        "part": reading.parts_left,
        "long_address": reading.left_out,
        "beyond_max_items": reading.beyond_limits,
    }
    latest_on = now.date() + _AHEAD
    days = (
        candidate.published_on
        for candidate in reading.candidates
        if candidate.published_on is not None
    )
    return Tally(
        polls=1,
        polls_failed=int(reading.failed),
        offered=offered,
        new=new,
        newest_on=max((day for day in days if day <= latest_on), default=None),
        left={name: n for name, n in left.items() if n},
    )


def of_settled(settled: Settled) -> Tally:
    """The tally of a document that was stored, or was not."""
    arrival = settled.arrival
    judged, document = arrival.judged, arrival.judged.document
    # One from a file goes by no frontier: it is new when it arrives. Nor does a watched page: each
    # version is a look.
    is_new = arrival.from_file and not arrival.was_set_aside
    is_again = arrival.was_set_aside or (arrival.row is None and not arrival.from_file)
    tally = Tally(new=int(is_new), again=int(is_again), fetched=1, outcomes={settled.outcome: 1})
    if settled.outcome != "stored":
        return tally
    return tally + Tally(
        matched=int(judged.has_alert),
        reviewed=int(judged.verdict.near_miss and not judged.has_alert),
        titled=int(bool(document.title.strip())),
        dated=int(document.published_on is not None),
        languages={document.language: 1},
        flaws={CUT: 1} if document.is_cut else {},
    )


def of_files(
    skipped: Iterable[str], *, looks: int = 0, failed: bool = False, left: int = 0
) -> Tally:
    """The tally of files: reasons of `skipped` documents, `left` files for later looks."""
    reasons = Counter(skipped)
    return Tally(
        polls=looks,
        polls_failed=int(failed),
        new=reasons.total(),
        outcomes=reasons,
        left={"later": left} if left else {},
    )

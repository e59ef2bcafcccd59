"""Importing a list of agreements that are known already: they enter the register, and are no news.

An import is one decision, which `curate undo` takes back as a whole. Importing a list again brings
it up to date: rows that it does not have any more leave.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

from crawler.clues import Clues, RecalledDate
from crawler.extract.language import detect_language
from crawler.ingest.listing import RowOfList, ingest_rows, relist
from crawler.register.fingerprint import fingerprint
from scheduler.exchange.list_rows import STEPS, ListedAgreement, RowFault
from scheduler.views.words.labels import labels_of
from scheduler.views.words.names import NamedBy, made_name
from storage.database.session import Database, Session
from storage.database.sql import chunks
from storage.documents.documents import reports_of_source
from storage.letters import fold_text
from storage.lists import queries
from storage.records import Card, DateBasis, Document, Fingerprint, Judged, Status, Verdict, Zone
from storage.register.agreements import reported_among
from storage.register.decisions import add_decision, add_pins, drop_decision
from storage.register.entry import Decision, DecisionKind, Pin, PinKind
from storage.register.list_rows import LIST_SOURCE, ListRow

# Two lists that somebody put together seldom agree on the day: signature and deposit, time zones.
_DAYS = 7
# Of the words of both titles. "On readmission" and "on the facilitation of visas" share 0.4, two
# translations or cuts of one title 0.7 and more.
_ALIKE = 0.7
_KEY_BYTES = 8  # two of a hundred thousand rows share a key once in four billion lists
_ENGLISH = "en"
_NO_WORD = re.compile(r"[\W_]+")
# As large as the batches of documents are: the register is read once for all of it.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ListName:
    """What a list is called: `id` in addresses, `name` for readers."""

    id: str
    name: str

    @property
    def source_id(self) -> str:
        return f"{LIST_SOURCE}{self.id}"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row. `agreement` is where it stands, `is_reported` whether published reports
    are about that agreement too, `twin` the number of another row about the same agreement.
    """

    row: ListedAgreement
    agreement: str = ""
    is_reported: bool = False
    twin: int | None = None
    is_fresh: bool = True


@dataclass(slots=True)
class ImportedList:
    """An import: its list, the callback for each row, and its result.

    `decision` is the number that undoes it; None if nothing changed. `left` are the documents of
    rows that the list does not have any more, `stayed` those that may be such. `twin_rows` are the
    rows that were read so far, by their parties; `seen` are the documents of those that are stored.
    """

    of: ListName
    now: datetime
    on_outcome: Callable[[RowOutcome], None]
    read: int = 0
    known: int = 0
    joined: int = 0
    twins: int = 0
    unchanged: int = 0
    left: int = 0
    stayed: int = 0
    decision: int | None = None
    faults: list[RowFault] = field(default_factory=list)
    twin_rows: dict[tuple[str, ...], list[RowTwin]] = field(
        default_factory=lambda: defaultdict(list)
    )
    seen: set[int] = field(default_factory=set)


# The row that had an agreement first, its key, and how many rows are about it so far.
RowTwin = tuple[ListedAgreement, str, int]


class Extent(Enum):
    """What of a list is stored in one transaction; that of a dry run is taken back."""

    BATCHES = auto()
    WHOLE = auto()
    DRY_RUN = auto()


class ImportOrder(NamedTuple):
    """Which list is imported, by whom and when; `note` is stored with the decision."""

    of: ListName
    who: str
    at: datetime
    note: str = ""
    extent: Extent = Extent.BATCHES


def import_list(
    database: Database,
    rows: Iterable[ListedAgreement | RowFault],
    order: ImportOrder,
    on_outcome: Callable[[RowOutcome], None] = lambda _: None,
) -> ImportedList:
    """Store the agreements of a list. A row with a fault is left out and named. `on_outcome` is
    called for each other row.
    """
    of, dry_run = order.of, order.extent is Extent.DRY_RUN
    work = ImportedList(of, order.at, on_outcome)
    why = f"{of.id}: {of.name}" + (f" ({order.note})" if order.note else "")
    made = Decision(DecisionKind.LIST, (), who=order.who, why=why, at=order.at)
    if order.extent is not Extent.BATCHES:
        with database.begin() as s:
            decision = add_decision(s, made)
            for batch in _batches(rows, work):
                _store(s, batch, decision, work)
            _finish(s, decision, work)
            if dry_run:
                s.rollback()
        return work
    with database.begin() as s:
        decision = add_decision(s, made)
    for batch in _batches(rows, work):
        with database.begin() as s:
            _store(s, batch, decision, work)
    with database.begin() as s:
        _finish(s, decision, work)
    return work


def _batches(
    rows: Iterable[ListedAgreement | RowFault], done: ImportedList
) -> Iterator[Sequence[ListedAgreement]]:
    def readable() -> Iterator[ListedAgreement]:
        for row in rows:
            done.read += 1
            if isinstance(row, RowFault):
                done.faults.append(row)
            else:
                yield row

    return chunks(readable(), _BATCH)


def _store(s: Session, batch: Sequence[ListedAgreement], decision: int, work: ImportedList) -> None:
    pairs = [(row, _twin_of(row, work.twin_rows[row.parties])) for row in batch]
    stored = [_row_of_list(row, work.of, twin) for row, twin in pairs]
    stored_rows = ingest_rows(s, stored, work.now)
    homes = queries.agreements_of(
        s, (document for row in stored_rows for document in row.documents)
    )
    reported = reported_among(s, set(homes.values()))
    pinned: dict[int, Pin] = {}
    for (row, twin), stored_row in zip(pairs, stored_rows, strict=True):
        if stored_row.fault:
            work.faults.append(RowFault(row.number, stored_row.fault))
            continue
        name = row.reference or f"row {row.number}"
        pinned |= {
            n: Pin(PinKind.LISTED, n, field=row.url, value=name) for n in stored_row.documents
        }
        home = homes.get(stored_row.documents[0], "")
        is_reported, is_fresh = home in reported, bool(stored_row.changed)
        first, _, nth = twin
        is_twin = nth > 1
        work.twins += is_twin
        work.joined += is_reported and not is_twin
        work.known += not is_twin
        work.unchanged += not is_fresh
        number = first.number if is_twin else None
        work.on_outcome(RowOutcome(row, home, is_reported, number, is_fresh))
    work.seen.update(pinned)
    add_pins(s, decision, pinned.values())


def _finish(s: Session, decision: int, work: ImportedList) -> None:
    """Let rows leave that the list has no more, and forget a decision that changed nothing. Where a
    row could not be read, or none was there, nothing leaves: a wrong charset must not empty a list.
    """
    gone = [one for one in reports_of_source(s, work.of.source_id) if one not in work.seen]
    if work.faults or not work.seen:
        work.stayed, gone = len(gone), []
    relist(s, (), gone, work.now)
    add_pins(s, decision, [Pin(PinKind.UNLISTED, document) for document in gone])
    work.left = len(gone)
    stored = work.known + work.twins
    if work.unchanged == stored and not gone:
        drop_decision(s, decision)
    else:
        work.decision = decision


# --- rows about one agreement --------------------------------------------------------------------


def _twin_of(row: ListedAgreement, among: list[RowTwin]) -> RowTwin:
    """The first row about the same agreement, which may be this one, counted in `among`."""
    # Days identify a row only without title and reference: they are added and corrected.
    days = "" if row.title or row.reference else ",".join(map(str, row.days.values()))
    facts = (",".join(row.parties), row.kind or "", _words(row.title), _words(row.reference), days)
    key = hashlib.blake2b("\n".join(facts).encode(), digest_size=_KEY_BYTES).hexdigest()
    for place, (other, its_key, nth) in enumerate(among):
        if its_key == key or _are_twins(row, other):
            among[place] = (other, its_key, nth + 1)
            return among[place]
    among.append((row, key, 1))
    return among[-1]


def _are_twins(listed_agreement: ListedAgreement, other: ListedAgreement) -> bool:
    if listed_agreement.kind and other.kind and listed_agreement.kind is not other.kind:
        return False
    if (
        listed_agreement.topics
        and other.topics
        and set(listed_agreement.topics).isdisjoint(other.topics)
    ):
        return False
    here, there = set(_words(listed_agreement.title).split()), set(_words(other.title).split())
    is_same_title = not here or not there or len(here & there) >= _ALIKE * len(here | there)
    return is_same_title and _same_days(listed_agreement, other)


def _same_days(listed_agreement: ListedAgreement, other: ListedAgreement) -> bool:
    """Whether a day that both rows have is the same. Without such a day nobody knows."""
    both = [
        status
        for status in STEPS.values()
        if status in listed_agreement.days and status in other.days
    ]
    if not both:
        return False
    here, there = listed_agreement.days[both[0]], other.days[both[0]]
    if here.on is None or there.on is None:
        known = min(len(here.parts), len(there.parts))
        return here.parts[:known] == there.parts[:known]
    return abs((here.on - there.on).days) <= _DAYS


# --- a row as documents, one for each step --------------------------------------------------------


def _row_of_list(row: ListedAgreement, of: ListName, twin: RowTwin) -> RowOfList:
    """A row as it is stored. `twin` is the row that had its agreement first, or this one."""
    steps = tuple(_judged(row, of, twin, status) for status in (tuple(row.days) or (None,)))
    _, key, nth = twin
    statuses = (*STEPS.values(), None) if nth > 1 else ()
    return RowOfList(steps, tuple(_external_id(of, key, status) for status in statuses))


def _judged(row: ListedAgreement, of: ListName, twin: RowTwin, status: Status | None) -> Judged:
    title, text = title_of(row), "\n".join(_lines(row, of))
    _, key, nth = twin
    own_key = key if nth == 1 else f"{key}-{nth}"  # of the row itself, not of its agreement
    day = row.days[status] if status else None
    on, recalled = day.on if day else None, Clues()
    if day is not None and on is None:
        # a month or year without a day is no day of a step, but reports may recall it
        recalled = Clues(dates=(RecalledDate(day.parts, Zone.TITLE, "any"),))
    basis = DateBasis.TEXT if on else None
    place = row.place if status is Status.SIGNED else None
    card = Card(row.parties, row.kind, row.topics, status, on, basis, place=place)
    language = detect_language(title, row.note or title, _ENGLISH)
    named = _external_id(of, own_key, status)
    document = Document(
        title, text, language, outlet=of.name, external_id=named, source_id=of.source_id
    )
    return Judged(
        document=document,
        verdict=Verdict(True, 1.0, 1.0, language, card=card),
        # The steps of a row have texts of their own, and no bands: they are copies of nothing.
        fingerprint=Fingerprint(fingerprint(title, f"{text}\n{status}").text_hash),
        folded=fold_text(f"{title}\n{text}"),
        quote=f"{title} ({row.reference})" if row.reference else title,
        clues=(ListRow(of.id, key).to_clue(), *recalled.to_text()),
    )


def title_of(row: ListedAgreement) -> str:
    if row.title:
        return row.title
    days = next(iter(row.days.values()), None)
    year = days.parts[0] if days else None
    return made_name(NamedBy(row.parties, row.kind, row.topics, year), labels_of(_ENGLISH))


def _external_id(of: ListName, key: str, status: Status | None) -> str:
    return f"{of.source_id}/{key}/{status or 'known'}"


def _lines(row: ListedAgreement, of: ListName) -> Iterator[str]:
    """The text of a row: what a search finds it by, and a reader sees."""
    labels = labels_of(_ENGLISH)
    if row.note:
        yield row.note
    yield f"Parties: {labels.listed(labels.party(code) for code in row.parties)}."
    for status, day in row.days.items():
        at = f" ({row.place})" if row.place and status is Status.SIGNED else ""
        yield f"{labels.status(status, row.kind).capitalize()}: {day}{at}."
    if row.reference:
        yield f"Reference: {row.reference}."
    if row.url:
        yield f"Text: {row.url}"
    yield f"From the list “{of.name}”."


def _words(text: str) -> str:
    """Text as it is compared: folded, words with single spaces between them."""
    return _NO_WORD.sub(" ", fold_text(text)).strip()

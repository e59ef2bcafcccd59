"""Saying of each agreement how sure it is and whether its text is published, when it is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crawler.clues import PAPER
from crawler.ingest.papers import FoundText, printed, text_among, text_of, to_be_read
from crawler.register.certainty import Grounds, confirmed, grounds_of
from storage.database.session import Database, Session
from storage.documents.official import clues_of, credits_of, is_noted, note_official
from storage.filter import Filter, Known
from storage.notifications.outbox import queue_changes
from storage.queries import agreement_pages, texts_of
from storage.queries import agreements as agreements_of
from storage.records import NewsKind, Source, TextState
from storage.register.agreements import published_of
from storage.register.decisions import pins, rows_named
from storage.register.records import Agreement, Credit, Pin, Report, documents_of
from storage.register.saving import Change, set_vouched
from storage.register.stamp import restamp
from storage.subscription import Subscription


def vouched(
    s: Session,
    agreements: Sequence[Agreement],
    reports: Iterable[Report],
    known_pins: Sequence[Pin],
) -> list[Agreement]:
    """Return agreements that were just partitioned, with how sure each is, its published text, and
    the canonical name of its place.
    """
    keys = _place_keys(reports)
    return [
        replace(one, place_key=keys.get(one.place or ""))
        for one in _looked_at(s, agreements, known_pins)
    ]


def why_certain(s: Session, agreement: Agreement) -> Grounds:
    """Return how sure a stored agreement is, and why."""
    return _grounds(s, [agreement], pins(s, documents_of(agreement)))[0]


def note_sources(
    database: Database,
    sources: Collection[Source],
    subscriptions: Sequence[Subscription],
    *,
    now: datetime,
    max_age_days: int,
) -> None:
    """Let the database know which of the configured sources are official. Where that has changed,
    look at the whole register again, and queue what became surer for those who want that.
    """
    with database.read() as s:
        if is_noted(s, sources):
            return
    with database.begin() as s:
        note_official(s, sources)
        changes = [
            change
            for page in agreement_pages(s, Filter(known=Known.YES))
            for change in _vouch_anew(s, page, now)
        ]
        published = Filter(known=Known.YES, texts=(TextState.PUBLISHED,))
        for page in list(agreement_pages(s, published)):
            changes += share_texts(s, page, now)
        restamp(s)  # what is shown may have changed, even where no step says so
        queue_changes(s, subscriptions, changes, now=now, max_age_days=max_age_days)


def share_texts(s: Session, agreements: Sequence[Agreement], now: datetime) -> list[Change]:
    """Give the texts of agreements that were just stored to others of the same parties that miss
    theirs.
    """
    found = {one.parties for one in agreements if one.text_document_id and one.parties}
    blocks = (agreements_of(s, _missing_of(parties)) for parties in sorted(found))
    return [change for block in blocks if block for change in _vouch_anew(s, block, now)]


def _missing_of(parties: tuple[str, ...]) -> Filter:
    return Filter(known=Known.YES, parties=parties, texts=(TextState.MISSING,))


def _vouch_anew(s: Session, page: Sequence[Agreement], now: datetime) -> Iterator[Change]:
    known_pins = pins(s, set().union(*map(documents_of, page)))
    for before, after in zip(page, _looked_at(s, page, known_pins), strict=True):
        if before != after:
            set_vouched(s, after, now)
            yield from (Change(after, NewsKind.NEW_REPORT, step, ()) for step in after.history)


def _looked_at(
    s: Session, agreements: Sequence[Agreement], known_pins: Iterable[Pin]
) -> list[Agreement]:
    credits = _credits(s, agreements, known_pins)
    texts = _texts(s, agreements, credits)
    sure = [
        replace(_with_text(one, text), certainty=grounds_of(one, credits).certainty)
        for one, text in zip(agreements, texts, strict=True)
    ]
    return _with_texts_of_others(s, sure)


def _with_text(agreement: Agreement, text: FoundText | None) -> Agreement:
    if text is None:
        return agreement
    return replace(agreement, text_state=text.state, text_document_id=text.document_id)


def _with_texts_of_others(s: Session, agreements: Sequence[Agreement]) -> list[Agreement]:
    """Give the agreements without a text one that stands in another agreement of its parties."""
    missing = {one.parties for one in agreements if one.text_state is TextState.MISSING}
    if not missing:
        return list(agreements)
    own = set[int]().union(*map(documents_of, agreements))
    stored = published_of(s, missing)
    others = [one for one in stored if one.text_document_id not in own]
    having = [one for one in (*agreements, *others) if one.parties in missing]
    clues = clues_of(s, (one.text_document_id for one in having if one.text_document_id))
    found = (printed(one, clues.get(one.text_document_id or 0, ())) for one in having)
    texts = [text for text in found if text is not None]
    return [
        _with_text(one, text_among(one, texts)) if one.text_state is TextState.MISSING else one
        for one in agreements
    ]


def _grounds(
    s: Session, agreements: Sequence[Agreement], known_pins: Iterable[Pin]
) -> list[Grounds]:
    credits = _credits(s, agreements, known_pins)
    return [grounds_of(one, credits) for one in agreements]


def _credits(
    s: Session, agreements: Sequence[Agreement], known_pins: Iterable[Pin]
) -> Mapping[int, Credit]:
    documents = set[int]().union(*map(documents_of, agreements))
    return confirmed(credits_of(s, documents), known_pins)


def _texts(
    s: Session, agreements: Sequence[Agreement], credits: Mapping[int, Credit]
) -> list[FoundText]:
    wanted = {document for one in agreements for document in to_be_read(one, credits)}
    listed = {document for one in agreements for document in one.listed}
    texts, rows = texts_of(s, wanted), rows_named(s, listed)
    papers = {number for number, clues in clues_of(s, wanted).items() if PAPER in clues}
    return [text_of(one, credits, texts, rows, papers) for one in agreements]


def _place_keys(reports: Iterable[Report]) -> dict[str, str]:
    """Return the canonical name of each place that reports name. Where two reports mean different
    cities by one word, the one that comes first in the alphabet is taken, whatever the order.
    """
    found: dict[str, str] = {}
    for report in reports:
        place, key = report.card.place, report.card.place_key
        if place and key:
            found[place] = min(key, found.get(place, key))
    return found

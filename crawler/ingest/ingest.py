"""Storing judged documents: store, cluster and queue what is news, in the caller's transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime

from crawler.differences import is_notable
from crawler.ingest.clustering import cluster
from crawler.ingest.placement import copies_among, place
from crawler.reader.answer import with_second_reading
from crawler.register.fingerprint import fingerprint
from storage.database.session import Session, savepoint, trial
from storage.documents.copies import KnownKeys, join_copies, possible_copies, stored_verdict
from storage.documents.documents import Origin, Stored, store_new
from storage.documents.placements import Why, Written, read_kin, store_parts, store_placed
from storage.documents.second_readings import decided_among, readings_of
from storage.documents.texts import load_judgeable
from storage.documents.verdicts import replace_verdict
from storage.errors import FaultError, UnstorableError
from storage.notifications.outbox import NEVER_NEWS, oldest_news, queue_changes
from storage.records import GradeBasis, Judged, NewsKind, SecondReading
from storage.register.entry import Agreement, Step, agreement_of_card
from storage.register.saving import Change
from storage.subscription import Subscription

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unstored:
    """The document at `index` of the batch, which could not be stored. `is_fault`: our own code
    failed, and a later version may store it.
    """

    index: int
    message: str
    is_fault: bool = False


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch. `stored[i]` belongs to document i; None if it is a problem."""

    stored: tuple[Stored | None, ...]
    relevant: int
    changes: tuple[Change, ...]
    pending: int
    problems: tuple[Unstored, ...] = ()


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What brings a batch, and who is notified of it."""

    subscriptions: Sequence[Subscription]
    origin: Origin
    crawl: bool
    oldest: date | None


def ingest(
    s: Session,
    judged: Sequence[Judged],
    subscriptions: Sequence[Subscription],
    *,
    now: datetime,
    run_id: int | None,
    crawl: bool,
    max_age_days: int | None,
    alerts: bool = True,
) -> Ingested:
    """Store a batch, cluster what it affects, and queue what is news. Idempotent. A document that
    the database rejects, or on which our own code fails, becomes a problem and does not affect the
    others; if the database itself fails, nothing is stored (DatabaseError). Reports older than
    `max_age_days` are registered but no news, as are all without `alerts`.
    """
    oldest = oldest_news(now, max_age_days) if alerts else NEVER_NEWS
    occasion = _Occasion(subscriptions, Origin(now, run_id), crawl, oldest)
    try:
        with trial(s):
            return _ingest(s, judged, occasion)
    except FaultError:
        _LOG.warning("a batch could not be stored as one; its documents are stored one by one")
    return _together([_ingest_alone(s, one, occasion) for one in judged])


def _ingest_alone(s: Session, judged: Judged, occasion: _Occasion) -> Ingested:
    try:
        with trial(s):
            return _ingest(s, [judged], occasion)
    except FaultError as error:
        name = judged.document.url or judged.document.external_id or judged.document.title
        _LOG.error("%s could not be stored because of a bug:", name, exc_info=error)
        return Ingested((None,), 0, (), 0, (Unstored(0, str(error), is_fault=True),))


def _together(singles: Sequence[Ingested]) -> Ingested:
    """Return what became of a batch whose documents were ingested one by one."""
    problems = (
        replace(problem, index=index)
        for index, single in enumerate(singles)
        for problem in single.problems
    )
    return Ingested(
        tuple(single.stored[0] for single in singles),
        sum(single.relevant for single in singles),
        tuple(change for single in singles for change in single.changes),
        sum(single.pending for single in singles),
        tuple(problems),
    )


def _ingest(s: Session, judged: Sequence[Judged], occasion: _Occasion) -> Ingested:
    """Do what `ingest` says for documents on which our code does not fail."""
    stored: list[Stored | None] = []
    problems: list[Unstored] = []
    news: list[Written] = []
    for index, outcome in enumerate(_write_all(s, with_answers(s, judged), occasion)):
        if isinstance(outcome, UnstorableError):
            stored.append(None)
            problems.append(Unstored(index, str(outcome)))
        else:
            stored.append(outcome[0].stored)
            news += outcome
    now = occasion.origin.at
    changes = cluster(s, {written.stored.document_id for written in news}, now)
    changes += filter(None, (document_news(written.stored, written.judged) for written in news))
    pending = queue_changes(s, occasion.subscriptions, changes, now=now, oldest=occasion.oldest)
    relevant = sum(written.is_report for written in news)
    return Ingested(tuple(stored), relevant, tuple(changes), pending, tuple(problems))


_Outcome = list[Written] | UnstorableError


def _write_all(s: Session, judged: Sequence[Judged], occasion: _Occasion) -> Iterator[_Outcome]:
    """Yield what became of each document, in the order of their ids. Those in a row that are
    certainly new are stored together; any other may change what the next ones are found by.
    """
    if len(judged) == 1:
        yield _write_one(s, judged[0], occasion)
        return
    known = KnownKeys(s, judged)
    together: list[Judged] = []
    for index, document in enumerate(judged):
        if known.is_new(index) and document.parts is None:
            together.append(document)
            known.note(index)
            continue
        yield from _write_new(s, together, occasion)
        together = []
        outcome = _write_one(s, document, occasion)
        yield outcome
        if isinstance(outcome, list) and len(outcome) == 1 and outcome[0].stored.created:
            known.note(index)
        else:
            known.look_up(s, index + 1)
    yield from _write_new(s, together, occasion)


def _write_new(s: Session, judged: Sequence[Judged], occasion: _Occasion) -> Iterable[_Outcome]:
    """Store documents that are certainly new; one by one if one of them cannot be stored."""
    if judged:
        with suppress(UnstorableError), savepoint(s):
            stored = store_new(s, judged, occasion.origin, bands=occasion.crawl)
            return [[Written(*one)] for one in zip(stored, judged, strict=True)]
    return [_write_one(s, one, occasion) for one in judged]


def _write_one(s: Session, judged: Judged, occasion: _Occasion) -> _Outcome:
    """Read what may be the same document, decide where this one is stored, and store it."""
    origin, crawl = occasion.origin, occasion.crawl
    try:
        with savepoint(s):
            placement = place(judged, read_kin(s, judged, origin.at, crawl=crawl))
            if placement.why is not Why.OFFERED:
                _LOG.debug("%s: %s", placement.judged.document.url, placement.why)
            written = store_placed(s, placement, origin, crawl=crawl)
            _join_with_copies(s, written)
            return written
    except UnstorableError as error:
        return error


def _join_with_copies(s: Session, written: Iterable[Written]) -> None:
    """Put reports that are new, or have a new text, in the copy groups of their texts."""
    for stored, judged in written:
        if judged.verdict.relevant and not stored.is_cut and (stored.created or stored.changed):
            _find_copies(s, stored.document_id, judged)


def _find_copies(s: Session, document_id: int, one: Judged) -> None:
    copies = copies_among(one, possible_copies(s, document_id, one))
    if copies:
        join_copies(s, [document_id, *copies])


def replace_judgement(s: Session, document_id: int, judged: Judged, now: datetime) -> None:
    """Replace the verdict on a stored document by a new one. The register is not updated."""
    replace_verdict(s, document_id, judged.judgement, judged.fingerprint, now)
    if judged.verdict.relevant:
        _find_copies(s, document_id, judged)


def rejudge(
    s: Session,
    judged: Iterable[tuple[int, Judged]],
    subscriptions: Sequence[Subscription],
    *,
    now: datetime,
    max_age_days: int | None,
) -> Ingested:
    """Replace the verdicts of stored documents, given as (id, judged anew), and cluster again. What
    becomes relevant is queued as if a crawl had found it.
    """
    given = list(judged)
    document_ids = [number for number, _ in given]
    answered = with_answers(s, [one for _, one in given], document_ids)
    replaced = dict(zip(document_ids, answered, strict=True))
    whole = list(replaced.items())
    for document_id, one in replaced.items():
        replace_judgement(s, document_id, one, now)
        parts = store_parts(s, one.parts or (), Origin(now, page_id=document_id))
        _join_with_copies(s, parts)
        whole += [(part.stored.document_id, part.judged) for part in parts]
    changes = cluster(s, {document_id for document_id, _ in whole}, now)
    oldest = oldest_news(now, max_age_days)
    pending = queue_changes(s, subscriptions, changes, now=now, oldest=oldest)
    unchanged = tuple(Stored(document_id, created=False, changed=False) for document_id in replaced)
    return Ingested(
        unchanged, sum(one.verdict.relevant for _, one in whole), tuple(changes), pending
    )


def rejudge_stored(
    s: Session,
    document_ids: Iterable[int],
    subscriptions: Sequence[Subscription],
    *,
    now: datetime,
    max_age_days: int | None,
) -> Ingested:
    """Put a second reader's new answers into stored documents, and cluster again, as `rejudge`."""
    known = _stored_judged(s, document_ids)
    return rejudge(s, known, subscriptions, now=now, max_age_days=max_age_days)


def _stored_judged(s: Session, document_ids: Iterable[int]) -> Iterator[tuple[int, Judged]]:
    """Yield stored documents as they were judged, without those whose text is gone."""
    for document_id, document in load_judgeable(s, list(document_ids)):
        verdict, clues, quote = stored_verdict(s, document_id)
        marks = fingerprint(document.title, document.text)
        yield document_id, Judged(document, verdict, marks, folded="", quote=quote, clues=clues)


def document_news(stored: Stored, judged: Judged) -> Change | None:
    """Return what is news of a document itself that was just stored, or None."""
    kind = _kind(stored, judged)
    if kind is None:
        return None
    # A document may change several times, and each text is news.
    detail = judged.fingerprint.text_hash if kind is NewsKind.CHANGED_DOCUMENT else ""
    return Change(_as_agreement(judged), kind, None, (stored.document_id,), detail)


def _kind(stored: Stored, judged: Judged) -> NewsKind | None:
    verdict = judged.verdict
    if stored.created and verdict.outcome == "review":
        return NewsKind.NEAR_MISS
    if stored.created and verdict.relevant and not verdict.registers:
        return NewsKind.NEW_DOCUMENT
    if (
        stored.changed
        and verdict.relevant
        and (stored.before is None or is_notable(stored.before, judged.document.text))
    ):
        return NewsKind.CHANGED_DOCUMENT
    return None


def _as_agreement(judged: Judged) -> Agreement:
    """Return what one document says in the form of an agreement, which filters can read."""
    card, is_sure = judged.verdict.card, judged.verdict.relevant
    step = Step(card.status, card.event_date, "", (), card.expected_on)
    basis = GradeBasis.SINGLE if is_sure else GradeBasis.DOUBTFUL
    return replace(agreement_of_card(judged.document.title, card, (step,)), grade_basis=basis)


# --- second readers' answers ----------------------------------------------------------------------


def with_answers(
    s: Session, judged: Sequence[Judged], document_ids: Sequence[int] = ()
) -> list[Judged]:
    """Return judged documents, and parts, with what second readers answered to their texts before.
    `document_ids` are those of stored documents: a "no" takes back nothing that a person decided.
    """
    possible = {
        one.fingerprint.text_hash
        for whole in judged
        for one in (whole, *(whole.parts or ()))
        if one.verdict.outcome != "silent"
    }
    readings = readings_of(s, possible) if possible else {}
    if not readings:
        return list(judged)
    decided = decided_among(s, document_ids)
    not_refusing = {key: reading for key, reading in readings.items() if reading.answer != "no"}
    return [
        _with_answer(one, not_refusing if number in decided else readings)
        for number, one in zip(document_ids or [0] * len(judged), judged, strict=True)
    ]


def _with_answer(judged: Judged, readings: Mapping[str, SecondReading]) -> Judged:
    if judged.parts:
        parts = tuple(_with_answer(part, readings) for part in judged.parts)
        judged = replace(judged, parts=parts)
    reading = readings.get(judged.fingerprint.text_hash)
    return judged if reading is None else with_second_reading(judged, reading)

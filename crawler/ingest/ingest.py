"""Judged documents into the database: store, cluster and owe, in the caller's transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from crawler.differences import is_notable
from crawler.ingest.clustering import cluster
from crawler.ingest.corroboration import corroborate
from crawler.ingest.replacement import find_copies, replace_judgement
from crawler.ingest.twins import find_twin
from crawler.process.parts import address_of
from crawler.register.fingerprint import SAME_TEXT, fingerprint, likeness
from storage.addresses.hosts import site_of
from storage.asking import NewsKind, Subscription
from storage.database.session import Session, savepoint, trial
from storage.documents.documents import Stored, find, find_copy, store
from storage.documents.parts import become_part, leave_address, move_to
from storage.documents.site_bands import note_bands
from storage.errors import FaultError, UnstorableError
from storage.queries import document_text
from storage.records import Judged
from storage.register.changes import Change
from storage.register.records import Agreement, Step
from storage.telling.outbox import owe

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unstored:
    """A document that could not be stored. `index` is its position in the batch. With `is_fault`,
    our own code failed, so that a later version may store it.
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
    owed: int
    problems: tuple[Unstored, ...] = ()


def ingest(
    s: Session,
    judged: Sequence[Judged],
    subscriptions: Sequence[Subscription],
    *,
    now: datetime,
    run_id: int | None,
    crawl: bool,
    max_age_days: int,
    alerts: bool = True,
) -> Ingested:
    """Store a batch, cluster what it affects, and record what is owed. Idempotent.

    A document that the database rejects, or on which our own code fails, becomes a problem and does
    not affect the others. The transaction raises DatabaseError if the database itself fails; then
    nothing of the batch is kept. Without `alerts`, its reports are as those that are too old.
    """
    ingest_these = partial(
        _ingest,
        s,
        subscriptions=subscriptions,
        now=now,
        run_id=run_id,
        crawl=crawl,
        max_age_days=max_age_days,
        alerts=alerts,
    )
    try:
        with trial(s):
            return ingest_these(judged)
    except FaultError:
        _LOG.warning("a batch could not be stored as one; its documents are stored one by one")
    return _together([_ingest_alone(s, one, ingest_these) for one in judged])


def _ingest_alone(
    s: Session, one: Judged, ingest_these: Callable[[Sequence[Judged]], Ingested]
) -> Ingested:
    try:
        with trial(s):
            return ingest_these([one])
    except FaultError as error:
        name = one.document.url or one.document.external_id or one.document.title
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
        sum(single.owed for single in singles),
        tuple(problems),
    )


def _ingest(
    s: Session,
    judged: Sequence[Judged],
    *,
    subscriptions: Sequence[Subscription],
    now: datetime,
    run_id: int | None,
    crawl: bool,
    max_age_days: int,
    alerts: bool,
) -> Ingested:
    """Do what `ingest` says for documents on which our code does not fail."""
    stored: list[Stored | None] = []
    problems: list[Unstored] = []
    news: list[tuple[Stored, Judged]] = []
    for index, one in enumerate(judged):
        try:
            with savepoint(s):
                kept = _store_all(s, one, run_id, now, crawl=crawl)
        except UnstorableError as error:
            stored.append(None)
            problems.append(Unstored(index, str(error)))
        else:
            stored.append(kept[0][0])
            news += kept
    whole = ((kept.document_id, one) for kept, one in news if not kept.is_cut)
    lifted = corroborate(s, whole, now)
    changes = cluster(s, {kept.document_id for kept, _ in news} | lifted, now)
    changes += [
        change
        for kept, one in news
        if kept.document_id not in lifted
        for change in _document_news(kept, one)
    ]
    owed = owe(
        s,
        subscriptions,
        changes,
        now=now,
        crawl=crawl,
        max_age_days=max_age_days,
        alerts=alerts,
    )
    relevant = len(lifted) + sum(
        one.verdict.relevant and one.verdict.registers and not kept.is_cut for kept, one in news
    )
    return Ingested(tuple(stored), relevant, tuple(changes), owed, tuple(problems))


def rejudge(
    s: Session,
    judged: Iterable[tuple[int, Judged]],
    subscriptions: Sequence[Subscription],
    *,
    now: datetime,
    max_age_days: int,
) -> Ingested:
    """Replace the verdicts of stored documents, given as (id, judged anew), and cluster again.

    What becomes relevant is owed as if a crawl had found it: nothing old, and nothing that was
    told.
    """
    replaced = dict(judged)
    whole = list(replaced.items())
    for document_id, one in replaced.items():
        replace_judgement(s, document_id, one, now)
        whole += [(kept.document_id, part) for kept, part in _store_parts(s, one, document_id, now)]
    lifted = corroborate(s, whole, now)
    changes = cluster(s, {document_id for document_id, _ in whole} | lifted, now)
    owed = owe(s, subscriptions, changes, now=now, crawl=True, max_age_days=max_age_days)
    stored = tuple(Stored(document_id, created=False, changed=False) for document_id in replaced)
    return Ingested(stored, sum(one.verdict.relevant for _, one in whole), tuple(changes), owed)


def _store_all(
    s: Session, one: Judged, run_id: int | None, now: datetime, *, crawl: bool
) -> list[tuple[Stored, Judged]]:
    """Store a document; if it has parts that are reports, itself first and then these.

    A text that is stored as one report already stays one.
    """
    one = _at_its_address(s, one, now, crawl=crawl)
    if one.parts is None or _is_report(s, one):
        stored = _store(s, one, run_id, now)
        if crawl and stored.created:
            note_bands(s, stored.document_id, site_of(one.document.url or ""), one.fingerprint, now)
        return [(stored, one)]
    first = _leave_first_version(s, one)
    page = _store(s, one, run_id, now, is_cut=bool(one.parts) or first is not None)
    if first is not None:
        become_part(s, first.id, page.document_id, first.text_hash)
        page = replace(page, created=False, changed=True)  # it was stored before, under another id
    return [(page, one), *_store_parts(s, one, page.document_id, now, run_id)]


def _at_its_address(s: Session, one: Judged, now: datetime, *, crawl: bool) -> Judged:
    """Return a document under the address that it is stored at.

    Some sites name one address as that of all their articles. So a page that was found elsewhere is
    believed only if what stands at that address has the same text. A text that its site published
    before, under another headline or address, is that document; with small edits, too, if a crawl
    found both.
    """
    document = one.document
    if document.external_id is not None or document.url is None:
        return one
    found = find(s, document, one.fingerprint)
    if found is None:
        copy = find_copy(s, document, one.fingerprint)
        if copy is not None:
            return _as_stored(one, copy)
        return _with_its_twin(s, one, now) if crawl else one
    if document.own_url is None or found.text_hash == one.fingerprint.text_hash:
        return one
    text = document_text(s, found.id)
    if text is None or likeness(text, document.text) >= SAME_TEXT:
        return one
    return replace(one, document=replace(document, url=document.own_url, own_url=None))


def _with_its_twin(s: Session, one: Judged, now: datetime) -> Judged:
    """Return a document as the one that its site published at another address with small edits.

    A correction becomes a version of that document, which moves to the new address. Of two texts of
    which nobody can tell the later one, the first is kept.
    """
    document = one.document
    twin = find_twin(s, one, now)
    if twin is None:
        return one
    if twin.is_newer and document.url is not None:
        move_to(s, twin.stored.id, document.url)
        return one
    kept = replace(
        document,
        url=twin.stored.url,
        title=twin.stored.title,
        text=twin.stored.text,
        published_on=twin.stored.published_on,
    )
    # What was read in the other text is not for the stored one, whose verdict stays.
    silent = replace(one.verdict, relevant=False, near_miss=False)
    return replace(
        one, document=kept, fingerprint=fingerprint(kept.title, kept.text), verdict=silent
    )


def _as_stored(one: Judged, copy: Any) -> Judged:
    return replace(one, document=replace(one.document, url=copy.url, title=copy.title))


def _store_parts(
    s: Session, one: Judged, page_id: int, now: datetime, run_id: int | None = None
) -> list[tuple[Stored, Judged]]:
    return [(_store(s, part, run_id, now, page_id=page_id), part) for part in one.parts or ()]


def _is_report(s: Session, one: Judged) -> bool:
    """Whether this very text is stored as a report."""
    found = find(s, one.document, one.fingerprint)
    is_same = found is not None and found.text_hash == one.fingerprint.text_hash
    return is_same and found.relevant and not found.is_cut


def _leave_first_version(s: Session, page: Judged) -> Any:
    """Keep the first version of a page as a report of its own, if the page has changed.

    It gives up the URL of the page. Returns its row; None if the page was no report or is
    unchanged.
    """
    found = find(s, page.document, page.fingerprint)
    was_report = found is not None and found.relevant and not found.is_cut
    if not was_report or found.text_hash == page.fingerprint.text_hash:
        return None
    text = document_text(s, found.id) or found.title
    leave_address(s, found.id, address_of(found.url or page.document.url or "", text))
    return found


def _store(
    s: Session,
    one: Judged,
    run_id: int | None,
    now: datetime,
    *,
    page_id: int | None = None,
    is_cut: bool = False,
) -> Stored:
    stored = store(
        s,
        one,
        folded=one.folded,
        quote=one.quote,
        run_id=run_id,
        now=now,
        page_id=page_id,
        is_cut=is_cut,
    )
    if one.verdict.relevant and not stored.is_cut and (stored.created or stored.changed):
        find_copies(s, stored.document_id, one)
    return stored


def _document_news(stored: Stored, one: Judged) -> Iterable[Change]:
    """Yield what is news of a document itself, outside the register."""
    if stored.created and one.verdict.near_miss and not one.verdict.relevant:
        yield Change(_as_agreement(one), NewsKind.NEAR_MISS, None, (stored.document_id,))
    if stored.created and one.verdict.relevant and not one.verdict.registers:
        yield Change(_as_agreement(one), NewsKind.NEW_DOCUMENT, None, (stored.document_id,))
    if stored.changed and one.verdict.relevant and _is_notable(stored, one):
        detail = one.fingerprint.text_hash
        yield Change(
            _as_agreement(one), NewsKind.CHANGED_DOCUMENT, None, (stored.document_id,), detail
        )


def _is_notable(stored: Stored, one: Judged) -> bool:
    """Whether other words stand in the text now. A comma is no news."""
    return stored.before is None or is_notable(stored.before, one.document.text)


def _as_agreement(one: Judged) -> Agreement:
    """Return the card of one document in the form of an agreement, which filters can read."""
    card = one.verdict.card
    step = Step(card.status, card.event_date, "", ())
    nothing = Agreement("", "", (), None, (), None, None, None, (step,))
    return replace(
        nothing,
        title=one.document.title,
        parties=card.parties,
        instrument=card.instrument,
        topics=card.topics,
        status=card.status,
        place=card.place,
        event_date=card.event_date,
    )

"""Documents, their verdicts and their fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from storage.database.base import UNDATED
from storage.database.columns import clean_json
from storage.database.statements import IDS, for_all, hash_of, plain, put
from storage.documents.tables import (
    Bands,
    Documents,
    Matches,
    MatchKeys,
    MatchParties,
    MatchRules,
    MatchTopics,
    Texts,
)
from storage.documents.verdict_rows import party_codes, verdict_values
from storage.records import Document, Fingerprint, Judged, Verdict
from storage.register.block_keys import keys_of
from storage.register.corrections import as_added
from storage.register.decisions import pins, says
from storage.register.records import PinKind
from storage.register.tables import Pins

_DOCUMENTS, _TEXTS, _MATCHES, _BANDS = plain(Documents), plain(Texts), plain(Matches), plain(Bands)
_PARTIES, _TOPICS, _KEYS = plain(MatchParties), plain(MatchTopics), plain(MatchKeys)
_RULES = plain(MatchRules)
_PARTS = _DOCUMENTS.alias("parts")
_HAS_PARTS = exists().where(_PARTS.c.part_of == _DOCUMENTS.c.id)


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a document stands. `changed`: it was there, with another title or text. `is_cut`: it is a page whose parts
    are the reports."""

    document_id: int
    created: bool
    changed: bool
    is_cut: bool = False


def store(
    s: Session,
    judged: Judged,
    *,
    folded: str,
    quote: str,
    run_id: int | None,
    now: datetime,
    page_id: int | None = None,
    is_cut: bool = False,
) -> Stored:
    """Keep a judged document, once: found again by external id, else URL (as given), else text hash.

    `folded` is the title and text folded, for search; `quote` the sentence that shows best what it reports.
    What is there already is left alone, except that gaps in it are filled and a changed text replaces it.
    A part of a page (`page_id`) is found by its text alone. A page that is cut into parts is itself no report.
    """
    document = judged.document
    found = (
        _find_part(s, page_id, judged.fingerprint)
        if page_id
        else find(s, document, judged.fingerprint)
    )
    is_cut = is_cut or (found is not None and found.is_cut)
    if found is None:
        document_id = _insert(s, judged, run_id, now, page_id)
        _write_text(s, document_id, document.text, folded)
        created, changed, stale = True, False, True
    else:
        document_id, created = found.id, False
        changed = (found.text_hash, found.title) != (judged.fingerprint.text_hash, document.title)
        stale = _bring_up_to_date(s, found, judged, changed, now)
        if changed or found.pruned:
            _write_text(s, document_id, document.text, folded)
    if stale:
        write = _write_verdict if created else replace_verdict
        verdict = (
            replace(judged.verdict, relevant=False, near_miss=False) if is_cut else judged.verdict
        )
        write(s, document_id, verdict, judged.fingerprint, judged.clues, quote=quote, now=now)
    return Stored(document_id, created, changed, is_cut)


def identity_of(document: Document, fingerprint: Fingerprint) -> str:
    """The key that keeps a document from being stored twice."""
    if document.external_id:
        return hash_of(f"id:{document.external_id}")
    if document.url:
        return hash_of(f"url:{document.url}")
    # Documents of nothing but a title share the hash of an empty text.
    title = "" if document.text.strip() else document.title
    return hash_of(f"text:{fingerprint.text_hash}:{title}")


def identity_of_part(page_id: int, text_hash: str) -> str:
    """The same of a part of a page: other parts of it stand at the same URL."""
    return hash_of(f"part:{page_id}:{text_hash}")


def replace_verdict(
    s: Session,
    document_id: int,
    verdict: Verdict,
    fingerprint: Fingerprint,
    clues: Sequence[str],
    *,
    quote: str = "",
    now: datetime,
) -> None:
    """Put this verdict in the place of the one before; the register is not touched here.

    A document that a curator added stays a report, whatever the verdict.
    """
    if s.scalar(select(says(document_id, PinKind.RELEVANT))):
        verdict = as_added(verdict, pins(s, [document_id]))
    for statement in _DELETE_KEYS:
        for_all(s, statement, [document_id])
    _write_verdict(s, document_id, verdict, fingerprint, clues, quote=quote, now=now)


def _write_verdict(
    s: Session,
    document_id: int,
    verdict: Verdict,
    fingerprint: Fingerprint,
    clues: Sequence[str],
    *,
    quote: str,
    now: datetime,
) -> None:
    if verdict.relevant:
        _insert_keys(s, document_id, verdict)
        _insert_rules(s, document_id, verdict)
        _insert_bands(s, document_id, fingerprint)
    values = verdict_values(verdict) | {
        "clues": clean_json(clues),
        "quote": quote,
        "judged_at": now,
    }
    values["voice"] = fingerprint.text_hash  # copies join it through `share_voice`
    values["happened_on"] = _happened_on(s, document_id, verdict) if verdict.relevant else None
    put(s, Matches, "document_id", values | {"document_id": document_id})


_DELETE_KEYS = tuple(
    delete(table).where(table.c.document_id.in_(IDS))
    for table in (_PARTIES, _KEYS, _TOPICS, _BANDS, _RULES)
)


def prune_unmatched(s: Session, before: datetime) -> int:
    """Remove the text of documents first seen before `before` that are neither relevant nor pinned; how many.

    Their address and hash stay, so that they are not fetched again.
    """
    others = select(Pins.other_document_id).where(Pins.other_document_id.is_not(None))
    old = (
        select(Documents.id)
        .join(Matches, Matches.document_id == Documents.id)
        .where(Documents.first_seen_at < before, Matches.relevant.is_(False))
        .where(Documents.id.not_in(select(Pins.document_id)), Documents.id.not_in(others))
        .where(
            ~exists().where(_PARTS.c.part_of == Documents.id)
        )  # the next version is compared with this one
    )
    result = s.execute(delete(Texts).where(Texts.document_id.in_(old)))
    return result.rowcount if isinstance(result, CursorResult) else 0


# --- storing, in parts --------------------------------------------------------------------------


def find(s: Session, document: Document, fingerprint: Fingerprint) -> Any:
    """What is known of a document that is stored already; None if it is not."""
    found = s.execute(_OF_IDENTITY, {"identity": identity_of(document, fingerprint)}).one_or_none()
    if found is not None or document.url is None:
        return found
    # A crawl meets what was imported under an id; an import names what was crawled before.
    same_url = _OF_URL if document.external_id is None else _OF_URL_WITHOUT_ID
    return s.execute(same_url, {"url_hash": hash_of(document.url)}).one_or_none()


def _find_part(s: Session, page_id: int, fingerprint: Fingerprint) -> Any:
    return s.execute(
        _OF_IDENTITY, {"identity": identity_of_part(page_id, fingerprint.text_hash)}
    ).one_or_none()


_KNOWN = (
    select(
        _DOCUMENTS.c.id,
        _DOCUMENTS.c.external_id,
        _DOCUMENTS.c.url,
        _DOCUMENTS.c.outlet,
        _DOCUMENTS.c.author,
        _DOCUMENTS.c.published_on,
        _DOCUMENTS.c.language,
        _DOCUMENTS.c.title,
        _DOCUMENTS.c.text_hash,
        _DOCUMENTS.c.first_seen_at,
        _TEXTS.c.document_id.is_(None).label("pruned"),
        _HAS_PARTS.label("is_cut"),
        func.coalesce(_MATCHES.c.relevant, False).label("relevant"),
    )
    .outerjoin(_TEXTS, _TEXTS.c.document_id == _DOCUMENTS.c.id)
    .outerjoin(_MATCHES, _MATCHES.c.document_id == _DOCUMENTS.c.id)
    .order_by(_DOCUMENTS.c.id)
    .limit(1)
)
_OF_IDENTITY = _KNOWN.where(_DOCUMENTS.c.identity == bindparam("identity"))
_OF_URL = _KNOWN.where(_DOCUMENTS.c.url_hash == bindparam("url_hash"))
_OF_URL_WITHOUT_ID = _OF_URL.where(_DOCUMENTS.c.external_id.is_(None))


def _insert(
    s: Session, judged: Judged, run_id: int | None, now: datetime, page_id: int | None
) -> int:
    document, text_hash = judged.document, judged.fingerprint.text_hash
    values = {
        "identity": identity_of_part(page_id, text_hash)
        if page_id
        else identity_of(document, judged.fingerprint),
        "part_of": page_id,
        "external_id": document.external_id,
        "url": document.url,
        "url_hash": hash_of(document.url) if document.url else None,
        "outlet": document.outlet,
        "source_id": document.source_id,
        "author": document.author,
        "kind": document.kind,
        "language": document.language,
        "title": document.title,
        "published_on": document.published_on,
        "dated_on": _dated_on(document.published_on, now),
        "listed_on": _listed_on(document.published_on, now),
        "text_hash": text_hash,
        "first_seen_at": now,
        "run_id": run_id,
    }
    return int(s.execute(_INSERT_DOCUMENT, values).scalar_one())


_INSERT_DOCUMENT = insert(_DOCUMENTS).returning(_DOCUMENTS.c.id)


def _dated_on(published_on: date | None, seen_at: datetime) -> date:
    """The day that says how fresh a document is; a date in the future is an error of the page."""
    seen_on = seen_at.date()
    return seen_on if published_on is None else min(published_on, seen_on)


def _listed_on(published_on: date | None, seen_at: datetime) -> date:
    """The day that lists sort by: the undated stand last, and a day in the future does not stay on top for years."""
    return UNDATED if published_on is None else _dated_on(published_on, seen_at)


def _bring_up_to_date(s: Session, found: Any, judged: Judged, changed: bool, now: datetime) -> bool:
    """Fill gaps; replace what differs where the text changed or an import says so. Whether to judge anew."""
    document = judged.document
    replacing = changed or document.external_id is not None
    values: dict[str, Any] = {}
    for name in ("external_id", "url", "outlet", "author", "published_on", "language"):
        old, new = getattr(found, name), getattr(document, name)
        if new is not None and new != old and (replacing or old is None):
            values[name] = new
    if changed:
        values |= {
            "title": document.title,
            "text_hash": judged.fingerprint.text_hash,
            "changed_at": now,
        }
    if "external_id" in values:
        values["identity"] = identity_of(document, judged.fingerprint)
    if "url" in values:
        values["url_hash"] = hash_of(values["url"])
    if "published_on" in values:
        values["dated_on"] = _dated_on(values["published_on"], found.first_seen_at)
        values["listed_on"] = _listed_on(values["published_on"], found.first_seen_at)
    if values:
        s.execute(update(Documents).where(Documents.id == found.id).values(values))
    return changed or "published_on" in values or "language" in values


def _write_text(s: Session, document_id: int, text: str, folded: str) -> None:
    put(s, Texts, "document_id", {"document_id": document_id, "text": text, "folded": folded})


def _happened_on(s: Session, document_id: int, verdict: Verdict) -> date | None:
    return verdict.card.event_date or s.scalar(_PUBLISHED_ON, {"document_id": document_id})


_PUBLISHED_ON = select(_DOCUMENTS.c.published_on).where(_DOCUMENTS.c.id == bindparam("document_id"))


def _insert_keys(s: Session, document_id: int, verdict: Verdict) -> None:
    codes = party_codes(verdict.card)
    if codes:
        rows = [
            {"party": code, "document_id": document_id, "taking_part": part}
            for code, part in codes.items()
        ]
        s.execute(_INSERT_PARTIES, rows)
        s.execute(
            _INSERT_KEYS,
            [{"key": key, "document_id": document_id} for key in sorted(keys_of(codes))],
        )
    if verdict.card.topics:
        s.execute(
            _INSERT_TOPICS,
            [{"topic": topic, "document_id": document_id} for topic in verdict.card.topics],
        )


def _insert_rules(s: Session, document_id: int, verdict: Verdict) -> None:
    if verdict.found_by:
        s.execute(
            _INSERT_RULES, [{"rule": rule, "document_id": document_id} for rule in verdict.found_by]
        )


def _insert_bands(s: Session, document_id: int, fingerprint: Fingerprint) -> None:
    bands = dict.fromkeys(fingerprint.bands)
    if bands:
        rows = [
            {"algorithm": fingerprint.algorithm, "band": band, "document_id": document_id}
            for band in bands
        ]
        s.execute(_INSERT_BANDS, rows)


_INSERT_RULES = insert(_RULES)
_INSERT_PARTIES, _INSERT_KEYS = insert(_PARTIES), insert(_KEYS)
_INSERT_TOPICS, _INSERT_BANDS = insert(_TOPICS), insert(_BANDS)

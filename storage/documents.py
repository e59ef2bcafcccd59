"""Documents, their verdicts and their fingerprints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage.columns import clean_json
from storage.records import Document, DocumentKind, Fingerprint, Judged, Verdict
from storage.tables import Bands, Documents, Matches, MatchParties, MatchTopics, Pins, Texts
from storage.verdicts import party_codes, verdict_values
from storage.writing import chunks, hash_of, upsert


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a document stands. `changed`: it was there, with another title or text."""

    document_id: int
    created: bool
    changed: bool


def store(s: Session, judged: Judged, *, folded: str, quote: str, run_id: int | None, now: datetime) -> Stored:
    """Keep a judged document, once: found again by external id, else URL (as given), else text hash.

    `folded` is the title and text folded, for search; `quote` the sentence that shows best what it reports.
    What is there already is left alone, except that gaps in it are filled and a changed text replaces it.
    """
    document = judged.document
    found = _find(s, document, judged.fingerprint)
    if found is None:
        document_id = _insert(s, judged, run_id, now)
        _write_text(s, document_id, document.text, folded)
        created, changed, stale = True, False, True
    else:
        document_id, created = found.id, False
        changed = (found.text_hash, found.title) != (judged.fingerprint.text_hash, document.title)
        stale = _bring_up_to_date(s, found, judged, changed, now)
        if changed or found.pruned:
            _write_text(s, document_id, document.text, folded)
    if stale:
        replace_verdict(s, document_id, judged.verdict, judged.fingerprint, judged.clues, quote=quote, now=now)
    return Stored(document_id, created, changed)


def identity_of(document: Document, fingerprint: Fingerprint) -> str:
    """The key that keeps a document from being stored twice."""
    if document.external_id:
        return hash_of(f"id:{document.external_id}")
    if document.url:
        return hash_of(f"url:{document.url}")
    # Documents of nothing but a title share the hash of an empty text.
    title = "" if document.text.strip() else document.title
    return hash_of(f"text:{fingerprint.text_hash}:{title}")


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
    """Put this verdict in the place of the one before; the register is not touched here."""
    for table in (MatchParties, MatchTopics, Bands):
        s.execute(delete(table).where(table.document_id == document_id))
    if verdict.relevant:
        _insert_keys(s, document_id, verdict)
        _insert_bands(s, document_id, fingerprint)
    values = verdict_values(verdict) | {"clues": clean_json(clues), "quote": quote, "judged_at": now}
    values["voice"] = fingerprint.text_hash  # copies join it through `share_voice`
    values["happened_on"] = _happened_on(s, document_id, verdict) if verdict.relevant else None
    statement = upsert(s, Matches).values(document_id=document_id, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_=values))


def near_duplicates(
    s: Session, fingerprint: Fingerprint, language: str, document_id: int | None = None
) -> dict[int, int]:
    """Relevant documents that may be copies of this text: id -> shared bands, most first; not `document_id` itself.

    A shared band is a hint; whether two texts are copies is for the caller to measure.
    """
    if not fingerprint.bands:
        return {}
    shared = func.count().label("shared")
    same_bands = (Bands.algorithm == fingerprint.algorithm) & Bands.band.in_(fingerprint.bands)
    found = (
        select(Bands.document_id, shared)
        .join(Documents, Documents.id == Bands.document_id)
        .where(same_bands, Documents.language == language)
        .group_by(Bands.document_id)
        .order_by(shared.desc(), Bands.document_id)
    )
    return {row.document_id: row.shared for row in s.execute(found) if row.document_id != document_id}


def voices(s: Session, document_ids: Collection[int]) -> dict[int, str]:
    """The voice of each of these documents; copies of one text share theirs."""
    found: dict[int, str] = {}
    for chunk in chunks(document_ids):
        rows = select(Matches.document_id, Matches.voice).where(Matches.document_id.in_(chunk))
        found |= {row.document_id: row.voice for row in s.execute(rows)}
    return found


def share_voice(s: Session, document_ids: Collection[int]) -> None:
    """Make these documents, and all that share a voice with one of them, one voice.

    It is the smallest text hash among them, so the order in which copies arrive does not matter.
    """
    joined = set(voices(s, document_ids).values())
    if len(joined) > 1:
        voice = min(joined)
        s.execute(update(Matches).where(Matches.voice.in_(joined - {voice})).values(voice=voice))


def load_judgeable(s: Session, ids: Collection[int] | None = None, batch: int = 200) -> Iterator[tuple[int, Document]]:
    """Every document whose text is still kept (or those of `ids`), by id; `batch` rows are read at a time.

    Rows may be written between two of them.
    """
    if ids is not None:
        for chunk in chunks(sorted(ids), batch):
            yield from map(_judgeable, s.execute(_judgeables().where(Documents.id.in_(chunk))))
        return
    last = 0
    while rows := s.execute(_judgeables().where(Documents.id > last).limit(batch)).all():
        yield from map(_judgeable, rows)
        last = rows[-1].id


def prune_unmatched(s: Session, before: datetime) -> int:
    """Remove the text of documents first seen before `before` that are neither relevant nor pinned; how many.

    Their address and hash stay, so that they are not fetched again.
    """
    pinned = select(Pins.document_id)
    old = (
        select(Documents.id)
        .join(Matches, Matches.document_id == Documents.id)
        .where(Documents.first_seen_at < before, Matches.relevant.is_(False), Documents.id.not_in(pinned))
    )
    result = s.execute(delete(Texts).where(Texts.document_id.in_(old)))
    return result.rowcount if isinstance(result, CursorResult) else 0


# --- storing, in parts --------------------------------------------------------------------------


def _find(s: Session, document: Document, fingerprint: Fingerprint) -> Any:
    columns = (
        Documents.id,
        Documents.external_id,
        Documents.url,
        Documents.outlet,
        Documents.author,
        Documents.published_on,
        Documents.language,
        Documents.title,
        Documents.text_hash,
        Documents.first_seen_at,
        Texts.document_id.is_(None).label("pruned"),
    )
    known = select(*columns).outerjoin(Texts, Texts.document_id == Documents.id).order_by(Documents.id).limit(1)
    found = s.execute(known.where(Documents.identity == identity_of(document, fingerprint))).one_or_none()
    if found is not None or document.url is None:
        return found
    # A crawl meets what was imported under an id; an import names what was crawled before.
    same_url = known.where(Documents.url_hash == hash_of(document.url))
    if document.external_id is not None:
        same_url = same_url.where(Documents.external_id.is_(None))
    return s.execute(same_url).one_or_none()


def _insert(s: Session, judged: Judged, run_id: int | None, now: datetime) -> int:
    document = judged.document
    values = {
        "identity": identity_of(document, judged.fingerprint),
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
        "text_hash": judged.fingerprint.text_hash,
        "first_seen_at": now,
        "run_id": run_id,
    }
    return s.execute(insert(Documents).values(values).returning(Documents.id)).scalar_one()


def _dated_on(published_on: date | None, seen_at: datetime) -> date:
    """The day that lists sort by; a date in the future is an error of the page, and would stay on top for years."""
    seen_on = seen_at.date()
    return seen_on if published_on is None else min(published_on, seen_on)


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
        values |= {"title": document.title, "text_hash": judged.fingerprint.text_hash, "changed_at": now}
    if "external_id" in values:
        values["identity"] = identity_of(document, judged.fingerprint)
    if "url" in values:
        values["url_hash"] = hash_of(values["url"])
    if "published_on" in values:
        values["dated_on"] = _dated_on(values["published_on"], found.first_seen_at)
    if values:
        s.execute(update(Documents).where(Documents.id == found.id).values(values))
    return changed or "published_on" in values or "language" in values


def _write_text(s: Session, document_id: int, text: str, folded: str) -> None:
    values = {"text": text, "folded": folded}
    statement = upsert(s, Texts).values(document_id=document_id, **values)
    s.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_=values))


def _happened_on(s: Session, document_id: int, verdict: Verdict) -> date | None:
    published_on = select(Documents.published_on).where(Documents.id == document_id)
    return verdict.card.event_date or s.scalar(published_on)


def _insert_keys(s: Session, document_id: int, verdict: Verdict) -> None:
    parties = party_codes(verdict.card).items()
    if parties:
        rows = [{"party": code, "document_id": document_id, "taking_part": part} for code, part in parties]
        s.execute(insert(MatchParties), rows)
    if verdict.card.topics:
        s.execute(insert(MatchTopics), [{"topic": topic, "document_id": document_id} for topic in verdict.card.topics])


def _insert_bands(s: Session, document_id: int, fingerprint: Fingerprint) -> None:
    bands = dict.fromkeys(fingerprint.bands)
    if bands:
        rows = [{"algorithm": fingerprint.algorithm, "band": band, "document_id": document_id} for band in bands]
        s.execute(insert(Bands), rows)


def _judgeables() -> Select[*tuple[Any, ...]]:
    columns = (
        Documents.id,
        Documents.title,
        Texts.text,
        Documents.language,
        Documents.published_on,
        Documents.url,
        Documents.outlet,
        Documents.external_id,
        Documents.author,
        Documents.kind,
        Documents.source_id,
    )
    return select(*columns).join(Texts, Texts.document_id == Documents.id).order_by(Documents.id)


def _judgeable(row: Any) -> tuple[int, Document]:
    fields = row._asdict()
    document_id = fields.pop("id")
    return document_id, Document(**fields | {"kind": DocumentKind(row.kind)})

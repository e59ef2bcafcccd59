"""Storing documents with their texts, versions, verdicts and fingerprints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, func, insert, select

from storage.addresses import key_of, site_of
from storage.database import sql
from storage.database.columns import UNDATED
from storage.database.session import Session
from storage.documents.site_bands import band_keys, note_all_bands
from storage.documents.tables import Documents, Matches, Texts, Version
from storage.documents.verdicts import replace_verdict, write_verdicts
from storage.records import Document, Fingerprint, Judged
from storage.register.tables import Pins

_PARTS = sql.plain(Documents).alias("parts")
_HAS_PARTS = exists().where(_PARTS.c.part_of == Documents.id)


@dataclass(frozen=True, slots=True)
class Stored:
    """The outcome of storing a document. `changed` means that it was stored before with another
    title or text, `before` what its text was if it is known; `is_cut`, that it is a page whose
    parts are the reports.
    """

    document_id: int
    created: bool
    changed: bool
    is_cut: bool = False
    before: str | None = None


class Origin(NamedTuple):
    """How a document came: when, by which run, and of which page it is a part."""

    at: datetime
    run_id: int | None = None
    page_id: int | None = None


def store(s: Session, judged: Judged, origin: Origin, *, is_cut: bool = False) -> Stored:
    """Store a judged document once.

    A document that is stored already is found by its external id, else the key of its URL, else the
    hash of its text; a part of a page by its text alone. It is left as it is, except
    that gaps are filled, and that a changed text replaces the old one. A page that is cut into
    parts (`is_cut`) is not a report itself.
    """
    row = _stored_before(s, judged, origin.page_id)
    is_cut = is_cut or (row is not None and row.is_cut)
    if is_cut:
        judged = replace(judged, verdict=judged.verdict.silenced())
    if row is None:
        (stored,) = store_new(s, [judged], origin)
        return replace(stored, is_cut=is_cut)
    now_known = (judged.fingerprint.text_hash, judged.document.title)
    changed = (row.text_hash, row.title) != now_known
    before = store_version(s, row.id) if changed else None
    stale = _bring_up_to_date(s, row, judged, changed, origin.at)
    if changed or row.pruned:
        text, folded = judged.document.text, judged.folded
        sql.put(s, Texts, document_id=row.id, text=text, folded=folded)
    if stale:
        replace_verdict(s, row.id, judged.judgement, judged.fingerprint, origin.at)
    return Stored(row.id, False, changed, is_cut, before)


def store_new(
    s: Session, judged: Sequence[Judged], origin: Origin, *, bands: bool = False
) -> list[Stored]:
    """Store new documents, a statement a table. `bands`: with what near copies are found by."""
    rows = [_values(one, origin) for one in judged]
    inserted = s.execute(_INSERT_DOCUMENTS, rows)
    id_of = {row.identity: row.id for row in inserted}
    numbered = [(id_of[row["identity"]], one) for row, one in zip(rows, judged, strict=True)]
    texts = [
        {"document_id": number, "text": one.document.text, "folded": one.folded}
        for number, one in numbered
    ]
    sql.put_all(s, Texts, texts)
    write_verdicts(s, numbered, origin.at)
    if bands:
        keys = (
            (number, band_keys(site_of(one.document.url or ""), one.fingerprint))
            for number, one in numbered
        )
        note_all_bands(s, keys, origin.at)
    return [Stored(number, created=True, changed=False) for number, _ in numbered]


def identity_of(document: Document, fingerprint: Fingerprint) -> str:
    """Return the key by which a document is found again, so that it is stored once."""
    if document.external_id:
        return sql.hash_of(f"id:{document.external_id}")
    if document.url:
        return sql.hash_of(f"url:{key_of(document.url)}")
    # Documents that have only a title share the hash of the empty text.
    title = "" if document.text.strip() else document.title
    return sql.hash_of(f"text:{fingerprint.text_hash}:{title}")


def identity_of_part(page_id: int, text_hash: str) -> str:
    """The key for a part of a page, which shares its URL with the other parts."""
    return sql.hash_of(f"part:{page_id}:{text_hash}")


def prune_unmatched(s: Session, before: datetime) -> int:
    """Delete the texts of irrelevant documents first seen before `before`; return how many. The
    texts of documents that a decision names or that are to be reviewed stay, and so do pages with
    parts, since the next version of a page is compared with this one. The URL and hash of a
    document stay, so that it is not fetched again.
    """
    others = select(Pins.other_document_id).where(Pins.other_document_id.is_not(None))
    old = (
        select(Documents.id)
        .join(Matches, Matches.document_id == Documents.id)
        .where(Documents.first_seen_at < before)
        .where(Matches.relevant.is_(False), Matches.near_miss.is_(False))
        .where(Documents.id.not_in(select(Pins.document_id)), Documents.id.not_in(others))
        .where(~exists().where(_PARTS.c.part_of == Documents.id))
    )
    sql.remove(s, Version, Version.document_id.in_(old))
    return sql.remove(s, Texts, Texts.document_id.in_(old))


# --- storing, in parts --------------------------------------------------------------------------


def find(s: Session, document: Document, fingerprint: Fingerprint) -> Any:
    """Return the row of a document that is stored already; None if it is not."""
    row = s.execute(_OF_IDENTITY, {"identity": identity_of(document, fingerprint)}).one_or_none()
    if row is not None or document.url is None:
        return row
    # A crawl may find a document that was imported under an id, and an import one that was crawled.
    same_url = _OF_URL if document.external_id is None else _OF_URL_WITHOUT_ID
    return s.execute(same_url, {"url_hash": sql.hash_of(key_of(document.url))}).one_or_none()


def find_copy(s: Session, document: Document, fingerprint: Fingerprint) -> Any:
    """Return the row of a document with the very same text on the same site; None for none. A site
    publishes a text again under another headline or address. The same notice of another week is a
    document of its own.
    """
    site = site_of(document.url or "")
    if not site:
        return None
    for row in s.execute(_OF_TEXT, {"text_hash": fingerprint.text_hash}):
        if site_of(row.url) == site and _is_same_week(row.published_on, document.published_on):
            return row
    return None


def _is_same_week(one: date | None, other: date | None) -> bool:
    return one is None or other is None or abs(one - other) < timedelta(days=7)


def _stored_before(s: Session, judged: Judged, page_id: int | None) -> Any:
    if page_id is None:
        return find(s, judged.document, judged.fingerprint)
    return s.execute(_OF_IDENTITY, {"identity": _identity(judged, page_id)}).one_or_none()


def _identity(judged: Judged, page_id: int | None) -> str:
    if page_id is None:
        return identity_of(judged.document, judged.fingerprint)
    return identity_of_part(page_id, judged.fingerprint.text_hash)


_KNOWN = (
    select(
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
        _HAS_PARTS.label("is_cut"),
        func.coalesce(Matches.relevant, False).label("relevant"),
    )
    .outerjoin(Texts, Texts.document_id == Documents.id)
    .outerjoin(Matches, Matches.document_id == Documents.id)
    .order_by(Documents.id)
    .limit(1)
)
_OF_IDENTITY = _KNOWN.where(Documents.identity == bindparam("identity"))
_OF_URL = _KNOWN.where(Documents.url_hash == bindparam("url_hash"))
_OF_TEXT = _KNOWN.where(
    Documents.text_hash == bindparam("text_hash"),
    Documents.url.is_not(None),
    Documents.part_of.is_(None),
).limit(50)
_OF_URL_WITHOUT_ID = _OF_URL.where(Documents.external_id.is_(None))


def _values(judged: Judged, origin: Origin) -> dict[str, Any]:
    document, now = judged.document, origin.at
    return {name: getattr(document, name) for name in _SAME_NAME} | {
        "identity": _identity(judged, origin.page_id),
        "part_of": origin.page_id,
        "url_hash": sql.hash_of(key_of(document.url)) if document.url else None,
        "dated_on": _dated_on(document.published_on or document.seen_on, now),
        "listed_on": _listed_on(document.published_on, now),
        "text_hash": judged.fingerprint.text_hash,
        "first_seen_at": now,
        "run_id": origin.run_id,
    }


# The columns of a document that have the names of its fields.
_SAME_NAME = [
    column.name for column in sql.plain(Documents).columns if hasattr(Document, column.name)
]
_INSERT_DOCUMENTS = insert(Documents).returning(Documents.id, Documents.identity)


def _dated_on(published_on: date | None, seen_at: datetime) -> date:
    """Return the day by which a document counts as new. A future date is an error of the page."""
    seen_on = seen_at.date()
    return seen_on if published_on is None else min(published_on, seen_on)


def _listed_on(published_on: date | None, seen_at: datetime) -> date:
    """Return the day that lists sort by: undated documents come last."""
    return UNDATED if published_on is None else _dated_on(published_on, seen_at)


def _bring_up_to_date(s: Session, row: Any, judged: Judged, changed: bool, now: datetime) -> bool:
    """Fill gaps, replace what changed or is imported; whether it has to be judged again."""
    document = judged.document
    replacing = changed or document.external_id is not None
    values: dict[str, Any] = {}
    for name in ("external_id", "url", "outlet", "author", "published_on", "language"):
        old, new = getattr(row, name), getattr(document, name)
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
        values["url_hash"] = sql.hash_of(key_of(values["url"]))
    if "published_on" in values:
        values["dated_on"] = _dated_on(values["published_on"], row.first_seen_at)
        values["listed_on"] = _listed_on(values["published_on"], row.first_seen_at)
    if values:
        sql.change(s, Documents, Documents.id == row.id, **values)
    return changed or "published_on" in values or "language" in values


def stored_under(s: Session, external_ids: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """Return the documents with these external ids, and whether each is relevant."""
    identities = {sql.hash_of(f"id:{id_}"): id_ for id_ in external_ids}
    rows = sql.rows_of(s, _OF_IDENTITIES, identities)
    return {identities[row.identity]: (row.id, bool(row.relevant)) for row in rows}


_OF_IDENTITIES = (
    select(Documents.identity, Documents.id, Matches.relevant)
    .outerjoin(Matches, Matches.document_id == Documents.id)
    .where(Documents.identity.in_(sql.IDS))
)


def stored_at(s: Session, url: str) -> int | None:
    same = select(func.min(Documents.id)).where(Documents.url_hash == sql.hash_of(key_of(url)))
    return s.execute(same).scalar_one()


def reports_of_source(s: Session, source_id: str) -> list[int]:
    statement = select(Documents.id).join(Matches, Matches.document_id == Documents.id)
    statement = statement.where(Documents.source_id == source_id, Matches.relevant.is_(True))
    return list(s.scalars(statement.order_by(Documents.id)))


def relevant_among(s: Session, document_ids: Iterable[int]) -> set[int]:
    is_relevant = Matches.relevant.is_(True)
    return sql.values_among(s, Matches.document_id, Matches.document_id, document_ids, is_relevant)


# --- versions of a document whose text changed ----------------------------------------------------

# A page that changes with each look would fill the disk; its first version and the last ones stay.
MOST_VERSIONS = 100


def store_version(s: Session, document_id: int) -> str | None:
    """Store the present text as a version and return it; None if retention deleted the text."""
    now = s.execute(_CURRENT.where(Documents.id == document_id)).one_or_none()
    if now is None:
        return None
    number = (s.scalar(_LAST.where(Version.document_id == document_id)) or 0) + 1
    seen_at = now.changed_at or now.first_seen_at
    version = Version(document_id, number, seen_at, now.title, now.text, now.text_hash)
    sql.add(s, Version, **asdict(version))
    too_many = Version.number.between(2, number - MOST_VERSIONS + 1)
    sql.remove(s, Version, Version.document_id == document_id, too_many)
    return version.text


def versions_of(s: Session, document_id: int) -> list[Version]:
    """Return the stored versions of a document, oldest first, and last the present one."""
    earlier = [Version(*row) for row in s.execute(_EARLIER, {"document_id": document_id})]
    now = s.execute(_CURRENT.where(Documents.id == document_id)).one_or_none()
    if now is None:
        return earlier
    number = earlier[-1].number + 1 if earlier else 1
    seen_at = now.changed_at if earlier and now.changed_at else now.first_seen_at
    return [*earlier, Version(document_id, number, seen_at, now.title, now.text, now.text_hash)]


_CURRENT = select(
    Documents.title, Documents.text_hash, Documents.first_seen_at, Documents.changed_at, Texts.text
).join(Texts, Texts.document_id == Documents.id)
_LAST = select(func.max(Version.number))
_EARLIER = (
    select(sql.plain(Version))
    .where(Version.document_id == bindparam("document_id"))
    .order_by(Version.number)
)

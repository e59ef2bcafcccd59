"""The lines of an installation's file as values. They come from outside: each field is checked, and
a line that cannot be what we wrote raises ConfigurationError with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from crawler.register.fingerprint import fingerprint
from scheduler.curated_fields import checked_field
from scheduler.curation import LONGEST_NAME
from scheduler.documents_file import document_of_row
from scheduler.words.lines import clean, line
from storage.asking import NewsKind
from storage.documents.verdict_rows import card_of
from storage.documents.versions import MOST_KEPT, Version
from storage.errors import AccordwatchError, ConfigurationError
from storage.languages import LANGUAGES
from storage.maintenance.handover import HandedAgreement, HandedDocument, HandedRow, ToldAs
from storage.records import Card, Document, DocumentKind
from storage.register.corrections import FIELDS
from storage.register.listed import is_listed, row_of
from storage.register.records import Decision, DecisionKind, NamedRow, Pin, PinKind
from storage.review.audit import Group
from storage.telling.persons import PREFIX
from storage.telling.told import STEP_NEWS

_NEWS = frozenset({STEP_NEWS, *NewsKind})
# Characters of a reason, or of who decided: nobody types more. Ids and keys, which we write
# ourselves, have a hundred at most.
_LONGEST_WORDS, _LONGEST_KEY = 2_000, 300
_LARGEST_ID = 2**53  # of numbers that JSON keeps
# What each kind of decision has to say of a document, so that it can be shown and undone.
_SAYS = {
    DecisionKind.MERGE: PinKind.MUST_LINK,
    DecisionKind.SPLIT: PinKind.CANNOT_LINK,
    DecisionKind.MOVE: PinKind.MUST_LINK,
    DecisionKind.CORRECT: PinKind.FIELD,
    DecisionKind.IRRELEVANT: PinKind.IRRELEVANT,
    DecisionKind.RELEVANT: PinKind.RELEVANT,
    DecisionKind.CONFIRM: PinKind.CONFIRMED,
    DecisionKind.RENAME: PinKind.NAME,
}
_LINKS = (PinKind.MUST_LINK, PinKind.CANNOT_LINK)
_OF_CARD = frozenset({*FIELDS, "event_date_basis"})

K = TypeVar("K", DocumentKind, DecisionKind, PinKind)


def handed_document(said: Mapping[str, Any], place: str) -> HandedDocument:
    """A document with its versions, its parts, and what was told of it."""
    return _document(said, place, is_part=False)


def _document(said: Mapping[str, Any], place: str, *, is_part: bool) -> HandedDocument:
    document = _as_document(said, place, is_part=is_part)
    fresh = said.get("fresh")
    parts = () if is_part else _objects(said, "parts", place)
    return HandedDocument(
        id=_number(said.get("id"), place),
        document=document,
        seen_at=_moment(said.get("seen_at"), place),
        fresh=fresh if isinstance(fresh, bool) else None,
        versions=tuple(
            _version(one, place) for one in _objects(said, "versions", place)[-MOST_KEPT:]
        ),
        told=tuple(_told(one, place) for one in _objects(said, "told", place)),
        parts=tuple(_document(one, place, is_part=True) for one in parts),
    )


def _as_document(said: Mapping[str, Any], place: str, *, is_part: bool) -> Document:
    row = {
        "id": said.get("external_id"),
        "title": said.get("title"),
        "text": said.get("text"),
        "published": said.get("published_on"),
        "outlet": said.get("outlet"),
        "source_url": said.get("url"),
    }
    document = document_of_row(row, place)
    language, source_id = said.get("language"), _short(said.get("source_id"), place)
    if is_listed(source_id):
        raise ConfigurationError(f"{place}: source_id: {source_id!r} is that of a list")
    seen_on = said.get("seen_on")
    return replace(
        document,
        language=language if language in LANGUAGES or language == "und" else document.language,
        author=line(said["author"], _LONGEST_KEY) if isinstance(said.get("author"), str) else None,
        kind=_one_of(DocumentKind, said.get("kind"), place),
        source_id=source_id,
        is_part=is_part,
        seen_on=_day(seen_on, place) if seen_on is not None else None,
    )


def _version(said: Mapping[str, Any], place: str) -> Version:
    title, text = said.get("title"), said.get("text")
    if not isinstance(title, str) or not isinstance(text, str):
        raise ConfigurationError(f"{place}: versions: one has no title or text")
    seen_at = _moment(said.get("seen_at"), place)
    return Version(0, seen_at, title, text, fingerprint(title, text).text_hash)


def _told(said: Mapping[str, Any], place: str) -> ToldAs:
    subscription, news = _short(said.get("subscription_id"), place), said.get("news")
    if not subscription or subscription.startswith(PREFIX) or news not in _NEWS:
        raise ConfigurationError(f"{place}: told: {subscription!r} and {news!r} are not known")
    detail = _short(said.get("detail"), place) or ""
    return ToldAs(subscription, str(news), detail, _moment(said.get("told_at"), place))


def handed_rows(said: Mapping[str, Any], place: str) -> list[HandedRow]:
    """The rows of a list about one agreement. Their fields are facts, not read from a text."""
    source_id = _short(said.get("list"), place)
    if not is_listed(source_id):
        raise ConfigurationError(f"{place}: list: {source_id!r} is not that of a list")
    return [_row(one, source_id, place) for one in _objects(said, "steps", place)]


def _row(said: Mapping[str, Any], source_id: str | None, place: str) -> HandedRow:
    document = _as_document({**said, "kind": DocumentKind.TEXT}, place, is_part=False)
    clues = tuple(str(one)[:_LONGEST_KEY] for one in _items(said, "clues", place))
    row = row_of(clues)
    external = document.external_id or ""
    if not external.startswith(f"{source_id}/") or row is None:
        raise ConfigurationError(f"{place}: is no row of the list {source_id!r}")
    return HandedRow(
        id=_number(said.get("id"), place),
        document=replace(document, source_id=source_id),
        text_hash=_short(said.get("text_hash"), place) or "",
        card=_checked_card(said.get("card"), place),
        clues=clues,
        quote=line(str(said.get("quote", "")), _LONGEST_WORDS),
        voice="",
        row=NamedRow(_short(said.get("row"), place) or "", _address(said.get("url"))),
    )


def _checked_card(said: object, place: str) -> Card:
    """A card each field of which a curator could have given."""
    try:
        kept = said if isinstance(said, dict) else {}
        card = card_of({key: value for key, value in kept.items() if key in _OF_CARD})
        for name in FIELDS:
            value = getattr(card, name)
            written = ",".join(value) if isinstance(value, tuple) else str(value or "")
            if written:
                checked_field(name, written)
    except (AccordwatchError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{place}: card: {error}") from error
    return card


def handed_decision(said: Mapping[str, Any], place: str, now: datetime) -> tuple[int, Decision]:
    """A decision and its number in the file. Its pins name documents as the file does."""
    kind = _one_of(DecisionKind, said.get("kind"), place)
    at = _moment(said.get("at"), place)
    undone_at = said.get("undone_at")
    found = Decision(
        kind=kind,
        pins=tuple(_pin(one, place) for one in _objects(said, "pins", place)),
        who=_words(said.get("who"), place),
        why=_words(said.get("why"), place),
        at=min(at, now),
        undone_at=None if undone_at is None else _moment(undone_at, place),
        undone_by=None if undone_at is None else _words(said.get("undone_by"), place),
    )
    _check_pins(found, place)
    return _number(said.get("id"), place), found


def _check_pins(decision: Decision, place: str) -> None:
    if decision.kind is DecisionKind.LIST:
        return
    needed, kinds = _SAYS[decision.kind], [pin.kind for pin in decision.pins]
    alone = decision.kind in (DecisionKind.CORRECT, DecisionKind.RENAME)
    if needed not in kinds or (alone and {*kinds} != {needed}):
        raise ConfigurationError(f"{place}: a decision {decision.kind!s} says nothing of its kind")


def _pin(said: Mapping[str, Any], place: str) -> Pin:
    kind = _one_of(PinKind, said.get("kind"), place)
    other = said.get("other")
    field, value = said.get("field"), said.get("value")
    if (kind in _LINKS) != (other is not None):
        raise ConfigurationError(f"{place}: a pin {kind!s} names one document too few or too many")
    return Pin(
        kind=kind,
        document_id=_number(said.get("document"), place),
        other_document_id=None if other is None else _number(other, place),
        field=str(field) if kind is PinKind.FIELD else None,
        value=_value(kind, field, value, place),
    )


def _value(kind: PinKind, field: object, value: object, place: str) -> str | None:
    """The value of a pin, as a curator could have given it."""
    written = value if isinstance(value, str) else ""
    try:
        if kind is PinKind.FIELD:
            return checked_field(str(field), written)
        if kind is PinKind.AUDIT:
            return Group(written)
    except (AccordwatchError, ValueError) as error:
        raise ConfigurationError(f"{place}: {error}") from error
    if kind is not PinKind.NAME:
        return None
    name = clean(written[: 4 * LONGEST_NAME])
    if not name or len(name) > LONGEST_NAME:
        raise ConfigurationError(f"{place}: a name has 1 to {LONGEST_NAME} characters")
    return name


def handed_agreement(said: Mapping[str, Any], place: str) -> HandedAgreement:
    """An agreement's id, title and documents, as the file numbers them."""
    return HandedAgreement(
        id=_short(said.get("id"), place) or "",
        title=line(str(said.get("title", "")), _LONGEST_WORDS),
        aliases=tuple(str(one)[:20] for one in _items(said, "aliases", place)),
        documents=tuple(_number(one, place) for one in _items(said, "documents", place)),
    )


# --- single values ------------------------------------------------------------------------------


def _items(said: Mapping[str, Any], key: str, place: str) -> list[Any]:
    found = said.get(key, [])
    if not isinstance(found, list):
        raise ConfigurationError(f"{place}: {key}: should be a list")
    return found


def _objects(said: Mapping[str, Any], key: str, place: str) -> list[dict[str, Any]]:
    found = _items(said, key, place)
    if not all(isinstance(one, dict) for one in found):
        raise ConfigurationError(f"{place}: {key}: should be a list of JSON objects")
    return found


def _number(value: object, place: str) -> int:
    if type(value) is not int or not 0 < value < _LARGEST_ID:
        raise ConfigurationError(f"{place}: a number of a document is missing")
    return value


def _moment(value: object, place: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigurationError(f"{place}: {str(value)[:40]!r} is not a moment") from error


def _day(value: object, place: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ConfigurationError(f"{place}: {str(value)[:40]!r} is not a day") from error


def _one_of(kinds: type[K], value: object, place: str) -> K:
    try:
        return kinds(str(value))
    except ValueError as error:
        raise ConfigurationError(f"{place}: {str(value)[:40]!r} is not a kind") from error


def _short(value: object, place: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_KEY or clean(value) != value:
        raise ConfigurationError(f"{place}: {str(value)[:40]!r} is too long, or no plain text")
    return value


def _words(value: object, place: str) -> str:
    found = line(value, _LONGEST_WORDS) if isinstance(value, str) else ""
    if not found:
        raise ConfigurationError(f"{place}: a decision has no author or no reason")
    return found


def _address(value: object) -> str | None:
    is_web = isinstance(value, str) and value.startswith(("http://", "https://"))
    return str(value)[:_LONGEST_WORDS] if is_web else None

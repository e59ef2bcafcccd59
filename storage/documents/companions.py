"""Documents of the same days that report something, or perhaps do: what corroboration looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, or_, select

from storage.database.session import Session
from storage.database.statements import columns_of, plain
from storage.documents.tables import Documents, Matches
from storage.documents.verdict_rows import card_of, verdict_of
from storage.records import Card, Verdict
from storage.register.decisions import says
from storage.register.records import PinKind

_MOST = 500  # a bulk import may put years of documents on one day


@dataclass(frozen=True, slots=True)
class Companion:
    """A document that is an alert, or waits for review, published within days of another one."""

    document_id: int
    relevant: bool
    probability: float
    card: Card
    outlet: str | None
    copy_group: str


def companions(
    s: Session, document_id: int, days: int, *, waiting_only: bool = False
) -> list[Companion]:
    """Return the documents published within `days` of a document, by id.

    They are judged, and nobody ruled them out. A document without a day has none. `waiting_only`
    leaves out what is an alert already, of which there may be hundreds.
    """
    day = s.scalar(_PUBLISHED_ON, {"document_id": document_id})
    if day is None:
        return []
    span = timedelta(days=days)
    asked = {"first": day - span, "last": day + span, "document_id": document_id}
    rows = s.execute(_WAITING if waiting_only else _CANDIDATES, asked)
    return [Companion(**row._asdict() | {"card": card_of(row.card)}) for row in rows]


_PUBLISHED_ON = select(Documents.published_on).where(Documents.id == bindparam("document_id"))
_BESIDE = (
    select(*columns_of(Companion, Matches, Documents))
    .join(Documents, Matches.document_id == Documents.id)
    .where(Documents.listed_on.between(bindparam("first"), bindparam("last")))
    .where(Documents.id != bindparam("document_id"), Matches.probability.is_not(None))
    .where(~says(Documents.id, PinKind.IRRELEVANT))
    .order_by(Documents.id)
    .limit(_MOST)
)
_WAITS = Matches.near_miss & ~Matches.relevant
_WAITING, _CANDIDATES = _BESIDE.where(_WAITS), _BESIDE.where(or_(Matches.relevant, _WAITS))


def stored_verdict(s: Session, document_id: int) -> tuple[Verdict, tuple[str, ...], str]:
    """Return the verdict on a stored document, with its clues and its quote."""
    match = s.execute(
        select(plain(Matches), Documents.language.label("language"))
        .join(Documents, Documents.id == Matches.document_id)
        .where(Matches.document_id == document_id)
    ).one()
    return verdict_of(match, match.language), tuple(match.clues), match.quote

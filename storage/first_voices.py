"""Who reported an agreement first, how long before the others, and where its text is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from storage.database.session import Session
from storage.documents.official import Official, host_of, official_among
from storage.register.decisions import rows_named
from storage.register.listed import is_listed
from storage.register.records import Agreement, FirstVoice, Heard, Lead
from storage.search.document_rows import DocumentRow, report_rows

_LIVE = timedelta(days=2)  # from the first moment of a day to the end of the next one
_HOUR = timedelta(hours=1)


def heard_of(
    s: Session, agreements: Sequence[Agreement], rows: Mapping[int, DocumentRow]
) -> dict[str, Heard]:
    """Return what was heard of each agreement, by its id. `rows` are its documents."""
    telling = {
        one.id: [rows[number] for number in one.document_ids if number in rows]
        for one in agreements
    }
    everything = [row for told in telling.values() for row in told]
    official = official_among(s, ((row.source_id, row.url) for row in everything))
    texts = {one.text_document_id for one in agreements if one.text_document_id}
    # A gazette may stand in an agreement of its own.
    found = {**rows, **report_rows(s, texts - rows.keys())}
    named = rows_named(s, texts)
    return {
        one.id: _heard(
            found.get(one.text_document_id or 0),
            first_voice(telling[one.id], official),
            named.get(one.text_document_id or 0),
        )
        for one in agreements
    }


def _heard(text: DocumentRow | None, voice: FirstVoice | None, named: Any) -> Heard:
    if text is None:
        return Heard(voice)
    return Heard(voice, named.url if named else text.url, text.published_on)


def first_voice(reports: Iterable[DocumentRow], official: Official) -> FirstVoice | None:
    """Return the first of the reports that tell a step; rows of lists are none."""
    published = sorted((row for row in reports if not is_listed(row.source_id)), key=_order)
    if not published:
        return None
    first = published[0]
    is_official = official.published(first.source_id, first.url)
    others = (row for row in published if _outlet(row).casefold() != _outlet(first).casefold())
    officials = (row for row in published if official.published(row.source_id, row.url))
    following, confirming = next(others, None), next(officials, None)
    return FirstVoice(
        document_id=first.id,
        outlet=_outlet(first),
        on=first.published_on,
        seen_at=first.first_seen_at,
        is_official=is_official,
        next=_lead(first, following) if following else None,
        official=_lead(first, confirming) if confirming and not is_official else None,
    )


def _order(row: DocumentRow) -> tuple[date, bool, float, int]:
    """By the day of publication, then by when they came in; what has no day is as old as that."""
    seen = row.first_seen_at
    day = row.published_on or (seen.date() if seen else date.max)
    return day, seen is None, seen.timestamp() if seen else 0.0, row.id


def _lead(first: DocumentRow, other: DocumentRow) -> Lead:
    one, two = first.published_on, other.published_on
    days = (two - one).days if one and two else None
    return Lead(other.id, _outlet(other), two, days, _hours(first, other))


def _hours(first: DocumentRow, other: DocumentRow) -> int | None:
    if first.first_seen_at is None or other.first_seen_at is None:
        return None
    if not (_came_in_live(first) and _came_in_live(other)):
        return None
    between = other.first_seen_at - first.first_seen_at
    return max(0, round(between / _HOUR))


def _came_in_live(row: DocumentRow) -> bool:
    if row.published_on is None or row.first_seen_at is None:
        return False
    began = row.first_seen_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return began.date() - row.published_on < _LIVE


def _outlet(row: DocumentRow) -> str:
    return (row.outlet or host_of(row.url or "")).removeprefix("www.")

"""Who reported an agreement first, how long before the others, and where its text is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from storage.addresses import is_gazette
from storage.database.session import Session
from storage.documents.official import Official, host_of, official_among
from storage.documents.tables import OfficialSources
from storage.records import TextState
from storage.register.decisions import rows_named, text_pins
from storage.register.entry import Agreement, Pin, PinKind, documents_of
from storage.register.list_rows import is_listed
from storage.search.document_rows import DocumentRow, report_rows
from storage.sources.tables import SourceDays

_LIVE = timedelta(days=2)  # from the first moment of a day to the end of the next one
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Lead:
    """How long the first report was before another one. Documents have a day of publication and no
    hour. `hours` is the time between the moments at which the two came in here; None unless both
    came in on the day after their publication at the latest, since the hours of what is read from
    an archive mean nothing.
    """

    document_id: int
    outlet: str
    on: date | None
    days: int | None
    hours: int | None


@dataclass(frozen=True, slots=True)
class FirstReport:
    """The first report of an agreement. `next` is that of the next outlet, `official` the first of
    an official source; None if there is none, or if the first one `is_official`. Only a report with
    a day of publication can be the first; one without a day stands behind those that have one.
    """

    document_id: int
    outlet: str
    on: date
    seen_at: datetime
    is_official: bool
    next: Lead | None
    official: Lead | None


Watched = tuple[tuple[date, tuple[str, ...]], ...]  # hosts that are watched, by the first day


@dataclass(frozen=True, slots=True)
class Provenance:
    """The first report of an agreement, None where it has no dated report; and its published
    text. Where that is missing, `watched` names the hosts that are watched for it, by the day since
    when; it is empty beside an official journal's own page on the agreement. `searched` are the
    searches of people: who, on which day, and where.
    """

    first_report: FirstReport | None = None
    text_url: str | None = None
    text_on: date | None = None
    watched: Watched = ()
    searched: tuple[tuple[str, date, str], ...] = ()


NO_PROVENANCE = Provenance()


def provenance_of(
    s: Session, agreements: Sequence[Agreement], rows: Mapping[int, DocumentRow]
) -> dict[str, Provenance]:
    """Who reported each agreement first and where its text is; `rows` are all their documents."""
    reports_of = {
        one.id: [rows[number] for number in one.document_ids if number in rows]
        for one in agreements
    }
    everything = (row for reports in reports_of.values() for row in reports)
    official = official_among(s, ((row.source_id, row.url) for row in everything))
    texts = {one.text_document_id for one in agreements if one.text_document_id}
    missing = {
        agreement.id
        for agreement in agreements
        if agreement.text_state is TextState.MISSING
        and not any(
            is_gazette(row.url) or official.has_texts(row.source_id, row.url)
            for row in reports_of[agreement.id]
        )
    }
    watched = _watched_for_texts(s) if missing else ()
    # A gazette may stand in an agreement of its own.
    all_rows = {**rows, **report_rows(s, texts - rows.keys())}
    named: dict[int, str | None] = {key: row.url for key, row in rows_named(s, texts).items()}
    pinned = text_pins(s, texts, PinKind.TEXT)
    named |= {document: pins[-1].value for document, pins in pinned.items()}
    documents = (number for one in agreements if one.id in missing for number in documents_of(one))
    searches = text_pins(s, documents, PinKind.SEARCHED)
    made = {}
    for agreement in agreements:
        text, is_missing = all_rows.get(agreement.text_document_id or 0), agreement.id in missing
        made[agreement.id] = Provenance(
            first_report(reports_of[agreement.id], official),
            text_url=named.get(text.id, text.url) if text else None,
            # Where a person gave the address of the text, nobody knows when it was published.
            text_on=text.published_on if text and text.id not in pinned else None,
            watched=watched if is_missing else (),
            searched=_searches_of(agreement, searches) if is_missing else (),
        )
    return made


def _searches_of(
    agreement: Agreement, searches: Mapping[int, Sequence[Pin]]
) -> tuple[tuple[str, date, str], ...]:
    found = (pin for number in documents_of(agreement) for pin in searches.get(number, ()))
    return tuple((pin.who, pin.at.date(), pin.value or "") for pin in found if pin.at)


def _watched_for_texts(s: Session) -> Watched:
    """The hosts of treaty series and official journals, by the day of their first answered poll."""
    since: dict[date, set[str]] = {}
    for row in s.execute(_FIRST_ANSWERS):
        if row.texts or is_gazette(f"https://{row.host}"):
            since.setdefault(row.since, set()).add(row.host)
    return tuple((day, tuple(sorted(hosts))) for day, hosts in sorted(since.items()))


_FIRST_ANSWERS = (
    select(OfficialSources.host, OfficialSources.texts, func.min(SourceDays.on).label("since"))
    .join(SourceDays, SourceDays.source_id == OfficialSources.source_id)
    .where(SourceDays.polls > SourceDays.polls_failed)
    .group_by(OfficialSources.source_id, OfficialSources.host, OfficialSources.texts)
)


def first_report(reports: Iterable[DocumentRow], official: Official) -> FirstReport | None:
    """The first of the reports of steps; None if none has a day of publication."""
    published = sorted((row for row in reports if not is_listed(row.source_id)), key=_order)
    if not published or (first := published[0]).published_on is None:
        return None
    is_official = official.published(first.source_id, first.url)
    others = (row for row in published if _outlet(row).casefold() != _outlet(first).casefold())
    officials = (row for row in published if official.published(row.source_id, row.url))
    following, confirming = next(others, None), next(officials, None)
    behind = _lead(first, following) if following else None
    sure = _lead(first, confirming) if confirming and not is_official else None
    facts = (first.id, _outlet(first), first.published_on, first.first_seen_at)
    return FirstReport(*facts, is_official, behind, sure)


def _order(row: DocumentRow) -> tuple[date, datetime, int]:
    """By the day of publication, what has none last; then by when they came in."""
    return row.published_on or date.max, row.first_seen_at, row.id


def _lead(first: DocumentRow, other: DocumentRow) -> Lead:
    day, two = first.published_on, other.published_on
    days = (two - day).days if day and two else None
    return Lead(other.id, _outlet(other), two, days, _hours(first, other))


def _hours(first: DocumentRow, other: DocumentRow) -> int | None:
    if not (_came_in_live(first) and _came_in_live(other)):
        return None
    between = other.first_seen_at - first.first_seen_at
    return max(0, round(between / _HOUR))


def _came_in_live(row: DocumentRow) -> bool:
    on = row.published_on
    return on is not None and row.first_seen_at.date() - on < _LIVE


def _outlet(row: DocumentRow) -> str:
    return (row.outlet or host_of(row.url or "")).removeprefix("www.")

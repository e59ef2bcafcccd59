"""Agreements of a list as documents, one for each step: what the register keeps of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.clues import Clues, RecalledDate
from crawler.extract.language import detect_language
from crawler.ingest.listing import RowOfList
from crawler.judgement.text.letters import fold_text
from crawler.register.fingerprint import fingerprint
from scheduler.lists.day_cells import ListedDay
from scheduler.lists.rows import STEPS, ListedAgreement
from scheduler.lists.twins import RowTwin
from scheduler.lists.words import plain
from scheduler.words.labels import labels_of
from scheduler.words.names import NameParts, name_of
from storage.records import (
    Card,
    DateBasis,
    Document,
    Fingerprint,
    Judged,
    Status,
    Verdict,
    Zone,
)
from storage.register.listed import LIST_SOURCE, ListRow

_KEY_BYTES = 8  # two of a hundred thousand rows share a key once in four billion lists
_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class ListName:
    """What a list is called: `id` in addresses, `name` for readers."""

    id: str
    name: str

    @property
    def source_id(self) -> str:
        return f"{LIST_SOURCE}{self.id}"


def key_of(row: ListedAgreement) -> str:
    """What identifies a row as long as its parties, kind, title and reference are the same. Days
    may be added to it and corrected.
    """
    first = "" if row.title or row.reference else ",".join(map(str, row.days.values()))
    facts = (",".join(row.parties), row.kind or "", plain(row.title), plain(row.reference), first)
    return hashlib.blake2b("\n".join(facts).encode(), digest_size=_KEY_BYTES).hexdigest()


def row_of_list(row: ListedAgreement, of: ListName, twin: RowTwin) -> RowOfList:
    """A row as it is stored. `twin` is the row that had its agreement first, or this one."""
    steps = tuple(_judged(row, of, twin, status) for status in _steps(row))
    statuses = (*STEPS.values(), None) if twin.nth > 1 else ()
    return RowOfList(steps, tuple(_external_id(of, twin.key, status) for status in statuses))


def _steps(row: ListedAgreement) -> tuple[Status | None, ...]:
    return tuple(row.days) or (None,)


def _judged(row: ListedAgreement, of: ListName, twin: RowTwin, status: Status | None) -> Judged:
    title, text = title_of(row), "\n".join(_lines(row, of))
    day = row.days[status] if status else None
    card = Card(
        parties=row.parties,
        instrument=row.kind,
        topics=row.topics,
        status=status,
        event_date=day.on if day else None,
        event_date_basis=DateBasis.TEXT if day and day.on else None,
        place=row.place if status is Status.SIGNED else None,
    )
    document = Document(
        title=title,
        text=text,
        language=detect_language(title, row.note or title, _ENGLISH),
        outlet=of.name,
        external_id=_external_id(of, twin.own_key, status),
        source_id=of.source_id,
    )
    return Judged(
        document=document,
        verdict=Verdict(True, 1.0, 1.0, document.language, card=card),
        # The steps of a row have texts of their own, and no bands: they are copies of nothing.
        fingerprint=Fingerprint(fingerprint(title, f"{text}\n{status}").text_hash),
        folded=fold_text(f"{title}\n{text}"),
        quote=f"{title} ({row.reference})" if row.reference else title,
        clues=(ListRow(of.id, twin.key).to_clue(), *_recalled(day).to_text()),
    )


def title_of(row: ListedAgreement) -> str:
    """The title of a row, else a name made of its facts."""
    if row.title:
        return row.title
    days = next(iter(row.days.values()), None)
    year = days.parts[0] if days else None
    return name_of(NameParts(row.parties, row.kind, row.topics, year, ""), labels_of(_ENGLISH))


def _external_id(of: ListName, key: str, status: Status | None) -> str:
    return f"{of.source_id}/{key}/{status or 'known'}"


def _recalled(day: ListedDay | None) -> Clues:
    """A month or year without a day is no day of a step, but reports may recall it."""
    if day is None or day.on is not None:
        return Clues()
    return Clues(dates=(RecalledDate(day.parts, Zone.TITLE, "any"),))


def _lines(row: ListedAgreement, of: ListName) -> Iterator[str]:
    """The text of a row: what a search finds it by, and a reader sees."""
    labels = labels_of(_ENGLISH)
    if row.note:
        yield row.note
    yield f"Parties: {labels.listed(labels.party(code) for code in row.parties)}."
    for status, day in row.days.items():
        at = f" ({row.place})" if row.place and status is Status.SIGNED else ""
        yield f"{labels.status(status, row.kind).capitalize()}: {day}{at}."
    if row.reference:
        yield f"Reference: {row.reference}."
    if row.url:
        yield f"Text: {row.url}"
    yield f"From the list “{of.name}”."

"""Saying of each agreement how sure it is and whether its text is published, when it is stored."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

from crawler.clues import PAPER, read_clues
from crawler.located_yaml import shipped_yaml
from crawler.register.grade import Grounds, confirmed, grounds_of
from storage.addresses import is_series
from storage.database.session import Database, Session
from storage.documents.official import clues_of, credits_of, is_noted, note_official
from storage.filter import Filter, Known
from storage.letters import fold_text
from storage.notifications.outbox import queue_changes
from storage.queries import agreement_pages, texts_of
from storage.queries import agreements as agreements_of
from storage.records import Grade, NewsKind, Source, Status, TextState
from storage.register.agreements import load_agreements, number, published_of, restamp
from storage.register.decisions import pins, rows_named, text_pins
from storage.register.records import (
    SIGNED_STATUSES,
    Agreement,
    Credit,
    NamedRow,
    Pin,
    PinKind,
    Report,
    documents_of,
)
from storage.register.saving import Change, set_vouched
from storage.review.review_queue import answers_to_alerts
from storage.subscription import Subscription


def with_grades(
    s: Session,
    agreements: Sequence[Agreement],
    reports: Iterable[Report],
    known_pins: Sequence[Pin],
) -> list[Agreement]:
    """Return agreements just partitioned, with grade, published text and key of the place."""
    keys: dict[str, str] = {}
    for report in reports:
        place, key = report.card.place, report.card.place_key
        if place and key:
            keys[place] = min(key, keys.get(place, key))
    return [
        replace(one, place_key=keys.get(one.place or ""))
        for one in _looked_at(s, agreements, known_pins)
    ]


def why_certain(s: Session, agreements: Sequence[Agreement]) -> dict[str, Grounds]:
    """Return why each of these agreements has its grade, by its id."""
    known_pins = pins(s, set().union(*map(documents_of, agreements)))
    credits = _credits(s, agreements, known_pins)
    return {one.id: grounds_of(one, credits) for one in agreements}


# The source of an alert that a person answered, the grade that its entry had without persons, and
# whether the alert is right.
AnsweredAlert = tuple[str, Grade, bool]


def answered_alerts(s: Session) -> list[AnsweredAlert]:
    answers = answers_to_alerts(s)
    ids = {f"A{entry}" for _, _, entry, _ in answers if entry is not None}
    entries = {one.id: one for one in load_agreements(s, map(number, sorted(ids)))}
    held = {id: set(documents_of(one)) for id, one in entries.items()}
    keys = {number: f"A{entry or f'D{number}'}" for number, _, entry, _ in answers}
    for document_id, key in keys.items():
        held.setdefault(key, set()).add(document_id)  # what was ruled out has left its entry
    credits = credits_of(s, set().union(*held.values()))
    grades = {
        key: grounds_of(Agreement("", "", mentions=tuple(sorted(found))), credits).grade
        for key, found in held.items()
    }
    return [(source, grades[keys[number]], is_right) for number, source, _, is_right in answers]


def note_sources(
    database: Database,
    sources: Collection[Source],
    subscriptions: Sequence[Subscription],
    *,
    now: datetime,
    max_age_days: int,
) -> None:
    """Let the database know which sources are official. Where that has changed, look at the whole
    register again, and queue what became surer.
    """
    with database.read() as s:
        if is_noted(s, sources):
            return
    with database.begin() as s:
        note_official(s, sources)
        changes = [
            change
            for page in agreement_pages(s, Filter(known=Known.YES))
            for change in _look_again(s, page, now)
        ]
        published = Filter(known=Known.YES, texts=(TextState.PUBLISHED,))
        for page in list(agreement_pages(s, published)):
            changes += share_texts(s, page, now)
        restamp(s)  # what is shown may have changed, even where no step says so
        queue_changes(s, subscriptions, changes, now=now, max_age_days=max_age_days)


def share_texts(s: Session, agreements: Sequence[Agreement], now: datetime) -> list[Change]:
    """Give texts of agreements just stored to others of their parties that miss theirs."""
    found = {one.parties for one in agreements if one.text_document_id and one.parties}
    blocks = (
        agreements_of(s, Filter(known=Known.YES, parties=parties, texts=(TextState.MISSING,)))
        for parties in sorted(found)
    )
    return [change for block in blocks if block for change in _look_again(s, block, now)]


def _look_again(s: Session, page: Sequence[Agreement], now: datetime) -> Iterator[Change]:
    known_pins = pins(s, set().union(*map(documents_of, page)))
    for before, after in zip(page, _looked_at(s, page, known_pins), strict=True):
        if before != after:
            set_vouched(s, after, now)
            yield from (Change(after, NewsKind.NEW_REPORT, step, ()) for step in after.history)


def _looked_at(
    s: Session, agreements: Sequence[Agreement], known_pins: Collection[Pin]
) -> list[Agreement]:
    credits = _credits(s, agreements, known_pins)
    texts = _texts(s, agreements, credits, known_pins)
    graded = []
    for one, (state, document_id) in zip(agreements, texts, strict=True):
        why = grounds_of(one, credits)
        one = replace(one, grade_basis=why.basis, grade_by=why.who, grade_at=why.at)
        graded.append(replace(one, text_state=state, text_document_id=document_id))
    return _with_texts_of_others(s, graded)


def _with_texts_of_others(s: Session, agreements: Sequence[Agreement]) -> list[Agreement]:
    """Give the agreements without a text one that stands in another agreement of its parties."""
    missing = {one.parties for one in agreements if one.text_state is TextState.MISSING}
    if not missing:
        return list(agreements)
    own = set[int]().union(*map(documents_of, agreements))
    stored = published_of(s, missing)
    others = [one for one in stored if one.text_document_id not in own]
    having = [one for one in (*agreements, *others) if one.parties in missing]
    numbers = {one.text_document_id for one in having if one.text_document_id}
    # An address that a person attached is the text of one agreement: its document only reports it.
    printing = numbers - text_pins(s, numbers, PinKind.TEXT).keys()
    clues = clues_of(s, printing)
    texts = [
        (one, _days_named(clues.get(one.text_document_id or 0, ())))
        for one in having
        if one.text_document_id in printing
    ]
    return [
        _with_text_among(one, texts) if one.text_state is TextState.MISSING else one
        for one in agreements
    ]


def _credits(
    s: Session, agreements: Sequence[Agreement], known_pins: Collection[Pin]
) -> Mapping[int, Credit]:
    documents = set[int]().union(*map(documents_of, agreements))
    return confirmed(credits_of(s, documents), known_pins)


def _texts(
    s: Session,
    agreements: Sequence[Agreement],
    credits: Mapping[int, Credit],
    known_pins: Collection[Pin],
) -> list[FoundText]:
    wanted = {document for one in agreements for document in to_be_read(one, credits)}
    listed = {document for one in agreements for document in one.listed}
    texts, rows = texts_of(s, wanted), rows_named(s, listed)
    papers = {number for number, clues in clues_of(s, wanted).items() if PAPER in clues}
    given = [pin.document_id for pin in known_pins if pin.kind is PinKind.TEXT]
    return [
        (TextState.PUBLISHED, here[-1])  # what was attached last
        if (here := [one for one in given if one in documents_of(agreement)])
        else text_of(agreement, credits, texts, rows, papers)
        for agreement in agreements
    ]


# --- which document is the text of an agreement ---------------------------------------------------

_FILE = Path(__file__).with_name("papers.yaml")
_LEAST_PROVISIONS = 2  # a press release may quote one article
# What a page of a treaty series has to report to be the text: it also has pages on talks.
_WITH_TEXT = SIGNED_STATUSES | {Status.CONCLUDED}


# Whether the text of an agreement is published, and the document that is the text.
FoundText = tuple[TextState | None, int | None]


def to_be_read(agreement: Agreement, credits: Mapping[int, Credit]) -> Iterator[int]:
    """Yield the documents whose texts `text_of` needs: official ones of a signature or later."""
    for credit in _signing_credits(agreement, credits):
        if credit.official and not credit.is_text_place and not credit.listed:
            yield credit.document_id


def text_of(
    agreement: Agreement,
    credits: Mapping[int, Credit],
    texts: Mapping[int, str],
    rows: Mapping[int, NamedRow],
    papers: Collection[int] = (),
) -> FoundText:
    """Return the published text of an agreement, the one that was published first. `texts` are
    those of the documents of `to_be_read`, `papers` those of them that end as a treaty does; `rows`
    are the rows of lists that documents were made of, whose address may lead to the text.
    """
    found = [
        credit
        for credit in _signing_credits(agreement, credits)
        if credit.is_text_place
        or (
            credit.listed and credit.document_id in rows and is_series(rows[credit.document_id].url)
        )
        or (
            credit.document_id in texts
            and (credit.document_id in papers or is_paper(credit.title, texts[credit.document_id]))
        )
    ]
    if found:
        first = min(found, key=lambda one: (one.published_on or date.max, one.document_id))
        return TextState.PUBLISHED, first.document_id
    return TextState.MISSING if agreement.is_signed else None, None


def _days_named(clues: Iterable[str]) -> frozenset[date]:
    """Return the days that a text names of the agreement that it is, by its clues."""
    named = (one for one in read_clues(clues).dates if len(one.parts) == 3 and not one.other)
    return frozenset(date(*one.parts) for one in named)


def _with_text_among(
    agreement: Agreement, texts: Iterable[tuple[Agreement, frozenset[date]]]
) -> Agreement:
    """Return an agreement with the text that stands in another one, as of a gazette that prints it
    months later: of the same parties, a common topic if any is known, and naming the very day of
    the signature.
    """
    signed = {step.on for step in agreement.history if step.status in _WITH_TEXT and step.on}
    for other, days in texts:
        topics = set(agreement.topics), set(other.topics)
        is_other = all(topics) and topics[0].isdisjoint(topics[1])
        if other.parties == agreement.parties and signed & days and not is_other:
            number = other.text_document_id
            return replace(agreement, text_state=TextState.PUBLISHED, text_document_id=number)
    return agreement


def is_paper(title: str, text: str) -> bool:
    """Whether a document is the text of an agreement: it has the formula that ends a preamble, and
    numbered provisions; or its headline says that the text is printed here.
    """
    (formulas, headlines, provision), headline = _words(), fold_text(title)
    if any(f" {phrase} " in headline for phrase in headlines):
        return True
    folded = fold_text(text)
    if not any(f" {phrase} " in folded for phrase in formulas):
        return False
    return len(set(provision.findall(folded))) >= _LEAST_PROVISIONS


def _signing_credits(agreement: Agreement, credits: Mapping[int, Credit]) -> Iterator[Credit]:
    """Yield the documents of the steps that have a text; mentions may be of another one."""
    for step in agreement.history:
        if step.status in _WITH_TEXT:
            yield from (credits[one] for one in step.document_ids if one in credits)


@cache
def _words() -> tuple[list[str], list[str], re.Pattern[str]]:
    """Return formulas, headlines and the pattern of provisions, folded, of all languages."""
    data = shipped_yaml(_FILE)
    provisions = "|".join(fold_text(word).strip() for word in data["provisions"])
    formulas, headlines = (
        [fold_text(phrase).strip() for phrases in data[name].values() for phrase in phrases]
        for name in ("formulas", "headlines")
    )
    return formulas, headlines, re.compile(rf" ((?:{provisions}) \w+)")

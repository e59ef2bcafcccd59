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
from storage.documents.official import credits_of, is_noted, note_official
from storage.filter import Filter, Known
from storage.letters import fold_text
from storage.lists.queries import agreement_pages
from storage.notifications.outbox import oldest_news, queue_changes
from storage.records import Grade, NewsKind, TextState
from storage.register.agreements import load_agreements, number, restamp, with_texts
from storage.register.backing import WITH_TEXT, Backing, read_backing, signing_credits
from storage.register.decisions import pins
from storage.register.entry import Agreement, Credit, NamedRow, PinKind, Report, documents_of
from storage.register.saving import Change, set_vouched
from storage.review.review_queue import answers_to_alerts
from storage.source import Source
from storage.subscription import Subscription


def with_grades(
    agreements: Sequence[Agreement], reports: Iterable[Report], backing: Backing
) -> list[Agreement]:
    """Return agreements just partitioned, with grade, published text and key of the place."""
    keys: dict[str, str] = {}
    for report in reports:
        place, key = report.card.place, report.card.place_key
        if place and key:
            keys[place] = min(key, keys.get(place, key))
    vouched = with_backing(agreements, backing)
    return [replace(agreement, place_key=keys.get(agreement.place or "")) for agreement in vouched]


def why_certain(s: Session, agreements: Sequence[Agreement]) -> dict[str, Grounds]:
    """Return why each of these agreements has its grade, by its id."""
    documents = set[int]().union(*map(documents_of, agreements))
    credits = confirmed(credits_of(s, documents), pins(s, documents))
    return {agreement.id: grounds_of(agreement, credits) for agreement in agreements}


# The source of an alert that a person answered, the grade that its entry had without persons, and
# whether the alert is right.
AnsweredAlert = tuple[str, Grade, bool]


def answered_alerts(s: Session) -> list[AnsweredAlert]:
    answers = answers_to_alerts(s)
    ids = {f"A{entry}" for _, _, entry, _ in answers if entry is not None}
    entries = {
        agreement.id: agreement for agreement in load_agreements(s, map(number, sorted(ids)))
    }
    held = {id: set(documents_of(agreement)) for id, agreement in entries.items()}
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
        oldest = oldest_news(now, max_age_days)
        queue_changes(s, subscriptions, changes, now=now, oldest=oldest)


def share_texts(s: Session, agreements: Sequence[Agreement], now: datetime) -> list[Change]:
    """Give texts of agreements just stored to others of their parties that miss theirs."""
    parties = {
        agreement.parties
        for agreement in agreements
        if agreement.text_document_id and agreement.parties
    }
    return list(_look_again(s, with_texts(s, parties, TextState.MISSING), now)) if parties else []


def _look_again(s: Session, page: Sequence[Agreement], now: datetime) -> Iterator[Change]:
    if not page:
        return
    backing = read_backing(s, page, pins(s, set().union(*map(documents_of, page))))
    for before, after in zip(page, with_backing(page, backing), strict=True):
        if before != after:
            set_vouched(s, after, now)
            yield from (Change(after, NewsKind.NEW_REPORT, step, ()) for step in after.history)


# --- how sure agreements are, and where their texts are, by what is stored of them ----------------


def with_backing(agreements: Iterable[Agreement], backing: Backing) -> list[Agreement]:
    """Return agreements with their grade and their published text."""
    credits = confirmed(backing.credits, backing.pins)
    papers = {number for number, clues in backing.clues.items() if PAPER in clues}
    vouched = []
    for agreement in agreements:
        why = grounds_of(agreement, credits)
        state, document_id = _text_among(agreement, credits, backing, papers)
        graded = replace(agreement, grade_basis=why.basis, grade_by=why.who, grade_at=why.at)
        vouched.append(replace(graded, text_state=state, text_document_id=document_id))
    return _with_texts_of_others(vouched, backing)


def _text_among(
    agreement: Agreement, credits: Mapping[int, Credit], backing: Backing, papers: set[int]
) -> FoundText:
    held = documents_of(agreement)
    given = [pin.document_id for pin in backing.pins if pin.kind is PinKind.TEXT]
    attached = [number for number in given if number in held]
    if attached:
        return TextState.PUBLISHED, attached[-1]
    return text_of(agreement, credits, backing.texts, backing.rows, papers)


def _with_texts_of_others(agreements: Sequence[Agreement], backing: Backing) -> list[Agreement]:
    """Give the agreements without a text one that stands in another agreement of its parties."""
    missing = {
        agreement.parties for agreement in agreements if agreement.text_state is TextState.MISSING
    }
    having = (
        agreement for agreement in (*agreements, *backing.elsewhere) if agreement.parties in missing
    )
    texts = [
        (agreement, _days_named(backing.clues.get(agreement.text_document_id, ())))
        for agreement in having
        # An address that a person attached is the text of one agreement: its document only reports.
        if agreement.text_document_id and agreement.text_document_id not in backing.attached
    ]
    return [
        _with_text_among(agreement, texts)
        if agreement.text_state is TextState.MISSING
        else agreement
        for agreement in agreements
    ]


# --- which document is the text of an agreement ---------------------------------------------------

_FILE = Path(__file__).with_name("papers.yaml")
_LEAST_PROVISIONS = 2  # a press release may quote one article


# Whether the text of an agreement is published, and the document that is the text.
FoundText = tuple[TextState | None, int | None]


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
    sites = [
        credit
        for credit in signing_credits(agreement, credits)
        if credit.is_text_place
        or (
            credit.listed and credit.document_id in rows and is_series(rows[credit.document_id].url)
        )
        or (
            credit.document_id in texts
            and (credit.document_id in papers or is_paper(credit.title, texts[credit.document_id]))
        )
    ]
    if sites:
        first = min(sites, key=lambda credit: (credit.published_on or date.max, credit.document_id))
        return TextState.PUBLISHED, first.document_id
    return TextState.MISSING if agreement.is_signed else None, None


def _days_named(clues: Iterable[str]) -> frozenset[date]:
    """Return the days that a text names of the agreement that it is, by its clues."""
    named = (day for day in read_clues(clues).dates if len(day.parts) == 3 and not day.other)
    return frozenset(date(*one.parts) for one in named)


def _with_text_among(
    agreement: Agreement, texts: Iterable[tuple[Agreement, frozenset[date]]]
) -> Agreement:
    """Return an agreement with the text that stands in another one, as of a gazette that prints it
    months later: of the same parties, a common topic if any is known, and naming the very day of
    the signature.
    """
    signed = {step.on for step in agreement.history if step.status in WITH_TEXT and step.on}
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

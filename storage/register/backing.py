"""What the grades and the published texts of agreements depend on, read at once before they are
decided (`crawler.ingest.vouching` decides).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from storage.database import sql
from storage.database.session import Session
from storage.documents.official import clues_of, credits_of
from storage.documents.tables import Texts
from storage.records import Status, TextState
from storage.register.agreements import with_texts
from storage.register.decisions import rows_named, text_pins
from storage.register.entry import (
    SIGNED_STATUSES,
    Agreement,
    Credit,
    NamedRow,
    Pin,
    PinKind,
    documents_of,
)

# What a page of a treaty series has to report to be the text: it also has pages on talks.
WITH_TEXT = SIGNED_STATUSES | {Status.CONCLUDED}


@dataclass(frozen=True, slots=True)
class Backing:
    """`credits` are those of the documents of some agreements, without confirmations, `pins` the
    decisions on them. `texts` are those of the documents of `to_be_read`; `rows` are the rows of
    lists that documents were made of, `clues` those of every document that may be a text.
    `elsewhere` are other agreements of the same parties that have a text; of the texts, people
    gave the addresses of those `attached`.
    """

    credits: Mapping[int, Credit]
    pins: Sequence[Pin]
    texts: Mapping[int, str]
    rows: Mapping[int, NamedRow]
    clues: Mapping[int, Sequence[str]]
    elsewhere: Sequence[Agreement]
    attached: Collection[int]


def read_backing(s: Session, agreements: Sequence[Agreement], pins: Sequence[Pin]) -> Backing:
    held = set[int]().union(*map(documents_of, agreements))
    credits = credits_of(s, held)
    read = {number for agreement in agreements for number in to_be_read(agreement, credits)}
    signing = [credit for agreement in agreements for credit in signing_credits(agreement, credits)]
    of_signed = {agreement.parties for agreement in agreements if agreement.is_signed}
    stored = with_texts(s, of_signed, TextState.PUBLISHED)
    elsewhere = [agreement for agreement in stored if agreement.text_document_id not in held]
    possible = {credit.document_id for credit in signing if credit.official or credit.listed}
    possible |= {pin.document_id for pin in pins if pin.kind is PinKind.TEXT}
    possible |= {
        agreement.text_document_id for agreement in elsewhere if agreement.text_document_id
    }
    return Backing(
        credits,
        pins,
        sql.values_by(s, Texts.document_id, Texts.text, read),
        rows_named(s, {number for agreement in agreements for number in agreement.listed}),
        clues_of(s, possible),
        elsewhere,
        text_pins(s, possible, PinKind.TEXT).keys(),
    )


def to_be_read(agreement: Agreement, credits: Mapping[int, Credit]) -> Iterator[int]:
    """Yield the documents that may be the text if it says so: official ones of a signature."""
    for credit in signing_credits(agreement, credits):
        if credit.official and not credit.is_text_place and not credit.listed:
            yield credit.document_id


def signing_credits(agreement: Agreement, credits: Mapping[int, Credit]) -> Iterator[Credit]:
    """Yield the documents of the steps that have a text; mentions may be of another one."""
    for step in agreement.history:
        if step.status in WITH_TEXT:
            yield from (credits[id_] for id_ in step.document_ids if id_ in credits)

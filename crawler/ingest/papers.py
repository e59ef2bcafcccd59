"""Which document is the text of an agreement: a pure function of its documents and their texts.

A ministry's press release says that a paper was signed; it is not the paper. So a document is taken
for the text only if it is a page of a treaty series, or if it is official and its own words show
that it is the paper (docs/decisions/published-texts.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from crawler.clues import read_clues
from crawler.located_yaml import shipped_yaml
from storage.addresses.text_places import is_series
from storage.letters import fold_text
from storage.records import Status, TextState, Topic
from storage.register.records import SIGNED_STATUSES, Agreement, Credit, NamedRow

_FILE = Path(__file__).with_name("papers.yaml")
_LEAST_PROVISIONS = 2  # a press release may quote one article
# What a page of a treaty series has to tell to be the text: it also has pages on talks.
_WITH_TEXT = SIGNED_STATUSES | {Status.CONCLUDED}


@dataclass(frozen=True, slots=True)
class FoundText:
    """Whether the text of an agreement is published, and the document that is the text."""

    state: TextState | None
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class _PaperWords:
    formulas: tuple[str, ...]
    headlines: tuple[str, ...]
    provision: re.Pattern[str]


def to_be_read(agreement: Agreement, credits: Mapping[int, Credit]) -> Iterator[int]:
    """Yield the documents whose texts `text_of` needs: the official ones that tell a signature, or
    what comes after it, and are no page of a treaty series.
    """
    for credit in _telling(agreement, credits):
        if credit.official and not credit.is_text_place and not credit.listed:
            yield credit.document_id


def text_of(
    agreement: Agreement,
    credits: Mapping[int, Credit],
    texts: Mapping[int, str],
    rows: Mapping[int, NamedRow],
    papers: Collection[int] = (),
) -> FoundText:
    """Return the published text of an agreement; the one that was published first, of several.

    `texts` are those of the documents of `to_be_read`, and `papers` those of them which end as a
    treaty does (`crawler.judgement.card.closing`); `rows` are the rows of lists that some of
    the documents were made of, whose address may lead to the text.
    """
    found = [
        credit
        for credit in _telling(agreement, credits)
        if credit.is_text_place
        or (credit.listed and _leads_to_text(rows.get(credit.document_id)))
        or (
            credit.document_id in texts
            and (credit.document_id in papers or is_paper(credit.title, texts[credit.document_id]))
        )
    ]
    if found:
        first = min(found, key=lambda one: (one.published_on or date.max, one.document_id))
        return FoundText(TextState.PUBLISHED, first.document_id)
    return FoundText(TextState.MISSING if agreement.is_signed else None)


@dataclass(frozen=True, slots=True)
class Printed:
    """A published text that stands in an agreement of its own, as a gazette that prints it months
    after the signature often does: of which parties and topics, and which `days` it names.
    """

    document_id: int
    parties: tuple[str, ...]
    topics: frozenset[Topic]
    days: frozenset[date]


def printed(agreement: Agreement, clues: Iterable[str]) -> Printed | None:
    """Return the published text of an agreement, with the days that it names; None without one."""
    if agreement.text_document_id is None:
        return None
    named = (one for one in read_clues(clues).dates if len(one.parts) == 3 and not one.other)
    days = frozenset(date(*one.parts) for one in named)
    topics = frozenset(agreement.topics)
    return Printed(agreement.text_document_id, agreement.parties, topics, days)


def text_among(agreement: Agreement, texts: Iterable[Printed]) -> FoundText | None:
    """Return the text of an agreement among those that stand in others: of the same parties and a
    common topic, if any is known, and naming the very day of the signature.
    """
    signed = {step.on for step in agreement.history if step.status in _WITH_TEXT and step.on}
    topics = frozenset(agreement.topics)
    for text in texts:
        is_other = text.topics and topics and text.topics.isdisjoint(topics)
        if text.parties == agreement.parties and signed & text.days and not is_other:
            return FoundText(TextState.PUBLISHED, text.document_id)
    return None


def is_paper(title: str, text: str) -> bool:
    """Whether a document is the text of an agreement by its own words: it has the formula that ends
    a preamble, and numbered provisions; or its headline says that the text is printed here.
    """
    words, headline = _words(), fold_text(title)
    if any(f" {phrase} " in headline for phrase in words.headlines):
        return True
    folded = fold_text(text)
    if not any(f" {phrase} " in folded for phrase in words.formulas):
        return False
    return len(set(words.provision.findall(folded))) >= _LEAST_PROVISIONS


def _telling(agreement: Agreement, credits: Mapping[int, Credit]) -> Iterator[Credit]:
    """The documents that tell a step for which there is a text; who merely mentions an agreement
    may be the text of another one.
    """
    for step in agreement.history:
        if step.status in _WITH_TEXT:
            yield from (credits[one] for one in step.document_ids if one in credits)


def _leads_to_text(row: NamedRow | None) -> bool:
    return row is not None and is_series(row.url)


@cache
def _words() -> _PaperWords:
    data = shipped_yaml(_FILE)
    provisions = "|".join(fold_text(word).strip() for word in data["provisions"])
    return _PaperWords(
        formulas=tuple(_folded(data["formulas"].values())),
        headlines=tuple(_folded(data["headlines"].values())),
        provision=re.compile(rf" ((?:{provisions}) \w+)"),
    )


def _folded(languages: Iterable[Iterable[str]]) -> Iterator[str]:
    for phrases in languages:
        yield from (fold_text(phrase).strip() for phrase in phrases)

"""Which sentence stands for a report."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.register.quote import quote_of
from storage.records import Card, Document, Evidence, Verdict, Zone

NEWS = "Algeria said on Monday that it ends the agreement."
BACKGROUND = (
    "In 1968 the two states signed an agreement on the movement and stay of Algerians in France."
)


def quoted(text: str, weights: dict[str, float], *, day: date | None = date(2025, 6, 2)) -> str:
    """The quote of a text in which these words are evidence of these weights."""
    evidence = tuple(
        Evidence(
            rule="rule",
            concept="concept",
            zone=Zone.BODY,
            start=text.index(word),
            end=text.index(word) + len(word),
            text=word,
            weight=weight,
        )
        for word, weight in weights.items()
    )
    verdict = Verdict(True, 9.0, 5.0, "en", card=Card(event_date=day), evidence=evidence)
    return quote_of(Document("Title", text, "en"), verdict)


def test_the_sentence_with_most_evidence_is_quoted() -> None:
    assert quoted(f"Rain fell. {NEWS} Nobody spoke.", {"ends": 2.0, "spoke": 1.0}) == NEWS


def test_background_is_no_proof_of_what_is_news() -> None:
    assert quoted(f"{NEWS} {BACKGROUND}", {"ends": 2.0, "signed": 5.0}) == NEWS


@pytest.mark.parametrize("year", ["١٩٦٨", "1968"])
def test_years_are_read_in_arabic_digits_too(year: str) -> None:
    text = f"{NEWS} {BACKGROUND.replace('1968', year)}"
    assert quoted(text, {"ends": 2.0, "signed": 5.0}) == NEWS


@pytest.mark.parametrize("day", [date(1968, 12, 27), None])
def test_a_year_of_the_event_itself_is_no_background(day: date | None) -> None:
    assert quoted(f"{NEWS} {BACKGROUND}", {"ends": 2.0, "signed": 5.0}, day=day) == BACKGROUND


def test_a_sentence_that_names_an_old_year_beside_a_new_one_is_news() -> None:
    ended = "The agreement of 1968 ends in June 2025."
    assert quoted(f"{NEWS} {ended}", {"said": 2.0, "1968": 5.0}) == ended


def test_background_is_quoted_where_there_is_nothing_else() -> None:
    assert quoted(f"Rain fell. {BACKGROUND}", {"signed": 5.0}) == BACKGROUND

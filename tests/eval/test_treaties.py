"""The text of a treaty is read as one, in seven languages, and is the text of its entry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawler.ingest.ingest import ingest
from crawler.ingest.vouching import note_sources
from crawler.judgement.judge import Rules, load_rules
from crawler.process.process import judge_document
from storage.database.session import Database
from storage.filter import Filter
from storage.lists.queries import agreements
from storage.records import Card, DateBasis, Document, Judged, Status, TextState
from storage.register.entry import Agreement
from storage.source import Source, SourceKind
from tests.storage.given import NOW

_FILE = Path(__file__).with_name("treaties.jsonl")
_ROWS = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines()]
_GAZETTE = Source("journal", SourceKind.FEED, "https://journal.example/rss", official=True)
_MONTHS_LATER = timedelta(days=250)


@cache
def _rules() -> Rules:
    return load_rules()


def _judged(row: dict[str, Any], text: str | None = None, title: str | None = None) -> Judged:
    """The text of the treaty, as an official journal prints it months after the signature."""
    signed_on = date.fromisoformat(row["signed_on"])
    return judge_document(
        Document(
            title=row["title"] if title is None else title,
            text=row["text"] if text is None else text,
            language=row["lang"],
            published_on=signed_on + _MONTHS_LATER,
            url=f"https://journal.example/{row['lang']}",
            outlet="Journal",
            source_id="journal",
        ),
        _rules(),
    )


def _news(row: dict[str, Any]) -> Judged:
    signed_on = date.fromisoformat(row["signed_on"])
    told = Document(row["news_title"], row["news"], "en", signed_on + timedelta(days=1))
    return judge_document(replace(told, outlet="News", url="https://news.example/1"), _rules())


def _card(row: dict[str, Any], text: str) -> Card:
    return _judged(row, text).verdict.card


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["lang"])
def test_a_treaty_was_signed_on_the_day_and_at_the_place_of_its_closing(
    row: dict[str, Any],
) -> None:
    judged = _judged(row)
    card = judged.verdict.card
    assert judged.verdict.relevant
    assert card.status is Status.SIGNED
    assert (card.event_date, card.event_date_basis) == (
        date.fromisoformat(row["signed_on"]),
        DateBasis.TEXT,
    )
    assert card.place_key == row["place_key"]


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["lang"])
@pytest.mark.parametrize("is_first", [True, False])
def test_it_is_the_text_of_the_entry_of_its_signature(
    row: dict[str, Any], is_first: bool, database: Database
) -> None:
    note_sources(database, [_GAZETTE], [], now=NOW, max_age_days=30)
    both = [_judged(row), _news(row)]
    for judged in both if is_first else reversed(both):
        with database.begin() as s:
            ingest(s, [judged], [], now=NOW, run_id=None, crawl=False, max_age_days=30)
    entry = _only(database)
    assert (entry.status, entry.text_state) == (Status.SIGNED, TextState.PUBLISHED)
    assert entry.event_date == date.fromisoformat(row["signed_on"])


def test_a_treaty_of_which_only_the_end_is_printed_is_the_text_too(database: Database) -> None:
    row = _ROWS[0]
    text = (
        "The European Union and Cape Verde shall readmit persons who reside without authorisation under this"
        " Agreement on readmission.\n\nDone at Brussels, this twenty-second day of November in the year two"
        " thousand and eleven."
    )
    note_sources(database, [_GAZETTE], [], now=NOW, max_age_days=30)
    with database.begin() as s:
        ones = [_judged(row, text), _news(row)]
        ingest(s, ones, [], now=NOW, run_id=None, crawl=False, max_age_days=30)
    entry = _only(database)
    assert (entry.event_date, entry.text_state) == (date(2011, 11, 22), TextState.PUBLISHED)


def _only(database: Database) -> Agreement:
    with database.read() as s:
        (agreement,) = agreements(s, Filter())
    return agreement


def test_a_decree_or_a_decision_is_no_treaty_though_it_ends_like_one() -> None:
    row = _ROWS[1]
    decree = (
        "Le président de la République, vu la Constitution, décrète :\n\nArticle 1er\nL'accord avec le Sénégal relatif"
        " à la gestion des flux migratoires sera publié.\n\nArticle 2\nLe Premier ministre est chargé de l'exécution."
        "\n\nFait à Paris, le 3 mars 2009."
    )
    assert _card(row, decree).event_date != date(2009, 3, 3)
    printed = f"{decree}\n\nACCORD\n\n{row['text']}"
    assert _card(row, printed).event_date == date(2006, 9, 23)


def test_a_law_that_prints_the_treaty_which_it_approves_tells_the_approval() -> None:
    row = _ROWS[3]
    law = "Legge di ratifica ed esecuzione: il Parlamento ratifica l'accordo tra Italia e Kosovo"
    card = _judged(row, title=law).verdict.card
    assert card.status is Status.RATIFIED


def test_an_agreement_that_is_named_by_its_closing_is_not_the_text() -> None:
    row = _ROWS[3]
    told = (
        "Completate le procedure interne, l'accordo sulla riammissione tra Italia e Kosovo, fatto a Pristina"
        " il 15 aprile 2014, entrerà in vigore il 1° dicembre 2014."
    )
    assert _card(row, told).event_date != date(2014, 4, 15)

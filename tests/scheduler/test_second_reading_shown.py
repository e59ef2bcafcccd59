"""What a second reader said, wherever people and programs read about a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crawler.reader.answer import with_second_reading
from crawler.reader.quotes import quoted
from scheduler.views.verdicts import reading_in_words, reading_row, verdict_row
from scheduler.views.words.labels import labels_of
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Judged, SecondReading, Status
from tests.scheduler.cli.test_review import unsure
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import register
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import NOW, card, judged

QUOTE = "the two Ministers signed it on tuesday"
YES = SecondReading(
    "yes",
    "qwen3",
    "p1",
    NOW,
    card=card(status=Status.RATIFIED, event_date=date(2026, 3, 9)),
    quote=QUOTE,
)
NO = SecondReading("no", "qwen3", "p1", NOW, cause="politics")
DOUBT = SecondReading("unclear", "qwen3", "p1", NOW, doubt="quote")


def read(one: Judged, reading: SecondReading) -> Judged:
    return with_second_reading(one, reading)


def news() -> tuple[Judged, ...]:
    return (
        read(judged(1), YES),
        read(unsure(2, 0.4), NO),
        read(unsure(3, 0.3), DOUBT),
        judged(4),
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("read"), *news(), editor="amina") as site:
        yield site


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return register(tmp_path_factory.mktemp("folder"), *news()).folder


def test_a_quote_is_found_in_title_and_text_and_its_offsets_are_those_of_the_text() -> None:
    title, text = "A « Déclaration » is signed", "First.\nThe Déclaration, is signed! Later."
    reading = replace(YES, quote="declaration is SIGNED ... later")
    found = [(evidence.zone, evidence.text) for evidence in quoted(reading, title, text)]
    assert found == [
        ("title", "Déclaration » is signed"),
        ("body", "Déclaration, is signed"),
        ("body", "Later"),
    ]
    for one in quoted(reading, title, text):
        assert (title if one.zone == "title" else text)[one.start : one.end] == one.text
    assert list(quoted(NO, title, text)) == []


def test_its_page_says_what_the_reader_answered_and_where_it_differs(site: Site) -> None:
    shown = site.ask("/documents/1").text
    for part in (
        "<h2>Second reader</h2>",
        "It reports a stage of an agreement. (",
        "qwen3",
        "12 March 2026, 09:30 UTC)",
        f'<blockquote dir="ltr" lang="en">{QUOTE}</blockquote>',
        "Status: ratified; according to the rules: signed",
        "Date: 9 March 2026; according to the rules: 10 March 2026",
        '<mark class="quoted" title="Second reader">The two ministers </mark>',
    ):
        assert part in shown
    assert "Parties: " not in shown  # they are the same
    assert "Second reader" not in site.ask("/documents/4").text


def test_the_queue_says_why_a_reader_read_no_step(site: Site) -> None:
    shown = site.ask("/review").text
    assert (
        "It reports no stage of an agreement: party politics or an opinion about a deal. (" in shown
    )
    assert "Unclear: the sentence that it quoted is not in the text. (" in shown


def test_programs_get_it_with_both_values_and_the_place_of_the_quote(site: Site) -> None:
    found = site.ask("/api/v1/documents/1").json
    reading = found["second_reading"]
    assert reading["answer"] == "yes"
    assert reading["reader"] == "qwen3"
    (place,) = reading["quoted"]
    assert found["text"][place["start"] : place["end"]].casefold() == QUOTE.casefold()
    assert {"field": "status", "rules": "signed", "reader": "ratified"} in reading["differences"]
    assert site.ask("/api/v1/documents/4").json["second_reading"] is None
    waits = {one["document_id"]: one for one in site.ask("/api/v1/review").json["items"]}
    assert waits[2]["second_reading"]["cause"] == "politics"
    assert waits[3]["second_reading"]["doubt"] == "quote"


def test_a_verdict_in_json_has_it() -> None:
    one = news()[1]
    found = json.loads(json.dumps(verdict_row(one.document, one.verdict)))
    assert found["second_reading"]["cause"] == "politics"
    assert found["second_reading"]["differences"] == []
    assert reading_row(None) is None


def test_the_terminal_says_it_of_a_document_and_of_one_that_waits(folder: Path) -> None:
    shown = accordwatch("document", "1", cwd=folder).stdout
    assert "It reports a stage of an agreement. (qwen3, 12 March 2026, 09:30 UTC)" in shown
    assert f"“{QUOTE}”" in shown
    assert "Status: ratified; according to the rules: signed" in shown
    asked = accordwatch("review", "2", cwd=folder).stdout
    assert (
        "It reports no stage of an agreement: party politics or an opinion about a deal." in asked
    )
    sheet = accordwatch("review", "--list", "--format", "csv", cwd=folder).stdout
    assert ",no: politics" in sheet
    assert ",unclear: quote" in sheet


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_each_cause_and_doubt_has_words(language: str) -> None:
    words = labels_of(language)
    causes = ("politics", "other_subject", "one_state", "recalled", "no_agreement", "company")
    readings = [replace(NO, cause=cause) for cause in causes]
    readings += [replace(DOUBT, doubt=one) for one in ("quote", "parties", "day")]
    said = {found[0] for reading in readings if (found := reading_in_words(reading, words))}
    assert len(said) == len(readings)
    unknown = reading_in_words(replace(NO, cause=""), words)
    assert unknown is not None
    assert "{" not in unknown[0]

"""Who was first, and whether the text is published: on the page, as a filter, in the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from storage.documents.official import note_official
from storage.records import Status
from storage.source import Source, SourceKind
from storage.sources.ledger import Tally, write
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW, card, judged


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A1 has its text in a treaty series, A2 was signed without one, and A3 is talked about."""
    cairo, talks = card(parties=("EG", "EU")), card(parties=("IT", "TN"), status=Status.NEGOTIATING)
    news = (
        judged(1, outlet="Le Fleuve"),
        judged(2, outlet="UNTS", url="https://treaties.un.org/doc/2"),
        judged(3, card=cairo, outlet="Al Ahram"),
        judged(4, card=talks),
        judged(5, card=card(parties=("DE", "KE")), url="https://eur-lex.europa.eu/5"),
    )
    with serving(tmp_path_factory.mktemp("texts"), *news) as site:
        yield site


@contextmanager
def watched(site: Site) -> Iterator[None]:
    """Two treaty series, a gazette and a ministry are read; of one series no poll was answered."""
    hosts = ("treaties.un.org", "verdragenbank.overheid.nl", "www.boe.es", "interior.example")
    sources = [
        Source(host, SourceKind.PAGE, f"https://{host}", official=True, publishes_texts=number < 2)
        for number, host in enumerate(hosts)
    ]
    with database_of(site).begin() as s:
        note_official(s, sources)
        for one in hosts:
            failed = int(one == "verdragenbank.overheid.nl")
            write(s, NOW, [(one, Tally(polls=1, polls_failed=failed))])
    yield
    with database_of(site).begin() as s:
        note_official(s, [])


def test_an_agreement_says_where_its_text_is(texts: Site) -> None:
    shown = texts.ask("/agreements/A1").text
    assert (
        "Published: \u2068treaties.un.org\u2069" in shown or "Published: treaties.un.org" in shown
    )
    assert 'href="https://treaties.un.org/doc/2"' in shown


def test_nothing_is_said_of_a_text_that_nobody_looks_for(texts: Site) -> None:
    assert "No text found" not in texts.ask("/agreements/A2").text


def test_one_without_a_text_says_since_when_which_sources_are_watched_for_it(texts: Site) -> None:
    with watched(texts):
        shown, arabic = texts.ask("/agreements/A2").text, texts.ask("/agreements/A2?lang=ar").text
        assert "No text found" not in texts.ask("/agreements/A3").text
    sentence = "No text found; searched in: boe.es, treaties.un.org (since 12 March 2026)"
    assert sentence in re.sub("[\u2066-\u2069]", "", shown)
    assert "لم يعثر على نص" in arabic


def test_no_text_is_missed_beside_the_page_of_an_official_journal(texts: Site) -> None:
    with watched(texts):
        assert "No text found" not in texts.ask("/agreements/A4").text


def test_the_first_report_is_named_with_its_lead(texts: Site) -> None:
    shown = texts.ask("/agreements/A1").text
    assert "Le Fleuve, 11 March 2026" in re.sub("[\u2066-\u2069]", "", shown)
    sentence = re.sub("[\u2066-\u2069]", "", texts.ask("/agreements/A1?lang=fr").text)
    assert "le même jour que la première source officielle, UNTS" in sentence
    assert "no official source so far" in texts.ask("/agreements/A2").text


def test_the_facet_narrows_and_the_chip_takes_it_off(texts: Site) -> None:
    shown = texts.ask("/").text
    assert 'href="/?text=missing"' in shown
    narrowed = texts.ask("/?text=missing").text
    assert "2 agreements<" in narrowed
    assert "no text found" in narrowed
    mark = '<span class="with-text" role="img" aria-label="text published">'
    assert mark not in narrowed
    assert texts.ask("/?text=published").text.count(mark) == 1


def test_programs_get_it_too(texts: Site) -> None:
    (found,) = texts.ask("/api/v1/agreements?text=published").json["items"]
    assert (found["text"], found["text_url"]) == ("published", "https://treaties.un.org/doc/2")
    assert found["first_report"]["before_official"]["outlet"] == "UNTS"
    assert texts.ask("/api/v1/agreements?text=x").code == 422
    corridors = texts.ask("/api/v1/corridors").json["items"]
    assert {one["parties"][0]: one["with_text"] for one in corridors} == {
        "MA": 1,
        "EG": 0,
        "IT": 0,
        "DE": 0,
    }
    table = texts.ask("/?format=csv&text=missing").text
    assert table.splitlines()[0].count("text_due_on") == 1
    assert ",Al Ahram,missing," in table

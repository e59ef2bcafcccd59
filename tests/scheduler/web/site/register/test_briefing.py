"""Two printed pages on a filter."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, islice

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from scheduler.web.site.pages.briefing_page import MOST
from storage.records import Topic
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import card, judged

STATES = ("MA", "NE", "TN", "IT", "ES", "FR", "DE", "EG", "KE")
TEXT = (
    "The two ministers signed number {}"
    + ", after talks that had begun long ago in the capital" * 9
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """More agreements than a briefing has, each with a long sentence and many topics."""
    made = []
    for number, parties in enumerate(islice(combinations(STATES, 2), MOST + 5), 1):
        on = date(2024, 1, 1) + timedelta(days=9 * number)
        told = card(parties=parties, event_date=on, topics=tuple(Topic)[:4])
        text = TEXT.format(number)
        made.append(judged(number, card=told, text=text, published_on=on, outlet="Le Fleuve"))
    with serving(tmp_path_factory.mktemp("site"), *made) as site:
        yield site


EVERY = "grade=confirmed&grade=likely&grade=unconfirmed"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_full_briefing_is_two_printed_pages_with_quotes_filter_and_day(
    full: Site, browser: Browser, language: str
) -> None:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{full.port}/briefing?{EVERY}&lang={language}")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    page.close()
    assert len(printed) == 2
    assert "Le Fleuve" in printed[1].extract_text()


def test_a_briefing_says_its_filter_and_what_it_leaves_out(full: Site) -> None:
    shown = full.ask(f"/briefing?{EVERY}&party=MA").text
    assert "<h1>Parties: Morocco, Grade: confirmed" in shown
    assert "The two ministers signed number 1" in shown
    assert shown.count("<li><p><strong>") == len(STATES) - 1
    whole = full.ask(f"/briefing?{EVERY}").text
    assert f"The {MOST} reported last of {MOST + 5}." in whole
    assert 'href="/briefing?party=MA"' in full.ask("/?party=MA").text

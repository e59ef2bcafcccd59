"""An empty register, the page of terms, and two printed pages on a filter."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from scheduler.exchange.known_list import sync_known_list
from scheduler.views.words.labels import labels_of
from scheduler.web.site.installation import Installation
from scheduler.web.site.pages.briefing_page import MOST
from storage.database.session import Database
from storage.filter import Filter, Known
from storage.lists import queries
from storage.records import Grade, Judged, Status, Topic
from storage.sources.states import finish_run, record_poll, start_run
from storage.sources.tables import Poll
from tests.scheduler.given_digests import configured, opened
from tests.scheduler.web.site.running import Answer, Site, database_of, running, serving
from tests.storage.given import NOW, card, judged


def front(folder: Path, database: Database, path: str = "/") -> Answer:
    installation = Installation(database, configured(folder), "amina", now=lambda: NOW)
    with running(installation) as site:
        return site.ask(path)


def test_before_the_first_run_it_says_what_to_do(tmp_path: Path) -> None:
    with closing(opened(configured(tmp_path))) as database:
        shown = front(tmp_path, database).text
        assert "1 source is configured, and nothing has been collected yet." in shown
        assert 'href="/sources">not checked yet</a>.' in shown
        assert 'href="/sources/add">Add a source</a>' in shown
        assert "accordwatch run" in shown
        assert "known from lists. " not in shown
        assert "No report of an agreement" not in front(tmp_path, database, "/?party=MA").text


def test_after_a_run_without_reports_it_says_what_was_looked_at_and_shows_what_lists_know(
    tmp_path: Path,
) -> None:
    with closing(opened(configured(tmp_path))) as database:
        sync_known_list(database, True, NOW)
        at = NOW - timedelta(minutes=5)
        with database.begin() as s:
            run = start_run(s, at)
            record_poll(s, "fleuve", Poll(at, True, 12, 0))
            finish_run(s, run, at, {})
        shown = front(tmp_path, database)
        assert "Last run: 5 minutes ago. 0 documents were read; 1 of 1 sources were" in shown.text
        assert "Next check: " in shown.text
        assert "agreements are known from lists. They are shown below." in shown.text
        assert "EU–Jordan " in shown.text
        assert "/?known=only&amp;format=csv" in shown.text
        assert front(tmp_path, database, "/?known=only&format=csv").text.count("EU") > 10


def test_lists_add_what_they_alone_know_and_no_unconfirmed_entry(tmp_path: Path) -> None:
    def report(number: int, probability: float, **values: Any) -> Judged:
        one = judged(number, **values)
        return replace(one, verdict=replace(one.verdict, probability=probability))

    unsure = report(3, 0.5, card=card(parties=("EG", "RW")))
    news = (report(1, 0.9, outlet="a.example"), report(2, 0.9, outlet="b.example"), unsure)
    with serving(tmp_path, *news) as site:
        database = database_of(site)
        sync_known_list(database, True, NOW)
        with database.read() as s:
            listed = queries.count_agreements(s, Filter(known=Known.ONLY))
        assert listed > 50

        def shown(query: str) -> int:
            (number,) = re.findall(r"<small>(\d+) agreement", site.ask(f"/?{query}").text)
            return int(number)

        assert (shown("sort=day"), shown("known=only")) == (1, listed)
        assert shown("known=yes") == 1 + listed
        every = "&".join(f"grade={grade}" for grade in Grade)
        assert (shown(every), shown(f"{every}&known=yes")) == (2, 2 + listed)
        assert '"/?known=yes">Include agreements known only from lists<' in site.ask("/").text


@pytest.mark.parametrize("language", ["en", "fr", "ar", "es"])
def test_every_status_and_grade_is_explained(site: Site, language: str) -> None:
    words, shown = labels_of(language), unescape(site.ask(f"/help?lang={language}").text)
    for status in Status:
        assert f"<dd>{words.term(f'page.help.statuses.{status}')}</dd>" in shown
    for grade in Grade:
        assert f"<dd>{words.term(f'grade.{grade}.means')}</dd>" in shown
    assert len(set(re.findall(r"<dd>([^<]+)</dd>", shown))) == len(Status) + len(Grade) + 15 + 4
    assert "docs/register.md" in shown


def test_the_register_explains_headings_and_statuses_under_the_pointer(site: Site) -> None:
    shown = site.ask("/").text
    assert 'title="How far the entry can be relied on. Sort by: Grade"' in shown
    assert f'title="signed: {labels_of("en").term("page.help.statuses.signed")}"' in unescape(shown)
    assert '<a href="/help">Help</a>' in shown


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
    assert "<h1>Parties: Morocco; Grade: confirmed" in shown
    assert "The two ministers signed number 1" in shown
    assert shown.count("<li><p><strong>") == len(STATES) - 1
    whole = full.ask(f"/briefing?{EVERY}").text
    assert f"The {MOST} reported last of {MOST + 5}." in whole
    assert 'href="/briefing?party=MA"' in full.ask("/?party=MA").text

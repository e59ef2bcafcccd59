"""How often alerts were right, by what persons said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from crawler.ingest.vouching import answered_alerts
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.views.documents import LEAST_ALERTS, Rightness, rightness
from storage.lists import queries
from storage.records import Judged
from tests.scheduler.cli.test_review import borne_out, unsure
from tests.scheduler.command_line import accordwatch, json_lines
from tests.scheduler.given_digests import collect, register
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW, card, judged
from tests.storage.opened import session

PAIRS = list(combinations(("MA", "NE", "IT", "TN", "LY", "DE", "KE", "ES", "SN"), 2))
AMINA = Curator("amina", "read it", NOW)


def alerts() -> list[Judged]:
    """Alerts 1 to 30, each of its own parties: 1 to 10 are likely and from Le Fleuve, the others
    unconfirmed; 31 waits for review.
    """
    made = [
        borne_out(at, card=card(parties=pair), outlet="Le Fleuve")
        if at <= 10
        else judged(at, card=card(parties=pair))
        for at, pair in enumerate(PAIRS[:30], start=1)
    ]
    return [*made, replace(unsure(31, 0.3))]


def answer(site: Site, numbers: range) -> None:
    """Of each number: 1 to 9 are right, and every fifth of the others; the last one is corrected."""
    with database_of(site).begin() as s:
        for number in numbers:
            home = queries.agreements_of(s, [number])[number]
            if number == 30:
                curation.correct(s, number, "status", "ratified", AMINA)
            elif number < 10 or (number % 5 == 0 and number > 10):
                curation.confirm(s, home, AMINA)
            else:
                curation.set_no_agreement(s, home, AMINA)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path, *alerts(), editor="amina") as site:
        yield site


def test_below_thirty_answers_the_page_says_how_many_are_missing(site: Site) -> None:
    answer(site, range(1, 30))
    with database_of(site).begin() as s:
        curation.set_irrelevant(s, 31, AMINA)  # it waited, and was no alert
    shown = site.ask("/review").text
    assert "how often alerts were right here; 1 more is needed" in shown
    assert "29" not in shown.partition('id="right-alerts"')[2]


def test_from_thirty_on_it_says_so_by_grade_and_source(site: Site) -> None:
    answer(site, range(1, 31))
    with database_of(site).read() as s:
        found = rightness(answered_alerts(s))
    assert found == [
        Rightness("", "", LEAST_ALERTS, 13),
        Rightness("grade", "likely", 10, 9),
        Rightness("grade", "unconfirmed", 20, 4),
        Rightness("source", "news.example", 20, 4),
        Rightness("source", "Le Fleuve", 10, 9),
    ]
    shown = site.ask("/review").text
    assert '<td>9 of 10</td><td class="number">90 %</td>' in shown
    assert "Grade: <bdi>unconfirmed</bdi></th>\n<td>4 of 20</td>" in shown
    assert "Source: <bdi>Le Fleuve</bdi>" in shown
    assert "sur 30" in site.ask("/review?lang=fr").text
    with database_of(site).begin() as s:
        curation.undo(s, 1, AMINA)
    assert "1 more is needed" in site.ask("/review").text


def test_a_report_of_an_entry_with_other_reports_counts_by_the_grade_of_the_entry(
    site: Site,
) -> None:
    """What is ruled out leaves its entry, and yet it was alerted with the entry's grade."""
    with database_of(site).begin() as s:
        curation.merge(s, "A1", "A11", AMINA)
        curation.set_irrelevant(s, 11, AMINA)
        ((_, grade, is_right),) = answered_alerts(s)
    assert (grade, is_right) == ("likely", False)


def test_the_terminal_says_it_and_programs_get_the_counts(tmp_path: Path) -> None:
    with session(register(tmp_path, judged(1)).database) as s:
        curation.confirm(s, "A1", AMINA)
    shown = accordwatch("review", "--summary", cwd=tmp_path)
    assert "29 more are needed" in shown.stderr
    assert shown.stdout == ""
    assert list(json_lines("review", "--summary", cwd=tmp_path)) == [
        {"by": "", "name": "", "answers": 1, "right": 1},
        {"by": "grade", "name": "unconfirmed", "answers": 1, "right": 1},
        {"by": "source", "name": "news.example", "answers": 1, "right": 1},
    ]
    refused = accordwatch("review", "1", "--summary", cwd=tmp_path)
    assert (refused.returncode, "--summary only print" in refused.stderr) == (2, True)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_table_has_no_fault_and_fits_a_phone(
    browser: Browser, site: Site, language: str
) -> None:
    answer(site, range(1, 31))
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{site.url}/review?lang={language}")
    assert page.locator("#right-alerts ~ .scroll td").count() == 10
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def test_what_was_ruled_out_with_another_report_is_no_answer(site: Site) -> None:
    answer(site, range(11, 12))
    later = judged(40, card=card(parties=PAIRS[10]), title="Told once more", outlet="other.example")
    collect(database_of(site), site.served.chosen, later, now=NOW)
    with database_of(site).read() as s:
        assert queries.agreements_of(s, [40]) == {}
        assert rightness(answered_alerts(s))[0] == Rightness("", "", 1, 0)

"""A corridor with its timeline, and the map."""

from __future__ import annotations

import re
from pathlib import Path

from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW, card, judged


def test_a_corridor_shows_each_dated_step_on_its_timeline_and_in_a_table(site: Site) -> None:
    shown = site.ask("/corridors/IT-TN").text
    assert "Italy – Tunisia" in shown
    assert re.search(r'<circle class="mark talks"[^>]*><title>under negotiation: 10 March', shown)
    table = shown.partition("<tbody>")[2]
    assert "10 March 2026" in table
    assert 'href="/agreements/A2"' in table


def test_a_corridor_has_feeds_of_its_own(site: Site) -> None:
    shown = site.ask("/corridors/IT-TN").text
    (feed,) = set(re.findall(r'href="(/feed.atom[^"]+)"', shown))
    assert feed == "/feed.atom?corridor=IT-TN"
    assert site.ask(feed).code == 200


def test_a_corridor_is_found_however_it_is_written(site: Site) -> None:
    answer = site.ask("/corridors/it-tn")
    assert (answer.code, answer.headers["location"]) == (301, "/corridors/IT-TN")
    assert "1 agreement, 0 with a text<" in site.ask("/corridors/TN-IT").text


def test_a_corridor_without_agreements_says_so(site: Site) -> None:
    shown = site.ask("/corridors/FR-MA")
    assert shown.code == 200
    assert "No agreement between France and Morocco has been found." in shown.text


def test_the_matrix_and_an_agreement_lead_to_the_corridor(site: Site) -> None:
    assert 'href="/corridors/IT-TN"' in site.ask("/").text
    assert "/corridors/IT-TN" in site.ask("/agreements/A2").text


def test_a_name_from_a_curator_cannot_leave_the_drawing(tmp_path: Path) -> None:
    hostile = "</text></svg><script>window.ran=1</script>"
    with serving(tmp_path, judged(1, card=card(parties=("IT", "TN")))) as site:
        with database_of(site).begin() as s:
            curation.rename(s, "A1", hostile, Curator("amina", "a test", NOW))
        shown = site.ask("/corridors/IT-TN").text
    assert "<script" not in shown
    assert shown.count("</svg>") == shown.count("<svg")


def test_the_map_leads_to_the_agreements_of_each_state(site: Site) -> None:
    shown = site.ask("/map").text
    link = (
        r'<a href="/\?party=MA" tabindex="-1"><title>Morocco: 1 agreement</title><path[^>]*shade-1"'
    )
    assert re.search(link, shown)


def test_the_map_keeps_the_filters_of_the_register(site: Site) -> None:
    shown = site.ask("/map?topic=visa&lang=en").text
    assert 'href="/?topic=visa&amp;party=DE"' in shown
    assert "party=MA" not in shown
    assert "No results." in site.ask("/map?topic=asylum_protection").text

"""Corridors, timelines and states, and the map."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from playwright.sync_api import Browser

from benchmarks import make_world
from scheduler.configuration.party_names import party_codes
from scheduler.configuration.query import Query
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.views.register_entries import Entry
from scheduler.views.words.labels import labels_of
from scheduler.web.site.counting.charts import SVG
from scheduler.web.site.pages.parties_page import (
    BODIES,
    BOX,
    SHADES,
    WIDTH,
    WORLD,
    label,
    place_of,
    shade_of,
    timeline,
    world_map,
)
from storage.records import Status, Topic
from storage.register.entry import Agreement, Step
from storage.register.list_rows import LIST_SOURCE, ListRow
from tests.scheduler.cli.test_review import unsure
from tests.scheduler.command_line import accordwatch
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
    assert site.ask("/corridors/Italy-Tunisia").headers["location"] == "/corridors/IT-TN"
    misspelt = site.ask("/corridors/Itly-TN")
    assert misspelt.code == 422
    assert "Did you mean Italy-TN?" in misspelt.text


def test_a_corridor_without_agreements_says_so(site: Site) -> None:
    shown = site.ask("/corridors/FR-MA")
    assert shown.code == 200
    assert "No agreement between France and Morocco has been found." in shown.text


def test_the_matrix_and_an_agreement_lead_to_the_corridor(site: Site) -> None:
    assert 'href="/corridors/IT-TN"' in site.ask("/").text
    assert "/corridors/IT-TN" in site.ask("/agreements/A2").text


def test_the_matrix_counts_what_the_list_has(tmp_path: Path) -> None:
    three, visas = ("ES", "FR", "MA"), card(parties=("FR", "MA"), topics=(Topic.VISA,))
    both = card(parties=three, topics=(Topic.TRAFFICKING,))
    with serving(tmp_path, judged(1, card=both), judged(2, card=visas)) as site:
        whole, of_topic = site.ask("/").text, site.ask("/?topic=trafficking_smuggling").text
    number = re.compile(r'href="/corridors/FR-MA"[^>]*>\s*(\d+)')
    assert [number.findall(shown) for shown in (whole, of_topic)] == [["2"], ["1"]]


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


def drawn(*codes: str, pairs: Sequence[tuple[str, str, int]] = ()) -> Any:
    return world_map(dict.fromkeys(codes, 3), pairs, Query(), labels_of("en"))


def test_states_are_outlines_or_dots_and_regional_bodies_have_places() -> None:
    links = {one.get("href"): one for one in drawn("MA", "MT", "EU", "IOM").iter(f"{{{SVG}}}a")}
    kinds = {code: links[f"/?party={code}"][1].tag.split("}")[1] for code in ("MA", "MT", "EU")}
    assert kinds == {"MA": "path", "MT": "circle", "EU": "circle"}
    assert "/?party=IOM" not in links
    assert place_of("IOM") is None
    assert links["/?party=EU"][0].text == "European Union: 3 agreements"


def test_corridors_are_lines_between_the_places_of_their_parties() -> None:
    svg = drawn("MA", "EU", "IOM", pairs=[("EU", "MA", 4), ("IOM", "MA", 2)])
    (line,) = (one for one in svg.iter(f"{{{SVG}}}path") if one.get("class") == "corridor")
    x, y = BODIES["EU"]
    assert line.get("d").startswith(f"M{x},{y}Q")
    assert line.getparent().get("href") == "/corridors/EU-MA"


def test_places_are_on_the_map_and_bodies_have_names() -> None:
    left, top, width, height = map(int, BOX.split())
    for code in (*BODIES, "MA", "FR", "US", "FJ", "MT"):
        place = place_of(code)
        assert place is not None
        assert left < place[0] < left + width
        assert top < place[1] < top + height
    assert set(BODIES) <= party_codes()


def test_as_many_parties_as_have_room_are_named_those_with_most_agreements_first() -> None:
    svg = etree.Element(f"{{{SVG}}}svg")
    numbers = {"EU": 9, "IT": 8, "MT": 7, "MA": 6, "TN": 5, "SI": 1, "HR": 1, "BA": 1, "AU": 1}
    label(svg, numbers, labels_of("en"), BOX)
    texts = [(one.text, int(one.get("x")), int(one.get("y"))) for one in svg.iter(f"{{{SVG}}}text")]
    names = [name for name, _, _ in texts]
    assert names[:2] == ["EU", "Italy"]
    assert {"Malta", "Morocco", "Australia"} < set(names)  # a dot, too
    assert len(names) < len(numbers)  # there is no room for all neighbours
    for at, (name, x, y) in enumerate(texts):
        for other, x2, y2 in texts[:at]:
            near = abs(x - x2) < 6.6 * (len(name) + len(other)) - 1
            assert not (near and abs(y - y2) < 27), (name, other)


def test_the_map_is_had_as_a_picture(site: Site) -> None:
    answer = site.ask("/map?party=MA&format=svg")
    assert "Parties: Morocco" in answer.text
    assert "12 March 2026" in answer.text
    assert "<a " not in answer.text
    assert site.ask("/map?format=png").body.startswith(b"\x89PNG")
    assert "format=png" in site.ask("/map").text


def test_a_picture_of_the_map_says_what_its_shades_mean(site: Site) -> None:
    drawn = site.ask("/map?format=svg").text
    assert [f"from {least}" in drawn for least in SHADES] == [True] * len(SHADES)


def test_a_picture_of_a_filter_shows_its_part_of_the_world(site: Site) -> None:
    boxes = [
        re.findall(r'viewBox="(-[^"]+)"', site.ask(f"/map?{query}format=svg").text)
        for query in ("", "party=MA&")
    ]
    assert boxes[0] == [BOX]
    left, top, width, height = map(int, boxes[1][0].split())
    assert width < 1000
    x, y = place_of("MA") or (0, 0)
    assert left < x < left + width
    assert top < y < top + height


def test_more_agreements_are_never_a_weaker_shade() -> None:
    shades = [shade_of(n) for n in range(100)]
    assert shades == sorted(shades)
    assert (shades[0], shades[1], shades[-1]) == (0, 1, 5)


def test_the_outlines_are_small_and_say_whose_they_are() -> None:
    assert WORLD.stat().st_size < 150_000
    found = json.loads(WORLD.read_text(encoding="utf-8"))
    assert "world-atlas 2.0.2 (ISC)" in found["made_of"]
    assert "Permission to use, copy, modify" in " ".join(found["licence"])
    assert not found["outlines"].keys() & found["dots"].keys()


@pytest.mark.parametrize("turned", [False, True])
def test_a_ring_over_longitude_180_becomes_two(turned: bool) -> None:
    ring = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0), (170.0, 0.0)]
    halves = make_world._cut(ring[::-1] if turned else ring)
    widths = [max(x for x, _ in half) - min(x for x, _ in half) for half in halves]
    assert widths == [10.0, 10.0]


def test_a_ring_elsewhere_stays_whole() -> None:
    ring = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 0.0)]
    assert make_world._cut(ring) == [ring]


FIGURES = {
    **{"found": 1, "listed": 1, "missing": 1, "confirmed": 0, "likely": 0},
    **{"unconfirmed": 1, "reviewed": 0, "waiting": 1},
}


def test_page_api_and_command_say_the_same_of_a_state(tmp_path: Path) -> None:
    row = judged(3, card=card(parties=("EG", "MA")), source_id=f"{LIST_SOURCE}treaties")
    listed = replace(row, clues=(ListRow("treaties", "1").to_clue(),))
    news = judged(1, source_id="fleuve", outlet="fleuve.example"), unsure(2, 0.3), listed
    with serving(tmp_path, *news) as site:
        answer = site.ask("/api/v1/states/MA").json
        assert {name: answer[name] for name in FIGURES} == FIGURES
        assert answer["last_report"]["document_id"] == 1
        (source,) = answer["sources"]
        assert (source["id"], source["reports"]) == ("fleuve", 1)
        assert source["last_success_at"]
        shown = site.ask("/states/MA").text
        assert 'href="/?party=MA&amp;known=only">1</a>' in shown
        assert "No document of the sample has been reviewed yet" in shown
        folder = site.served.chosen.path.parent
    printed = accordwatch("coverage", "--party", "Morocco", "--format", "jsonl", cwd=folder)
    assert json.loads(printed.stdout) == answer
    assert (
        "In lists, not found in reports"
        in accordwatch("coverage", "--party", "MA", cwd=folder).stdout
    )


def test_an_outlet_that_no_source_watches_is_named_too(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, outlet="herald.example")) as site:
        (outlet,) = site.ask("/api/v1/states/NE").json["sources"]
    assert (outlet["id"], outlet["name"], outlet["reports"]) == (None, "herald.example", 1)


def test_kinds_of_sources_are_named_in_the_language_of_the_reader(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, source_id="fleuve")) as site:
        shown = site.ask("/states/MA?lang=ar").text
    assert "خلاصة" in shown
    assert "feed" not in shown.split("<main")[1].split("</main")[0]


def test_a_state_is_found_however_it_is_written(site: Site) -> None:
    for written in ("ma", "Morocco"):
        answer = site.ask(f"/states/{written}")
        assert (answer.code, answer.headers["location"]) == (301, "/states/MA")


@pytest.mark.parametrize("path", ["/states/Morroco", "/api/v1/states/Morroco"])
def test_an_unknown_state_is_answered_with_what_may_be_meant(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.code == 422
    assert "Morocco" in answer.text


def test_of_a_state_of_which_nothing_is_known_the_page_says_what_to_do(site: Site) -> None:
    shown = site.ask("/states/EG").text
    assert "Nothing is known of Egypt yet" in shown
    assert '<a href="/sources/add">Add a source</a>' in shown


def test_of_a_state_that_reports_only_name_the_page_says_so_and_leads_to_them(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, judged(1, text="Frontex will watch how it is applied.")) as site:
        shown = html.unescape(site.ask("/states/FRONTEX").text)
        (address, number) = re.findall(r'<a href="(/search[^"]+)">(\d+)</a>', shown)[0]
        found = site.ask(address).text
    assert "Nothing is known" not in shown
    assert "No known agreement has Frontex as a party." in shown
    assert number == "1"
    assert 'href="/documents/1"' in found


def test_a_day_of_import_is_no_day_of_a_report(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, outlet="herald.example", published_on=None)) as site:
        (outlet,) = site.ask("/api/v1/states/NE").json["sources"]
    assert outlet["last_report_on"] is None


def test_above_sources_that_reported_a_state_nothing_denies_them(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, outlet="herald.example")) as site:
        shown = site.ask("/states/NE").text
    assert "has reported it" not in shown
    assert "None of these sources is watched." in shown


def test_a_filter_of_one_party_and_the_sources_lead_to_the_state(site: Site) -> None:
    assert 'href="/states/IT"' in site.ask("/?party=IT").text
    assert 'href="/states/' not in site.ask("/?party=IT&party=TN").text


def life(name: str, *days: date) -> Entry:
    history = tuple(Step(Status.SIGNED, on, "", ()) for on in days)
    return Entry(Agreement(name, name, history=history))


def test_later_stands_further_on_and_nothing_leaves_the_drawing() -> None:
    drawn = timeline([life("A1", date(2001, 1, 1), date(2011, 6, 1), date(2026, 12, 31))], "ltr")
    assert drawn is not None
    xs = [x for x, *_ in drawn["lanes"][0]["marks"]]
    assert xs == sorted(xs)
    assert 0 < xs[0] < xs[-1] < WIDTH


def test_time_runs_as_the_reader_reads() -> None:
    days = (date(2001, 1, 1), date(2026, 12, 31))
    left, right = timeline([life("A1", *days)], "ltr"), timeline([life("A1", *days)], "rtl")
    assert left is not None
    assert right is not None
    assert [x for x, *_ in right["lanes"][0]["marks"]] == [
        WIDTH - x for x, *_ in left["lanes"][0]["marks"]
    ]


def test_what_began_last_is_on_top_and_what_has_no_date_is_left_out() -> None:
    drawn = timeline(
        [life("A1", date(2001, 1, 1)), life("A2", date(2020, 1, 1)), life("A3")], "ltr"
    )
    assert drawn is not None
    assert [lane["entry"].agreement.id for lane in drawn["lanes"]] == ["A2", "A1"]
    assert timeline([life("A3")], "ltr") is None


def test_years_are_named_as_far_as_there_is_room() -> None:
    for first, last in ((2026, 2026), (2020, 2026), (1907, 2026), (1, 9999)):
        drawn = timeline([life("A1", date(first, 5, 1), date(last, 5, 1))], "ltr")
        assert drawn is not None
        assert 1 <= len(drawn["years"]) <= 13


def test_any_selection_is_on_a_timeline(site: Site) -> None:
    shown = site.ask("/timeline?party=MA").text
    assert 'class="timeline"' in shown
    assert "1 agreement" in shown
    assert "/agreements/A1" in shown
    assert "DE" not in site.ask("/timeline?party=MA&format=csv").text
    assert "No results" in site.ask("/timeline?q=zzzz").text
    assert 'href="/timeline?party=MA"' in site.ask("/?party=MA").text


def test_a_phone_shows_the_name_beside_each_mark(browser: Browser, site: Site) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{site.url}/timeline?party=MA")
    name, mark = page.locator(".timeline a").first, page.locator(".timeline .mark").first
    for shown in (name.bounding_box(), mark.bounding_box()):
        assert shown is not None
        assert shown["x"] >= 0
        assert shown["x"] + shown["width"] <= 390
    page.close()

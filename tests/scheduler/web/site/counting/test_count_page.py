"""Counts behind every door: page, files, API and command line say the same, and from where it is."""

from __future__ import annotations

import csv
import html
import io
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import etree  # type: ignore[import-untyped]  # no stubs that fit lxml 6
from openpyxl import load_workbook
from playwright.sync_api import Browser

from scheduler.web.site.counting.charts import drawing
from storage.records import Grade
from tests.crawler.register.made import documents as made_documents
from tests.scheduler.command_line import accordwatch, succeed
from tests.scheduler.web.site.questions.news import news
from tests.scheduler.web.site.running import Answer, Site, serving
from tests.storage.given import card, judged

BY_YEAR = {"2019": 1, "2023": 2, "2024": 2, "2026": 2}
SVG = "{http://www.w3.org/2000/svg}"
CHARTS = (
    "rows=year&columns=status",
    "rows=year&columns=topic&chart=lines",
    "rows=topic&columns=grade&chart=heat",
    "rows=party",
    "rows=topic&compare=Morocco&compare=Italy-Tunisia",
    "count=durations",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site"), *news()) as site:
        yield site


def table(answer: Answer) -> list[list[str]]:
    """The cells of the table of a page."""
    rows = re.findall(r"<tr>(.*?)</tr>", answer.text, re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows)
    return [[re.sub(r"<[^>]*>", "", one).strip() for one in row] for row in cells]


def test_where_no_duration_is_known_the_page_says_why(site: Site) -> None:
    shown = site.ask("/count?count=durations&lang=en").text
    assert "both a known day of signature and a known day of entry into force" in shown
    assert "accordwatch run" not in shown
    assert "No results." in site.ask("/count?count=durations&party=CH&lang=en").text


def test_page_files_api_and_command_count_the_same(site: Site) -> None:
    every = "rows=year&" + "&".join(f"grade={grade}" for grade in Grade)
    shown = {row: int(n) for row, n in table(site.ask(f"/count?{every}"))[1:-1] if n}
    rows = csv.DictReader(io.StringIO(site.ask(f"/count?{every}&format=csv").text, newline=""))
    filed = {row["year"] or "all": int(row["total"]) for row in rows if row["total"] != "0"}
    found = site.ask(f"/api/v1/agreements/counts?{every}").json
    by_api = {one["value"]: one["total"] for one in found["items"] if one["total"]}
    folder = site.served.chosen.path.parent
    grades = [f"--grade={grade}" for grade in Grade]
    counted = ("agreements", "--rows", "year", "--format", "csv", *grades)
    printed = accordwatch(*counted, cwd=folder).stdout
    lines = csv.DictReader(io.StringIO(printed))
    printed_counts = {
        row["year"] or "all": int(row["total"]) for row in lines if row["total"] != "0"
    }
    assert shown == by_api == BY_YEAR
    assert filed == printed_counts == {**BY_YEAR, "all": 7}
    assert (found["total"], found["of"]) == (7, 7)


def test_a_number_leads_to_the_list_that_it_counts(site: Site) -> None:
    for query in ("rows=year&columns=status", "rows=topic&compare=MA,IT-TN", "rows=party"):
        page = site.ask(f"/count?{query}&grade=likely&grade=unconfirmed")
        cells = re.findall(r'<td class="number"><a href="([^"]+)">(\d+)</a>', page.text)
        assert cells
        for address, number in cells:
            listed = site.ask(address.replace("&amp;", "&") + "&format=json").json["items"]
            assert len(listed) == int(number), address


def test_no_number_leads_to_a_list_of_another_length(tmp_path: Path) -> None:
    made = made_documents(random.Random(3), 60, ("FR", "IT", "TN", "MA", "NE"), noise=0.2)
    two = ("month", "status", "topic", "language")
    both = [(rows, columns) for rows in two for columns in ("year", *two)]
    refused = {("month", "month"), ("status", "status")}  # the same twice
    pairs = [f"rows={one[0]}&columns={one[1]}" for one in both if one not in refused]
    bases = ("step=signed&since=2019-01-01", "as_of=2026-03-12")
    with serving(tmp_path, *(one.judged for one in made)) as site:
        wrong = []
        for query in (f"{base}&{pair}" for base in bases for pair in ("rows=topic", *pairs)):
            page = site.ask(f"/count?{query}")
            assert page.code == 200, query
            cells = re.findall(r'<td class="number"><a href="/\?([^"]+)">(\d+)</a>', page.text)
            for address, number in {*cells}:
                narrowed = f"/api/v1/facets?{address.replace('&amp;', '&')}"
                if site.ask(narrowed).json["total"] != int(number):
                    wrong.append((query, address, number))
        assert wrong == []


def test_years_without_anything_are_shown_and_filters_hold(site: Site) -> None:
    found = site.ask("/api/v1/agreements/counts?rows=year&party=Maroc").json
    assert [one["value"] for one in found["items"]] == [str(year) for year in range(2019, 2027)]
    assert [one["total"] for one in found["items"]] == [1, 0, 0, 0, 1, 0, 0, 1]
    assert site.ask("/count?party=Narnia").code == 422


@pytest.mark.parametrize("query", CHARTS)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_each_picture_has_its_title_filter_day_and_source(
    site: Site, query: str, language: str
) -> None:
    address = f"/count?{query}&party=MA&lang={language}&format="
    answer = site.ask(f"{address}svg")
    drawn = etree.fromstring(answer.body)
    title, described = drawn.find(f"{SVG}title").text, drawn.find(f"{SVG}desc").text
    written = " ".join(text.text or "" for text in drawn.iter(f"{SVG}text"))
    party, day, register = {
        "en": ("Morocco", "12 March 2026", "Register of migration-cooperation agreements"),
        "ar": ("المغرب", "12 مارس 2026", "سجل اتفاقيات التعاون في مجال الهجرة"),
    }[language]
    assert "No data" not in written
    for printed_counts in (title, party, day, register):
        assert printed_counts in written
    assert party in described
    assert day in described
    assert drawn.get("role") == "img"
    assert not list(drawn.iter(f"{SVG}script", f"{SVG}a"))
    assert "attachment" in answer.headers["content-disposition"]
    assert site.ask(f"{address}png").body.startswith(b"\x89PNG")


def test_each_row_of_a_table_says_what_it_is_of(site: Site) -> None:
    answer = site.ask("/count?rows=topic&columns=status&party=MA&format=csv")
    for row in csv.DictReader(io.StringIO(answer.text, newline="")):
        assert row["title"] == "Agreements by topic and status"
        assert row["filter"] == "Parties: Morocco"
        assert row["downloaded_at"] == "2026-03-12T09:30:00+00:00"
        assert "12 March 2026" in row["source"]
    book = load_workbook(io.BytesIO(site.ask("/count?party=MA&format=xlsx").body))
    assert book["counts"]["C2"].value == 1
    assert ("party", "MA") in list(book["about"].values)
    found = site.ask("/count?party=MA&format=json").json
    assert found["filters"] == [{"name": "party", "value": "MA"}]
    assert found["title"] == "Agreements by year"


@pytest.mark.parametrize(
    ("query", "key", "near"),
    [
        ("rows=yaer", "one_of", "year"),
        ("columns=stauts", "unknown", "status"),
        ("count=all", "one_of", "entries"),
        ("columns=year,month", "once", ""),
        ("columns=" + ",".join(f"{n:x}" for n in range(10_000)), "too_many", ""),
        ("compare=Maroco", "party", "Marocco"),
        ("compare=" + ",".join(["MA"] * 9), "too_many", ""),
        ("compare=MA&columns=year", "compared", ""),
        ("rows=topic&chart=lines", "no_line", "year"),
    ],
)
def test_what_is_not_understood_is_all_that_is_shown(
    site: Site, query: str, key: str, near: str
) -> None:
    doors = [f"/count?{query}&format=csv", f"/api/v1/agreements/counts?{query}"]
    for door in doors[:1] if "chart" in query else doors:
        answer = site.ask(door)
        fault = answer.json["misread"][0]
        assert (answer.code, fault["key"]) == (422, key)
        assert near in [*fault["near"], ""]
    page = site.ask(f"/count?{query}&lang=fr")
    if page.code == 303:  # the form sent what does not go together
        page = site.ask(page.headers["location"])
        assert page.code == 200
    else:
        assert page.code == 422
        assert "<table" not in page.text


def test_a_table_of_too_many_cells_is_refused_with_what_has_fewer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.search.pivot.MOST_CELLS", 3)
    answer = site.ask("/api/v1/agreements/counts?rows=party&columns=corridor")
    (fault,) = answer.json["misread"]
    assert (answer.code, fault["key"], fault["value"]) == (422, "too_many_cells", "corridor")
    page = site.ask("/count?rows=party&columns=corridor")
    assert page.code == 422
    assert "rows=party&amp;columns=year" in page.text
    query = ("agreements", "--rows", "party", "--columns", "corridor")
    folder = site.served.chosen.path.parent
    assert accordwatch(*query, cwd=folder).returncode == 2


def test_the_register_leads_to_the_count_of_what_it_shows(site: Site) -> None:
    assert 'href="/count?party=MA"' in site.ask("/?party=MA").text


def test_nothing_says_what_to_do(site: Site) -> None:
    assert "No results" in site.ask("/count?q=zzzz").text
    folder = site.served.chosen.path.parent
    succeed("agreements", "zzzz", "--rows", "topic", cwd=folder)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("query", CHARTS)
def test_a_count_has_no_fault_and_fits_a_phone(
    browser: Browser, site: Site, scheme: str, query: str
) -> None:
    page = browser.new_page(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": 390, "height": 800},
    )
    complaints = list[str]()
    page.on("console", lambda message: complaints.append(message.text))
    try:
        page.goto(f"{site.url}/count?{query}&lang={'ar' if scheme == 'dark' else 'es'}")
        found = Axe().run(page)
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert complaints == []  # such as styles that are forbidden
    finally:
        page.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_phone_sees_the_last_years_of_a_chart_first_with_their_scale(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    days = [date(year, 5, 4) for year in range(1996, 2027)]
    ones = [
        judged(at, card=card(event_date=day), published_on=day) for at, day in enumerate(days, 1)
    ]
    with serving(tmp_path, *ones) as site:
        page = browser.new_page(viewport={"width": 390, "height": 900})
        page.goto(f"{site.url}/count?rows=year&lang={language}&grade=unconfirmed")
        whole = page.locator(".scroll.newest")
        assert whole.evaluate("node => node.scrollWidth > node.clientWidth")
        year = page.locator(".newest .axis.x text", has_text="2026")
        for part in (year, page.locator(".newest .far").last):
            box = part.bounding_box()
            assert box is not None
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        page.close()


def test_a_count_is_made_by_keyboard_alone(browser: Browser, site: Site, tmp_path: Path) -> None:
    page = browser.new_page()
    try:
        page.goto(f"{site.url}/count")
        page.get_by_label("Rows").focus()
        page.keyboard.type("topic")
        page.get_by_label("Compare 1").focus()
        page.keyboard.type("Morocco")
        page.keyboard.press("Tab")
        page.keyboard.type("Italy-Tunisia")
        page.keyboard.press("Enter")
        page.wait_for_url("**compare=**")
        assert page.locator("h1").inner_text() == "Agreements by topic: Morocco and Italy – Tunisia"
        link = page.locator("table.counts a").first
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/?**")
    finally:
        page.close()


def test_a_heat_map_has_the_rows_of_the_table_and_whole_names(site: Site) -> None:
    drawn = etree.fromstring(
        site.ask("/count?rows=status&columns=topic&chart=heat&format=svg").body
    )
    at = {text.text: float(text.get("y", "0")) for text in drawn.iter(f"{SVG}text") if text.text}
    (below,) = {y for text, y in at.items() if text.startswith("readmission")}
    assert at["signed"] < below
    assert "readmission and returns" in " ".join(at)


@pytest.mark.parametrize("kind", ["bars", "lines", "heat"])
@pytest.mark.parametrize("years", [range(1993, 2027), range(1900, 2027), range(2020, 2027)])
def test_years_on_the_axis_are_whole_and_apart(kind: str, years: range) -> None:
    labels, points = [str(year) for year in years], [(1.0, "", "") for _ in years]
    svg = drawing(kind, labels, [("", points)], is_stacked=False, is_long=False)
    (axis,) = (one for one in svg.iter(f"{SVG}g") if one.get("class") == "axis x")
    texts = [one for one in axis.iter(f"{SVG}text") if one.text]
    assert len(texts) >= min(7, len(years))
    assert {text.text for text in texts} <= set(labels)
    places = [float(text.get("x")) for text in texts]
    assert min(b - a for a, b in pairwise(places)) > 4 * 8


ALL_BY_STATUS = "rows=year&columns=status&" + "&".join(f"grade={grade}" for grade in Grade)


def test_statuses_are_drawn_by_stage_and_each_bar_leads_to_what_it_counts(site: Site) -> None:
    shown = site.ask(f"/count?{ALL_BY_STATUS}").text
    legend = re.findall(r'<rect class="(stage-\w+)"[^>]*/></svg> <bdi>([^<]+)</bdi>', shown)
    names = {"talks": "in talks", "agreed": "agreed", "force": "in force"}
    names["ended"] = "ended or suspended"
    assert 1 < len(legend) < len(names)
    assert legend == [
        (f"stage-{name}", names[name]) for name in names if names[name] in dict(legend).values()
    ]
    svg = etree.fromstring(shown[shown.index("<svg xmlns") : shown.index("</svg>") + 6])
    for bar in svg.iter(f"{SVG}a"):
        number = bar.findtext(f".//{SVG}title").rpartition(": ")[2]
        assert f"<small>{number} agreement" in site.ask(bar.get("href")).text


@pytest.mark.parametrize("form", ["", "&format=svg"])
def test_the_current_year_is_hatched_and_no_other(site: Site, form: str) -> None:
    shown = site.ask(f"/count?{ALL_BY_STATUS}{form}").text
    years = site.ask(f"/api/v1/agreements/counts?{ALL_BY_STATUS}").json["items"][-1]["cells"]
    assert shown.count('class="hatched"') == len([n for n in years.values() if n]) > 0
    assert "current year, so far" in shown
    past = site.ask(f"/count?{ALL_BY_STATUS}&until=2024-12-31{form}").text
    assert 'class="hatched"' not in past
    assert "so far" not in past


def test_durations_are_asked_for_between_any_two_stages_behind_every_door(site: Site) -> None:
    asked = "from=signed&to=report&" + "&".join(f"grade={grade}" for grade in Grade)
    shown = site.ask(f"/count?{asked}").text
    assert "Days from “signed” to “first report” by year" in shown
    assert '<option value="report" selected>First report</option>' in shown
    by_api = site.ask(f"/api/v1/agreements/counts?{asked}").json["total"]
    rows = list(
        csv.DictReader(io.StringIO(site.ask(f"/count?{asked}&format=csv").text, newline=""))
    )
    assert by_api["number"] == int(rows[-1]["number"]) > 0
    for wrong in ("count=steps&from=signed", "from=signed&to=signed", "to=never"):
        assert site.ask(f"/api/v1/agreements/counts?{wrong}").code == 422, wrong
    assert site.ask("/count?count=steps&from=signed").code == 303  # the form still has the field


def test_members_of_a_group_that_have_nothing_are_rows_with_zeros(site: Site) -> None:
    asked = "rows=party&group=maghreb&zeros=1&" + "&".join(f"grade={grade}" for grade in Grade)
    items = site.ask(f"/api/v1/agreements/counts?{asked}").json["items"]
    numbers = {item["value"]: item["total"] for item in items}
    assert numbers.keys() == {"MA", "DZ", "TN", "LY", "MR", "UMA"}
    assert 0 in numbers.values()
    assert sum(numbers.values()) > 0
    page = site.ask(f"/count?{asked}")
    shown = [number for _, number in table(page)[1:-1]]
    assert sorted(shown) == sorted(map(str, numbers.values()))
    assert 'as far as this register knows. <a href="/sources">' in page.text
    for wrong in ("zeros=1", "rows=party&zeros=1", "rows=year&group=maghreb&zeros=1"):
        (fault,) = site.ask(f"/api/v1/agreements/counts?{wrong}").json["misread"]
        assert (fault["parameter"], fault["key"]) == ("zeros", "no_group")
    on_page = site.ask("/count?rows=party&zeros=1&lang=fr")
    assert on_page.code == 422
    assert "les zéros demandent des parties en lignes" in on_page.text


def test_the_long_file_of_pairs_by_year_is_an_edge_list(site: Site) -> None:
    asked = "&".join([*(f"grade={grade}" for grade in Grade), "rows=corridor", "columns=year"])
    address = f"/count?{asked}&format=long.csv"
    assert html.escape(address) in site.ask(f"/count?{asked}").text
    rows = list(csv.DictReader(io.StringIO(site.ask(address).text.removeprefix("\ufeff"))))
    edges = {(row["from"], row["to"], row["year"]): int(row["entries"]) for row in rows}
    wide = site.ask(f"/api/v1/agreements/counts?{asked}").json["items"]
    assert edges == {
        (*item["value"].split("-"), year): number
        for item in wide
        for year, number in item["cells"].items()
        if number
    }
    assert edges


def test_the_agreements_behind_a_median_are_listed_longest_first(site: Site) -> None:
    asked = "from=signed&to=report&" + "&".join(f"grade={grade}" for grade in Grade)
    counted = site.ask(f"/api/v1/agreements/counts?{asked}").json
    lines = counted["durations"]
    days = [line["days"] for line in lines]
    assert days == sorted(days, reverse=True)
    assert len(days) == counted["total"]["number"]
    assert median(days) == counted["total"]["median"]
    for line in lines:
        assert date.fromisoformat(line["end"]) - date.fromisoformat(line["begin"]) == timedelta(
            line["days"]
        )
    shown = site.ask(f"/count?{asked}").text
    places = [shown.index(f'/agreements/{line["id"]}"') for line in lines]
    assert places == sorted(places)


def test_of_what_is_compared_only_what_has_a_median_is_listed(site: Site) -> None:
    grades = "&".join(f"grade={grade}" for grade in Grade)
    asked = f"/api/v1/agreements/counts?from=signed&to=report&{grades}"
    whole, some = site.ask(asked).json, site.ask(f"{asked}&compare=MA").json
    assert len(some["durations"]) == some["total"]["number"] < len(whole["durations"])


def test_a_matrix_has_the_members_of_one_group_by_those_of_another(site: Site) -> None:
    grades = "&".join(f"grade={grade}" for grade in Grade)
    asked = f"rows=party&columns=party&group=eu-members&group=maghreb&{grades}"
    matrix = site.ask(f"/api/v1/agreements/counts?{asked}").json
    maghreb = {"MA", "DZ", "TN", "LY", "MR", "UMA"}
    rows = {one["value"] for one in matrix["items"]}
    assert rows
    assert rows.isdisjoint(maghreb)
    assert {one["value"] for one in matrix["columns"]} <= maghreb
    whole = site.ask(f"/api/v1/agreements/counts?{asked}&zeros=1").json
    assert {one["value"] for one in whole["columns"]} == maghreb
    assert {one["value"] for one in whole["items"]} > rows
    first = matrix["items"][0]
    column, number = next((code, n) for code, n in first["cells"].items() if n)
    listed = f"/api/v1/agreements?party={first['value']}&party={column}&{grades}"
    assert len(site.ask(listed).json["items"]) == number
    every = site.ask(f"/api/v1/agreements/counts?rows=party&columns=party&{grades}").json
    assert all(not one["cells"].get(one["value"]) for one in every["items"])

"""The search page and its documents: filters, days, versions, and counts that narrow."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from crawler.ingest.ingest import ingest
from scheduler.web.site import selection
from scheduler.web.site.pages.search_page import decisive
from storage.filter import load_party_groups
from storage.languages import SPOKEN_LANGUAGES
from storage.records import Evidence, Instrument, Zone
from storage.search import counts as document_facets
from tests.scheduler.given_digests import collect
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import NOW, card, judged


def links(shown: str) -> dict[str, str]:
    """The links of the facets, by their words."""
    aside = shown[shown.index("<aside") : shown.index("</aside>")]
    found = re.findall(r'<li><a href="([^"]*)"><bdi>([^<]*)</bdi></a>', aside)
    return {words: unescape(address) for address, words in found}


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("instrument=declaration", 3),
        ("instrument=treaty", 0),
        ("group=maghreb", 2),
        ("probability=0.5", 0),
        ("everything=1&probability=0.2", 1),
        ("everything=1&reviewed=no", 4),
        ("everything=1&reviewed=yes", 0),
    ],
)
def test_each_filter_narrows(site: Site, query: str, documents: int) -> None:
    assert f"{documents} document" in site.ask(f"/search?{query}").text
    path = f"/api/v1/documents?{query.replace('everything=1', 'everything=true')}"
    assert len(site.ask(path).json["items"]) == documents


def test_of_all_that_is_stored_no_more_are_counted_than_it_takes_to_narrow(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_facets, "COUNTED", 1)
    monkeypatch.setattr(selection, "MOST_DOCUMENTS", 2)
    # Counts are kept for some seconds: no other test asks for these.
    assert "more than 2 documents" in site.ask("/search?everything=1&since=1999-01-01").text
    assert ">3 documents<" in site.ask("/search?since=1999-01-01").text


def test_each_facet_is_a_link_that_narrows_to_as_many_as_it_says(site: Site) -> None:
    shown = site.ask("/search").text
    assert {"Morocco", "visas", "under negotiation", "declaration", "English"} <= set(links(shown))
    for words, address in links(shown).items():
        number = re.search(rf"<bdi>{words}</bdi></a> <span class=\"number\">(\d+)", shown)
        assert number
        assert f"{number[1]} document" in site.ask(address).text, words


def test_a_party_of_a_facet_is_added_to_those_that_were_chosen(site: Site) -> None:
    address = links(site.ask("/search?party=MA").text)["Niger"]
    assert address == "/search?party=MA&party=NE"


def test_what_was_chosen_is_named_and_can_be_taken_away(site: Site) -> None:
    shown = site.ask("/search?party=MA&instrument=declaration&everything=1").text
    assert 'href="/search?instrument=declaration&amp;everything=1" title="Remove:' in shown
    assert "<bdi>Kind: declaration</bdi>" in shown
    assert '<option value="declaration" selected>' in shown
    assert '<input type="hidden" name="party" value="MA">' in shown


def test_the_api_counts_the_same(site: Site) -> None:
    found = site.ask("/api/v1/documents/facets").json
    assert found["of_newest"] is None
    assert found["party"] == {"DE": 1, "IT": 1, "KE": 1, "MA": 1, "NE": 1, "TN": 1}
    assert found["status"] == {"signed": 2, "negotiating": 1}
    assert found["source"] == {"news.example": 3}
    assert found["language"] == {"en": 3}


def test_words_are_marked_in_title_and_text(site: Site) -> None:
    shown = site.ask("/search?q=declarations+minister").text
    assert "Rabat and Niamey sign a <mark>declaration</mark> (1)" in shown
    assert "The two <mark>ministers</mark> signed it on Tuesday." in shown
    assert "<mark>" not in site.ask("/search").text


def test_the_api_says_where_the_words_stand(site: Site) -> None:
    (first, *_) = site.ask("/api/v1/documents?q=minister&party=MA").json["items"]
    (piece,) = first["snippet"]
    assert (piece["zone"], piece["matches"]) == (
        "text",
        [{"start": 8, "end": 17, "text": "ministers"}],
    )
    assert site.ask("/api/v1/documents").json["items"][0]["snippet"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("OR", "Left out: OR."),
        ("%22", "Left out: &#34;."),
        ("x", "Left out: x."),
        ("%00", ""),
        ("-", "This cannot be searched for"),
        ("unheard", "Searched for: unheard."),
        ("unheard+%26", "Left out: &amp;."),
    ],
)
def test_nothing_found_is_answered_with_a_hint(site: Site, query: str, expected: str) -> None:
    answer = site.ask(f"/search?q={query}")
    assert answer.code == 200
    assert expected in answer.text
    assert site.ask(f"/api/v1/documents?q={query}").code == 200


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", "Aucun document trouvé."),
        ("es", "No se encontraron documentos."),
        ("ar", "لم يُعثر على وثائق."),
    ],
)
def test_a_hint_speaks_the_language_of_the_reader(site: Site, language: str, expected: str) -> None:
    assert expected in site.ask(f"/search?q=unheard&lang={language}").text


def test_a_hint_names_what_is_written_alike_and_leads_to_it(site: Site) -> None:
    shown = site.ask("/search?q=declaraton&everything=1").text
    match = re.search(r'<a href="([^"]*)" class="chip"><bdi>declaration</bdi>', shown)
    assert match
    assert "document" in site.ask(unescape(match[1])).text
    assert "declaration" in site.ask("/api/v1/documents?q=declaraton").json["hint"]["near"]


def test_what_only_the_silent_documents_have_leads_to_everything(site: Site) -> None:
    shown = site.ask("/search?q=%22number+4%22").text
    match = re.search(r'<a href="([^"]*everything=1[^"]*)">search all documents</a>', shown)
    assert match
    assert "1 document<" in site.ask(unescape(match[1])).text


def test_what_is_left_out_of_a_search_with_hits_is_said_too(site: Site) -> None:
    shown = site.ask("/search?q=a+declaration").text
    assert "Left out: a." in shown
    assert "1 document<" in shown


def test_the_order_is_kept_in_the_address(site: Site) -> None:
    shown = site.ask("/search?q=declaration&sort=relevance").text
    assert '<option value="relevance" selected>' in shown
    assert all("sort=relevance" in address for address in links(shown).values())
    path = "/api/v1/documents?q=minister&limit=1&sort=relevance"
    first = site.ask(path).json
    assert "sort=relevance" in first["next"]
    assert site.ask("/api/v1/documents?sort=length").code == 422


@pytest.mark.parametrize("language", SPOKEN_LANGUAGES)
def test_each_kind_and_each_group_has_a_name_of_its_own(site: Site, language: str) -> None:
    shown = site.ask(f"/search?lang={language}").text
    for name, ids in (("instrument", list(Instrument)), ("group", load_party_groups().parties)):
        select = re.search(rf'<select[^>]*name="{name}".*?</select>', shown, re.DOTALL)
        assert select
        offered = re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', select[0])
        assert {value for value, _ in offered} == set(map(str, ids))
        assert len({text for _, text in offered}) == len(ids)
        assert not [text for value, text in offered if name == "group" and text == value]


def test_a_group_that_was_chosen_is_named_as_it_was_offered(site: Site) -> None:
    shown = site.ask("/search?group=aes&lang=fr").text
    chosen = shown.partition('<span class="chosen">')[2]
    assert re.search(r"Groupe\s:\sAlliance des États du Sahel", chosen)


def test_only_decisive_words_are_marked_in_a_text() -> None:
    weak, strong = (Evidence("r", "act", Zone.BODY, 0, 4, "word", weight) for weight in (0.9, -1.0))
    assert decisive([weak, strong]) == [strong]
    assert decisive([weak]) == [weak]  # where nothing is, the best there is


QUERY = "party=MA&since=2026-03-01&until=2026-03-31&by=learnt&grade=unconfirmed"


def chips(shown: str) -> dict[str, str]:
    """The address of each chip, by its words."""
    found = re.findall(r'<a class="chip" href="([^"]+)" title="[^"]+"><bdi>([^<]+)</bdi>', shown)
    return {words: address.replace("&amp;", "&") for address, words in found}


@pytest.mark.parametrize("path", ["/", "/map", "/search"])
def test_each_filter_is_a_chip_that_goes_by_itself(site: Site, path: str) -> None:
    found = chips(site.ask(f"{path}?{QUERY}").text)
    assert found["Since: 1 March 2026"] == (
        f"{path}?party=MA&grade=unconfirmed&until=2026-03-31&by=learnt"
    )
    assert found["Parties: Morocco"].startswith(f"{path}?grade=unconfirmed&since=2026-03-01")
    assert set(found) == {
        "Parties: Morocco",
        "Grade: unconfirmed",
        "Since: 1 March 2026",
        "Until: 31 March 2026",
        "Date of: addition to the register",
    }


@pytest.mark.parametrize("path", ["/", "/map", "/search"])
def test_the_form_keeps_the_days_in_its_fields(site: Site, path: str) -> None:
    shown = site.ask(f"{path}?{QUERY}").text
    searched = shown.partition('role="search"')[2].partition("</form>")[0]
    assert searched.count('name="since"') == 1
    assert '<input name="since" value="2026-03-01" type="date">' in shown
    assert '<input name="until" value="2026-03-31" type="date">' in shown
    assert '<option value="learnt" selected>' in shown
    assert '<input type="hidden" name="party" value="MA">' in shown


@pytest.mark.parametrize("path", ["/", "/map", "/search"])
def test_fields_that_were_left_empty_do_not_stay_in_the_address(site: Site, path: str) -> None:
    sent = site.ask(f"{path}?q=&party=MA&since=&until=&by=")
    assert (sent.code, sent.headers["location"]) == (303, f"{path}?party=MA")
    assert site.ask(f"{path}?q=").headers["location"] == path


def test_days_of_learning_choose(site: Site) -> None:
    assert "3 agreements" in site.ask("/?since=2026-03-12&until=2026-03-12&by=learnt").text
    assert "0 agreements<" in site.ask("/?since=2026-03-13&by=learnt").text
    assert site.ask("/api/v1/agreements?until=2026-03-11&by=learnt").json["items"] == []
    assert site.ask("/api/v1/agreements?by=guess").code == 422


AT = "12 March 2026, 09:30 UTC"
SENTENCES = {
    "en": (
        f"Imported on {AT} as news: subscribers",
        f"Imported on {AT}, not as news: no subscriber",
    ),
    "fr": (
        "Importé le 12 mars 2026, 09:30 UTC comme nouvelle",
        "09:30 UTC, mais pas comme nouvelle",
    ),
    "es": ("como noticia: se avisa a los suscriptores.", "no se avisa a ningún suscriptor."),
    "ar": ("يُشعَر به المشتركون.", "لا يُشعَر به أي مشترك."),
}


def brought_in(site: Site, number: int, *, alerts: bool, source: str | None = None) -> int:
    """A report of its own, brought in with or without alerts; its number."""
    one = judged(number, card=card(parties=("IT", "TN")))
    one = replace(one, document=replace(one.document, source_id=source))
    with site.served.database.begin() as s:
        done = ingest(
            s, [one], (), now=NOW, run_id=None, crawl=False, max_age_days=None, alerts=alerts
        )
    (stored,) = done.stored
    assert stored is not None
    return stored.document_id


@pytest.mark.parametrize("language", SENTENCES)
def test_an_import_says_whether_subscribers_were_notified(tmp_path: Path, language: str) -> None:
    pending, silent = SENTENCES[language]
    with serving(tmp_path, judged(1)) as site:
        notified = brought_in(site, 2, alerts=True)
        unannounced = brought_in(site, 3, alerts=False)
        collected = brought_in(site, 4, alerts=True, source="fleuve")
        shown = {
            number: site.ask(f"/documents/{number}?lang={language}").text
            for number in (notified, unannounced, collected)
        }
    assert [pending in text for text in shown.values()] == [True, False, False]
    assert [silent in text for text in shown.values()] == [False, True, False]


def test_a_changed_document_shows_its_versions_and_what_changed(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, text="They talked <b>there</b>.")) as site:
        assert "/versions/" not in site.ask("/documents/1").text
        changed = judged(1, text="They signed <b>there</b>.")
        served = site.served
        collect(served.database, served.chosen, changed, now=NOW + timedelta(days=1))
        assert "/documents/1/versions/2" in site.ask("/documents/1").text
        page = site.ask("/documents/1/versions/2").text
        assert "<del>talked</del>" in page
        assert "<ins>signed</ins> &lt;b&gt;there" in page
        first = site.ask("/documents/1/versions/1?lang=fr").text
        assert "Cette version est la première" in first
        assert site.ask("/documents/1/versions/3").code == 404
        assert site.ask("/documents/9/versions/1").code == 404
        found = site.ask("/api/v1/documents/1/versions").json["items"]
        assert [row["version"] for row in found] == [1, 2]
        assert {"change": "removed", "text": "talked"} in found[1]["changes"][0]
        assert site.ask("/api/v1/documents/9/versions").code == 404

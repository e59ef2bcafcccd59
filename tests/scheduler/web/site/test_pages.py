"""The pages, asked for over HTTP: footers, moments, compressed answers."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest

from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from scheduler.views.words.labels import labels_of
from scheduler.views.words.page import ago
from scheduler.web.site import installation
from scheduler.web.site.guard import HEADERS
from scheduler.web.site.installation import Installation, ValueCache
from storage.languages import LANGUAGES, SPOKEN_LANGUAGES
from storage.notifications.incidents import save_open
from storage.notifications.tables import Incident
from storage.phrases import Phrase, day
from storage.source import Source, SourceKind
from storage.sources.states import record_poll
from storage.sources.tables import Poll
from tests.scheduler.command_line import accordwatch
from tests.scheduler.web.site.running import ENDPOINTS, PAGES, Site, database_of, running, serving
from tests.storage.counting import statements
from tests.storage.given import NOW, card, judged


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["fr", "en", "ar", "es"])
def test_each_page_is_there_in_each_language(site: Site, path: str, language: str) -> None:
    answer = site.ask(f"{path}?lang={language}")
    assert answer.code == 200
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["content-language"] == language
    assert ('dir="rtl"' in answer.text.partition("<head>")[0]) == (language == "ar")


def test_the_browser_s_language_is_taken_and_a_choice_is_kept(site: Site) -> None:
    assert 'lang="fr"' in site.ask("/", Accept_Language="pt-BR,fr;q=0.8,en;q=0.5").text
    assert (
        '<html lang="fr"' in site.ask("/", Accept_Language="en; q=0.5, fr ;\tQ = 0.9, ar;q=0").text
    )
    assert "language=es" in site.ask("/search?lang=es").headers["set-cookie"]
    assert '<html lang="es"' in site.ask("/", Cookie="language=es", Accept_Language="fr").text


def test_the_register_names_each_agreement_with_its_status_and_its_reports(site: Site) -> None:
    shown = site.ask("/").text
    assert "3 agreements" in shown
    assert "Morocco–Niger declaration on trafficking and smuggling, 2026" in shown
    assert re.search(r'class="stage talks">under negotiation', shown)
    assert "10 Mar 2026" in shown
    assert "Compiled from 4 documents. Monitored: 1 source" in shown


@pytest.mark.parametrize("query", ["party=NE&party=MA", "party=NE&language=en"])
def test_a_page_of_the_register_looks_its_selection_up_once(site: Site, query: str) -> None:
    site.ask("/")  # the columns of the register are kept from now on
    with statements(database_of(site)) as received:
        site.ask(f"/?{query}")
    assert sum("register_stamp" in one for one in received) == 2  # for columns, and for selection
    assert sum("group_concat(CAST(agreements.id" in one for one in received) == 1


def test_words_find_an_agreement_and_nothing_says_what_to_do(site: Site) -> None:
    assert "1 agreement<" in site.ask("/?q=workers").text
    empty = site.ask("/?q=unheard").text
    assert "No results." in empty
    assert "accordwatch run" not in empty  # enough was collected


def test_an_agreement_shows_its_steps_with_quote_and_report(site: Site) -> None:
    shown = site.ask("/agreements/A1").text
    assert "History" in shown
    assert "The two ministers signed it on Tuesday." in shown
    assert 'href="/documents/1"' in shown
    assert 'href="https://news.example/1" rel="noreferrer noopener"' in shown


def test_a_document_marks_the_evidence_in_its_place(site: Site) -> None:
    shown = site.ask("/documents/1").text
    assert '<mark class="for" title="an action +2.0">signed</mark> it on Tuesday' in shown
    assert 'href="/agreements/A1"' in shown


def test_a_search_finds_reports_and_on_wish_everything_else(site: Site) -> None:
    assert "3 documents" in site.ask("/search").text
    assert "4 documents" in site.ask("/search?everything=1").text


@pytest.mark.parametrize(
    "path",
    [
        "/agreements/A99",
        "/agreements/nonsense",
        "/documents/0",
        "/documents/99999999999999999999999",
        "/documents/-1",
        "/runs/0",
        "/runs/99999999999999999999",
        "/runs/last",
        "/nowhere",
        "/%00",
    ],
)
def test_what_is_not_there_is_a_404_that_says_so(site: Site, path: str) -> None:
    answer = site.ask(path)
    assert answer.code == 404
    assert "There is nothing at this address." in answer.text


@pytest.mark.parametrize(
    "query", ['"', '"""', "AND OR NOT", "-", "*", "( ) ^ : ~", "%00", "x" * 500, "%F0%9F%92%A9"]
)
def test_any_query_is_answered(site: Site, query: str) -> None:
    for path in ("/", "/search", "/feed.atom"):
        assert site.ask(f"{path}?q={query.replace(' ', '%20').replace('^', '%5E')}").code == 200


def test_every_answer_carries_the_headers_that_guard_it(site: Site) -> None:
    for path in (*PAGES, "/nowhere", "/static/site.css", "/api/v1/agreements", "/feed.atom"):
        found = site.ask(path).headers
        for name, value in HEADERS.items():
            assert found[name.lower()] == value, path


def test_a_page_asks_nothing_from_elsewhere(site: Site) -> None:
    for path in PAGES:
        shown = site.ask(path).text
        assert "<script" not in shown
        assert "style=" not in shown
        addresses = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', shown)
        assert addresses
        assert all(address.startswith("/") for address in addresses)


def test_pages_of_a_long_register_follow_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [f"{one}{other}" for one in "ABCDEFGHIJ" for other in "ABCDE"][:35]
    news = [judged(n, card=card(parties=("EU", code))) for n, code in enumerate(states, 1)]
    monkeypatch.setattr("scheduler.web.site.pages.register_pages.PAGE", 30)
    with serving(tmp_path, *news) as site:
        seen, path = [], "/"
        while path:
            shown = site.ask(path).text
            seen += re.findall(r'<th scope="row"[^>]*><a href="/agreements/(A\d+)"', shown)
            older = re.search(r'rel="next" href="([^"]+)"', shown)
            path = "/" + older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 35


def test_an_agreement_that_was_merged_leads_to_its_heir(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        with database_of(site).begin() as s:
            curation.merge(s, "A1", "A2", Curator("amina", "one deal", NOW))
        gone = [site.ask(f"/agreements/A{n}") for n in (1, 2)]
        assert sorted(answer.code for answer in gone) == [200, 301]
        (moved,) = (answer for answer in gone if answer.code == 301)
        assert site.ask(moved.headers["location"]).code == 200
        assert [site.ask(f"/api/v1/agreements/A{n}").code for n in (1, 2)] == [
            answer.code for answer in gone
        ]


def test_behind_a_proxy_every_address_keeps_its_prefix(tmp_path: Path) -> None:
    with serving(tmp_path, root_path="/watch") as site:
        for path in PAGES:
            addresses = re.findall(r'(?:href|action)="(/[^"]*)"', site.ask("/watch" + path).text)
            assert addresses
            assert all(address.startswith("/watch/") for address in addresses), path


def test_the_languages_of_documents_are_marked(site: Site) -> None:
    assert "ar" in LANGUAGES
    assert 'class="title" dir="ltr" lang="en">' in site.ask("/search").text


def test_the_page_of_data_names_each_list_of_the_api(site: Site) -> None:
    shown = site.ask("/data").text
    lists = [
        endpoint.path
        for endpoint in ENDPOINTS
        if endpoint.path.startswith("/api/") and endpoint.method == "GET"
    ]
    assert [path for path in lists if "{" not in path and f'href="{path}"' not in shown] == []


def test_every_address_that_the_page_of_data_names_answers(site: Site) -> None:
    shown = unescape(site.ask("/data?lang=en").text.partition("<h1>")[2].partition("</main>")[0])
    named = {*re.findall(r'href="([^"]+)"', shown), *re.findall(r"<code>(/[^<]+)</code>", shown)}
    assert {"/api/v1/", "/feed.json", "/corridors/IT-TN/feed.atom"} <= named
    assert "/feed.atom?corridor=IT-TN" in named
    assert {path: site.ask(path).code for path in named} == dict.fromkeys(named, 200)
    assert ".json feed" not in shown


def test_the_command_that_the_page_of_sources_names_estimates_what_is_missed(site: Site) -> None:
    shown = site.ask("/sources").text
    (command,) = re.findall(r"<code[^>]*>accordwatch ([^<]+)</code></p>", shown)
    done = accordwatch(*command.split(), cwd=site.served.chosen.folder, text="q\n")
    assert re.search(r"missed", done.stdout + done.stderr)


def test_the_number_beside_a_step_says_what_it_counts(tmp_path: Path) -> None:
    silent = judged(2, card=card(status=None), title="The declaration of Rabat")
    with serving(tmp_path, judged(1), silent) as site:
        shown = site.ask("/agreements/A1").text
    assert "<small>1 of 2 reports name this status</small>" in shown


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Follows "), ("fr", "Fait suite à "), ("es", "Sigue a "), ("ar", "يأتي بعد ")],
)
def test_an_entry_names_the_one_that_it_follows_among_its_facts(
    tmp_path: Path, language: str, words: str
) -> None:
    before = date(2019, 5, 6)
    earlier = judged(1, card=card(event_date=before), published_on=before)
    with serving(tmp_path, earlier, judged(2)) as site:
        shown = site.ask(f"/agreements/A2?lang={language}").text
        named = site.ask(f"/api/v1/agreements/A1?lang={language}").json["name"]
    assert f'<p class="meta">{words}<a href="/agreements/A1"><bdi>{named}</bdi></a>' in shown


def test_what_changed_in_a_source_is_said_in_the_reader_s_language(tmp_path: Path) -> None:
    fleuve = Source("fleuve", SourceKind.FEED, "https://fleuve.example/rss")
    what = Phrase(
        "has new addresses, but its newest document is of {day}; find what took its"
        " place: accordwatch sources add {home}",
        day=day(date(2025, 11, 14)),
        home="https://fleuve.example",
    )
    line = Phrase("the source {source} {what}", source=fleuve.id, what=what)
    with serving(tmp_path, judged(1)) as site:
        with site.served.database.begin() as s:
            save_open(s, [Incident("source:fleuve:old", line, NOW, NOW)])
        shown_in = {code: site.ask(f"/sources?lang={code}").text for code in SPOKEN_LANGUAGES}
        of_programs = site.ask("/api/v1/sources?lang=fr").text
    english = "has new addresses, but its newest document is of 14 November"
    assert english in shown_in["en"]
    assert english in of_programs
    assert "son document le plus récent est du 14 novembre" in shown_in["fr"]
    assert not [
        code for code, shown in shown_in.items() if code != "en" and "newest document" in shown
    ]


def test_why_a_source_fails_is_said_in_the_reader_s_language(tmp_path: Path) -> None:
    error = "http_404: https://fleuve.example/rss: answers 404"
    with serving(tmp_path, judged(1)) as site:
        with site.served.database.begin() as s:
            record_poll(s, "fleuve", Poll(NOW, False, 0, 0), error)
        shown_in = {code: site.ask(f"/sources?lang={code}").text for code in SPOKEN_LANGUAGES}
    assert "answers 404" in shown_in["en"]
    assert "<bdi>يجيب بالرمز 404 (http_404)</bdi>" in shown_in["ar"]
    assert not [code for code, shown in shown_in.items() if code != "en" and "answers" in shown]


def test_no_line_of_a_template_is_longer_than_readers_can_take_in() -> None:
    templates = [path for layer in ("scheduler", "spiders") for path in Path(layer).rglob("*.j2")]
    assert len(templates) > 60
    lines = ((path, line) for path in templates for line in path.read_text("utf-8").splitlines())
    assert [(str(path), line) for path, line in lines if len(line) > 140] == []


@pytest.mark.parametrize("path", ["/", "/feed.atom", "/api/v1/agreements", "/static/site.css"])
def test_who_takes_gzip_gets_it(site: Site, path: str) -> None:
    plain, packed = site.ask(path), site.ask(path, Accept_Encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert len(packed.body) < len(plain.body) / 2
    # The tokens of forms differ by the moment alone.
    shown = [re.sub(rb"\d+", b"", one) for one in (gzip.decompress(packed.body), plain.body)]
    assert shown[0] == shown[1]


def test_what_is_known_is_still_not_sent_again(site: Site) -> None:
    tag = site.ask("/api/v1/agreements", Accept_Encoding="gzip").headers["etag"]
    assert tag.startswith('W/"')
    again = site.ask("/api/v1/agreements", Accept_Encoding="gzip", If_None_Match=tag)
    assert (again.code, again.body) == (304, b"")
    head = site.ask("/", "HEAD", Accept_Encoding="gzip")
    assert (head.code, head.body) == (200, b"")


@pytest.mark.parametrize("site_of", ["cross-site", "same-site"])
def test_what_another_site_asks_is_not_compressed(site: Site, site_of: str) -> None:
    """Its length would tell how well a guess in the address goes with the secrets of the page."""
    path = "/search?q=guess"
    foreign = site.ask(path, Accept_Encoding="gzip", Sec_Fetch_Site=site_of)
    assert "content-encoding" not in foreign.headers
    own = site.ask(path, Accept_Encoding="gzip", Sec_Fetch_Site="same-origin")
    assert own.headers["content-encoding"] == "gzip"


def test_that_sources_are_alive_is_counted_once_where_it_takes_long(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_WORTH_S", -1.0)  # as if it took long
    clock = [0.0]
    served = Installation(
        site.served.database,
        site.served.chosen,
        now=lambda: NOW,
        cache=ValueCache(lambda: clock[0]),
    )
    with running(served) as shown:
        before = shown.ask("/subscriptions").text
        with served.database.begin() as s:
            for _ in range(3):
                at = NOW - timedelta(minutes=1)
                record_poll(s, "fleuve", Poll(at, False, 0, 0), "dns")
        assert footer(shown.ask("/decisions").text) == footer(before)
        clock[0] += 60
        assert footer(shown.ask("/decisions").text) != footer(before)


def footer(page: str) -> str:
    return page.partition("<footer")[2].partition("</p>")[0]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (5, "5 seconds ago"),
        (117, "2 minutes ago"),
        (5700, "95 minutes ago"),
        (-117, "in 2 minutes"),
    ],
)
def test_seconds_are_counted_below_a_minute_alone(seconds: int, expected: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW, labels_of("en")) == expected

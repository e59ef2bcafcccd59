"""Grades, doubt, announcements and texts: on an entry's page, in lists, as a filter, in the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scheduler.notify.channels.chat import chat_text
from scheduler.notify.channels.payload import payload
from scheduler.notify.digest.render import render
from storage.database.session import open_database
from storage.documents.official import note_official
from storage.records import DateBasis, Judged, Status
from storage.register.entry import Step
from storage.source import Source, SourceKind
from storage.sources.ledger import Tally, write
from tests.scheduler.command_line import accordwatch
from tests.scheduler.given_digests import collect, configured
from tests.scheduler.notify.digest.samples import ITEM, about, in_language
from tests.scheduler.web.site.running import Site, database_of, serving
from tests.storage.given import NOW, card, judged


def report(number: int, probability: float, **values: object) -> Judged:
    one = judged(number, **values)  # type: ignore[arg-type]  # given on as they are
    return replace(one, verdict=replace(one.verdict, probability=probability))


@pytest.fixture(scope="module")
def sure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A1 is reported by two outlets, A2 by one, of which the judge is not sure."""
    cairo = card(parties=("EG", "EU"), place="العاصمة المصرية", place_key="cairo")
    news = (
        report(1, 0.9, outlet="Le Fleuve"),
        report(2, 0.9, outlet="Hespress"),
        report(3, 0.5, card=cairo, outlet="Al Ahram"),
    )
    with serving(tmp_path_factory.mktemp("sure"), *news) as site:
        yield site


def test_lists_have_a_word_with_its_meaning(sure: Site) -> None:
    shown = sure.ask("/?grade=unconfirmed&grade=likely").text
    means = "found automatically; nobody has confirmed it yet"
    assert f'<span class="sure unconfirmed" title="{means}">unconfirmed</span>' in shown
    assert ">likely</span>" in sure.ask("/").text
    # Where the filter names one grade, its column would say the same in each row.
    assert 'class="c-grade"' not in sure.ask("/?grade=unconfirmed").text
    assert 'class="c-grade"' in sure.ask("/?grade=unconfirmed&columns=name,grade").text


def test_what_waits_leaves_out_what_is_unconfirmed_and_says_how_much_that_is(sure: Site) -> None:
    shown = sure.ask("/pending").text
    assert ('href="/agreements/A1"' in shown, 'href="/agreements/A2"' in shown) == (True, False)
    assert '<a href="/pending?grade=unconfirmed">1 unconfirmed entry</a>' in shown
    assert 'href="/agreements/A2"' in sure.ask("/pending?grade=unconfirmed").text
    listed = sure.ask("/api/v1/pending").json
    assert ([one["id"] for one in listed["items"]], listed["unconfirmed"]) == (["A1"], 1)


def test_the_first_list_leaves_out_what_is_unconfirmed_and_says_how_much_that_is(
    sure: Site,
) -> None:
    shown = sure.ask("/").text
    assert "EU–Egypt" not in shown
    assert '<a href="/?grade=unconfirmed">1 unconfirmed entry</a>' in shown
    assert "<small>1 agreement</small>" in shown
    assert "Egypt" in sure.ask("/?party=EG").text  # who asks for something gets all of it


def test_what_the_first_list_leaves_out_is_not_in_its_files_and_feed(sure: Site) -> None:
    shown = sure.ask("/").text.replace("&amp;", "&")
    (rows,) = re.findall(r'href="(/[^"]*format=json)"', shown)
    assert [row["grade"] for row in sure.ask(rows).json["items"]] == ["likely"]
    assert "Egypt" not in sure.ask("/?format=json").text
    feeds = set(re.findall(r'href="(/feed.atom[^"]*)"', shown))
    assert [sure.ask(feed).text.count("<entry>") for feed in feeds] == [1]


def test_the_years_above_the_first_list_are_those_of_what_it_shows(tmp_path: Path) -> None:
    def reports_on(number: int, year: int, *parties: str) -> list[Judged]:
        event = card(parties=parties, event_date=date(year, 5, 4))
        when = date(year, 5, 5)
        reports = [report(number, 0.95, card=event, outlet="Le Fleuve", published_on=when)]
        if year != 2025:  # a second outlet makes it likely
            reports.append(
                report(number + 1, 0.95, card=event, outlet="Hespress", published_on=when)
            )
        return reports

    news = [
        *reports_on(1, 2021, "MA", "NE"),
        *reports_on(3, 2025, "EG", "EU"),
        *reports_on(5, 2026, "IT", "TN"),
    ]
    with serving(tmp_path, *news) as site:
        shown = site.ask("/").text.replace("&amp;", "&")
        assert "2021: 1 agreement" in shown
        assert "2025: 1 agreement" not in shown
        (to_2021,) = set(re.findall(r'href="(/[^"]*2021-01-01[^"]*)"', shown))
        assert "<small>1 agreement</small>" in site.ask(to_2021).text
        assert "2025: 1 agreement" in site.ask(EVERY_GRADE).text


EVERY_GRADE = "/?grade=confirmed&grade=likely&grade=unconfirmed"


@pytest.mark.parametrize("chosen", ["", "known=yes", "as_of=2026-03-31", "sort=status"])
def test_every_door_leaves_out_the_same_until_a_filter_is_chosen(sure: Site, chosen: str) -> None:
    def numbers(query: str) -> list[int]:
        counts = sure.ask(f"/api/v1/agreements/counts?{query}").json
        return [
            len(sure.ask(f"/api/v1/agreements?{query}").json["items"]),
            sure.ask(f"/api/v1/facets?{query}").json["total"],
            counts["of"],
            *(len(sure.ask(f"{path}?{query}&format=json").json["items"]) for path in FILES),
            sure.ask(f"/feed.atom?{query}").text.count("<entry>"),
            *(int(NUMBER.findall(sure.ask(f"{path}?{query}").text)[0]) for path in PAGES),
        ]

    given = "" if chosen.startswith("sort") else chosen
    shown = int(NUMBER.findall(sure.ask(f"/?{chosen}").text)[0])
    assert set(numbers(given)) == {shown} == {1}
    for path in ("agreements", "facets"):
        assert sure.ask(f"/api/v1/{path}?{given}").json["unconfirmed"] == 1
    for every in (EVERY_GRADE.partition("?")[2], "status=signed"):
        assert set(numbers(f"{every}&{given}".rstrip("&"))) == {2}


NUMBER = re.compile(r"<small>(\d+) agreement")
FILES, PAGES = ("/", "/timeline"), ("/", "/map", "/timeline")


@pytest.mark.parametrize("path", ["/", "/map", "/timeline", "/count"])
def test_each_page_says_what_it_leaves_out_and_shows_it_at_a_click(sure: Site, path: str) -> None:
    shown = sure.ask(f"{path}?known=yes").text.replace("&amp;", "&")
    assert "left out until you choose a filter" in shown
    (switch,) = re.findall(r'href="([^"]+)">Include unconfirmed entries<', shown)
    assert "left out until" not in sure.ask(switch).text
    assert "known=yes" in switch


def test_the_switch_for_lists_is_there_only_where_lists_know_something(sure: Site) -> None:
    assert ">Include agreements known only from lists</a>" not in sure.ask("/").text


def test_where_nothing_is_sure_the_first_list_has_all(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with serving(tmp_path_factory.mktemp("unsure"), report(1, 0.5)) as site:
        shown = site.ask("/").text
        assert "1 agreement<" in shown
        assert "unconfirmed entry" not in shown


def test_an_agreement_says_why(sure: Site) -> None:
    assert (
        "Reported by 2 independent outlets: Le Fleuve and Hespress."
        in sure.ask("/agreements/A1").text
    )
    doubtful = sure.ask("/agreements/A2?lang=fr").text
    assert "Rapporté seulement par Al Ahram, avec une probabilité de 50 %." in doubtful


def test_the_surest_come_first_in_the_choice_which_filters(sure: Site) -> None:
    shown = sure.ask("/?known=yes").text
    assert re.findall(r'&amp;grade=(\w+)"', shown) == ["likely", "unconfirmed"]
    assert "1 agreement<" in sure.ask("/?grade=unconfirmed").text


def test_documents_are_found_by_how_sure_their_agreement_is(sure: Site) -> None:
    assert "2 documents" in sure.ask("/search?grade=likely").text
    chosen = sure.ask("/search?grade=likely&lang=ar").text
    assert "درجة التأكيد: مرجح" in chosen
    assert '<option value="likely" selected>' in chosen


def test_the_api_tells_and_filters(sure: Site) -> None:
    (found,) = sure.ask("/api/v1/agreements?grade=unconfirmed").json["items"]
    assert (found["grade"], found["place"], found["place_key"]) == (
        "unconfirmed",
        "العاصمة المصرية",
        "cairo",
    )
    assert sure.ask("/api/v1/facets").json["grade"] == {"likely": 1, "unconfirmed": 1}
    assert sure.ask("/api/v1/agreements?grade=maybe").code == 422


def test_facets_count_what_the_list_has_and_counts_say_what_they_leave_out(sure: Site) -> None:
    facets = sure.ask("/api/v1/facets").json
    assert sum(facets["status"].values()) == facets["total"] == 1
    assert "EG" not in facets["party"]
    assert sure.ask("/api/v1/agreements/counts").json["unconfirmed"] == 1
    assert sure.ask("/api/v1/agreements/counts?party=EG").json["unconfirmed"] == 0


def test_the_command_says_beside_its_table_which_rows_the_page_leaves_out(sure: Site) -> None:
    folder, hint = sure.served.chosen.path.parent, "1 of them unconfirmed"
    listed = accordwatch("agreements", cwd=folder)
    assert f"{hint}; without: --grade confirmed --grade likely" in listed.stderr
    assert hint not in listed.stdout
    asked = ("agreements", "--grade", "confirmed", "--grade", "likely")
    for others in (asked, ("agreements", "--format", "jsonl")):
        assert hint not in accordwatch(*others, cwd=folder).stderr


def test_a_place_is_called_by_its_name_in_the_reader_s_language(sure: Site) -> None:
    assert "<bdi>Cairo</bdi>" in sure.ask("/agreements/A2").text
    assert "<bdi>Le Caire</bdi>" in sure.ask("/?lang=fr&party=EG&columns=name,place").text


def test_who_may_not_edit_finds_no_form(sure: Site) -> None:
    assert "/agreements/A1/irrelevant" not in sure.ask("/agreements/A1").text


def reported(number: int, status: Status, on: date, probability: float) -> Judged:
    one = judged(number, card=card(status=status, event_date=on), published_on=on)
    return replace(one, verdict=replace(one.verdict, probability=probability))


def test_a_step_in_doubt_is_marked_and_no_other(tmp_path: Path) -> None:
    signed = reported(1, Status.SIGNED, date(2025, 3, 10), 0.99)
    suspended = reported(2, Status.SUSPENDED, date(2025, 9, 1), 0.7)
    with serving(tmp_path, signed, suspended) as site:
        shown = site.ask("/agreements/A1").text
    assert shown.count("Uncertain: only one outlet reports it") == 1
    assert shown.index("suspended") < shown.index("Uncertain: only one outlet reports it")


_FRIDAY = date(2026, 3, 13)
_ANNOUNCED = card(
    status=Status.CONCLUDED,
    event_date=date(2026, 3, 11),
    event_date_basis=DateBasis.PUBLISHED,
    expected_on=_FRIDAY,
)
_SENTENCES = {
    "en": "expected on 13 March 2026",
    "fr": "attendu le 13 mars 2026",
    "es": "previsto para el 13 de marzo de 2026",
    "ar": "متوقع في 13 مارس 2026",
}


def test_the_page_and_programs_tell_the_day(tmp_path: Path) -> None:
    with serving(tmp_path, judged(1, card=_ANNOUNCED)) as site:
        for language, sentence in _SENTENCES.items():
            assert site.ask(f"/agreements/A1?lang={language}").text.count(sentence) == 2, language
            assert sentence in site.ask(f"/feed.atom?lang={language}").text, language
        (found,) = site.ask("/api/v1/agreements").json["items"]
    assert (found["status"], found["event_date"]) == ("concluded_not_signed", "2026-03-11")
    assert found["expected_on"] == found["history"][0]["expected_on"] == "2026-03-13"


@pytest.mark.parametrize("name", ["agreements", "changes?days=30000", "pending", "documents"])
def test_every_list_has_the_announced_day_as_a_column(tmp_path: Path, name: str) -> None:
    with serving(tmp_path, judged(1, card=_ANNOUNCED)) as site:
        (row,) = site.ask(f"/api/v1/{name}").json["items"]
    assert row["expected_on"] == "2026-03-13"


def test_the_terminal_tells_the_day_until_it_is_signed(tmp_path: Path) -> None:
    chosen = configured(tmp_path)
    database = open_database(chosen.database)
    collect(database, chosen, judged(1, card=_ANNOUNCED), now=NOW)
    assert f"signed, {_SENTENCES['en']}" in re.sub(
        "[\u2066-\u2069]", "", accordwatch("show", "A1", cwd=tmp_path).stdout
    )
    signed = card(event_date=_FRIDAY)
    collect(database, chosen, judged(2, card=signed, published_on=_FRIDAY), now=NOW)
    database.close()
    (row,) = accordwatch("agreements", "--format", "jsonl", cwd=tmp_path).stdout.splitlines()
    found = json.loads(row)
    assert (found["status"], found["event_date"], found["expected_on"]) == (
        "signed",
        "2026-03-13",
        None,
    )
    assert [step["expected_on"] for step in found["history"]] == ["2026-03-13", None]


@pytest.mark.parametrize("language", _SENTENCES)
def test_a_mail_a_chat_and_a_webhook_tell_the_day(language: str) -> None:
    step = Step(Status.CONCLUDED, None, "", (), _FRIDAY)
    told = about(ITEM, status=step.status, event_date=None, history=(step,))
    item = replace(told, step=step)
    digest = replace(in_language(language), items=(item,), rest=(item,))
    rendered = render(digest)
    assert rendered.text.count(_SENTENCES[language]) == 2
    assert _SENTENCES[language] in rendered.html
    assert _SENTENCES[language] in chat_text(digest)
    assert payload(digest)["data"]["items"][0]["expected_on"] == "2026-03-13"


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
    assert "no source marked as official so far" in texts.ask("/agreements/A2").text


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
    assert {corridor["parties"][0]: corridor["with_text"] for corridor in corridors} == {
        "MA": 1,
        "EG": 0,
        "IT": 0,
        "DE": 0,
    }
    table = texts.ask("/?format=csv&text=missing").text
    assert table.splitlines()[0].count("text_due_on") == 1
    assert ",Al Ahram,missing," in table

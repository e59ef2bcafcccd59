"""Entering an agreement by hand and an article by its address; texts and candidates for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from scheduler.views.words.labels import labels_of
from storage.lists import queries
from storage.records import Grade, Status, Topic
from storage.register.entry import Agreement
from storage.search.document_rows import report_rows
from tests.scheduler.command_line import accordwatch
from tests.scheduler.web.site.editing.filled_forms import Fields, fill, form_in, send
from tests.scheduler.web.site.running import Answer, Site, allow_private, database_of, serving
from tests.spiders.made_site import MadeSite, made_site
from tests.storage.given import card, judged

HEAD = "Amman and Tbilisi sign a labour agreement"
TEXT = (
    "The labour ministers of Jordan and Georgia signed an agreement on seasonal workers in Amman "
    "on 3 March 2026. It lets 500 workers a year come to Jordan."
)


@pytest.fixture
def made() -> Iterator[MadeSite]:
    with made_site() as site:
        body = f"<html lang=en><title>{HEAD}</title><article><h1>{HEAD}</h1><p>{TEXT}</p></article>"
        site.put("/deal", body)
        yield site


@pytest.fixture
def site(tmp_path: Path, made: MadeSite) -> Iterator[Site]:
    """A1 is Morocco and Niger's declaration, signed on 10 March 2026."""
    with serving(tmp_path, judged(1), editor="amina") as site:
        allow_private(site, made.host)
        yield site


def sent(site: Site, act: str, **typed: str) -> Answer:
    return again(site, site.ask("/add"), act=act, **typed)


def again(site: Site, shown: Answer, **typed: str) -> Answer:
    return send(site, "/add", fill(form_in(shown, "/add"), **typed))


def entry(site: Site, id: str) -> Agreement:
    with database_of(site).read() as s:
        agreement = queries.agreement(s, id)
    assert agreement is not None
    return agreement


BY_HAND = {
    "title": "Agreement on seasonal workers",
    "parties": "Jordan, GE",
    "status": "signed",
    "event_date": "2026-03-03",
    "topics": "labour_mobility",
    "instrument": "agreement",
}


def test_what_a_person_knows_becomes_an_entry_with_its_text_and_goes_with_one_undo(
    site: Site,
) -> None:
    answer = sent(site, "add", **BY_HAND, text="https://laws.example/seasonal.pdf")
    assert (answer.code, answer.headers["location"]) == (303, "/agreements/A2?done=1,2")
    agreement = entry(site, "A2")
    assert (agreement.parties, agreement.status) == (("GE", "JO"), Status.SIGNED)
    assert (agreement.topics, agreement.grade, agreement.grade_by) == (
        (Topic.LABOUR,),
        Grade.CONFIRMED,
        "amina",
    )
    shown = site.ask("/agreements/A2?done=1,2")
    assert "Published: laws.example" in shown.text
    assert "https://laws.example/seasonal.pdf" in shown.text
    assert "Jordan" in site.ask("/?party=JO").text
    for number in (2, 1):
        action = f"/decisions/{number}/undo"
        assert send(site, action, form_in(site.ask("/decisions"), action)).code == 303
    assert site.ask("/agreements/A2").code == 404


def test_an_article_is_read_judged_and_shown_before_it_is_stored(
    site: Site, made: MadeSite
) -> None:
    read = sent(site, "read", url=made.url("/deal"))
    assert read.code == 200
    assert "It lets 500" in read.text
    with database_of(site).read() as s:
        assert queries.counts(s).documents == 1
    filled: Fields = form_in(read, "/add")
    assert dict(filled)["title"] == HEAD
    assert dict(filled)["parties"] == "GE, JO"
    answer = again(site, read, act="add", place="Amman")
    assert answer.code == 303
    agreement = entry(site, "A2")
    assert (agreement.parties, agreement.place) == (("GE", "JO"), "Amman")
    assert agreement.grade is Grade.CONFIRMED
    twice = sent(site, "read", url=made.url("/deal"))
    assert (twice.code, "stored already, as document 2" in twice.text) == (422, True)


@pytest.mark.parametrize("url", ["", "https://news.example/never-read"])
def test_another_address_than_the_one_that_was_read_is_not_read_unseen(
    site: Site, made: MadeSite, url: str
) -> None:
    read = sent(site, "read", url=made.url("/deal"))
    assert again(site, read, act="add", url=url).code == 303
    with database_of(site).read() as s:
        (row,) = report_rows(s, entry(site, "A2").document_ids).values()
    assert (row.url, row.outlet) == (url or None, "amina")


def test_a_field_that_is_emptied_stays_empty(site: Site, made: MadeSite) -> None:
    read = sent(site, "read", url=made.url("/deal"))
    assert again(site, read, act="add", status="", event_date="", place="").code == 303
    agreement = entry(site, "A2")
    assert (agreement.status, agreement.event_date, agreement.place) == (None, None, None)


@pytest.mark.parametrize("lang", ["en", "fr", "ar", "es"])
def test_what_is_stored_already_is_named_with_a_link_before_anything_is_added(
    site: Site, lang: str
) -> None:
    shown = site.ask(f"/add?lang={lang}")
    typed = {**BY_HAND, "url": "http://news.example/1?utm_source=mail", "act": "add"}
    answer = send(site, f"/add?lang={lang}", fill(form_in(shown, "/add"), **typed))
    sentence = labels_of(lang).say(
        "This address is stored already, as document {document}.", document=1
    )
    assert (answer.code, sentence in answer.text) == (422, True)
    assert 'href="/documents/1"' in answer.text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "Write an address"),
        ("ftp://files.example/a", "Write an address"),
        ("http://10.0.0.1/private", "private"),
        ("http://127.0.0.1:1/dead", "127.0.0.1"),
    ],
)
def test_an_address_that_cannot_be_read_is_named(site: Site, url: str, expected: str) -> None:
    answer = sent(site, "read", url=url)
    assert answer.code == 422
    assert expected in answer.text


def test_why_an_address_cannot_be_read_is_said_in_the_reader_s_language(
    site: Site, made: MadeSite
) -> None:
    for url, sentence in (
        ("http://10.0.0.1/private", "mène à une adresse privée (private_address)"),
        (made.url("/gone"), "répond 404 (http_404)"),
    ):
        filled = fill(form_in(site.ask("/add"), "/add"), act="read", url=url)
        assert sentence in send(site, "/add?lang=fr", filled).text


def test_a_page_too_large_and_one_that_is_gone_are_named(site: Site, made: MadeSite) -> None:
    made.put("/large", "x" * 30_000_000)
    for path in ("/large", "/gone"):
        answer = sent(site, "read", url=made.url(path))
        assert (answer.code, 'id="fault-url"' in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"parties": "Jordan"}, "Write codes or names of states"),
        ({"parties": "Jordan, Nowhereland"}, "Write codes or names of states"),
        ({"event_date": "2026-13-40"}, "fault-event_date"),
        ({"text": "somewhere"}, "Write an address"),
        ({"text": "https://amina:secret@laws.example/1"}, "Write an address"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    site: Site, typed: dict[str, str], expected: str
) -> None:
    answer = sent(site, "add", **{**BY_HAND, **typed})
    assert (answer.code, expected in answer.text) == (422, True)
    with database_of(site).read() as s:
        assert queries.counts(s).documents == 1


def test_an_entry_without_a_title_is_called_by_what_is_known_of_it(site: Site) -> None:
    assert sent(site, "add", **{**BY_HAND, "title": ""}).code == 303
    with database_of(site).read() as s:
        assert "Jordan–Georgia agreement on labour mobility, 2026" in queries.titles(s, 9)


def test_an_entry_that_may_be_there_is_shown_before_another_is_made(site: Site) -> None:
    known = {"parties": "MA, NE", "event_date": "2026-03-12", "title": "On nurses"}
    refused = sent(site, "add", **{**BY_HAND, **known})
    assert (refused.code, "in the register already" in refused.text) == (409, True)
    assert '"/agreements/A1"' in refused.text
    assert again(site, refused, act="add", topics="labour_mobility").code == 303


def test_a_text_is_attached_once_and_a_search_is_said(site: Site, tmp_path: Path) -> None:
    def act(name: str, value: str) -> Answer:
        action = f"/agreements/A1/{name}"
        return send(
            site, action, fill(form_in(site.ask("/agreements/A1/edit"), action), name=value)
        )

    assert act("searched", "UN Treaty Series, Bulletin officiel").code == 303
    shown = site.ask("/agreements/A1").text
    assert "UN Treaty Series, Bulletin officiel" in shown
    assert "(amina, 12 March 2026)" in shown
    assert act("text", "nowhere").code == 422
    assert act("text", "https://laws.example/declaration").code == 303
    assert act("text", "https://laws.example/declaration").code == 422
    shown = site.ask("/agreements/A1").text
    assert "Published: laws.example" in shown
    assert "UN Treaty Series" not in shown
    assert "A1" in site.ask("/?text=published").text
    row = accordwatch("agreements", "--format", "jsonl", cwd=tmp_path).stdout
    assert '"text_url": "https://laws.example/declaration"' in row


def test_the_page_has_no_fault_for_screen_readers(site: Site, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/add")
    assert not Axe().run(page).response["violations"]
    page.close()


OTHER_DAYS = (date(2019, 5, 6), date(2026, 1, 20), date(2022, 2, 1))


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    """A1 to A4 are of Morocco and Niger, on days of their own; A5 is of Germany and Kenya."""
    news = [judged(1)]
    for number, day in enumerate(OTHER_DAYS, start=2):
        own = card(event_date=day, topics=(Topic.VISA,))
        news.append(judged(number, card=own, published_on=day, text=f"Signed on {day}. " * 9))
    news.append(judged(5, card=card(parties=("DE", "KE"))))
    with serving(tmp_path, *news, editor="amina") as site:
        yield site


def offered(text: str, pattern: str) -> list[str]:
    return re.findall(pattern, text)


def test_a_merge_offers_those_of_the_same_parties_the_nearest_first(editing: Site) -> None:
    shown = editing.ask("/agreements/A1/edit").text
    assert offered(shown, r"/agreements/A1/merge\?other=(A\d)") == ["A3", "A4", "A2"]
    assert "Another one, by its id" in shown
    alone = editing.ask("/agreements/A5/edit").text
    assert "merge?other=" not in alone
    assert "Id of the agreement that is the same" in alone


def test_a_report_is_moved_to_the_one_that_was_picked(editing: Site) -> None:
    shown = editing.ask("/documents/1/edit")
    assert offered(shown.text, r'name="target" value="(A\d)"') == ["A3", "A4", "A2"]
    action = "/documents/1/move"
    send(editing, action, fill(form_in(shown, action), target="A3"))
    assert "moved document 1 from A1 to A3" in editing.ask("/decisions").text


def test_an_id_that_was_written_counts_more_than_the_one_picked(editing: Site) -> None:
    action = "/documents/1/move"
    filled = form_in(editing.ask("/documents/1/edit"), action)
    send(editing, action, fill(filled, target="A3", target_id="a5"))
    assert "moved document 1 from A1 to A5" in editing.ask("/decisions").text


def test_who_picks_nothing_is_told_so(editing: Site) -> None:
    action = "/documents/1/move"
    answer = send(editing, action, form_in(editing.ask("/documents/1/edit"), action))
    assert answer.code == 422
    assert "Pick an agreement, or write the id of one." in answer.text


def test_decisions_name_what_they_are_about(editing: Site) -> None:
    action = "/documents/1/move"
    send(editing, action, fill(form_in(editing.ask("/documents/1/edit"), action), target="A3"))
    log = editing.ask("/decisions").text
    assert "Rabat and Niamey sign a declaration (1)" in log
    # A3 went up in A1, which is older.
    assert re.search(r'<span dir="ltr">A1</span> <bdi>[^<]*Niger', log)

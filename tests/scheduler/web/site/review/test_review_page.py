"""Answering on the page: who may, what becomes of it, and what its script asks for."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.register.remainder import most_left
from scheduler.decisions import curation
from scheduler.decisions.curator import Curator
from storage.database.session import open_database
from storage.lists import queries
from storage.register.decisions import decisions
from storage.review.review_queue import count_waiting
from tests.scheduler.cli.test_review import borne_out, unsure
from tests.scheduler.web.site.editing.filled_forms import Fields, fill, form_in, send
from tests.scheduler.web.site.running import Answer, Site, database_of, serving
from tests.storage.given import NOW, judged


@pytest.fixture
def editing(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path, editor="amina") as site:
        yield site


def waiting(site: Site) -> int:
    with database_of(site).read() as s:
        return count_waiting(s)


def form(site: Site, says: str) -> dict[str, str]:
    shown = site.ask("/review").text
    found = dict(re.findall(r'name="(document|token)" value="([^"]+)"', shown))
    return {**found, "document": "4", "says": says}


def test_a_page_that_only_reads_offers_no_button_and_takes_no_answer(site: Site) -> None:
    shown = site.ask("/review").text
    assert "<button name" not in shown
    assert "--edit" in shown
    posted = {"document": "4", "says": "no", "token": "x"}
    assert site.ask("/review", "POST", posted).code == 403
    assert waiting(site) == 1


@pytest.mark.parametrize("says", ["yes", "no"])
def test_an_answer_is_a_decision_that_can_be_undone(editing: Site, says: str) -> None:
    answer = editing.ask("/review", "POST", form(editing, says))
    assert (answer.code, answer.headers["location"]) == (303, "/review?done=1")
    shown = editing.ask("/review?done=1").text
    assert 'action="/decisions/1/undo"' in shown
    assert 'id="item-4"' not in shown
    assert waiting(editing) == 0


def test_a_form_without_its_token_or_from_another_site_is_refused(editing: Site) -> None:
    good = form(editing, "no")
    assert editing.ask("/review", "POST", {**good, "token": "0" * 64}).code == 403
    assert editing.ask("/review", "POST", good, Origin="https://evil.example").code == 403
    assert editing.ask("/review", "POST", good, Sec_Fetch_Site="cross-site").code == 403
    assert waiting(editing) == 1


@pytest.mark.parametrize("document", ["99", "x", "", "99999999999999999999999"])
def test_an_answer_about_nothing_is_refused_with_a_sentence(editing: Site, document: str) -> None:
    answer = editing.ask("/review", "POST", {**form(editing, "no"), "document": document})
    assert answer.code in (409, 422)
    assert 'class="empty"' in answer.text


def test_a_report_of_an_unconfirmed_entry_waits_until_one_says_yes_or_no(editing: Site) -> None:
    shown = editing.ask("/review").text
    assert "3 of them are unconfirmed entries." in shown
    assert (
        'Report of an unconfirmed entry: <a class="chip" dir="ltr" href="/agreements/A1">' in shown
    )
    assert shown.index('id="item-1"') < shown.index('id="item-4"')
    of_first = {**form(editing, "yes"), "document": "1"}
    assert editing.ask("/review", "POST", of_first).code == 303
    assert "Confirmed by a person: amina." in editing.ask("/agreements/A1").text
    shown = editing.ask("/review").text
    assert "2 of them are unconfirmed entries." in shown
    assert 'id="item-1"' not in shown
    second = editing.ask("/review", "POST", {**of_first, "says": "no"})
    assert second.code == 409
    assert "Somebody else already decided: confirmed A1 (amina" in second.text


def test_a_no_to_the_only_report_takes_an_unconfirmed_entry_away(editing: Site) -> None:
    home = re.search(r'href="/agreements/(A\d+)">A', editing.ask("/review").text)
    assert home is not None
    number = re.search(r'id="item-(\d+)"', editing.ask("/review").text)
    assert number is not None
    answer = {**form(editing, "no"), "document": number[1]}
    assert editing.ask("/review", "POST", answer).code == 303
    assert editing.ask(f"/agreements/{home[1]}").code == 410


def test_two_answers_at_once_leave_one_decision(editing: Site) -> None:
    answered = form(editing, "no")
    assert editing.ask("/review", "POST", answered).code == 303
    second = editing.ask("/review", "POST", answered)
    assert second.code == 409
    assert waiting(editing) == 0


SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Site]:
    """Documents 2, 3 and 4 wait, in this order."""
    news = [borne_out(1), unsure(2, 0.4), unsure(3, 0.3), unsure(4, 0.2)]
    with serving(tmp_path, *news, editor="amina") as site:
        yield site


def filled_form(site: Site, document: int, says: str) -> Fields:
    shown = site.ask(f"/review/{document}")
    return fill(form_in(shown, "/review"), says=says)


def answer(site: Site, document: int, says: str, **values: str) -> Answer:
    return send(site, "/review", fill(filled_form(site, document, says), **values), **SCRIPT)


def test_an_answer_is_swapped_into_its_place_with_the_way_back(queue: Site) -> None:
    swapped = answer(queue, 3, "no")
    assert swapped.code == 200
    assert "<html" not in swapped.text
    for part in ('id="item-3"', "document 3 is not relevant", "2 items waiting."):
        assert part in swapped.text
    undo = "/decisions/1/undo"
    back = send(queue, undo, form_in(swapped, undo), **SCRIPT)
    assert 'value="yes"' in back.text
    assert 'id="item-3"' in back.text
    assert waiting(queue) == 3


def test_what_the_rules_of_today_do_not_ask_about_is_undone_nevertheless(queue: Site) -> None:
    """A document that was added is judged anew when that is undone; this one reports nothing."""
    swapped = answer(queue, 3, "yes")
    undo = "/decisions/1/undo"
    back = send(queue, undo, form_in(swapped, undo), **SCRIPT)
    assert back.code == 200
    assert "Undone: <bdi>added document 3 to the register" in back.text
    assert "<button" not in back.text


def test_a_yes_takes_along_what_was_corrected(queue: Site) -> None:
    assert answer(queue, 2, "yes", parties="IT, Libya", status="negotiating").code == 200
    with database_of(queue).read() as s:
        agreement = queries.agreement(s, queries.agreements_of(s, [2])[2])
    assert agreement is not None
    assert (agreement.parties, agreement.status) == (("IT", "LY"), "negotiating")


def test_a_field_that_cannot_be_read_keeps_the_rest_of_the_form(queue: Site) -> None:
    for headers in ({}, SCRIPT):
        filled = fill(filled_form(queue, 2, "yes"), parties="Atlantis", place="Tripoli")
        shown = send(queue, "/review", filled, **headers)
        assert shown.code == 422
        assert 'id="fault-parties"' in shown.text
        assert 'value="Tripoli"' in shown.text
    assert waiting(queue) == 3


def test_who_answers_second_hears_what_the_first_said(queue: Site) -> None:
    filled = filled_form(queue, 2, "yes")
    with database_of(queue).begin() as s:
        curation.set_irrelevant(s, 2, Curator("ben", "read it", NOW))
    for headers in ({}, SCRIPT):
        second = send(queue, "/review", filled, **headers)
        assert second.code == 409
        assert "Somebody else already decided: document 2 is not relevant (ben" in second.text


@pytest.mark.parametrize("token", ["", "0" * 64, "\0", "é" * 10_240])
def test_a_forged_token_changes_nothing_and_is_a_sentence(queue: Site, token: str) -> None:
    filled = fill(filled_form(queue, 2, "no"), token=token)
    refused = send(queue, "/review", filled, **SCRIPT)
    assert refused.code == 403
    assert refused.text.startswith('<p class="fault">')
    assert send(queue, "/review", filled, Origin="https://evil.example").code == 403
    assert waiting(queue) == 3


@pytest.mark.parametrize("number", ["0", "x", "99", "9" * 30])
def test_what_does_not_wait_has_no_form(queue: Site, number: str) -> None:
    assert queue.ask(f"/review/{number}").code == 404
    assert queue.ask("/review/1").headers["location"] == "/documents/1"


def test_skipping_goes_on_behind_a_document(queue: Site) -> None:
    shown = queue.ask("/review?after=3").text
    assert 'id="item-4"' in shown
    assert 'id="item-2"' not in shown
    assert 'id="item-3"' not in shown


def test_a_locked_database_is_a_sentence(
    queue: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    filled = filled_form(queue, 2, "no")
    monkeypatch.setattr("storage.database.engines.BUSY_TIMEOUT_MS", 100)
    quick = open_database(database_of(queue).url)
    object.__setattr__(queue.served, "database", quick)
    path = database_of(queue).url.removeprefix("sqlite:///")
    holder = sqlite3.connect(path, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        refused = send(queue, "/review", filled, **SCRIPT)
        assert refused.code == 503
        assert refused.text.startswith('<p class="fault">')
        assert queue.ask("/review").code == 200
    finally:
        holder.close()
        quick.close()


def test_the_audit_is_answered_as_such(tmp_path: Path) -> None:
    silent = [judged(number, relevant=False) for number in range(2, 6)]
    with serving(tmp_path, borne_out(1), *silent, editor="amina") as site:
        object.__setattr__(site.served, "now", lambda: NOW + timedelta(weeks=1))
        shown = site.ask("/review?audit=1")
        assert "of the sample waiting" in shown.text
        number = dict(form_in(shown, "/review"))["document"]
        sent = send(site, "/review", fill(filled_form(site, int(number), "no"), audit="1"))
        assert sent.headers["location"] == "/review?audit=1&done=1"
        with database_of(site).read() as s:
            assert {pin.kind for pin in decisions(s)[0].pins} == {"irrelevant", "audit"}


@pytest.mark.parametrize("answers", [0, 25])
def test_the_queue_says_how_many_reports_may_be_left(tmp_path: Path, answers: int) -> None:
    news = [unsure(number, 0.3) for number in range(1, answers + 4)]
    with serving(tmp_path, *news, editor="amina") as site:
        with database_of(site).begin() as s:
            for number in range(1, answers + 1):
                curation.set_irrelevant(s, number, Curator("ben", "read it", NOW))
        shown = site.ask("/review").text
        most = most_left(answers, 0, 3)
        bound = f"at most {most} of the documents are relevant (0 of 25" if answers else "(0 of 20)"
        assert "3 items waiting." in shown
        assert bound in shown

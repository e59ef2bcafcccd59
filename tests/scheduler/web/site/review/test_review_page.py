"""Answering on the page: who may, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.review.review_queue import count_waiting
from tests.scheduler.web.site.running import Site, database_of, serving


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

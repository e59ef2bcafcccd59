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
    return {**found, "says": says}


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
    assert "There is nothing to review." in shown
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


def test_what_does_not_wait_is_not_decided_here(editing: Site) -> None:
    answer = editing.ask("/review", "POST", {**form(editing, "no"), "document": "1"})
    assert answer.code == 409
    assert "document 1 does not wait for review any more" in answer.text
    assert "3 agreements" in editing.ask("/").text


def test_two_answers_at_once_leave_one_decision(editing: Site) -> None:
    answered = form(editing, "no")
    assert editing.ask("/review", "POST", answered).code == 303
    second = editing.ask("/review", "POST", answered)
    assert second.code == 409
    assert waiting(editing) == 0

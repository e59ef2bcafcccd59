"""Forms offer agreements of the same parties to pick from, and decisions are listed with names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from storage.records import Topic
from tests.scheduler.web.site.editing.filled_forms import fill, form_in, send
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import card, judged

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

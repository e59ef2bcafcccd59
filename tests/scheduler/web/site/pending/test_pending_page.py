"""The page, the files and the API of what waits for ratification."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

import pytest

from storage.records import Instrument, Status
from tests.scheduler.web.site.running import Site, serving
from tests.storage.given import card, judged


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A1 waits for two days, A2 for 671 and is a treaty, A3 is in force."""
    treaty = card(parties=("EG", "EU"), instrument=Instrument.TREATY, event_date=date(2024, 5, 10))
    force = card(parties=("IT", "TN"), status=Status.IN_FORCE)
    news = (judged(1), judged(2, card=treaty), judged(3, card=force))
    with serving(tmp_path_factory.mktemp("waiting"), *news) as site:
        yield site


def order(site: Site, path: str) -> list[str]:
    table = site.ask(path).text.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r"/agreements/(A\d+)", table)


def test_the_page_has_the_days_and_two_orders(waiting: Site) -> None:
    shown = waiting.ask("/pending").text
    assert "2 agreements" in shown
    assert "671 days" in shown
    assert 'href="/?since=2026-03-12&amp;until=2026-09-12&amp;by=expires"' in shown
    assert order(waiting, "/pending") == ["A1", "A2"]
    assert order(waiting, "/pending?sort=longest") == ["A2", "A1"]
    assert order(waiting, "/pending?instrument=treaty") == ["A2"]
    assert "671 يومًا" in waiting.ask("/pending?lang=ar").text


def test_what_mostly_needs_no_ratification_is_left_out_by_a_link(waiting: Site) -> None:
    shown = waiting.ask("/pending?sort=longest").text
    (address,) = re.findall(r'href="(/pending[^"]*)"[^>]*>Leave these out<', shown)
    address = address.replace("&amp;", "&")
    assert "sort=longest" in address
    assert order(waiting, address) == ["A2"]
    assert "Leave these out" not in waiting.ask(address).text


def test_it_is_had_as_a_file_and_by_programs(waiting: Site) -> None:
    answer = waiting.ask("/pending?sort=longest&format=csv")
    assert "accordwatch-pending-sort-longest-" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["id"], row["pending_since"], row["days"]) for row in rows] == [
        ("A2", "2024-05-10", "671"),
        ("A1", "2026-03-10", "2"),
    ]
    first = waiting.ask("/api/v1/pending?limit=1").json
    assert [one["id"] for one in first["items"]] == ["A1"]
    following = waiting.ask(first["next"].removeprefix(waiting.url)).json
    assert ([one["id"] for one in following["items"]], following["next"]) == (["A2"], None)
    assert waiting.ask("/api/v1/pending?sort=random").code == 422


def test_a_corridor_says_how_many_have_a_text(waiting: Site) -> None:
    assert "1 agreement, 0 with a text" in waiting.ask("/corridors/EG-EU").text

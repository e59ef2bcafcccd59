"""What is learnt of the parameters of addresses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from storage.database.session import Database
from storage.records import Candidate
from storage.sources.changing import keys_of, learn
from storage.sources.frontier import offer
from storage.sources.tables import LastOffers
from tests.storage.given import NOW
from tests.storage.leased import claim

TITLES = ("The council votes", "A new ferry", "The harvest", "Rain closes the pass")


def offers(address: str, value: str, titles: tuple[str, ...] = TITLES) -> list[Candidate]:
    urls = (address.format(number=number, value=value) for number in range(len(titles)))
    return [Candidate(url, title) for url, title in zip(urls, titles, strict=True)]


def new_of(database: Database, *polls: list[Candidate]) -> list[int]:
    """How many documents were new at each poll."""
    counts = []
    for number, candidates in enumerate(polls):
        with database.begin() as s:
            learn(s, "a", candidates, NOW)
            counts.append(offer(s, "a", candidates, NOW + timedelta(hours=number)))
    return counts


@pytest.mark.parametrize(
    "address",
    ["https://a.example/news/{number}?visit={value}", "https://a.example/?id={number}&v=x{value}"],
)
def test_a_parameter_that_changes_for_all_headlines_is_learnt(
    database: Database, address: str
) -> None:
    polls = [offers(address, value) for value in ("8f3ac1", "77b0e2", "90d1f4")]
    assert new_of(database, *polls) == [4, 0, 0]
    with database.begin() as s:
        assert [row.url for row in claim(s, 9, NOW, 60)] == [one.url for one in polls[0]]
        fresh = [Candidate(address.format(number=8, value="90d1f4"), "A school opens")]
        assert offer(s, "a", fresh, NOW) == 1


@pytest.mark.parametrize(
    ("address", "first", "second"),
    [
        (
            "https://a.example/article?id={value}{number}",
            "471100",
            "471200",
        ),  # headlines that come again
        ("https://a.example/gazette/{number}?issue={value}", "123", "124"),
        ("https://a.example/weather/{number}?day={value}", "20261008", "20261009"),
        ("https://a.example/{number}?lang=fr&x={value}", "constant", "constant"),
    ],
)
def test_what_tells_articles_apart_is_not_learnt(
    database: Database, address: str, first: str, second: str
) -> None:
    one, other = offers(address, first), offers(address, second)
    assert new_of(database, one, other)[1] == len({c.url for c in other} - {c.url for c in one})


def test_two_headlines_are_not_enough(database: Database) -> None:
    address = "https://a.example/{number}?visit={value}"
    polls = [offers(address, value, TITLES[:2]) for value in ("8f3ac1", "77b0e2")]
    assert new_of(database, *polls) == [2, 2]


def test_a_headline_that_comes_twice_tells_nothing(database: Database) -> None:
    address = "https://a.example/{number}?visit={value}"
    polls = [offers(address, value, ("Press release",) * 4) for value in ("8f3ac1", "77b0e2")]
    assert new_of(database, *polls) == [4, 4]


def test_no_more_headlines_are_kept_than_are_needed(database: Database) -> None:
    titles = tuple(f"Headline {number}" for number in range(2_000))
    new_of(database, offers("https://a.example/{number}?visit={value}", "8f3ac1", titles))
    with database.begin() as s:
        assert len(s.scalars(select(LastOffers.offers)).one()) == 500


def test_addresses_of_any_number_of_sites_are_looked_up(database: Database) -> None:
    with database.begin() as s:
        urls = [f"https://s{number}.example/?id=1" for number in range(66_000)]
        assert len(keys_of(s, urls)) == len(urls)

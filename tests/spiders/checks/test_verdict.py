"""What one try of a source says about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from spiders.checks.run import failed, offered
from spiders.kinds.offer import Offer
from storage.records import Candidate, Source, SourceKind

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
TODAY = NOW.date()
FEED = Source("a", SourceKind.FEED, "https://a.example/feed", language="fr")
FRENCH = (
    "Le ministre de l'intérieur reçoit son homologue à Rabat",
    "Les deux pays parlent du retour de leurs ressortissants",
    "Une commission mixte se réunira au printemps prochain",
    "La presse du pays voisin salue un texte attendu depuis longtemps",
)


def candidates(*days: date | None, titles: tuple[str, ...] = FRENCH) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(f"https://a.example/{number}", titles[number % len(titles)], day)
        for number, day in enumerate(days)
    )


def test_a_source_that_offers_documents_is_alive() -> None:
    yesterday = TODAY - timedelta(days=1)
    found = offered(FEED, Offer(candidates(TODAY, yesterday, yesterday, yesterday)), NOW)
    assert (found.alive, found.items, found.newest_on) == (True, 4, TODAY)
    assert (found.language, found.problem) == ("fr", None)
    assert (found.source_id, found.url, found.checked_at) == ("a", FEED.url, NOW)


def test_an_offer_that_failed_is_not_alive_and_says_why() -> None:
    found = offered(FEED, Offer(problem="html: a web page came instead of a feed"), NOW)
    assert (found.alive, found.items) == (False, 0)
    assert found.problem == "html: a web page came instead of a feed"


def test_what_went_wrong_is_told_without_the_address() -> None:
    found = failed(FEED, f"http_404: {FEED.url}: answers 404", NOW)
    assert (found.alive, found.problem) == (False, "http_404: answers 404")


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        (Offer(), "offers nothing now"),
        (
            Offer(candidates(date(2026, 9, 1), date(2026, 8, 1))),
            "its newest document is 87 days old",
        ),
        (Offer(candidates(None, None)), "none of its documents has a day"),
        (
            Offer(candidates(TODAY, date(2099, 1, 1))),
            "has a document of 2099-01-01, which is in the future",
        ),
        (Offer(candidates(TODAY), problem="truncated: it broke off"), "truncated: it broke off"),
    ],
)
def test_what_is_odd_about_a_living_source_is_told(offer: Offer, told: str) -> None:
    found = offered(FEED, offer, NOW)
    assert (found.alive, found.problem) == (True, told)


def test_a_day_in_the_future_is_not_the_newest() -> None:
    found = offered(FEED, Offer(candidates(TODAY, date(2099, 1, 1))), NOW)
    assert found.newest_on == TODAY


def test_titles_in_another_language_than_the_configured_one_are_told() -> None:
    spanish = Source("a", SourceKind.FEED, FEED.url, language="es")
    found = offered(spanish, Offer(candidates(TODAY, TODAY, TODAY, TODAY)), NOW)
    assert found.problem == "its titles are in fr, not es"


def test_too_few_titles_tell_no_language() -> None:
    spanish = Source("a", SourceKind.FEED, FEED.url, language="es")
    found = offered(spanish, Offer(candidates(TODAY)), NOW)
    assert (found.language, found.problem) == (None, None)


def test_a_listing_needs_no_days() -> None:
    listing = Source("a", SourceKind.LISTING, "https://a.example/news")
    assert offered(listing, Offer(candidates(None, None)), NOW).problem is None

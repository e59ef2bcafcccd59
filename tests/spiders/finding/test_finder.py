"""Forty differently built sites over HTTP: which source is found, and with how many requests."""

from __future__ import annotations

import pytest

from spiders.finding.finder import MOST_REQUESTS
from spiders.finding.site_clues import PLATFORMS, Side, clues_of, platform_of
from tests.spiders.answers import fetched
from tests.spiders.finding.looking import Outcome, look_at_all
from tests.spiders.finding.sites import SITES


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {outcome.built.name: outcome for outcome in look_at_all()}


@pytest.mark.parametrize("name", [site.name for site in SITES])
def test_the_best_source_of_a_site_is_found_in_six_requests(
    outcomes: dict[str, Outcome], name: str
) -> None:
    outcome = outcomes[name]
    assert outcome.best in outcome.built.right
    assert len(outcome.asked) <= MOST_REQUESTS
    assert outcome.found.requests == len(outcome.asked)


HOSTILE = (
    "generator" * 100_000,
    "<script>" + '"/' * 150_000,
    "<script>" + '"/' + "a" * 300_000,
    'href="' * 100_000,
    "<a href='/feed'>" * 20_000,
    "<link rel=alternate type=application/rss+xml href=x>" * 5_000,
    "\x00<html lang=\x00>",
    "",
)


@pytest.mark.parametrize("page", HOSTILE, ids=range(len(HOSTILE)))
def test_no_page_is_read_without_end(page: str) -> None:
    """A pattern without bounds would take hours for one of these."""
    assert clues_of(
        fetched(page, url="https://a.org/"), {"Link": "<" * 1000}, ["\x00", "http://[", "//"]
    )


def test_feeds_of_comments_of_parts_and_of_other_languages_come_later() -> None:
    links = "".join(
        f'<link rel=alternate type="application/rss+xml" href="{path}" title="{title}">'
        for path, title in (
            ("/comments/feed", "x"),
            ("/a", "Comments on the news"),
            ("/category/x/feed", "x"),
            ("/en/feed", "x"),
            ("/main", "x"),
        )
    )
    page = f'<html lang="fr"><head>{links}</head></html>'
    sides = {
        clue.url.removeprefix("https://a.org"): clue.side
        for clue in clues_of(fetched(page), {}, ())
        if clue.why == "declared"
    }
    assert sides == {
        "/main": Side.MAIN,
        "/en/feed": Side.OTHER_LANGUAGE,
        "/category/x/feed": Side.PART,
        "/comments/feed": Side.COMMENTS,
        "/a": Side.COMMENTS,
    }


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ('<meta name="generator" content="WordPress 6.4">', "WordPress"),
        ('<meta name="generator" content="Ghost 5.1">', "Ghost"),
        ("<meta name='generator' content='blogger'/>", "Blogger"),
        ('<link href="/sites/default/files/css/x.css">', "Drupal"),
        ('<a href="/?p=12">x</a>', "WordPress"),
        ("<p>nothing</p>", None),
    ],
)
def test_platforms_are_told_by_their_signs(page: str, name: str | None) -> None:
    found = platform_of(page, {})
    assert (found[0] if found else None) == name
    assert len({known for known, _, _ in PLATFORMS}) == len(PLATFORMS)

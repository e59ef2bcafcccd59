from __future__ import annotations

import pytest

from spiders.kinds import listing
from storage.records import SourceKind
from tests.spiders.answers import fetched, source
from tests.spiders.kinds.link_layouts import LAYOUTS, Layout


def offered(layout: Layout) -> list[str]:
    found = listing.read(
        fetched(layout.page, url=f"https://a.org{layout.here}"), source(SourceKind.LISTING)
    )
    return [one.url.removeprefix("https://a.org") for one in found.candidates]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_all_articles_are_offered_and_nothing_else(layout: Layout) -> None:
    assert offered(layout) == list(layout.articles)


def test_a_page_of_nothing_but_lists_is_taken_as_it_is() -> None:
    page = "".join(f'<a href="/tag/{n}">Everything about subject number {n}</a>' for n in "abc")
    assert len(listing.read(fetched(page), source(SourceKind.LISTING)).candidates) == 3

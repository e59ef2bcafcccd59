"""Saved searches as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import QueryParams

from scheduler.configuration.config import Configuration
from scheduler.configuration.query import Query
from scheduler.searching.saving import as_subscription
from scheduler.web.site.asked import kept_query, wishes_of
from scheduler.web.site.search.choices import PATH, called, named
from scheduler.words.labels import Labels
from scheduler.words.lines import line
from storage.search.saved import SavedSearch

ACTION = "/searches"
REMOVAL = "/searches/remove"
LONGEST_ADDRESS = 8000
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved search. `path` is its own page, `search` the search that it is, and
    `tell` makes a subscription of it.
    """

    name: str
    path: str
    search: str
    tell: str
    is_own: bool
    query: str
    wants: Sequence[str]
    a_week: str
    who: str
    on: str


@dataclass(frozen=True, slots=True)
class SubscriptionOf:
    """The entry for the configuration, and what of the search has no room in it."""

    yaml: str
    without: Sequence[str]


def saved_view(saved: SavedSearch, words: Labels) -> SavedView:
    given, selection = QueryParams(saved.address), kept_query(saved.address)
    wants = [named(name, value, words) for name, value in selection.parameters if name != "q"]
    wants += [words.say("page.everything")] * wishes_of(given).everything
    return SavedView(
        name=saved.name,
        path=f"{ACTION}/{quote(saved.name)}",
        search=f"{PATH}?{saved.address}" if saved.address else PATH,
        is_own=saved.owner_id is not None,
        tell=selection.address("/subscribe"),
        query=selection.query,
        wants=wants,
        a_week=words.say("page.saved.a_week", number=words.decimal(saved.items_a_week)),
        who=line(saved.who, _LONGEST_NAME),
        on=words.day(saved.saved_at.date()),
    )


def subscription_of(saved: SavedSearch, chosen: Configuration, words: Labels) -> SubscriptionOf:
    selection = kept_query(saved.address)
    channels = [chosen.settings.all_channels[0].id]
    yaml = as_subscription(saved.name, selection, channels, words.language)
    return SubscriptionOf(yaml, left_out(selection, saved.address, words))


def left_out(selection: Query, address: str, words: Labels) -> list[str]:
    """What of a search a subscription has no room for, in words."""
    wishes = wishes_of(QueryParams(address)).parameters
    names = [*selection.left_out(), *(name for name, value in wishes.items() if value)]
    return [called(name, words) for name in names]

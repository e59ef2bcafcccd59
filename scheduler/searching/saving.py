"""Saving a search under a name, and what it would be as a subscription."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from crawler.judgement.text.letters import fold_text
from scheduler.configuration.query import Query, described
from scheduler.subscriptions.rehearsal import rehearse
from storage.asking import Filter, Known, Subscription
from storage.database.session import Database, Session
from storage.errors import AccordwatchError, ConfigurationError
from storage.search.saved import WEEKS, SavedSearch, add_search

LONGEST_NAME = 60
_MARKS = " ._-&,()'’"  # none of them parts an address
_CONFIGURED = {"query": "text", "certainties": "certainty", "texts": "official_text"}


def checked_name(written: str) -> str:
    """The name to keep. Raises ConfigurationError for one that cannot stand in an address."""
    name = " ".join(unicodedata.normalize("NFC", written[:1000]).split())
    is_good = all(one in _MARKS or unicodedata.category(one)[0] in "LMN" for one in name)
    if not name or len(name) > LONGEST_NAME or not is_good or not name[0].isalnum():
        shown = name if len(name) <= LONGEST_NAME else f"{name[:20]}..."
        raise ConfigurationError(
            f"{shown!r} cannot be the name of a search: write up to {LONGEST_NAME} letters, "
            f"digits, spaces or {_MARKS.strip()}, a letter or digit first"
        )
    return name


def save(
    database: Database,
    written_name: str,
    address: str,
    flt: Filter,
    who: str,
    now: datetime,
    owner_id: int | None = None,
) -> SavedSearch:
    """Keep a search, for the team or with `owner_id` for one user alone. Raises ConfigurationError
    for a name that cannot be one, AccordwatchError for one that is taken.
    """
    name = checked_name(written_name)
    with database.read() as s:
        items = items_of_a_year(s, flt, now.date())
    saved = SavedSearch(name, address, who, now, items, owner_id=owner_id)
    with database.begin() as s:
        if not add_search(s, saved):
            raise AccordwatchError(f"a search named {name!r} is there already; take another name")
    return saved


def items_of_a_year(s: Session, flt: Filter, until: date) -> int:
    """How many items a subscription with this filter would have told in the 52 weeks to `until`."""
    searched = replace(flt, since=None, until=None, min_probability=None, reviewed=None)
    wanted = replace(searched, known=Known.HIDDEN, by_learnt=False)
    since = until - timedelta(weeks=WEEKS) + timedelta(days=1)
    return len(rehearse(s, Subscription("saved", (), filter=wanted), until, since).told)


def filter_settings(query: Query) -> dict[str, Any]:
    """The filter as `subscriptions` of the configuration take it, without what is empty."""
    settings: dict[str, Any] = {}
    for attribute, shown in described().items():
        value = getattr(query, attribute)
        if shown.told and value:
            name = _CONFIGURED.get(attribute, attribute)
            settings[name] = list(value) if isinstance(value, tuple) else value
    return settings


def as_subscription(name: str, query: Query, channels: Sequence[str], language: str) -> str:
    """The entry to paste below `subscriptions:`, in YAML. What is written as JSON is YAML too, and
    needs no rule about what has to be quoted.
    """
    lines = [
        f"  - id: {_id_of(name)}",
        f"    name: {_written(name)}",
        f"    channels: {_written(list(channels))}",
        f"    language: {language}",
    ]
    settings = filter_settings(query)
    if settings:
        lines.append("    filter:")
        lines += [f"      {key}: {_written(value)}" for key, value in settings.items()]
    return "\n".join(("subscriptions:", *lines, ""))


def _id_of(name: str) -> str:
    """Ids are of small Latin letters, digits and hyphens; a name in another script leaves none."""
    slug = re.sub("[^a-z0-9]+", "-", fold_text(name)).strip("-")[:64].strip("-")
    return slug or "saved-search"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

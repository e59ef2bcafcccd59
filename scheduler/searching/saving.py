"""Saving a search under a name, and what it would be as a subscription."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from scheduler.configuration.query import Query
from scheduler.subscriptions.rehearsal import rehearse
from storage.database.session import Database, Session
from storage.errors import AccordwatchError, ConfigurationError
from storage.filter import Filter, described
from storage.letters import fold_text
from storage.search.saved import WEEKS, SavedSearch, add_search
from storage.subscription import Subscription

LONGEST_NAME = 60
_MARKS = " ._-&,()'’"  # none of them parts an address


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
    left = {attribute: None for attribute, shown in described().items() if not shown.told}
    wanted = flt.but(**left)
    since = until - timedelta(weeks=WEEKS) + timedelta(days=1)
    return len(rehearse(s, Subscription("saved", (), filter=wanted), until, since).told)


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
    settings = query.told
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

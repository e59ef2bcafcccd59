"""What people ask for: the filters of searches and subscriptions. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from storage.records import Certainty, Instrument, Status, Topic


class Known(StrEnum):
    """Which agreements of the register are meant: those that are known from lists alone are listed
    only for whoever asks for them. Of documents, "only" asks for the rows of lists.
    """

    HIDDEN = ""
    YES = "yes"
    ONLY = "only"


class TextState(StrEnum):
    """Whether the text of a signed agreement is published (`crawler.ingest.papers`)."""

    PUBLISHED = "published"  # a document is the text, or is its page in a treaty series
    MISSING = "missing"  # it was signed, and no text was found


@dataclass(frozen=True, slots=True)
class Filter:
    """What a search or a subscription wants. An empty filter matches everything.

    All fields have to match. Within a field one value is enough, except that all `parties` must
    take part, and at least one member of each group in `party_groups`. A corridor is a pair of
    parties in either order. `certainties` say how sure the agreement is,
    `text_states` whether its text is published. `min_probability`,
    `reviewed` (whether a person answered) and `known` are for searches alone: no subscription asks
    for them. `named_parties` are those whose names the words of the query are, and nothing else:
    an agreement of all of them matches the words, too. `since` and `until` ask for the day of the
    step, or of publication; with `by_learnt`, for the day (in UTC) on which it was learnt of.
    """

    query: str = ""
    parties: tuple[str, ...] = ()
    party_groups: tuple[tuple[str, ...], ...] = ()
    corridors: tuple[tuple[str, str], ...] = ()
    topics: tuple[Topic, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    statuses: tuple[Status, ...] = ()
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    min_score: float | None = None
    rules: tuple[str, ...] = ()  # ids of rules that found the document
    min_probability: float | None = None
    reviewed: bool | None = None
    known: Known = Known.HIDDEN
    certainties: tuple[Certainty, ...] = ()
    text_states: tuple[TextState, ...] = ()
    named_parties: tuple[str, ...] = ()
    by_learnt: bool = False
    agreements: tuple[str, ...] = ()  # ids such as A17


class NewsKind(StrEnum):
    NEW_AGREEMENT = "new_agreement"
    NEW_STEP = "new_step"
    NEW_REPORT = "new_report"
    CHANGED_DOCUMENT = "changed_document"
    # Found by a rule outside the register, and told to the subscriptions that name this rule.
    NEW_DOCUMENT = "new_document"
    NEAR_MISS = "near_miss"
    SOURCE_HEALTH = "source_health"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told what, and how often.

    `rate` is one of "immediately", "hourly", "daily at 07:00", "weekly on monday at 07:00" or
    "monthly on 1 at 07:00", in `timezone`. `to` has the addresses that a mail channel sends this
    one to, instead of its own; `manage` is the page on which who receives it pauses or ends it, and
    `page` where the register stands, for readers without a command line; "" where it is unknown.
    """

    id: str
    channels: tuple[str, ...]
    name: str = ""
    filter: Filter = field(default_factory=Filter)
    rate: str = "daily at 07:00"
    timezone: str = "UTC"
    language: str = "en"
    max_items: int = 50
    news: tuple[NewsKind, ...] = (NewsKind.NEW_AGREEMENT, NewsKind.NEW_STEP)
    say_empty: bool = False
    to: tuple[str, ...] = ()
    manage: str = ""
    page: str = ""

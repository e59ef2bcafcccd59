"""Subscriptions as the page shows them: what they want, in words, and who receives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.configuration.query import Query, written
from scheduler.notify.subscriptions.roster import SubscriptionState
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import isolated, line
from scheduler.views.words.page import ago, moment
from scheduler.web.site.filters.controls import called, in_words
from storage.filter import Filter, described
from storage.subscription import SubscriptionKind, UserSubscription


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription. `wants` has the parts of its filter, each with its name; none: everything.
    `search` is the address of the register with the same filter.

    `receivers` are channels with who receives on them; mail addresses without what tells who it is.
    """

    id: str
    name: str
    language: str
    wants: Sequence[tuple[str, str]]
    search: str
    news: Sequence[str]
    receivers: Sequence[tuple[str, str]]
    left: int
    closed: Sequence[str]
    rhythm: str
    last: str
    next: str
    pending: int
    waiting_since: str
    made_by: str
    state: str
    number: int = 0
    deeds: Sequence[str] = ()


def subscription_view(
    one: SubscriptionState,
    flt: Query | None,
    now: datetime,
    words: Labels,
    *,
    is_own: bool = False,
) -> SubscriptionView:
    """`flt` is the filter as it was written; None for the operator, who hears of troubles, and
    where it can no longer be read. `is_own`: who asks may change it, and sees whom it goes to.
    """
    subscription = one.subscription
    _, last_at = one.last or (None, None)
    return SubscriptionView(
        id=subscription.id,
        name=line(subscription.name, 120) or subscription.id,
        language=words.language_name(subscription.language),
        wants=list(wants_in_words(flt, words)) if flt else _unread(one, words),
        search=flt.address("/") if flt else "",
        news=[words.say(f"kinds.{kind}") for kind in subscription.news],
        receivers=_receivers(one, words, is_own),
        left=len(one.left),
        closed=one.closed,
        rhythm=words.rate(subscription.rate, subscription.timezone),
        last=f"{moment(last_at, words)} ({ago(last_at, now, words)})" if last_at else "",
        next=f"{moment(one.next_at, words)} ({ago(one.next_at, now, words)})"
        if one.next_at
        else "",
        pending=one.pending,
        waiting_since=ago(one.waiting_since_at, now, words) if one.waiting_since_at else "",
        made_by=_made_by(one, words),
        state=_state(one, words),
        number=one.personal.kept.id if one.personal else 0,
        deeds=_deeds(one.personal.kept) if is_own and one.personal else (),
    )


def _receivers(one: SubscriptionState, words: Labels, is_own: bool) -> list[tuple[str, str]]:
    """Mail addresses are shown to whoever made the subscription alone."""
    kept = one.personal.kept if one.personal else None
    if kept is not None and kept.kind is not SubscriptionKind.MAIL:
        return [(words.say(f"page.people.ways.{kept.kind}"), "")]
    return [
        (channel, address if is_own else redacted(address)) for channel, address in one.recipients
    ]


def _unread(one: SubscriptionState, words: Labels) -> list[tuple[str, str]]:
    """The parts of a filter that can no longer be read, as they were kept."""
    kept = one.personal.kept.filter if one.personal else {}
    comma = words.say("comma")
    lists = {name: value if isinstance(value, list) else [value] for name, value in kept.items()}
    return [(name, line(comma.join(map(str, value)), 200)) for name, value in lists.items()]


def _made_by(one: SubscriptionState, words: Labels) -> str:
    if one.personal is None:
        return words.say("page.people.of_file")
    return line(one.made_by, 80) or words.say("page.people.here")


def _state(one: SubscriptionState, words: Labels) -> str:
    """Why nobody is notified, in words; "" where somebody is."""
    if one.state == "active":
        return ""
    misfit = line(one.personal.misfit, 300) if one.personal else ""
    why = isolated(misfit, words.direction)
    return words.say(f"page.people.states.{one.state}", why=why)


def _deeds(kept: UserSubscription) -> list[str]:
    """What can be done with it by whoever made it."""
    if kept.confirmed_at is None:
        return ["again", "end"]
    deeds = ["pause" if kept.paused_at is None else "resume"]
    return [*deeds, *(["renew"] if kept.kind is SubscriptionKind.FEED else []), "end"]


def redacted(address: str) -> str:
    """Return "a@…" for "amina@ngo.example": enough for those who know her, nothing for others."""
    return f"{address[:1]}@…" if address else ""


def wants_in_words(flt: Filter, words: Labels) -> Iterator[tuple[str, str]]:
    """The parts of a filter, as (name, values): ("Parties", "Morocco and Niger")."""
    for attribute, shown in described().items():
        value = getattr(flt, attribute)
        values = value if isinstance(value, tuple) else () if value in ("", None) else (value,)
        said = [in_words(shown.name, written(one), words) for one in values]
        if said and shown.subscribed:
            yield called(shown.name, words), line(words.say("comma").join(said), 400)

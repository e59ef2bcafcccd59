"""`subscriptions ...`: who receives what, who left, and what a subscription would send."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, login_name, opened_database
from scheduler.cli.filters import FilterOptions, print_unknown_names, typed_query, understood
from scheduler.cli.output import (
    Excel,
    ListOptions,
    Shape,
    print_jsonl,
    print_list,
    reader_language,
    say,
    shown,
    words,
)
from scheduler.configuration.user_subscriptions import everybody, with_users
from scheduler.notify.channels.payload import payload
from scheduler.notify.channels.table import find_subscription
from scheduler.notify.deliver import send_now
from scheduler.notify.digest.render import render
from scheduler.notify.subscriptions.making import make
from scheduler.notify.subscriptions.states import (
    ExpectedItem,
    SubscriptionState,
    digest_again,
    lines_of_left,
    preview,
    rehearse,
    roster,
    send_test,
)
from scheduler.views.columns import Column, Row, Table, moment
from scheduler.views.register_entries import named_entries
from scheduler.views.words.labels import Labels
from scheduler.views.words.phrases import in_words
from storage.errors import ConfigurationError
from storage.notifications import receivers, user_subscriptions
from storage.notifications.tables import UserSubscription
from storage.records import NewsKind, Status
from storage.subscription import Subscription, SubscriptionKind

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from scheduler.configuration.query import Query
    from scheduler.notify.digest.build import Digest
    from storage.database.session import Database


Words = Annotated[str, Parameter(show_default=False, help="Words that must all occur in a report.")]


def _goes_to(subscription_state: SubscriptionState, _: Labels) -> str:
    recipients = [
        f"{channel}: {name}" if name else channel for channel, name in subscription_state.recipients
    ]
    closed = [f"{channel} is closed" for channel in subscription_state.closed]
    why_not = {"unconfirmed": "waits to be confirmed", "paused": "paused"}.get(
        subscription_state.state, ""
    )
    if subscription_state.personal is not None and subscription_state.state == "misfit":
        why_not = f"paused: {subscription_state.personal.misfit}"
    elif (
        subscription_state.personal is not None
        and subscription_state.state == "active"
        and subscription_state.personal.stored.kind == "feed"
    ):
        why_not = "a feed"
    return "\n".join(filter(None, [*recipients, *closed, why_not])) or "nobody"


def _left(subscription_state: SubscriptionState) -> list[Row]:
    return [
        {"channel": gone.channel, "recipient": gone.recipient, "at": at.isoformat()}
        for gone, at in subscription_state.left
    ]


def _rate_and_zone(subscription_state: SubscriptionState, _: Labels) -> str:
    zone = subscription_state.subscription.timezone
    return subscription_state.subscription.rate + (f" ({zone})" if zone != "UTC" else "")


SUBSCRIPTIONS = Table["SubscriptionState"](
    "subscriptions",
    (
        Column("id", "string", "subscription.id", required=True),
        Column("name", "string", "subscription.name"),
        Column(
            "made_by",
            "string",
            lambda state: state.made_by if state.personal else None,
            cell=lambda state, _: (
                "the file"
                if state.personal is None
                else state.made_by or "somebody at this machine"
            ),
            title="made by",
        ),
        Column("state", "string", required=True),
        Column("channels", "list", "subscription.channels"),
        Column(
            "recipients",
            "list",
            lambda state: [{"channel": way, "recipient": name} for way, name in state.recipients],
            cell=_goes_to,
            title="goes to",
        ),
        Column(
            "left",
            "list",
            _left,
            cell=lambda state, _: "\n".join(
                gone.recipient or gone.channel for gone, _ in state.left
            ),
        ),
        Column("closed_channels", "list", "closed"),
        Column("rate", "string", "subscription.rate", cell=_rate_and_zone, required=True),
        Column("timezone", "string", "subscription.timezone", required=True),
        Column("pending", "integer", title="waiting", required=True),
        Column("waiting_since_at", "datetime"),
        Column(
            "last_digest",
            "integer",
            lambda state: state.last and state.last.number,
            cell=lambda state, _: (
                f"{state.last.number}, {moment(state.last.sent_at)}" if state.last else "none yet"
            ),
            title="last digest",
        ),
        Column("last_digest_at", "datetime", lambda state: state.last and state.last.sent_at),
        Column(
            "next_digest_at",
            "datetime",
            "next_at",
            cell=lambda state, _: moment(state.next_at, "at once"),
            title="next digest",
        ),
    ),
    (
        *("id", "made_by", "recipients", "left", "rate", "pending"),
        *("last_digest", "next_digest_at"),
    ),
)


def subscriptions_list(*, format: Shape = "table") -> None:
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        subscription_states = roster(s, chosen, datetime.now(UTC))
    print_list(SUBSCRIPTIONS, subscription_states, format)
    for state in subscription_states if format == "table" else ():
        for line in lines_of_left(state):
            say(in_words(line, reader_language()))


def subscriptions_resubscribe(
    subscription: Annotated[str, Parameter(help="Id of the subscription.")],
    recipient: Annotated[
        str, Parameter(help="The address that left, or the channel's id where it has none.")
    ],
    /,
) -> None:
    with opened_database(configuration()) as database, database.begin() as s:
        gone_from_all = receivers.all_unsubscribed(s)
        left = [gone for gone, _ in gone_from_all if gone.subscription_id == subscription]
        named = [gone for gone in left if recipient in (gone.recipient, gone.channel)]
        for gone in named:
            receivers.resubscribe(s, subscription, gone.channel, gone.recipient)
    if not named:
        known = ", ".join(gone.recipient or gone.channel for gone in left) or "nobody"
        raise ConfigurationError(f"{recipient} did not leave {subscription}; who left it: {known}")
    say(f"{recipient} receives {subscription} again, from its next digest on")


# --- `subscriptions add|change` ---------------------------------------------------------


def subscriptions_add(
    mail: Annotated[str, Parameter(help="The mail address; it has to confirm.")],
    /,
    *,
    query: Words = "",
    filters: FilterOptions | None = None,
    name: Annotated[str, Parameter(help="The title of its mails.")] = "Accordwatch",
    rate: Annotated[
        str, Parameter(help="immediately, hourly, or like: daily at 07:00")
    ] = "weekly on monday at 07:00",
    timezone: Annotated[str, Parameter(help="The zone of the rate.")] = "UTC",
    mail_language: Annotated[str, Parameter(help="Of the mails: en, fr, ar or es.")] = "en",
) -> None:
    """It needs `site.url` in the configuration, for the link by which the receiver confirms it."""
    parsed = _subscribable(query, filters)
    chosen = configuration()
    who, now = login_name(), datetime.now(UTC)
    request = UserSubscription(
        kind=SubscriptionKind.MAIL,
        filter=parsed.fields,
        name=name,
        address=mail,
        rate=rate,
        timezone=timezone,
        language=mail_language,
        made_by=who,
        made_at=now,
        page=chosen.settings.site.url.rstrip("/"),
    )
    with opened_database(chosen) as database:
        stored, _ = make(database, chosen, request, f"user of the system {who}", now)
    say(f"{stored.code}: a mail is on its way to {mail}; nothing is sent until it is confirmed")


def _subscribable(query: str, filters: FilterOptions | None) -> Query:
    with understood():
        return typed_query(query, filters).for_alerts()


def subscriptions_change(
    subscription: Annotated[str, Parameter(help="Id of a subscription of a person: person-17.")],
    to: Annotated[
        Literal["paused", "active", "ended"],
        Parameter(help="ended deletes its address and the record of its notifications."),
    ],
    /,
) -> None:
    """The next digest of a resumed one has what came in meanwhile."""
    with opened_database(configuration()) as database, database.begin() as s:
        known = {one.code: one.id for one in user_subscriptions.everybodys(s)}
        if subscription not in known:
            listed = f"there is: {', '.join(known)}" if known else "there is none yet"
            raise ConfigurationError(
                f"no subscription made on the page or by `subscriptions add` has the id "
                f"{subscription!r}; {listed}. Those of the configuration are changed there"
            )
        if to == "ended":
            user_subscriptions.end(s, known[subscription])
        else:
            paused_at = datetime.now(UTC) if to == "paused" else None
            user_subscriptions.set_paused(s, known[subscription], paused_at)
    say(f"{subscription} is {to} now")


# --- `subscriptions preview` ----------------------------------------------------------------------


def _status(one: ExpectedItem, labels: Labels) -> str:
    status = one.step.status
    return labels.status(status, None) if status else labels.say("unknown")


PREVIEW = Table[ExpectedItem](
    "preview",
    (
        Column("on", "date", required=True, title="day"),
        Column(
            "news",
            "string",
            "kind",
            values=NewsKind,
            cell=lambda item, to: to.term(f"kinds.{item.kind}"),
        ),
        Column("agreement_id", "string", lambda item: item.entry.agreement.id or None, title="id"),
        Column(
            "name",
            "string",
            lambda item: item.entry.name if item.entry.agreement.id else None,
            cell=lambda item, _: (
                item.entry.name if item.entry.agreement.id else item.entry.agreement.title
            ),
        ),
        Column("status", "string", "step.status", values=Status, cell=_status),
        Column("step_on", "date", "step.on"),
        Column("parties", "list", "entry.agreement.parties"),
        Column("topics", "list", "entry.agreement.topics"),
        Column("title", "string", "entry.agreement.title"),
        Column("document_ids", "list", "step.document_ids"),
    ),
    ("on", "news", "agreement_id", "name", "status"),
)


def subscriptions_preview(
    subscription: Annotated[
        str | None,
        Parameter(help="Id of a subscription in the configuration; none: the filters alone."),
    ] = None,
    /,
    *,
    query: Words = "",
    filters: FilterOptions | None = None,
    format: Shape = "table",
    excel: Excel = False,
) -> None:
    """Over all that is stored, newest first, with how many items a week."""
    listing = ListOptions(format, excel=excel)
    parsed = _subscribable(query, filters)
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        named = Subscription("these filters", ())
        if subscription:
            named = find_subscription(with_users(s, chosen), subscription)
        typed = parsed.but(since=None, until=None).model_dump(exclude_defaults=True)
        rehearsed = replace(named, filter=named.filter.but(**typed))
        until = parsed.until or datetime.now(UTC).date()
        items, since = rehearse(s, rehearsed, until, parsed.since)
        concerned = [item.entry.agreement for item in items if item.entry.agreement.id]
        entries = named_entries(s, concerned, words().language)
        print_unknown_names(s, chosen, filters)
    names = {entry.agreement.id: entry for entry in entries}
    found = [item._replace(entry=names.get(item.entry.agreement.id, item.entry)) for item in items]
    listing.print(PREVIEW, found)
    say(_in_short([item.on for item in items], since, until, rehearsed.id))


def _in_short(days: Sequence[date], since: date, until: date, subject: str) -> str:
    """ "12 from 2025-01-01 to 2025-06-30: 0.46 a week, 3 in the fullest one, from 2025-03-03
    on". Of several fullest weeks it is the first.
    """
    if not days:
        advice = "widen the filter, or collect first: accordwatch run"
        return f"{subject} would have sent nothing of what is stored; {advice}"
    mondays = Counter(day - timedelta(days=day.weekday()) for day in days)
    monday = max(mondays, key=lambda day: (mondays[day], -day.toordinal()))
    rate = _rate(len(days) / max(1.0, ((until - since).days + 1) / 7))
    counted = f"{len(days)} from {since} to {until}: {rate} a week"
    return f"{counted}, {mondays[monday]} in the fullest one, from {monday} on"


def _rate(a_week: float) -> str:
    """A number with two significant digits, never in scientific notation."""
    return f"{a_week:.0f}" if a_week >= 9.5 else f"{a_week:.2g}"


# --- `digest show|send`: what would go out, sending it now, and what went out ---------------------


def digest_show(
    digest: Annotated[
        str | None,
        Parameter(help="Number of a digest that was sent, or id of a subscription; none: all."),
    ] = None,
    /,
    *,
    format: Annotated[
        Literal["text", "html", "json"],
        Parameter(help="html is what a mail reader shows, json what a webhook receives."),
    ] = "text",
) -> None:
    """Nothing is sent or marked as sent. One that was sent is shown as the register stands now,
    with what its channel left out.
    """
    chosen, was_sent = configuration(), digest is not None and digest.isdecimal()
    with opened_database(chosen) as database:
        if digest is not None and was_sent:
            digests = [digest_again(database, chosen, int(digest))]
        else:
            digests = _pending(database, chosen, digest)
    for edition in digests:
        if edition.is_empty and not was_sent:
            say(f"{edition.subscription.id}: nothing is pending")
        elif format == "json":
            print_jsonl([payload(edition)])
        else:
            mail = render(edition, most_bytes=None) if was_sent else render(edition)
            text = mail.html if format == "html" else f"Subject: {mail.subject}\n\n{mail.text}"
            sys.stdout.write((shown(text) if sys.stdout.isatty() else text) + "\n")


def _pending(database: Database, chosen: Configuration, subscription: str | None) -> list[Digest]:
    now = datetime.now(UTC)
    known = everybody(database, chosen).subscriptions
    names = [subscription] if subscription else [one.id for one in known]
    if not names:
        hint = "docs/configuration.md shows how to write one"
        raise ConfigurationError(f"{chosen.path}: no subscriptions; {hint}")
    digests = [preview(database, chosen, name, now) for name in names]
    with database.read() as s:
        subscription_states = roster(s, chosen, now)
    for subscription_state in subscription_states:
        if subscription_state.subscription.id in names:
            for line in lines_of_left(subscription_state):
                say(in_words(line, reader_language()))
    return digests


def digest_send(
    subscription: Annotated[
        str | None, Parameter(help="Id of a subscription; none: all of them.")
    ] = None,
    /,
    *,
    test: Annotated[
        str | None,
        Parameter(
            help="Send what is pending in one mail to this address; nothing is marked as sent."
        ),
    ] = None,
) -> int:
    chosen = configuration()
    with opened_database(chosen) as database:
        now = datetime.now(UTC)
        if test is not None:
            say(send_test(database, chosen, subscription, test, now))
            return 0
        sent = send_now(database, chosen, now=now, only=subscription)
    say(
        sent.summary
        if sent.delivered or sent.failed
        else "Nothing is pending, so nothing was sent."
    )
    return 1 if sent.failed else 0

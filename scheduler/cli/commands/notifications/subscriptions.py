"""`subscriptions list|resubscribe`: who receives what, who left, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter as get
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from cyclopts import Parameter

from scheduler.cli.context import configuration, login_name, opened_database
from scheduler.cli.filters import FilterOptions, say_unknown_names, typed_query
from scheduler.cli.output import (
    Format,
    check_excel,
    moment,
    print_jsonl,
    print_list,
    print_table,
    say,
    words,
)
from scheduler.notify.subscriptions.rehearsal import ExpectedItem, Rehearsal, rehearse
from scheduler.views.columns import Column, Table
from scheduler.views.register_entries import Entry
from scheduler.views.words.labels import Labels
from storage.errors import ConfigurationError
from storage.notifications import user_subscriptions
from storage.records import NewsKind, Status
from storage.register.decisions import given_names
from storage.subscription import Subscription, SubscriptionKind

if TYPE_CHECKING:
    from scheduler.notify.subscriptions.roster import SubscriptionState
    from storage.database.session import Session


def list_subscriptions(
    *,
    format: Annotated[
        Literal["table", "jsonl"], Parameter(help="table for people; jsonl for programs.")
    ] = "table",
) -> None:
    """List the subscriptions: who receives each and who left, what waits, the last digest and the
    next.
    """
    from scheduler.cli.output import reader_language
    from scheduler.notify.subscriptions.roster import lines_of_left, roster

    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        subscription_states = roster(s, chosen, datetime.now(UTC))
    if format == "jsonl":
        print_jsonl(map(_row, subscription_states))
        return
    columns = (
        *("id", "made by", "goes to", "left", "rate"),
        *("waiting", "last digest", "next digest"),
    )
    print_table("", columns, map(_cells, subscription_states))
    for one in subscription_states:
        for line in lines_of_left(one):
            say(line.in_words(reader_language()))


def resubscribe(
    subscription: Annotated[str, Parameter(help="Id of the subscription.")],
    recipient: Annotated[
        str, Parameter(help="The address that left, or the channel's id where it has none.")
    ],
    /,
) -> None:
    """Take an unsubscription back: the next digest goes to this recipient again."""
    from storage.notifications import receivers

    with opened_database(configuration()) as database, database.begin() as s:
        gone_from_all = receivers.all_unsubscribed(s)
        left = [gone for gone in gone_from_all if gone.subscription_id == subscription]
        named = [gone for gone in left if recipient in (gone.recipient, gone.channel)]
        for gone in named:
            receivers.resubscribe(s, subscription, gone.channel, gone.recipient)
    if not named:
        known = ", ".join(gone.recipient or gone.channel for gone in left) or "nobody"
        raise ConfigurationError(f"{recipient} did not leave {subscription}; who left it: {known}")
    say(f"{recipient} receives {subscription} again, from its next digest on")


def _row(one: SubscriptionState) -> dict[str, Any]:
    subscription = one.subscription
    return {
        "id": subscription.id,
        "name": subscription.name,
        "made_by": None if one.personal is None else one.made_by,
        "state": one.state,
        "channels": subscription.channels,
        "recipients": [{"channel": channel, "recipient": name} for channel, name in one.recipients],
        "left": [
            {"channel": g.channel, "recipient": g.recipient, "at": g.at.isoformat()}
            for g in one.left
        ],
        "closed_channels": one.closed,
        "rate": subscription.rate,
        "timezone": subscription.timezone,
        "pending": one.pending,
        "waiting_since_at": _iso(one.waiting_since_at),
        "last_digest": None if one.last is None else one.last[0],
        "last_digest_at": None if one.last is None else _iso(one.last[1]),
        "next_digest_at": _iso(one.next_at),
    }


def _cells(one: SubscriptionState) -> tuple[str, ...]:
    subscription, last = one.subscription, one.last
    closed = [f"{channel} is closed" for channel in one.closed]
    zone = subscription.timezone
    rate = subscription.rate if zone == "UTC" else f"{subscription.rate} ({zone})"
    goes_to = [f"{channel}: {name}" if name else channel for channel, name in one.recipients]
    return (
        subscription.id,
        _made_by(one),
        "\n".join([*goes_to, *closed, *_state(one)]) or "nobody",
        "\n".join(gone.recipient or gone.channel for gone in one.left),
        rate,
        str(one.pending),
        "none yet" if last is None else f"{last[0]}, {moment(last[1])}",
        "at once" if one.next_at is None else moment(one.next_at),
    )


def _made_by(one: SubscriptionState) -> str:
    if one.personal is None:
        return "the file"
    return one.made_by or "somebody at this machine"


def _state(one: SubscriptionState) -> list[str]:
    """Why nobody is notified, if nobody is, or that a feed is read."""
    if one.personal is None:
        return []
    kind, misfit = one.personal.kept.kind, one.personal.misfit
    said = {
        "active": ["a feed"] if kind is SubscriptionKind.FEED else [],
        "unconfirmed": ["waits to be confirmed"],
        "paused": ["paused"],
        "misfit": [f"paused: {misfit}"],
    }
    return said[one.state]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


# --- `subscriptions add|pause|resume|end` ---------------------------------------------------------

UserSubscriptionId = Annotated[str, Parameter(help="Id of a subscription of a person: person-17.")]


def add(
    mail: Annotated[str, Parameter(help="The mail address; it has to confirm.")],
    /,
    *,
    query: Annotated[
        str, Parameter(show_default=False, help="Words that must all stand in a report.")
    ] = "",
    filters: FilterOptions | None = None,
    name: Annotated[str, Parameter(help="The title of its mails.")] = "Accordwatch",
    rate: Annotated[
        str, Parameter(help="immediately, hourly, or like: daily at 07:00")
    ] = "weekly on monday at 07:00",
    timezone: Annotated[str, Parameter(help="The zone of the rate.")] = "UTC",
    mail_language: Annotated[str, Parameter(help="Of the mails: en, fr, ar or es.")] = "en",
) -> None:
    """Notify a mail address of what is new, once its owner has confirmed the subscription. It needs
    `people.address` in the configuration, for the link in the mail.
    """
    from scheduler.notify.subscriptions.making import Maker, Wanted, make

    asked = typed_query(query, filters)
    chosen = configuration()
    left = asked.left_out()
    if left:
        options = ", ".join(f"--{name}" for name in left)
        raise ConfigurationError(f"a subscription has no room for {options}: leave it to search")
    wanted = Wanted(
        kind="mail",
        filter=asked.subscription_filter,
        name=name,
        address=mail,
        rate=rate,
        timezone=timezone,
        language=mail_language,
    )
    who = login_name()
    maker = Maker(who, None, f"user of the system {who}")
    page = chosen.settings.people.address.rstrip("/")
    with opened_database(chosen) as database:
        made = make(database, chosen, wanted, maker, page, datetime.now(UTC))
    say(f"{made.kept.code}: a mail is on its way to {mail}; nothing is sent until it is confirmed")


def pause(subscription: UserSubscriptionId, /) -> None:
    """Pause a person's subscription until it is resumed."""
    _change(
        subscription, lambda s, number: user_subscriptions.set_paused(s, number, datetime.now(UTC))
    )
    say(f"{subscription} is paused; to go on: accordwatch subscriptions resume {subscription}")


def resume(subscription: UserSubscriptionId, /) -> None:
    """Let a paused subscription go on; its next digest has what came in meanwhile."""
    _change(subscription, lambda s, number: user_subscriptions.set_paused(s, number, None))
    say(f"{subscription} is active again")


def end(subscription: UserSubscriptionId, /) -> None:
    """End a person's subscription; all its data is deleted."""
    _change(subscription, user_subscriptions.end)
    say(f"{subscription} has ended")


def _change(code: str, change: Callable[[Session, int], None]) -> None:
    """Change a subscription of a person. Raises ConfigurationError if it is none of these."""
    with opened_database(configuration()) as database, database.begin() as s:
        known = {one.code: one.id for one in user_subscriptions.everybodys(s)}
        if code not in known:
            listed = ", ".join(known) or "none"
            raise ConfigurationError(
                f"{code} is no subscription of a person; these are: {listed}. What stands in the "
                "configuration is changed there"
            )
        change(s, known[code])


# --- `subscriptions preview` ----------------------------------------------------------------------


def _news(one: PreviewedItem, _: Labels) -> str:
    return one.item.kind.replace("_", " ")


def _agreement_id(one: PreviewedItem) -> str | None:
    return one.entry.agreement.id if one.entry else None


def _name(one: PreviewedItem, _: Labels) -> str:
    return one.entry.name if one.entry else one.item.title


def _status(one: PreviewedItem, labels: Labels) -> str:
    status = one.item.status
    return labels.status(status, None) if status else labels.say("terminal.unknown")


class PreviewedItem(NamedTuple):
    """What would have been sent, and the entry of its agreement, if it belongs to one."""

    item: ExpectedItem
    entry: Entry | None


PREVIEW = Table[PreviewedItem](
    "preview",
    (
        Column("on", "date", get("item.on"), required=True, title="day"),
        Column("news", "string", get("item.kind"), values=NewsKind, cell=_news),
        Column("agreement_id", "string", _agreement_id, title="id"),
        Column("name", "string", lambda one: one.entry and one.entry.name, cell=_name),
        Column("status", "string", get("item.status"), values=Status, cell=_status),
        Column("step_on", "date", get("item.step_on")),
        Column("parties", "list", lambda one: one.entry.agreement.parties if one.entry else ()),
        Column("topics", "list", lambda one: one.entry.agreement.topics if one.entry else ()),
        Column("title", "string", get("item.title")),
        Column("document_ids", "list", get("item.document_ids")),
    ),
    ("on", "news", "agreement_id", "name", "status"),
)


def preview(
    subscription: Annotated[
        str | None,
        Parameter(help="Id of a subscription in the configuration; none: the filters alone."),
    ] = None,
    /,
    *,
    query: Annotated[
        str, Parameter(show_default=False, help="Words that must all stand in a report.")
    ] = "",
    filters: FilterOptions | None = None,
    format: Annotated[
        Format, Parameter(help="table for people; jsonl and csv for programs.")
    ] = "table",
    excel: Annotated[
        bool, Parameter(negative="", help="csv that Excel opens with its accents and Arabic.")
    ] = False,
) -> None:
    """Print what a subscription would have sent over all that is stored, newest first, and how many
    items a week.
    """
    from scheduler.configuration.user_subscriptions import with_users
    from scheduler.notify.channels.table import find_subscription

    check_excel(format, excel)
    asked = typed_query(query, filters)
    left = [f"--{name}" for name in asked.left_out() if name not in ("since", "until")]
    if left:
        raise ConfigurationError(
            f"a subscription has no room for {', '.join(left)}: leave it to search"
        )
    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        named = Subscription("these filters", ())
        if subscription:
            named = find_subscription(with_users(s, chosen), subscription)
        typed = asked.but(since=None, until=None).model_dump(exclude_defaults=True)
        wanted = replace(named, filter=named.filter.but(**typed))
        rehearsal = rehearse(s, wanted, asked.until or datetime.now(UTC).date(), asked.since)
        concerned = [one.agreement.id for one in rehearsal.items if one.agreement]
        given = given_names(s, concerned)
        say_unknown_names(s, chosen, filters)
    found = [_entry_of(one, given) for one in rehearsal.items]
    print_list(PREVIEW, found, format, excel=excel)
    say(_in_short(rehearsal, wanted.id))


def _entry_of(one: ExpectedItem, given: Mapping[str, str]) -> PreviewedItem:
    if one.agreement is None:
        return PreviewedItem(one, None)
    return PreviewedItem(one, Entry(one.agreement, words().language, given.get(one.agreement.id)))


def _in_short(rehearsal: Rehearsal, subject: str) -> str:
    """ "12 from 2025-01-01 to 2025-06-30: 0.46 a week, 3 in the fullest one, from 2025-03-03
    on".
    """
    if not rehearsal.items:
        advice = "widen the filter, or collect first: accordwatch run"
        return f"{subject} would have sent nothing of what is stored; {advice}"
    monday, most = rehearsal.fullest_week
    from_to = f"{len(rehearsal.items)} from {rehearsal.since} to {rehearsal.until}"
    rate = f"{_rate(rehearsal.a_week)} a week"
    return f"{from_to}: {rate}, {most} in the fullest one, from {monday} on"


def _rate(a_week: float) -> str:
    """A number with two significant digits, never in scientific notation."""
    return f"{a_week:.0f}" if a_week >= 9.5 else f"{a_week:.2g}"

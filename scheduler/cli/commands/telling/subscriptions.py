"""`subscriptions list|resubscribe`: who receives what, who left, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import moment, print_jsonl, print_table, say
from storage.errors import ConfigurationError
from storage.notifications.receivers import ToldBy

if TYPE_CHECKING:
    from scheduler.notify.subscriptions.roster import Standing


def list_subscriptions(
    *,
    format: Annotated[
        Literal["table", "jsonl"], Parameter(help="table for people; jsonl for programs.")
    ] = "table",
) -> None:
    """List the subscriptions: who receives each and who left, what waits, the last digest and the
    next.
    """
    from scheduler.cli.wording import reader_language
    from scheduler.notify.subscriptions.roster import lines_of_left, roster

    chosen = configuration()
    with opened_database(chosen) as database, database.read() as s:
        standings = roster(s, chosen, datetime.now(UTC))
    if format == "jsonl":
        print_jsonl(map(_row, standings))
        return
    columns = (
        *("id", "made by", "goes to", "left", "rate"),
        *("waiting", "last digest", "next digest"),
    )
    print_table("", columns, map(_cells, standings))
    for standing in standings:
        for line in lines_of_left(standing):
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


def _row(standing: Standing) -> dict[str, Any]:
    subscription = standing.subscription
    return {
        "id": subscription.id,
        "name": subscription.name,
        "made_by": None if standing.personal is None else standing.made_by,
        "state": standing.state,
        "channels": subscription.channels,
        "recipients": [
            {"channel": channel, "recipient": name} for channel, name in standing.recipients
        ],
        "left": [
            {"channel": g.channel, "recipient": g.recipient, "at": g.at.isoformat()}
            for g in standing.left
        ],
        "closed_channels": standing.closed,
        "rate": subscription.rate,
        "timezone": subscription.timezone,
        "owed": standing.owed,
        "owed_since_at": _iso(standing.owed_since_at),
        "last_digest": None if standing.last is None else standing.last[0],
        "last_digest_at": None if standing.last is None else _iso(standing.last[1]),
        "next_digest_at": _iso(standing.next_at),
    }


def _cells(standing: Standing) -> tuple[str, ...]:
    subscription, last = standing.subscription, standing.last
    closed = [f"{channel} is closed" for channel in standing.closed]
    zone = subscription.timezone
    rate = subscription.rate if zone == "UTC" else f"{subscription.rate} ({zone})"
    goes_to = [f"{channel}: {name}" if name else channel for channel, name in standing.recipients]
    return (
        subscription.id,
        _made_by(standing),
        "\n".join([*goes_to, *closed, *_state(standing)]) or "nobody",
        "\n".join(gone.recipient or gone.channel for gone in standing.left),
        rate,
        str(standing.owed),
        "none yet" if last is None else f"{last[0]}, {moment(last[1])}",
        "at once" if standing.next_at is None else moment(standing.next_at),
    )


def _made_by(standing: Standing) -> str:
    if standing.personal is None:
        return "the file"
    return standing.made_by or "somebody at this machine"


def _state(standing: Standing) -> list[str]:
    """Why nobody is told, if nobody is, or that a feed is read."""
    if standing.personal is None:
        return []
    kind, misfit = standing.personal.kept.kind, standing.personal.misfit
    said = {
        "told": ["a feed"] if kind is ToldBy.FEED else [],
        "unconfirmed": ["waits to be confirmed"],
        "paused": ["paused"],
        "misfit": [f"paused: {misfit}"],
    }
    return said[standing.state]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

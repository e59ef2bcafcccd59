"""`digest preview|send|show`: what would go out, sending it now, and what went out."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import print_jsonl, say, shown
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    from scheduler.notify.digest.render import Rendered

MaybeSubscription = Annotated[
    str | None, Parameter(help="Id of a subscription; none: all of them.")
]


def preview(
    subscription: MaybeSubscription = None,
    /,
    *,
    format: Annotated[
        Literal["text", "html"], Parameter(help="html is what a mail reader shows.")
    ] = "text",
) -> None:
    """Print what would be sent; nothing is sent or marked as sent."""
    from scheduler.cli.output import reader_language
    from scheduler.configuration.user_subscriptions import everybody
    from scheduler.notify.digest.render import render
    from scheduler.notify.subscriptions.rehearsal import preview as build
    from scheduler.notify.subscriptions.roster import lines_of_left, roster

    chosen = configuration()
    now = datetime.now(UTC)
    with opened_database(chosen) as database:
        known = everybody(database, chosen).subscriptions
        names = [subscription] if subscription else [one.id for one in known]
        if not names:
            hint = "docs/configuration.md shows how to write one"
            raise ConfigurationError(f"{chosen.path}: no subscriptions; {hint}")
        digests = [build(database, chosen, name, now) for name in names]
        with database.read() as s:
            subscription_states = roster(s, chosen, now)
    for one in subscription_states:
        if one.subscription.id in names:
            for line in lines_of_left(one):
                say(line.in_words(reader_language()))
    for digest in digests:
        if not (digest.items or digest.notices):
            say(f"{digest.subscription.id}: nothing is pending")
            continue
        _print(render(digest), format)


def show(
    digest: Annotated[int, Parameter(help="Its number, as mails and webhooks give it.")],
    /,
    *,
    format: Annotated[
        Literal["text", "html", "json"],
        Parameter(help="json is what a webhook receives, all in one."),
    ] = "text",
) -> None:
    """Print all of a digest that was sent, with what its channel left out, as the register stands
    now.
    """
    from scheduler.notify.digest.render import render
    from scheduler.notify.subscriptions.rehearsal import digest_again

    chosen = configuration()
    with opened_database(chosen) as database:
        found = digest_again(database, chosen, digest)
    if format == "json":
        from scheduler.notify.channels.payload import payload

        print_jsonl([payload(found)])
        return
    _print(render(found, most_bytes=None), format)


def send(
    subscription: MaybeSubscription = None,
    /,
    *,
    test: Annotated[
        str | None,
        Parameter(
            help="Send what is pending in one mail to this address; nothing is marked as sent."
        ),
    ] = None,
) -> int:
    """Send all that is pending now, whatever the schedule."""
    from scheduler.notify.deliver import send_due

    chosen = configuration()
    with opened_database(chosen) as database:
        now = datetime.now(UTC)
        if test is not None:
            from scheduler.notify.subscriptions.rehearsal import send_test

            say(send_test(database, chosen, subscription, test, now))
            return 0
        sent = send_due(database, chosen, now=now, force=True, only=subscription)
    say(
        sent.summary
        if sent.delivered or sent.failed
        else "Nothing is pending, so nothing was sent."
    )
    return 1 if sent.failed else 0


def _print(mail: Rendered, format: Literal["text", "html"]) -> None:
    text = mail.html if format == "html" else f"Subject: {mail.subject}\n\n{mail.text}"
    sys.stdout.write((shown(text) if sys.stdout.isatty() else text) + "\n")

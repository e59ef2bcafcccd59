"""`digest show|send`: what would go out, sending it now, and what went out."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import print_jsonl, reader_language, say, shown
from storage.errors import ConfigurationError

if TYPE_CHECKING:
    from scheduler.configuration.config import Configuration
    from scheduler.notify.digest.build import Digest
    from storage.database.session import Database


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
    """Print what would be sent now; nothing is sent or marked as sent. Or, by its number, all of a
    digest that was sent, with what its channel left out, as the register stands now.
    """
    from scheduler.notify.channels.payload import payload
    from scheduler.notify.digest.render import render
    from scheduler.notify.subscriptions.rehearsal import digest_again

    chosen, was_sent = configuration(), digest is not None and digest.isdecimal()
    with opened_database(chosen) as database:
        if digest is not None and was_sent:
            digests = [digest_again(database, chosen, int(digest))]
        else:
            digests = _pending(database, chosen, digest)
    for one in digests:
        if not (was_sent or one.items or one.notices):
            say(f"{one.subscription.id}: nothing is pending")
        elif format == "json":
            print_jsonl([payload(one)])
        else:
            mail = render(one, most_bytes=None) if was_sent else render(one)
            text = mail.html if format == "html" else f"Subject: {mail.subject}\n\n{mail.text}"
            sys.stdout.write((shown(text) if sys.stdout.isatty() else text) + "\n")


def _pending(database: Database, chosen: Configuration, subscription: str | None) -> list[Digest]:
    from scheduler.configuration.user_subscriptions import everybody
    from scheduler.notify.subscriptions.rehearsal import preview
    from scheduler.notify.subscriptions.roster import lines_of_left, roster

    now = datetime.now(UTC)
    known = everybody(database, chosen).subscriptions
    names = [subscription] if subscription else [one.id for one in known]
    if not names:
        hint = "docs/configuration.md shows how to write one"
        raise ConfigurationError(f"{chosen.path}: no subscriptions; {hint}")
    digests = [preview(database, chosen, name, now) for name in names]
    with database.read() as s:
        subscription_states = roster(s, chosen, now)
    for one in subscription_states:
        if one.subscription.id in names:
            for line in lines_of_left(one):
                say(line.in_words(reader_language()))
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

"""`subscriptions add|pause|resume|end`: those of people, which live in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.filters import FilterOptions, typed_query
from scheduler.cli.login_name import login_name
from scheduler.cli.output import say
from storage.errors import ConfigurationError
from storage.notifications import people

if TYPE_CHECKING:
    from storage.database.session import Session

PersonsId = Annotated[str, Parameter(help="Id of a subscription of a person: person-17.")]


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
    """Tell a mail address what is new, once it has confirmed that it wants that. It needs
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
        filter=asked.told,
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
    say(f"{made.kept.code}: a mail is on its way to {mail}; nothing is told until it is confirmed")


def pause(subscription: PersonsId, /) -> None:
    """Tell a person's subscription nothing until it is resumed."""
    _change(subscription, lambda s, number: people.set_paused(s, number, datetime.now(UTC)))
    say(f"{subscription} is paused; to go on: accordwatch subscriptions resume {subscription}")


def resume(subscription: PersonsId, /) -> None:
    """Let a paused subscription go on; its next digest tells what came in meanwhile."""
    _change(subscription, lambda s, number: people.set_paused(s, number, None))
    say(f"{subscription} is told again")


def end(subscription: PersonsId, /) -> None:
    """End a person's subscription; nothing of it is kept."""
    _change(subscription, people.end)
    say(f"{subscription} has ended")


def _change(code: str, change: Callable[[Session, int], None]) -> None:
    """Change a subscription of a person. Raises ConfigurationError if it is none of these."""
    with opened_database(configuration()) as database, database.begin() as s:
        known = {one.code: one.id for one in people.everybodys(s)}
        if code not in known:
            listed = ", ".join(known) or "none"
            raise ConfigurationError(
                f"{code} is no subscription of a person; these are: {listed}. What stands in the "
                "configuration is changed there"
            )
        change(s, known[code])

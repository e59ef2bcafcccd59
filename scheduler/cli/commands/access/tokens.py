"""`tokens add|list|remove`: what programs and feed readers log in with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter, validators

from scheduler.cli.commands.access.users import Name, note_change, unknown_user
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.listing import Shape, print_list
from scheduler.cli.output import say
from scheduler.views.operations import TOKENS
from storage.errors import ConfigurationError
from storage.users.records import Role, TokenScope

_LONGEST_NOTE = 100


def add(
    name: Name,
    /,
    *,
    scope: Annotated[TokenScope, Parameter(help="Whether it only reads, or may decide too.")],
    days: Annotated[
        int | None,
        Parameter(
            validator=validators.Number(gte=1, lte=3660),
            help="It expires after so many days; never, if this is left out.",
        ),
    ] = None,
    note: Annotated[str, Parameter(help="What it is for, to tell it from others.")] = "",
) -> None:
    """Make a token with which a program acts for a user. It is printed once; its hash is kept.

    Programs send it as `Authorization: Bearer`; feed readers as the password of the user.
    """
    from scheduler.access.secret_values import kept_hash, new_token
    from storage.users import logins, users

    made, now = new_token(), datetime.now(UTC)
    expires_at = None if days is None else now + timedelta(days=days)
    with opened_database(configuration()) as database, database.begin() as s:
        found = users.user_named(s, name)
        if found is None:
            raise unknown_user(s, name)
        user = found[0]
        if scope is TokenScope.EDIT and Role.EDITOR not in user.role.included:
            raise ConfigurationError(
                f"{user.name} is a reader, so a token cannot edit; "
                f"accordwatch users role {user.name} editor, or --scope read"
            )
        what_for = note.strip()[:_LONGEST_NOTE]
        number = logins.add_token(s, kept_hash(made), user.id, scope, what_for, now, expires_at)
    note_change(f"token {number} added to {scope}", user.name)
    print(made)
    until = "does not expire" if expires_at is None else f"expires on {expires_at:%Y-%m-%d}"
    say(f"token {number} of {user.name} {until}; it is shown this once only")


def list_tokens(*, format: Shape = "table") -> None:
    """List the tokens: whose, what for, until when, and when each was last used."""
    from storage.users import logins

    with opened_database(configuration()) as database, database.read() as s:
        found = logins.tokens(s)
    print_list(TOKENS, found, format)
    if not found and format == "table":
        say("no tokens; make one: accordwatch tokens add NAME --scope read")


def remove(number: Annotated[int, Parameter(name="ID", help="Id of the token.")], /) -> None:
    """Remove a token: what uses it is refused at once."""
    from storage.users import logins

    with opened_database(configuration()) as database, database.begin() as s:
        # No number beyond what a database can compare is an id.
        if not 0 < number < 2**31 or not logins.remove_token(s, number):
            raise ConfigurationError(f"there is no token {number}; accordwatch tokens list")
    note_change("token removed", str(number))
    say(f"token {number} is gone")

"""`users add|list|remove|role|password|link`: who may use the page, and what for."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration, opened_database
from scheduler.cli.listing import Shape, print_list
from scheduler.cli.output import say
from scheduler.views.operations import USERS
from storage.errors import ConfigurationError
from storage.users.records import Role

if TYPE_CHECKING:
    from storage.database.session import Session

Name = Annotated[str, Parameter(help="Name of the user.")]
RoleOption = Annotated[
    Role, Parameter(help="A reader reads, an editor also decides, an admin also sees addresses.")
]
FromStdin = Annotated[
    bool, Parameter(negative="", help="Read the password from the first line of stdin.")
]


def add(
    name: Name,
    /,
    *,
    role: RoleOption = Role.READER,
    password_stdin: FromStdin = False,
    no_password: Annotated[
        bool, Parameter(negative="", help="A link sets it later, or a proxy logs them in.")
    ] = False,
) -> None:
    """Let somebody use the page. The password is asked for twice, and only its hash is kept.

    As soon as there is a user, the page asks everyone to log in, on this machine too.
    """
    from scheduler.access.names import checked_name
    from scheduler.access.passwords import hash_of_password
    from storage.users import users

    checked, chosen = checked_name(name), configuration()
    with opened_database(chosen) as database:
        with database.read() as s:
            _check_free(s, checked)
        kept = ""
        if not no_password:
            kept = hash_of_password(_password(checked, from_stdin=password_stdin), checked)
        with database.begin() as s:
            is_first = not users.is_anybody(s)
            if not users.add_user(s, checked, role, kept, datetime.now(UTC)):
                _check_free(s, checked)
    note_change(f"user added as {role}", checked)
    say(f"{checked} may log in as {role}")
    if no_password:
        say(f"to set a password: accordwatch users link {checked}")
    if is_first:
        say("the page now asks everyone to log in")


def list_users(*, format: Shape = "table") -> None:
    """List the users, what they may do, and when they last logged in."""
    from storage.users import users

    with opened_database(configuration()) as database, database.read() as s:
        found = users.users(s)
    print_list(USERS, found, format)
    if not found and format == "table":
        say("nobody yet, so the page asks nobody to log in; add the first user:")
        say("accordwatch users add NAME --role admin")


def remove(name: Name, /) -> None:
    """Remove a user, with all sessions, tokens and subscriptions, at once. Decisions
    and notes of this name stay.
    """
    from storage.notifications.people import end_all_of
    from storage.users import users

    with opened_database(configuration()) as database, database.begin() as s:
        found = users.user_named(s, name)
        if found is None:
            raise unknown_user(s, name)
        end_all_of(s, found[0].id)
        users.remove_user(s, name)
        is_last = not users.is_anybody(s)
    note_change("user removed", name)
    say(f"{name} can no longer log in")
    if is_last:
        say("nobody is left: on loopback the page asks nobody to log in, elsewhere it answers none")


def role(name: Name, role: RoleOption, /) -> None:
    """Change what a user may do; it holds from the next request on."""
    from storage.users import users

    with opened_database(configuration()) as database, database.begin() as s:
        if not users.set_role(s, name, role):
            raise unknown_user(s, name)
    note_change(f"role changed to {role}", name)
    say(f"{name} is now {role}")


def password(name: Name, /, *, password_stdin: FromStdin = False) -> None:
    """Give a user a new password. Sessions that began with the old one end; tokens stay."""
    from scheduler.access.passwords import hash_of_password
    from storage.users import users

    with opened_database(configuration()) as database:
        with database.read() as s:
            if users.user_named(s, name) is None:
                raise unknown_user(s, name)
        kept = hash_of_password(_password(name, from_stdin=password_stdin), name)
        with database.begin() as s:
            if not users.set_password(s, name, kept):
                raise unknown_user(s, name)
    note_change("password changed", name)
    say(f"{name} has a new password, and has to log in again")


def link(name: Name, /) -> None:
    """Print a link with which a user sets a password, once, within three days. It begins with
    `people.address`, and takes the place of an earlier one.
    """
    from scheduler.access.passwords import new_link

    chosen = configuration()
    with opened_database(chosen) as database:
        path = new_link(database, name, datetime.now(UTC))
        if path is None:
            with database.read() as s:
                raise unknown_user(s, name)
    note_change("link for a password made", name)
    address = chosen.settings.people.address.rstrip("/")
    if not address:
        say("put the address of the page before it, or set people.address")
    sys.stdout.write(f"{address}{path}\n")


def note_change(what: str, name: str) -> None:
    """Leave a line in the log of the page that users were changed."""
    from scheduler.access.log import AccessLog

    AccessLog(configuration().folder).changed(what, name, datetime.now(UTC))


def _check_free(s: Session, name: str) -> None:
    from storage.users import users

    found = users.user_named(s, name)
    if found is not None:
        raise ConfigurationError(
            f"{found[0].name} is there already; accordwatch users password {found[0].name} "
            "changes the password, users role the role"
        )


def unknown_user(s: Session, name: str) -> ConfigurationError:
    from storage.users import users

    known = ", ".join(user.name for user in users.users(s))
    first = "add the first: accordwatch users add NAME --role admin"
    hint = f"there is: {known}" if known else first
    return ConfigurationError(f"there is no user {name[:100]!r}; {hint}")


def _password(name: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise ConfigurationError("no terminal to ask for the password: add --password-stdin")
    first = getpass.getpass(f"Password of {name}: ")
    if getpass.getpass("The same again: ") != first:
        raise ConfigurationError("the two passwords differ; nothing was changed")
    return first

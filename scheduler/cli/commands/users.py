"""`users ...` and `tokens ...`: who may use the page, and what for."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from scheduler.access import accounts
from scheduler.access.accounts import AccessLog, checked_name, make_token
from scheduler.access.passwords import hash_of_password, new_link
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import Shape, print_list, say
from scheduler.views.operations import TOKENS, USERS
from storage.errors import ConfigurationError
from storage.users import logins, users
from storage.users.accounts import Role, TokenScope, User

if TYPE_CHECKING:
    from storage.database.session import Session

Name = Annotated[str, Parameter(help="Name of the user.")]
RoleOption = Annotated[
    Role, Parameter(help="A reader reads, an editor also decides, an admin also sees addresses.")
]
FromStdin = Annotated[
    bool, Parameter(negative="", help="Read the password from the first line of stdin.")
]


def users_add(
    name: Name,
    /,
    *,
    role: RoleOption = Role.READER,
    password_stdin: FromStdin = False,
    no_password: Annotated[
        bool, Parameter(negative="", help="A link sets it later, or a proxy logs them in.")
    ] = False,
) -> None:
    """The password is entered twice, and only its hash is stored. Where there is a user, the page
    asks everyone to log in.
    """
    checked, chosen = checked_name(name), configuration()
    with opened_database(chosen) as database:
        with database.read() as s:
            _check_free(s, checked)
        password_hash = ""
        if not no_password:
            password_hash = hash_of_password(_password(checked, from_stdin=password_stdin), checked)
        with database.begin() as s:
            is_first = not users.is_anybody(s)
            if not users.add_user(s, checked, role, password_hash, datetime.now(UTC)):
                _check_free(s, checked)
    note_change(f"user added as {role}", checked)
    say(f"{checked} may log in as {role}")
    if no_password:
        say(f"to set a password: accordwatch users password {checked} --link")
    if is_first:
        say("the page now asks everyone to log in")


def users_list(*, format: Shape = "table") -> None:
    with opened_database(configuration()) as database, database.read() as s:
        found = users.users(s)
    print_list(USERS, found, format)
    if not found and format == "table":
        say("nobody yet, so the page asks nobody to log in; add the first user:")
        say("accordwatch users add NAME --role admin")


def users_remove(name: Name, /) -> None:
    """Sessions, tokens and subscriptions go at once; decisions and notes of this name stay."""
    with opened_database(configuration()) as database, database.begin() as s:
        accounts.remove(s, _user(s, name))
        is_last = not users.is_anybody(s)
    note_change("user removed", name)
    say(f"{name} can no longer log in")
    if is_last:
        say("nobody is left: on loopback the page asks nobody to log in, elsewhere it answers none")


def users_role(name: Name, role: RoleOption, /) -> None:
    with opened_database(configuration()) as database, database.begin() as s:
        accounts.change_role(s, _user(s, name), role)
    note_change(f"role changed to {role}", name)
    say(f"{name} is now {role}")


def users_password(
    name: Name,
    /,
    *,
    password_stdin: FromStdin = False,
    link: Annotated[
        bool,
        Parameter(negative="", help="Print a link that sets it once, within three days, instead."),
    ] = False,
) -> None:
    """Sessions that began with the old one end; tokens stay. A link begins with `site.url`, and
    takes the place of an earlier one.
    """
    chosen = configuration()
    with opened_database(chosen) as database:
        with database.read() as s:
            _user(s, name)
        if link:
            path = new_link(database, name, datetime.now(UTC))
        else:
            password_hash = hash_of_password(_password(name, from_stdin=password_stdin), name)
            with database.begin() as s:
                users.set_password(s, name, password_hash)
    if not link:
        note_change("password changed", name)
        say(f"{name} has a new password, and has to log in again")
        return
    note_change("link for a password made", name)
    address = chosen.settings.site.url.rstrip("/")
    if not address:
        say("put the address of the page before it, or set site.url")
    sys.stdout.write(f"{address}{path}\n")


def note_change(what: str, name: str) -> None:
    """Leave a line in the log of the page that users were changed."""
    AccessLog(configuration().folder).changed(what, name, datetime.now(UTC))


def _check_free(s: Session, name: str) -> None:
    account = users.user_named(s, name)
    if account is not None:
        raise ConfigurationError(
            f"{account[0].name} is there already; accordwatch users password {account[0].name} "
            "changes the password, users role the role"
        )


def _user(s: Session, name: str) -> User:
    account = users.user_named(s, name)
    if account is None:
        known = ", ".join(user.name for user in users.users(s))
        first = "add the first: accordwatch users add NAME --role admin"
        hint = f"there is: {known}" if known else first
        raise ConfigurationError(f"there is no user {name[:100]!r}; {hint}")
    return account[0]


def _password(name: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise ConfigurationError("no terminal to ask for the password: add --password-stdin")
    first = getpass.getpass(f"Password of {name}: ")
    if getpass.getpass("Repeat the password: ") != first:
        raise ConfigurationError("the two passwords differ; nothing was changed")
    return first


# --- `tokens add|list|remove` ---------------------------------------------------------------------


def tokens_add(
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
    note: Annotated[str, Parameter(help="What it is for, to recognise it later.")] = "",
) -> None:
    now = datetime.now(UTC)
    expires_at = None if days is None else now + timedelta(days=days)
    with opened_database(configuration()) as database, database.begin() as s:
        user = _user(s, name)
        number, made = make_token(s, user, logins.NewToken(scope, note, now, expires_at))
    note_change(f"token {number} added to {scope}", user.name)
    print(made)
    until = "does not expire" if expires_at is None else f"expires on {expires_at:%Y-%m-%d}"
    say(f"token {number} of {user.name} {until}; it is shown this once only")


def tokens_list(*, format: Shape = "table") -> None:
    with opened_database(configuration()) as database, database.read() as s:
        tokens = logins.tokens(s)
    print_list(TOKENS, tokens, format)
    if not tokens and format == "table":
        say("no tokens; make one: accordwatch tokens add NAME --scope read")


def tokens_remove(number: Annotated[int, Parameter(name="ID", help="Id of the token.")], /) -> None:
    with opened_database(configuration()) as database, database.begin() as s:
        # No number beyond what a database can compare is an id.
        if not 0 < number < 2**31 or not logins.remove_token(s, number):
            raise ConfigurationError(f"there is no token {number}; accordwatch tokens list")
    note_change("token removed", str(number))
    say(f"token {number} is gone")

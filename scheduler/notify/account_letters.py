"""Letters about accounts: an invitation, and the link that sets a new password.

Only the hash of a link is kept, it works once, and setting a password by whatever way ends it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.access.passwords import hash_of_password
from scheduler.access.secret_values import kept_hash, new_session
from scheduler.configuration.config import Configuration
from scheduler.notify.letters import Letter, LetterRefused, checked_address, write
from scheduler.words.page import words_of
from storage.access import users
from storage.access.records import Role, User
from storage.database.session import Database
from storage.errors import AccordwatchError

INVITED = timedelta(days=7)
FORGOTTEN = timedelta(hours=1)
PASSWORDS = "/password"  # below it stand the links


def invite(
    database: Database,
    chosen: Configuration,
    name: str,
    role: Role,
    mail: str,
    language: str,
    page: str,
    requester: str,
    now: datetime,
) -> None:
    """Add a user, and mail the link with which they choose their password. Raises
    LetterRefused if name or address are taken, and DeliveryError, with nothing kept, if the
    mail cannot be sent.
    """
    address = _ready(mail, page)
    with database.begin() as s:
        if not users.add_user(s, name, role, "", now, address):
            raise LetterRefused("taken", name=name)
        found = users.user_named(s, name)
        assert found is not None  # noqa: S101 - it was added a line above
        users.set_wishes(s, found[0].id, language, None)
    words = words_of(language)
    paragraphs = (
        words.say("page.people.letter.invited", name=name, page=page),
        words.count("page.people.letter.choose", INVITED.days),
    )
    subject = words.say("page.people.letter.invitation")
    letter = Letter(address, subject, paragraphs, language, requester)
    try:
        _send_link(database, chosen, found[0], letter, page, INVITED, now)
    except AccordwatchError:
        with database.begin() as s:
            users.remove_user(s, name)
        raise


def send_reset(
    database: Database,
    chosen: Configuration,
    named: str,
    language: str,
    page: str,
    requester: str,
    now: datetime,
) -> None:
    """Mail a link that sets a new password, if there is a user of this name or mail address who
    has an address. Raises LetterRefused and DeliveryError, which who asked must not be told.
    """
    with database.read() as s:
        found = users.user_named(s, named)
        user = found[0] if found else users.user_with_mail(s, named)
    if user is None or not user.mail:
        return
    language = user.language or language
    words = words_of(language)
    paragraphs = (
        words.say("page.people.letter.forgotten", name=user.name, page=page),
        words.say("page.people.letter.hour"),
    )
    subject = words.say("page.people.letter.reset")
    letter = Letter(user.mail, subject, paragraphs, language, requester)
    _send_link(database, chosen, user, letter, page, FORGOTTEN, now)


def set_password(database: Database, secret: str, password: str, now: datetime) -> str | None:
    """Set the password of the user whose link this is, once, and return the name; None if the link
    is none any more. Raises ConfigurationError for a password that cannot be taken.
    """
    with database.read() as s:
        asking = users.user_of_link(s, kept_hash(secret), now)
    if asking is None:
        return None
    kept = hash_of_password(password, asking.name, asking.mail or "")
    with database.begin() as s:
        user = users.user_of_link(s, kept_hash(secret), now)
        if user is None or not users.set_password(s, user.name, kept):
            return None
    return user.name


def _ready(mail: str, page: str) -> str:
    """The address, if a letter can be written. Raises LetterRefused otherwise."""
    if not page:
        raise LetterRefused("no_address")
    return checked_address(mail)


def _send_link(
    database: Database,
    chosen: Configuration,
    user: User,
    letter: Letter,
    page: str,
    lasts: timedelta,
    now: datetime,
) -> None:
    """Send a letter with a new link at its end. A link that does not arrive is none."""
    secret = new_session()
    with database.begin() as s:
        users.add_link(s, user.id, kept_hash(secret), now + lasts, now)
    paragraphs = (*letter.paragraphs, f"{page}{PASSWORDS}/{secret}")
    try:
        write(database, chosen, replace(letter, paragraphs=paragraphs), now)
    except AccordwatchError:
        with database.begin() as s:
            users.remove_link(s, kept_hash(secret))
        raise

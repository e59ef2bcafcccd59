"""Short plain mails that somebody made the page write, to confirm an address.

They are sent at once, not in a digest, and few of them: whoever fills in a form must not be able to
flood somebody else's mailbox.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import uuid4

from scheduler.access.secret_values import kept_hash
from scheduler.configuration.config import Configuration
from scheduler.configuration.people import mail_channel
from scheduler.notify.channels.email import Mailer
from scheduler.notify.channels.message import MAIL_POLICY, domain_of
from scheduler.views.words.lines import line
from scheduler.views.words.page import PageSentence
from storage.database.session import Database
from storage.errors import AccordwatchError
from storage.users.letters import letters_since, note_letter

# In a day; three let somebody try again who mistyped or lost a mail.
MOST_TO_ADDRESS = 3
MOST_FOR_REQUESTER = 20
_DAY = timedelta(days=1)
# What HTML takes for a mail address, which is what servers take without extensions.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*"
)
_LONGEST_ADDRESS = 254
_LONGEST_SUBJECT = 120


class LetterRefused(AccordwatchError):
    """What somebody asked for is not done; `said` says why in the reader's language."""

    def __init__(self, key: str, **filled: str) -> None:
        self.said = PageSentence(f"people.faults.{key}", filled)
        super().__init__(self.said.in_words("en"))


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain mail. `requester` is who made us write it: a user, or the address of a network."""

    to: str
    subject: str
    paragraphs: Sequence[str]
    language: str
    requester: str


def checked_address(written: str) -> str:
    """A mail address. Raises LetterRefused for anything else, such as one with header lines."""
    address = written.strip(" ")
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise LetterRefused("address")
    return address


def write(database: Database, chosen: Configuration, letter: Letter, now: datetime) -> None:
    """Send a letter. Raises LetterRefused if too many were written, or there is no mail
    channel, and DeliveryError if the server does not take it.
    """
    channel = mail_channel(chosen)
    if channel is None:
        raise LetterRefused("no_mail")
    _count(database, letter, now)
    with closing(Mailer(channel)) as mailer:
        mailer.send(compose(letter, channel.sender, now), letter.to)


def compose(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    """The letter as an Internet message."""
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = Address("Accordwatch", addr_spec=sender)
    message["To"] = Address("", addr_spec=letter.to)
    message["Subject"] = line(letter.subject, _LONGEST_SUBJECT)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<letter-{uuid4().hex}@{domain_of(sender)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies, please
    message.set_content("\n\n".join((*letter.paragraphs, "Accordwatch")) + "\n")
    message["Content-Language"] = letter.language
    return message


def _count(database: Database, letter: Letter, now: datetime) -> None:
    """Count a letter before it is sent: what a server refuses counts as well."""
    address = kept_hash(f"letter to {letter.to.casefold()}")
    requester = kept_hash(f"letter for {letter.requester}")
    with database.begin() as s:
        to_address, for_requester = letters_since(s, address, requester, now - _DAY)
        if to_address >= MOST_TO_ADDRESS or for_requester >= MOST_FOR_REQUESTER:
            raise LetterRefused("too_many")
        note_letter(s, address, requester, now)

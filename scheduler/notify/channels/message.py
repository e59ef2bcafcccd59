"""The interface of a channel, and a digest as an Internet message (RFC 5322), with the headers by
which mail programs show lists.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel

from scheduler.notify.digest.build import Digest
from scheduler.notify.digest.render import MAIL_BYTES, Rendered, render
from scheduler.views.words.lines import line
from storage.errors import AccordwatchError, DeliveryError
from storage.phrases import Phrase

_LINE_LENGTH = 78
_PLAIN = (
    "in-reply-to",
    "references",
    "message-id",
    "subject",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
_LONGEST_SUBJECT = 120  # of a letter
_NAME_LENGTH = 60
_NO_PHRASE = str.maketrans("", "", '<>"\\')  # what would end the phrase before a List-Id (RFC 2919)
LOCAL_DOMAIN = "accordwatch.localhost"


# Postfix's defaults (minimal_backoff_time, maximal_backoff_time, maximal_queue_lifetime): this is
# what mail servers expect.
MAIL_FIRST_WAIT_S = 300
MAIL_LONGEST_WAIT_S = 4000
MAIL_LIFETIME = timedelta(days=5)
# Waits between the ten attempts of a webhook, 75 h 35 min in all (Standard Webhooks,
# "Deliverability and reliability").
WEBHOOK_WAITS_S = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
# A receiver that comes back up must not be hit by all deliveries at one moment. The jitter only
# lengthens waits: ten attempts that came early would be over before a receiver that is down for
# three days is up again.
_JITTER = 0.1
# No delivery waits for longer than this after a failure. (The wait that a receiver requests with
# Retry-After counts up to a day.)
LONGEST_WAIT = timedelta(seconds=(1 + _JITTER) * max(WEBHOOK_WAITS_S))


def next_mail_try(
    message_id: str,
    attempts: int,
    begun_at: datetime,
    now: datetime,
    retry_after_s: float | None = None,
) -> datetime | None:
    """In 5 minutes, doubling to 67; None five days after the digest was claimed, or sent again."""
    wait_s = min(MAIL_FIRST_WAIT_S * 2 ** min(attempts - 1, 10), MAIL_LONGEST_WAIT_S)
    at = _later(message_id, attempts, wait_s, now, retry_after_s)
    return at if at <= begun_at + MAIL_LIFETIME else None


def next_webhook_try(
    message_id: str,
    attempts: int,
    begun_at: datetime,
    now: datetime,
    retry_after_s: float | None = None,
) -> datetime | None:
    """As WEBHOOK_WAITS_S says; None after the tenth attempt, however old the digest is."""
    if attempts > len(WEBHOOK_WAITS_S):
        return None
    return _later(message_id, attempts, WEBHOOK_WAITS_S[attempts - 1], now, retry_after_s)


def _later(
    message_id: str, attempts: int, wait_s: float, now: datetime, retry_after_s: float | None
) -> datetime:
    # deterministic: a pure function may not roll dice
    digest = hashlib.sha256(f"{message_id}/{attempts}".encode()).digest()
    jittered_s = wait_s * (1 + _JITTER * int.from_bytes(digest[:4], "big") / 0xFFFFFFFF)
    return now + timedelta(seconds=max(jittered_s, retry_after_s or 0))


class Sender:
    """Serves one channel; each kind has a class of its own. It connects when it is first used."""

    settings: ClassVar[type[BaseModel]]
    in_full = False  # whether no agreement is cut to a line
    is_like_mail = True  # what failed is tried again as mails are; else as webhooks are

    def __init__(self, channel: Any, folder: Path) -> None:
        self._channel, self._folder = channel, folder

    def hand_over(
        self, digest: Digest, message_id: str, recipient: str, now: datetime, body: str | None
    ) -> None:
        """Sends a digest to one recipient, "" on channels that name none. `message_id` is the same
        at every try, and so is `body` if every try has to send the same. Raises DeliveryError if it
        may be tried again, PermanentDeliveryError if not.
        """
        raise NotImplementedError

    def probe(self) -> str:
        """A sentence that says what works. Sends nothing. Raises DeliveryError or
        ConfigurationError with a line for each fault.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of connections that are still open."""

    @staticmethod
    def recipients(channel: Any) -> tuple[str, ...]:
        """Those who receive on a channel; "" where its address names the only one."""
        return ("",)

    @staticmethod
    def page_size(max_items: int) -> int | None:
        """How many agreements a page has; None: a digest of any length is one page."""
        return None

    def body(self, digest: Digest, message_id: str) -> str | None:
        """What of a digest has to be the same at every try; None if nothing has."""
        return None


def raise_all(*looks: Callable[[], object]) -> None:
    """Raise one DeliveryError with a line for each fault that these looks find."""
    faults: list[str] = []
    for look in looks:
        try:
            look()
        except AccordwatchError as error:
            faults += error.lines
    if faults:  # a missing password is a fault of the login, too, and reported once
        raise DeliveryError(*dict.fromkeys(faults))


def unreachable(server: str, why: str) -> str:
    """Why the server of a channel takes nothing; `server` is its name or its address."""
    return Phrase("{server} cannot be reached: {why}", server=server, why=why)


def bad_certificate(server: str, error: ssl.SSLCertVerificationError) -> str:
    form = "{server} has no valid certificate: {why}"
    return Phrase(form, server=server, why=error.verify_message)


class Envelope(NamedTuple):
    """Who gets a mail from whom, and the https: or mailto: address at which they unsubscribe."""

    message_id: str
    recipient: str
    sender: str
    unsubscribe_url: str | None = None


def plain_letter(
    envelope: Envelope, subject: str, paragraphs: Iterable[str], language: str, now: datetime
) -> EmailMessage:
    """A short mail to one person, of plain text."""
    message_id, recipient, sender, _ = envelope
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = Address("Accordwatch", addr_spec=sender)
    message["To"] = Address("", addr_spec=recipient)
    message["Subject"] = line(subject, _LONGEST_SUBJECT)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{domain_of(sender)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies, please
    message.set_content("\n\n".join(paragraphs) + "\n")
    message["Content-Language"] = language
    return message


def compose(
    digest: Digest,
    envelope: Envelope,
    *,
    whole: bool = False,
    rendered: Rendered | None = None,
) -> EmailMessage:
    """A mail with our own Message-ID, which never changes, a List-Id, one-click unsubscribing
    (RFC 8058), and a thread for each agreement. `whole`: nothing is left out however long it is,
    since no mail service will see it. `rendered`: what an earlier try has sent, if there was one.
    """
    message_id, recipient, sender, unsubscribe_url = envelope
    domain, subscription = domain_of(sender), digest.subscription
    if rendered is None:
        rendered = render(digest, unsubscribe_url, most_bytes=None if whole else MAIL_BYTES)
    message = EmailMessage(policy=MAIL_POLICY)
    message["From"] = Address("Accordwatch", addr_spec=sender)
    message["To"] = Address("", addr_spec=recipient)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(digest.made_at)
    message["Message-ID"] = f"<{message_id}@{domain}>"
    told = [item for section in digest.sections for item in section.all_items]
    only = told[0].agreement_id if len(told) == 1 else None
    if only is not None:
        # The thread's root is a Message-ID that no mail has; mail programs build it all the same.
        root = f"<agreement-{only}.{subscription.id}@{domain}>"
        message["In-Reply-To"] = root
        message["References"] = root
    name = line(subscription.name.translate(_NO_PHRASE), _NAME_LENGTH)
    identity = f"<{subscription.id}.accordwatch.{domain}>"
    message["List-Id"] = f"{name} {identity}" if name else identity
    if unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        if unsubscribe_url.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies, please
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    # set_content drops one that is already there
    message["Content-Language"] = subscription.language
    return message


def domain_of(sender: str) -> str:
    return sender.rpartition("@")[2] or LOCAL_DOMAIN


def unsubscribe_address(setting: str | None, token: str, subscription_id: str) -> str | None:
    """The channel's `unsubscribe` setting for one recipient: a link with a token, or a mail whose
    subject names the subscription; None if the channel has no such setting.
    """
    if not setting:
        return None
    joint = "&" if "?" in setting else "?"
    if setting.startswith("mailto:"):
        return f"{setting}{joint}subject={quote(f'unsubscribe {subscription_id}')}"
    return f"{setting}{joint}t={quote(token)}"


class _MailPolicy(EmailPolicy):
    def fold(self, name: str, value: str) -> str:
        text = str(value)
        phrase, _, identity = text.rpartition(" ")
        if name.lower() == "list-id" and not phrase.isascii():
            # its name in ASCII; its identity stays as it is (RFC 2919)
            header = Header(phrase, "utf-8", maxlinelen=_LINE_LENGTH, header_name="List-Id")
            text = f"{header.encode(linesep='')} {identity}"
        if name.lower() in _PLAIN and text.isascii():
            rows, row = list[str](), f"{name}:"
            for position, word in enumerate(text.split()):
                # the first word always stands in the first line
                if position and len(row) + 1 + len(word) > _LINE_LENGTH:
                    rows.append(row)
                    row = ""
                row += f" {word}"
            return self.linesep.join([*rows, row]) + self.linesep
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _PLAIN:
            return self.fold(name, value).encode()
        return bytes(super().fold_binary(name, value))


# Every server takes 7-bit bodies. Some still damage 8-bit ones, and with them a signature.
MAIL_POLICY = _MailPolicy(linesep="\r\n", cte_type="7bit")

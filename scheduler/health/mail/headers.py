"""Whether the headers that we write are those that large receivers ask for: a mail is composed, as
each digest is, and read again. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from scheduler.configuration.channels import EmailChannel
from scheduler.digest.build import Digest
from scheduler.health.findings import Finding
from scheduler.notify.channels.courier import Parcel
from scheduler.notify.channels.email import EmailCourier
from scheduler.notify.channels.message import domain_of
from scheduler.words.phrases import phrase
from storage.asking import Subscription


def sample(channel: EmailChannel, folder: Path, now: datetime) -> EmailMessage:
    """A digest without news as it would be sent. Raises ConfigurationError if it cannot be
    signed.
    """
    subscription = Subscription("sample", (channel.id,), "Sample")
    digest = Digest(subscription, items=(), rest=(), notices=(), watched=None, made_at=now)
    with closing(EmailCourier(channel, folder)) as courier:
        written = courier.written(Parcel(digest, "sample", channel.to[0]))
    message = message_from_bytes(written, policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - by its policy
    return message


def header_findings(channel: EmailChannel, message: EmailMessage) -> Iterator[Finding]:
    domain = domain_of(channel.sender)
    name = f"headers:{channel.id}"
    bad = [header for header in _OURS if not _is_ours(message, header, domain)]
    for header in bad:
        said = phrase("mail_header", channel=channel.id, header=header, domain=domain)
        yield Finding("problem", name, said)
    if not bad:
        yield Finding("well", name, phrase("mail_headers", channel=channel.id, domain=domain))
    yield _unsubscribe_finding(channel, message)


_OURS = ("From", "Message-ID", "List-Id", "Date")


def _is_ours(message: EmailMessage, header: str, domain: str) -> bool:
    """Whether a header is there, once, and of this domain if it names one."""
    values = [str(value) for value in message.get_all(header, [])]
    if header == "Date":
        return len(values) == 1 and message["Date"].datetime is not None
    return len(values) == 1 and values[0].endswith((f"@{domain}>", f".{domain}>"))


def _unsubscribe_finding(channel: EmailChannel, message: EmailMessage) -> Finding:
    name, where = f"unsubscribe:{channel.id}", str(message.get("List-Unsubscribe", ""))
    if message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click":
        return Finding("well", name, phrase("mail_one_click", channel=channel.id))
    key = "mail_no_one_click" if where else "mail_no_unsubscribe"
    return Finding("warning", name, phrase(key, channel=channel.id))

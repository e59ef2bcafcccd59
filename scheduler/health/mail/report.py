"""Whether large receivers would take our mail: for `doctor mail`.

Google, Yahoo and Microsoft ask it of whoever sends 5,000 mails a day, and the first half of it of
everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from scheduler.configuration.channels import EmailChannel
from scheduler.configuration.config import Configuration
from scheduler.health.findings import Finding
from scheduler.health.mail.dns_lookup import Dns, DnsUnreachable
from scheduler.health.mail.headers import header_findings, sample
from scheduler.health.mail.published import (
    answers_finding,
    dkim_findings,
    dmarc_finding,
    spf_finding,
)
from scheduler.notify.channels.message import domain_of
from scheduler.words.phrases import fault, phrase
from storage.errors import ConfigurationError

DNS = "dns"  # the name of the finding that the DNS could not be asked


def examine_mail(chosen: Configuration, server: str | None, now: datetime) -> Iterator[Finding]:
    """What is well and what is missing, for each mail channel. `server` is asked instead of the
    machine's own servers of names. Raises ConfigurationError if there is no mail channel.
    """
    channels = [one for one in chosen.settings.all_channels if isinstance(one, EmailChannel)]
    if not channels:
        hint = "there is no mail to look at, see docs/alerts.md"
        raise ConfigurationError(f"{chosen.path}: no channel of kind email; {hint}")
    readable = []
    for channel in channels:
        try:
            message = sample(channel, chosen.folder, now)
        except ConfigurationError as error:
            said = phrase("channel", channel=channel.id, said=fault(error))
            yield Finding("problem", f"channel:{channel.id}", said)
        else:
            readable.append(channel)
            yield from header_findings(channel, message)
    yield from _published(readable, server)


def _published(channels: list[EmailChannel], server: str | None) -> Iterator[Finding]:
    seen: set[str] = set()
    try:
        dns = Dns(server)
        for channel in channels:
            if domain_of(channel.sender) not in seen:
                seen.add(domain_of(channel.sender))
                yield spf_finding(channel, dns)
                yield dmarc_finding(channel, dns)
                yield answers_finding(channel, dns)
            yield from dkim_findings(channel, dns)
    except DnsUnreachable as error:
        yield Finding("warning", DNS, phrase("mail_no_dns", why=fault(error)))

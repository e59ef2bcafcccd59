"""Whether a sending domain publishes what large receivers ask for, and if not, what to write."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from stat import S_IROTH

from scheduler.configuration.channels import DkimSettings, EmailChannel
from scheduler.health.findings import Finding, Level
from scheduler.health.mail.dns_lookup import Dns
from scheduler.health.mail.records import (
    MOST_LOOKUPS,
    dmarc_records,
    key_bits,
    published_keys,
    read_spf,
    spf_records,
    tags,
    unfit_tag,
    unknown_term,
)
from scheduler.notify.channels.email import signing_domain
from scheduler.notify.channels.message import domain_of
from scheduler.words.lines import line
from scheduler.words.phrases import Value, phrase
from storage.addresses.owners import registered_domain

# Gmail takes no shorter key; longer ones are asked for by RFC 8301.
_SHORTEST_KEY, _GOOD_KEY = 1024, 2048
_MOST_SHOWN = 500  # characters of a record, which may have 64,000


def spf_finding(channel: EmailChannel, dns: Dns) -> Finding:
    """The record of the domain in the envelope, which is that of the sender."""
    domain = domain_of(channel.sender)
    found, name = spf_records(dns.texts(domain)), f"spf:{domain}"
    if not found:
        record = f"v=spf1 {_server_term(channel)} ~all"
        return Finding("problem", name, phrase("mail_no_spf", domain=domain, record=record))
    if len(found) > 1:
        return Finding("problem", name, phrase("mail_spfs", domain=domain, count=len(found)))
    key, values = _spf_trouble(found[0], dns)
    level: Level = "well" if key == "mail_spf" else "problem"
    if key == "mail_spf_endless":
        level = "warning"
    record = line(found[0], _MOST_SHOWN)
    return Finding(level, name, phrase(key, domain=domain, record=record, **values))


def _spf_trouble(spf: str, dns: Dns) -> tuple[str, dict[str, Value]]:
    """The phrase about a record, and what is filled in."""
    term = unknown_term(spf)
    if term is not None:
        return "mail_spf_wrong", {"term": line(term, _MOST_SHOWN)}
    read = read_spf(spf, dns.texts)
    if read.lets_anybody_send and read.opened is not None:
        return "mail_spf_opened", {"name": line(read.opened, _MOST_SHOWN)}
    if read.lets_anybody_send:
        return "mail_spf_open", {}
    if read.lookups > MOST_LOOKUPS:
        return "mail_spf_long", {"most": MOST_LOOKUPS}
    if read.lost is not None:
        return "mail_spf_lost", {"name": line(read.lost, _MOST_SHOWN)}
    if read.wrong is not None:
        return "mail_spf_misled", {"name": line(read.wrong, _MOST_SHOWN)}
    return ("mail_spf" if read.ending in ("~all", "-all") else "mail_spf_endless"), {}


def dkim_findings(channel: EmailChannel, dns: Dns) -> Iterator[Finding]:
    settings, name = channel.dkim, f"dkim:{channel.id}"
    if settings is None:
        yield Finding("warning", name, phrase("mail_no_selector", channel=channel.id))
        return
    domain, sender = signing_domain(channel), domain_of(channel.sender)
    if not _is_aligned(domain, sender, strict=_policy(sender, dns).get("adkim") == "s"):
        said = phrase("mail_dkim_stranger", channel=channel.id, signer=domain, domain=sender)
        yield Finding("problem", f"{name}:domain", said)
    yield from _key_file_findings(name, settings)
    place = f"{settings.selector}._domainkey.{domain}"
    yield from _key_findings(name, place, channel, settings, dns)


def _key_file_findings(name: str, settings: DkimSettings) -> Iterator[Finding]:
    """Whoever can read the key can send mail in our name."""
    path = settings.key.file.expanduser() if settings.key and settings.key.file else None
    # There, containers lay secrets for whoever is alone in them.
    if path is not None and not path.is_relative_to("/run") and path.stat().st_mode & S_IROTH:
        yield Finding("warning", f"{name}:file", phrase("read_by_all", path=str(path)))


def _key_findings(
    name: str, place: str, channel: EmailChannel, settings: DkimSettings, dns: Dns
) -> Iterator[Finding]:
    keys, ours = published_keys(dns.texts(place)), _public(settings)
    record = f"v=DKIM1; k=rsa; p={ours}"
    if ours is None and not keys:
        yield Finding("problem", name, phrase("mail_dkim_unknown", place=place, host=channel.host))
        return
    if ours is not None and ours not in [key["p"] for key in keys]:
        missing = "mail_dkim_other" if keys else "mail_dkim_missing"
        said = phrase(missing, place=place, channel=channel.id, record=record)
        yield Finding("problem", name, said)
        return
    key = next((key for key in keys if key["p"] == ours), keys[0])
    yield _length_finding(name, place, key)
    tag = unfit_tag(key)
    if tag is not None:
        said = phrase("mail_dkim_unfit", place=place, tag=line(tag, _MOST_SHOWN))
        yield Finding("problem", f"{name}:unfit", said)
    if "y" in key.get("t", "").split(":"):
        yield Finding("warning", f"{name}:test", phrase("mail_dkim_test", place=place))
    if len(keys) > 1:  # of which verifiers may take any (RFC 6376, 3.6.2.2)
        said = phrase("mail_dkims", place=place, count=len(keys))
        yield Finding("warning", f"{name}:keys", said)


def _length_finding(name: str, place: str, key: dict[str, str]) -> Finding:
    bits = key_bits(key["p"])
    if bits is None and key.get("k") != "ed25519":
        return Finding("problem", name, phrase("mail_dkim_garbage", place=place))
    if bits is None:
        return Finding("warning", name, phrase("mail_dkim_ed25519", place=place))
    if bits >= _GOOD_KEY:
        return Finding("well", name, phrase("mail_dkim", place=place, bits=bits))
    level: Level = "problem" if bits < _SHORTEST_KEY else "warning"
    return Finding(level, name, phrase("mail_dkim_short", place=place, bits=bits))


def dmarc_finding(channel: EmailChannel, dns: Dns) -> Finding:
    domain = domain_of(channel.sender)
    name, found = f"dmarc:{domain}", _dmarc_records(domain, dns)
    if not found:
        record = f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
        return Finding("problem", name, phrase("mail_no_dmarc", domain=domain, record=record))
    if len(found) > 1:
        return Finding("problem", name, phrase("mail_dmarcs", domain=domain, count=len(found)))
    is_right = tags(found[0]).get("p", "").lower() in ("none", "quarantine", "reject")
    key = "mail_dmarc" if is_right else "mail_dmarc_wrong"
    level: Level = "well" if is_right else "problem"
    return Finding(level, name, phrase(key, domain=domain, record=line(found[0], _MOST_SHOWN)))


def answers_finding(channel: EmailChannel, dns: Dns) -> Finding:
    """Whether what cannot be delivered, and what people answer, comes back to somebody."""
    domain = domain_of(channel.sender)
    taken = dns.takes_mail(domain)
    said = phrase("mail_answers" if taken else "mail_no_answers", domain=domain)
    return Finding("well" if taken else "problem", f"answers:{domain}", said)


def _dmarc_records(domain: str, dns: Dns) -> list[str]:
    """Those of the domain itself, or else of the one that its owner registered."""
    found = dmarc_records(dns.texts(f"_dmarc.{domain}"))
    registered = registered_domain(domain)
    if found or registered in ("", domain):
        return found
    return dmarc_records(dns.texts(f"_dmarc.{registered}"))


def _policy(domain: str, dns: Dns) -> dict[str, str]:
    found = _dmarc_records(domain, dns)
    return tags(found[0]) if len(found) == 1 else {}


def _is_aligned(signer: str, sender: str, *, strict: bool) -> bool:
    """Whether a signature of one domain counts for a mail from another (RFC 7489, 3.1.1)."""
    if signer.lower() == sender.lower():
        return True
    owner = registered_domain(signer)
    return not strict and owner != "" and owner == registered_domain(sender)


def _public(settings: DkimSettings) -> str | None:
    if settings.key is None:
        return None
    from scheduler.notify.channels.signing import public_key  # takes a third of a second

    return public_key(settings.key)


def _server_term(channel: EmailChannel) -> str:
    """What names the channel's server in SPF, if the rest of the world can see it there."""
    try:
        address = ip_address(channel.host)
    except ValueError:
        is_local = channel.host == "localhost" or "." not in channel.host
        return "mx" if is_local else f"a:{channel.host}"
    return f"ip{address.version}:{address}" if address.is_global else "mx"

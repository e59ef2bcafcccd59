"""The subscriptions that people made on the page, beside those of the configuration.

This is the one place where both are put together: whoever tells somebody calls `with_users` first,
and from there on does not know the one from the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from functools import cache
from pathlib import Path

from scheduler.configuration.config import Configuration, Personal
from scheduler.configuration.query import Query, query_of
from scheduler.configuration.sections import EmailChannel
from storage.database.session import Database, Session
from storage.errors import ConfigurationError, RuleError
from storage.filter import Filter
from storage.notifications import user_subscriptions
from storage.register.agreements import resolve
from storage.subscription import Subscription, SubscriptionKind, UserSubscription

MAILS = "/mail"  # below it stand the links of mails
_SIGNATURE = 32  # letters of a signature, 192 bits


def with_users(s: Session, chosen: Configuration) -> Configuration:
    kept = user_subscriptions.everybodys(s)
    channel = mail_channel(chosen)
    return replace(chosen, people=tuple(_personal(s, chosen, channel, one) for one in kept))


def everybody(database: Database, chosen: Configuration) -> Configuration:
    with database.read() as s:
        return with_users(s, chosen)


def mail_channel(chosen: Configuration) -> EmailChannel | None:
    """The channel that sends to people: the named one, else the first; None without one."""
    named = chosen.settings.site.channel
    mailing = [one for one in chosen.settings.channels if isinstance(one, EmailChannel)]
    return next((one for one in mailing if named in ("", one.id)), None)


def link(kept: UserSubscription) -> str:
    """Where who reads the mailbox confirms, pauses or ends it; "" if there is no page."""
    return f"{kept.page}{MAILS}/{kept.id}.{_signature(kept)}" if kept.page else ""


def signed(s: Session, written: str) -> UserSubscription | None:
    """The subscription that such a link names, or None if its signature is wrong."""
    number, _, signature = written.partition(".")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    kept = user_subscriptions.numbered(s, int(number))
    given = signature.encode("utf-8", "replace")
    if kept is None or not hmac.compare_digest(_signature(kept).encode(), given):
        return None
    return kept


def _signature(kept: UserSubscription) -> str:
    made = hmac.new(kept.link_key.encode(), f"mail {kept.id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode()[:_SIGNATURE]


def _personal(
    s: Session, chosen: Configuration, channel: EmailChannel | None, kept: UserSubscription
) -> Personal:
    flt, misfit = Filter(), ""
    try:
        settings = query_of(kept.filter)
        flt = settings.filter
        # those that it names, and the agreements in which these live on
        heirs = [resolve(s, one) for one in flt.agreements]
        lasting = dict.fromkeys((*flt.agreements, *(one for one in heirs if one)))
        flt = flt.but(agreements=tuple(lasting)) if heirs else flt
        misfit = _unknown_rules(settings, chosen)
    except ConfigurationError as error:
        misfit = str(error)
    is_mail, channels = kept.kind is SubscriptionKind.MAIL, tuple[str, ...]()
    if kept.kind is not SubscriptionKind.FEED:
        # one that is missing where there is no mail channel: a delivery by it says so
        channels = (channel.id if channel is not None else "email",)
    subscription = Subscription(
        id=kept.code,
        channels=channels,
        name=kept.name,
        filter=flt,
        rate=kept.rate,
        timezone=kept.timezone,
        language=kept.language,
        to=(kept.address,) if is_mail else (),
        manage=link(kept) if is_mail else "",
        page=kept.page if is_mail else "",
    )
    return Personal(kept, subscription, misfit)


def _unknown_rules(settings: Query, chosen: Configuration) -> str:
    """A line that names the rules of a filter that are no more; "" if it names none of these."""
    if not settings.rules:
        return ""
    try:
        files = chosen.rule_files
        stamps = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
        known = _rule_ids(chosen.settings.rules.packs, files, stamps)
    except RuleError:
        return ""  # which rules there are cannot be said until their files are mended
    missing = [rule for rule in settings.rules if rule not in known]
    return f"rules: there is no rule {', '.join(missing)}" if missing else ""


@cache
def _rule_ids(
    packs: tuple[str, ...], files: tuple[Path, ...], stamps: tuple[int, ...]
) -> frozenset[str]:
    from crawler.judgement.judge import load_rules  # takes a second, and few filters name rules

    return frozenset(rule.id for rule in load_rules(packs, files).rules.rules)

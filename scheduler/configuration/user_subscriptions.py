"""The subscriptions that people made on the page, beside those of the configuration.

This is the one place where both are put together: code that notifies anybody calls `with_users`
first, and treats both alike from there on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from functools import cache
from pathlib import Path

from scheduler.configuration.config import Configuration
from scheduler.configuration.query import Query, query_of
from scheduler.configuration.sections import EmailChannel
from storage.database.session import Database, Session
from storage.errors import ConfigurationError, RuleError
from storage.filter import Filter
from storage.notifications import user_subscriptions
from storage.notifications.tables import UserSubscription
from storage.notifications.user_subscriptions import Personal
from storage.register.agreements import resolve
from storage.subscription import Subscription, SubscriptionKind

MAILS = "/mail"  # below it stand the links of mails
_SIGNATURE = 32  # letters of a signature, 192 bits


def with_users(s: Session, chosen: Configuration) -> Configuration:
    stored = user_subscriptions.everybodys(s)
    channel = mail_channel(chosen)
    return replace(
        chosen, people=tuple(_personal(s, chosen, channel, subscription) for subscription in stored)
    )


def everybody(database: Database, chosen: Configuration) -> Configuration:
    with database.read() as s:
        return with_users(s, chosen)


def mail_channel(chosen: Configuration) -> EmailChannel | None:
    """The channel that sends to people: the named one, else the first; None without one."""
    named = chosen.settings.site.channel
    mailing = [channel for channel in chosen.settings.channels if isinstance(channel, EmailChannel)]
    return next((channel for channel in mailing if named in ("", channel.id)), None)


def link(stored: UserSubscription) -> str:
    """The address at which its receiver confirms, pauses or ends it; "" if there is no page."""
    return f"{stored.page}{MAILS}/{stored.id}.{_signature(stored)}" if stored.page else ""


def signed(s: Session, written: str) -> UserSubscription | None:
    """The subscription that such a link names, or None if its signature is wrong."""
    number, _, signature = written.partition(".")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return None
    stored = user_subscriptions.numbered(s, int(number))
    given = signature.encode("utf-8", "replace")
    if stored is None or not hmac.compare_digest(_signature(stored).encode(), given):
        return None
    return stored


def _signature(stored: UserSubscription) -> str:
    made = hmac.new(stored.link_key.encode(), f"mail {stored.id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode()[:_SIGNATURE]


def _personal(
    s: Session, chosen: Configuration, channel: EmailChannel | None, stored: UserSubscription
) -> Personal:
    flt, misfit = Filter(), ""
    try:
        settings = query_of(stored.filter)
        flt = settings.filter
        # agreements that it names may have been merged into others since
        heirs = [resolve(s, agreement) for agreement in flt.agreements]
        lasting = dict.fromkeys((*flt.agreements, *(heir for heir in heirs if heir)))
        flt = flt.but(agreements=tuple(lasting)) if heirs else flt
        misfit = _unknown_rules(settings, chosen)
    except ConfigurationError as error:
        misfit = str(error)
    is_mail, channels = stored.kind is SubscriptionKind.MAIL, tuple[str, ...]()
    if stored.kind is not SubscriptionKind.FEED:
        # without a mail channel it names one that is missing, so that its deliveries say so
        channels = (channel.id if channel is not None else "email",)
    subscription = Subscription(
        id=stored.code,
        channels=channels,
        name=stored.name,
        filter=flt,
        rate=stored.rate,
        timezone=stored.timezone,
        language=stored.language,
        to=(stored.address,) if is_mail else (),
        manage=link(stored) if is_mail else "",
        page=stored.page if is_mail else "",
    )
    return Personal(stored, subscription, misfit)


def _unknown_rules(settings: Query, chosen: Configuration) -> str:
    """A line that names the rules of a filter that no longer exist; "" if all of them do."""
    if not settings.rules:
        return ""
    try:
        files = chosen.rule_files
        stamps = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
        known = _rule_ids(chosen.settings.rules.packs, files, stamps)
    except RuleError:
        return ""  # which rules exist is unknown until their files are corrected
    missing = [rule for rule in settings.rules if rule not in known]
    return f"rules: there is no rule {', '.join(missing)}" if missing else ""


@cache
def _rule_ids(
    packs: tuple[str, ...], files: tuple[Path, ...], stamps: tuple[int, ...]
) -> frozenset[str]:
    from crawler.judgement.judge import load_rules  # takes a second, and few filters name rules

    return frozenset(rule.id for rule in load_rules(packs, files).rules.rules)

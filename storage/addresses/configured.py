"""Checks the addresses of sources in the configuration.

Each function returns the address unchanged, or raises ValueError that says what is wrong.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from storage.addresses.canonical import MAX_LENGTH

MAIL_SCHEMES = ("imaps", "imap")


def web_address(value: str) -> str:
    """The address of a feed, page or API."""
    parts = _parts(value)
    if parts.scheme in MAIL_SCHEMES:
        raise ValueError(f"{value!r} is a mailbox: its kind is imap, with username and password")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not an address that begins with http:// or https://")
    if parts.username is not None:
        raise ValueError(
            "an address with a user name or password is not supported; write it without"
        )
    return value


def mail_address(value: str) -> str:
    """The address of a mailbox on a server."""
    parts = _parts(value)
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
        raise ValueError(
            f"{value!r} is not an address such as imaps://mail.example.org/Newsletters"
        )
    if parts.username is not None:
        raise ValueError("the address holds a name; write it as username, and password beside it")
    if parts.query or parts.fragment:
        raise ValueError("? and # of a mailbox's name are written %3F and %23")
    return value


def _parts(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        hint = "a port is a number from 1 to 65535"
        raise ValueError(f"{value[:200]!r} is not an address; {hint}") from None
    if port == 0:
        raise ValueError(f"{value[:200]!r} has the port 0; a port is a number from 1 to 65535")
    if len(value) > MAX_LENGTH:
        limit = f"an address of more than {MAX_LENGTH:,} is not asked for"
        raise ValueError(f"has {len(value):,} characters; {limit}")
    return parts

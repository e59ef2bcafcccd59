"""A source as it is configured; standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    PAGE = "page"
    WORDPRESS = "wordpress"
    JSON = "json"
    FOLDER = "folder"
    WARC = "warc"
    MAILBOX = "mailbox"
    IMAP = "imap"


# These have a path on this machine and no address: no request is sent.
LOCAL_SOURCES = frozenset({SourceKind.FOLDER, SourceKind.WARC, SourceKind.MAILBOX})


class Trust(StrEnum):
    """Who speaks in a source: an authority itself, a state's news agency, the press, or an NGO."""

    OFFICIAL = "official"
    AGENCY = "agency"
    PRESS = "press"
    NGO = "ngo"


@dataclass(frozen=True, slots=True)
class JsonPaths:
    """Where the documents of a JSON API are. `items` is the path to their list. The other paths
    start at one of its items, except `next`, the address of the next page, which starts at the
    whole answer.
    """

    items: str
    url: str
    title: str | None = None
    published: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """How we log in to a mail server. The password stands in an environment variable or a file, and
    is read when it is used. `plain` lets it go over the network without encryption.
    """

    username: str
    password_env: str | None = None
    password_file: str | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Something that we poll, as configured.

    `every` is an interval ("30m", "1h", "1d"). A `cron` line, read in `timezone`, takes precedence
    over it. Each poll is delayed by up to `jitter_s` seconds; None means a share of the interval.
    An `official` one is of a government, a parliament or an international body: what it publishes
    itself is an official document. One that `publishes_texts` is a treaty series.
    """

    id: str
    kind: SourceKind
    url: str
    name: str = ""
    language: str | None = None
    country: str | None = None
    every: str = "1h"
    cron: str | None = None
    timezone: str = "UTC"
    jitter_s: int | None = None
    enabled: bool = True
    official: bool = False
    publishes_texts: bool = False
    trust: Trust | None = None
    verified: bool = False
    link_pattern: str | None = None  # listing: regular expression that a link's URL must match
    link_selector: str | None = None  # listing: CSS selector of the <a> elements
    paths: JsonPaths | None = None  # json: where its documents are; None: guessed
    max_items: int = 200
    delay_s: float | None = None
    ignore: tuple[str, ...] = ()  # CSS selectors of what is no part of its texts
    ignore_pattern: str | None = None  # regular expression of words that are left out of them
    login: Login | None = None  # imap
    javascript: bool = False  # its pages are opened in a browser

"""Feeds of any selection of the register, and of one agreement: Atom (RFC 4287), RSS 2.0, JSON
Feed 1.1.

An agreement is an entry, dated by its last step: a reader shows it anew when a step is added.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import partial
from html import escape
from importlib.metadata import version
from xml.etree import ElementTree

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.digest.labels import Labels
from scheduler.digest.lines import clean
from scheduler.digest.names import name_of, name_parts
from scheduler.web.site.asked import asked
from scheduler.web.site.conditional import conditional, not_modified, state_tag, tagged
from scheduler.web.site.pages.problems import NotHere
from scheduler.web.site.pages.rendering import served_by
from scheduler.web.site.words import language_for, words_of
from storage import queries
from storage.register.given_names import given_names
from storage.register.records import Agreement
from storage.register.stamp import shown_stamp

router = APIRouter(include_in_schema=False)

ENTRIES = 50
_PROGRAM = version("accordwatch")  # the next one may write the same agreements differently
_ATOM = "http://www.w3.org/2005/Atom"
LONGEST_AGO = date(1970, 1, 1)  # an entry must have a day, also where no step has one


@dataclass(frozen=True, slots=True)
class FeedEntry:
    id: str
    url: str
    title: str
    summary: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    url: str
    self_url: str
    language: str
    entries: Sequence[FeedEntry]

    @property
    def updated_at(self) -> datetime:
        return max((one.updated_at for one in self.entries), default=moment(LONGEST_AGO))


@router.get("/feed.atom")
def register_atom(request: Request) -> Response:
    """The agreements of a selection as an Atom feed."""
    return _unless_known(request, atom, _register)


@router.get("/feed.rss")
def register_rss(request: Request) -> Response:
    """The same as an RSS feed."""
    return _unless_known(request, rss, _register)


@router.get("/feed.json")
def register_json(request: Request) -> Response:
    """The same as a JSON Feed."""
    return _unless_known(request, json_feed, _register)


@router.get("/agreements/{agreement_id}/feed.atom")
def agreement_atom(request: Request, agreement_id: str) -> Response:
    """The steps of an agreement as an Atom feed."""
    return _unless_known(request, atom, partial(_life, agreement_id=agreement_id))


@router.get("/agreements/{agreement_id}/feed.rss")
def agreement_rss(request: Request, agreement_id: str) -> Response:
    """The same as an RSS feed."""
    return _unless_known(request, rss, partial(_life, agreement_id=agreement_id))


@router.get("/agreements/{agreement_id}/feed.json")
def agreement_json(request: Request, agreement_id: str) -> Response:
    """The same as a JSON Feed."""
    return _unless_known(request, json_feed, partial(_life, agreement_id=agreement_id))


def _unless_known(
    request: Request, write: Callable[[Request, Feed], Response], make: Callable[[Request], Feed]
) -> Response:
    """A feed, or 304 for who has it. Most readers have it, so the feed is not made to find out."""
    with served_by(request).database.read() as s:
        shown = shown_stamp(s)
    tag = state_tag(shown, str(request.url), language_for(request), _PROGRAM)
    return not_modified(request, tag) or tagged(write(request, make(request)), tag)


def _register(request: Request) -> Feed:
    words, selection = words_of(language_for(request)), asked(request.query_params)
    with served_by(request).database.read() as s:
        found = queries.agreements(s, selection.filter, ENTRIES)
        names = given_names(s, [one.id for one in found])
    entries = [_entry(request, one, names.get(one.id), words) for one in found]
    title = "Accordwatch: " + (selection.typed.query or words.say("page.menu.register"))
    home = str(request.base_url).rstrip("/") + selection.address("/")
    return Feed(title, home, str(request.url), words.language, entries)


def _life(request: Request, agreement_id: str) -> Feed:
    words = words_of(language_for(request))
    with served_by(request).database.read() as s:
        found = queries.agreement(s, agreement_id)
        if found is None:
            raise NotHere
        name = name_of(name_parts(found, given_names(s, [found.id]).get(found.id)), words)
    url = f"{str(request.base_url).rstrip('/')}/agreements/{found.id}"
    entries = [
        FeedEntry(
            f"urn:accordwatch:{found.id}:{number}",
            url,
            name + words.say("colon") + (_status(found, number, words)),
            step.quote,
            moment(step.on or LONGEST_AGO),
        )
        for number, step in enumerate(found.history)
    ]
    return Feed(f"Accordwatch: {name}", url, str(request.url), words.language, entries[::-1])


def _status(found: Agreement, number: int, words: Labels) -> str:
    status = found.history[number].status
    return words.status(status, found.instrument) if status else words.say("page.unknown")


def _entry(request: Request, found: Agreement, given: str | None, words: Labels) -> FeedEntry:
    name = name_of(name_parts(found, given), words)
    if found.status:
        name += words.say("colon") + words.status(found.status, found.instrument)
    days = [step.on for step in found.history if step.on]
    return FeedEntry(
        f"urn:accordwatch:{found.id}",
        f"{str(request.base_url).rstrip('/')}/agreements/{found.id}",
        name,
        found.history[-1].quote if found.history else found.title,
        moment(max(days, default=LONGEST_AGO)),
    )


def moment(on: date) -> datetime:
    """The beginning of a day, for what has no time."""
    return datetime.combine(on, time(), UTC)


def atom(request: Request, feed: Feed) -> Response:
    """A feed as Atom (RFC 4287)."""
    root = ElementTree.Element("feed", xmlns=_ATOM)
    root.set("xml:lang", feed.language)
    _add(root, "id", feed.self_url)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated_at.isoformat())
    _link(root, feed.self_url, "self")
    _link(root, feed.url, "alternate")
    author = ElementTree.SubElement(root, "author")
    _add(author, "name", "Accordwatch")
    for one in feed.entries:
        entry = ElementTree.SubElement(root, "entry")
        _add(entry, "id", one.id)
        _add(entry, "title", one.title)
        _add(entry, "updated", one.updated_at.isoformat())
        _link(entry, one.url, "alternate")
        _add(entry, "summary", one.summary)
    body = ElementTree.tostring(root, xml_declaration=True, encoding="utf-8")
    return conditional(request, body, "application/atom+xml; charset=utf-8")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = clean(text)


def _link(parent: ElementTree.Element, url: str, rel: str) -> None:
    ElementTree.SubElement(parent, "link", href=url, rel=rel)


def rss(request: Request, feed: Feed) -> Response:
    """A feed as RSS 2.0."""
    root = ElementTree.Element("rss", {"version": "2.0", "xmlns:atom": _ATOM})
    channel = ElementTree.SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.url)
    _add(channel, "description", feed.title)
    _add(channel, "language", feed.language)
    own = {"href": feed.self_url, "rel": "self", "type": "application/rss+xml"}
    ElementTree.SubElement(channel, "atom:link", own)
    for one in feed.entries:
        item = ElementTree.SubElement(channel, "item")
        _add(item, "title", one.title)
        _add(item, "link", one.url)
        # Its readers know an item by its guid alone, and show no other version of it: with the day
        # of the last step, an agreement that made a step is a new item.
        guid = ElementTree.SubElement(item, "guid", isPermaLink="false")
        guid.text = f"{one.id}:{one.updated_at:%Y-%m-%d}"
        if one.updated_at > moment(LONGEST_AGO):
            _add(item, "pubDate", format_datetime(one.updated_at, usegmt=True))
        _add(item, "description", escape(clean(one.summary)))  # readers take it for HTML
    body = ElementTree.tostring(root, xml_declaration=True, encoding="utf-8")
    return conditional(request, body, "application/rss+xml; charset=utf-8")


def json_feed(request: Request, feed: Feed) -> Response:
    """A feed as JSON Feed 1.1."""
    found = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.url,
        "feed_url": feed.self_url,
        "language": feed.language,
        "items": [
            {
                "id": one.id,
                "url": one.url,
                "title": clean(one.title),
                "content_text": clean(one.summary),
                "date_modified": one.updated_at.isoformat(),
            }
            for one in feed.entries
        ],
    }
    body = json.dumps(found, ensure_ascii=False).encode()
    return conditional(request, body, "application/feed+json")

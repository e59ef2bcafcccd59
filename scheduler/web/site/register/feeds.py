"""Feeds of any selection of the register, and of one agreement: Atom (RFC 4287), RSS 2.0, JSON
Feed 1.1.

An agreement is an entry, published when the register learnt of it and updated when it learnt of
its last step, whenever that happened: a reader shows by these moments what is new. The day of the
event stands in the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from html import escape
from importlib.metadata import version
from xml.etree import ElementTree

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.views.entry import entry_line, status_name, step_with_day
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean
from scheduler.views.words.names import name_of, name_parts
from scheduler.views.words.page import words_of
from scheduler.web.site.addresses import NotHere, language_for, query_in, requested_address
from scheduler.web.site.rendering import conditional, not_modified, served_by, state_tag, tagged
from storage import queries
from storage.filter import Filter
from storage.news import Learnt, learnt_of, newest_agreements, oldest_report
from storage.register.given_names import given_names
from storage.register.records import Agreement
from storage.register.stamp import shown_stamp

router = APIRouter(include_in_schema=False)

ENTRIES = 50
_PROGRAM = version("accordwatch")  # the next one may write the same agreements differently
_ATOM = "http://www.w3.org/2005/Atom"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # Atom wants a moment of a feed without entries too


@dataclass(frozen=True, slots=True)
class FeedEntry:
    id: str
    url: str
    title: str
    summary: str
    published_at: datetime
    updated_at: datetime
    certainty: str = ""  # how sure it is, in a word


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    url: str
    self_url: str
    language: str
    entries: Sequence[FeedEntry]

    @property
    def updated_at(self) -> datetime:
        return max((one.updated_at for one in self.entries), default=NEVER)


@router.get("/feed.atom")
def register_atom(request: Request) -> Response:
    """The agreements of a selection as an Atom feed."""
    return unless_known(request, atom, _register)


@router.get("/feed.rss")
def register_rss(request: Request) -> Response:
    """The agreements of a selection as an RSS feed."""
    return unless_known(request, rss, _register)


@router.get("/feed.json")
def register_json(request: Request) -> Response:
    """The agreements of a selection as a JSON Feed."""
    return unless_known(request, json_feed, _register)


@router.get("/agreements/{agreement_id}/feed.atom")
def agreement_atom(request: Request, agreement_id: str) -> Response:
    """The steps of an agreement as an Atom feed."""
    return unless_known(request, atom, partial(_life, agreement_id=agreement_id))


@router.get("/agreements/{agreement_id}/feed.rss")
def agreement_rss(request: Request, agreement_id: str) -> Response:
    """The steps of an agreement as an RSS feed."""
    return unless_known(request, rss, partial(_life, agreement_id=agreement_id))


@router.get("/agreements/{agreement_id}/feed.json")
def agreement_json(request: Request, agreement_id: str) -> Response:
    """The steps of an agreement as a JSON Feed."""
    return unless_known(request, json_feed, partial(_life, agreement_id=agreement_id))


def unless_known(
    request: Request,
    write: Callable[[Request, Feed], Response],
    make: Callable[[Request], Feed],
    *others: str,
) -> Response:
    """Return the feed, or 304 to a client that has it. `others` change with what the feed shows
    beside the register.

    Most clients have it, so the answer is found without making the feed.
    """
    with served_by(request).database.read() as s:
        shown = shown_stamp(s)
    tag = state_tag(shown, str(request.url), language_for(request), _PROGRAM, *others)
    return not_modified(request, tag) or tagged(write(request, make(request)), tag)


def _register(request: Request) -> Feed:
    words, selection = words_of(language_for(request)), query_in(request)
    title = "Accordwatch: " + (selection.query or words.say("page.menu.register"))
    return feed_of(request, selection.filter, title, selection.address("/"), words)


def feed_of(request: Request, flt: Filter, title: str, path: str, words: Labels) -> Feed:
    """The newest agreements that fit a filter; `path` is the page that shows them all."""
    with served_by(request).database.read() as s:
        found = newest_agreements(s, flt, ENTRIES)
        names = given_names(s, [one.id for one, _ in found])
    entries = [_entry(request, one, learnt, names.get(one.id), words) for one, learnt in found]
    home = str(request.base_url).rstrip("/") + path
    return Feed(title, home, requested_address(request), words.language, entries)


def _life(request: Request, agreement_id: str) -> Feed:
    words = words_of(language_for(request))
    with served_by(request).database.read() as s:
        found = queries.agreement(s, agreement_id)
        if found is None:
            raise NotHere
        name = name_of(name_parts(found, given_names(s, [found.id]).get(found.id)), words)
        learnt = learnt_of(s, [found])[found.id]
    url = f"{str(request.base_url).rstrip('/')}/agreements/{found.id}"
    entries = [
        FeedEntry(
            # Its first report names it: its place changes with each earlier step that is found.
            id=f"urn:accordwatch:{found.id}:step:{oldest_report(step)}",
            url=url,
            title=name + words.say("colon") + status_name(step.status, found, words),
            summary=step_with_day(step, words),
            published_at=at,
            updated_at=at,
        )
        for step, at in zip(found.history, learnt.steps, strict=True)
    ]
    entries.reverse()
    entries.sort(key=lambda entry: entry.published_at, reverse=True)
    return Feed(f"Accordwatch: {name}", url, requested_address(request), words.language, entries)


def _entry(
    request: Request, found: Agreement, learnt: Learnt, given: str | None, words: Labels
) -> FeedEntry:
    one, last = entry_line(found, given, words), found.history[-1] if found.history else None
    said = step_with_day(last, words) if last else found.title
    return FeedEntry(
        id=f"urn:accordwatch:{found.id}",
        url=f"{str(request.base_url).rstrip('/')}/agreements/{found.id}",
        title=one.said,
        summary=f"[{one.certainty_name}] {said}",
        published_at=learnt.minted_at,
        updated_at=learnt.last_at,
        certainty=one.certainty_name,
    )


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
        _add(entry, "published", one.published_at.isoformat())
        _add(entry, "updated", one.updated_at.isoformat())
        _link(entry, one.url, "alternate")
        if one.certainty:
            ElementTree.SubElement(entry, "category", term=one.certainty)
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
        # Its readers know an item by its guid alone, and show no other version of it: with the
        # moment of the last step, an agreement that made a step is a new item, with its own day.
        guid = ElementTree.SubElement(item, "guid", isPermaLink="false")
        guid.text = f"{one.id}:{one.updated_at:%Y-%m-%dT%H:%M:%S}"
        if one.certainty:
            _add(item, "category", one.certainty)
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
                "date_published": one.published_at.isoformat(),
                "date_modified": one.updated_at.isoformat(),
                **({"tags": [one.certainty]} if one.certainty else {}),
            }
            for one in feed.entries
        ],
    }
    body = json.dumps(found, ensure_ascii=False).encode()
    return conditional(request, body, "application/feed+json")

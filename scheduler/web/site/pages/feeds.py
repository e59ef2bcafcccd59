"""Feeds of any selection of the register, and of one agreement, as Atom (RFC 4287).

An agreement is an entry, published when the register learnt of it and updated when it learnt of
its last step, whenever that happened: a reader shows by these moments what is new. The day of the
event stands in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from xml.etree import ElementTree

from fastapi import APIRouter, Request
from starlette.responses import Response

from scheduler.notify.answers import AnswerLinks
from scheduler.views.entry import entry_line, status_name, step_with_day
from scheduler.views.words.labels import Labels
from scheduler.views.words.lines import clean
from scheduler.views.words.names import name_of, name_parts
from scheduler.web.site.addresses import NotHere, language_for, query_in, requested_address
from scheduler.web.site.rendering import (
    conditional,
    not_modified,
    served_by,
    state_tag,
    tagged,
    words_for,
)
from storage import queries
from storage.database.session import Session
from storage.filter import Filter
from storage.news import Learnt, learnt_of, newest_agreements, oldest_report
from storage.register.agreements import shown_stamp
from storage.register.decisions import given_names
from storage.register.records import Agreement

router = APIRouter(include_in_schema=False)

ENTRIES = 50
_PROGRAM = version("accordwatch")  # the next one may write the same agreements differently
_ATOM = "http://www.w3.org/2005/Atom"
Answering = Callable[[Session, datetime], AnswerLinks | None]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # Atom wants a moment of a feed without entries too


@dataclass(frozen=True, slots=True)
class FeedEntry:
    id: str
    url: str
    title: str
    summary: str
    published_at: datetime
    updated_at: datetime
    category: str = ""  # how sure it is, in a word
    answers: Sequence[tuple[str, str]] = ()  # what can be said of it by one click, with addresses


@router.get("/feed.atom")
def register_feed(request: Request) -> Response:
    """The agreements of a selection."""
    return unless_known(request, lambda: _register(request))


@router.get("/agreements/{agreement_id}/feed.atom")
def agreement_feed(request: Request, agreement_id: str) -> Response:
    """The steps of an agreement."""
    return unless_known(request, lambda: _life(request, agreement_id))


def unless_known(request: Request, make: Callable[[], Response], *others: str) -> Response:
    """Return the feed that `make` makes, or 304 to a client that has it. `others` change with what
    the feed shows beside the register.

    Most clients have it, so the answer is found without making the feed.
    """
    with served_by(request).database.read() as s:
        shown = shown_stamp(s)
    tag = state_tag(shown, str(request.url), language_for(request), _PROGRAM, *others)
    return not_modified(request, tag) or tagged(make(), tag)


def _register(request: Request) -> Response:
    words, selection = words_for(request), query_in(request)
    title = "Accordwatch: " + (selection.query or words.say("page.menu.register"))
    return feed_of(request, selection.filter, title, selection.address("/"), words)


def feed_of(
    request: Request,
    flt: Filter,
    title: str,
    path: str,
    words: Labels,
    answering: Answering | None = None,
) -> Response:
    """The newest agreements that fit a filter; `path` is the page that shows them all. `answering`
    makes the links by which a subscriber says whether an entry is right.
    """
    with served_by(request).database.read() as s:
        found = newest_agreements(s, flt, ENTRIES)
        names = given_names(s, [one.id for one, _ in found])
        links = [answering(s, learnt.last_at) if answering else None for _, learnt in found]
    entries = [
        _entry(request, one, learnt, names.get(one.id), words, said)
        for (one, learnt), said in zip(found, links, strict=True)
    ]
    return atom(request, title, str(request.base_url).rstrip("/") + path, words, entries)


def _life(request: Request, agreement_id: str) -> Response:
    words = words_for(request)
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
    return atom(request, f"Accordwatch: {name}", url, words, entries)


def _entry(
    request: Request,
    found: Agreement,
    learnt: Learnt,
    given: str | None,
    words: Labels,
    links: AnswerLinks | None,
) -> FeedEntry:
    one, last = entry_line(found, given, words), found.history[-1] if found.history else None
    said = step_with_day(last, words) if last else found.title
    return FeedEntry(
        id=f"urn:accordwatch:{found.id}",
        url=f"{str(request.base_url).rstrip('/')}/agreements/{found.id}",
        title=one.said,
        summary=f"[{one.grade_name}] {said}",
        published_at=learnt.minted_at,
        updated_at=learnt.last_at,
        category=one.grade_name,
        answers=[
            (words.say(f"answers.{name}"), address)
            for name, address in (links(found.id) if links else ())
        ],
    )


def atom(
    request: Request, title: str, url: str, words: Labels, entries: Sequence[FeedEntry]
) -> Response:
    """The feed of these entries; `url` is the page that shows them."""
    root, here = ElementTree.Element("feed", xmlns=_ATOM), requested_address(request)
    root.set("xml:lang", words.language)
    _add(root, "id", here)
    _add(root, "title", title)
    updated_at = max((one.updated_at for one in entries), default=NEVER)
    _add(root, "updated", updated_at.isoformat())
    _link(root, here, "self")
    _link(root, url, "alternate")
    author = ElementTree.SubElement(root, "author")
    _add(author, "name", "Accordwatch")
    for one in entries:
        entry = ElementTree.SubElement(root, "entry")
        _add(entry, "id", one.id)
        _add(entry, "title", one.title)
        _add(entry, "published", one.published_at.isoformat())
        _add(entry, "updated", one.updated_at.isoformat())
        _link(entry, one.url, "alternate")
        if one.category:
            ElementTree.SubElement(entry, "category", term=one.category)
        _add(entry, "summary", one.summary)
        if one.answers:
            _add_answers(entry, one, words)
    body = ElementTree.tostring(root, xml_declaration=True, encoding="utf-8")
    return conditional(request, body, "application/atom+xml; charset=utf-8")


def _add_answers(entry: ElementTree.Element, one: FeedEntry, words: Labels) -> None:
    """The summary once more, as HTML, with the links: feed readers show no others."""
    links = " · ".join(f'<a href="{escape(url)}">{escape(word)}</a>' for word, url in one.answers)
    said = f"{escape(clean(words.say('answers.ask')))} {links}"
    content = ElementTree.SubElement(entry, "content", type="html")
    content.text = f"<p>{escape(clean(one.summary))}</p><p>{said}</p>"


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = clean(text)


def _link(parent: ElementTree.Element, url: str, rel: str) -> None:
    ElementTree.SubElement(parent, "link", href=url, rel=rel)

"""Sitemaps (sitemaps.org 0.9): index, url set, news sitemap, plain text, each also as .gz.

lxml reads them without entities, network access or unbounded depth: a sitemap is a file from a
stranger.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from spiders.kinds.feed import HEAD_BYTES, HTML
from spiders.kinds.offer import Offer, iso_date, known_language, plain, tidy
from storage.records import Candidate, Fetched, Source

SITEMAP = re.compile(rb"<(\w+:)?(urlset|sitemapindex)[\s/>]")
GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 50 * 2**20  # the protocol's own limit for one uncompressed sitemap
MAX_ENTRIES = 50_000  # the protocol's own limit, too
MAX_PARTS = 10  # parts of an index read at one look, newest first: archives go back decades


@dataclass(frozen=True, slots=True)
class _Entry:
    part: bool  # it is another sitemap, named by an index, and not a document
    url: str
    changed_on: date | None
    title: str | None = None
    published_on: date | None = None
    language: str | None = None


def requests(source: Source) -> list[str]:
    """The sitemap or its index."""
    return [source.url]


def read(fetched: Fetched, source: Source) -> Offer:
    """The documents of a sitemap, or in `more` the newest parts of an index.

    If there are more than `source.max_items`, the newest by date are kept, in the order of the
    file.
    """
    body, problem = _unpacked(fetched.body)
    if problem is None and not body.strip():
        problem = "empty: the sitemap has no bytes"
    if problem is None and HTML.search(body[:1024]):
        problem = "html: a web page came instead of a sitemap; look for its new address"
    if problem is not None:
        return Offer(problem=problem)
    here, most = fetched.final_url, source.max_items
    if body.lstrip()[:4] in (b"http", b"\xef\xbb\xbfh"):  # plain text, an address a line
        addresses = body.decode("utf-8-sig", "replace").split()
        return Offer(tidy(map(Candidate, addresses), here, most))
    entries, complete = _entries(body)
    documents = _newest([entry for entry in entries if not entry.part], most)
    parts = _newest([entry for entry in entries if entry.part], MAX_PARTS)
    candidates = tidy((_candidate(entry, source) for entry in documents), here, most)
    more = tidy((Candidate(entry.url) for entry in parts), here, MAX_PARTS)
    problem = _problem(len(entries), complete, body)
    return Offer(candidates, tuple(part.url for part in more), problem)


def _candidate(entry: _Entry, source: Source) -> Candidate:
    day = entry.published_on or entry.changed_on
    return Candidate(entry.url, entry.title, day, entry.language or source.language)


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    """(bytes, problem) of a sitemap that may be gzipped, whatever its name or type is."""
    if not body.startswith(GZIP_MAGIC):
        return body, None
    unzip = zlib.decompressobj(wbits=31)
    try:
        unpacked = unzip.decompress(body, MAX_BYTES)
    except zlib.error:
        return b"", "broken: the sitemap's gzip cannot be read"
    if unzip.unconsumed_tail:
        return b"", "too_large: the sitemap is larger than 50 MB when unpacked"
    if not unzip.eof:
        return b"", "truncated: the gzip of the sitemap breaks off"
    return unpacked, None


def _entries(body: bytes) -> tuple[list[_Entry], bool]:
    """The entries, and whether the file could be read to its end."""
    found: list[_Entry] = []
    parser = etree.XMLPullParser(
        events=("end",),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
    )
    try:
        for start in range(0, len(body), 65_536):
            parser.feed(body[start : start + 65_536])
            found.extend(islice(_read_events(parser), MAX_ENTRIES - len(found)))
            if len(found) == MAX_ENTRIES:
                return found, True
        parser.close()
    except etree.XMLSyntaxError:
        return found, False
    return found, True


def _read_events(parser: etree.XMLPullParser) -> Iterator[_Entry]:
    for _, element in parser.read_events():
        kind = _name(element)
        if kind in ("url", "sitemap"):
            entry = _entry(element, part=kind == "sitemap")
            element.clear()
            if entry is not None:
                yield entry


def _entry(element: etree._Element, *, part: bool) -> _Entry | None:
    values = {
        _name(child): (child.text or "").strip()
        for child in element.iter()
        if isinstance(child.tag, str)
    }
    # an image or video extension has a `loc` of its own: the entry's is a direct child
    url = next(((child.text or "").strip() for child in element if _name(child) == "loc"), "")
    if not url:
        return None
    return _Entry(
        part=part,
        url=url,
        changed_on=iso_date(values.get("lastmod")),
        title=plain(values.get("title")),
        published_on=iso_date(values.get("publication_date")),
        language=known_language(values.get("language")),
    )


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _newest(entries: list[_Entry], count: int) -> list[_Entry]:
    """The `count` newest entries, in the order of the file. Undated entries count as the oldest; of
    these the first ones are kept.
    """
    if len(entries) <= count:
        return entries
    by_age = sorted(
        range(len(entries)),
        key=lambda i: entries[i].published_on or entries[i].changed_on or date.min,
        reverse=True,
    )
    return [entries[i] for i in sorted(by_age[:count])]


def _problem(entries: int, complete: bool, body: bytes) -> str | None:
    # An empty sitemap is fine: a news sitemap lists the last two days only.
    if complete and (entries or SITEMAP.search(body[:HEAD_BYTES])):
        return None
    if entries:
        return f"truncated: the sitemap breaks off; {entries} entries were read before that"
    return "not_a_sitemap: not readable as a sitemap"

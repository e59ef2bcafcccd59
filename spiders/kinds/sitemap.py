"""Sitemaps (sitemaps.org 0.9): index, url set, news sitemap, plain text, each also as .gz.

lxml reads them without entities, network access or unbounded depth: a sitemap is a file from a
stranger. They are unpacked and read piece by piece, however many entries they have.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from spiders.kinds.feed import HEAD_BYTES, HTML
from spiders.kinds.offer import (
    Kind,
    Offer,
    and_left_out,
    iso_date,
    known_language,
    latest_moment,
    plain,
    tidy,
)
from storage.addresses import canonical_url
from storage.records import Candidate, Fetched
from storage.source import Source

SITEMAP = re.compile(rb"<(\w+:)?(urlset|sitemapindex)[\s/>]")
GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 50 * 2**20  # the protocol's own limit for one uncompressed sitemap
# The protocol allows 50,000 entries, and sites write more. As many as this fit into 50 MB only if
# their addresses are shorter than addresses of articles are.
MAX_ENTRIES = 250_000
MOST_FAULTS = 100  # in the XML of one file; lxml counts no more
_PIECE = 65_536
_REFERENCE = re.compile(rb"&#(\d{1,9}|[xX][0-9a-fA-F]{1,8});")
_LONGEST_REFERENCE = 12  # bytes
_ENTRIES = frozenset({"url", "sitemap"})
_VALUES = frozenset({"lastmod", "publication_date", "title", "language"})
_NEVER = datetime.min.replace(tzinfo=UTC)


# (whether it is another sitemap, named by an index, and not a document, when it changed, what
# it gives of the document)
_Entry = tuple[bool, datetime | None, Candidate]


def read(fetched: Fetched, source: Source) -> Offer:
    """All documents of a sitemap, or in `more` the parts of an index: undated ones last."""
    body, here = _Unpacking(fetched.body), fetched.final_url
    head = next(iter(body), b"")
    if not head.strip() and body.problem is None:
        return Offer(problem="empty: the sitemap has no bytes")
    if HTML.search(head[:1024]):
        return Offer(problem="html: a web page came instead of a sitemap; look for its new address")
    if b"<!ENTITY" in head:  # lxml's limits would let the small bombs pass
        return Offer(problem="not_a_sitemap: it declares entities, which no sitemap needs")
    if head.lstrip()[:4] in (b"http", b"\xef\xbb\xbfh"):  # plain text, an address a line
        listed = tidy(map(Candidate, _addresses(body)), here, MAX_ENTRIES)
        return Offer(listed, problem=body.problem and body.problem.format(len(listed)))
    reader, complete = _entries(body, source.language)
    newest_first = sorted(reader.entries, key=lambda entry: entry[1] or _NEVER, reverse=True)
    documents = (candidate for is_part, _, candidate in newest_first if not is_part)
    parts: dict[str, datetime | None] = {}
    for is_part, at, one in newest_first:
        if is_part and (url := canonical_url(one.url, here)) is not None:
            parts.setdefault(url, at)
    return Offer(
        tidy(documents, here, MAX_ENTRIES),
        tuple(parts),
        _problem(reader, complete, head, body.problem),
        {url: when for url, when in parts.items() if when is not None},
        reader.beyond,
    )


class _Unpacking:
    """The bytes of a sitemap in pieces, unpacked if it is gzipped, whatever its name or type is. It
    ends early where the gzip breaks off or a limit is reached; `problem` then says so, with room
    for the number of entries that were read.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.problem: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for piece in self._pieces():
            size += len(piece)
            if size > MAX_BYTES:
                limit = "larger than 50 MB when unpacked; {} entries were read"
                self.problem = f"too_large: the sitemap is {limit}"
                return
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        if not self.body.startswith(GZIP_MAGIC):
            yield from (self.body[at : at + _PIECE] for at in range(0, len(self.body), _PIECE))
            return
        unzip, rest = zlib.decompressobj(wbits=31), self.body
        try:
            # with all input taken, zlib may still hold back what went beyond the piece
            while (piece := unzip.decompress(rest, _PIECE)) or unzip.unconsumed_tail:
                yield piece
                rest = unzip.unconsumed_tail
        except zlib.error:
            self.problem = "broken: the sitemap's gzip cannot be read; {} entries were read"
            return
        if not unzip.eof:
            self.problem = "truncated: the gzip of the sitemap breaks off; {} entries were read"


def _addresses(body: _Unpacking) -> Iterator[str]:
    rest = b""
    for piece in body:
        *whole, rest = re.split(rb"\s+", rest + piece)
        yield from (one.decode("utf-8-sig", "replace") for one in whole if one)
    if rest and body.problem is None:  # else it breaks off in the middle of an address
        yield rest.decode("utf-8-sig", "replace")


def _entries(pieces: Iterable[bytes], language: str | None) -> tuple[_Reader, bool]:
    """(what was read, whether the file could be read to its end)."""
    reader = _Reader(language)
    parser = etree.XMLParser(
        target=reader,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,  # after a fault it goes on: with the next entry, as `_Reader` sees to
    )
    reader.faults = lambda: len(parser.feed_error_log)
    try:
        for piece in _with_characters(pieces):
            parser.feed(piece)
            if reader.faults() >= MOST_FAULTS:
                return reader, False
        parser.close()
    except (etree.XMLSyntaxError, UnicodeDecodeError):
        return reader, False
    return reader, reader.faults() == reader.faults_known


def _with_characters(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces with signs in place of references to no characters, at which lxml fails."""
    rest = b""
    for piece in pieces:
        whole = rest + piece
        begun = whole.rfind(b"&", max(0, len(whole) - _LONGEST_REFERENCE))
        rest = b"" if begun < 0 else whole[begun:]
        yield _REFERENCE.sub(_character, whole[: len(whole) - len(rest)])
    yield _REFERENCE.sub(_character, rest)


def _character(reference: re.Match[bytes]) -> bytes:
    digits = reference[1]
    number = int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
    is_one = number < 0xD800 or 0xE000 <= number <= sys.maxunicode
    return reference[0] if is_one else b"&#xFFFD;"


class _Reader:
    """What lxml calls while it parses. No tree is built: 50 MB of empty elements would take 1.5 GB
    of memory. An entry inside of which the XML has a fault is `damaged`: what can be read of its
    address may be another address.
    """

    def __init__(self, language: str | None) -> None:
        self.language = language  # of entries that name none
        self.entries: list[_Entry] = []
        self.damaged: list[str] = []  # their addresses, as far as they can be read
        self.beyond = 0
        self.faults: Callable[[], int] = lambda: 0  # how many the parser has met
        self.faults_known = 0  # of these, those inside of damaged entries
        self.faults_before = 0  # those met when the present entry began
        self.path: list[str] = []
        self.values: dict[str, str] = {}
        self.text: list[str] = []

    def start(self, tag: str, attributes: object) -> None:
        self.path.append(tag.rpartition("}")[2])
        self.text.clear()
        if self.path[-1] in _ENTRIES:
            self.values = {}
            self.faults_before = self.faults()

    def data(self, text: str) -> None:
        self.text.append(text)

    def end(self, tag: str) -> None:
        name = self.path.pop()
        if name in _ENTRIES:
            self.keep(part=name == "sitemap")
        # an image or video extension has a `loc` of its own: the entry's is a direct child
        elif name in _VALUES or (name == "loc" and self.path[-1:] and self.path[-1] in _ENTRIES):
            self.values.setdefault(name, "".join(self.text).strip())
        self.text.clear()

    def keep(self, *, part: bool) -> None:
        url = self.values.get("loc")
        faults = self.faults()
        if faults >= MOST_FAULTS:
            return
        if faults > self.faults_before:
            self.faults_known += faults - self.faults_before
            self.damaged.append(url or "an entry without an address")
        elif not url:
            return
        elif len(self.entries) == MAX_ENTRIES:
            self.beyond += 1
        else:
            self.entries.append(self.entry(url, part=part))

    def entry(self, url: str, *, part: bool) -> _Entry:
        value_of = self.values.get
        published, changed = value_of("publication_date"), value_of("lastmod")
        day = iso_date(published) or iso_date(changed)
        language = known_language(value_of("language")) or self.language
        hint = Candidate(url, plain(value_of("title")), day, language)
        return part, latest_moment(published) or latest_moment(changed), hint

    def close(self) -> None:
        pass


def _problem(reader: _Reader, complete: bool, head: bytes, limit: str | None) -> str | None:
    entries = len(reader.entries)
    every = entries + len(reader.damaged)
    if limit is not None:
        return and_left_out(limit.format(entries), reader.damaged, every)
    # An empty sitemap is fine: a news sitemap lists the last two days only.
    if complete and (every or SITEMAP.search(head[:HEAD_BYTES])):
        return and_left_out(None, reader.damaged, every)
    if every:
        line = f"truncated: the sitemap breaks off; {entries} entries were read before that"
        return and_left_out(line, reader.damaged, every)
    return "not_a_sitemap: not readable as a sitemap"


MAX_DEPTH = 2  # an index of indexes exists; anything deeper is a mistake or a trap
# By default a page may have 10 MB, a sitemap as much as its protocol allows: 50 MB.
KIND = Kind(read, size=5, deepest=MAX_DEPTH, is_index=True)

"""The file, address or stdin (-) that a command was given, as bytes, as text or as documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

from cyclopts import Parameter

from scheduler.cli.context import Work, configuration_if_any, one_worker
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Document, Fetched

if TYPE_CHECKING:
    from spiders.fetch.settings import CrawlSettings

STDIN = "-"

Place = Annotated[
    str,
    Parameter(
        help="A file, - (stdin), or an address beginning with http:// or https://.",
        allow_leading_hyphen=True,
    ),
]


def documents_at(
    place: str, on_fault: Callable[[int, str], None] | None = None
) -> Iterator[Document]:
    """The documents of a .jsonl file, or the one document of another place. A line that is none
    goes to `on_fault` (its number and what is wrong), or raises ConfigurationError.
    """
    if is_lines(place):
        from scheduler.jobs.documents_file import opened_lines, read_documents

        with opened_lines(str(_path(place))) as lines:
            yield from read_documents(lines, place, on_fault)
        return
    with one_worker() as work:
        yield document_at(place, work)


def extract_at(place: str, work: Work, url: str | None = None) -> Document:
    """What a worker reads from a place. Raises UnreadableError that names the place."""
    from crawler.extract.extract import extract

    fetched = fetch_place(place, url)
    try:
        document: Document = work(extract, fetched)
    except UnreadableError as error:
        raise UnreadableError(error.reason, f"{place}: {error}") from error
    return document


def fetch_place(place: str, url: str | None = None, *, share: int = 1) -> Fetched:
    """Its bytes, at most `share` times crawl.max_bytes; `url` says where a file came from."""
    if is_url(place):
        from spiders.fetch.session import fetch_once

        return fetch_once(place, crawl_settings())
    if place == STDIN:
        body, name = _read_bytes(sys.stdin.buffer, place, share), "stdin"
    else:
        path = _path(place)
        with path.open("rb") as stream:
            body, name = _read_bytes(stream, place, share), path.absolute().as_uri()
    return Fetched(url or name, url or name, "", body, datetime.now(UTC))


def _read_bytes(stream: BinaryIO, place: str, share: int) -> bytes:
    from spiders.fetch.settings import CrawlSettings

    usual = CrawlSettings().max_bytes * share
    body = stream.read(usual + 1)
    if len(body) <= usual:
        return body
    most = crawl_settings().max_bytes * share  # only now is a configuration needed
    body += stream.read(max(0, most + 1 - len(body)))
    if len(body) > most:
        line = f"{place}: it has more than {most:,} bytes; raise crawl.max_bytes to read it"
        raise UnreadableError("too_large", line)
    return body


def is_lines(place: str) -> bool:
    return place.endswith((".jsonl", ".jsonl.gz")) and not is_url(place)


def is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def document_at(place: str, work: Work) -> Document:
    from crawler.process.process import placed_alone

    return placed_alone(extract_at(place, work), place if is_url(place) else None)


def crawl_settings() -> CrawlSettings:
    from spiders.fetch.settings import CrawlSettings

    chosen = configuration_if_any()
    return CrawlSettings() if chosen is None else chosen.settings.crawl


def _path(place: str) -> Path:
    path = Path(place)
    if path.is_dir():
        raise AccordwatchError(f"{place}: this is a folder; name a file in it")
    if not path.is_file():
        raise AccordwatchError(f"{place}: no such file")
    return path

"""The file, address or stdin (-) that a command was given, as bytes, as text or as documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from scheduler.cli.context import configuration_if_any
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Document, Extract, Fetched

if TYPE_CHECKING:
    from crawler.fetch.settings import CrawlSettings

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
    """The documents in a .jsonl file, gzipped or not, or the one document of any other place.

    A line of the .jsonl that is no document goes to `on_fault` (its number and what is wrong).
    Without `on_fault` it raises ConfigurationError.
    """
    from scheduler.documents_file import is_documents_file, opened_lines, read_documents

    if is_documents_file(place) and not is_url(place):
        with opened_lines(str(_path(place))) as lines:
            yield from read_documents(lines, place, on_fault)
        return
    yield _document_at(place)


def extract_at(place: str, url: str | None = None) -> Extract:
    """What is read from a place; `url` says where the bytes of a file came from. Raises
    UnreadableError, with the place in its message, if the bytes cannot be read.
    """
    from crawler.extract.extract import extract

    try:
        return extract(fetch_place(place, url))
    except UnreadableError as error:
        raise UnreadableError(error.reason, f"{place}: {error}") from error


def fetch_place(place: str, url: str | None = None) -> Fetched:
    """The bytes at a place; `url` says where the bytes of a file came from."""
    if is_url(place):
        from crawler.fetch.one_page import fetch_once

        return fetch_once(place, crawl_settings())
    if place == STDIN:
        body, name = sys.stdin.buffer.read(), "stdin"
    else:
        path = _path(place)
        body, name = path.read_bytes(), path.absolute().as_uri()
    return Fetched(url or name, url or name, "", body, datetime.now(UTC))


def is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _document_at(place: str) -> Document:
    from crawler.process import outlet_of

    found = extract_at(place)
    url = place if is_url(place) else None
    return Document(
        title=found.title,
        text=found.text,
        language=found.language,
        published_on=found.published_on,
        url=url,
        outlet=outlet_of(url) if url else None,
        author=found.author,
        kind=found.kind,
    )


def crawl_settings() -> CrawlSettings:
    """How addresses are fetched, as configured, if there is a configuration."""
    from crawler.fetch.settings import CrawlSettings

    chosen = configuration_if_any()
    return CrawlSettings() if chosen is None else chosen.settings.crawl


def _path(place: str) -> Path:
    path = Path(place)
    if path.is_dir():
        raise AccordwatchError(f"{place}: this is a folder; name a file in it")
    if not path.is_file():
        raise AccordwatchError(f"{place}: no such file")
    return path

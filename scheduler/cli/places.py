"""The file, address or stdin (-) that a command was given, as bytes or as text; and the worker
process that reads it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from cyclopts import Parameter

from crawler.extract.extract import extract
from crawler.pool import WorkerPool
from crawler.worker import RulesSpec
from scheduler.cli.context import configuration_if_any
from spiders.fetch.session import fetch_once
from spiders.fetch.settings import CrawlSettings
from storage.errors import AccordwatchError, UnreadableError
from storage.records import Document, Fetched

STDIN = "-"

Work = Callable[..., Any]

Place = Annotated[
    str,
    Parameter(
        help="A file, - (stdin), or an address beginning with http:// or https://.",
        allow_leading_hyphen=True,
    ),
]


def extract_at(place: str, work: Work, url: str | None = None) -> Document:
    """What a worker reads from a place. Raises UnreadableError that names the place."""
    fetched = fetch_place(place, url)
    try:
        document: Document = work(extract, fetched)
    except UnreadableError as error:
        raise UnreadableError(error.reason, f"{place}: {error}") from error
    return document


def fetch_place(place: str, url: str | None = None, *, share: int = 1) -> Fetched:
    """Its bytes, at most `share` times crawl.max_bytes; `url` says where a file came from."""
    if is_url(place):
        return fetch_once(place, crawl_settings())
    if place == STDIN:
        body, name = _read_bytes(sys.stdin.buffer, place, share), "stdin"
    else:
        path = existing_file(place)
        with path.open("rb") as stream:
            body, name = _read_bytes(stream, place, share), path.absolute().as_uri()
    return Fetched(url or name, url or name, "", body, datetime.now(UTC))


def _read_bytes(stream: BinaryIO, place: str, share: int) -> bytes:
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


def crawl_settings() -> CrawlSettings:
    chosen = configuration_if_any()
    return CrawlSettings() if chosen is None else chosen.settings.crawl


def existing_file(place: str) -> Path:
    path = Path(place)
    if path.is_dir():
        raise AccordwatchError(f"{place}: this is a folder; name a file in it")
    if not path.is_file():
        raise AccordwatchError(f"{place}: no such file")
    return path


# --- bytes from strangers are read in a worker process --------------------------------------------


@contextmanager
def one_worker(rules: RulesSpec | None = None) -> Iterator[Work]:
    """Give what runs a stage in a worker and returns its result (see `WorkerPool.submit`). Without
    `rules` there are no stages that judge.
    """
    with WorkerPool(rules, workers=1) as pool:

        def work(stage: str | Callable[..., Any], *payload: Any) -> Any:
            try:
                return pool.submit(stage, *payload).result()
            except RuntimeError as error:
                raise AccordwatchError(f"no worker process can run: {error}") from error

        yield work

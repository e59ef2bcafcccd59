"""`extract`, `discover`, `classify`: look at one document or address; no configuration, no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from scheduler.cli.context import INVOCATION
from scheduler.cli.output import print_jsonl, say, stdout
from storage.errors import AccordwatchError, ConfigurationError, UnreadableError
from storage.records import Document, Extract, Fetched, SourceKind

if TYPE_CHECKING:
    from crawler.fetch.settings import CrawlSettings
    from crawler.judgement.judge import Rules

Place = Annotated[
    str,
    Parameter(
        help="A file, - (stdin), or an address beginning with http:// or https://.",
        allow_leading_hyphen=True,
    ),
]


def extract(
    place: Place,
    /,
    *,
    url: Annotated[str | None, Parameter(help="Where the file came from.")] = None,
) -> None:
    """Print one JSON object: title, text, published, language, author, kind."""
    found = _read(place, url)
    row = {
        "title": found.title,
        "text": found.text,
        "published": found.published_on.isoformat() if found.published_on else None,
        "language": found.language,
        "author": found.author,
        "kind": found.kind,
    }
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


def discover(
    place: Place,
    /,
    *,
    kind: Annotated[
        Literal["feed", "sitemap", "listing", "page"] | None,
        Parameter(help="What it is; else it is guessed."),
    ] = None,
    url: Annotated[
        str | None, Parameter(help="Where the file came from, for relative links.")
    ] = None,
) -> int:
    """Print what a feed, sitemap or listing offers, a JSON line each: url, title, published."""
    from spiders.kinds.discover import discover as read

    offer = read(_fetched(place, url), SourceKind(kind) if kind else None)
    print_jsonl(
        {
            "url": candidate.url,
            "title": candidate.title,
            "published": candidate.published_on.isoformat() if candidate.published_on else None,
        }
        for candidate in offer.candidates
    )
    for more in offer.more:
        say(f"more to read: {more}")
    if offer.problem:
        say(f"accordwatch: {place}: {offer.problem}")
    elif not offer.candidates:
        say(
            f"accordwatch: {place}: nothing is offered here; --kind says what it is, if it was guessed wrong"
        )
    return 1 if offer.failed else 0


def classify(
    place: Annotated[
        str,
        Parameter(
            help="A text, HTML or PDF file, an address, a .jsonl of documents, or - (stdin).",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    format: Annotated[
        Literal["text", "jsonl"], Parameter(help="text explains; jsonl is for programs.")
    ] = "text",
) -> int:
    """Judge a document and say why. Exit 0 whatever the verdict, 1 if a line of a .jsonl is no document."""
    from crawler.judgement.judge import judge

    rules = _rules()
    faults = 0

    def on_fault(number: int, problem: str) -> None:
        nonlocal faults
        faults += 1
        if format == "jsonl":
            print_jsonl([{"line": number, "error": problem}])
        say(f"accordwatch: {problem}")

    for document in documents_at(place, on_fault):
        verdict = judge(document, rules)
        if format == "jsonl":
            from scheduler.verdict_json import verdict_row

            print_jsonl([verdict_row(document, verdict)])
        else:
            from scheduler.cli.explanation import explain

            explain(stdout(), document, verdict)
    return 1 if faults else 0


def _rules() -> Rules:
    """Today's rules: the configuration's where one is named or lies here, else the shipped ones."""
    from crawler.judgement.judge import load_rules
    from scheduler.configuration.config import find_configuration, load_configuration

    try:
        found = find_configuration(INVOCATION.get().config)
    except ConfigurationError:
        if INVOCATION.get().config is not None:
            raise
        return load_rules()
    chosen = load_configuration(found)
    return load_rules(chosen.settings.rules.packs, chosen.rule_files)


def documents_at(
    place: str, on_fault: Callable[[int, str], None] | None = None
) -> Iterator[Document]:
    """The documents in a file, at an address or on stdin (-); `on_fault` as in `read_documents`."""
    from crawler.process import outlet_of
    from scheduler.documents_file import read_documents

    if place.endswith(".jsonl") and not _is_url(place):
        with _path(place).open("rb") as lines:
            yield from read_documents(lines, place, on_fault)
        return
    found = _read(place, None)
    yield Document(
        title=found.title,
        text=found.text,
        language=found.language,
        published_on=found.published_on,
        url=place if _is_url(place) else None,
        outlet=outlet_of(place) if _is_url(place) else None,
        author=found.author,
        kind=found.kind,
    )


def _read(place: str, url: str | None) -> Extract:
    from crawler.extract.extract import extract as read

    try:
        return read(_fetched(place, url))
    except UnreadableError as error:
        raise UnreadableError(error.reason, f"{place}: {error}") from error


def _fetched(place: str, url: str | None) -> Fetched:
    if _is_url(place):
        from crawler.fetch.one_page import fetch_once

        return fetch_once(place, _crawl_settings())
    if place == "-":
        body, name = sys.stdin.buffer.read(), "stdin"
    else:
        path = _path(place)
        body, name = path.read_bytes(), path.absolute().as_uri()
    return Fetched(url or name, url or name, "", body, datetime.now(UTC))


def _crawl_settings() -> CrawlSettings:
    from crawler.fetch.settings import CrawlSettings
    from scheduler.configuration.config import find_configuration, load_configuration

    try:
        found = find_configuration(INVOCATION.get().config)
    except ConfigurationError:
        return CrawlSettings()
    return load_configuration(found).settings.crawl


def _path(place: str) -> Path:
    path = Path(place)
    if not path.is_file():
        raise AccordwatchError(
            f"{place}: {'this is a folder; name a file in it' if path.is_dir() else 'no such file'}"
        )
    return path


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))

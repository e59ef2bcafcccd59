"""`extract`: what is read from one page or PDF. Needs no configuration and no database."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.one_worker import one_worker
from scheduler.cli.output import print_jsonl
from scheduler.cli.places import Place, extract_at
from storage.addresses.canonical import canonical_url
from storage.errors import ConfigurationError


def extract(
    place: Place,
    /,
    *,
    url: Annotated[str | None, Parameter(help="Where the file came from.")] = None,
) -> None:
    """Print one JSON object: title, text, published, language, author, kind."""
    if url is not None and canonical_url(url) is None:
        raise ConfigurationError(
            f"--url {url} is no address of the web, such as https://a.example/b"
        )
    with one_worker() as work:
        found = extract_at(place, work, url)
    row = {
        "title": found.title,
        "text": found.text,
        "published": found.published_on.isoformat() if found.published_on else None,
        "language": found.language,
        "author": found.author,
        "kind": found.kind,
    }
    print_jsonl([row])

"""`extract`: what is read from a page. Needs no configuration and no database."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from scheduler.cli.output import print_jsonl
from scheduler.cli.places import Place, extract_at, one_worker
from storage.addresses import canonical_url
from storage.errors import ConfigurationError


def extract(
    place: Place,
    /,
    *,
    url: Annotated[str | None, Parameter(help="Where the file came from.")] = None,
) -> None:
    if url is not None and canonical_url(url) is None:
        raise ConfigurationError(
            f"--url {url} is no address of the web, such as https://a.example/b"
        )
    with one_worker() as work:
        document = extract_at(place, work, url)
    row = {
        "title": document.title,
        "text": document.text,
        "published": document.published_on.isoformat() if document.published_on else None,
        "language": document.language,
        "author": document.author,
        "kind": document.kind,
    }
    print_jsonl([row])

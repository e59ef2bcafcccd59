"""The documents in a file, at an address or in stdin (-)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crawler.process.process import placed_alone
from scheduler.cli.places import Work, existing_file, extract_at, is_lines, is_url, one_worker
from scheduler.jobs.documents_file import opened_lines, read_documents
from storage.records import Document


def documents_at(
    place: str, on_fault: Callable[[int, str], None] | None = None
) -> Iterator[Document]:
    """The documents of a .jsonl file, or the one document of another place. A line that is none
    goes to `on_fault` (its number and what is wrong), or raises ConfigurationError.
    """
    if is_lines(place):
        with opened_lines(str(existing_file(place))) as lines:
            yield from read_documents(lines, place, on_fault)
        return
    with one_worker() as work:
        yield document_at(place, work)


def document_at(place: str, work: Work) -> Document:
    return placed_alone(extract_at(place, work), place if is_url(place) else None)

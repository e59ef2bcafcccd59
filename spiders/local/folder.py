"""A folder of documents: each file is one, and a changed file is a new version of it."""

from __future__ import annotations

from datetime import UTC, datetime

from spiders.local.files import Held, HeldFile, content_of, files_of
from spiders.local.portion import FileDocument, Portion, Room
from storage.records import Candidate, Fetched, Source

TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".txt": "text/plain",
    ".md": "text/plain",
}


def files(source: Source) -> Held:
    """Every file that may be a document."""
    return files_of(source, lambda name: name.endswith(tuple(TYPES)))


def read(source: Source, file: HeldFile, at: int, room: Room) -> Portion:
    """The file itself."""
    suffix = file.path[file.path.rindex(".") :].lower()
    body = content_of(file, room.max_bytes)
    fetched = Fetched(file.url, file.url, TYPES[suffix], body, datetime.now(UTC))
    return Portion(
        (FileDocument(fetched, Candidate(file.url, language=source.language)),), len(body)
    )

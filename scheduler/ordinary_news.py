"""Files of ordinary documents, plain or compressed, and of the labels that people gave to some."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from scheduler.documents_file import read_documents
from storage.errors import AccordwatchError, ConfigurationError
from storage.records import Document

TRUTH = {"true": True, "false": False, "borderline": None}


def documents_of(files: Iterable[Path]) -> Iterator[Document]:
    """Yield the documents of files in JSON lines; those whose names end in .gz are unpacked.

    Raises AccordwatchError for a file that cannot be read, ConfigurationError for a line that is
    no document.
    """
    for file in files:
        yield from read_documents(_lines(file), str(file))


def labels_of(file: Path) -> dict[str, bool | None]:
    """Return by id whether a document reports a step; None where that is a coin-flip.

    Raises AccordwatchError for a file that cannot be read, ConfigurationError for a line that is
    no label.
    """
    found: dict[str, bool | None] = {}
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found[str(row["id"])] = TRUTH[row["label"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{file}:{number}: should have id, and label: true, false or borderline"
            ) from error
    return found


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as raw:
            lines: Iterable[bytes] = gzip.GzipFile(fileobj=raw) if file.suffix == ".gz" else raw
            yield from lines
    except OSError as error:
        raise AccordwatchError(f"{file}: cannot be read: {error.strerror or error}") from error
    except EOFError as error:
        raise AccordwatchError(f"{file}: cannot be read: it breaks off") from error

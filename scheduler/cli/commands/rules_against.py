"""`rules check --against`: which forms of our terms do harm in ordinary documents."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.cli.output import Format, counted, print_jsonl, print_table, say
from scheduler.documents_file import read_documents
from storage.errors import AccordwatchError, ConfigurationError
from storage.export import write_csv
from storage.records import Document

if TYPE_CHECKING:
    from crawler.judgement.judge import Rules

_TRUTH = {"true": True, "false": False, "borderline": None}


def print_worst(
    rules: Rules, against: Sequence[Path], labels: Path | None, most: int, format: Format
) -> None:
    """Count the forms in these files, and print those that do the most harm.

    Raises AccordwatchError for a file that cannot be read, ConfigurationError for a line that is
    no document or label.
    """
    from crawler.judgement.learning.prevalence import COLUMNS, spread_of, table_cells

    known = _labels(labels) if labels else {}
    spread = spread_of(_documents(against), known, rules)
    worst = spread.worst(most)
    if format == "jsonl":
        print_jsonl(one.row() for one in worst)
    elif format == "csv":
        write_csv([one.row() for one in worst], COLUMNS, sys.stdout)
    else:
        print_table("", COLUMNS, table_cells(worst))
    documents = sum(spread.documents.values())
    say(f"{counted(documents, 'ordinary document')}, {counted(len(worst), 'form')} shown")


def _documents(files: Iterable[Path]) -> Iterator[Document]:
    for file in files:
        yield from read_documents(_lines(file), str(file))


def _labels(file: Path) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found[str(row["id"])] = _TRUTH[row["label"]]
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

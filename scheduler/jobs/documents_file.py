"""Files in JSON lines: documents, for `import` and `classify`, and labels, for `rules`.

The keys of a document are id, lang, title, text, published, outlet and source_url. Without
`published`, a document is of the day that its address gives, if it gives one: /2024/03/07/.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crawler.extract.fields import day_in_address
from crawler.extract.language import detect_language
from crawler.located_yaml import shortened
from storage.errors import AccordwatchError, ConfigurationError
from storage.languages import LANGUAGES
from storage.records import Document

_GZIP = b"\x1f\x8b"
# Programs write "no day" as 0001-01-01 or 9999-12-31, beside which no other day can be counted.
_EARLIEST, _LATEST = date(1800, 1, 1), date(2999, 12, 31)
_SURROGATES = re.compile("[\ud800-\udfff]")
KEYS = frozenset({"id", "lang", "title", "text", "published", "outlet", "source_url"})
# What other programs call these keys.
_OTHER_NAMES = {
    **dict.fromkeys(("url", "link", "address", "href", "uri"), "source_url"),
    **dict.fromkeys(("date", "published_at", "published_on", "pubdate", "day"), "published"),
    **dict.fromkeys(("body", "content", "article", "summary"), "text"),
    **dict.fromkeys(("headline", "name"), "title"),
    **dict.fromkeys(("source", "publisher", "domain", "site"), "outlet"),
    "language": "lang",
    "external_id": "id",
}
TRUTH = {"true": True, "false": False, "borderline": None}


def read_documents(
    lines: Iterable[bytes],
    name: str,
    on_fault: Callable[[int, str], None] | None = None,
    on_unread: Callable[[Iterable[str]], object] | None = None,
) -> Iterator[Document]:
    """A document for each line that is not blank. Lines are bytes, so that one in another charset
    spoils no other. One that is no document goes to `on_fault` (its number, and file:line with what
    is wrong); without it, it raises ConfigurationError. Keys of a line that no document has go to
    `on_unread`.
    """

    def read(row: dict[str, Any], place: str) -> Document:
        if on_unread is not None:
            on_unread(row.keys() - KEYS)
        return document_of_row(row, place)

    numbered = numbered_documents(lines, name, on_fault, read)
    return (document for _, document in numbered)


def key_meant(key: str) -> str | None:
    """Return the key of a document that is probably meant by another one."""
    folded = key.casefold().replace("-", "_").strip()
    near = get_close_matches(folded, sorted(KEYS), 1)
    return _OTHER_NAMES.get(folded) or next(iter(near), None)


def numbered_documents(
    lines: Iterable[bytes],
    name: str,
    on_fault: Callable[[int, str], None] | None,
    read: Callable[[dict[str, Any], str], Document],
    after: int = 0,
) -> Iterator[tuple[int, Document]]:
    """The documents of `read_documents`, each with the number of its line, from the line `after`
    on. `read` makes one of the object of a line, whose place it may name in a ConfigurationError.
    """
    for number, line in _numbered(lines, name, on_fault):
        # a line end in UTF-16 leaves its second byte to the next line
        content = line.removeprefix(codecs.BOM_UTF8).strip(b" \t\r\n\0")
        if not content or number <= after:
            continue
        place = f"{name}:{number}"
        try:
            row = _parsed(content, place)
            if not isinstance(row, dict):
                wanted = "a line should be a JSON object with title or text"
                raise ConfigurationError(f"{place}: {wanted}")
            document = read(row, place)
        except ConfigurationError as error:
            if on_fault is None:
                raise
            on_fault(number, str(error))
        else:
            yield number, document


@contextmanager
def opened_lines(file: str) -> Iterator[Iterable[bytes]]:
    """The lines of a file, which may be gzipped, or of stdin ("-"). Raises AccordwatchError if it
    cannot be read.
    """
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as stream:
            if stream.peek(2)[:2] != _GZIP:
                yield stream
                return
            with gzip.open(stream) as unpacked:
                yield unpacked
    except OSError as error:
        reason = error.strerror or error
        raise AccordwatchError(f"{file}: cannot be read: {reason}") from error


def document_of_row(row: Mapping[str, Any], place: str) -> Document:
    """The document that a row is, by the keys named above. Raises ConfigurationError."""
    title, text = _text(row, "title", place), _text(row, "text", place)
    if not (title.strip() or text.strip()):
        raise ConfigurationError(f"{place}: neither title nor text; a document needs one of them")
    hint = _text(row, "lang", place) or None
    address = _text(row, "source_url", place)
    published_on = _given_day(row.get("published"), place)
    return Document(
        title=title,
        text=text,
        # The language that the file names is only a hint; the text decides.
        language=detect_language(title, text, hint if hint in LANGUAGES else None),
        published_on=published_on or day_in_address(address, only_clear=True),
        url=address or None,
        outlet=_text(row, "outlet", place) or None,
        external_id=_clean(str(row["id"])) if row.get("id") not in (None, "") else None,
    )


def documents_of(files: Iterable[Path]) -> Iterator[Document]:
    """Yield the documents of files. Raises AccordwatchError for a file that cannot be read,
    ConfigurationError for a line that is none.
    """
    for file in files:
        with opened_lines(str(file)) as lines:
            yield from read_documents(lines, str(file))


def labels_of(file: Path) -> dict[str, bool | None]:
    """Whether a document reports a step, by id; None for a borderline one. Raises as above."""
    labels: dict[str, bool | None] = {}
    with opened_lines(str(file)) as lines:
        for number, line in _numbered(lines, str(file), None):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                labels[str(row["id"])] = TRUTH[row["label"]]
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigurationError(
                    f"{file}:{number}: should have id, and label: true, false or borderline"
                ) from error
    return labels


def _numbered(
    lines: Iterable[bytes], name: str, on_fault: Callable[[int, str], None] | None
) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, as far as they can be unpacked."""
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            yield number, line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        fault = f"{name}:{number + 1}: the gzip breaks off or is damaged here: {error}"
        if on_fault is None:
            raise ConfigurationError(fault) from error
        on_fault(number + 1, fault)


def _parsed(line: bytes, place: str) -> Any:
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{place}: is not UTF-8; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"{place}:{error.colno}: not a JSON object: {error.msg}"
        ) from error
    except RecursionError as error:
        raise ConfigurationError(f"{place}: nests too deeply to be read") from error
    except ValueError as error:  # Python refuses integers of thousands of digits
        raise ConfigurationError(f"{place}: holds a number that is too long to be read") from error


def _text(given: Mapping[str, Any], key: str, place: str) -> str:
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ConfigurationError(f"{place}: {key}: should be text, not {type(value).__name__}")
    return _clean(value)


def _clean(value: str) -> str:
    """`value` without halves of surrogate pairs: JSON can hold one, no output can write it."""
    return _SURROGATES.sub("\ufffd", value)


def _given_day(value: object, place: str) -> date | None:
    if value is None or value == "":
        return None
    try:
        day = date.fromisoformat(str(value)[:10])
        return day if _EARLIEST <= day <= _LATEST else None
    except ValueError as error:
        raise ConfigurationError(
            f"{place}: published: {shortened(value)} is not a day like 2025-07-28"
        ) from error

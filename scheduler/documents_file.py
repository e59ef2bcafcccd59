"""Documents in JSON lines, read for `import` and `classify`: id, lang, title, text, published, outlet, source_url."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TextIO

from crawler.extract.language import detect_language
from storage.errors import ConfigurationError
from storage.records import LANGUAGES, Document


def read_documents(lines: TextIO, name: str, on_fault: Callable[[str], None] | None = None) -> Iterator[Document]:
    """A document a line; blank lines are skipped.

    A line that is no document is told to `on_fault` with its file:line and passed over; without `on_fault` it raises
    ConfigurationError.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _document(line, f"{name}:{number}")
        except ConfigurationError as error:
            if on_fault is None:
                raise
            on_fault(str(error))


def _document(line: str, place: str) -> Document:
    try:
        given = json.loads(line)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{place}:{error.colno}: not a JSON object: {error.msg}") from error
    if not isinstance(given, dict):
        raise ConfigurationError(f"{place}: a line should be a JSON object with title or text")
    title, text = _text(given, "title", place), _text(given, "text", place)
    if not (title.strip() or text.strip()):
        raise ConfigurationError(f"{place}: neither title nor text; a document needs one of them")
    said = _text(given, "lang", place) or None
    return Document(
        title=title,
        text=text,
        # What a file says of its language is kept only where the text does not say otherwise.
        language=detect_language(title, text, said if said in LANGUAGES else None),
        published_on=_day(given.get("published"), place),
        url=_text(given, "source_url", place) or None,
        outlet=_text(given, "outlet", place) or None,
        external_id=str(given["id"]) if given.get("id") not in (None, "") else None,
    )


def _text(given: dict[str, Any], key: str, place: str) -> str:
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ConfigurationError(f"{place}: {key}: should be text, not {type(value).__name__}")
    return value


def _day(value: object, place: str) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise ConfigurationError(f"{place}: published: {value!r} is not a day like 2025-07-28") from error

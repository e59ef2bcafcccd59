"""Column types that mean the same on SQLite and PostgreSQL, and what tables have in common."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, ForeignKey, String, Text, TypeDecorator

from storage.errors import FilledLine, packed, unpacked

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

# PostgreSQL rejects NUL in text, and both databases reject half a surrogate pair. JSON lines and
# broken pages contain both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Replace each character that a database rejects by U+FFFD, so that offsets stay valid."""
    if "\x00" not in text and _is_utf8(text):
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def _is_utf8(text: str) -> bool:
    """Whether a text can be encoded; it takes far longer to look for what cannot be."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class CleanText(TypeDecorator[str]):
    """Text of any length, from any source; characters that cannot be stored are replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class LineText(CleanText):
    """A line that is often a `FilledLine`, whose form and values are kept."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if isinstance(value, FilledLine):
            value = json.dumps(packed(value), ensure_ascii=False)
        return super().process_bind_param(value, dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith('{"form": '):
            return value
        return unpacked(json.loads(value))  # type: ignore[no-any-return]  # it was a line


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times. SQLite keeps them as naive UTC text, which sorts chronologically."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: times are stored as aware UTC")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# How JSON writes NUL and halves of surrogate pairs. Two halves may be one character, which stays.
_SUSPECT = re.compile(r"\\u(?:0000|d[89a-f])")


def to_json(value: Any) -> str:
    """Write a JSON value as our engines do: each character that a database rejects is replaced.
    PostgreSQL rejects NUL in JSON even when it is escaped.
    """
    written = json.dumps(value)
    return json.dumps(_clean_json(value)) if _SUSPECT.search(written) else written


def _clean_json(value: Any) -> Any:
    """Return a JSON value in which every string is storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _clean_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_json(inner) for inner in value]
    return value


UNDATED = date.min  # in lists: after everything that has a day
HASH = String(64)  # SHA-256 in hexadecimal
FINGERPRINT = String(128)  # the hexadecimal digest that the fingerprint brings


def to_document() -> ForeignKey:
    return ForeignKey("documents.id", ondelete="CASCADE")


def to_agreement() -> ForeignKey:
    return ForeignKey("agreements.id", ondelete="CASCADE")
